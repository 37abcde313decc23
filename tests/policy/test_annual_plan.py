"""The annual plan as a planner files it: headings, tables, numbers with units, agencies, dates."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from docx import Document

from tests.policy import worlds
from tests.policy.worlds import CHENGDU, LUZHOU
from workbench import policy
from workbench.errors import LabelError
from workbench.reports import annual_plan as report
from workbench.reports.official import shown

DAY = date(2014, 7, 1)
TABLE_ONE = ["1", "德阳市", "某厂", "steel", "高炉", "12", "万吨", "2014-12-31"]


@pytest.fixture(scope="module")
def content():
    layers = worlds.layers(
        lines=worlds.lines({"id": "L-1"}, {"id": "M-1"}),
        equipment=worlds.equipment(("X", "none", 1)),
        plants=worlds.frame([{"id": "P", "name_zh": "双流\x0b水泥厂", "owner": "甲"}]),
        sites=worlds.frame([{"id": "S", "name_zh": "=合江园区", "county_zh": "合江县", "kind": "park"}]),
        prefectures=worlds.prefectures(),
    )
    plan = worlds.plan([("L-1", 1000.0, "move", "S"), ("M-1", 500.0, "keep")], [("S", 1000.0, LUZHOU)],
                       [("L-1", "S:cement", 1000.0)], layers=layers)  # fmt: skip
    return report.annual_plan(plan, on=DAY)


def test_the_goals_are_the_years_in_the_texts_units(content):
    goals = content.tables["目标"].set_index(["行业", "指标"])
    assert goals.loc[("钢铁", "产能上限"), ["要求", "目标", "单位", "条款"]].tolist() == [
        "不超过",
        3600,
        "万吨",
        "附件一",
    ]
    assert goals.loc[("平板玻璃", "淘汰落后产能"), ["目标", "单位"]].tolist() == [160, "万重量箱"]
    assert goals.loc[("电解铝", "高端产品占比"), "比2013年提高（%）"] == 10
    assert goals.loc[("煤炭", "两年关闭小煤矿"), ["目标", "条款"]].tolist() == [500, "附件一"]
    assert ("电解铝", "淘汰落后产能") not in goals.index


def test_duties_name_offices_in_full_and_show_what_is_late(content):
    tasks = content.tables["任务分工"]
    first = tasks.iloc[0]
    assert first[["牵头单位", "完成时限", "状态", "条款"]].tolist() == [
        "省发展改革委",
        "2014年6月30日",
        "逾期",
        "附件二（一）",
    ]
    assert len(tasks) == 7
    assert len(content.tables["保障措施"]) == 7


def test_the_plans_closures_and_replacements_are_in_wan_tonnes(content):
    row = content.tables["关闭和转移"].iloc[0]
    assert row[["市（州）", "生产线", "产能", "单位", "处置"]].tolist() == [
        CHENGDU,
        "厂",
        100.0,
        "万吨",
        "关闭并转移",
    ]
    row = content.tables["产能置换"].iloc[0]
    assert row[["承接市（州）", "新建产能", "置换指标", "置换比"]].tolist() == [LUZHOU, 100.0, 100.0, "1"]
    books = content.tables["四批处置"].iloc[0]
    assert (books["现有产能"], books["转移"], books["方案后产能"]) == (150, 100, 150)
    verdicts = content.tables["条款核对"]
    assert set(verdicts["结论"]) <= {"不符合", "待核实"}
    cement = verdicts[verdicts["核对事项"] == "2014年淘汰落后水泥产能"].iloc[0]
    assert cement[["限值", "单位"]].tolist() == [300, "万吨"]
    glass = verdicts[verdicts["核对事项"] == "平板玻璃深加工率"].iloc[0]
    assert glass[["限值", "单位", "依据"]].tolist() == [50, "%", "（需：产品占比）"]


def test_missing_tables_say_so_and_imported_ones_are_shown(content):
    assert content.tables["附表1"].empty
    assert report.NOT_RECEIVED in {line for part in content.sections for line in part.lines}
    rows = pd.DataFrame([TABLE_ONE], columns=policy.register_schema("elimination_2014")["zh"])
    table = report.annual_plan(on=DAY, elimination=policy.load_register("elimination_2014", rows)).tables[
        "附表1"
    ]
    assert table.iloc[0].tolist() == ["1", "德阳市", "某厂", "钢铁", "高炉", 12.0, "万吨", "2014年12月31日"]


def test_the_word_file_holds_every_section_and_table(content, tmp_path):
    document = Document(report.write_annual_plan(content, tmp_path / "计划.docx"))
    headings = [
        p.text.replace("\n", "") for p in document.paragraphs if p.style.name.startswith(("Title", "Heading"))
    ]
    assert headings == [report.TITLE, *(part.heading for part in content.sections)]
    assert len(document.tables) == len(content.tables)
    heads = [[cell.text for cell in table.rows[0].cells] for table in document.tables]
    assert heads == [[str(name) for name in table.columns] for table in content.tables.values()]
    text = "".join(cell.text for table in document.tables for cell in table._cells)
    assert "3,600" in text
    assert "双流水泥厂" in text
    assert (
        document.styles["Normal"].element.rPr.rFonts.get(
            "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}eastAsia"
        )
        == "仿宋"
    )


def test_the_workbook_has_a_sheet_per_table_and_no_formula(content, tmp_path):
    book = openpyxl.load_workbook(report.write_annual_plan(content, tmp_path / "计划.xlsx"))
    assert set(content.tables) <= set(book.sheetnames)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(cell.value == "=合江园区" for cell in cells)
    with pytest.raises(LabelError, match="pdf"):
        report.write_annual_plan(content, tmp_path / "计划.pdf")


MM = 36_000  # English Metric Units


def test_the_document_has_the_form_of_the_standard(content, tmp_path):
    """GB/T 9704-2012: A4, margins 37 and 28 mm, a text block of 156 x 225 mm, 3号 body, 22 lines a page."""
    document = Document(report.write_annual_plan(content, tmp_path / "计划.docx"))
    page = document.sections[0]
    sizes = (page.page_width, page.page_height, page.top_margin, page.left_margin)
    assert [round(size / MM) for size in sizes] == [210, 297, 37, 28]
    assert round((page.page_width - page.left_margin - page.right_margin) / MM) == 156
    assert round((page.page_height - page.top_margin - page.bottom_margin) / MM) == 225
    body = document.styles["Normal"]
    assert body.font.size.pt == 16
    assert body.paragraph_format.line_spacing / MM == pytest.approx(225 / 22, abs=0.05)
    assert document.styles["Title"].font.size.pt == 22
    texts = [p.text for p in document.paragraphs]
    assert texts[0] == "川府发〔2014〕　　号"
    assert texts[-2:] == ["四川省人民政府", f"{DAY.year}年{DAY.month}月{DAY.day}日"]
    odd, even = page.footer.paragraphs[0], page.even_page_footer.paragraphs[0]
    assert document.settings.odd_and_even_pages_header_footer
    assert [p.alignment for p in (odd, even)] == [2, 0]  # right, left
    assert " PAGE " in odd._p.xml
    assert odd.text == "—  —"
    for table in document.tables:
        assert round(sum(cell.width for cell in table.rows[0].cells) / MM) == 156
        assert "w:tblHeader" in table.rows[0]._tr.xml


def test_nothing_an_office_would_strike_out_stands_in_the_tables(content):
    """No id, no true or false, no English word; totals below closures and replacements."""
    for name, table in content.tables.items():
        cells = [shown(value) for column in table for value in table[column]]
        words = {word for cell in cells for word in re.findall(r"[A-Za-z][A-Za-z-]+", cell)}
        assert words == set(), name
    closures = content.tables["关闭和转移"]
    assert closures.iloc[-1][["市（州）", "产能", "单位"]].tolist() == ["合计", 100.0, "万吨"]
    assert closures.iloc[0][["主体设备", "完成时限", "责任单位"]].tolist() == [
        "新型干法", "2014年12月31日", "成都市人民政府",
    ]  # fmt: skip
    assert content.tables["产能置换"].iloc[0]["指标来源"] == "厂"


def test_the_readings_filed_are_those_of_the_plan(content):
    plan = worlds.plan([("L-1", 1.0, "keep")], layers=worlds.world({"id": "L-1"}))
    plan.scenario.zone = SimpleNamespace(definition="five")
    filed = policy.load_register(
        "elimination_2014",
        pd.DataFrame([TABLE_ONE], columns=policy.register_schema("elimination_2014")["zh"]),
    )
    plan.layers = plan.layers.with_(elimination_2014=filed)
    made = report.annual_plan(plan, on=DAY)
    chosen = made.tables["口径"].set_index("问题")["本计划采用"]
    assert chosen["成都经济区为五市还是八市"] == "五市"
    assert chosen["表1表2未附，任务与项目须另行导入"] == "已导入"
    assert len(made.tables["附表1"]) == 1
