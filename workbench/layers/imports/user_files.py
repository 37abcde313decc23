"""Reads a planner's own file into a layer, or tells everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from workbench import crs as systems
from workbench.errors import DataError, Fault, LabelError
from workbench.layers.faults import each_row, sort_faults
from workbench.layers.imports import alike, postgis
from workbench.layers.imports.answers import NEW, answered
from workbench.layers.imports.cells import Column, Reading, house_unit, parse_column
from workbench.layers.imports.completing import complete, name_column
from workbench.layers.imports.door import ImportOptions, open_file
from workbench.layers.imports.features import Features
from workbench.layers.imports.mapping import (
    ColumnMapping,
    Match,
    is_convertible,
    lacking,
    match_columns,
    names_of,
    read_mapping,
    split_unit,
    unread,
)
from workbench.layers.imports.placing import Notes, declared_system, place, shapes_from_columns
from workbench.layers.imports.report import FaultReport, Repair
from workbench.layers.imports.tabular import Table
from workbench.layers.imports.text import folded, garbled, written
from workbench.layers.imports.validate import NO_SHAPE, Context, validate
from workbench.layers.model import Layers
from workbench.layers.schema import SCHEMAS, Field, LayerSchema, heading_key


def read_layer(
    kind: str,
    path: str | Path,
    *,
    mapping: object = None,
    crs: object = None,
    baseline: Layers | None = None,
    options: ImportOptions | None = None,
) -> pd.DataFrame | gpd.GeoDataFrame:
    """Read a file as a layer of the baseline's kind, ready to be merged; the file is never changed.

    `path`: CSV, XLSX, XLS, ODS, GeoPackage, GeoJSON, KML, KMZ, Shapefile (zipped or not), GeoParquet, or
    ``postgresql://user@host/db#schema.table``. `mapping`: a TOML file, a dict, or a preset (mapping.py names
    them). `crs` is needed where the file does not say it (WGS-84, CGCS2000, GCJ-02, BD-09, EPSG). Places are
    checked against `baseline` when one is given. Returns the columns of the schema, index `id`, geometry in
    WGS-84. Raises DataError with every fault; warnings pass (see `check_file`).
    """
    return check_file(path, kind, mapping=mapping, crs=crs, baseline=baseline, options=options).usable()


def check_file(
    path: str | Path,
    kind: str,
    *,
    mapping: object = None,
    crs: object = None,
    baseline: Layers | None = None,
    options: ImportOptions | None = None,
) -> FaultReport:
    """Read a file as `read_layer` does and report all faults and repairs; raises only for an unknown kind.

    Rows under numbers of their own that may be known items are offered (`report.offers`); `options.same`
    answers them.
    """
    if kind not in SCHEMAS:
        raise LabelError(f"no layer {kind!r} to import; there are {', '.join(sorted(SCHEMAS))}")
    schema, options = SCHEMAS[kind], options or ImportOptions()
    file = postgis.redacted(str(path)) if postgis.is_url(path) else Path(path).name
    try:
        chosen = read_mapping(mapping)
        names = {**names_of(schema), **{heading_key(name): name for name in chosen.columns}}
        layer = options.layer or chosen.layer
        raw = open_file(path, lambda heading: split_unit(heading, names)[0], options, layer)
    except DataError as error:
        return FaultReport(file, kind, 0, sort_faults(error.faults))
    answers = options.same if isinstance(options.same, dict) else {}
    task = _Import(file, schema, chosen, crs or chosen.crs, baseline, options, {**chosen.same, **answers})
    report = task.run(raw)
    if options.same in ("yes", "no") and report.offers:
        known = {offer.key: offer.known if options.same == "yes" else NEW for offer in report.offers}
        report = replace(task, answers={**known, **task.answers}).run(raw)
    return report


@dataclass(frozen=True)
class _Import:
    """One import on its way from raw rows to a checked layer."""

    file: str
    schema: LayerSchema
    mapping: ColumnMapping
    crs: object
    baseline: Layers | None
    options: ImportOptions
    answers: Mapping[str, str]

    def run(self, raw: Table | Features) -> FaultReport:
        frame, notes = raw.frame, Notes(raw.faults, raw.repairs)
        shapes = frame.geometry if isinstance(frame, gpd.GeoDataFrame) else None
        cells = pd.DataFrame(frame.drop(columns=frame.geometry.name) if shapes is not None else frame)
        cut = getattr(raw, "short", False)
        match = match_columns(self.file, cells.columns, self.schema, self.mapping, cut_names=cut)
        own = self._own_ids(cells, match)
        known = self._updates(own, cells, match, notes)
        self._check_columns(cells, match, known, notes)
        if cells.empty:
            return FaultReport(
                self.file, self.schema.name, 0, sort_faults(notes.faults), tuple(notes.repairs)
            )
        values = self._values(cells, match, known, getattr(raw, "unit", None), notes)
        if self.schema.geometry:
            values = self._with_shapes(
                values, shapes, cells, match, known, getattr(raw, "system", None), notes
            )
        values, fresh = complete(values, self.schema, self.mapping, self.baseline, notes)
        offers = self._offers(values, known, fresh, own, notes)
        context = Context(self.file, self.schema, self.baseline, self.options.reference_year)
        placed = {fault.row for fault in notes.faults if fault.field in ("geometry", "lon", "lat")} - {None}
        notes.faults += [
            fault
            for fault in validate(values, context)
            if not (fault.found == NO_SHAPE and fault.row in placed)  # why it has none is told already
        ]
        report = FaultReport(
            self.file, self.schema.name, len(cells), sort_faults(notes.faults), tuple(notes.repairs),
            offers=tuple(offers),
        )  # fmt: skip
        return replace(report, frame=_finished(values, self.schema)) if report.ok else report

    def _check_columns(self, cells: pd.DataFrame, match: Match, known: pd.Series, notes: Notes) -> None:
        """Tell columns that are missing, recognised but not read, or not known at all, and garbled text."""
        notes.faults += match.faults
        if not self.mapping.partial and not (len(known) and known.notna().all()):
            notes.faults += lacking(self.file, cells.columns, self.schema, self.mapping, match)
        told = unread(self.file, self.schema, self.mapping, match)
        notes.faults += told
        unused = [name for name in match.unused if name not in {fault.field for fault in told}]
        if unused:
            found, mend = ", ".join(unused[:10]), "Map them, or leave them."
            expected = "columns the layer has"
            notes.faults.append(Fault(self.file, None, "", found, expected, mend, "warning"))
        texts = (value for name in cells for value in cells[name] if isinstance(value, str))
        if wrong := garbled([*map(str, cells.columns), *texts]):
            mend = "Read it again with encoding=..., or export it again as UTF-8."
            found = f"{wrong[0]}, which seems to be {wrong[1]}"
            notes.faults.append(Fault(self.file, None, "", found, "readable text", mend, "warning"))

    def _values(
        self, cells: pd.DataFrame, match: Match, known: pd.Series, title_unit: str | None, notes: Notes
    ) -> pd.DataFrame:
        """Parse every matched column and add the constants of the mapping."""
        days = self.options.days_per_year or self.mapping.days_per_year
        names, updates = self._prefectures(), frozenset(known.dropna().index)
        columns: dict[str, pd.Series] = {}
        for field in self.schema:
            header = match.columns.get(field.name)
            source = self._source(cells, field, header)
            if source is None or (field.name in ("lon", "lat") and self.schema.geometry):
                continue  # positions become the geometry
            own = header is None or heading_key(header) == heading_key(field.name)
            unit = match.units.get(field.name) or (house_unit(field) if own else None)
            if unit is None and title_unit and is_convertible(title_unit, house_unit(field), days):
                unit = title_unit
            words = self.mapping.values.get(field.name)
            column: Column = parse_column(
                self.file, source, field, Reading(unit, words, days, names, updates)
            )
            columns[field.name] = self._known_ids(column.values, field)
            notes.faults += column.faults
            notes.repairs += column.repairs
            empty = column.values.isna().all() and not any(r.name == "blank_words" for r in column.repairs)
            if header is not None and field.matters and empty and not updates:
                found, mend = f"the column {header} without one figure", "Fill it, or leave the column out."
                notes.faults.append(Fault(self.file, None, field.name, found, field.expectation, mend))
            if field.name == "size" and unit and "size_unit" not in match.columns:
                columns["size_unit"] = column.values.map(lambda _, unit=unit: unit, na_action="ignore")
        values = pd.DataFrame(columns, index=cells.index)
        if "id" in values or known.notna().any():
            ids = values["id"] if "id" in values else pd.Series(None, index=cells.index, dtype=object)
            values["id"] = known.where(known.notna(), ids)
            if other := int((known.notna() & ids.notna() & known.ne(ids)).sum()):
                notes.repairs.append(Repair("known_id", other, "ids written as the baseline writes them"))
        return values

    def _source(self, cells: pd.DataFrame, field: Field, header: str | None) -> pd.Series | None:
        constant = self.mapping.constants.get(field.name)
        if header is None:
            return None if constant is None else pd.Series(constant, index=cells.index, dtype=object)
        if constant is None or field.name not in self.mapping.values:
            return cells[header]
        return cells[header].map(self.mapping.values[field.name]).astype(object).fillna(constant)

    def _known_ids(self, values: pd.Series, field: Field) -> pd.Series:
        """Write references to items of the baseline as the baseline writes them: full width and case fold."""
        layers = [target for target in field.refers if "." not in target]
        if self.baseline is None or field.many or not layers:
            return values
        spelled = {
            folded(str(label)): str(label)
            for layer in layers
            if layer in self.baseline
            for label in self.baseline[layer].index
        }
        return values.map(lambda text: spelled.get(folded(str(text)), text), na_action="ignore")

    def _own_ids(self, cells: pd.DataFrame, match: Match) -> pd.Series:
        """Return what a row calls itself: its id as written, or else its name."""
        nothing = pd.Series("", index=cells.index, dtype=object)
        named = [match.columns[name] for name in ("id", name_column(self.schema)) if name in match.columns]
        for header in reversed(named):
            text = cells[header].map(written)
            nothing = text.where(text != "", nothing)
        return nothing

    def _updates(self, own: pd.Series, cells: pd.DataFrame, match: Match, notes: Notes) -> pd.Series:
        """Return per row the id of the baseline it changes, or None for a new item: as answered, or by id."""
        nothing = pd.Series(None, index=cells.index, dtype=object)
        if self.baseline is None or self.schema.name not in self.baseline:
            return nothing
        held = self.baseline[self.schema.name].index
        told = own.map(lambda key: answered(key, self.answers)).astype(object)
        strange = told[told.notna() & ~told.isin([*held, NEW])]
        notes.faults += each_row(
            self.file,
            list(strange.index),
            [f"answered to be {label}" for label in strange],
            field="id",
            expected=f"an id of {self.schema.name}, or new",
            mend="Correct the answer.",
        )
        told = told.drop(strange.index).reindex(own.index)
        known = nothing
        if "id" in match.columns:
            spelled = {folded(str(label)): label for label in held}
            ids = cells[match.columns["id"]]
            known = ids.map(lambda value: spelled.get(folded(written(value)))).astype(object)
        known = known.where(told.isna() | known.notna(), told)
        return known.where(known.notna() & known.ne(NEW), None)

    def _offers(
        self, values: pd.DataFrame, known: pd.Series, fresh: pd.Series, own: pd.Series, notes: Notes
    ) -> list[alike.Offer]:
        """Offer rows that may be known items under another number, and tell numbers that are another's."""
        if self.baseline is None or self.schema.name not in self.baseline:
            return []
        base = self.baseline[self.schema.name]
        known = known.reindex(values.index)
        own = own.reindex(values.index)
        asked = [row for row in values.index if answered(own[row], self.answers) is None]
        by_id = known[known.index.isin(asked)]
        if "name_zh" in base:
            notes.faults += alike.strangers(self.file, values, by_id, base)
        rows = [row for row in asked if known[row] is None and fresh[row]]
        rest = base[~base.index.isin(values["id"])]
        offers = alike.find_offers(values.loc[rows], own.loc[rows], self.schema, rest)
        notes.faults += alike.ask(self.file, offers)
        return offers

    def _with_shapes(
        self, values: pd.DataFrame, shapes: gpd.GeoSeries | None, cells: pd.DataFrame, match: Match,
        known: pd.Series, system: str | None, notes: Notes,
    ) -> pd.DataFrame:  # fmt: skip
        """Give the rows their shapes in WGS-84; items of the baseline stay where they are without any."""
        placed = {"lon", "lat", "wkt", "position"} & set(match.columns)
        if shapes is None and (placed or not known.notna().all()):
            shapes, named = shapes_from_columns(self.file, cells, match, notes)
            system = system or named
        if shapes is not None:
            declared = declared_system(self.file, self.crs, system, cells, match, notes)
            repairs = self.options.repairs
            values = place(self.file, values, shapes, declared, self.schema, repairs, notes)
        return self._kept(values, known)

    def _kept(self, values: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
        """Leave items of the baseline where they are when the file does not place them."""
        if self.baseline is None or not known.notna().any():
            return values
        home = self.baseline[self.schema.name].geometry.reindex(known).set_axis(known.index)
        if not isinstance(values, gpd.GeoDataFrame):
            return (
                gpd.GeoDataFrame(values, geometry=home, crs=systems.WGS84) if known.notna().all() else values
            )
        missing = values.geometry.isna() | values.geometry.is_empty
        return values.set_geometry(values.geometry.where(~missing, home)) if missing.any() else values

    def _prefectures(self) -> list[str]:
        """List the prefectures the loaded boundaries hold, by themselves or as those of counties."""
        layers = (
            [] if self.baseline is None else [n for n in ("prefectures", "counties") if n in self.baseline]
        )
        return sorted({str(name) for layer in layers for name in self.baseline[layer]["prefecture_zh"]})  # type: ignore[index]


def _finished(values: pd.DataFrame, schema: LayerSchema) -> pd.DataFrame | gpd.GeoDataFrame:
    """Order the columns as in the schema, with every column there, and set the index."""
    frame = values.copy()
    if isinstance(frame, gpd.GeoDataFrame) and schema.geometry == "point":
        frame["lon"], frame["lat"] = frame.geometry.x, frame.geometry.y
    for each in schema:
        text = each.dtype == "text"
        if each.name not in frame:
            frame[each.name] = "" if text else np.nan
        elif text:  # as in the baseline: a missing text is empty, a missing number NaN
            frame[each.name] = frame[each.name].fillna("")
    columns = [each.name for each in schema if each.name != "id"]
    columns += ["geometry"] if schema.geometry else []
    return frame.set_index("id")[columns].sort_index()
