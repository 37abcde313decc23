"""Each indicator as one pure function of a plan, with its unit, its clause and its name in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from workbench.relocation.accounts import co2_kt, costs_mcny
from workbench.relocation.plan import Plan
from workbench.units import KCNY_PER_MCNY, KT_PER_MT
from workbench.words import words


@dataclass(frozen=True)
class Indicator:
    """A named number of a plan."""

    id: str
    zh: str
    en: str
    unit: str
    clause: str
    measure: Callable[[Plan], float]


INDICATORS: dict[str, Indicator] = {}


def indicator(id: str, unit: str, clause: str = "") -> Callable:
    """Register a function as an indicator under an id; its name stands in the words."""
    zh, en = words("indicators.measures")[id]

    def register(measure: Callable[[Plan], float]) -> Callable[[Plan], float]:
        INDICATORS[id] = Indicator(id, zh, en, unit, clause, measure)
        return measure

    return register


def _capacity(plan: Plan, *, in_zone: bool) -> float:
    works = plan.tables.facilities
    return float(works["capacity_kt"][works["in_zone"].astype(bool) == in_zone].sum())


def _leaving(plan: Plan) -> np.ndarray:
    return np.asarray(plan.tables.decisions["decision"] != "keep")


@indicator("capacity_zone_kt", "kt", "P24")
def capacity_zone_kt(plan: Plan) -> float:
    return _capacity(plan, in_zone=True)


@indicator("capacity_outside_kt", "kt", "P24")
def capacity_outside_kt(plan: Plan) -> float:
    return _capacity(plan, in_zone=False)


@indicator("capacity_total_kt", "kt", "P2")
def capacity_total_kt(plan: Plan) -> float:
    return float(plan.tables.facilities["capacity_kt"].sum() + plan.tables.unlocated["capacity_kt"].sum())


@indicator("moved_kt", "kt", "P50")
def moved_kt(plan: Plan) -> float:
    return float(plan.tables.credits["kt"].sum())


@indicator("closed_kt", "kt", "P7")
def closed_kt(plan: Plan) -> float:
    small = plan.tables.unlocated["retired_kt"].sum()
    return float(plan.tables.decisions["capacity_kt"][_leaving(plan)].sum() + small)


@indicator("left_zone_kt", "kt", "P24")
def left_zone_kt(plan: Plan) -> float:
    gone = _leaving(plan) & plan.tables.decisions["in_zone"].astype(bool)
    rest = plan.tables.unlocated
    small = rest["retired_kt"][rest["in_zone"].astype(bool)].sum()
    return float(plan.tables.decisions["capacity_kt"][gone].sum() + small)


@indicator("built_kt", "kt", "P22")
def built_kt(plan: Plan) -> float:
    return float(plan.tables.builds["capacity_kt"].sum())


@indicator("production_kt", "kt", "P38")
def production_kt(plan: Plan) -> float:
    return float(plan.tables.facilities["production_kt"].sum())


@indicator("utilisation_share", "share", "P38")
def utilisation_share(plan: Plan) -> float:
    return _ratio(production_kt(plan), float(plan.tables.facilities["capacity_kt"].sum()))


@indicator("unmet_kt", "kt", "P23")
def unmet_kt(plan: Plan) -> float:
    return float(plan.tables.unmet["kt"].sum())


@indicator("cost_mcny", "million CNY", "P46")
def cost_mcny(plan: Plan) -> float:
    return float(costs_mcny(plan)["total"])


@indicator("cost_cny_t", "CNY/t", "P46")
def cost_cny_t(plan: Plan) -> float:
    return _ratio(cost_mcny(plan) * KCNY_PER_MCNY, production_kt(plan))


@indicator("freight_cny_t", "CNY/t", "P54")
def freight_cny_t(plan: Plan) -> float:
    kt, cost = (plan.tables.flows[name] for name in ("kt", "cost_cny_t"))
    return _ratio(float(kt @ cost), production_kt(plan))


@indicator("relocation_mcny", "million CNY", "P57")
def relocation_mcny(plan: Plan) -> float:
    costs = costs_mcny(plan)
    return float(costs["capex"] + costs["closing"] + costs["people"])


def _tkm(plan: Plan, mode: str) -> float:
    kt, km = (plan.tables.flows[name] for name in ("kt", f"km_{mode}"))
    return float(kt @ km) / KT_PER_MT


@indicator("rail_mtkm", "million t-km", "P54")
def rail_mtkm(plan: Plan) -> float:
    return _tkm(plan, "rail")


@indicator("road_mtkm", "million t-km", "P54")
def road_mtkm(plan: Plan) -> float:
    return _tkm(plan, "road")


@indicator("water_mtkm", "million t-km", "P54")
def water_mtkm(plan: Plan) -> float:
    return _tkm(plan, "water")


@indicator("sea_mtkm", "million t-km", "P54")
def sea_mtkm(plan: Plan) -> float:
    return _tkm(plan, "sea")


@indicator("co2_process_kt", "kt", "P46")
def co2_process_kt(plan: Plan) -> float:
    return float(co2_kt(plan)["process"])


@indicator("co2_power_kt", "kt", "P49")
def co2_power_kt(plan: Plan) -> float:
    return float(co2_kt(plan)["power"])


@indicator("co2_freight_kt", "kt", "P54")
def co2_freight_kt(plan: Plan) -> float:
    co2 = co2_kt(plan)
    return float(co2["freight_product"] + co2["freight_material"])


@indicator("co2_total_kt", "kt", "P46")
def co2_total_kt(plan: Plan) -> float:
    return float(co2_kt(plan)["total"])


def _energy(plan: Plan, season: str) -> float:
    then = plan.tables.power["season"] == season
    return float(sum(plan.tables.power[name][then].sum() for name in ("grid_gwh", "surplus_gwh")))


@indicator("power_wet_gwh", "GWh", "P49")
def power_wet_gwh(plan: Plan) -> float:
    return _energy(plan, "wet")


@indicator("power_normal_gwh", "GWh", "P49")
def power_normal_gwh(plan: Plan) -> float:
    return _energy(plan, "normal")


@indicator("power_dry_gwh", "GWh", "P49")
def power_dry_gwh(plan: Plan) -> float:
    return _energy(plan, "dry")


@indicator("power_surplus_gwh", "GWh", "P49")
def power_surplus_gwh(plan: Plan) -> float:
    return float(plan.tables.power["surplus_gwh"].sum())


@indicator("jobs", "persons", "P61")
def jobs(plan: Plan) -> float:
    return float(plan.tables.facilities["jobs"].sum())


@indicator("jobs_displaced", "persons", "P61")
def jobs_displaced(plan: Plan) -> float:
    return float(plan.tables.decisions["displaced_jobs"].sum())


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
