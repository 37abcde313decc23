"""The rebuild writes the same bytes every time and lays a link along the path of its stated length."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.build import sheet
from geodata.build.links import Graph, split
from geodata.build.write import geojson


@pytest.mark.parametrize("name", ["a.geojson", "a.geojson.gz"])
def test_the_order_of_rows_does_not_change_the_file(tmp_path, name: str) -> None:
    frame = gpd.GeoDataFrame(
        {"name_zh": ["成都", "德阳"], "year": pd.array([2014, None], dtype="Int64")},
        index=pd.Index(["b", "a"], name="id"),
        geometry=[shapely.Point(104.0712345, 30.66), shapely.Point(104.4, 31.13)],
        crs="EPSG:4326",
    )
    first, second = tmp_path / name, tmp_path / f"x{name}"
    geojson(frame, first)
    geojson(frame.iloc[::-1], second)
    assert first.read_bytes() == second.read_bytes()
    back = gpd.read_file(f"/vsigzip/{first}" if name.endswith("gz") else first)
    assert back["id"].tolist() == ["a", "b"]
    assert back.geometry.iloc[1].x == 104.07123


def test_every_layer_with_geometry_has_a_panel_on_the_sheet(layers) -> None:
    panels = [*sheet.PANELS, *sheet._others(layers)]
    shown = [name for panel in panels for name in panel.shows]
    assert sorted(shown) == sorted(name for name in layers if hasattr(layers[name], "crs"))
    fewer = [panel for panel in sheet.PANELS if "sites" not in panel.shows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheet, "PANELS", fewer)
        assert ("承接地", ("sites",)) in [(panel.zh, panel.shows) for panel in sheet._others(layers)]


# Two ways from (104, 30) to (104.2, 30): straight, about 19 km, and round by the north, about 31 km.
WAYS = [
    [(104, 30), (104.1, 30)],
    [(104.1, 30), (104.2, 30)],
    [(104, 30), (104.1, 30.11)],
    [(104.1, 30.11), (104.2, 30)],
]
KM = [9.65, 9.65, 15.6, 15.6]


NAMES = pd.Series({"A": "甲站", "B": "乙站"})
LINK = pd.Series({"from_id": "A", "to_id": "B", "distance_km": 60.0})


def mapped(ways: list = WAYS, km: list[float] = KM) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"km": km}, geometry=[shapely.LineString(w) for w in ways], crs="EPSG:4326")


def ends(lat: float = 30.0) -> np.ndarray:
    return np.array([[104.0, lat], [104.2, 30.0]])


def test_a_link_takes_the_mapped_path() -> None:
    found = Graph(mapped()).match(ends(), 19.5, reach_km=2.0)
    assert list(found.shape.coords) == [(104.0, 30.0), (104.1, 30.0), (104.2, 30.0)]
    assert found.km == pytest.approx(19.3)


def test_of_parallel_edges_the_shortest_counts() -> None:
    twice = mapped([*WAYS[:2], WAYS[0][::-1]], [*KM[:2], 12.0])
    assert Graph(twice).match(ends(), 20.0, reach_km=2.0).km == pytest.approx(19.3)


def test_a_station_beside_a_long_edge_cuts_it() -> None:
    station = np.array([[104.05, 30.01]])
    parts = split(mapped([[(104, 30), (104.2, 30)]], [24.0]), station, reach_km=3.0)
    assert sorted(parts["km"]) == pytest.approx([6.0, 18.0])
    assert len(split(mapped(), station + 1, reach_km=3.0)) == len(WAYS)
    half = Graph(parts).match(np.array([[104.05, 30.0], [104.2, 30.0]]), 18.0, reach_km=1.0)
    assert half.km == pytest.approx(18.0)


def test_why_a_link_stays_straight_is_said() -> None:
    graph = Graph(mapped())
    assert graph.match(ends(33.0), 60.0, reach_km=2.0) is None
    assert "甲站" in graph.reason(ends(33.0), None, LINK, NAMES)
    assert "stated 60" in graph.reason(ends(), graph.match(ends(), 60.0, reach_km=2.0), LINK, NAMES)
    apart = Graph(mapped([WAYS[0], [(104.15, 30), (104.2, 30)]], [9.65, 4.8]))
    assert "不连通" in apart.reason(ends(), apart.match(ends(), 60.0, reach_km=2.0), LINK, NAMES)
