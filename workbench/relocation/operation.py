"""A year's operation as a linear program: who delivers to whom, what stays unmet, who uses spilled water.

deliver x_fm, unmet u_im, hydro h_ikt, eased e_lk >= 0
demand        sum_f x_fm + u_m = net demand (+ use_k retire_ik in the program: closed small works sold it)
eased_made    e_lk <= sum_m x_lm      made with measure k; the plan says how much of it the unit may
hydro_use     h_ikt <= (sum_(f in k) kWh_f sum_m x_fm - sum_(l in k) saved_lk e_lk) share_t / 1000
hydro_supply  sum_i h_ikt <= spilled_kt
served        u_im - over_im <= what a market lacks anyway   where P23 is priced or binds (`rows.served`)
"""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from workbench.policy import stances
from workbench.relocation.breaches import unit_price_mcny
from workbench.relocation.problem import Problem
from workbench.solver import Blocks, Entries, Model, Variables
from workbench.units import KCNY_PER_MCNY, KG_PER_T, MWH_PER_GWH


def operate(problem: Problem) -> Model:
    """Return the linear program of a year's operation, with the capacity of each facility as a row bound."""
    model = Model()
    operation(model, problem, problem.deliveries, eased_kt=0.0)
    table = problem.facilities
    most = np.where(table["kind"] == "build", 0.0, table["utilisation"] * table["capacity_kt"])
    model.rows("capacity", table.index, [made_by(model, problem.deliveries, table.index)], upper=most)
    if evened(problem) != "told":
        _even(model, problem)
    return model


def evened(problem: Problem) -> str:
    """Return the stance of P23: whether it matters which market goes short."""
    return str(stances.taken(problem.scenario.policy.clauses)["P23"])


def _even(model: Model, problem: Problem) -> None:
    """Price what a market goes short beyond its share; where none may, as dearly as going short itself."""
    mine = np.flatnonzero(problem.served)
    if not len(mine):
        return
    over = model.variables("over_served", problem.market_keys[mine], cost=_over_mcny_kt(problem))
    row = np.arange(len(mine))
    entries = [(row, model.variable_blocks["unmet"].columns[mine], 1.0), (row, over.columns, -1.0)]
    model.rows("served", problem.market_keys[mine], entries, upper=problem.may_lack_kt)


def _over_mcny_kt(problem: Problem) -> np.ndarray:
    mine = np.flatnonzero(problem.served)
    if evened(problem) == "binding":
        return unmet_cny_t(problem)[mine] / KCNY_PER_MCNY
    return np.full(len(mine), problem.scenario.objective.cost * unit_price_mcny(problem, "kt"))


def made_by(
    model: Blocks, arcs: pd.DataFrame, facilities: pd.Index, weight: pd.Series | None = None
) -> Entries:
    """Return the entries of what each facility delivers, `weight` times, on rows in the facilities' order."""
    at = facilities.get_indexer(arcs["facility"])
    mine, columns = at >= 0, model.variable_blocks["deliver"].columns
    value = 1.0 if weight is None else weight.reindex(arcs["facility"]).to_numpy()[mine]
    return at[mine], columns[mine], value


def weighted_cny_t(problem: Problem, arcs: pd.DataFrame) -> np.ndarray:
    """Return what a tonne delivered costs the objective, per possible delivery (yuan)."""
    goal, works = problem.scenario.objective, problem.facilities
    at, haul_co2 = works.index.get_indexer(arcs["facility"]), arcs["co2_kg_t"].to_numpy()
    co2 = works["works_co2_kg_t"].to_numpy()[at] + haul_co2
    money = works["works_cny_t"].to_numpy()[at] + arcs["cost_cny_t"].to_numpy()
    money = money + goal.carbon_price_cny_t * haul_co2 / KG_PER_T
    return np.asarray(goal.cost * money + goal.co2_cny_t * co2 / KG_PER_T)


def operation(
    model: Blocks,
    problem: Problem,
    arcs: pd.DataFrame,
    more: list[Entries] | None = None,
    *,
    eased_kt: float = np.inf,
) -> None:
    """Deliver to every market or pay for what is missing; use water power that would be spilled.

    `arcs`: the deliveries to choose from, columns as `Problem.deliveries`; `more`: further entries of the
    demand rows, in the order of `Problem.demand`; `eased_kt`: bound on what is made with a measure.
    """
    table = problem.demand
    pairs = pd.MultiIndex.from_frame(arcs[["facility", "market"]])
    deliver = model.variables("deliver", pairs, cost=weighted_cny_t(problem, arcs) / KCNY_PER_MCNY)
    wanted = pd.MultiIndex.from_frame(table[["industry", "market"]])
    unmet = model.variables("unmet", wanted, cost=unmet_cny_t(problem) / KCNY_PER_MCNY)
    at = wanted.get_indexer(pd.MultiIndex.from_frame(arcs[["industry", "market"]]))
    served, net = at >= 0, table["net_kt"].to_numpy()
    entries = [(at[served], deliver.columns[served], 1.0), (np.arange(len(wanted)), unmet.columns, 1.0)]
    model.rows("demand", wanted, [*entries, *(more or [])], lower=net, upper=net)
    easing(model, problem, arcs, eased_kt)
    hydropower(model, problem, arcs, deliver)


def easing(model: Blocks, problem: Problem, arcs: pd.DataFrame, most_kt: float) -> None:
    """What a unit makes with a measure that saves power, no more than it makes."""
    saving = easier(problem)
    saving = saving[saving.index.get_level_values("line").isin(arcs["facility"].unique())]
    if saving.empty:
        return
    eased = model.variables(
        "eased", saving.index, cost=-eased_cny_t(problem, saving) / KCNY_PER_MCNY, upper=most_kt
    )
    entries: list[Entries] = [(np.arange(len(saving)), eased.columns, 1.0)]
    for measure in saving.index.unique("measure"):
        mine = np.flatnonzero(saving.index.get_level_values("measure") == measure)
        lines = saving.index.get_level_values("line")[mine]
        at, columns, _ = made_by(model, arcs, lines)
        entries.append((mine[at], columns, -1.0))
    model.rows("eased_made", saving.index, entries, upper=0.0)


def easier(problem: Problem) -> pd.DataFrame:
    """Return the measures offered that save power."""
    offered = problem.offers
    return offered[offered["kwh_t"] > 0]


def eased_cny_t(problem: Problem, saving: pd.DataFrame) -> np.ndarray:
    """Return what a tonne made with each measure saves the objective: power and its CO2 (yuan)."""
    goal, works = problem.scenario.objective, problem.facilities
    own = works.loc[saving.index.get_level_values("line"), ["power_kwh_t", "power_cny_t", "co2_power_kg_t"]]
    part = (saving["kwh_t"].to_numpy() / own["power_kwh_t"].to_numpy())[:, None]
    money, co2 = (part * own[["power_cny_t", "co2_power_kg_t"]].to_numpy()).T
    money = money + goal.carbon_price_cny_t * co2 / KG_PER_T
    return np.asarray(goal.cost * money + goal.co2_cny_t * co2 / KG_PER_T)


def hydropower(model: Blocks, problem: Problem, arcs: pd.DataFrame, deliver: Variables) -> None:
    """Surplus hydropower replaces grid power at the works of its prefecture, season by season."""
    table, season, supply = problem.facilities, problem.seasons, problem.hydro_gwh
    owner = table["industry"] + "|" + table["prefecture_zh"]
    cells = watered(problem)
    if not cells:
        return
    labels = pd.MultiIndex.from_tuples(cells, names=["industry", "prefecture_zh", "season"])
    hydro = model.variables("hydro", labels, cost=-hydro_saving_cny_kwh(problem, labels))
    arc_owner = owner.reindex(arcs["facility"]).to_numpy()
    arc_energy = (table["power_kwh_t"] / MWH_PER_GWH).reindex(arcs["facility"]).to_numpy()
    entries: list[Entries] = [(np.arange(len(labels)), hydro.columns, 1.0)]
    eased = model.variable_blocks.get("eased")
    saved = easier(problem).loc[eased.labels, "kwh_t"].to_numpy() / MWH_PER_GWH if eased else np.zeros(0)
    saver = owner.reindex(eased.labels.get_level_values("line")).to_numpy() if eased else saved
    for row, (industry, prefecture, t) in enumerate(cells):
        key, share = f"{industry}|{prefecture}", season.at[t, "share"]
        mine = arc_owner == key
        entries.append((row, deliver.columns[mine], -arc_energy[mine] * share))
        if eased:
            entries.append((row, eased.columns[saver == key], saved[saver == key] * share))
    model.rows("hydro_use", labels, entries, upper=0.0)
    places = labels.droplevel("industry").unique().sort_values()
    at = places.get_indexer(labels.droplevel("industry"))
    model.rows("hydro_supply", places, [(at, hydro.columns, 1.0)], upper=supply.reindex(places).to_numpy())


def watered(problem: Problem) -> list[tuple[str, str, str]]:
    """Return the (industry, prefecture, season) of works where water power would be spilled, in order."""
    spilled = {key for key, gwh in problem.hydro_gwh.items() if gwh > 0}
    return [cell for cell in problem.layout.cell_at if cell[1:] in spilled]


def costs(problem: Problem, model: Model) -> dict[str, np.ndarray]:
    """Return the costs of an operation's variables under another scenario, by block, in its order."""
    blocks = model.variable_blocks
    found = {
        "deliver": weighted_cny_t(problem, problem.deliveries) / KCNY_PER_MCNY,
        "unmet": unmet_cny_t(problem) / KCNY_PER_MCNY,
    }
    if "eased" in blocks:
        found["eased"] = -eased_cny_t(problem, easier(problem)) / KCNY_PER_MCNY
    if "over_served" in blocks:
        found["over_served"] = _over_mcny_kt(problem)
    if "hydro" in blocks:
        found["hydro"] = -hydro_saving_cny_kwh(problem, cast("pd.MultiIndex", blocks["hydro"].labels))
    return found


def unmet_cny_t(problem: Problem) -> np.ndarray:
    """Return what a missing tonne costs the objective, by row of demand (yuan)."""
    penalty = problem.demand["industry"].map(lambda i: problem.layers.assumptions[f"{i}.unmet_cny_t"])
    return np.asarray(max(problem.scenario.objective.cost, 1.0) * penalty.to_numpy(float))


def hydro_saving_cny_kwh(problem: Problem, labels: pd.MultiIndex) -> np.ndarray:
    """Return what a kWh of surplus hydropower saves the objective against the grid."""
    goal, assumptions = problem.scenario.objective, problem.layers.assumptions
    price = assumptions["relocation.surplus_price_cny_kwh"]
    grid_co2 = assumptions[f"relocation.grid_co2_{problem.scenario.power.grid_factor}_kg_kwh"]
    cleaner = (grid_co2 - assumptions["relocation.surplus_co2_kg_kwh"]) / KG_PER_T
    saved = []
    for industry, _, t in labels:
        grid = assumptions[f"{industry}.grid_price_cny_kwh"] * (1 + problem.seasons.at[t, "float"])
        money = grid - price + goal.carbon_price_cny_t * cleaner
        saved.append(goal.cost * money + goal.co2_cny_t * cleaner)
    return np.array(saved)
