"""The virtual network: each node once per mode, with arcs to haul, transfer and truck between terminals."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

import networkx as nx
import numpy as np
import pandas as pd

from workbench.logistics.engine import PathEngine
from workbench.logistics.network import Network
from workbench.logistics.rates import ATTRIBUTES, Rates
from workbench.logistics.roads import Places

HAUL, TRANSFER, DRAY = 0, 1, 2
LINE_HAUL = ("rail", "water", "sea")


@dataclass(frozen=True, eq=False)
class Virtual:
    """States (node, mode) and arcs between them; `link` is the row of the link table or -1.

    `kind`: HAUL along a link, `way` 0 with it and 1 against it; TRANSFER between modes at a node or between
    two yards; DRAY by truck between two terminals, with its road attributes in `dray` (one row per arc).
    """

    states: pd.MultiIndex
    tail: np.ndarray
    head: np.ndarray
    kind: np.ndarray
    link: np.ndarray
    way: np.ndarray
    dray: np.ndarray
    terminals: Places
    engine: PathEngine
    turn: Lock = field(default_factory=Lock, repr=False)  # the engine holds one set of weights at a time

    @cached_property
    def numbers(self) -> dict[tuple[str, str], int]:
        """State number by node and mode."""
        return {(str(node), str(mode)): k for k, (node, mode) in enumerate(self.states)}

    @cached_property
    def at_road(self) -> np.ndarray:
        """Road state of every terminal, in their order."""
        return np.array([self.numbers[node, "road"] for node in self.terminals.ids], int)

    @cached_property
    def modes(self) -> np.ndarray:
        """Mode of every state."""
        return self.states.get_level_values("mode").to_numpy(object)


def expand(network: Network) -> Virtual:
    """Expand a network once; remembered as long as the roads and the ends of links stay the same."""
    key = ("virtual", network.road_key)
    if key not in network.memo:
        network.memo[key] = _expand(network)
    return network.memo[key]


def _expand(network: Network) -> Virtual:
    links = network.links.reset_index(drop=True)
    hauled = links[links["mode"].isin(LINE_HAUL)]
    served = pd.concat(
        [hauled[["from_id", "mode"]].set_axis(["node", "mode"], axis=1),
         hauled[["to_id", "mode"]].set_axis(["node", "mode"], axis=1)]
    ).drop_duplicates()  # fmt: skip
    yards = served[["node"]].drop_duplicates().assign(mode="road")
    states = pd.MultiIndex.from_frame(pd.concat([served, yards])).sort_values()
    position = pd.Series(np.arange(len(states)), index=states)

    def at(nodes: pd.Series, modes: pd.Series) -> np.ndarray:
        return position.reindex(pd.MultiIndex.from_arrays([nodes, modes])).to_numpy(int)

    a, b = at(hauled["from_id"], hauled["mode"]), at(hauled["to_id"], hauled["mode"])
    row, both = hauled.index.to_numpy(), ~hauled["one_way"].to_numpy(bool)
    parts = [(a, b, HAUL, row, 0), (b[both], a[both], HAUL, row[both], 1)]
    here, there, joined = _transfers(network, states, position)
    parts.append((here, there, TRANSFER, joined, 0))
    terminals = _terminals(network, states)
    dray_tail, dray_head, dray = _drays(network, terminals, position)
    parts.append((dray_tail, dray_head, DRAY, np.full(len(dray_tail), -1), 0))
    tail, head, link = (np.concatenate([part[k] for part in parts]).astype(int) for k in (0, 1, 3))
    kind, way = (np.concatenate([np.full(len(part[0]), part[k]) for part in parts]) for k in (2, 4))
    engine = PathEngine(tail, head, len(states))
    return Virtual(states.set_names(["node", "mode"]), tail, head, kind, link, way, dray, terminals, engine)


def _transfers(
    network: Network, states: pd.MultiIndex, position: pd.Series
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return tail, head and link (-1 within a node) of every change of mode."""
    frame = pd.DataFrame({"state": position.to_numpy()}, index=states).reset_index()
    frame.columns = pd.Index(["node", "mode", "state"])
    within = frame.merge(frame, on="node")
    within = within[within["mode_x"] != within["mode_y"]].assign(link=-1)
    numbered = network.links.assign(link=np.arange(len(network.links)))
    near = numbered.loc[network.direct, ["from_id", "to_id", "link"]]
    turned = near.rename(columns={"from_id": "to_id", "to_id": "from_id"})
    yards = frame[frame["mode"] != "road"]
    between = (
        pd.concat([near, turned])
        .merge(yards, left_on="from_id", right_on="node")
        .merge(yards, left_on="to_id", right_on="node")
    )
    both = pd.concat([part[["state_x", "state_y", "link"]] for part in (within, between)])
    return both["state_x"].to_numpy(), both["state_y"].to_numpy(), both["link"].to_numpy()


def _terminals(network: Network, states: pd.MultiIndex) -> Places:
    nodes = network.nodes.loc[sorted(set(states.get_level_values(0)))]
    return node_places(network, nodes.index)


def node_places(network: Network, ids: pd.Index) -> Places:
    """Return network nodes as places: each is its own road vertex."""
    nodes = network.nodes.loc[ids]
    zero = np.zeros(len(ids))
    vertex = network.nodes.index.get_indexer(ids)
    return Places(ids, nodes["lon"].to_numpy(float), nodes["lat"].to_numpy(float), vertex, zero, zero)


def _drays(
    network: Network, terminals: Places, position: pd.Series
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the truck arcs between terminals up to the dray limit, with their road attributes."""
    hauls = network.roads.hauls(terminals, terminals)
    i, j = np.nonzero((hauls[..., 0] <= network.rules.dray_max_km) & ~np.eye(len(terminals.ids), dtype=bool))
    state = position.reindex([(node, "road") for node in terminals.ids]).to_numpy(int)
    return state[i], state[j], hauls[i, j]


def priced(network: Network, virtual: Virtual, rates: Rates, commodity: str) -> np.ndarray:
    """Return the ATTRIBUTES of every arc, shape (arcs, 10); closed arcs cost inf.

    Closed are links that are not open in the network, or not in the season of the rates. Remembered for
    the last rates of each commodity.
    """
    known = network.priced.get(commodity)
    if known is None or known[0] is not rates:
        known = network.priced[commodity] = (rates, _priced(network, virtual, rates, commodity))
    return known[1]


def _priced(network: Network, virtual: Virtual, rates: Rates, commodity: str) -> np.ndarray:
    out = np.zeros((len(virtual.tail), len(ATTRIBUTES)))
    links = network.links
    haul, transfer = virtual.kind == HAUL, virtual.kind == TRANSFER
    out[haul] = rates.links(links, commodity)[virtual.way[haul], virtual.link[haul]]
    leaving, boarding = virtual.modes[virtual.tail[transfer]], virtual.modes[virtual.head[transfer]]
    table = {pair: rates.handling(commodity, *pair) for pair in set(zip(leaving, boarding, strict=True))}
    out[transfer] = np.array([table[pair] for pair in zip(leaving, boarding, strict=True)]).reshape(
        -1, len(ATTRIBUTES)
    )
    out[virtual.kind == DRAY] = rates.truck(virtual.dray)
    seasons = links["seasons"].fillna("").astype(str)
    shut = ~links["open"].to_numpy(bool) | ~((seasons == "") | seasons.str.contains(rates.season)).to_numpy()
    out[(virtual.link >= 0) & shut[virtual.link]] = np.inf
    return out


def to_networkx(virtual: Virtual, attributes: np.ndarray) -> nx.MultiDiGraph:
    """Return the priced virtual network as a graph: nodes (node, mode), open arcs with their attributes."""
    graph = nx.MultiDiGraph()
    names = list(virtual.states)
    graph.add_nodes_from(names)
    for tail, head, row in zip(virtual.tail, virtual.head, attributes, strict=True):
        if np.isfinite(row[0]):
            graph.add_edge(names[tail], names[head], **dict(zip(ATTRIBUTES, row.tolist(), strict=True)))
    return graph
