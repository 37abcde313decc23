"""Planners' own networks: every edge of a graph arrives, cells are read as written or refused by the row."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from tests.logistics.worlds import RULES, network, rail, water
from workbench.errors import CrsError, DataError, WorkbenchError
from workbench.logistics import Network, read_network, write_network

NODES = pd.DataFrame({"id": [1, 2, 3], "lon": [103.0, 104, 105], "lat": [30.6] * 3})


def links(**columns):
    base = {"from_id": [1, 2], "to_id": [2, 3], "mode": "rail", "distance_km": [100.0, 80.0]}
    return pd.DataFrame({**base, **columns})


def ends(graph):
    """Count the edges by their ends as text; an undirected edge by both."""
    pairs = [(str(a), str(b)) for a, b in graph.edges()]
    return Counter(p if graph.is_directed() else tuple(sorted(p)) for p in pairs)


KEYS = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(["a", "a-0", "0", "1-2-0"]))
EDGES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), KEYS), max_size=14)


@law(1000)
@given(
    kind=st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]),
    edges=EDGES,
    text=st.booleans(),
)
def test_every_edge_of_a_graph_arrives_and_returns(kind, edges, text):
    graph, name = kind(), (lambda k: f"{k}-0") if text else (lambda k: k)
    for k in range(5):
        graph.add_node(name(k), lon=104 + k / 10, lat=30.6)
    for a, b, key in edges:
        keyed = {"key": key} if graph.is_multigraph() else {}
        graph.add_edge(name(a), name(b), mode="rail", distance_km=10.0, **keyed)
    back = Network.from_networkx(graph, rules=RULES).to_networkx()
    again = Network.from_networkx(back).to_networkx()
    for found in (back, again):
        same = found if graph.is_directed() else nx.MultiGraph(found)
        assert ends(same) == ends(graph)
    assert set(again.edges(keys=True)) == set(back.edges(keys=True)), "a second journey changes no id"


def test_flags_seasons_and_numbers_are_read_as_planners_write_them():
    world = Network.from_links(
        NODES,
        links(
            one_way=["no", "是"], open=["否", "True"], seasons=["wet;normal", ""],
            distance_km=["1,200", "80 km"], hours=[" 2.5 ", "—"], electrified=["False", 1],
        ),
        rules=RULES,
    )  # fmt: skip
    found = world.links
    assert found["one_way"].tolist() == [False, True]
    assert found["open"].tolist() == [False, True]
    assert found["electrified"].tolist() == [False, True]
    assert found["seasons"].tolist() == ["wet;normal", ""]
    assert found["distance_km"].tolist() == [1200, 80]
    assert found["hours"].iloc[0] == 2.5
    assert np.isnan(found["hours"].iloc[1])


def test_what_cannot_be_read_is_told_for_every_row_at_once():
    rows = links(
        one_way=["perhaps", "no"], seasons=["summer", "dry"], hours=[-5, 1], cost_cny_t=[np.inf, np.nan],
        capacity_mt=[1, -5], distance_km=["far", np.nan], mode=["rail", "mule"], to_id=[2, 9],
    )  # fmt: skip
    with pytest.raises(DataError) as told:
        Network.from_links(NODES, rows, rules=RULES)
    found = sorted({(fault.row, fault.field) for fault in told.value.faults})
    assert found == sorted([
        (2, "one_way"), (2, "seasons"), (2, "hours"), (2, "cost_cny_t"), (3, "capacity_mt"),
        (2, "distance_km"), (3, "distance_km"), (3, "mode"), (3, "to_id"),
    ])  # fmt: skip


@pytest.mark.parametrize("text", ["120左右", "约120", "120余公里", "近120", "110-130", ">120", "120以上"])
def test_a_figure_no_report_could_tell_as_unsure_is_refused_by_row(text):
    with pytest.raises(DataError) as told:
        Network.from_links(NODES, links(distance_km=[text, 80]), rules=RULES)
    assert [(f.row, f.field, f.found) for f in told.value.faults] == [(2, "distance_km", text)]
    assert told.value.faults[0].severity == "error"
    assert "Write the figure" in told.value.faults[0].mend


def test_whole_number_ids_and_chinese_headings_are_understood():
    table = pd.DataFrame({"起点": [1.0], "终点": [3.0], "方式": ["铁路"], "里程": [12], "单向": ["是"]})
    world = Network.from_links(NODES, table, rules=RULES)
    assert world.links[["from_id", "to_id", "mode"]].to_numpy().tolist() == [["1", "3", "rail"]]
    assert world.links["one_way"].tolist() == [True]


@pytest.mark.parametrize(
    "ids", [("NA", "none", "无"), ("—", "a\u200bb", "\u2066左\u2069"), ("{{7*7}}", "=1+1", "é" * 300)]
)
def test_an_id_is_an_id_even_where_it_looks_like_a_blank_or_holds_marks(tmp_path, ids):
    nodes = NODES.assign(id=ids)
    world = Network.from_links(nodes, links(from_id=ids[:2], to_id=ids[1:]), rules=RULES)
    assert world.links["from_id"].tolist() == list(world.nodes.index[:2])
    back = read_network(write_network(world, tmp_path / "a.gpkg"), rules=RULES)
    assert back.links[["from_id", "to_id"]].equals(world.links[["from_id", "to_id"]])
    with pytest.raises(DataError, match="row 2, from_id: found nothing"):
        Network.from_links(nodes, links(from_id=[" \u200b", ids[1]], to_id=ids[1:]), rules=RULES)


def test_an_edge_stands_both_ways_unless_it_says_one_way():
    graph = nx.DiGraph()
    graph.add_nodes_from((k, {"lon": 104 + k, "lat": 30}) for k in range(3))
    graph.add_edge(0, 1, mode="rail", distance_km=10, one_way="否")
    graph.add_edge(1, 2, mode="rail", distance_km=10, one_way="是")
    assert Network.from_networkx(graph, rules=RULES).links["one_way"].tolist() == [False, True]


@pytest.mark.parametrize("ending", ["graphml", "gpkg"])
def test_a_network_comes_back_from_a_file_as_it_was(tmp_path, ending):
    world = network(
        {"1": (104, 30), "B": (105, 30)},
        [rail("1", "B", 10, electrified=True), water("1", "B", 12, one_way=True, seasons="wet;dry")],
    )
    path = write_network(world, tmp_path / f"net.{ending}")
    again = read_network(path, rules=RULES)
    assert write_network(world, tmp_path / f"other.{ending}").read_bytes() == path.read_bytes()
    columns = [
        "from_id",
        "to_id",
        "mode",
        "distance_km",
        "one_way",
        "open",
        "electrified",
        "seasons",
        "hours",
    ]
    pd.testing.assert_frame_equal(again.links.loc[world.links.index, columns], world.links[columns])
    pd.testing.assert_frame_equal(
        again.nodes.loc[world.nodes.index, ["lon", "lat"]], world.nodes[["lon", "lat"]]
    )
    assert [line.wkt for line in again.links["geometry"]] == [line.wkt for line in world.links["geometry"]]


def osmnx_like():
    """Two streets as osmnx stores them: an edge per direction, metres, lists where ways were joined."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(7, x=104.0, y=30.0, street_count=1)
    graph.add_node(8, x=104.1, y=30.0, street_count=2)
    graph.add_node(9, x=104.2, y=30.0, street_count=1)
    street = {"osmid": 5, "highway": "primary", "oneway": False, "length": 9650.0, "name": ["北路", "南路"]}
    graph.add_edge(7, 8, key=0, **street, speed_kph=60.0)
    graph.add_edge(8, 7, key=0, **street, reversed=True)
    bend = shapely.LineString([(104.1, 30), (104.15, 30.02), (104.2, 30)])
    graph.add_edge(8, 9, key=0, osmid=6, highway="motorway", oneway=True, length=9_900.0, geometry=bend)
    graph.add_edge(8, 9, key=1, osmid=7, highway="track", oneway=True, length=12_000.0)
    return graph


def test_a_graph_of_osmnx_arrives_edge_by_edge_in_km_and_one_way():
    world = Network.from_networkx(osmnx_like(), rules=RULES)
    assert world.links["distance_km"].tolist() == [9.65, 9.65, 9.9, 12.0]
    assert world.links["one_way"].all()
    assert set(world.links["mode"]) == {"road"}
    assert world.links["line"].iloc[0] == "北路; 南路"
    assert world.links["hours"].iloc[0] == pytest.approx(9.65 / 60)
    assert world.nodes.loc["8", ["lon", "lat"]].tolist() == [104.1, 30.0]
    assert world.roads.engine.matrix([1], [2])[0, 0] == pytest.approx(9.9)
    assert np.isinf(world.roads.engine.matrix([2], [1])[0, 0])


def test_osmnx_files_are_read_in_both_formats(tmp_path):
    graph = osmnx_like()
    written = nx.MultiDiGraph(crs="epsg:4326")  # osmnx writes every attribute as text
    written.add_nodes_from((i, {k: str(v) for k, v in data.items()}) for i, data in graph.nodes(data=True))
    written.add_edges_from(
        (a, b, k, {n: v.wkt if hasattr(v, "wkt") else str(v) for n, v in data.items()})
        for a, b, k, data in graph.edges(keys=True, data=True)
    )
    nx.write_graphml(written, tmp_path / "osmnx.graphml")
    nodes = (
        pd.DataFrame.from_dict(dict(graph.nodes(data=True)), orient="index")
        .rename_axis("osmid")
        .reset_index()
    )
    points = gpd.GeoDataFrame(nodes, geometry=gpd.points_from_xy(nodes["x"], nodes["y"]), crs="EPSG:4326")
    points.to_file(tmp_path / "osmnx.gpkg", layer="nodes", engine="pyogrio")
    xy = nodes.set_index("osmid")[["x", "y"]]
    rows = [
        {"geometry": shapely.LineString(xy.loc[[a, b]].to_numpy()), "u": a, "v": b, "key": k}
        | {n: v if n == "geometry" else str(v) for n, v in data.items()}
        for a, b, k, data in graph.edges(keys=True, data=True)
    ]
    gpd.GeoDataFrame(rows, crs="EPSG:4326").to_file(tmp_path / "osmnx.gpkg", layer="edges", engine="pyogrio")
    for file in ("osmnx.graphml", "osmnx.gpkg"):
        world = read_network(tmp_path / file, rules=RULES)
        assert sorted(world.links["distance_km"]) == [9.65, 9.65, 9.9, 12.0], file
        assert world.links["one_way"].all()
        assert len(shapely.get_coordinates(world.links.set_index("distance_km").at[9.9, "geometry"])) == 3


def test_positions_of_unknown_system_are_refused():
    graph = osmnx_like()
    del graph.graph["crs"]
    with pytest.raises(CrsError, match="crs"):
        Network.from_networkx(graph, rules=RULES)


def test_a_folder_and_a_workbook_are_read_as_a_network(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "nodes.csv").write_text("编号,经度,纬度\n1,103,30\n2,104,30\n", encoding="gbk")
    (folder / "links.csv").write_text("起点,终点,方式,里程（km）\n1,2,铁路,98\n", encoding="gbk")
    with pd.ExcelWriter(tmp_path / "own.xlsx") as book:
        pd.DataFrame({"id": [1, 2], "lon": [103, 104], "lat": [30, 30]}).to_excel(
            book, sheet_name="nodes", index=False
        )
        table = pd.DataFrame({"from_id": [1], "to_id": [2], "mode": ["rail"], "distance_km": [98]})
        table.to_excel(book, sheet_name="线路", index=False)
    for path in (folder, tmp_path / "own.xlsx"):
        assert read_network(path, rules=RULES).links["distance_km"].tolist() == [98.0]


def test_files_that_are_no_network_are_refused_with_the_mend(tmp_path):
    broken = tmp_path / "bad.graphml"
    broken.write_text("<graphml><node", encoding="utf-8")
    bomb = tmp_path / "bomb.graphml"
    bomb.write_text('<!DOCTYPE x [<!ENTITY a "b">]><graphml/>', encoding="utf-8")
    (tmp_path / "empty").mkdir()
    for path in (broken, bomb, tmp_path / "empty", tmp_path / "none.gpkg", tmp_path / "net.doc"):
        with pytest.raises(DataError, match=path.name):
            read_network(path, rules=RULES)
    with pytest.raises(WorkbenchError, match="graphml"):
        write_network(network({"A": (104, 30), "B": (105, 30)}, [rail("A", "B", 1)]), tmp_path / "net.doc")
