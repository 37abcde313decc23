"""Registers go out as one template with drop-downs and come back checked, kept, read and compared."""

from __future__ import annotations

from datetime import date

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import workbench as wb
from tests.policy import worlds
from workbench import policy
from workbench.cli.main import app
from workbench.errors import DataError
from workbench.policy import register_files
from workbench.reports.registers import keep_register, write_template

TABLE_ONE = {"序号": "1", "市（州）": "成都市", "企业名称": "甲", "行业": "水泥",
             "淘汰设备（生产线）": "甲水泥厂", "产能": 1, "单位": "万吨",
             "完成时限": "2014-12-31"}  # fmt: skip


@pytest.fixture(scope="module")
def ground():
    named = worlds.lines({"id": "L1", "name_zh": "甲水泥厂"}, {"id": "L2", "name_zh": "乙水泥厂"})
    return worlds.layers(lines=named, prefectures=worlds.prefectures())


@pytest.fixture
def template(ground, tmp_path):
    return write_template(tmp_path / "台账.xlsx", ground)


def fill(path, sheet, *rows):
    """Write rows into a sheet of the template, as a planner does in Excel."""
    book = openpyxl.load_workbook(path)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            book[sheet].cell(number, column, value)
    book.save(path)


def test_the_template_has_a_sheet_per_register_with_chinese_headings_and_drop_downs(template):
    book = openpyxl.load_workbook(template)
    for name, row in policy.registers().iterrows():
        sheet, schema = book[row["zh"][:31]], policy.register_schema(name)
        assert [cell.value for cell in sheet[1]] == schema["zh"].tolist()
        picked = {
            str(v.sqref).split(":")[0].rstrip("0123456789") for v in sheet.data_validations.dataValidation
        }
        wanted = schema.index[schema["kind"].isin(["choice", "flag"]) | (schema["refers"] != "")]
        letters = {openpyxl.utils.get_column_letter(schema.index.get_loc(c) + 1) for c in wanted}
        assert letters <= picked
    assert book["名录"].sheet_state == "hidden"


def test_every_register_comes_back_from_the_folder_as_it_was_kept(tmp_path):
    value = {"text": "甲", "number": 3.5, "year": 2014, "date": "2014-05-01", "flag": "是"}
    for name in policy.registers().index:
        schema = policy.register_schema(name)
        cells = {
            rule["zh"]: register_files.choice_names(rule["choices"].split(";"))[0]
            if rule["kind"] == "choice" else value[rule["kind"]]
            for _, rule in schema.iterrows()
        }  # fmt: skip
        rows = policy.load_register(name, pd.DataFrame([cells]))
        keep_register(name, rows, tmp_path)
        again = policy.read_registers(tmp_path)[name]
        pd.testing.assert_frame_equal(again.astype(object), rows.astype(object), check_dtype=False)


def test_a_filled_template_is_imported_and_cures_the_unknown_it_is_named_for(template, ground, tmp_path):
    fill(template, "生产线补充情况", ("甲水泥厂", None, None, "是"), ("乙水泥厂", None, None, "否"))
    filed = policy.read_registers(template)
    assert list(filed) == ["line_facts"]
    plan = worlds.plan([("L1", 1.0, "keep"), ("L2", 1.0, "keep")], layers=ground)
    before = policy.check(plan).set_index("item").loc["cement.coprocessing_share"]
    assert before[["verdict", "cure"]].tolist() == ["unknown", "line_facts"]
    plan.layers = policy.with_registers(ground, filed)
    assert policy.check(plan).set_index("item").loc["cement.coprocessing_share", "verdict"] == "pass"


def test_all_faults_of_all_sheets_are_told_at_once(template):
    fill(template, "资金预算", ("中央", "许多"))
    fill(template, "产品占比", ("水泥", "高端产品占比", "九成", 2014))
    with pytest.raises(DataError) as error:
        policy.read_registers(template)
    assert {fault.field for fault in error.value.faults} == {"预算（百万元）", "占比（%）"}


def table_one(heading, cell):
    return policy.load_register("elimination_2014", pd.DataFrame([{**TABLE_ONE, heading: cell}])).loc[0]


READ = [("产能", "１,200", 1200.0), ("产能", " 12.5", 12.5), ("完成时限", "2014年6月9日", date(2014, 6, 9)),
        ("完成时限", 41799, date(2014, 6, 9)), ("行业", "Cement\u200b", "cement"),
        ("企业名称", "甲\x1b[2J\u202e", "甲[2J"), ("序号", 7.0, "7")]  # fmt: skip
NO_FIGURE = ("inf", "-Infinity", "1e400", "nan", "-5", "10-20", "约12", "12万吨", "——")
NO_DAY = ("today", "05/06/2014", "14-12-31", "2014年12月", "2014-02-30", "9999-01-01")
NO_NAME = (" ", "\u200b", "待定", "甲" * 2001)


@pytest.mark.parametrize(("heading", "cell", "read"), READ)
def test_a_register_reads_cells_as_planners_write_them(heading, cell, read):
    assert read in table_one(heading, cell).tolist()


@pytest.mark.parametrize(
    ("heading", "cells"),
    [("产能", NO_FIGURE), ("完成时限", NO_DAY), ("企业名称", NO_NAME), ("行业", ("inf",))],
)
def test_what_is_no_value_of_a_register_is_a_fault_of_its_cell(heading, cells):
    for cell in cells:
        with pytest.raises(DataError) as error:
            table_one(heading, cell)
        assert [(fault.row, fault.field) for fault in error.value.faults] == [(2, heading)]


def test_none_is_a_choice_where_a_register_offers_it_and_blank_elsewhere():
    row = {"生产线": "甲", "月份": 5, "电压（千伏）": 110, "单位电耗（千瓦时/吨）": "13,000",
           "实付电价（元/千瓦时）": "无"}  # fmt: skip
    read = policy.load_register("power_prices", pd.DataFrame([{**row, "目录类别": "无"}])).loc[0]
    assert (read["catalogue_class"], read["price_cny_kwh"], read["kwh_t"]) == ("none", None, 13000.0)
    with pytest.raises(DataError, match="between 1 and 12"):
        policy.load_register("power_prices", pd.DataFrame([{**row, "月份": 13}]))


def test_a_name_nobody_knows_is_told_with_the_nearest(ground):
    filed = {
        "placements": policy.load_register(
            "placements", pd.DataFrame([{"生产线": "甲水泥", "已安置人数": 3}])
        )
    }
    (fault,) = register_files.unknown_names(filed, ground)
    assert (fault.row, fault.field, fault.found) == (2, "生产线", "甲水泥")
    assert "甲水泥厂" in fault.mend


def test_rows_that_differ_from_the_plan_are_told(ground):
    filed = {
        "elimination_2014": policy.load_register("elimination_2014", pd.DataFrame([TABLE_ONE])),
        "declared": policy.load_register(
            "declared",
            pd.DataFrame({"生产线": ["甲水泥厂", "乙水泥厂"], "申报产能（千吨）": [900, 1000]}),
        ),
    }
    plan = worlds.plan([("L1", 1000.0, "keep"), ("L2", 1000.0, "close")], layers=ground)
    rows = policy.differences(filed, plan).values.tolist()
    assert rows == [
        ["elimination_2014", "甲水泥厂", "close", "keep"],
        ["declared", "甲水泥厂", "900 kt", "1000 kt"],
    ]


def test_the_commands_write_import_and_tell(tmp_path, monkeypatch, layers):
    monkeypatch.setattr(wb, "load", lambda: layers)
    book, own = tmp_path / "台账.xlsx", tmp_path / "own"
    run = CliRunner()
    assert run.invoke(app, ["policy", "template", str(book)]).exit_code == 0
    fill(book, "资金预算", ("中央", 100))
    done = run.invoke(app, ["policy", "import", str(book), "--into", str(own)])
    assert done.exit_code == 0, done.output
    told = run.invoke(app, ["policy", "status", "--data", str(own)])
    assert told.exit_code == 0, told.output
    row = next(line for line in told.output.splitlines() if "资金预算" in line)
    assert "1" in row
    assert "P57" in row
