"""Flows within capacity, shadow prices, and the split over modes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.logistics.worlds import network, rail, road, water
from workbench.errors import LabelError, WorkbenchError
from workbench.logistics import Network, assign, calibrate, logit_shares, mode_costs, room_kt


@pytest.fixture
def square():
    nodes = {"A": (104, 30), "N": (105, 31), "S": (105, 29), "D": (106, 30)}
    north = [rail("A", "N", 100, line="北"), rail("N", "D", 100, line="北")]
    return network(nodes, [*north, rail("A", "S", 150, line="南"), rail("S", "D", 150, line="南")])


SHIPMENT = pd.DataFrame(
    {"origin": ["A"], "destination": ["D"], "commodity": ["coal"], "kt": [500.0]}, index=["s"]
)


def test_what_does_not_fit_goes_round_and_the_price_is_the_detour(square, rates):
    plan = assign(square, SHIPMENT, rates=rates, room=pd.Series({"L0": 300.0}))
    assert plan.links["kt"].to_dict() == pytest.approx(
        {"L0": 300, "L1": 300, "L2": 200, "L3": 200, "A": 500, "D": 500}
    )
    assert plan.links.at["L0", "price_cny_t"] == pytest.approx(100 * 0.122)
    assert plan.uncapped.to_dict() == {"L0": 500.0}
    short, far = 15.5 + 28 + 200 * 0.122, 15.5 + 28 + 300 * 0.122
    assert plan.objective_mcny == pytest.approx((300 * short + 200 * far) / 1e3)
    assert plan.bound_mcny == pytest.approx(plan.objective_mcny)


def test_tonnes_without_any_room_are_told_not_lost(square, rates):
    plan = assign(square, SHIPMENT, rates=rates, room=pd.Series({"L0": 300.0, "L3": 50.0}))
    assert plan.unmet["s"] == pytest.approx(150)
    with pytest.raises(LabelError):
        assign(square, SHIPMENT, rates=rates, room=pd.Series({"無": 1.0}))


@pytest.fixture
def port():
    """A train from A to the quay P or to the dearer quay Q, then the river to S."""
    nodes = {"A": (104, 30), "P": (106, 29), "Q": (106, 30.5), "S": (112, 30)}
    trains = [rail("A", "P", 200, line="甲"), rail("A", "Q", 300, line="乙")]
    return network(nodes, [*trains, water("P", "S", 900), water("Q", "S", 900)])


RIVER = pd.DataFrame(
    {"origin": ["A", "P", "P"], "destination": ["S", "S", "A"], "commodity": "coal", "kt": [500.0, 100, 50]},
    index=["through", "by ship", "by train"],
)


def test_a_port_has_room_for_all_it_loads_unloads_and_transfers(port, rates):
    plan = assign(port, RIVER, rates=rates, room=pd.Series({"P": 400.0}))
    # what begins at P has nowhere else to go, so 150 kt are handled there and 250 kt change from the train
    assert plan.links.at["P", "kt"] == pytest.approx(400)
    assert plan.links.at["P", "uncapped_kt"] == pytest.approx(650)
    assert plan.links.at["P", "kind"] == "terminal"
    by_train = plan.links.loc[["L0", "L1"], "kt"].to_list()
    assert by_train == pytest.approx([250 + 50, 250])
    assert plan.links.at["P", "price_cny_t"] == pytest.approx(100 * 0.122), "the detour by the other quay"
    assert list(plan.overloaded.index) == ["P"]
    assert plan.objective_mcny == pytest.approx(plan.bound_mcny)


def test_a_terminal_handles_a_tonne_once_per_handling(rates):
    nodes = {"P": (106, 29), "Q": (107, 29), "S": (112, 30)}
    small, large = {"stretch": "tributary", "max_vessel_t": 500}, {"stretch": "main", "max_vessel_t": 5000}
    world = network(nodes, [water("P", "Q", 100, **small), water("Q", "S", 2400, **large)])
    shipment = SHIPMENT.assign(origin="P", destination="S", kt=10.0)
    plan = assign(world, shipment, rates=rates, room=pd.Series({"P": 100.0, "Q": 100.0, "S": 100.0}))
    assert plan.links.loc[["P", "Q", "S"], "kt"].to_list() == [10, 10, 10]
    back = shipment.assign(origin="Q", destination="Q")
    idle = assign(world, back, rates=rates, room=pd.Series({"Q": 100.0}))
    assert idle.links.at["Q", "kt"] == 0, "what stays at its place needs no terminal"


def test_stations_have_room_as_well_and_places_are_brought_there(rates):
    nodes = {"A": (104, 30), "B": (107, 30)}
    world = network(nodes, [rail("A", "B", 300), road("A", "B", 320)])
    places = pd.DataFrame({"lon": [104.05, 107.05], "lat": [30.0, 30.0]}, index=["works", "town"])
    ask = SHIPMENT.assign(origin="works", destination="town", kt=80.0)
    plan = assign(world, ask, rates=rates, room=pd.Series({"B": 30.0}), places=places)
    assert plan.links.at["B", "load_share"] == pytest.approx(1.0)
    assert plan.links.at["L0", "kt"] == pytest.approx(30)
    assert plan.unmet["s"] == pytest.approx(0), "the rest goes by road"
    with pytest.raises(LabelError, match="mine"):
        assign(world, ask.assign(origin="mine"), rates=rates, places=places)


def test_room_is_what_other_traffic_leaves(layers, rates):
    baseline = Network.from_layers(layers)
    room = room_kt(baseline, rates)
    lock = baseline.links.index[baseline.links["lock"] == "three_gorges"]
    assert room["P_GYU"] == pytest.approx(30e3 * (1 - rates.values["background.port_share"]))
    assert room[lock].tolist() == pytest.approx([100e3 * (1 - rates.values["background.lock_share"])])


def test_a_plan_that_overloads_the_lock_is_told_so(layers, rates):
    baseline = Network.from_layers(layers)
    shipments = pd.DataFrame(
        {
            "origin": ["P_CQ", "R_CD"],
            "destination": ["P_SH", "P_SH"],
            "commodity": "steel",
            "kt": [14e3, 4e3],
        },
        index=["chongqing", "chengdu"],
    )
    plan = assign(baseline, shipments, rates=rates)
    assert "P_WZ-P_YCH-water" in plan.uncapped.index
    assert plan.links.at["P_WZ-P_YCH-water", "load_share"] == pytest.approx(1.0)
    assert plan.links.at["P_WZ-P_YCH-water", "price_cny_t"] > 0
    carried = plan.paths.groupby("shipment")["kt"].sum().reindex(shipments.index).fillna(0) + plan.unmet
    np.testing.assert_allclose(carried, shipments["kt"])


def test_the_split_meets_the_observed_share_and_shows_the_least_cost_one():
    pairs = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "x")], names=["origin", "destination"])
    costs = pd.DataFrame(
        {"rail": [50, 80, np.inf], "water": [40, np.inf, 90], "road": [60.0, 70, 80]}, index=pairs
    )
    kt = pd.Series([100.0, 200, 100], index=pairs)
    split = calibrate(costs, kt, pd.Series({"rail": 0.2, "water": 0.1, "road": 0.7}), per_cny_t=0.05)
    assert split.total.to_dict() == pytest.approx({"rail": 0.2, "water": 0.1, "road": 0.7})
    assert split.least_cost.to_dict() == {"rail": 0.0, "water": 0.25, "road": 0.75}
    assert split.shares.at[("b", "x"), "rail"] == 0
    even = logit_shares(costs.loc[[("a", "x")]], pd.Series({"rail": 10.0, "water": 20.0, "road": 0.0}), 0.05)
    assert even.to_numpy() == pytest.approx(1 / 3)
    with pytest.raises(WorkbenchError, match="cannot be met"):
        calibrate(costs, kt, pd.Series({"rail": 0.0, "water": 0.9, "road": 0.1}), per_cny_t=0.05)


def test_mode_costs_are_of_that_mode(layers, rates):
    baseline = Network.from_layers(layers)
    costs = mode_costs(baseline, ["R_CD"], ["R_CQ", "P_SH"], commodity="steel", rates=rates)
    assert np.isfinite(costs.loc[("R_CD", "R_CQ"), ["rail", "road"]]).all()
    assert np.isinf(costs.at[("R_CD", "P_SH"), "rail"])
