"""A plan in sentences: the figures said are those of its tables, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from tests.relocation import world
from workbench.labels import label
from workbench.relocation import optimise
from workbench.relocation.accounts import zone_balance_kt
from workbench.relocation.doubt import doubt
from workbench.reports.annual_plan import annual_plan
from workbench.reports.words import doubts, not_yet_known, sentences
from workbench.scenarios import Scenario


@pytest.fixture(scope="module")
def plan():
    scenario = Scenario.baseline().with_(
        zone={"asked_kt": 700.0}, policy={"clauses": world.SMALL}, solver={"gap_mcny": 0.0}
    )
    return optimise(world.problem(scenario))


def test_what_is_asked_and_what_leaves_are_said_with_their_figures(plan) -> None:
    zh, en = sentences(plan)[0]
    left = plan.limits.set_index("row").at["zone", "amount"]
    for told in (zh, en):
        assert "700" in told
        assert f"{left:,.0f}" in told
    assert "A1" in zh


def test_the_balance_falls_by_what_leaves_on_every_reading(plan) -> None:
    left = plan.limits.set_index("row").at["zone", "amount"]
    balance = zone_balance_kt(plan)
    assert (balance["before_kt"] - balance["after_kt"]).to_numpy() == pytest.approx([left, left])
    zh, en = sentences(plan)[1]
    for reading in ("median", "central"):
        assert f"{balance.at[reading, 'after_kt']:+,.0f}" in zh
        assert f"{balance.at[reading, 'after_kt']:+,.0f}" in en


def test_doubt_stands_in_the_work_plan_in_words(plan) -> None:
    found = doubt(plan.problem)
    paper = annual_plan(plan, on=date(2014, 3, 1), doubt=found)
    row = paper.tables["把握"].set_index("生产线" if "生产线" in paper.tables["把握"] else label("line"))
    assert row.loc["A1", label("certainty")].startswith("必退")
    assert len(paper.tables["多退"]) == len(found.frontier)
    said = [line for part in paper.sections for line in part.lines]
    assert all(zh in said for zh, _ in doubts(plan, found))
    assert not_yet_known()[0] in [
        x for part in annual_plan(plan, on=date(2014, 3, 1)).sections for x in part.lines
    ]


def test_the_saving_is_told_against_the_lawful_plan_that_moves_nothing(plan) -> None:
    saved = plan.reference_mcny - plan.objective_mcny
    assert any(f"{saved:,.0f} M CNY" in en for _, en in sentences(plan))


def test_doubt_names_each_unit_and_what_is_not_known_points_to_it(plan) -> None:
    assert "--doubt" in not_yet_known()[1]
    told = doubts(plan, doubt(plan.problem))
    assert any(en.startswith("A1: certain") for _, en in told)
    assert "more might leave" in told[-1][1]
