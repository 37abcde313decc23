"""Networks priced the slow way: every ride there is, listed one by one, on a graph for networkx."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import numpy as np

from workbench.logistics import ATTRIBUTES, CostMatrix
from workbench.logistics.freight.matrix import Trace

Arcs = dict[int, list[tuple[int, int, float]]]  # by state: the state ahead, the arc, its km


def rides(arcs: Arcs, limit: float) -> Iterator[tuple[int, int, list[int], float]]:
    """Yield start, end, arcs and km of every ride that passes no place twice, until it reaches the limit."""
    stack = [(start, [start], [], 0.0) for start in arcs]
    while stack:
        start, passed, used, km = stack.pop()
        for ahead, arc, length in arcs.get(passed[-1], ()):
            if ahead not in passed:
                yield start, ahead, [*used, arc], km + length
                if km + length < limit:
                    stack.append((start, [*passed, ahead], [*used, arc], km + length))


def priced_graph(trace: Trace) -> nx.MultiDiGraph:
    """Return the open arcs with their attributes; short rides whole, their charge included."""
    virtual, prices = trace.virtual, trace.prices
    attributes = prices.of(np.arange(len(virtual.tail)))
    graph, states = nx.MultiDiGraph(), list(virtual.states)
    graph.add_nodes_from(states)

    def add(a, b, values):
        graph.add_edge(a, b, **dict(zip(ATTRIBUTES, values, strict=True)))

    alights = ~virtual.ground[virtual.tail] & virtual.ground[virtual.head]
    ground = dict(zip(virtual.tail[alights], virtual.head[alights], strict=True))
    boards = virtual.ground[virtual.tail] & ~virtual.ground[virtual.head]
    is_open = np.isfinite(attributes[:, 0])
    for k in np.flatnonzero(is_open & ~boards):  # the state of riding stands for having gone far enough
        add(states[virtual.tail[k]], states[virtual.head[k]], attributes[k])
    for number, lane in enumerate(virtual.lanes):
        leave: Arcs = {}
        for k in np.flatnonzero(is_open & boards & (virtual.lane == number)):
            ahead = ground[virtual.head[k]]
            leave.setdefault(virtual.tail[k], []).append((ahead, k, prices.counted_km[k]))
        riding = {below: above for above, below in ground.items()}
        for start, end, arcs, km in rides(leave, lane.limit_km):
            values = attributes[arcs].sum(axis=0)
            lacking = max(0.0, lane.limit_km - km)
            values[0] += prices.liable[arcs].any() * prices.lacking_cny_tkm[number] * lacking
            add(states[start], states[end if km < lane.limit_km else riding[end]], values)
    return graph


def scores(found: CostMatrix) -> np.ndarray:
    """Return the scores of a matrix by networkx's Dijkstra on `priced_graph` and the ends' truck hauls."""
    trace, weights = found.trace, found.trace.weights
    graph = priced_graph(trace)
    starts, ends = len(trace.origins), len(trace.destinations)
    graph.add_nodes_from(("access", i) for i in range(starts))
    for side, gates, out in (("access", trace.access, True), ("egress", trace.egress, False)):
        for i, state, values in zip(gates.end, gates.states[gates.gate], gates.values, strict=True):
            pair = (side, i), trace.virtual.states[state]
            graph.add_edge(*(pair if out else pair[::-1]), **dict(zip(ATTRIBUTES, values, strict=True)))
    for i, j in np.argwhere(np.isfinite(trace.direct[..., 0])):
        graph.add_edge(("access", i), ("egress", j), **dict(zip(ATTRIBUTES, trace.direct[i, j], strict=True)))
    for *_, data in graph.edges(data=True):
        data["w"] = weights.vector() @ [data[name] for name in ATTRIBUTES[:3]]
    far = [nx.single_source_dijkstra_path_length(graph, ("access", i), weight="w") for i in range(starts)]
    return np.array([[row.get(("egress", j), np.inf) for j in range(ends)] for row in far])
