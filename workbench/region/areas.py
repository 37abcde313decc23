"""The region cut into areas by the zone that governs each: what a map of eligibility draws."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs
from workbench.region.ecology import Exclusions

COLUMNS = ["state", "rule", "zone_id", "zone_zh", "buffer_m", "approximate", "clause", "geometry"]
# What administrative borders enclose fits together without gaps, and must still do so when simplified.
_SHARED_BORDERS = ("counties", "prefectures")


def governing_areas(
    known: Exclusions, industry: str | None = None, *, tolerance_m: float = 0.0
) -> gpd.GeoDataFrame:
    """Cut the known region into areas that do not overlap, each with the zone and rule that govern it.

    Columns `state` (``excluded``, ``restricted``, ``free``), `rule`, `zone_id`, `zone_zh`, `buffer_m`,
    `approximate`, `clause`; metric projection, buffers inside the shapes. Hard zones go before soft ones,
    sure outlines before approximate ones, then the order of the rules. The last row is what no rule speaks
    about (`state` ``free``). Outside the coverage nothing is known and nothing is drawn. `tolerance_m`
    simplifies outlines for drawing; 0 keeps them (circles in 32 sides).
    """
    zones = known.for_industry(industry).reset_index(drop=True)
    place = {name: number for number, name in enumerate(known.rules)}
    keys = (zones["zone_id"].astype(str), zones["rule"].map(place), zones["approximate"].astype(bool))
    order = np.lexsort((*keys, ~zones["hard"].astype(bool)))
    zones = zones.iloc[order].reset_index(drop=True)
    reach = _reach(known, zones, tolerance_m)
    cover = known.coverage
    if cover is not None and tolerance_m:
        cover = shapely.simplify(cover, tolerance_m)
    shapes = [shape if cover is None else shapely.intersection(shape, cover) for shape in reach]
    tree = shapely.STRtree(shapes)
    for k, shape in enumerate(list(shapes)):
        before = [j for j in tree.query(shape, predicate="intersects") if j < k]
        if before:
            shapes[k] = shapely.difference(shape, shapely.union_all(reach[before]))
    frame = zones.assign(state=np.where(zones["hard"].astype(bool), "excluded", "restricted"))
    frame = frame.set_geometry(gpd.GeoSeries([_areas(shape) for shape in shapes], crs=crs.CONFORMAL))
    frame = frame[frame.geometry.area > max(1.0, tolerance_m**2)]
    if cover is None:
        return frame[COLUMNS].reset_index(drop=True)
    rest = _areas(shapely.difference(cover, shapely.union_all(reach)))
    blank = {"state": "free", "rule": "", "zone_id": "", "zone_zh": "", "clause": "", "approximate": False}
    free = gpd.GeoDataFrame([blank | {"buffer_m": 0.0}], geometry=[rest], crs=crs.CONFORMAL)
    whole = pd.concat([frame[COLUMNS], free[COLUMNS]], ignore_index=True)
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=crs.CONFORMAL)


def _reach(known: Exclusions, zones: gpd.GeoDataFrame, tolerance_m: float) -> np.ndarray:
    """Return each zone with its buffer, simplified so that neighbours keep one border."""
    reach = shapely.buffer(zones.geometry.values, zones["buffer_m"].to_numpy(float), quad_segs=8)
    reach = np.asarray(reach, dtype=object)
    for name in zones["rule"].unique() if tolerance_m else ():
        rows = zones["rule"].eq(name).to_numpy()
        fits = known.rules[name].layer in _SHARED_BORDERS
        simpler = shapely.coverage_simplify if fits else shapely.simplify
        reach[rows] = simpler(reach[rows], tolerance_m)
    return shapely.make_valid(reach)


def _areas(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep the polygons of a shape; a difference may leave lines and points where borders touch."""
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon([p for p in parts if p.geom_type == "Polygon"])
