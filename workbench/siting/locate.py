"""Location models on any labelled cost frame (rows demand, columns sites), solved with a proven bound."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault, InfeasibleError, UnreachableError
from workbench.siting.location import Instance, Location, instance, nearest
from workbench.siting.medians import choose
from workbench.solver import Model, Progress, Solution, solve

_SECONDS = 600.0


def p_median(
    cost: pd.DataFrame,
    p: int,
    demand: pd.Series | None = None,
    *,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = _SECONDS,
) -> Location:
    """Open p sites so that the sum of demand x cost to the nearest open site is least (Hakimi 1964).

    `cost`: demands x sites, inf where a site cannot serve. `demand`: weight per row (default 1).
    Raises DataError, LabelError, UnreachableError; see `Location` for the answer.
    """
    problem = instance(cost, demand, required, forbidden, p=p)
    return _uncapacitated(problem, np.zeros(cost.shape[1]), p, time_limit_s)


def facility_location(
    cost: pd.DataFrame,
    opening_cost: pd.Series | float,
    demand: pd.Series | None = None,
    capacity: pd.Series | float | None = None,
    *,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = _SECONDS,
) -> Location:
    """Open any number of sites so that opening plus demand x cost per unit is least.

    `cost` is per unit of demand. Without `capacity` each demand is served by its cheapest open site; with it
    a demand may be split (`flows` has the parts), and InfeasibleError says how much capacity is missing.
    """
    problem = instance(cost, demand, required, forbidden)
    opening = _per_site(cost, opening_cost, "opening_cost")
    _reachable(problem)
    if capacity is None:
        return _uncapacitated(problem, opening.to_numpy(), None, time_limit_s)
    return _capacitated(problem, opening, _per_site(cost, capacity, "capacity"), time_limit_s)


def _per_site(cost: pd.DataFrame, given: pd.Series | float, name: str) -> pd.Series:
    series = given if isinstance(given, pd.Series) else pd.Series(float(given), index=cost.columns)
    series = series.reindex(cost.columns).astype(float)
    bad = series.index[~np.isfinite(series) | (series < 0)]
    if len(bad):
        found = ", ".join(map(str, bad[:10]))
        raise DataError(
            [Fault(name, None, found, "blank or negative", "at least 0 for every site", "Set it.")]
        )
    return series


def _reachable(problem: Instance) -> None:
    lost = ~np.isfinite(problem.values[:, problem.allowed]).any(axis=1) & (problem.demand > 0).to_numpy()
    if lost.any():
        raise UnreachableError(
            f"no allowed site reaches {', '.join(map(str, problem.cost.index[lost][:10]))}"
        )


def _uncapacitated(problem: Instance, opening: np.ndarray, p: int | None, time_limit_s: float) -> Location:
    allowed = problem.allowed
    live = (problem.demand > 0).to_numpy()
    # a demand of nothing costs nothing, even where it cannot be reached
    weighted = problem.values[live][:, allowed] * problem.demand.to_numpy()[live, None]
    if not live.any():
        weighted = np.zeros((1, len(allowed)))
    found = choose(weighted, opening[allowed], p, problem.required[allowed], time_limit_s=time_limit_s)
    chosen = allowed[found.chosen]
    served, flows = nearest(problem, chosen)
    sites = problem.cost.columns[chosen].tolist()
    return Location(sites, served, found.objective, found.bound, found.status, flows)


def _capacitated(problem: Instance, opening: pd.Series, capacity: pd.Series, time_limit_s: float) -> Location:
    """Solve the strong formulation: shares x[i,j] <= y[j], loads within capacity, enough capacity in all."""
    demand, allowed = problem.demand.to_numpy(), problem.allowed
    room = float(capacity.to_numpy()[allowed].sum())
    if demand.sum() > room * (1 + 1e-9):
        short = demand.sum() - room
        raise InfeasibleError(
            f"the allowed sites hold {room:,.6g}, the demand is {demand.sum():,.6g}: {short:,.6g} too little",
            [("capacity of all allowed sites", short)],
        )
    i, k = np.nonzero(np.isfinite(problem.values[:, allowed]))
    j = allowed[k]
    m = Model()
    y = m.variables(
        "open", allowed, cost=opening.to_numpy()[allowed], lower=problem.required[allowed].astype(float),
        kind="binary",
    )  # fmt: skip
    pairs = np.arange(len(i))
    x = m.variables("share", pairs, cost=problem.values[i, j] * demand[i], upper=1.0)
    m.rows("served", range(len(demand)), [(i, x.columns, 1.0)], lower=1.0, upper=1.0, rule="demand is served")
    m.rows("linked", pairs, [(pairs, x.columns, 1.0), (pairs, y.columns[k], -1.0)], upper=0.0)
    size = capacity.to_numpy()[allowed]
    m.rows(
        "capacity", allowed,
        [(k, x.columns, demand[i]), (np.arange(len(allowed)), y.columns, -size)],
        upper=0.0, rule="a site's load stays within its capacity",
    )  # fmt: skip
    m.rows("enough", ["all"], [(0, y.columns, size)], lower=demand.sum())
    found = solve(m, time_limit_s=time_limit_s)
    share = found.values["share"].to_numpy()
    used = np.flatnonzero(share > 1e-7)
    flows = pd.DataFrame(
        {
            "demand": problem.cost.index[i[used]],
            "site": problem.cost.columns[j[used]],
            "amount": share[used] * demand[i[used]],
            "cost": share[used] * demand[i[used]] * problem.values[i[used], j[used]],
        }
    )
    first = flows.assign(share=share[used]).sort_values("share", ascending=False, kind="stable")
    served = first.drop_duplicates("demand").set_index("demand")["site"].reindex(problem.cost.index)
    opened = found.values["open"]
    sites = problem.cost.columns[opened.index[opened > 0.5]].tolist()
    return Location(sites, served, found.objective, found.bound, found.status, flows)


def set_cover(
    cost: pd.DataFrame,
    radius: float,
    *,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = _SECONDS,
) -> Location:
    """Open the fewest sites so that every demand has one within `radius` (Toregas et al. 1971).

    Raises UnreachableError naming the demands no allowed site covers.
    """
    problem = instance(cost, None, required, forbidden)
    near = problem.values[:, problem.allowed] <= radius
    lost = problem.cost.index[np.flatnonzero(~near.any(axis=1))]
    if len(lost):
        raise UnreachableError(f"no allowed site within {radius:g} of {', '.join(map(str, lost[:10]))}")
    found = solve(_cover(near, problem.required[problem.allowed]), time_limit_s=time_limit_s)
    chosen = problem.allowed[_picked(found)]
    served, flows = nearest(problem, chosen)
    # a number of sites is whole: the bound rounds up
    bound = float(min(np.ceil(found.bound - 1e-6), found.objective))
    sites = problem.cost.columns[chosen].tolist()
    return Location(sites, served, round(found.objective), bound, found.status, flows)


def _cover(near: np.ndarray, required: np.ndarray) -> Model:
    """Build "fewest sites, every demand has one near" of what can matter; labels are site positions."""
    rows, sites = _essential(near[~near[:, required].any(axis=1)], np.flatnonzero(~required))
    m = Model()
    y = m.variables("open", sites, cost=1.0, kind="binary")
    m.variables("required", np.flatnonzero(required), cost=1.0, lower=1.0, kind="binary")
    r, s = np.nonzero(rows)
    m.rows("covered", range(len(rows)), [(r, y.columns[s], 1.0)], lower=1.0)
    return m


def _essential(near: np.ndarray, sites: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drop demands covered whenever another is, and sites that cover no more than another, repeatedly."""
    rows = near[:, sites]
    while True:
        before = rows.shape
        rows = rows[_least(rows)]
        keep = _least(~rows.T)
        rows, sites = rows[:, keep], sites[keep]
        if rows.shape == before:
            return rows, sites


def _least(sets: np.ndarray) -> np.ndarray:
    """Tell which rows (as sets of columns) contain no other row; of equal rows the first stays."""
    size, number = sets.sum(axis=1), np.arange(len(sets))
    common = sets.astype(np.float32) @ sets.astype(np.float32).T
    within = common >= size[:, None]  # row a lies within row b
    before = (size[:, None] < size[None, :]) | ((size[:, None] == size[None, :]) & (number[:, None] < number))
    return ~(within & before).any(axis=0)


def _picked(found: Solution) -> np.ndarray:
    """Return the positions of the sites a covering model opens."""
    opened = [v.index[v > 0.5].to_numpy() for v in (found.values["open"], found.values["required"])]
    return np.sort(np.concatenate(opened)).astype(int)


def p_center(
    cost: pd.DataFrame,
    p: int,
    *,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = _SECONDS,
) -> Location:
    """Open p sites so that the longest way to the nearest open site is shortest (Minieka 1970).

    Bisects the distinct costs; a radius is ruled out when covering everyone within it needs more than p
    sites, by the linear program where that is enough, else by the integer one.
    """
    problem = instance(cost, None, required, forbidden, p=p)
    values, required_sites = problem.values[:, problem.allowed], problem.required[problem.allowed]
    radii = np.unique(values[np.isfinite(values)])
    low, high = int(np.searchsorted(radii, values.min(axis=1).max())), len(radii) - 1
    chosen, left = _covering(values <= radii[high], p, required_sites, time_limit_s)
    if chosen is None:
        raise InfeasibleError(f"{p} sites cannot reach every demand", [("every demand is reached", 1.0)])
    while low < high and left > 0:
        middle = (low + high) // 2
        found, left = _covering(values <= radii[middle], p, required_sites, left)
        if found is None:
            low = middle + 1
        else:
            reach = values[:, found].min(axis=1).max()
            chosen, high = found, int(np.searchsorted(radii, reach))
    chosen = problem.allowed[_filled(chosen, p, len(problem.allowed))]
    served, flows = nearest(problem, chosen)
    worst = float(problem.values[:, chosen].min(axis=1).max())
    status = "optimal" if low >= high else "time limit"
    sites = problem.cost.columns[chosen].tolist()
    return Location(sites, served, worst, min(float(radii[low]), worst), status, flows)


def _filled(chosen: np.ndarray, p: int, n: int) -> np.ndarray:
    """Open further sites, first labels first, until there are p; more sites never lengthen a way."""
    rest = np.setdiff1d(np.arange(n), chosen)
    return np.sort(np.concatenate([chosen, rest[: max(p - len(chosen), 0)]]))


def _covering(near: np.ndarray, p: int, required: np.ndarray, left: float) -> tuple[np.ndarray | None, float]:
    """Return at most p sites that cover everyone, or None when there are none; and the seconds left."""
    if not near.any(axis=1).all():
        return None, left
    model = _cover(near, required)
    first = solve(model, relax=True, time_limit_s=max(left, 1.0))
    left -= first.seconds
    if first.objective > p + 1e-6:
        return None, left
    seen = {"plan": np.inf, "bound": -np.inf}

    def watch(now: Progress) -> None:
        seen.update(plan=now.objective, bound=now.bound)

    def settled() -> bool:  # the fewest sites are not wanted, only whether p are enough
        return seen["plan"] <= p + 1e-6 or seen["bound"] > p + 1e-6

    found = solve(model, time_limit_s=max(left, 1.0), progress=watch, cancel=settled)
    left -= found.seconds
    picked = _picked(found)
    if len(picked) <= p:
        return picked, left
    return None, left if found.bound > p + 1e-6 else 0.0


def max_coverage(
    cost: pd.DataFrame,
    radius: float,
    p: int,
    demand: pd.Series | None = None,
    *,
    capacity: pd.Series | float | None = None,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = _SECONDS,
) -> Location:
    """Open p sites that serve the most demand within `radius` (Church and ReVelle 1974).

    With `capacity` a site serves at most that much and a demand may be split. `bound` is an upper bound.
    """
    problem = instance(cost, demand, required, forbidden)
    allowed = problem.allowed
    if not max(1, int(problem.required.sum())) <= p <= len(allowed):
        raise DataError([Fault("p", None, "", str(p), f"1 to {len(allowed)} sites", "Change p.")])
    near = problem.values[:, allowed] <= radius
    weight = problem.demand.to_numpy()
    m = Model()
    y = m.variables("open", allowed, lower=problem.required[allowed].astype(float), kind="binary")
    m.rows("number", ["p"], [(0, y.columns, 1.0)], upper=p)
    i, k = np.nonzero(near)
    if capacity is None:
        z = m.variables("covered", range(len(near)), cost=-weight, upper=1.0)
        m.rows(
            "near",
            range(len(near)),
            [(np.arange(len(near)), z.columns, 1.0), (i, y.columns[k], -1.0)],
            upper=0,
        )
    else:
        size, pairs = _per_site(cost, capacity, "capacity").to_numpy()[allowed], np.arange(len(i))
        x = m.variables("share", pairs, cost=-weight[i], upper=1.0)
        m.rows("once", range(len(near)), [(i, x.columns, 1.0)], upper=1.0)
        m.rows("linked", pairs, [(pairs, x.columns, 1.0), (pairs, y.columns[k], -1.0)], upper=0.0)
        load = [(k, x.columns, weight[i]), (np.arange(len(allowed)), y.columns, -size)]
        m.rows("capacity", allowed, load, upper=0.0)
    found = solve(m, time_limit_s=time_limit_s)
    opened = np.flatnonzero(found.values["open"].to_numpy() > 0.5)
    chosen = allowed[_filled(opened, p, len(allowed))]
    if capacity is None:
        served, flows = nearest(problem, chosen)
        inside = cost.index[np.flatnonzero(problem.values[:, chosen].min(axis=1) <= radius)]
        served, flows = served[inside], flows[flows["demand"].isin(inside)]
    else:
        share = found.values["share"].to_numpy()
        used = np.flatnonzero(share > 1e-7)
        amount = share[used] * weight[i[used]]
        flows = pd.DataFrame(
            {"demand": cost.index[i[used]], "site": cost.columns[allowed[k[used]]], "amount": amount}
        ).assign(cost=amount * problem.values[i[used], allowed[k[used]]])
        largest = flows.sort_values("amount", ascending=False, kind="stable").drop_duplicates("demand")
        served = largest.set_index("demand")["site"]
        served = served.reindex(cost.index).dropna().rename("site")
    sites = problem.cost.columns[chosen].tolist()
    return Location(sites, served, -found.objective, -found.bound, found.status, flows.reset_index(drop=True))
