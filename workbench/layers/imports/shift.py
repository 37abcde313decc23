"""Suspects the shift of Chinese web maps (GCJ-02, BD-09) behind positions that claim to be WGS-84."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs
from workbench.errors import Fault
from workbench.layers.model import Layers
from workbench.layers.schema import LayerSchema
from workbench.units import M_PER_KM

# A shifted file shows itself when most comparable rows fit the shift and none contradict it.
_SHIFT_SHARE, _SHIFT_ROWS, _SHIFT_FIT_KM, _SHIFT_LEAST_KM, _SHIFT_FIT_SHARE = 0.6, 3, 0.06, 0.15, 0.4


def check_shift(
    frame: gpd.GeoDataFrame, schema: LayerSchema, baseline: Layers | None, file: str
) -> list[Fault]:
    """Suspect GCJ-02 or BD-09 behind a file that says WGS-84: by known items, then by counties named."""
    if baseline is None or frame.empty:
        return []
    points, known = _middles(frame), baseline.frames.get(schema.name)
    for name, shift, unshift in _SHIFTS:
        evidence = _offset_evidence(frame, points, known, shift) or _county_evidence(
            frame, points, baseline, unshift
        )
        if evidence:
            mend = f"If the positions come from a web map, read the file again with crs='{name}'."
            return [Fault(file, None, "geometry", evidence, "positions in WGS-84", mend, "warning")]
    return []


Shift = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
_SHIFTS: tuple[tuple[str, Shift, Shift], ...] = (
    (crs.GCJ02, crs.wgs84_to_gcj02, crs.gcj02_to_wgs84),
    (
        crs.BD09,
        lambda lon, lat: crs.gcj02_to_bd09(*crs.wgs84_to_gcj02(lon, lat)),
        lambda lon, lat: crs.gcj02_to_wgs84(*crs.bd09_to_gcj02(lon, lat)),
    ),
)


def _offset_evidence(
    frame: gpd.GeoDataFrame, points: np.ndarray, known: pd.DataFrame | None, shift: Shift
) -> str:
    """Compare with the same items of the baseline (by id or name): do they differ by the shift?

    The middle of an area hardly moves when its outline is drawn more coarsely, so areas are compared by it;
    how near to the shift is near enough goes by the length of the shift itself.
    """
    if not isinstance(known, gpd.GeoDataFrame):
        return ""
    by_key = known.set_axis(known.index.astype(str))
    keys = frame["id"].astype(str) if "id" in frame else pd.Series(frame.index.astype(str), index=frame.index)
    name = next((n for n in ("name_zh", "county_zh", "prefecture_zh") if n in frame and n in known), None)
    if name and not keys.isin(by_key.index).any():
        by_key, keys = known.drop_duplicates(name).set_index(name), frame[name]
    same = keys.isin(by_key.index).to_numpy()
    if not same.any():
        return ""
    here, there = points[same], _middles(by_key.loc[keys[same]])
    off = crs.distance_km(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    expected = np.column_stack(shift(there[:, 0], there[:, 1]))
    fit = crs.distance_km(here[:, 0], here[:, 1], expected[:, 0], expected[:, 1])
    points_only = bool((frame.geometry.geom_type == "Point").all())
    near = _SHIFT_FIT_KM if points_only else np.maximum(_SHIFT_FIT_KM, _SHIFT_FIT_SHARE * off)
    shifted = (fit < near) & (off > _SHIFT_LEAST_KM)
    if shifted.mean() < _SHIFT_SHARE:
        return ""
    metres = np.median(off[shifted]) * M_PER_KM
    return f"{int(shifted.sum())} of {len(off)} known items off by {metres:,.0f} m, as by the shift"


def _county_evidence(frame: gpd.GeoDataFrame, points: np.ndarray, baseline: Layers, unshift: Shift) -> str:
    """Count rows that reach their named county only after undoing the shift, and rows that would leave it."""
    counties = baseline.frames.get("counties")
    if not isinstance(counties, gpd.GeoDataFrame) or "county_zh" not in frame:
        return ""
    named = frame["county_zh"].to_numpy(dtype=object)
    before = locate(points, counties, "county_zh") == named
    after = locate(np.column_stack(unshift(points[:, 0], points[:, 1])), counties, "county_zh") == named
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    if gained < _SHIFT_ROWS or lost * 4 > gained:
        return ""
    return f"{gained} positions a few hundred metres outside their county, inside it once unshifted"


def locate(points: np.ndarray, areas: gpd.GeoDataFrame, name: str) -> np.ndarray:
    """Name the area each point (n x 2, WGS-84) lies in; None outside all. Shape (n,)."""
    found = np.full(len(points), None, dtype=object)
    tree = shapely.STRtree(areas.geometry.values)
    which, area = tree.query(shapely.points(points), predicate="intersects")
    found[which[::-1]] = areas[name].to_numpy(dtype=object)[area[::-1]]
    return found


def _middles(frame: gpd.GeoDataFrame) -> np.ndarray:
    return shapely.get_coordinates(shapely.centroid(frame.geometry.values))
