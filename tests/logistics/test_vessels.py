"""Classes of vessel: the largest that floats on a whole voyage, by season; when changing ship pays."""

from __future__ import annotations

from itertools import permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.laws import law
from tests.logistics.worlds import network, water
from workbench.errors import UnreachableError
from workbench.logistics import Rates, cost_matrix, route

SEASONS = ("normal", "wet", "dry")


@pytest.fixture(scope="module")
def rates(layers):
    return {season: Rates.for_year(2014, layers, season=season) for season in SEASONS}


def depths(normal: float, wet: float, dry: float, largest: float = 3000) -> dict:
    return {
        "depth_normal_m": normal, "depth_wet_m": wet, "depth_dry_m": dry, "max_vessel_t": largest,
        "stretch": "upper",
    }  # fmt: skip


def test_the_largest_class_that_floats_sets_the_price_of_a_season(rates):
    world = network({"P": (105, 29), "Q": (107, 29)}, [water("P", "Q", 300, **depths(3.3, 3.7, 2.7))])
    found = {q: route(world, "P", "Q", commodity="coal", rates=rates[q]) for q in SEASONS}
    assert [found[q].legs.loc[1, "vessel_t"] for q in SEASONS] == [3000, 3000, 2000]
    assert found["normal"].cost_cny_t == pytest.approx(23 + 300 * 0.065) == found["wet"].cost_cny_t
    assert found["dry"].cost_cny_t == pytest.approx(23 + 300 * 0.065 * 1.15)


def test_where_nothing_floats_the_river_is_closed_and_a_dry_year_closes_more(layers, rates):
    world = network({"P": (105, 29), "Q": (107, 29)}, [water("P", "Q", 300, **depths(3.3, 3.7, 1.4))])
    assert route(world, "P", "Q", commodity="coal", rates=rates["dry"]).legs.loc[1, "vessel_t"] == 300
    drier = layers.with_assumptions({"water.dry_depth_change_m": -0.2})
    with pytest.raises(UnreachableError):
        route(world, "P", "Q", commodity="coal", rates=Rates.for_year(2014, drier, season="dry"))


def test_a_voyage_keeps_its_vessel_or_pays_for_changing_it(rates):
    """500 t on the tributary, 5000 t below: the small ship goes through on a short river only."""

    def legs(main_km):
        small = {"stretch": "tributary", "max_vessel_t": 500}
        world = network(
            {"T": (103.8, 29.4), "Y": (104.7, 28.8), "S": (112, 30)},
            [water("T", "Y", 163, **small), water("Y", "S", main_km, stretch="main", max_vessel_t=5000)],
        )
        return route(world, "T", "S", commodity="coal", rates=rates["normal"]).legs

    through, changed = legs(300), legs(2400)
    dearer = 0.0285 * (2.0 / 0.9 - 1)  # per km on the main river in the small ship
    assert 300 * dearer < 22.5 < 2400 * dearer
    assert list(through["kind"]) == ["load", "haul", "unload"]
    assert through["cost_cny_t"].sum() == pytest.approx(23 + 163 * 0.115 + 300 * 0.0285 * 2.0 / 0.9)
    assert list(changed["kind"]) == ["load", "haul", "transfer", "haul", "unload"]
    assert list(changed["vessel_t"]) == [0, 500, 0, 5000, 0]
    assert changed["cost_cny_t"].sum() == pytest.approx(23 + 163 * 0.115 + 22.5 + 2400 * 0.0285)


PORTS = {f"P{k}": (104 + k, 29 + k % 2) for k in range(5)}
RIVER = st.fixed_dictionaries(
    {
        "from_id": st.sampled_from(list(PORTS)),
        "to_id": st.sampled_from(list(PORTS)),
        "mode": st.just("water"),
        "stretch": st.sampled_from(["upper", "main", "tributary"]),
        "distance_km": st.floats(1, 2500),
        "max_vessel_t": st.sampled_from([300.0, 1000, 5000, np.nan]),
        "depth_normal_m": st.sampled_from([1.5, 2.2, 3.4, np.nan]),
    }
)


@law(400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(links=st.lists(RIVER, min_size=1, max_size=8))
def test_no_voyage_in_any_class_with_any_change_of_vessel_is_cheaper(rates, links):
    """The lanes hold only the classes that are the largest somewhere; here every class may sail."""
    of, world = rates["normal"], network(PORTS, links)
    graph = nx.DiGraph()
    for size in of.vessels.index:
        sails = of.floats(world.links, size)
        for row in world.links[sails].itertuples():
            for a, b, way in ((row.from_id, row.to_id, "down"), (row.to_id, row.from_id, "up")):
                cost = row.distance_km * of.water_cny_tkm(row.stretch, way, size)
                known = graph.get_edge_data((a, size), (b, size), {"w": np.inf})["w"]
                graph.add_edge((a, size), (b, size), w=min(cost, known))
        for port in PORTS:
            graph.add_edge(("from", port), (port, size), w=of.port_cny_t("coal"))
            graph.add_edge((port, size), ("to", port), w=of.port_cny_t("coal"))
            for other in set(of.vessels.index) - {size}:
                graph.add_edge((port, size), (port, other), w=of.values["transfer.water_water_cny_t"])
    found = cost_matrix(world, PORTS, PORTS, commodity="coal", rates=of).cost_cny_t
    for start, end in permutations(PORTS, 2):
        best = nx.single_source_dijkstra_path_length(graph, ("from", start), weight="w")
        assert found.at[start, end] == pytest.approx(best.get(("to", end), np.inf), rel=1e-9)


def test_small_vessels_emit_as_small_ones(rates):
    world = network({"P": (105, 29), "Q": (107, 29)}, [water("P", "Q", 300, **depths(2.0, 3.7, 1.8))])
    values = rates["normal"].values
    small, large = (route(world, "P", "Q", commodity="coal", rates=rates[q]).co2_kg_t for q in ("dry", "wet"))
    apart = values["water_small.co2_g_tkm"] - values["water_large.co2_g_tkm"]
    assert small - large == pytest.approx(0.3 * apart)


def test_a_shallow_river_alone_feels_the_season_in_the_baseline(baseline, rates):
    def cost(origin, destination, season):
        part = baseline.with_links(open=baseline.links["open"] & (baseline.links["mode"] == "water"))
        return route(part, origin, destination, commodity="coal", rates=rates[season]).cost_cny_t

    for pair in (("P_LS", "P_YB"), ("P_NC", "P_HC"), ("P_LZ", "P_CT")):  # 岷江, 嘉陵江, 长江上游
        assert cost(*pair, "dry") > cost(*pair, "normal") + 0.5
    reservoir = [cost("P_FL", "P_YCH", season) for season in SEASONS]
    assert reservoir == pytest.approx([reservoir[0]] * 3), "the reservoir is deep"


def test_classes_rise_in_draught_and_fall_in_cost(rates):
    table = rates["normal"].vessels
    assert table["draught_m"].is_monotonic_increasing
    assert table["cost_ratio"].is_monotonic_decreasing


def test_no_vessel_larger_than_the_waterway_admits_sails_it(baseline, rates):
    river = baseline.links[baseline.links["mode"] == "water"]
    for season in SEASONS:
        largest = rates[season].largest_vessel(river)
        assert (largest[river["open"]] > 0).all()
        assert (largest <= river["max_vessel_t"].to_numpy()).all()
    normal, wet, dry = (river[f"depth_{q}_m"].to_numpy(float) for q in SEASONS)
    known = np.isfinite(dry)
    assert (dry[known] <= normal[known]).all()
    assert (normal[known] <= wet[known]).all()
