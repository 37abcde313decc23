"""The grid: true circles, the same answer as the vector, buffers from outside, missing tiles unknown."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from tests.laws import law
from tests.region.world import world
from workbench import crs
from workbench.region import Grid, exclusions, grid_mask, verdicts
from workbench.region.raster import _filled, _within


def _around(frame: gpd.GeoDataFrame, metres: float) -> gpd.GeoSeries:
    return crs.to_metric(frame.geometry, keep="angle").buffer(metres)


def test_a_disc_of_a_hundred_metre_cells_has_the_area_of_a_circle():
    layers = world()
    around = _around(layers.ecology.loc[["e2"]], 4_000)
    mask = grid_mask(exclusions(layers), Grid.over(around, 100))
    assert mask.area_km2("water_source") == pytest.approx(np.pi * 2**2, rel=0.02)
    rows, columns = np.nonzero(mask.excluded)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=1)  # as wide as high: no diamond
    assert len(rows) / (np.ptp(rows) + 1) ** 2 == pytest.approx(np.pi / 4, rel=0.02)


METRES = st.integers(-3_000_000, 3_000_000).map(lambda mm: mm / 1000)


@law(200)
@given(
    st.lists(st.tuples(METRES, METRES), min_size=3, max_size=7, unique=True),
    st.sampled_from([0.0, 150.0, 700.0, 2500.0]),
    st.sampled_from([90.0, 400.0]),
)
def test_the_grid_answers_as_the_vector_at_every_cell_centre(corners, buffer, cell):
    shape = shapely.convex_hull(shapely.MultiPoint(corners))
    if shape.geom_type != "Polygon" or shape.area < 1:
        return
    grid = Grid(-6000.0, -6000.0, cell, int(12000 / cell), int(12000 / cell))
    x, y = np.meshgrid(grid.x(np.arange(grid.columns)), grid.y(np.arange(grid.rows)))
    exact = shapely.dwithin(shapely.points(x, y), shape, buffer)
    edge = np.abs(shapely.distance(shapely.points(x, y), shape) - buffer) < 1e-6
    np.testing.assert_array_equal(_within(shape, grid, buffer)[~edge], exact[~edge])


def test_holes_stay_open():
    ring = Polygon(box(0, 0, 1000, 1000).exterior.coords, [box(300, 300, 700, 700).exterior.coords])
    inside = _filled(ring, Grid(0.0, 0.0, 100.0, 10, 10))
    assert inside.sum() == 100 - 16
    assert not inside[5, 5]


def test_a_zone_smaller_than_a_cell_still_casts_its_buffer():
    layers = world()
    grid = Grid.over(_around(layers.ecology.loc[["e2"]], 5_000), 1500)
    assert grid_mask(exclusions(layers), grid).excluded.any()


def test_a_region_smaller_than_a_cell_gets_one_cell():
    grid = Grid.over(world().ecology.loc[["e2"]], 5000)
    assert (grid.rows, grid.columns) == (1, 1)


def test_a_reserve_just_over_the_border_blocks_cells_inside():
    layers = world()
    grid = Grid.over(
        gpd.GeoSeries([box(104.0, 30.0, 104.395, 30.9)], crs=4326), 500
    )  # the reserve is east of it
    mask = grid_mask(exclusions(layers), grid, "coal")
    assert mask.excluded[:, -1].any()
    assert not mask.excluded[:, 0].any()


def test_a_missing_tile_is_unknown_and_nothing_else():
    layers = world()
    grid = Grid.over(layers.prefectures, 5000)
    tile = gpd.GeoSeries([box(103.0, 30.4, 103.5, 31.0)], crs=4326)
    mask = grid_mask(exclusions(layers), grid, missing=tile)
    whole = grid_mask(exclusions(layers), grid)
    assert mask.unknown.sum() > whole.unknown.sum()
    assert not (mask.unknown & (mask.excluded | mask.restricted | mask.free)).any()
    four = mask.unknown.astype(int) + mask.excluded + mask.restricted + mask.free
    assert (four == 1).all()
    assert mask.excluded.dtype == bool


def test_cells_name_their_reasons():
    layers = world()
    grid = Grid.over(layers.ecology.loc[["e1"]], 2000)
    mask = grid_mask(exclusions(layers), grid)
    assert mask.reasons(grid.rows // 2, grid.columns // 2) == ["reserve_national", "reserve_downwind"]


def test_points_and_their_cells_agree_on_the_baseline(layers):
    known = exclusions(layers)
    grid = Grid.over(layers.prefectures, 1000)
    mask = grid_mask(known, grid, "cement")
    rng = np.random.default_rng(0)
    row, column = rng.integers(0, grid.rows, 400), rng.integers(0, grid.columns, 400)
    centres = gpd.GeoDataFrame(
        index=pd.RangeIndex(400),
        geometry=[Point(x, y) for x, y in zip(grid.x(column), grid.y(row), strict=True)],
        crs=crs.CONFORMAL,
    )
    found = verdicts(known, centres, "cement")["verdict"].to_numpy()
    assert (
        (found == "excluded") == mask.excluded[row, column]
    ).mean() > 0.995  # cells cut by a zone's very edge
    assert ((found == "unknown") == mask.unknown[row, column]).mean() > 0.995
