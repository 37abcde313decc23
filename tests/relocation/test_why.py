"""Other fates cost what forcing them costs, plans nearby are those enumeration finds, clashes are freed."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from tests.laws import law
from tests.relocation import world
from workbench.errors import InfeasibleError, LabelError
from workbench.relocation.conflicts import conflicts
from workbench.relocation.decisions import Choices
from workbench.relocation.law import limits_by_year
from workbench.relocation.near import LEAST_UNITS, near
from workbench.relocation.problem import prepare
from workbench.relocation.program import formulate
from workbench.relocation.why import Best
from workbench.reports.why import conflict_sentences, fates_table, near_table, why_sentences
from workbench.scenarios import Scenario
from workbench.solver import Session, solve

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies


def asked(kt: float = 900.0, sizes: dict[str, float] | None = None, **changes):
    base = world.layers(old_share=0.0, **{"cement.min_build_kt": 100.0})
    lines = base.lines.copy()
    for line, size in (sizes or {"A1": 900.0, "A2": 1400.0}).items():
        lines.loc[line, "capacity_kt"] = size
    lines["plant_id"] = lines.index
    base = base.with_(lines=lines)
    given = {
        "zone": {"asked_kt": kt},
        "policy": {"clauses": world.SMALL},
        "solver": {"gap_mcny": 0.0},
    } | changes
    return prepare(Scenario.baseline().with_(**given), base, world.straight)


def pinned_cost(problem, line: str, fate: str) -> float:
    """The cost of a plan with one fate pinned, the law left as it was: an independent solve."""
    scenario = problem.scenario.model_copy(update={"pins": {line: fate}})
    pinned = replace(problem, scenario=scenario)
    figures = limits_by_year(problem)
    try:
        return solve(formulate(pinned, figures, Choices(pinned)), gap_abs=0.0).objective
    except InfeasibleError:
        return np.inf


@pytest.mark.parametrize("line", ["A1", "A2"])
def test_each_other_fate_costs_what_a_plan_with_it_pinned_costs(line) -> None:
    problem = asked()
    best = Best(problem)
    told = best.why(line)
    base = solve(formulate(problem), gap_abs=0.0).objective
    assert told.fate == best.plan.decisions.at[line, "decision"]
    assert len(told.others) >= 2
    for row in told.others.itertuples():
        forced = pinned_cost(problem, line, row.site_id or row.fate)
        if row.status == "unlawful":
            assert not np.isfinite(forced)
            continue
        assert row.extra_mcny == pytest.approx(forced - base, abs=1.1)
        assert row.proven_mcny <= forced - base + 1e-3
    moved = told.others.query("fate == 'move' and status == 'possible'")
    assert moved["extra_mcny"].is_monotonic_increasing
    assert (moved["even_cny_t"] * moved["built_kt"] / 1e3).tolist() == pytest.approx(
        moved["extra_mcny"].tolist()
    )


def test_what_the_parts_of_the_cost_change_adds_up_to_what_it_costs_more() -> None:
    told = Best(asked()).why("A1")
    solved = told.others[told.others["status"] == "possible"]
    assert told.parts.sum().tolist() == pytest.approx(solved["extra_mcny"].tolist(), abs=1e-2)


def test_the_next_sites_are_the_cheapest_and_one_asked_for_comes_first() -> None:
    best = Best(asked())
    gone = best.plan.decisions.query("decision == 'move'").index
    line = gone[0] if len(gone) else "A1"
    one, all_ = best.why(line, count=1), best.why(line, count=9)
    sites = all_.others.query("fate == 'move'")
    first = one.others.query("fate == 'move'")
    assert first["extra_mcny"].iloc[0] == pytest.approx(sites["extra_mcny"].min(), abs=1.1)
    last = sites["site_id"].iloc[-1]
    assert best.why(line, site=last, count=1).others.query("fate == 'move'")["site_id"].iloc[0] == last


def test_a_fate_the_law_or_the_planner_settles_is_told_as_such() -> None:
    told = Best(asked()).why("B1").others.set_index("fate")
    assert told.at["close", "status"] == "unlawful"
    assert "P1 " in told.at["close", "clauses"]
    pinned = Best(asked(pins={"A1": "close"})).why("A1").others
    assert set(pinned["status"]) == {"unlawful"}
    assert pinned["clauses"].str.contains("规划者").all()
    with pytest.raises(LabelError, match="no such line"):
        Best(asked()).why("Z9")
    with pytest.raises(LabelError, match="S0"):
        Best(asked()).why("A1", site="S0")  # in the zone


def test_why_is_told_in_both_languages() -> None:
    best = Best(asked())
    told = best.why("A1")
    said = why_sentences(told, best.problem.layers)
    assert len(said) >= 1 + len(told.others)
    assert all(zh and en and zh != en for zh, en in said)
    assert len(fates_table(told, best.problem.layers)) == len(told.others)


@law(40)
@hypothesis.given(st.integers(0, 10**6))
def test_plans_nearby_are_those_enumeration_finds(seed: int) -> None:
    random = np.random.default_rng(seed)
    sizes = dict(zip(("A1", "A2", "B1", "X1"), random.integers(4, 12, 4) * 100.0, strict=True))
    changes = {"policy": {"clauses": world.SMALL | {"P1": "told"}}}
    problem = asked(float(random.integers(2, 12)) * 100.0, sizes, **changes)
    best, slack = Best(problem), float(random.choice([20.0, 60.0]))
    found = near(best, slack_mcny=slack, count=2)
    lines = list(best.choices.lines.index)
    cost = {}
    for stays in product((0.0, 1.0), repeat=len(lines)):
        keep = pd.Series(stays, index=lines)
        session = Session(best.model())
        session.set_bounds("keep", lower=keep, upper=keep)
        try:
            cost[stays] = session.solve(gap_abs=0.0, explain=False).objective - best.found.objective
        except InfeasibleError:
            continue
    inside = [stays for stays, extra in cost.items() if extra <= slack]
    known = [tuple(best.found.values["keep"].round())]
    for row, kept in zip(found.plans.itertuples(), found.kept, strict=True):
        mine = tuple(float(line in kept) for line in lines)
        apart = {s: min(sum(abs(a - b) for a, b in zip(s, k, strict=True)) for k in known) for s in inside}
        assert row.units == max(apart.values()) == apart[mine] >= LEAST_UNITS
        assert row.extra_mcny == pytest.approx(max(cost[mine], 0.0), abs=1.1)
        known.append(mine)
    if found.complete:
        apart = [min(sum(abs(a - b) for a, b in zip(s, k, strict=True)) for k in known) for s in inside]
        assert max(apart) < LEAST_UNITS
    assert found.complete or len(found.plans) == 2
    assert len(near_table(found, problem.layers)) == len(found.plans)


def test_clauses_that_clash_are_named_with_the_least_that_frees_them() -> None:
    problem = asked(900.0, pins={"A1": "keep", "A2": "keep"})
    with pytest.raises(InfeasibleError):
        solve(formulate(problem))
    told = conflicts(problem)
    assert told["clause"].tolist() == ["P24"]
    row = told.iloc[0]
    assert (row["side"], row["low"]) == ("low", 900.0)
    year = problem.years[-1]
    for freed, possible in ((row["freed"], True), (row["freed"] + 1.0, False)):
        table = limits_by_year(problem)[year].copy()
        table.loc[table["row"] == "zone", "low"] = freed
        try:
            solve(formulate(problem, {year: table}), explain=False)
        except InfeasibleError:
            assert not possible
        else:
            assert possible
    ((zh, en),) = conflict_sentences(told)
    assert "P24" in zh
    assert "900.0" in en
    assert conflicts(asked()).empty
