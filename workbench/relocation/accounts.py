"""What a plan costs and emits, added up from its own tables and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.cut import Cut
from workbench.relocation.plan import Plan
from workbench.remember import of_these
from workbench.units import CNY_PER_MCNY, KCNY_PER_MCNY, KG_PER_T


def costs_mcny(plan: Plan) -> pd.Series:
    """Return the yearly cost by part, million CNY: freight, works, power, building, closing, people,
    upgrades, what neighbours sell.

    `small_works`: what works nobody located no longer spend once closed (negative); their closing and people
    stand with the others'.
    """
    parts = of_these("costs", plan.parts, lambda: _costs_mcny(plan))  # a dozen indicators ask for the same
    return pd.Series(parts, name="mcny", dtype=float)


def _costs_mcny(plan: Plan) -> dict[str, float]:
    tables, a = plan.tables, plan.layers.assumptions
    works, flows, small, unmet = tables.facilities, tables.flows, tables.unlocated, tables.unmet
    made, capacity = works["production_kt"], works["capacity_kt"]
    product, freight = _of_products(flows), flows["kt"] * flows["cost_cny_t"]
    lacking = zip(unmet["industry"], unmet["kt"].tolist(), strict=True)
    parts = {
        "freight_product": freight[product].sum() / KCNY_PER_MCNY,
        "freight_material": freight[~product].sum() / KCNY_PER_MCNY,
        "production": made @ works["production_cny_t"] / KCNY_PER_MCNY,
        "power": made @ works["power_cny_t"] / KCNY_PER_MCNY,
        "fixed": capacity @ works["fixed_cny_t"] / KCNY_PER_MCNY,
        "capex": capacity @ works["capex_cny_t"] / KCNY_PER_MCNY,
        "closing": _sum(tables.decisions, "closing_mcny") + _sum(small, "closing_mcny"),
        "people": _sum(tables.decisions, "people_mcny") + _sum(small, "people_mcny"),
        "bought": _sum(tables.bought, "cost_mcny"),
        "upgrades": _sum(tables.upgrades, "yearly_mcny"),
        "small_works": -_sum(small, "saved_mcny"),
        "carbon": plan.scenario.objective.carbon_price_cny_t * _co2_kt(plan)["total"] / KCNY_PER_MCNY,
        "unmet": sum(kt * a[f"{industry}.unmet_cny_t"] for industry, kt in lacking) / KCNY_PER_MCNY,
    }
    return {name: float(part) for name, part in (parts | {"total": sum(parts.values())}).items()}


def running_mcny(plan: Plan) -> pd.Series:
    """Return what a year runs at by industry, million CNY: the cost without what is spent once.

    Freight, works, power, fixed cost, what measures cost to run, less what closed small works no longer
    spend; what markets lack at its price.
    """
    works, flows, small, unmet = plan.facilities, plan.flows, plan.unlocated, plan.unmet
    each = works["production_kt"] * (works["production_cny_t"] + works["power_cny_t"])
    each = (each + works["capacity_kt"] * works["fixed_cny_t"]) / KCNY_PER_MCNY
    price = unmet["industry"].map(lambda i: plan.layers.assumptions[f"{i}.unmet_cny_t"]).astype(float)
    parts = (
        (flows["kt"] * flows["cost_cny_t"] / KCNY_PER_MCNY).groupby(flows["industry"]).sum(),
        each.groupby(works["industry"]).sum(),
        -small["saved_mcny"].groupby(level="industry").sum(),
        (unmet["kt"] * price / KCNY_PER_MCNY).groupby(unmet["industry"]).sum(),
        plan.bought["cost_mcny"].astype(float).groupby(plan.bought["industry"]).sum(),
        plan.upgrades["running_mcny"].astype(float).groupby(plan.upgrades["industry"]).sum(),
    )
    table = pd.concat([part.reindex(sorted(plan.scenario.industries)) for part in parts], axis=1)
    return table.fillna(0.0).sum(axis=1).rename("mcny")


def co2_kt(plan: Plan) -> pd.Series:
    """Return the yearly CO2 by part, kt: process, power, freight of products and of materials, and what is
    bought of neighbours, which counts as if made here.
    """
    return pd.Series(_co2_kt(plan), name="kt", dtype=float)


def _co2_kt(plan: Plan) -> dict[str, float]:
    return of_these("co2", plan.parts, lambda: _emitted_kt(plan))


def _emitted_kt(plan: Plan) -> dict[str, float]:
    tables, a = plan.tables, plan.layers.assumptions
    product, freight = _of_products(tables.flows), tables.flows["kt"] * tables.flows["co2_kg_t"] / KG_PER_T
    grid = a[f"relocation.grid_co2_{plan.scenario.power.grid_factor}_kg_kwh"]
    power = _sum(tables.power, "grid_gwh") * grid
    power += _sum(tables.power, "surplus_gwh") * a["relocation.surplus_co2_kg_kwh"]
    process = tables.facilities["production_kt"] @ tables.facilities["co2_process_kg_t"] / KG_PER_T
    parts = {
        "process": float(process),
        "power": power,
        "freight_product": float(freight[product].sum()),
        "freight_material": float(freight[~product].sum()),
        "small_works": -_sum(tables.unlocated, "saved_co2_kt"),
        "bought": _sum(tables.bought, "co2_kt"),
    }
    return parts | {"total": sum(parts.values())}


def _of_products(flows: Cut) -> np.ndarray:
    """Tell which flows carry products, not raw materials."""
    return np.asarray(flows["commodity"] == flows["industry"])


def _sum(table: Cut, name: str) -> float:
    return float(table[name].sum())


def objective_mcny(plan: Plan) -> float:
    """Return the objective of the optimiser, recomputed from the plan's tables.

    Weights, and the prices of clauses the planner has priced, steer the plan and are no cost of it.
    """
    goal = plan.scenario.objective
    costs = of_these("costs", plan.parts, lambda: _costs_mcny(plan))
    penalty = max(goal.cost, 1.0) * costs["unmet"]
    co2 = goal.co2_cny_t * _co2_kt(plan)["total"] / KCNY_PER_MCNY
    people = _sum(plan.tables.decisions, "displaced_jobs") + _sum(plan.tables.unlocated, "displaced_jobs")
    jobs = goal.jobs_cny * people / CNY_PER_MCNY
    breaches = goal.cost * _sum(plan.measured, "price_mcny")
    return float(goal.cost * (costs["total"] - costs["unmet"]) + penalty + co2 + jobs + breaches)


BALANCE = {"median": "median_kt", "central": "surplus_capacity_kt"}


def zone_balance_kt(plan: Plan) -> pd.DataFrame:
    """Return the zone's surplus of cement capacity, C - D/u (kt), before and after a plan.

    Index `reading`: ``median`` of the band, the definition what is asked comes from (`law.zone_span_kt`), and
    ``central``, at the values of the assumptions; columns before_kt, after_kt. What closes in the zone lowers
    C in every draw alike, so both fall by it. Empty where the plan is none of cement or nothing stands there.
    """
    rows = plan.limits[plan.limits["row"] == "zone"]
    if rows.empty:
        return pd.DataFrame(columns=["before_kt", "after_kt"], dtype=float).rename_axis("reading")
    surplus = plan.problem.surplus.loc["cement"]
    before = pd.Series({name: float(surplus[column]) for name, column in BALANCE.items()})
    gone = float(rows["amount"].iloc[0])
    return pd.DataFrame({"before_kt": before, "after_kt": before - gone}).rename_axis("reading")
