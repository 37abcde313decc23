"""Choose sites so that everyone's way to the nearest is shortest in sum: p-median and uncapacitated location.

min sum_j f[j] y[j] + sum_i t[i],  y binary (sum y = p for the p-median),  t[i] the cost of demand i.
For every level C:  t[i] >= C - sum_j max(0, C - c[i,j]) y[j]   holds for any choice and is exact at C =
the cost of the nearest open site (Cornuejols, Nemhauser and Wolsey 1980; Magnanti and Wong 1981). So sites
and demands alone are variables, and levels are added where they bite:

1. a greedy plan gives the unit in which everything is computed, and bars every way dearer than itself (such
   a way, or none at all, counts as twice the plan: no better plan uses it);
2. Lagrangian multipliers (subgradient) give a bound, first levels C = lambda, and sites that cannot matter;
3. interchange of sites (Teitz and Bart 1968) gives a good plan;
4. the linear program, then the integer one, are solved again with new levels until bound and plan meet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, StoppedError
from workbench.siting.covering import fewest
from workbench.siting.limits import Limits
from workbench.siting.ties import cheaper, first_least, steady
from workbench.solver import Model

_TOLERANCE = 1e-7
_SIZE = 1000.0  # what the first plan costs in the unit of the computation
_LEAST_ROUNDS = 30  # of the subgradient, even where no time is given: a bound better than nothing
_LEAST_CELLS = 20_000_000  # pairs looked at by so many rounds are enough: about half a second


@dataclass(frozen=True)
class Choice:
    """Chosen positions, their total, the proven bound and the status."""

    chosen: np.ndarray
    objective: float
    bound: float
    status: str


@dataclass(frozen=True)
class _Problem:
    """Weighted costs of allowed sites, fixed costs, how many open (None: any number), which must."""

    cost: np.ndarray
    fixed: np.ndarray
    p: int | None
    required: np.ndarray


def choose(
    cost: np.ndarray, fixed: np.ndarray, p: int | None, required: np.ndarray, limits: Limits
) -> Choice:
    """Solve to the proven optimum; `cost` is demands x allowed sites, inf where a site cannot serve."""
    raw = _Problem(cost, fixed, p, required)
    if not len(cost) and p is None:  # nobody needs anything
        known = np.flatnonzero(required)
    else:
        known = first_plan(raw, limits)
    value = _value(raw, known) if len(cost) else float(fixed[known].sum())
    if not len(cost) or value <= 0:
        return Choice(known, value, value, "optimal")
    limits.unit = value / _SIZE
    # a way dearer than a known plan is in no better one, nor is no way at all
    cost = steady(np.minimum(cost / limits.unit, 2 * _SIZE))
    problem = _Problem(cost, steady(np.minimum(fixed / limits.unit, 2 * _SIZE)), p, required)
    levels, bound, closed, opened, known = _lagrangian(problem, known, limits)
    limits.tell(_value(problem, known), bound)
    if _value(problem, known) - bound <= _TOLERANCE * _value(problem, known):
        found = Choice(known, 0.0, bound, "optimal")
    else:
        found = _cut(problem, levels, closed, opened, known, bound, limits)
    value = _value(raw, found.chosen)
    return replace(found, objective=value, bound=min(max(found.bound * limits.unit, 0.0), value))


def some_plan(cost: np.ndarray, p: int, required: np.ndarray, limits: Limits) -> np.ndarray:
    """Return p good sites that reach every demand; see `first_plan`."""
    return first_plan(_Problem(cost, np.zeros(cost.shape[1]), p, required), limits)


def first_plan(problem: _Problem, limits: Limits) -> np.ndarray:
    """Return a plan that reaches everyone: greedy where that does, else by covering exactly.

    Raises InfeasibleError where p sites cannot reach every demand.
    """
    cost, p = problem.cost, problem.p
    if p is None:
        some = greedy_plan(problem, limits)
        every = np.arange(len(problem.fixed))
        return min((some, every), key=lambda sites: _value(problem, sites))
    some = greedy_plan(problem, limits)
    if np.isfinite(cost[:, some]).any(axis=1).all():
        return some
    found = fewest(np.isfinite(cost), problem.required, limits, enough=p)
    if found.chosen is None:
        if found.bound <= p:
            raise StoppedError(f"{limits.stopped} before {p} sites that reach everyone were found", 0.0)
        raise InfeasibleError(
            f"{p} sites cannot reach every demand; it takes {found.bound} or more",
            [("every demand is reached", float(found.bound - p))],
        )
    return greedy_plan(replace(problem, required=np.isin(np.arange(cost.shape[1]), found.chosen)), limits)


def greedy_plan(problem: _Problem, limits: Limits) -> np.ndarray:
    """Open the required sites, then whichever lowers the total most, until there are p or none pays.

    Out of time, the sites still lacking are those that lowered it most at the last look.
    """
    chosen = np.flatnonzero(problem.required).tolist()
    # unreached counts as more than all that is finite, so that reaching comes first
    finite = np.where(np.isfinite(problem.cost), problem.cost, 0.0)
    most = finite.max(initial=0.0) * 10 + problem.fixed.max(initial=0.0)
    cost = np.where(np.isfinite(problem.cost), problem.cost, most)
    now = cost[:, chosen].min(axis=1) if chosen else np.full(len(cost), most)
    total = np.minimum(cost, now[:, None]).sum(axis=0) + problem.fixed
    total[chosen], size, work = np.inf, float(now.sum()), 0
    while len(chosen) < (len(problem.fixed) if problem.p is None else problem.p):
        if work > _LEAST_CELLS and limits.over:
            more = 0 if problem.p is None else problem.p - len(chosen)
            chosen += np.argsort(total, kind="stable")[:more].tolist()
            break
        best = first_least(total, size)
        if problem.p is None and chosen and total[best] >= now.sum():
            break
        chosen.append(best)
        nearer = np.flatnonzero(cost[:, best] < now)  # only their part of every total changes
        part, before, after = cost[nearer], now[nearer, None], cost[nearer, best][:, None]
        total -= (np.minimum(part, before) - np.minimum(part, after)).sum(axis=0)
        total[best] = np.inf
        now[nearer] = cost[nearer, best]
        work += part.size
    return np.sort(np.array(chosen, dtype=int))


def _value(problem: _Problem, chosen: np.ndarray) -> float:
    return float(problem.cost[:, chosen].min(axis=1).sum() + problem.fixed[chosen].sum())


def _lagrangian(problem: _Problem, known: np.ndarray, limits: Limits, rounds: int = 1000) -> tuple:
    """Relax "served once" by multipliers; return levels, bound, sites surely closed and open, plan."""
    cost, n = problem.cost, len(problem.fixed)
    # a good start (measured): halfway to the known plan's second nearest, or the second nearest of all
    near = cost if problem.p is None or len(known) < 2 else cost[:, known]
    two = np.partition(near, min(1, near.shape[1] - 1), axis=1)[:, :2]
    level = two[:, -1] if near is cost else two.mean(axis=1)
    best, upper, step, stale = -np.inf, _value(problem, known), 1.5, 0
    kept = (level, np.zeros(n))
    least = min(_LEAST_ROUNDS, _LEAST_CELLS // cost.size)
    for k in range(rounds):
        saving = np.minimum(cost - level[:, None], 0.0).sum(axis=0) + problem.fixed
        chosen = _relaxed(problem, saving)
        bound = float(level.sum() + saving[chosen].sum())
        if bound > best + 1e-9 * abs(bound):
            best, kept, stale = bound, (level, saving), 0
        else:
            stale += 1
        if len(chosen) and (k % 20 == 0 or k == rounds - 1):
            plan = _interchange(problem, chosen, limits) if k == 20 or k % 200 == 0 else chosen
            if cheaper(_value(problem, plan), upper):
                upper, known = _value(problem, plan), plan
        if k >= least and limits.over:
            break
        if stale == 30:
            step, stale = step / 2, 0
        slope = 1.0 - (cost[:, chosen] < level[:, None]).sum(axis=1)
        size = float((slope**2).sum())
        if size == 0 or step < 1e-4 or upper - best <= _TOLERANCE * abs(upper):
            break
        level = np.maximum(level + step * max(upper - bound, 1e-9 * abs(upper)) / size * slope, 0.0)
    known = _interchange(problem, known, limits)
    upper = _value(problem, known)
    closed, opened = _settled(problem, kept[1], best, upper)
    return kept[0], best, closed, opened, known


def _relaxed(problem: _Problem, saving: np.ndarray) -> np.ndarray:
    """Return the sites the relaxed problem opens: the p cheapest, or all that pay, and those required."""
    order = np.argsort(np.where(problem.required, -np.inf, saving), kind="stable")
    if problem.p is not None:
        return order[: problem.p]
    pays = (saving < 0) | problem.required
    return np.flatnonzero(pays) if pays.any() else order[:1]


def _settled(
    problem: _Problem, saving: np.ndarray, bound: float, upper: float
) -> tuple[np.ndarray, np.ndarray]:
    """Find sites that no plan better than `upper` opens, and sites that every such plan opens."""
    chosen = np.zeros(len(saving), dtype=bool)
    chosen[_relaxed(problem, saving)] = True
    room = upper - bound + 1e-6 * max(abs(upper), 1.0)
    if problem.p is None:
        into = np.maximum(saving, 0.0)
        out = np.maximum(-saving, 0.0)
    else:
        free = chosen & ~problem.required
        into = saving - (saving[free].max() if free.any() else np.inf)
        out = (saving[~chosen].min() if (~chosen).any() else np.inf) - saving
    return ~chosen & (into > room), problem.required | (chosen & (out > room))


def _interchange(problem: _Problem, chosen: np.ndarray, limits: Limits, rounds: int = 60) -> np.ndarray:
    """Swap (and for free numbers add or drop) one site at a time while the total falls."""
    chosen = np.asarray(chosen, dtype=int)
    for _ in range(rounds):
        if limits.over:
            break
        mine = problem.cost[:, chosen]
        order = np.argsort(mine, axis=1)
        first = mine[np.arange(len(mine)), order[:, 0]]
        second = mine[np.arange(len(mine)), order[:, 1]] if len(chosen) > 1 else np.full(len(mine), np.inf)
        gain = np.minimum(problem.cost - first[:, None], 0.0)
        gained = gain.sum(axis=0)
        move: tuple[float, int | None, int | None] = (0.0, None, None)
        if problem.p is None:
            add = gained + problem.fixed
            add[chosen] = np.inf
            if add.min() < move[0] - 1e-9 * first.sum():
                move = (float(add.min()), int(add.argmin()), None)
        for k, site in enumerate(chosen):
            if problem.required[site]:
                continue
            lost = order[:, 0] == k
            if problem.p is None and len(chosen) > 1:
                drop = float((second - first)[lost].sum() - problem.fixed[site])
                if drop < move[0] - 1e-9 * first.sum():
                    move = (drop, None, k)
            rest = np.minimum(problem.cost[lost], second[lost, None]) - first[lost, None]
            swap = gained - gain[lost].sum(axis=0) + rest.sum(axis=0)
            swap = swap + problem.fixed - problem.fixed[site]
            swap[chosen] = np.inf
            if swap.min() < move[0] - 1e-9 * first.sum():
                move = (float(swap.min()), int(swap.argmin()), k)
        if move[1] is None and move[2] is None:
            break
        kept = chosen if move[2] is None else np.delete(chosen, move[2])
        chosen = kept if move[1] is None else np.append(kept, move[1])
    return np.sort(chosen)


def _rounded(y: np.ndarray, p: int | None) -> np.ndarray:
    """Open the p largest parts of a fractional plan, or every part of a half."""
    if p is not None:
        return np.argsort(-y, kind="stable")[:p]
    return np.flatnonzero(y >= min(0.5, y.max()))


def _better(problem: _Problem, known: np.ndarray, start: np.ndarray, limits: Limits) -> np.ndarray:
    must = np.flatnonzero(problem.required)
    plan = _interchange(problem, np.concatenate([must, start[~problem.required[start]]])[: problem.p], limits)
    return plan if cheaper(_value(problem, plan), _value(problem, known)) else known


class _Levels:
    """The levels (demand, C) in force, and the program they make over the sites still undecided."""

    def __init__(self, problem: _Problem, closed: np.ndarray, opened: np.ndarray) -> None:
        self.problem, self.opened = problem, opened
        self.sites = np.flatnonzero(~closed)
        self.cost = problem.cost[:, self.sites]
        self.rows: list[tuple[np.ndarray, np.ndarray]] = []

    def narrow(self, keep: np.ndarray) -> None:
        """Go on with only some of the sites."""
        self.sites, self.cost = self.sites[keep], self.cost[:, keep]

    def add(self, demand: np.ndarray, level: np.ndarray) -> None:
        self.rows.append((demand, level))

    def add_plans(self, chosen: np.ndarray) -> None:
        """Add the levels at which a plan, and each plan one swap away, is priced exactly."""
        price = np.sort(self.problem.cost[:, chosen], axis=1)
        for rank in range(min(2, price.shape[1])):  # the nearest open site, and the next if that one goes
            self.add(np.arange(len(price)), price[:, rank])

    def start(self, model: Model, chosen: np.ndarray) -> dict[str, pd.Series]:
        """Return a known plan as the values the solver starts from."""
        opened = model.variable_blocks["open"].series(np.isin(self.sites, chosen))
        return {
            "open": opened,
            "cost": model.variable_blocks["cost"].series(self.problem.cost[:, chosen].min(axis=1)),
        }

    def model(self) -> Model:
        m, problem = Model(), self.problem
        y = m.variables(
            "open", self.sites, cost=problem.fixed[self.sites], lower=self.opened[self.sites].astype(float),
            kind="binary",
        )  # fmt: skip
        t = m.variables("cost", range(len(self.cost)), cost=1.0, lower=self.cost.min(axis=1))
        if problem.p is not None:
            m.rows("number", ["p"], [(0, y.columns, 1.0)], lower=problem.p, upper=problem.p)
        else:
            m.rows("any", ["one"], [(0, y.columns, 1.0)], lower=1.0)
        demand = np.concatenate([d for d, _ in self.rows])
        level = np.concatenate([c for _, c in self.rows])
        part = np.maximum(level[:, None] - self.cost[demand], 0.0)
        r, s = np.nonzero(part)
        entries = [(np.arange(len(demand)), t.columns[demand], 1.0), (r, y.columns[s], part[r, s])]
        m.rows("level", range(len(demand)), entries, lower=level)
        return m

    def missing(self, y: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the most violated level of each demand at (y, t): where the nearest openings sum to one."""
        order = np.argsort(self.cost, axis=1, kind="stable")
        price = np.take_along_axis(self.cost, order, axis=1)
        there = np.cumsum(y[order], axis=1) >= 1 - 1e-9
        place = np.where(there.any(axis=1), there.argmax(axis=1), -1)
        rows = np.arange(len(price))
        level = price[rows, place]
        need = level - (np.maximum(level[:, None] - self.cost, 0.0) * y).sum(axis=1)
        short = need - t > 1e-6 * np.maximum(np.abs(need), 1.0)
        return rows[short], level[short]


def _cut(
    problem: _Problem,
    levels: np.ndarray,
    closed: np.ndarray,
    opened: np.ndarray,
    chosen: np.ndarray,
    bound: float,
    limits: Limits,
) -> Choice:
    """Add levels to the linear, then to the integer program until its bound meets the best plan."""
    cuts = _Levels(problem, closed, opened)
    cuts.add(np.arange(len(levels)), levels)
    best, relaxed = _value(problem, chosen), True
    while True:
        model = cuts.model()
        start = None if relaxed else cuts.start(model, chosen)
        try:
            found = limits.solve(model, relax=relaxed, start=start, own_unit=not relaxed)
        except StoppedError:
            return Choice(chosen, best, bound, limits.stopped)
        bound = max(bound, found.bound)
        y, t = found.values["open"].to_numpy(), found.values["cost"].to_numpy()
        if not relaxed:
            plan = cuts.sites[y > 0.5]
            if cheaper(_value(problem, plan), best):
                best, chosen = _value(problem, plan), plan
        limits.tell(best, min(bound, best))
        if best - bound <= _TOLERANCE * max(abs(best), 1.0):
            return Choice(chosen, best, min(bound, best), "optimal")
        if limits.over:
            return Choice(chosen, best, min(bound, best), limits.stopped)
        demand, level = cuts.missing(y, t)
        if relaxed and not len(demand):
            relaxed = False
            chosen = _better(problem, chosen, cuts.sites[_rounded(y, problem.p)], limits)
            best = _value(problem, chosen)
            # a closed site whose reduced cost lifts the bound over the best plan is in no better one
            price = found.reduced_costs["open"].to_numpy()
            useful = (y > 1e-6) | (found.bound + price <= best + 1e-6 * max(abs(best), 1.0))
            cuts.narrow(useful | np.isin(cuts.sites, chosen))
            cuts.add_plans(chosen)
        if len(demand):
            cuts.add(demand, level)
