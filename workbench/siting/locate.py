"""Location models on any labelled costs (rows demand, columns sites), solved with a proven bound.

`cost` is a frame (or rows of numbers, then labelled 0, 1, ...): demands x sites, inf where there is no way. A
demand of 0 needs nobody, in every model. `demand`, `opening_cost`, `capacity`, `least_load` are one number
for all or one per label; a capacity of inf is none. `required` and `forbidden` name sites. Every model keeps
`time_limit_s` and `cancel` (asked again and again; True stops) to within a second and then answers with the
best plan so far and a bound; `progress` is told both meanwhile. Neither the order of rows and columns nor any
unit changes an answer.

Raises, besides what a model names: DataError with every fault of the input, LabelError where labels do not
agree, UnreachableError for demands no allowed site can serve, InfeasibleError where p sites or their
capacities are too little, StoppedError where time ran out before any plan was found.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from workbench.siting import capacitated, medians
from workbench.siting.centre import centre
from workbench.siting.covering import fewest
from workbench.siting.limits import SECONDS, Asked, Limits, Told
from workbench.siting.location import Costs, Instance, Location, PerLabel, flows, located, posed


def p_median(
    cost: Costs,
    p: int,
    demand: PerLabel | None = None,
    *,
    capacity: PerLabel | None = None,
    least_load: PerLabel | None = None,
    single_source: bool = False,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = SECONDS,
    progress: Told = None,
    cancel: Asked = None,
) -> Location:
    """Open p sites so that the sum of demand x cost per unit is least (Hakimi 1964).

    Without `capacity` each demand is served by its cheapest open site; see `facility_location` for
    `capacity`, `least_load` and `single_source`.
    """
    within = time_limit_s, progress, cancel
    problem, p, limits = posed(cost, demand, (required, forbidden), within, p=p)
    nothing = np.zeros(len(problem.sites))
    return _served(problem, nothing, p, (capacity, least_load, single_source), limits)


def facility_location(
    cost: Costs,
    opening_cost: PerLabel,
    demand: PerLabel | None = None,
    capacity: PerLabel | None = None,
    *,
    p: int | None = None,
    least_load: PerLabel | None = None,
    single_source: bool = False,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = SECONDS,
    progress: Told = None,
    cancel: Asked = None,
) -> Location:
    """Open any number of sites (or p) so that opening plus demand x cost per unit is least.

    Without `capacity` each demand is served by its cheapest open site; with it a demand may be split (`flows`
    has the parts) unless `single_source`. `least_load`: what an open site serves at least, in the unit of
    demand; a series may name some sites only, such as the required ones. Sites that serve nobody stay shut
    unless required or p asks for them.
    """
    within = time_limit_s, progress, cancel
    problem, number, limits = posed(cost, demand, (required, forbidden), within, p=p)
    opening = problem.per_site(opening_cost, "opening_cost")
    return _served(problem, opening, number or None, (capacity, least_load, single_source), limits)


def set_cover(
    cost: Costs,
    radius: float,
    *,
    demand: PerLabel | None = None,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = SECONDS,
    progress: Told = None,
    cancel: Asked = None,
) -> Location:
    """Open the fewest sites so that every demand has one within `radius` (Toregas et al. 1971)."""
    within = time_limit_s, progress, cancel
    problem, _, limits = posed(cost, demand, (required, forbidden), within, radius=radius)
    found = fewest(problem.near(radius), problem.must, limits)
    chosen = problem.allowed[np.asarray(found.chosen, dtype=int)]
    status = "optimal" if found.bound >= len(chosen) else limits.stopped
    return located(problem, chosen, float(len(chosen)), float(found.bound), status)


def p_center(
    cost: Costs,
    p: int,
    *,
    demand: PerLabel | None = None,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = SECONDS,
    progress: Told = None,
    cancel: Asked = None,
) -> Location:
    """Open p sites so that the longest way to the nearest open site is shortest (Minieka 1970).

    Asks whether p sites cover everyone within a radius: see `siting.centre`. Amounts of `demand` do not
    count, only whether a row wants something.
    """
    within = time_limit_s, progress, cancel
    problem, p, limits = posed(cost, demand, (required, forbidden), within, p=p)
    values = problem.values[np.ix_(problem.live, problem.allowed)]
    if not len(values):
        return located(
            problem, problem.allowed[_filled(np.flatnonzero(problem.must), p, problem)], 0.0, 0.0, "optimal"
        )
    some = medians.some_plan(values, p, problem.must, limits)
    chosen, bound, status = centre(values, some, p, problem.must, limits)
    chosen = problem.allowed[_filled(chosen, p, problem)]
    worst = float(problem.values[np.ix_(problem.live, chosen)].min(axis=1).max())
    return located(problem, chosen, worst, min(bound, worst), status)


def _filled(chosen: np.ndarray, p: int, problem: Instance) -> np.ndarray:
    """Open further allowed sites, first labels first, until there are p; more never lengthen a way."""
    rest = np.setdiff1d(np.arange(len(problem.allowed)), chosen)
    return np.sort(np.concatenate([chosen, rest[: max(p - len(chosen), 0)]]).astype(int))


def _served(
    problem: Instance,
    opening: np.ndarray,
    p: int | None,
    terms: tuple[PerLabel | None, PerLabel | None, bool],
    limits: Limits,
) -> Location:
    """Serve every living row, by the model that the terms of capacity and load ask for."""
    capacity, least_load, single = terms
    allowed, live = problem.allowed, problem.live
    size = np.inf if capacity is None else problem.per_site(capacity, "capacity", infinite=True)
    least = 0.0 if least_load is None else problem.per_site(least_load, "least_load", partial=True)
    size, least = (np.broadcast_to(x, (len(problem.sites),))[allowed] for x in (size, least))
    amount = problem.demand[live]
    cost = problem.values[np.ix_(live, allowed)] * amount[:, None]
    if not len(live) or (np.isinf(size).all() and not least.any()):
        found = medians.choose(cost, opening[allowed], p, problem.must, limits)
        chosen, saved = found.chosen, 0.0
        if p is None:  # a site that costs nothing may stand open for nobody
            idle = np.setdiff1d(chosen, chosen[cost[:, chosen].argmin(axis=1)] if len(live) else [])
            idle = idle[~problem.must[idle]]
            chosen, saved = np.setdiff1d(chosen, idle), float(opening[allowed][idle].sum())
        return located(problem, allowed[chosen], found.objective - saved, found.bound, found.status)
    asked = capacitated.Problem(cost, amount, opening[allowed], size, least, p, problem.must, bool(single))
    answer = capacitated.choose(asked, limits)
    i, k = np.nonzero(answer.plan.share > 1e-7)
    table = flows(problem, live[i], allowed[k], answer.plan.share[i, k] * amount[i])
    chosen = allowed[answer.plan.opened]
    return located(problem, chosen, answer.plan.value, answer.bound, answer.status, table)
