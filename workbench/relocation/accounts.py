"""What a plan costs and emits, added up from its own tables and nothing else."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from workbench.relocation.plan import Plan


@lru_cache(maxsize=16)  # a dozen indicators ask for the same plan
def costs_mcny(plan: Plan) -> pd.Series:
    """Return the yearly cost by part, million CNY: freight, works, power, building, closing, people.

    `small_works`: what works nobody located no longer spend once closed (negative); their closing and people
    stand with the others'.
    """
    works, flows, decisions, small = plan.facilities, plan.flows, plan.decisions, plan.unlocated
    made = works["production_kt"]
    co2 = co2_kt(plan).drop("total").sum()
    penalty = [plan.layers.assumptions[f"{i}.unmet_cny_t"] for i in plan.unmet["industry"]]
    freight = flows["kt"] * flows["cost_cny_t"] / 1e3
    product = flows["commodity"] == flows["industry"]
    parts = {
        "freight_product": freight[product].sum(),
        "freight_material": freight[~product].sum(),
        "production": (made * works["production_cny_t"]).sum() / 1e3,
        "power": (made * works["power_cny_t"]).sum() / 1e3,
        "fixed": (works["capacity_kt"] * works["fixed_cny_t"]).sum() / 1e3,
        "capex": (works["capacity_kt"] * works["capex_cny_t"]).sum() / 1e3,
        "closing": decisions["closing_mcny"].sum() + small["closing_mcny"].sum(),
        "people": decisions["people_mcny"].sum() + small["people_mcny"].sum(),
        "small_works": -small["saved_mcny"].sum(),
        "carbon": plan.scenario.objective.carbon_price_cny_t * co2 / 1e3,
        "unmet": float(np.dot(plan.unmet["kt"], penalty)) / 1e3,
    }
    return pd.Series(parts | {"total": sum(parts.values())}, name="mcny", dtype=float)


@lru_cache(maxsize=16)
def co2_kt(plan: Plan) -> pd.Series:
    """Return the yearly CO2 by part, kt: process, power, freight of products and of materials."""
    works, flows = plan.facilities, plan.flows
    made, product = works["production_kt"], flows["commodity"] == flows["industry"]
    freight = flows["kt"] * flows["co2_kg_t"] / 1e3
    assumptions = plan.layers.assumptions
    grid = assumptions[f"relocation.grid_co2_{plan.scenario.power.grid_factor}_kg_kwh"]
    power = plan.power["grid_gwh"].sum() * grid
    power += plan.power["surplus_gwh"].sum() * assumptions["relocation.surplus_co2_kg_kwh"]
    parts = {
        "process": (made * works["co2_process_kg_t"]).sum() / 1e3,
        "power": power,
        "freight_product": freight[product].sum(),
        "freight_material": freight[~product].sum(),
        "small_works": -plan.unlocated["saved_co2_kt"].sum(),
    }
    return pd.Series(parts | {"total": sum(parts.values())}, name="kt", dtype=float)


def objective_mcny(plan: Plan) -> float:
    """Return the objective of the optimiser, recomputed from the plan's tables.

    Weights, and the prices of clauses the planner has priced, steer the plan and are no cost of it.
    """
    goal = plan.scenario.objective
    costs = costs_mcny(plan)
    penalty = max(goal.cost, 1.0) * costs["unmet"]
    co2 = goal.co2_cny_t * co2_kt(plan)["total"] / 1e3
    people = plan.decisions["displaced_jobs"].sum() + plan.unlocated["displaced_jobs"].sum()
    jobs = goal.jobs_cny * people / 1e6
    breaches = goal.cost * plan.limits["price_mcny"].sum()
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
