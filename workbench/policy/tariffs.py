"""What a line pays for power: catalogue price by voltage, season and hour, contracts, surcharges, alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

from workbench.errors import LabelError
from workbench.layers.model import Assumptions, Layers
from workbench.policy import registry
from workbench.policy.options import PolicyOptions
from workbench.units import PERCENT

WET, DRY = (6, 7, 8, 9, 10), (12, 1, 2, 3, 4)
VOLTAGES = (10, 35, 110, 220)
HOURS_PER_MONTH = 730.0  # 8760 / 12
Supply = Literal["catalogue", "direct", "retained"]
Class = Literal["", "eliminate", "restrict"]


@dataclass(frozen=True)
class Load:
    """How a line draws power: kWh per tonne, voltage, supply, and what the surcharges ask about it.

    `peak_share` and `valley_share` default to a continuous load. `below_norm`: misses the access norm.
    `catalogue_class`: equipment named for elimination or restriction by the national catalogue.
    """

    industry: str
    kwh_t: float
    voltage_kv: int = 110
    supply: Supply = "catalogue"
    peak_share: float | None = None
    valley_share: float | None = None
    below_norm: bool = False
    catalogue_class: Class = ""
    contract_cny_kwh: float | None = None


def season(month: int) -> str:
    """Return the tariff season of a month: wet (June to October), dry (December to April) or normal."""
    if month not in range(1, 13):
        raise LabelError("months run from 1 to 12", unexpected=[month])
    return "wet" if month in WET else "dry" if month in DRY else "normal"


def catalogue_cny_kwh(voltage_kv: int, assumptions: Assumptions) -> float:
    """Return the catalogue energy price of a voltage class, floats and surcharges apart (CNY/kWh)."""
    if voltage_kv not in VOLTAGES:
        raise LabelError(f"voltage classes are {VOLTAGES} kV", unexpected=[voltage_kv])
    return float(assumptions[f"tariff.catalogue_{voltage_kv}kv_cny_kwh"])


def floated_cny_kwh(load: Load, month: int, assumptions: Assumptions) -> float:
    """Return the price before surcharges: p (1 + s_month) (1 + a_peak f_peak + a_valley f_valley).

    Direct and retained power is bought at its contract price and knows neither season nor hour.
    """
    if load.supply != "catalogue":
        agreed = load.contract_cny_kwh
        return float(assumptions[f"tariff.{load.supply}_cny_kwh"]) if agreed is None else agreed
    price = catalogue_cny_kwh(load.voltage_kv, assumptions)
    kind = season(month)
    if kind != "normal":
        price *= 1 + assumptions[f"tariff.{kind}_float"]
    peak = assumptions["tariff.peak_share"] if load.peak_share is None else load.peak_share
    valley = assumptions["tariff.valley_share"] if load.valley_share is None else load.valley_share
    return float(
        price * (1 + peak * assumptions["tariff.peak_float"] + valley * assumptions["tariff.valley_float"])
    )


def surcharge_cny_kwh(
    load: Load,
    on: date,
    assumptions: Assumptions,
    options: PolicyOptions | None = None,
    *,
    national_tiers: bool = False,
) -> float:
    """Return the surcharge on top of the price (CNY/kWh), clauses P18, P35 and P60.

    Aluminium: 10 % of the catalogue price above 13,700 kWh/t, and after 2015 below norm; both together only
    where `surcharges_add_up`. `national_tiers` replaces the first by the steps of the national rule of 2013.
    Steel and cement laggards pay the national differential price of their catalogue class.
    """
    if load.industry != "aluminium":
        if not load.catalogue_class:
            return 0.0
        return float(assumptions[f"tariff.laggard_{load.catalogue_class}_cny_kwh"])
    clause = registry.clause("P35")
    base = catalogue_cny_kwh(load.voltage_kv, assumptions)
    ten = clause.number("surcharge").value / PERCENT * base
    power, year = clause.number("ac_power"), clause.number("norm_after")
    hungry = ten if registry.meets(load.kwh_t, power.sign, power.value) else 0.0
    if national_tiers:
        hungry = _tier(load.kwh_t, assumptions)
    late = ten if load.below_norm and registry.meets(on.year, year.sign, year.value) else 0.0
    return hungry + late if (options or PolicyOptions()).surcharges_add_up else max(hungry, late)


def _tier(kwh_t: float, assumptions: Assumptions) -> float:
    for tier in ("tier3", "tier2"):
        if kwh_t > assumptions[f"tariff.{tier}_from_kwh_t"]:
            return float(assumptions[f"tariff.{tier}_cny_kwh"])
    return 0.0


def may_buy_direct(load: Load, assumptions: Assumptions) -> str:
    """Return ``barred``, ``allowed`` or ``preferred`` for a smelter's direct purchase (clause P33)."""
    if load.industry != "aluminium" or load.kwh_t > assumptions["tariff.direct_bar_kwh_t"]:
        return "barred"
    return "preferred" if load.kwh_t < assumptions["tariff.direct_prefer_kwh_t"] else "allowed"


def power_cost(
    load: Load,
    assumptions: Assumptions,
    *,
    year: int = 2014,
    options: PolicyOptions | None = None,
    national_tiers: bool = False,
    production_t: Mapping[int, float] | None = None,
) -> pd.DataFrame:
    """Return what a tonne costs in power, month by month.

    Index month 1-12; columns season, price_cny_kwh, surcharge_cny_kwh, demand_cny_t, cost_cny_t and
    production_t (1 each month unless given: tonnes). The demand charge spreads the month's maximum demand of
    an even load over its tonnes: c_kW * kwh_t / 730 h.
    """
    rows = []
    for month in range(1, 13):
        price = floated_cny_kwh(load, month, assumptions)
        extra = surcharge_cny_kwh(
            load, date(year, month, 1), assumptions, options, national_tiers=national_tiers
        )
        demand = assumptions["tariff.demand_charge_cny_kw_month"] * load.kwh_t / HOURS_PER_MONTH
        demand = demand if load.supply == "catalogue" else 0.0
        rows.append((month, season(month), price, extra, demand, (price + extra) * load.kwh_t + demand))
    columns = ["month", "season", "price_cny_kwh", "surcharge_cny_kwh", "demand_cny_t", "cost_cny_t"]
    frame = pd.DataFrame(rows, columns=columns).set_index("month")
    tonnes = dict.fromkeys(range(1, 13), 1.0) if production_t is None else production_t
    frame["production_t"] = pd.Series(dict(tonnes), dtype=float).reindex(frame.index).fillna(0.0)
    return frame


def lawful_cny_kwh(row: Mapping[str, Any], industry: str, assumptions: Assumptions, on: date,
                   options: PolicyOptions | None = None) -> float:  # fmt: skip
    """Return the least a row of paid prices may be: floated catalogue price with its surcharges (CNY/kWh)."""
    kind: Class = row["catalogue_class"] if row.get("catalogue_class") in ("eliminate", "restrict") else ""
    late = row.get("below_norm") is True
    load = Load(industry, float(row["kwh_t"]), int(row["voltage_kv"]), below_norm=late, catalogue_class=kind)
    floated = floated_cny_kwh(load, int(row["month"]), assumptions)
    return floated + surcharge_cny_kwh(load, on, assumptions, options)


def underpaid(
    paid: pd.DataFrame,
    industry: str,
    assumptions: Assumptions,
    on: date,
    options: PolicyOptions | None = None,
) -> pd.DataFrame:
    """Return the rows of the register `power_prices` below what the catalogue and the surcharges ask (P35).

    Columns added: lawful_cny_kwh and gap_cny_kwh. A row without a price proves nothing: its gap is NaN.
    """
    lawful = [lawful_cny_kwh(row, industry, assumptions, on, options) for row in paid.to_dict("records")]
    frame = paid.assign(lawful_cny_kwh=lawful)
    frame["gap_cny_kwh"] = frame["lawful_cny_kwh"] - frame["price_cny_kwh"].astype(float)
    return frame[~(frame["gap_cny_kwh"] <= 1e-9)]


def unlawful_discounts(
    paid: pd.DataFrame, assumptions: Assumptions, contracts: pd.DataFrame | None = None, *, on: date
) -> pd.DataFrame:
    """Return the prices paid below the catalogue that no valid contract covers (clause P60).

    `paid`: the register `power_prices`; `contracts`: the register `power_contracts`. A contract covers its
    line while it runs, and only where the buyer may have one: a smelter above the bar may not. A row without
    a price cannot be told from a discount and is returned with a gap of NaN.
    """
    covered = _covered(contracts, assumptions, on)
    rows = paid.to_dict("records")
    lawful = [
        floated_cny_kwh(Load("", float(r["kwh_t"]), int(r["voltage_kv"])), int(r["month"]), assumptions)
        for r in rows
    ]
    frame = paid.assign(lawful_cny_kwh=lawful)
    frame["gap_cny_kwh"] = frame["lawful_cny_kwh"] - frame["price_cny_kwh"].astype(float)
    low = ~(frame["gap_cny_kwh"] <= 1e-9)
    return frame[low & ~frame["line"].isin(covered)]


def _covered(contracts: pd.DataFrame | None, assumptions: Assumptions, on: date) -> set[str]:
    if contracts is None:
        return set()
    runs = (contracts["from"] <= on) & (contracts["to"] >= on)
    may = contracts["ac_kwh_t"].astype(float) <= assumptions["tariff.direct_bar_kwh_t"]
    return set(contracts.loc[may & runs, "line"])


def surcharge_list(layers: Layers, on: date, options: PolicyOptions | None = None) -> pd.DataFrame:
    """Return what each row of the register `power_prices` should pay, for the grid company (P18, P35, P60).

    Columns line, industry, month, price_cny_kwh, surcharge_cny_kwh (owed), lawful_cny_kwh, state: ``paid``,
    ``missed`` (below what is owed), ``double`` (the surcharge at least once too often), ``direct`` (a valid
    contract of a buyer who may have one), ``barred`` (of one who may not) or ``unknown`` (no price told).
    """
    lines, prices = layers["lines"], pd.DataFrame(layers["power_prices"])
    contracts = layers.frames.get("power_contracts")
    industry = {**dict(zip(lines["name_zh"], lines["industry"], strict=True)), **lines["industry"].to_dict()}
    covered, rows = _covered(contracts, layers.assumptions, on), []
    signed = set() if contracts is None else set(contracts["line"])
    for row in prices.to_dict("records"):
        kind = str(industry.get(row["line"], ""))
        lawful = lawful_cny_kwh(row, kind, layers.assumptions, on, options)
        load = Load(kind, float(row["kwh_t"]), int(row["voltage_kv"]))
        owed = lawful - floated_cny_kwh(load, int(row["month"]), layers.assumptions)
        state = _state(row, lawful, owed, covered, signed, may_buy_direct(load, layers.assumptions))
        rows.append((row["line"], kind, int(row["month"]), row["price_cny_kwh"], owed, lawful, state))
    columns = ["line", "industry", "month", "price_cny_kwh", "surcharge_cny_kwh", "lawful_cny_kwh", "state"]
    return pd.DataFrame(rows, columns=columns)


def _state(
    row: Mapping[str, Any], lawful: float, owed: float, covered: set[str], signed: set[str], may: str
) -> str:
    paid = row["price_cny_kwh"]
    if paid is None or paid != paid:
        return "unknown"
    if row["line"] in covered and may != "barred":
        return "direct"
    if row["line"] in signed and paid < lawful - 1e-9:
        return "barred"
    if paid < lawful - 1e-9:
        return "missed"
    return "double" if owed > 0 and paid >= lawful + owed - 1e-9 else "paid"
