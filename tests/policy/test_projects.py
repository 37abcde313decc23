"""Registers stay empty until imported, and the project rules find each planted breach."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from workbench.errors import DataError, LabelError
from workbench.policy import projects
from workbench.policy import register_files as registers

ROW = {"编号": "1", "项目名称": "技改", "市（州）": "泸州市", "行业": "cement", "阶段": "start"}


def register(*rows):
    return registers.load_register("projects", pd.DataFrame([{**ROW, **row} for row in rows]))


def test_tables_one_and_two_are_a_schema_without_a_row():
    for name in ("elimination_2014", "projects_2014"):
        assert registers.empty_register(name).empty
        assert len(registers.register_schema(name)) >= 8
    assert registers.registers().loc["elimination_2014", "clause"] == "P69"
    with pytest.raises(LabelError, match="projects_2014"):
        registers.register_schema("table3")


def test_an_imported_table_is_typed_and_every_fault_is_told():
    row = dict(
        zip(
            registers.register_schema("elimination_2014")["zh"],
            ["1", "德阳市", "某厂", "steel", "高炉", "12", "万吨", "2014年12月31日"],
            strict=True,
        )
    )
    frame = registers.load_register("elimination_2014", pd.DataFrame([row]))
    assert frame.loc[0, ["capacity", "due"]].tolist() == [12.0, date(2014, 12, 31)]
    bad = {**row, "产能": "many", "行业": "paper", "单位": "", "备注": "x"}
    with pytest.raises(DataError) as error:
        registers.load_register("elimination_2014", pd.DataFrame([row, bad]), file="表1.xlsx")
    assert {(f.row, f.field) for f in error.value.faults} == {
        (3, "产能"),
        (3, "行业"),
        (3, "单位"),
        (1, "备注"),
    }
    with pytest.raises(DataError, match="完成时限"):
        registers.load_register("elimination_2014", pd.DataFrame([row]).drop(columns="完成时限"))


@pytest.mark.parametrize("name", ["products", "power_contracts", "quality", "coal_mines", "projects"])
def test_every_register_names_its_clause_and_columns_in_chinese(name):
    assert registers.registers().loc[name, "clause"].startswith("P")
    assert registers.register_schema(name)["zh"].str.contains(r"[\u4e00-\u9fff]").all()


def test_quality_classes_and_product_tags_are_closed_lists():
    good = pd.DataFrame([{"企业": "P1", "监管类别": "B", "检查日期": "2014-05-01"}])
    assert registers.load_register("quality", good).loc[0, "quality_class"] == "B"
    with pytest.raises(DataError, match="监管类别"):
        registers.load_register("quality", good.assign(监管类别="Z"))
    mix = {
        "生产线": "L",
        "行业": "steel",
        "产品": "重轨",
        "产品类别": "special_steel",
        "产量（千吨）": 5,
        "年份": 2014,
    }
    assert registers.load_register("products", pd.DataFrame([mix])).loc[0, "kt"] == 5
    with pytest.raises(DataError, match="产品类别"):
        registers.load_register("products", pd.DataFrame([{**mix, "产品类别": "good"}]))


@pytest.mark.parametrize(
    ("day", "added", "credits", "found"),
    [
        ("2014-02-22", 10, 9, 1),
        ("2014-02-21", 10, 0, 0),
        ("2014-03-01", 10, 10, 0),
        ("2014-03-01", 10, None, 1),
        (None, 10, 0, 0),
    ],
)
def test_approvals_of_new_capacity_without_credits_are_found(day, added, credits, found):
    frame = register({"核准或备案日期": day, "新增产能（千吨）": added, "置换指标（千吨）": credits})
    assert len(projects.unlawful_approvals(frame)) == found


@pytest.mark.parametrize(
    ("built", "advanced", "needed", "norms", "papers", "outcome"),
    [
        ("是", "是", None, "是", "否", "complete_papers"),
        ("是", "否", None, "是", "否", "eliminate"),
        ("是", "是", None, "否", "否", "eliminate"),
        ("否", None, "是", "是", "否", "state_procedure"),
        ("否", None, "否", "是", "否", "stop"),
        ("否", None, None, "是", "否", "unknown"),
        ("是", "是", None, None, "否", "unknown"),
        ("是", "是", "是", "是", "是", "regular"),
    ],
)
def test_irregular_projects_are_sorted_by_evidence(built, advanced, needed, norms, papers, outcome):
    frame = register(
        {
            "已建成": built,
            "工艺先进": advanced,
            "确有必要": needed,
            "质量能耗排放达标": norms,
            "手续齐全": papers,
        }
    )
    assert projects.sort_irregular(frame).tolist() == [outcome]


def test_money_lent_to_projects_without_papers_is_exposed():
    frame = register(
        {"手续齐全": "否", "贷款与债券（百万元）": 30}, {"手续齐全": "是", "贷款与债券（百万元）": 50}
    )
    assert projects.exposure(frame).loc["泸州市"].tolist() == [1, 30]


def test_a_project_starts_only_past_every_gate():
    done = {"项目审批": "是", "用地审查": "是", "环境影响评价": "是"}
    frame = projects.gates(register(done, {**done, "用地审查": None}))
    assert frame["may_start"].tolist() == [True, False]
    assert frame["open_gates"].tolist() == ["", "国土"]


def test_grants_stay_within_each_budget():
    frame = projects.funding(
        register({"中央资金（百万元）": 5, "省级资金（百万元）": 8}), {"central": 5, "province": 7}
    )
    assert frame["within"].tolist() == [True, False, True]
    assert frame.loc["province", "left_mcny"] == -1
    with pytest.raises(LabelError, match="bank"):
        projects.funding(register({}), {"bank": 1})


def test_the_pipeline_counts_stages_and_relocations_and_advances_in_order():
    frame = projects.pipeline(register({"环保搬迁": "是"}, {"阶段": "finish"}))
    assert frame.loc["cement"].tolist() == [0, 1, 0, 1, 1]
    assert [projects.advance(s) for s in projects.STAGES[:-1]] == list(projects.STAGES[1:])
    with pytest.raises(LabelError, match="finish"):
        projects.advance("finish")


def test_declared_capacity_is_checked_against_the_derived_one():
    declared, derived = pd.Series({"A": 100.0, "B": 80.0}), pd.Series({"B": 100.0, "A": 104.0})
    assert projects.false_reports(declared, derived).index.tolist() == ["B"]
    with pytest.raises(LabelError, match="C"):
        projects.false_reports(declared, pd.Series({"A": 1.0, "C": 1.0}))


HEAD = "序号,市（州）,企业名称,行业,淘汰设备（生产线）,产能,单位,完成时限"


def test_table_one_is_read_from_a_planners_workbook_or_text(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    rows = [HEAD.split(","), ["1", "德阳市", "某厂", "钢铁", "高炉", 12, "万吨", "2014-12-31"]]
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "表1.xlsx")
    (tmp_path / "表1.csv").write_text(
        f"{HEAD}\n1,德阳市,某厂,钢铁,高炉,12,万吨,2014-12-31\n", encoding="gb18030"
    )
    for name in ("表1.xlsx", "表1.csv"):
        frame = registers.read_register("elimination_2014", tmp_path / name)
        assert frame.loc[0, ["industry", "capacity", "due"]].tolist() == ["steel", 12.0, date(2014, 12, 31)]


def test_faults_of_a_file_carry_its_own_row_numbers(tmp_path):
    path = tmp_path / "表1.csv"
    path.write_text(
        f"{HEAD}\n1,德阳市,某厂,钢铁,高炉,12,万吨,2014-12-31\n2,德阳市,,造纸,机,x,万吨,2014-12-31\n", "utf-8"
    )
    with pytest.raises(DataError) as error:
        registers.read_register("elimination_2014", path)
    assert {(f.row, f.field) for f in error.value.faults} == {(3, "企业名称"), (3, "行业"), (3, "产能")}
    with pytest.raises(DataError, match="xlsx"):
        registers.read_register("elimination_2014", path.rename(tmp_path / "表1.doc"))
    twice = pd.DataFrame([["a", "b"]], columns=["序号", "id"])
    with pytest.raises(DataError, match="2 columns"):
        registers.load_register("elimination_2014", twice)
