"""A number taken apart: its rows add up to it, and the assumptions named are those that change it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tests.relocation import world
from workbench.errors import LabelError, WorkbenchError
from workbench.indicators.explain import _ROWS, FREIGHT_COST, READS, _assumptions, explain
from workbench.indicators.measures import INDICATORS
from workbench.relocation import optimise
from workbench.relocation.problem import one_off_cny_t, prepare
from workbench.reports.why import explain_sentences, rows_table
from workbench.scenarios import Scenario

SCENARIO = Scenario.baseline().with_(**world.PLAIN).with_(objective={"carbon_price_cny_t": 40.0})


@pytest.fixture(scope="module")
def plan():
    return optimise(world.problem(SCENARIO))


def test_every_indicator_can_be_taken_apart() -> None:
    assert set(_ROWS) == {*INDICATORS, FREIGHT_COST}


@pytest.mark.parametrize("name", sorted(_ROWS))
def test_the_rows_add_up_to_the_number(plan, name) -> None:
    told = explain(plan, name)
    wanted = INDICATORS[name].measure(plan) if name in INDICATORS else None
    if wanted is None:
        flows = plan.flows
        wanted = float((flows["kt"] * flows["cost_cny_t"]).sum() * 1e3)
    assert told.value == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    assert told.rows["amount"].sum() == pytest.approx(wanted * told.per, rel=1e-9, abs=1e-9)
    said = explain_sentences(told)
    assert all(zh and en and zh != en for zh, en in said)
    assert len(rows_table(told)) == len(told.rows)


def test_an_unknown_number_and_a_plan_of_no_study_are_refused(plan) -> None:
    with pytest.raises(LabelError, match="cost_mcny"):
        explain(plan, "beauty")
    with pytest.raises(WorkbenchError, match=r"Study\.explain"):
        plan.explain("cost_mcny")


def test_the_assumptions_named_are_those_that_change_what_a_number_is_reckoned_with() -> None:
    base = world.layers()
    columns = {
        "production": "production_cny_t", "power": "power_cny_t", "energy": "power_kwh_t",
        "fixed": "fixed_cny_t", "capex": "capex_cny_t", "closing": "closing_cny_t", "jobs": "jobs_per_kt",
        "co2_process": "co2_process_kg_t",
    }  # fmt: skip

    def figures(layers):
        problem = prepare(SCENARIO, layers, world.straight)
        found = {part: problem.facilities[column].to_numpy() for part, column in columns.items()}
        people = np.r_[one_off_cny_t(problem)[1], found["jobs"], problem.moves["follow"]]
        return found | {"people": people, "freight": problem.inbound["t_t"].to_numpy()}

    before, changed = figures(base), {}
    for name in base.assumptions.frame.index:
        if name.split(".")[0] in ("cement", "relocation"):
            value = base.assumptions[name]
            try:
                after = figures(base.with_assumptions({name: value * 1.03 + (value == 0) * 1e-3}))
            except WorkbenchError:  # shares that no longer add up
                continue
            for part, old in before.items():
                if not np.array_equal(old, after[part], equal_nan=True):
                    changed.setdefault(part, set()).add(name)
    for part in before:
        missing = changed[part] - _named(base, part)
        assert not missing, (part, missing)


def _named(layers, part: str) -> set[str]:
    assert part in READS
    rows = SimpleNamespace(scenario=SCENARIO, layers=layers)
    return set(_assumptions(rows, {part}, ()).index)
