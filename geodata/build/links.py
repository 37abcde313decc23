"""Lays every freight link along the real line: rail and road over mapped edges, water over rivers, sea lanes.

A path is sought between the mapped places near both ends. It is kept when its length is near the stated one;
the stated length stays the one that prices use. Where the map has a gap, tables/freight_via.csv names places
on the way; what remains is straight, with the reason in `geometry_note`. Sea links without a stated length
take the one of the sea lanes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
import shapely.ops
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geodata.build.networks import edges, rivers
from geodata.build.sea import measure
from geodata.build.write import GEODATA, geojson, table
from workbench import crs
from workbench.units import M_PER_KM

GEOD = pyproj.Geod(ellps="WGS84")
WIDE = (72.0, 20.0, 123.0, 47.0)  # the links reach from the Kazakh border to Shanghai
ACCEPTED = (0.72, 1.30)  # length of the mapped path over the stated one
LEG_DETOUR = 1.2  # between places that are known a way is seldom longer than straight by more
VIA_REACH_KM = 4.0
FAR_KM = 4.0  # an end farther than this from every mapped line lies on a branch the map does not have
REACH_KM = {"rail": 12.0, "road": 8.0, "water": 15.0}
DATA = {"rail": "railways", "road": "roads"}
BREAK_KM = 5.0  # the river data break at confluences
KM_PER_DEGREE = 111.32 * np.cos(np.radians(30))


def build() -> None:
    """Write osm/freight_links.geojson: attributes of tables/freight_links.csv with the matched lines."""
    links, nodes, via = table("freight_links"), table("freight_nodes"), table("freight_via")
    links["open_2014"] = links["open_2014"].astype(bool)
    links["opened_year"] = links["opened_year"].astype("Int64")
    legs = measure(links, nodes)
    links["distance_km"] = links["distance_km"].fillna(
        pd.Series({n: round(g.km, 1) for n, g in legs.items()})
    )
    graphs = {mode: _graph(mode, links, nodes, via) for mode in REACH_KM}
    rows = {name: (leg.line, "matched", leg.km, "") for name, leg in legs.items()}
    for name, link in links.drop(index=list(legs)).iterrows():
        ends = nodes.loc[[link["from_id"], link["to_id"]], ["lon", "lat"]].to_numpy(float)
        places = via.loc[via["link_id"] == name, ["lon", "lat"]].to_numpy(float)
        rows[name] = _laid(link, ends, places, graphs, nodes["name_zh"])
    columns = ["shape", "basis", "km", "note"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns).reindex(links.index)
    drawn = pd.Series([GEOD.geometry_length(shape) / M_PER_KM for shape in found["shape"]], index=links.index)
    frame = gpd.GeoDataFrame(
        links.assign(
            geometry_basis=found["basis"],
            mapped_km=found["km"].round(1),
            length_ratio=(drawn / links["distance_km"]).round(3),
            snap_km=pd.Series({name: round(leg.snap_km, 1) for name, leg in legs.items()}),
            geometry_note=found["note"],
        ),
        geometry=gpd.GeoSeries(list(found["shape"]), index=links.index, crs=crs.WGS84),
    )
    geojson(frame, GEODATA / "osm" / "freight_links.geojson", digits=3)


def _graph(mode: str, links: pd.DataFrame, nodes: pd.DataFrame, via: pd.DataFrame) -> Graph:
    some = links[links["mode"] == mode]
    ends = nodes.loc[sorted({*some["from_id"], *some["to_id"]}), ["lon", "lat"]]
    places = pd.concat([ends, via[["lon", "lat"]]]).to_numpy(float)
    lines = river_edges() if mode == "water" else edges(DATA[mode], WIDE)
    return Graph(split(lines, places, REACH_KM[mode]))


def _laid(
    link: pd.Series, ends: np.ndarray, places: np.ndarray, graphs: dict[str, Graph], names: pd.Series
) -> tuple[shapely.LineString, str, float, str]:
    """Return shape, basis, mapped km and note of one link: matched, through known places, or straight."""
    straight, mode, stated = shapely.LineString(ends), link["mode"], float(link["distance_km"])
    if mode not in graphs:
        note = "海上里程为回忆值，直线示意 recalled sea length, drawn straight" if mode == "sea" else ""
        return straight, "straight", np.nan, note
    if not len(places):
        found = graphs[mode].match(ends, stated, REACH_KM[mode])
        if found is not None and _fits(found.km, stated):
            return found.shape, "matched", found.km, ""
        return straight, "straight", np.nan, graphs[mode].reason(ends, found, link, names)
    points = np.vstack([ends[:1], places, ends[1:]])
    legs = [_leg(pair, mode, graphs) for pair in pairwise(points)]
    shape, km = shapely.LineString(np.vstack([shapely.get_coordinates(leg.shape) for leg in legs])), 0.0
    km = sum(leg.km for leg in legs)
    if not _fits(km, stated):
        raise ValueError(
            f"{link.name}: {km:.0f} km through its places, {stated:.0f} stated; mend freight_via"
        )
    note = "按已知地点相连 joined through known places, see tables/freight_via.csv"
    return shapely.remove_repeated_points(shape), "via", km, note


def _leg(pair: tuple[np.ndarray, np.ndarray], mode: str, graphs: dict[str, Graph]) -> Match:
    """Return the way between two known places: along the mode's lines, else a river, else straight."""
    straight = shapely.LineString(np.array(pair))
    km = GEOD.geometry_length(straight) / M_PER_KM
    for network in dict.fromkeys((mode, "water")):
        found = graphs[network].match(np.array(pair), km * LEG_DETOUR, VIA_REACH_KM)
        if found is not None and found.km <= 2 * LEG_DETOUR * km:
            return found
    return Match(straight, km)


def _fits(km: float, stated: float) -> bool:
    return ACCEPTED[0] <= km / stated <= ACCEPTED[1]


@dataclass(frozen=True)
class Match:
    """A path along mapped edges and its length in km as their source gives it, gaps at its ends included.

    The edges of the map are generalised: drawn, they are shorter than they are long.
    """

    shape: shapely.LineString
    km: float


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
        # of parallel edges the shortest counts: the matrix would add them up
        order = np.lexsort((km, np.maximum(u, v), np.minimum(u, v)))
        pairs = np.column_stack([np.minimum(u, v), np.maximum(u, v)])[order]
        order = order[np.r_[True, (pairs[1:] != pairs[:-1]).any(axis=1)] & (pairs[:, 0] != pairs[:, 1])]
        u, v, km = u[order], v[order], km[order]
        self.matrix = csr_matrix((np.r_[km, km], (np.r_[u, v], np.r_[v, u])), shape=(len(points),) * 2)
        shapes = lines.geometry.to_numpy()[order]
        self.lines = {frozenset((int(a), int(b))): shape for a, b, shape in zip(u, v, shapes, strict=True)}
        self.parts = connected_components(self.matrix, directed=False)[1]
        self.tree = cKDTree(self._plane(self.xy))

    @staticmethod
    def _plane(xy: np.ndarray) -> np.ndarray:
        return np.column_stack([xy[:, 0] * 111.32 * np.cos(np.radians(30)), xy[:, 1] * 110.95])

    def match(self, ends: np.ndarray, stated_km: float, reach_km: float) -> Match | None:
        """Return the path between two places (lon, lat) of a length nearest the stated one, or None."""
        (starts, first), (goals, last) = (self._near(end, reach_km) for end in ends)
        if not len(starts) or not len(goals):
            return None
        lengths, before = dijkstra(
            self.matrix, directed=False, indices=starts, limit=stated_km * 2 + 20, return_predecessors=True
        )
        joins = first[:, None] + last[None, :]
        total = lengths[:, goals] + joins
        # what the path misses of the stated length, with the gaps at its ends counting double
        cost = np.abs(total - stated_km) + joins
        row, column = np.unravel_index(np.argmin(cost), cost.shape)
        if not np.isfinite(total[row, column]):
            return None
        return Match(self._line(before[row], int(goals[column]), ends), float(total[row, column]))

    def reason(self, ends: np.ndarray, found: Match | None, link: pd.Series, names: pd.Series) -> str:
        """Say why no path of the map stands for a link, in Chinese and English."""
        far = [
            (self._gap(end), names[link[side]]) for end, side in zip(ends, ("from_id", "to_id"), strict=True)
        ]
        gap, place = max(far)
        if gap > FAR_KM:
            english = f"no mapped line nearer than {gap:.0f} km to one end"
            return f"图上无此线：{place}距最近线路{gap:.0f}公里 {english}"
        if found is None:
            return "图上两端不连通 the map has no way of about this length between the ends"
        km, stated = found.km, link["distance_km"]
        return (
            f"图上路径{km:.0f}公里，所列{stated:.0f}公里 the mapped way is {km:.0f} km, stated {stated:.0f}"
        )

    def _gap(self, end: np.ndarray) -> float:
        return float(self.tree.query(self._plane(end[None])[0])[0])

    def _near(self, end: np.ndarray, reach_km: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the twelve nodes nearest a place within reach, and their distances in km."""
        place = self._plane(end[None])[0]
        found = np.array(self.tree.query_ball_point(place, reach_km), dtype=int)
        gaps = np.hypot(*(self._plane(self.xy[found]) - place).T)
        order = np.argsort(gaps, kind="stable")[:12]
        return found[order], gaps[order]

    def _line(self, before: np.ndarray, goal: int, ends: np.ndarray) -> shapely.LineString:
        path = [goal]
        while (step := before[path[-1]]) >= 0:
            path.append(int(step))
        path.reverse()
        xy = [tuple(ends[0])]
        for a, b in pairwise(path):
            part = list(self.lines[frozenset((a, b))].coords)
            xy += part if part[0] == tuple(self.xy[a]) else part[::-1]
        xy += [tuple(self.xy[goal]), tuple(ends[1])]
        return shapely.remove_repeated_points(shapely.LineString(xy))


def split(lines: gpd.GeoDataFrame, points: np.ndarray, reach_km: float) -> gpd.GeoDataFrame:
    """Cut lines beside points (lon, lat) within reach, so that a path may begin and end there.

    Map data keep few points on a long stretch: a station often lies beside an edge, far from its ends. Each
    part gets its share of the edge's `km`.
    """
    shapes = lines.geometry.to_numpy()
    near = shapely.STRtree(shapes).query(
        shapely.points(points), predicate="dwithin", distance=reach_km / KM_PER_DEGREE
    )
    places: dict[int, list[float]] = {}
    for point, line in near.T:
        at = shapely.line_locate_point(shapes[line], shapely.Point(points[point]))
        if 1e-6 < at < shapes[line].length - 1e-6:
            places.setdefault(int(line), []).append(float(at))
    kept = np.setdiff1d(np.arange(len(lines)), list(places))
    parts, km = list(shapes[kept]), list(lines["km"].to_numpy(float)[kept])
    for line in sorted(places):
        whole = shapes[line]
        for start, stop in pairwise([0.0, *sorted(set(places[line])), whole.length]):
            parts.append(shapely.ops.substring(whole, start, stop))
            km.append(float(lines["km"].iloc[line]) * (stop - start) / whole.length)
    return gpd.GeoDataFrame({"km": km}, geometry=parts, crs=crs.WGS84)


def river_edges(window: tuple[float, float, float, float] = WIDE) -> gpd.GeoDataFrame:
    """Return the rivers as edges with `km`, noded where they meet; loose ends within 5 km are joined."""
    noded = shapely.get_parts(shapely.node(shapely.GeometryCollection(list(rivers(window).geometry))))
    ends = np.unique([point for line in noded for point in (line.coords[0], line.coords[-1])], axis=0)
    rows = gpd.GeoDataFrame(
        {"km": [GEOD.geometry_length(line) / M_PER_KM for line in noded]}, geometry=noded, crs=crs.WGS84
    )
    # a tributary often ends short of the middle of its river: the river is cut there
    rows = split(rows, ends, BREAK_KM)
    ends = np.unique([point for line in rows.geometry for point in (line.coords[0], line.coords[-1])], axis=0)
    joins = sorted(cKDTree(ends).query_pairs(BREAK_KM / KM_PER_DEGREE))
    bridges = [shapely.LineString([ends[a], ends[b]]) for a, b in joins]
    km = [GEOD.geometry_length(shape) / M_PER_KM for shape in bridges]
    return pd.concat([rows, gpd.GeoDataFrame({"km": km}, geometry=bridges, crs=crs.WGS84)])
