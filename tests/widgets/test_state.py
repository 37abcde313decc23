"""The planner's choice: steps, undo, redo, and the same as code."""

from __future__ import annotations

import pytest

import workbench as wb
from widgets.state import WorkbenchState
from workbench.errors import ScenarioError


def test_decisions_are_steps_that_undo_and_redo() -> None:
    state = WorkbenchState()
    state.decide("A", "S1")
    state.decide("B", "close")
    assert dict(state.moves) == {"A": "S1", "B": "close"}
    state.undo()
    assert dict(state.moves) == {"A": "S1"}
    assert (state.can_undo, state.can_redo) == (True, True)
    state.redo()
    assert dict(state.moves) == {"A": "S1", "B": "close"}
    state.undo()
    state.decide("C", "close")
    assert not state.can_redo, "a new step forgets what was undone"


def test_keeping_a_line_removes_it_and_doing_nothing_is_no_step() -> None:
    state = WorkbenchState(moves={"A": "close"})
    state.decide("A", "keep")
    assert dict(state.moves) == {}
    state.decide("A", "keep")
    state.undo()
    assert dict(state.moves) == {"A": "close"}


def test_a_dragged_slider_is_one_step_and_a_pause_ends_it() -> None:
    now = [0.0]
    state = WorkbenchState(clock=lambda: now[0])
    for price in (5.0, 10.0, 20.0, 30.0):
        now[0] += 5.0 if price == 10.0 else 0.1
        state.set_options(objective={"carbon_price_cny_t": price})
    state.set_options(zone={"definition": "five"})
    state.undo()
    assert state.scenario.objective.carbon_price_cny_t == 30
    assert state.scenario.zone.definition == "eight"
    state.undo()
    assert state.scenario.objective.carbon_price_cny_t == 5, "the first value was let stand"
    state.undo()
    assert state.scenario.objective.carbon_price_cny_t == 0


def test_two_options_of_one_record_are_two_steps() -> None:
    state = WorkbenchState(clock=lambda: 0.0)
    state.set_options(objective={"carbon_price_cny_t": 10.0})
    state.set_options(objective={"co2_cny_t": 10.0})
    state.undo()
    assert state.scenario.objective.carbon_price_cny_t == 10


def test_bad_options_are_refused_and_change_nothing() -> None:
    state = WorkbenchState()
    with pytest.raises(ScenarioError, match="carbon"):
        state.set_options(objective={"carbon_price_cny_t": -1})
    assert not state.can_undo


def test_code_makes_the_same_scenario() -> None:
    state = WorkbenchState()
    state.set_options(zone={"definition": "five"}, demand={"scale": 0.9})
    state.decide("CM05-1", "close")
    scope: dict[str, object] = {}
    exec(state.as_code().split("\nplan = ")[0], scope)
    made = scope["scenario"]
    assert made == state.scenario
    assert isinstance(made, wb.Scenario)
    assert (scope["pinned"], scope["proposed"]) == ({"CM05-1": "close"}, {})


def test_pins_are_the_planners_and_outlive_a_proposal() -> None:
    state = WorkbenchState()
    state.decide("A", "S1")
    state.decide("B", "close")
    state.decide("B", "keep")
    state.replace_moves({"A": "S1", "C": "close"})
    assert state.choice.pins == {"A": "S1", "B": "keep"}, "a line kept by hand is pinned, too"
    state.undo()
    assert dict(state.moves) == {"A": "S1"}
    state.clear()
    assert state.choice.pins == {}


def test_options_return_to_where_the_page_opened() -> None:
    state = WorkbenchState(wb.Scenario.baseline().with_(demand={"scale": 0.8}))
    state.set_options(demand={"scale": 0.9}, industries=("steel",))
    assert state.changed_options == ("demand.scale",)
    state.reset_options()
    assert (state.scenario.demand.scale, state.scenario.industries) == (0.8, ("steel",))


def test_a_whole_plan_is_one_step() -> None:
    state = WorkbenchState(moves={"A": "close"})
    state.replace_moves({"B": "S1", "C": "keep"})
    assert dict(state.moves) == {"B": "S1"}
    state.undo()
    assert dict(state.moves) == {"A": "close"}
