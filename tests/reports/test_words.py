"""A plan in sentences: the figures said are those of its tables, in both languages."""

from __future__ import annotations

import pytest

from tests.relocation import world
from workbench.relocation import optimise
from workbench.relocation.doubt import doubt
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


def test_the_saving_is_told_against_the_lawful_plan_that_moves_nothing(plan) -> None:
    saved = plan.reference_mcny - plan.objective_mcny
    assert any(f"{saved:,.0f} M CNY" in en for _, en in sentences(plan))


def test_doubt_names_each_unit_and_what_is_not_known_points_to_it(plan) -> None:
    assert "--doubt" in not_yet_known()[1]
    told = doubts(plan, doubt(plan.problem))
    assert any(en.startswith("A1: certain") for _, en in told)
    assert "more might leave" in told[-1][1]
