"""The virtual network: each node once per mode, with arcs to haul, transfer and truck between terminals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from workbench.logistics.freight.lanes import Lane, lanes
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.rates import ATTRIBUTES, Rates
from workbench.logistics.freight.roads import Places
from workbench.logistics.paths.engine import Paths
from workbench.logistics.paths.metered import MeteredEngine

HAUL, TRANSFER, DRAY, ALIGHT = 0, 1, 2, 3
BLOCK = 50_000  # drays priced at a time
RIDING = " riding"  # the layer of a lane on which goods are under way and their km are counted


@dataclass(frozen=True, eq=False)
class Virtual:
    """States (node, mode, layer) and arcs between them.

    A layer is a class of vessel, or goods under way on a lane whose rides pay for a minimum length; goods are
    handled in the others only, `ground`. `kind`: HAUL along a link; TRANSFER between modes or vessels at a
    node, or between two yards; DRAY by truck between two terminals, the last arcs, with road attributes in
    `dray` (one row each); ALIGHT, which ends a ride. `along`: arcs x (2 links), which link an arc uses, with
    it (first half) or against. `lane`: of hauls and alighting, its number.
    """

    states: pd.MultiIndex
    tail: np.ndarray
    head: np.ndarray
    kind: np.ndarray
    along: csr_matrix
    lane: np.ndarray
    dray: np.ndarray
    lanes: tuple[Lane, ...]
    terminals: Places
    engine: MeteredEngine
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
    def carriers(self) -> np.ndarray:
        """What charges go by in every state: its own vehicle, else its mode."""
        layers = self.states.get_level_values("layer").to_numpy(object)
        own = np.isin(layers.astype(str), [lane.vehicle for lane in self.lanes if lane.vehicle])
        return np.where(own, layers, self.modes)

    @cached_property
    def nodes(self) -> np.ndarray:
        """Node of every state."""
        return self.states.get_level_values("node").to_numpy(object)

    @cached_property
    def lane_of_state(self) -> np.ndarray:
        """Number of the lane that goods in a state are under way on, -1 where they are on none."""
        of = np.full(len(self.states), -1)
        riding = self.kind == ALIGHT
        of[self.tail[riding]] = self.lane[riding]
        return of

    @cached_property
    def ground(self) -> np.ndarray:
        """Whether goods can be handled in a state."""
        return ~self.states.get_level_values("layer").str.endswith(RIDING)

    def step(self, arc: int) -> int:
        """Return the link of an arc as a column of `along`, -1 for none."""
        start, end = self.along.indptr[arc : arc + 2]
        return int(self.along.indices[start]) if start < end else -1


def expand(network: Network, rates: Rates | None = None) -> Virtual:
    """Expand a network once; remembered as long as roads, lanes and the ends of links stay the same.

    `rates` (default: those of 2014) decide the classes of vessel and the minimum charged length.
    """
    rates = rates or Rates.for_year()
    found = tuple(lanes(network.links, rates))
    key = ("virtual", network.road_key, tuple(lane.key() for lane in found))
    if key not in network.memo:
        network.memo[key] = _expand(network, found)
    return network.memo[key]


class _Arc(NamedTuple):
    tail: int
    head: int
    kind: int
    lane: int = -1
    step: int = -1


def _expand(network: Network, found: tuple[Lane, ...]) -> Virtual:
    states = _states(network, found)
    number = {state: k for k, state in enumerate(states)}
    arcs = [arc for k, lane in enumerate(found) for arc in _lane_arcs(network, lane, k, number)]
    arcs += _transfer_arcs(network, states)
    terminals = _terminals(network, states)
    tail, head, kind, lane_of, step = np.array(arcs, np.int64).reshape(-1, len(_Arc._fields)).T
    dray_tail, dray_head, dray = _drays(network, terminals, number)
    # drays may be far more than all other arcs: arrays only, and small ones
    tail, head = np.concatenate([tail, dray_tail]), np.concatenate([head, dray_head])
    kind = np.concatenate([kind, np.full(len(dray), DRAY)], dtype=np.int8)
    lane_of = np.concatenate([lane_of, np.full(len(dray), -1)], dtype=np.int32)
    used = np.flatnonzero(step >= 0)
    shape = len(tail), 2 * len(network.links)
    along = csr_matrix((np.ones(len(used)), (used, step[used])), shape=shape)
    engine = _engine(states, found, tail, head)
    return Virtual(states, tail, head, kind, along, lane_of, dray, found, terminals, engine)


def _engine(
    states: pd.MultiIndex, found: tuple[Lane, ...], tail: np.ndarray, head: np.ndarray
) -> MeteredEngine:
    """Return the engine for the states, which counts km where a lane has a minimum length.

    It serves networks without one as well: it searches from all gates of an end together, where a matrix
    between gates would ask from each of thousands, and drays leave a hierarchy no small separators.
    """
    km = {(lane.mode, lane.layer + RIDING): lane.limit_km for lane in found if lane.limit_km}
    return MeteredEngine(tail, head, len(states), [km.get(state[1:], 0.0) for state in states])


def _states(network: Network, found: tuple[Lane, ...]) -> pd.MultiIndex:
    """Return every (node, mode, layer) in order; each node of a lane has a truck yard as well."""
    rows = set()
    for lane in found:
        links = network.links[lane.links]
        for node in {*links["from_id"], *links["to_id"]}:
            rows.add((node, lane.mode, lane.layer))
            rows.add((node, "road", ""))
            if lane.limit_km:
                rows.add((node, lane.mode, lane.layer + RIDING))
    return pd.MultiIndex.from_tuples(sorted(rows), names=["node", "mode", "layer"])


def _lane_arcs(
    network: Network, lane: Lane, k: int, number: dict[tuple[str, str, str], int]
) -> Iterator[_Arc]:
    """Yield the hauls of a lane; where rides have a minimum length, boarding, riding on and alighting."""
    links, total = network.links, len(network.links)
    rows = np.flatnonzero(lane.links)
    back = rows[~links["one_way"].to_numpy(bool)[rows]]
    starts, ends = links["from_id"].to_numpy(object), links["to_id"].to_numpy(object)
    tail, head = np.r_[starts[rows], ends[back]], np.r_[ends[rows], starts[back]]
    under_way = RIDING if lane.limit_km else ""

    def at(node: str, riding: str = "") -> int:
        return number[node, lane.mode, lane.layer + riding]

    for a, b, step in zip(tail, head, np.r_[rows, back + total].tolist(), strict=True):
        yield _Arc(at(a), at(b, under_way), HAUL, k, step)
        if under_way:
            yield _Arc(at(a, under_way), at(b, under_way), HAUL, k, step)
    if under_way:
        for node in sorted({*tail, *head}):
            yield _Arc(at(node, under_way), at(node), ALIGHT, k)


def _transfer_arcs(network: Network, states: pd.MultiIndex) -> Iterator[_Arc]:
    """Yield every change of mode or vessel at a node, and between two yards that lie close together."""
    frame = states.to_frame(index=False).assign(state=np.arange(len(states)))
    frame = frame[~frame["layer"].str.endswith(RIDING)]
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
        yield _Arc(int(a), int(b), TRANSFER, step=int(link))


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
    i, j, hauls = network.roads.near(terminals, network.rules.dray_max_km)
    state = np.array([number[node, "road", ""] for node in terminals.ids], int)
    return state[i], state[j], hauls


@dataclass(frozen=True, eq=False)
class Prices:
    """What the arcs of a virtual network cost for one commodity.

    `attributes`: the ATTRIBUTES of every arc but the drays, shape (arcs, 11), inf where closed; the drays
    follow, priced by `rates` when asked for, for they may be hundreds of thousands. Of rides with a minimum
    length: the km an arc counts and whether it makes the ride liable, and per lane the yuan per km lacking.
    """

    attributes: np.ndarray
    dray: np.ndarray
    rates: Rates
    counted_km: np.ndarray
    liable: np.ndarray
    lacking_cny_tkm: np.ndarray

    def of(self, arcs: np.ndarray) -> np.ndarray:
        """Return the ATTRIBUTES of some arcs, shape (len(arcs), 11)."""
        own = len(self.attributes)
        out, dray = np.empty((len(arcs), len(ATTRIBUTES))), arcs >= own
        out[~dray] = self.attributes[arcs[~dray]]
        out[dray] = self.rates.truck(self.dray[arcs[dray] - own])
        return out

    def weighed(self, score: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Weigh every arc by a score of its ATTRIBUTES, the drays some at a time."""
        blocks = (self.dray[k : k + BLOCK] for k in range(0, len(self.dray), BLOCK))
        return np.concatenate([score(self.attributes), *(score(self.rates.truck(part)) for part in blocks)])

    def sums(self, paths: Paths) -> np.ndarray:
        """Add up the ATTRIBUTES along every path, shape (paths, 11)."""
        travelled = np.zeros(len(self.attributes) + len(self.dray), bool)
        travelled[paths.arcs] = True
        used = np.flatnonzero(travelled)
        values, along = self.of(used), np.empty(len(travelled))
        out = np.where(np.isfinite(paths.cost)[:, None], 0.0, np.full(len(ATTRIBUTES), np.inf))
        for k in np.flatnonzero(values.any(axis=0)):
            along[used] = values[:, k]
            out[:, k] = paths.sum(along)
        return out


def priced(network: Network, virtual: Virtual, rates: Rates, commodity: str) -> Prices:
    """Price every arc; remembered for the last rates of each commodity.

    Closed are links that are not open in the network, or not in the season of the rates, or too shallow for
    the vessel.
    """
    known = network.priced.get(commodity)
    if known is None or known[0] is not rates or known[1] is not virtual:
        known = network.priced[commodity] = (rates, virtual, _prices(network, virtual, rates, commodity))
    return known[2]


def _prices(network: Network, virtual: Virtual, rates: Rates, commodity: str) -> Prices:
    links, arcs, own = network.links, len(virtual.tail), len(virtual.tail) - len(virtual.dray)
    transfer = np.flatnonzero(virtual.kind == TRANSFER)
    out, counted, liable = np.zeros((own, len(ATTRIBUTES))), np.zeros(arcs), np.zeros(arcs, bool)
    lacking = np.zeros(len(virtual.lanes))
    length = np.tile(links["distance_km"].to_numpy(float), 2)
    for k, lane in enumerate(virtual.lanes):
        of = np.flatnonzero((virtual.lane == k) & (virtual.kind == HAUL))
        column = virtual.along[of].indices
        out[of] = _table(links, rates, commodity, lane).reshape(-1, len(ATTRIBUTES))[column]
        if lane.limit_km:
            lacking[k] = rate = _lacking(rates, commodity, lane)
            # a link that costs less per km than what is lacking counts only the km it pays for: else going
            # back and forth on it would be worth its while
            paid = np.divide(out[of, 0], rate, out=np.full(len(of), np.inf), where=rate > 0)
            counted[of] = np.minimum(length[column], paid)
            liable[of] = np.tile(rates.liable(links, "own" if lane.vehicle else lane.mode), 2)[column]
    carriers, tail = virtual.carriers, virtual.tail[transfer]
    moves = carriers[tail], carriers[virtual.head[transfer]]
    out[transfer] = handled(rates, commodity, *moves, virtual.nodes[tail])
    seasons = links["seasons"].fillna("").astype(str)
    shut = ~links["open"].to_numpy(bool) | ~((seasons == "") | seasons.str.contains(rates.season)).to_numpy()
    out[(virtual.along @ np.tile(shut, 2).astype(float))[:own] > 0] = np.inf
    return Prices(out, virtual.dray, rates, counted, liable, lacking)


def _table(links: pd.DataFrame, rates: Rates, commodity: str, lane: Lane) -> np.ndarray:
    if lane.vehicle:
        return rates.own_links(links, commodity, lane.vehicle)
    return rates.links(links, commodity, lane.mode, lane.vessel_t)


def _lacking(rates: Rates, commodity: str, lane: Lane) -> float:
    if lane.vehicle and rates.own is not None:
        return rates.own.lacking_cny_tkm(lane.vehicle, commodity)
    return rates.lacking_cny_tkm(lane.mode, commodity, lane.vessel_t)


def handled(
    rates: Rates, commodity: str, leaving: np.ndarray, boarding: np.ndarray, nodes: np.ndarray
) -> np.ndarray:
    """Price moves from carriers to carriers at nodes, shape (moves, 11), each kind of handling once.

    Nodes with charges of their own are asked for apart.
    """
    apart = set() if rates.own is None else {*rates.own.charges["node"]} - {""}
    named = (node if node in apart else "" for node in nodes)
    keys = list(zip(leaving, boarding, named, strict=True))
    priced = {key: rates.handling(commodity, *key) for key in set(keys)}
    return np.array([priced[key] for key in keys]).reshape(-1, len(ATTRIBUTES))
