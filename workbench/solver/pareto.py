"""What is traded: every non-dominated plan of a labelled model with several objectives, or an even sample.

Augmented epsilon-constraint: one objective is minimised while the others are held below bounds, with a
weight on those too small to change the answer but for ties, so that each plan found is non-dominated
(Mavrotas 2009). All points: one objective after the other is bounded below its worst value of the front
found so far (Ozlen and Azizoglu 2009), and a solve whose answer is known from looser bounds is not repeated
(Ozlen, Burton and MacRae 2014).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, LabelError, WorkbenchError
from workbench.solver.model import Model
from workbench.solver.session import Session, Solution

# Share of one step of the first objective that all others together may weigh in it.
TIE = 0.5
Objective = Mapping[str, pd.Series]


@dataclass(frozen=True, eq=False)
class Front:
    """Plans of which none is better than another in every objective.

    `points`: one row per plan, one column per objective, sorted by the first. `payoff`: one row per
    objective minimised first, the values of all there; its diagonal is the ideal point. `solutions`: the plan
    of each row of `points`. `complete`: no other non-dominated point exists.
    """

    points: pd.DataFrame
    payoff: pd.DataFrame
    solutions: tuple[Solution, ...]
    complete: bool

    @property
    def knee(self) -> int:
        """The row of `points` farthest below the line (plane) through the extremes, both ends scaled to 1."""
        low, high = self.points.min(), self.points.max()
        span = (high - low).where(high > low, 1.0)
        return int(((self.points - low) / span).sum(axis=1).idxmin())


@dataclass
class _Search:
    """One model loaded once; remembers what every set of bounds gave."""

    session: Session
    objectives: Mapping[str, Objective]
    step: float
    options: dict[str, Any]
    tell: Callable[[int], None]
    span: Mapping[str, float] = field(default_factory=dict)  # how far each may range; none yet: no ties
    seen: list[tuple[str, dict[str, float], Solution | None]] = field(default_factory=list)

    def values(self, found: Solution) -> dict[str, float]:
        """What a plan reaches in each objective."""
        return {
            name: float(sum(cost @ found.values[block].loc[cost.index] for block, cost in parts.items()))
            for name, parts in self.objectives.items()
        }

    def minimise(self, first: str, bounds: Mapping[str, float]) -> Solution | None:
        """Return the best plan by one objective within bounds on the others, or None if there is none."""
        for by, known, found in self.seen:
            if by != first or any(bounds.get(name, np.inf) > bound for name, bound in known.items()):
                continue  # looser somewhere than what was asked: its answer says nothing here
            if found is None or all(self.values(found)[name] <= bound for name, bound in bounds.items()):
                return found
        self._weigh(first)
        feasible = [
            found
            for _, known, found in self.seen
            if found is not None and all(self.values(found)[name] <= bound for name, bound in bounds.items())
        ]
        if feasible:
            self.session.start_from(feasible[-1].values)
        for name in self.objectives:
            self.session.set_row_bounds(_row(name), upper=pd.Series({name: bounds.get(name, np.inf)}))
        try:
            found = self.session.solve(explain=False, **self.options)
        except InfeasibleError:
            found = None
        self.seen.append((first, dict(bounds), found))
        self.tell(len(self.seen))
        return found

    def _weigh(self, first: str) -> None:
        others = [name for name in self.objectives if name != first]
        tie = TIE * self.step / max(len(others), 1)
        weights = {name: tie / self.span.get(name, np.inf) for name in others} | {first: 1.0}
        _set_costs(self.session, [(weight, self.objectives[name]) for name, weight in weights.items()])

    def all_points(self, order: list[str], bounds: Mapping[str, float]) -> list[Solution]:
        """Return every non-dominated plan by the objectives in order, within bounds on the others."""
        if len(order) == 1:
            one = self.minimise(order[0], bounds)
            return [] if one is None else [one]
        *rest, last = order
        found: list[Solution] = []
        bound = np.inf
        while part := self.all_points(rest, {**bounds, last: bound}):
            found += part
            bound = max(self.values(each)[last] for each in part) - self.step / 2
        return found


def pareto(
    model: Model,
    objectives: Mapping[str, Objective],
    *,
    points: int | None = None,
    step: float = 1.0,
    gap_abs: float | None = None,
    time_limit_s: float = np.inf,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Front:
    """Return the non-dominated plans of a model; every objective is to be minimised.

    `objectives`: name -> block -> cost by label of that block (the model's own costs play no part; negate
    what should be large). Without `points` all are found: values of the objectives must then lie at least
    `step` apart (1 where variables and costs are whole numbers). With `points` that many bounds, evenly
    spread over the range of the second objective, give a sample (two objectives). `gap_abs` and
    `time_limit_s` hold for each solve; `progress` hears how many were done. Raises LabelError for unknown
    blocks or labels, WorkbenchError for fewer than two objectives or a sample of more than two,
    InfeasibleError when no plan obeys every row.
    """
    _refuse(objectives, points, step)
    model = _with_objectives(model, objectives)
    options = {"time_limit_s": time_limit_s, "gap_abs": gap_abs}
    tell = progress or (lambda count: None)
    search = _Search(Session(model, seed=seed), objectives, step, options, tell)
    payoff = _payoff(search)
    names = list(objectives)
    if len(names) == 2:  # then the payoff table holds the worst of the front, too
        search.span = dict((payoff.max() - payoff.min()).clip(lower=step))
    else:
        search.span = _spans(model, objectives)
    if points is None:
        found = search.all_points(names, {})
    else:
        first, second = names
        # from the tightest bound to the loosest: each plan is one to start the next from
        bounds = np.linspace(payoff.at[second, second], payoff.at[first, second], points)
        each = [search.minimise(first, {second: bound + step / 4}) for bound in bounds]
        found = [one for one in each if one is not None]
    return _front(search, found, payoff, complete=points is None)


def _row(name: str) -> str:
    return f"objective {name}"


def _refuse(objectives: Mapping[str, Objective], points: int | None, step: float) -> None:
    if len(objectives) < 2:
        raise WorkbenchError(f"a trade-off needs two objectives or more, not {len(objectives)}")
    if points is not None and (len(objectives) != 2 or points < 2):
        raise WorkbenchError(
            "a sample needs two objectives and at least 2 points; leave out `points` for all"
        )
    if not step > 0:
        raise WorkbenchError(f"step must be above 0, not {step}")


def _with_objectives(model: Model, objectives: Mapping[str, Objective]) -> Model:
    """Return a copy of a model with one free row per objective."""
    grown = copy.deepcopy(model)
    for name, parts in objectives.items():
        missing = set(parts) - set(grown.variable_blocks)
        if missing:
            raise LabelError(f"objective {name!r} names blocks the model does not have", missing=missing)
        entries = [
            (0, grown.variable_blocks[block].at(cost.index), cost.to_numpy(float))
            for block, cost in parts.items()
        ]
        grown.rows(_row(name), [name], entries)
    return grown


def _spans(model: Model, objectives: Mapping[str, Objective]) -> dict[str, float]:
    """Return how far each objective can range, whole-number conditions dropped: so ties stay below a step.

    Raises WorkbenchError where one has no ceiling.
    """
    session = Session(model, relax=True)
    spans = {}
    for name, parts in objectives.items():
        ends = []
        for sign in (1.0, -1.0):
            _set_costs(session, [(sign, parts)])
            ends.append(session.solve().objective)
        spans[name] = max(-sum(ends), 1e-9)
    return spans


def _set_costs(session: Session, weighted: list[tuple[float, Objective]]) -> None:
    """Have a session minimise a weighted sum of objectives and nothing else."""
    for name, block in session.model.variable_blocks.items():
        cost = pd.Series(0.0, index=block.labels)
        for weight, parts in weighted:
            if name in parts:
                cost.loc[parts[name].index] += weight * parts[name]
        session.set_costs(name, cost)


def _payoff(search: _Search) -> pd.DataFrame:
    """Return what every objective is where each in turn comes first and the others follow in their order."""
    rows = {}
    for first in search.objectives:
        bounds: dict[str, float] = {}
        for name in [first, *(other for other in search.objectives if other != first)]:
            found = search.minimise(name, bounds)
            if found is None:
                raise InfeasibleError("no plan obeys every row: nothing can be traded", [])
            rows[first] = search.values(found)
            bounds[name] = rows[first][name] + search.step / 4
    search.seen.clear()  # solved without regard to ties
    return pd.DataFrame(rows).T


def _front(search: _Search, found: list[Solution], payoff: pd.DataFrame, *, complete: bool) -> Front:
    """Sort, and drop what is there twice or dominated (a sample's bounds may give one plan again)."""
    table = pd.DataFrame([search.values(each) for each in found]).round(9)
    table = table.drop_duplicates()
    values = table.to_numpy()
    worse = [
        bool(((values <= row).all(axis=1) & (values < row - search.step / 4).any(axis=1)).any())
        for row in values
    ]
    table = table[~np.array(worse, bool)].sort_values(list(table), kind="stable")
    stopped = any(each.status != "optimal" for each in found)
    return Front(
        table.reset_index(drop=True), payoff, tuple(found[i] for i in table.index), complete and not stopped
    )
