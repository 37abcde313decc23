"""Registers go out as one template with drop-downs and come back checked, kept, read and compared."""

from __future__ import annotations

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
    value = {"text": "甲", "number": 3.5, "date": "2014-05-01", "flag": "是"}
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
    table = {"序号": "1", "市（州）": "成都市", "企业名称": "甲", "行业": "水泥",
             "淘汰设备（生产线）": "甲水泥厂", "产能": 1, "单位": "万吨",
             "完成时限": "2014-12-31"}  # fmt: skip
    filed = {
        "elimination_2014": policy.load_register("elimination_2014", pd.DataFrame([table])),
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
