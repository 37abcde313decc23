"""Candidate sites made where the land allows: a grid of points, each judged by every rule known here."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs
from workbench.errors import DataError, Fault
from workbench.region.ecology import verdicts
from workbench.region.raster import Grid
from workbench.siting.answers import Where
from workbench.units import M_PER_KM

_MOST = 20_000  # points asked at most: a finer grid is a mistake, not a question


def candidates(found: Where, spacing_km: float) -> gpd.GeoDataFrame:
    """Return the points of a square grid at which nothing forbids the industry `found` speaks of.

    Nature's hard rules thin the grid out first; each point left is then asked like any other
    (`Where.point`), the policy's clauses included. Index ``C00001``... from south-west to north-east; columns
    `name_zh`, `name_en`, `prefecture_zh`, `county_zh`, `verdict` (``free`` or ``restricted``), `reason_zh`,
    `reason_en`, `lon`, `lat`, geometry in WGS-84. Raises DataError for a spacing that makes no or too many
    points.
    """
    if not spacing_km > 0 or not np.isfinite(spacing_km):
        raise DataError([_fault(f"{spacing_km}", "a number of km above 0")])
    land = found.layers.prefectures
    grid = Grid.over(land, spacing_km * M_PER_KM)
    if grid.rows * grid.columns > _MOST:
        raise DataError(
            [_fault(f"{spacing_km:g}: {grid.rows * grid.columns:,} points", f"at most {_MOST:,} points")]
        )
    rows, columns = (axis.ravel() for axis in np.indices((grid.rows, grid.columns)))
    metric = crs.to_metric(land.geometry, keep="angle").crs
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(grid.x(columns), grid.y(rows)), crs=metric)
    points = crs.to_wgs84(points)
    points = points[shapely.contains(shapely.union_all(land.geometry.values), points.geometry.values)]
    points.index = pd.Index([f"C{k:05d}" for k in range(1, len(points) + 1)], name="id")
    if not len(points):
        raise DataError([_fault(f"{spacing_km:g}: no point inside", "a spacing smaller than the region")])
    by_nature = verdicts(found.places.known, points, found.industry)["verdict"]
    records = {}
    for site, point in points.geometry[by_nature.ne("excluded")].items():
        why = found.point(point.x, point.y)
        if why.verdict in ("free", "restricted"):
            reasons = {
                name: glue.join(why.reasons[name])
                for name, glue in (("reason_zh", "；"), ("reason_en", "; "))
            }
            place = f"{why.prefecture_zh or ''}{why.county_zh or ''}"
            records[site] = {
                "name_zh": f"{place} {site}", "name_en": str(site), "prefecture_zh": why.prefecture_zh,
                "county_zh": why.county_zh, "verdict": why.verdict, **reasons,
                "lon": point.x, "lat": point.y, "geometry": point,
            }  # fmt: skip
    frame = pd.DataFrame.from_dict(records, orient="index", columns=list(next(iter(records.values()), _NONE)))
    return gpd.GeoDataFrame(frame.rename_axis("id"), geometry="geometry", crs=crs.WGS84)


_NONE = dict.fromkeys(
    (
        "name_zh",
        "name_en",
        "prefecture_zh",
        "county_zh",
        "verdict",
        "reason_zh",
        "reason_en",
        "lon",
        "lat",
        "geometry",
    )
)


def _fault(found: str, expected: str) -> Fault:
    return Fault("candidates", None, "spacing_km", found, expected, "Change the spacing.")
