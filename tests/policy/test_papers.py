"""The office's papers: form of the standard, totals, who answers, Chinese alone."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest
from docx import Document

from tests.policy import worlds
from tests.policy.worlds import LUZHOU
from workbench import policy
from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.policy import register_files
from workbench.reports.annual_plan import write_annual_plan
from workbench.reports.official import balanced, shown
from workbench.reports.papers import PAPERS, Desk, paper

DAY = date(2014, 9, 30)
PROJECT = {"市（州）": LUZHOU, "行业": "水泥", "阶段": "开工"}
ROWS = {
    "projects": [
        {"编号": "1", "项目名称": "旧线", **PROJECT, "手续齐全": "否", "已建成": "是",
         "质量能耗排放达标": "否", "新增产能（千吨）": 300},
        {"编号": "2", "项目名称": "好线", **PROJECT, "手续齐全": "是", "新增产能（千吨）": 900},
    ],
    "closures": [
        {"企业或生产线": "厂", "市（州）": LUZHOU, "行业": "水泥", "产能（千吨）": 20,
         "关停日期": date(2014, 8, 1)}
    ],
    "power_prices": [
        {"生产线": "立窑", "月份": 5, "电压（千伏）": 110, "实付电价（元/千瓦时）": 0.2,
         "单位电耗（千瓦时/吨）": 90, "目录类别": "淘汰类"}
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(layers):
    filed = {
        name: register_files.load_register(name, pd.DataFrame(rows), file=name) for name, rows in ROWS.items()
    }
    base = worlds.world(
        {"id": "L-1", "name_zh": "立窑", "process": "shaft"}, {"id": "L-2", "name_zh": "干法线"}
    )
    base = Layers(dict(base.frames), layers.assumptions).with_(residual=layers["residual"])
    ground = register_files.with_registers(base, filed)
    rows = [("L-1", 200.0, "close"), ("L-2", 900.0, "move", "S")]
    plan = worlds.plan(rows, [("S", 900.0, LUZHOU)], [("L-2", "S:cement", 900.0)], layers=ground)
    plan.unlocated = pd.DataFrame(
        [("cement", LUZHOU, 10.0, 50.0, 0.0)],
        columns=["industry", "prefecture_zh", "capacity_kt", "retired_kt", "obsolete_kt"],
    ).set_index(["industry", "prefecture_zh"])
    return Desk(DAY, ground, plan)


@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_has_number_title_signature_day_and_its_annex_on_its_own_page(kind, desk, tmp_path):
    made = paper(kind, desk)
    document = Document(write_annual_plan(made, tmp_path / "文.docx"))
    texts = [p.text for p in document.paragraphs]
    assert f"{made.code}〔2014〕　　号" in texts
    assert made.title in [text.replace("\n", "") for text in texts]
    end = texts.index("2014年9月30日")
    assert texts[end - len(made.organs) : end] == list(made.organs)
    annex = document.paragraphs[texts.index("附件")]
    assert texts.index("附件") > end
    assert annex.paragraph_format.page_break_before
    styles = document.styles.element.xml
    title = next(part for part in styles.split("</w:style>") if 'w:styleId="Title"' in part)
    assert "w:pBdr" not in title
    for table in document.tables:
        assert round(sum(cell.width for cell in table.rows[0].cells) / 36_000) == 156
        assert "w:tblHeader" in table.rows[0]._tr.xml


@pytest.mark.parametrize("kind", PAPERS)
def test_no_id_no_english_and_no_truth_value_stands_in_a_paper(kind, desk):
    made = paper(kind, desk)
    lines = [line for part in made.sections for line in part.lines]
    cells = [shown(value) for table in made.tables.values() for column in table for value in table[column]]
    words = {word for text in [*lines, *cells] for word in re.findall(r"[A-Za-z][A-Za-z-]+", text)}
    assert words == set()


def test_the_list_of_eliminations_holds_obsolete_lines_and_small_works_and_no_sound_line(desk):
    table = paper("elimination", desk).tables["淘汰名单"]
    assert table["生产线"].tolist()[:2] == ["立窑", "—"]
    assert table.iloc[-1][["序号", "产能", "单位"]].tolist() == ["合计", 25.0, "万吨"]
    assert table["责任单位"].iloc[1] == f"{LUZHOU}人民政府"


def test_the_notice_names_who_is_behind_by_how_much(desk):
    made = paper("notice", desk)
    late = made.sections[1].lines
    assert late
    assert all(re.search(r"应淘汰[\d.]+万.+已完成.+尚差", line) for line in late[:12])
    table = made.tables["进度"]
    mine = table[(table["行业"] == "水泥") & (table["市（州）"] == LUZHOU)].iloc[0]
    assert mine["已完成"] == 2.0


def test_the_report_counts_irregular_projects_alone_and_says_what_becomes_of_them(desk):
    made = paper("irregular", desk)
    assert made.organs[0] == "四川省发展和改革委员会"
    assert "共清理出违规项目1项，其中列入淘汰1项。" in made.sections[1].lines
    assert made.tables["违规项目"]["项目"].tolist() == ["旧线", ""]


def test_the_tariff_letter_tells_who_was_not_charged(desk):
    table = paper("surcharge", desk).tables["加价名单"]
    assert table["处理"].iloc[0] == "未执行加价"
    assert table.iloc[-1][["序号", "生产线"]].tolist() == ["合计", "1条"]


def test_a_ledger_announces_what_is_confirmed_and_no_draft(desk):
    day = {"when": date(2014, 7, 1)}
    city, office = {**day, "who": "甲", "role": "市州"}, {**day, "who": "乙", "role": "经信"}
    book = policy.Ledger().record(
        "register", **city, line_id="L-1", industry="cement", prefecture_zh=LUZHOU, t=100_000,
        listed_year=2014, overdue=False,
    )  # fmt: skip
    for plan in ("R-1", "R-2"):
        book = book.record(
            "draft", **city, plan_id=plan, prefecture_zh=LUZHOU, industry="cement", site_id="S", new_t=40_000,
            credits={"L-1": 40_000},
        )  # fmt: skip
    book = book.record("confirm", **office, plan_id="R-1")
    table = paper("replacement", Desk(DAY, desk.layers, None, book)).tables["置换方案"]
    assert table["新建产能"].tolist() == [4.0, 4.0]  # one plan and the total
    assert table["退出生产线"].iloc[0] == "立窑"


def test_a_paper_that_cannot_be_written_says_what_it_needs(desk):
    with pytest.raises(LabelError, match="scenario"):
        paper("elimination", Desk(DAY, desk.layers))
    with pytest.raises(LabelError, match="papers are"):
        paper("letter", desk)


def test_a_long_title_stands_in_two_lines_that_split_no_word():
    assert balanced("关于产能置换方案的公告") == ("关于产能置换方案的公告",)
    assert balanced("关于产能严重过剩行业违规项目清理情况的报告") == (
        "关于产能严重过剩行业",
        "违规项目清理情况的报告",
    )
