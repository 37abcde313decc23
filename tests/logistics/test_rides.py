"""The minimum charged length of a train ride: by hand, against every ride there is, and on whom it falls."""

from __future__ import annotations

from itertools import permutations, product

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.laws import law
from tests.logistics.worlds import network, rail, road, water
from workbench.logistics import Rates, Weights, cost_matrix, legs, route

NODES = {f"N{k}": (103 + k, 29 + k % 3) for k in range(6)}


def test_a_ride_of_40_km_pays_for_100(rates):
    stations = {"A": (104, 30), "B": (104.2, 30), "C": (104.4, 30)}
    world = network(stations, [rail("A", "B", 25), rail("B", "C", 15)])
    found = route(world, "A", "C", commodity="coal", rates=rates)
    assert found.cost_cny_t == pytest.approx(15.5 + 28 + 100 * (0.089 + 0.033))
    assert list(found.legs["kind"]) == ["load", "haul", "minimum", "unload"]
    assert found.legs["cost_cny_t"].to_list() == pytest.approx([29.5, 40 * 0.122, 60 * 0.122, 14])
    assert found.km == 40, "what is charged is not what is travelled"


def test_the_surcharge_is_paid_on_km_travelled_only(rates):
    world = network({"A": (104, 30), "B": (104.4, 30)}, [rail("A", "B", 40, electrified=True)])
    cost = route(world, "A", "B", commodity="coal", rates=rates).cost_cny_t
    assert cost == pytest.approx(15.5 + 28 + 100 * 0.122 + 40 * 0.012)


def test_the_minimum_counts_the_whole_ride_and_again_after_leaving_the_train(rates):
    ends = {"A": (104, 30), "B": (104.5, 30), "C": (105, 30), "D": (109, 30)}
    through = network(ends, [rail("A", "B", 60), rail("B", "C", 60)])
    assert legs(cost_matrix(through, ["A"], ["C"], commodity="coal", rates=rates))["kind"].tolist() == [
        "load", "haul", "unload",
    ]  # fmt: skip
    broken = network(ends, [rail("A", "B", 60), water("B", "C", 600, stretch="main"), rail("C", "D", 60)])
    kinds = route(broken, "A", "D", commodity="coal", rates=rates).legs["kind"].tolist()
    assert kinds.count("minimum") == 2


def test_a_line_with_its_own_rate_sets_its_own_minimum(rates):
    world = network(NODES, [rail("N0", "N1", 42, line="归连线"), rail("N1", "N2", 10, line="成渝线")])
    found = cost_matrix(world, ["N0"], ["N1", "N2"], commodity="coal", rates=rates)
    alone, joined = found.cost_cny_t.loc["N0"]
    assert alone == pytest.approx(15.5 + 28 + 42 * 0.225)
    assert joined == pytest.approx(15.5 + 28 + 42 * 0.225 + 10 * 0.122 + 48 * 0.122)


def test_a_longer_way_may_be_the_cheaper_ride(rates):
    # 60 km electrified or 90 km not: both are charged 100 km, the surcharge alone tells them apart
    way_round = [rail("N0", "N2", 45), rail("N2", "N1", 45)]
    world = network(NODES, [rail("N0", "N1", 60, electrified=True), *way_round])
    assert route(world, "N0", "N1", commodity="coal", rates=rates).km == 90


RAIL = st.fixed_dictionaries(
    {
        "from_id": st.sampled_from(list(NODES)),
        "to_id": st.sampled_from(list(NODES)),
        "mode": st.just("rail"),
        "line": st.sampled_from(["甲线", "归连线"]),
        "distance_km": st.one_of(st.floats(1, 60), st.floats(60, 240)),
        "electrified": st.booleans(),
        "one_way": st.booleans(),
        "open": st.sampled_from([True, True, True, False]),
    }
)


@law(400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    links=st.lists(RAIL, min_size=1, max_size=9),
    weights=st.builds(Weights, st.sampled_from([1.0, 0.1]), st.floats(0, 20), st.floats(0, 5)),
)
def test_no_ride_of_all_there_are_is_cheaper(rates, links, weights):
    world = network(NODES, links)
    found = cost_matrix(world, NODES, NODES, commodity="steel", rates=rates, weights=weights)
    rides = cheapest_rides(world, rates, weights)
    ends = rates.handling("steel", "", "rail") + rates.handling("steel", "rail", "")
    for start, end in permutations(NODES, 2):
        expected = float(weights.score(ends)) + rides.get((start, end), np.inf)
        assert found.score.at[start, end] == pytest.approx(expected, rel=1e-9)


def cheapest_rides(world, rates, weights, least=100):
    """Return what the best of all train rides weighs, by its ends; every simple way there is gets listed."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(NODES)
    rails = world.links[world.links["mode"] == "rail"]
    for name, row in rails[rails["open"]].iterrows():
        graph.add_edge(row["from_id"], row["to_id"], key=(name, 0))
        if not row["one_way"]:
            graph.add_edge(row["to_id"], row["from_id"], key=(name, 1))
    priced = rates.links(rails, "steel", "rail")[0]
    position = {name: k for k, name in enumerate(rails.index)}
    common, best = rates.national(rails), {}
    for start, end in permutations(NODES, 2):
        for way in nx.all_simple_edge_paths(graph, start, end):
            rows = [position[key[0]] for *_, key in way]
            total = priced[rows].sum(axis=0)
            lacking = max(0.0, least - rails["distance_km"].iloc[rows].sum())
            total[0] += common[rows].any() * lacking * rates.rail_cny_tkm("steel")
            best[start, end] = min(best.get((start, end), np.inf), float(weights.score(total)))
    return best


def shortest_roads(streets):
    """Return the km of the shortest open road between all nodes, by Floyd and Warshall."""
    km = dict.fromkeys(product(NODES, NODES), np.inf) | {(a, a): 0.0 for a in NODES}
    for link in streets:
        ends = link["from_id"], link["to_id"]
        for pair in (ends, ends[::-1])[: 1 if link["one_way"] else 2]:
            km[pair] = min(km[pair], link["distance_km"] if link["open"] else np.inf)
    for k, a, b in product(NODES, repeat=3):
        km[a, b] = min(km[a, b], km[a, k] + km[k, b])
    return km


STREET = st.builds(
    road, st.sampled_from(list(NODES)), st.sampled_from(list(NODES)), st.floats(1, 200),
    one_way=st.booleans(), open=st.sampled_from([True, True, True, False]),
)  # fmt: skip


@law(400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rails=st.lists(RAIL, min_size=1, max_size=7),
    streets=st.lists(STREET, min_size=1, max_size=8),
    weights=st.builds(Weights, st.sampled_from([1.0, 0.1]), st.floats(0, 20), st.floats(0, 5)),
    least=st.sampled_from([0, 100]),
)
def test_no_chain_of_rides_and_trucks_is_cheaper(layers, rails, streets, weights, least):
    rates = Rates.for_year(2014, layers.with_assumptions({"rail.min_charge_km": least}))
    world = network(NODES, [*rails, *streets])
    found = cost_matrix(world, NODES, NODES, commodity="steel", rates=rates, weights=weights)
    km = shortest_roads(streets)

    def handled(leaving, boarding):
        return float(weights.score(rates.handling("steel", leaving, boarding)))

    def truck(a, b):
        return float(weights.score(rates.truck(np.array([km[a, b], 0, km[a, b], 0, 0, 0]))))

    rides = cheapest_rides(world, rates, weights, least)
    stations = {end for link in rails for end in (link["from_id"], link["to_id"])}
    arcs = [((a, "rail"), (b, "rail"), score) for (a, b), score in rides.items()]
    for a in NODES:
        arcs.append(((a, "from"), (a, "waits"), handled("", "road")))
        arcs.append(((a, "came"), (a, "to"), handled("road", "")))
        for b in NODES:
            arcs.append(((a, "waits"), (b, "came"), truck(a, b)))
            if b in stations:
                arcs.append(((a, "waits"), (b, "road"), truck(a, b)))
                arcs.append(((b, "road"), (a, "came"), truck(b, a)))
                if a in stations and km[a, b] <= 150:
                    arcs.append(((a, "road"), (b, "road"), truck(a, b)))
        if a in stations:
            arcs.append(((a, "from"), (a, "rail"), handled("", "rail")))
            arcs.append(((a, "rail"), (a, "to"), handled("rail", "")))
            arcs.append(((a, "rail"), (a, "road"), handled("rail", "road")))
            arcs.append(((a, "road"), (a, "rail"), handled("road", "rail")))
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(arc for arc in arcs if np.isfinite(arc[2]))
    for start, end in permutations(NODES, 2):
        far = nx.single_source_dijkstra_path_length(graph, (start, "from"))
        assert found.score.at[start, end] == pytest.approx(far.get((end, "to"), np.inf), rel=1e-9)


def test_the_river_may_have_a_minimum_as_well(layers):
    layers = layers.with_assumptions({"water.min_charge_km": 80})
    world = network({"P": (105, 29), "Q": (105.5, 29)}, [water("P", "Q", 30, stretch="upper")])
    found = route(world, "P", "Q", commodity="coal", rates=Rates.for_year(2014, layers))
    assert found.cost_cny_t == pytest.approx(2 * 11.5 + 30 * 0.065 + 50 * 0.0285 / 0.9)


def test_short_hauls_of_a_commodity_may_be_left_to_trucks(layers):
    near, far = ("N0", "N1"), ("N1", "N2")
    world = network(NODES, [rail(*near, 120), road(*near, 130), rail(*far, 300), road(*far, 310)])
    ruled = Rates.for_year(2014, layers.with_assumptions({"short_haul.cement_km": 150}))
    free = Rates.for_year(2014, layers)

    def modes(end, commodity, rates):
        return route(world, "N0", end, commodity=commodity, rates=rates).modes

    assert modes("N1", "cement", free) == ("rail",)
    assert modes("N1", "cement", ruled) == ("road",)
    assert modes("N1", "coal", ruled) == ("rail",), "the rule is of one commodity"
    assert modes("N2", "cement", ruled) == ("rail",), "440 km of road are no short haul"
