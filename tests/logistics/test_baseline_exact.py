"""The baseline's own network against networkx, whole and under closures; its tables against each other."""

from __future__ import annotations

import numpy as np
import pytest

from tests.logistics.oracle import scores
from workbench.logistics import Network, Rates, Weights, cost_matrix

WEIGHTS = Weights(cost=1.0, hours=0.4, co2=0.1)


@pytest.mark.parametrize(
    ("lines", "season"), [((), "normal"), (("宝成线",), "wet"), (("宝成线", "长江"), "dry")]
)
def test_the_matrix_of_our_network_is_networkx_dijkstra_also_under_closures(layers, lines, season):
    network = Network.from_layers(layers, year=2014).close(lines=lines)
    places = sorted(network.nodes.index)[::18]
    rates = Rates.for_year(2014, layers, season=season)
    found = cost_matrix(network, places, places, commodity="steel", rates=rates, weights=WEIGHTS)
    assert np.isfinite(found.score_values).mean() > 0.5
    np.testing.assert_allclose(found.score_values, scores(found), rtol=1e-9)


def test_the_class_a_commodity_pays_is_the_one_of_the_goods_list(layers):
    listed = layers.rail_classes.set_index("commodity")["class_2014"].astype(int).to_dict()
    ids = [key for key in layers.assumptions.frame.index if key.startswith("rail_class.")]
    priced = {key.removeprefix("rail_class."): int(layers.assumptions[key]) for key in ids}
    assert set(priced) - set(listed) == {"gypsum"}, "gypsum alone is not on the list and stays an assumption"
    assert {name: listed.get(name, 2) for name in priced} == priced
