"""The decision laid out as labelled tables: who may produce, haul, close or move, and the rules' limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd

from workbench.cut import Cut, Laid
from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.policy.screening import obsolete_share, screen_once
from workbench.policy.versions import area_class, cap_weight, ratio
from workbench.region.demand import (
    demand,
    obsolete_unlocated_kt,
    sold_locally,
    unlocated_works,
    zone_prefectures,
)
from workbench.region.surplus import zone_surplus
from workbench.relocation.facilities import build_id, facilities, replaced_by, seasons
from workbench.relocation.freight import Pricer, deliveries, inbound
from workbench.relocation.layout import Layout, lay_out
from workbench.relocation.measures import offers
from workbench.relocation.money import annuity, closing_cny_t, closing_once_cny_t, person_cny
from workbench.remember import Keep, fresh, keeper, of_these
from workbench.scenarios.scenario import ObjectiveOptions, Scenario
from workbench.units import KG_PER_T

# Fates of a line that name no site: kept, closed, kept and bettered by every measure it may take.
STAYS, FATES = ("keep", "upgrade"), ("keep", "close", "upgrade")


@dataclass(frozen=True)
class Problem:
    """A relocation problem in tables; every id is a label, every table sorted.

    `facilities` (index id; see `facilities.facilities`, with `inbound_cny_t`, `inbound_co2_kg_t`,
    `works_cny_t` = inbound + production + power + carbon, `closing_cny_t`, and of builds `ratio`, the closed
    tonnes a new one needs), `deliveries`, `inbound`, `demand` (industry, market, `kt`, `background_kt`,
    `net_kt`; `wanted` as columns), `background` (capacity nobody located: see `_unlocated`; `small` as
    columns, with `use` of it), `moves` (line, build, `follow` share of its people), `surplus` (per industry),
    `caps` (industry -> kt), `seasons`, `hydro_gwh` ((prefecture, season) -> GWh), `overdue` line ids that may
    neither stay nor move, `overdue_by` those of each year before the last where several are planned,
    `obsolete` line ids that may not move; `listed` (line -> share of it that is obsolete) and `eliminable`
    (the same with what nobody could screen: it may be); `headroom_t` ((prefecture, pollutant) -> t a
    year left under its cap, 0 where it must still cut).
    """

    scenario: Scenario
    layers: Layers
    facilities: pd.DataFrame
    deliveries: pd.DataFrame
    inbound: pd.DataFrame
    wanted: Cut
    small: Cut
    moves: pd.DataFrame
    surplus: pd.DataFrame
    caps: pd.Series
    seasons: pd.DataFrame
    hydro_gwh: pd.Series
    obsolete: frozenset[str]
    overdue: frozenset[str]
    headroom_t: pd.Series
    overdue_by: Mapping[int, frozenset[str]] = field(default_factory=dict)
    listed: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    eliminable: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))

    @property
    def demand(self) -> pd.DataFrame:
        """What each market takes, and what is left for the works."""
        return self.wanted.frame

    @property
    def background(self) -> pd.DataFrame:
        """The capacity nobody located, with what it makes."""
        return self.small.frame.drop(columns=["row", "use"])

    @property
    def years(self) -> tuple[int, ...]:
        """The years planned, one after the other."""
        return self.scenario.policy.horizon

    def overdue_at(self, year: int) -> frozenset[str]:
        """Return the lines that may not stand at the end of a year."""
        return self.overdue if year == self.years[-1] else self.overdue_by.get(year, self.overdue)

    def of(self, year: int) -> Problem:
        """Return the problem of one of its years, with that year's tasks and deadlines."""
        if self.years == (year,):
            return self
        scenario = self.scenario.model_copy(update={"policy": self.scenario.policy.at(year)})
        return replace(self, scenario=scenario, overdue=self.overdue_at(year), overdue_by={})

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The facilities that stand."""
        return of_these("lines", (self.facilities,), lambda: _of_kind(self.facilities, "line"))

    @cached_property
    def builds(self) -> pd.DataFrame:
        """The projects that could be built."""
        return of_these("builds", (self.facilities,), lambda: _of_kind(self.facilities, "build"))

    @cached_property
    def outside(self) -> pd.DataFrame:
        """The gateways at which neighbours sell into the province."""
        return of_these("outside", (self.facilities,), lambda: _of_kind(self.facilities, "outside"))

    @cached_property
    def lacking(self) -> dict[str, float]:
        """Share of its demand that an industry lacks whatever is kept: no plan owes more to a market."""
        able = of_these("able", (self.facilities,), lambda: _able_kt(self.facilities))
        found: dict[str, float] = dict.fromkeys(map(str, self.scenario.industries), 0.0)
        for industry, kt in able.items():
            net = self.wanted["net_kt"][self.wanted["industry"] == industry].sum()
            found[industry] = max(1 - kt / net, 0.0) if net > 0 else 0.0
        return found

    @cached_property
    def served(self) -> np.ndarray:
        """Which rows of demand are cement of a market of the province (P23)."""
        return np.asarray((self.wanted["industry"] == "cement") & (self.wanted["kind"] == "prefecture"))

    @cached_property
    def may_lack_kt(self) -> np.ndarray:
        """What each market `served` may go short: no more than it would with every line kept."""
        return np.asarray(self.lacking.get("cement", 0.0) * self.wanted["net_kt"][self.served])

    @cached_property
    def offers(self) -> pd.DataFrame:
        """What each line that stays may be bettered by; see `measures.offers`."""
        found = keeper(self.facilities)(
            "offers",
            self.scenario.units.upgrades,
            lambda: offers(self.lines, self.layers.assumptions, self.scenario.units.upgrades),
        )
        return cast("pd.DataFrame", found)

    @cached_property
    def layout(self) -> Layout:
        """What the tables of every plan are cut from; the same for problems that share their tables."""
        tables = (self.facilities, self.deliveries, self.inbound, self.seasons)
        return of_these("layout", tables, lambda: lay_out(*tables))

    @cached_property
    def basis(self) -> dict[str, float]:
        """What a tonne of capacity counts under the cap, by industry; see `policy.versions.cap_weight`."""
        a, options = self.layers.assumptions, self.scenario.policy
        ratio = a.get("cement.clinker_ratio_t_t", float("nan"))
        return {i: cap_weight(i, options, ratio) for i in self.scenario.industries}

    @cached_property
    def zone_prefectures(self) -> frozenset[str]:
        """The prefectures of the Chengdu zone as the scenario reads it."""
        return zone_prefectures(self.layers, self.scenario.zone)

    @cached_property
    def small_works(self) -> pd.DataFrame:
        """`background` by (industry, prefecture_zh), sorted, with `use` of its capacity."""
        return self.small.frame.drop(columns="row").set_index(["industry", "prefecture_zh"])

    @cached_property
    def market_keys(self) -> pd.MultiIndex:
        """(industry, market) of each row of demand, as its rows in the program are labelled."""
        whole = self.wanted.laid
        return of_these(
            "market keys", (whole,), lambda: pd.MultiIndex.from_frame(whole.frame[["industry", "market"]])
        )

    @cached_property
    def market_of_small(self) -> np.ndarray:
        """Row of demand that the small works of each row of `small` serve; -1 for none."""
        whole = (self.wanted.laid, self.small.laid)
        return of_these("market of small", whole, lambda: _markets_of(self.wanted, self.small))

    @cached_property
    def eliminable_share(self) -> np.ndarray:
        """`eliminable` by line, in the order of the layout."""
        whole = (self.layout, self.eliminable)
        return of_these(
            "eliminable", whole, lambda: self.eliminable.reindex(self.layout.line_ids).to_numpy(float)
        )

    @cached_property
    def possible(self) -> frozenset[tuple[str, str]]:
        """The (line, build) pairs of `moves`."""
        return frozenset(self.follow)

    @cached_property
    def small_use(self) -> dict[tuple[str, str], float]:
        """Use of the capacity nobody located, by (industry, prefecture_zh)."""
        keys = zip(self.small["industry"], self.small["prefecture_zh"], strict=True)
        return dict(zip(keys, self.small["use"].tolist(), strict=True))

    @cached_property
    def follow(self) -> Mapping[tuple[str, str], float]:
        """Share of a line's people who follow its rebuilt tonnes, by (line, build)."""
        return of_these("follow", (self.moves,), lambda: _shares(self.moves))


def _markets_of(wanted: Cut, small: Cut) -> np.ndarray:
    kinds = zip(wanted["kind"], wanted["industry"], wanted["prefecture_zh"], strict=True)
    rows = {
        key: row for row, (kind, *key_) in enumerate(kinds) if kind == "prefecture" for key in [tuple(key_)]
    }
    keys = zip(small["industry"], small["prefecture_zh"], strict=True)
    return np.array([rows.get(key, -1) for key in keys], dtype=int)


def _of_kind(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    return table[table["kind"] == kind]


def _able_kt(table: pd.DataFrame) -> dict[str, float]:
    """Return what an industry can make with every line kept and buy of neighbours, kt a year."""
    kt = (table["utilisation"] * table["capacity_kt"])[table["kind"] != "build"]
    return cast("dict[str, float]", kt.groupby(table["industry"]).sum().to_dict())


def _shares(moves: pd.DataFrame) -> dict[tuple[str, str], float]:
    return dict(zip(zip(moves["line"], moves["build"], strict=True), moves["follow"].tolist(), strict=True))


def prepare(
    scenario: Scenario,
    layers: Layers,
    price: Pricer,
    *,
    excluded: Collection[tuple[str, str]] = (),
    obsolete: Collection[str] = (),
    overdue: Collection[str] = (),
    overdue_by: Mapping[int, Collection[str]] | None = None,
    hydro_gwh: pd.Series | None = None,
    headroom_t: pd.Series | None = None,
    keep: Keep = fresh,
) -> Problem:
    """Lay a scenario out as tables.

    `price` prices freight between points; `excluded`: (site, industry) pairs no build may stand on;
    `obsolete` lines may not move, `overdue` lines may not stay either (at the end of earlier years those of
    `overdue_by`, the same where it says nothing); `hydro_gwh`: surplus hydropower by
    (prefecture_zh, season), none without it; `headroom_t`: what each prefecture may still emit, t by
    (prefecture_zh, pollutant), unlimited where it has no row. `layers.assumptions` must already carry the
    scenario's values. `keep` remembers tables by the options they depend on; whoever hands one in has
    `price`, `excluded` and the rest follow from the scenario.
    """
    s, goal = scenario, scenario.objective
    # what facilities depend on, what they buy, and what may be done with them
    stand = (s.industries, s.zone.definition, s.power.grid_factor, s.freight)
    bought = (stand, goal.carbon_price_cny_t, goal.co2_cny_t)
    ruled = (bought, s.policy, s.power.hydrology)

    def lay() -> dict[str, Any]:
        known = set(table.index[table["kind"] == "line"])
        listed, unsure = (
            pd.Series(part, dtype=float) for part in obsolete_share(screen_once(layers, options=s.policy))
        )
        caps = layers.caps.groupby("industry")["cap_kt"].min()
        none = pd.Series(dtype=float, index=pd.MultiIndex.from_arrays([[], []]))
        water, room = (none if part is None else part for part in (hydro_gwh, headroom_t))
        barred = frozenset(obsolete) | frozenset(overdue)
        return {
            "facilities": table,
            "deliveries": keep("deliveries", stand, lambda: deliveries(table, layers, price)),
            "inbound": feed,
            "moves": keep("moves", (stand, sorted(barred)), lambda: _moves(table, layers, barred)),
            "caps": caps.reindex(list(s.industries)).dropna(),
            "seasons": keep("seasons", (), lambda: seasons(layers.assumptions)),
            "hydro_gwh": water.rename_axis(["prefecture_zh", "season"]),
            "obsolete": frozenset(obsolete) & known,
            "overdue": frozenset(overdue) & known,
            "headroom_t": room.rename_axis(["prefecture_zh", "pollutant"]).sort_index(),
            "overdue_by": {year: frozenset(ids) & known for year, ids in (overdue_by or {}).items()},
            "listed": listed.reindex(sorted(known)).fillna(0.0),
            "eliminable": (listed.add(unsure, fill_value=0.0)).reindex(sorted(known)).fillna(0.0),
        }

    bare = keep(
        "facilities",
        stand,
        lambda: facilities(layers, s.industries, zone=s.zone, power=s.power, excluded=excluded),
    )
    table, feed = keep("inbound", bought, lambda: _fed(bare, layers, price, goal))
    table = keep("ratios", (bought, s.policy), lambda: table.assign(ratio=_ratios(table, s)))
    whole = keep("demand", s.industries, lambda: Laid(demand(layers, s.industries)))
    works = keep(
        "unlocated works", s.industries, lambda: Laid(unlocated_works(layers, s.industries, whole.frame))
    )
    small = of_these(
        "small works", (works, table, layers), lambda: Laid(_unlocated(works.frame, table, layers, s))
    )
    taken = whole["kt"] * s.demand.scale
    sold = sold_locally(works, taken)
    problem = Problem(
        scenario=scenario,
        layers=layers,
        wanted=_net_demand(whole, taken, works, sold),
        small=_used(small, sold),
        surplus=zone_surplus(layers, s.industries, zone=s.zone, demand_options=s.demand, keep=keep),
        **keep("ruled", ruled, lay),
    )
    _check_pins(problem)
    return problem


def _fed(
    table: pd.DataFrame, layers: Layers, price: Pricer, goal: ObjectiveOptions
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the facilities that can be fed, with their costs, and what feeds them."""
    feed, unfed = inbound(table, layers, price, carbon_cny_t=goal.carbon_price_cny_t + goal.co2_cny_t)
    table = _with_costs(table.drop(index=unfed), feed, layers, goal.carbon_price_cny_t)
    return table, feed[feed["facility"].isin(table.index)].reset_index(drop=True)


def _with_costs(table: pd.DataFrame, feed: pd.DataFrame, layers: Layers, carbon_cny_t: float) -> pd.DataFrame:
    per_t = feed.assign(cost=feed["t_t"] * feed["cost_cny_t"], co2=feed["t_t"] * feed["co2_kg_t"])
    sums = per_t.groupby("facility")[["cost", "co2"]].sum().reindex(table.index).fillna(0.0)
    table = table.assign(inbound_cny_t=sums["cost"], inbound_co2_kg_t=sums["co2"])
    co2 = table["co2_process_kg_t"] + table["co2_power_kg_t"] + table["inbound_co2_kg_t"]
    money = table["inbound_cny_t"] + table["production_cny_t"] + table["power_cny_t"]
    return table.assign(
        works_co2_kg_t=co2,
        works_cny_t=money + carbon_cny_t * co2 / KG_PER_T,
        closing_cny_t=closing_cny_t(table, layers.assumptions),
    )


def _ratios(table: pd.DataFrame, scenario: Scenario) -> list[float]:
    """Closed tonnes a new tonne needs by the rule version, industry and kind of area; NaN for lines."""
    options = scenario.policy
    keys = zip(table["kind"], table["industry"], table["prefecture_zh"], strict=True)
    return [
        ratio(industry, area_class(place, options), options) if kind == "build" else np.nan
        for kind, industry, place in keys
    ]


def _unlocated(works: pd.DataFrame, table: pd.DataFrame, layers: Layers, scenario: Scenario) -> pd.DataFrame:
    """Say of the capacity nobody located what its obsolete part is and what closing it costs and saves.

    One row per industry and prefecture, sorted: industry, prefecture_zh, in_zone, capacity_kt,
    `retirable_kt` (its obsolete part), and per tonne `works_cny_t`, `works_co2_kg_t`, `fixed_cny_t`,
    `closing_cny_t`, `jobs_per_kt`: the means of the located lines of its industry, by capacity. `row`: its
    row in `works`.
    """
    a, names = layers.assumptions, zone_prefectures(layers, scenario.zone)
    lines = table[table["kind"] == "line"]
    columns = ["works_cny_t", "works_co2_kg_t", "fixed_cny_t", "jobs_per_kt"]
    weighted = lines[columns].mul(lines["capacity_kt"], axis=0).groupby(lines["industry"]).sum()
    mean = weighted.div(lines.groupby("industry")["capacity_kt"].sum(), axis=0)
    industry = works["industry"]
    keys = pd.MultiIndex.from_frame(works[["industry", "prefecture_zh"]])
    old = obsolete_unlocated_kt(layers).reindex(keys).fillna(0.0).to_numpy()
    once = industry.map({i: annuity(a) * closing_once_cny_t(a, str(i)) for i in industry.unique()})
    means = mean.reindex(industry).fillna(0.0).set_axis(works.index)
    found = works[["industry", "prefecture_zh", "capacity_kt"]].assign(
        production_kt=0.0,
        in_zone=works["prefecture_zh"].isin(names),
        retirable_kt=old,
        closing_cny_t=once,
        row=np.arange(len(works)),
    )
    return found.join(means).sort_values(["industry", "prefecture_zh"], ignore_index=True)


def _net_demand(whole: Laid, taken_kt: np.ndarray, works: Laid, sold_kt: np.ndarray) -> Cut:
    """Take off each prefecture's demand what its unlocated works supply."""
    supplied, at = np.zeros(len(taken_kt)), works["market"]
    supplied[at[at >= 0]] = sold_kt[at >= 0]
    net = np.maximum(taken_kt - supplied, 0.0)
    return Cut(whole, None, {"kt": taken_kt, "background_kt": supplied, "net_kt": net})


def _used(small: Laid, sold_kt: np.ndarray) -> Cut:
    """Say how much of the capacity nobody located is used."""
    made, kt = sold_kt[small["row"]], small["capacity_kt"]
    use = np.divide(made, kt, out=np.zeros(len(made)), where=kt > 0)
    return Cut(small, None, {"production_kt": made, "use": use})


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
    if not pins:
        return
    sites, known = set(problem.layers.sites.index), set(problem.lines.index)
    unknown = {line for line in pins if line not in known}
    places = {site for site in pins.values() if site not in FATES and site not in sites}
    if unknown or places:
        raise LabelError("pins name lines or sites that are not in this problem", unexpected=unknown | places)


def build_for(problem: Problem, line: str, site: str) -> str:
    """Return the build a line would become at a site; raises LabelError when it may not move there."""
    industry, process = (str(problem.facilities.at[line, name]) for name in ("industry", "process"))
    found = build_id(site, industry, replaced_by(industry, process))
    if (line, found) not in problem.possible:
        raise LabelError(
            f"line {line} may not move to {site}: it is obsolete, or the site lies in the zone, is excluded, "
            f"cannot be fed or does not take {industry}",
            unexpected=[found],
        )
    return found


def one_off_cny_t(problem: Problem) -> tuple[pd.Series, float]:
    """Return the yearly cost of closing a tonne of capacity per line, and of one displaced person."""
    assumptions = problem.layers.assumptions
    return problem.lines["closing_cny_t"], person_cny(assumptions)
