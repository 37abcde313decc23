"""What freight makes of a site: raw materials in, product out to the markets, by the multimodal network."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from workbench.layers.model import Layers
from workbench.logistics.freight.matrix import CostMatrix, cost_matrix
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.options import FreightOptions
from workbench.logistics.freight.rates import Rates
from workbench.region.demand import demand
from workbench.region.resources import Need, needs, sources

# (origins, destinations, commodity) -> matrix; origins and destinations are point frames indexed by id
Price = Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame, str], CostMatrix]
# What a new works is built as, where an industry has several processes.
PROCESS: Mapping[str, str] = {"steel": "bf_bof"}


def pricer(layers: Layers, options: FreightOptions | None = None) -> Price:
    """Return a function that prices freight on the baseline's network as a scenario's options have it.

    The network is built once; a second industry or ranking only asks it again.
    """
    options = options or FreightOptions()
    network = Network.from_layers(layers, options.rates_year)
    rates = Rates.for_year(options.rates_year, layers, options.season)

    def price(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, commodity: str) -> CostMatrix:
        return cost_matrix(network, origins, destinations, commodity=commodity, rates=rates, options=options)

    return price


def haulage(layers: Layers, industry: str, price: Price) -> pd.DataFrame:
    """Return what freight costs at every candidate site, per tonne of product; index site id, sorted.

    `inbound_cny_t` = sum over raw materials r of t_r min_q c[q, site]; `outbound_cny_t` = sum_m D_m
    c[site, m] / sum_m D_m over the markets m with demand D (2013, `region.demand`); `freight_cny_t` their
    sum; `raw_km` = mean network km of the raw materials by tonnes. Prices and materials are those the
    optimiser has for a new works. A material found on the spot costs its local haul, but is as far as its
    nearest listed source. A site without a way is NaN; a market that no site reaches is left out.
    """
    sites = layers.sites.sort_index()
    inbound, raw_km, tonnes = np.zeros(len(sites)), np.zeros(len(sites)), 0.0
    for need in needs(layers.assumptions, industry, PROCESS.get(industry, ""), new=True):
        cost, km = _supply(layers, sites, need, price)
        inbound += need.t_t * cost
        raw_km += need.t_t * km
        tonnes += need.t_t
    outbound = _delivery(layers, sites, industry, price)
    frame = pd.DataFrame(
        {
            "inbound_cny_t": inbound,
            "outbound_cny_t": outbound,
            "freight_cny_t": inbound + outbound,
            # an industry without located materials is judged by its other criteria
            "raw_km": raw_km / tonnes if tonnes else raw_km,
        },
        index=sites.index,
    )
    return frame.where(np.isfinite(frame))


def _supply(
    layers: Layers, sites: gpd.GeoDataFrame, need: Need, price: Price
) -> tuple[np.ndarray, np.ndarray]:
    """Return yuan and km per tonne of one material from its cheapest source, by site."""
    local = need.haul_km
    if local is not None and not layers.resources["resource"].eq(need.commodity).any():
        km = np.full(len(sites), local)
    else:
        costs = price(sources(layers, need.commodity), sites, need.commodity)
        cost, way = costs.cost_cny_t.to_numpy(), costs.km.to_numpy()
        best = cost.argmin(axis=0), np.arange(len(sites))
        if local is None:
            return cost[best], way[best]
        km = way[best]
    return np.full(len(sites), (local or 0.0) * layers.assumptions["relocation.local_haul_cny_tkm"]), km


def _delivery(layers: Layers, sites: gpd.GeoDataFrame, industry: str, price: Price) -> np.ndarray:
    """Return yuan per tonne of product to the mean market, by site."""
    wanted = demand(layers, (industry,)).set_index("market")["kt"]
    markets = layers.markets.loc[wanted.index.sort_values()]
    cost = price(sites, markets, industry).cost_cny_t.to_numpy()
    reached = np.isfinite(cost).any(axis=0)
    share = wanted[markets.index].to_numpy()[reached]
    return cost[:, reached] @ (share / share.sum())
