"""The road graph: joins any place to the roads, and finds the km of a truck haul between two places once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from workbench import crs
from workbench.errors import LabelError
from workbench.layers.model import Assumptions
from workbench.logistics.paths.engine import PathEngine

# What one road haul carries beside its price: lengths, the part of them in the mountains, the parts whose
# time follows from speed, tolls or ferries of single roads, and hours of roads that have their own.
HAUL = ("km", "mountain_km", "timed_km", "timed_mountain_km", "toll_cny_t", "own_hours")


PAIRS = 20_000  # shortest roads held at a time, with all their arcs


@dataclass(frozen=True)
class RoadRules:
    """How places join the road graph and how far a truck drives between two terminals of one chain."""

    snap_max_km: float
    access_factor: float
    street_factor: float
    street_mountain_factor: float
    dray_max_km: float
    direct_transfer_km: float

    @classmethod
    def from_assumptions(cls, assumptions: Assumptions) -> RoadRules:
        """Read the rules from the rows ``road.*`` and ``transfer.direct_max_km`` of the assumptions."""
        names = (
            "road.snap_max_km", "road.access_factor", "road.osm_factor", "road.osm_mountain_factor",
            "road.dray_max_km", "transfer.direct_max_km",
        )  # fmt: skip
        return cls(*(assumptions[name] for name in names))


@dataclass(frozen=True)
class Places:
    """Places joined to the roads: vertex (-1 = too far), km of the access road, straight km snapped."""

    ids: pd.Index
    lon: np.ndarray
    lat: np.ndarray
    vertex: np.ndarray
    access_km: np.ndarray
    snap_km: np.ndarray


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """Vertices and two-way or one-way edges of the roads; `values` holds the HAUL attributes per arc."""

    xy: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    values: np.ndarray
    usable: np.ndarray
    mountain: np.ndarray
    rules: RoadRules
    _hauls: dict[tuple[bytes, bytes], tuple[np.ndarray, np.ndarray, np.ndarray]] = field(
        default_factory=dict, repr=False
    )

    @cached_property
    def engine(self) -> PathEngine:
        """The path engine weighed by km, built when first needed."""
        return PathEngine(self.tail, self.head, len(self.xy), xy=self.xy).customise(self.values[:, 0])

    @cached_property
    def _nearest(self) -> tuple[np.ndarray, np.ndarray, cKDTree]:
        """The vertices places may join, the scale of degrees, and a search tree over them."""
        candidates = np.flatnonzero(self.usable)
        scale = np.array([np.cos(np.radians(self.xy[candidates, 1].mean())), 1.0])
        return candidates, scale, cKDTree(self.xy[candidates] * scale)

    def join(self, ids: pd.Index, lon: np.ndarray, lat: np.ndarray) -> Places:
        """Join points (WGS-84 degrees) to the nearest road vertex within the snapping cap."""
        n = len(ids)
        if not self.usable.any() or not n:
            far = np.full(n, np.inf)
            return Places(ids, lon, lat, np.full(n, -1), far, far)
        # nearest in degrees scaled to the latitude; the reported distance is ellipsoidal
        candidates, scale, tree = self._nearest
        vertex = candidates[tree.query(np.column_stack([lon, lat]) * scale)[1]]
        snap = crs.distance_km(lon, lat, *self.xy[vertex].T)
        vertex = np.where(snap <= self.rules.snap_max_km, vertex, -1)
        return Places(ids, lon, lat, vertex, snap * self.rules.access_factor, snap)

    def reach(self, origins: Places, destinations: Places) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the pairs of places that some open road joins, and the HAUL attributes of the shortest.

        Positions of origins and destinations, in order, and attributes (pairs, 6). Access roads at both ends
        are included; two places that join the road at one vertex are never farther apart than the access
        factor times their straight distance.
        """
        a, b = np.flatnonzero(origins.vertex >= 0), np.flatnonzero(destinations.vertex >= 0)
        i, j, between = self._between(origins.vertex[a], destinations.vertex[b])
        i, j = a[i], b[j]
        out, into = origins.access_km[i], destinations.access_km[j]
        start, end = origins.vertex[i], destinations.vertex[j]
        access, high = out + into, out * self.mountain[start] + into * self.mountain[end]
        same = np.flatnonzero(start == end)
        ends = (
            origins.lon[i[same]],
            origins.lat[i[same]],
            destinations.lon[j[same]],
            destinations.lat[j[same]],
        )
        straight = crs.distance_km(*ends) if len(same) else np.empty(0)
        access[same] = np.minimum(access[same], straight * self.rules.access_factor)
        high[same] = access[same] * self.mountain[start[same]]
        zero = np.zeros(len(i))
        return i, j, between + np.column_stack([access, high, access, high, zero, zero])

    def near(self, places: Places, limit_km: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the pairs of places that stand on vertices and lie within a limit by road, with their HAUL.

        Positions i != j in order, and attributes (pairs, 6). Only pairs are asked for whose straight distance
        allows it (a search tree), some at a time, so that memory grows with the pairs that are near.
        """
        i, j = self._candidates(places, limit_km)
        kept: list[tuple[np.ndarray, ...]] = [(np.empty(0, int), np.empty(0, int), np.empty((0, len(HAUL))))]
        for start in range(0, len(i), PAIRS):
            a, b = i[start : start + PAIRS], j[start : start + PAIRS]
            sums = self._sums(places.vertex[a], places.vertex[b])
            close = sums[:, 0] <= limit_km
            kept.append((a[close], b[close], sums[close]))
        first, second, sums = (np.concatenate(parts) for parts in zip(*kept, strict=True))
        return first, second, sums

    def _candidates(self, places: Places, limit_km: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs that may lie within the limit: no road is straighter than the straightest arc."""
        ratio = min(1.0, self._straightest)
        lon, lat = np.radians(places.lon), np.radians(places.lat)
        unit = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        # the chord of the angle on a sphere a little smaller than the earth's least radius of curvature
        angle = np.inf if ratio == 0 else limit_km / ratio / 6330.0
        reach = 2.0 if angle >= np.pi else 2 * np.sin(angle / 2)
        if not len(unit):
            return np.empty(0, int), np.empty(0, int)
        pairs = cKDTree(unit).query_pairs(reach + 1e-12, output_type="ndarray")
        both = np.vstack([pairs, pairs[:, ::-1]])
        return tuple(both[np.lexsort((both[:, 1], both[:, 0]))].T)  # type: ignore[return-value]

    @cached_property
    def _straightest(self) -> float:
        """The least ratio of an arc's km to the straight distance between its ends."""
        a, b = self.xy[self.tail], self.xy[self.head]
        straight = crs.distance_km(*a.T, *b.T) if len(a) else np.empty(0)
        some = straight > 1e-6
        return float((self.values[some, 0] / straight[some]).min(initial=np.inf))

    def _sums(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        """Return the HAUL attributes of the shortest road of every pair of vertices; km inf where none."""
        paths = self.engine.paths(origins, destinations)
        sums = np.column_stack([paths.sum(self.values[:, k]) for k in range(len(HAUL))])
        sums[~np.isfinite(paths.cost), 1:] = 0.0
        return sums

    def _between(
        self, origins: np.ndarray, destinations: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return which vertices some road joins and its HAUL attributes, remembered for the next question."""
        key = (origins.tobytes(), destinations.tobytes())
        known = self._hauls.get(key)
        if known is None:
            starts, rows = np.unique(origins, return_inverse=True)
            ends, columns = np.unique(destinations, return_inverse=True)
            km = self.engine.matrix(starts, ends)
            i, j = np.nonzero(np.isfinite(km))
            sums = [np.empty((0, len(HAUL)))]
            for k in range(0, len(i), PAIRS):
                sums.append(self._sums(starts[i[k : k + PAIRS]], ends[j[k : k + PAIRS]]))
            number = np.full(km.shape, -1, np.int32)
            number[i, j] = np.arange(len(i))
            number = number[rows][:, columns]
            i, j = np.nonzero(number >= 0)
            known = self._hauls[key] = i, j, np.concatenate(sums)[number[i, j]]
        return known

    def track(self, origin: int, destination: int) -> np.ndarray:
        """Return the coordinates (k, 2) of the shortest road between two vertices."""
        arcs = self.engine.paths([origin], [destination])[0]
        return self.xy[np.append(self.tail[arcs], destination)] if len(arcs) else np.empty((0, 2))


def road_graph(
    nodes: pd.DataFrame, roads: pd.DataFrame, streets: pd.DataFrame | None, rules: RoadRules
) -> RoadGraph:
    """Join named roads, mapped streets and the terminals into one graph; vertex i < len(nodes) is node i.

    `roads`: open links that trucks use (from_id, to_id, distance_km, one_way, mountain_share, hours,
    cost_cny_t). `streets`: lon1, lat1, lon2, lat2, km, mountain. Terminals and named places are joined to
    the nearest street within the snapping cap.
    """
    number = pd.Series(np.arange(len(nodes)), index=nodes.index)
    ends = roads["from_id"].map(number), roads["to_id"].map(number)
    if any(series.isna().any() for series in ends):
        named = set(roads["from_id"]) | set(roads["to_id"])
        raise LabelError("roads name nodes that do not exist", missing=named - set(nodes.index))
    tail, head = (series.to_numpy(np.int64) for series in ends)
    values, xy = _road_values(roads), nodes[["lon", "lat"]].to_numpy(float)
    both = ~roads["one_way"].to_numpy(bool)
    parts = [(tail, head, values), (head[both], tail[both], values[both])]
    if streets is not None and len(streets):
        corners = np.vstack([streets[["lon1", "lat1"]].to_numpy(), streets[["lon2", "lat2"]].to_numpy()])
        points, inverse = np.unique(corners.round(6), axis=0, return_inverse=True)
        a, b = np.split(inverse.ravel() + len(nodes), 2)
        street = _street_values(streets, rules)
        joins = _connectors(xy, points, len(nodes), rules)
        xy = np.vstack([xy, points])
        for u, v, rows in ((a, b, street), joins):
            parts += [(u, v, rows), (v, u, rows)]
    tail, head, values = (np.concatenate(piece) for piece in zip(*parts, strict=True))
    usable = np.zeros(len(xy), bool)
    usable[: len(nodes)] = True  # a terminal without roads can still be reached by the access road of a place
    usable[tail] = usable[head] = True
    high = np.bincount(tail, values[:, 1], len(xy)) + np.bincount(head, values[:, 1], len(xy))
    total = np.bincount(tail, values[:, 0], len(xy)) + np.bincount(head, values[:, 0], len(xy))
    return RoadGraph(xy, tail, head, values, usable, (high > total / 2).astype(float), rules)


def _road_values(roads: pd.DataFrame) -> np.ndarray:
    km, share = roads["distance_km"].to_numpy(float), roads["mountain_share"].to_numpy(float)
    hours, toll = roads["hours"].to_numpy(float), roads["cost_cny_t"].to_numpy(float)
    timed = np.where(np.isnan(hours), km, 0.0)
    return np.column_stack([km, km * share, timed, timed * share, np.nan_to_num(toll), np.nan_to_num(hours)])


def _street_values(streets: pd.DataFrame, rules: RoadRules) -> np.ndarray:
    high = streets["mountain"].to_numpy(bool)
    km = streets["km"].to_numpy(float) * np.where(high, rules.street_mountain_factor, rules.street_factor)
    zero = np.zeros(len(km))
    return np.column_stack([km, km * high, km, km * high, zero, zero])


def _connectors(
    nodes: np.ndarray, points: np.ndarray, offset: int, rules: RoadRules
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Join each node to the nearest street corner within the cap; values as a plain road."""
    if not len(nodes):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, len(HAUL)))
    scale = np.array([np.cos(np.radians(nodes[:, 1].mean())), 1.0])
    _, near = cKDTree(points * scale).query(nodes * scale)
    km = crs.distance_km(*nodes.T, *points[near].T)
    kept = np.flatnonzero(km <= rules.snap_max_km)
    length, zero = km[kept] * rules.access_factor, np.zeros(len(kept))
    rows = np.column_stack([length, zero, length, zero, zero, zero])
    return kept, near[kept] + offset, rows
