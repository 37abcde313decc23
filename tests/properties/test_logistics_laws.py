"""Laws of freight on random multimodal worlds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.laws import law
from tests.logistics.oracle import scores
from tests.logistics.worlds import network
from workbench.logistics import Rates, Weights, cost_matrix, legs

QUIET = law(150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
NODES = [f"N{k}" for k in range(7)]


@pytest.fixture(scope="module")
def rates(layers):
    return Rates.for_year(2014, layers)


LINK = st.fixed_dictionaries(
    {
        "from_id": st.sampled_from(NODES),
        "to_id": st.sampled_from(NODES),
        "mode": st.sampled_from(["rail", "rail", "water", "sea", "road", "transfer"]),
        "distance_km": st.one_of(st.just(0.0), st.floats(1e-6, 1e3), st.just(1e5)),
        "one_way": st.booleans(),
        "electrified": st.booleans(),
        "stretch": st.sampled_from(["upper", "main", "tributary"]),
    }
)
WORLDS = st.lists(LINK, min_size=1, max_size=18).map(
    lambda links: network({name: (103 + 0.5 * k, 29 + 0.3 * (k % 3)) for k, name in enumerate(NODES)}, links)
)
WEIGHTS = st.builds(Weights, st.sampled_from([1.0, 1e-6, 1e9]), st.floats(0, 50), st.floats(0, 5))


@QUIET
@given(world=WORLDS, weights=WEIGHTS)
def test_the_matrix_is_networkx_dijkstra_on_the_priced_graph(rates, world, weights):
    found = cost_matrix(world, NODES, NODES, commodity="steel", rates=rates, weights=weights)
    np.testing.assert_allclose(found.score_values, scores(found), rtol=1e-9)


@QUIET
@given(world=WORLDS, weights=WEIGHTS)
def test_the_totals_of_a_route_are_the_sums_of_its_legs(rates, world, weights):
    found = cost_matrix(world, NODES, NODES, commodity="coal", rates=rates, weights=weights)
    sums = legs(found).groupby(["origin", "destination"])[["cost_cny_t", "hours", "co2_kg_t", "km"]].sum()
    table = found.table().set_index(["origin", "destination"])
    reached = table[np.isfinite(table["cost_cny_t"])]
    assert set(sums.index) == set(reached.index)
    for name in sums:
        np.testing.assert_allclose(sums[name], reached.loc[sums.index, name], rtol=1e-9, atol=1e-9)


@QUIET
@given(world=WORLDS, weights=WEIGHTS, data=st.data())
def test_closing_links_never_lowers_a_score(rates, world, weights, data):
    shut = data.draw(st.lists(st.sampled_from(list(world.links.index)), unique=True))
    before = cost_matrix(world, NODES, NODES, commodity="coal", rates=rates, weights=weights)
    after = cost_matrix(world.close(links=shut), NODES, NODES, commodity="coal", rates=rates, weights=weights)
    assert (after.score_values >= before.score_values * (1 - 1e-12)).all()


@QUIET
@given(world=WORLDS, weights=WEIGHTS)
def test_reweighing_equals_asking_afresh(rates, world, weights):
    asked = cost_matrix(world, NODES, NODES, commodity="coal", rates=rates).reweigh(weights)
    afresh = cost_matrix(world, NODES, NODES, commodity="coal", rates=rates, weights=weights)
    np.testing.assert_array_equal(asked.score_values, afresh.score_values)


@QUIET
@given(
    km=st.lists(st.floats(0, 2000), min_size=2, max_size=2),
    share=st.lists(st.floats(0, 1), min_size=2, max_size=2),
)
def test_one_truck_haul_never_costs_more_than_two(rates, km, share):
    high = [length * part for length, part in zip(km, share, strict=True)]

    def price(length, mountain):
        return rates.truck(np.array([length, mountain, length, mountain, 0.0, 0.0]))[0]

    apart = sum(price(*haul) for haul in zip(km, high, strict=True))
    assert price(sum(km), sum(high)) <= apart * (1 + 1e-12) + 1e-9
    assert price(km[0], 0.0) <= price(km[0] + km[1], 0.0) + 1e-9
