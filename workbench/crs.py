"""The only reprojection: WGS-84, CGCS2000, GCJ-02, BD-09 and the two metric projections of Sichuan.

Storage is WGS-84 (EPSG:4326). A frame without a reference system is refused, never guessed. GCJ-02 and
BD-09 have no EPSG code, so a file in them must be declared. Beijing 1954 and Xi'an 1980 are refused: their
published shifts are off by tens of metres, and the true local parameters are not public.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from workbench.errors import CrsError
from workbench.units import M2_PER_KM2, M_PER_KM

WGS84 = "EPSG:4326"
GCJ02, BD09 = "GCJ-02", "BD-09"
# Conics with standard parallels 27.5 and 32.5 N around the middle of the province: the equal-area one keeps
# areas exactly, the conformal one keeps lengths within 0.2 % from the southern tip to the northern border.
EQUAL_AREA = pyproj.CRS(
    "+proj=aea +lat_1=27.5 +lat_2=32.5 +lat_0=30 +lon_0=103 +datum=WGS84 +units=m +type=crs"
)
CONFORMAL = pyproj.CRS(
    "+proj=lcc +lat_1=27.5 +lat_2=32.5 +lat_0=30 +lon_0=103 +datum=WGS84 +units=m +type=crs"
)

_NAMES = {
    "wgs84": WGS84, "wgs1984": WGS84, "gps": WGS84, "epsg4326": WGS84, "4326": WGS84,
    "cgcs2000": "EPSG:4490", "国家2000": "EPSG:4490", "2000国家大地坐标系": "EPSG:4490",
    "天地图": "EPSG:4490",
    "gcj02": GCJ02, "gcj": GCJ02, "火星坐标": GCJ02, "火星坐标系": GCJ02, "高德": GCJ02, "腾讯": GCJ02,
    "amap": GCJ02, "bd09": BD09, "bd09ll": BD09, "百度": BD09, "baidu": BD09,
}  # fmt: skip
_ZONE_NAME = re.compile(
    r"^(?:cgcs2000|国家2000|2000国家大地坐标系)(?P<wide>[3三6六])度(?:分)?带"
    r"(?:(?:中央经线|中央子午线|cm)(?P<meridian>\d+)[e°度]*|第?(?P<zone>\d+)(?:带|号带)?)$"
)
_FAMILY_NAME = re.compile(r"^(?:cgcs2000|国家2000|2000国家大地坐标系)([3三6六])度(?:分)?带$")
# zones of CGCS2000 by their width in degrees: first zone, how many, code of the first (number in front)
_FAMILIES = {3: (25, 21, 4513), 6: (13, 11, 4491)}
_DATUMS = ("world geodetic system 1984", "wgs 84", "wgs 1984", "wgs84", "china 2000", "cgcs2000")

# Constants of the published GCJ-02 shift: Krasovsky 1940 semi-major axis and eccentricity squared.
_A, _EE = 6378245.0, 0.00669342162296594323
_BD_PI = np.pi * 3000.0 / 180.0
_ZONE_HALF_M = 4.0e5  # a zone of six degrees reaches 340 km to either side of its meridian
_SHIFTED_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_GEOD = pyproj.Geod(ellps="WGS84")

Floats = NDArray[np.float64]


def resolve(name: object) -> pyproj.CRS | str:
    """Turn a declared reference system into a pyproj CRS, or ``GCJ-02`` / ``BD-09``, which have none.

    Accepts names as planners write them (``WGS-84``, ``CGCS2000``, ``GCJ-02``, ``百度``), EPSG codes and
    WKT. Raises CrsError when it is unknown or rests on a datum whose shift to WGS-84 is not public.
    """
    key = str(name).casefold().replace("-", "").replace("_", "").replace(" ", "").replace(":", "")
    target: Any = _NAMES.get(key) or _zone_code(key) or name
    if target in (GCJ02, BD09):
        return str(target)
    try:
        crs = pyproj.CRS.from_user_input(target)
    except pyproj.exceptions.CRSError:
        raise CrsError(
            f"unknown reference system {name!r}; expected WGS-84, CGCS2000, GCJ-02, BD-09 or an EPSG code. "
            "Ask whoever made the file, then pass crs=..."
        ) from None
    base = crs.geodetic_crs
    datum = (
        f"{base.name} {base.datum.name if base.datum else ''}".casefold().replace("_", " ") if base else ""
    )
    if not any(known in datum for known in _DATUMS):
        raise CrsError(
            f"{crs.name} rests on {base.name if base else 'no geodetic datum'}; expected WGS-84 or CGCS2000, "
            "because other datums need local parameters this tool does not have. Have it converted to "
            "CGCS2000 (EPSG:4490) by the surveying office."
        )
    return crs


def _zone_code(key: str) -> str | None:
    """Read a zone of CGCS2000 as planners write it: ``CGCS2000 3度带 中央经线105``, ``6度带 18带``."""
    found = _ZONE_NAME.match(key)
    if found is None:
        return None
    wide = 3 if found["wide"] in "3三" else 6
    number = int(found["zone"] or found["meridian"])
    zone = number if found["zone"] else (number // 3 if wide == 3 else (number + 3) // 6)
    first, count, prefixed, bare = (25, 21, 4513, 4534) if wide == 3 else (13, 11, 4491, 4502)
    meridian = 3 * zone if wide == 3 else 6 * zone - 3
    if not first <= zone < first + count or (not found["zone"] and number != meridian):
        return None
    return f"EPSG:{(prefixed if found['zone'] else bare) + zone - first}"


def is_wgs84(name: object) -> bool:
    """Tell whether a reference system, by any of its names, is geographic WGS-84. Raises CrsError."""
    system = resolve(name)
    return isinstance(system, pyproj.CRS) and _same(system, pyproj.CRS(WGS84))


def _shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return the GCJ-02 offset in degrees at WGS-84 positions (zero outside the shifted box)."""
    x, y, root = lon - 105.0, lat - 35.0, np.sqrt(np.abs(lon - 105.0))
    waves = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    dlat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    dlat += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    dlat += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y / 30 * np.pi)) * 2 / 3
    dlon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    dlon += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    dlon += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    phi = np.radians(lat)
    magic = 1 - _EE * np.sin(phi) ** 2
    dlat = np.degrees(dlat / ((_A * (1 - _EE)) / (magic * np.sqrt(magic))))
    dlon = np.degrees(dlon / (_A / np.sqrt(magic) * np.cos(phi)))
    west, south, east, north = _SHIFTED_BOX
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return np.where(inside, dlon, 0.0), np.where(inside, dlat, 0.0)


def _pair(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Shift WGS-84 longitudes and latitudes (degrees) to GCJ-02, the system of Chinese web maps."""
    x, y = _pair(lon, lat)
    dlon, dlat = _shift(x, y)
    return x + dlon, y + dlat


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Undo the GCJ-02 shift by fixed-point iteration; the round trip closes below a millimetre."""
    x, y = _pair(lon, lat)
    guess_x, guess_y = x, y
    for _ in range(8):  # the shift changes by under 1e-3 of a step, so eight steps reach float precision
        dlon, dlat = _shift(guess_x, guess_y)
        guess_x, guess_y = x - dlon, y - dlat
    return guess_x, guess_y


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Shift GCJ-02 degrees to BD-09, the system of Baidu maps."""
    x, y = _pair(lon, lat)
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_PI)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Undo the BD-09 shift by fixed-point iteration; the round trip closes below a millimetre."""
    x, y = _pair(lon, lat)
    guess_x, guess_y = x - 0.0065, y - 0.006
    for _ in range(8):
        back_x, back_y = gcj02_to_bd09(guess_x, guess_y)
        guess_x, guess_y = guess_x + x - back_x, guess_y + y - back_y
    return guess_x, guess_y


def _unshift(name: str) -> Any:
    if name == GCJ02:
        return gcj02_to_wgs84
    return lambda lon, lat: gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def _same(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    return bool(one.equals(other, ignore_axis_order=True))


def told_by(own: pyproj.CRS) -> str | pyproj.CRS:
    """Name the system a file carries by its EPSG code, where it has or nearly has one; else return it."""
    code = own.to_epsg(min_confidence=20)
    return f"EPSG:{code}" if code else own


def read_as(frame: gpd.GeoDataFrame, system: pyproj.CRS | None) -> gpd.GeoDataFrame:
    """Return the frame with its coordinates as they are, said to be in another system, or in none."""
    return frame.set_crs(system, allow_override=True)


def to_wgs84(frame: gpd.GeoDataFrame, crs: object = None) -> gpd.GeoDataFrame:
    """Return the frame in WGS-84, from its own reference system or the one declared in `crs`.

    Same index and columns, input untouched. GCJ-02 and BD-09 must be declared, and the file must then carry
    no other system than plain degrees. Raises CrsError when no system is known or the two disagree.
    """
    own = None if frame.crs is None else resolve(frame.crs)
    declared = None if crs is None else resolve(crs)
    if own is None and declared is None:
        raise CrsError(
            "the coordinates have no reference system; expected one in the file or a declared one. "
            "Pass crs='WGS-84', 'CGCS2000', 'GCJ-02', 'BD-09' or an EPSG code."
        )
    if isinstance(declared, str):
        if isinstance(own, pyproj.CRS) and not own.is_geographic:
            raise CrsError(f"the file says {own.name}; declared was {declared}, in degrees. Drop one.")
        unshift = _unshift(declared)
        points = shapely.transform(
            frame.geometry.values, lambda xy: np.column_stack(unshift(xy[:, 0], xy[:, 1]))
        )
        return frame.set_geometry(gpd.GeoSeries(points, index=frame.index, crs=WGS84))
    if isinstance(own, pyproj.CRS) and declared is not None and not _same(own, declared):
        raise CrsError(f"the file says {own.name}; declared was {declared.name}. Drop crs= or mend the file.")
    known = frame if own is not None else frame.set_crs(declared)
    return known.to_crs(WGS84)


def projected_doubt(x: ArrayLike, y: ArrayLike, crs: object) -> tuple[str, str] | None:
    """Say what is wrong with coordinates outside a declared Gauss-Kruger zone, and how to mend it.

    Chinese survey tables call the northing X and the easting Y, and an easting may or may not carry the
    number of its zone. Returns None for degrees, web-map systems and coordinates that fit.
    """
    system = resolve(crs)
    false = _false_easting(system)
    pair = np.column_stack(_pair(x, y))
    pair = pair[np.isfinite(pair).all(axis=1)]
    if isinstance(system, str) or false is None or not len(pair):
        return None
    east, north = np.median(pair, axis=0)
    if abs(east - false) < _ZONE_HALF_M:
        return None
    if (
        north > 1e7
        or abs(north - false) < _ZONE_HALF_M
        or abs(north % 1e6 - 5e5) < _ZONE_HALF_M < abs(east % 1e6 - 5e5)
    ):
        return f"easting {east:,.0f} and northing {north:,.0f}", (
            "In Chinese survey tables X is the northing: exchange the two columns."
        )
    zone, said = int(east // 1e6), int(false // 1e6)
    return f"easting {east:,.0f} under {system.name}", (
        f"It carries the zone number {zone}: declare the system of zone {zone}, or take the number off."
        if zone and not said
        else f"It lacks the zone number {said}: declare the system by its central meridian."
        if said and not zone
        else "Declare the zone the coordinates are in."
    )


def zone_family(crs: object) -> Literal[0, 3, 6] | None:
    """Tell whether a declared system is CGCS2000 in zones whose number stands before the easting.

    Three or six degrees wide; a name without a zone (``CGCS2000 3度带``) leaves the zone to each row, and the
    bare datum (``CGCS2000``, 0) the width too: zones 13 to 23 are six degrees wide, 25 to 45 three. None for
    every other system, known or not.
    """
    key = str(crs).casefold().replace("-", "").replace("_", "").replace(" ", "").replace(":", "")
    if found := _FAMILY_NAME.match(key):
        return 3 if found[1] in "3三" else 6
    code = _NAMES.get(key) or _zone_code(key) or str(crs)
    if code.casefold() == _NAMES["cgcs2000"].casefold():
        return 0
    number = int(code[5:]) if re.fullmatch(r"(?i)epsg:\d+", code) else -1
    for wide, (_, count, prefixed) in _FAMILIES.items():
        if prefixed <= number < prefixed + count:
            return 3 if wide == 3 else 6
    return None


def zones(easting: ArrayLike, family: int) -> Floats:
    """Return the zone number each easting (metres) begins with; NaN where the family (0: either) has none."""
    number = np.floor(np.asarray(easting, dtype=float) / 1e6)
    known = np.zeros(number.shape, dtype=bool)
    for wide in _FAMILIES if family == 0 else (family,):
        first, count, _ = _FAMILIES[wide]
        known |= (number >= first) & (number < first + count)
    return np.where(known, number, np.nan)


def zone_system(zone: int) -> str:
    """Name the system of one zone, its number before the easting: zone 35 of three degrees is EPSG:4523."""
    wide = 3 if zone >= _FAMILIES[3][0] else 6
    first, _, prefixed = _FAMILIES[wide]
    return f"EPSG:{prefixed + zone - first}"


def outside_zone(easting: ArrayLike, crs: object) -> NDArray[np.bool_]:
    """Tell which eastings (metres) cannot lie in a declared Gauss-Kruger zone; none in any other system."""
    values = np.asarray(easting, dtype=float)
    false = _false_easting(resolve(crs))
    if false is None:
        return np.zeros(len(values), dtype=bool)
    return np.isfinite(values) & (np.abs(values - false) > _ZONE_HALF_M)


def _false_easting(system: pyproj.CRS | str) -> float | None:
    operation = None if isinstance(system, str) else system.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    return next((float(part.value) for part in operation.params if part.name == "False easting"), None)


def to_metric(frame: Any, keep: Literal["area", "angle"] = "area") -> Any:
    """Project a GeoDataFrame or GeoSeries to metres: equal-area for areas, conformal for buffers and lengths.

    Raises CrsError without a reference system. Same index, input untouched.
    """
    require_crs(frame)
    return frame.to_crs(EQUAL_AREA if keep == "area" else CONFORMAL)


def from_metric(frame: Any) -> Any:
    """Bring a frame made by `to_metric` (or any with a system) back to WGS-84."""
    require_crs(frame)
    return frame.to_crs(WGS84)


def require_crs(frame: Any, expected: str | None = None) -> None:
    """Refuse a frame without a reference system, or with another than `expected`. Raises CrsError."""
    if frame.crs is None:
        raise CrsError("the frame has no reference system; expected one. Use crs.to_wgs84(frame, crs=...)")
    if expected is not None and not _same(frame.crs, pyproj.CRS(expected)):
        raise CrsError(f"the frame is in {frame.crs.name}; expected {expected}. Use crs.to_wgs84(frame)")


def area_km2(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> pd.Series:
    """Measure areas in km2 on the equal-area projection; same index."""
    return to_metric(frame.geometry, keep="area").area / M2_PER_KM2


def length_km(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> pd.Series:
    """Measure lengths of lines in km on the WGS-84 ellipsoid; same index."""
    lines = frame.geometry
    require_crs(lines)
    metres = [np.nan if line is None else _GEOD.geometry_length(line) for line in lines.to_crs(WGS84)]
    return pd.Series(metres, index=lines.index, dtype=float) / M_PER_KM


def distance_km(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Floats:
    """Measure ellipsoidal distances in km between WGS-84 degrees, elementwise with broadcasting."""
    a, b, c, d = np.broadcast_arrays(*_pair(lon1, lat1), *_pair(lon2, lat2))
    _, _, metres = _GEOD.inv(a, b, c, d)
    return np.asarray(metres, dtype=float) / M_PER_KM
