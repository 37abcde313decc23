"""Repairs: each has a name, touches only what needs it, and counts it."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from workbench.errors import LabelError
from workbench.layers.imports.repair import repair

BOWTIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
SQUARE = shapely.box(0, 0, 1, 1)


def series(*shapes: object) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), index=[f"s{i}" for i in range(len(shapes))], crs="EPSG:4326")


def test_sound_shapes_are_left_alone() -> None:
    before = series(SQUARE, None)
    after, done = repair(before, "polygon")
    assert done == ()
    assert after.equals(before)


def test_make_valid_keeps_the_family_and_counts() -> None:
    spike = shapely.Polygon([(0, 0), (1, 0), (1, 1), (2, 2), (1, 1), (0, 1)])
    after, done = repair(series(SQUARE, BOWTIE, spike), "polygon")
    assert [(item.name, item.count) for item in done] == [("make_valid", 2)]
    assert after.is_valid.all()
    assert set(after.geom_type) <= {"Polygon", "MultiPolygon"}
    assert list(after.index) == ["s0", "s1", "s2"]


def test_heights_are_dropped_and_single_multipoints_unwrapped() -> None:
    after, done = repair(series(shapely.Point(1, 2, 3), shapely.MultiPoint([(4, 5)])), "point")
    assert {item.name: item.count for item in done} == {"drop_z": 1, "unwrap_single": 1}
    assert [shape.wkt for shape in after] == ["POINT (1 2)", "POINT (4 5)"]


def test_axes_are_swapped_only_on_request() -> None:
    wrong = series(shapely.Point(30.7, 104.1))
    assert repair(wrong, "point")[1] == ()
    after, done = repair(wrong, "point", ["swap_axes"])
    assert after.iloc[0].x == 104.1
    assert done[0].count == 1


def test_an_unknown_repair_is_refused() -> None:
    with pytest.raises(LabelError, match="make_valid"):
        repair(series(SQUARE), "polygon", ["beautify"])
