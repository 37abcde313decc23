"""Looks a network over before it is believed: components, dangling ends, lengths, detours."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import numpy as np
import pandas as pd

from workbench import crs
from workbench.logistics.freight.network import Network

COLUMNS = ("finding", "id", "value", "explanation")


def check(network: Network, *, max_detour: float = 2.5) -> pd.DataFrame:
    """Return what looks wrong or deserves a look: finding, id, value, explanation; empty when clean.

    Findings: `component` (a part cut off from the largest, open links only), `unreachable` (a pair
    `from>to` of one part that one-way links forbid), `dangling` (a node at the end of one open link),
    `isolated` (no open link), `zero length`, `shorter than straight` (km below the
    straight line), `detour` (km above `max_detour` times it), `closed` (links that carry nothing).
    """
    found = [
        *_components(network),
        *_one_way(network),
        *_degrees(network),
        *_lengths(network, max_detour),
        *_closed(network),
    ]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _open_graph(network: Network) -> nx.MultiGraph:
    graph = nx.MultiGraph()
    graph.add_nodes_from(network.nodes.index)
    links = network.links[network.links["open"]]
    graph.add_edges_from(zip(links["from_id"], links["to_id"], links.index, strict=True))
    return graph


def _components(network: Network) -> Iterator[tuple[str, str, float, str]]:
    parts = sorted(nx.connected_components(_open_graph(network)), key=lambda part: (-len(part), min(part)))
    for part in parts[1:]:
        if len(part) > 1:
            names = ", ".join(sorted(part)[:5])
            yield "component", min(part), len(part), f"{len(part)} nodes are cut off from the rest: {names}"


def _one_way(network: Network) -> Iterator[tuple[str, str, float, str]]:
    links = network.links[network.links["open"]]
    if not links["one_way"].any():
        return
    graph = nx.DiGraph(zip(links["from_id"], links["to_id"], strict=True))
    both = links[~links["one_way"].astype(bool)]
    graph.add_edges_from(zip(both["to_id"], both["from_id"], strict=True))
    for part in sorted(nx.weakly_connected_components(graph), key=min):
        for start in sorted(part):
            for end in sorted(part - nx.descendants(graph, start) - {start}):
                yield "unreachable", f"{start}>{end}", np.nan, f"no open way leads from {start} to {end}"


def _degrees(network: Network) -> Iterator[tuple[str, str, float, str]]:
    for node, degree in sorted(dict(_open_graph(network).degree).items()):
        if degree == 0:
            yield "isolated", node, 0, "no open link begins or ends here; only a truck reaches it"
        elif degree == 1:
            yield "dangling", node, 1, "one open link: the end of a line, or a link is missing"


def _lengths(network: Network, max_detour: float) -> Iterator[tuple[str, str, float, str]]:
    nodes, links = network.nodes, network.links
    a, b = nodes.loc[links["from_id"]], nodes.loc[links["to_id"]]
    straight = crs.distance_km(*(frame[name].to_numpy(float) for frame in (a, b) for name in ("lon", "lat")))
    km = links["distance_km"].to_numpy(float)
    ratio = np.divide(km, straight, out=np.full(len(km), np.nan), where=straight > 0)
    for label, length, far, detour, mode in zip(links.index, km, straight, ratio, links["mode"], strict=True):
        if length == 0:
            yield "zero length", label, 0.0, f"0 km between points {far:.1f} km apart"
        elif detour < 0.97 and far > 2:
            yield "shorter than straight", label, detour, f"{length:g} km for {far:.1f} km straight"
        elif detour > max_detour and mode != "transfer" and far > 2:
            yield "detour", label, detour, f"{length:g} km for {far:.1f} km straight"


def _closed(network: Network) -> Iterator[tuple[str, str, float, str]]:
    links = network.links
    for label, line in links.loc[~links["open"], "line"].items():
        yield "closed", str(label), np.nan, f"{line or 'a link'} carries nothing in this network"
