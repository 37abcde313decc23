"""Headroom and exposure on the baseline: balances close, unknown stays unknown, moves go one way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.errors import LabelError
from workbench.region import exposure, headroom


@pytest.fixture(scope="module")
def balance(layers):
    return headroom.balances(layers)


def test_prefectures_sum_to_the_published_caps_of_their_group(layers, balance):
    a = layers.assumptions
    for pollutant in ("so2", "nox", "pm"):
        cities = balance[(balance["pollutant"] == pollutant) & (balance["group"] == "chengyu")]
        assert len(cities) == 14
        assert cities["cap_t"].sum() == pytest.approx(a[f"headroom.chengyu_{pollutant}_cap_t"])
    known = balance.dropna(subset="headroom_t")
    np.testing.assert_allclose(known["now_t"] + known["headroom_t"], known["cap_t"])


def test_a_published_city_cap_wins_over_the_share(balance):
    row = balance[(balance["prefecture_zh"] == "攀枝花市") & (balance["pollutant"] == "so2")].iloc[0]
    assert (row["base_t"], row["cap_t"], row["basis"]) == (113867, 86539, "published")


def test_what_no_source_caps_stays_unknown(layers, balance):
    dust = balance[(balance["pollutant"] == "pm") & (balance["group"] == "other")]
    assert dust["headroom_t"].isna().all()
    assert set(dust["state"]) == {"unknown"}
    assert set(headroom.budgets(layers)["state"]) == {"unknown"}
    caps = pd.DataFrame({"prefecture_zh": ["广元市"], "resource": ["coal_kt"], "cap": [1e9]})
    told = headroom.budgets(layers, caps).set_index(["prefecture_zh", "resource"])
    assert told.loc[("广元市", "coal_kt"), "state"] == "spare"
    with pytest.raises(LabelError, match="cap"):
        headroom.budgets(layers, caps.drop(columns="cap"))


def test_the_inventory_is_output_times_factor_and_its_gap_is_shown(layers):
    a = layers.assumptions
    found = headroom.reconcile(layers)
    industries = ("steel", "cement", "flat_glass", "aluminium")
    whole = sum(a[f"{i}.output_2013_kt"] * a[f"headroom.{i}_nox_kg_t"] for i in industries)
    assert found.loc["nox", ["located_t", "unlocated_t"]].sum() == pytest.approx(whole)
    parts = found.loc["nox", ["located_t", "unlocated_t", "other_t"]].sum()
    assert parts == pytest.approx(found.loc["nox", "published_t"])
    assert 0 < found.loc["nox", "industry_share"] < 1


def test_moves_go_from_sensitive_to_spare_and_never_back(balance):
    assert headroom.move_allowed(balance, "成都市", "广元市")[0] is True
    allowed, why = headroom.move_allowed(balance, "广元市", "成都市")
    assert allowed is False
    assert "so2" in why
    assert headroom.move_allowed(balance, "成都市", "成都市") == (True, [])
    assert headroom.move_allowed(balance, "成都市", "德阳市")[0] is False
    with pytest.raises(LabelError, match="重庆"):
        headroom.move_allowed(balance, "成都市", "重庆市")


NEUTRAL = {
    "exposure.basin_ventilation_share": 1.0,
    "exposure.across_scarp_share": 1.0,
    "exposure.wind_steadiness_share": 0.0,
}


def test_without_wind_and_terrain_intake_keeps_the_published_mean(layers):
    one = pd.DataFrame({"pm": 1.0}, layers.prefectures["prefecture_zh"])
    neutral = layers.with_assumptions(NEUTRAL)
    taken = exposure.exposure(neutral, one)["before_kg"].sum() / (len(one) * 1000)
    assert taken == pytest.approx(layers.assumptions["exposure.intake_fraction_pm"])
    by_source = exposure.transfer(neutral).sum(axis=1)
    assert by_source.idxmax() == "成都市"
    assert by_source.max() / by_source.min() > 3  # sites differ, as in the study


def test_the_wind_carries_smoke_downwind_and_the_scarp_holds_it_back(layers):
    plain = exposure.transfer(layers.with_assumptions(NEUTRAL))
    windy = exposure.transfer(
        layers.with_assumptions(
            {**NEUTRAL, "exposure.wind_steadiness_share": 0.5, "exposure.wind_from_deg": 45.0}
        )
    )
    ratio = windy / plain
    assert ratio.loc["德阳市", "眉山市"] > 1.4  # south-west of it, straight downwind
    assert ratio.loc["眉山市", "德阳市"] < 0.6
    assert ratio.loc["成都市", "成都市"] == pytest.approx(1)
    assert ratio.loc["攀枝花市", "凉山彝族自治州"] == pytest.approx(1)  # no basin wind on the plateau
    walled = exposure.transfer(layers.with_assumptions({**NEUTRAL, "exposure.across_scarp_share": 0.25}))
    share = walled / plain
    assert share.loc["凉山彝族自治州", "成都市"] == pytest.approx(0.25)
    assert share.loc["绵阳市", "成都市"] == pytest.approx(1)
    still = exposure.transfer(layers.with_assumptions({**NEUTRAL, "exposure.basin_ventilation_share": 0.5}))
    slow = still / plain
    assert slow.loc["成都市", "乐山市"] == pytest.approx(2)
    assert slow.loc["成都市", "攀枝花市"] == pytest.approx(1)


def test_the_answer_comes_with_the_range_of_every_assumption(layers):
    one = pd.DataFrame({"pm": [1000.0], "so2": [500.0], "nox": [500.0]}, ["成都市"])
    table = exposure.span(layers, one, one.rename({"成都市": "攀枝花市"}))
    given = table.loc["as given", "change_low_kg"]
    assert given < 0
    ends = table[["change_low_kg", "change_high_kg"]]
    assert (ends < 0).all().all()  # no assumption within its range turns the answer round
    assert table.loc["exposure.basin_ventilation_share", "change_high_kg"] == pytest.approx(given * 0.6)
    assert table.loc["exposure.intake_fraction_pm", "change_low_kg"] > given


def test_moving_a_tonne_out_of_chengdu_lowers_what_people_breathe(layers):
    one = pd.DataFrame({"pm": [1000.0], "so2": [0.0], "nox": [0.0]}, ["成都市"])
    moved = one.rename({"成都市": "广元市"})
    table = exposure.exposure(layers, one, moved)
    share = exposure.transfer(layers).loc["成都市"].sum() * layers.assumptions["exposure.intake_fraction_pm"]
    assert table["before_kg"].sum() == pytest.approx(1e6 * share)
    assert table.loc[table["in_basin"], "change_kg"].sum() < 0
    assert table["change_kg"].sum() < 0
    assert exposure.exposure(layers, one)["change_kg"].abs().max() == 0
    with pytest.raises(LabelError, match="东京"):
        exposure.exposure(layers, one.rename({"成都市": "东京"}))


def test_bases_and_caps_of_all_prefectures_sum_to_the_province(layers, balance):
    a = layers.assumptions
    total = balance.groupby("pollutant")[["base_t", "cap_t"]].sum()
    for pollutant in ("so2", "nox"):
        assert total.loc[pollutant, "base_t"] == pytest.approx(a[f"headroom.province_{pollutant}_base_t"])
        assert total.loc[pollutant, "cap_t"] == pytest.approx(a[f"headroom.province_{pollutant}_cap_t"])


def test_soot_and_dust_stand_against_a_recalled_total_that_says_so(layers):
    found = headroom.reconcile(layers).loc["pm"]
    assert found["basis"] == "assumed"
    assert found["located_t"] + found["unlocated_t"] + found["other_t"] == pytest.approx(found["published_t"])
    assert layers.assumptions.frame.loc["headroom.province_pm_total_t", "confidence"] == "low"


def test_the_province_budget_is_held_with_its_range_and_only_water_is_published(layers):
    found = headroom.province_budgets(layers)
    assert found["basis"].to_dict() == {
        "coal_kt": "assumed", "power_gwh": "assumed", "water_1000m3": "sourced", "energy_ktce": "assumed",
    }  # fmt: skip
    assert (found["cap_low"] <= found["cap"]).all()
    assert (found["cap"] <= found["cap_high"]).all()
    np.testing.assert_allclose(found["used"] + found["headroom"], found["cap"])
    np.testing.assert_allclose(found["used"], headroom.resource_use(layers).sum())
    assert found.loc["water_1000m3", "cap"] == pytest.approx(27_314_000 * 0.22)


def test_a_planner_brings_prefecture_budgets_as_a_table_of_the_layers(layers):
    used = headroom.resource_use(layers).loc["成都市", "water_1000m3"]
    caps = pd.DataFrame({"prefecture_zh": ["成都市"], "resource": ["water_1000m3"], "cap": [used + 5]})
    told = headroom.budgets(layers.with_(resource_caps=caps)).set_index(["prefecture_zh", "resource"])
    assert told.loc[("成都市", "water_1000m3"), "headroom"] == pytest.approx(5)
    assert told.loc[("成都市", "water_1000m3"), "state"] == "spare"
    assert (told.drop(("成都市", "water_1000m3"))["state"] == "unknown").all()
    with pytest.raises(LabelError, match="gold"):
        headroom.budgets(layers, caps.assign(resource="gold"))
