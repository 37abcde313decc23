"""Crossings of land borders, and legs at sea: what they add, how they are measured, what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.logistics.worlds import network, rail, road
from workbench import crs
from workbench.errors import DataError
from workbench.logistics import Network, check, cost_matrix, route

# Nautical miles between ports as published distance tables give them, recalled; another terminal of the same
# port may lie some miles off.
PUBLISHED_NM = {
    ("P_SH", "P_SIN"): 2237, ("P_SH", "P_GZ"): 930, ("P_HPH", "P_SIN"): 1302, ("P_GZ", "P_SIN"): 1500,
}  # fmt: skip


def crossing(border: str) -> Network:
    world = network({"A": (104, 30), "B": (107, 30)}, [rail("A", "B", 300)])
    nodes, links = world.to_frames()
    return Network.from_links(nodes.assign(border=["", border]), links, rules=world.rules)


def test_customs_takes_hours_and_another_gauge_takes_more(rates):
    plain, customs, gauge = (
        route(crossing(kind), "A", "B", commodity="steel", rates=rates) for kind in ("", "customs", "gauge")
    )
    assert customs.hours - plain.hours == pytest.approx(48)
    assert customs.cost_cny_t == plain.cost_cny_t
    assert gauge.hours - plain.hours == pytest.approx(48 + 24)
    assert gauge.cost_cny_t == plain.cost_cny_t, "reloading is the charge of the rail end, paid in its stead"
    back = route(crossing("gauge"), "B", "A", commodity="iron_ore", rates=rates)
    assert back.hours == pytest.approx(gauge.hours), "what comes in crosses as well"


def test_a_truck_to_the_border_passes_customs_and_no_gauge(rates):
    world = network({"A": (104, 30), "B": (107, 30)}, [road("A", "B", 300)])
    nodes, links = world.to_frames()
    held = Network.from_links(nodes.assign(border=["", "gauge"]), links, rules=world.rules)
    before, after = (route(w, "A", "B", commodity="steel", rates=rates) for w in (world, held))
    assert after.hours - before.hours == pytest.approx(48)
    assert after.cost_cny_t == before.cost_cny_t


def test_an_unknown_kind_of_border_is_refused():
    with pytest.raises(DataError, match="customs"):
        crossing("wall")


def test_the_stations_at_the_border_are_crossings(baseline, rates):
    kinds = baseline.nodes["border"]
    assert kinds[["R_ALS", "R_HEG", "R_HK"]].eq("gauge").all()
    assert kinds["R_PX2"] == "customs", "a standard-gauge rail runs on to Hanoi"
    assert kinds[baseline.nodes["type"] == "border_crossing"].eq("customs").all()
    open_ = baseline.with_links(open=True)
    train = route(open_, "R_WLM", "R_ALS", commodity="steel", rates=rates)
    km = 464 / rates.values["rail.speed_kmh"]
    assert train.hours == pytest.approx(rates.values["rail.dwell_h"] + km + 48 + 24)


def test_a_market_at_a_terminal_boards_there_and_passes_its_border(layers, baseline, rates):
    market = layers.markets.loc[["M-R_ALS"]]
    by_point = cost_matrix(baseline, ["R_WLM"], market, commodity="steel", rates=rates)
    by_node = cost_matrix(baseline, ["R_WLM"], ["R_ALS"], commodity="steel", rates=rates)
    np.testing.assert_allclose(by_point.values, by_node.values)


def test_the_sea_joins_the_ports_of_the_coast_and_abroad(baseline, rates):
    sea = baseline.links[baseline.links["mode"] == "sea"]
    assert {"P_SH", "P_QZ", "P_FCG", "P_ZJ", "P_HPH", "P_SIN"} <= set(sea["from_id"]) | set(sea["to_id"])
    found = route(baseline, "P_CQ", "P_SIN", commodity="steel", rates=rates)
    assert "sea" in found.modes
    haul = found.legs[found.legs["mode"].eq("sea") & found.legs["kind"].eq("haul")]
    assert haul["cost_cny_t"].sum() == pytest.approx(rates.values["sea.cny_tkm"] * haul["km"].sum())
    assert not set(check(baseline).query("finding == 'shorter than straight'")["id"]) & set(sea.index)


@pytest.mark.parametrize("pair", PUBLISHED_NM, ids=lambda pair: "-".join(pair))
def test_a_sea_leg_is_as_long_as_the_distance_tables_say(baseline, pair):
    km = baseline.links.set_index(["from_id", "to_id"])["distance_km"][pair]
    assert km == pytest.approx(PUBLISHED_NM[pair] * 1.852, rel=0.03)


def test_a_port_is_never_moved_far_in_silence(layers):
    sea = layers.freight_links[layers.freight_links["mode"] == "sea"]
    measured = sea[sea["source"].str.contains("searoute")]
    assert measured["snap_km"].between(0.1, 80).all()
    straight = [crs.distance_km(*_ends(layers, row)) for row in measured.itertuples()]
    assert (measured["distance_km"] >= np.array(straight)).all()


def _ends(layers, row):
    nodes = layers.freight_nodes
    return [nodes.at[end, side] for end in (row.from_id, row.to_id) for side in ("lon", "lat")]


searoute = pytest.importorskip("searoute", reason="extra geodata-build")


def test_a_blocked_way_an_inland_port_and_a_detour_are_faults_not_lengths(monkeypatch):
    from geodata.build import sea

    nodes = pd.DataFrame(
        {"lon": [121.6, 104.7, 108.6, 108.34, 110.41], "lat": [31.36, 28.8, 21.72, 21.6, 21.18]},
        index=["shanghai", "yibin", "qinzhou", "fangcheng", "zhanjiang"],
    )
    pairs = [("yibin", "shanghai"), ("qinzhou", "fangcheng"), ("zhanjiang", "qinzhou")]
    links = pd.DataFrame(pairs, columns=["from_id", "to_id"], index=["inland", "same lane", "detour"])
    with pytest.raises(DataError) as told:
        sea.measure(links.assign(mode="sea", distance_km=np.nan), nodes)
    found = {fault.field: fault.found for fault in told.value.faults}
    assert "km from the sea" in found["inland"], "searoute would answer 2,334 km from Beibu Gulf"
    assert found["same lane"] == "no way, length 0"
    assert "straight" in found["detour"]


def test_where_every_strait_is_closed_there_is_no_way(monkeypatch):
    from geodata.build import sea

    ask = searoute.searoute
    closed = ["suez", "gibraltar", "babalmandab", "northwest", "panama"]
    monkeypatch.setattr(searoute, "searoute", lambda a, b, **k: ask(a, b, restrictions=closed, **k))
    with pytest.raises(DataError, match="length 0"):
        sea.sea_leg((103.83, 1.26), (23.6, 37.94), name="Singapore-Piraeus")
