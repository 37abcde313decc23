"""A plan as tables: the fate of each line, what is built, who delivers what to whom, what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.layers.model import Layers
from workbench.relocation.credits import NOTHING_KT
from workbench.relocation.layout import Layout
from workbench.relocation.money import person_cny
from workbench.relocation.problem import Problem
from workbench.scenarios.scenario import Scenario
from workbench.units import CNY_PER_MCNY, KCNY_PER_MCNY, KG_PER_T, MWH_PER_GWH

_BUILD = ["site_id", "industry", "process", "prefecture_zh", "capacity_kt"]


@dataclass(frozen=True, eq=False)
class Plan:
    """An assessed plan; every frame is indexed or keyed by ids of the baseline.

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
    saved_co2_kt. `limits`: what the law asks and how the plan stands, see `breaches.measured`.
    `objective_mcny` is what was minimised, weights included; `before` the year that existed (`base_year`),
    `kept` the same works sending their goods at least cost: what lies between is no gain of moving;
    `stages`: of a plan of several years the state at the end of each, the last as the plan itself tells it;
    the objective is then that of the levelised year. `reference_mcny` the objective of the lawful plan that
    moves nothing, NaN where there is none.
    """

    scenario: Scenario
    layers: Layers
    problem: Problem
    status: str
    objective_mcny: float
    bound_mcny: float
    gap: float
    seconds: float
    decisions: pd.DataFrame
    builds: pd.DataFrame
    credits: pd.DataFrame
    facilities: pd.DataFrame
    flows: pd.DataFrame
    unmet: pd.DataFrame
    power: pd.DataFrame
    unlocated: pd.DataFrame
    duals: pd.DataFrame = field(default_factory=pd.DataFrame)
    limits: pd.DataFrame = field(default_factory=pd.DataFrame)
    reference_mcny: float = float("nan")
    before: Plan | None = None
    kept: Plan | None = None
    stages: Mapping[int, Plan] = field(default_factory=dict)

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
        return (
            self.scenario, self.layers, self.problem, self.decisions, self.builds, self.credits,
            self.facilities, self.flows, self.unmet, self.power, self.unlocated, self.limits,
        )  # fmt: skip

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


@dataclass(frozen=True)
class Choice:
    """A plan in its barest form, as the solver or a hand gives it."""

    fate: pd.Series  # line -> keep | close | move
    size_kt: pd.Series  # build -> kt
    credit_kt: pd.Series  # (line, build) -> kt of the line that pay for the build
    retire_kt: pd.Series  # (industry, prefecture) -> kt of unlocated capacity that closes
    deliver_kt: pd.Series  # (facility, market) -> kt
    unmet_kt: pd.Series  # (industry, market) -> kt
    hydro_gwh: pd.Series  # (industry, prefecture, season) -> GWh


def tables(problem: Problem, choice: Choice) -> dict[str, pd.DataFrame]:
    """Return the frames of a plan, from its barest form."""
    lay, built = problem.layout, choice.size_kt.to_numpy(float) > NOTHING_KT
    lines, kept = lay.index.get_indexer(choice.fate.index), (choice.fate == "keep").to_numpy()
    kt = lay.numbers["capacity_kt"].copy()
    new = lay.index.get_indexer(choice.size_kt.index[built])
    kt[new] = choice.size_kt.to_numpy(float)[built]
    sent = choice.deliver_kt.to_numpy(float)
    made = np.bincount(lay.sender, weights=np.where(sent > NOTHING_KT, sent, 0.0), minlength=len(lay.index))
    power = power_use(problem, made, choice.hydro_gwh)
    at = np.concatenate([lines[kept], new])
    standing = lay.facilities.take(at).assign(
        capacity_kt=kt[at],
        production_kt=made[at],
        jobs=kt[at] * lay.numbers["jobs_per_kt"][at],
        power_cny_t=lay.numbers["power_cny_t"][at] - _savings_cny_t(lay, made, power)[at],
    )
    return {
        "decisions": _decisions(problem, choice, lines, ~kept),
        "builds": standing.iloc[int(kept.sum()) :][_BUILD],
        "credits": _credits(choice),
        "facilities": standing,
        "flows": flows(lay, sent, made),
        "unmet": _unmet(choice.unmet_kt),
        "power": power,
        "unlocated": _unlocated(problem, choice),
    }


def _unmet(kt: pd.Series) -> pd.DataFrame:
    some = np.flatnonzero(kt.to_numpy(float) > NOTHING_KT)
    keys = kt.index.take(some)
    names = {name: keys.get_level_values(name) for name in ("market", "industry")}
    return pd.DataFrame(names | {"kt": kt.to_numpy(float)[some]})


def _decisions(problem: Problem, choice: Choice, lines: np.ndarray, leaving: np.ndarray) -> pd.DataFrame:
    """Return the fate of each line, what it pays for, its people and what its closing costs.

    A line that pays for several projects is shown at the largest; `credits` names them all.
    """
    lay, number, order = problem.layout, problem.layout.numbers, choice.fate.index
    largest: dict[str, tuple[float, str]] = {}
    stays = dict.fromkeys(order, 0.0)
    for (line, build), kt in choice.credit_kt.items():
        stays[line] += problem.follow.get((line, build), np.nan) * kt
        if line not in largest or kt > largest[line][0]:
            largest[line] = (kt, build)
    builds = [largest[line][1] if line in largest else "" for line in order]
    sites = problem.facilities["site_id"]
    jobs = number["capacity_kt"][lines] * number["jobs_per_kt"][lines]
    followed = np.array([stays[line] for line in order]) * number["jobs_per_kt"][lines]
    displaced = np.where(leaving, jobs, 0.0) - followed
    table = lay.decisions.take(np.searchsorted(lay.lines, lines))
    return table.assign(
        decision=choice.fate.to_numpy(),
        build_id=builds,
        site_id=[sites.at[build] if build else "" for build in builds],
        jobs=jobs,
        displaced_jobs=displaced,
        closing_mcny=np.where(
            leaving, number["closing_cny_t"][lines] * number["capacity_kt"][lines] / KCNY_PER_MCNY, 0.0
        ),
        people_mcny=person_cny(problem.layers.assumptions) * displaced / CNY_PER_MCNY,
    )


def _credits(choice: Choice) -> pd.DataFrame:
    lines, builds = (choice.credit_kt.index.get_level_values(name) for name in ("line", "build"))
    return pd.DataFrame({"line_id": lines, "build_id": builds, "kt": choice.credit_kt.to_numpy(float)})


def _unlocated(problem: Problem, choice: Choice) -> pd.DataFrame:
    table, retire = problem.small_works, choice.retire_kt
    column = {name: part.to_numpy(float) for name, part in table.items() if name != "in_zone"}
    gone = np.zeros(len(table))
    if len(retire):
        gone = retire.reindex(table.index).fillna(0.0).to_numpy(float)
    use, jobs = column["use"], gone * column["jobs_per_kt"]
    return pd.DataFrame(
        {
            "capacity_kt": column["capacity_kt"] - gone,
            "production_kt": column["production_kt"] - use * gone,
            "retired_kt": gone,
            "obsolete_kt": column["retirable_kt"] - gone,
            "in_zone": table["in_zone"].to_numpy(),
            "closing_mcny": gone * column["closing_cny_t"] / KCNY_PER_MCNY,
            "displaced_jobs": jobs,
            "people_mcny": jobs * person_cny(problem.layers.assumptions) / CNY_PER_MCNY,
            "saved_mcny": gone * (column["fixed_cny_t"] + use * column["works_cny_t"]) / KCNY_PER_MCNY,
            "saved_co2_kt": gone * use * column["works_co2_kg_t"] / KG_PER_T,
        },
        index=table.index,
    )


def flows(lay: Layout, sent_kt: np.ndarray, made_kt: np.ndarray) -> pd.DataFrame:
    """Return the products delivered (kt by possible delivery), and the raw materials of what is made."""
    kt = np.concatenate([sent_kt, made_kt[lay.receiver] * lay.t_t])
    some = np.flatnonzero(kt > NOTHING_KT)
    return lay.flows.take(some).assign(kt=kt[some]).reset_index(drop=True)


def power_use(problem: Problem, made_kt: np.ndarray, hydro: pd.Series) -> pd.DataFrame:
    """Return GWh and cost by industry, prefecture and season, grid and surplus hydropower apart."""
    lay = problem.layout
    use = made_kt * lay.numbers["power_kwh_t"] / MWH_PER_GWH
    yearly = np.bincount(lay.cell, weights=use, minlength=len(lay.cells) // lay.seasons)
    total = np.repeat(yearly, lay.seasons) * lay.share
    surplus = np.zeros(len(total))
    if len(hydro):
        surplus[[lay.cell_at[cell] for cell in hydro.index]] = hydro.to_numpy(float)
    cheap = problem.layers.assumptions["relocation.surplus_price_cny_kwh"]
    grid = np.maximum(total - surplus, 0.0)
    return lay.cells.assign(
        grid_gwh=grid,
        surplus_gwh=surplus,
        cost_mcny=grid * lay.price_cny_kwh + surplus * cheap,
        saved_mcny=surplus * (lay.price_cny_kwh - cheap),
    )


def _savings_cny_t(lay: Layout, made_kt: np.ndarray, power: pd.DataFrame) -> np.ndarray:
    """Return what surplus hydropower saves a tonne: the works of a prefecture share it by their use."""
    saved = power["saved_mcny"].to_numpy().reshape(-1, lay.seasons).sum(axis=1)
    use = made_kt * lay.numbers["power_kwh_t"]
    total = np.bincount(lay.cell, weights=use, minlength=len(saved))[lay.cell]
    whole = total * made_kt
    return MWH_PER_GWH * np.divide(use * saved[lay.cell], whole, out=np.zeros(len(use)), where=whole > 0)
