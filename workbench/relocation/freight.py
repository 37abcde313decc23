"""What it costs to bring raw materials in and products out: tables of possible hauls per tonne."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd

from workbench.errors import UnreachableError
from workbench.layers.model import Assumptions, Layers
from workbench.region.resources import FUELS, needs, sources
from workbench.units import KG_PER_T

MODES = ("rail", "road", "water", "sea")
HAUL = ("cost_cny_t", "hours", "co2_kg_t", "km", *(f"km_{mode}" for mode in MODES))


class Costs(Protocol):
    """What this room needs of a `logistics.CostMatrix`: frames of origins by destinations."""

    @property
    def cost_cny_t(self) -> pd.DataFrame: ...
    @property
    def hours(self) -> pd.DataFrame: ...
    @property
    def co2_kg_t(self) -> pd.DataFrame: ...
    @property
    def km(self) -> pd.DataFrame: ...
    @property
    def km_by_mode(self) -> Any: ...


# (origins, destinations, commodity) -> costs; origins and destinations are point frames indexed by id
Pricer = Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame, str], Costs]


def places(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the points a frame of facilities stands on, one row per `place`, sorted."""
    found = table.drop_duplicates("place").set_index("place").sort_index()[["lon", "lat"]]
    points = gpd.points_from_xy(found["lon"], found["lat"])
    return gpd.GeoDataFrame(found, geometry=points, crs="EPSG:4326")


def hauls(costs: Costs) -> pd.DataFrame:
    """Return a cost matrix as a table of reachable pairs: `origin`, `destination` and the columns of HAUL."""
    cost = costs.cost_cny_t
    columns = {"cost_cny_t": cost, "hours": costs.hours, "co2_kg_t": costs.co2_kg_t, "km": costs.km}
    columns |= {f"km_{mode}": costs.km_by_mode[mode] for mode in MODES if mode in costs.km_by_mode}
    pairs = pd.MultiIndex.from_product([cost.index, cost.columns], names=["origin", "destination"])
    table = pd.DataFrame({name: np.asarray(part).ravel() for name, part in columns.items()}, index=pairs)
    table = table.reindex(columns=list(HAUL), fill_value=0.0)
    return table[np.isfinite(table["cost_cny_t"])].reset_index()


def deliveries(table: pd.DataFrame, layers: Layers, price: Pricer) -> pd.DataFrame:
    """Return every possible delivery: `facility`, `market`, `industry` and the haul per tonne (HAUL).

    Neighbours sell into the province, never through it.
    """
    inside = markets_inside(layers)
    parts = []
    markets = layers.markets.sort_index()
    for industry, group in table.groupby("industry", sort=True):
        reachable = hauls(price(places(group), markets, str(industry)))
        standing = group["place"].rename_axis("facility").reset_index()
        joined = standing.merge(reachable, left_on="place", right_on="origin")
        joined = joined.drop(columns=["place", "origin"]).rename(columns={"destination": "market"})
        bought = joined["facility"].map(table["kind"]) == "outside"
        parts.append(joined[~bought | joined["market"].isin(inside)].assign(industry=industry))
    return pd.concat(parts).sort_values(["facility", "market"], ignore_index=True)


def markets_inside(layers: Layers) -> frozenset[str]:
    """Return the markets of the province."""
    markets = layers.markets
    return frozenset(markets.index[markets["kind"] == "prefecture"])


def inbound(
    table: pd.DataFrame, layers: Layers, price: Pricer, *, carbon_cny_t: float = 0.0
) -> tuple[pd.DataFrame, list[str]]:
    """Return the best source of each raw material for each facility, and the facilities it cannot reach.

    Rows: `facility`, `commodity`, `origin` (resource id, or the facility itself for a haul in its county),
    `t_t` tonnes per tonne of product, and the haul per tonne of material. Best is the least price, with
    `carbon_cny_t` yuan per tonne of CO2 on top.
    """
    assumptions = layers.assumptions
    parts: list[pd.DataFrame] = []
    unfed: set[str] = set()
    table = table[table["kind"] != "outside"]
    for (industry, process), group in table.groupby(["industry", "process"], sort=True):
        for need in needs(assumptions, str(industry), str(process)):
            standing = group["place"].rename_axis("facility").reset_index()
            if need.haul_km is not None:
                part = standing.assign(origin=standing["facility"], **_local(need.haul_km, assumptions))
            else:
                origins = sources(layers, need.commodity)
                best = _best(price(origins, places(group), need.commodity), carbon_cny_t)
                part = standing.merge(best, left_on="place", right_on="destination")
                part = part.drop(columns="destination")
                unfed |= set(standing["facility"]) - set(part["facility"])
            parts.append(part.drop(columns="place").assign(commodity=need.commodity, t_t=need.t_t))
    columns = ["facility", "commodity", "origin", "t_t", *HAUL]
    if not parts:
        return pd.DataFrame(columns=columns), []
    result = pd.concat(parts)[columns].sort_values(["facility", "commodity"], ignore_index=True)
    burnt = result["commodity"].isin(FUELS)
    own = table["coal_share"].reindex(result["facility"]).to_numpy(float)
    result["t_t"] = result["t_t"].where(~burnt, result["t_t"] * own)
    lines = sorted(unfed & set(table.index[table["kind"] == "line"]))
    if lines:
        raise UnreachableError(f"no way to bring raw material to {', '.join(lines[:10])}; check the network")
    return result, sorted(unfed)


def _best(costs: Costs, carbon_cny_t: float) -> pd.DataFrame:
    """Return the cheapest origin of each destination that can be reached, by id where two cost the same."""
    rows = np.argsort(costs.cost_cny_t.index.to_numpy(object), kind="stable")
    cost, co2 = (frame.to_numpy(float)[rows] for frame in (costs.cost_cny_t, costs.co2_kg_t))
    reached, weight = np.isfinite(cost), cost.copy()
    weight[reached] += carbon_cny_t * co2[reached] / KG_PER_T
    column = np.flatnonzero(np.isfinite(weight).any(axis=0))
    at = rows[weight[:, column].argmin(axis=0)]
    names = {"origin": costs.cost_cny_t.index[at], "destination": costs.cost_cny_t.columns[column]}
    parts = {"cost_cny_t": costs.cost_cny_t, "hours": costs.hours, "co2_kg_t": costs.co2_kg_t, "km": costs.km}
    parts |= {f"km_{mode}": costs.km_by_mode[mode] for mode in MODES if mode in costs.km_by_mode}
    found = pd.DataFrame(names | {name: part.to_numpy(float)[at, column] for name, part in parts.items()})
    return found.reindex(columns=[*names, *HAUL], fill_value=0.0)


def _local(km: float, assumptions: Assumptions) -> dict[str, float]:
    """Return the haul of a material found on the spot: a truck on county roads."""
    zero = dict.fromkeys(HAUL, 0.0)
    return zero | {
        "cost_cny_t": km * assumptions["relocation.local_haul_cny_tkm"],
        "hours": km / assumptions["relocation.local_haul_km_h"],
        "co2_kg_t": km * assumptions["relocation.local_haul_co2_kg_tkm"],
        "km": km,
        "km_road": km,
    }
