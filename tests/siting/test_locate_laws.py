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


def choices(
    cost: pd.DataFrame, p: int | None = None, must: set = frozenset(), never: set = frozenset()
) -> list:
    sizes = range(1, cost.shape[1] + 1) if p is None else [p]
    found = [list(c) for k in sizes for c in combinations(cost.columns, k)]
    return [c for c in found if must <= set(c) and not never & set(c)]


def transported(
    cost: pd.DataFrame, demand: pd.Series, size: Any, least: Any = 0.0, *, most: bool = False
) -> float:
    """Best split of demand over open sites by a plain transport program (inf when it does not fit)."""
    n, m = cost.shape
    price = np.where(np.isfinite(cost), -1.0 if most else cost, 0.0).ravel()
    by_demand, by_site = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    bounds = [(0, None if way else 0) for way in np.isfinite(cost.to_numpy()).ravel()]
    size, least = np.broadcast_to(size, m), np.broadcast_to(least, m)
    if most:
        found = linprog(price, np.vstack([by_demand, by_site]), [*demand, *size], bounds=bounds)
    else:
        loads = {"A_ub": np.vstack([by_site, -by_site]), "b_ub": [*size, *-least]}
        found = linprog(price, **loads, A_eq=by_demand, b_eq=demand, bounds=bounds)
    return found.fun if found.success else np.inf


def singly(cost: pd.DataFrame, demand: pd.Series, size: float, least: float = 0.0) -> float:
    """Best way to give every demand to one open site each, by trying all."""
    live, best = demand.index[demand > 0], np.inf
    for of in product(cost.columns, repeat=len(live)):
        load = (
            pd.Series(demand[live].to_numpy(), list(of))
            .groupby(level=0)
            .sum()
            .reindex(cost.columns, fill_value=0.0)
        )
        if (load <= size + 1e-9).all() and (load >= least - 1e-9).all():
            best = min(best, sum(demand[i] * cost.at[i, j] for i, j in zip(live, of, strict=True)))
    return best


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
    must = data.draw(st.sets(st.sampled_from(list(cost.columns)), max_size=1))
    never = data.draw(st.sets(st.sampled_from(list(cost.columns)), max_size=1)) - must
    p = data.draw(st.integers(max(1, len(must)), cost.shape[1] - len(never)))
    rules: dict[str, Any] = {"required": must, "forbidden": never}
    live = demand[demand > 0]
    way = {tuple(c): cost.loc[live.index, c].min(axis=1) for c in choices(cost, None, must, never)}
    bill = {c: float((w * live).sum()) for c, w in way.items()}
    of_p = [c for c in way if len(c) == p]
    best = min(bill[c] for c in of_p)
    agrees(answered(best, lambda: p_median(cost, p, demand, **rules)), best)
    best = min(bill[c] + opening[list(c)].sum() for c in of_p)
    agrees(answered(best, lambda: facility_location(cost, opening, demand, p=p, **rules)), best)
    best = min(way[c].max() if len(live) else 0.0 for c in of_p)
    agrees(answered(best, lambda: p_center(cost, p, demand=demand, **rules)), best)
    none = [0.0] if not len(live) and not must else []
    best = min([*none, *(total + opening[list(c)].sum() for c, total in bill.items())])
    found = answered(best, lambda: facility_location(cost, opening, demand, **rules))
    agrees(found, best)
    if found is not None:
        assert set(found.sites) == set(found.assignment) | must  # nobody opens for nobody
    best = min([*none, *(len(c) if (w <= 12).all() else np.inf for c, w in way.items())])
    agrees(answered(best, lambda: set_cover(cost, 12, demand=demand, **rules)), best)


@law(1000)
@given(worlds(), st.data())
def test_coverage_once_and_twice_agrees_with_trying_all_choices(world: World, data: st.DataObject) -> None:
    cost, demand, _ = world
    p, weight = data.draw(st.integers(1, cost.shape[1])), data.draw(st.sampled_from([0.0, 0.3, 0.5, 1.0]))
    count = {tuple(c): (cost[c] <= 9).sum(axis=1) for c in choices(cost, p)}
    agrees(max_coverage(cost, 9, p, demand), max(demand[k > 0].sum() for k in count.values()))
    twice = {c: (1 - weight) * demand[k > 0].sum() + weight * demand[k > 1].sum() for c, k in count.items()}
    found = backup_coverage(cost, 9, p, demand, weight=weight)
    agrees(found, max(twice.values()))
    if demand.sum() > 0:
        here = count[tuple(found.sites)]
        assert found.backup == pytest.approx(demand[here > 1].sum() / demand.sum())
        assert found.share_covered == pytest.approx(demand[here > 0].sum() / demand.sum())


@law(1000)
@given(worlds(most=4), st.data())
def test_capacities_loads_and_single_sources_agree_with_trying_all(world: World, data: st.DataObject) -> None:
    cost, demand, opening = world
    size = float(data.draw(st.integers(4, 20)))
    least = float(data.draw(st.sampled_from([0, 3])))
    p = data.draw(st.sampled_from([None, *range(1, cost.shape[1] + 1)]))
    single = data.draw(st.booleans())
    least = least if (demand > 0).any() else 0.0
    terms: dict[str, Any] = {"least_load": least, "single_source": single}
    best = 0.0 if p is None and not (demand > 0).any() else np.inf
    for c in choices(cost, p):
        served = singly(cost[c], demand, size, least) if single else transported(cost[c], demand, size, least)
        best = min(best, served + opening[c].sum())
    agrees(answered(best, lambda: facility_location(cost, opening, demand, size, p=p, **terms)), best)
    near, q = cost.where(cost <= 9, np.inf), min(2, cost.shape[1])
    best = max(-transported(near[c], demand, size, most=True) for c in choices(cost, q))
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


def models(
    cost: pd.DataFrame, demand: pd.Series, opening: pd.Series, money: float, amount: float
) -> dict[str, Any]:
    """Every model, in units of money and amount of which the plain ones are 1."""
    cost, demand, opening = cost * money, demand * amount, opening * money * amount
    size, n = float(demand.sum()) / 2 + 1e-3 * amount, cost.shape[1]
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
    }
    out: dict[str, Any] = {}
    for name, ask in asks.items():
        try:
            found = ask()
            assert found.proven, name
            out[name] = (found.sites, found.assignment.to_dict())
        except (UnreachableError, InfeasibleError) as error:
            out[name] = type(error)
    return out


POWERS = [1e-9, 1e-7, 1e-4, 1e-2, 1e3, 1e6, 1e9]


@law(200)
@given(worlds(whole=False, most=5), st.sampled_from(POWERS), st.sampled_from(POWERS), st.randoms())
def test_no_unit_and_no_order_chooses_other_sites(
    world: World, money: float, amount: float, random: Any
) -> None:
    plain = models(*world, 1.0, 1.0)
    cost, demand, opening = world
    rows, sites = list(cost.index), list(cost.columns)
    random.shuffle(rows)
    random.shuffle(sites)
    turned = models(cost.loc[rows, sites], demand[rows], opening[sites], 1.0, 1.0)
    assert turned == plain
    assert models(*world, money, amount) == plain
