"""An independent judge of what a plan makes of a unit besides keeping, closing and moving it."""

from __future__ import annotations

from functools import lru_cache

from workbench.relocation.plan import Plan

CURRENT = {
    "cement": ("nsp",),
    "flat_glass": ("float",),
    "aluminium": ("prebake",),
    "steel": ("bf_bof", "eaf"),
}
MEASURES = ("waste_heat", "power_norm", "denitration")


def known(plan: Plan, industry: str, process: str, name: str) -> float | None:
    """Return a row of the assumptions, that of the process first; None where there is none."""
    rows = plan.layers.assumptions
    for key in (f"{industry}.{process}.{name}", f"{industry}.{name}"):
        if key in rows:
            return rows[key]
    return None


def effect(plan: Plan, industry: str, process: str, vintage: str, measure: str) -> dict[str, float] | None:
    """Return what a measure does to the mean unit, from the rows alone; None where it is not offered."""
    capital = known(plan, industry, process, f"{measure}_capex_cny_t")
    if capital is None or measure not in plan.scenario.units.upgrades or process not in CURRENT[industry]:
        return None
    have = known(plan, industry, process, f"{vintage}_{measure}_present_share")
    have = (known(plan, industry, process, f"{measure}_present_share") or 0.0) if have is None else have
    if have >= 1:
        return None
    row = {
        n: known(plan, industry, process, f"{measure}_{n}") or 0.0
        for n in ("kwh_t", "nox_share", "running_cny_t")
    }
    # a unit without emits more than the mean, one with it less: have (1 - r) x + (1 - have) x = 1
    without = 1 / (1 - have * row["nox_share"])
    return {
        "kwh_t": (1 - have) * row["kwh_t"],
        "nox_share": (1 - have) * without * row["nox_share"],
        "once_cny_t": (1 - have) * capital,
        "running_cny_t": (1 - have) * row["running_cny_t"],
    }


def vintage_of(plan: Plan, facility: str) -> str:
    """Say from the baseline's row whether a works is old, recent, usual or new."""
    if facility not in plan.decisions.index:
        return "new"
    line = plan.layers["lines"].loc[facility]
    rows = {
        n: known(plan, line["industry"], line["process"], n)
        for n in ("old_before_year", "recent_from_year", "small_size")
    }
    year, size = (float(line.get(name, float("nan"))) for name in ("start_year", "size"))
    if rows["old_before_year"] is not None and year < rows["old_before_year"]:
        return "old"
    if rows["recent_from_year"] is not None and year >= rows["recent_from_year"]:
        return "recent"
    small = rows["small_size"] is not None and size < rows["small_size"]
    return "old" if year != year and small else "usual"


def _told(plan: Plan, facility: str, industry: str, process: str, what: str) -> float:
    row = known(plan, industry, process, f"{vintage_of(plan, facility)}_{what}_share")
    return 1.0 if row is None else row


@lru_cache(maxsize=256)
def _mean(plan: Plan, industry: str, process: str, what: str) -> float:
    """Return the mean of what is told of the lines of a process, by their capacity."""
    lines = plan.decisions[(plan.decisions["industry"] == industry) & (plan.decisions["process"] == process)]
    rows = [(kt, _told(plan, line, industry, process, what)) for line, kt in lines["capacity_kt"].items()]
    return sum(kt * share for kt, share in rows) / sum(kt for kt, _ in rows)


def share_of(plan: Plan, facility: str, what: str) -> float:
    """Return what a works takes or emits to the mean of its process; what stands keeps that mean."""
    industry, process = plan.problem.facilities.loc[facility, ["industry", "process"]]
    told = _told(plan, facility, industry, process, what)
    return told / _mean(plan, industry, process, what) if facility in plan.decisions.index else told


def emits_kg_t(plan: Plan, facility: str, pollutant: str) -> float:
    """Return what a tonne of a works emits, without any measure of the plan."""
    industry = plan.problem.facilities.at[facility, "industry"]
    return plan.layers.assumptions[f"headroom.{industry}_{pollutant}_kg_t"] * share_of(
        plan, facility, pollutant
    )


def kwh_t(plan: Plan, facility: str) -> float:
    """Return the power a tonne of a works takes, without any measure of the plan."""
    work, vintage = plan.problem.facilities.loc[facility], vintage_of(plan, facility)
    industry, process = work["industry"], work["process"]
    mean = known(plan, industry, process, "power_kwh_t") * share_of(plan, facility, "power")
    heat = (
        (known(plan, industry, process, "waste_heat_kwh_t") or 0.0) if process in CURRENT[industry] else 0.0
    )
    if vintage == "new":
        norm = known(plan, industry, process, "power_new_kwh_t")
        return (mean if norm is None else norm) - heat
    have = known(plan, industry, process, f"{vintage}_waste_heat_present_share")
    have = known(plan, industry, process, "waste_heat_present_share") if have is None else have
    return mean - heat * (have or 0.0)


def fuel_cny_t(plan: Plan, facility: str) -> float:
    """Return what a works pays for fuel beyond the mean of its process, CNY a tonne."""
    work = plan.problem.facilities.loc[facility]
    rows = [
        known(plan, work["industry"], work["process"], f"raw_{fuel}_t_t") or 0.0 for fuel in ("coal", "coke")
    ]
    price = plan.layers.assumptions["relocation.coal_mine_cny_t"]
    return (share_of(plan, facility, "coal") - 1) * sum(rows) * price


def works_burn_what_their_vintage_says(plan: Plan):
    for row in plan.problem.inbound.to_dict("records"):
        if row["facility"] in plan.facilities.index:
            work = plan.problem.facilities.loc[row["facility"]]
            mean = known(plan, work["industry"], work["process"], f"raw_{row['commodity']}_t_t")
            fuel = row["commodity"] in ("coal", "coke")
            wanted = mean * (share_of(plan, row["facility"], "coal") if fuel else 1.0)
            if abs(row["t_t"] - wanted) > 1e-9:
                yield f"{row['facility']} takes {row['t_t']} t of {row['commodity']} a tonne, not {wanted}"
    for facility, row in plan.facilities.to_dict("index").items():
        mean = known(plan, row["industry"], row["process"], "co2_process_kg_t")
        part = known(plan, row["industry"], row["process"], "co2_fuel_share") or 0.0
        wanted = mean * (1 + part * (share_of(plan, facility, "coal") - 1))
        if abs(row["co2_process_kg_t"] - wanted) > 1e-6:
            yield f"{facility} emits {row['co2_process_kg_t']} kg of CO2 a tonne, its vintage says {wanted}"


def taken(plan: Plan) -> list[tuple[dict, dict[str, float]]]:
    """Return the rows of the measures taken with what each does; measures nobody may take do nothing."""
    found = []
    for row in plan.upgrades.to_dict("records"):
        line = plan.decisions.loc[row["line_id"]]
        vintage = vintage_of(plan, row["line_id"])
        does = effect(plan, line["industry"], line["process"], vintage, row["measure"])
        found.append((row | {"process": line["process"]}, does or {}))
    return found


def only_units_that_stay_are_bettered(plan: Plan):
    seen = set()
    for row, does in taken(plan):
        key = (row["line_id"], row["measure"])
        if key in seen:
            yield f"{key} is taken twice"
        seen.add(key)
        if not does:
            yield f"{key} is not offered"
        if plan.decisions.at[row["line_id"], "decision"] != "keep":
            yield f"{row['line_id']} leaves and is bettered"
        if row["capacity_kt"] != plan.decisions.at[row["line_id"], "capacity_kt"]:
            yield f"{row['line_id']} changes its capacity"


def works_take_the_power_their_rows_say(plan: Plan):
    grid = f"relocation.grid_co2_{plan.scenario.power.grid_factor}_kg_kwh"
    saved: dict[str, float] = {}
    for row, does in taken(plan):
        saved[row["line_id"]] = saved.get(row["line_id"], 0.0) + does.get("kwh_t", 0.0)
    took = 0.0
    for facility, row in plan.facilities.to_dict("index").items():
        kwh = kwh_t(plan, facility) - saved.get(facility, 0.0)
        if abs(row["power_kwh_t"] - kwh) > 1e-6:
            yield f"{facility} takes {row['power_kwh_t']} kWh/t, its rows say {kwh}"
        if abs(row["co2_power_kg_t"] - kwh * plan.layers.assumptions[grid]) > 1e-6:
            yield f"{facility}: {row['co2_power_kg_t']} kg CO2 of power a tonne for {kwh} kWh"
        took += row["production_kt"] * kwh / 1e3
    told = plan.power[["grid_gwh", "surplus_gwh"]].to_numpy().sum()
    if abs(told - took) > 1e-4 * max(took, 1.0):
        yield f"works take {took} GWh, told are {told}"


def cleaned_t(plan: Plan, place: str, pollutant: str) -> float:
    """Return what units bettered in a prefecture no longer emit in full normal use, t a year."""
    total = 0.0
    for row, does in taken(plan):
        if row["prefecture_zh"] == place and pollutant == "nox":
            use = known(plan, row["industry"], row["process"], "normal_utilisation")
            kg_t = emits_kg_t(plan, row["line_id"], "nox")
            total += does.get("nox_share", 0.0) * kg_t * use * row["capacity_kt"]
    return total


def upgrades_kcny(plan: Plan, annuity: float) -> float:
    """Return what the measures cost a year, thousand CNY."""
    total = 0.0
    for row, does in taken(plan):
        use = known(plan, row["industry"], row["process"], "normal_utilisation")
        total += row["capacity_kt"] * (annuity * does["once_cny_t"] + use * does["running_cny_t"])
    return total


RULES = (
    only_units_that_stay_are_bettered,
    works_take_the_power_their_rows_say,
    works_burn_what_their_vintage_says,
)
