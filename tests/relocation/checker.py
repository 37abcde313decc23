"""An independent judge of plans: recomputes every rule from the plan's rows and the layers."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from tests.relocation import checker_supply, checker_units, frames
from workbench.policy.screening import obsolete_share, screen
from workbench.relocation.plan import Plan

TOLERANCE_KT = 1e-3
LAW = Path(__file__).parents[2] / "geodata" / "policy"
VERSIONS = {
    row["id"]: row for row in tomllib.loads((LAW / "rule_versions.toml").read_text("utf-8"))["version"]
}
DEFAULTS = {
    row["clause"]: row["default"]
    for row in csv.DictReader((LAW / "stances.csv").read_text("utf-8").splitlines())
}
# eliminated by the end of 2014 and in five years, kt; the years between go in equal steps
TASKS = {
    "cement": ("P7", 3000.0, 10_000.0),
    "steel": ("P4", 920.0, 3000.0),
    "flat_glass": ("P10", 80.0, 275.0),
}


def violations(plan: Plan, *, optimised: bool = True) -> list[str]:
    """Return one sentence per broken rule; an empty list is a sound plan."""
    return [told for rule in RULES for told in rule(plan)] + (
        [told for rule in DECIDED for told in rule(plan)] if optimised else []
    )


def _a(plan: Plan, name: str) -> float:
    return plan.layers.assumptions[name]


def _year(plan: Plan) -> int:
    options = plan.scenario.policy
    return options.years[-1] if options.years else options.year


def _binds(plan: Plan, *clauses: str) -> bool:
    chosen = plan.scenario.policy.clauses
    return any(chosen.get(clause, DEFAULTS[clause]) == "binding" for clause in clauses)


def _ratio(plan: Plan, industry: str, prefecture: str) -> float:
    options = plan.scenario.policy
    area = "sensitive" if options.chengdu_is_sensitive and prefecture == "成都市" else "other"
    lawful = [
        row["ratio"]
        for row in VERSIONS[options.rule_version]["ratios"]
        if row["industry"] in ("*", industry) and row["area"] in ("*", area)
    ]
    return max(options.replacement_ratio, lawful[0] if lawful else 1.0)


def _retired(plan: Plan, industry: str, *, zone_only: bool = False) -> float:
    zone = _zone(plan)
    return sum(
        row["retired_kt"]
        for (name, place), row in plan.unlocated.to_dict("index").items()
        if name == industry and (place in zone or not zone_only)
    )


def _gone(plan: Plan, industry: str, *, zone_only: bool = False) -> float:
    zone = _zone(plan)
    return sum(
        row["capacity_kt"]
        for row in plan.decisions.to_dict("records")
        if row["decision"] != "keep"
        and row["industry"] == industry
        and (row["prefecture_zh"] in zone or not zone_only)
    )


def _zone(plan: Plan) -> set[str]:
    column = {"eight": "in_chengdu_8", "five": "in_chengdu_5"}[plan.scenario.zone.definition]
    rows = plan.layers["prefectures"].to_dict("records")
    return {row["prefecture_zh"] for row in rows if row[column]}


def _baseline(plan: Plan) -> dict[str, dict]:
    rows = plan.layers["lines"].drop(columns="geometry").to_dict("index")
    wanted = plan.scenario.industries
    return {
        k: r for k, r in rows.items() if r["in_baseline"] and r["capacity_kt"] > 0 and r["industry"] in wanted
    }


def each_line_has_one_fate(plan: Plan):
    known = _baseline(plan)
    decisions = plan.decisions.to_dict("index")
    if set(known) != set(decisions):
        yield f"decisions differ from the baseline's lines: {set(known) ^ set(decisions)}"
    for line, row in decisions.items():
        if row["decision"] not in ("keep", "close", "move"):
            yield f"{line} has the fate {row['decision']!r}"
        if (row["decision"] == "move") != bool(row["site_id"]):
            yield f"{line}: fate {row['decision']} with site {row['site_id']!r}"
        if row["capacity_kt"] != known[line]["capacity_kt"]:
            yield f"{line} changed its capacity"


def each_closed_tonne_pays_once(plan: Plan):
    paid: dict[str, float] = defaultdict(float)
    bought: dict[str, float] = defaultdict(float)
    for row in plan.credits.to_dict("records"):
        paid[row["line_id"]] += row["kt"]
        bought[row["build_id"]] += row["kt"]
        if plan.decisions.at[row["line_id"], "decision"] != "move":
            yield f"{row['line_id']} pays but is not moved"
        if plan.decisions.at[row["line_id"], "industry"] != row["build_id"].split(":")[1].split(".")[0]:
            yield f"{row['line_id']} pays for another industry"
    for line in plan.decisions.index[plan.decisions["decision"] == "move"]:
        if paid[line] <= 0:
            yield f"{line} is called moved but nothing is rebuilt of it"
    for line, kt in paid.items():
        if kt > plan.decisions.at[line, "capacity_kt"] + TOLERANCE_KT:
            yield f"{line} pays {kt} kt, more than it had"
    for build, row in plan.builds.to_dict("index").items():
        if not _binds(plan, "P40", "P22" if row["industry"] == "cement" else "P42"):
            continue
        need = row["capacity_kt"] * _ratio(plan, row["industry"], row["prefecture_zh"])
        if abs(bought[build] - need) > TOLERANCE_KT:
            yield f"{build}: {row['capacity_kt']} kt on {bought[build]} kt of credit, {need} needed"
    yield from (f"credit for {build}, which is not built" for build in set(bought) - set(plan.builds.index))


def nothing_new_stands_where_it_may_not(plan: Plan):
    zone = _zone(plan)
    for build, row in plan.builds.to_dict("index").items():
        site = plan.layers["sites"].loc[row["site_id"]]
        if site["prefecture_zh"] in zone:
            yield f"{build} stands in the zone"
        if row["industry"] not in str(site["industries"]).split(";"):
            yield f"{build}: the site does not take {row['industry']}"
        if (row["site_id"], row["industry"]) in EXCLUDED:
            yield f"{build} stands in an exclusion"


EXCLUDED: set[tuple[str, str]] = set()


def sites_hold_what_is_built(plan: Plan):
    used: dict[str, float] = defaultdict(float)
    for build, row in plan.builds.to_dict("index").items():
        kind = plan.layers["sites"].at[row["site_id"], "kind"]
        most = _a(plan, f"{row['industry']}.site_{kind}_kt")
        least = min(_a(plan, f"{row['industry']}.min_build_kt"), most)
        used[row["site_id"]] += row["capacity_kt"] / most
        if row["capacity_kt"] < least - TOLERANCE_KT:
            yield f"{build} is smaller than the least project"
    yield from (f"{site} is overfull: {share:.3f}" for site, share in used.items() if share > 1 + 1e-6)


def nobody_makes_more_than_it_can(plan: Plan):
    products = plan.flows[plan.flows["commodity"] == plan.flows["industry"]]
    shipped = products.groupby("origin")["kt"].sum()
    for facility, row in plan.facilities.to_dict("index").items():
        made = shipped.get(facility, 0.0)
        most = row["capacity_kt"] * _a(plan, f"{row['industry']}.normal_utilisation")
        if made > most + TOLERANCE_KT:
            yield f"{facility} ships {made} kt, can make {most}"
        if abs(made - row["production_kt"]) > TOLERANCE_KT:
            yield f"{facility} ships {made} kt but reports {row['production_kt']}"
    yield from (
        f"{origin} ships without standing"
        for origin in set(shipped.index) - set(plan.facilities.index) - set(checker_supply.gates(plan))
    )
    gone = set(plan.decisions.index[plan.decisions["decision"] != "keep"])
    yield from (f"{line} is gone but stands" for line in gone & set(plan.facilities.index))


def every_market_is_served_or_told(plan: Plan):
    products = plan.flows[plan.flows["commodity"] == plan.flows["industry"]]
    served = products.groupby(["industry", "destination"])["kt"].sum()
    unmet = plan.unmet.set_index(["industry", "market"])["kt"]
    small = plan.problem.background.set_index(["industry", "prefecture_zh"])
    for row in plan.problem.demand.to_dict("records"):
        got = served.get((row["industry"], row["market"]), 0.0) + unmet.get(
            (row["industry"], row["market"]), 0.0
        )
        key = (row["industry"], row["prefecture_zh"])
        sold = 0.0
        if row["kind"] == "prefecture" and key in small.index and small.at[key, "capacity_kt"] > 0:
            left = 1 - plan.unlocated.at[key, "retired_kt"] / small.at[key, "capacity_kt"]
            sold = small.at[key, "production_kt"] * left
        if abs(got + sold - row["kt"]) > TOLERANCE_KT:
            told = got + sold
            yield f"{row['market']} takes {row['kt']} kt of {row['industry']}, gets {told}"


def raw_materials_arrive(plan: Plan):
    flows = plan.flows[plan.flows["commodity"] != plan.flows["industry"]]
    got = flows.groupby(["destination", "commodity"])["kt"].sum()
    for row in plan.problem.inbound.to_dict("records"):
        if row["facility"] in plan.facilities.index:
            need = plan.facilities.at[row["facility"], "production_kt"] * row["t_t"]
            if abs(got.get((row["facility"], row["commodity"]), 0.0) - need) > TOLERANCE_KT:
                yield f"{row['facility']} lacks {row['commodity']}"


def surplus_power_is_there_and_used_by_works(plan: Plan):
    supply = plan.problem.hydro_gwh
    used = plan.power.groupby(["prefecture_zh", "season"])["surplus_gwh"].sum()
    for key, gwh in used.items():
        if gwh > supply.get(key, 0.0) + 1e-6:
            yield f"{key}: {gwh} GWh of surplus hydropower, {supply.get(key, 0.0)} exist"
    works = plan.facilities
    energy = (works["production_kt"] * works["power_kwh_t"] / 1e3).groupby(works["prefecture_zh"]).sum()
    for prefecture, gwh in used.groupby("prefecture_zh").sum().items():
        if gwh > energy.get(prefecture, 0.0) + 1e-6:
            yield f"{prefecture}: surplus hydropower beyond what its works use"


def the_province_stays_under_its_cap(plan: Plan):
    clauses = {"steel": "P3", "cement": "P6", "flat_glass": "P9", "aluminium": "P12"}
    for row in plan.layers["caps"].to_dict("records"):
        industry = row["industry"]
        if industry in plan.scenario.industries and _binds(plan, clauses[industry]):
            mine = plan.facilities[plan.facilities["industry"] == industry]["capacity_kt"].sum()
            residual = plan.layers["residual"]
            mine += residual[residual["industry"] == industry]["capacity_kt"].sum() - _retired(plan, industry)
            if industry == "cement" and plan.scenario.policy.capacity_basis == "clinker":
                mine *= _a(plan, "cement.clinker_ratio_t_t")
            if mine > row["cap_kt"] + TOLERANCE_KT:
                yield f"{industry}: {mine} kt above the cap of {row['cap_kt']}"


def nothing_grows(plan: Plan):
    if _binds(plan, "P2"):
        for industry in plan.scenario.industries:
            built = plan.builds.loc[plan.builds["industry"] == industry, "capacity_kt"].sum()
            if built > _gone(plan, industry) + TOLERANCE_KT:
                yield f"{industry}: {built} kt built, {_gone(plan, industry)} closed"


def the_years_task_is_done(plan: Plan):
    options = plan.scenario.policy
    for industry, (clause, first, total) in TASKS.items():
        if industry in plan.scenario.industries and _binds(plan, clause):
            due = first + (total - first) / 4 * (_year(plan) - 2014)
            old, unsure = obsolete_share(screen(plan.layers, options=options))
            rows = plan.decisions[plan.decisions["industry"] == industry].to_dict("index")
            share = {line: old.get(line, 0.0) + unsure.get(line, 0.0) for line in rows}
            gone = {line: row for line, row in rows.items() if row["decision"] != "keep"}
            if not options.credited_tonnes_count_as_eliminated:  # no more than there is of it
                there = sum(old.get(line, 0.0) * row["capacity_kt"] for line, row in rows.items())
                small = plan.unlocated.query("industry == @industry")[["retired_kt", "obsolete_kt"]]
                due = min(due, there + float(small.to_numpy(float).sum()))
            done = _retired(plan, industry) + sum(share[k] * row["capacity_kt"] for k, row in gone.items())
            if options.credited_tonnes_count_as_eliminated:
                paid = [row for row in plan.credits.to_dict("records") if row["line_id"] in rows]
                done += sum((1 - share[row["line_id"]]) * row["kt"] for row in paid)
            if done < due - TOLERANCE_KT:
                yield f"{industry}: {done} kt eliminated of {due}"


def dry_kilns_have_their_share(plan: Plan):
    if "cement" not in plan.scenario.industries or not _binds(plan, "P8"):
        return
    works = plan.facilities[plan.facilities["industry"] == "cement"]
    kilns = works[works["process"] != "grinding"]
    unlocated = plan.unlocated.loc[plan.unlocated.index.get_level_values(0) == "cement", "capacity_kt"].sum()
    residual = plan.layers["residual"]
    rest = residual[residual["industry"] == "cement"]
    shaft = rest.loc[~rest["kind"].isin(["unlisted_kiln", "unlisted_line"]), "capacity_kt"].sum()
    shaft -= _retired(plan, "cement")
    dry = kilns.loc[kilns["process"] == "nsp", "capacity_kt"].sum() + unlocated - shaft
    total = kilns["capacity_kt"].sum() + unlocated
    if dry < 0.95 * total - TOLERANCE_KT:
        yield f"dry kilns are {dry / total:.4f} of all"


def the_zone_gives_up_what_is_asked_and_no_more(plan: Plan):
    zone = _zone(plan)
    if "cement" not in plan.scenario.industries or not _binds(plan, "P24"):
        return
    options = plan.scenario.zone
    lines = {
        k: r for k, r in _baseline(plan).items() if r["industry"] == "cement" and r["prefecture_zh"] in zone
    }
    residual = plan.layers["residual"]
    unlocated = residual[(residual["industry"] == "cement") & residual["prefecture_zh"].isin(zone)]
    capacity = sum(row["capacity_kt"] for row in lines.values()) + unlocated["capacity_kt"].sum()
    demand, use = plan.problem.demand, _a(plan, "cement.normal_utilisation")
    own = demand[
        (demand["industry"] == "cement")
        & demand["prefecture_zh"].isin(zone)
        & (demand["kind"] == "prefecture")
    ]
    surplus = capacity - own["kt"].sum() / use
    if plan.layers.assumptions.frame["high"].notna().any():  # in doubt: the median of the band
        surplus = plan.problem.surplus.at["cement", "median_kt"]
    asked = max(surplus, 0.0) * options.reduction_share
    asked = asked if options.asked_kt is None else options.asked_kt
    asked = min(asked, sum(row["capacity_kt"] for row in lines.values()))
    gone = _gone(plan, "cement", zone_only=True) + _retired(plan, "cement", zone_only=True)
    if lines and gone < asked - TOLERANCE_KT:
        yield f"the zone gives up {gone} kt of the {asked} asked"
    gone -= _retired(plan, "cement", zone_only=True)  # small works may have to close whatever is asked
    named = {
        line for line, fate in plan.scenario.pins.items() if fate not in ("keep", "upgrade")
    } | plan.problem.overdue
    left = [k for k in lines if plan.decisions.at[k, "decision"] != "keep"]
    free = [lines[k]["capacity_kt"] for k in left if k not in named]
    if free and gone - options.leave_more_kt - max(free) > asked + TOLERANCE_KT:
        yield f"{gone} kt leave the zone: without a unit of {max(free)} still more than the {asked} asked"


def no_prefecture_takes_more_than_it_can(plan: Plan):
    if _binds(plan, "P46"):
        for (industry, place), kt in (
            plan.builds.groupby(["industry", "prefecture_zh"])["capacity_kt"].sum().items()
        ):
            if kt > _a(plan, f"{industry}.prefecture_new_kt") + TOLERANCE_KT:
                yield f"{place} takes {kt} kt of {industry}"


def air_stays_within_its_headroom(plan: Plan):
    if not _binds(plan, "P48"):
        return
    for (place, pollutant), left in plan.problem.headroom_t.items():
        more = 0.0
        for frame, sign in ((plan.builds, 1), (plan.decisions[plan.decisions["decision"] != "keep"], -1)):
            for facility, row in frame[frame["prefecture_zh"] == place].to_dict("index").items():
                used = _a(plan, f"{row['industry']}.normal_utilisation")
                kg_t = checker_units.emits_kg_t(plan, facility, pollutant)
                more += sign * row["capacity_kt"] * used * kg_t
        for (industry, where), row in plan.unlocated.to_dict("index").items():
            if where == place and row["retired_kt"] > 0:
                was = plan.problem.background.set_index(["industry", "prefecture_zh"]).loc[(industry, where)]
                kt = row["retired_kt"] * was["production_kt"] / was["capacity_kt"]
                more -= kt * _a(plan, f"headroom.{industry}_{pollutant}_kg_t")
        if left > 0:  # who must still cut owes what works are cleaned
            more -= checker_units.cleaned_t(plan, place, pollutant)
        if more > left + 1e-3:
            yield f"{place}: {more} t of {pollutant} more, {left} left"


def sound_works_stay_unless_asked(plan: Plan):
    if not _binds(plan, "P1") or plan.scenario.zone.moves_from == "anywhere":
        return
    problem = plan.problem
    named = {line for line, fate in plan.scenario.pins.items() if fate not in ("keep", "upgrade")}
    named |= problem.overdue | problem.obsolete
    for industry in plan.scenario.industries:
        rows = plan.decisions[plan.decisions["industry"] == industry]
        sound = rows[~rows.index.isin(named) & ~(rows["in_zone"] & (industry == "cement"))]
        gone = sound.loc[sound["decision"] != "keep", "capacity_kt"].sum()
        if gone > TOLERANCE_KT and not _asked_elsewhere(plan, industry, gone, sound):
            yield f"{gone} kt of sound {industry} close though nobody asks"


def _asked_elsewhere(plan: Plan, industry: str, gone: float, sound) -> bool:
    """Say whether cap or task cannot be met without closing sound works, a unit more or less."""
    small = plan.problem.background
    small = small[small["industry"] == industry]
    before = plan.decisions.loc[plan.decisions["industry"] == industry, "capacity_kt"].sum()
    total, over = before + small["capacity_kt"].sum(), 0.0
    for row in plan.layers["caps"].to_dict("records"):
        over = max(over, total - row["cap_kt"]) if row["industry"] == industry else over
    _, first, five = TASKS.get(industry, ("", 0.0, 0.0))
    due = max(over, first + (five - first) / 4 * (_year(plan) - 2014))
    easy = small["retirable_kt"].sum() + before - sound["capacity_kt"].sum()
    return (
        gone <= due - easy + sound["capacity_kt"].min() + before - sound["capacity_kt"].sum() + TOLERANCE_KT
    )


def resources_suffice(plan: Plan):
    if _binds(plan, "P46"):
        yield from checker_supply.budgets_hold(plan)


def every_market_is_served(plan: Plan):
    if _binds(plan, "P23"):
        yield from checker_supply.no_market_goes_shorter_than_it_must(plan)


def pins_hold(plan: Plan):
    for line, fate in plan.scenario.pins.items():
        row = plan.decisions.loc[line]
        if fate == "upgrade":
            mine = set(plan.upgrades.loc[plan.upgrades["line_id"] == line, "measure"])
            vintage = checker_units.vintage_of(plan, line)
            wanted = {
                m
                for m in checker_units.MEASURES
                if checker_units.effect(plan, row["industry"], row["process"], vintage, m)
            }
            if row["decision"] != "keep" or mine != wanted:
                yield f"{line} was pinned to be bettered by {wanted}, got {row['decision']} {mine}"
        elif (row["site_id"] or row["decision"]) != fate:
            yield f"{line} was pinned to {fate}, got {row['decision']} {row['site_id']}"


RULES = (
    each_line_has_one_fate,
    each_closed_tonne_pays_once,
    nothing_new_stands_where_it_may_not,
    sites_hold_what_is_built,
    nobody_makes_more_than_it_can,
    every_market_is_served_or_told,
    raw_materials_arrive,
    surplus_power_is_there_and_used_by_works,
    *checker_units.RULES,
    *checker_supply.RULES,
)
DECIDED = (
    the_province_stays_under_its_cap,
    nothing_grows,
    the_years_task_is_done,
    dry_kilns_have_their_share,
    the_zone_gives_up_what_is_asked_and_no_more,
    sound_works_stay_unless_asked,
    no_prefecture_takes_more_than_it_can,
    air_stays_within_its_headroom,
    every_market_is_served,
    resources_suffice,
    pins_hold,
)


def _closing(plan: Plan, industry: str) -> float:
    clearing, debt, value = (
        _a(plan, f"{industry}.{name}_cny_t") for name in ("closure", "debt", "site_value")
    )
    return clearing + debt - value


def total_cost_mcny(plan: Plan) -> float:
    """Add the yearly cost up from rows and assumptions alone (carbon price and weights at zero)."""
    rate, years = _a(plan, "relocation.interest_share"), _a(plan, "relocation.life_years")
    annuity = rate / (1 - (1 + rate) ** -years)
    total = sum(f["kt"] * f["cost_cny_t"] for f in plan.flows.to_dict("records"))
    for facility, row in plan.facilities.to_dict("index").items():
        own = f"{row['industry']}.{row['process']}"

        def look(name: str, own: str = own, industry: str = row["industry"]) -> float:
            known = plan.layers.assumptions
            return known[f"{own}.{name}"] if f"{own}.{name}" in known else known[f"{industry}.{name}"]

        fuel = checker_units.fuel_cny_t(plan, facility)
        total += row["production_kt"] * (look("production_cny_t") + fuel)
        total += row["capacity_kt"] * look("fixed_cny_t") * look("avoidable_share")
        if row["kind"] == "build":
            kind = plan.layers["sites"].at[row["site_id"], "kind"]
            plant = f"{row['industry']}.capex_{kind}_cny_t"
            plant = _a(plan, plant) if plant in plan.layers.assumptions else look("capex_cny_t")
            once = plant * _a(plan, "relocation.share_of_new_capex") + look("land_cny_t")
            if kind != "expansion" and row["industry"] == "cement":
                once += _a(plan, "cement.mining_right_cny_t")
            total += row["capacity_kt"] * once * annuity
    total += 1e3 * plan.power["cost_mcny"].sum() + checker_units.upgrades_kcny(plan, annuity)
    total += checker_supply.bought_kcny(plan)
    for row in plan.decisions.to_dict("records"):
        if row["decision"] != "keep":
            total += annuity * row["capacity_kt"] * _closing(plan, row["industry"])
            severance = annuity * row["displaced_jobs"] * _a(plan, "relocation.severance_cny_person")
            total += severance / 1e3
    for (industry, place), row in plan.unlocated.to_dict("index").items():
        was = plan.problem.background.set_index(["industry", "prefecture_zh"]).loc[(industry, place)]
        kt, use = row["retired_kt"], was["production_kt"] / was["capacity_kt"]
        people = kt * was["jobs_per_kt"] * _a(plan, "relocation.severance_cny_person") / 1e3
        total += annuity * (kt * _closing(plan, industry) + people)
        total -= kt * (was["fixed_cny_t"] + use * was["works_cny_t"])
    total += sum(
        row["kt"] * _a(plan, f"{row['industry']}.unmet_cny_t") for row in plan.unmet.to_dict("records")
    )
    return total / 1e3


def assert_sound(plan: Plan, *, optimised: bool = True) -> None:
    """Fail with every broken rule at once."""
    assert violations(plan, optimised=optimised) == []
    assert frames.faults(plan) == []
    if plan.scenario.objective.carbon_price_cny_t == 0:
        from workbench.relocation.accounts import costs_mcny

        assert costs_mcny(plan)["total"] == pytest.approx(total_cost_mcny(plan), rel=1e-9)
