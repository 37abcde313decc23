"""`workbench why` and `workbench explain`: told in both languages, or one clear message."""

from __future__ import annotations

import openpyxl
import pytest

import workbench as wb
from workbench.cli import main


def call(*words: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    return int(stop.value.code or 0)


def test_a_line_is_asked_why_on_the_console_and_in_a_workbook(tmp_path, capsys, layers) -> None:
    lines = layers["lines"]
    line = lines.index[(lines["industry"] == "flat_glass") & lines["in_baseline"].astype(bool)][0]
    assert call("why", str(line), "--industry", "flat_glass", "--out", str(tmp_path)) == 0
    told = capsys.readouterr().out
    assert f"{line}: in the best plan it " in told
    assert "在最优方案中" in told
    book = openpyxl.load_workbook(tmp_path / "why.xlsx")
    assert {"其他去向 Other fates", "费用变化 Cost"} <= set(book.sheetnames)


def test_a_plan_is_asked_why_and_its_clauses_are_priced(capsys) -> None:
    assert call("why", "--industry", "flat_glass") == 0
    told = capsys.readouterr().out
    assert "shadow prices" in told
    assert "differ" in told


def test_clauses_that_clash_are_told_in_the_policys_words(tmp_path, capsys, layers) -> None:
    inside = wb.Study.prepare(wb.Scenario.baseline(), layers).problem.lines.query("in_zone").index
    scenario = wb.Scenario.baseline().with_(pins=dict.fromkeys(inside, "keep"))
    wb.scenarios.save(scenario, tmp_path / "clash.toml")
    assert call("why", "--scenario", str(tmp_path / "clash.toml")) == 1
    told = capsys.readouterr().out
    assert 'P24 (cement, 2014) "Surplus cement leaves the Chengdu economic zone' in told
    assert "迁出区外" in told


def test_a_number_is_taken_apart(tmp_path, capsys) -> None:
    assert call("explain", "freight_cost_cny", "--industry", "flat_glass", "--out", str(tmp_path)) == 0
    told = capsys.readouterr().out
    assert "freight of products" in told
    book = openpyxl.load_workbook(tmp_path / "explain.xlsx")
    assert {"组成 Rows", "假设 Assumptions", "运输分段 Legs"} <= set(book.sheetnames)


def test_a_number_nobody_knows_is_refused_before_any_work(capsys) -> None:
    assert call("explain", "beauty") == 2
    assert "freight_cost_cny" in capsys.readouterr().err
