"""The price of a rule is what loosening it saves."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.relocation import world
from workbench.relocation.law import limits_by_year
from workbench.relocation.prices import rule_prices
from workbench.relocation.program import formulate
from workbench.scenarios import Scenario
from workbench.solver import solve


def relaxed(ratio: float) -> float:
    scenario = Scenario.baseline().with_(**world.PLAIN).with_(policy={"replacement_ratio": ratio})
    return solve(formulate(world.problem(scenario)), relax=True).objective


def test_room_is_never_worth_less_than_nothing() -> None:
    prices = rule_prices(world.problem(Scenario.baseline().with_(**world.PLAIN)))
    assert {"cap", "replacement", "zone", "growth"} <= set(prices["rule"])
    assert (prices.query("rule != 'replacement'")["price"] >= 0).all()


@pytest.mark.parametrize("leave_more_kt", [0.0, 1e6])
def test_a_unit_more_of_room_saves_its_price(leave_more_kt) -> None:
    clauses = {"P7": "told", "P8": "told", "P48": "binding"}
    changes = {"zone": {"leave_more_kt": leave_more_kt}, "policy": {"clauses": clauses}}
    scenario = Scenario.baseline().with_(**world.PLAIN).with_(**changes)
    room = pd.Series({("丙市", "nox"): 300.0, ("乙市", "nox"): 200.0})
    problem = world.problem(scenario, headroom_t=room)
    figures, base = limits_by_year(problem), solve(formulate(problem), relax=True).objective
    priced = rule_prices(problem).query("rule in ('cap', 'zone', 'headroom', 'prefecture_new')")
    worth = 0
    for row in priced.itertuples():
        table = figures[problem.years[-1]].copy()
        mine = (
            (table["row"] == row.rule) & (table["industry"] == row.industry) & (table["place"] == row.place)
        )
        step = 1e-3
        table.loc[mine, "high"] += step
        table.loc[mine, "low"] -= step
        saved = base - solve(formulate(problem, {problem.years[-1]: table}), relax=True).objective
        yuan = 1e6 if row.rule == "headroom" else 1e3  # million yuan per t emitted, per kt of capacity
        assert saved * yuan / step == pytest.approx(row.price, rel=1e-3, abs=1e-2), row
        worth += row.price > 1.0
    assert worth


def test_a_dearer_ratio_costs_the_price_of_the_credits_it_asks_for() -> None:
    scenario = Scenario.baseline().with_(**world.PLAIN).with_(policy={"replacement_ratio": 1.2})
    problem = world.problem(scenario)
    solution = solve(formulate(problem), relax=True)
    prices = rule_prices(problem).query("rule == 'replacement'").set_index("industry")["price"]
    step = 1e-4
    more = prices["cement|nsp"] / 1000 * step * solution.values["build"].sum()
    assert relaxed(1.2 + step) - relaxed(1.2) == pytest.approx(more, rel=1e-3, abs=1e-9)
