"""An independent judge of supply and owners: what neighbours sell, who goes without, who joins whom."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.relocation import checker_units
from workbench.relocation.plan import Plan

KT = 1e-3
LAW = Path(__file__).parents[2] / "geodata" / "policy"


def gates(plan: Plan) -> dict[str, tuple[str, str]]:
    """Return the (market, industry) of each gateway at which neighbours may sell."""
    rows, found = plan.layers.assumptions, {}
    for industry in plan.scenario.industries:
        if f"{industry}.import_price_cny_t" in rows and f"{industry}.import_most_kt" in rows:
            for market, row in plan.layers["markets"].iterrows():
                if row["kind"] == "outside":
                    found[f"{market}:{industry}"] = (market, industry)
    return found


def neighbours_sell_what_they_may_and_into_the_province_only(plan: Plan):
    sold: dict[str, float] = {}
    known, markets = gates(plan), plan.layers["markets"]
    for row in plan.flows.to_dict("records"):
        if row["origin"] in known:
            sold[row["origin"]] = sold.get(row["origin"], 0.0) + row["kt"]
            if markets.at[row["destination"], "kind"] != "prefecture":
                yield f"{row['origin']} sells through the province to {row['destination']}"
    for industry in plan.scenario.industries:
        most = plan.layers.assumptions.get(f"{industry}.import_most_kt", 0.0)
        whole = sum(kt for gate, kt in sold.items() if known[gate][1] == industry)
        if whole > most + KT:
            yield f"neighbours sell {whole} kt of {industry}, {most} at most"
    told = plan.bought["kt"].to_dict()
    for gate in sold.keys() | told.keys():
        if abs(sold.get(gate, 0.0) - told.get(gate, 0.0)) > KT:
            yield f"{gate} sends {sold.get(gate, 0.0)} kt, told are {told.get(gate, 0.0)}"


def bought_kcny(plan: Plan) -> float:
    """Return what the province pays at its gateways, thousand CNY a year."""
    known, total = gates(plan), 0.0
    for row in plan.flows.to_dict("records"):
        if row["origin"] in known:
            total += row["kt"] * plan.layers.assumptions[f"{row['industry']}.import_price_cny_t"]
    return total


def no_market_goes_shorter_than_it_must(plan: Plan):
    demand = plan.problem.demand[plan.problem.demand["industry"] == "cement"]
    if demand.empty:
        return
    lines = plan.decisions[plan.decisions["industry"] == "cement"]
    able = lines["capacity_kt"].sum() * plan.layers.assumptions["cement.normal_utilisation"]
    if any(industry == "cement" for _, industry in gates(plan).values()):
        able += plan.layers.assumptions["cement.import_most_kt"]
    lacking = max(0.0, 1 - able / demand["net_kt"].sum())
    short = plan.unmet[plan.unmet["industry"] == "cement"].groupby("market")["kt"].sum()
    for row in demand[demand["kind"] == "prefecture"].to_dict("records"):
        if short.get(row["market"], 0.0) > lacking * row["net_kt"] + KT:
            yield f"{row['prefecture_zh']} lacks {short[row['market']]} kt, {lacking} of its demand must be"


def takes(plan: Plan, resource: str, place: str, *, before: bool = False) -> float:
    """Return what the works of a prefecture take of a resource in normal use, from the rows alone."""
    a = plan.layers.assumptions

    def each(facility: str, industry: str, process: str) -> float:
        share = checker_units.share_of(plan, facility, "coal")
        rows = (checker_units.known(plan, industry, process, f"raw_{f}_t_t") or 0.0 for f in ("coal", "coke"))
        coal, coke = (share * row for row in rows)
        kwh = checker_units.kwh_t(plan, facility)
        heat = coal * a["budget.coal_tce_t"] + coke * a["budget.coke_tce_t"]
        heat += kwh / 1e3 * a["budget.power_tce_mwh"]
        water = a[f"headroom.{industry}_water_m3_t"]
        return {"coal_kt": coal, "power_gwh": kwh / 1e3, "water_1000m3": water, "energy_ktce": heat}[resource]

    total, mean = 0.0, {}
    for line, row in plan.decisions.iterrows():
        one, use = each(line, row["industry"], row["process"]), a[f"{row['industry']}.normal_utilisation"]
        mean.setdefault(row["industry"], []).append((row["capacity_kt"], one))
        if row["prefecture_zh"] == place and (before or row["decision"] == "keep"):
            total += row["capacity_kt"] * use * one
    for build, row in plan.builds.iterrows():
        if row["prefecture_zh"] == place and not before:
            one = each(build, row["industry"], row["process"])
            total += row["capacity_kt"] * a[f"{row['industry']}.normal_utilisation"] * one
    small = plan.problem.background.set_index(["industry", "prefecture_zh"])
    for (industry, where), row in plan.unlocated.iterrows():
        if where == place and industry in mean:
            was = small.loc[(industry, where)]
            kt = was["capacity_kt"] if before else row["capacity_kt"]
            one = sum(k * x for k, x in mean[industry]) / sum(k for k, _ in mean[industry])
            total += kt * was["production_kt"] / was["capacity_kt"] * one
    if not before:
        for row, does in checker_units.taken(plan):
            if row["prefecture_zh"] == place:
                gwh = does["kwh_t"] / 1e3 * row["capacity_kt"] * a[f"{row['industry']}.normal_utilisation"]
                total -= {"power_gwh": gwh, "energy_ktce": gwh * a["budget.power_tce_mwh"]}.get(resource, 0.0)
    return total


def budgets_hold(plan: Plan):
    if "resource_caps" in plan.layers:
        for row in plan.layers["resource_caps"].to_dict("records"):
            key = (row["resource"], row["prefecture_zh"])
            most = max(row["cap"], takes(plan, *key, before=True))
            if takes(plan, *key) > most * (1 + 1e-9) + 1e-6:
                yield f"{key}: {takes(plan, *key)} taken of {most}"


def cement_groups(plan: Plan) -> tuple[int, int]:
    """Count the cement groups of 10 Mt or more and those above 5 Mt, from owners and the plan's mergers."""
    rows = csv.DictReader((LAW / "owner_groups.csv").read_text("utf-8").splitlines())
    group = {row["owner"]: row["group"] for row in rows}
    heads, size = dict(zip(plan.joined["firm"], plan.joined["head"], strict=True)), {}
    for row in plan.decisions[plan.decisions["industry"] == "cement"].to_dict("records"):
        if row["decision"] != "close":
            owner = plan.layers["plants"]["owner"].get(row["plant_id"])
            owner = owner.strip() if isinstance(owner, str) and not owner.startswith("民营") else ""
            firm = group.get(owner, owner) or row["plant_id"]
            name = heads.get(firm, firm)
            size[name] = size.get(name, 0.0) + row["capacity_kt"]
    huge, large = sum(kt >= 10_000 for kt in size.values()), sum(kt > 5000 for kt in size.values())
    return huge, large if plan.scenario.policy.nested_cement_groups else large - huge


def mergers_give_the_counts(plan: Plan):
    if len(plan.joined):
        huge, large = cement_groups(plan)
        if not (3 <= huge <= 5 and 5 <= large <= 7):
            yield f"{huge} groups of 10 Mt and {large} above 5 Mt after the mergers"
        if plan.joined["firm"].isin(plan.joined["head"]).any():
            yield "a group that joins another is joined itself"


RULES = (
    mergers_give_the_counts,
    neighbours_sell_what_they_may_and_into_the_province_only,
)
