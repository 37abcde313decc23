"""`workbench trade`: points on the console and in a workbook, or one clear message."""

from __future__ import annotations

import openpyxl
import pytest

from workbench.cli import main


def call(*words: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["trade", *words])
    return int(stop.value.code or 0)


def test_a_planner_gets_the_points_on_the_console_and_as_files(tmp_path, capsys) -> None:
    assert call("--industry", "flat_glass", "--points", "3", "--out", str(tmp_path)) == 0
    told = capsys.readouterr().out
    sheet = openpyxl.load_workbook(tmp_path / "trade.xlsx")["取舍 Trade-off"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert ("不冲突" if len(rows) == 1 else f"有{len(rows)}个") in told
    costs, co2 = ([row[column] for row in rows] for column in (1, 3))
    assert costs == sorted(costs)
    assert co2 == sorted(co2, reverse=True)
    assert (tmp_path / "trade.png").read_bytes().startswith(b"\x89PNG")


def test_an_objective_nobody_knows_is_refused_before_any_work(capsys) -> None:
    assert call("--between", "beauty") == 2
    assert "trade, objective: found beauty; expected one of cost, co2, jobs" in capsys.readouterr().err
