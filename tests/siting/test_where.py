"""Where an industry may go: verdicts by nature and clause, ranks among the allowed, any point asked."""

from __future__ import annotations

import pytest

from workbench import policy
from workbench.errors import LabelError
from workbench.region import ZoneOptions, site_exclusions
from workbench.siting import where


@pytest.fixture(scope="module")
def cement(layers, price):
    return where(layers, "cement", price=price)


def test_a_site_is_excluded_exactly_where_nature_or_a_clause_says_so(layers, cement):
    by_nature = site_exclusions(layers, ("cement",)).set_index("site_id")["excluded"]
    by_clause = {
        site: policy.why_not(site, "cement", layers)["verdict"].eq("fail").any()
        for site in layers.sites.index
    }
    for site, verdict in cement.sites["verdict"].items():
        assert (verdict == "excluded") == (by_nature[site] or by_clause[site]), site


def test_ranks_run_among_the_allowed_and_everyone_else_has_a_reason(cement):
    sites = cement.sites
    may = sites["verdict"].isin(["free", "restricted"])
    assert sites.loc[may, "rank"].is_monotonic_increasing
    assert sites.loc[~may, "rank"].isna().all()
    barred = sites[sites["verdict"] == "excluded"]
    for column in ("clause", "reason_zh", "reason_en", "nearest_zh", "nearest_en"):
        assert (barred[column] != "").all(), column
    free = sites.index[sites["verdict"] == "free"]
    assert (sites.loc[free, "clause"] == "").all()
    assert cement.reasons.loc[cement.reasons["site_id"].isin(free), "advisory"].all()  # advice may stand
    assert (sites.loc[may, "lift_zh"] + sites.loc[may, "hold_zh"] != "").all()


def test_asking_a_site_gives_the_row_of_the_table(layers, cement):
    for site in ("PK02", "PK05", "PK19", "PK14"):
        found = cement.site(site)
        assert found.verdict == cement.sites.at[site, "verdict"]
        assert "；".join(found.reasons["reason_zh"]) == cement.sites.at[site, "reason_zh"]
        rows = cement.reasons[cement.reasons["site_id"] == site]
        assert found.reasons["rule"].tolist() == rows["rule"].tolist()
    with pytest.raises(LabelError, match="nowhere"):
        cement.site("nowhere")


def test_one_thing_is_said_once(cement):
    rules = cement.reasons.groupby("site_id")["rule"].agg(set)
    assert not any({"chengdu_zone", "cement.zone"} <= found for found in rules)
    assert not any({"function_zone", "cement.sensitive"} <= found for found in rules)


def test_the_nearest_sites_are_allowed_by_every_rule_and_in_order(cement):
    answer = cement.point(103.13, 31.05)  # 卧龙
    assert answer.verdict == "excluded"
    assert {"P46", "P48"} <= set(answer.reasons["clause"])
    assert (answer.reasons.loc[answer.reasons["rule"] == "reserve_national", "missing_m"] > 0).all()
    assert answer.nearest["distance_km"].is_monotonic_increasing
    assert set(cement.sites.loc[answer.nearest.index, "verdict"]) <= {"free", "restricted"}


def test_clauses_about_land_speak_at_any_point(layers, price):
    steel = where(layers, "steel", price=price)
    answer = steel.point(104.8, 31.5)
    assert "steel.park" in set(answer.reasons["rule"])
    outside = steel.point(120.0, 30.0)
    assert outside.verdict == "unknown"
    assert outside.reasons.empty


def test_the_reading_of_the_zone_decides(layers, price):
    five = where(layers, "cement", zone=ZoneOptions(definition="five"), price=price).sites
    eight = where(layers, "cement", price=price).sites
    yaan = eight.index[eight["prefecture_zh"] == "雅安市"]
    assert eight.loc[yaan, "clauses"].str.contains("P24").all()
    assert not five.loc[yaan, "clauses"].str.contains("P24").any()


def test_only_the_policys_industries_are_answered(layers):
    with pytest.raises(LabelError, match="paper"):
        where(layers, "paper")
