"""`workbench robust`: the plan in many futures on the console and in a workbook, the same for one seed."""

from __future__ import annotations

import openpyxl
import pytest

import workbench as wb
from workbench.cli import main


def call(*words: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["robust", *words])
    return int(stop.value.code or 0)


def sheet(path, title):
    rows = openpyxl.load_workbook(path / "robust.xlsx")[title].iter_rows(values_only=True)
    head, *body = rows
    return head, body


def test_a_planner_gets_the_spread_and_the_clauses_and_again_with_the_same_seed(tmp_path, capsys) -> None:
    asked = ("--industry", "flat_glass", "--samples", "3", "--seed", "5")
    assert call(*asked, "--out", str(tmp_path)) == 0
    told = capsys.readouterr().out
    assert "3 futures" in told
    assert "3 个未来" in told
    assert (tmp_path / "robust.png").read_bytes().startswith(b"\x89PNG")
    _, futures = sheet(tmp_path, "未来 Futures")
    names, draws = sheet(tmp_path, "抽取 Drawn")
    assert len(futures) == len(draws) == 3
    plan = wb.Study.prepare(wb.Scenario.baseline().with_(industries=("flat_glass",))).plan()
    found = wb.robust.evaluate(plan, 3, 5)
    assert list(names) == list(found.drawn.values)
    for row, drawn in zip(draws, found.drawn.values.to_numpy(), strict=True):
        assert row == pytest.approx(tuple(drawn))
    assert [row[0] for row in futures] == pytest.approx(found.results["objective_mcny"].tolist())
    # at the table's values the plan is what it was, to the last digits the solver gives
    assert found.central["objective_mcny"] == pytest.approx(plan.objective_mcny, rel=1e-9)
    assert found.failed == 0


def test_an_assumption_nobody_knows_is_refused(capsys) -> None:
    assert call("--industry", "flat_glass", "--samples", "2", "--over", "no.such") == 2
    assert "no.such" in capsys.readouterr().err


def test_the_plan_of_another_scenario_is_compared_in_the_same_futures(tmp_path, capsys) -> None:
    base = wb.Scenario.baseline().with_(industries=("flat_glass",))
    study = wb.Study.prepare(base)
    kept = study.plan().decisions.query("decision == 'keep'").index[0]
    other = tmp_path / "other.toml"
    wb.scenarios.save(base.with_(name="closing", pins={kept: "close"}), other)
    names = ["flat_glass.fixed_cny_t", "flat_glass.closure_cny_t"]
    asked = ("--industry", "flat_glass", "--samples", "2", "--against", str(other))
    asked += ("--over", names[0], "--over", names[1], "--sobol", "2")
    assert call(*asked, "--out", str(tmp_path / "out")) == 0
    assert "│ closing " in capsys.readouterr().out
    _, rows = sheet(tmp_path / "out", "后悔 Regret")
    assert {row[0] for row in rows} == {"baseline", "closing"}
    _, each = sheet(tmp_path / "out", "各未来后悔 Regret by future")
    assert len(each) == 2
    assert all(min(row) == 0 for row in each)
    assert max(max(row) for row in each) == pytest.approx(max(row[1] for row in rows))
    head, rows = sheet(tmp_path / "out", "谁决定 Sobol")
    assert {row[0] for row in rows} == set(names)
    assert "单独作用 Alone" in head
