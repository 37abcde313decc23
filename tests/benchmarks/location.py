"""Location side by side: p-centre against a plain bisection with HiGHS; capacities after 60 s.

`python -m tests.benchmarks.location` prints both; times are CPU seconds of one run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from tests.siting.test_locate import pmed
from workbench.siting import Location, facility_location, p_center
from workbench.solver import Model, solve


def bisection(values: np.ndarray, p: int) -> float:
    """Return the p-centre's radius by bisecting the distinct costs, a covering program at each."""
    radii = np.unique(values)
    low, high = 0, len(radii) - 1
    while low < high:
        middle, m = (low + high) // 2, Model()
        y = m.variables("open", range(values.shape[1]), cost=1.0, kind="binary")
        i, k = np.nonzero(values <= radii[middle])
        m.rows("covered", range(len(values)), [(i, y.columns[k], 1.0)], lower=1.0)
        near = (values <= radii[middle]).any(axis=1).all()
        if near and solve(m).objective <= p + 1e-6:
            high = middle
        else:
            low = middle + 1
    return float(radii[low])


def graph(n: int, seed: int = 0) -> np.ndarray:
    """Return all shortest ways on a random graph drawn as OR-Library's p-medians are (Beasley 1985).

    n nodes, n^2 / 50 links with whole lengths from 1 to 100, a ring among them so that all is joined.
    """
    rng = np.random.default_rng(seed)
    tail, head = rng.integers(0, n, (2, n * n // 50 - n))
    ring = np.arange(n)
    tail, head = np.concatenate([tail, ring]), np.concatenate([head, (ring + 1) % n])
    length = rng.integers(1, 101, len(tail)).astype(float)
    by_length = np.argsort(-length, kind="stable")  # of two links between the same nodes the shorter stays
    way = np.full((n, n), np.inf)
    way[tail[by_length], head[by_length]] = length[by_length]
    way = np.minimum(way, way.T)
    i, j = np.nonzero(np.isfinite(way))
    return shortest_path(coo_array((way[i, j], (i, j)), shape=(n, n)).tocsr(), directed=False)


def town(demands: int = 205, sites: int = 16, seed: int = 0) -> np.ndarray:
    """Return straight ways from demands to sites drawn in a square of 10 km."""
    rng = np.random.default_rng(seed)
    return np.hypot(*(rng.random((demands, 1, 2)) * 10 - rng.random((sites, 2)) * 10).transpose(2, 0, 1))


def centres() -> Iterator[tuple[str, int, float, float, float]]:
    """Yield world, p, radius, our CPU seconds and those of the bisection; both radii must agree."""
    worlds = {"205 x 16": town(), "OR-Library pmed1": pmed("pmed1.txt")[0].to_numpy(float)}
    worlds |= {f"graph of {n}": graph(n) for n in (200, 300, 400)}
    for name, values in worlds.items():
        for p in sorted({2, 3, 4} if values.shape[1] == 16 else {5, 10, len(values) // 10, len(values) // 3}):
            start = time.process_time()
            found = p_center(values, p)
            ours = time.process_time() - start
            start = time.process_time()
            radius = bisection(values, p)
            plain = time.process_time() - start
            assert found.proven
            assert np.isclose(found.objective, radius)
            yield name, p, radius, ours, plain


def capacitated(seed: int, demands: int = 1000, sites: int = 100, limit_s: float = 60.0) -> Location:
    """Locate with capacities that bind, dear to cheap sites, for so many seconds."""
    rng = np.random.default_rng(seed)
    ends = rng.random((demands, 1, 2)) * 1000, rng.random((sites, 2)) * 1000
    cost = pd.DataFrame(np.hypot(*(ends[0] - ends[1]).transpose(2, 0, 1)))
    demand = pd.Series(rng.integers(5, 36, demands).astype(float))
    size = pd.Series(rng.uniform(10, 160, sites) * demand.sum() / (85 * max(sites, demands) / 100))
    opening = (rng.uniform(0, 90, sites) + rng.uniform(100, 110, sites) * np.sqrt(size)) * 100
    return facility_location(cost, opening, demand, size, time_limit_s=limit_s)


if __name__ == "__main__":
    print("| world | p | radius | p_center | plain bisection | ratio |\n|---|--:|--:|--:|--:|--:|")
    for name, p, radius, ours, plain in centres():
        print(
            f"| {name} | {p} | {radius:.4g} | {ours:.2f} s | {plain:.2f} s | {ours / plain:.2f} |", flush=True
        )
    print("\n| demands x sites | seed | after 60 s | bound | apart |\n|---|--:|--:|--:|--:|")
    for demands, sites, seed in ((1000, 100, 1), (1000, 100, 2), (1000, 100, 3), (100, 1000, 1)):
        found = capacitated(seed, demands, sites)
        row = f"{found.objective:,.0f} | {found.bound:,.0f} | {found.gap:.2%}"
        print(f"| {demands:,} x {sites:,} | {seed} | {row} |", flush=True)
