"""An independent judge of plans of several years: each year by its law, and what ties one to the next."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest

from tests.relocation import checker, checker_units
from workbench.relocation.plan import Plan

KT = checker.TOLERANCE_KT
# what holds at the end of every year; who pays for whom and what leaves the zone is settled at the end
EACH_YEAR = [
    *(rule for rule in checker.RULES if rule is not checker.each_closed_tonne_pays_once),
    checker.the_province_stays_under_its_cap,
    checker.nothing_grows,
    checker.the_years_task_is_done,
    checker.dry_kilns_have_their_share,
    checker.no_prefecture_takes_more_than_it_can,
    checker.air_stays_within_its_headroom,
]


def violations(plan: Plan) -> list[str]:
    """Return one sentence per broken rule."""
    found = checker.violations(plan)
    for year, state in plan.stages.items():
        found += [f"{year}: {told}" for rule in EACH_YEAR for told in rule(state)]
        found += [f"{year}: {line} stands, overdue" for line in _overdue(plan, state, year)]
    return found + [
        told for rule in (nothing_comes_back, old_closes_before_new_starts, budget) for told in rule(plan)
    ]


def _overdue(plan: Plan, state: Plan, year: int) -> list[str]:
    due = plan.problem.overdue_by.get(year, plan.problem.overdue)
    return [line for line in sorted(due) if state.decisions.at[line, "decision"] == "keep"]


def nothing_comes_back(plan: Plan):
    years = list(plan.stages)
    for one, two in pairwise(years):
        was, now = plan.stages[one], plan.stages[two]
        for line, fate in was.decisions["decision"].items():
            if fate != "keep" and now.decisions.at[line, "decision"] != fate:
                yield f"{line} is {fate} in {one} and {now.decisions.at[line, 'decision']} in {two}"
        for build, kt in was.builds["capacity_kt"].items():
            if now.builds["capacity_kt"].get(build, 0.0) < kt - KT:
                yield f"{build} shrinks in {two}"
        for key in _bettered_mcny(was).keys() - _bettered_mcny(now).keys():
            yield f"{key} is undone in {two}"
        for place, kt in was.unlocated["retired_kt"].items():
            if now.unlocated["retired_kt"][place] < kt - KT:
                yield f"small works of {place} come back in {two}"


def old_closes_before_new_starts(plan: Plan):
    lead, before = (checker._a(plan, f"relocation.{name}") for name in ("build_years", "closed_before_years"))
    closed = {}
    for year, state in reversed(plan.stages.items()):
        closed |= dict.fromkeys(state.decisions.index[state.decisions["decision"] != "keep"], year)
    first = min(plan.stages)
    for year, state in plan.stages.items():
        if len(state.builds) and year < first + lead:
            yield f"{list(state.builds.index)} stand in {year}, before they can be built"
        ready: dict[str, float] = defaultdict(float)
        for row in plan.credits.to_dict("records"):
            if closed[row["line_id"]] + before <= year:
                ready[row["build_id"]] += row["kt"]
        for build, row in state.builds.to_dict("index").items():
            need = row["capacity_kt"] * checker._ratio(plan, row["industry"], row["prefecture_zh"])
            if (
                checker._binds(plan, "P40", "P22" if row["industry"] == "cement" else "P42")
                and need > ready[build] + KT
            ):
                yield f"{build} stands in {year} on {ready[build]} kt closed in time, {need} needed"


def spent_mcny(plan: Plan) -> dict[int, float]:
    """Add up by year what is spent once, from rows and assumptions alone."""
    lead = round(checker._a(plan, "relocation.build_years"))
    person = checker._a(plan, "relocation.severance_cny_person")
    first, spent, before = min(plan.stages), defaultdict(float), None
    for year, state in plan.stages.items():
        for build, row in state.builds.to_dict("index").items():
            was = 0.0 if before is None else before.builds["capacity_kt"].get(build, 0.0)
            spent[max(year - lead, first)] += (row["capacity_kt"] - was) * capital_cny_t(plan, row) / 1e3
        for sign, at in ((1, state), (-1, before)):
            if at is None:
                continue
            gone = at.decisions[at.decisions["decision"] != "keep"]
            for row in gone.to_dict("records"):
                spent[year] += sign * row["capacity_kt"] * checker._closing(plan, row["industry"]) / 1e3
            for (industry, _), row in at.unlocated.to_dict("index").items():
                spent[year] += sign * row["retired_kt"] * checker._closing(plan, industry) / 1e3
            people = gone["displaced_jobs"].sum() + at.unlocated["displaced_jobs"].sum()
            spent[year] += sign * people * person / 1e6
        had = {} if before is None else _bettered_mcny(before)
        spent[year] += sum(mcny for key, mcny in _bettered_mcny(state).items() if key not in had)
        before = state
    return dict(spent)


def _bettered_mcny(state: Plan) -> dict[tuple[str, str], float]:
    return {
        (row["line_id"], row["measure"]): row["capacity_kt"] * does["once_cny_t"] / 1e3
        for row, does in checker_units.taken(state)
    }


def capital_cny_t(plan: Plan, row: dict) -> float:
    kind, industry = plan.layers["sites"].at[row["site_id"], "kind"], row["industry"]
    known = plan.layers.assumptions

    def look(name: str) -> float:
        own = f"{industry}.{row['process']}.{name}"
        return known[own] if own in known else known[f"{industry}.{name}"]

    own = f"{industry}.capex_{kind}_cny_t"
    once = (known[own] if own in known else look("capex_cny_t")) * known["relocation.share_of_new_capex"]
    quarry = known["cement.mining_right_cny_t"] if industry == "cement" and kind != "expansion" else 0.0
    return once + look("land_cny_t") + quarry


def budget(plan: Plan):
    most = plan.scenario.objective.budget_mcny
    if most is not None:
        yield from (
            f"{year}: {mcny} M spent of {most}"
            for year, mcny in spent_mcny(plan).items()
            if mcny > most + 1e-3
        )


def levelised_mcny(plan: Plan) -> float:
    """Add the yearly cost of each state up by its weight: discounted, the last with all years that follow."""
    rate, life = (
        checker._a(plan, "relocation.interest_share"),
        round(checker._a(plan, "relocation.life_years")),
    )
    factor = [(1 + rate) ** -i for i in range(life)]
    states = list(plan.stages.values())
    weights = [*factor[: len(states) - 1], sum(factor[len(states) - 1 :])]
    yearly = [checker.total_cost_mcny(state) + _charged(state) for state in states]
    return sum(w * mcny for w, mcny in zip(weights, yearly, strict=True)) / sum(factor)


def assert_sound(plan: Plan) -> None:
    """Fail with every broken rule at once."""
    assert violations(plan) == []
    for state in plan.stages.values():
        assert state.objective_mcny == pytest.approx(
            checker.total_cost_mcny(state) + _charged(state), rel=1e-9
        )
    assert plan.objective_mcny == pytest.approx(levelised_mcny(plan), rel=1e-9)


def _charged(state: Plan) -> float:
    return state.scenario.objective.cost * float(state.limits["price_mcny"].sum())
