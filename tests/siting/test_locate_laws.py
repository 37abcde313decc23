"""Laws of the location models on random worlds: enumeration, units, order, and one rule for nothing."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.laws import law
from workbench.errors import InfeasibleError, UnreachableError
from workbench.siting import (
    Location,
    backup_coverage,
    facility_location,
    max_coverage,
    p_center,
    p_dispersion,
    p_median,
    set_cover,
)

World = tuple[pd.DataFrame, pd.Series, pd.Series]


@st.composite
def worlds(draw: st.DrawFn, whole: bool = True, most: int = 6) -> World:
    """Costs with ways missing, demands of which some are nothing, opening costs."""
    n, m = draw(st.integers(1, most)), draw(st.integers(2, most))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    cost = rng.integers(0, 20, (n, m)).astype(float) if whole else rng.uniform(0, 20, (n, m))
    cost[rng.random((n, m)) < draw(st.sampled_from([0.0, 0.25]))] = np.inf
    rows, sites = [f"d{i}" for i in range(n)], [f"s{j}" for j in range(m)]
    demand = rng.integers(0, 9, n).astype(float) if whole else rng.uniform(0, 9, n) * (rng.random(n) < 0.8)
    opening = rng.integers(0, 60, m).astype(float) if whole else rng.uniform(0, 60, m)
    return pd.DataFrame(cost, rows, sites), pd.Series(demand, rows), pd.Series(opening, sites)


def rules(draw: Any, cost: pd.DataFrame) -> tuple[set, set, int]:
    """Draw sites that must and must not open, and how many shall."""
    must = draw(st.sets(st.sampled_from(list(cost.columns)), max_size=1))
    never = draw(st.sets(st.sampled_from(list(cost.columns)), max_size=1)) - must
    return must, never, draw(st.integers(max(1, len(must)), cost.shape[1] - len(never)))


def choices(m: int, p: int | None = None, must: set = frozenset(), never: set = frozenset()) -> list:
    """All sets of site positions, as the rules on labels s0, s1, ... have them."""
    sizes = range(1, m + 1) if p is None else [p]
    need, shut = ({int(site[1:]) for site in labels} for labels in (must, never))
    every = (c for k in sizes for c in combinations(range(m), k))
    return [list(c) for c in every if need <= set(c) and not shut & set(c)]


def transported(
    cost: np.ndarray, demand: np.ndarray, size: np.ndarray, least: float = 0.0, *, most: bool = False
) -> float:
    """Best split of demand over open sites by a plain transport program (inf when it does not fit)."""
    n, m = cost.shape
    if not most and (demand.sum() > size.sum() or demand.sum() < least * m):
        return np.inf
    price = np.where(np.isfinite(cost), -1.0 if most else cost, 0.0).ravel()
    by_demand, by_site = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    bounds = [(0, None if way else 0) for way in np.isfinite(cost).ravel()]
    size = np.minimum(size, demand.sum())
    if most:
        found = linprog(price, np.vstack([by_demand, by_site]), [*demand, *size], bounds=bounds)
    else:
        loads = {"A_ub": np.vstack([by_site, -by_site]), "b_ub": [*size, *np.full(m, -least)]}
        found = linprog(price, **loads, A_eq=by_demand, b_eq=demand, bounds=bounds)
    return found.fun if found.success else np.inf


def singly(cost: np.ndarray, demand: np.ndarray, size: np.ndarray, least: float = 0.0) -> float:
    """Best way to give every demand to one open site each, by trying all."""
    live = np.flatnonzero(demand > 0)
    every = list(product(range(cost.shape[1]), repeat=len(live)))
    of = np.array(every, int).reshape(len(every), len(live))
    load = ((of[:, :, None] == np.arange(cost.shape[1])) * demand[live][:, None]).sum(axis=1)
    fits = (load <= size + 1e-9).all(axis=1) & (load >= least - 1e-9).all(axis=1)
    return float((cost[live, of] * demand[live]).sum(axis=1)[fits].min(initial=np.inf))


def answered(best: float, ask: Any) -> Location | None:
    """Ask a model; where no choice is possible it must say so, and only in our own words."""
    if np.isfinite(best):
        return ask()
    with pytest.raises((UnreachableError, InfeasibleError)):
        ask()
    return None


def agrees(found: Location | None, best: float) -> None:
    if found is not None:
        assert found.objective == pytest.approx(best, rel=1e-6, abs=1e-9)
        assert found.proven
        assert found.bound == pytest.approx(best, rel=1e-5, abs=1e-9)


@law(1000)
@given(worlds(), st.data())
def test_median_centre_cover_and_opening_agree_with_trying_all_choices(
    world: World, data: st.DataObject
) -> None:
    cost, demand, opening = world
    must, never, p = rules(data.draw, cost)
    terms: dict[str, Any] = {"required": must, "forbidden": never}
    live = demand.to_numpy() > 0
    ways, amount, fee = cost.to_numpy()[live], demand.to_numpy()[live], opening.to_numpy()
    way = {tuple(c): ways[:, c].min(axis=1) for c in choices(cost.shape[1], None, must, never)}
    bill = {c: float((w * amount).sum()) for c, w in way.items()}
    of_p = [c for c in way if len(c) == p]
    best = min(bill[c] for c in of_p)
    agrees(answered(best, lambda: p_median(cost, p, demand, **terms)), best)
    best = min(bill[c] + fee[list(c)].sum() for c in of_p)
    agrees(answered(best, lambda: facility_location(cost, opening, demand, p=p, **terms)), best)
    best = min(way[c].max(initial=0.0) for c in of_p)
    agrees(answered(best, lambda: p_center(cost, p, demand=demand, **terms)), best)
    none = [0.0] if not live.any() and not must else []
    best = min([*none, *(total + fee[list(c)].sum() for c, total in bill.items())])
    found = answered(best, lambda: facility_location(cost, opening, demand, **terms))
    agrees(found, best)
    if found is not None:
        assert set(found.sites) == set(found.assignment) | must  # nobody opens for nobody
    best = min([*none, *(len(c) if (w <= 12).all() else np.inf for c, w in way.items())])
    agrees(answered(best, lambda: set_cover(cost, 12, demand=demand, **terms)), best)


@law(1000)
@given(worlds(), st.data())
def test_coverage_once_and_twice_agrees_with_trying_all_choices(world: World, data: st.DataObject) -> None:
    cost, demand, _ = world
    must, never, p = rules(data.draw, cost)
    weight = data.draw(st.sampled_from([0.0, 0.3, 0.5, 1.0]))
    terms: dict[str, Any] = {"required": must, "forbidden": never}
    near, amount = cost.to_numpy() <= 9, demand.to_numpy()
    count = {tuple(c): near[:, c].sum(axis=1) for c in choices(cost.shape[1], p, must, never)}
    best = max(amount[k > 0].sum() for k in count.values())
    agrees(max_coverage(cost, 9, p, demand, **terms), best)
    twice = [(1 - weight) * amount[k > 0].sum() + weight * amount[k > 1].sum() for k in count.values()]
    found = backup_coverage(cost, 9, p, demand, weight=weight, **terms)
    agrees(found, max(twice))
    if amount.sum() > 0:
        here = count[tuple(cost.columns.get_indexer(found.sites))]
        assert found.backup == pytest.approx(amount[here > 1].sum() / amount.sum())
        assert found.share_covered == pytest.approx(amount[here > 0].sum() / amount.sum())


@law(1000)
@given(worlds(most=4), st.data())
def test_capacities_loads_and_single_sources_agree_with_trying_all(world: World, data: st.DataObject) -> None:
    cost, demand, opening = world
    must, never, p = rules(data.draw, cost)
    p = data.draw(st.sampled_from([None, p]))
    ways, amount, fee, m = cost.to_numpy(), demand.to_numpy(), opening.to_numpy(), cost.shape[1]
    sizes = st.one_of(st.integers(4, 20), st.just(np.inf))
    size = np.array(data.draw(st.lists(sizes, min_size=m, max_size=m)), float)
    least = float(data.draw(st.sampled_from([0, 3]))) if (amount > 0).any() else 0.0
    single = data.draw(st.booleans())
    terms: dict[str, Any] = {"least_load": least, "single_source": single}
    terms |= {"required": must, "forbidden": never}
    none = p is None and not must and not (amount > 0).any()
    every = choices(m, p, must, never)
    bill = [(singly if single else transported)(ways[:, c], amount, size[c], least) for c in every]
    best = min([0.0 if none else np.inf, *(b + fee[c].sum() for b, c in zip(bill, every, strict=True))])
    agrees(answered(best, lambda: facility_location(cost, opening, demand, size, p=p, **terms)), best)
    if p is not None:
        agrees(answered(min(bill), lambda: p_median(cost, p, demand, capacity=size, **terms)), min(bill))
    near, q = np.where(ways <= 9, ways, np.inf), min(2, m)
    best = max(-transported(near[:, c], amount, size[c], most=True) for c in choices(m, q))
    agrees(max_coverage(cost, 9, q, demand, capacity=size), best)


@law(1000)
@given(st.integers(2, 7), st.integers(0, 10**6), st.data())
def test_dispersion_agrees_with_trying_all_choices(n: int, seed: int, data: st.DataObject) -> None:
    rng, p = np.random.default_rng(seed), data.draw(st.integers(2, n))
    away = rng.integers(0, 20, (n, n)).astype(float)
    frame = pd.DataFrame(away, list("abcdefg")[:n], list("abcdefg")[:n])
    must = data.draw(st.sets(st.sampled_from(list(frame)), max_size=1))
    least = {c: min(min(frame.at[a, b], frame.at[b, a]) for a, b in combinations(c, 2))
             for c in combinations(frame, p) if must <= set(c)}  # fmt: skip
    found = p_dispersion(frame, p, required=must)
    agrees(found, max(least.values()))
    assert least[tuple(found.sites)] == found.objective


_DEALT_OUT = {"coverage of size"}  # how much is served, not by whom, is what it finds the most of


def models(
    cost: pd.DataFrame, demand: pd.Series, opening: pd.Series, money: float, amount: float
) -> dict[str, Any]:
    """Every model, in units of money and amount of which the plain ones are 1."""
    cost, demand, opening = cost * money, demand * amount, opening * money * amount
    size, n = float(demand.sum()) / 2 + 1e-3 * amount, cost.shape[1]
    away = (opening.to_numpy()[:, None] - opening.to_numpy()) / amount
    apart = pd.DataFrame(np.abs(away), opening.index, opening.index)
    asks = {
        "median": lambda: p_median(cost, 2, demand),
        "median of size": lambda: p_median(cost, n, demand, capacity=size, least_load=size / n / 9),
        "opening": lambda: facility_location(cost, opening, demand),
        "opening of size": lambda: facility_location(cost, opening, demand, size),
        "single": lambda: facility_location(cost, opening, demand, size * 1.5, single_source=True),
        "centre": lambda: p_center(cost, 2, demand=demand),
        "cover": lambda: set_cover(cost, 9 * money, demand=demand),
        "coverage": lambda: max_coverage(cost, 9 * money, 2, demand),
        "coverage of size": lambda: max_coverage(cost, 9 * money, 2, demand, capacity=size),
        "backup": lambda: backup_coverage(cost, 9 * money, 2, demand),
        "dispersion": lambda: p_dispersion(apart, min(n, 3)),
    }
    out: dict[str, Any] = {}
    for name, ask in asks.items():
        try:
            found = ask()
            assert found.proven, name
            served = {} if name in _DEALT_OUT else found.assignment.to_dict()
            out[name] = (found.sites, served)
        except (UnreachableError, InfeasibleError) as error:
            out[name] = type(error)
    return out


POWERS = [1e-9, 1e-7, 1e-4, 1e-2, 1e3, 1e6, 1e9]


@law(1000)
@given(worlds(whole=False, most=5), st.sampled_from(POWERS), st.sampled_from(POWERS), st.randoms())
def test_no_unit_and_no_order_chooses_other_sites(
    world: World, money: float, amount: float, random: Any
) -> None:
    """Both at once: an answer that either of them changed would differ."""
    cost, demand, opening = world
    rows, sites = list(cost.index), list(cost.columns)
    random.shuffle(rows)
    random.shuffle(sites)
    moved = models(cost.loc[rows, sites], demand[rows], opening[sites], money, amount)
    assert moved == models(*world, 1.0, 1.0)
