"""Holds parsed rows against their schema and the baseline: duplicates, places, capacities, years, offsets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs
from workbench.errors import Fault
from workbench.layers.faults import each_row
from workbench.layers.integrity import check_references, check_rules
from workbench.layers.model import Layers
from workbench.layers.schema import LayerSchema

_FAMILIES = {
    "point": ("Point", "MultiPoint"),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}
# A shifted file shows itself when most comparable rows fit the shift and none contradict it.
_SHIFT_SHARE, _SHIFT_ROWS, _SHIFT_FIT_KM, _SHIFT_LEAST_KM = 0.6, 3, 0.06, 0.15
_OUT_OF_SCALE = 3.0  # times the largest of the industry in the baseline: a unit was mistaken


@dataclass(frozen=True)
class Context:
    """What the checks know beside the rows: file name, schema, baseline (or None), reference year."""

    file: str
    schema: LayerSchema
    baseline: Layers | None
    reference_year: int


def validate(frame: pd.DataFrame, context: Context) -> list[Fault]:
    """Check parsed rows (index: row numbers; geometry in WGS-84) and return every fault, mixed severities."""
    faults = check_ids(frame, context) + check_years(frame, context) + check_capacity(frame, context)
    faults += check_rules(frame, context.schema, context.file)
    if context.baseline is not None:
        faults += check_references(frame, context.schema, context.baseline.frames, context.file)
    if isinstance(frame, gpd.GeoDataFrame):
        faults += check_geometry(frame, context)
        usable = frame[~(shapely.is_missing(frame.geometry.values) | frame.geometry.is_empty)]
        faults += check_places(usable, context)
        faults += check_shift(usable, context)
    return faults


def check_ids(frame: pd.DataFrame, context: Context) -> list[Fault]:
    """Duplicate ids are errors; the same name in the same county twice is a warning."""
    faults = []
    if "id" in frame:
        twice = frame["id"][frame["id"].notna() & frame["id"].duplicated(keep=False)]
        faults += _rows(
            context, twice, "id", "an id that occurs once", "Number the rows apart, or merge them."
        )
    keys = [
        key
        for key in ("name_zh", "county_zh", "industry", "category", "plant_id", "type", "resource")
        if key in frame
    ]
    if "name_zh" in keys and context.schema.name not in ("lines", "equipment"):
        again = frame["name_zh"].notna() & frame.duplicated(keys, keep=False)
        mend = "Drop one, or tell them apart by name."
        faults += _rows(context, frame["name_zh"][again], "name_zh", "each item once", mend, "warning")
    return faults


def check_years(frame: pd.DataFrame, context: Context) -> list[Fault]:
    """Years after the reference year are warnings: such items do not count in its sums."""
    faults = []
    for name in (field.name for field in context.schema if field.unit == "year" and field.name in frame):
        latest = context.schema.fields[name].max or np.inf
        beyond = (frame[name] > context.reference_year) & (frame[name] <= latest)
        late = frame[name][beyond.fillna(False)]
        expected = f"a year up to {context.reference_year}, the baseline's"
        faults += _rows(context, late, name, expected, "Correct it, or set in_baseline to 否.", "warning")
    return faults


def check_capacity(frame: pd.DataFrame, context: Context) -> list[Fault]:
    """Capacities far beyond the largest of the industry in the baseline hint at a mistaken unit."""
    name = "capacity_kt"
    known = None if context.baseline is None else _frame(context.baseline, context.schema.name)
    if known is None or not {name, "industry"} <= {*frame} or not {name, "industry"} <= {*known}:
        return []
    largest = known.groupby("industry")[name].max()
    limit = frame["industry"].map(largest).astype(float) * _OUT_OF_SCALE
    wrong = frame[name][frame[name] > limit]
    expected = "a capacity in the range of the industry"
    mend = "Check the unit: 1 万吨 is 10 kt, 1 万重量箱 is 0.5 kt."
    shown = wrong.map(lambda kt: f"{kt:,.0f} kt")
    return _rows(context, shown, name, expected, mend, "warning")


def check_geometry(frame: gpd.GeoDataFrame, context: Context) -> list[Fault]:
    """Missing, empty, invalid or foreign geometry and impossible coordinates are errors."""
    shapes = frame.geometry
    gone = shapely.is_missing(shapes.values) | shapes.is_empty
    faults = _rows(
        context, shapes[gone].map(lambda _: "no geometry"), "geometry", "a shape", "Give its position."
    )
    there = shapes[~gone]
    family = context.schema.geometry
    foreign = there[~there.geom_type.isin(_FAMILIES[family])] if family else there[:0]
    mend = "Keep one kind of geometry per layer."
    faults += _rows(context, foreign.geom_type, "geometry", f"a {family}", mend)
    broken = there[~there.is_valid]
    reasons = pd.Series(shapely.is_valid_reason(broken.values), index=broken.index, dtype=object)
    faults += _rows(
        context, reasons, "geometry", "a valid shape", "Allow the repair make_valid, or redraw it."
    )
    bounds = there.bounds
    wild = (bounds.abs() > [180, 90, 180, 90]).any(axis=1) | ~np.isfinite(bounds).all(axis=1)
    faults += _rows(context, _wkt(there[wild]), "geometry", "degrees", "Correct it, or declare its crs.")
    zero = there[(bounds == 0).all(axis=1)]
    faults += _rows(
        context, _wkt(zero), "geometry", "a position in China", "Zero means unknown: leave it empty."
    )
    return faults


def check_places(frame: gpd.GeoDataFrame, context: Context) -> list[Fault]:
    """Swapped axes are one error; outside the province, or in another county than named, are warnings."""
    if context.baseline is None or frame.empty:
        return []
    province = _frame(context.baseline, "province")
    if province is None:
        return []
    outline = shapely.union_all(province.geometry.values)
    points = _points(frame)
    inside = _within(points, outline)
    swapped = _within(points[:, ::-1], outline) & ~inside
    if swapped.sum() > inside.sum():
        found = f"{int(swapped.sum())} of {len(frame)} positions inside the province only when exchanged"
        mend = "Exchange the longitude and latitude columns, or ask for the repair swap_axes."
        return [Fault(context.file, None, "geometry", found, "longitude first, then latitude", mend)]
    faults = []
    if context.schema.name not in (
        "markets",
        "resources",
        "freight_nodes",
        "freight_links",
        "border_crossings",
    ):
        out = frame.geometry[~inside & ~shapely.intersects(outline, frame.geometry.values)]
        faults += _rows(
            context, _wkt(out), "geometry", "a place in Sichuan", "Check the position.", "warning"
        )
    return faults + _check_county(frame[inside], points[inside], context)


def _check_county(frame: gpd.GeoDataFrame, points: np.ndarray, context: Context) -> list[Fault]:
    faults = []
    for layer, name in (("counties", "county_zh"), ("prefectures", "prefecture_zh")):
        areas = None if context.baseline is None else _frame(context.baseline, layer)
        if areas is None or name not in frame or context.schema.geometry != "point" or frame.empty:
            continue
        found = locate(points, areas, name)
        named = frame[name].to_numpy(dtype=object)
        wrong = pd.notna(named) & pd.notna(found) & (named != found)
        if name == "county_zh":  # a name that is no county of 2014 may be a later or a colloquial one
            wrong &= np.isin(named.astype(str), areas[name].astype(str))
        said = pd.Series([f"{a}, lies in {b}" for a, b in zip(named, found, strict=True)], index=frame.index)
        mend = "Correct the name or the position (a few hundred metres off: is the file in GCJ-02?)."
        faults += _rows(context, said[wrong], name, "a position in the place named", mend, "warning")
    return faults


def check_shift(frame: gpd.GeoDataFrame, context: Context) -> list[Fault]:
    """Suspect GCJ-02 or BD-09 behind a file that says WGS-84: by baseline positions, then by counties."""
    if context.baseline is None or context.schema.geometry != "point" or frame.empty:
        return []
    points = _points(frame)
    for name, shift, unshift in _SHIFTS:
        evidence = _offset_evidence(frame, points, context, shift) or _county_evidence(
            frame, points, context.baseline, unshift
        )
        if evidence:
            mend = f"If the positions come from a web map, read the file again with crs='{name}'."
            return [Fault(context.file, None, "geometry", evidence, "positions in WGS-84", mend, "warning")]
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


def _offset_evidence(frame: gpd.GeoDataFrame, points: np.ndarray, context: Context, shift: Shift) -> str:
    """Compare with the same items of the baseline (by id or name): do they differ by the shift?"""
    known = _frame(context.baseline, context.schema.name) if context.baseline else None
    if known is None or not isinstance(known, gpd.GeoDataFrame):
        return ""
    by_key = known.set_axis(known.index.astype(str))
    keys = frame["id"].astype(str) if "id" in frame else pd.Series(frame.index.astype(str), index=frame.index)
    if "name_zh" in frame and "name_zh" in known and not keys.isin(by_key.index).any():
        by_key, keys = known.drop_duplicates("name_zh").set_index("name_zh"), frame["name_zh"]
    same = keys.isin(by_key.index).to_numpy()
    if not same.any():
        return ""
    here, there = points[same], _points(by_key.loc[keys[same]])
    off = crs.distance_km(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    expected = np.column_stack(shift(there[:, 0], there[:, 1]))
    fit = crs.distance_km(here[:, 0], here[:, 1], expected[:, 0], expected[:, 1])
    shifted = (fit < _SHIFT_FIT_KM) & (off > _SHIFT_LEAST_KM)
    if shifted.mean() < _SHIFT_SHARE:
        return ""
    metres = np.median(off[shifted]) * 1000
    return f"{int(shifted.sum())} of {len(off)} known items off by {metres:,.0f} m, as by the shift"


def _county_evidence(frame: gpd.GeoDataFrame, points: np.ndarray, baseline: Layers, unshift: Shift) -> str:
    """Count rows that reach their named county only after undoing the shift, and rows that would leave it."""
    counties = _frame(baseline, "counties")
    if counties is None or "county_zh" not in frame:
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


def _points(frame: gpd.GeoDataFrame) -> np.ndarray:
    return shapely.get_coordinates(shapely.point_on_surface(frame.geometry.values))


def _within(points: np.ndarray, outline: shapely.Geometry) -> np.ndarray:
    shapely.prepare(outline)
    return np.asarray(shapely.intersects_xy(outline, points[:, 0], points[:, 1]))


def _wkt(shapes: gpd.GeoSeries) -> pd.Series:
    return pd.Series(shapely.to_wkt(shapes.values, rounding_precision=5), index=shapes.index, dtype=object)


def _frame(layers: Layers, name: str) -> gpd.GeoDataFrame | None:
    return layers.frames.get(name)  # type: ignore[return-value]


def _rows(
    context: Context, cells: pd.Series, field: str, expected: str, mend: str, severity: str = "error"
) -> list[Fault]:
    return each_row(
        context.file, list(cells.index), list(cells), field=field, expected=expected, mend=mend,
        severity="warning" if severity == "warning" else "error",
    )  # fmt: skip
