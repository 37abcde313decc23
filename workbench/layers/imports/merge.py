"""Lays a planner's rows over the baseline by id: first a proposal to look at, then a confirmed layer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from workbench import crs
from workbench.errors import Fault, LabelError
from workbench.files import given
from workbench.layers.imports.report import FaultReport
from workbench.layers.model import Layers
from workbench.layers.read import is_text
from workbench.layers.schema import SCHEMAS

How = Literal["merge", "override", "extend"]
_MOVED_KM = 0.001


@dataclass(frozen=True)
class Proposal:
    """What an import would change, before it does: nothing happens until `confirm`.

    `changes`: one row per changed cell (`id`, `column`, `before`, `after`, `moved_km` for positions);
    `added`: the new rows; `same`: number of rows that change nothing; `frames`: the layers as they would be
    (lines follow their plants); `consequences`: what cannot follow by itself.
    """

    kind: str
    base: Layers = field(repr=False)
    frames: Mapping[str, pd.DataFrame | gpd.GeoDataFrame] = field(repr=False)
    added: pd.DataFrame | gpd.GeoDataFrame = field(repr=False)
    changes: pd.DataFrame = field(repr=False)
    same: int
    consequences: tuple[Fault, ...] = ()

    @property
    def summary(self) -> str:
        """Say in one line what would change."""
        changed = f"{self.changes['id'].nunique()} changed ({len(self.changes)} cells)"
        return f"{self.kind}: {len(self.added)} added, {changed}, {self.same} same"

    def confirm(self) -> Layers:
        """Return the baseline with the proposal in it; the baseline itself stays as it is."""
        return self.base.with_(**self.frames).settled()


def propose(layers: Layers, kind: str, frame: pd.DataFrame, *, how: How = "merge") -> Proposal:
    """Compare a read layer with the baseline by id and propose the merge.

    Only cells the planner filled replace the baseline's; a blank never erases. `how`: ``override`` allows
    known ids only, ``extend`` new ids only, ``merge`` both. Raises LabelError when the ids do not fit.
    """
    base = layers[kind]
    known = frame.index.intersection(base.index).sort_values()
    fresh = frame.index.difference(base.index).sort_values()
    if how == "override" and len(fresh):
        raise LabelError(f"{kind}: override allows ids of the baseline only", unexpected=fresh)
    if how == "extend" and len(known):
        raise LabelError(f"{kind}: extend allows new ids only", unexpected=known)
    changes = _changes(base, frame.loc[known])
    added = _like(frame.loc[fresh].reindex(columns=base.columns), base)
    result = _like(_overridden(base, frame.loc[known], changes), base)
    frames = {kind: pd.concat([result, added]).sort_index() if len(added) else result}
    faults: tuple[Fault, ...] = ()
    if kind == "plants" and "lines" in layers:
        frames["lines"], faults = _with_lines(layers, frames[kind], changes, list(fresh))
    return Proposal(kind, layers, frames, added, changes, len(known) - changes["id"].nunique(), faults)


def import_layer(report: FaultReport, layers: Layers, *, how: How = "merge") -> Proposal:
    """Propose a checked file for merging. Raises DataError with every fault when the file has errors."""
    return propose(layers, report.kind, report.usable(), how=how)


def is_blank(values: pd.Series) -> pd.Series:
    """Tell cells that say nothing: missing, or empty text."""
    return values.isna() | values.astype(str).isin(["", "<NA>"])


def _changes(base: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    geometry = base.geometry.name if isinstance(base, gpd.GeoDataFrame) else None
    for column in [name for name in frame.columns if name in base.columns and name != geometry]:
        if geometry and column in ("lon", "lat"):
            continue  # told as one move of the geometry
        before, after = base.loc[frame.index, column], frame[column]
        changed = ~is_blank(after) & ~_equal(before, after)
        rows += [
            {"id": label, "column": column, "before": before[label], "after": after[label], "moved_km": None}
            for label in frame.index[changed]
        ]
    if geometry and isinstance(frame, gpd.GeoDataFrame):
        rows += _moves(base, frame)
    return pd.DataFrame(rows, columns=["id", "column", "before", "after", "moved_km"])


def _equal(before: pd.Series, after: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(before, errors="coerce"), pd.to_numeric(after, errors="coerce")
    close = (numbers[0].astype(float) - numbers[1].astype(float)).abs() <= 1e-9 * numbers[0].abs().astype(
        float
    )
    return close.fillna(False).astype(bool) | (before.astype(str) == after.astype(str))


def _moves(base: gpd.GeoDataFrame, frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    rows = []
    old, new = base.geometry.loc[frame.index], frame.geometry
    middle = (
        old.apply(lambda shape: shape.representative_point()),
        new.apply(lambda s: s.representative_point()),
    )
    moved = crs.distance_km(middle[0].x, middle[0].y, middle[1].x, middle[1].y)
    for label, before, after, km in zip(frame.index, old, new, moved, strict=True):
        if km > _MOVED_KM or (before.geom_type != "Point" and not before.equals_exact(after, 1e-9)):
            row = {
                "column": "geometry",
                "before": _words(before),
                "after": _words(after),
                "moved_km": float(km),
            }
            rows.append({"id": label, **row})
    return rows


def _words(shape: Any) -> str:
    return f"{shape.x:.5f}, {shape.y:.5f}" if shape.geom_type == "Point" else f"{shape.geom_type}"


def _overridden(base: pd.DataFrame, frame: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    result = base.copy()
    for column, rows in changes.groupby("column"):
        ids = list(rows["id"])
        for name in ["geometry", "lon", "lat"] if column == "geometry" else [str(column)]:
            if name in result.columns:
                values = result[name].astype(object)
                values.loc[ids] = frame.loc[ids, name].astype(object)
                result[name] = values
    return result


def _like(frame: pd.DataFrame, base: pd.DataFrame) -> Any:
    """Give every column the type it has in the baseline: empty text for none, NaN for no number."""
    result = frame.copy()
    for name in [name for name in base.columns if base[name].dtype != "geometry"]:
        if is_text(base[name]):
            result[name] = (
                result[name].astype(object).where(result[name].notna(), "").astype(base[name].dtype)
            )
        elif base[name].dtype == bool:
            result[name] = result[name].astype("boolean").fillna(True).astype(bool)
        else:
            result[name] = pd.to_numeric(result[name], errors="coerce").astype(float)
    if isinstance(base, gpd.GeoDataFrame):
        return gpd.GeoDataFrame(result, geometry=base.geometry.name, crs=base.crs)
    return result


def _with_lines(
    layers: Layers, plants: pd.DataFrame, changes: pd.DataFrame, added: list[str]
) -> tuple[pd.DataFrame, tuple[Fault, ...]]:
    """Let lines follow their plants, since lines are what the optimiser moves.

    A plant of one line passes its changes on; a new plant becomes one whole-plant line; a plant of several
    lines that no longer sum to it is told, not guessed.
    """
    lines, faults = layers["lines"].copy(), []
    by_plant = lines.groupby("plant_id").groups
    shared = [
        name for name in lines.columns if name in plants.columns and name not in ("source", "confidence")
    ]
    for label in sorted(set(changes["id"])):
        own = by_plant.get(label, [])
        columns = set(changes.loc[changes["id"] == label, "column"])
        moved = {"geometry", "lon", "lat"} if "geometry" in columns else set()
        if len(own) == 1:
            for name in [name for name in shared if name in columns | moved]:
                lines.at[own[0], name] = plants.at[label, name]
        elif "capacity_kt" in columns:
            have, want = lines.loc[own, "capacity_kt"].sum(), plants["capacity_kt"].at[label]
            mend = "Import its lines too, so that they sum to the plant."
            found = f"{label}: {want:,.0f} kt, its {len(own)} lines {have:,.0f} kt"
            faults.append(
                Fault("plants", None, "capacity_kt", found, "lines that sum to it", mend, "warning")
            )
    if added:
        whole = plants.loc[added, shared].assign(plant_id=added, line_basis="whole plant")
        if {"start_year"} <= set(lines) and {"commissioned_year"} <= set(plants):
            whole["start_year"] = plants.loc[added, "commissioned_year"]
        whole = whole.set_axis([f"{label}-1" for label in added]).rename_axis("id")
        lines = pd.concat([lines, whole.reindex(columns=lines.columns)]).sort_index()
    return _like(lines, layers["lines"]), tuple(faults)


def save_layer(frame: pd.DataFrame | gpd.GeoDataFrame, kind: str, folder: Path) -> Path:
    """Write a layer as ``<kind>.geojson`` or ``<kind>.csv``, complete or not at all; return the path.

    The file can be read back with `read_layer(kind, path)`.
    """
    spatial = isinstance(frame, gpd.GeoDataFrame)
    folder = given(folder)
    target = folder / f"{SCHEMAS[kind].name}.{'geojson' if spatial else 'csv'}"
    text = _geojson(frame) if isinstance(frame, gpd.GeoDataFrame) else frame.to_csv()
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=folder, suffix=".part", delete=False, encoding="utf-8") as stream:
        stream.write(text)
    os.replace(stream.name, target)
    return target


def _geojson(frame: gpd.GeoDataFrame) -> str:
    crs.require_crs(frame, crs.WGS84)
    return str(frame.reset_index().to_json(drop_id=True, ensure_ascii=False))
