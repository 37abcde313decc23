"""Flows within capacity, shadow prices, and the split over modes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.logistics.worlds import network, rail
from workbench.errors import LabelError, WorkbenchError
from workbench.logistics import Network, Rates, assign, calibrate, logit_shares, mode_costs, room_kt


@pytest.fixture(scope="module")
def rates(layers):
    return Rates.for_year(2014, layers)


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
    assert plan.links["kt"].to_dict() == pytest.approx({"L0": 300, "L1": 300, "L2": 200, "L3": 200})
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


def test_room_is_what_other_traffic_leaves(layers, rates):
    baseline = Network.from_layers(layers)
    room = room_kt(baseline, rates)
    lock = baseline.links.index[baseline.links["lock"] == "three_gorges"]
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
    assert plan.links.at["P_WZ-P_YCH-water", "load"] == pytest.approx(1.0)
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
