"""A solve while it runs: the best plan and bound so far, who is told of them, and who may stop it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, Literal

import numpy as np

Status = Literal["optimal", "time limit", "cancelled"]
_PATIENCE_S = 0.4  # HiGHS may be deep in presolve when its time is up: a known plan is answered without it


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

    def run(self, time_limit_s: float, *, wait: bool) -> Thread | None:
        """Run to the end, or, unless we `wait`, return what still runs soon after it was told to stop."""
        self._aside = not wait
        self._subscribe()
        if wait:
            self._work()
            worker = None
        else:
            worker = self._beside(time_limit_s)
        if worker is None:
            self.close()
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
        except BaseException as error:  # told to the caller, in the caller's thread
            self._failed.append(error)

    def _beside(self, time_limit_s: float) -> Thread | None:
        worker, start, late = Thread(target=self._work), time.monotonic(), np.inf
        worker.start()
        while worker.is_alive():
            worker.join(0.02)
            now = time.monotonic() - start
            if self.stopped is None:
                if self.cancel is not None and self.cancel():
                    self.stopped = "cancelled"
                elif now > time_limit_s:
                    self.stopped = "time limit"
                late = np.inf if self.stopped is None else now + _PATIENCE_S
            if now > late:
                return worker
        return None

    def _subscribe(self) -> None:
        highs, stoppable = self.highs, self._aside or self.cancel is not None
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
        # beside the caller, the caller's own thread asks
        if self.stopped is None and not self._aside and self.cancel is not None and self.cancel():
            self.stopped = "cancelled"
        if self.stopped is not None:
            event.data_in.user_interrupt = True

    def _improved(self, event: Any) -> None:
        self.best = np.array(event.data_out.mip_solution)
        if self.improved is not None and self.stopped is None:
            self.improved(self.best)
