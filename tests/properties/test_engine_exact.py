"""The path engine equals networkx and scipy on any small world hypothesis can think of."""

from __future__ import annotations

from dataclasses import dataclass
from unittest import mock

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tests.laws import law
from workbench.logistics.paths.engine import PathEngine

CUSTOMISE = "workbench.logistics.paths._kernels.customise"
WEIGHTS = st.one_of(
    st.sampled_from([0.0, 1e-6, 1.0, 1e9, np.inf]),
    st.floats(0.0, 1e9, allow_nan=False, allow_subnormal=False),
)


@dataclass(frozen=True)
class World:
    n: int
    tail: np.ndarray
    head: np.ndarray
    weights: np.ndarray
    xy: np.ndarray | None


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Loops, parallel arcs, one-way arcs, closed arcs, cut-off parts, places on top of each other."""
    n = draw(st.integers(1, 24))
    arcs = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), WEIGHTS), max_size=70))
    tail, head, weights = zip(*arcs, strict=True) if arcs else ((), (), ())
    places = st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4)).map(np.array), min_size=n, max_size=n
    ).map(np.array)
    return World(
        n, np.array(tail, int), np.array(head, int), np.array(weights, float), draw(st.none() | places)
    )


@st.composite
def mixed_worlds(draw: st.DrawFn) -> World:
    """Worlds too dense to be taken apart node by node: parallel modes, one-way and closed arcs, two parts."""
    n, rng = draw(st.integers(10, 90)), np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    tail, head = rng.integers(0, n, (2, draw(st.integers(4, 8)) * n))
    apart = (tail < n // 3) != (head < n // 3)
    head = np.where(apart, tail, head)  # loops instead of bridges between the parts
    again = rng.integers(0, len(tail), n)
    tail, head = np.append(tail, tail[again]), np.append(head, head[again])
    magnitude = rng.choice([0.0, 1e-6, 1.0, 1e9, np.inf], len(tail), p=[0.1, 0.3, 0.3, 0.25, 0.05])
    weights = np.where(np.isfinite(magnitude), magnitude * rng.uniform(1.0, 9.0, len(tail)), np.inf)
    return World(n, tail, head, weights, rng.uniform(0, 9, (n, 2)) if draw(st.booleans()) else None)


def by_networkx(world: World) -> np.ndarray:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(world.n))
    open_arcs = np.isfinite(world.weights)
    for tail, head, weight in zip(
        world.tail[open_arcs], world.head[open_arcs], world.weights[open_arcs], strict=True
    ):
        graph.add_edge(int(tail), int(head), weight=float(weight))
    table = np.full((world.n, world.n), np.inf)
    for node, found in nx.all_pairs_dijkstra_path_length(graph):
        table[node, list(found)] = list(found.values())
    return table


def by_scipy(world: World) -> np.ndarray:
    """The lightest of parallel arcs, explicit zeros kept, no closed arc."""
    lightest: dict[tuple[int, int], float] = {}
    for tail, head, weight in zip(world.tail, world.head, world.weights, strict=True):
        if np.isfinite(weight):
            lightest[tail, head] = min(weight, lightest.get((tail, head), np.inf))
    keys = sorted(lightest)
    first = np.searchsorted([tail for tail, _ in keys], np.arange(world.n + 1))
    columns = np.array([head for _, head in keys], np.int32)
    matrix = csr_array(
        (np.array([lightest[key] for key in keys], float), columns, first.astype(np.int32)),
        shape=(world.n, world.n),
    )
    return dijkstra(matrix)


@pytest.mark.parametrize("method", ["scipy", "cch"])
@given(world=worlds())
@law(1200)
def test_every_distance_equals_networkx_and_scipy(method: str, world: World) -> None:
    everywhere = np.arange(world.n)
    engine = PathEngine(world.tail, world.head, world.n, world.xy, method=method)
    found = engine.customise(world.weights).matrix(everywhere, everywhere)
    np.testing.assert_allclose(found, by_networkx(world), rtol=1e-9, atol=0)
    np.testing.assert_allclose(found, by_scipy(world), rtol=1e-9, atol=0)


@pytest.mark.parametrize("method", ["scipy", "cch"])
@given(world=worlds())
@law(800)
def test_every_path_is_a_walk_that_costs_its_distance(method: str, world: World) -> None:
    engine = PathEngine(world.tail, world.head, world.n, world.xy, method=method).customise(world.weights)
    origins, destinations = (ends.ravel() for ends in np.indices((world.n, world.n)))
    paths = engine.paths(origins, destinations)
    costs = engine.matrix(np.arange(world.n), np.arange(world.n)).ravel()
    np.testing.assert_allclose(paths.cost, costs, rtol=1e-9, atol=0)
    np.testing.assert_allclose(paths.sum(world.weights), costs, rtol=1e-9, atol=0)
    for pair, (origin, destination) in enumerate(zip(origins, destinations, strict=True)):
        stops = [origin, *world.head[paths[pair]]]
        assert np.array_equal(world.tail[paths[pair]], stops[:-1])
        assert stops[-1] == destination or not np.isfinite(costs[pair])


@pytest.mark.parametrize("method", ["scipy", "cch"])
@given(world=worlds(), data=st.data())
@law(600)
def test_an_edit_answers_like_a_new_engine(method: str, world: World, data: st.DataObject) -> None:
    everywhere = np.arange(world.n)
    closed = data.draw(st.lists(st.booleans(), min_size=len(world.tail), max_size=len(world.tail)))
    edited = np.where(np.array(closed, bool), np.inf, world.weights)
    engine = PathEngine(world.tail, world.head, world.n, world.xy, method=method).customise(world.weights)
    before = engine.matrix(everywhere, everywhere)
    after = engine.customise(edited).matrix(everywhere, everywhere)
    expected = by_networkx(World(world.n, world.tail, world.head, edited, world.xy))
    np.testing.assert_allclose(after, expected, rtol=1e-9, atol=0)
    assert (after >= before * (1 - 1e-12)).all()
    assert np.array_equal(engine.customise(world.weights).matrix(everywhere, everywhere), before)


@given(world=mixed_worlds(), seed=st.integers(0, 2**32 - 1))
@law(600)
def test_a_few_edits_passed_on_equal_weighing_everything_anew_to_the_last_bit(
    world: World, seed: int
) -> None:
    rng, everywhere = np.random.default_rng(seed), np.arange(world.n)
    engine = PathEngine(world.tail, world.head, world.n, world.xy, method="cch").customise(world.weights)
    weights = world.weights.copy()
    for _ in range(3):
        edited = rng.integers(0, len(weights), rng.integers(1, 9))
        weights[edited] = rng.choice([0.0, 1e-6, 3.0, 1e9, np.inf], len(edited))
        with mock.patch("workbench.logistics.paths.cch.EDITED", 1.0), mock.patch(CUSTOMISE, None):
            mended = engine.customise(weights).matrix(everywhere, everywhere)
        fresh = PathEngine(world.tail, world.head, world.n, world.xy, method="cch").customise(weights)
        assert np.array_equal(engine._graph.w, fresh._graph.w)
        assert np.array_equal(mended, fresh.matrix(everywhere, everywhere))
        costs = engine.paths(everywhere, everywhere[::-1]).cost
        np.testing.assert_allclose(costs, mended[everywhere, everywhere[::-1]], rtol=1e-9, atol=0)


@given(world=worlds(), data=st.data())
@law(600)
def test_any_choice_of_ends_is_a_part_of_the_whole_table(world: World, data: st.DataObject) -> None:
    engine = PathEngine(world.tail, world.head, world.n, world.xy, method="cch").customise(world.weights)
    ends = st.lists(st.integers(0, world.n - 1), max_size=40)
    origins, destinations = np.array(data.draw(ends), int), np.array(data.draw(ends), int)
    whole = by_networkx(world)
    np.testing.assert_allclose(
        engine.matrix(origins, destinations), whole[np.ix_(origins, destinations)], rtol=1e-9, atol=0
    )


@pytest.mark.parametrize("method", ["scipy", "cch"])
@given(world=mixed_worlds())
@law(300)
def test_mixed_worlds_agree_in_distance_and_path(method: str, world: World) -> None:
    everywhere = np.arange(world.n)
    engine = PathEngine(world.tail, world.head, world.n, world.xy, method=method).customise(world.weights)
    found, expected = engine.matrix(everywhere, everywhere), by_networkx(world)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=0)
    np.testing.assert_allclose(found, by_scipy(world), rtol=1e-9, atol=0)
    origins, destinations = (ends.ravel() for ends in np.indices(found.shape))
    paths = engine.paths(origins, destinations)
    np.testing.assert_allclose(paths.sum(world.weights), expected.ravel(), rtol=1e-9, atol=0)
    for pair in range(0, len(paths), 7):
        stops = [origins[pair], *world.head[paths[pair]]]
        assert np.array_equal(world.tail[paths[pair]], stops[:-1])
        assert stops[-1] == destinations[pair] or not np.isfinite(paths.cost[pair])
