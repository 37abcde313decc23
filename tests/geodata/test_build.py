"""The rebuild writes the same bytes every time and lays a link along the path of its stated length."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.build.links import Graph
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


# Two ways from (104, 30) to (104.2, 30): straight, about 19 km, and round by the north, about 31 km.
WAYS = [
    [(104, 30), (104.1, 30)],
    [(104.1, 30), (104.2, 30)],
    [(104, 30), (104.1, 30.11)],
    [(104.1, 30.11), (104.2, 30)],
]
KM = [9.65, 9.65, 15.6, 15.6]


def tiny() -> tuple[Graph, pd.DataFrame]:
    lines = gpd.GeoDataFrame({"km": KM}, geometry=[shapely.LineString(way) for way in WAYS], crs="EPSG:4326")
    ends = pd.DataFrame({"lon": [104.0, 104.2], "lat": [30.0, 30.0]}, index=["A", "B"])
    return Graph(lines), ends


def test_a_link_takes_the_mapped_path() -> None:
    graph, ends = tiny()
    line = graph.match(pd.Series({"from_id": "A", "to_id": "B", "distance_km": 19.5}), ends, reach_km=2.0)
    assert list(line.coords) == [(104.0, 30.0), (104.1, 30.0), (104.2, 30.0)]


def test_a_path_far_from_the_stated_length_is_refused() -> None:
    graph, ends = tiny()
    assert (
        graph.match(pd.Series({"from_id": "A", "to_id": "B", "distance_km": 60.0}), ends, reach_km=2.0)
        is None
    )


def test_a_link_out_of_reach_of_the_map_stays_straight() -> None:
    graph, ends = tiny()
    far = ends.assign(lat=[33.0, 30.0])
    assert (
        graph.match(pd.Series({"from_id": "A", "to_id": "B", "distance_km": 300.0}), far, reach_km=2.0)
        is None
    )
