"""Sales beyond the province: cement goes to neighbours only, and neighbours may supply at a price."""

from __future__ import annotations

import pytest

from workbench.region.demand import demand, outlets, supply_from_outside


def test_cement_leaves_to_neighbours_and_steel_to_every_gateway(layers) -> None:
    sold = demand(layers, ["cement", "steel"])
    away = sold[sold["kind"] != "prefecture"].groupby("industry")["market"].agg(set)
    assert away["cement"] == {"M-CHONGQING", "M-GUIYANG", "M-KUNMING", "M-XIAN"}
    assert {"M-P_SH", "M-LANZHOU"} <= away["steel"]
    outside = sold[(sold["kind"] != "prefecture") & (sold["industry"] == "cement")]["kt"].sum()
    values = layers.assumptions
    assert outside == pytest.approx(values["cement.output_2013_kt"] * values["cement.outside_share"])


def test_nothing_leaves_where_nobody_is_in_reach(layers) -> None:
    near = layers.with_assumptions({"cement.outside_reach_km": 1})
    assert outlets(near, "cement").empty
    sold = demand(near, ["cement"])
    assert set(sold["kind"]) == {"prefecture"}
    assert sold["kt"].sum() == pytest.approx(layers.assumptions["cement.output_2013_kt"])


def test_neighbours_may_supply_at_a_price_up_to_a_limit(layers) -> None:
    found = supply_from_outside(layers, ["cement", "steel"])
    assert set(found["industry"]) == {"cement"}
    assert set(found["market"]) == set(outlets(layers, "cement").index)
    assert found["most_kt"].sum() == pytest.approx(layers.assumptions["cement.import_most_kt"])
    assert (found["price_cny_t"] == layers.assumptions["cement.import_price_cny_t"]).all()
