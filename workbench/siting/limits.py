"""How long a location search may run, who is told how far it is, and who may stop it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.solver import Model, Progress, Session, Solution


@dataclass
class Limits:
    """One search's allowance: the seconds of solver time left, whom to tell, whom to ask about stopping.

    A search solves several programs; `best` and `bound` are of the whole search, in its own unit, and every
    report carries them.
    """

    left_s: float
    progress: Callable[[Progress], None] | None = None
    cancel: Callable[[], bool] | None = None
    used_s: float = 0.0
    best: float = np.inf
    bound: float = -np.inf
    cancelled: bool = False

    @property
    def over(self) -> bool:
        """Tell whether to stop now: no time left, or the caller asked to."""
        self.cancelled = self.cancelled or (self.cancel is not None and self.cancel())
        return self.cancelled or self.left_s <= 0

    @property
    def stopped(self) -> str:
        """Status of a search that did not come to its proof."""
        return "cancelled" if self.cancelled else "time limit"

    def tell(self, best: float | None = None, bound: float | None = None, nodes: int = 0) -> None:
        """Remember the best plan and bound so far and report them."""
        self.best = self.best if best is None else best
        self.bound = self.bound if bound is None else bound
        if self.progress is not None:
            gap = abs(self.best - self.bound) / max(abs(self.best), 1e-9)
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
        the search's own, so its reports pass through.
        """
        session, seen = Session(model, relax=relax), {"plan": np.inf, "bound": -np.inf}
        if start is not None:
            session.start_from(start)

        def watch(now: Progress) -> None:
            seen.update(plan=now.objective, bound=now.bound)
            if own_unit:
                self.best, self.bound = min(self.best, now.objective), max(self.bound, now.bound)
            if self.progress is not None:
                gap = abs(self.best - self.bound) / max(abs(self.best), 1e-9)
                self.progress(Progress(self.used_s + now.seconds, self.best, self.bound, gap, now.nodes))

        def stop() -> bool:
            if settled is not None and (seen["plan"] <= settled + 1e-6 or seen["bound"] > settled + 1e-6):
                return True
            self.cancelled = self.cancelled or (self.cancel is not None and self.cancel())
            return self.cancelled

        found = session.solve(
            time_limit_s=max(self.left_s, 1.0),
            heuristics=start is None,
            progress=None if relax else watch,
            cancel=None if relax else stop,
        )
        self.left_s -= found.seconds
        self.used_s += found.seconds
        return found
