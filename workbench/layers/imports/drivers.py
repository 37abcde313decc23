"""One driver for each read: what GDAL may open a file with, and what is refused before GDAL is asked.

GDAL tries every driver it has on a file and some of them run commands, follow addresses or read other files.
A prefix names the one that may; the rest of a file's powers (addresses of reference systems in a GeoJSON,
queries stored in a GeoPackage) are refused here.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from workbench.layers.imports.container import unreadable

# Shapefiles have no prefix: their first bytes are checked, and no other driver claims those.
PREFIXES = {"GPKG": "GPKG:", "GeoJSON": "GeoJSON:", "GeoJSONSeq": "GeoJSONSeq:", "ESRI Shapefile": ""}
_CRS = re.compile(rb'"crs"\s*:\s*(?=\{)', re.IGNORECASE)
_ESCAPED = re.compile(rb'"[^"\\]{0,8}(?:\\u00[4-7][0-9a-f][^"\\]{0,8}){1,8}"', re.IGNORECASE)
_WORDS = {"crs", "type", "url", "link"}
_LONGEST_CRS = 100_000


def source(path: Path, driver: str) -> str:
    """Return what to hand to GDAL so that this driver and no other opens the file."""
    return f"{PREFIXES[driver]}{path}"


def refuse_addresses(path: Path) -> None:
    """Refuse a GeoJSON whose reference system is an address: GDAL would fetch it. Raises DataError."""
    raw = path.read_bytes()
    for found in _CRS.finditer(raw):
        text = raw[found.end() : found.end() + _LONGEST_CRS].decode("utf-8", errors="replace")
        with suppress(ValueError, RecursionError):
            crs, _ = json.JSONDecoder().raw_decode(text)
            kinds = {str(value).casefold() for key, value in crs.items() if key.casefold() == "type"}
            if kinds & {"url", "link"}:
                mend = "Name the system, such as EPSG:4490, or remove the crs member."
                raise unreadable(path.name, "a reference system that is an address", "its name", mend)
    for escaped in _ESCAPED.findall(raw):
        with suppress(ValueError):
            if str(json.loads(escaped)).casefold() in _WORDS:
                disguised = f"the word {escaped.decode()} in disguise"
                raise unreadable(path.name, disguised, "plain letters", "Export it again.")


def refuse_queries(path: Path, file: str) -> None:
    """Refuse a GeoPackage that computes while it is read: views, generated columns, foreign modules.

    Such a query may never end or fill the memory. Raises DataError; a damaged file is left to the reader.
    """
    with (
        suppress(sqlite3.DatabaseError),
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as base,
    ):
        rows = base.execute("SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view')")
        for name, kind, sql in rows.fetchall():
            module = re.search(r"CREATE\s+VIRTUAL\s+TABLE.*?\bUSING\s+\"?(\w+)", sql or "", re.I | re.S)
            shown = f"{name!r}"[:60]
            if kind == "view":
                raise _computes(file, f"the view {shown}")
            if module and module[1].lower() != "rtree":
                raise _computes(file, f"the table {shown} of the module {module[1]}")
            quoted = '"' + str(name).replace('"', '""') + '"'
            if any(column[6] in (2, 3) for column in base.execute(f"PRAGMA table_xinfo({quoted})")):
                raise _computes(file, f"a computed column in {shown}")


def _computes(file: str, found: str) -> Exception:
    mend = "Export the layer as a plain one (in QGIS: Export, Save Features As)."
    return unreadable(file, f"{found}, which is computed while it is read", "stored rows", mend)
