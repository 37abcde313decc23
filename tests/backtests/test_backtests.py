"""Back-tests by hand: areas, counts, pooling, levers learned elsewhere, and no label among the inputs."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.relocation import world
from workbench.backtests import (
    BESIDE,
    OWN,
    auc,
    chance_auc,
    gain_alone,
    gather,
    hold,
    judged,
    learned,
    levers,
    outcomes,
    within,
    without_history,
)  # fmt: skip
from workbench.backtests.paper import placed, ranking_table, section
from workbench.backtests.score import counted, first, interval
from workbench.cli import main
from workbench.relocation import Assessor

ROOT = Path(__file__).parents[2]


def series(values, kind=float) -> pd.Series:
    return pd.Series(list(values), dtype=kind)


def works(ended: str, industry: str = "") -> pd.DataFrame:
    """A works per letter: E ended, S stands; industries by letter, all alike without them."""
    return pd.DataFrame(
        {"industry": list(industry or "a" * len(ended)), "ended": [letter == "E" for letter in ended]}
    )


def test_the_area_counts_pairs_and_halves_ties() -> None:
    ended = series([True, False, True, False], bool)
    assert auc(series([4, 3, 2, 1]), ended) == 3 / 4
    assert auc(series([4, 4, 2, 1]), ended) == 2.5 / 4
    assert auc(series([1, 2, 3, 4]), ended) == 1 / 4
    assert np.isnan(auc(series([1, 1, 1, 1]), ended))
    assert np.isnan(auc(series([1, 2, 3, 4]), series([False] * 4, bool)))


def test_a_works_of_unknown_score_stands_in_the_middle() -> None:
    assert auc(series([np.nan, 3, 1]), series([True, False, False], bool)) == 1 / 2


def test_six_of_55_cement_works_cannot_be_told_from_chance_below_an_area_of_071() -> None:
    assert chance_auc(series([True] * 6 + [False] * 49, bool)) == pytest.approx(0.707, abs=2e-3)
    assert chance_auc(series([True, False], bool)) == 1.0


def test_an_interval_holds_the_area_and_one_event_has_none() -> None:
    random = np.random.default_rng(1)
    ended = series([True] * 10 + [False] * 30, bool)
    score = series(random.normal(ended.astype(float), 1.0))
    low, high = interval(score, ended)
    assert low < auc(score, ended) < high
    assert (low, high) == interval(score, ended)
    assert np.isnan(interval(score, series([True] + [False] * 39, bool))).all()


def test_found_missed_and_false_of_those_ranked_first_and_none_beyond_where_ties_would_add() -> None:
    ended = series([True, True, False, False], bool)
    assert counted(first(series([4, 1, 3, 2]), 2), ended) == {"found": 1, "missed": 1, "false": 1}
    assert first(series([2, 1, 1, 1]), 2).tolist() == [True, False, False, False]


def test_industries_are_pooled_by_ranks_and_those_where_nothing_ended_are_left_out() -> None:
    table = works("ESSESSSS", "aaabbbcc")
    scores = pd.DataFrame({"x": [3.0, 2, 1, 3000, 2000, 1000, 9e6, 8e6]})
    found = judged(scores, table).set_index("industry")
    assert found.at["pooled", "auc"] == 1.0
    assert (found.at["pooled", "works"], found.at["pooled", "ended"]) == (6, 2)
    assert np.isnan(found.at["c", "auc"])
    assert within(scores, table["industry"])["x"].max() < 1.0


def test_levers_are_fixed_on_one_industry_and_judged_on_the_other() -> None:
    table = works("ESSESS", "aaabbb")
    causes = pd.DataFrame({"debt": [1.0, 0, 0, 0, 0, 1], "seat": [0.0, 1, 2, 9, 1, 0]})
    found = learned(causes, table).set_index(["fixed_on", "judged_on"])
    assert found.at[("a", "b"), "weights"] == "debt 0.50"
    assert found.at[("a", "b"), "auc"] == pytest.approx(1 / 4)  # the debtor stands, one works ties
    assert found.at[("b", "a"), "weights"] == "seat 0.50"
    assert found.at[("b", "a"), "auc"] == 0.0


def test_the_gain_of_a_line_alone_is_no_less_than_any_move_of_it_by_hand() -> None:
    problem = world.problem()
    assessor, gain = Assessor(problem), gain_alone(problem)
    kept = assessor.assess({}).objective_mcny
    for line in problem.lines.index:
        builds = problem.moves.loc[problem.moves["line"] == line, "build"]
        sites = problem.facilities.loc[builds, "site_id"]
        by_hand = [assessor.assess({line: to}).objective_mcny for to in ["close", *sites]]
        assert gain[line] >= kept - min(by_hand) - 1e-3  # but for the tie-break


@pytest.fixture(scope="module")
def baseline():
    return wb.load()


def test_what_ended_by_a_year_leaves_out_those_of_unknown_year(baseline) -> None:
    today, by_2018 = outcomes(baseline), outcomes(baseline, until=2018)
    assert today["ended"].groupby(today["industry"]).sum().to_dict() == {
        "aluminium": 1, "cement": 6, "steel": 5,
    }  # fmt: skip
    assert not today.at["ST08", "ended"]  # renewed where it stood
    assert by_2018.at["ST03", "ended"]
    assert not by_2018.at["ST07", "ended"]  # moved in 2025
    assert "CM02" not in by_2018.index
    assert levers(baseline).loc["ST03", ["losses", "debt", "urban", "owner"]].tolist() == [1.0, 1.0, 1.0, 0.0]


def test_a_private_owner_is_nobody_s_group(baseline) -> None:
    assert levers(baseline).loc[["ST12", "ST21"], "siblings"].tolist() == [0.0, 0.0]
    assert levers(baseline).at["AL02", "siblings"] >= 1.0


@pytest.fixture(scope="module")
def evidence(baseline):
    return gather(layers=baseline, industries=("aluminium",))


def test_no_label_is_an_input(baseline, evidence) -> None:
    told = baseline.history
    turned = told["what"].map({"operating": "retired", "moved": "operating"}).fillna(told["what"])
    other = gather(layers=baseline.with_(history=told.assign(what=turned)), industries=("aluminium",))
    pd.testing.assert_frame_equal(evidence.scores, other.scores)
    pd.testing.assert_series_equal(evidence.leaves_kt, other.leaves_kt)
    assert hold(evidence).works["ended"].tolist() != hold(other).works["ended"].tolist()
    assert "history" not in without_history(baseline)


def test_no_other_room_reads_what_came_later() -> None:
    for path in sorted((ROOT / "workbench").rglob("*.py")):
        if "backtests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute | ast.Subscript):
                of_layers = ast.unparse(node.value).endswith(("layers", "base", "frames"))
                name = node.attr if isinstance(node, ast.Attribute) else ast.unparse(node.slice).strip("'")
                assert not (of_layers and name == "history"), path


def test_every_ranking_is_judged_and_written_between_the_marks(evidence) -> None:
    test = hold(evidence)
    assert {*OWN, *BESIDE} <= set(test.rankings["ranking"])
    assert len(ranking_table(test)) == test.rankings["ranking"].nunique()
    text = section(test, "title", ["AL01"])
    page = placed("before\n<!-- measured -->\nold\n<!-- /measured -->\nafter", text)
    assert "old" not in page
    assert page.startswith("before")
    assert page.endswith("after")
    assert "AL05" in page
    with pytest.raises(ValueError, match="no place to write"):
        placed("no marks", text)


def test_a_page_without_marks_is_refused_before_any_work(tmp_path, capsys) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        main(["backtest", "--write", str(page)])
    assert stop.value.code == 2
    assert "--write" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "nothing"
