"""A workbook holds text as text, numbers as numbers, and headings in both languages."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from workbench.reports.workbook import write_workbook

FRAME = pd.DataFrame(
    {"name_zh": ["=1+1", "峨胜水泥", "https://example.org"], "capacity_kt": [1.5, float("nan"), 12000]},
    index=pd.Index(["a", "b", "c"], name="id"),
)


@pytest.fixture
def sheet(tmp_path):
    path = write_workbook({"企业 Plants": FRAME}, tmp_path / "x.xlsx", notes={"标题 Title": "测试"})
    return openpyxl.load_workbook(path)["企业 Plants"]


def test_headings_stand_in_both_languages(sheet) -> None:
    assert [cell.value for cell in sheet[1]] == [
        "编号 Id",
        "名称 Name (Chinese)",
        "产能（千吨/年） Capacity (kt/yr)",
    ]


def test_text_that_looks_like_a_formula_stays_text(sheet) -> None:
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")


def test_text_that_looks_like_an_address_is_no_link(sheet) -> None:
    assert sheet["B4"].hyperlink is None


def test_the_unknown_stays_blank_and_numbers_stay_numbers(sheet) -> None:
    assert [sheet[f"C{row}"].value for row in (2, 3, 4)] == [1.5, None, 12000]


def test_the_same_frames_give_the_same_file(tmp_path) -> None:
    one = write_workbook({"s": FRAME}, tmp_path / "1.xlsx", notes={})
    other = write_workbook({"s": FRAME}, tmp_path / "2.xlsx", notes={})
    assert one.read_bytes() == other.read_bytes()
