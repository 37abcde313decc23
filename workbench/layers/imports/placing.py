"""Brings the positions of a file home to WGS-84: from columns, text or shapes, by the system declared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs as systems
from workbench.errors import CrsError, Fault
from workbench.layers.faults import each_row
from workbench.layers.imports.degrees import parse_degrees, parse_pair
from workbench.layers.imports.mapping import Match
from workbench.layers.imports.repair import repair
from workbench.layers.imports.report import Repair
from workbench.layers.schema import LayerSchema

_SRID = re.compile(r"^\s*SRID\s*=\s*(\d{3,6})\s*;\s*", re.IGNORECASE)
_DEGREES, _DATUM = 360.0, "CGCS2000"
_NO_SYSTEM = "Pass crs='WGS-84', 'CGCS2000', 'GCJ-02', 'BD-09' or an EPSG code; never guess."


class Notes:
    """The faults and repairs gathered on the way of one import."""

    def __init__(self, faults: Sequence[Fault], repairs: Sequence[Repair]) -> None:
        self.faults, self.repairs = list(faults), list(repairs)


def shapes_from_columns(
    file: str, cells: pd.DataFrame, match: Match, notes: Notes
) -> tuple[gpd.GeoSeries | None, str | None]:
    """Make shapes (index as given) from longitude and latitude, easting and northing, one cell, or WKT.

    Returns them with the system that the text itself names (EWKT), or None.
    """
    if "wkt" in match.columns:
        return _from_text(file, cells[match.columns["wkt"]], notes)
    if {"lon", "lat"} <= set(match.columns):
        pair = {axis: cells[match.columns[axis]].map(parse_degrees) for axis in ("lon", "lat")}
        for axis, numbers in pair.items():
            _unread(file, cells[match.columns[axis]], numbers, axis, notes)
    elif "position" in match.columns:
        both = cells[match.columns["position"]]
        read = pd.DataFrame([parse_pair(value) for value in both], index=cells.index, columns=["lon", "lat"])
        pair = {"lon": read["lon"], "lat": read["lat"]}
        _unread(file, both, read["lon"], "geometry", notes)
    else:
        mend = "Add columns 经度 and 纬度, or map them."
        expected = "columns lon and lat"
        notes.faults.append(Fault(file, None, "geometry", "no coordinates", expected, mend))
        return None, None
    known = np.isfinite(pair["lon"]) & np.isfinite(pair["lat"])
    shapes = np.full(len(cells), None, dtype=object)
    shapes[known] = shapely.points(pair["lon"][known], pair["lat"][known])
    return gpd.GeoSeries(shapes, index=cells.index), None


def _unread(file: str, cells: pd.Series, numbers: pd.Series, field: str, notes: Notes) -> None:
    odd = cells[numbers.isna() & cells.map(lambda value: value == value and str(value or "").strip() != "")]
    mend = "Write degrees such as 104.0667 or 103°45′30″."
    notes.faults += each_row(
        file, list(odd.index), list(odd), field=field, expected="a coordinate", mend=mend
    )


def _from_text(file: str, cells: pd.Series, notes: Notes) -> tuple[gpd.GeoSeries, str | None]:
    """Read WKT and EWKT; open rings are closed and counted, text that is no shape is a fault."""
    text = cells.map(lambda value: str(value).strip() if isinstance(value, str) and value.strip() else None)
    named = {found[1] for value in text.dropna() if (found := _SRID.match(value))}
    bare = text.map(lambda value: _SRID.sub("", value), na_action="ignore").astype(object)
    bare = bare.where(bare.notna(), None).to_numpy(dtype=object)
    strict = shapely.from_wkt(bare, on_invalid="ignore")
    shapes = shapely.from_wkt(bare, on_invalid="fix")
    closed = int((shapely.is_missing(strict) & ~shapely.is_missing(shapes)).sum())
    if closed:
        notes.repairs.append(Repair("close_rings", closed, "open rings closed"))
    odd = text[shapely.is_missing(shapes) & text.notna().to_numpy()]
    notes.faults += each_row(
        file, list(odd.index), list(odd), field="geometry", expected="a shape in well-known text",
        mend="Write POINT, LINESTRING or POLYGON with all its corners.",
    )  # fmt: skip
    if len(named) > 1:
        said, mend = f"{len(named)} systems ({', '.join(sorted(named))})", "Split the file by system."
        notes.faults.append(Fault(file, None, "crs", said, "one system per file", mend))
    return gpd.GeoSeries(shapes, index=cells.index), f"EPSG:{named.pop()}" if len(named) == 1 else None


def declared_system(
    file: str, given: object, inside: str | None, cells: pd.DataFrame, match: Match, notes: Notes
) -> object:
    """Return the system declared by the caller, by the file itself, or by a column; tell contradictions."""
    if given is not None and inside is not None and not _agree(given, inside):
        found, mend = f"{given} declared, {inside} in the file", "Drop one of the two."
        notes.faults.append(Fault(file, None, "crs", found, "one system", mend))
    if given is not None or inside is not None:
        return given if given is not None else inside
    if "crs" not in match.columns:
        return None
    named = sorted({str(value).strip() for value in cells[match.columns["crs"]].dropna()} - {""})
    if len(named) == 1:
        return named[0]
    found = f"{len(named)} systems ({', '.join(named[:4])})"
    mend = "Split the file by system."
    notes.faults.append(Fault(file, None, "crs", found, "one system per file", mend))
    return None


def _agree(one: object, other: object) -> bool:
    try:
        return bool(systems.resolve(one) == systems.resolve(other))
    except CrsError:
        return True  # what cannot be read is told where it is used


def place(
    file: str, values: pd.DataFrame, shapes: gpd.GeoSeries, declared: object, schema: LayerSchema,
    repairs: Sequence[str], notes: Notes,
) -> pd.DataFrame:  # fmt: skip
    """Bring the shapes of the rows to WGS-84 and repair them by name; without a system they stay."""
    frame = gpd.GeoDataFrame(values, geometry=shapes.values, crs=shapes.crs)
    if declared is None and shapes.crs is None:
        if not any(fault.field == "crs" for fault in notes.faults):
            found = "no reference system"
            notes.faults.append(Fault(file, None, "crs", found, "one, declared", _hint(frame)))
    else:
        named = systems.told_by(shapes.crs) if declared is None else declared
        alone = declared is None or shapes.crs is None  # two systems are compared where they are used
        family = _zones_of(frame, named) if alone else None
        if alone and (_is_doubtful(frame, named) if family is None else not _fits_zones(frame, family)):
            return _doubted(file, frame, values, named, notes)
        frame = (
            _home(file, frame, shapes.crs, declared, notes)
            if family is None
            else _by_zone(file, systems.read_as(frame, None), family, notes)
        )
        frame = _on_earth(file, frame, notes)
    mended, done = repair(frame.geometry, schema.geometry or "point", repairs)
    notes.repairs += done
    return frame.set_geometry(mended)


def _on_earth(file: str, frame: gpd.GeoDataFrame, notes: Notes) -> gpd.GeoDataFrame:
    """Take out shapes that have no place in WGS-84, each a fault of its row."""
    lost = ~(np.isfinite(frame.geometry.bounds).all(axis=1) | frame.geometry.isna() | frame.geometry.is_empty)
    notes.faults += each_row(
        file, list(frame.index[lost]), ["coordinates outside the system named"] * int(lost.sum()),
        field="geometry", expected="coordinates in the system named", mend="Declare the system they are in.",
    )  # fmt: skip
    return frame.set_geometry(frame.geometry.where(~lost, None)) if lost.any() else frame


def _eastings(frame: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    bounds = frame.geometry.bounds
    middle = (bounds["minx"] + bounds["maxx"]) / 2, (bounds["miny"] + bounds["maxy"]) / 2
    return middle[0].to_numpy(dtype=float), middle[1].to_numpy(dtype=float)


def _hint(frame: gpd.GeoDataFrame) -> str:
    """Say which zones the eastings name, where they carry the number of one."""
    x, _ = _eastings(frame)
    for family, name in ((3, "CGCS2000 3度带"), (6, "CGCS2000 6度带")):
        zones = systems.zones(x, family)
        if len(x) and np.isfinite(zones).mean() > 0.5:
            listed = ", ".join(f"{zone:.0f}" for zone in np.unique(zones[np.isfinite(zones)])[:6])
            return f"{_NO_SYSTEM} The eastings carry zone {listed}: if they are CGCS2000, pass crs='{name}'."
    return _NO_SYSTEM


def _zones_of(frame: gpd.GeoDataFrame, declared: object) -> int | None:
    """Return the family of zones declared; the bare datum means zones where figures are metres."""
    family = systems.zone_family(declared)
    x, y = _eastings(frame)
    metres = (np.abs(x) > _DEGREES) | (np.abs(y) > _DEGREES)
    return None if family == 0 and not metres.any() else family


def _fits_zones(frame: gpd.GeoDataFrame, family: int) -> bool:
    x, _ = _eastings(frame)
    known = np.isfinite(x) & ~((family == 0) & (np.abs(x) <= _DEGREES))
    return bool(not known.any() or np.isfinite(systems.zones(x[known], family)).mean() > 0.5)


def _is_doubtful(frame: gpd.GeoDataFrame, declared: object) -> bool:
    try:
        return systems.projected_doubt(*_eastings(frame), declared) is not None
    except CrsError:
        return False  # told where it is used


def _doubted(
    file: str, frame: gpd.GeoDataFrame, values: pd.DataFrame, declared: object, notes: Notes
) -> pd.DataFrame:
    """Tell once what is wrong with the eastings of a whole file; the rows stay without a place."""
    x, y = _eastings(frame)
    found, mend = "eastings without the number of a zone", "Declare the system by its central meridian."
    family = systems.zone_family(declared)
    if family is not None and np.isfinite(systems.zones(y, family)).mean() > 0.5:
        mend = "In Chinese survey tables X is the northing: exchange the two columns."
    with suppress(CrsError):  # a family of zones is no system by itself
        found, mend = systems.projected_doubt(x, y, declared) or (found, mend)
    notes.faults.append(Fault(file, None, "geometry", found, "an easting in its zone", mend))
    return values


def _by_zone(file: str, frame: gpd.GeoDataFrame, family: int, notes: Notes) -> gpd.GeoDataFrame:
    """Convert each row from the zone its easting names (35413776 is in zone 35); others are faults."""
    x, _ = _eastings(frame)
    zones = systems.zones(x, family)
    degrees = (np.abs(x) <= _DEGREES) if family == 0 else np.zeros(len(x), dtype=bool)
    strange = np.isfinite(x) & ~np.isfinite(zones) & ~degrees
    notes.faults += each_row(
        file, list(frame.index[strange]), [f"easting {value:,.0f}" for value in x[strange]], field="geometry",
        expected=f"an easting that begins with its zone{f' of {family} degrees' if family else ''}",
        mend="Write the number of the zone before it, or correct it.",
    )  # fmt: skip
    home = frame.geometry.to_numpy().copy()
    home[strange] = None
    if degrees.any():
        home[degrees] = systems.to_wgs84(frame[degrees], _DATUM).geometry.to_numpy()
        notes.repairs.append(Repair("to_wgs84", int(degrees.sum()), f"coordinates read as {_DATUM}"))
    for zone in np.unique(zones[np.isfinite(zones)]):
        rows = zones == zone
        part = systems.to_wgs84(frame[rows], systems.zone_system(int(zone)))
        home[rows] = part.geometry.to_numpy()
        what = f"coordinates read as {systems.zone_system(int(zone))}, zone {zone:.0f}"
        notes.repairs.append(Repair("to_wgs84", int(rows.sum()), what))
    return frame.set_geometry(gpd.GeoSeries(home, index=frame.index, crs=systems.WGS84))


def _home(file: str, frame: gpd.GeoDataFrame, own: Any, declared: object, notes: Notes) -> gpd.GeoDataFrame:
    """Convert a file of one system; rows that cannot be in its zone are faults."""
    try:
        if own is None or declared is None:
            frame = _without_strays(
                file, frame, systems.told_by(own) if declared is None else declared, notes
            )
        placed = systems.to_wgs84(frame, declared)
    except CrsError as error:
        found, _, mend = str(error).partition("; ")
        expected = "a system that can be converted"
        notes.faults.append(Fault(file, None, "crs", found, expected, mend))
        return frame
    source = declared or (own.name if own is not None else "")
    if source and not systems.is_wgs84(declared or own):
        notes.repairs.append(Repair("to_wgs84", len(frame), f"coordinates read as {source}"))
    return placed


def _without_strays(file: str, frame: gpd.GeoDataFrame, declared: object, notes: Notes) -> gpd.GeoDataFrame:
    """Take out rows whose easting is outside the declared zone, each told as a fault of its row."""
    x, y = _eastings(frame)
    doubts = {
        at: systems.projected_doubt(x[at : at + 1], y[at : at + 1], declared)
        for at in np.flatnonzero(systems.outside_zone(x, declared))
    }
    for at, doubt in list(doubts.items())[:100]:
        found, mend = doubt or (f"easting {x[at]:,.0f}", "Declare the zone the coordinates are in.")
        row = int(frame.index[at])
        notes.faults.append(Fault(file, row, "geometry", found, "an easting in its zone", mend))
    shapes = frame.geometry.to_numpy().copy()
    shapes[list(doubts)] = None
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)) if doubts else frame
