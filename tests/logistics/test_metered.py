"""Runs with a minimum length: the search against every run there is, both ways, and what its paths owe."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from tests.logistics.worlds import network, road
from workbench.errors import WorkbenchError
from workbench.logistics.freight.virtual import node_places
from workbench.logistics.paths.metered import MeteredEngine

# places 0..3 are ordinary, 4..7 the same places under way
PLACES = 4
RUN = st.tuples(
    st.integers(0, 3), st.integers(0, 3), st.floats(0, 60), st.floats(1, 3), st.booleans()
)  # from, to, length, weight per length over the rate, liable
PLAIN = st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(0, 200))


def build(runs, plain, limit, rate):
    """Lay runs and plain arcs out as an engine wants them; return it weighed, and its arrays."""
    rows = []
    for a, b, length, dear, liable in runs:
        for start in (a, a + PLACES):
            rows.append((start, b + PLACES, rate * length * dear, length, liable))
    rows += [(k + PLACES, k, 0.0, 0.0, False) for k in range(PLACES)]
    rows += [(a, b, weight, 0.0, False) for a, b, weight in plain]
    tail, head, weights, length, liable = (np.array(column) for column in zip(*rows, strict=True))
    limits = np.repeat([0.0, limit], PLACES)
    engine = MeteredEngine(tail, head, 2 * PLACES, limits)
    return engine.customise(weights, length, liable, np.repeat([0.0, rate], PLACES)), weights


def best(runs, plain, limit, rate):
    """Return the least weights between places: every simple run is an arc, then Floyd and Warshall."""
    far = np.full((PLACES, PLACES), np.inf)
    np.fill_diagonal(far, 0.0)
    for a, b, weight in plain:
        far[a, b] = min(far[a, b], weight)
    stack = [(a, a, (a,), 0.0, 0.0, False) for a in range(PLACES)]
    while stack:
        start, here, passed, weight, length, owes = stack.pop()
        for a, b, more, dear, liable in runs:
            if a == here and (b not in passed or b == start):
                w, d, o = weight + rate * more * dear, length + more, owes or liable
                far[start, b] = min(far[start, b], w + o * rate * max(0.0, limit - d))
                if b not in passed:
                    stack.append((start, b, (*passed, b), w, d, o))
    for k, i, j in product(range(PLACES), repeat=3):
        far[i, j] = min(far[i, j], far[i, k] + far[k, j])
    return far


@law(500)
@given(
    runs=st.lists(RUN, max_size=8), plain=st.lists(PLAIN, max_size=4), limit=st.floats(1, 150),
    rate=st.floats(0, 2),
)  # fmt: skip
def test_no_run_of_all_there_are_weighs_less(runs, plain, limit, rate):
    engine, weights = build(runs, plain, limit, rate)
    places, expected = np.arange(PLACES), best(runs, plain, limit, rate)
    assert engine.matrix(places, places) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    seeds = np.where(np.eye(PLACES, dtype=bool), 0.0, np.inf)
    back, _ = engine.seeded(places, seeds, places, reverse=True)
    assert pytest.approx(expected, rel=1e-9, abs=1e-9) == back.T
    pairs = np.array(list(product(places, repeat=2)))
    for some in (pairs, pairs[:4], pairs[::4]):  # from few starts, from few ends
        paths = engine.paths(*some.T)
        owed = np.add.reduceat(np.append(rate * paths.lacking, 0.0), paths.first[:-1]) * (
            np.diff(paths.first) > 0
        )
        assert paths.cost == pytest.approx(expected[tuple(some.T)], rel=1e-9, abs=1e-9)
        assert paths.sum(weights) + owed == pytest.approx(paths.cost, rel=1e-9, abs=1e-9)


def test_going_round_in_circles_is_never_worth_while():
    with pytest.raises(WorkbenchError, match="owes for its length"):
        build([(0, 1, 50.0, 0.5, True)], [], 100.0, 1.0)


ROAD = st.tuples(
    st.integers(0, 6), st.integers(0, 6), st.one_of(st.just(0.0), st.floats(0.1, 120)), st.booleans()
)


@law(200)
@given(rows=st.lists(ROAD, min_size=1, max_size=14), limit=st.floats(0, 200))
def test_near_terminals_are_those_of_all_pairs_within_the_limit(rows, limit):
    nodes = {f"N{k}": (103 + 0.4 * k, 29 + 0.3 * (k % 3)) for k in range(7)}
    world = network(nodes, [road(f"N{a}", f"N{b}", km, one_way=one) for a, b, km, one in rows])
    places = node_places(world, world.nodes.index)
    *pairs, every = world.roads.reach(places, places)
    i, j, hauls = world.roads.near(places, limit)
    wanted = (every[:, 0] <= limit) & (pairs[0] != pairs[1])
    assert np.column_stack([i, j]).tolist() == np.column_stack(pairs)[wanted].tolist()
    assert hauls == pytest.approx(every[wanted])
