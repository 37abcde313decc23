"""A plan as tables: the fate of each line, what is built, who delivers what to whom, what it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.layers.model import Layers
from workbench.relocation.credits import NOTHING_KT
from workbench.relocation.freight import HAUL
from workbench.relocation.problem import Problem, one_off_cny_t
from workbench.scenarios.scenario import Scenario

_DECISION = ("plant_id", "name_zh", "industry", "process", "prefecture_zh", "in_zone", "capacity_kt")
_BUILD = ("site_id", "industry", "process", "prefecture_zh", "capacity_kt")
_FACILITY = (
    "kind", "industry", "process", "plant_id", "site_id", "name_zh", "prefecture_zh", "in_zone", "lon", "lat",
    "capacity_kt", "production_kt", "inbound_cny_t", "production_cny_t", "power_cny_t", "power_kwh_t",
    "fixed_cny_t", "capex_cny_t", "co2_process_kg_t", "co2_power_kg_t", "inbound_co2_kg_t", "jobs",
)  # fmt: skip


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
    `reference_mcny` the objective of the lawful plan that moves nothing, NaN where there is none.
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

    @cached_property
    def books(self) -> pd.DataFrame:
        """The three books, kt by industry.

        `obsolete_kt` (listed lines and small works closed), `replaced_kt` (capacity that pays for new),
        `net_kt` (sound capacity gone for good).
        """
        lines = self.decisions[self.decisions["decision"] != "keep"]
        old = lines.index.isin(sorted(self.problem.obsolete | self.problem.overdue))
        owner = self.credits["line_id"].map(self.decisions["industry"]).to_numpy()
        parts = {
            "listed": lines["capacity_kt"][old].groupby(lines["industry"][old]).sum(),
            "sound": lines["capacity_kt"][~old].groupby(lines["industry"][~old]).sum(),
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
    sizes = choice.size_kt[choice.size_kt > NOTHING_KT]
    kept = choice.fate.index[choice.fate == "keep"]
    deliveries = _product_flows(problem, choice)
    made = deliveries.groupby("origin")["kt"].sum()
    standing = problem.facilities.loc[[*kept, *sizes.index]].copy()
    standing.loc[sizes.index, "capacity_kt"] = sizes
    standing["production_kt"] = made.reindex(standing.index).fillna(0.0)
    standing["jobs"] = standing["capacity_kt"] * standing["jobs_per_kt"]
    power = power_use(problem, standing, choice.hydro_gwh)
    standing = _share_savings(problem, standing, power)
    unmet = choice.unmet_kt[choice.unmet_kt > NOTHING_KT].rename("kt").reset_index()
    return {
        "decisions": _decisions(problem, choice),
        "builds": standing.loc[sizes.index, list(_BUILD)],
        "credits": _credits(choice),
        "facilities": standing[list(_FACILITY)],
        "flows": pd.concat([deliveries, material_flows(problem, standing)], ignore_index=True),
        "unmet": unmet[["market", "industry", "kt"]],
        "power": power,
        "unlocated": _unlocated(problem, choice),
    }


def _decisions(problem: Problem, choice: Choice) -> pd.DataFrame:
    lines, credit = problem.lines, choice.credit_kt
    shut, person = one_off_cny_t(problem)
    table = lines[list(_DECISION)].assign(decision=choice.fate, build_id="")
    # a line that pays for several projects is shown at the largest; `credits` names them all
    largest = credit.sort_values(ascending=False, kind="stable").reset_index().drop_duplicates("line")
    table.loc[largest["line"], "build_id"] = largest["build"].to_numpy()
    table["site_id"] = problem.facilities["site_id"].reindex(table["build_id"]).fillna("").to_numpy()
    table["jobs"] = lines["capacity_kt"] * lines["jobs_per_kt"]
    leaving = (choice.fate != "keep").to_numpy()
    displaced = table["jobs"].where(leaving, 0.0)
    rebuilt = problem.follow.reindex(credit.index) * credit
    stays = rebuilt.groupby(level="line").sum() * lines["jobs_per_kt"]
    table["displaced_jobs"] = displaced - stays.reindex(table.index).fillna(0.0)
    table["closing_mcny"] = np.where(leaving, shut * table["capacity_kt"] / 1e3, 0.0)
    table["people_mcny"] = person * table["displaced_jobs"] / 1e6
    return table


def _credits(choice: Choice) -> pd.DataFrame:
    names = {"line": "line_id", "build": "build_id"}
    return choice.credit_kt.rename("kt").reset_index().rename(columns=names)


def _unlocated(problem: Problem, choice: Choice) -> pd.DataFrame:
    table, retire = problem.small_works, choice.retire_kt
    gone = retire.reindex(table.index).fillna(0.0) if len(retire) else 0.0 * table["capacity_kt"]
    use, jobs = table["use"], gone * table["jobs_per_kt"]
    return pd.DataFrame(
        {
            "capacity_kt": table["capacity_kt"] - gone,
            "production_kt": table["production_kt"] - use * gone,
            "retired_kt": gone,
            "obsolete_kt": table["retirable_kt"] - gone,
            "in_zone": table["in_zone"],
            "closing_mcny": gone * table["closing_cny_t"] / 1e3,
            "displaced_jobs": jobs,
            "people_mcny": jobs * one_off_cny_t(problem)[1] / 1e6,
            "saved_mcny": gone * (table["fixed_cny_t"] + use * table["works_cny_t"]) / 1e3,
            "saved_co2_kt": gone * use * table["works_co2_kg_t"] / 1e3,
        }
    )


def _product_flows(problem: Problem, choice: Choice) -> pd.DataFrame:
    arcs = problem.deliveries
    kt = choice.deliver_kt.to_numpy()
    sent = np.flatnonzero(kt > NOTHING_KT)
    used = arcs.iloc[sent].assign(kt=kt[sent])
    renamed = used.rename(columns={"facility": "origin", "market": "destination"})
    return renamed.assign(commodity=renamed["industry"])[_FLOW].reset_index(drop=True)


_FLOW = ["industry", "commodity", "origin", "destination", "kt", *HAUL]


def material_flows(problem: Problem, standing: pd.DataFrame) -> pd.DataFrame:
    """Return what raw materials flow to the works that stand, by what they make."""
    feed = problem.inbound[problem.inbound["facility"].isin(standing.index)]
    kt = standing["production_kt"].reindex(feed["facility"]).to_numpy() * feed["t_t"].to_numpy()
    industry = standing["industry"].reindex(feed["facility"]).to_numpy()
    flows = feed.assign(kt=kt, industry=industry, destination=feed["facility"])[_FLOW]
    return flows[flows["kt"] > NOTHING_KT].reset_index(drop=True)


def power_use(problem: Problem, standing: pd.DataFrame, hydro: pd.Series) -> pd.DataFrame:
    """Return GWh and cost by industry, prefecture and season, grid and surplus hydropower apart."""
    cells, at = problem.power_cells, problem.power_cell.reindex(standing.index).to_numpy()
    use = (standing["production_kt"] * standing["power_kwh_t"]).to_numpy() / 1e3
    yearly = np.bincount(at, weights=use, minlength=int(problem.power_cell.max()) + 1)
    total = np.repeat(yearly, len(problem.seasons)) * cells["share"].to_numpy()
    surplus = np.zeros(len(cells))
    if len(hydro):
        surplus = hydro.reindex(problem.power_keys).fillna(0.0).to_numpy()
    price = cells["price_cny_kwh"].to_numpy()
    cheap = problem.layers.assumptions["relocation.surplus_price_cny_kwh"]
    grid = np.maximum(total - surplus, 0.0)
    return cells[["industry", "prefecture_zh", "season"]].assign(
        grid_gwh=grid,
        surplus_gwh=surplus,
        cost_mcny=grid * price + surplus * cheap,
        saved_mcny=surplus * (price - cheap),
    )


def _share_savings(problem: Problem, standing: pd.DataFrame, power: pd.DataFrame) -> pd.DataFrame:
    """Let the works of a prefecture share what surplus hydropower saves them, by their use."""
    at = problem.power_cell.reindex(standing.index).to_numpy()
    saved = power["saved_mcny"].to_numpy().reshape(-1, len(problem.seasons)).sum(axis=1)
    made = standing["production_kt"].to_numpy()
    use = made * standing["power_kwh_t"].to_numpy()
    total = np.bincount(at, weights=use, minlength=len(saved))[at]
    shared = np.divide(use * saved[at], total * made, out=np.zeros(len(use)), where=total * made > 0)
    return standing.assign(power_cny_t=standing["power_cny_t"] - shared * 1e3)
