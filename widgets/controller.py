"""Turn a planner's choice into results, at once for moves and in the background for the optimiser."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from widgets.reasons import UNEXPECTED
from widgets.reasons import reason as reason_of
from widgets.state import Choice, WorkbenchState
from widgets.worker import Desk, running_loop
from workbench.errors import WorkbenchError
from workbench.scenarios.scenario import Scenario
from workbench.words import Text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.relocation.plan import Plan
    from workbench.solver import Progress

KEPT_RESULTS = 64
KEPT_STUDIES = 8
LATE_S = 0.1  # what is answered within a tenth of a second needs no sign that it is worked on
PAINT_S = 0.5  # how long verdicts wait for the picture, should no page tell that it is painted
NO_REASON = ("", "")


class Study(Protocol):
    """The part of `workbench.Study` that the interface calls."""

    def assess(self, moves: Mapping[str, str]) -> Plan:
        """Return the plan that these moves make, without optimising."""

    def plan(
        self,
        *,
        progress: Callable[[Progress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Plan:
        """Return the best plan; `progress` hears of each step, `cancel` is asked whether to stop."""


@dataclass(frozen=True)
class Result:
    """A choice and what follows from it: the plan, its indicators, and the policy's verdicts once judged."""

    choice: Choice
    plan: Plan
    indicators: pd.DataFrame
    verdicts: pd.DataFrame | None = None


class Controller:
    """Keeps results beside the choices they belong to, and hands each new one to the views.

    `prepare(scenario)` returns a study; `indicators(plan)` and `verdicts(plan)` return frames;
    `relevant(scenario, moves)` leaves the moves of the scenario's industries. `on_choice`
    hears of each choice at once, `on_result` of what follows from it: in a kernel that comes from a worker
    thread, which always takes the newest choice, so that a dragged slider never queues; without a running
    event loop (scripts, tests) it comes before the change returns. A choice that takes longer is told to
    `on_late`. Verdicts are worked out once the view says that the result is `painted`: judged before, they
    would share the processor with the picture. A WorkbenchError becomes the message.
    """

    def __init__(
        self,
        state: WorkbenchState,
        *,
        prepare: Callable[[Scenario], Study],
        indicators: Callable[[Plan], pd.DataFrame],
        verdicts: Callable[[Plan], pd.DataFrame],
        relevant: Callable[[Scenario, Mapping[str, str]], dict[str, str]] = lambda scenario, moves: dict(
            moves
        ),
    ) -> None:
        self.state, self._relevant = state, relevant
        self.on_choice: Callable[[Choice], None] = lambda choice: None
        self.on_late: Callable[[], None] = lambda: None
        self.on_result: Callable[[Result], None] = lambda result: None
        self._prepare, self._indicators, self._verdicts = prepare, indicators, verdicts
        self._studies: OrderedDict[str, Study] = OrderedDict()
        self._results: OrderedDict[Any, Result] = OrderedDict()
        self._cancel = threading.Event()
        self._generation = 0
        self._solver: threading.Thread | None = None
        self._loop, self._home = running_loop(), threading.get_ident()
        self._desk = Desk(("choice", "verdicts", "trial"), threaded=self._loop is not None)
        self._late: asyncio.TimerHandle | None = None
        self.result: Result | None = None
        self._awaiting: Callable[[Result], None] | None = None
        state.observe(lambda _: self._chosen(), names="choice")

    def study(self, scenario: Scenario) -> Study:
        """Return the study of a scenario, kept while it is among the last few."""
        return _kept(self._studies, scenario.model_dump_json(), lambda: self._prepare(scenario), KEPT_STUDIES)

    @property
    def known(self) -> Result | None:
        """The newest result, if it is one of the present industry: what another's is says nothing here."""
        result = self.result
        same = result is not None and result.choice.scenario.industries == self.state.scenario.industries
        return result if same else None

    def when_known(self, call: Callable[[Result], None]) -> None:
        """Call with what follows from the present choice, now or once it is worked out; the newest call."""
        if self.result is not None and self.result.choice.key == self.state.choice.key:
            call(self.result)
        else:
            self._awaiting = call

    def refresh(self) -> None:
        """Assess the present choice and hand the result to the views."""
        choice = self.state.choice
        self._desk.put("choice", lambda: self._work_on(choice))
        if self._loop is not None and self._late is None:
            self._late = self._loop.call_later(LATE_S, lambda: self.on_late())

    def painted(self) -> None:
        """Have the present result judged, now that it is on the screen."""
        if self.result is not None and self.result.verdicts is None:
            choice = self.result.choice
            self._desk.put("verdicts", lambda: self._work_on(choice, self._judged))

    def _chosen(self) -> None:
        self.on_choice(self.state.choice)
        self.refresh()

    def consider(self, line: str, decision: str, done: Callable[[Result | None, Text], None]) -> None:
        """Work out what one more decision would change, without taking it; only the newest such wish is.

        `done` gets the judged result, or None and the reason of a WorkbenchError.
        """
        self.painted()  # the clauses it would break are told from those broken now
        now = self.state.choice
        choice = Choice(now.scenario, {**now.moves, line: decision}, now.pinned)

        def work() -> None:
            try:
                result, reason = self._judged(self._known(choice)), NO_REASON
            except WorkbenchError as error:
                result, reason = None, reason_of(error)
            self._later(lambda: done(result, reason))

        self._desk.put("trial", work)

    def _work_on(self, choice: Choice, more: Callable[[Result], Result] = lambda result: result) -> None:
        """Give what follows from a choice to the views; the refusal of one that cannot be worked out."""
        try:
            result = more(self._known(choice))
            self._later(lambda: self._show(result))
        except WorkbenchError as error:
            reason = reason_of(error)
            self._later(lambda: self._refuse(choice, reason))

    def _refuse(self, choice: Choice, reason: Text) -> None:
        """Return to the choice before one that cannot be worked out, and say why."""
        if choice.key == self.state.choice.key:
            self.state.take_back()
        self.state.message = ("failed", {"reason": reason})

    def _known(self, choice: Choice) -> Result:
        """Return what follows from a choice, its verdicts perhaps still to come; the last few are kept."""
        return _kept(self._results, choice.key, lambda: self._assess(choice), KEPT_RESULTS)

    def _judged(self, result: Result) -> Result:
        if result.verdicts is None:
            result = replace(result, verdicts=self._verdicts(result.plan))
            self._results[result.choice.key] = result
        return result

    def _assess(self, choice: Choice) -> Result:
        plan = self.study(choice.scenario).assess(self._relevant(choice.scenario, choice.moves))
        return Result(choice, plan, self._indicators(plan))

    def _show(self, result: Result) -> None:
        """Give a result to the views, if it is still asked for."""
        if result.choice is not self.state.choice and result.choice.key != self.state.choice.key:
            return
        if self._late is not None:
            self._late.cancel()
            self._late = None
        self.result = result
        self.on_result(result)
        awaiting, self._awaiting = self._awaiting, None
        if awaiting is not None:
            awaiting(result)
        if self._loop is None:
            self.painted()
        elif result.verdicts is None:
            self._loop.call_later(PAINT_S, lambda: self.painted() if self.result is result else None)

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
        self._solver = threading.Thread(
            target=self._solve, args=(choice, generation), name="workbench-optimiser", daemon=True
        )
        self._solver.start()

    def cancel(self) -> None:
        """Ask the optimiser to stop; the plan on the screen stays."""
        self._cancel.set()

    def wait(self, seconds: float = 60.0) -> None:
        """Wait for the optimiser's thread, for scripts and tests."""
        if self._solver is not None:
            self._solver.join(seconds)

    def _solve(self, choice: Choice, generation: int) -> None:
        def tell(step: Any) -> None:
            self._later(lambda: self._report(generation, step))

        result: Result | None = None
        message: tuple[str, dict[str, Any]] = ("failed", {"reason": UNEXPECTED})
        try:
            pins = self._relevant(choice.scenario, choice.pins)
            pinned = choice.scenario.with_(pins=dict(choice.scenario.pins) | pins)
            plan = self._prepare(pinned).plan(progress=tell, cancel=self._cancel.is_set)
            if self._cancel.is_set():
                message = ("stopped", {})
            else:
                others = set(choice.moves) - set(self._relevant(choice.scenario, choice.moves))
                moves = {line: choice.moves[line] for line in others} | moves_of(plan)
                result = Result(Choice(choice.scenario, moves, choice.pinned), plan, self._indicators(plan))
                message = ("optimised", {"status": plan.status, "gap": plan.gap, "seconds": plan.seconds})
        except WorkbenchError as error:
            message = ("failed", {"reason": reason_of(error)})
        finally:  # whatever happens, the buttons come back
            self._later(lambda: self._finish(generation, choice, result, message))

    def _report(self, generation: int, step: Any) -> None:
        if generation == self._generation and self.state.busy:
            self.state.message = ("optimising_at", {"seconds": step.seconds, "gap": min(step.gap, 9.99)})

    def _finish(
        self, generation: int, asked: Choice, result: Result | None, message: tuple[str, dict[str, Any]]
    ) -> None:
        if generation != self._generation:
            return
        self.state.busy = False
        if result is not None and self.state.choice != asked:  # it answers a question nobody asks any more
            result, message = None, ("outdated", {})
        self.state.message = message
        if result is not None:
            # kept with its bound and gap, so that an export tells how good the plan is
            self._results[result.choice.key] = result
            self.state.replace_moves(result.choice.moves)

    def beside(self, work: Callable[[], Any], done: Callable[[Any, Text], None]) -> None:
        """Do slow work in a thread; `done` gets its result, or None and the reason of a WorkbenchError."""

        def run() -> None:
            result, reason = None, UNEXPECTED
            try:
                result, reason = work(), NO_REASON
            except WorkbenchError as error:
                reason = reason_of(error)
            finally:
                self._later(lambda: done(result, reason))

        if self._loop is None:
            run()
        else:
            threading.Thread(target=run, name="workbench-export", daemon=True).start()

    def later(self, call: Callable[[], None]) -> None:
        """Run on the kernel's own thread; for what `beside` tells while it works."""
        self._later(call)

    def _later(self, call: Callable[[], None]) -> None:
        """Run on the kernel's own thread, where widgets may be changed."""
        if self._loop is None or threading.get_ident() == self._home:
            call()
        else:
            self._loop.call_soon_threadsafe(call)


def moves_of(plan: Plan) -> dict[str, str]:
    """Return a plan's decisions as line id -> ``close`` or receiving site; kept lines are left out."""
    rows = plan.decisions[plan.decisions["decision"] != "keep"]
    return {
        str(line): "close" if row.decision == "close" else str(row.site_id)
        for line, row in zip(rows.index, rows.itertuples(), strict=True)
    }


def _kept(store: OrderedDict[Any, Any], key: Any, make: Callable[[], Any], limit: int) -> Any:
    """Return the stored value or make it, dropping the one unused for longest beyond the limit."""
    if key not in store:
        store[key] = make()
        if len(store) > limit:
            store.popitem(last=False)
    store.move_to_end(key)
    return store[key]
