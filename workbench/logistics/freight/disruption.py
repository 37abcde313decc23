"""Cuts the network where an event strikes, reroutes the rest, ranks links by what their loss costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench.crs import WGS84, require_crs
from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.logistics.freight.matrix import CostMatrix, Weights, cost_matrix
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.rates import Rates
from workbench.logistics.freight.routes import legs
from workbench.units import KCNY_PER_MCNY


@dataclass(frozen=True)
class Impact:
    """What a closure costs a set of shipments: rerouted tonnes pay more, cut tonnes no longer arrive."""

    extra_mcny: float
    rerouted_kt: float
    cut_kt: float


def close_area(network: Network, area: Any) -> Network:
    """Close every link and street that meets a polygon (WGS-84), and every terminal inside it.

    A link is cut when its line crosses the area, not only when an end lies in it. `area`: a shapely
    geometry, or a GeoDataFrame or GeoSeries in EPSG:4326 (CrsError otherwise).
    """
    if isinstance(area, gpd.GeoDataFrame | gpd.GeoSeries):
        require_crs(area, WGS84)
        area = area.geometry.union_all()
    shapely.prepare(area)
    hit = shapely.intersects(area, np.asarray(network.links["geometry"], dtype=object))
    inside = network.nodes.index[
        shapely.contains_xy(area, network.nodes["lon"].to_numpy(float), network.nodes["lat"].to_numpy(float))
    ]
    hit |= (network.links["from_id"].isin(inside) | network.links["to_id"].isin(inside)).to_numpy()
    cut = network.with_links(open=network.links["open"] & ~hit)
    streets = network.streets
    if streets is None:
        return cut
    ends = streets[["lon1", "lat1", "lon2", "lat2"]].to_numpy(float).reshape(-1, 2, 2)
    return cut.with_streets(streets[~shapely.intersects(area, shapely.linestrings(ends))])


def close_terminals(network: Network, nodes: Iterable[str]) -> Network:
    """Close some stations or ports: every link that begins or ends there. Raises LabelError."""
    wanted = pd.Index(list(nodes))
    if len(missing := wanted.difference(network.nodes.index)):
        raise LabelError("no such freight node", missing=missing)
    links = network.links
    touched = links["from_id"].isin(wanted) | links["to_id"].isin(wanted)
    return network.with_links(open=links["open"] & ~touched)


def close_district(network: Network, layers: Layers, name_zh: str) -> Network:
    """Close everything that meets a prefecture or county, by its Chinese name of 2014. Raises LabelError."""
    for layer, column in (("prefectures", "prefecture_zh"), ("counties", "county_zh")):
        frame = layers[layer]
        if (frame[column] == name_zh).any():
            return close_area(network, frame[frame[column] == name_zh])
    raise LabelError("no such prefecture or county", missing=[name_zh])


def strike(network: Network, layers: Layers, events: pd.DataFrame, event: str) -> Network:
    """Apply a recorded event: every row of `events` with that name closes a link, a line or a district.

    `events` has columns event, kind (link | line | terminal | district) and target; the baseline's own are
    in the table ``disruptions``.
    """
    rows = events[events["event"] == event]
    if rows.empty:
        raise LabelError(f"no event {event!r}; there are {', '.join(sorted(events['event'].unique()))}")
    for kind, target in zip(rows["kind"], rows["target"], strict=True):
        if kind == "link":
            network = network.close(links=[target])
        elif kind == "line":
            network = network.close(lines=[target])
        elif kind == "terminal":
            network = close_terminals(network, [target])
        elif kind == "district":
            network = close_district(network, layers, target)
        else:
            raise LabelError(f"kind {kind!r} is none of link, line, terminal, district")
    return network


def impact(before: CostMatrix, after: CostMatrix, tonnes_kt: pd.DataFrame) -> Impact:
    """Price a closure for shipments in kt (index origin, columns destination)."""
    kt = tonnes_kt.reindex(index=before.origins, columns=before.destinations).fillna(0.0).to_numpy()
    old, new = before.cost_cny_t.to_numpy(), after.cost_cny_t.to_numpy()
    was, now = np.isfinite(old), np.isfinite(new)
    extra = np.subtract(new, old, out=np.zeros(old.shape), where=was & now)
    both = was & now
    rerouted = np.zeros(old.shape, bool)
    rerouted[both] = np.abs(before.values[both] - after.values[both]).max(axis=-1) > 1e-9
    return Impact(
        float((extra * kt).sum() / KCNY_PER_MCNY), float(kt[rerouted].sum()), float(kt[was & ~now].sum())
    )


def criticality(
    network: Network,
    tonnes_kt: pd.DataFrame,
    origins: Any,
    destinations: Any,
    *,
    commodity: str,
    rates: Rates,
    weights: Weights | None = None,
    by: str = "line",
) -> pd.DataFrame:
    """Rank lines (or single links, by="link") by what their loss costs the shipments given.

    Only what chosen paths use can cost anything, so only that is closed, one at a time. Index line or link;
    carried_kt, extra_mcny, rerouted_kt, cut_kt, worst first: cut tonnes before money.
    """

    def ask(part: Network) -> CostMatrix:
        return cost_matrix(part, origins, destinations, commodity=commodity, rates=rates, weights=weights)

    before = ask(network)
    carried = carried_kt(before, tonnes_kt)
    if by == "line":
        carried = carried.groupby(network.links["line"].reindex(carried.index).to_numpy()).max()
    rows = {}
    for name in sorted(carried.index[carried > 0]):
        part = network.close(links=[name]) if by == "link" else _without_line(network, name)
        loss = impact(before, ask(part), tonnes_kt)
        rows[name] = (carried[name], loss.extra_mcny, loss.rerouted_kt, loss.cut_kt)
    out = pd.DataFrame.from_dict(
        rows, orient="index", columns=["carried_kt", "extra_mcny", "rerouted_kt", "cut_kt"]
    )
    return out.rename_axis(by).sort_values(["cut_kt", "extra_mcny"], ascending=False, kind="stable")


def _without_line(network: Network, line: str) -> Network:
    return network.with_links(open=network.links["open"] & (network.links["line"] != line))


def carried_kt(matrix: CostMatrix, tonnes_kt: pd.DataFrame) -> pd.Series:
    """Add shipments (kt; index origin, columns destination) on every rail, river and sea link used."""
    kt = tonnes_kt.reindex(index=matrix.origins, columns=matrix.destinations).fillna(0.0)
    pairs = pd.MultiIndex.from_product([matrix.origins, matrix.destinations])
    used = pd.Series(kt.to_numpy().ravel(), index=pairs)
    used = used[used > 0]
    rows = legs(matrix, list(used.index))
    rows = rows[(rows["kind"] == "haul") & (rows["links"].str.len() > 0)]
    flows = used.reindex(pd.MultiIndex.from_frame(rows[["origin", "destination"]])).to_numpy()
    return (
        rows.assign(kt=flows)[["links", "kt"]]
        .explode("links")
        .groupby("links")["kt"]
        .sum()
        .rename_axis("link")
    )
