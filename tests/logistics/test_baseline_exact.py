"""The baseline's own network against networkx, whole and under closures; its tables against each other."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from workbench.logistics import ATTRIBUTES, CostMatrix, Network, Rates, Weights, cost_matrix
from workbench.logistics.freight.virtual import to_networkx

WEIGHTS = Weights(cost=1.0, hours=0.4, co2=0.1)


def by_networkx(found: CostMatrix) -> np.ndarray:
    """Return the scores of a matrix by networkx Dijkstra on its priced graph."""
    trace = found.trace
    graph = to_networkx(trace.virtual, trace.attributes)
    starts, ends = len(trace.access), len(trace.egress)
    graph.add_nodes_from(("access", i) for i in range(starts))
    sides = [("access", trace.access, True), ("egress", trace.egress, False)]
    for side, values, out in sides:
        for i, j in np.argwhere(np.isfinite(values[..., 0])):
            pair = (side, i), trace.virtual.states[j]
            graph.add_edge(*(pair if out else pair[::-1]), **dict(zip(ATTRIBUTES, values[i, j], strict=True)))
    for i, j in np.argwhere(np.isfinite(trace.direct[..., 0])):
        graph.add_edge(("access", i), ("egress", j), **dict(zip(ATTRIBUTES, trace.direct[i, j], strict=True)))
    for *_, data in graph.edges(data=True):
        data["w"] = data["cost_cny_t"] + 0.4 * data["hours"] + 0.1 * data["co2_kg_t"]
    far = [nx.single_source_dijkstra_path_length(graph, ("access", i), weight="w") for i in range(starts)]
    return np.array([[row.get(("egress", j), np.inf) for j in range(ends)] for row in far])


@pytest.mark.parametrize(
    ("lines", "season"), [((), "normal"), (("宝成线",), "wet"), (("宝成线", "长江"), "dry")]
)
def test_the_matrix_of_our_network_is_networkx_dijkstra_also_under_closures(layers, lines, season):
    network = Network.from_layers(layers, year=2014).close(lines=lines)
    places = sorted(network.nodes.index)[::18]
    rates = Rates.for_year(2014, layers, season=season)
    found = cost_matrix(network, places, places, commodity="steel", rates=rates, weights=WEIGHTS)
    assert np.isfinite(found.score_values).mean() > 0.5
    np.testing.assert_allclose(found.score_values, by_networkx(found), rtol=1e-9)


def test_the_class_a_commodity_pays_is_the_one_of_the_goods_list(layers):
    listed = layers.rail_classes.set_index("commodity")["class_2014"].astype(int).to_dict()
    ids = [key for key in layers.assumptions.frame.index if key.startswith("rail_class.")]
    priced = {key.removeprefix("rail_class."): int(layers.assumptions[key]) for key in ids}
    assert set(priced) - set(listed) == {"gypsum"}, "gypsum alone is not on the list and stays an assumption"
    assert {name: listed.get(name, 2) for name in priced} == priced
