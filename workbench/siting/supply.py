"""Plans of sites that hold only so much: what they cost, who serves whom, and better ones by exchange."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from workbench.errors import InfeasibleError, StoppedError
from workbench.siting.limits import Limits
from workbench.siting.ties import cheaper
from workbench.solver import Model

NOTHING = 1e-7
_OFFERS = 40  # shut sites, the most promising, that an exchange looks at
_PRICED = 6  # exchanges of a round, the best by a quick plan, that are priced exactly
_NO_SHARE = np.empty((0, 0))


@dataclass(frozen=True)
class Problem:
    """Costs of whole demands (demands x sites, inf = no way), amounts, and what each site takes and costs."""

    cost: np.ndarray
    demand: np.ndarray
    fixed: np.ndarray
    size: np.ndarray
    least: np.ndarray
    p: int | None
    required: np.ndarray
    single: bool


@dataclass(frozen=True)
class Supply:
    """Open sites and the share of each demand that each site takes, with what it costs."""

    opened: np.ndarray
    share: np.ndarray
    value: float


def value(problem: Problem, opened: np.ndarray, share: np.ndarray) -> float:
    """Return what a plan costs."""
    used = share > 0
    return float((problem.cost[used] * share[used]).sum() + problem.fixed[opened].sum())


def lean(problem: Problem, plan: Supply) -> Supply:
    """Close sites that serve nobody, where nothing asks for them."""
    load = plan.share.sum(axis=0)
    keep = (load[plan.opened] > NOTHING) | problem.required[plan.opened]
    return plan if problem.p is not None else replace(plan, opened=plan.opened[keep])


def better(one: Supply | None, two: Supply | None) -> Supply | None:
    """Return the cheaper of two plans, of which either may be missing; of equals the first."""
    if one is None or two is None:
        return one or two
    return two if cheaper(two.value, one.value) else one


def widest(problem: Problem) -> np.ndarray:
    """Return all sites, or the p with most room (required ones first)."""
    order = np.lexsort((-problem.size, ~problem.required))
    return order if problem.p is None else order[: problem.p]


def filled(problem: Problem, order: np.ndarray) -> np.ndarray:
    """Open required sites and then those in `order` until the demand fits (and there are p)."""
    must, rest = np.flatnonzero(problem.required), order[~problem.required[order]]
    whole = problem.demand.sum()
    if problem.p is not None:
        chosen = np.concatenate([must, rest])[: problem.p]
        return chosen if problem.size[chosen].sum() >= whole else widest(problem)
    room = problem.size[must].sum() + np.concatenate([[0.0], np.cumsum(problem.size[rest])])
    need = int(np.searchsorted(room, whole * (1 - 1e-12)))
    return np.concatenate([must, rest[: max(need, 1 - len(must))]])


def greedy_supply(problem: Problem, opened: np.ndarray) -> Supply | None:
    """Serve demands in turn, those that lose most by waiting first, each from its cheapest site with room."""
    opened = np.sort(opened)
    cost = problem.cost[:, opened]
    order = np.argsort(cost, axis=1, kind="stable")
    ranked = np.take_along_axis(cost, order, axis=1)
    wait = np.full(len(cost), np.inf)  # where there is no second way
    choice = np.isfinite(ranked[:, :2]).sum(axis=1) > 1
    wait[choice] = (ranked[:, :2][choice, -1] - ranked[choice, 0]) / problem.demand[choice]
    room, share = problem.size[opened].copy(), np.zeros(problem.cost.shape)
    # whole demands need room in one piece: the largest first
    turn = np.lexsort((-wait, -problem.demand)) if problem.single else np.argsort(-wait, kind="stable")
    for i in turn:
        left = problem.demand[i]
        for k in order[i]:
            if not np.isfinite(cost[i, k]) or left <= 0:
                break
            part = min(left, room[k]) if not problem.single else left * (room[k] >= left * (1 - 1e-9))
            room[k] -= part
            left -= part
            share[i, opened[k]] += part / problem.demand[i]
        if left > problem.demand[i] * NOTHING:
            return None
    load = problem.demand @ share
    if (load[opened] < problem.least[opened] * (1 - 1e-9)).any():
        return None
    return Supply(opened, share, value(problem, opened, share))


def transported(problem: Problem, opened: np.ndarray, limits: Limits) -> Supply | None:
    """Serve every demand from open sites at least cost (a transport program); None where it has no answer."""
    if problem.single:
        return None
    opened = np.sort(opened)
    part = replace(
        problem, cost=problem.cost[:, opened], fixed=problem.fixed[opened], size=problem.size[opened],
        least=problem.least[opened], required=np.ones(len(opened), dtype=bool), p=None,
    )  # fmt: skip
    model, (i, k) = program(part, linked=False)
    try:
        found = limits.solve(model, relax=True)
    except (InfeasibleError, StoppedError):
        return None
    if found.status != "optimal":
        return None
    share = np.zeros(problem.cost.shape)
    share[i, opened[k]] = np.clip(found.values["share"].to_numpy(), 0.0, 1.0)
    return Supply(opened, share, value(problem, opened, share))


def exchanged(problem: Problem, known: Supply, promise: np.ndarray, limits: Limits) -> Supply:
    """Open, shut or swap a site while that makes the plan cheaper.

    `promise`: how little each site costs; the least are offered first. Every change is looked at by a quick
    plan, the best few are priced exactly.
    """
    while True:
        tried: list[Supply] = []
        for sites in _changes(problem, known.opened, promise):
            if limits.over:
                break
            quick = greedy_supply(problem, sites)
            if quick is not None:  # shares of all would fill the memory
                tried.append(replace(quick, share=_NO_SHARE))
        best = known
        for quick in sorted(tried, key=lambda plan: plan.value)[:_PRICED]:
            if not limits.over:
                plan = better(
                    greedy_supply(problem, quick.opened), transported(problem, quick.opened, limits)
                )
                best = better(best, plan) or best
        if best is known:
            return known
        known = lean(problem, best)


def _changes(problem: Problem, opened: np.ndarray, promise: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the sets of sites that differ by one site opened, shut or swapped and have room enough."""
    order = np.argsort(promise, kind="stable")
    offers = order[~np.isin(order, opened)][:_OFFERS]
    rests = [opened[opened != site] for site in opened if not problem.required[site]]
    alone = [] if problem.p is not None else [rest for rest in rests if len(rest)]
    whole = [] if problem.p is not None else [opened]
    for sites in (*alone, *(np.append(rest, site) for rest in (*whole, *rests) for site in offers)):
        if problem.size[sites].sum() >= problem.demand.sum():
            yield sites


def program(
    problem: Problem, *, linked: bool = True, sites: np.ndarray | None = None
) -> tuple[Model, tuple[np.ndarray, np.ndarray]]:
    """Write the program over some of the sites; returns it with the (demand, site) of each share."""
    sites = np.arange(len(problem.fixed)) if sites is None else sites
    i, k = np.nonzero(np.isfinite(problem.cost[:, sites]))
    number, places, m = np.arange(len(i)), np.arange(len(sites)), Model()
    must = problem.required[sites].astype(float)
    y = m.variables("open", sites, cost=problem.fixed[sites], lower=must, kind="binary")
    x = m.variables(
        "share", number, cost=problem.cost[i, sites[k]], upper=1.0,
        kind="binary" if problem.single else "continuous",
    )  # fmt: skip
    rows = range(len(problem.demand))
    m.rows("served", rows, [(i, x.columns, 1.0)], lower=1.0, upper=1.0, rule="demand is served")
    load, size, least = problem.demand[i], problem.size[sites], problem.least[sites]
    both = [(k, x.columns, load), (places, y.columns, -size)]
    m.rows("capacity", sites, both, upper=0.0, rule="a site's load stays within its capacity")
    if least.any():
        asked = np.flatnonzero(least)
        at = np.searchsorted(asked, k)
        mine = np.isin(k, asked)
        floor = (np.arange(len(asked)), y.columns[asked], -least[asked])
        both = [(at[mine], x.columns[mine], load[mine]), floor]
        m.rows("least", sites[asked], both, lower=0.0, rule="an open site carries its least load")
    if linked:
        m.rows("linked", number, [(number, x.columns, 1.0), (number, y.columns[k], -1.0)], upper=0.0)
        m.rows("enough", ["all"], [(0, y.columns, size)], lower=problem.demand.sum())
    if problem.p is not None:
        m.rows("number", ["p"], [(0, y.columns, 1.0)], lower=problem.p, upper=problem.p)
    return m, (i, k)
