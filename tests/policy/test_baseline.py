"""The policy on the embedded baseline: calibrated caps, every line screened, breaches planted and found."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from workbench import policy
from workbench.policy import Load, PolicyOptions

STOCK = {"steel": 36_000, "cement": 150_000, "flat_glass": 2_250, "aluminium": 920}


@pytest.fixture(scope="module")
def standstill(layers):
    """A plan of all four industries that keeps every located line."""
    lines = layers.lines[layers.lines["in_baseline"].astype(bool) & layers.lines["industry"].isin(STOCK)]
    lines = lines[lines["capacity_kt"].gt(0)]
    frame = pd.DataFrame(lines[["plant_id", "industry", "prefecture_zh", "capacity_kt"]])
    frame = frame.assign(decision="keep", site_id=None, in_zone=False)
    return SimpleNamespace(
        layers=layers,
        scenario=SimpleNamespace(policy=PolicyOptions(), industries=tuple(STOCK)),
        decisions=frame,
        builds=pd.DataFrame(columns=["site_id", "industry", "prefecture_zh", "capacity_kt"]).astype(
            {"capacity_kt": float}
        ),
        credits=pd.DataFrame(columns=["line_id", "build_id", "kt"]).astype({"kt": float}),
    )


def row(checked, clause, item):
    return checked.set_index(["clause", "item"]).loc[(clause, item)]


def test_located_and_unlocated_capacity_meet_the_caps_and_nothing_is_eliminated(standstill):
    checked = policy.check(standstill)
    for clause, industry in (("P3", "steel"), ("P6", "cement"), ("P9", "flat_glass"), ("P12", "aluminium")):
        found = row(checked, clause, f"{industry}.cap")
        assert found["verdict"] == "pass"
        assert found["amount"] == pytest.approx(STOCK[industry], rel=1e-6)
    assert row(checked, "P7", "cement.eliminate")[["verdict", "amount"]].tolist() == ["fail", 0]
    assert row(checked, "P24", "cement.zone_growth")["verdict"] == "pass"


def test_every_real_line_gets_an_answer_and_unknowns_are_told(layers):
    screened = policy.screen(layers)
    lines = layers.lines[layers.lines["in_baseline"].astype(bool)]
    covered = lines.index[lines["industry"].isin(STOCK)]
    assert set(covered) <= set(screened["line_id"])
    assert set(screened["verdict"]) <= {"pass", "fail", "unknown"}
    by_rule = pd.crosstab(screened["rule"], screened["verdict"])
    assert by_rule.loc["papers", "unknown"] == screened["line_id"].nunique()  # no public source has them


def test_a_breach_planted_in_the_real_province_is_found(standstill, layers):
    inside = layers.sites.index[layers.sites["prefecture_zh"] == "成都市"][0]
    build = {"site_id": inside, "industry": "cement", "prefecture_zh": "成都市", "capacity_kt": 500.0}
    builds = pd.DataFrame([build], index=[f"{inside}:cement"])
    moved = policy.check(SimpleNamespace(**{**vars(standstill), "builds": builds}))
    assert row(moved, "P24", "cement.zone_new")["verdict"] == "fail"
    assert "P24" in policy.why_not(inside, "cement", layers)["clause"].tolist()
    gone = standstill.decisions.assign(decision="close")
    closed = row(
        policy.check(SimpleNamespace(**{**vars(standstill), "decisions": gone})), "P7", "cement.eliminate"
    )
    assert closed["verdict"] == "fail"  # dry kilns that simply close are no obsolete capacity
    assert any("净压减" in part for part in closed["evidence"])


@pytest.mark.parametrize("nested", [False, True])
def test_the_cement_groups_of_the_text_can_be_had_from_the_real_firms(layers, nested):
    firms = policy.firms_of(layers.lines, layers.plants)
    found = policy.merge(firms, options=PolicyOptions(nested_cement_groups=nested), gap=1e-4)
    assert 3 <= found.huge <= 5
    assert 5 <= found.large <= 7
    assert found.sizes.sum() == pytest.approx(firms["capacity_kt"].sum())


def test_the_tariffs_read_the_baselines_assumptions(layers):
    costs = policy.power_cost(Load("aluminium", 13_900, 220), layers.assumptions)
    assert costs["surcharge_cny_kwh"].gt(0).all()
    assert costs.loc[7, "cost_cny_t"] < costs.loc[5, "cost_cny_t"] < costs.loc[1, "cost_cny_t"]


def test_in_clinker_the_cap_counts_the_clinker_of_kept_and_unlocated_cement(standstill, layers):
    options = PolicyOptions(capacity_basis="clinker")
    scenario = SimpleNamespace(policy=options, industries=tuple(STOCK))
    checked = policy.check(SimpleNamespace(**{**vars(standstill), "scenario": scenario}))
    held = 150_000 * layers.assumptions["cement.clinker_ratio_t_t"]
    assert row(checked, "P6", "cement.cap")["amount"] == pytest.approx(held, rel=1e-6)
    assert row(checked, "P65", "cement.cap")["amount"] == pytest.approx(held, rel=1e-6)
    assert row(checked, "P3", "steel.cap")["amount"] == pytest.approx(STOCK["steel"], rel=1e-6)
