"""The virtual network: each node once per mode, with arcs to haul, transfer and truck between terminals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from workbench.logistics.freight.lanes import Lane, lanes, rides
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.rates import ATTRIBUTES, Rates
from workbench.logistics.freight.roads import Places
from workbench.logistics.paths.engine import PathEngine

HAUL, TRANSFER, DRAY, ALIGHT = 0, 1, 2, 3
FAR = " far"  # the layer of a lane on which a ride has reached the minimum charged length


@dataclass(frozen=True, eq=False)
class Virtual:
    """States (node, mode, layer) and arcs between them.

    A layer is a class of vessel, or the part of a lane where a ride is long enough to owe nothing; goods are
    handled in the others only, `ground`. `kind`: HAUL along the links of `along`; TRANSFER between modes or
    vessels at a node, or between two yards; DRAY by truck between two terminals, with its road attributes in
    `dray` (one row per arc); ALIGHT from the far part of a lane. `along`: arcs x (2 links), which links an
    arc uses, with them (first half) or against. `steps` gives them in order. `lane`: of hauls, its number.
    `ride_km`: length of a haul that is a whole ride by itself, else inf.
    """

    states: pd.MultiIndex
    tail: np.ndarray
    head: np.ndarray
    kind: np.ndarray
    along: csr_matrix
    lane: np.ndarray
    ride_km: np.ndarray
    dray: np.ndarray
    lanes: tuple[Lane, ...]
    terminals: Places
    engine: PathEngine
    turn: Lock = field(default_factory=Lock, repr=False)  # the engine holds one set of weights at a time

    @cached_property
    def numbers(self) -> dict[tuple[str, str], tuple[int, ...]]:
        """State numbers where goods of a node are handled, by node and mode."""
        found: dict[tuple[str, str], tuple[int, ...]] = {}
        for k in np.flatnonzero(self.ground):
            pair = str(self.nodes[k]), str(self.modes[k])
            found[pair] = (*found.get(pair, ()), int(k))
        return found

    @cached_property
    def at_road(self) -> np.ndarray:
        """Road state of every terminal, in their order."""
        return np.array([self.numbers[node, "road"][0] for node in self.terminals.ids], int)

    @cached_property
    def modes(self) -> np.ndarray:
        """Mode of every state."""
        return self.states.get_level_values("mode").to_numpy(object)

    @cached_property
    def nodes(self) -> np.ndarray:
        """Node of every state."""
        return self.states.get_level_values("node").to_numpy(object)

    @cached_property
    def ground(self) -> np.ndarray:
        """Whether goods can be handled in a state."""
        return ~self.states.get_level_values("layer").str.endswith(FAR)

    def steps(self, arc: int) -> np.ndarray:
        """Return the links of an arc in the order travelled, as columns of `along`."""
        start, end = self.along.indptr[arc : arc + 2]
        return self.along.indices[start:end]


def expand(network: Network, rates: Rates | None = None) -> Virtual:
    """Expand a network once; remembered as long as roads, lengths, lanes and the ends of links stay the same.

    `rates` (default: those of 2014) decide the classes of vessel and the minimum charged length.
    """
    rates = rates or Rates.for_year()
    found = tuple(lanes(network.links, rates))
    limited = any(lane.limit_km for lane in found)
    lengths = network.links["distance_km"].to_numpy(float).tobytes() if limited else b""
    key = ("virtual", network.road_key, lengths, tuple(lane.key() for lane in found))
    if key not in network.memo:
        network.memo[key] = _expand(network, found)
    return network.memo[key]


class _Arc(NamedTuple):
    tail: int
    head: int
    kind: int
    lane: int = -1
    ride_km: float = np.inf
    steps: tuple[int, ...] = ()


def _expand(network: Network, found: tuple[Lane, ...]) -> Virtual:
    states = _states(network, found)
    number = {state: k for k, state in enumerate(states)}
    arcs = [arc for k, lane in enumerate(found) for arc in _lane_arcs(network, lane, k, number)]
    arcs += _transfer_arcs(network, states)
    terminals = _terminals(network, states)
    dray_tail, dray_head, dray = _drays(network, terminals, number)
    arcs += [_Arc(int(a), int(b), DRAY) for a, b in zip(dray_tail, dray_head, strict=True)]
    whole = (np.array([arc[k] for arc in arcs], np.int64) for k in range(4))
    tail, head, kind, lane_of = whole
    first = np.cumsum([0, *(len(arc.steps) for arc in arcs)])
    columns = np.array([step for arc in arcs for step in arc.steps], np.int64)
    along = csr_matrix((np.ones(len(columns)), columns, first), shape=(len(arcs), 2 * len(network.links)))
    ride_km = np.array([arc.ride_km for arc in arcs], float)
    engine = PathEngine(tail, head, len(states))
    return Virtual(states, tail, head, kind, along, lane_of, ride_km, dray, found, terminals, engine)


def _states(network: Network, found: tuple[Lane, ...]) -> pd.MultiIndex:
    """Return every (node, mode, layer) in order; each node of a lane has a truck yard as well."""
    rows = set()
    for lane in found:
        links = network.links[lane.links]
        for node in {*links["from_id"], *links["to_id"]}:
            rows.add((node, lane.mode, lane.layer))
            rows.add((node, "road", ""))
            if lane.limit_km:
                rows.add((node, lane.mode, lane.layer + FAR))
    return pd.MultiIndex.from_tuples(sorted(rows), names=["node", "mode", "layer"])


def _lane_arcs(
    network: Network, lane: Lane, k: int, number: dict[tuple[str, str, str], int]
) -> Iterator[_Arc]:
    """Yield the hauls of a lane: plain links, or short rides whole and plain links only beyond the limit."""
    links, total = network.links, len(network.links)
    rows = np.flatnonzero(lane.links)
    back = rows[~links["one_way"].to_numpy(bool)[rows]]
    starts, ends = links["from_id"].to_numpy(object), links["to_id"].to_numpy(object)
    tail, head = np.r_[starts[rows], ends[back]], np.r_[ends[rows], starts[back]]
    column = np.r_[rows, back + total]

    def at(node: str, far: bool = False) -> int:
        return number[node, lane.mode, lane.layer + FAR * far]

    far = lane.limit_km > 0
    for a, b, step in zip(tail, head, column.tolist(), strict=True):
        yield _Arc(at(a, far), at(b, far), HAUL, k, steps=(step,))
    if far:
        known, ends_at = np.unique(np.r_[tail, head].astype(str), return_inverse=True)
        km = links["distance_km"].to_numpy(float)[np.r_[rows, back]]
        start_at, end_at = np.split(ends_at, 2)
        for ride in rides(start_at, end_at, km, lane.limit_km):
            steps = tuple(int(column[arc]) for arc in ride.arcs)
            length = np.inf if ride.far else ride.km
            yield _Arc(at(known[ride.start]), at(known[ride.end], ride.far), HAUL, k, length, steps)
        for node in known:
            yield _Arc(at(node, True), at(node), ALIGHT)


def _transfer_arcs(network: Network, states: pd.MultiIndex) -> Iterator[_Arc]:
    """Yield every change of mode or vessel at a node, and between two yards that lie close together."""
    frame = states.to_frame(index=False).assign(state=np.arange(len(states)))
    frame = frame[~frame["layer"].str.endswith(FAR)]
    within = frame.merge(frame, on="node")
    within = within[within["state_x"] != within["state_y"]].assign(link=-1)
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
    for a, b, link in both.itertuples(index=False):
        yield _Arc(int(a), int(b), TRANSFER, steps=(int(link),) if link >= 0 else ())


def _terminals(network: Network, states: pd.MultiIndex) -> Places:
    return node_places(network, pd.Index(sorted(set(states.get_level_values("node")))))


def node_places(network: Network, ids: pd.Index) -> Places:
    """Return network nodes as places: each is its own road vertex."""
    nodes = network.nodes.loc[ids]
    zero = np.zeros(len(ids))
    vertex = network.nodes.index.get_indexer(ids)
    return Places(ids, nodes["lon"].to_numpy(float), nodes["lat"].to_numpy(float), vertex, zero, zero)


def _drays(
    network: Network, terminals: Places, number: dict[tuple[str, str, str], int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the truck arcs between terminals up to the dray limit, with their road attributes."""
    hauls = network.roads.hauls(terminals, terminals)
    i, j = np.nonzero((hauls[..., 0] <= network.rules.dray_max_km) & ~np.eye(len(terminals.ids), dtype=bool))
    state = np.array([number[node, "road", ""] for node in terminals.ids], int)
    return state[i], state[j], hauls[i, j]


def priced(network: Network, virtual: Virtual, rates: Rates, commodity: str) -> np.ndarray:
    """Return the ATTRIBUTES of every arc, shape (arcs, 10); closed arcs cost inf.

    Closed are links that are not open in the network, or not in the season of the rates, or too shallow for
    the vessel. Remembered for the last rates of each commodity.
    """
    return _priced(network, virtual, rates, commodity)[0]


def step_values(network: Network, virtual: Virtual, rates: Rates, commodity: str, arc: int) -> np.ndarray:
    """Return the ATTRIBUTES of every link of a haul, in the order of its steps, shape (steps, 10)."""
    return _priced(network, virtual, rates, commodity)[1][virtual.lane[arc]][virtual.steps(arc)]


def _priced(
    network: Network, virtual: Virtual, rates: Rates, commodity: str
) -> tuple[np.ndarray, list[np.ndarray]]:
    known = network.priced.get(commodity)
    if known is None or known[0] is not rates or known[1] is not virtual:
        tables = [_table(network, rates, commodity, lane) for lane in virtual.lanes]
        values = _arc_values(network, virtual, rates, commodity, tables)
        known = network.priced[commodity] = (rates, virtual, (values, tables))
    return known[2]


def _table(network: Network, rates: Rates, commodity: str, lane: Lane) -> np.ndarray:
    """Price the links of a lane, shape (2 links, 10)."""
    table = rates.links(network.links, commodity, lane.mode, lane.vessel_t)
    return table.reshape(-1, len(ATTRIBUTES))


def _arc_values(
    network: Network, virtual: Virtual, rates: Rates, commodity: str, tables: list[np.ndarray]
) -> np.ndarray:
    out = np.zeros((len(virtual.tail), len(ATTRIBUTES)))
    links, transfer = network.links, virtual.kind == TRANSFER
    for k, (lane, table) in enumerate(zip(virtual.lanes, tables, strict=True)):
        of = np.flatnonzero(virtual.lane == k)
        out[of] = virtual.along[of] @ table
        short = of[np.isfinite(virtual.ride_km[of])]
        if not len(short):
            continue
        if lane.mode == "rail":  # a line with a rate of its own sets its own minimum: none is known
            common = np.tile(rates.national(links), 2).astype(float)
            short = short[virtual.along[short] @ common > 0]
        out[short, 0] += rates.short_cny_t(lane.mode, commodity, lane.vessel_t, virtual.ride_km[short])
    leaving, boarding = virtual.modes[virtual.tail[transfer]], virtual.modes[virtual.head[transfer]]
    handled = {pair: rates.handling(commodity, *pair) for pair in set(zip(leaving, boarding, strict=True))}
    out[transfer] = np.array([handled[pair] for pair in zip(leaving, boarding, strict=True)]).reshape(
        -1, len(ATTRIBUTES)
    )
    out[virtual.kind == DRAY] = rates.truck(virtual.dray)
    seasons = links["seasons"].fillna("").astype(str)
    shut = ~links["open"].to_numpy(bool) | ~((seasons == "") | seasons.str.contains(rates.season)).to_numpy()
    out[virtual.along @ np.tile(shut, 2).astype(float) > 0] = np.inf
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
