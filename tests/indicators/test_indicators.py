"""Indicators: each a pure number with unit, clause and two names; the table compares with the year before."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.relocation import world
from workbench.indicators import INDICATORS, table
from workbench.indicators.breathing import emissions_t
from workbench.relocation import Assessor, co2_kt, costs_mcny
from workbench.study import Study


@pytest.fixture(scope="module")
def plans():
    hand = Assessor(world.problem())
    before = hand.assess({})
    return before, dataclasses.replace(hand.assess({"A1": "S2", "B1": "close"}), before=before)


def test_every_indicator_has_unit_and_both_names() -> None:
    for known in INDICATORS.values():
        assert known.zh
        assert known.en
        assert known.unit
        assert any("一" <= char <= "鿿" for char in known.zh)
        assert known.en.isascii()


def test_clauses_named_by_indicators_exist() -> None:
    codes = {known.clause for known in INDICATORS.values() if known.clause}
    assert codes <= set(wb.policy.clauses().index)


def test_capacity_in_and_out_of_the_zone(plans) -> None:
    frame = table(plans[1], verdicts=False)
    assert frame.at["capacity_zone_kt", "before"] == 3000
    assert frame.at["capacity_zone_kt", "after"] == 2000
    assert frame.at["capacity_outside_kt", "after"] == pytest.approx(1000)
    assert frame.at["capacity_total_kt", "before"] == 3600
    assert frame.at["moved_kt", "after"] == pytest.approx(1000)
    assert frame.at["closed_kt", "after"] == pytest.approx(1500)
    assert frame.at["left_zone_kt", "change"] == pytest.approx(1000)
    assert frame.at["built_kt", "after"] == pytest.approx(1000)


def test_small_works_that_close_are_gone_from_every_total() -> None:
    hand = Assessor(world.problem())
    kept, plan = hand.assess({}), hand.assess({}, retire_kt=pd.Series({("cement", "甲市"): 35.0}))
    now, then = (table(each, verdicts=False)["after"] for each in (plan, kept))
    assert (now - then)[["capacity_total_kt", "closed_kt", "left_zone_kt"]].tolist() == [-35, 35, 35]
    closed = (plan.unlocated["production_kt"] - kept.unlocated["production_kt"]).sum()
    assert closed < 0
    works = plan.facilities["production_kt"].sum() - kept.facilities["production_kt"].sum()
    assert works == pytest.approx(-closed)  # what they sold others make
    alone = dataclasses.replace(
        plan, tables=dataclasses.replace(plan.tables, unlocated=kept.tables.unlocated)
    )
    assert emissions_t(plan).loc["甲市"].lt(emissions_t(alone).loc["甲市"]).all()


def test_costs_and_emissions_are_those_of_the_accounts(plans) -> None:
    frame, plan = table(plans[1], verdicts=False)["after"], plans[1]
    assert frame["cost_mcny"] == pytest.approx(costs_mcny(plan)["total"])
    parts = frame[["co2_process_kt", "co2_power_kt", "co2_freight_kt"]].sum()
    assert frame["co2_total_kt"] == pytest.approx(parts)
    assert frame["co2_total_kt"] == pytest.approx(co2_kt(plan)["total"])
    assert frame["cost_cny_t"] == pytest.approx(frame["cost_mcny"] * 1e3 / frame["production_kt"])


def test_freight_work_is_tonnes_times_km(plans) -> None:
    flows = plans[1].flows
    frame = table(plans[1], verdicts=False)["after"]
    assert frame["road_mtkm"] == pytest.approx((flows["kt"] * flows["km"]).sum() / 1e3)
    assert frame["rail_mtkm"] == frame["water_mtkm"] == frame["sea_mtkm"] == 0


def test_power_by_season_adds_up_to_the_year(plans) -> None:
    plan = plans[1]
    frame = table(plan, verdicts=False)["after"]
    year = (plan.facilities["production_kt"] * plan.facilities["power_kwh_t"]).sum() / 1e3
    assert frame[["power_wet_gwh", "power_normal_gwh", "power_dry_gwh"]].sum() == pytest.approx(year)


def test_people_are_counted_where_they_lose_their_place(plans) -> None:
    frame = table(plans[1], verdicts=False)
    # B1 closes (82.5 people), of A1's 165 the share that does not follow to another prefecture
    follow = plans[1].layers.assumptions["relocation.placed_elsewhere_share"]
    assert frame.at["jobs_displaced", "after"] == pytest.approx(82.5 + 165 * (1 - follow))
    assert frame.at["jobs", "change"] == pytest.approx(-82.5)


def test_a_plan_without_a_before_shows_none(plans) -> None:
    frame = table(plans[0], verdicts=False)
    assert frame["before"].isna().all()
    assert np.isfinite(frame["after"]).all()


def test_the_room_itself_is_the_table(plans) -> None:
    frame = wb.indicators(plans[1])
    assert list(frame.columns) == [
        "label_zh", "label_en", "unit", "clause", "before", "kept", "after", "sending", "change",
    ]  # fmt: skip
    verdicts = wb.policy.check(plans[1])
    counted = frame.loc[["clauses_passed", "clauses_failed", "clauses_unknown"], "after"].sum()
    assert counted == len(verdicts)
    assert frame.at["clauses_failed", "after"] == (verdicts["verdict"] == "fail").sum()


def test_a_plan_says_what_the_basin_breathes_before_and_after_with_the_range(layers) -> None:
    study = Study.prepare(layers=layers)
    lines = study.problem.lines
    mianyang = lines.index[lines["prefecture_zh"] == "绵阳市"][0]
    plan = study.assess({mianyang: "close"})
    told, same = study.exposure(plan), study.exposure(study.assess({}))
    assert same["change_kg"].abs().max() == 0
    change = told.loc[told["in_basin"], "change_kg"].sum()
    assert change != 0
    assert told["before_kg"].sum() == pytest.approx(same["before_kg"].sum())
    spread = study.exposure_span(plan)
    assert spread.loc["as given", "change_low_kg"] == pytest.approx(change)
    made = emissions_t(plan)
    assert made.index.is_unique
    factor = layers.assumptions["headroom.cement_nox_kg_t"]
    works, rest = plan.facilities, plan.problem.background["production_kt"].sum()
    own = (works["production_kt"] * works["nox_kg_t"]).sum()  # by its age; nobody knows that of the others
    assert made["nox"].sum() == pytest.approx(own + rest * factor)
    assert own == pytest.approx(works["production_kt"].sum() * factor, rel=0.01)
