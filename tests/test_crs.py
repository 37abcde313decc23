"""Reference systems: known control points, round trips, and refusal instead of guessing."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from workbench import crs
from workbench.errors import CrsError

CHENGDU = (104.0667, 30.6667)
few = law(250)  # each example loads a projection
lons, lats = st.floats(97.3, 108.6), st.floats(26.0, 34.4)


def points(*pairs: tuple[float, float], system: object = "EPSG:4326") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": [str(i) for i in range(len(pairs))]},
        geometry=[shapely.Point(pair) for pair in pairs],
        index=[f"p{i}" for i in range(len(pairs))],
        crs=system,
    )


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [  # reference vectors of the published algorithm (eviltransform test suite)
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_control_points(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    np.testing.assert_allclose(crs.wgs84_to_gcj02(*wgs), gcj, atol=1e-9)
    np.testing.assert_allclose(crs.gcj02_to_wgs84(*gcj), wgs, atol=1e-9)


def test_bd09_control_points() -> None:
    # reference vectors of coordtransform; its inverse is a closed form good to about a metre, ours is exact
    forward = (116.41036949371029, 39.92133699351021)
    np.testing.assert_allclose(crs.gcj02_to_bd09(116.404, 39.915), forward, atol=1e-9)
    backward = (116.39762729119315, 39.90865673957631)
    np.testing.assert_allclose(crs.bd09_to_gcj02(116.404, 39.915), backward, atol=2e-5)


def test_the_shift_of_chengdu_is_a_few_hundred_metres_and_none_abroad() -> None:
    moved = crs.distance_km(*CHENGDU, *crs.wgs84_to_gcj02(*CHENGDU))
    assert 0.2 < float(moved) < 0.7
    np.testing.assert_array_equal(crs.wgs84_to_gcj02(2.35, 48.85), (2.35, 48.85))


@few
@given(lon=lons, lat=lats)
def test_shifts_round_trip_below_a_millimetre(lon: float, lat: float) -> None:
    for there, back in ((crs.wgs84_to_gcj02, crs.gcj02_to_wgs84), (crs.gcj02_to_bd09, crs.bd09_to_gcj02)):
        assert float(crs.distance_km(lon, lat, *back(*there(lon, lat)))) < 1e-6


@pytest.mark.parametrize("code", [4490, 4522, 4543, 4545, 32648])
def test_cgcs2000_zones_round_trip_and_agree_with_wgs84(code: int) -> None:
    lon, lat = np.random.default_rng(1).uniform((97.3, 26.0), (108.6, 34.4), (50, 2)).T
    there = points(*zip(lon, lat, strict=True)).to_crs(code)
    back = crs.to_wgs84(there).geometry
    assert crs.distance_km(lon, lat, back.x, back.y).max() < 1e-6


def test_a_zone_control_point() -> None:
    # On its central meridian a 3-degree zone has x = 500 km exactly, and the meridian arc as northing.
    (point,) = points((102.0, 30.0)).to_crs("EPSG:4543").geometry
    assert point.x == pytest.approx(500_000, abs=1e-3)
    assert point.y == pytest.approx(3_320_113.4, abs=0.1)


def test_a_zone_agrees_with_the_formula_of_gauss_and_krueger() -> None:
    # Series of the ellipsoidal transverse Mercator (Snyder 1987, eq. 8-9 and 8-10, k0 = 1) on GRS 80.
    lon, lat, meridian = np.radians([104.1, 30.7, 105.0])
    a, f = 6_378_137.0, 1 / 298.257222101
    e2 = f * (2 - f)
    second = e2 / (1 - e2)
    radius = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    t, c, big = np.tan(lat) ** 2, second * np.cos(lat) ** 2, (lon - meridian) * np.cos(lat)
    arc = crs._GEOD.inv(104.1, 0, 104.1, 30.7)[2]
    x = radius * (big + (1 - t + c) * big**3 / 6 + (5 - 18 * t + t**2 + 72 * c - 58 * second) * big**5 / 120)
    y = arc + radius * np.tan(lat) * (big**2 / 2 + (5 - t + 9 * c + 4 * c**2) * big**4 / 24)
    (point,) = points((104.1, 30.7)).to_crs("EPSG:4544").geometry
    assert (point.x - 500_000, point.y) == pytest.approx((x, y), abs=0.01)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("CGCS2000 3度带 中央经线105", 4544),
        ("CGCS2000 3度带 35带", 4523),
        ("国家2000三度带 中央子午线102°", 4543),
        ("CGCS2000 6度带 第18带", 4496),
        ("CGCS2000_3_Degree_GK_CM_105E", 4544),
    ],
)
def test_zones_are_known_by_the_words_planners_use(name: str, code: int) -> None:
    assert crs.resolve(name).to_epsg() == code


@pytest.mark.parametrize("name", ["CGCS2000 3度带 中央经线104", "CGCS2000 3度带 99带"])
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(CrsError, match="unknown"):
        crs.resolve(name)


def test_projected_coordinates_outside_their_zone_are_told_with_the_mend() -> None:
    east, north = 413_776.5, 3_398_060.0  # Chengdu in the zone of 105 E
    assert crs.projected_doubt([east, np.nan], [north, np.nan], 4544) is None
    assert crs.projected_doubt([east + 35e6], [north], 4523) is None
    assert crs.projected_doubt([104.1], [30.7], "GCJ-02") is None
    assert crs.projected_doubt([11_588_358.0], [3_591_834.0], "EPSG:3857") is None
    for x, y, code, mend in (
        (north, east, 4544, "exchange"),
        (north, east + 35e6, 4523, "exchange"),
        (north, east + 35e6, 4544, "exchange"),
        (east + 35e6, north, 4544, "zone number 35"),
        (east, north, 4523, "lacks the zone number 35"),
    ):
        assert mend in crs.projected_doubt([x], [y], code)[1]


@pytest.mark.parametrize(
    "name",
    ["WGS-84", "EPSG:4326", 4326, "CGCS2000", "国家2000", "EPSG:4513", "EPSG:4545", 3857, "gcj02", "百度"],
)
def test_names_planners_use_are_known(name: object) -> None:
    assert crs.resolve(name)


@pytest.mark.parametrize("name", ["", "mars", "EPSG:4214", "EPSG:2379", "EPSG:4610", "EPSG:999999", 4269])
def test_unknown_names_and_datums_without_public_shift_are_refused(name: str) -> None:
    with pytest.raises(CrsError):
        crs.resolve(name)


def test_a_frame_without_a_system_is_refused_and_a_declared_one_used() -> None:
    bare = points(CHENGDU, system=None)
    with pytest.raises(CrsError, match="no reference system"):
        crs.to_wgs84(bare)
    assert crs.to_wgs84(bare, "CGCS2000").crs == crs.WGS84
    assert bare.crs is None


def test_a_declaration_against_the_file_is_refused() -> None:
    with pytest.raises(CrsError, match="Drop crs="):
        crs.to_wgs84(points(CHENGDU), "EPSG:4545")
    with pytest.raises(CrsError, match="in degrees"):
        crs.to_wgs84(points(CHENGDU).to_crs(4545), "GCJ-02")


@pytest.mark.parametrize("name", ["GCJ-02", "BD-09"])
def test_shifted_frames_come_home_with_their_index(name: str) -> None:
    there = crs.wgs84_to_gcj02(*CHENGDU)
    there = crs.gcj02_to_bd09(*there) if name == "BD-09" else there
    frame = points((float(there[0]), float(there[1])))
    home = crs.to_wgs84(frame, name)
    assert list(home.index) == ["p0"]
    assert home.geometry.iloc[0].distance(shapely.Point(CHENGDU)) < 1e-9
    assert frame.geometry.iloc[0].distance(shapely.Point(CHENGDU)) > 1e-3


def test_polygons_and_missing_geometry_pass_the_shift() -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.box(104, 30, 105, 31), None, shapely.Point()])
    home = crs.to_wgs84(frame, "GCJ-02")
    assert home.geometry.iloc[0].area == pytest.approx(1, rel=1e-2)
    assert home.geometry.iloc[1] is None
    assert home.geometry.iloc[2].is_empty


@few
@given(lon=st.floats(97.4, 107.4), lat=st.floats(26.1, 33.3))
def test_metric_projections_keep_what_they_promise(lon: float, lat: float) -> None:
    square = gpd.GeoSeries([shapely.box(lon, lat, lon + 1e-2, lat + 1e-2)], crs=crs.WGS84)
    true_km2 = abs(crs._GEOD.geometry_area_perimeter(square.iloc[0])[0]) / 1e6
    assert crs.area_km2(square).iloc[0] == pytest.approx(true_km2, rel=1e-6)
    here = gpd.GeoSeries([shapely.Point(lon, lat)], crs=crs.WGS84)
    disc = crs.from_metric(crs.to_metric(here, keep="angle").buffer(10_000))
    rim = shapely.get_coordinates(disc.iloc[0])
    assert crs.distance_km(lon, lat, rim[:, 0], rim[:, 1]) == pytest.approx(10, rel=3e-3)


def test_metres_are_refused_without_a_system() -> None:
    with pytest.raises(CrsError):
        crs.to_metric(points(CHENGDU, system=None))
    with pytest.raises(CrsError, match="expected EPSG:4490"):
        crs.require_crs(points(CHENGDU), "EPSG:4490")


def test_length_is_that_of_the_ellipsoid() -> None:
    line = gpd.GeoSeries([shapely.LineString([(104, 30), (104, 31)]), None], crs=crs.WGS84)
    lengths = crs.length_km(line)
    assert lengths.iloc[0] == pytest.approx(110.86, abs=0.01)
    assert np.isnan(lengths.iloc[1])
