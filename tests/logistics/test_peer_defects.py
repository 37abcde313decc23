"""Defects seen in other freight software, and each rule of pricing: none of them here.

The engine's own share (weights from 1e-6 to 1e9, sums beyond 32 bits) is in `test_engine`; worked prices are
in `test_prices`, `test_rides`, `test_vessels` and `test_border_and_sea`.
"""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from tests.logistics.worlds import network, rail, road, water
from workbench import units
from workbench.errors import DataError, UnreachableError
from workbench.logistics import (
    FreightOptions,
    Rates,
    Weights,
    alternatives,
    close_area,
    cost_matrix,
    legs,
    route,
)

ROOM = Path(__file__).parents[2] / "workbench" / "logistics" / "freight"
SEA = {"A": (104, 30), "P": (121.6, 31.36), "Q": (103.83, 1.26)}


def sea(a: str, b: str, km: float, **more) -> dict:
    return {"from_id": a, "to_id": b, "mode": "sea", "distance_km": km, **more}


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e6, 1e9])
def test_the_scale_of_the_weights_changes_no_route(rates, scale):
    """pandana took another path when its weights were divided by ten thousand."""
    stations = {"A": (104, 30), "B": (105, 30), "C": (106, 30)}
    trains = [rail("A", "C", 300), rail("A", "B", 140), rail("B", "C", 150)]
    world = network(stations, [*trains, road("A", "C", 310)])
    weights = Weights(cost=scale, hours=scale * 0.1)
    found = cost_matrix(world, ["A"], ["C"], commodity="coal", rates=rates, weights=weights)
    assert found.km.at["A", "C"] == 290
    assert found.score.at["A", "C"] == pytest.approx(
        scale * (found.cost_cny_t.at["A", "C"] + 0.1 * found.hours.at["A", "C"]), rel=1e-12
    )


def test_a_blocked_sea_route_is_inf_and_says_why(rates):
    """searoute answered a blocked way with length 0."""
    world = network(SEA, [sea("P", "Q", 4120, open=False), rail("A", "P", 2000)])
    found = cost_matrix(world, ["P"], ["Q"], commodity="steel", rates=rates)
    assert found.km.at["P", "Q"] == found.cost_cny_t.at["P", "Q"] == found.hours.at["P", "Q"] == np.inf
    assert "no open path" in found.why("P", "Q")
    with pytest.raises(UnreachableError):
        route(world, "P", "Q", commodity="steel", rates=rates)


def test_an_inland_origin_is_not_moved_to_the_sea_but_told_how_far_it_lies(rates):
    """searoute began Yibin to Shanghai in Beibu Gulf, scgraph with 900 km over land."""
    world = network(SEA, [sea("P", "Q", 4120)])
    yibin = pd.DataFrame({"lon": [104.7], "lat": [28.8]}, index=["yibin"])
    found = cost_matrix(world, yibin, ["Q"], commodity="steel", rates=rates)
    (snap_km,) = found.trace.origins.places.snap_km
    assert snap_km > 100
    assert found.cost_cny_t.iloc[0, 0] == np.inf
    assert f"{snap_km:.0f} km" in found.why("yibin", "Q")
    assert "cap is 30 km" in found.why("yibin", "Q")


def test_a_polygon_cuts_what_its_line_crosses_and_not_what_only_ends_near(baseline):
    """hum-router looked at the ends of a road alone."""
    taiwan_strait = shapely.box(118.2, 23.0, 119.8, 25.0)
    cut = close_area(baseline, taiwan_strait)
    shut = baseline.links.index[baseline.links["open"] & ~cut.links["open"]]
    assert "P_SH-P_SIN-sea" in shut
    ends = baseline.nodes.loc[["P_SH", "P_SIN"], ["lon", "lat"]].to_numpy()
    assert not shapely.intersects(taiwan_strait, shapely.points(ends)).any()
    assert "P_HPH-P_SIN-sea" not in shut


def test_parallel_modes_and_parallel_links_of_one_mode_are_all_kept(rates):
    """scgraph kept one of two arcs between the same places."""
    both = [rail("A", "B", 500, line="甲线"), rail("A", "B", 400, line="乙线"), water("A", "B", 600)]
    world = network({"A": (104, 30), "B": (108, 30)}, both)
    assert len(world.to_networkx().edges) == 3
    assert set(alternatives(world, "A", "B", commodity="coal", rates=rates)) == {"combined", "rail", "water"}
    assert route(world.close(links=["L1"]), "A", "B", commodity="coal", rates=rates).modes == ("water",)
    lone = world.close(links=["L1", "L2"])
    assert route(lone, "A", "B", commodity="coal", rates=rates).km == 500


def test_a_tonne_is_1000_kg_and_other_tons_say_so():
    """FTOT mixed tons and tonnes for three years."""
    for name in ("t", "吨", "tonne", "metric ton"):
        assert units.convert(1, name, "kg") == pytest.approx(1000, rel=1e-12)
    assert units.convert(1000, "short tons", "kt") == pytest.approx(0.90718474)
    assert units.convert(1000, "long tons", "kt") == pytest.approx(1.0160469088)
    with pytest.raises(DataError, match="1000 kg"):
        units.parse_unit("ton")


def test_every_freight_figure_is_per_tonne_of_1000_kg(layers, rates):
    used = layers.assumptions.frame
    freight = used[used.index.str.match(r"(rail|road|water|sea|port|transfer|border|lock|vessel)")]
    assert not freight["unit"].str.contains(r"\bton|short|long|lb", regex=True).any()
    world = network({"A": (104, 30), "B": (105, 30)}, [rail("A", "B", 200)])
    carbon = route(world, "A", "B", commodity="coal", rates=rates).legs.set_index("kind")["co2_kg_t"]
    assert carbon["haul"] == pytest.approx(200 * units.convert(25, "g/t", "kg/t"))


def test_base_1_belongs_to_boarding_whatever_the_number_of_links(rates):
    many = {f"S{k}": (104 + k, 30) for k in range(9)}
    world = network(many, [rail(f"S{k}", f"S{k + 1}", 100) for k in range(8)])
    table = legs(cost_matrix(world, ["S0"], ["S8"], commodity="coal", rates=rates))
    charges = table.set_index("kind")["cost_cny_t"]
    assert charges["load"] == pytest.approx(15.5 + 14)
    assert charges["haul"] == pytest.approx(800 * 0.122), "no penalty hides in the links"


def test_local_lines_have_their_own_rates_and_nankun_its_rise_of_2014(layers, rates):
    assert {rates.line_rate(f"{name}线") for name in ("隆黄", "归连", "达万", "巴达")} == {0.225}
    years = [Rates.for_year(year, layers).line_rate("威红线+南昆线") for year in (2012, 2013, 2014)]
    assert years == [0.1271, 0.1271, 0.157]


def test_every_good_of_the_brief_has_its_class_and_its_port_charge(layers, rates):
    goods = {
        "coal", "coke", "iron_ore", "limestone", "clinker", "cement", "steel", "flat_glass", "silica",
        "soda_ash", "alumina", "aluminium",
    }  # fmt: skip
    assert goods <= set(rates.commodities)
    for good in goods:
        assert rates.boarding_cny_t(good) > 0
        assert 8 <= rates.port_cny_t(good) <= 25


def test_rates_stand_in_tables_and_never_in_the_code():
    plain = {0.0, 1.0, 2.0, 1e-3, 1e3, 1e-9}
    for name in ("rates.py", "virtual.py", "lanes.py", "matrix.py", "ends.py"):
        tree = ast.parse((ROOM / name).read_text(encoding="utf-8"))
        numbers = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
        found = {value for value in numbers if isinstance(value, float)}
        assert found <= plain, f"{name}: {found - plain}"


def test_every_rate_has_unit_reason_source_and_confidence(layers):
    used = layers.assumptions.frame
    rows = used[used.index.str.match(r"(rail|road|water|sea|port|transfer|border|lock|vessel|background)")]
    assert len(rows) > 80
    for name in ("unit", "reason", "source", "confidence"):
        assert rows[name].astype(str).str.len().gt(0).all()
    ranged = rows.dropna(subset=["low", "high"])
    assert ((ranged["low"] <= ranged["value"]) & (ranged["value"] <= ranged["high"])).all()


def test_cost_hours_and_carbon_are_apart_and_km_is_told_by_mode(rates):
    ends = {"A": (104, 30), "P": (106, 29), "S": (112, 30)}
    world = network(ends, [rail("A", "P", 300), water("P", "S", 900), road("A", "S", 1100)])
    found = cost_matrix(world, ["A"], ["S"], commodity="steel", rates=rates)
    fast = found.reweigh(Weights(cost=0, hours=1))
    assert found.cost_cny_t.iloc[0, 0] < fast.cost_cny_t.iloc[0, 0]
    assert found.hours.iloc[0, 0] > fast.hours.iloc[0, 0]
    assert {mode: km.iloc[0, 0] for mode, km in found.km_by_mode.items()} == {
        "rail": 300, "road": 0, "water": 900, "sea": 0,
    }  # fmt: skip
    assert {mode: km.iloc[0, 0] for mode, km in fast.km_by_mode.items()}["road"] == 1100


def test_time_may_be_worth_more_for_one_good_than_for_another(rates):
    ends = {"A": (104, 30), "S": (112, 30)}
    world = network(ends, [water("A", "S", 900), road("A", "S", 1100)])
    options = FreightOptions(value_of_time_by_good={"flat_glass": 10.0})

    def modes(good):
        return route(world, "A", "S", commodity=good, rates=rates, options=options).modes

    assert modes("coal") == ("water",)
    assert modes("flat_glass") == ("road",)


def test_two_road_legs_are_one_haul(rates):
    towns = {"A": (104, 30), "B": (105, 30), "C": (106, 30)}
    world = network(towns, [road("A", "B", 60), road("B", "C", 60)])
    found = route(world, "A", "C", commodity="coal", rates=rates)
    hauled = found.legs.set_index("kind").at["haul", "cost_cny_t"]
    assert hauled == pytest.approx(19 + 0.425 * 120), "the fixed part once"
