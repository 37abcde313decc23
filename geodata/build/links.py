"""Lays every freight link along the real line: rail and road over the mapped edges, water over the rivers.

A path is sought between the mapped nodes near both ends. It is kept when its length is near the stated one;
the stated length stays the one that prices use. Links that find no such path stay straight and are listed.
"""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geodata.build.networks import edges, rivers
from geodata.build.write import GEODATA, geojson, table
from workbench import crs

GEOD = pyproj.Geod(ellps="WGS84")
WIDE = (72.0, 20.0, 123.0, 47.0)  # the links reach from the Kazakh border to Shanghai
ACCEPTED = (0.72, 1.30)  # drawn length over stated length; mapped edges are generalised, so a little short
REACH_KM = {"rail": 12.0, "road": 8.0, "water": 12.0}
DATA = {"rail": "railways", "road": "roads"}


def build() -> None:
    """Write osm/freight_links.geojson: attributes of tables/freight_links.csv with the matched lines."""
    links, nodes = table("freight_links"), table("freight_nodes")
    links["open_2014"] = links["open_2014"].astype(bool)
    links["opened_year"] = links["opened_year"].astype("Int64")
    shapes = {}
    for mode in ("rail", "road", "water"):
        some = links[links["mode"] == mode]
        quays = nodes.loc[sorted({*some["from_id"], *some["to_id"]}), ["lon", "lat"]].to_numpy(float)
        graph = Graph(river_edges(quays) if mode == "water" else edges(DATA[mode], WIDE))
        shapes |= {name: graph.match(row, nodes, REACH_KM[mode]) for name, row in some.iterrows()}
    ends = nodes[["lon", "lat"]]
    straight = {
        name: shapely.LineString([ends.loc[row["from_id"]], ends.loc[row["to_id"]]])
        for name, row in links.iterrows()
    }
    matched = {name: shape for name, shape in shapes.items() if shape is not None}
    geometry = gpd.GeoSeries({**straight, **matched}, crs=crs.WGS84).reindex(links.index)
    drawn = pd.Series([GEOD.geometry_length(shape) / 1000 for shape in geometry], index=links.index)
    frame = gpd.GeoDataFrame(
        links.assign(
            geometry_basis=np.where(links.index.isin(list(matched)), "matched", "straight"),
            length_ratio=(drawn / links["distance_km"]).round(3),
            geometry_note="",
        ),
        geometry=geometry,
    )
    geojson(frame, GEODATA / "osm" / "freight_links.geojson", digits=3)


class Graph:
    """Mapped edges as a sparse graph over rounded end points, with the nodes of each connected part."""

    def __init__(self, lines: gpd.GeoDataFrame) -> None:
        ends = [(shape.coords[0], shape.coords[-1]) for shape in lines.geometry]
        points = sorted({point for pair in ends for point in pair})
        number = {point: place for place, point in enumerate(points)}
        self.xy = np.array(points)
        u = np.array([number[a] for a, _ in ends])
        v = np.array([number[b] for _, b in ends])
        km = np.maximum(lines["km"].to_numpy(float), 1e-3)
        self.matrix = csr_matrix((np.r_[km, km], (np.r_[u, v], np.r_[v, u])), shape=(len(points),) * 2)
        self.lines = {
            frozenset((int(a), int(b))): shape for a, b, shape in zip(u, v, lines.geometry, strict=True)
        }
        self.parts = connected_components(self.matrix, directed=False)[1]
        self.tree = cKDTree(self._plane(self.xy))

    @staticmethod
    def _plane(xy: np.ndarray) -> np.ndarray:
        return np.column_stack([xy[:, 0] * 111.32 * np.cos(np.radians(30)), xy[:, 1] * 110.95])

    def match(self, link: pd.Series, nodes: pd.DataFrame, reach_km: float) -> shapely.LineString | None:
        """Return the path whose length comes nearest the stated one, or None when none is acceptable."""
        ends = nodes.loc[[link["from_id"], link["to_id"]], ["lon", "lat"]].to_numpy(float)
        near = [self.tree.query_ball_point(self._plane(end[None])[0], reach_km) for end in ends]
        gaps = [
            np.hypot(*(self._plane(self.xy[found]) - self._plane(end[None])).T)
            for found, end in zip(near, ends, strict=True)
        ]
        near = [
            np.array(found)[np.argsort(gap, kind="stable")][:12]
            for found, gap in zip(near, gaps, strict=True)
        ]
        if not len(near[0]) or not len(near[1]):
            return None
        limit = link["distance_km"] * 1.6 + 20
        lengths, before = dijkstra(
            self.matrix, directed=False, indices=near[0], limit=limit, return_predecessors=True
        )
        best = None
        for row, start in enumerate(near[0]):
            for goal in near[1]:
                inside = lengths[row, goal]
                joins = sum(
                    np.hypot(*(self._plane(self.xy[[node]]) - self._plane(end[None]))[0])
                    for node, end in ((start, ends[0]), (goal, ends[1]))
                )
                # what the path misses of the stated length, with the gaps at its ends counting double
                cost = abs(inside + joins - link["distance_km"]) + joins
                if np.isfinite(inside) and (best is None or cost < best[0]):
                    best = (cost, row, int(goal))
        return None if best is None else self._line(before[best[1]], best[2], ends, link["distance_km"])

    def _line(
        self, before: np.ndarray, goal: int, ends: np.ndarray, stated: float
    ) -> shapely.LineString | None:
        path = [goal]
        while (step := before[path[-1]]) >= 0:
            path.append(int(step))
        path.reverse()
        xy = [tuple(ends[0])]
        for a, b in pairwise(path):
            part = list(self.lines[frozenset((a, b))].coords)
            xy += part if part[0] == tuple(self.xy[a]) else part[::-1]
        xy += [tuple(self.xy[goal]), tuple(ends[1])]
        shape = shapely.remove_repeated_points(shapely.LineString(xy))
        ratio = GEOD.geometry_length(shape) / 1000 / stated
        return shape if ACCEPTED[0] <= ratio <= ACCEPTED[1] else None


def river_edges(quays: np.ndarray) -> gpd.GeoDataFrame:
    """Return the rivers as edges with `km`: cut where they meet and beside each quay, loose ends joined.

    `quays` holds lon, lat. Ends within 5 km of another end are joined, for the source breaks at confluences.
    """
    lines = shapely.transform(rivers(WIDE).geometry.to_numpy(), lambda xy: xy.round(4))
    tree = shapely.STRtree(lines)
    cuts = [lines]
    for quay in shapely.points(quays):
        beside = lines[tree.nearest(quay)]
        foot = beside.interpolate(beside.project(quay))
        cuts.append(_across(foot, beside, quay))
    noded = shapely.get_parts(shapely.node(shapely.GeometryCollection(list(np.hstack(cuts)))))
    ends = np.array([point for line in noded for point in (line.coords[0], line.coords[-1])])
    joins = sorted(cKDTree(ends).query_pairs(0.05))
    bridges = [shapely.LineString([ends[a], ends[b]]) for a, b in joins if tuple(ends[a]) != tuple(ends[b])]
    shapes = [*noded, *bridges]
    km = [GEOD.geometry_length(shape) / 1000 for shape in shapes]
    return gpd.GeoDataFrame({"km": km}, geometry=shapes, crs=crs.WGS84)


def _across(foot: shapely.Point, beside: shapely.LineString, quay: shapely.Point) -> np.ndarray:
    """Return a short line through the foot on the river, so that noding cuts the river there."""
    reach = max(1.0, 1.0 + 0.003 / max(foot.distance(quay), 1e-6))
    tip = (quay.x + (foot.x - quay.x) * reach, quay.y + (foot.y - quay.y) * reach)
    return np.array([shapely.LineString([(quay.x, quay.y), tip])])
