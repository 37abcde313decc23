"""Every kind of damage: one broken file, and the words its report must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.layers.imports.builders import (
    BOWTIE,
    HEADER,
    POINT,
    archive,
    as_csv,
    as_file,
    as_xlsx,
    collection,
    cut,
    formulas,
    frame,
    many_rows,
    raw,
    second_sheet,
    shapefile,
    table,
)
from tests.layers.imports.traps import (
    BIG_ZERO,
    ENDLESS,
    GDALG,
    VRT,
    computing,
    encrypted_archive,
    far_cell,
    lying_archive,
    swelling_book,
    swelling_parquet,
    symlink_archive,
    with_crs,
    with_member,
    xml_bomb,
)


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
        lambda f: archive({"xl/worksheets/sheet1.xml": BIG_ZERO})(f).rename(f / "plants.xlsx"), "zip bomb"
    ),
    "formula without value": Broken(as_xlsx(table(), formulas), "=100+20"),
    "no such sheet": Broken(as_xlsx(table()), "no sheet '表9'", options={"layer": "表9"}),
    "two sheets alike": Broken(
        as_xlsx(table(), second_sheet), "read, not 二", "warning",
    ),
    "empty workbook": Broken(as_xlsx([]), "no filled row"),
    # archives and vectors
    "zip bomb": Broken(archive({"plants.shp": BIG_ZERO}), "zip bomb"),
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
