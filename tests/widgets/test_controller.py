"""Results follow choices: kept, dropped when overtaken, worked out beside the planner's clicks."""

from __future__ import annotations

import asyncio
import threading

import pandas as pd
import pytest

from tests.maps.world import tiny_layers
from tests.widgets.fakes import TinyStudy, tiny_indicators, tiny_verdicts
from widgets.controller import Controller, Result, moves_of
from widgets.state import WorkbenchState
from workbench.errors import WorkbenchError


class Counting(TinyStudy):
    assessed = 0

    def assess(self, moves):
        type(self).assessed += 1
        return super().assess(moves)


def make(study=TinyStudy, **changes):
    layers = tiny_layers()
    state = WorkbenchState()
    parts = {
        "prepare": lambda scenario: study(scenario, layers),
        "indicators": tiny_indicators,
        "verdicts": tiny_verdicts,
    }
    return state, Controller(state, **(parts | changes))


def test_each_choice_is_worked_out_once() -> None:
    Counting.assessed = 0
    state, controller = make(Counting)
    state.decide("A-1", "S1")
    state.undo()
    state.redo()
    assert Counting.assessed == 2, "the choice with the move, and the one without"
    assert controller.result.indicators.at["moved_kt", "after"] == 2000.0


def test_a_refused_choice_is_told_and_taken_back() -> None:
    state, controller = make()
    state.decide("A-1", "S1")
    state.set_options(objective={"carbon_price_cny_t": 13.0})
    assert state.message == ("failed", {"reason": ("这一步不能完成，原因已记入日志", "thirteen is refused")})
    assert state.scenario.objective.carbon_price_cny_t == 0
    assert controller.result.choice.key == state.choice.key
    assert not state.can_redo


def test_optimising_takes_the_plan_over_as_one_step() -> None:
    state, controller = make()
    state.decide("B-1", "close")
    controller.optimise()
    controller.wait()
    assert dict(state.moves) == {"A-1": "S1", "B-1": "close"}
    assert state.message[0] == "optimised"
    assert controller.result.plan.status == "optimal", "the solver's own plan, with its bound"
    assert not state.busy
    state.undo()
    assert dict(state.moves) == {"B-1": "close"}


def test_a_plan_that_comes_after_the_choice_has_changed_is_dropped() -> None:
    state, controller = make()
    state.busy, controller._generation = True, 1
    asked = state.choice
    plan = controller.result.plan if controller.result else None
    state.decide("B-1", "close")
    controller._finish(1, asked, Result(asked, plan, None), ("optimised", {}))
    assert dict(state.moves) == {"B-1": "close"}
    assert state.message == ("outdated", {})
    assert not state.busy


def test_what_a_decision_would_change_is_told_without_taking_it() -> None:
    state, controller = make()
    heard = []
    controller.consider("A-1", "S1", lambda result, reason: heard.append((result, reason)))
    ((result, reason),) = heard
    assert (result.indicators.at["moved_kt", "after"], reason) == (2000.0, ("", ""))
    assert result.verdicts is not None
    assert dict(state.moves) == {}


def test_slow_work_tells_its_result_or_its_reason() -> None:
    _, controller = make()
    heard = []
    controller.beside(lambda: 7, lambda result, reason: heard.append((result, reason)))

    def fail() -> None:
        raise WorkbenchError("the folder is full")

    controller.beside(fail, lambda result, reason: heard.append((result, reason)))
    assert heard == [(7, ("", "")), (None, ("这一步不能完成，原因已记入日志", "the folder is full"))]


def test_a_crash_of_the_optimiser_gives_the_buttons_back(monkeypatch) -> None:
    class Broken(TinyStudy):
        def plan(self, *, progress=None, cancel=None):
            raise ZeroDivisionError

    monkeypatch.setattr(threading, "excepthook", lambda arguments: None)
    state, controller = make(Broken)
    controller.optimise()
    controller.wait()
    assert not state.busy
    assert state.message[0] == "failed"


def test_stopping_leaves_the_plan_as_it_was() -> None:
    started, seen = threading.Event(), []

    class Slow(TinyStudy):
        def plan(self, *, progress=None, cancel=None):
            started.set()
            while not cancel():
                pass
            seen.append("stopped")
            return super().plan(progress=progress, cancel=cancel)

    state, controller = make(Slow)
    controller.optimise()
    assert started.wait(5)
    controller.optimise()  # a second press while busy starts nothing
    controller.cancel()
    controller.wait(5)
    assert seen == ["stopped"]
    assert dict(state.moves) == {}
    assert state.message[0] == "stopped"


def test_in_a_kernel_the_newest_choice_wins_and_nothing_queues() -> None:
    gate = threading.Event()

    class Gated(TinyStudy):
        def assess(self, moves):
            gate.wait(5)
            return super().assess(moves)

    async def drag() -> tuple[list[float], list[float]]:
        state, controller = make(Gated)
        foreseen, worked = [], []
        controller.on_choice = lambda choice: foreseen.append(choice.scenario.objective.carbon_price_cny_t)
        controller.on_result = lambda result: worked.append(result.indicators.at["carbon", "after"])
        for price in (10.0, 20.0, 30.0, 40.0):
            state.set_options(objective={"carbon_price_cny_t": price})
        gate.set()
        for _ in range(100):
            await asyncio.sleep(0.02)
            if controller.result is not None and controller.result.verdicts is not None:
                break
        return foreseen, worked

    foreseen, worked = asyncio.run(drag())
    assert foreseen == [10, 20, 30, 40], "each choice is painted at once"
    assert set(worked) == {40.0}, "only the last is worked out to the end"


def test_moves_of_a_plan_leave_kept_lines_out() -> None:
    rows = {"decision": ["keep", "close", "move"], "site_id": [None, None, "S1"]}
    plan = type("P", (), {"decisions": pd.DataFrame(rows, index=["a", "b", "c"])})
    assert moves_of(plan) == {"b": "close", "c": "S1"}


@pytest.mark.parametrize("times", [1, 3])
def test_result_is_shown_as_often_as_chosen(times: int) -> None:
    state, controller = make()
    shown = []
    controller.on_result = shown.append
    for number in range(times):
        state.set_options(demand={"scale": 1.1 + number / 10})
    assert len({id(result.plan) for result in shown}) == times
