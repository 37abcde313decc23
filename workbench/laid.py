"""A scenario laid out: its network and prices, what bars sites and lines, headroom, water, the problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import geopandas as gpd
import pandas as pd

from workbench.layers.heard import Heard
from workbench.layers.model import Layers
from workbench.logistics.freight.matrix import CostMatrix, Weights, cost_matrix
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.options import FreightOptions
from workbench.logistics.freight.rates import Rates
from workbench.policy import screen
from workbench.policy.rules_place import sensitive_counties
from workbench.policy.screening import may_not_move, must_go
from workbench.region import hydropower
from workbench.region.ecology import site_exclusions
from workbench.region.headroom import balances
from workbench.relocation.freight import Pricer
from workbench.relocation.problem import Problem, prepare
from workbench.relocation.program import formulate
from workbench.remember import Keep, fresh, of_these
from workbench.scenarios.check import check as check_scenario
from workbench.scenarios.scenario import Scenario

_ROOTS = ("barred", "excluded", "headroom", "hydro")  # parts made of the layers and the scenario alone


@dataclass
class Freight:
    """Prices of one scenario's network; remembers each matrix so that its legs can be read later."""

    network: Network
    rates: Rates
    options: FreightOptions
    matrices: dict[tuple[str, tuple[str, ...], tuple[str, ...]], CostMatrix] = field(default_factory=dict)

    @classmethod
    def of(cls, scenario: Scenario, layers: Layers, ground: Layers | None = None) -> Freight:
        """Build the network as the scenario closes, prices and weighs it.

        `ground`: layers whose network is the same, so that it is only priced anew.
        """
        options = scenario.freight
        network = _network(ground or layers, options.rates_year)
        if options.closed_links or options.closed_lines:
            network = network.close(links=options.closed_links, lines=options.closed_lines)
        rates = Rates.for_year(options.rates_year, layers, options.season)
        return cls(network, rates, options)

    def __call__(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, commodity: str
    ) -> CostMatrix:
        key = (commodity, tuple(origins.index), tuple(destinations.index))
        if key not in self.matrices:
            self.matrices[key] = cost_matrix(
                self.network, origins, destinations,
                commodity=commodity, rates=self.rates, weights=Weights.from_options(self.options, commodity),
            )  # fmt: skip
        return self.matrices[key]

    def holding(self, commodity: str, origin: str, destination: str) -> CostMatrix:
        """Return the matrix in which a pair of places was priced."""
        for (name, origins, destinations), matrix in self.matrices.items():
            if name == commodity and origin in origins and destination in destinations:
                return matrix
        raise KeyError((commodity, origin, destination))


def _network(layers: Layers, year: int) -> Network:
    """Return the network of a baseline; the last few are kept, as every slider asks for the same one."""
    owners = (layers["freight_links"], layers.assumptions.frame)
    made = of_these("network", owners, lambda: Network.from_layers(layers, year), options=year)
    return cast("Network", made)


def assumed(scenario: Scenario, base: Layers) -> Layers:
    """Return a baseline under a scenario's assumptions, once it has all that the scenario names."""
    check_scenario(scenario, base)
    return base.with_assumptions(scenario.assumptions)


def lay_out(scenario: Scenario, layers: Layers, price: Pricer, keep: Keep = fresh) -> Problem:
    """Lay a scenario out as tables: exclusions, screening, headroom, water power, freight, costs.

    `layers` must already carry the scenario's assumptions; `keep` remembers parts by what they depend on.
    """
    barred = keep("barred", scenario.policy, lambda: _barred(layers, scenario))
    return prepare(
        scenario,
        layers,
        price,
        excluded=keep("excluded", scenario.industries, lambda: _excluded(layers, scenario)),
        obsolete=barred[0],
        overdue=barred[1],
        overdue_by=barred[2],
        headroom_t=keep("headroom", (), lambda: headroom_t(layers)),
        hydro_gwh=keep("hydro", scenario.power, lambda: surplus_hydropower(layers, scenario)),
        keep=keep,
    )


class Variants:
    """One scenario laid out under other assumptions: only what reads one that differs is made anew.

    What each part reads is heard while it is laid out once. Parts kept are those made of the layers alone
    (what bars lines and sites, headroom, spilled water), the network, and its prices: who reads none of the
    ids that differ is the same, to the last digit.
    """

    def __init__(self, scenario: Scenario, layers: Layers, freight: Freight) -> None:
        self.scenario, self.layers, self.freight = scenario, layers, freight
        heard = Heard.of(layers.assumptions)
        traced, self._made = replace(layers, assumptions=heard), dict[str, object]()

        def price(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, commodity: str) -> CostMatrix:
            with heard.during("freight"):
                return prices(origins, destinations, commodity)

        def keep(part: str, options: object, make: Callable[[], Any]) -> Any:
            if part not in _ROOTS:
                return make()
            with heard.during(part):
                self._made[part] = make()
            return self._made[part]

        with heard.during("network"):
            _network(traced, scenario.freight.rates_year)
        with heard.during("freight"):
            prices = Freight.of(scenario, traced)
        formulate(lay_out(scenario, traced, price, keep))
        self._read = {part: frozenset(names) for part, names in heard.names.items()}
        self.names = frozenset[str]().union(*self._read.values())

    @property
    def of_network(self) -> frozenset[str]:
        """The ids the network itself is laid out by: changing one takes seconds."""
        return self._read.get("network", frozenset())

    @property
    def of_freight(self) -> frozenset[str]:
        """The ids the network and its prices read."""
        return self.of_network | self._read.get("freight", frozenset())

    def reads(self, part: str, values: Mapping[str, float]) -> bool:
        """Tell whether a part reads one of some assumptions."""
        return not self._read.get(part, frozenset()).isdisjoint(values)

    def __call__(self, values: Mapping[str, float]) -> Problem:
        """Lay the scenario out with some assumptions changed."""
        changed = self.layers.with_assumptions(values)
        freight = self.freight
        if self.reads("network", values):
            freight = Freight.of(self.scenario, changed)
        elif self.reads("freight", values):
            freight = Freight.of(self.scenario, changed, self.layers)

        def keep(part: str, options: object, make: Callable[[], Any]) -> Any:
            return self._made[part] if part in _ROOTS and not self.reads(part, values) else make()

        return lay_out(self.scenario, changed, freight, keep)


def _barred(
    layers: Layers, scenario: Scenario
) -> tuple[frozenset[str], frozenset[str], dict[int, frozenset[str]]]:
    """Return the lines that may not move, those that may not stay at the end, and those of each year."""
    options, screened = scenario.policy, screen(layers, options=scenario.policy)
    by_year = {year: must_go(screened, options.at(year)) for year in options.horizon}
    return may_not_move(screened, options), must_go(screened, options), by_year


def _excluded(layers: Layers, scenario: Scenario) -> list[tuple[str, str]]:
    """Return (site, industry) pairs no build may take: hard zones, and key ecological counties (P22, P48)."""
    table = site_exclusions(layers, scenario.industries)
    county = table["site_id"].map(layers.sites["county_zh"])
    barred = table["excluded"].astype(bool) | county.isin(sensitive_counties(layers.counties))
    return list(zip(table.loc[barred, "site_id"], table.loc[barred, "industry"], strict=True))


def headroom_t(layers: Layers) -> pd.Series:
    """Return what each prefecture may still emit (t a year), by (prefecture_zh, pollutant).

    A prefecture that must still cut may add nothing: 0.
    """
    table = balances(layers)
    known = table[table["state"] != "unknown"].set_index(["prefecture_zh", "pollutant"])
    return known["headroom_t"].clip(lower=0.0)


def surplus_hydropower(layers: Layers, scenario: Scenario) -> pd.Series:
    """Return the water power that would be spilled, GWh by (prefecture_zh, season)."""
    table = hydropower.surplus(layers, scenario.power.hydrology)
    return table.groupby(["prefecture_zh", "season"])["abandoned_gwh"].sum()
