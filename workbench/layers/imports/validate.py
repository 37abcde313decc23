"""Holds parsed rows against their schema and the baseline: duplicates, places, capacities, years, offsets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs
from workbench.errors import Fault
from workbench.layers.faults import each_row
from workbench.layers.imports.shift import check_shift, locate
from workbench.layers.imports.text import folded
from workbench.layers.integrity import check_references, check_rules
from workbench.layers.model import Layers
from workbench.layers.schema import LayerSchema

_FAMILIES = {
    "point": ("Point", "MultiPoint"),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}
# The layers that say which places exist, and those whose items may lie beyond them.
BOUNDARIES = ("province", "prefectures", "counties")
_BEYOND = (
    *BOUNDARIES,
    "surroundings",
    "markets",
    "resources",
    "freight_nodes",
    "freight_links",
    "border_crossings",
)
NO_SHAPE = "no geometry"
_BORDER_DEGREES = 0.005  # half a kilometre
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
        bounds = frame.geometry.bounds.abs()
        usable = frame[(bounds <= 180).all(axis=1) & (bounds > 0).any(axis=1)]
        faults += check_places(usable, context)
        faults += check_shift(usable, context.schema, context.baseline, context.file)
    return faults


def check_ids(frame: pd.DataFrame, context: Context) -> list[Fault]:
    """Ids that fold to one are errors; the same name in the same county twice is a warning."""
    faults = []
    if "id" in frame:
        known = frame["id"].dropna()
        twice = known[known.map(lambda text: folded(str(text))).duplicated(keep=False)]
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
    faults = _rows(context, shapes[gone].map(lambda _: NO_SHAPE), "geometry", "a shape", "Give its position.")
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
    wide = there[~wild & (bounds["maxx"] - bounds["minx"] > 180)]
    faults += _rows(
        context, _wkt(wide), "geometry", "a shape on one side of the date line", "Cut it at 180 degrees."
    )
    zero = there[(bounds == 0).all(axis=1)]
    faults += _rows(
        context, _wkt(zero), "geometry", "a position in China", "Zero means unknown: leave it empty."
    )
    return faults


def check_places(frame: gpd.GeoDataFrame, context: Context) -> list[Fault]:
    """Swapped axes are one error; outside the loaded boundaries, or in another county, are warnings."""
    if context.baseline is None or frame.empty:
        return []
    points = _points(frame)
    inside = within_boundaries(shapely.points(points), context.baseline)
    if inside is None:
        return []
    swapped = within_boundaries(shapely.points(points[:, ::-1]), context.baseline) & ~inside
    if swapped.sum() > inside.sum():
        found = f"{int(swapped.sum())} of {len(frame)} positions inside the boundaries only when exchanged"
        mend = "Exchange the longitude and latitude columns, or ask for the repair swap_axes."
        return [Fault(context.file, None, "geometry", found, "longitude first, then latitude", mend)]
    faults = []
    if context.schema.name not in _BEYOND:
        out = frame.geometry[~inside & ~within_boundaries(frame.geometry.values, context.baseline)]
        mend = "Check the position, or load the boundaries of its region first (--data)."
        faults += _rows(context, _wkt(out), "geometry", "a place in the boundaries loaded", mend, "warning")
    return faults + _check_county(frame[inside], points[inside], context)


def within_boundaries(shapes: np.ndarray, layers: Layers) -> Any:
    """Tell which shapes (WGS-84) touch the boundaries that are loaded; None where none are."""
    areas = [layers.frames[name].geometry.values for name in BOUNDARIES if name in layers]
    if not areas:
        return None
    inside = np.zeros(len(shapes), dtype=bool)
    for each in areas:
        inside[np.unique(shapely.STRtree(each).query(shapes, predicate="intersects")[0])] = True
    return inside


def _check_county(frame: gpd.GeoDataFrame, points: np.ndarray, context: Context) -> list[Fault]:
    """Compare the county and the prefecture named with those the position lies in."""
    faults = []
    if context.baseline is None or context.schema.geometry != "point" or frame.empty:
        return []
    for name in ("county_zh", "prefecture_zh"):
        areas = areas_of(context.baseline, name)
        if areas is None or name not in frame:
            continue
        found = locate(points, areas, name)
        named = frame[name].to_numpy(dtype=object)
        wrong = pd.notna(named) & pd.notna(found) & (named != found)
        # a name that is no area here may be a later or a colloquial one: told as a reference
        wrong &= np.isin(named.astype(str), areas[name].astype(str))
        for at in np.flatnonzero(wrong):  # drawn borders are simplified: just beyond one is no error
            own = areas.geometry.values[(areas[name] == named[at]).to_numpy()]
            wrong[at] = not shapely.dwithin(own, shapely.Point(points[at]), _BORDER_DEGREES).any()
        said = pd.Series([f"{a}, lies in {b}" for a, b in zip(named, found, strict=True)], index=frame.index)
        mend = "Correct the name or the position (a few hundred metres off: is the file in GCJ-02?)."
        faults += _rows(context, said[wrong], name, "a position in the place named", mend, "warning")
    return faults


def areas_of(layers: Layers, name: str) -> gpd.GeoDataFrame | None:
    """Return the areas that say where a county or a prefecture lies; prefectures may be those of counties."""
    names = {"county_zh": ("counties",), "prefecture_zh": ("prefectures", "counties")}[name]
    held = [layers.frames[layer][[name, "geometry"]] for layer in names if layer in layers]
    return None if not held else gpd.GeoDataFrame(pd.concat(held, ignore_index=True), crs=crs.WGS84)


def _points(frame: gpd.GeoDataFrame) -> np.ndarray:
    return shapely.get_coordinates(shapely.point_on_surface(frame.geometry.values))


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
