"""From a first plan to a proven one: industries apart, several years from their end, then the whole.

* **apart**: what ties industries (headroom, water power, room at a site, a budget) is priced as the relaxed
  program prices it; then each industry is solved alone (`solver.parts`). The sum is a bound for the whole,
  and the decisions of all, operated together, are a plan.
* **end first**: of several years the last alone is solved and reached as well as the years allow; the
  search starts there and spends its time on the bound.
* **merged**: years alike are operated as one, in the mean of their states; every decision, task and row stays
  that of its year. The bound holds for the whole, at half the work.
* **whole**: where plan and bound are still farther apart than asked, the search goes on from that plan.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, StoppedError, WorkbenchError
from workbench.relocation.problem import Problem
from workbench.relocation.years import Calendar
from workbench.solver import (
    Model,
    Progress,
    Session,
    Solution,
    components,
    joined,
    merged,
    part,
    priced,
    relative_gap,
)  # fmt: skip

JOINT = ("headroom", "hydro_supply", "site_room", "budget")  # rows that speak of several industries
OPERATION = ("deliver", "unmet", "hydro")
OPERATION_ROWS = ("demand", "line_capacity", "new_capacity", "hydro_use", "hydro_supply")
# Of several years the last alone, and the way there, may each take so much of what is left of the clock.
FIRST_SHARE = 0.15
# Of the gap, what each industry but the hardest may take, and all of them together.
SMALL_SHARE, ALL_SHARE = 0.05, 0.9
# What operating decisions already found may take when the time is up.
LAST_S = 30.0
# Prices are taken a trifle lower, so that no slack earns by the solver's rounding of them.
SAFE = 1 - 1e-7


@dataclass
class Search:
    """One search for the best plan of a problem, within its gap and one clock."""

    problem: Problem
    left_s: float
    progress: Callable[[Progress], None] | None = None
    cancel: Callable[[], bool] | None = None
    hidden_mcny: float = 0.0  # what the tie-break may add: the gap is proven without it
    calendar: Calendar = field(init=False)
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self.calendar, self._since = Calendar.of(self.problem), time.monotonic()

    def best(self, model: Model, known: Solution | None = None) -> Solution:
        """Return the best plan found, with its bound; `known` is a plan to begin with."""
        gap = max(self.problem.scenario.solver.gap_mcny - self.hidden_mcny, 0.0)
        found = self._apart(model, gap) if gap > 0 else None  # an exact proof cannot rest on prices
        if found is not None and found.objective - found.bound <= gap:
            return replace(found, status="optimal", seconds=self._gone())
        bound = -np.inf if found is None else found.bound
        plan = self._from_the_end(model, gap, [each for each in (known, found) if each is not None])
        bound = min(max(bound, plan.bound), plan.objective)
        return replace(plan, bound=bound, gap=relative_gap(plan.objective, bound), seconds=self._gone())

    def end_first(self, model: Model, gap: float) -> Solution | None:
        """Return a plan that ends where the last year alone would: None if none is soon found.

        What is best at the end decides most of what several years cost; what is left is when.
        """
        stages = tuple(f" {year}" for year in self.calendar.years[:-1])
        mine = np.zeros(model.columns, dtype=bool)
        for name, block in model.variable_blocks.items():
            mine[block.columns] = not name.endswith(stages)
        try:
            end = self._solve(self._session(part(model, mine)), gap / 2, share=FIRST_SHARE)
            whole = _whole_numbers(model, end.values)
            try:
                return self._fixed(model, whole, gap, share=FIRST_SHARE)
            except InfeasibleError:  # its projects cannot all be ready; its lines may still go
                lines = {name: fate for name, fate in whole.items() if name in ("keep", "move")}
                return self._fixed(model, lines, gap, share=FIRST_SHARE)
        except (InfeasibleError, StoppedError):
            return None

    def _from_the_end(
        self, model: Model, gap: float, known: list[Solution], rest_mcny: float | None = 0.0
    ) -> Solution:
        """Search the model itself, of several years from the best of its ends.

        `rest_mcny`: what the plan costs beyond the model, for who is told of the progress (None: nobody is).
        """
        several = len(self.calendar.years) > 1
        if several and (end := self.end_first(model, gap)) is not None:
            known = [*known, end]
        best, bound = min(known, key=lambda plan: plan.objective, default=None), -np.inf
        if best is not None and several and gap > 0:
            best, bound = self._merged(model, gap, best, rest_mcny)
            if best.objective - bound <= gap:
                near = relative_gap(best.objective, bound)
                return replace(best, status="optimal", bound=bound, gap=near)
        session = self._session(model)
        if best is not None:
            session.start_from(best.values)
        plan = self._solve(session, gap, heuristics=not (several and known), rest_mcny=rest_mcny)
        return replace(plan, bound=min(max(plan.bound, bound), plan.objective))

    def _merged(
        self, model: Model, gap: float, first: Solution, rest_mcny: float | None
    ) -> tuple[Solution, float]:
        """Return the better of a plan and what the merged years lead to, and the bound they prove."""
        less = merged(model, self._alike(), OPERATION, OPERATION_ROWS)
        if less is None or not less.weights:
            return first, -np.inf
        start = less.mean(first.values)
        cost = less.model.arrays()["cost"]
        hidden = first.objective - float(
            cost @ np.concatenate([start[n] for n in less.model.variable_blocks])
        )
        session = self._session(less.model)
        session.start_from(start)
        found = self._solve(session, max(gap - hidden, gap / 2), heuristics=False, rest_mcny=rest_mcny)
        try:
            plan = self._fixed(model, _whole_numbers(model, found.values), SMALL_SHARE * gap, least_s=LAST_S)
        except (InfeasibleError, StoppedError):
            plan = first
        best = min(first, plan, key=lambda each: each.objective)
        return best, min(found.bound, best.objective)

    def _alike(self) -> list[dict[str, float]]:
        """Return the years whose operation is one, by stage, with their weights.

        Not the first, in which nothing new stands, nor the last two: the last counts for all that follow.
        """
        weights = self.calendar.weights(self.problem.layers.assumptions)
        years = [year for year in self.calendar.years[:-2] if self.calendar.may_stand(year)]
        return [{str(year): float(weights[year]) for year in years}] if len(years) > 1 else []

    def _apart(self, model: Model, gap: float) -> Solution | None:
        """Solve industries apart, what they share priced; None where all hangs together or time is short."""
        joint = [name for name in model.row_blocks if name.split(" ")[0] in JOINT]
        whole = model.arrays()["integer"] == 1
        pieces = sorted(components(model, joint), key=lambda piece: int(whole[piece].sum()))
        if sum(bool(whole[piece].any()) for piece in pieces) < 2:
            return None
        try:
            relaxed = self._session(model, relax=True).solve(explain=False)
            cost, total = priced(model, joint, {name: SAFE * relaxed.duals[name] for name in joint})
            found: list[Solution] = []
            for piece in pieces:  # the hardest last: it may take of the gap what the others left
                hardest, spent = piece is pieces[-1], sum(each.objective - each.bound for each in found)
                near = max(ALL_SHARE * gap - spent, 0.0) if hardest else SMALL_SHARE * gap
                rest = total + sum(each.objective for each in found) if hardest else None
                found.append(self._from_the_end(part(model, piece, cost), near, [], rest))
            total += sum(each.bound for each in found)
            values = joined(model, [each.values for each in found])
            plan = self._fixed(model, _whole_numbers(model, values), SMALL_SHARE * gap, least_s=LAST_S)
        except WorkbenchError:  # stopped, or no plan: the whole tells which, or answers with what is known
            return None
        bound = min(total, plan.objective)
        return replace(plan, bound=bound, gap=relative_gap(plan.objective, bound))

    def _gone(self) -> float:
        return time.monotonic() - self._since

    def _session(self, model: Model, *, relax: bool = False) -> Session:
        return Session(model, seed=self.problem.scenario.seed, relax=relax)

    def _solve(
        self,
        session: Session,
        gap: float,
        *,
        share: float = 1.0,
        least_s: float = 0.0,
        heuristics: bool = True,
        rest_mcny: float | None = None,
    ) -> Solution:
        def told(how: Progress) -> None:
            objective, bound = how.objective + (rest_mcny or 0.0), how.bound + (rest_mcny or 0.0)
            if self.progress is not None:
                gap = relative_gap(objective, bound)
                self.progress(Progress(self._gone(), objective, bound, gap, how.nodes))

        return session.solve(
            gap=self.problem.scenario.solver.gap,
            gap_abs=gap,
            time_limit_s=max(share * (self.left_s - self._gone()), least_s),
            heuristics=heuristics,
            progress=None if self.progress is None or rest_mcny is None else told,
            cancel=self.cancel,
            explain=rest_mcny is not None,
        )

    def _fixed(
        self, model: Model, values: Mapping[str, pd.Series], gap: float, *, share: float = 1.0,
        least_s: float = 0.0,
    ) -> Solution:  # fmt: skip
        """Return the cheapest plan in which the blocks named are as they are."""
        session = self._session(model)
        for name, whole in values.items():
            session.set_bounds(name, lower=whole.round(), upper=whole.round())
        return self._solve(session, gap, share=share, least_s=least_s)


def _whole_numbers(model: Model, values: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    """Return the values of the blocks that must be whole."""
    whole = model.arrays()["integer"] == 1
    return {
        name: values[name]
        for name, block in model.variable_blocks.items()
        if name in values and len(block.labels) and whole[block.first]
    }
