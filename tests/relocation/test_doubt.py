"""How sure a plan is: twins are interchangeable, what only one can do is certain, more leave never costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from tests.relocation import world
from workbench.errors import InfeasibleError
from workbench.relocation.decisions import Choices
from workbench.relocation.doubt import SAME_MCNY, doubt
from workbench.relocation.problem import prepare
from workbench.relocation.program import formulate
from workbench.scenarios import Scenario
from workbench.solver import Session, solve


def asked(kt: float, capacities: dict[str, float]):
    scenario = Scenario.baseline().with_(
        zone={"asked_kt": kt}, policy={"clauses": world.SMALL}, solver={"gap_mcny": 0.0}
    )
    base = world.layers(old_share=0.0)
    lines = base.lines.copy()
    for line, size in capacities.items():
        lines.loc[line, "capacity_kt"] = size
    lines["plant_id"] = lines.index  # works of their own, side by side
    return prepare(scenario, base.with_(lines=lines), world.straight)


def test_of_twins_one_leaves_and_either_may() -> None:
    found = doubt(asked(1000.0, {"A1": 1000.0, "A2": 1000.0})).units
    (line,) = found.index[found["leaves"]]
    (twin,) = {"A1", "A2"} - {line}
    assert found.loc[[line, twin], "status"].tolist() == ["interchangeable"] * 2
    assert found.at[line, "instead"] == twin
    assert found.at[twin, "instead"] == line
    assert found.at[line, "price_mcny"] < 1e-2


def test_a_unit_whose_stay_costs_much_is_certain_and_so_is_one_that_stays() -> None:
    told: list[str] = []
    found = doubt(asked(900.0, {"A1": 900.0, "A2": 2900.0}), progress=told.append).units
    assert found.loc[["A1", "A2"], "status"].tolist() == ["certain", "certain"]
    assert found.loc[["A1", "A2"], "leaves"].tolist() == [True, False]
    assert (found["proven_mcny"] > SAME_MCNY).all()
    assert any("units" in words for words in told)


@law(50)
@given(st.integers(0, 10**6))
def test_what_is_said_of_each_unit_is_what_forcing_its_other_fate_costs(seed: int) -> None:
    random = np.random.default_rng(seed)
    sizes = dict(zip(("A1", "A2", "B1", "X1"), random.integers(4, 12, 4) * 100.0, strict=True))
    problem = asked(float(random.integers(1, 12)) * 100.0, sizes)
    found = doubt(problem).units
    choices = Choices(problem)
    best = solve(formulate(problem, None, choices), gap_abs=0.0)
    for line, row in found.iterrows():
        klass = choices.class_of[line]
        session = Session(formulate(problem, None, choices))
        other = best.values["keep"][klass].round() + (1 if row["leaves"] else -1)
        bound = pd.Series({klass: other})
        session.set_bounds("keep", **{"lower" if row["leaves"] else "upper": bound})
        try:
            price = session.solve(gap_abs=0.0, explain=False).objective - best.objective
        except InfeasibleError:
            price = np.inf
        # plans are proven to a fifth of SAME_MCNY: nearer to it either word may be said
        if abs(price - SAME_MCNY) > SAME_MCNY / 4:
            assert (row["status"] == "certain") == (price > SAME_MCNY), (line, price)
        assert row["proven_mcny"] <= max(price, 0.0) + 1e-3
        if row["status"] != "certain":
            assert row["price_mcny"] >= price - 1e-3


def test_the_frontier_starts_at_nothing_and_never_falls() -> None:
    frontier = doubt(asked(900.0, {"A1": 900.0, "A2": 2900.0})).frontier
    assert frontier["saved_mcny"].iloc[0] == 0.0
    assert frontier["saved_mcny"].is_monotonic_increasing
    assert (frontier["leaves_kt"] <= 900.0 + 900.0 + frontier["more_kt"] + 1e-6).all()
