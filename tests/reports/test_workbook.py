"""A workbook holds text as text, numbers as numbers, and headings in both languages."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from tests.relocation import world
from workbench.labels import both
from workbench.relocation import optimise
from workbench.relocation.doubt import doubt
from workbench.reports.export import plan_sheets
from workbench.reports.workbook import write_workbook
from workbench.scenarios import Scenario

FRAME = pd.DataFrame(
    {"name_zh": ["=1+1", "峨胜水泥", "https://example.org"], "capacity_kt": [1.5, float("nan"), 12000]},
    index=pd.Index(["a", "b", "c"], name="id"),
)


@pytest.fixture(scope="module")
def plan():
    scenario = Scenario.baseline().with_(
        zone={"asked_kt": 700.0}, policy={"clauses": world.SMALL}, solver={"gap_mcny": 0.0}
    )
    found = optimise(world.problem(scenario))
    return replace(found, layers=found.layers.with_(sources=pd.DataFrame()))


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


def test_a_share_is_shown_as_a_percentage_and_stays_a_number(tmp_path) -> None:
    frame = pd.DataFrame({"positive_share": [0.625], "median": [0.625]})
    sheet = openpyxl.load_workbook(write_workbook({"s": frame}, tmp_path / "x.xlsx", notes={}))["s"]
    assert (sheet["A2"].value, sheet["A2"].number_format[-1]) == (0.625, "%")
    assert "%" not in sheet["B2"].number_format
    assert sheet["A1"].value == "过剩为正的抽样比例 Share of draws with a surplus"


def test_a_workbook_with_doubt_says_it_in_words_and_tables(plan) -> None:
    found, nothing = doubt(plan.problem), pd.DataFrame()
    sheets = plan_sheets(plan, nothing, nothing, nothing, nothing, nothing, found)
    assert any(text.startswith("A1: certain") for text in sheets["要点 In words"]["en"])
    assert sheets["把握 Certainty"].set_index("line").at["A1", "certainty"] == "必退 certain to leave"
    assert sheets["多退 Frontier"].equals(found.frontier)
    assert all(both(name) != name for title in ("把握 Certainty", "多退 Frontier") for name in sheets[title])
