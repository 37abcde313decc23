"""Builders of files made to hurt: archives that lie, books that swell, tables that compute, endless rows."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from tests.layers.imports.builders import archive, as_file, as_xlsx, collection, frame, raw, table
from workbench.layers.imports.container import Limits


def symlink_archive(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "plants.zip", "w") as out:
        link = zipfile.ZipInfo("plants.shp")
        link.external_attr = 0o120777 << 16
        out.writestr(link, "/etc/passwd")
    return folder / "plants.zip"


def encrypted_archive(folder: Path) -> Path:
    path = archive({"plants.shp": b"x" * 100})(folder)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))
    return path


def lying_archive(folder: Path) -> Path:
    """An archive whose directory understates the size of what it unpacks to."""
    parts = {f"plants.{suffix}": b"\x00" * 2_000_000 for suffix in ("shp", "shx", "dbf")}
    path = archive(parts)(folder)
    content = bytearray(path.read_bytes())
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        content[at + 24 : at + 28] = (1000).to_bytes(4, "little")
        at += 4
    path.write_bytes(bytes(content))
    return path


def xml_bomb(folder: Path) -> Path:
    path = as_xlsx(table())(folder)
    with zipfile.ZipFile(path) as source:
        members = {name: source.read(name) for name in source.namelist()}
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><x>&b;</x>'
    )
    with zipfile.ZipFile(path, "w") as target:
        for name, content in members.items():
            target.writestr(name, bomb if name == "xl/workbook.xml" else content)
    return path


def with_member(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    """A workbook one of whose XML parts was changed by hand."""

    def build(folder: Path) -> Path:
        path = as_xlsx(table())(folder)
        with zipfile.ZipFile(path) as source:
            members = {part: source.read(part) for part in source.namelist()}
        members[name] = change(members[name])
        with zipfile.ZipFile(path, "w") as target:  # stored, so that it is no zip bomb besides
            for part, content in members.items():
                target.writestr(part, content)
        return path

    return build


def far_cell(cell: bytes) -> Callable[[Path], Path]:
    """A cell so far out that a parser that trusts it would ask for sixteen thousand million cells."""
    return with_member(
        "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", cell + b"</sheetData>")
    )


def swelling_book(length: int, uses: int) -> Callable[[Path], Path]:
    """One shared text that stands in many cells: small on disk, as large as length times uses in memory."""

    def build(folder: Path) -> Path:
        row = b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>'
        rows = b"".join(row % (n, n) for n in range(1, uses + 1))
        sheet = b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>'
        names = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        text = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (names, b"x" * length)
        path = with_member("xl/worksheets/sheet1.xml", lambda _: sheet % (names, rows))(folder)
        with zipfile.ZipFile(path, "a") as target:
            target.writestr("xl/sharedStrings.xml", text)
        return path

    return build


def swelling_parquet(folder: Path, *, categories: bool = False) -> Path:
    """A dictionary of one long text that every row refers to."""
    import pyarrow
    import pyarrow.parquet as parquet

    path = folder / "plants.parquet"
    text = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 4000, pyarrow.int32()), ["长" * 30_000])
    parquet.write_table(pyarrow.table({"名称": text}), path, store_schema=categories)
    return path


def computing(statement: str, *more: str) -> Callable[[Path], Path]:
    """A GeoPackage with something in it that is computed while it is read."""

    def build(folder: Path) -> Path:
        path = as_file(frame, "plants.gpkg")(folder)
        with closing(sqlite3.connect(path)) as base, base:
            for line in (statement, *more):
                base.execute(line)
        return path

    return build


ENDLESS = (
    "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
)
GDALG = b'{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read /etc/hostname"}'
VRT = (
    b'{"type":"FeatureCollection","x":"<OGRVRTDataSource><OGRVRTLayer name=\'a\'><SrcDataSource>/tmp/a.gpkg'
    b'</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>","features":[]}'
)


def with_crs(crs: bytes) -> Callable[[Path], Path]:
    return raw(b'{"type":"FeatureCollection",' + crs + b',"features":[' + b"]}", "plants.geojson")


def endless_outline(vertices: int) -> Callable[[Path], Path]:
    """One polygon of so many vertices that the file stays just below the size allowed."""

    def build(folder: Path) -> Path:
        angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
        ring = np.column_stack([104 + np.cos(angle), 30 + np.sin(angle)]).round(9).tolist()
        shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        path = raw(collection(shape), "plants.geojson")(folder)
        assert path.stat().st_size < Limits().text_mb * 1e6, (
            "a larger file is refused before it costs anything"
        )
        return path

    return build


def deep_collection(depth: int) -> Callable[[Path], Path]:
    """Properties nested so deep that a careless reader runs out of stack or memory."""
    nest = b'{"a":' * depth + b"1" + b"}" * depth
    feature = b'{"type":"Feature","geometry":null,"properties":{"id":"1","x":' + nest + b"}}"
    return raw(b'{"type":"FeatureCollection","features":[' + feature + b"]}", "plants.geojson")


BIG_ZERO = b"\x00" * 60_000_000
