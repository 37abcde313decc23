"""What a planner does while the kernel still reads or works: answered later, never falsely."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

from tests.maps.world import tiny_layers
from tests.widgets import fakes
from tests.widgets.test_app import act
from widgets.app import Workbench
from widgets.engine import Engine


class Reading(Engine):
    """Nobody may ask for the layers before the gate opens: the kernel's own thread would stand still."""

    gate: threading.Event

    @property
    def layers(self) -> Any:
        assert self.gate.is_set(), "the page waits for the layers"
        return super().layers


def busy(do: Callable[[Workbench], object], then: Callable[[Workbench], object]) -> None:
    """Open a page whose worker waits at a gate, do something, open the gate, look once it answered."""
    gate = threading.Event()

    def prepare(scenario):
        assert gate.wait(20)
        return fakes.TinyStudy(scenario, tiny_layers())

    async def session() -> None:
        engine = fakes.tiny_engine()
        engine.__class__, engine.prepare = Reading, prepare
        engine.gate = gate  # type: ignore[attr-defined]
        bench = Workbench(engine=engine)
        try:
            do(bench)
        finally:
            gate.set()
        for _ in range(500):
            await asyncio.sleep(0.01)
            if bench.controller.result is not None and bench.controller.result.verdicts is not None:
                break
        await asyncio.sleep(0.2)  # for trials and exports behind the verdicts
        then(bench)

    asyncio.run(session())


def test_before_the_first_plan_no_site_is_called_forbidden_and_a_try_is_answered_after_it() -> None:
    def early(bench) -> None:
        act(bench, "take", "A-1")
        assert bench.map.view["held"]["sites"] is None, "not known is not none"
        act(bench, "try", "S1")
        assert "answer" not in bench.map.view

    def later(bench) -> None:
        assert bench.map.view["held"]["sites"] == {"S1": "free"}
        assert (bench.map.view["answer"]["site"], bench.map.view["answer"]["may"]) == ("S1", True)
        assert "S1" in dict(bench.decision.where.options).values(), "the list offers what the map does"

    busy(early, later)


def test_the_figures_have_their_place_from_the_start() -> None:
    def early(bench) -> None:
        assert bench.figures.value.count("<small>") == 8
        assert 'aria-busy="true"' in bench.figures.value

    def later(bench) -> None:
        assert bench.figures.value.count("<small>") == 8
        assert "aria-busy" not in bench.figures.value

    busy(early, later)


def test_decisions_options_and_kept_work_wait_for_no_layers() -> None:
    kept = {"version": 1, "options": {"demand": {"scale": 0.9}}, "moves": {"B-1": "close"}}

    def early(bench) -> None:
        bench.lifeline._hear(None, {"kind": "kept", "work": json.dumps(kept)}, [])
        act(bench, "take", "A-1")
        act(bench, "close", "A-1")
        bench.options.fields["industry"].value = "steel"
        bench.options.fields["industry"].value = "cement"
        bench.options.fields["carbon_price"].value = 30

    def later(bench) -> None:
        result = bench.controller.result
        assert dict(result.choice.moves) == {"A-1": "close", "B-1": "close"}
        assert result.plan.decisions.loc[["A-1", "B-1"], "decision"].eq("close").all()
        assert (bench.state.scenario.demand.scale, result.indicators.at["carbon", "after"]) == (0.9, 30.0)

    busy(early, later)


def test_no_figure_of_another_industry_comes_back_with_the_language() -> None:
    shown = []

    async def session() -> None:
        gate = threading.Event()
        engine = fakes.tiny_engine()

        def prepare(scenario):
            assert scenario.industries == ("cement",) or gate.wait(20)
            return fakes.TinyStudy(scenario, tiny_layers())

        engine.prepare = prepare
        bench = Workbench(engine=engine)
        while bench.controller.result is None:
            await asyncio.sleep(0.01)
        assert "aria-busy" not in bench.figures.value
        bench.options.fields["industry"].value = "steel"
        bench.language.value = "en"
        shown.append(bench.figures.value)
        gate.set()
        await asyncio.sleep(0.1)

    asyncio.run(session())
    assert 'aria-busy="true"' in shown[0]
    assert "Yearly cost" in shown[0]


def test_an_answer_about_places_that_comes_after_its_industry_is_left_aside() -> None:
    asked = threading.Event()

    async def session() -> str:
        engine = fakes.tiny_engine()

        def where(scenario, industry):
            assert asked.wait(20)
            return fakes.tiny_where(scenario, industry)

        engine.where = where
        bench = Workbench(engine=engine)
        while bench.controller.result is None:
            await asyncio.sleep(0.01)
        act(bench, "site", "S2")
        bench.options.fields["industry"].value = "steel"
        asked.set()
        await asyncio.sleep(0.3)
        return bench.where.html.value + bench.message.value

    assert "P46" not in asyncio.run(session())


def test_a_line_taken_up_is_what_the_message_tells() -> None:
    def early(bench) -> None:
        bench.state.message = ("why", {"place": "105.9, 30.9", "verdict": "x", "reason": "y"})
        act(bench, "take", "A-1")

    def later(bench) -> None:
        assert "已拿起" in bench.message.value

    busy(early, later)


def test_an_export_asked_for_too_early_is_that_of_the_present_choice() -> None:
    def early(bench) -> None:
        bench.export.prepare.click()
        act(bench, "take", "A-1")
        act(bench, "close", "A-1")

    def later(bench) -> None:
        assert [row["name"] for row in bench.export.downloads.offered][-1] == "plan.zip"
        assert "1 项变更" in bench.export.told.value

    busy(early, later)
