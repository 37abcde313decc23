"""Which assumptions flip a plan: what decides it does, what nobody reads does not, and all is proven."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.relocation import world
from workbench.layers.heard import Heard
from workbench.relocation.decisions import Choices
from workbench.relocation.flips import SAME_MCNY, flips
from workbench.relocation.optimise import optimise
from workbench.relocation.problem import prepare
from workbench.relocation.program import formulate
from workbench.reports.words import doubts, flips_table
from workbench.scenarios import Scenario
from workbench.solver import solve

NAMES = ("cement.fixed_cny_t", "cement.closure_cny_t", "steel.fixed_cny_t")


def layers(ranges: dict[str, tuple[float, float]]):
    base = world.layers(old_share=0.0)
    lines = base.lines.assign(plant_id=base.lines.index)
    frame = base.assumptions.frame.copy()
    for name, (low, high) in ranges.items():
        frame.loc[name, ["low", "high"]] = low, high
    return replace(base.with_(lines=lines), assumptions=replace(base.assumptions, frame=frame))


def laid(base):
    scenario = Scenario.baseline().with_(
        zone={"asked_kt": 900.0},
        solver={"gap_mcny": 0.0},
        policy={"clauses": world.SMALL | {"P1": "told"}},  # sound lines may close where that pays
    )
    return lambda values: prepare(scenario, base.with_assumptions(values), world.straight)


@pytest.fixture(scope="module")
def found():
    again = laid(layers({NAMES[0]: (0.0, 20000.0), NAMES[1]: (59.0, 61.0), NAMES[2]: (0.0, 9e5)}))
    return again, flips(again({}), again, [*NAMES, "cement.power_kwh_t"])


def test_only_what_is_read_and_has_a_range_is_tried(found) -> None:
    tried = set(found[1].sides["assumption"])
    assert tried == set(NAMES[:2])
    # steel is not planned here: the program stays what it is; power has no range in this world
    assert found[1].omitted.to_dict() == {NAMES[2]: "idle", "cement.power_kwh_t": "no_range"}


def test_each_end_is_judged_as_solving_it_anew_does(found) -> None:
    again, told = found
    best = _kept(again({}))
    for row in told.sides.itertuples():
        problem = again({row.assumption: row.value})
        choices = Choices(problem)
        free = solve(formulate(problem, None, choices), gap_abs=0.0)
        gone = set(choices.lines.index[free.values["keep"].round() == 0])
        if row.status == "flips":
            assert gone != set(choices.lines.index) - best
            assert row.worth_mcny > SAME_MCNY
            assert set(filter(None, row.leaves.split(";"))) == gone & best
        else:
            assert row.status == "holds"
            assert row.worth_mcny == 0.0
    assert "flips" in set(told.sides["status"])
    assert "holds" in set(told.sides["status"])


def _kept(problem) -> set[str]:
    choices = Choices(problem)
    best = solve(formulate(problem, None, choices), gap_abs=0.0)
    return set(choices.lines.index[best.values["keep"].round() > 0])


def test_the_saving_is_told_against_the_lawful_plan_that_moves_nothing(found) -> None:
    again, told = found
    for row in told.sides.itertuples():
        plan = optimise(again({row.assumption: row.value}))
        best = plan.reference_mcny - plan.objective_mcny
        if row.status == "holds":
            assert row.saved_mcny == pytest.approx(best, abs=SAME_MCNY + 1e-6)
        assert row.saved_mcny <= best + 1e-3


def test_all_against_it_is_never_better_for_the_plan_than_each_alone(found) -> None:
    told = found[1]
    assert told.against["assumptions"] == 2
    assert told.against["saved_mcny"] <= told.sides["saved_mcny"].min() + 1.0


def test_without_time_all_are_named_untried(found) -> None:
    again, _ = found
    told = flips(again({}), again, NAMES, limit_s=0.0)
    assert told.left_out("untried") == tuple(sorted(NAMES))
    assert told.sides.empty


def test_flips_are_told_in_words(found) -> None:
    told = found[1]
    table = flips_table(told)
    assert table["plan_then"].iloc[0] == "翻转 flips"
    last = table.set_index("assumption").loc[NAMES[2]]
    assert last["plan_then"].startswith("取两端")
    from workbench.relocation.doubt import Doubt

    nothing = pd.DataFrame(columns=["leaves", "status"]).astype({"leaves": bool})
    doubt = Doubt(nothing, pd.DataFrame(columns=["more_kt", "leaves_kt", "saved_mcny"]), told)
    said = [en for _, en in doubts(None, doubt)]
    assert any(NAMES[0] in text for text in said)
    assert any("against it at once" in text for text in said)


def test_what_is_read_is_heard_by_the_part_that_reads_it() -> None:
    heard = Heard.of(world.assumptions())
    with heard.during("freight"):
        assert heard["cement.power_kwh_t"] == world.assumptions()["cement.power_kwh_t"]
    changed = heard.with_({"cement.power_kwh_t": 1.0})
    assert changed.get("cement.fixed_cny_t", np.nan) == heard["cement.fixed_cny_t"]
    assert heard.names == {"": {"cement.fixed_cny_t"}, "freight": {"cement.power_kwh_t"}}


def test_a_plan_of_years_is_tried_like_that_of_one() -> None:
    base = layers({NAMES[0]: (0.0, 20000.0), NAMES[1]: (59.0, 61.0)})

    def again(values):
        scenario = Scenario.baseline().with_(
            zone={"asked_kt": 900.0},
            solver={"gap_mcny": 0.0},
            policy={"clauses": world.SMALL | {"P1": "told"}, "years": [2014, 2015, 2016]},
        )
        return prepare(scenario, base.with_assumptions(values), world.straight)

    told = flips(again({}), again, NAMES[:2])
    free = {}
    for value in (0.0, 20000.0):
        choices = Choices(again({NAMES[0]: value}))
        best = solve(formulate(choices.problem, None, choices), gap_abs=0.0)
        free[value] = set(choices.lines.index[best.values["keep"].round() > 0])
    assert free[0.0] != free[20000.0]  # so at one of the ends the plan is another
    mine = _kept(again({}))
    sides = told.sides.set_index(["assumption", "value"])
    for value, kept in free.items():
        row = sides.loc[(NAMES[0], value)]
        if row["status"] == "flips":
            assert set(filter(None, row["leaves"].split(";"))) == mine - kept
        else:
            assert kept == mine
    assert "flips" in set(told.sides["status"])
    assert set(sides.loc[NAMES[1], "status"]) == {"holds"}
