"""Suitability on the baseline: criteria from data, no excluded site ranked, reasons that add up."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.errors import LabelError
from workbench.siting import criteria_table, suitability
from workbench.siting.suitability import TREE, policy_criteria


@pytest.fixture(scope="module")
def aluminium(layers):
    return suitability(layers, "aluminium")


def test_the_tree_holds_the_five_criteria_of_the_policy_and_power(layers):
    assert list(TREE) == ["environment", "resources_energy", "industry", "market", "freight"]
    assert {row[1] for group in TREE.values() for row in group.values()} == {"P46", "P48", "P49"}
    for industry in ("cement", "steel", "flat_glass", "aluminium"):
        assert all(c.weight > 0 for c in policy_criteria(layers, industry))


def test_every_site_has_every_criterion_and_excluded_ones_are_not_ranked(layers, aluminium):
    table = criteria_table(layers, "aluminium")
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
