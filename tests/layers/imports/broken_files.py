"""Builders of broken input files: each writes one file into a folder and says what the report must tell."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import shapely

from workbench.layers.imports.container import Limits

HEADER = ["编号", "名称", "行业", "市州", "经度", "纬度", "产能（万吨/年）", "投产年份"]
ROWS = [
    ["T1", "甲水泥", "水泥", "成都市", "104.10", "30.70", "120", "2008"],
    ["T2", "乙水泥", "水泥", "德阳市", "104.40", "31.10", "200", "2010"],
    ["T3", "丙钢铁", "钢铁", "攀枝花市", "101.70", "26.57", "300", "1995"],
]


@dataclass(frozen=True)
class Broken:
    """One broken file: its builder, the words the report must hold, and how it is read."""

    build: Callable[[Path], Path]
    says: str
    severity: str = "error"
    kind: str = "plants"
    crs: str | None = "WGS-84"
    mapping: dict[str, Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)


def table(
    changes: dict[tuple[int, int], str] | None = None, header: list[str] | None = None
) -> list[list[str]]:
    rows = [list(header or HEADER), *(list(row) for row in ROWS)]
    for (row, column), value in (changes or {}).items():
        rows[row][column] = value
    return rows


def as_csv(
    rows: list[list[str]], name: str = "plants.csv", encoding: str = "utf-8"
) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return raw(text.getvalue().encode(encoding), name)(folder)

    return build


def raw(content: bytes, name: str) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return build


def as_xlsx(
    rows: list[list[Any]], spoil: Callable[[openpyxl.Workbook], None] | None = None
) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        if spoil:
            spoil(book)
        book.save(folder / "plants.xlsx")
        return folder / "plants.xlsx"

    return build


_ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
 <table:table table:name="a">{rows}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


def as_ods(rows: list[list[Any]], *, row: str = "", cell: str = "") -> Callable[[Path], Path]:
    """An open workbook; `row` and `cell` are further attributes of each row and cell."""

    def build(folder: Path) -> Path:
        kind = 'office:value-type="string"'
        lines = [
            "".join(f"<table:table-cell {cell} {kind}><text:p>{v}</text:p></table:table-cell>" for v in each)
            for each in rows
        ]
        cells = "".join(f"<table:table-row {row}>{line}</table:table-row>" for line in lines)
        empty = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        with zipfile.ZipFile(folder / "plants.ods", "w") as book:
            book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            book.writestr("content.xml", _ODS.format(rows=cells))
            book.writestr("META-INF/manifest.xml", empty)
        return folder / "plants.ods"

    return build


def frame(shapes: list[Any] | None = None, system: object = "EPSG:4326") -> gpd.GeoDataFrame:
    columns = {name: [row[i] for row in ROWS] for i, name in enumerate(HEADER) if i not in (4, 5)}
    if shapes is None:
        shapes = [shapely.Point(float(row[4]), float(row[5])) for row in ROWS]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=system)


def as_file(data: Callable[[], gpd.GeoDataFrame], name: str, **options: Any) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        data().to_file(folder / name, **options)
        return folder / name

    return build


def cut(build: Callable[[Path], Path], share: float) -> Callable[[Path], Path]:
    def truncated(folder: Path) -> Path:
        path = build(folder)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])
        return path

    return truncated


def shapefile(
    data: Callable[[], gpd.GeoDataFrame] = frame, without: tuple[str, ...] = (), prefix: str = ""
) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        source = folder / "parts"
        source.mkdir()
        english = {"编号": "id", "名称": "name_zh", "行业": "industry", "市州": "prefecture",
                   HEADER[6]: "cap_kt", HEADER[7]: "commission"}  # fmt: skip
        data().rename(columns=english).to_file(source / "plants.shp", encoding="utf-8")
        with zipfile.ZipFile(folder / "plants.zip", "w") as archive:
            for part in sorted(source.iterdir()):
                if part.suffix not in without:
                    archive.write(part, prefix + part.name)
        for part in source.iterdir():
            part.unlink()
        source.rmdir()
        return folder / "plants.zip"

    return build


def archive(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "plants.zip", "w", packing) as out:
            for name, content in members.items():
                out.writestr(name, content)
        return folder / "plants.zip"

    return build


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


def formulas(book: openpyxl.Workbook) -> None:
    book.active["G2"] = "=100+20"


def second_sheet(book: openpyxl.Workbook) -> None:
    page = book.create_sheet("二")
    for row in table():
        page.append(row)


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


def many_rows(count: int) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        rng = np.random.default_rng(7)
        lon, lat = rng.uniform(103, 105, count), rng.uniform(29, 31, count)
        body = [
            f"M{i},厂{i},水泥,成都市,{lon[i]:.5f},{lat[i]:.5f},{'bad' if i % 2 else 100},2008"
            for i in range(count)
        ]
        path = folder / "plants.csv"
        path.write_text("\n".join([",".join(HEADER), *body]), encoding="utf-8")
        return path

    return build


def many_row_book(count: int) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        book = openpyxl.Workbook(write_only=True)
        page = book.create_sheet()
        page.append(HEADER)
        for i in range(count):
            page.append([f"M{i}", f"厂{i}", "水泥", "成都市", 104.0 + i * 1e-6, 30.5, -1, 2008])
        book.save(folder / "plants.xlsx")
        return folder / "plants.xlsx"

    return build


def collection(*shapes: dict[str, Any] | None) -> bytes:
    rows = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    features = [
        {"type": "Feature", "properties": rows[i % 3] | {"编号": f"G{i}"}, "geometry": shape}
        for i, shape in enumerate(shapes)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


POINT = {"type": "Point", "coordinates": [104.1, 30.7]}
BOWTIE = {"type": "Polygon", "coordinates": [[[103, 30], [104, 31], [104, 30], [103, 31], [103, 30]]]}
_BIG_ZERO = b"\x00" * 60_000_000

BROKEN: dict[str, Broken] = {
    # the file itself
    "missing": Broken(lambda folder: folder / "nothing.csv", "no such file"),
    "folder": Broken(lambda folder: folder, "a folder or device"),
    "empty": Broken(raw(b"", "plants.csv"), "an empty file"),
    "unknown ending": Broken(raw(b"abc", "plants.dwg"), "a file ending in '.dwg'"),
    "too large": Broken(raw(b"a,b\n" * 1000, "p.csv"), "at most 0 MB",
                        options={"limits": {"file_mb": 0.001}}),
    "pdf named csv": Broken(raw(b"%PDF-1.4 ...", "plants.csv"), "a PDF"),
    "xlsx named csv": Broken(lambda f: as_xlsx(table())(f).rename(f / "plants.csv"), "zip content"),
    "csv named xlsx": Broken(as_csv(table(), "plants.xlsx"), "text content"),
    "xls": Broken(raw(b"\xd0\xcf\x11\xe0" + b"\0" * 600, "plants.xls"), "a damaged workbook"),
    "old xls": Broken(raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "plants.xlsx"), "an old Excel"),
    "gzip named geojson": Broken(raw(b"\x1f\x8b\x08\0", "plants.geojson"), "a gzip archive"),
    # text
    "bytes of no encoding": Broken(raw("编号,名称\n".encode() + b"\xff\xfe\xfd\xff\xff\n", "p.csv"),
                                   "no text"),
    "binary with zeros": Broken(raw(b"a,b\n1,\x00\x00\n", "plants.csv"), "binary content"),
    "utf-16 cut": Broken(raw("编号,名称".encode("utf-16")[:-1], "plants.csv"), "no text"),
    "open quote": Broken(raw('编号,名称\nT1,"甲\n'.encode(), "plants.csv"), "broken text"),
    "giant cell": Broken(raw(b"id,name\n1," + b"x" * 200_000, "plants.csv"), "broken text"),
    "ragged rows": Broken(raw(b"id,name_zh,industry,lon,lat\n1,a,steel,104\n", "p.csv"), "4 fields"),
    "header only": Broken(as_csv(table()[:1]), "a header without rows"),
    "blank lines only": Broken(raw(b"\n\n , \n", "plants.csv"), "no filled row"),
    "too many rows": Broken(many_rows(60), "more rows", options={"limits": {"rows": 10}}),
    "too many columns": Broken(raw(b",".join(b"c%d" % i for i in range(400)) + b"\n1", "p.csv"),
                               "400 columns"),
    # columns
    "no known column": Broken(raw(b"foo,bar\n1,2\n", "plants.csv"), "no such column"),
    "required column missing": Broken(as_csv([row[:2] + row[3:] for row in table()]), "no such column"),
    "column twice": Broken(as_csv(table(header=[*HEADER[:7], "名称"])), "two columns of one name"),
    "column by two names": Broken(as_csv(table(header=[*HEADER[:7], "企业名称"])),
                                  "a second column for name_zh"),
    "no coordinates": Broken(as_csv([row[:4] + row[6:] for row in table()]), "no coordinates"),
    "unit missing": Broken(as_csv(table(header=[*HEADER[:6], "产能", HEADER[7]])), "numbers without a unit"),
    "unit unknown": Broken(as_csv(table()), "斤", mapping={"units": {HEADER[6]: "斤"}}),
    "unit of another kind": Broken(as_csv(table()), "a unit of mass",
                                   mapping={"units": {HEADER[6]: "万千瓦"}}),
    "daily unit": Broken(as_csv(table({(0, 6): "产能（吨/日）"})), "running days"),
    "mapping to nothing": Broken(as_csv(table()), "mapped to 'colour'",
                                 mapping={"columns": {"名称": "colour"}}),
    "mapping of a lost column": Broken(as_csv(table()), "no such column",
                                       mapping={"columns": {"甲": "name_zh"}}),
    "mapping of wrong type": Broken(as_csv(table()), "Write it in quotes", mapping={"columns": {"名称": 3}}),
    "unused column": Broken(as_csv(table({(0, 3): "审批人"})), "审批人", "warning"),
    # cells
    "text for a number": Broken(as_csv(table({(1, 6): "很大"})), "很大"),
    "negative capacity": Broken(as_csv(table({(1, 6): "-5"})), "-5"),
    "impossible capacity": Broken(as_csv(table({(1, 6): "90000"})), "90000"),
    "mistaken unit": Broken(as_csv(table({(1, 2): "电解铝"})), "range of the industry", "warning"),
    "infinite capacity": Broken(as_csv(table({(1, 6): "inf"})), "inf"),
    "range for a figure": Broken(as_csv(table({(1, 6): "100-120"})), "100-120", "warning"),
    "NaN in a required cell": Broken(as_csv(table({(1, 2): "NaN"})), "a value in every row"),
    "unknown industry": Broken(as_csv(table({(1, 2): "纺织"})), "纺织"),
    "excel error": Broken(as_csv(table({(1, 6): "#REF!"})), "#REF!"),
    "year of no calendar": Broken(as_csv(table({(1, 7): "去年"})), "去年"),
    "future year": Broken(as_csv(table({(1, 7): "2099"})), "2099"),
    "year after the baseline": Broken(as_csv(table({(1, 7): "2021"})), "up to 2014", "warning"),
    "duplicate ids": Broken(as_csv(table({(2, 0): "T1"})), "an id that occurs once"),
    "duplicate names": Broken(
        as_csv(table({(2, 1): "甲水泥", (2, 2): "水泥"})), "each item once", "warning"
    ),
    "unknown prefecture": Broken(as_csv(table({(1, 3): "昆明市"})), "昆明市", "warning"),
    "endless text": Broken(as_csv(table({(1, 1): "长" * 3000})), "at most 2000 characters"),
    # positions
    "no reference system": Broken(as_csv(table()), "no reference system", crs=None),
    "unknown reference system": Broken(as_csv(table()), "unknown reference system", crs="mars"),
    "Beijing 1954": Broken(as_csv(table()), "Beijing 1954", crs="EPSG:4214"),
    "two systems": Broken(
        as_csv([[*row, mark] for row, mark in zip(table(), ["坐标系", "WGS-84", "GCJ-02", ""], strict=True)]),
        "2 systems", crs=None,
    ),
    "swapped axes": Broken(
        as_csv([table()[0], *([*row[:4], row[5], row[4], *row[6:]] for row in table()[1:])]),
        "only when exchanged",
    ),
    "zero coordinates": Broken(as_csv(table({(1, 4): "0", (1, 5): "0"})), "a position in China"),
    "metres as degrees": Broken(as_csv(table({(1, 4): "3412000", (1, 5): "520000"})), "degrees"),
    "northing called X": Broken(
        as_csv(table({(i, c): v for i in (1, 2, 3) for c, v in ((4, "3398060"), (5, "413776"))})),
        "exchange the two columns", crs="CGCS2000 3度带 中央经线105",
    ),
    "zone number under a bare zone": Broken(
        as_csv(table({(i, c): v for i in (1, 2, 3) for c, v in ((4, "35413776"), (5, "3398060"))})),
        "carries the zone number 35", crs="EPSG:4544",
    ),
    "minutes beyond sixty": Broken(as_csv(table({(1, 4): "104°75′"})), "104°75′"),
    "text coordinate": Broken(as_csv(table({(1, 4): "东边"})), "东边"),
    "missing coordinate": Broken(as_csv(table({(1, 4): ""})), "no geometry"),
    "outside the boundaries": Broken(
        as_csv(table({(1, 4): "116.4", (1, 5): "39.9"})), "a place in the boundaries loaded", "warning"
    ),
    "wrong prefecture": Broken(as_csv(table({(1, 3): "德阳市"})), "德阳市, lies in 成都市", "warning"),
    # workbooks
    "xlsx cut": Broken(cut(as_xlsx(table()), 0.5), "a broken archive"),
    "xlsx of noise": Broken(raw(b"PK\x03\x04" + b"noise" * 100, "plants.xlsx"), "a broken archive"),
    "xlsx without workbook": Broken(
        lambda f: archive({"a.xml": b"<a/>"})(f).rename(f / "plants.xlsx"), "a damaged workbook"
    ),
    "xlsx entity bomb": Broken(xml_bomb, "an entity declaration"),
    "xlsx zip bomb": Broken(
        lambda f: archive({"xl/worksheets/sheet1.xml": _BIG_ZERO})(f).rename(f / "plants.xlsx"), "zip bomb"
    ),
    "formula without value": Broken(as_xlsx(table(), formulas), "=100+20"),
    "no such sheet": Broken(as_xlsx(table()), "no sheet '表9'", options={"layer": "表9"}),
    "two sheets alike": Broken(
        as_xlsx(table(), second_sheet), "read, not 二", "warning",
    ),
    "empty workbook": Broken(as_xlsx([]), "no filled row"),
    # archives and vectors
    "zip bomb": Broken(archive({"plants.shp": _BIG_ZERO}), "zip bomb"),
    "lying zip": Broken(lying_archive, "broken archive"),
    "path traversal": Broken(archive({"../../evil.shp": b"x"}), "a path that leaves the archive"),
    "absolute path": Broken(archive({"/etc/cron.d/x.shp": b"x"}), "a path that leaves the archive"),
    "windows path": Broken(archive({"C:\\windows\\x.shp": b"x"}), "a path that leaves the archive"),
    "symbolic link": Broken(symlink_archive, "a symbolic link"),
    "password": Broken(encrypted_archive, "a password"),
    "too many members": Broken(archive({f"{i}.txt": b"" for i in range(2100)}), "2100 members"),
    "zip without shapefile": Broken(archive({"readme.txt": b"hello"}), "0 layers"),
    "zip cut": Broken(cut(shapefile(), 0.6), "a broken archive"),
    "shapefile without shx": Broken(shapefile(without=(".shx",)), "without .shx"),
    "shapefile without prj": Broken(shapefile(without=(".prj",)), "no reference system", crs=None),
    "shapefile cut": Broken(
        archive({f"plants.{s}": b"\x00\x00\x27\x0a" + b"\0" * 40 for s in ("shp", "shx", "dbf")}), "damaged"
    ),
    "gpkg cut": Broken(cut(as_file(frame, "plants.gpkg"), 0.3), "damaged"),
    "gpkg of noise": Broken(raw(b"SQLite format 3\x00" + b"\x07" * 4000, "plants.gpkg"), "damaged"),
    "gpkg with an endless view": Broken(computing(ENDLESS), "the view 'endless'"),
    "gpkg whose contents are a view": Broken(
        computing("ALTER TABLE gpkg_contents RENAME TO c", "CREATE VIEW gpkg_contents AS SELECT * FROM c"),
        "the view 'gpkg_contents'",
    ),
    "gpkg with a computed column": Broken(
        computing("CREATE TABLE t (a, b GENERATED ALWAYS AS (zeroblob(1000000000)))"), "a computed column"
    ),
    "gpkg with a foreign module": Broken(
        computing("CREATE VIRTUAL TABLE t USING fts5(a)"), "of the module fts5"
    ),
    "geojson that is a command": Broken(raw(GDALG, "plants.geojson"), "damaged"),
    "geojson that is a virtual layer": Broken(raw(VRT, "plants.geojson"), "no features"),
    "esri json": Broken(raw(b'{"features":[{"attributes":{}}]}', "plants.json"), "damaged"),
    "crs that is an address": Broken(
        with_crs(b'"crs":{"type":"link","properties":{"href":"http://127.0.0.1:9/x"}}'), "an address"
    ),
    "crs that is an address in other words": Broken(
        with_crs(b'"CRS" : {"properties":{"url":"http://127.0.0.1:9/x"},"Type":"URL"}'), "an address"
    ),
    "crs in disguise": Broken(
        with_crs(b'"\\u0063rs":{"type":"url","properties":{"url":"http://127.0.0.1:9/x"}}'), "in disguise"
    ),
    "crs type in disguise": Broken(
        with_crs(b'"crs":{"t\\u0079pe":"url","properties":{"url":"http://127.0.0.1:9/x"}}'), "an address"
    ),
    "xlsx cell far out": Broken(far_cell(b'<row r="9"><c r="XFD1048576"/></row>'), "16,384 columns"),
    "xlsx cell far out in single quotes": Broken(
        far_cell(b"<row r='9'><c  r = 'XFD1048576' ><v>1</v></c></row>"), "1,048,576 rows"
    ),
    "xlsx cell far out in small letters": Broken(far_cell(b"<row><c r='xfd9'/></row>"), "16,384 columns"),
    "xlsx cell far out behind a prefix": Broken(
        far_cell(b"<x:row xmlns:x='y'><x:c r='XFD1048576'/></x:row>"), "16,384 columns"
    ),
    "xlsx cell far out in a long tag": Broken(
        far_cell(b"<!--x-->" * 130_700 + b"<row><c" + b" " * 3000 + b"r='XFD9'/></row>"),
        "16,384 columns",
    ),
    "xlsx in utf-16": Broken(
        with_member("xl/worksheets/sheet1.xml", lambda xml: xml.decode().encode("utf-16")), "another encoding"
    ),
    "xlsx text no cell can hold": Broken(swelling_book(200_000, 3), "32,767 characters"),
    "xlsx text that swells": Broken(
        swelling_book(30_000, 200), "5 MB", options={"limits": {"unpacked_mb": 5}}
    ),
    "parquet that swells": Broken(swelling_parquet, "once unpacked"),
    "parquet categories that swell": Broken(partial(swelling_parquet, categories=True), "once unpacked"),
    "gpkg without named layer": Broken(
        as_file(frame, "plants.gpkg"), "no layer 'x'", options={"layer": "x"}
    ),
    "crs against the file": Broken(as_file(frame, "plants.gpkg"), "declared was", crs="EPSG:4545"),
    "geojson cut": Broken(cut(raw(collection(POINT, POINT), "plants.geojson"), 0.6), "damaged"),
    "geojson of no object": Broken(raw(b"[1,2]", "plants.geojson"), "text that is no object"),
    "geojson without features": Broken(
        raw(b'{"type":"FeatureCollection","features":[]}', "plants.geojson"), "no features"
    ),
    "geojson without geometry": Broken(raw(collection(None, POINT), "plants.geojson"), "no geometry"),
    "mixed geometry": Broken(raw(collection(POINT, BOWTIE), "plants.geojson"), "a point"),
    "crossing polygon unrepaired": Broken(
        raw(collection(BOWTIE), "plants.geojson"), "a valid shape", kind="ecology", options={"repairs": ()}
    ),
    "deep geojson": Broken(raw(b'{"type":' + b"[" * 100_000, "plants.geojson"), "damaged"),
    "parquet cut": Broken(raw(b"PAR1" + b"\0" * 50, "plants.parquet"), "damaged"),
    "broken database address": Broken(lambda _: Path("unused"), "an incomplete address"),
}  # fmt: skip
