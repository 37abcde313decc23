"""Fills what follows from the rest of a row, always counted: ids from names, places from positions."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, count
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs
from workbench.layers.imports.mapping import ColumnMapping
from workbench.layers.imports.placing import Notes
from workbench.layers.imports.report import Repair
from workbench.layers.imports.shift import locate
from workbench.layers.imports.text import folded
from workbench.layers.imports.validate import areas_of, within_boundaries
from workbench.layers.model import Layers
from workbench.layers.schema import LayerSchema

_SAME_PLACE_KM = 20.0  # a works of the same name farther away is asked about, not taken for the same


def complete(
    values: pd.DataFrame, schema: LayerSchema, mapping: ColumnMapping, baseline: Layers | None, notes: Notes
) -> tuple[pd.DataFrame, pd.Series]:
    """Fill empty places by position and empty ids by name; return the rows and which of them are new items.

    With `mapping.clip`, features outside the loaded boundaries are left out first.
    """
    values = _clipped(values, baseline, notes.repairs) if mapping.clip else values.copy()
    if isinstance(values, gpd.GeoDataFrame) and values.crs is not None and baseline is not None:
        values = _with_place(values, schema, baseline, "prefecture_zh", notes.repairs)
        if schema.name == "counties":
            values = _with_place(values, schema, baseline, "county_zh", notes.repairs)
    values["id"] = _ids(values, schema, baseline, notes.repairs)
    return values, ~values["id"].isin(_held(baseline, schema))


def name_column(schema: LayerSchema) -> str:
    """Name the column an item of a layer is called by."""
    return {"prefectures": "prefecture_zh", "counties": "county_zh"}.get(schema.name, "name_zh")


def _ids(
    values: pd.DataFrame, schema: LayerSchema, baseline: Layers | None, repairs: list[Repair]
) -> pd.Series:
    ids = values["id"].copy() if "id" in values else pd.Series(None, index=values.index, dtype=object)
    name = name_column(schema)
    known = ids_by_word(baseline, schema.name, name)
    if name in values and known and baseline is not None:
        found = values[name].map(lambda text: known.get(folded(str(text))), na_action="ignore")
        found = found.where(ids.isna() & ~_far(values, found, baseline[schema.name]))
        ids = ids.where(found.isna(), found)
        if found.notna().any():
            repairs.append(Repair("id_from_name", int(found.notna().sum()), "ids of items of the same name"))
    fresh = ids.isna()
    if fresh.any():
        taken = {*ids.dropna(), *_held(baseline, schema)}
        ids[fresh] = [_free(f"user-{schema.name}-{row}", taken) for row in values.index[fresh]]
        repairs.append(Repair("new_id", int(fresh.sum()), "rows without id given user-<layer>-<row>"))
    return ids.astype(str)


def _held(baseline: Layers | None, schema: LayerSchema) -> set[str]:
    return set() if baseline is None or schema.name not in baseline else set(baseline[schema.name].index)


def _free(label: str, taken: set[str]) -> str:
    """Return an id nobody has: rows of two files may have one number."""
    numbered = (f"{label}-{number}" for number in count(2))
    return next(each for each in chain([label], numbered) if each not in taken)


def ids_by_word(baseline: Layers | None, layer: str, column: str) -> Mapping[str, str]:
    """Return the id of every item of the baseline whose name, folded, no other has."""
    if baseline is None or layer not in baseline or column not in baseline[layer]:
        return {}
    names = baseline[layer][column].dropna().map(lambda text: folded(str(text)))
    single = names[~names.duplicated(keep=False)]
    return {str(text): str(label) for label, text in single.items() if text}


def _far(values: pd.DataFrame, found: pd.Series, known: pd.DataFrame) -> pd.Series:
    """Tell rows that lie elsewhere than the item of their name."""
    far = pd.Series(False, index=values.index)
    if not isinstance(values, gpd.GeoDataFrame) or not isinstance(known, gpd.GeoDataFrame):
        return far
    placed = found.notna() & ~(shapely.is_missing(values.geometry.values) | values.geometry.is_empty)
    if placed.any():
        here = shapely.get_coordinates(shapely.point_on_surface(values.geometry[placed].values))
        home = known.geometry.loc[list(found[placed])].values
        there = shapely.get_coordinates(shapely.point_on_surface(home))
        km = crs.distance_km(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
        far[placed] = np.nan_to_num(km, nan=0.0) > _SAME_PLACE_KM
    return far


def _clipped(values: Any, baseline: Layers | None, repairs: list[Repair]) -> Any:
    """Leave out features that do not touch the loaded boundaries (files of a whole country)."""
    inside = None
    if baseline is not None and isinstance(values, gpd.GeoDataFrame):
        inside = within_boundaries(values.geometry.values, baseline)
    if inside is None:
        return values.copy()
    if not inside.all():
        what = "features outside the loaded boundaries left out"
        repairs.append(Repair("clip_to_boundaries", int((~inside).sum()), what))
    return values[inside].copy()


def _with_place(
    values: gpd.GeoDataFrame, schema: LayerSchema, baseline: Layers, name: str, repairs: list[Repair]
) -> gpd.GeoDataFrame:
    """Fill empty prefectures (or counties) by position."""
    layer = {"prefecture_zh": "prefectures", "county_zh": "counties"}[name]
    areas = areas_of(baseline, name)
    if name not in schema.fields or areas is None or values.empty:
        return values
    empty = pd.Series(None, index=values.index, dtype=object)
    have = values.get(name, empty).astype(object)
    blank = have.isna() & ~(shapely.is_missing(values.geometry.values) | values.geometry.is_empty)
    points = shapely.get_coordinates(shapely.point_on_surface(values.geometry[blank].values))
    have[blank] = locate(points, areas, name)
    if filled := int((blank & have.notna()).sum()):
        repairs.append(Repair(f"{name[:-3]}_from_position", filled, f"empty {layer} filled by position"))
    return values.assign(**{name: have})
