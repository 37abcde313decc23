"""Reads routes and exact legs back from a matrix: which mode and line, from where to where, at what cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench.crs import WGS84
from workbench.errors import LabelError, UnreachableError
from workbench.logistics.freight.ends import Points
from workbench.logistics.freight.matrix import (
    CostMatrix,
    Trace,
    Weights,
    chains,
    charged,
    cost_matrix,
    locate,
)
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.options import FreightOptions
from workbench.logistics.freight.rates import ATTRIBUTES, Rates
from workbench.logistics.freight.virtual import ALIGHT, DRAY, TRANSFER

LEG_COLUMNS = (
    "origin", "destination", "seq", "kind", "mode", "line", "from_id", "to_id", "km", *ATTRIBUTES[:6],
    "vessel_t", "links", "source",
)  # fmt: skip


_ONE_HAUL = ("mode", "line", "vessel_t")  # hauls that follow each other on these are one leg


@dataclass(frozen=True, eq=False)
class Route:
    """One chosen path: totals, and `legs` whose sums they are (loading and transfers are legs of 0 km)."""

    origin: str
    destination: str
    cost_cny_t: float
    hours: float
    co2_kg_t: float
    km: float
    legs: gpd.GeoDataFrame

    @property
    def modes(self) -> tuple[str, ...]:
        """Modes in the order travelled, without handling."""
        return tuple(self.legs.loc[self.legs["kind"] == "haul", "mode"])


def route(
    network: Network,
    origin: Points,
    destination: Points,
    *,
    commodity: str,
    rates: Rates | None = None,
    weights: Weights | None = None,
    options: FreightOptions | None = None,
) -> Route:
    """Compute the best path of one pair with every leg and its geometry.

    Ends are a node id or a frame of one point. Raises UnreachableError saying what cuts them apart.
    """
    matrix = cost_matrix(
        network, origin, destination, commodity=commodity, rates=rates, weights=weights, options=options
    )
    return first_route(matrix)


def first_route(matrix: CostMatrix) -> Route:
    """Read the route of a matrix's first pair, which is all it holds where one origin and end were asked."""
    return route_of(matrix, matrix.origins[0], matrix.destinations[0])


def route_of(matrix: CostMatrix, origin: str, destination: str) -> Route:
    """Read the route of one pair from a matrix. Raises LabelError, or UnreachableError with the reason."""
    reason = matrix.why(origin, destination)
    if reason:
        raise UnreachableError(reason)
    i, j = locate(matrix.origins, origin), locate(matrix.destinations, destination)
    rows = legs(matrix, [(origin, destination)])
    total = matrix.values[i, j]
    km = float(total[ATTRIBUTES.index("km_rail") :].sum())
    lines = [_geometry(matrix.trace, row) for row in rows.to_dict("records")]
    drawn = gpd.GeoDataFrame(rows, geometry=lines, crs=WGS84)
    return Route(origin, destination, float(total[0]), float(total[1]), float(total[2]), km, drawn)


def legs(matrix: CostMatrix, pairs: Iterable[tuple[Any, Any]] | pd.DataFrame | None = None) -> pd.DataFrame:
    """List the exact legs of chosen paths; unreachable pairs have none.

    `pairs`: (origin, destination) labels, a frame with these columns, or None for all. One row per leg:
    kind (load, haul, minimum, transfer, unload), mode (of a transfer: the one boarded), line, from_id, to_id,
    km, the money, hours, kg CO2 and g NOx, PM2.5 and SO2 of that leg, class of vessel in tonnes (0: none),
    link ids, source. `minimum` is what a ride pays for the km it lacks of the minimum charged length. A
    route's totals are the sums over its legs, in this order.
    """
    if pairs is None:
        pairs = [(o, d) for o in matrix.origins for d in matrix.destinations]
    elif isinstance(pairs, pd.DataFrame):
        pairs = list(zip(pairs["origin"], pairs["destination"], strict=True))
    pairs = list(dict.fromkeys(pairs))
    i = _positions(matrix.origins, [origin for origin, _ in pairs])
    j = _positions(matrix.destinations, [destination for _, destination in pairs])
    trace, s, t = matrix.trace, matrix.boarded[i, j], matrix.alighted[i, j]
    chained = np.flatnonzero(s >= 0)
    paths = chains(trace, s[chained], t[chained])
    extra = charged(trace, paths)
    arcs_of = {
        int(pair): list(zip(paths[n].tolist(), extra[paths.first[n] : paths.first[n + 1]], strict=True))
        for n, pair in enumerate(chained)
    }
    rows: list[dict[str, Any]] = []
    for k in range(len(pairs)):
        if np.isfinite(matrix.score_values[i[k], j[k]]):
            arcs = arcs_of.get(k, [])
            found = _path(trace, int(i[k]), int(j[k]), int(s[k]), int(t[k]), arcs)
            ends = {"origin": pairs[k][0], "destination": pairs[k][1]}
            rows += [{**ends, "seq": seq, **leg} for seq, leg in enumerate(_merged(found), 1)]
    return pd.DataFrame(rows, columns=list(LEG_COLUMNS))


def _positions(index: pd.Index, labels: list[Any]) -> np.ndarray:
    found = index.get_indexer(pd.Index(labels, dtype=object))
    if (found < 0).any():
        raise LabelError("not among the ends of this matrix", missing=set(labels) - set(index))
    return found


def _leg(values: np.ndarray, **names: Any) -> dict[str, Any]:
    km = float(values[ATTRIBUTES.index("km_rail") :].sum())
    return {"line": "", "vessel_t": 0, "links": (), "source": "", **names, "km": km, "values": values}


def _truck(trace: Trace, values: np.ndarray, from_id: Any, to_id: Any, side: str) -> list[dict[str, Any]]:
    """Split a truck haul with its end charges into loading, haul and unloading."""
    load = trace.rates.handling(trace.commodity, "", "road")
    unload = trace.rates.handling(trace.commodity, "road", "")
    haul = values - load * ("out" in side) - unload * ("in" in side)
    out = [_leg(load, kind="load", mode="road", from_id=from_id, to_id=from_id)] if "out" in side else []
    out.append(_leg(haul, kind="haul", mode="road", line="road", from_id=from_id, to_id=to_id))
    if "in" in side:
        out.append(_leg(unload, kind="unload", mode="road", from_id=to_id, to_id=to_id))
    return out


def _path(
    trace: Trace, i: int, j: int, s: int, t: int, arcs: list[tuple[int, float]]
) -> list[dict[str, Any]]:
    """Return the legs of one pair before merging: access, every arc of the chain, egress."""
    origin, destination = trace.origins.places.ids[i], trace.destinations.places.ids[j]
    if s < 0:
        return _truck(trace, trace.direct[i, j], origin, destination, "out in")
    found: list[dict[str, Any]] = []
    for end, state, gates, at, side, kind in (
        (origin, s, trace.access, i, "out", "load"),
        (destination, t, trace.egress, j, "in", "unload"),
    ):
        values = gates.of(np.array([at]), np.searchsorted(gates.states, [state]))[0]
        node, mode, _ = trace.virtual.states[state]
        a, b = (end, node) if side == "out" else (node, end)
        if mode == "road":
            found += _truck(trace, values, a, b, side)
        else:
            found.append(_leg(values, kind=kind, mode=mode, from_id=a, to_id=b))
        if side == "out":
            found += [leg for arc, extra in arcs for leg in _arc_legs(trace, arc, extra)]
    return found


def _arc_legs(trace: Trace, arc: int, extra: float) -> Iterator[dict[str, Any]]:
    """Yield the leg of one arc; where a ride ends, what it pays for the km it lacks."""
    virtual, values = trace.virtual, trace.prices.of(np.array([arc]))[0]
    tail, head = virtual.tail[arc], virtual.head[arc]
    names: dict[str, Any] = {
        "mode": virtual.modes[head], "from_id": virtual.nodes[tail], "to_id": virtual.nodes[head]
    }  # fmt: skip
    kind, step = virtual.kind[arc], virtual.step(arc)
    link = _named(trace, step) if step >= 0 else {}
    if kind == DRAY:
        yield _leg(values, kind="haul", line="road", **names)
    elif kind == TRANSFER:
        yield _leg(values, kind="transfer", **names, **link)
    elif kind != ALIGHT:
        vessel = virtual.lanes[virtual.lane[arc]].vessel_t
        yield _leg(values, kind="haul", vessel_t=vessel, **names, **link)
    elif extra > 1e-9:
        yield _leg(np.eye(1, len(ATTRIBUTES))[0] * extra, kind="minimum", **names)


def _named(trace: Trace, step: int) -> dict[str, Any]:
    """Return what a leg says of the link it uses."""
    label, line, source = trace.network.named[step % len(trace.network.links)]
    return {"line": line, "links": (label,), "source": source}


def _merged(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Join hauls that follow each other on one line, drop empty ones, and name the attributes."""
    kept: list[dict[str, Any]] = []
    for leg in found:
        last = kept[-1] if kept else None
        same = last is not None and leg["kind"] == last["kind"] == "haul"
        if last is not None and same and all(leg[name] == last[name] for name in _ONE_HAUL):
            joined = {name: last[name] + leg[name] for name in ("km", "values", "links")}
            sources = dict.fromkeys(filter(None, (*last["source"].split("; "), leg["source"])))
            kept[-1] = {**last, **joined, "to_id": leg["to_id"], "source": "; ".join(sources)}
        elif leg["kind"] != "haul" or leg["km"] > 0 or leg["values"].any():
            kept.append(leg)
    for leg in kept:
        values = leg.pop("values")
        yield {**leg, **dict(zip(ATTRIBUTES[:6], values[:6].tolist(), strict=True))}


def _geometry(trace: Trace, leg: dict[str, Any]) -> Any:
    """Return the line of a leg: its links joined, the road found, or a point for handling."""
    links = trace.network.links
    if leg["links"] and leg["kind"] == "haul":
        return shapely.union_all([links.at[link, "geometry"] for link in leg["links"]])
    ends = [_end_point(trace, leg[name]) for name in ("from_id", "to_id")]
    if leg["kind"] != "haul":
        return shapely.Point(ends[0][:2])
    (x1, y1, u), (x2, y2, v) = ends
    between = trace.network.roads.track(u, v) if u >= 0 and v >= 0 and u != v else np.empty((0, 2))
    return shapely.LineString([(x1, y1), *between, (x2, y2)])


def _end_point(trace: Trace, label: Any) -> tuple[float, float, int]:
    for places in (trace.origins.places, trace.destinations.places, trace.virtual.terminals):
        k = int(places.ids.get_indexer([label])[0])
        if k >= 0:
            return float(places.lon[k]), float(places.lat[k]), int(places.vertex[k])
    raise LabelError("no such place on this route", missing=[label])
