"""The real province: its default plan is sound and reproducible, its freight is made of legs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import workbench as wb
from tests.relocation import checker
from tests.relocation.test_law import broken
from workbench import study as studies
from workbench.laid import Variants
from workbench.region.ecology import site_exclusions
from workbench.relocation.accounts import zone_balance_kt
from workbench.relocation.program import formulate
from workbench.reports.export import gis_layers
from workbench.reports.words import sentences
from workbench.solver import solve
from workbench.study import Study


@pytest.fixture(scope="module")
def study(layers):
    return Study.prepare(wb.Scenario.baseline(), layers)


@pytest.fixture(scope="module")
def plan(study):
    return study.plan()


def test_the_default_plan_is_sound(study, plan, monkeypatch) -> None:
    exclusions = site_exclusions(study.layers, ["cement"])
    hard = exclusions[exclusions["excluded"].astype(bool)]
    pairs = set(zip(hard["site_id"], hard["industry"], strict=True))
    monkeypatch.setattr(checker, "EXCLUDED", pairs)
    checker.assert_sound(plan)
    checker.assert_sound(plan.kept, optimised=False)
    assert plan.objective_mcny - plan.bound_mcny <= plan.scenario.solver.gap_mcny
    assert plan.objective_mcny <= plan.reference_mcny
    assert broken(plan) == []
    assert plan.bound_mcny <= plan.objective_mcny


@pytest.fixture(scope="module")
def variants(study):
    return Variants(study.scenario, study.layers, study.freight)


@pytest.mark.parametrize("year", [2015, 2018])
def test_no_year_of_the_policy_asks_the_impossible(study, year) -> None:
    given = replace(study.problem, scenario=study.scenario.with_(policy={"year": year}))
    assert solve(formulate(given), relax=True).status == "optimal"


def test_what_is_asked_leaves_the_zone_and_a_unit_at_most_beyond(plan) -> None:
    frame = wb.indicators(plan)
    asked = plan.problem.surplus.at["cement", "reduction_kt"]
    units = plan.problem.lines.query("in_zone and industry == 'cement'")["capacity_kt"]
    left = plan.limits.set_index("row").at["zone", "amount"]
    assert asked - 1e-3 <= left <= max(asked + units.max(), 0.0) + 1e-3
    assert left < 6000
    assert frame.at["left_zone_kt", "after"] == pytest.approx(left)
    small = plan.unlocated.loc[plan.unlocated["in_zone"].astype(bool), "retired_kt"].sum()
    located = frame.at["capacity_zone_kt", "change"]
    assert located == pytest.approx(small - left)


def test_the_balance_is_told_on_the_definition_of_what_is_asked(plan) -> None:
    surplus = plan.problem.surplus.loc["cement"]
    units = plan.problem.lines.query("in_zone and industry == 'cement'")["capacity_kt"]
    median = zone_balance_kt(plan).loc["median"]
    assert surplus["asked_basis"] == "median"
    assert median["before_kt"] == pytest.approx(surplus["reduction_kt"])
    assert -units.max() - 1e-3 <= median["after_kt"] <= 1e-3
    said = " ".join(en for _, en in sentences(plan))
    assert f"{median['before_kt']:+,.0f} to {median['after_kt']:+,.0f} kt; at the central values" in said


@pytest.mark.parametrize("zone", [{"definition": "five"}, {"reduction_share": 0.0}])
def test_where_nothing_is_asked_no_line_leaves(layers, zone) -> None:
    plan = Study.prepare(wb.Scenario.baseline().with_(zone=zone), layers).plan()
    asked = plan.problem.surplus.at["cement", "reduction_kt"]
    inside = plan.decisions.query("in_zone and decision != 'keep'")
    assert asked > 0 or inside.empty
    balance = zone_balance_kt(plan)
    assert asked > 0 or (balance["after_kt"] >= balance["before_kt"] - 1e-3).all()


def test_freight_in_the_report_is_the_sum_of_its_legs(study, plan) -> None:
    legs = study.legs(plan)
    flows = plan.flows
    for column in ("cost_cny_t", "hours", "co2_kg_t", "km"):
        by_leg = (legs["kt"] * legs[column]).sum()
        assert by_leg == pytest.approx((flows["kt"] * flows[column]).sum(), rel=1e-9)
    keys = ["commodity", "origin", "destination"]
    per_flow = legs.groupby(keys)["cost_cny_t"].sum()
    reported = flows.set_index(keys)["cost_cny_t"]
    assert (per_flow.reindex(reported.index) - reported).abs().max() < 1e-6


def test_a_plan_is_told_what_its_flows_overload_together(study, plan) -> None:
    told = study.capacity(plan)
    flows = plan.flows[plan.flows["origin"] != plan.flows["destination"]]
    assert told.paths["kt"].sum() + told.unmet.sum() == pytest.approx(flows["kt"].sum())
    assert (told.links["load_share"].dropna() <= 1 + 1e-9).all()
    assert set(told.overloaded.index) == set(told.uncapped.index)
    squeezed = wb.Scenario.baseline().with_(assumptions={"background.rail_share": 0.95})
    tight = Study.prepare(squeezed).capacity(plan)
    assert len(tight.overloaded) > len(told.overloaded)
    assert (tight.overloaded["price_cny_t"] > 0).any()


def test_a_plan_is_told_which_line_it_can_least_lose(study, plan) -> None:
    ranked = study.criticality(plan)
    assert (ranked["extra_mcny"] > -1e-9).all()
    assert ranked["carried_kt"].max() <= plan.flows["kt"].sum()
    line = ranked.index[ranked["cut_kt"] == 0][0]
    closed = wb.Scenario.baseline().with_(freight={"closed_lines": (line,)})
    cut = Study.prepare(closed)
    moves = plan.decisions["decision"].where(plan.decisions["decision"] != "move", plan.decisions["site_id"])
    extra = cut.assess(moves.to_dict()).objective_mcny - study.assess(moves.to_dict()).objective_mcny
    assert 0 < extra <= ranked.at[line, "extra_mcny"] + 1e-6, "free to send elsewhere, the plan loses no more"


def test_the_loads_on_the_links_are_those_of_the_legs(study, plan) -> None:
    loads = gis_layers(plan, study.legs(plan))["freight_loads"]
    tonne_km = (loads["load_kt"] * loads["distance_km"])[loads["mode"] == "rail"].sum() / 1e3
    assert tonne_km == pytest.approx(wb.indicators(plan).at["rail_mtkm", "after"], rel=1e-3)


@pytest.mark.parametrize(
    "name",
    ["cement.capex_expansion_cny_t", "headroom.cement_nox_kg_t", "hydropower.installed_mw", "rail.end_cny_t",
     "exclusion.reserve_smoke_m", "transfer.direct_max_km"],
)  # fmt: skip
def test_a_scenario_laid_out_under_another_value_is_the_same_as_laid_out_anew(study, variants, name) -> None:
    value = float(study.layers.assumptions.frame.at[name, "high"])
    anew = Study.prepare(wb.Scenario.baseline().with_(assumptions={name: value}), study.base)
    ours, theirs = (formulate(problem).arrays() for problem in (variants({name: value}), anew.problem))
    assert {key: np.array_equal(ours[key], theirs[key]) for key in ours} == dict.fromkeys(ours, True)
    assert name in variants.names


def test_the_same_seed_gives_the_same_plan(study, plan) -> None:
    again = study.plan()
    assert again.objective_mcny == pytest.approx(plan.objective_mcny, rel=1e-6)
    assert again.decisions["decision"].equals(plan.decisions["decision"])


def test_located_and_unlocated_capacity_make_the_cap(plan) -> None:
    total = plan.before.facilities["capacity_kt"].sum() + plan.problem.background["capacity_kt"].sum()
    assert total == pytest.approx(plan.problem.caps["cement"], rel=1e-3)


def test_demand_of_all_markets_is_the_output_of_2013(plan) -> None:
    output = plan.layers.assumptions["cement.output_2013_kt"]
    assert plan.problem.demand["kt"].sum() == pytest.approx(output)


def test_pinning_a_line_to_a_site_is_what_a_click_does(study) -> None:
    move = study.problem.moves.iloc[0]
    site = study.problem.facilities.at[move["build"], "site_id"]
    plan = study.assess({move["line"]: site})
    assert plan.decisions.at[move["line"], "site_id"] == site
    checker.assert_sound(plan, optimised=False)


def test_both_terms_of_the_surplus_are_shown(layers) -> None:
    eight = studies.zone_surplus(wb.Scenario.baseline(), layers).loc["cement"]
    assert eight["surplus_kt"] == pytest.approx(eight["supply_kt"] - eight["demand_kt"])
    assert set(eight["assumptions"].split(";")) <= set(layers.assumptions.frame.index)
    five = studies.zone_surplus(wb.Scenario.baseline().with_(zone={"definition": "five"}), layers)
    assert five.at["cement", "located_kt"] < eight["located_kt"]


def test_only_sites_that_may_take_the_industry_have_a_rank(study) -> None:
    ranked = study.rank_sites("flat_glass")
    may = ranked["allowed"]
    assert ranked.loc[may, "rank"].is_monotonic_increasing
    assert ranked.loc[may, "rank"].min() == 1
    assert ranked.loc[~may, ["rank", "score"]].isna().all().all()
    chengdu = study.layers.sites.loc[ranked.index, "prefecture_zh"] == "成都市"
    assert ranked.loc[chengdu, "reason_zh"].str.contains("成都为玻璃深加工基地").all()
    assert not ranked.loc[chengdu, "allowed"].any()


def test_a_barred_site_names_clause_and_sensitive_area(study) -> None:
    assert set(study.why_not("PK02", "cement")["clause"]) == {"P24"}
    assert "P48" in set(study.why_not("PK05", "cement")["clause"])


def test_where_follows_the_scenario_its_weights_prices_and_zone(layers) -> None:
    base = wb.Scenario.baseline()
    name = "siting.ahp.goal.environment.market.cement"
    plain = wb.Study.prepare(base, layers).where("cement")
    green = wb.Study.prepare(base.with_(assumptions={name: 9.0}), layers).where("cement")
    cut = wb.Study.prepare(base.with_(freight={"closed_lines": ["宝成线"]}), layers).where("cement")
    five = wb.Study.prepare(base.with_(zone={"definition": "five"}), layers).where("cement")
    weights = [found.suitability.weighing.weights for found in (plain, green)]
    assert weights[1]["environment"] > weights[0]["environment"]
    dearer = cut.sites["freight_cny_t"] - plain.sites["freight_cny_t"]
    assert dearer.max() > 0
    assert dearer.min() > -1e-9
    assert five.sites["rank"].notna().sum() > plain.sites["rank"].notna().sum()
    again = wb.Study.prepare(base, layers).where("cement")
    assert again is plain, "asking twice works once"
