"""Builders of a planner's files for the tests: each writes one file into a folder and returns its path."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import shapely

HEADER = ["编号", "名称", "行业", "市州", "经度", "纬度", "产能（万吨/年）", "投产年份"]
ROWS = [
    ["T1", "甲水泥", "水泥", "成都市", "104.10", "30.70", "120", "2008"],
    ["T2", "乙水泥", "水泥", "德阳市", "104.40", "31.10", "200", "2010"],
    ["T3", "丙钢铁", "钢铁", "攀枝花市", "101.70", "26.57", "300", "1995"],
]


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


def formulas(book: openpyxl.Workbook) -> None:
    book.active["G2"] = "=100+20"


def second_sheet(book: openpyxl.Workbook) -> None:
    page = book.create_sheet("二")
    for row in table():
        page.append(row)


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
    """A workbook of so many rows, its sheet written by hand: openpyxl takes longer than the test."""

    def build(folder: Path) -> Path:
        path = as_xlsx([HEADER])(folder)
        with zipfile.ZipFile(path) as source:
            members = {name: source.read(name) for name in source.namelist()}
        row = (
            '<row><c t="inlineStr"><is><t>M{0}</t></is></c><c t="inlineStr"><is><t>厂{0}</t></is></c>'
            '<c t="inlineStr"><is><t>水泥</t></is></c><c t="inlineStr"><is><t>成都市</t></is></c>'
            "<c><v>104.{0:06}</v></c><c><v>30.5</v></c><c><v>-1</v></c><c><v>2008</v></c></row>"
        )
        rows = "".join(map(row.format, range(count))).encode()
        sheet = "xl/worksheets/sheet1.xml"
        members[sheet] = members[sheet].replace(b"</sheetData>", rows + b"</sheetData>")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
            for name, content in members.items():
                target.writestr(name, content)
        return path

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
