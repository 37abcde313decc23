"""The region cut into areas: no overlap, nothing lost, and the same verdict as asking each point."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from workbench import crs
from workbench.region import (
    Grid,
    ZoneOptions,
    excluded_area,
    exclusions,
    governing_areas,
    grid_mask,
    verdicts,
)


@pytest.fixture(scope="module")
def known(layers):
    return exclusions(layers, zone=ZoneOptions())


@pytest.fixture(scope="module")
def areas(known):
    return governing_areas(known, "cement")


def test_areas_fill_the_coverage_without_overlap(known, areas):
    assert areas.crs == crs.CONFORMAL
    assert areas.geometry.area.sum() == pytest.approx(known.coverage.area, rel=1e-6)
    assert shapely.union_all(areas.geometry.values).area == pytest.approx(areas.geometry.area.sum(), rel=1e-6)
    assert (areas["state"] == "free").sum() == 1


def test_areas_by_state_are_those_of_the_rules(known, areas):
    km2 = crs.area_km2(areas).groupby(areas["state"]).sum()
    table = excluded_area(known, "cement")["area_km2"]
    assert km2["excluded"] == pytest.approx(table["hard"], rel=2e-3)
    assert km2["excluded"] + km2["restricted"] == pytest.approx(table["joint"], rel=2e-3)


def test_each_point_has_the_state_of_its_verdict(layers, known, areas):
    west, south, east, north = layers.prefectures.total_bounds
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(west, east, 600), rng.uniform(south, north, 600)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=crs.WGS84)
    points = points[points.within(layers.prefectures.geometry.union_all())]
    asked = verdicts(known, points, "cement")["verdict"]
    at, area = shapely.STRtree(areas.geometry.values).query(
        crs.to_metric(points.geometry, keep="angle").values, predicate="intersects"
    )
    assert at.tolist() == list(range(len(points)))
    # a circle in 32 sides lies within 0.5 % of its radius of the true one
    assert (areas["state"].to_numpy()[area] != asked.to_numpy()).sum() <= 1


def test_simplified_areas_stay_near_the_grid(layers, known):
    drawn = governing_areas(known, "aluminium", tolerance_m=200)
    grid = Grid.over(layers.prefectures, 4000)
    mask = grid_mask(known, grid, "aluminium")
    km2 = drawn.geometry.area.groupby(drawn["state"]).sum() / 1e6
    for state, cells in (
        ("excluded", mask.excluded & mask.known),
        ("restricted", mask.restricted & mask.known),
    ):
        assert km2[state] == pytest.approx(cells.sum() * 16, rel=0.02), state
    assert drawn.geometry.is_valid.all()


def test_a_sure_outline_governs_before_an_approximate_one(areas):
    panda = areas[(areas["rule"] == "function_zone")]
    assert not panda["approximate"].any()
    inside = areas[areas["rule"] == "reserve_national"]
    assert not shapely.intersects(
        shapely.union_all(inside.geometry.buffer(-50).values),
        shapely.union_all(panda.geometry.buffer(-50).values),
    )
