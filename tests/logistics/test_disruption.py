"""Closures, reroutes, criticality, and looking a network over."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from tests.logistics.worlds import network, rail, road
from workbench.errors import LabelError, UnreachableError
from workbench.logistics import (
    Network,
    alternatives,
    carried_kt,
    check,
    close_area,
    close_district,
    close_terminals,
    compare,
    cost_matrix,
    criticality,
    distinct,
    impact,
    route,
    strike,
)  # fmt: skip


@pytest.fixture
def square():
    """A to D by the short north (line 北) or the long south (line 南)."""
    nodes = {"A": (104, 30), "N": (105, 31), "S": (105, 29), "D": (106, 30)}
    north = [rail("A", "N", 100, line="北"), rail("N", "D", 100, line="北")]
    return network(nodes, [*north, rail("A", "S", 150, line="南"), rail("S", "D", 150, line="南")])


def test_a_polygon_blocks_links_that_only_cross_it(square, rates):
    middle_of_a_link = shapely.box(104.4, 30.4, 104.6, 30.6)
    cut = close_area(square, middle_of_a_link)
    assert list(cut.links.index[~cut.links["open"]]) == ["L0"]
    assert route(cut, "A", "D", commodity="coal", rates=rates).km == 300


def test_a_link_added_without_a_line_is_cut_where_it_runs_straight(square):
    nodes, links = square.to_frames()
    added = pd.DataFrame([rail("N", "S", 250)], index=["new"])
    grown = Network.from_links(nodes, pd.concat([links, added]), rules=square.rules)
    cut = close_area(grown, shapely.box(104.9, 29.9, 105.1, 30.1))
    assert list(cut.links.index[~cut.links["open"]]) == ["new"]


def test_a_polygon_blocks_the_streets_that_cross_it(rates):
    streets = pd.DataFrame(
        {"lon1": [104.0], "lat1": [30.0], "lon2": [105.0], "lat2": [30.0], "km": [100.0], "mountain": [False]}
    )
    world = network({"A": (104, 30), "B": (105, 30)}, [rail("A", "B", 600)], streets=streets)
    assert route(world, "A", "B", commodity="coal", rates=rates).modes == ("road",)
    cut = close_area(world, shapely.box(104.45, 29.9, 104.55, 30.1))
    with pytest.raises(UnreachableError):  # the rail line is drawn through the same place
        route(cut, "A", "B", commodity="coal", rates=rates)


def test_a_terminal_and_a_district_close(square, baseline, layers, rates):
    assert route(close_terminals(square, ["N"]), "A", "D", commodity="coal", rates=rates).km == 300
    cut = close_district(baseline, layers, "汶川县")
    shut = baseline.links["open"] & ~cut.links["open"]
    assert "C_都江堰-C_汶川-road" in baseline.links.index[shut]
    assert len(cut.streets) < len(baseline.streets)
    with pytest.raises(LabelError):
        close_district(baseline, layers, "無此縣")


def test_what_a_closure_costs_is_tonnes_times_the_longer_way(square, rates):
    tonnes = pd.DataFrame({"D": [500.0]}, index=["A"])
    ranked = criticality(square, tonnes, ["A"], ["D"], commodity="coal", rates=rates)
    assert list(ranked.index) == ["北"], "what carries nothing costs nothing"
    assert ranked.at["北", "extra_mcny"] == pytest.approx(500 * 100 * 0.122 / 1e3)
    assert ranked.at["北", "carried_kt"] == 500
    assert ranked.at["北", "cut_kt"] == 0
    both = square.close(lines=["南"])
    assert criticality(both, tonnes, ["A"], ["D"], commodity="coal", rates=rates).at["北", "cut_kt"] == 500
    before = cost_matrix(square, ["A"], ["D"], commodity="coal", rates=rates)
    assert impact(before, before, tonnes).rerouted_kt == 0
    assert carried_kt(before, tonnes).to_dict() == {"L0": 500.0, "L1": 500.0}


def test_the_k_best_routes_differ_by_a_line(square, rates):
    found = distinct(square, "A", "D", 5, commodity="coal", rates=rates)
    assert [path.km for path in found] == [200, 300]


def test_alternatives_show_each_mode_by_itself(baseline, rates):
    found = alternatives(baseline, "R_CD", "P_SH", commodity="steel", rates=rates)
    assert found["combined"].cost_cny_t == min(path.cost_cny_t for path in found.values())
    assert set(found) >= {"combined", "water"}
    assert not set(found["water"].modes) & {"rail"}
    near = alternatives(baseline, "R_CD", "R_CQ", commodity="steel", rates=rates)
    assert set(near["rail"].modes) <= {"rail", "road"}
    assert near["road"].modes == ("road",)


def test_two_cases_are_compared_pair_by_pair(square, rates):
    ask = {"commodity": "coal", "rates": rates}
    before = cost_matrix(square, ["A"], ["D", "N"], **ask)
    after = cost_matrix(square.close(lines=["北"]), ["A"], ["D", "N"], **ask)
    table = compare(before, after)
    assert table.at[("A", "D"), ("change", "km")] == 100
    assert table.at[("A", "N"), ("change", "km")] == np.inf
    with pytest.raises(LabelError):
        compare(before, cost_matrix(square, ["A"], ["D"], **ask))


@pytest.mark.parametrize("event", ["wenchuan-2008", "flood-2013", "lushan-2013"])
def test_recorded_events_close_something_and_never_help(baseline, layers, rates, event):
    cut = strike(baseline, layers, layers.disruptions, event)
    ask = {"commodity": "cement", "rates": rates}
    ends = ["C_成都", "C_绵阳", "C_雅安"], ["C_汶川", "C_广元", "C_康定", "R_XA"]
    before, after = cost_matrix(baseline, *ends, **ask), cost_matrix(cut, *ends, **ask)
    assert (after.score_values >= before.score_values - 1e-9).all()
    closed = baseline.links["open"] & ~cut.links["open"]
    assert closed.any() or len(cut.streets) < len(baseline.streets)


def test_closing_baocheng_sends_coal_from_shaanxi_another_way(baseline, rates):
    ask = {"commodity": "coal", "rates": rates}
    before = cost_matrix(baseline, ["R_BJ"], ["R_JY"], **ask)
    after = cost_matrix(baseline.close(lines=["宝成线"]), ["R_BJ"], ["R_JY"], **ask)
    assert np.isfinite(after.cost_cny_t.iloc[0, 0])
    assert after.cost_cny_t.iloc[0, 0] > before.cost_cny_t.iloc[0, 0] + 30


def test_a_check_finds_what_is_planted():
    nodes = {"A": (104, 30), "B": (105, 30), "C": (110, 30), "D": (111, 30), "E": (112, 33)}
    world = network(
        nodes, [rail("A", "B", 0), rail("C", "D", 20), road("A", "B", 900), rail("A", "E", 900, open=False)]
    )
    found = check(world).groupby("finding")["id"].agg(list)
    assert found["component"] == ["C"]
    assert found["zero length"] == ["L0"]
    assert found["shorter than straight"] == ["L1"]
    assert found["detour"] == ["L2"]
    assert found["isolated"] == ["E"]
    assert found["closed"] == ["L3"]
    assert found["dangling"] == ["C", "D"]


def test_a_check_lists_the_pairs_that_one_way_links_forbid():
    nodes = {"A": (104, 30), "B": (104.1, 30), "C": (104.2, 30)}
    found = check(network(nodes, [rail("A", "B", 10), rail("B", "C", 10, one_way=True)]))
    assert list(found.loc[found["finding"] == "unreachable", "id"]) == ["C>A", "C>B"]


def test_the_baseline_is_one_network(baseline):
    assert not {"component", "unreachable"} & set(check(baseline)["finding"])
