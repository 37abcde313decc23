"""The network at its door, its edits, its closures, and the defects of peers it must not share."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from tests.logistics.worlds import network, rail, road, water
from workbench.errors import CrsError, DataError, LabelError, UnreachableError, WorkbenchError
from workbench.logistics import FreightOptions, Network, Rates, Weights, cost_matrix, route


def test_every_fault_of_a_network_is_told_at_once():
    with pytest.raises(DataError) as told:
        network(
            {"A": (200, 30)},
            [rail("A", "Z", -5), {"from_id": "A", "to_id": "A", "mode": "mule", "distance_km": 1}],
        )
    assert len(told.value.faults) == 4


def test_a_network_survives_networkx_and_frames():
    world = network({"A": (104, 30), "B": (105, 30)}, [rail("A", "B", 10), water("A", "B", 12, one_way=True)])
    for again in (
        Network.from_networkx(world.to_networkx()),
        Network.from_links(*world.to_frames(), rules=world.rules),
    ):
        columns = ["from_id", "to_id", "mode", "distance_km", "one_way", "open"]
        pd.testing.assert_frame_equal(again.links[columns], world.links[columns])
        pd.testing.assert_frame_equal(again.nodes[["lon", "lat"]], world.nodes[["lon", "lat"]])


def test_parallel_modes_are_both_kept_and_the_cheaper_is_taken(rates):
    world = network(
        {"A": (104, 30), "B": (109, 30)}, [rail("A", "B", 500), water("A", "B", 600), rail("A", "B", 900)]
    )
    assert len(world.to_networkx().edges) == 3
    assert route(world, "A", "B", commodity="coal", rates=rates).modes == ("water",)
    dry = world.close(links=["L1"])
    assert route(dry, "A", "B", commodity="coal", rates=rates).km == 500
    assert route(world, "A", "B", commodity="coal", rates=rates).modes == ("water",), (
        "the first network is untouched"
    )


def test_one_way_links_are_one_way(rates):
    world = network({"A": (104, 30), "B": (105, 30)}, [rail("A", "B", 100, one_way=True)])
    both = cost_matrix(world, ["A", "B"], ["A", "B"], commodity="coal", rates=rates)
    assert np.isfinite(both.cost_cny_t.at["A", "B"])
    assert np.isinf(both.cost_cny_t.at["B", "A"])


def test_unreachable_is_inf_with_a_reason_never_a_number(rates):
    world = network({"A": (104, 30), "B": (105, 30), "C": (106, 30)}, [rail("A", "B", 100)])
    found = cost_matrix(world, ["A"], ["B", "C"], commodity="coal", rates=rates)
    for frame in (found.cost_cny_t, found.hours, found.co2_kg_t, found.km):
        assert frame.at["A", "C"] == np.inf
    assert "no open path" in found.why("A", "C")
    assert found.why("A", "B") == ""
    with pytest.raises(UnreachableError, match="no open path"):
        route(world, "A", "C", commodity="coal", rates=rates)


def test_an_inland_place_is_never_moved_far_in_silence(rates):
    world = network({"A": (104, 30), "B": (105, 30)}, [road("A", "B", 110)])
    points = pd.DataFrame({"lon": [104.1, 98.0], "lat": [30.0, 33.0]}, index=["near", "far"])
    found = cost_matrix(world, points, ["B"], commodity="cement", rates=rates)
    near_km, far_km = found.trace.origins.places.snap_km
    assert near_km == pytest.approx(9.65, abs=0.05)
    assert far_km > 30
    assert found.km.at["near", "B"] == pytest.approx(110 + 1.4 * near_km)
    assert found.cost_cny_t.at["far", "B"] == np.inf
    assert "the cap is 30 km" in found.why("far", "B")


def test_points_need_a_reference_system_and_known_ids(rates):
    world = network({"A": (104, 30), "B": (105, 30)}, [road("A", "B", 110)])
    bare = gpd.GeoDataFrame(geometry=gpd.points_from_xy([104], [30]), index=["p"])
    with pytest.raises(CrsError):
        cost_matrix(world, bare, ["B"], commodity="coal", rates=rates)
    with pytest.raises(LabelError, match="Z"):
        cost_matrix(world, ["A"], ["Z"], commodity="coal", rates=rates)
    with pytest.raises(LabelError):
        world.close(lines=["無此線"])
    with pytest.raises(WorkbenchError, match="finite"):
        Weights(cost=-1)


def test_a_scenario_closes_lines_and_weighs_time_and_carbon(rates):
    world = network(
        {"A": (104, 30), "B": (109, 30)},
        [rail("A", "B", 500, line="甲线"), water("A", "B", 600, line="乙江(上段)"), road("A", "B", 550)],
    )

    def modes(**options):
        return route(world, "A", "B", commodity="coal", rates=rates, options=FreightOptions(**options)).modes

    assert modes() == ("water",)
    assert modes(value_of_time_cny_t_h=50) == ("road",)
    assert modes(closed_lines=("乙江",)) == ("rail",)
    assert modes(closed_lines=("乙江", "甲线")) == ("road",)


def test_seasons_close_links_out_of_season(layers):
    world = network(
        {"A": (104, 30), "B": (109, 30)}, [rail("A", "B", 900), water("A", "B", 600, seasons="wet;normal")]
    )
    dry = Rates.for_year(2014, layers, season="dry")
    assert route(world, "A", "B", commodity="coal", rates=dry).modes == ("rail",)


def test_a_kilogramme_of_carbon_is_a_thousandth_of_a_tonne():
    weights = Weights.from_options(FreightOptions(carbon_weight_cny_t=100))
    assert weights.score(np.array([1.0, 0, 10, *[0] * 7])) == pytest.approx(1 + 10 * 0.1)


def test_the_baseline_network_is_the_one_of_its_year(layers):
    of_2014, of_2018 = (Network.from_layers(layers, year) for year in (2014, 2018))
    assert not of_2014.links.at["R_GY-R_LZH-rail", "open"], "兰渝线 was being built"
    assert of_2018.links.at["R_GY-R_LZH-rail", "open"]


def test_every_baseline_plant_reaches_every_prefecture(layers, rates):
    baseline = Network.from_layers(layers)
    markets = layers.markets[layers.markets["kind"] == "prefecture"]
    plants = layers.plants[layers.plants["in_baseline"].astype(bool)]
    found = cost_matrix(baseline, plants, markets, commodity="cement", rates=rates)
    assert np.isfinite(found.cost_cny_t.to_numpy()).all()
    assert (found.cost_cny_t.to_numpy() >= 0).all()
    assert found.cost_cny_t.index.equals(plants.index)
