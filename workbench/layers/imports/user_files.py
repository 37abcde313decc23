"""Reads a planner's own file into a layer, or tells everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs as systems
from workbench.errors import CrsError, DataError, Fault, LabelError
from workbench.files import given
from workbench.layers.faults import sort_faults
from workbench.layers.imports import postgis, tabular, vector
from workbench.layers.imports.cells import Column, Reading, house_unit, parse_column, parse_degrees
from workbench.layers.imports.container import Limits, check_file_itself, unreadable
from workbench.layers.imports.mapping import (
    ColumnMapping,
    Match,
    lacking,
    match_columns,
    names_of,
    read_mapping,
)
from workbench.layers.imports.repair import DEFAULT, repair
from workbench.layers.imports.report import FaultReport, Repair
from workbench.layers.imports.validate import Context, locate, validate
from workbench.layers.model import Layers
from workbench.layers.schema import SCHEMAS, LayerSchema, heading_key

FORMATS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".gpkg", ".geojson", ".json", ".zip", ".shp", ".parquet",
           ".geoparquet")  # fmt: skip


@dataclass(frozen=True)
class ImportOptions:
    """Options of an import that are seldom changed."""

    layer: str | None = None  # sheet of a workbook, layer of a GeoPackage or archive
    days_per_year: float | None = None  # running days that turn 吨/日 into a year's capacity
    repairs: Sequence[str] = DEFAULT
    reference_year: int = 2014
    limits: Limits = field(default_factory=Limits)


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

    `path`: CSV, XLSX, GeoPackage, GeoJSON, Shapefile (zipped or not), GeoParquet, or
    ``postgresql://user@host/db#schema.table``. `mapping`: a TOML file, a dict, or ``wdpa``,
    ``geoboundaries``, ``redline``. `crs` is needed where the file does not say it (WGS-84, CGCS2000,
    GCJ-02, BD-09, EPSG). Places are checked against `baseline` when one is given. Returns the columns of
    the schema, index `id`, geometry in WGS-84. Raises DataError with every fault; warnings pass
    (see `check_file`).
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
    """Read a file as `read_layer` does and report all faults and repairs; raises only for an unknown kind."""
    if kind not in SCHEMAS:
        raise LabelError(f"no layer {kind!r} to import; there are {', '.join(sorted(SCHEMAS))}")
    schema, options = SCHEMAS[kind], options or ImportOptions()
    file = postgis.redacted(str(path)) if postgis.is_url(path) else Path(path).name
    try:
        chosen = read_mapping(mapping)
        raw = _open(path, schema, chosen, options)
    except DataError as error:
        return FaultReport(file, kind, 0, sort_faults(error.faults))
    return _Import(file, schema, chosen, crs or chosen.crs, baseline, options).run(raw)


def _open(
    path: str | Path, schema: LayerSchema, mapping: ColumnMapping, options: ImportOptions
) -> tabular.Table | vector.Features:
    layer, limits = options.layer or mapping.layer, options.limits
    if isinstance(path, str) and postgis.is_url(path):
        return postgis.read_postgis(path, limits)
    path = given(path)
    check_file_itself(path, limits)
    known = {*names_of(schema), *map(heading_key, mapping.columns)}
    match path.suffix.lower():
        case ".csv" | ".txt" | ".tsv":
            return tabular.read_csv(path, lambda name: heading_key(name) in known, limits)
        case ".xlsx" | ".xlsm":
            return tabular.read_xlsx(path, lambda name: heading_key(name) in known, limits, layer)
        case ".gpkg":
            return vector.read_gpkg(path, limits, layer)
        case ".geojson" | ".json":
            return vector.read_geojson(path, limits)
        case ".zip" | ".shp":
            return vector.read_shapefile(path, limits, layer)
        case ".parquet" | ".geoparquet":
            return vector.read_parquet(path, limits)
    mend = "Save an old .xls as .xlsx; export other formats as GeoPackage."
    raise unreadable(path.name, f"a file ending in {path.suffix!r}", f"one of {', '.join(FORMATS)}", mend)


@dataclass(frozen=True)
class _Import:
    """One import on its way from raw rows to a checked layer."""

    file: str
    schema: LayerSchema
    mapping: ColumnMapping
    crs: object
    baseline: Layers | None
    options: ImportOptions

    def run(self, raw: tabular.Table | vector.Features) -> FaultReport:
        frame = raw.frame
        spatial = isinstance(frame, gpd.GeoDataFrame)
        cells = (
            pd.DataFrame(frame.drop(columns=frame.geometry.name))
            if isinstance(frame, gpd.GeoDataFrame)
            else frame
        )
        match = match_columns(
            self.file, cells.columns, self.schema, self.mapping, cut_names=self._cuts_names()
        )
        known = self._updates(cells, match)
        faults, repairs = [*raw.faults, *match.faults], list(raw.repairs)
        if not self.mapping.partial and not (len(known) and known.notna().all()):
            faults += lacking(self.file, cells.columns, self.schema, self.mapping, match)
        if match.unused:
            found = ", ".join(match.unused[:10])
            mend = "Map them, or leave them."
            faults.append(Fault(self.file, None, "", found, "columns the layer has", mend, "warning"))
        if cells.empty:
            return FaultReport(self.file, self.schema.name, 0, sort_faults(faults), tuple(repairs))
        values = self._values(cells, match, known, faults, repairs)
        if self.schema.geometry:
            stay = not spatial and known.notna().all() and not {"lon", "lat", "wkt"} & set(match.columns)
            shapes = frame.geometry if spatial else None if stay else self._shapes(cells, match, faults)  # type: ignore[union-attr]
            values = self._placed(values, shapes, match, cells, faults, repairs)
            values = self._kept(values, known)
        values = self._completed(values, repairs)
        context = Context(self.file, self.schema, self.baseline, self.options.reference_year)
        faults += validate(values, context)
        report = FaultReport(self.file, self.schema.name, len(cells), sort_faults(faults), tuple(repairs))
        if not report.ok:
            return report
        return FaultReport(
            report.file,
            report.kind,
            report.rows,
            report.faults,
            report.repairs,
            _finished(values, self.schema),
        )

    def _cuts_names(self) -> bool:
        return self.file.lower().endswith((".zip", ".shp"))

    def _values(
        self, cells: pd.DataFrame, match: Match, known: pd.Series, faults: list[Fault], repairs: list[Repair]
    ) -> pd.DataFrame:
        """Parse every matched column and add the constants of the mapping."""
        days = self.options.days_per_year or self.mapping.days_per_year
        names, updates = self._prefectures(), frozenset(known.dropna().index)
        columns: dict[str, pd.Series] = {}
        for field_ in self.schema:
            header = match.columns.get(field_.name)
            if header is not None:
                source = cells[header]
                if field_.name in self.mapping.constants and field_.name in self.mapping.values:
                    known_words = self.mapping.values[field_.name]
                    source = source.map(known_words).astype(object)
                    source = source.fillna(self.mapping.constants[field_.name])
            elif field_.name in self.mapping.constants:
                source = pd.Series(self.mapping.constants[field_.name], index=cells.index, dtype=object)
            else:
                continue
            if field_.name in ("lon", "lat") and self.schema.geometry:
                continue  # they become the geometry
            own = header is None or heading_key(header) == heading_key(field_.name)
            unit = match.units.get(field_.name) or (house_unit(field_) if own else None)
            words = self.mapping.values.get(field_.name)
            column: Column = parse_column(
                self.file, source, field_, Reading(unit, words, days, names, updates)
            )
            columns[field_.name] = column.values
            faults += column.faults
            repairs += column.repairs
            if field_.name == "size" and unit and "size_unit" not in match.columns:
                columns["size_unit"] = column.values.map(lambda _, unit=unit: unit, na_action="ignore")
        return pd.DataFrame(columns, index=cells.index)

    def _updates(self, cells: pd.DataFrame, match: Match) -> pd.Series:
        """Return per row the id of the baseline it changes, or None for a new item."""
        nothing = pd.Series(None, index=cells.index, dtype=object)
        if self.baseline is None or self.schema.name not in self.baseline or "id" not in match.columns:
            return nothing
        ids = cells[match.columns["id"]].map(lambda value: str(value).strip()).astype(object)
        return ids.where(ids.isin(self.baseline[self.schema.name].index), None)

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

    def _prefectures(self) -> Sequence[str]:
        if self.baseline is None or "prefectures" not in self.baseline:
            return ()
        return sorted(self.baseline["prefectures"]["prefecture_zh"])

    def _shapes(self, cells: pd.DataFrame, match: Match, faults: list[Fault]) -> gpd.GeoSeries | None:
        """Make geometry from longitude and latitude (or easting and northing), or from WKT."""
        if "wkt" in match.columns:
            text = cells[match.columns["wkt"]]
            shapes = shapely.from_wkt(text.astype(object).where(text.notna(), None), on_invalid="ignore")
            return gpd.GeoSeries(shapes, index=cells.index)
        if not {"lon", "lat"} <= set(match.columns):
            mend = "Add columns 经度 and 纬度, or map them."
            faults.append(Fault(self.file, None, "geometry", "no coordinates", "columns lon and lat", mend))
            return None
        pair = {axis: cells[match.columns[axis]].map(parse_degrees) for axis in ("lon", "lat")}
        for axis, numbers in pair.items():
            header = match.columns[axis]
            unread = cells[header][numbers.isna() & (cells[header].map(lambda v: str(v or "").strip()) != "")]
            for row, text in list(unread.items())[:100]:
                mend = "Write degrees such as 104.0667 or 103°45′30″."
                faults.append(Fault(self.file, int(str(row)), axis, str(text)[:80], "a coordinate", mend))
        known = np.isfinite(pair["lon"]) & np.isfinite(pair["lat"])
        shapes = np.full(len(cells), None, dtype=object)
        shapes[known] = shapely.points(pair["lon"][known], pair["lat"][known])
        return gpd.GeoSeries(shapes, index=cells.index)

    def _placed(
        self, values: pd.DataFrame, shapes: gpd.GeoSeries | None, match: Match, cells: pd.DataFrame,
        faults: list[Fault], repairs: list[Repair],
    ) -> pd.DataFrame:  # fmt: skip
        """Bring the geometry home to WGS-84 and repair it by name."""
        if shapes is None:
            return values
        declared = self._declared(match, cells, faults)
        frame = gpd.GeoDataFrame(values, geometry=shapes.values, crs=shapes.crs)
        if declared is None and shapes.crs is None and not any(f.field == "crs" for f in faults):
            mend = "Pass crs='WGS-84', 'CGCS2000', 'GCJ-02', 'BD-09' or an EPSG code; never guess."
            faults.append(Fault(self.file, None, "crs", "no reference system", "one, declared", mend))
        if declared is not None and shapes.crs is None:
            bounds = frame.geometry.bounds
            try:
                doubt = systems.projected_doubt(bounds["minx"], bounds["miny"], declared)
            except CrsError:
                doubt = None  # told below
            if doubt:
                faults.append(
                    Fault(self.file, None, "geometry", doubt[0], "an easting in its zone", doubt[1])
                )
                return values
        try:
            own = shapes.crs
            frame = (
                systems.to_wgs84(frame, declared) if declared or own else frame.set_geometry(frame.geometry)
            )
        except CrsError as error:
            found, _, mend = str(error).partition("; ")
            faults.append(Fault(self.file, None, "crs", found, "a system that can be converted", mend))
        else:
            source = declared or (own.name if own is not None else "")
            if source and not systems.is_wgs84(declared or own):
                repairs.append(Repair("to_wgs84", len(frame), f"coordinates read as {source}"))
        mended, done = repair(frame.geometry, self.schema.geometry or "point", self.options.repairs)
        repairs += done
        return frame.set_geometry(mended)

    def _declared(self, match: Match, cells: pd.DataFrame, faults: list[Fault]) -> object:
        if self.crs is not None or "crs" not in match.columns:
            return self.crs
        named = sorted({str(value).strip() for value in cells[match.columns["crs"]].dropna()} - {""})
        if len(named) == 1:
            return named[0]
        found = f"{len(named)} systems ({', '.join(named[:4])})"
        faults.append(
            Fault(self.file, None, "crs", found, "one system per file", "Split the file by system.")
        )
        return None

    def _completed(self, values: pd.DataFrame, repairs: list[Repair]) -> pd.DataFrame:
        """Fill what follows from the rest, counted: ids from names, prefectures from positions."""
        values = _clipped(values, self.baseline, repairs) if self.mapping.clip else values.copy()
        if isinstance(values, gpd.GeoDataFrame) and values.crs is not None and self.baseline is not None:
            values = _with_place(values, self.schema, self.baseline, "prefecture_zh", repairs)
            if self.schema.name == "counties":
                values = _with_place(values, self.schema, self.baseline, "county_zh", repairs)
        values["id"] = self._ids(values, repairs)
        return values

    def _ids(self, values: pd.DataFrame, repairs: list[Repair]) -> pd.Series:
        ids = values["id"].copy() if "id" in values else pd.Series(None, index=values.index, dtype=object)
        name = {"prefectures": "prefecture_zh", "counties": "county_zh"}.get(self.schema.name, "name_zh")
        known = _ids_by_name(self.baseline, self.schema.name, name)
        if name in values and known:
            found = values[name].map(known).where(ids.isna())
            ids = ids.where(found.isna(), found)
            if found.notna().any():
                repairs.append(
                    Repair("id_from_name", int(found.notna().sum()), "ids of items of the same name")
                )
        fresh = ids.isna()
        if fresh.any():
            ids[fresh] = [f"user-{self.schema.name}-{row}" for row in values.index[fresh]]
            repairs.append(Repair("new_id", int(fresh.sum()), "rows without id given user-<layer>-<row>"))
        return ids.astype(str)


def _ids_by_name(baseline: Layers | None, layer: str, column: str) -> Mapping[str, str]:
    if baseline is None or layer not in baseline or column not in baseline[layer]:
        return {}
    names = baseline[layer][column].dropna()
    single = names[~names.duplicated(keep=False)]
    return {str(text): str(label) for label, text in single.items()}


def _clipped(values: Any, baseline: Layers | None, repairs: list[Repair]) -> Any:
    """Leave out features that do not touch the province (files of a whole country)."""
    if baseline is None or "province" not in baseline or not isinstance(values, gpd.GeoDataFrame):
        return values.copy()
    outline = shapely.union_all(baseline["province"].geometry.values)
    shapely.prepare(outline)
    inside = shapely.intersects(outline, values.geometry.values)
    if not inside.all():
        repairs.append(Repair("clip_to_province", int((~inside).sum()), "features outside Sichuan left out"))
    return values[inside].copy()


def _with_place(
    values: gpd.GeoDataFrame, schema: LayerSchema, baseline: Layers, name: str, repairs: list[Repair]
) -> gpd.GeoDataFrame:
    """Fill empty prefectures (or counties) by position."""
    layer = {"prefecture_zh": "prefectures", "county_zh": "counties"}[name]
    if name not in schema.fields or layer not in baseline or values.empty:
        return values
    empty = pd.Series(None, index=values.index, dtype=object)
    have = values.get(name, empty).astype(object)
    blank = have.isna() & ~(shapely.is_missing(values.geometry.values) | values.geometry.is_empty)
    points = shapely.get_coordinates(shapely.point_on_surface(values.geometry[blank].values))
    have[blank] = locate(points, baseline[layer], name)
    if filled := int((blank & have.notna()).sum()):
        repairs.append(Repair(f"{name[:-3]}_from_position", filled, f"empty {layer} filled by position"))
    return values.assign(**{name: have})


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
