"""An independent judge of plans: recomputes every rule from the plan's rows and the layers."""

from __future__ import annotations

from collections import defaultdict

import pytest

from workbench.relocation.plan import Plan

TOLERANCE_KT = 1e-3


def violations(plan: Plan, *, optimised: bool = True) -> list[str]:
    """Return one sentence per broken rule; an empty list is a sound plan."""
    return [told for rule in RULES for told in rule(plan)] + (
        [told for rule in DECIDED for told in rule(plan)] if optimised else []
    )


def _a(plan: Plan, name: str) -> float:
    return plan.layers.assumptions[name]


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
    for build, kt in plan.builds["capacity_kt"].items():
        need = kt * plan.scenario.policy.replacement_ratio
        if abs(bought[build] - need) > TOLERANCE_KT:
            yield f"{build}: {kt} kt built on {bought[build]} kt of credit, {need} needed"
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
        f"{origin} ships without standing" for origin in set(shipped.index) - set(plan.facilities.index)
    )
    gone = set(plan.decisions.index[plan.decisions["decision"] != "keep"])
    yield from (f"{line} is gone but stands" for line in gone & set(plan.facilities.index))


def every_market_is_served_or_told(plan: Plan):
    products = plan.flows[plan.flows["commodity"] == plan.flows["industry"]]
    served = products.groupby(["industry", "destination"])["kt"].sum()
    unmet = plan.unmet.set_index(["industry", "market"])["kt"]
    for row in plan.problem.demand.to_dict("records"):
        got = served.get((row["industry"], row["market"]), 0.0) + unmet.get(
            (row["industry"], row["market"]), 0.0
        )
        if abs(got + row["background_kt"] - row["kt"]) > TOLERANCE_KT:
            told = got + row["background_kt"]
            yield f"{row['market']} takes {row['kt']} kt of {row['industry']}, gets {told}"


def raw_materials_arrive(plan: Plan):
    flows = plan.flows[plan.flows["commodity"] != plan.flows["industry"]]
    got = flows.groupby(["destination", "commodity"])["kt"].sum()
    for row in plan.problem.inbound.to_dict("records"):
        if row["facility"] in plan.facilities.index:
            need = plan.facilities.at[row["facility"], "production_kt"] * row["t_t"]
            if abs(got.get((row["facility"], row["commodity"]), 0.0) - need) > TOLERANCE_KT:
                yield f"{row['facility']} lacks {row['commodity']}"


def surplus_power_is_there_and_used_by_new_works(plan: Plan):
    supply = plan.problem.hydro_gwh
    used = plan.power.groupby(["prefecture_zh", "season"])["surplus_gwh"].sum()
    for key, gwh in used.items():
        if gwh > supply.get(key, 0.0) + 1e-6:
            yield f"{key}: {gwh} GWh of surplus hydropower, {supply.get(key, 0.0)} exist"
    new = plan.facilities[plan.facilities["kind"] == "build"]
    energy = (new["production_kt"] * new["power_kwh_t"] / 1e3).groupby(new["prefecture_zh"]).sum()
    for prefecture, gwh in used.groupby("prefecture_zh").sum().items():
        if gwh > energy.get(prefecture, 0.0) + 1e-6:
            yield f"{prefecture}: surplus hydropower beyond what its new works use"


def the_province_stays_under_its_cap(plan: Plan):
    for row in plan.layers["caps"].to_dict("records"):
        if row["industry"] in plan.scenario.industries:
            mine = plan.facilities[plan.facilities["industry"] == row["industry"]]["capacity_kt"].sum()
            residual = plan.layers["residual"]
            mine += residual[residual["industry"] == row["industry"]]["capacity_kt"].sum()
            if mine > row["cap_kt"] + TOLERANCE_KT:
                yield f"{row['industry']}: {mine} kt above the cap of {row['cap_kt']}"


def the_zone_gives_up_its_share(plan: Plan):
    zone = _zone(plan)
    if "cement" not in plan.scenario.industries:
        return
    gone = plan.decisions[(plan.decisions["decision"] != "keep") & plan.decisions["prefecture_zh"].isin(zone)]
    gone_kt = gone[gone["industry"] == "cement"]["capacity_kt"].sum()
    lines = [r for r in _baseline(plan).values() if r["industry"] == "cement" and r["prefecture_zh"] in zone]
    residual = plan.layers["residual"]
    unlocated = residual[(residual["industry"] == "cement") & residual["prefecture_zh"].isin(zone)]
    capacity = sum(row["capacity_kt"] for row in lines) + unlocated["capacity_kt"].sum()
    demand = plan.problem.demand
    own = demand[
        (demand["industry"] == "cement")
        & demand["prefecture_zh"].isin(zone)
        & (demand["kind"] == "prefecture")
    ]
    surplus = max(capacity - own["kt"].sum() / _a(plan, "cement.normal_utilisation"), 0.0)
    if plan.layers.assumptions.frame["high"].notna().any():  # in doubt: the median of the band
        surplus = plan.problem.surplus.at["cement", "median_kt"]
    asked = min(max(surplus, 0.0) * plan.scenario.zone.reduction_share, sum(r["capacity_kt"] for r in lines))
    if gone_kt < asked - TOLERANCE_KT:
        yield f"the zone gives up {gone_kt} kt of the {asked} asked"


def pins_hold(plan: Plan):
    for line, fate in plan.scenario.pins.items():
        row = plan.decisions.loc[line]
        if (row["site_id"] or row["decision"]) != fate:
            yield f"{line} was pinned to {fate}, got {row['decision']} {row['site_id']}"


RULES = (
    each_line_has_one_fate,
    each_closed_tonne_pays_once,
    nothing_new_stands_where_it_may_not,
    sites_hold_what_is_built,
    nobody_makes_more_than_it_can,
    every_market_is_served_or_told,
    raw_materials_arrive,
    surplus_power_is_there_and_used_by_new_works,
)
DECIDED = (the_province_stays_under_its_cap, the_zone_gives_up_its_share, pins_hold)


def total_cost_mcny(plan: Plan) -> float:
    """Add the yearly cost up from rows and assumptions alone (carbon price and weights at zero)."""
    rate, years = _a(plan, "relocation.interest_share"), _a(plan, "relocation.life_years")
    annuity = rate / (1 - (1 + rate) ** -years)
    total = sum(f["kt"] * f["cost_cny_t"] for f in plan.flows.to_dict("records"))
    for row in plan.facilities.to_dict("records"):
        own = f"{row['industry']}.{row['process']}"

        def look(name: str, own: str = own, industry: str = row["industry"]) -> float:
            known = plan.layers.assumptions
            return known[f"{own}.{name}"] if f"{own}.{name}" in known else known[f"{industry}.{name}"]

        total += row["production_kt"] * look("production_cny_t") + row["capacity_kt"] * look("fixed_cny_t")
        if row["kind"] == "build":
            share = _a(plan, "relocation.share_of_new_capex")
            total += row["capacity_kt"] * look("capex_cny_t") * share * annuity
    total += 1e3 * plan.power["cost_mcny"].sum()
    for row in plan.decisions.to_dict("records"):
        if row["decision"] != "keep":
            total += annuity * row["capacity_kt"] * _a(plan, "relocation.closure_cny_t")
            severance = annuity * row["displaced_jobs"] * _a(plan, "relocation.severance_cny_person")
            total += severance / 1e3
    total += sum(
        row["kt"] * _a(plan, f"{row['industry']}.unmet_cny_t") for row in plan.unmet.to_dict("records")
    )
    return total / 1e3


def assert_sound(plan: Plan, *, optimised: bool = True) -> None:
    """Fail with every broken rule at once."""
    assert violations(plan, optimised=optimised) == []
    if plan.scenario.objective.carbon_price_cny_t == 0:
        from workbench.relocation.accounts import costs_mcny

        assert costs_mcny(plan)["total"] == pytest.approx(total_cost_mcny(plan), rel=1e-9)
