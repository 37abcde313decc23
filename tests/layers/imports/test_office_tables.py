"""Tables as offices write them: headings, signs, words and numbers are read as meant, or told."""

from __future__ import annotations

import base64
import datetime
import zlib
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from tests.layers.imports.builders import as_csv, as_ods, as_xlsx, raw, table
from workbench.layers.imports import FaultReport, ImportOptions, check_file
from workbench.layers.imports.cells import Reading, parse_column
from workbench.layers.imports.dates import year_of
from workbench.layers.imports.degrees import parse_degrees, parse_pair
from workbench.layers.imports.mapping import names_of, split_unit
from workbench.layers.imports.text import best_encoding, is_blank, undone
from workbench.layers.schema import SCHEMAS

PLACE = ["编号", "名称", "行业", "经度", "纬度"]
ROW = ["T1", "甲水泥", "水泥", 104.1, 30.7]


def checked(path: Path, **options: Any) -> FaultReport:
    return check_file(path, "plants", crs="WGS-84", options=ImportOptions(**options))


def capacities(path: Path, **options: Any) -> list[float]:
    return list(checked(path, **options).usable()["capacity_kt"])


HEADINGS = [
    "产能（万吨/年）", "产能/万吨", "产能，万吨/年", "产能[单位：万吨/年]", "设计产能\n（万吨/\n年）",
    "生产能力(万吨)", "产 能（万吨", "产能万吨", "ＣＡＰＡＣＩＴＹ（万吨）", "产能：万吨",
]  # fmt: skip


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_unit_is_found_wherever_it_stands_in_the_heading(heading: str) -> None:
    target, unit = split_unit(heading, names_of(SCHEMAS["plants"]))
    assert target == "capacity_kt"
    assert unit is not None
    assert unit.startswith("万吨")


def sheet(rows: list[list[Any]], *merged: str) -> Any:
    def join(book: openpyxl.Workbook) -> None:
        for cells in merged:
            book.active.merge_cells(cells)

    return as_xlsx(rows, join)


STACKED = {
    "unit in the second row": sheet([[*PLACE, "产能"], [None] * 5 + ["万吨/年"], [*ROW, 120]]),
    "merged down and across": sheet(
        [["编号", "名称", "行业", "坐标", None, "产能"], [None] * 3 + ["经度", "纬度", "万吨/年"],
         [*ROW, 120]],
        *(f"{column}1:{column}2" for column in "ABC"), "D1:E1",
    ),
    "unit in the title": sheet(
        [["水泥企业名单"], [None] * 5 + ["单位：万吨/年"], [*PLACE, "产能"], [*ROW, 120]]
    ),
    "numbered columns": sheet([[*PLACE, "产能（万吨）"], [1, 2, 3, 4, 5, 6], [*ROW, 120]]),
    "counted by letters": sheet([[*PLACE, "产能（万吨）"], ["甲", "乙", "丙", 1, 2, 3], [*ROW, 120]]),
    "headings on every page": sheet([[*PLACE, "产能（万吨）"], [*ROW, 120], [*PLACE, "产能（万吨）"]]),
}  # fmt: skip


@pytest.mark.parametrize("form", sorted(STACKED))
def test_headings_of_an_office_are_joined(form: str, tmp_path: Path) -> None:
    assert capacities(STACKED[form](tmp_path)) == [1200]


def test_two_capacities_under_one_heading_have_to_be_chosen_between(tmp_path: Path) -> None:
    rows = [[*PLACE, "产能（万吨/年）", None], [None] * 5 + ["熟料", "水泥"], [*ROW, 90, 120]]
    path = sheet(rows, "F1:G1", *(f"{column}1:{column}2" for column in "ABCDE"))(tmp_path)
    assert any("a second column for capacity_kt" in fault.found for fault in checked(path).errors)
    told = check_file(
        path, "plants", crs="WGS-84", mapping={"columns": {"产能（水泥）（万吨/年）": "capacity_kt"}}
    )
    assert list(told.usable()["capacity_kt"]) == [1200]


@pytest.mark.parametrize(
    ("heading", "value"), [("熟料产能★", "120"), ("x生产能力y", "120"), ("产能（万吨）", "")]
)
def test_a_capacity_that_is_not_read_is_an_error_that_names_its_column(
    heading: str, value: str, tmp_path: Path
) -> None:
    report = checked(as_csv([[*PLACE, heading], [*map(str, ROW), value]])(tmp_path))
    assert [heading in f"{fault.field} {fault.found}" for fault in report.errors] == [True]
    left_out = {"columns": {heading: ""}}
    assert check_file(tmp_path / "plants.csv", "plants", crs="WGS-84", mapping=left_out).ok


TOTALS = [
    "合计", "合  计", "合　计", "总计：", "共计", "水泥行业小计", "注：含在建", "填表人：张三", "Total",
    "资料来源：统计局",
]  # fmt: skip


@pytest.mark.parametrize("word", TOTALS)
def test_totals_and_notes_are_left_out_and_told_by_row(word: str, tmp_path: Path) -> None:
    figures = ["", "", "", "", "", "240", ""] if "注" not in word and "：" not in word[1:4] else [""] * 7
    report = checked(as_csv([*table(), [word, *figures]])(tmp_path))
    assert len(report.usable()) == 3
    assert [r.what.endswith(": 5") for r in report.repairs if r.name in ("skip_totals", "skip_notes")] == [
        True
    ]


def test_a_works_is_no_total_and_no_note(tmp_path: Path) -> None:
    rows = table({(1, 1): "总计设备水泥厂", (2, 0): "Note1", (3, 0): "Sum"})
    assert len(checked(as_csv(rows)(tmp_path)).usable()) == 3


WORDS = ["——", "－", "待定", "unknown", "n.a.", "N/A", "？", "…", "空", "/ ", "暂无", ">0", "　"]


@pytest.mark.parametrize("word", WORDS)
def test_words_for_unknown_are_blank(word: str) -> None:
    assert is_blank(word)


def test_a_word_that_is_left_blank_is_told(tmp_path: Path) -> None:
    report = checked(as_csv(table({(1, 6): "待定"}))(tmp_path))
    assert report.usable()["capacity_kt"].isna().tolist() == [True, False, False]
    assert any(r.name == "blank_words" and "待定" in r.what for r in report.repairs)


YEARS = {
    "２００８年": (2008, ""), "2008.6": (2008, ""), "20080615": (2008, ""), "39500": (2008, "serial"),
    "2007-2009": (2007, "range"), "2007年～2009年": (2007, "range"), "1958 (est.)": (1958, "about"),
    "约2008年": (2008, "about"), "1990年代": (1990, "about"),
}  # fmt: skip


@pytest.mark.parametrize("text", sorted(YEARS))
def test_a_year_is_read_with_how_it_was_told(text: str) -> None:
    assert year_of(text) == YEARS[text]


def test_a_range_of_years_is_told_not_cut_in_silence(tmp_path: Path) -> None:
    report = checked(as_csv(table({(1, 7): "2007-2009", (2, 7): "08年"}))(tmp_path))
    assert [(f.row, f.found) for f in report.warnings] == [(2, "2007-2009")]
    assert [(f.row, f.found) for f in report.errors] == [(3, "08年")]


FIGURES = {
    "120×10⁴吨": 1200,
    "1.2×10^6 t": 1200,
    "120,5": 1205,
    "1.200,5": 12005,
    "1 200": 12000,
    "１，２００．５": 12005,
}


@pytest.mark.parametrize("text", sorted(FIGURES))
def test_signs_of_thousands_and_decimals_are_read_as_meant(text: str, tmp_path: Path) -> None:
    rows = [[*PLACE, "产能（万吨）"], [*map(str, ROW), text]]
    assert capacities(as_csv(rows)(tmp_path)) == [FIGURES[text]]


def test_numbers_shown_as_dates_are_read_and_ids_turned_dates_told(tmp_path: Path) -> None:
    rows = [[*PLACE, "产能（万吨）"], [datetime.date(2012, 4, 1), *ROW[1:], datetime.date(1900, 4, 29)]]
    report = checked(as_xlsx(rows)(tmp_path))
    assert list(report.usable()["capacity_kt"]) == [1200]
    assert [fault.field for fault in report.warnings] == ["id"]


def test_an_id_whose_digits_a_spreadsheet_lost_is_refused(tmp_path: Path) -> None:
    report = checked(as_xlsx([[*PLACE], [5.101e20, *ROW[1:]]])(tmp_path))
    assert [(fault.field, fault.row) for fault in report.errors] == [("id", 2)]


def test_both_coordinates_may_stand_in_one_cell(tmp_path: Path) -> None:
    assert parse_pair("30.70, 104.10") == parse_pair("(104.1；30.7)") == (104.1, 30.7)
    assert parse_degrees("104,066") == 104.066
    rows = [["编号", "名称", "行业", "坐标"], ["T1", "甲", "水泥", "30.7,104.1"]]
    assert list(checked(as_csv(rows)(tmp_path)).usable()["lon"]) == [104.1]


HEAD, BODY = "编号,名称,行业,经度,纬度", "T1,甲,水泥,104.1,30.7"
DELIMITED = {
    "semicolons in the cells": f"{HEAD},产品\n{BODY},熟料;水泥;砂石;粉磨;骨料;石灰\n",
    "commas in a remark": f"{HEAD},备注\n{BODY},".replace(",", ";") + "一期,二期,三期,四期,五期,六期\n",
    "a long title": f"水泥企业名单（含熟料，粉磨，特种，在建，停产，拟退出，其他）\n{HEAD}\n{BODY}\n",
    "tabs": f"{HEAD}\n{BODY}\n".replace(",", "\t"),
    "blank columns once used": f"{HEAD}\n{BODY},,,\n",
}


@pytest.mark.parametrize("form", sorted(DELIMITED))
def test_the_delimiter_is_the_sign_that_gives_known_headings(form: str, tmp_path: Path) -> None:
    path = raw(DELIMITED[form].encode(), "plants.csv")(tmp_path)
    assert list(checked(path).usable().index) == ["T1"]


def test_delimiter_and_encoding_may_be_named(tmp_path: Path) -> None:
    text = "編號#名稱#行业#lon#lat\nT1#甲廠#cement#104.1#30.7\n".replace("行业", "sector")
    path = raw(text.encode("big5"), "plants.csv")(tmp_path)
    options = ImportOptions(delimiter="#", encoding="big5")
    report = check_file(
        path, "plants", crs="WGS-84", options=options, mapping={"編號": "id", "名稱": "name_zh"}
    )
    assert list(report.usable()["name_zh"]) == ["甲廠"]
    assert any("encoding" in fault.found for fault in checked(path, encoding="klingon").errors)


@pytest.mark.parametrize("encoding", ["big5", "gb18030", "utf-16-le", "utf-16-be"])
def test_an_encoding_nobody_named_is_found_by_how_it_reads(encoding: str, tmp_path: Path) -> None:
    name = {"big5": "臺灣水泥"}.get(encoding, "泸州水泥")
    text = f"id,name,industry,lon,lat\nT1,{name},cement,104.1,30.7\n"
    report = checked(raw(text.encode(encoding), "plants.csv")(tmp_path))
    assert list(report.usable()["name_zh"]) == [name]
    assert [repair.what for repair in report.repairs if repair.name == "decode"] == [
        f"text read as {encoding}"
    ]
    assert not report.warnings


def test_text_decoded_wrongly_is_suspected_aloud(tmp_path: Path) -> None:
    assert undone("成都市".encode().decode("gb18030", "ignore")) == "成都"
    assert undone("甲水泥".encode().decode("latin-1")) == "甲水泥"
    assert [undone(text) for text in ("邛崃", "雅砻江", "Zürich", "名稱", "樂山")] == [None] * 5
    wrong = "甲水泥有限公司".encode().decode("latin-1")
    report = checked(as_csv(table({(1, 1): wrong}))(tmp_path))
    assert any("which seems to be 甲水泥有限公司" in fault.found for fault in report.warnings)


def test_bytes_speak_for_their_encoding_against_a_false_claim() -> None:
    gbk, utf8 = "甲水泥有限责任公司".encode("gbk"), "甲水泥有限责任公司".encode()
    assert best_encoding([gbk[:-1]], "utf-8") == best_encoding([gbk], "latin-1") == "gb18030"
    assert best_encoding([utf8[:-1]], "gb18030") == best_encoding([utf8[:-2]]) == "utf-8"
    assert best_encoding([b"caf\xe9"], "cp1252") == "cp1252"


# A workbook of Excel 97 with one sheet, written once by another program; compressed.
XLS = (
    "c-rk)O-NKx6#nj;H_lIvjy6h8AYx=@f@v+<=u}W{>SZ<14`GezA{;aZTi7C}OlT7Xt@_zmQbb|3>4yqx*FrFA5d?u6t=be61"
    "?jxbIq$t`EEf)xSiJ9X&$;K^bI-Z&-Fwfw@4Xl=nHatsoy0F_fd?5gfPx&Iq7ra~FsR)$x$1B~71PB(g@B(XvcQW+p)nuNA<"
    "y?DG~Cgj5e25G9KcZ+y**u33y94!hJ@lVG!s?0OqwE8$f!z%9u~S(=xwolEOeu2&I)ZN+X=NF<1wRdgT0FPYSq$K1onGh`n("
    "ZMBg*icSMk6(W!ZYMDRm@~T$~M+dLc$Y^VZtc)0IjjClH|t9Kjc}3i#~o)TdRheqr?rr2jTs@0&w^Uekdz%tNxkhfoMz=N3("
    "=9Z_Q%3DN*dSOZl)@O3w_Q2b**v2ACf2C?xI*V>8QBIbv>Zp@_prq8I2H=wUQVA7I~H+rC&j;&9=Pm-O*5N{&oK7*wo=XA*d"
    ";aNE#BzvQfXeWxLULrdrOj&;V#;2FtJKACgMU$4iZ@nE>@(sbnN$x?Ni=@Q^$7`MRSR?e5cwH{_sL%+lYvMI+Wp-ujpxB(2)"
    "*6blPVg$WDyLpc^`Q?tA5;##i>;>mXzS$h$mr|XFskWo)k*#N8brOSR~IiZ9>yH5>`d}jXvJ??#jl0!v77cQuoyE4O0`6&CG"
    "pcySxK{>l_hyd@?<5QBt0v6N%Gop)Ese?#3``tmBjI7C62?-{t1?m#Bpw3Vf*h5Os5q4XV2Oko;C3tuzgwc8_Y_%o;C5j;ws"
    "x;TFbQB!=78TQru%Vly83`2p29~xNzaZg$oyp8A{Hp))`%w6RCAl_u2n-W~gM`-z5JncA=N9KKd}-f*#^2^yjsH%HdUxFE!6"
    "T&i_Kj9*UkqH#%e--FdHH`hHWn_cQN~;Xk*9@{OO#XPkdI{tvPP<F)"
)


def test_old_and_open_workbooks_are_read(tmp_path: Path) -> None:
    path = raw(zlib.decompress(base64.b85decode(XLS)), "plants.xls")(tmp_path)
    assert capacities(path, sheet="企业") == [1200, 2000]
    assert list(checked(as_ods([PLACE, ROW])(tmp_path)).usable()["name_zh"]) == ["甲水泥"]


def test_a_cell_repeated_a_billion_times_is_refused(tmp_path: Path) -> None:
    path = as_ods([PLACE, ROW], cell='table:number-columns-repeated="1000000000"')(tmp_path)
    assert any("repeated" in fault.found for fault in checked(path).errors)


def test_hidden_rows_and_columns_are_told(tmp_path: Path) -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book.active.row_dimensions[3].hidden = True
        book.active.column_dimensions["H"].hidden = True

    told = [fault.found for fault in checked(as_xlsx(table(), hide)(tmp_path)).warnings]
    assert told == ["1 hidden columns", "hidden rows 3"]


def test_formulas_and_hidden_rows_of_an_open_workbook_are_told(tmp_path: Path) -> None:
    hidden = as_ods([PLACE, ROW], row='table:visibility="filter"')(tmp_path)
    assert [fault.found for fault in checked(hidden).warnings] == ["hidden rows or columns"]
    counted = as_ods([PLACE, ROW], cell='table:formula="of:=[.A1]"')(tmp_path)
    assert [fault.found for fault in checked(counted).warnings] == ["formulas"]


def test_subtotals_between_groups_are_left_out_and_told(tmp_path: Path) -> None:
    rows = [
        ["市州", *PLACE, "产能（万吨）"],
        ["成都市", *ROW, 120],
        ["成都市小计", None, "1家", "水泥", None, None, 120],
        ["成都市", None, "小计", None, None, None, 120],
        ["合计", None, "1家", "水泥", None, None, 120],
        ["其中：新型干法", None, None, None, None, None, 120],
    ]
    report = checked(as_xlsx(rows)(tmp_path))
    assert list(report.usable().index) == ["T1"]
    assert {repair.name: repair.count for repair in report.repairs}["skip_totals"] == 4


NO3, NO5 = [None] * 3, [None] * 5
DOWN = "A1:A3", "B1:B3", "C1:C3", "D1:E1"
THREE = {
    "groups, names, units": (
        [["企业", None, None, "位置", None, "能力"], [*PLACE, "产能"], [*NO3, "°", "°", "万吨/年"]],
        ("A1:C1", "D1:E1"),
    ),
    "names merged down": (
        [[*PLACE[:3], "位置", None, "规模"], [*NO3, "坐标", None, "产能"], [*NO3, *PLACE[3:], "万吨"]],
        (*DOWN, "D2:E2"),
    ),
    "details, then units": (
        [[*PLACE[:3], "位置", None, "产能"], [*NO3, *PLACE[3:], "水泥"], [*NO3, "度", "度", "（万吨）"]], DOWN
    ),
    "one heading cut in three": ([[*PLACE, "生产"], [*NO5, "能力"], [*NO5, "（万吨）"]], ()),
    "unit beside the detail": ([[*PLACE, "产能"], [*NO5, "水泥"], [*NO5, "设计（万吨）"]], ()),
    "under a title": (
        [["全省水泥企业产能表", *NO5], ["编号", "企业", None, "位置", None, "生产规模"],
         [None, "名称", "行业", "坐标", None, "产能"], [*NO3, "经度", "纬度", "〔万吨/年〕"]],
        ("A1:F1", "A2:A4", "B2:C2", "D2:E2", "B3:B4", "C3:C4", "D3:E3"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("merged", [True, False])
@pytest.mark.parametrize("form", sorted(THREE))
def test_three_rows_of_headings_are_one(form: str, merged: bool, tmp_path: Path) -> None:
    rows, blocks = THREE[form]
    assert capacities(sheet([*rows, [*ROW, 120]], *(blocks if merged else ()))(tmp_path)) == [1200]


@pytest.mark.parametrize("first", [["T9", *[None] * 5], [None, "乙水泥", "水泥", None, None, None]])
def test_a_row_that_tells_an_id_or_a_name_is_no_heading(first: list[Any], tmp_path: Path) -> None:
    report = checked(sheet([[*PLACE, "产能（万吨）"], first, [*ROW, 120]])(tmp_path))
    assert 2 in {fault.row for fault in report.errors}


HEDGED = {
    "120左右": "左右",
    "约120": "约",
    "120余": "余",
    "近120": "近",
    "120余万吨": "余",
    "100-140": "range",
}


@pytest.mark.parametrize("text", sorted(HEDGED))
def test_a_hedged_figure_is_read_and_told_by_row(text: str, tmp_path: Path) -> None:
    report = checked(as_csv([[*PLACE, "产能（万吨）"], [*map(str, ROW), text]])(tmp_path))
    assert list(report.usable()["capacity_kt"]) == [1200]
    told = [fault for fault in report.warnings if fault.field == "capacity_kt"]
    assert [(fault.row, fault.found) for fault in told] == [(2, text)]
    assert "write the figure" in told[0].mend


@pytest.mark.parametrize("text", ["120以上", ">120", "不足120", "至少120万吨"])
def test_a_bound_is_refused_by_row(text: str, tmp_path: Path) -> None:
    known = ["T2", "乙水泥", "水泥", "104.3", "30.9", "90"]
    report = checked(as_csv([[*PLACE, "产能（万吨）"], [*map(str, ROW), text], known])(tmp_path))
    assert [(f.row, f.found, f.expected) for f in report.errors] == [(2, text, "one figure, no bound")]


def test_a_trackers_own_workbook_is_read_by_preset(tmp_path: Path) -> None:
    capacity = "Cement Capacity (millions metric tonnes per annum)"
    heads = ["GEM Plant ID", "Asset name (other language)", "Coordinates", capacity, "Start date"]
    rows = [["P1", "甲厂", "30.7, 104.1", 1.2, 2008], ["P2", "乙厂", "30.8, 104.1", ">0", "unknown"]]
    report = check_file(as_xlsx([heads, *rows])(tmp_path), "plants", crs="WGS-84", mapping="gem_cement")
    plants = report.usable()
    assert plants.at["P1", "capacity_kt"] == 1200
    assert plants[["capacity_kt", "commissioned_year"]].isna().loc["P2"].all()
    assert not check_file(tmp_path / "plants.xlsx", "plants", crs="WGS-84").ok


def test_a_whole_number_is_held_to_being_one() -> None:
    field = SCHEMAS["plants"].fields["workforce"]
    column = parse_column("x", pd.Series(["12", "12.5"], index=[2, 3]), field, Reading(unit="人"))
    assert [(fault.row, fault.found) for fault in column.faults] == [(3, "12.5")]
