"""The door a planner's file comes in by: each ending has one reader, and nothing else is tried on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from workbench.errors import DataError
from workbench.files import given
from workbench.layers.imports import archive, delimited, kml, parquet, postgis, vector, workbooks
from workbench.layers.imports.container import Limits, check_file_itself, unreadable
from workbench.layers.imports.features import Features
from workbench.layers.imports.headings import Known
from workbench.layers.imports.mapping import LONGEST_YEAR, days_fault
from workbench.layers.imports.repair import DEFAULT
from workbench.layers.imports.tabular import Table

FORMATS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods", ".gpkg", ".geojson", ".json", ".kml",
           ".kmz", ".zip", ".shp", ".parquet", ".geoparquet")  # fmt: skip


@dataclass(frozen=True)
class ImportOptions:
    """Options of an import that are seldom changed.

    `layer`: of a GeoPackage, an archive or a KML (a folder), or the sheet of a workbook; `sheet` says the
    latter alone. `same`: the answers to "is it the same works?": ``yes``, ``no``, or id in the file -> known
    id or ``new`` (see answers.py).
    """

    layer: str | None = None
    sheet: str | None = None
    delimiter: str | None = None  # of delimited text: one character, or tab
    encoding: str | None = None  # of text, GeoJSON or a Shapefile; found by its bytes when not named
    days_per_year: float | None = None  # running days that turn 吨/日 into a year's capacity
    repairs: Sequence[str] = DEFAULT
    reference_year: int = 2014
    limits: Limits = field(default_factory=Limits)
    same: Literal["yes", "no"] | dict[str, str] | None = None

    def __post_init__(self) -> None:
        days = self.days_per_year
        if days is not None and not 0 < days <= LONGEST_YEAR:  # nan fails too
            raise DataError([days_fault("options", days)])


def open_file(path: str | Path, known: Known, options: ImportOptions, layer: str | None) -> Table | Features:
    """Read a file, or a table of a database, with the one reader its ending stands for.

    `known` tells whether a heading is one the layer has. Raises DataError when nothing can be opened.
    """
    limits = options.limits
    if isinstance(path, str) and postgis.is_url(path):
        return postgis.read_postgis(path, limits)
    path = given(path)
    check_file_itself(path, limits)
    match path.suffix.lower():
        case ".csv" | ".txt" | ".tsv":
            return delimited.read_delimited(
                path, known, limits, delimiter=options.delimiter, encoding=options.encoding
            )
        case ".xlsx" | ".xlsm" | ".ods":
            return workbooks.read_workbook(path, known, limits, options.sheet or layer)
        case ".xls":
            return workbooks.read_workbook(path, known, limits, options.sheet or layer, form="ole")
        case ".gpkg":
            return vector.read_gpkg(path, limits, layer)
        case ".geojson" | ".json":
            return vector.read_geojson(path, limits, options.encoding)
        case ".kml" | ".kmz":
            return kml.read_kml(path, limits, layer)
        case ".shp":
            return vector.read_shapefile(path, limits, options.encoding)
        case ".zip":
            return archive.read_zip(
                path,
                limits,
                lambda inner, name: open_file(inner, known, options, name),
                layer,
                options.encoding,
            )
        case ".parquet" | ".geoparquet":
            return parquet.read_parquet(path, limits)
    mend = "Export it in one of these forms, GeoPackage for instance."
    raise unreadable(path.name, f"a file ending in {path.suffix!r}", f"one of {', '.join(FORMATS)}", mend)
