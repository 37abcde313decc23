"""Targets of five years and of 2014, the figures the text implies, and the burn-down."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench import policy
from workbench.errors import LabelError

CAPS = {"P3": 36_000, "P6": 150_000, "P9": 2_250, "P12": 1_100}
CAPS |= {"P64": 36_000, "P65": 150_000, "P66": 2_250, "P67": 1_100}
ELIMINATE = {"P4": 3_000, "P7": 10_000, "P10": 275, "P64": 920, "P65": 3_000, "P66": 80, "P14": 40_000}
SHARES = {
    ("P5", "high_end_share"): 50, ("P8", "nsp_share"): 95, ("P11", "deep_processing_share"): 50,
    ("P13", "deep_processing_share"): 80, ("P13", "high_end_share"): 50, ("P14", "mechanisation_share"): 55,
    ("P64", "high_end_share"): 40, ("P65", "nsp_share"): 95, ("P66", "deep_processing_share"): 35,
    ("P67", "high_end_share"): 45, ("P68", "mechanisation_share"): 45, ("P26", "coprocessing_share"): 10,
    ("P75", "rebar_share"): 60,
}  # fmt: skip


def test_caps_eliminations_and_shares_are_the_texts():
    frame = policy.targets().set_index(["clause", "measure"])["house_value"]
    assert {c: frame[c, "cap"] for c in CAPS} == CAPS
    assert {c: frame[c, "eliminate"] for c in ELIMINATE} == ELIMINATE
    assert {key: frame[key] for key in SHARES} == SHARES
    assert ("P67", "eliminate") not in frame.index  # the text sets no tonnage for aluminium


def test_coal_targets_of_both_horizons():
    frame = policy.targets().set_index(["clause", "measure"])["house_value"]
    assert frame["P14", "mines_closed_2013_2014"] == 500
    assert frame["P14", "mean_mine"] == 115
    assert frame["P68", "firms"] == 400
    assert frame["P76", "mines_closed_2014"] == 100


@pytest.mark.parametrize(
    ("reading", "steel", "cement", "glass", "aluminium"),
    [("points", 30, 93, 30, 35), ("relative", 36.36, 93.14, 33.33, 40.91)],
)
def test_shares_of_2013_follow_from_both_readings_of_ten_percent(reading, steel, cement, glass, aluminium):
    value = policy.implied(policy.PolicyOptions(raise_by_ten_percent=reading))["value"]
    assert value["steel.high_end_share_2013"] == pytest.approx(steel, abs=0.005)
    assert value["cement.nsp_share_2013"] == pytest.approx(cement, abs=0.005)
    assert value["flat_glass.deep_processing_share_2013"] == pytest.approx(glass, abs=0.005)
    assert value["aluminium.high_end_share_2013"] == pytest.approx(aluminium, abs=0.005)


def test_what_is_left_after_2014_and_what_stood_before():
    value = policy.implied()["value"]
    for industry, kt in {"steel": 2_080, "cement": 7_000, "flat_glass": 195}.items():
        assert value[f"{industry}.eliminate_after_2014"] == kt
        written = policy.clause("P70").number("eliminate_after_2014", industry)
        assert written.house_value == kt  # 208, 700 and 390 of the text's units
    assert value["coal.firms_before"] == pytest.approx(1176.5, abs=0.1)
    assert value["coal.mines_closed_2013"] == 400


def test_the_path_starts_with_2014_and_sums_to_five_years():
    cement = policy.path("cement")
    assert cement[2014] == 3_000
    assert cement.sum() == pytest.approx(10_000)
    shares = policy.path("steel", "high_end_share")
    assert (shares[2014], shares[2018]) == (40, 50)
    assert shares.is_monotonic_increasing
    with pytest.raises(LabelError, match="aluminium"):
        policy.path("aluminium")


def test_burn_down_counts_closures_against_the_path():
    done = pd.DataFrame({"industry": ["steel", "steel"], "year": [2014, 2015], "kt": [920.0, 100.0]})
    frame = policy.burn_down(done)
    assert frame.loc[("steel", 2014), ["left_kt", "on_path"]].tolist() == [2_080, True]
    assert frame.loc[("steel", 2015), ["left_kt", "on_path"]].tolist() == [1_980, False]
    assert frame.loc[("cement", 2018), "left_kt"] == 10_000
    with pytest.raises(LabelError, match="2019"):
        policy.burn_down(done.assign(year=2019))
