"""Exclusion on a grid: boolean masks that agree with the exact distances, one bit per rule and cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from workbench import crs
from workbench.region.ecology import Exclusions
from workbench.units import M2_PER_KM2


@dataclass(frozen=True)
class Grid:
    """Square cells on the conformal metric projection; row 0 is the southernmost."""

    west: float
    south: float
    cell_m: float
    columns: int
    rows: int

    @classmethod
    def over(cls, features: gpd.GeoDataFrame | gpd.GeoSeries, cell_m: float) -> Grid:
        """Cover some features; a region smaller than a cell still gets one."""
        west, south, east, north = crs.to_metric(features.geometry, keep="angle").total_bounds
        columns = max(int(np.ceil((east - west) / cell_m)), 1)
        return cls(west, south, cell_m, columns, max(int(np.ceil((north - south) / cell_m)), 1))

    def x(self, column: Any) -> Any:
        """Easting of cell centres in metres."""
        return self.west + (np.asarray(column) + 0.5) * self.cell_m

    def y(self, row: Any) -> Any:
        """Northing of cell centres in metres."""
        return self.south + (np.asarray(row) + 0.5) * self.cell_m


@dataclass(frozen=True)
class GridMask:
    """Reasons per cell: bit k of `bits` is rule k of `rules`; `hard` has the bits that exclude.

    `known` is False where no tile or coverage tells anything; such a cell without a reason is `unknown`,
    neither free nor excluded.
    """

    grid: Grid
    rules: tuple[str, ...]
    hard: int
    bits: np.ndarray
    known: np.ndarray

    @property
    def excluded(self) -> np.ndarray:
        """Cells a hard rule forbids."""
        return (self.bits & np.uint32(self.hard)) != 0

    @property
    def restricted(self) -> np.ndarray:
        """Cells only soft rules speak about."""
        return (self.bits != 0) & ~self.excluded

    @property
    def unknown(self) -> np.ndarray:
        """Cells nobody knows anything about."""
        return ~self.known & (self.bits == 0)

    @property
    def free(self) -> np.ndarray:
        """Known cells without a reason against them."""
        return self.known & (self.bits == 0)

    def reasons(self, row: int, column: int) -> list[str]:
        """Name the rules that speak about a cell."""
        return [name for k, name in enumerate(self.rules) if self.bits[row, column] >> np.uint32(k) & 1]

    def area_km2(self, rule: str) -> float:
        """Area of the cells under a rule."""
        bit = np.uint32(1 << self.rules.index(rule))
        return float(((self.bits & bit) != 0).sum()) * self.grid.cell_m**2 / M2_PER_KM2


def grid_mask(
    known: Exclusions, grid: Grid, industry: str | None = None, *, missing: gpd.GeoSeries | None = None
) -> GridMask:
    """Mark every cell whose centre a zone or its buffer reaches, rule by rule.

    A distance transform settles all cells but those within one cell of the edge, and these are measured
    exactly: the mask equals the vector answer at every cell centre. Zones beyond the grid cast their
    buffers into it. `missing`: areas (any CRS) whose data are absent; their cells are unknown unless a zone
    reaches them.
    """
    zones = known.for_industry(industry)
    names = tuple(name for name in known.rules if zones["rule"].eq(name).any())
    bits = np.zeros((grid.rows, grid.columns), dtype=np.uint32)
    for shape, rule, buffer in zip(zones.geometry, zones["rule"], zones["buffer_m"], strict=True):
        _paint(bits, grid, shape, float(buffer), np.uint32(1 << names.index(rule)))
    told = np.ones(bits.shape, dtype=bool)
    if known.coverage is not None:
        told = _filled(known.coverage, grid)
    if missing is not None:
        told &= ~_filled(shapely.union_all(crs.to_metric(missing, keep="angle").values), grid)
    hard = sum(1 << k for k, name in enumerate(names) if known.rules[name].hard)
    return GridMask(grid, names, hard, bits, told)


def _paint(bits: np.ndarray, grid: Grid, shape: shapely.Geometry, buffer: float, bit: np.uint32) -> None:
    """Set a bit on the cells within `buffer` of a shape, working in a window just around it."""
    west, south, east, north = shape.bounds
    pad = buffer + 2 * grid.cell_m
    c0 = int(np.floor((west - pad - grid.west) / grid.cell_m))
    r0 = int(np.floor((south - pad - grid.south) / grid.cell_m))
    c1 = int(np.ceil((east + pad - grid.west) / grid.cell_m))
    r1 = int(np.ceil((north + pad - grid.south) / grid.cell_m))
    left, right, low, high = max(c0, 0), min(c1, grid.columns), max(r0, 0), min(r1, grid.rows)
    if left >= right or low >= high:
        return
    window = Grid(grid.x(c0) - grid.cell_m / 2, grid.y(r0) - grid.cell_m / 2, grid.cell_m, c1 - c0, r1 - r0)
    inside = _within(shape, window, buffer)
    bits[low:high, left:right] |= inside[low - r0 : high - r0, left - c0 : right - c0] * bit


def _within(shape: shapely.Geometry, grid: Grid, buffer: float) -> np.ndarray:
    inside = _filled(shape, grid)
    if buffer <= 0:
        return inside
    from scipy.ndimage import distance_transform_edt

    seeds = inside | _touched(shape, grid)
    # a seed's centre is at most 0.75 of a cell from the shape, so only one cell on either side is in doubt
    distance = distance_transform_edt(~seeds) * grid.cell_m
    result = distance <= buffer - grid.cell_m
    row, column = np.nonzero(~result & (distance <= buffer + grid.cell_m))
    shapely.prepare(shape)
    near = shapely.dwithin(shapely.points(grid.x(column), grid.y(row)), shape, buffer)
    result[row[near], column[near]] = True
    return result | inside


def _filled(shape: shapely.Geometry, grid: Grid) -> np.ndarray:
    """Tell which cell centres lie inside the polygons, by counting edges crossed along each row."""
    toggles = np.zeros((grid.rows, grid.columns + 1), dtype=np.int32)
    rings = shapely.get_rings(shapely.get_parts(shape))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    (x1, y1), (x2, y2) = xy[:-1][same].T, xy[1:][same].T

    def row_of(y: np.ndarray) -> np.ndarray:
        return np.clip(np.ceil((y - grid.south) / grid.cell_m - 0.5), 0, grid.rows).astype(int)

    first, last = row_of(np.minimum(y1, y2)), row_of(np.maximum(y1, y2))
    count = last - first
    edge = np.repeat(np.arange(len(count)), count)
    row = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    slope = (x2[edge] - x1[edge]) / np.where(y2[edge] == y1[edge], 1.0, y2[edge] - y1[edge])
    x = x1[edge] + (grid.y(row) - y1[edge]) * slope
    column = np.clip(np.ceil((x - grid.west) / grid.cell_m - 0.5), 0, grid.columns).astype(int)
    np.add.at(toggles, (row, column), 1)
    return np.cumsum(toggles, axis=1)[:, :-1] % 2 == 1


def _touched(shape: shapely.Geometry, grid: Grid) -> np.ndarray:
    """Tell which cells the outline passes, so that a zone smaller than a cell still counts."""
    xy = shapely.get_coordinates(shapely.segmentize(shape, grid.cell_m / 4))
    column = np.floor((xy[:, 0] - grid.west) / grid.cell_m).astype(int)
    row = np.floor((xy[:, 1] - grid.south) / grid.cell_m).astype(int)
    mask = np.zeros((grid.rows, grid.columns), dtype=bool)
    ok = (column >= 0) & (column < grid.columns) & (row >= 0) & (row < grid.rows)
    mask[row[ok], column[ok]] = True
    return mask
