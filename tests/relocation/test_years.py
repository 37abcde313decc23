"""Five years as one program: lawful every year, nothing comes back, old closes before new starts, by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from tests.laws import FULL, scaled
from tests.relocation import checker_years, world
from tests.relocation.test_law import HEADROOM, a_world, broken, one_site
from workbench.errors import InfeasibleError, ScenarioError
from workbench.relocation import Assessor, optimise
from workbench.relocation.assess import Decided
from workbench.relocation.outlay import TREASURY, outlays, payback
from workbench.relocation.problem import prepare
from workbench.relocation.years import Calendar
from workbench.scenarios import Scenario

YEARS = [2014, 2015, 2016, 2017, 2018]


def planned(base, changes=None, *, years=YEARS, **extra):
    scenario = Scenario.baseline().with_(solver={"gap_mcny": 0.0}, policy={"years": years})
    scenario = scenario.with_(**(changes or {}))
    return optimise(
        prepare(scenario, base.with_assumptions(dict(scenario.assumptions)), world.straight, **extra)
    )


@pytest.fixture(scope="module")
def plan():
    return planned(world.with_old_works(), headroom_t=HEADROOM)


def test_every_year_keeps_its_law_and_nothing_comes_back(plan) -> None:
    checker_years.assert_sound(plan)
    assert list(plan.stages) == YEARS
    assert broken(plan) == []
    assert plan.objective_mcny <= plan.reference_mcny + 1e-6
    assert plan.bound_mcny <= plan.objective_mcny + 1e-9


def test_the_years_weigh_as_their_money_does(plan) -> None:
    weights = Calendar.of(plan.problem).weights(plan.layers.assumptions)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[2015] / weights[2014] == pytest.approx(1 / 1.08)
    tail = sum(1.08**-i for i in range(4, 20)) / sum(1.08**-i for i in range(20))
    assert weights[2018] == pytest.approx(tail)


def test_the_task_of_each_year_is_that_of_its_path(plan) -> None:
    due = [state.limits.set_index("row").at["quota", "low"] for state in plan.stages.values()]
    assert due == [3000.0, 4750.0, 6500.0, 8250.0, 10_000.0]


def test_books_of_the_years_add_up_to_those_of_the_plan(plan) -> None:
    together = plan.books_by_year.groupby(level="industry").sum()
    pd.testing.assert_frame_equal(together, plan.books, check_names=False)


def test_money_is_spent_once_by_owners_and_treasury(plan) -> None:
    table = outlays(plan)
    total = table.groupby("year")["mcny"].sum()
    for year, mcny in checker_years.spent_mcny(plan).items():
        assert total.get(year, 0.0) == pytest.approx(mcny, abs=1e-2)
    award = table[table["item"] == "award"].groupby("payer")["mcny"].sum()
    assert award.sum() == pytest.approx(0.0, abs=1e-6)
    assert award[TREASURY] == pytest.approx(plan.books["obsolete_kt"].sum() * 20 / 1e3)
    people = table[table["item"] == "people"]
    half = people.loc[people["payer"] == TREASURY, "mcny"].sum()
    assert half == pytest.approx(people["mcny"].sum() / 2)
    assert payback(plan)["once_mcny"].sum() == pytest.approx(total.sum(), abs=1e-2)


def test_a_budget_spreads_what_is_spent_over_the_years(plan) -> None:
    spent = max(checker_years.spent_mcny(plan).values())
    held = planned(world.with_old_works(), {"objective": {"budget_mcny": 0.6 * spent}}, headroom_t=HEADROOM)
    checker_years.assert_sound(held)
    assert max(checker_years.spent_mcny(held).values()) <= 0.6 * spent + 1e-3
    assert held.objective_mcny >= plan.objective_mcny - 1e-3
    with pytest.raises(InfeasibleError):
        planned(world.with_old_works(), {"objective": {"budget_mcny": 1.0}})


def test_an_overdue_line_goes_in_its_year_and_a_pin_holds_at_the_end() -> None:
    due = {2014: [], 2015: [], 2016: ["B1"], 2017: ["B1"]}
    changes = {"pins": {"A1": "S2"}, "zone": {"leave_more_kt": 1e6}, "policy": {"clauses": world.SMALL}}
    plan = planned(world.layers(), changes, overdue=["B1"], overdue_by=due)
    checker_years.assert_sound(plan)
    assert plan.decisions.at["A1", "build_id"] == "S2:cement"
    assert plan.stages[2016].decisions.at["B1", "decision"] == "close"


def test_one_year_alone_is_the_plan_of_that_year() -> None:
    one = planned(world.with_old_works(), {"policy": {"year": 2016}}, years=[])
    same = planned(world.with_old_works(), years=[2016])
    assert one.objective_mcny == pytest.approx(same.objective_mcny)
    pd.testing.assert_frame_equal(one.decisions, same.decisions)
    assert not one.stages


@pytest.mark.parametrize("years", [[2015, 2014], [2014, 2016], [2013, 2014], [2018, 2019]])
def test_years_that_are_none_of_the_plan_are_refused(years) -> None:
    with pytest.raises(ScenarioError, match="one after the other"):
        Scenario.baseline().with_(policy={"years": years})


def test_random_worlds_keep_the_law_of_every_year() -> None:
    tried, infeasible, unnamed = scaled(60), 0, []
    for seed in range(tried):
        base, changes, extra = a_world(np.random.default_rng(seed))
        changes["policy"]["years"] = YEARS[: 2 + seed % 4]
        try:
            plan = planned(base, changes, headroom_t=HEADROOM, years=[], **extra)
        except InfeasibleError as error:
            infeasible += 1
            unnamed += [seed] * (not error.rules)
            continue
        assert checker_years.violations(plan) == [], f"seed {seed}"
        assert broken(plan) == [], f"seed {seed}"
    assert infeasible <= tried / 4
    assert unnamed == []


def test_a_plan_within_a_gap_promises_no_more_than_the_exact_one_holds() -> None:
    for seed in range(scaled(6)):
        base, changes, extra = a_world(np.random.default_rng(100 + seed))
        changes["policy"] |= {"years": YEARS}
        try:
            exact = planned(base, changes, headroom_t=HEADROOM, years=[], **extra)
        except InfeasibleError:
            continue
        near = planned(base, changes | {"solver": {"gap_mcny": 2.0}}, headroom_t=HEADROOM, years=[], **extra)
        assert near.bound_mcny <= exact.objective_mcny + 1e-4, f"seed {seed}"
        assert exact.objective_mcny <= near.objective_mcny + 1e-4, f"seed {seed}"
        assert near.objective_mcny - near.bound_mcny <= 2.0, f"seed {seed}"
        assert near.objective_mcny <= near.reference_mcny + 1e-4 or np.isnan(near.reference_mcny)
        assert checker_years.violations(near) == [], f"seed {seed}"


def test_rows_in_another_order_give_the_same_plan_of_all_years() -> None:
    base = world.with_old_works()
    turned = base.with_(**{name: base[name].iloc[::-1] for name in ("lines", "sites", "markets", "residual")})
    one, two = (planned(each, {"solver": {"gap_mcny": 2.0}}, headroom_t=HEADROOM) for each in (base, turned))
    for year in YEARS:
        pd.testing.assert_frame_equal(
            one.stages[year].decisions, two.stages[year].decisions.loc[one.stages[year].decisions.index]
        )


def test_where_closing_cannot_do_the_task_the_reference_rebuilds_what_it_must() -> None:
    plan = planned(world.enlarged(10.0), {"zone": {"leave_more_kt": 1e6}}, years=[2014, 2015, 2016])
    assert plan.books["replaced_kt"].sum() > 0
    assert plan.objective_mcny <= plan.reference_mcny + 1e-6


@pytest.mark.parametrize("stance", ["binding", "told"] if FULL else ["binding"])
def test_trying_every_fate_in_every_year_finds_nothing_better(stance) -> None:
    years = [2014, 2015, 2016]
    changes = {"zone": {"leave_more_kt": 1000.0}, "policy": {"clauses": world.SMALL | {"P48": stance}}}
    changes |= {"solver": {"gap_mcny": 0.0}, "units": {"upgrades": []}}
    scenario = Scenario.baseline().with_(policy={"years": years}).with_(**changes)
    room = pd.Series({("丙市", "nox"): 1500.0})
    problem = prepare(scenario, one_site(), world.straight, headroom_t=room)
    best, hand = optimise(problem), Assessor(problem)
    weights = Calendar.of(problem).weights(problem.layers.assumptions)
    kt, states = problem.facilities["capacity_kt"], {}
    none = problem.small_works["capacity_kt"].iloc[:0]

    def state(year: int, fates: dict, size: float):
        key = (year, tuple(fates.items()), size)
        if key not in states:
            moved = [line for line, what in fates.items() if what == "move"]
            pairs = pd.MultiIndex.from_product([moved, ["S2:cement"]], names=["line", "build"])
            credit = pd.Series(kt[moved].to_numpy(), index=pairs, dtype=float)
            sizes = pd.Series({"S2:cement": size} if size else {}, dtype=float)
            states[key] = hand.decided(
                Decided.of(hand.problem, pd.Series(fates), sizes, credit, none), year=year
            )
        return states[key]

    lawful = []
    zone_fates = [("keep", 0), *(("close", y) for y in years), ("move", 2014), ("move", 2015)]
    for fates in product(zone_fates, zone_fates, [("keep", 0), *(("close", y) for y in years)]):
        lines = dict(zip(("A1", "A2", "B1"), fates, strict=True))
        moved = [line for line, (what, _) in lines.items() if what == "move"]
        size = float(kt[moved].sum())
        if size > 2000 or 0 < size < 500:
            continue
        earliest = max((year for what, year in fates if what == "move"), default=0) + 1
        for start in range(earliest, 2017) if moved else [0]:
            path = {}
            for year in years:
                now = {line: what if 0 < at <= year else "keep" for line, (what, at) in lines.items()}
                path[year] = state(year, now, size if moved and start <= year else 0.0)
            if _lawful(path):
                lawful.append(sum(weights[y] * path[y].objective_mcny for y in years))
    assert len(lawful) > 5
    assert best.objective_mcny == pytest.approx(min(lawful), abs=1e-4)


def _lawful(path) -> bool:
    last = path[max(path)]
    if checker_years.checker.violations(last):
        return False
    return not any(
        told for state in path.values() for rule in checker_years.EACH_YEAR for told in rule(state)
    )
