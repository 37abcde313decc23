"""The whole flow in one reading: layers, network, freight, problem, plan, indicators."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from workbench.indicators import exposure_span, exposure_table
from workbench.indicators import table as indicators
from workbench.indicators.explain import OF_FREIGHT, Explanation, explain
from workbench.laid import Freight, Variants, assumed, lay_out
from workbench.layers.model import Layers
from workbench.layers.read import load
from workbench.logistics.freight.capacity import Assignment, assign
from workbench.logistics.freight.disruption import criticality
from workbench.logistics.freight.matrix import Weights
from workbench.policy import check, why_not
from workbench.region import surplus
from workbench.region.ecology import site_exclusions
from workbench.region.options import PowerOptions, ZoneOptions
from workbench.relocation.assess import Assessor
from workbench.relocation.base_year import BaseYear, Inputs, calibrate, observed_use
from workbench.relocation.before import base_year, before, inputs, priced
from workbench.relocation.conflicts import conflicts
from workbench.relocation.doubt import Doubt, doubt
from workbench.relocation.flips import LIMIT_S, SAME_MCNY, Flips, flips
from workbench.relocation.freight import places
from workbench.relocation.legs import legs_of_flows
from workbench.relocation.near import Near, near
from workbench.relocation.optimise import optimise
from workbench.relocation.plan import Plan
from workbench.relocation.prices import rule_prices
from workbench.relocation.problem import Problem
from workbench.relocation.trade import Front, trade
from workbench.relocation.why import Best, Why
from workbench.remember import Keep, keeper
from workbench.reports.export import write_plan
from workbench.scenarios.scenario import Scenario
from workbench.siting import Where, where
from workbench.solver import Progress


@dataclass(frozen=True)
class Study:
    """One scenario on one baseline, ready to optimise or to judge moves made by hand."""

    scenario: Scenario
    layers: Layers
    freight: Freight
    problem: Problem
    base: Layers | None = None  # the layers before the scenario's assumptions, by which parts are remembered

    @classmethod
    def prepare(cls, scenario: Scenario | None = None, layers: Layers | None = None) -> Study:
        """Lay a scenario out: exclusions, screening, hydropower, freight, costs.

        The embedded baseline is used without `layers`. Raises ScenarioError (an id or a value the baseline
        does not have or allow), LabelError or UnreachableError with what to mend.
        """
        scenario = scenario or Scenario.baseline()
        base = load() if layers is None else layers
        keep = keeper(base, dict(scenario.assumptions))
        named = (scenario.industries, scenario.pins, scenario.freight)
        used = keep("assumed", named, lambda: assumed(scenario, base))
        freight = keep("freight", scenario.freight, lambda: Freight.of(scenario, used))
        problem = lay_out(scenario, used, freight, keep)
        return cls(scenario, used, freight, problem, base)

    @cached_property
    def _keep(self) -> Keep:
        return keeper(self.base or self.layers, dict(self.scenario.assumptions))

    @cached_property
    def _assessor(self) -> Assessor:
        return Assessor(self.problem, keep=self._keep)

    @cached_property
    def kept(self) -> Plan:
        """Every line kept where it is, goods sent at least cost: what sending better alone would give."""
        return replace(self._standing, before=self.before, study=self)

    @cached_property
    def _standing(self) -> Plan:
        return self._assessor.assess({})

    @cached_property
    def _then(self) -> Study:
        """The study of the year that existed: its own demand and water, nobody pays for carbon or steers."""
        s = self.scenario
        then = Scenario(
            industries=s.industries, zone=ZoneOptions(definition=s.zone.definition), policy=s.policy,
            power=PowerOptions(grid_factor=s.power.grid_factor), freight=s.freight, assumptions=s.assumptions,
        )  # fmt: skip
        base = self.base or self.layers
        return self._keep(
            "then", then.model_dump_json(), lambda: self if then == s else Study.prepare(then, base)
        )

    @cached_property
    def base_year(self) -> BaseYear:
        """The year that existed: use of each works, flows, how well they hold what is published."""
        if self._then is not self:
            return self._then.base_year
        always = keeper(self.base or self.layers)  # a year's digest tells all it depends on

        def fit(given: Inputs) -> tuple[np.ndarray, dict[str, float]]:
            fitted = always("base year", given.key(), lambda: calibrate(given))
            return cast("tuple[np.ndarray, dict[str, float]]", fitted)

        known = observed_use(self.layers, self.problem.lines)
        return base_year(inputs(self.problem, self.freight), known, fit)

    @cached_property
    def before(self) -> Plan:
        """The year that existed, as a plan; no option that describes a plan moves it.

        What a plan's scenario charges for carbon is charged here too, so that both are told in one money.
        """
        then, goal = self._then, self.scenario.objective
        if then is self:
            return before(self._standing, self.problem, self.base_year)
        return self._keep("before", (then.scenario, goal), lambda: priced(then.before, goal))

    def assess(self, moves: Mapping[str, str]) -> Plan:
        """Return the plan of hand-made moves: line id -> ``keep``, ``close`` or a site id."""
        found = self._assessor.assess(moves) if moves else self._standing
        return replace(found, before=self.before, kept=self.kept, study=self)

    def plan(
        self,
        *,
        progress: Callable[[Progress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Plan:
        """Return the best plan within the scenario's gap and time limit, its bound proven."""
        found = optimise(self.problem, before=self.before, progress=progress, cancel=cancel)
        return replace(found, kept=self.kept, study=self)

    def doubt(self, *, flips: bool = False, progress: Callable[[str], None] | None = None) -> Doubt:
        """Return how sure the best plan is: each unit, what more would pay, and, if asked, what flips it."""
        found = doubt(self.problem, progress=progress)
        return replace(found, flips=self.flips(progress=progress)) if flips else found

    def flips(self, *, limit_s: float = LIMIT_S, progress: Callable[[str], None] | None = None) -> Flips:
        """Return which assumptions flip the best plan, each at its ends and all against it together."""
        variants = self.variants
        return flips(self.problem, variants, variants.names, limit_s=limit_s, progress=progress)

    @cached_property
    def variants(self) -> Variants:
        """The scenario laid out under other assumptions, on demand; see `laid.Variants`."""
        return Variants(self.scenario, self.layers, self.freight)

    @cached_property
    def _best(self) -> Best:
        return Best(self.problem)

    def why(self, line: str, *, site: str | None = None) -> Why:
        """Return why a line leaves or stays in the best plan, and what its other fates would cost.

        Of other sites the next three, and `site` where one is named; see `relocation.why.Why`. Raises
        LabelError for an unknown line, and for a site that may not take it (`why_not` names what bars it).
        """
        return self._best.why(line, site=site)

    def near(self, *, slack_mcny: float = SAME_MCNY, count: int = 3) -> Near:
        """Return plans as good as the best that differ most from it and each other; see `relocation.near`."""
        return near(self._best, slack_mcny=slack_mcny, count=count)

    def conflicts(self) -> pd.DataFrame:
        """Return the least by which clauses must give way for a plan to exist; see `relocation.conflicts`."""
        return conflicts(self.problem)

    def explain(self, plan: Plan, indicator: str) -> Explanation:
        """Take a number of a plan apart: rows, legs, assumptions, sources; see `indicators.explain`."""
        freight = self.variants.of_freight if indicator in OF_FREIGHT else ()
        return explain(plan, indicator, of_freight=freight, legs=lambda: self.legs(plan))

    def pareto(
        self,
        objectives: Sequence[str] = ("cost", "co2"),
        *,
        points: int = 11,
        progress: Callable[[int], None] | None = None,
    ) -> Front:
        """Return lawful plans of which none is better in both objectives; see `relocation.trade.trade`.

        Objectives: cost (million CNY), co2 (kt), jobs (people who lose their place), each of a year.
        """
        front = trade(self.problem, objectives, points=points, progress=progress)
        plans = tuple(replace(plan, before=self.before, kept=self.kept, study=self) for plan in front.plans)
        return replace(front, plans=plans)

    def prices(self) -> pd.DataFrame:
        """Return what one more tonne under each rule would save; see `relocation.prices.rule_prices`."""
        return rule_prices(self.problem)

    def exposure(self, plan: Plan) -> pd.DataFrame:
        """Return what people of each prefecture breathe in (kg a year) before and after a plan.

        Columns as in `region.exposure.exposure`; rows with `in_basin` are the eight cities.
        """
        return exposure_table(plan)

    def exposure_span(self, plan: Plan) -> pd.DataFrame:
        """Return the change of the basin's intake with every assumption at its low and its high."""
        return exposure_span(plan)

    def why_not(self, site: str, industry: str) -> pd.DataFrame:
        """Name every clause and sensitive area that keeps an industry from a site; no row means none does."""
        return why_not(
            site,
            industry,
            self.layers,
            options=self.scenario.policy,
            zone=self.scenario.zone.definition,
            exclusions=self._keep("site rules", industry, lambda: site_exclusions(self.layers, (industry,))),
        )

    def where(self, industry: str) -> Where:
        """Judge and rank every candidate site for an industry under this scenario; see `siting.Where`."""
        s = self.scenario
        return self._keep(
            "where",
            (industry, s.zone, s.policy, s.freight),
            lambda: where(self.layers, industry, zone=s.zone, options=s.policy, price=self.freight),
        )

    def rank_sites(self, industry: str) -> pd.DataFrame:
        """Rank the sites that may take an industry, and name for each other site the clause that bars it.

        Index site id, best first; `rank` and `score` (NaN where barred), `allowed`, `clause`, `reason_zh`,
        `reason_en`: the columns of `where(industry).sites` that answer in one line.
        """
        table = pd.DataFrame(self.where(industry).sites)
        table["allowed"] = table["verdict"].isin(["free", "restricted"])
        return table[["rank", "score", "allowed", "clause", "reason_zh", "reason_en"]]

    def legs(self, plan: Plan) -> pd.DataFrame:
        """Return every leg of every flow of a plan: the flow's ids and kt beside the leg's own columns.

        The legs of a flow add up to its haul; raw material found on the spot is one leg without a link.
        """
        return legs_of_flows(plan.flows, self.problem.facilities["place"], self.freight.holding)

    def _shipments(self, plan: Plan) -> pd.DataFrame:
        """Return what a plan sends from place to place: commodity, origin, destination, kt."""
        place = self.problem.facilities["place"]
        flows = plan.flows[plan.flows["origin"] != plan.flows["destination"]]
        keys = ["commodity", "origin", "destination"]
        standing = flows[keys].apply(lambda ids: ids.map(lambda end: str(place.get(end, end))))
        shipments = standing.assign(kt=flows["kt"]).groupby(keys, as_index=False)["kt"].sum()
        names = [f"{good}: {a} > {b}" for good, a, b in shipments[keys].to_numpy()]
        return shipments.set_axis(names, axis=0)

    @cached_property
    def _points(self) -> pd.DataFrame:
        """Where facilities, markets and resources stand, and at which terminal."""
        known = [places(self.problem.facilities), self.layers["markets"], self.layers["resources"]]
        columns = ["lon", "lat", "node_id"]
        whole = pd.concat([pd.DataFrame(frame).reindex(columns=columns) for frame in reversed(known)])
        return whole[~whole.index.duplicated()]  # a gateway is a market, which knows its terminal

    def criticality(self, plan: Plan) -> pd.DataFrame:
        """Rank lines by what their loss costs the flows of a plan; see `logistics.criticality`.

        Index line; carried_kt (the busiest good on its busiest link), extra_mcny, rerouted_kt, cut_kt.
        """
        freight, parts = self.freight, []
        for good, part in self._shipments(plan).groupby("commodity"):
            kt = part.pivot(index="origin", columns="destination", values="kt").fillna(0.0)
            ends = self._points.loc[kt.index], self._points.loc[kt.columns]
            weights = Weights.from_options(freight.options, str(good))
            parts.append(
                criticality(
                    freight.network, kt, *ends, commodity=str(good), rates=freight.rates, weights=weights
                )
            )
        lines = pd.concat(parts).groupby(level=0)
        total = lines.sum().assign(carried_kt=lines["carried_kt"].max())
        return total.sort_values(["cut_kt", "extra_mcny"], ascending=False, kind="stable")

    def capacity(self, plan: Plan) -> Assignment:
        """Send all flows of a plan over the network together, within what lines, locks and ports can carry.

        `plan` prices every flow as if it were alone. Here they share the room other traffic leaves: `.links`
        shows load and shadow price of each link and terminal, `.overloaded` those the plan would overload,
        `.unmet` the kt that find no room. Shipments are the flows of one commodity between two places.
        """
        shipments, freight = self._shipments(plan), self.freight
        weights = {
            good: Weights.from_options(freight.options, good) for good in shipments["commodity"].unique()
        }
        return assign(freight.network, shipments, rates=freight.rates, weights=weights, places=self._points)

    def export(
        self,
        plan: Plan,
        folder: str | Path,
        *,
        timings: Mapping[str, float] | None = None,
        capacity: Assignment | None = None,
        doubt: Doubt | None = None,
        measured: pd.DataFrame | None = None,
        tell: Callable[[str, int, int], None] = lambda name, number, count: None,
    ) -> list[Path]:
        """Write map, workbook, GeoPackage, scenario and run record of a plan into a folder; return the paths.

        `timings`: seconds per stage, kept in the run record. `capacity`: the plan's own if it is known
        already, and `measured` its indicators. `doubt`: how sure the plan is, told in workbook and work plan.
        `tell(name, number, count)` hears of each file before it is written, and may raise to stop.
        Nothing is left half-written. Raises DataError when the folder cannot be written.
        """
        return write_plan(
            plan,
            folder,
            indicators=indicators(plan) if measured is None else measured,
            verdicts=check(plan),
            legs=self.legs(plan),
            capacity=(capacity or self.capacity(plan)).links,
            exposure=self.exposure(plan),
            timings=timings or {},
            doubt=doubt,
            tell=tell,
        )


def export(plan: Plan, folder: str | Path, **options: Any) -> list[Path]:
    """Write map, workbook, GeoPackage, scenario and run record of a plan; see `Study.export`."""
    return Study.prepare(plan.scenario, plan.layers).export(plan, folder, **options)


def plan(scenario: Scenario | None = None, layers: Layers | None = None) -> Plan:
    """Make the best plan of a scenario on a baseline (the embedded one without `layers`)."""
    return Study.prepare(scenario, layers).plan()


def zone_surplus(scenario: Scenario | None = None, layers: Layers | None = None) -> pd.DataFrame:
    """Return the Chengdu zone's balance per industry and its band; see `region.surplus.zone_surplus`."""
    scenario = scenario or Scenario.baseline()
    used = assumed(scenario, load() if layers is None else layers)
    return surplus.zone_surplus(used, scenario.industries, zone=scenario.zone, demand_options=scenario.demand)


def surplus_band(
    scenario: Scenario | None = None, layers: Layers | None = None, industry: str = "cement"
) -> surplus.Surplus:
    """Return the zone's surplus of an industry as a band, what swings it and what is asked (P24).

    See `region.surplus.surplus_band`.
    """
    scenario = scenario or Scenario.baseline()
    used = assumed(scenario, load() if layers is None else layers)
    return surplus.surplus_band(used, industry, zone=scenario.zone, demand_options=scenario.demand)
