"""Cover the most with p sites: once, within capacities, or with a second site in reserve; or stand far apart.

Inputs, limits and errors as in `siting.locate`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault, StoppedError
from workbench.siting.dispersion import dispersed
from workbench.siting.limits import SECONDS, Asked, Limits, Told
from workbench.siting.location import Costs, Location, PerLabel, flows, located, nearest, posed
from workbench.siting.ties import cheaper, first_least, steady
from workbench.solver import Model
from workbench.solver.model import Kind


def max_coverage(
    cost: Costs,
    radius: float,
    p: int,
    demand: PerLabel | None = None,
    *,
    capacity: PerLabel | None = None,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = SECONDS,
    progress: Told = None,
    cancel: Asked = None,
) -> Location:
    """Open p sites that serve the most demand within `radius` (Church and ReVelle 1974).

    With `capacity` a site serves at most that much and a demand may be split. `bound` is an upper bound;
    `progress` is told minus the demand served.
    """
    within = time_limit_s, progress, cancel
    problem, p, limits = posed(cost, demand, (required, forbidden), within, p=p, radius=radius, reach=False)
    size = np.full(len(problem.sites), np.inf)
    if capacity is not None:
        size = problem.per_site(capacity, "capacity", infinite=True)
    whole = float(problem.demand.sum()) or 1.0
    near, weight = problem.near(radius), problem.demand[problem.live] / whole
    room = np.minimum(size[problem.allowed] / whole, 1.0)
    limits.unit = whole
    cover = _Cover(near, weight, room, p, problem.must)
    chosen, share, bound, status = cover.solved(limits)
    i, k = np.nonzero(share)
    table = flows(problem, problem.live[i], problem.allowed[k], share[i, k] * problem.demand[problem.live[i]])
    if np.isinf(size).all():
        table = nearest(problem, problem.allowed[chosen], radius)
    value = float(table["amount"].sum())
    return located(problem, problem.allowed[chosen], value, max(bound * whole, value), status, table)


def backup_coverage(
    cost: Costs,
    radius: float,
    p: int,
    demand: PerLabel | None = None,
    *,
    weight: float = 0.5,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = SECONDS,
    progress: Told = None,
    cancel: Asked = None,
) -> Location:
    """Open p sites that cover the most demand once and, weighed against it, twice (Hogan and ReVelle 1986).

    Maximises (1 - weight) x demand with a site within `radius` + weight x demand with a second one, 0 <=
    weight <= 1. `backup` of the answer is the share of the demand with two. `progress` is told minus the sum.
    """
    within = time_limit_s, progress, cancel
    problem, p, limits = posed(cost, demand, (required, forbidden), within, p=p, radius=radius, reach=False)
    if not 0 <= weight <= 1:
        found = Fault("backup", None, "weight", str(weight), "a number from 0 to 1", "Set it within.")
        raise DataError([found])
    whole = float(problem.demand.sum()) or 1.0
    limits.unit = whole
    amount = problem.demand[problem.live] / whole
    cover = _Cover(problem.near(radius), amount, np.ones(len(problem.allowed)), p, problem.must, weight)
    chosen, _, bound, status = cover.solved(limits)
    value = cover.value(chosen)
    count = cover.near[:, chosen].sum(axis=1)
    answer = located(
        problem, problem.allowed[chosen], value * whole, max(bound, value) * whole, status,
        nearest(problem, problem.allowed[chosen], radius),
    )  # fmt: skip
    return replace(answer, backup=float(amount[count > 1].sum()))


def p_dispersion(
    distance: pd.DataFrame,
    p: int,
    *,
    required: Iterable = (),
    forbidden: Iterable = (),
    time_limit_s: float = SECONDS,
    progress: Told = None,
    cancel: Asked = None,
) -> Location:
    """Open p sites (2 or more) so that the two nearest to each other are as far apart as can be (Kuby 1987).

    `distance`: square, the same labels on both sides; of the two ways between a pair the shorter counts, inf
    stands for no way. `objective` is the least distance, `bound` an upper bound, `progress` is told minus the
    distance. `assignment` and `flows` pair each chosen site with its nearest other.
    """
    within = time_limit_s, progress, cancel
    problem, p, limits = posed(distance, None, (required, forbidden), within, p=p, reach=False)
    if set(problem.rows) != set(problem.sites) or p < 2:
        found = f"{len(problem.rows)} rows, {len(problem.sites)} columns, p {p}"
        need = "the same sites as rows and columns, and p of at least 2"
        raise DataError([Fault("distance", None, "", found, need, "Give all distances between the sites.")])
    away = np.minimum(problem.values, problem.values.T)[np.ix_(problem.allowed, problem.allowed)]
    finite = away[np.isfinite(away)]
    far = np.where(
        np.isfinite(away), away, 2 * finite.max(initial=0.0) + 1.0
    )  # no way is farther than any way
    chosen, bound, status = dispersed(far, p, problem.must, limits)
    pair = away[np.ix_(chosen, chosen)]
    np.fill_diagonal(pair, np.inf)
    value = float(pair.min())
    bound = np.inf if bound > finite.max(initial=0.0) else bound
    sites = problem.allowed[chosen]
    table = flows(problem, sites, sites[pair.argmin(axis=1)], np.ones(p))
    table["cost"] = pair.min(axis=1)[
        np.argsort(problem.given.get_indexer(problem.rows[sites]), kind="stable")
    ]
    return located(problem, sites, value, max(bound, value), status, table)


class _Cover:
    """The program of covering: which site reaches which row, weights that sum to at most 1, room per site."""

    def __init__(
        self, near: np.ndarray, weight: np.ndarray, room: np.ndarray, p: int, must: np.ndarray,
        backup: float | None = None,
    ) -> None:  # fmt: skip
        self.near, self.weight, self.room, self.p, self.must = near, weight, room, p, must
        self.backup = backup
        self.split = bool((room < 1.0).any())

    def value(self, chosen: np.ndarray) -> float:
        """Return what some sites cover, room left out of account."""
        count = self.near[:, chosen].sum(axis=1)
        first = float(self.weight[count > 0].sum())
        if self.backup is None:
            return first
        return (1 - self.backup) * first + self.backup * float(self.weight[count > 1].sum())

    def greedy(self, limits: Limits) -> tuple[np.ndarray, np.ndarray]:
        """Open the required sites, then whichever adds most; returns sites and the shares they take.

        Out of time, the sites still lacking are those that added most at the last look.
        """
        chosen, share = np.flatnonzero(self.must).tolist(), np.zeros(self.near.shape)
        left, by_site = self.weight.copy(), self.near.T.astype(float)  # products of truth values are slow
        for site in list(chosen):
            self._take(site, left, share)
        count, gain = self.near[:, chosen].sum(axis=1), np.zeros(len(self.room))
        while len(chosen) < self.p:
            if not (limits.over and gain.any()):
                if self.backup is not None:
                    worth = (1 - self.backup) * (count == 0) + self.backup * (count == 1)
                    gain = by_site @ (worth * self.weight)
                else:
                    gain = np.minimum(by_site @ left, self.room)
            gain[chosen] = -np.inf
            chosen.append(first_least(-gain, 1.0))
            count += self.near[:, chosen[-1]]
            self._take(chosen[-1], left, share)
        return np.sort(np.array(chosen, dtype=int)), share

    def _take(self, site: int, left: np.ndarray, share: np.ndarray) -> None:
        mine = np.where(self.near[:, site], left, 0.0)
        before = np.cumsum(mine) - mine
        taken = np.clip(self.room[site] - before, 0.0, mine)
        left -= taken
        share[:, site] = taken / self.weight

    def most(self) -> float:
        """Return an upper bound on what any p sites cover, without solving."""
        each = np.sort(np.minimum(self.near.T @ self.weight, self.room))[::-1]
        return min(float(self.weight[self.near.any(axis=1)].sum()), float(each[: self.p].sum()))

    def solved(self, limits: Limits) -> tuple[np.ndarray, np.ndarray, float, str]:
        """Return sites, shares, the upper bound and the status."""
        chosen, share = self.greedy(limits)
        known = self.value(chosen) if not self.split else float(self.weight @ share.sum(axis=1))
        limits.tell(-known, -self.most())
        if known >= self.most() - 1e-12:
            return chosen, share, self.most(), "optimal"
        if limits.over:
            return chosen, share, self.most(), limits.stopped
        model, shares = self.program()
        try:
            found = limits.solve(model, start=self._start(model, chosen, share, shares), own_unit=True)
        except StoppedError:
            return chosen, share, self.most(), limits.stopped
        if not cheaper(found.objective, -known):
            return chosen, share, min(-found.bound, self.most()), found.status
        opened = np.flatnonzero(found.values["open"].to_numpy() > 0.5)
        rest = np.setdiff1d(np.arange(len(self.room)), opened)
        opened = np.sort(np.concatenate([opened, rest[: self.p - len(opened)]]))
        if self.split:
            share = np.zeros(self.near.shape)
            share[shares] = np.clip(found.values["share"].to_numpy(), 0.0, 1.0)
        return opened, share, min(-found.bound, self.most()), found.status

    def program(self) -> tuple[Model, tuple[np.ndarray, np.ndarray]]:
        """Write the program; returns it with the (row, site) of each share."""
        m, rows = Model(), np.arange(len(self.near))
        weight, room = steady(self.weight), steady(self.room)
        i, k = np.nonzero(self.near)
        y = m.variables("open", range(len(self.room)), lower=self.must.astype(float), kind="binary")
        m.rows("number", ["p"], [(0, y.columns, 1.0)], upper=self.p)
        if self.split:
            number, sites = np.arange(len(i)), np.arange(len(self.room))
            x = m.variables("share", number, cost=-weight[i], upper=1.0)
            m.rows("linked", number, [(number, x.columns, 1.0), (number, y.columns[k], -1.0)], upper=0.0)
            load = [(k, x.columns, weight[i]), (sites, y.columns, -room)]
            m.rows("capacity", sites, load, upper=0.0)
            m.rows("once", rows, [(i, x.columns, 1.0)], upper=1.0)
            return m, (i, k)
        first = 1.0 if self.backup is None else 1 - self.backup
        # weighed above a first site, a second one must not be had by halves
        kind: Kind = "binary" if self.backup is not None and self.backup > 0.5 else "continuous"
        once = m.variables("once", rows, cost=-weight * first, upper=1.0, kind=kind)
        reached = [(i, y.columns[k], -1.0), (rows, once.columns, 1.0)]
        if self.backup is not None:
            twice = m.variables("twice", rows, cost=-weight * self.backup, upper=1.0, kind=kind)
            reached.append((rows, twice.columns, 1.0))
            m.rows("order", rows, [(rows, twice.columns, 1.0), (rows, once.columns, -1.0)], upper=0.0)
        m.rows("near", rows, reached, upper=0.0)
        return m, (i, k)

    def _start(
        self, m: Model, chosen: np.ndarray, share: np.ndarray, shares: tuple[np.ndarray, np.ndarray]
    ) -> dict[str, pd.Series]:
        blocks, count = m.variable_blocks, self.near[:, chosen].sum(axis=1)
        out = {"open": blocks["open"].series(np.isin(np.arange(len(self.room)), chosen))}
        parts = {"share": share[shares], "once": count > 0, "twice": count > 1}
        return out | {name: blocks[name].series(values) for name, values in parts.items() if name in blocks}
