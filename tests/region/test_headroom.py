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


def test_intake_fractions_keep_the_published_mean_and_the_basin_breathes_most(layers):
    fractions = exposure.intake_fractions(layers)
    a = layers.assumptions
    assert fractions["pm"].mean() == pytest.approx(a["exposure.intake_fraction_pm"])
    assert fractions["pm"].idxmax() == "成都市"
    assert fractions["pm"].max() / fractions["pm"].min() > 3  # sites differ, as in the study


def test_moving_a_tonne_out_of_chengdu_lowers_what_people_breathe(layers):
    one = pd.DataFrame({"pm": [1000.0], "so2": [0.0], "nox": [0.0]}, ["成都市"])
    moved = one.rename({"成都市": "广元市"})
    table = exposure.exposure(layers, one, moved)
    fractions = exposure.intake_fractions(layers)
    assert table["before_kg"].sum() == pytest.approx(1e6 * fractions.loc["成都市", "pm"])
    assert table.loc[table["in_basin"], "change_kg"].sum() < 0
    assert table["change_kg"].sum() < 0
    assert exposure.exposure(layers, one)["change_kg"].abs().max() == 0
    with pytest.raises(LabelError, match="东京"):
        exposure.exposure(layers, one.rename({"成都市": "东京"}))
