"""How long a location search may run, who is told how far it is, and who may stop it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import TypeAlias

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault
from workbench.solver import Model, Progress, Session, Solution, relative_gap
from workbench.solver.watch import Status

SECONDS = 600.0  # a search takes at most, where nothing is said
Told: TypeAlias = Callable[[Progress], None] | None
Asked: TypeAlias = Callable[[], bool] | None


@dataclass
class Limits:
    """One search's allowance: how many seconds it may take in all, whom to tell, whom to ask about stopping.

    A search solves several programs; `best` and `bound` are of the whole search. What a program or a method
    calls 1 is `unit` of the search's own, in which every report is made.
    """

    time_limit_s: float
    progress: Told = None
    cancel: Asked = None
    best: float = np.inf
    bound: float = -np.inf
    unit: float = 1.0
    cancelled: bool = False
    _since: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if not (isinstance(self.time_limit_s, Real) and self.time_limit_s >= 0):
            found, need = str(self.time_limit_s), "seconds of at least 0"
            raise DataError([Fault("limits", None, "time_limit_s", found, need, "Set a number.")])

    @property
    def used_s(self) -> float:
        """Seconds since the search began."""
        return time.monotonic() - self._since

    @property
    def left_s(self) -> float:
        """Seconds left, at least 0."""
        return max(self.time_limit_s - self.used_s, 0.0)

    @property
    def over(self) -> bool:
        """Tell whether to stop now: no time left, or the caller asked to."""
        self.cancelled = self.cancelled or (self.cancel is not None and self.cancel())
        return self.cancelled or self.left_s <= 0

    @property
    def stopped(self) -> Status:
        """Status of a search that did not come to its proof."""
        return "cancelled" if self.cancelled else "time limit"

    def tell(self, best: float, bound: float, nodes: int = 0) -> None:
        """Remember the best plan and bound so far and report them."""
        self.best, self.bound = min(self.best, best * self.unit), max(self.bound, bound * self.unit)
        if self.progress is not None:
            gap = relative_gap(self.best, self.bound)
            self.progress(Progress(self.used_s, self.best, self.bound, gap, nodes))

    def solve(
        self,
        model: Model,
        *,
        relax: bool = False,
        start: Mapping[str, pd.Series] | None = None,
        settled: float | None = None,
        own_unit: bool = False,
    ) -> Solution:
        """Solve one program within what is left; a known plan to `start` from turns HiGHS to the bound.

        `settled`: stop at a plan of at most this, or a bound above it. `own_unit`: the program's objective is
        the search's own, so its reports pass through. Raises StoppedError where time ends before a plan.
        """
        session, seen = Session(model, relax=relax), {"plan": np.inf, "bound": -np.inf}
        if start is not None:
            session.start_from(start)

        def watch(now: Progress) -> None:
            seen.update(plan=now.objective, bound=now.bound)
            if own_unit:
                self.tell(now.objective, now.bound, now.nodes)
            elif self.progress is not None:
                gap = relative_gap(self.best, self.bound)
                self.progress(Progress(self.used_s, self.best, self.bound, gap, now.nodes))

        def stop() -> bool:
            if settled is not None and (seen["plan"] <= settled + 1e-6 or seen["bound"] > settled + 1e-6):
                return True
            return self.over

        found = session.solve(
            time_limit_s=self.left_s,
            heuristics=start is None,
            progress=None if relax else watch,
            cancel=stop,
        )
        # the solver calls every stop that we asked for "cancelled"
        return found if found.status == "optimal" else replace(found, status=self.stopped)
