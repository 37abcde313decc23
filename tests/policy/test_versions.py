"""Versions of the replacement rules: ratios, dates that meet, and the planner's choice."""

from __future__ import annotations

import pytest

from workbench.errors import LabelError, ScenarioError
from workbench.policy import PolicyOptions, versions
from workbench.scenarios import Scenario


@pytest.mark.parametrize(
    ("version", "industry", "area", "expected"),
    [
        ("sichuan-2014", "cement", "sensitive", 1.0),
        ("miit-2015-127", "steel", "sensitive", 1.25),
        ("miit-2015-127", "steel", "other", 1.0),
        ("miit-2017-337", "cement", "sensitive", 1.5),
        ("miit-2017-337", "cement", "other", 1.25),
        ("miit-2017-337", "cement", "tibet", 1.0),
        ("miit-2017-337", "flat_glass", "sensitive", 1.25),
        ("miit-2017-337", "flat_glass", "other", 1.0),
        ("miit-2021", "cement", "sensitive", 2.0),
        ("miit-2021", "cement", "other", 1.5),
    ],
)
def test_ratio_by_version_industry_and_area(version, industry, area, expected):
    assert versions.ratio(industry, area, PolicyOptions(rule_version=version)) == expected


def test_a_planner_may_tighten_a_ratio_never_loosen_it():
    assert versions.ratio("cement", options=PolicyOptions(replacement_ratio=1.25)) == 1.25
    loose = PolicyOptions(rule_version="miit-2017-337", replacement_ratio=1.1)
    assert versions.ratio("cement", options=loose) == 1.25


def test_cross_province_cement_costs_double_from_2021_only():
    assert (
        versions.ratio("cement", options=PolicyOptions(rule_version="miit-2021"), cross_province=True) == 2.0
    )
    assert versions.ratio("cement", cross_province=True) == 1.0


def test_whether_chengdu_is_sensitive_is_the_planners_switch():
    assert versions.area_class("成都市") == "other"
    assert versions.area_class("成都市", PolicyOptions(chengdu_is_sensitive=True)) == "sensitive"
    assert versions.area_class("泸州市", PolicyOptions(chengdu_is_sensitive=True)) == "other"


def test_an_unknown_version_or_area_is_named_with_the_choices():
    with pytest.raises(ScenarioError, match=r"rule_version.*sichuan-2014"):
        Scenario.baseline().with_(policy={"rule_version": "x"})
    with pytest.raises(LabelError, match="sensitive"):
        versions.ratio("cement", "delta")
