"""A slider repeats only what it changes: after any walk every figure is that of a problem laid out afresh."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from tests.laws import scaled
from tests.relocation import world
from workbench.relocation.assess import Assessor
from workbench.relocation.problem import prepare
from workbench.remember import keeper
from workbench.scenarios.scenario import Scenario

TABLES = ("decisions", "builds", "credits", "facilities", "flows", "unmet", "power", "unlocated", "limits")
SETTLED = ("decisions", "builds", "credits", "unlocated", "limits")  # who serves whom may be equally cheap
LAID = ("facilities", "deliveries", "inbound", "demand", "background", "moves", "surplus")
STEPS = {
    "demand": lambda draw: {"scale": draw.randrange(50, 151) / 100},
    "objective": lambda draw: {
        "carbon_price_cny_t": float(draw.choice([0, 40, 300])),
        "co2_cny_t": float(draw.choice([0, 100])),
        "cost": draw.choice([0.5, 1.0]),
        "jobs_cny": float(draw.choice([0, 20_000])),
    },
    "zone": lambda draw: {
        "definition": draw.choice(["eight", "five"]),
        "reduction_share": draw.randrange(0, 101) / 100,
    },
    "power": lambda draw: {"grid_factor": draw.choice(["province", "regional"])},
}


def moves_of(draw: random.Random, problem) -> dict[str, str]:
    pairs = sorted(problem.possible)
    made = {}
    for line, build in draw.sample(pairs, min(draw.randrange(3), len(pairs))):
        made[line] = draw.choice(["close", problem.builds.at[build, "site_id"]])
    return made


@pytest.mark.parametrize("seed", range(scaled(40)))
def test_a_walk_of_options_and_moves_gives_what_a_fresh_problem_gives(seed: int) -> None:
    draw, layers = random.Random(seed), world.layers()
    keep, scenario = keeper(layers), Scenario.baseline().with_(**world.PLAIN)
    for _ in range(6):
        name = draw.choice(list(STEPS))
        scenario = scenario.with_(**{name: STEPS[name](draw)})
        walked = prepare(scenario, layers, world.straight, keep=keep)
        moves = moves_of(draw, walked)
        found = Assessor(walked, keep=keep).assess(moves)
        fresh = Assessor(prepare(scenario, layers, world.straight)).assess(moves)
        pairs = [(getattr(found, name), getattr(fresh, name)) for name in SETTLED]
        pairs += [(getattr(walked, name), getattr(fresh.problem, name)) for name in LAID]
        for one, other in pairs:
            pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-9)
        assert found.objective_mcny == pytest.approx(fresh.objective_mcny, rel=1e-9)


def test_a_table_is_the_same_as_columns_and_as_a_frame() -> None:
    problem = world.problem()
    plan = Assessor(problem).assess({})
    for name in TABLES[:-1]:
        columns, frame = getattr(plan.tables, name), getattr(plan, name)
        assert len(columns) == len(frame)
        assert columns.index.equals(frame.index)
        for column in frame:
            assert list(columns[column]) == list(frame[column]), (name, column)
