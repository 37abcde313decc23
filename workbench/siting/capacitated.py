"""Choose sites that hold only so much: any number or p, least loads, split or single sourcing.

min sum_j f[j] y[j] + sum_ij c[i,j] x[i,j]  with shares x of demand i (amount d[i], c the cost of all of it):
sum_j x[i,j] = 1,  x[i,j] <= y[j],  l[j] y[j] <= sum_i d[i] x[i,j] <= s[j] y[j],  sum_j y[j] = p (if asked),
y binary, x binary for single sourcing.

1. "served once" is relaxed by multipliers (subgradient; Beasley 1988, Cornuejols et al. 1991): each site is
   then a knapsack, and a last one asks for enough capacity in all. This gives a bound, sites that cannot
   matter, and sets of sites, each priced exactly as a transport problem;
2. sites are exchanged one by one while that makes the plan cheaper;
3. HiGHS looks for better sets among the most promising sites, then proves over all that can matter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from workbench.errors import InfeasibleError, StoppedError
from workbench.siting.limits import Limits
from workbench.siting.supply import (
    NOTHING,
    Problem,
    Supply,
    better,
    exchanged,
    filled,
    greedy_supply,
    lean,
    program,
    transported,
    value,
    widest,
)
from workbench.siting.ties import steady

_ROUNDS = 400
_LEAST_CELLS = 500_000  # pairs looked at for a bound even where no time is given: a tenth of a second
_SIZE = 1000.0  # what the first plan costs in the unit of the computation
_KERNEL = 24  # sites among which better sets are looked for first
_KERNEL_FROM = 20_000  # pairs, from which on that comes before the proof
_NEVER = 1e12  # what a site costs that cannot have its least load


@dataclass(frozen=True)
class Answer:
    """The plan found, the proven bound and the status."""

    plan: Supply
    bound: float
    status: str


def choose(problem: Problem, limits: Limits) -> Answer:
    """Solve to the proven optimum, or as far as the limits go.

    Raises InfeasibleError where capacities cannot hold the demand, StoppedError where no plan was found.
    """
    _enough(problem)
    finite = problem.cost[np.isfinite(problem.cost)]
    amount = problem.demand.mean()
    rough = finite.mean() * len(problem.demand) + problem.fixed.mean()
    unit = rough / _SIZE if rough > 0 else 1.0
    first = _scaled(problem, unit, amount)
    known = _first(first, limits)
    if known is not None and known.value <= 0:
        return Answer(known, 0.0, "optimal")
    if known is not None:  # now the unit is what a plan really costs
        unit *= known.value / _SIZE
        known = replace(known, value=_SIZE)
    scaled = _scaled(problem, unit, amount)
    limits.unit = unit
    found = _search(scaled, known, limits)
    plan = lean(scaled, found.plan)
    total = value(problem, plan.opened, plan.share)
    return Answer(replace(plan, value=total), min(max(found.bound * unit, 0.0), total), found.status)


def _scaled(problem: Problem, unit: float, amount: float) -> Problem:
    return replace(
        problem,
        cost=steady(problem.cost / unit),
        fixed=steady(problem.fixed / unit),
        demand=steady(problem.demand / amount),
        size=steady(np.minimum(problem.size, problem.demand.sum()) / amount),
        least=steady(problem.least / amount),
    )


def _enough(problem: Problem) -> None:
    """Compare the sums of what is wanted and what may be held."""
    whole, room = float(problem.demand.sum()), np.sort(np.minimum(problem.size, problem.demand.sum()))[::-1]
    if problem.p is not None:
        must = problem.required
        rest = np.sort(np.minimum(problem.size[~must], whole))[::-1][: problem.p - int(must.sum())]
        room = np.concatenate([np.minimum(problem.size[must], whole), rest])
    if whole > room.sum() * (1 + 1e-9):
        short, who = whole - room.sum(), "the allowed sites hold" if problem.p is None else "the sites hold"
        raise InfeasibleError(
            f"{who} {room.sum():,.6g}, the demand is {whole:,.6g}: {short:,.6g} too little",
            [("capacity of all allowed sites", short)],
        )
    least = float(problem.least[problem.required].sum())
    if least > whole * (1 + 1e-9):
        raise InfeasibleError(
            f"the required sites ask for a load of {least:,.6g}, the demand is {whole:,.6g}",
            [("least load of the required sites", least - whole)],
        )


def _first(problem: Problem, limits: Limits) -> Supply | None:
    """Supply from the sites that seem good for their room and cost, or, if need be, the largest, or all."""
    near = np.isfinite(problem.cost)
    typical = np.where(near, problem.cost, 0.0).sum(axis=0) / np.maximum(near.sum(axis=0), NOTHING)
    worth = problem.fixed / np.maximum(problem.size, NOTHING * problem.demand.sum()) + typical
    for order in (np.argsort(worth, kind="stable"), widest(problem)):
        opened = filled(problem, order)
        found = greedy_supply(problem, opened)
        if not limits.over:
            found = better(found, transported(problem, opened, limits))
        if found is not None:
            return found
    every = widest(problem)
    return better(greedy_supply(problem, every), None if limits.over else transported(problem, every, limits))


def _search(problem: Problem, known: Supply | None, limits: Limits) -> Answer:
    """Bound and plan by multipliers, better plans among the best sites, then the proof."""
    known, bound, keep, promise = _multipliers(problem, known, limits)
    if known is not None:
        limits.tell(known.value, bound)
        if known.value - bound <= 1e-7 * known.value:
            return Answer(known, bound, "optimal")
    pairs = int(np.isfinite(problem.cost[:, keep]).sum())
    if pairs > _KERNEL_FROM and len(keep) > _KERNEL and known is not None:
        part = Limits(limits.left_s / 3, None, limits.cancel)
        known = exchanged(problem, known, promise, part)
        keep = np.flatnonzero((promise <= known.value - bound + 1e-6 * _SIZE) | problem.required)
        limits.tell(known.value, bound)
        best = keep[np.argsort(promise[keep], kind="stable")[:_KERNEL]]
        near = np.union1d(best, known.opened)
        part = Limits(limits.left_s / 3, None, limits.cancel)
        known = _solved(problem, near, known, part, own_unit=False).plan
        limits.tell(known.value, bound)
    if limits.over and known is not None:
        return Answer(known, bound, limits.stopped)
    found = _solved(problem, np.union1d(keep, known.opened if known else keep), known, limits, own_unit=True)
    return replace(found, bound=min(max(bound, found.bound), found.plan.value))


def _solved(
    problem: Problem, sites: np.ndarray, known: Supply | None, limits: Limits, *, own_unit: bool
) -> Answer:
    """Let HiGHS choose among some sites, from a known plan on."""
    model, (i, k) = program(problem, sites=sites)
    start = None
    if known is not None:
        y, x = model.variable_blocks["open"], model.variable_blocks["share"]
        start = {"open": y.series(np.isin(sites, known.opened)), "share": x.series(known.share[i, sites[k]])}
    try:
        found = limits.solve(model, start=start, own_unit=own_unit)
    except StoppedError as stopped:
        if known is None:
            raise
        return Answer(known, stopped.bound, limits.stopped)
    share = np.zeros(problem.cost.shape)
    share[i, sites[k]] = np.clip(found.values["share"].to_numpy(), 0.0, 1.0)
    opened = sites[found.values["open"].to_numpy() > 0.5]
    plan = Supply(opened, share, value(problem, opened, share))
    return Answer(better(known, plan) or plan, found.bound, found.status)


def _multipliers(
    problem: Problem, known: Supply | None, limits: Limits
) -> tuple[Supply | None, float, np.ndarray, np.ndarray]:
    """Return plan, bound, the sites that may matter, and how little each costs at the best multipliers."""
    cost, fixed = problem.cost, problem.fixed
    near = np.partition(cost, min(1, cost.shape[1] - 1), axis=1)[:, :2]
    level = np.where(np.isfinite(near[:, -1]), near[:, -1], near.min(axis=1))
    best, step, stale, seen = -np.inf, 0.3, 0, set()  # larger steps overshoot at first (measured)
    upper = np.inf if known is None else known.value
    kept = np.zeros(len(fixed))
    for k in range(_ROUNDS):
        gain, share = _knapsacks(problem, level)
        saving = np.minimum(fixed + gain, _NEVER)
        opened, bound, reduced = _opened(problem, saving, float(level.sum()))
        if bound >= _NEVER / 2:  # some least load cannot be had: the proof will say so
            break
        if bound > best + 1e-9 * abs(bound):
            best, kept, stale = bound, reduced, 0
        else:
            stale += 1
        if stale == 10:
            step, stale = step / 2, 0
        if k % 10 == 0:
            sites = filled(problem, np.lexsort((reduced, -opened)))
            if problem.p is None:
                sites = np.union1d(sites, np.flatnonzero(opened > 0.5))
            if sites.tobytes() not in seen:
                seen.add(sites.tobytes())
                known = better(known, _lean_or_none(problem, greedy_supply(problem, sites)))
            if known is not None and known.value < upper:
                upper = known.value
                polished = transported(problem, known.opened, limits) if k and not limits.over else None
                known = better(known, polished)
            limits.tell(upper, best)
        if k * cost.size >= _LEAST_CELLS and limits.over:
            break
        slope = 1.0 - share @ opened
        size = float((slope**2).sum())
        if size <= 1e-12 or step < 1e-3 or upper - best <= 1e-7 * abs(upper):
            break
        aim = upper if np.isfinite(upper) else max(best * 1.5, _SIZE)
        level = level + step * max(aim - bound, 1e-6 * abs(aim)) / size * slope
    room = (np.inf if known is None else known.value) - best + 1e-6 * _SIZE
    return known, best, np.flatnonzero((kept <= room) | problem.required), kept


def _lean_or_none(problem: Problem, plan: Supply | None) -> Supply | None:
    if plan is None:
        return None
    plan = lean(problem, plan)
    return replace(plan, value=value(problem, plan.opened, plan.share))


def _knapsacks(problem: Problem, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fill each site with the shares that pay at the multipliers; return what that costs, and the shares."""
    cost, demand = problem.cost, problem.demand[:, None]
    reduced = cost - level[:, None]
    order = np.argsort(reduced / demand, axis=0, kind="stable")
    sorted_cost = np.take_along_axis(reduced, order, axis=0)
    amount = problem.demand[order]
    before = np.cumsum(amount, axis=0) - amount
    limit = np.where(sorted_cost < 0, problem.size, problem.least)
    part = np.clip((limit - before) / amount, 0.0, 1.0)
    paid = np.where(part > 0, sorted_cost, 0.0) * part
    share = np.zeros_like(cost)
    np.put_along_axis(share, order, part, axis=0)
    return paid.sum(axis=0), share


def _opened(problem: Problem, saving: np.ndarray, base: float) -> tuple[np.ndarray, float, np.ndarray]:
    """Open at least cost, with enough room in all (in parts) or p in number.

    Returns how far each site is open, the bound, and each site's cost net of the room it gives.
    """
    must, opened = problem.required, np.zeros(len(saving))
    if problem.p is not None:
        order = np.argsort(np.where(must, -np.inf, saving), kind="stable")
        opened[order[: problem.p]] = 1.0
        free = (opened > 0) & ~must
        edge = float(saving[free].max()) if free.any() else 0.0
        more = np.maximum(saving - edge, 0.0) if free.any() else np.full(len(saving), np.inf)
        return opened, base + float(saving[opened > 0].sum()), np.where(must, 0.0, more)
    pays = must | (saving < 0)
    opened[pays] = 1.0
    short, price = problem.demand.sum() - problem.size[pays].sum(), 0.0
    each = saving / np.maximum(problem.size, 1e-300)
    for j in np.argsort(np.where(pays, np.inf, each), kind="stable"):
        if short <= 1e-9 * problem.demand.sum() or pays[j]:
            break
        opened[j] = min(1.0, short / problem.size[j]) if problem.size[j] > 0 else 1.0
        short -= opened[j] * problem.size[j]
        price = max(each[j], 0.0)
    used = opened > 0
    bound = base + float((saving[used] * opened[used]).sum())
    return opened, bound, np.where(must, 0.0, saving - price * problem.size)
