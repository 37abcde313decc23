"""A solve while it runs: the best plan and bound so far, who is told of them, and who may stop it."""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread, current_thread, main_thread
from typing import Any, Literal

import numpy as np

Status = Literal["optimal", "time limit", "cancelled"]
_PATIENCE_S = 0.4  # HiGHS may be deep in presolve when its time is up: a known plan is answered without it
_FAREWELL_S = 5.0  # how long Ctrl-C waits for the solver to end
_LAST_S = 60.0  # how long the end of the process does: torn away in its work the solver would abort it
_left: list[Thread] = []  # workers told to stop that nobody waited for


@dataclass(frozen=True)
class Progress:
    """How far a solve has come; `objective` is infinite until a first plan exists."""

    seconds: float
    objective: float
    bound: float
    gap: float
    nodes: int


def relative_gap(objective: float, bound: float, *, nothing: float = 0.0) -> float:
    """Return |objective - bound| as a share of the larger of the two, which no unit changes.

    A difference of at most `nothing` counts as none.
    """
    if objective == bound or abs(objective - bound) <= nothing:
        return 0.0
    finite = np.isfinite(objective) and np.isfinite(bound)
    return abs(objective - bound) / max(abs(objective), abs(bound)) if finite else np.inf


@atexit.register
def _wait_for_the_left() -> None:
    """Let solvers that were not waited for come to their end before the process does."""
    end = time.monotonic() + _LAST_S
    for worker in _left:
        worker.join(max(0.0, end - time.monotonic()))


@dataclass
class Watch:
    """One run of a solver whose objective is `factor` times the model's.

    `best`: the solver's own numbers of the best plan it told of; `bound`: in the model's unit.
    """

    highs: Any
    factor: float
    progress: Callable[[Progress], None] | None
    cancel: Callable[[], bool] | None
    improved: Callable[[np.ndarray], None] | None
    best: np.ndarray | None = None
    bound: float = -np.inf
    stopped: Status | None = None
    _events: list = field(default_factory=list)
    _failed: list[BaseException] = field(default_factory=list)
    _aside: bool = False
    _done: Event = field(default_factory=Event)

    def run(self, time_limit_s: float, *, wait: bool) -> Thread | None:
        """Run to the end, or, unless we `wait`, return what still runs soon after it was told to stop.

        The solver works in a thread of its own: Ctrl-C reaches the caller's, which stops the solver first.
        """
        self._aside = not wait
        self._subscribe()
        try:
            worker = self._beside(*((np.inf, np.inf) if wait else (time_limit_s, _PATIENCE_S)))
        except BaseException:  # Ctrl-C too: nobody listens any more; raised on, nothing is swallowed
            self.close()
            raise
        if worker is None:
            self.close()
        else:
            _left[:] = [each for each in (*_left, worker) if each.is_alive()]
        if self._failed:
            raise self._failed[0]
        return worker

    def close(self) -> None:
        """Stop listening to the solver."""
        for event, function in self._events:
            event -= function
        self._events.clear()

    def _work(self) -> None:
        self.since = self.highs.getRunTime()
        try:
            self.highs.run()
        except BaseException as error:  # a thread's errors reach nobody: all are raised in the caller's
            self._failed.append(error)
        finally:
            self._done.set()

    def _beside(self, time_limit_s: float, patience_s: float) -> Thread | None:
        worker, start, late = Thread(target=self._work, daemon=True), time.monotonic(), np.inf
        worker.start()
        try:
            while not self._done.wait(0.02):  # Ctrl-C within join() would have Python believe it ended
                now = time.monotonic() - start
                if self.stopped is None:
                    if self.cancel is not None and self.cancel():
                        self.stopped = "cancelled"
                    elif now > time_limit_s:
                        self.stopped = "time limit"
                    late = np.inf if self.stopped is None else now + patience_s
                if now > late:
                    return worker
            worker.join()
        except BaseException:  # Ctrl-C, or an error of who was asked: nobody wants the answer; raised on
            self.stopped = "cancelled"
            if self._done.wait(_FAREWELL_S):
                worker.join()  # its last breath: nothing of it is left when the caller hears
            raise
        return None

    def _subscribe(self) -> None:
        highs = self.highs
        stoppable = self._aside or self.cancel is not None or current_thread() is main_thread()
        if self.progress is not None or stoppable:
            self._events.append((highs.cbMipInterrupt, self._told))
        if stoppable:
            self._events += [(highs.cbSimplexInterrupt, self._asked), (highs.cbIpmInterrupt, self._asked)]
        if self.improved is not None or self._aside:
            self._events.append((highs.cbMipImprovingSolution, self._improved))
        for event, function in self._events:
            event += function

    def _told(self, event: Any) -> None:
        out = event.data_out
        best, self.bound = out.mip_primal_bound / self.factor, out.mip_dual_bound / self.factor
        if self.progress is not None and self.stopped is None:
            gap = relative_gap(best, self.bound, nothing=1e-9 / self.factor)
            seconds = out.running_time - self.since
            self.progress(Progress(seconds, best, self.bound, gap, int(out.mip_node_count)))
        self._asked(event)

    def _asked(self, event: Any) -> None:
        # said anew each time: the solver keeps what it was told in the solve before
        event.data_in.user_interrupt = self.stopped is not None

    def _improved(self, event: Any) -> None:
        self.best = np.array(event.data_out.mip_solution)
        if self.improved is not None and self.stopped is None:
            self.improved(self.best)
