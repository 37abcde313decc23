"""Networks as networkx graphs, ours and osmnx's: every edge arrives, under an id of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from workbench import crs
from workbench.errors import CrsError
from workbench.logistics.freight.tables import label
from workbench.units import M_PER_KM, S_PER_H

ENDS = ["from_id", "to_id", "mode"]
_MODE_OF_TAG = {"railway": "rail", "waterway": "water"}  # how OpenStreetMap names what is no road


def frames_of(graph: nx.Graph) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the nodes and links of any networkx graph as tables for `Network.from_links`.

    A link's id is the edge's key where keys tell all edges apart, else its `id` attribute where these do,
    else ``from-to-key``. A graph shaped like osmnx's (nodes with x and y, edges with `length` in metres)
    has one edge per direction, so its links are one way; of others an edge stands for both directions
    unless its `one_way` is true. Raises CrsError for x and y whose system is unknown.
    """
    nodes = pd.DataFrame.from_dict({label(i): data for i, data in graph.nodes(data=True)}, orient="index")
    keyed = graph.is_multigraph()
    edges = (
        list(graph.edges(keys=True, data=True))
        if keyed
        else [(a, b, 0, d) for a, b, d in graph.edges(data=True)]
    )
    rows = [{**data, "from_id": label(a), "to_id": label(b)} for a, b, _, data in edges]
    links = pd.DataFrame(rows, index=pd.Index(_edge_ids(edges, named=keyed), dtype=object))
    links = links.reindex(columns=list(dict.fromkeys([*ENDS, *links.columns]))).drop(
        columns="id", errors="ignore"
    )
    if not edges:  # a graph without edges names no attributes
        links["distance_km"] = pd.Series(dtype=float)
    if ("x" in nodes and "lon" not in nodes) or {"x", "length"} <= {*nodes.columns, *links.columns}:
        return _from_osmnx(nodes, links, graph.graph.get("crs"))
    return nodes, with_lines(links)


def graph_of(nodes: pd.DataFrame, links: pd.DataFrame, **attributes: Any) -> nx.MultiDiGraph:
    """Return tables as a graph: one node per place, one edge per link, keyed by the link's id."""
    graph = nx.MultiDiGraph(**attributes)
    graph.add_nodes_from((str(i), row) for i, row in nodes.to_dict("index").items())
    for i, row in links.to_dict("index").items():
        graph.add_edge(row["from_id"], row["to_id"], key=i, **row)
    return graph


def plain(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Return a copy that GraphML can hold: lines as WKT, numbers and texts, unknown values left out."""
    out = nx.MultiDiGraph()
    out.add_nodes_from((i, dict(_written(data))) for i, data in graph.nodes(data=True))
    out.add_edges_from(
        (a, b, key, dict(_written(data))) for a, b, key, data in graph.edges(keys=True, data=True)
    )
    return out


def _written(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if isinstance(value, shapely.Geometry):
            yield name, value.wkt
        elif isinstance(value, bool | np.bool_):
            yield name, bool(value)
        elif isinstance(value, int | float | np.number):
            if np.isfinite(value):
                yield name, value.item() if isinstance(value, np.generic) else value
        elif value is not None and not pd.isna(value):
            yield name, str(value)


def _edge_ids(edges: Iterable[tuple[Any, Any, Any, dict[str, Any]]], *, named: bool) -> list[str]:
    edges = list(edges)
    for found in ([key for *_, key, _ in edges] if named else [], [data.get("id") for *_, data in edges]):
        ids = [label(value) for value in found]
        if ids and len(set(ids)) == len(ids) and "" not in ids:
            return ids
    ids = [f"{label(a)}-{label(b)}" + (f"-{label(key)}" if named else "") for a, b, key, _ in edges]
    seen, taken, unique = Counter[str](), set(ids), []
    for name in ids:  # ids may repeat when the nodes' own ids hold hyphens
        seen[name] += 1
        other = name if seen[name] == 1 else f"{name}#{seen[name]}"
        while other != name and other in taken:
            seen[name] += 1
            other = f"{name}#{seen[name]}"
        taken.add(other)
        unique.append(other)
    return unique


def with_lines(links: pd.DataFrame) -> pd.DataFrame:
    """Return the links with lines written as WKT read."""
    if "geometry" not in links:
        return links
    read = [
        shapely.from_wkt(value) if isinstance(value, str) and value else value for value in links["geometry"]
    ]
    return links.assign(geometry=pd.Series(read, links.index, dtype=object))


def _from_osmnx(nodes: pd.DataFrame, links: pd.DataFrame, system: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    if not {"lon", "lat"} <= set(nodes.columns):
        if system is None:
            raise CrsError(
                "the graph's nodes have x and y, but graph['crs'] does not say in which system; "
                "set graph.graph['crs'] = 'EPSG:4326' if they are degrees"
            )
        points = gpd.GeoDataFrame(
            geometry=gpd.points_from_xy(nodes["x"].astype(float), nodes["y"].astype(float)), index=nodes.index
        )
        placed = crs.to_wgs84(points, crs=str(system)).geometry
        nodes = nodes.assign(lon=placed.x, lat=placed.y)
    kept = nodes[["lon", "lat"]].astype(float)
    out = links[ENDS].astype(object)
    out["distance_km"] = pd.to_numeric(links["length"], errors="coerce") / M_PER_KM
    tags = [(name, mode) for name, mode in _MODE_OF_TAG.items() if name in links]
    for name, mode in tags:
        out["mode"] = out["mode"].mask(out["mode"].isna() & links[name].notna(), mode)
    out["mode"] = out["mode"].fillna("road")
    out["line"] = [_joined(value) for value in links.get("name", pd.Series("", links.index))]
    out["one_way"] = True
    out["hours"] = _hours(links, out["distance_km"])
    if "geometry" in links and (system is None or crs.is_wgs84(str(system))):
        out["geometry"] = with_lines(links)["geometry"]
    for name in ("highway", "railway", "waterway", "osmid"):
        if name in links:
            out[name] = links[name].map(_joined)
    return kept, out


def _hours(links: pd.DataFrame, km: pd.Series) -> pd.Series:
    """Return the hours of an edge: its travel_time (s), else its length over speed_kph, else unknown."""
    hours = pd.Series(np.nan, links.index)
    if "travel_time" in links:
        hours = pd.to_numeric(links["travel_time"], errors="coerce") / S_PER_H
    if "speed_kph" in links:
        hours = hours.fillna(km / pd.to_numeric(links["speed_kph"], errors="coerce"))
    return hours


def _joined(value: Any) -> str:
    """Return a tag as text; osmnx keeps a list where several ways became one edge."""
    if isinstance(value, list | tuple | set | np.ndarray):
        return "; ".join(dict.fromkeys(label(part) for part in value))
    return label(value)
