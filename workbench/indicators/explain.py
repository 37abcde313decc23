"""What a number of a plan is made of: its rows, the assumptions behind them and where these come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.indicators.measures import INDICATORS
from workbench.relocation.plan import Plan
from workbench.units import KCNY_PER_MCNY, KG_PER_T, KT_PER_MT, T_PER_KT

FREIGHT_COST = "freight_cost_cny"  # the whole freight bill, yuan a year: what `freight_cny_t` shares out
_COLUMNS = ("part", "table", "row", "quantity", "rate", "amount")
_ONCE = ("relocation.interest_share", "relocation.life_years")
_AGE = ("*.old_before_year", "*.recent_from_year", "*.small_size")
_COAL = ("*.*_coal_share", *_AGE)
_POWER = ("*.power_kwh_t", "*.waste_heat_*", "relocation.float_*", "*.*_power_share", *_AGE)
_JOBS = ("*.jobs_per_kt", "relocation.placed_*")
# part of a number -> the assumptions it is reckoned with (patterns of ids); freight is heard, not listed
READS = {
    "freight": ("*.raw_*_t_t", *_COAL),
    "production": ("*.production_cny_t", "*.raw_co*_t_t", "relocation.coal_mine_cny_t", *_COAL),
    "power": (*_POWER, "*.grid_price_*"),
    "energy": _POWER,
    "fixed": ("*.fixed_cny_t", "*.avoidable_share"),
    "capex": ("*.capex_*", "*.land_cny_t", "*.mining_right_cny_t", "relocation.share_of_new_capex", *_ONCE),
    "closing": ("*.closure_cny_t", "*.debt_cny_t", "*.site_value_cny_t", *_ONCE),
    "people": (*_JOBS, "relocation.severance_cny_person", *_ONCE),
    "jobs": ("*.jobs_per_kt",),
    "displaced": _JOBS,
    "unmet": ("*.unmet_cny_t",),
    "lacking": ("*.output_2013_kt", "*.outside_share"),
    "made": ("*.output_2013_kt", "*.outside_share", "*.normal_utilisation"),
    "co2_process": ("*.co2_process_kg_t", "*.co2_fuel_share", *_COAL),
    "co2_power": (*_POWER, "relocation.grid_co2_*", "relocation.surplus_co2_kg_kwh"),
    "carbon": ("*.co2_process_kg_t", *_POWER, "relocation.grid_co2_*", "relocation.surplus_co2_kg_kwh"),
    "small_works": ("*.production_cny_t", *_POWER, "*.fixed_cny_t", "*.avoidable_share"),
    "bought": ("*.import_price_cny_t", "*.import_most_kt"),
    "bought_co2": ("*.co2_process_kg_t", "*.power_kwh_t", "relocation.grid_co2_*"),
    "upgrades": ("*.waste_heat_*", "*.power_norm_*", "*.denitration_*", *_ONCE),
    "capacity": ("*.stock_kt", "*.site_*_kt"),
}


@dataclass(frozen=True, eq=False)
class Explanation:
    """One number of a plan, taken apart.

    `value` in `unit`. `rows`: part, table (of the plan), row (id there), quantity, rate and amount; the
    amounts add up to value x `per` (per: what the sum is shared out by, 1 where it is not). `legs`: every leg
    of the flows among the rows, as `Study.legs` gives them. `assumptions` (index id): value, unit, low, high,
    reason, source, confidence. `sources`: where the lines among the rows come from.
    """

    indicator: str
    value: float
    unit: str
    clause: str
    rows: pd.DataFrame
    per: float = 1.0
    legs: pd.DataFrame = field(default_factory=pd.DataFrame)
    assumptions: pd.DataFrame = field(default_factory=pd.DataFrame)
    sources: tuple[str, ...] = ()


def explain(
    plan: Plan,
    indicator: str,
    *,
    of_freight: Iterable[str] = (),
    legs: Callable[[], pd.DataFrame] | None = None,
) -> Explanation:
    """Take a number of a plan apart; of several years that of the last.

    `indicator`: an id of the indicators, or ``freight_cost_cny``. `of_freight`: ids of the assumptions
    freight is priced with; `legs` gives the legs of the plan's flows. Raises LabelError for another id.
    """
    known_id(indicator)
    make, per = _ROWS[indicator]
    rows = pd.concat([pd.DataFrame(part, columns=list(_COLUMNS)) for part in make(plan)], ignore_index=True)
    rows = rows[rows["amount"] != 0].reset_index(drop=True)
    shared = per(plan)
    value = float(rows["amount"].sum()) / shared if shared else float("nan")
    known = INDICATORS.get(indicator)
    unit, clause = (known.unit, known.clause) if known else ("CNY", "P54")
    parts = {READS_AS.get(part, part) for part in rows["part"].unique()}
    flows = "freight" in parts
    found = legs() if legs is not None and flows else pd.DataFrame()
    table = _assumptions(plan, parts, of_freight if flows else ())
    return Explanation(indicator, value, unit, clause, rows, shared, found, table, _sources(plan, rows))


def known_id(indicator: str) -> None:
    """Refuse an id that is no indicator's. Raises LabelError."""
    if indicator not in _ROWS:
        raise LabelError(f"no such indicator; known are {', '.join(sorted(_ROWS))}", missing=[indicator])


def _assumptions(plan: Plan, parts: set[str], of_freight: Iterable[str]) -> pd.DataFrame:
    frame, industries = plan.layers.assumptions.frame, set(plan.scenario.industries)
    wanted = {name for name in of_freight if name in frame.index}
    patterns = [pattern for part in parts for pattern in READS[part]]
    for name in map(str, frame.index):
        first, _, rest = name.partition(".")
        ours = any(
            fnmatchcase(rest, pattern[2:]) and first in industries if pattern.startswith("*.")
            else fnmatchcase(name, pattern)
            for pattern in patterns
        )  # fmt: skip
        wanted |= {name} if ours else set()
    columns = ["value", "unit", "low", "high", "reason", "source", "confidence"]
    return frame.reindex(columns=columns).loc[sorted(wanted)]


def _sources(plan: Plan, rows: pd.DataFrame) -> tuple[str, ...]:
    """Return the sources of the lines among the rows."""
    lines = plan.layers["lines"]
    if "source" not in lines:
        return ()
    ids = {end for row in rows["row"] for end in str(row).replace(" → ", " ").split(" ")}
    return tuple(sorted({str(text) for text in lines["source"][lines.index.isin(ids)].dropna()}))


# numbers with hauls among their rows
OF_FREIGHT = frozenset(
    {FREIGHT_COST, "freight_cny_t", "cost_mcny", "cost_cny_t", "co2_freight_kt", "co2_total_kt", "rail_mtkm",
     "road_mtkm", "water_mtkm", "sea_mtkm"}
)  # fmt: skip
# parts told apart in the rows that rest on the same assumptions
READS_AS = {
    "freight_product": "freight",
    "freight_material": "freight",
    "co2_freight": "freight",
    "tkm": "freight",
}

Part = dict[str, Any]
Parts = list[Part]


def _part(
    part: str, table: str, ids: Iterable[object], quantity: object, rate: object, factor: float = 1.0
) -> Part:
    kt, each = np.asarray(quantity, dtype=float), np.asarray(rate, dtype=float)
    ids = [" ".join(map(str, i)) if isinstance(i, tuple) else str(i) for i in ids]
    each = np.broadcast_to(each, kt.shape)
    return {
        "part": part,
        "table": table,
        "row": ids,
        "quantity": kt,
        "rate": each,
        "amount": kt * each * factor,
    }


def _hauls(plan: Plan, rate: str, part: str = "freight", factor: float = 1.0) -> Parts:
    flows = plan.flows
    ids = flows["commodity"] + " " + flows["origin"] + " → " + flows["destination"]
    if part != "freight":
        return [_part(part, "flows", ids, flows["kt"], flows[rate], factor)]
    product = flows["commodity"] == flows["industry"]
    return [
        _part(name, "flows", ids[mine], flows["kt"][mine], flows[rate][mine], factor)
        for name, mine in (("freight_product", product), ("freight_material", ~product))
    ]


def _works(plan: Plan, part: str, quantity: str, rate: str, factor: float = 1.0) -> Parts:
    table = plan.facilities
    return [_part(part, "facilities", table.index, table[quantity], table[rate], factor)]


def _of(
    plan: Plan, table: str, part: str, column: str, mask: object = slice(None), sign: float = 1.0
) -> Parts:
    frame = getattr(plan, table)[mask] if not isinstance(mask, slice) else getattr(plan, table)
    return [_part(part, table, frame.index, frame[column], sign)]


def _spent_once(plan: Plan) -> Parts:
    return [
        *_works(plan, "capex", "capacity_kt", "capex_cny_t", 1 / KCNY_PER_MCNY),
        *(part for table in ("decisions", "unlocated") for name in ("closing", "people")
          for part in _of(plan, table, name, f"{name}_mcny")),
    ]  # fmt: skip


def _cost(plan: Plan) -> Parts:
    thousand, a = 1 / KCNY_PER_MCNY, plan.layers.assumptions
    unmet, better = plan.unmet, plan.upgrades
    lack = [a[f"{industry}.unmet_cny_t"] for industry in unmet["industry"]]
    taxed = plan.scenario.objective.carbon_price_cny_t / KCNY_PER_MCNY
    carbon = [part | {"part": "carbon", "amount": np.asarray(part["amount"]) * taxed} for part in _co2(plan)]
    return [
        *_hauls(plan, "cost_cny_t", factor=thousand),
        *_works(plan, "production", "production_kt", "production_cny_t", thousand),
        *_works(plan, "power", "production_kt", "power_cny_t", thousand),
        *_works(plan, "fixed", "capacity_kt", "fixed_cny_t", thousand),
        *_spent_once(plan),
        *_of(plan, "unlocated", "small_works", "saved_mcny", sign=-1.0),
        *_of(plan, "bought", "bought", "cost_mcny"),
        _part(
            "upgrades", "upgrades", better["line_id"] + " " + better["measure"], better["yearly_mcny"], 1.0
        ),
        *carbon,
        _part("unmet", "unmet", unmet["market"], unmet["kt"], lack, thousand),
    ]


def _co2_power(plan: Plan) -> Parts:
    a, power = plan.layers.assumptions, plan.power
    ids = power["industry"] + " " + power["prefecture_zh"] + " " + power["season"]
    grid = a[f"relocation.grid_co2_{plan.scenario.power.grid_factor}_kg_kwh"]
    rates = (("grid_gwh", grid), ("surplus_gwh", a["relocation.surplus_co2_kg_kwh"]))
    return [_part("co2_power", "power", ids, power[name], rate) for name, rate in rates]


def _co2_freight(plan: Plan) -> Parts:
    return _hauls(plan, "co2_kg_t", "co2_freight", 1 / KG_PER_T)


def _co2_process(plan: Plan) -> Parts:
    return _works(plan, "co2_process", "production_kt", "co2_process_kg_t", 1 / KG_PER_T)


def _co2(plan: Plan) -> Parts:
    small = _of(plan, "unlocated", "small_works", "saved_co2_kt", sign=-1.0)
    bought = _of(plan, "bought", "bought_co2", "co2_kt")
    return [*_co2_process(plan), *_co2_power(plan), *_co2_freight(plan), *small, *bought]


def _energy(plan: Plan, names: Iterable[str], season: str = "") -> Parts:
    power = plan.power[plan.power["season"] == season] if season else plan.power
    ids = power["industry"] + " " + power["prefecture_zh"] + " " + power["season"]
    return [_part("energy", "power", ids, power[name], 1.0) for name in names]


def _standing(plan: Plan, in_zone: bool | None) -> Parts:
    table = plan.facilities
    mine = table if in_zone is None else table[table["in_zone"].to_numpy(bool) == in_zone]
    return [_part("capacity", "facilities", mine.index, mine["capacity_kt"], 1.0)]


def _whole(plan: Plan) -> Parts:
    return [*_standing(plan, None), *_small(plan, "capacity_kt")]


def _gone(plan: Plan, *, in_zone: bool = False) -> Parts:
    left = (plan.decisions["decision"] != "keep") & (plan.decisions["in_zone"] | (not in_zone))
    return [
        *_of(plan, "decisions", "capacity", "capacity_kt", left),
        *_small(plan, "retired_kt", in_zone=in_zone),
    ]


def _small(plan: Plan, name: str, *, in_zone: bool = False) -> Parts:
    mine = plan.unlocated["in_zone"].astype(bool) | (not in_zone)
    return _of(plan, "unlocated", "capacity", name, mine)


def _moved(plan: Plan) -> Parts:
    ids = plan.credits["line_id"] + " → " + plan.credits["build_id"]
    return [_part("capacity", "credits", ids, plan.credits["kt"], 1.0)]


def _made(plan: Plan) -> Parts:
    return [_part("made", "facilities", plan.facilities.index, plan.facilities["production_kt"], 1.0)]


def _one(plan: Plan) -> float:
    return 1.0


def _production(plan: Plan) -> float:
    return float(plan.facilities["production_kt"].sum())


def _tkm(mode: str) -> Callable[[Plan], Parts]:
    return lambda plan: _hauls(plan, f"km_{mode}", "tkm", 1 / KT_PER_MT)


_BOTH = ("grid_gwh", "surplus_gwh")
_ROWS: dict[str, tuple[Callable[[Plan], Parts], Callable[[Plan], float]]] = {
    FREIGHT_COST: (lambda plan: _hauls(plan, "cost_cny_t", factor=T_PER_KT), _one),
    "freight_cny_t": (lambda plan: _hauls(plan, "cost_cny_t"), _production),
    "cost_mcny": (_cost, _one),
    "cost_cny_t": (_cost, lambda plan: _production(plan) / KCNY_PER_MCNY),
    "relocation_mcny": (_spent_once, _one),
    "capacity_zone_kt": (lambda plan: _standing(plan, True), _one),
    "capacity_outside_kt": (lambda plan: _standing(plan, False), _one),
    "capacity_total_kt": (_whole, _one),
    "moved_kt": (_moved, _one),
    "closed_kt": (_gone, _one),
    "left_zone_kt": (lambda plan: _gone(plan, in_zone=True), _one),
    "built_kt": (lambda plan: _of(plan, "builds", "capacity", "capacity_kt"), _one),
    "production_kt": (_made, _one),
    "utilisation_share": (_made, lambda plan: float(plan.facilities["capacity_kt"].sum())),
    "unmet_kt": (lambda plan: [_part("lacking", "unmet", plan.unmet["market"], plan.unmet["kt"], 1.0)], _one),
    **{f"{mode}_mtkm": (_tkm(mode), _one) for mode in ("rail", "road", "water", "sea")},
    "co2_process_kt": (_co2_process, _one),
    "co2_power_kt": (_co2_power, _one),
    "co2_freight_kt": (_co2_freight, _one),
    "co2_total_kt": (_co2, _one),
    "power_wet_gwh": (lambda plan: _energy(plan, _BOTH, "wet"), _one),
    "power_normal_gwh": (lambda plan: _energy(plan, _BOTH, "normal"), _one),
    "power_dry_gwh": (lambda plan: _energy(plan, _BOTH, "dry"), _one),
    "power_surplus_gwh": (lambda plan: _energy(plan, ("surplus_gwh",)), _one),
    "jobs": (lambda plan: _of(plan, "facilities", "jobs", "jobs"), _one),
    "jobs_displaced": (lambda plan: _of(plan, "decisions", "displaced", "displaced_jobs"), _one),
}
