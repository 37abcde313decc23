"""The decision laid out as labelled tables: who may produce, haul, close or move, and the rules' limits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.region.demand import background, demand
from workbench.region.surplus import zone_surplus
from workbench.relocation.facilities import (
    annuity,
    build_id,
    closing_cny_t,
    facilities,
    replaced_by,
    seasons,
)
from workbench.relocation.freight import Pricer, deliveries, inbound
from workbench.scenarios.scenario import Scenario


@dataclass(frozen=True)
class Problem:
    """A relocation problem in tables; every id is a label, every table sorted.

    `facilities` (index id; see `facilities.facilities`, with `inbound_cny_t`, `inbound_co2_kg_t`,
    `works_cny_t` = inbound + production + power + carbon, `closing_cny_t`), `deliveries`, `inbound`,
    `demand` (industry, market, `kt`, `background_kt`, `net_kt`), `background`, `moves` (line, build,
    `follow` share of its people), `surplus` (per industry), `caps` (industry -> kt), `seasons`,
    `hydro_gwh` ((prefecture, season) -> GWh), `overdue` line ids that may neither stay nor move,
    `obsolete` line ids that may not move.
    """

    scenario: Scenario
    layers: Layers
    facilities: pd.DataFrame
    deliveries: pd.DataFrame
    inbound: pd.DataFrame
    demand: pd.DataFrame
    background: pd.DataFrame
    moves: pd.DataFrame
    surplus: pd.DataFrame
    caps: pd.Series
    seasons: pd.DataFrame
    hydro_gwh: pd.Series
    obsolete: frozenset[str]
    overdue: frozenset[str]

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The facilities that stand."""
        return self.facilities[self.facilities["kind"] == "line"]

    @cached_property
    def builds(self) -> pd.DataFrame:
        """The projects that could be built."""
        return self.facilities[self.facilities["kind"] == "build"]

    @cached_property
    def power_cell(self) -> pd.Series:
        """Number of each facility's power cell: its industry and prefecture."""
        keys = pd.MultiIndex.from_frame(self.facilities[["industry", "prefecture_zh"]])
        return pd.Series(keys.factorize(sort=True)[0], index=self.facilities.index)

    @cached_property
    def power_cells(self) -> pd.DataFrame:
        """Cells by season, in order: industry, prefecture_zh, season, share of the year, price_cny_kwh."""
        first = self.facilities[~self.power_cell.duplicated().to_numpy()].assign(cell=self.power_cell)
        cells = first.sort_values("cell")[["industry", "prefecture_zh", "grid_price_cny_kwh"]]
        table = cells.merge(self.seasons.reset_index(), how="cross")
        return table.assign(price_cny_kwh=table["grid_price_cny_kwh"] * (1 + table["float"]))

    @cached_property
    def follow(self) -> pd.Series:
        """Share of a line's people who follow its rebuilt tonnes, by (line, build)."""
        return self.moves.set_index(["line", "build"])["follow"]


def prepare(
    scenario: Scenario,
    layers: Layers,
    price: Pricer,
    *,
    excluded: Collection[tuple[str, str]] = (),
    obsolete: Collection[str] = (),
    overdue: Collection[str] = (),
    hydro_gwh: pd.Series | None = None,
) -> Problem:
    """Lay a scenario out as tables.

    `price` prices freight between points; `excluded`: (site, industry) pairs no build may stand on;
    `obsolete` lines may not move, `overdue` lines may not stay either; `hydro_gwh`: surplus hydropower by
    (prefecture_zh, season), none without it. `layers.assumptions` must already carry the scenario's values.
    """
    goal = scenario.objective
    table = facilities(
        layers, scenario.industries, zone=scenario.zone, power=scenario.power, excluded=excluded
    )
    feed, unfed = inbound(table, layers, price, carbon_cny_t=goal.carbon_price_cny_t + goal.co2_cny_t)
    table = _with_costs(table.drop(index=unfed), feed, layers, goal.carbon_price_cny_t)
    feed = feed[feed["facility"].isin(table.index)].reset_index(drop=True)
    background_supply = background(layers, scenario.industries, scenario.demand)
    known = set(table.index[table["kind"] == "line"])
    caps = layers.caps
    if hydro_gwh is None:
        hydro_gwh = pd.Series(dtype=float, index=pd.MultiIndex.from_arrays([[], []]))
    problem = Problem(
        scenario=scenario,
        layers=layers,
        facilities=table,
        deliveries=deliveries(table, layers, price),
        inbound=feed,
        demand=_net_demand(layers, scenario, background_supply),
        background=background_supply,
        moves=_moves(table, layers, frozenset(obsolete) | frozenset(overdue)),
        surplus=zone_surplus(layers, scenario.industries, zone=scenario.zone, demand_options=scenario.demand),
        caps=caps.groupby("industry")["cap_kt"].min().reindex(list(scenario.industries)).dropna(),
        seasons=seasons(layers.assumptions),
        hydro_gwh=hydro_gwh.rename_axis(["prefecture_zh", "season"]),
        obsolete=frozenset(obsolete) & known,
        overdue=frozenset(overdue) & known,
    )
    _check_pins(problem)
    return problem


def _with_costs(table: pd.DataFrame, feed: pd.DataFrame, layers: Layers, carbon_cny_t: float) -> pd.DataFrame:
    per_t = feed.assign(cost=feed["t_t"] * feed["cost_cny_t"], co2=feed["t_t"] * feed["co2_kg_t"])
    sums = per_t.groupby("facility")[["cost", "co2"]].sum().reindex(table.index).fillna(0.0)
    table = table.assign(inbound_cny_t=sums["cost"], inbound_co2_kg_t=sums["co2"])
    co2 = table["co2_process_kg_t"] + table["co2_power_kg_t"] + table["inbound_co2_kg_t"]
    money = table["inbound_cny_t"] + table["production_cny_t"] + table["power_cny_t"]
    return table.assign(
        works_co2_kg_t=co2,
        works_cny_t=money + carbon_cny_t * co2 / 1000,
        closing_cny_t=closing_cny_t(table, layers.assumptions),
    )


def _net_demand(layers: Layers, scenario: Scenario, supply: pd.DataFrame) -> pd.DataFrame:
    """Take off each prefecture's demand what its unlocated works supply."""
    table = demand(layers, scenario.industries, scenario.demand)
    local = supply.set_index(["industry", "prefecture_zh"])["production_kt"]
    keys = pd.MultiIndex.from_frame(table[["industry", "prefecture_zh"]])
    inside = (table["kind"] == "prefecture").to_numpy()
    taken = np.where(inside, local.reindex(keys).fillna(0.0), 0.0)
    return table.assign(background_kt=taken, net_kt=(table["kt"] - taken).clip(lower=0.0))


def _moves(table: pd.DataFrame, layers: Layers, barred: frozenset[str]) -> pd.DataFrame:
    """Return the moves that may be considered: same industry and process, no obsolete line."""
    lines, builds = table[table["kind"] == "line"], table[table["kind"] == "build"]
    lines = lines[~lines.index.isin(barred)].rename_axis("line").reset_index()
    lines["process"] = [replaced_by(i, p) for i, p in zip(lines["industry"], lines["process"], strict=True)]
    builds = builds.rename_axis("build").reset_index()
    pairs = lines.merge(builds, on=["industry", "process"], suffixes=("", "_to"))
    same = pairs["prefecture_zh"] == pairs["prefecture_zh_to"]
    follow = np.where(
        same,
        layers.assumptions["relocation.placed_same_prefecture_share"],
        layers.assumptions["relocation.placed_elsewhere_share"],
    )
    result = pairs[["line", "build"]].assign(follow=follow)
    return result.sort_values(["line", "build"], ignore_index=True)


def _check_pins(problem: Problem) -> None:
    pins = problem.scenario.pins
    sites, known = set(problem.layers.sites.index), set(problem.lines.index)
    unknown = {line for line in pins if line not in known}
    places = {site for site in pins.values() if site not in {"keep", "close"} and site not in sites}
    if unknown or places:
        raise LabelError("pins name lines or sites that are not in this problem", unexpected=unknown | places)


def build_for(problem: Problem, line: str, site: str) -> str:
    """Return the build a line would become at a site; raises LabelError when it may not move there."""
    row = problem.facilities.loc[line]
    found = build_id(site, row["industry"], replaced_by(row["industry"], row["process"]))
    moves = problem.moves
    if not ((moves["line"] == line) & (moves["build"] == found)).any():
        raise LabelError(
            f"line {line} may not move to {site}: it is obsolete, or the site lies in the zone, is excluded, "
            f"cannot be fed or does not take {row['industry']}",
            unexpected=[found],
        )
    return found


def one_off_cny_t(problem: Problem) -> tuple[pd.Series, float]:
    """Return the yearly cost of closing a tonne of capacity per line, and of one displaced person."""
    assumptions = problem.layers.assumptions
    person = annuity(assumptions) * assumptions["relocation.severance_cny_person"]
    return problem.lines["closing_cny_t"], person
