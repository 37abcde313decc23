"""Location models on any labelled cost frame (rows demand, columns sites), solved with a proven bound.

Every model takes `required` and `forbidden` sites, `time_limit_s` of solver time, `progress` (told the best
plan and the bound so far) and `cancel` (asked now and then; True stops with the best plan known).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault, InfeasibleError, UnreachableError
from workbench.siting.centre import centre
from workbench.siting.covering import fewest
from workbench.siting.limits import Limits
from workbench.siting.location import Instance, Location, instance, nearest, split
from workbench.siting.medians import choose
from workbench.solver import Model, Progress, Variables

_SECONDS = 600.0
_Progress = Callable[[Progress], None] | None
_Cancel = Callable[[], bool] | None


def p_median(
    cost: pd.DataFrame,
    p: int,
    demand: pd.Series | None = None,
    *,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = _SECONDS,
    progress: _Progress = None,
    cancel: _Cancel = None,
) -> Location:
    """Open p sites so that the sum of demand x cost to the nearest open site is least (Hakimi 1964).

    `cost`: demands x sites, inf where a site cannot serve. `demand`: weight per row (default 1).
    Raises DataError, LabelError, UnreachableError; see `Location` for the answer.
    """
    problem = instance(cost, demand, required, forbidden, p=p)
    limits = Limits(time_limit_s, progress, cancel)
    return _uncapacitated(problem, np.zeros(cost.shape[1]), p, limits)


def facility_location(
    cost: pd.DataFrame,
    opening_cost: pd.Series | float,
    demand: pd.Series | None = None,
    capacity: pd.Series | float | None = None,
    *,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = _SECONDS,
    progress: _Progress = None,
    cancel: _Cancel = None,
) -> Location:
    """Open any number of sites so that opening plus demand x cost per unit is least.

    `cost` is per unit of demand. Without `capacity` each demand is served by its cheapest open site; with it
    a demand may be split (`flows` has the parts), and InfeasibleError says how much capacity is missing.
    """
    problem = instance(cost, demand, required, forbidden)
    opening = _per_site(cost, opening_cost, "opening_cost")
    limits = Limits(time_limit_s, progress, cancel)
    _reachable(problem)
    if capacity is None:
        return _uncapacitated(problem, opening.to_numpy(), None, limits)
    return _capacitated(problem, opening, _per_site(cost, capacity, "capacity"), limits)


def set_cover(
    cost: pd.DataFrame,
    radius: float,
    *,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = _SECONDS,
    progress: _Progress = None,
    cancel: _Cancel = None,
) -> Location:
    """Open the fewest sites so that every demand has one within `radius` (Toregas et al. 1971).

    Raises UnreachableError naming the demands no allowed site covers.
    """
    problem = instance(cost, None, required, forbidden)
    near = problem.values[:, problem.allowed] <= radius
    lost = problem.cost.index[np.flatnonzero(~near.any(axis=1))]
    if len(lost):
        raise UnreachableError(f"no allowed site within {radius:g} of {', '.join(map(str, lost[:10]))}")
    limits = Limits(time_limit_s, progress, cancel)
    found = fewest(near, problem.required[problem.allowed], limits)
    chosen = problem.allowed[np.asarray(found.chosen)]
    status = "optimal" if found.bound >= len(chosen) else limits.stopped
    return _located(problem, chosen, len(chosen), float(found.bound), status)


def p_center(
    cost: pd.DataFrame,
    p: int,
    *,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = _SECONDS,
    progress: _Progress = None,
    cancel: _Cancel = None,
) -> Location:
    """Open p sites so that the longest way to the nearest open site is shortest (Minieka 1970).

    Asks whether p sites cover everyone within a radius: see `siting.centre`. Raises InfeasibleError when p
    sites cannot reach every demand.
    """
    problem = instance(cost, None, required, forbidden, p=p)
    limits = Limits(time_limit_s, progress, cancel)
    values = problem.values[:, problem.allowed]
    chosen, bound, status = centre(values, p, problem.required[problem.allowed], limits)
    chosen = problem.allowed[_filled(chosen, p, len(problem.allowed))]
    worst = float(problem.values[:, chosen].min(axis=1).max())
    return _located(problem, chosen, worst, min(bound, worst), status)


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
    progress: _Progress = None,
    cancel: _Cancel = None,
) -> Location:
    """Open p sites that serve the most demand within `radius` (Church and ReVelle 1974).

    With `capacity` a site serves at most that much and a demand may be split. `bound` is an upper bound;
    `progress` is told minus the demand served.
    """
    problem = instance(cost, demand, required, forbidden)
    allowed, weight = problem.allowed, problem.demand.to_numpy()
    if not max(1, int(problem.required.sum())) <= p <= len(allowed):
        raise DataError([Fault("p", None, "", str(p), f"1 to {len(allowed)} sites", "Change p.")])
    near = problem.values[:, allowed] <= radius
    m = Model()
    y = m.variables("open", allowed, lower=problem.required[allowed].astype(float), kind="binary")
    m.rows("number", ["p"], [(0, y.columns, 1.0)], upper=p)
    if capacity is None:
        (i, k), rows = np.nonzero(near), np.arange(len(near))
        z = m.variables("covered", rows, cost=-weight, upper=1.0)
        m.rows("near", rows, [(rows, z.columns, 1.0), (i, y.columns[k], -1.0)], upper=0)
    else:
        size = _per_site(cost, capacity, "capacity").to_numpy()[allowed]
        i, k, x = _shares(m, y, near, np.where(near, -1.0, 0.0), weight, size)
        m.rows("once", range(len(near)), [(i, x.columns, 1.0)], upper=1.0)
    found = Limits(time_limit_s, progress, cancel).solve(m, own_unit=True)
    opened = np.flatnonzero(found.values["open"].to_numpy() > 0.5)
    chosen = allowed[_filled(opened, p, len(allowed))]
    if capacity is not None:
        served, flows = split(problem, i, allowed[k], found.values["share"].to_numpy())
        return _located(problem, chosen, -found.objective, -found.bound, found.status, (served, flows))
    served, flows = nearest(problem, chosen)
    inside = cost.index[np.flatnonzero(problem.values[:, chosen].min(axis=1) <= radius)]
    flows = flows[flows["demand"].isin(inside)].reset_index(drop=True)
    return _located(problem, chosen, -found.objective, -found.bound, found.status, (served[inside], flows))


def _located(
    problem: Instance,
    chosen: np.ndarray,
    objective: float,
    bound: float,
    status: str,
    served: tuple[pd.Series, pd.DataFrame] | None = None,
) -> Location:
    """Answer with the chosen positions; each demand goes to the nearest unless `served` says otherwise."""
    assignment, flows = nearest(problem, chosen) if served is None else served
    sites = problem.cost.columns[chosen].tolist()
    return Location(sites, assignment, objective, bound, status, flows)


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


def _filled(chosen: np.ndarray, p: int, n: int) -> np.ndarray:
    """Open further sites, first labels first, until there are p; more sites never lengthen a way."""
    rest = np.setdiff1d(np.arange(n), chosen)
    return np.sort(np.concatenate([chosen, rest[: max(p - len(chosen), 0)]]))


def _uncapacitated(problem: Instance, opening: np.ndarray, p: int | None, limits: Limits) -> Location:
    allowed = problem.allowed
    live = (problem.demand > 0).to_numpy()
    # a demand of nothing costs nothing, even where it cannot be reached
    weighted = problem.values[live][:, allowed] * problem.demand.to_numpy()[live, None]
    if not live.any():
        weighted = np.zeros((1, len(allowed)))
    found = choose(weighted, opening[allowed], p, problem.required[allowed], limits)
    return _located(problem, allowed[found.chosen], found.objective, found.bound, found.status)


def _capacitated(problem: Instance, opening: pd.Series, capacity: pd.Series, limits: Limits) -> Location:
    """Solve the strong formulation: shares x[i,j] <= y[j], loads within capacity, enough capacity in all."""
    demand, allowed = problem.demand.to_numpy(), problem.allowed
    size = capacity.to_numpy()[allowed]
    room = float(size.sum())
    if demand.sum() > room * (1 + 1e-9):
        short = demand.sum() - room
        raise InfeasibleError(
            f"the allowed sites hold {room:,.6g}, the demand is {demand.sum():,.6g}: {short:,.6g} too little",
            [("capacity of all allowed sites", short)],
        )
    m, must = Model(), problem.required[allowed].astype(float)
    y = m.variables("open", allowed, cost=opening.to_numpy()[allowed], lower=must, kind="binary")
    price = problem.values[:, allowed]
    i, k, x = _shares(m, y, np.isfinite(price), price, demand, size)
    m.rows("served", range(len(demand)), [(i, x.columns, 1.0)], lower=1.0, upper=1.0, rule="demand is served")
    m.rows("enough", ["all"], [(0, y.columns, size)], lower=demand.sum())
    found = limits.solve(m, own_unit=True)
    served, flows = split(problem, i, allowed[k], found.values["share"].to_numpy())
    chosen = allowed[np.flatnonzero(found.values["open"].to_numpy() > 0.5)]
    return _located(problem, chosen, found.objective, found.bound, found.status, (served, flows))


def _shares(
    m: Model, y: Variables, pair: np.ndarray, price: np.ndarray, demand: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Variables]:
    """Add the share of demand i that site k takes, for every allowed pair, within open sites' capacity.

    Returns demand and site positions of the shares, and the shares.
    """
    i, k = np.nonzero(pair)
    number, sites = np.arange(len(i)), np.arange(len(size))
    x = m.variables("share", number, cost=price[i, k] * demand[i], upper=1.0)
    m.rows("linked", number, [(number, x.columns, 1.0), (number, y.columns[k], -1.0)], upper=0.0)
    load = [(k, x.columns, demand[i]), (sites, y.columns, -size)]
    m.rows("capacity", y.labels, load, upper=0.0, rule="a site's load stays within its capacity")
    return i, k, x
