"""Turn a planner's choice into results, at once for moves and in the background for the optimiser."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from widgets.state import Choice, WorkbenchState
from workbench.errors import WorkbenchError
from workbench.scenarios.scenario import Scenario

KEPT_RESULTS = 64
KEPT_STUDIES = 8


class Study(Protocol):
    """The part of `workbench.Study` that the interface calls."""

    def assess(self, moves: Mapping[str, str]) -> Any:
        """Return the plan that these moves make, without optimising."""

    def plan(self, *, progress: Any = None, cancel: Any = None) -> Any:
        """Return the best plan; `progress` hears of each step, `cancel` is asked whether to stop."""


@dataclass(frozen=True)
class Result:
    """A choice and what follows from it: the plan, its indicators, the verdicts of the policy."""

    choice: Choice
    plan: Any
    indicators: pd.DataFrame
    verdicts: pd.DataFrame


class Controller:
    """Keeps results beside the choices they belong to, and hands each new one to the views.

    `prepare(scenario)` returns a study; `indicators(plan)` and `verdicts(plan)` return frames; `on_result`
    hears of every result; a WorkbenchError becomes the state's message and the last result stays.
    """

    def __init__(
        self,
        state: WorkbenchState,
        *,
        prepare: Callable[[Scenario], Study],
        indicators: Callable[[Any], pd.DataFrame],
        verdicts: Callable[[Any], pd.DataFrame],
    ) -> None:
        self.state = state
        self.on_result: Callable[[Result], None] = lambda result: None
        self._prepare, self._indicators, self._verdicts = prepare, indicators, verdicts
        self._studies: OrderedDict[str, Study] = OrderedDict()
        self._results: OrderedDict[Any, Result] = OrderedDict()
        self._cancel = threading.Event()
        self._generation = 0
        self._worker: threading.Thread | None = None
        self._loop = _running_loop()
        self.result: Result | None = None
        state.observe(lambda _: self.refresh(), names="choice")

    def study(self, scenario: Scenario) -> Study:
        """Return the study of a scenario, kept while it is among the last few."""
        return _kept(self._studies, scenario.model_dump_json(), lambda: self._prepare(scenario), KEPT_STUDIES)

    def refresh(self) -> None:
        """Assess the present choice and hand the result to the views."""
        choice = self.state.choice
        try:
            self.result = _kept(self._results, choice.key, lambda: self._assess(choice), KEPT_RESULTS)
        except WorkbenchError as error:
            self.state.message = ("failed", {"reason": str(error)})
            return
        self.on_result(self.result)

    def _assess(self, choice: Choice) -> Result:
        plan = self.study(choice.scenario).assess(dict(choice.moves))
        return Result(choice, plan, self._indicators(plan), self._verdicts(plan))

    # ---- the optimiser --------------------------------------------------------------------------------
    def optimise(self) -> None:
        """Start the optimiser on the present scenario in a thread; a running one is left to finish."""
        if self.state.busy:
            return
        self.state.busy = True
        self.state.message = ("optimising", {})
        self._cancel.clear()
        self._generation += 1
        choice, generation = self.state.choice, self._generation
        self._worker = threading.Thread(
            target=self._solve, args=(choice, generation), name="workbench-optimiser", daemon=True
        )
        self._worker.start()

    def cancel(self) -> None:
        """Ask the optimiser to stop; the plan on the screen stays."""
        self._cancel.set()

    def wait(self, seconds: float = 60.0) -> None:
        """Wait for the optimiser's thread, for scripts and tests."""
        if self._worker is not None:
            self._worker.join(seconds)

    def _solve(self, choice: Choice, generation: int) -> None:
        def tell(step: Any) -> None:
            self._later(lambda: self._report(generation, step))

        try:
            study = self._prepare(choice.scenario)
            plan = study.plan(progress=tell, cancel=self._cancel.is_set)
        except WorkbenchError as error:
            reason = str(error)
            self._later(lambda: self._finish(generation, None, ("failed", {"reason": reason})))
            return
        if self._cancel.is_set():
            self._later(lambda: self._finish(generation, None, ("stopped", {})))
            return
        values = {"status": plan.status, "gap": plan.gap, "seconds": plan.seconds}
        self._later(lambda: self._finish(generation, plan, ("optimised", values)))

    def _report(self, generation: int, step: Any) -> None:
        if generation == self._generation and self.state.busy:
            self.state.message = ("optimising_at", {"seconds": step.seconds, "gap": min(step.gap, 9.99)})

    def _finish(self, generation: int, plan: Any, message: tuple[str, dict[str, Any]]) -> None:
        if generation != self._generation:
            return
        self.state.busy = False
        if plan is not None:
            self.state.replace_moves(moves_of(plan))
        self.state.message = message

    def _later(self, call: Callable[[], None]) -> None:
        """Run on the kernel's own thread, where widgets may be changed; at once where no loop runs."""
        if self._loop is None:
            call()
        else:
            self._loop.call_soon_threadsafe(call)


def moves_of(plan: Any) -> dict[str, str]:
    """Return a plan's decisions as line id -> ``close`` or receiving site; kept lines are left out."""
    rows = plan.decisions[plan.decisions["decision"] != "keep"]
    return {
        str(line): "close" if row.decision == "close" else str(row.site_id)
        for line, row in zip(rows.index, rows.itertuples(), strict=True)
    }


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _kept(store: OrderedDict[Any, Any], key: Any, make: Callable[[], Any], limit: int) -> Any:
    """Return the stored value or make it, dropping the one unused for longest beyond the limit."""
    if key not in store:
        store[key] = make()
        if len(store) > limit:
            store.popitem(last=False)
    store.move_to_end(key)
    return store[key]
