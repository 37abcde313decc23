"""The price of a rule is what loosening it saves."""

from __future__ import annotations

import pytest

from tests.relocation import world
from workbench.relocation.prices import rule_prices
from workbench.relocation.program import formulate
from workbench.scenarios import Scenario
from workbench.solver import solve


def relaxed(ratio: float) -> float:
    scenario = Scenario.baseline().with_(**world.PLAIN).with_(policy={"replacement_ratio": ratio})
    return solve(formulate(world.problem(scenario)), relax=True).objective


def test_every_rule_is_priced_and_room_is_never_worth_less_than_nothing() -> None:
    prices = rule_prices(world.problem(Scenario.baseline().with_(**world.PLAIN))).set_index("rule")[
        "price_cny_t"
    ]
    assert set(prices.index) == {"cap", "replacement", "zone"}
    assert (prices[["cap", "zone"]] >= -1e-9).all()


def test_a_dearer_ratio_costs_the_price_of_the_credits_it_asks_for() -> None:
    scenario = Scenario.baseline().with_(**world.PLAIN).with_(policy={"replacement_ratio": 1.2})
    problem = world.problem(scenario)
    solution = solve(formulate(problem), relax=True)
    prices = rule_prices(problem).query("rule == 'replacement'").set_index("label")["price_cny_t"]
    step = 1e-4
    more = prices["cement|nsp"] / 1000 * step * solution.values["build"].sum()
    assert relaxed(1.2 + step) - relaxed(1.2) == pytest.approx(more, rel=1e-3, abs=1e-9)
