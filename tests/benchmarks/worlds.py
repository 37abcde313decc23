"""The networks of the benchmark: our own, the mapped window around Sichuan, and generated ones."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree


@dataclass(frozen=True)
class World:
    """A directed multimodal network: arcs with three attributes, nodes with plane coordinates in km."""

    name: str
    tail: np.ndarray
    head: np.ndarray
    n: int
    xy: np.ndarray
    money: np.ndarray
    hours: np.ndarray
    co2: np.ndarray

    def weights(self, a: float = 1.0, b: float = 2.0, c: float = 0.05) -> np.ndarray:
        """Weigh every arc by money, hours and CO2, in whole thousandths, which integer engines can follow."""
        return np.maximum(1.0, np.round(1000.0 * (a * self.money + b * self.hours + c * self.co2)))


# mode: share of nodes, speed km/h, yuan per tonne-km, kg CO2 per tonne-km
MODES = {
    "road": (0.88, 50.0, 0.45, 0.09),
    "rail": (0.08, 40.0, 0.16, 0.02),
    "river": (0.035, 12.0, 0.06, 0.03),
    "sea": (0.005, 25.0, 0.03, 0.01),
}
TRANSFER_MONEY, TRANSFER_HOURS, TRANSFER_CO2 = 18.0, 12.0, 1.5


def ours() -> World:
    """Price our own freight network for coal; places and modes are its nodes."""
    import workbench as wb
    from workbench.logistics.freight.network import Network
    from workbench.logistics.freight.rates import Rates
    from workbench.logistics.freight.virtual import expand, priced

    layers = wb.load()
    network = Network.from_layers(layers)
    virtual = expand(network)
    values = priced(network, virtual, Rates.for_year(2014, layers=layers), "coal").attributes[:, :3]
    is_open = np.isfinite(values[:, 0])
    tail, head, values = virtual.tail[is_open], virtual.head[is_open], values[is_open]
    xy = network.nodes.loc[virtual.states.get_level_values("node"), ["lon", "lat"]].to_numpy(float)
    return World("our network", tail, head, len(xy), xy, *values.T)


def window() -> World:
    """Join every mapped road, railway and river of the window vertex by vertex; transfer every 5th yard."""
    import workbench as wb

    layers = wb.load()
    rivers = layers.rivers.assign(geometry=layers.rivers.simplify(0.01))
    xy, edges, rates, counts = [], [], [], []
    for mode, lines in (("road", layers.roads), ("rail", layers.railways), ("river", rivers)):
        points, pairs = _vertices(lines)
        edges.append(pairs + sum(counts))
        counts.append(len(points))
        xy.append(points)
        _, speed, price, carbon = MODES[mode]
        rates.append(np.tile([price, 1.0 / speed, carbon], (len(pairs), 1)))
    xy, edges, rates = np.concatenate(xy), np.concatenate(edges), np.concatenate(rates)
    east, north = (xy[edges[:, 0]] - xy[edges[:, 1]]).T * 111.2  # km per degree; good enough to race on
    length = np.hypot(east * np.cos(np.radians(30.0)), north)
    links, cost = _transfers(xy, counts, every=5)
    edges, vectors = np.concatenate([edges, links]), np.concatenate([rates * length[:, None], cost])
    tail, head = np.concatenate([edges, edges[:, ::-1]]).T
    return World("the window", tail.copy(), head.copy(), len(xy), xy, *np.tile(vectors, (2, 1)).T)


def _vertices(lines: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct vertices of lines and the pairs of them that follow each other."""
    places, line = shapely.get_coordinates(lines.explode(ignore_index=True).geometry, return_index=True)
    points, number = np.unique(places.round(6), axis=0, return_inverse=True)
    follows = line[1:] == line[:-1]
    pairs = np.stack([number[:-1][follows], number[1:][follows]], axis=1)
    return points, np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)


def synthetic(n: int, arcs: int, seed: int = 0) -> World:
    """Draw a planar network per mode, joined by transhipment arcs; about `arcs` directed arcs in all."""
    rng = np.random.default_rng(seed)
    counts = [round(n * share) for share, *_ in MODES.values()]
    counts[0] += n - sum(counts)
    side = np.sqrt(n)
    xy, pairs, rates, start = [], [], [], 0
    for (mode, (_, speed, price, carbon)), count in zip(MODES.items(), counts, strict=True):
        points = rng.uniform(0.0, side, (count, 2))
        edges = _planar(points, round(0.36 * count) if mode == "road" else 0, rng) + start
        xy.append(points)
        pairs.append(edges)
        rates.append(np.tile([price, 1.0 / speed, carbon], (len(edges), 1)))
        start += count
    xy = np.concatenate(xy)
    edges, per_km = np.concatenate(pairs), np.concatenate(rates)
    length = 2.0 * np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T) * rng.uniform(1.0, 1.4, len(edges))
    vectors = per_km * length[:, None]
    links, cost = _transfers(xy, counts)
    edges, vectors = np.concatenate([edges, links]), np.concatenate([vectors, cost])
    spare = (arcs - 2 * len(edges)) // 2
    if spare > 0:  # a second carrier beside an existing link: parallel arcs, cheaper or dearer
        again = rng.choice(len(edges), spare, replace=False)
        edges = np.concatenate([edges, edges[again]])
        vectors = np.concatenate([vectors, vectors[again] * rng.uniform(0.8, 1.5, (spare, 1))])
    tail, head = np.concatenate([edges, edges[:, ::-1]]).T
    money, hours, co2 = np.concatenate([vectors, vectors * rng.uniform(0.9, 1.1, vectors.shape)]).T
    return World(f"synthetic {n:,}", tail.copy(), head.copy(), n, xy, money, hours, co2)


def _planar(points: np.ndarray, extra: int, rng: np.random.Generator) -> np.ndarray:
    """Join points by their Euclidean minimum spanning tree and `extra` short Delaunay edges."""
    n = len(points)
    corners = np.sort(Delaunay(points).simplices, axis=1)
    edges = np.unique(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=0)
    length = np.hypot(*(points[edges[:, 0]] - points[edges[:, 1]]).T)
    tree = minimum_spanning_tree(coo_array((length, edges.T), shape=(n, n))).tocoo()
    in_tree = np.isin(edges @ [n, 1], tree.row.astype(np.int64) * n + tree.col)
    rest = np.flatnonzero(~in_tree)
    short = rest[np.argsort(rng.uniform(0.5, 1.5, len(rest)) * length[rest])]
    return np.concatenate([edges[in_tree], edges[short[:extra]]])


def _transfers(xy: np.ndarray, counts: list[int], every: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Tie every (n-th) rail, river and sea node to its nearest road node by a transhipment link."""
    other = np.arange(counts[0], len(xy), every)
    nearest = cKDTree(xy[: counts[0]]).query(xy[other])[1]
    cost = np.tile([TRANSFER_MONEY, TRANSFER_HOURS, TRANSFER_CO2], (len(other), 1))
    return np.stack([other, nearest], axis=1), cost
