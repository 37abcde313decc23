"""Suitability on the baseline: criteria from data, no excluded site ranked, reasons that add up."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.errors import LabelError
from workbench.region.demand import demand
from workbench.relocation.freight import inbound
from workbench.siting import criteria_table, haulage, policy_criteria, policy_weights, pricer, suitability
from workbench.siting.hierarchy import TREE

INDUSTRIES = ("cement", "steel", "flat_glass", "aluminium")


@pytest.fixture(scope="module")
def aluminium(layers, price):
    return suitability(layers, "aluminium", price=price)


def test_the_tree_holds_the_five_criteria_of_the_policy_and_power(layers):
    assert list(TREE) == ["environment", "resources_energy", "industry", "market", "freight"]
    assert {row[1] for group in TREE.values() for row in group.values()} == {"P46", "P48", "P49"}
    for industry in INDUSTRIES:
        assert all(c.weight > 0 for c in policy_criteria(layers, industry))


@pytest.mark.parametrize("industry", INDUSTRIES)
def test_weights_come_from_consistent_comparisons_group_by_group(layers, industry):
    found = policy_weights(layers.assumptions, industry)
    assert found.weights.sum() == pytest.approx(1)
    assert found.consistent
    assert found.consistency.max() <= 0.10
    for group, leaves in TREE.items():
        assert found.weights[list(leaves)].sum() == pytest.approx(found.nodes["goal"].weights[group])


def test_a_scenario_changes_a_comparison_and_hears_of_contradictions(layers):
    before = policy_weights(layers.assumptions, "steel").weights
    name = "siting.ahp.goal.environment.resources_energy"
    after = policy_weights(layers.assumptions.with_({name: 3.0}), "steel").weights
    assert after["environment"] > before["environment"]
    assert after["resources"] < before["resources"]
    wild = layers.assumptions.with_({name: 9.0, "siting.ahp.goal.resources_energy.market.steel": 9.0})
    assert policy_weights(wild, "steel").consistency["goal"] > 0.10
    assert not policy_weights(wild, "steel").consistent
    zh, en = policy_weights(wild, "steel").contradictions
    assert "各组 CR 0." in zh
    assert "the groups CR 0." in en
    assert policy_weights(layers.assumptions, "steel").contradictions == ("", "")


def test_an_own_comparison_goes_before_the_shared_one(layers):
    name = "siting.ahp.goal.environment.freight"
    changed = layers.assumptions.with_({name: 9.0})
    assert policy_weights(changed, "cement").weights.equals(
        policy_weights(layers.assumptions, "cement").weights
    )
    assert not policy_weights(changed, "flat_glass").weights.equals(
        policy_weights(layers.assumptions, "flat_glass").weights
    )


@pytest.mark.parametrize("industry", ["cement", "steel"])
def test_freight_is_the_optimisers_own_inbound_and_the_mean_market(layers, price, industry):
    found = haulage(layers, industry, price)
    sites = layers.sites.sort_index()
    process = {"cement": "nsp", "steel": "bf_bof"}[industry]
    table = sites[["lon", "lat"]].assign(place=sites.index, industry=industry, process=process, kind="build")
    own = {"cement": "cement", "steel": "steel.bf_bof"}[industry]
    table["coal_share"] = layers.assumptions[f"{own}.new_coal_share"]
    rows, unfed = inbound(pd.DataFrame(table), layers, price)
    assert not unfed
    cost = (rows["t_t"] * rows["cost_cny_t"]).groupby(rows["facility"]).sum()
    pd.testing.assert_series_equal(found["inbound_cny_t"], cost[found.index], check_names=False)
    wanted = demand(layers, (industry,)).set_index("market")["kt"]
    here = price(sites, layers.markets.loc[wanted.index.sort_values()], industry).cost_cny_t.iloc[0]
    mean = (here * wanted[here.index]).sum() / wanted.sum()
    assert found["outbound_cny_t"].iloc[0] == pytest.approx(mean)
    assert found["freight_cny_t"].equals(found["inbound_cny_t"] + found["outbound_cny_t"])


def test_a_closed_line_makes_freight_dearer_never_cheaper(layers, price):
    from workbench.logistics.freight.options import FreightOptions

    cut = pricer(layers, FreightOptions(closed_lines=("宝成线",)))
    before, after = (haulage(layers, "cement", p)["freight_cny_t"] for p in (price, cut))
    assert (after >= before - 1e-9).all()
    assert (after > before + 1e-6).any()


def test_every_site_has_every_criterion_and_excluded_ones_are_not_ranked(layers, price, aluminium):
    table = criteria_table(layers, "aluminium", price=price)
    assert table.index.equals(layers.sites.sort_index().index)
    assert not table.isna().any().any()
    excluded = aluminium.verdicts.index[aluminium.verdicts["verdict"] == "excluded"]
    assert not set(excluded) & set(aluminium.ranking.ranks.index)


def test_aluminium_goes_where_power_lasts_the_dry_season(layers, aluminium):
    best = aluminium.ranking.best[0]
    assert aluminium.table.loc[best, "energy"] > 0
    assert layers.sites.loc[best, "prefecture_zh"] in {
        "雅安市",
        "阿坝藏族羌族自治州",
        "甘孜藏族自治州",
        "攀枝花市",
    }


def test_reasons_are_the_contributions_against_the_mean(aluminium):
    best = aluminium.ranking.best[0]
    why = aluminium.reasons(best)
    gap = aluminium.contributions.loc[best] - aluminium.contributions.mean()
    pd.testing.assert_series_equal(why["gain"], gap[why.index], check_names=False)
    assert why["gain"].is_monotonic_decreasing
    with pytest.raises(LabelError, match="nowhere"):
        aluminium.reasons("nowhere")


def test_weights_and_freight_of_the_caller_are_used(layers):
    with pytest.raises(LabelError, match="beauty"):
        suitability(layers, weights={"beauty": 1})
    cost = pd.Series(range(len(layers.sites)), index=sorted(layers.sites.index), dtype=float)
    found = suitability(layers, weights={"freight": 1}, freight_cny_t=cost, method="weighted_sum")
    assert found.ranking.best == [found.table["freight"].idxmin()]
    with pytest.raises(LabelError, match="missing"):
        criteria_table(layers, "cement", freight_cny_t=cost.head(3))
