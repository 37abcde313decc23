"""A year's operation as a linear program: who delivers to whom, what stays unmet, who uses spilled water.

deliver x_fm, unmet u_im, hydro h_ikt >= 0
demand        sum_f x_fm + u_m = net demand (+ use_k retire_ik in the program: closed small works sold it)
hydro_use     h_ikt <= sum_(f in k) kWh_f share_t sum_m x_fm / 1000
hydro_supply  sum_i h_ikt <= spilled_kt
"""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from workbench.relocation.problem import Problem
from workbench.solver import Blocks, Entries, Model, Variables
from workbench.units import KCNY_PER_MCNY, KG_PER_T, MWH_PER_GWH


def operate(problem: Problem) -> Model:
    """Return the linear program of a year's operation, with the capacity of each facility as a row bound."""
    model = Model()
    operation(model, problem, problem.deliveries)
    table = problem.facilities
    most = np.where(table["kind"] == "line", table["utilisation"] * table["capacity_kt"], 0.0)
    model.rows("capacity", table.index, [made_by(model, problem.deliveries, table.index)], upper=most)
    return model


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


def operation(model: Blocks, problem: Problem, arcs: pd.DataFrame, more: list[Entries] | None = None) -> None:
    """Deliver to every market or pay for what is missing; use water power that would be spilled.

    `arcs`: the deliveries to choose from, columns as `Problem.deliveries`; `more`: further entries of the
    demand rows, in the order of `Problem.demand`.
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
    hydropower(model, problem, arcs, deliver)


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
    for row, (industry, prefecture, t) in enumerate(cells):
        mine = arc_owner == f"{industry}|{prefecture}"
        entries.append((row, deliver.columns[mine], -arc_energy[mine] * season.at[t, "share"]))
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
