"""A plan as tables: the fate of each line, what is built, who delivers what to whom, what it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from workbench.cut import Cut, Laid
from workbench.errors import WorkbenchError
from workbench.layers.model import Layers
from workbench.relocation.credits import NOTHING_KT
from workbench.relocation.layout import Layout
from workbench.relocation.money import annuity, person_cny
from workbench.relocation.problem import Problem
from workbench.remember import of_these
from workbench.scenarios.scenario import Scenario
from workbench.units import CNY_PER_MCNY, KCNY_PER_MCNY, KG_PER_T, MWH_PER_GWH

NO_WATER = pd.Series(dtype=float)


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables of a plan as columns; `Plan` tells what each holds, and hands them out as frames."""

    decisions: Cut
    builds: Cut
    credits: Cut
    facilities: Cut
    flows: Cut
    unmet: Cut
    power: Cut
    unlocated: Cut
    upgrades: Cut
    bought: Cut

    def __iter__(self) -> Iterator[Cut]:
        return (getattr(self, each.name) for each in fields(self))


class Explains(Protocol):
    """What a plan is made by, as far as a plan knows it."""

    def explain(self, plan: Plan, indicator: str) -> Any:
        """Take a number of a plan apart; see `indicators.explain.explain`."""


UPGRADE = (
    "line_id", "measure", "industry", "prefecture_zh", "capacity_kt", "capital_mcny", "yearly_mcny",
    "running_mcny", "saved_gwh", "saved_mcny", "saved_co2_kt", "nox_t",
)  # fmt: skip


JOINED = ("plant_id", "firm", "head", "capacity_kt")


def none_upgraded() -> pd.MultiIndex:
    """Return the index of no measure taken."""
    return pd.MultiIndex.from_arrays([[], []], names=["line", "measure"])


@dataclass(frozen=True, eq=False)
class Plan:
    """An assessed plan; every frame is indexed or keyed by ids of the baseline, and made when asked for.

    `decisions` (index line id): plant_id, industry, prefecture_zh, in_zone, capacity_kt, decision
    (keep|close|move), site_id, build_id, jobs, displaced_jobs, closing_mcny, people_mcny. `builds` (index
    build id): site_id, industry, process, prefecture_zh, capacity_kt. `credits`: line_id, build_id, kt of
    closed capacity that pay for new. `facilities` (index line or build id): what stands in the plan, with
    its yearly production, costs and CO2 per tonne. `flows`: industry, commodity, origin, destination, kt and
    the haul per tonne; products and raw materials. `unmet`: market, industry, kt. `power`: industry,
    prefecture_zh, season, grid_gwh, surplus_gwh, cost_mcny. `duals`: what one more tonne at a market would
    cost (cny_t), per industry and market.
    `unlocated` (industry, prefecture_zh): what closes of the capacity nobody located: capacity_kt and
    production_kt left, of it obsolete_kt, retired_kt, closing_mcny, people_mcny, displaced_jobs, saved_mcny,
    saved_co2_kt. `upgrades`: what is bettered at units that stay, one row per unit and measure: line_id,
    measure, industry, prefecture_zh, capacity_kt, capital_mcny (once), yearly_mcny (capital spread and
    running cost), running_mcny, saved_gwh, saved_mcny (at grid prices), saved_co2_kt, nox_t (no longer
    emitted in full normal use); it counts as no closing. `bought` (index gateway): market, industry, kt that
    neighbours sell into the province, cost_mcny at the gateway, co2_kt it stands for.
    `joined`: works whose owner group joins another (plant_id, firm, head, capacity_kt), nothing else about
    them changes. `limits`: what the law asks and how the plan stands, see `breaches.measured`.
    `objective_mcny` is what was minimised, weights included; `before` the year that existed (`base_year`),
    `kept` the same works sending their goods at least cost: what lies between is no gain of moving;
    `stages`: of a plan of several years the state at the end of each, the last as the plan itself tells it;
    the objective is then that of the levelised year. `reference_mcny` the objective of the lawful plan that
    moves nothing, or of that which rebuilds least where the law lets none do so; NaN where none was found.
    `study`: what made it, where one did.
    """

    scenario: Scenario
    layers: Layers
    problem: Problem
    status: str
    objective_mcny: float
    bound_mcny: float
    gap: float
    seconds: float
    tables: Tables
    measured: Cut
    prices: pd.Series
    joined: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(JOINED)))
    reference_mcny: float = float("nan")
    before: Plan | None = None
    kept: Plan | None = None
    stages: Mapping[int, Plan] = field(default_factory=dict)
    study: Explains | None = None

    def explain(self, indicator: str) -> Any:
        """Take a number of the plan apart: rows, legs, assumptions, sources; see `indicators.Explanation`.

        `indicator`: an id of `wb.indicators`, or ``freight_cost_cny``. Raises LabelError for another id,
        WorkbenchError for a plan no study made.
        """
        if self.study is None:
            raise WorkbenchError("no study made this plan: ask `Study.explain(plan, indicator)`")
        return self.study.explain(self, indicator)

    @property
    def decisions(self) -> pd.DataFrame:
        """The fate of each line."""
        return self.tables.decisions.frame

    @property
    def builds(self) -> pd.DataFrame:
        """What is built."""
        return self.tables.builds.frame

    @property
    def credits(self) -> pd.DataFrame:
        """What pays for it."""
        return self.tables.credits.frame

    @property
    def facilities(self) -> pd.DataFrame:
        """What stands."""
        return self.tables.facilities.frame

    @property
    def flows(self) -> pd.DataFrame:
        """What is sent."""
        return self.tables.flows.frame

    @property
    def unmet(self) -> pd.DataFrame:
        """What markets lack."""
        return self.tables.unmet.frame

    @property
    def power(self) -> pd.DataFrame:
        """What power is used."""
        return self.tables.power.frame

    @property
    def unlocated(self) -> pd.DataFrame:
        """What closes of the capacity nobody located."""
        return self.tables.unlocated.frame

    @property
    def upgrades(self) -> pd.DataFrame:
        """What is bettered at units that stay."""
        return self.tables.upgrades.frame

    @property
    def bought(self) -> pd.DataFrame:
        """What neighbours sell into the province."""
        return self.tables.bought.frame

    @property
    def limits(self) -> pd.DataFrame:
        """What the law asks, and how the plan stands."""
        return self.measured.frame

    @cached_property
    def duals(self) -> pd.DataFrame:
        """What one more tonne at a market would cost."""
        return (self.prices.rename("cny_t") * KCNY_PER_MCNY).reset_index()

    @property
    def states(self) -> Mapping[int, Plan]:
        """The state at the end of each year planned; of one year the plan itself."""
        return self.stages or {self.scenario.policy.last_year: self}

    @cached_property
    def books_by_year(self) -> pd.DataFrame:
        """The three books of each year, kt by (industry, year): what is new in it."""
        table = pd.concat({year: state.books for year, state in self.states.items()}, names=["year"])
        table = table.reorder_levels(["industry", "year"]).sort_index()
        return table.groupby(level="industry").diff().fillna(table)

    @property
    def parts(self) -> tuple[object, ...]:
        """Everything that costs and indicators are added up from: equal objects, equal sums."""
        return (self.scenario, self.layers, self.problem, *self.tables, self.measured)

    @cached_property
    def books(self) -> pd.DataFrame:
        """The three books, kt by industry.

        `obsolete_kt` (listed lines and small works closed), `replaced_kt` (capacity that pays for new),
        `net_kt` (sound capacity gone for good).
        """
        lines = self.decisions[self.decisions["decision"] != "keep"]
        old = self.problem.listed.reindex(lines.index).fillna(0.0) * lines["capacity_kt"]
        owner = self.credits["line_id"].map(self.decisions["industry"]).to_numpy()
        parts = {
            "listed": old.groupby(lines["industry"]).sum(),
            "sound": (lines["capacity_kt"] - old).groupby(lines["industry"]).sum(),
            "small": self.unlocated["retired_kt"].groupby(level="industry").sum(),
            "replaced": self.credits["kt"].groupby(owner).sum(),
        }
        kt = pd.DataFrame(parts, index=sorted(self.scenario.industries)).fillna(0.0)
        return pd.DataFrame(
            {
                "obsolete_kt": kt["listed"] + kt["small"],
                "replaced_kt": kt["replaced"],
                "net_kt": kt["sound"] - kt["replaced"],
            }
        ).rename_axis("industry")


@dataclass(frozen=True, eq=False)
class Choice:
    """A plan in its barest form, as the solver or a hand gives it; arrays in the order of the layout."""

    fate: np.ndarray  # keep | close | move, by line
    size_kt: Mapping[str, float]  # build -> kt
    credit_kt: Mapping[tuple[str, str], float]  # (line, build) -> kt of the line that pay for the build
    retire_kt: np.ndarray  # kt of unlocated capacity that closes, by row of `small_works`
    deliver_kt: np.ndarray  # kt, by possible delivery
    unmet_kt: pd.Series  # (industry, market) -> kt
    hydro_gwh: pd.Series  # (industry, prefecture, season) -> GWh
    upgraded: pd.MultiIndex = field(default_factory=none_upgraded)  # (line, measure)


def tables(problem: Problem, choice: Choice) -> Tables:
    """Return the tables of a plan, from its barest form."""
    lay, number = problem.layout, problem.layout.numbers
    size = {lay.at[build]: size for build, size in choice.size_kt.items() if size > NOTHING_KT}
    new = np.fromiter(size, dtype=int, count=len(size))
    kt = number["capacity_kt"].copy()
    kt[new] = list(size.values())
    leaving = choice.fate != "keep"
    sent = choice.deliver_kt
    made = np.bincount(lay.sender, weights=np.where(sent > NOTHING_KT, sent, 0.0), minlength=len(lay.index))
    kwh, left = _kwh_t(problem, choice.upgraded), _left(problem, choice.upgraded)
    power = power_use(problem, made, choice.hydro_gwh, kwh)
    whole = number["power_kwh_t"]
    part = np.divide(kwh, whole, out=np.ones(len(kwh)), where=whole > 0)
    at = np.concatenate([lay.lines[~leaving], new])
    standing = {
        "capacity_kt": kt[at],
        "production_kt": made[at],
        "jobs": kt[at] * number["jobs_per_kt"][at],
        "power_kwh_t": kwh[at],
        "power_cny_t": (number["power_cny_t"] * part - _savings_cny_t(kwh, lay, made, power))[at],
        "co2_power_kg_t": (number["co2_power_kg_t"] * part)[at],
        "nox_kg_t": (number["nox_kg_t"] * left)[at],
    }
    return Tables(
        decisions=_decisions(problem, choice, leaving),
        builds=Cut(lay.builds, new, {"capacity_kt": kt[new]}),
        credits=_credits(choice),
        facilities=Cut(lay.facilities, at, standing),
        flows=flows(lay, sent, made),
        unmet=_unmet(choice.unmet_kt),
        power=power,
        unlocated=_unlocated(problem, choice),
        upgrades=_upgrades(problem, choice.upgraded, made),
        bought=_bought(problem, made),
    )


def _kwh_t(problem: Problem, upgraded: pd.MultiIndex) -> np.ndarray:
    """Return the power a tonne takes at each facility, less what its measures save."""
    kwh = problem.layout.numbers["power_kwh_t"]
    if len(upgraded):
        kwh, (at, offered) = kwh.copy(), _taken(problem, upgraded)
        np.subtract.at(kwh, at, offered["kwh_t"].to_numpy(float))
    return kwh


def _left(problem: Problem, upgraded: pd.MultiIndex) -> np.ndarray:
    """Return the share of its NOx that each facility still emits."""
    left = np.ones(len(problem.layout.index))
    if len(upgraded):
        at, offered = _taken(problem, upgraded)
        np.multiply.at(left, at, 1.0 - offered["nox_share"].to_numpy(float))
    return left


def _taken(problem: Problem, upgraded: pd.MultiIndex) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the position of each unit bettered, and what its measure does."""
    at = problem.layout.index.get_indexer(upgraded.get_level_values("line"))
    return at, problem.offers.loc[upgraded]


def _bought(problem: Problem, made: np.ndarray) -> Cut:
    """Return what neighbours sell, at what price, and the CO2 it stands for."""
    gates, number = problem.outside, problem.layout.numbers
    at = of_these("gates", (gates,), lambda: problem.layout.index.get_indexer(gates.index))
    laid = of_these("bought", (gates,), lambda: Laid(_gates(gates)))
    some = np.flatnonzero(made[at] > NOTHING_KT)
    kt, at = made[at][some], at[some]
    co2 = number["co2_process_kg_t"][at] + number["co2_power_kg_t"][at]
    new = {
        "kt": kt,
        "cost_mcny": kt * number["production_cny_t"][at] / KCNY_PER_MCNY,
        "co2_kt": kt * co2 / KG_PER_T,
    }
    return Cut(laid, some, new)


def _gates(outside: pd.DataFrame) -> pd.DataFrame:
    return outside[["place", "industry"]].rename(columns={"place": "market"})


def _upgrades(problem: Problem, upgraded: pd.MultiIndex, made: np.ndarray) -> Cut:
    lay, a = problem.layout, problem.layers.assumptions
    if not len(upgraded):
        return of_these("no upgrades", (), lambda: Cut.of(_no_upgrades()))
    at, offered = _taken(problem, upgraded)
    number = {name: values[at] for name, values in lay.numbers.items()}
    kt, gwh = number["capacity_kt"], offered["kwh_t"].to_numpy(float) * made[at] / MWH_PER_GWH
    once, running = (
        offered[name].to_numpy(float) * kt / KCNY_PER_MCNY for name in ("once_cny_t", "run_cny_t")
    )
    table = {
        "line_id": upgraded.get_level_values("line"),
        "measure": upgraded.get_level_values("measure"),
        "industry": lay.facilities["industry"][at],
        "prefecture_zh": lay.facilities["prefecture_zh"][at],
        "capacity_kt": kt,
        "capital_mcny": once,
        "yearly_mcny": annuity(a) * once + running,
        "running_mcny": running,
        "saved_gwh": gwh,
        "saved_mcny": gwh * number["power_cny_t"] / number["power_kwh_t"],
        "saved_co2_kt": gwh * number["co2_power_kg_t"] / number["power_kwh_t"],
        "nox_t": offered["nox_share"].to_numpy(float) * number["nox_kg_t"] * number["utilisation"] * kt,
    }
    return Cut.of(pd.DataFrame(table))


def _no_upgrades() -> pd.DataFrame:
    text = UPGRADE[: UPGRADE.index("capacity_kt")]
    return pd.DataFrame({name: pd.Series(dtype=object if name in text else float) for name in UPGRADE})


def _unmet(kt: pd.Series) -> Cut:
    keys = kt.index
    laid = of_these("unmet", (keys,), lambda: Laid(keys.to_frame(index=False)[["market", "industry"]]))
    some = np.flatnonzero(kt.to_numpy(float) > NOTHING_KT)
    return Cut(laid, some, {"kt": kt.to_numpy(float)[some]}, numbered=True)


def _decisions(problem: Problem, choice: Choice, leaving: np.ndarray) -> Cut:
    """Return the fate of each line, what it pays for, its people and what its closing costs.

    A line that pays for several projects is shown at the largest; `credits` names them all.
    """
    lay, person = problem.layout, person_cny(problem.layers.assumptions)
    lines, number = lay.lines, {name: part[lay.lines] for name, part in lay.numbers.items()}
    largest: dict[int, tuple[float, str]] = {}
    stays = np.zeros(len(lines))
    for (line, build), kt in choice.credit_kt.items():
        row = lay.at[line]
        stays[row] += problem.follow.get((line, build), np.nan) * kt
        if row not in largest or kt > largest[row][0]:
            largest[row] = (kt, build)
    build_of, site_of = np.full((2, len(lines)), "", dtype=object)
    for row, (_, build) in largest.items():
        build_of[row], site_of[row] = build, lay.facilities["site_id"][lay.at[build]]
    jobs = number["capacity_kt"] * number["jobs_per_kt"]
    displaced = np.where(leaving, jobs, 0.0) - stays * number["jobs_per_kt"]
    new = {
        "decision": choice.fate,
        "build_id": build_of,
        "site_id": site_of,
        "jobs": jobs,
        "displaced_jobs": displaced,
        "closing_mcny": np.where(
            leaving, number["closing_cny_t"] * number["capacity_kt"] / KCNY_PER_MCNY, 0.0
        ),
        "people_mcny": person * displaced / CNY_PER_MCNY,
    }
    return Cut(lay.decisions, None, new)


def _credits(choice: Choice) -> Cut:
    lines, builds = (np.array([pair[end] for pair in choice.credit_kt], dtype=object) for end in (0, 1))
    kt = np.array(list(choice.credit_kt.values()), dtype=float)
    return Cut.of(pd.DataFrame({"line_id": lines, "build_id": builds, "kt": kt}))


def _unlocated(problem: Problem, choice: Choice) -> Cut:
    column, gone = problem.small, choice.retire_kt
    use, jobs = column["use"], gone * column["jobs_per_kt"]
    new = {
        "capacity_kt": column["capacity_kt"] - gone,
        "production_kt": column["production_kt"] - use * gone,
        "retired_kt": gone,
        "obsolete_kt": np.maximum(column["retirable_kt"] - gone, 0.0),
        "in_zone": column["in_zone"],
        "closing_mcny": gone * column["closing_cny_t"] / KCNY_PER_MCNY,
        "displaced_jobs": jobs,
        "people_mcny": jobs * person_cny(problem.layers.assumptions) / CNY_PER_MCNY,
        "saved_mcny": gone * (column["fixed_cny_t"] + use * column["works_cny_t"]) / KCNY_PER_MCNY,
        "saved_co2_kt": gone * use * column["works_co2_kg_t"] / KG_PER_T,
    }
    return Cut(of_these("keys", (column.laid,), lambda: Laid(_keys(column.laid.frame))), None, new)


def _keys(small: pd.DataFrame) -> pd.DataFrame:
    return small.set_index(["industry", "prefecture_zh"])[[]]


def flows(lay: Layout, sent_kt: np.ndarray, made_kt: np.ndarray) -> Cut:
    """Return the products delivered (kt by possible delivery), and the raw materials of what is made."""
    kt = np.concatenate([sent_kt, made_kt[lay.receiver] * lay.t_t])
    some = np.flatnonzero(kt > NOTHING_KT)
    return Cut(lay.flows, some, {"kt": kt[some]}, numbered=True)


def power_use(
    problem: Problem, made_kt: np.ndarray, hydro: pd.Series, kwh_t: np.ndarray | None = None
) -> Cut:
    """Return GWh and cost by industry, prefecture and season, grid and surplus hydropower apart.

    `kwh_t`: what a tonne takes by facility, as in the problem without it.
    """
    lay = problem.layout
    use = made_kt * (lay.numbers["power_kwh_t"] if kwh_t is None else kwh_t) / MWH_PER_GWH
    yearly = np.bincount(lay.cell, weights=use, minlength=len(lay.share) // lay.seasons)
    total = np.repeat(yearly, lay.seasons) * lay.share
    surplus = np.zeros(len(total))
    if len(hydro):
        keys = hydro.index
        cells = of_these("cells", (lay, keys), lambda: np.array([lay.cell_at[cell] for cell in keys]))
        surplus[cells] = hydro.to_numpy(float)
    cheap = problem.layers.assumptions["relocation.surplus_price_cny_kwh"]
    grid = np.maximum(total - surplus, 0.0)
    new = {
        "grid_gwh": grid,
        "surplus_gwh": surplus,
        "cost_mcny": grid * lay.price_cny_kwh + surplus * cheap,
        "saved_mcny": surplus * (lay.price_cny_kwh - cheap),
    }
    return Cut(lay.cells, None, new)


def _savings_cny_t(kwh_t: np.ndarray, lay: Layout, made_kt: np.ndarray, power: Cut) -> np.ndarray:
    """Return what surplus hydropower saves a tonne: the works of a prefecture share it by their use."""
    saved = power["saved_mcny"].reshape(-1, lay.seasons).sum(axis=1)
    use = made_kt * kwh_t
    total = np.bincount(lay.cell, weights=use, minlength=len(saved))[lay.cell]
    whole = total * made_kt
    return MWH_PER_GWH * np.divide(use * saved[lay.cell], whole, out=np.zeros(len(use)), where=whole > 0)
