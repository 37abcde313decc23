"""How sure a plan is: twins are interchangeable, what only one can do is certain, more leave never costs."""

from __future__ import annotations

import numpy as np

from tests.relocation import world
from workbench.relocation.doubt import SAME_MCNY, doubt
from workbench.relocation.problem import prepare
from workbench.scenarios import Scenario


def asked(kt: float, capacities: dict[str, float]):
    scenario = Scenario.baseline().with_(
        zone={"asked_kt": kt}, policy={"clauses": world.SMALL}, solver={"gap_mcny": 0.0}
    )
    base = world.layers(**{"cement.unlocated_obsolete_share": 0.0})
    lines = base.lines.copy()
    for line, size in capacities.items():
        lines.loc[line, "capacity_kt"] = size
    lines["plant_id"] = lines.index  # works of their own, side by side
    return prepare(scenario, base.with_(lines=lines), world.straight)


def test_of_twins_one_leaves_and_either_may() -> None:
    found = doubt(asked(1000.0, {"A1": 1000.0, "A2": 1000.0}))
    (line,) = found.units.index
    row = found.units.loc[line]
    assert row["status"] == "interchangeable"
    assert row["instead"] == ({"A1", "A2"} - {line}).pop()
    assert row["price_mcny"] < 1e-2


def test_a_unit_whose_stay_costs_much_is_certain_and_the_proof_is_no_more_than_the_price() -> None:
    told: list[str] = []
    found = doubt(asked(900.0, {"A1": 900.0, "A2": 2900.0}), progress=told.append)
    row = found.units.loc["A1"]
    assert row["status"] == "certain"
    assert row["proven_mcny"] > SAME_MCNY
    assert row["proven_mcny"] <= row["price_mcny"] + 1e-6 or np.isnan(row["price_mcny"])
    assert any("A1" in words for words in told)


def test_the_frontier_starts_at_nothing_and_never_falls() -> None:
    frontier = doubt(asked(900.0, {"A1": 900.0, "A2": 2900.0})).frontier
    assert frontier["saved_mcny"].iloc[0] == 0.0
    assert frontier["saved_mcny"].is_monotonic_increasing
    assert (frontier["leaves_kt"] <= 900.0 + 900.0 + frontier["more_kt"] + 1e-6).all()
