"""How firm a ranking is: switch points by hand, a known reversal, odds that add up."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.siting import Criterion, rank_reversal, rank_uncertainty, weight_switch_points

# x leads on a, y on b; on a 0..1 scale the sum is w for x and 1 - w for y: they change places at one half.
TABLE = pd.DataFrame({"a": [10.0, 0.0], "b": [0.0, 10.0]}, ["x", "y"])


def test_a_weight_switches_the_best_exactly_where_the_algebra_says():
    points = weight_switch_points(TABLE, [Criterion("a", 0.7), Criterion("b", 0.3)], "weighted_sum")
    assert points.loc["a", "low"] == pytest.approx(0.5, abs=1e-5)
    assert points.loc["a", "best_below"] == "y"
    assert pd.isna(points.loc["a", "high"])
    assert points.loc["b", "high"] == pytest.approx(0.5, abs=1e-5)
    assert points.loc["a", "slack"] == pytest.approx(0.2, abs=1e-5)


def test_a_third_alternative_that_leaves_turns_the_order_of_the_others():
    # with c in the scale is 1..11 and 0..10: b 0.575 > a 0.55; without it 1..4 and 8..10: a 0.55 > b 0.45
    table = pd.DataFrame({"p": [1.0, 4.0, 11.0], "q": [10.0, 8.0, 0.0]}, list("abc"))
    found = rank_reversal(table, [Criterion("p", 0.45), Criterion("q", 0.55)], "weighted_sum")
    assert found.to_numpy().tolist() == [["c", "b", "a"]]


def test_two_alternatives_cannot_reverse():
    assert rank_reversal(TABLE, [Criterion("a", 1), Criterion("b", 2)]).empty


def test_odds_of_ranks_repeat_with_the_seed_and_follow_the_weights():
    criteria = [Criterion("a", 0.9), Criterion("b", 0.1)]
    sure = rank_uncertainty(TABLE, criteria, samples=100, seed=1)
    assert sure.equals(rank_uncertainty(TABLE, criteria, samples=100, seed=1))
    assert sure["p_best"].sum() == pytest.approx(1)
    assert sure.loc["x", "p_best"] > 0.99
    even = rank_uncertainty(TABLE, [Criterion("a", 1), Criterion("b", 1)], samples=200, concentration=5)
    assert 0.4 < even.loc["x", "p_best"] < 0.6


def test_errors_of_values_blur_a_ranking_that_weights_alone_leave_sharp():
    table = pd.DataFrame({"a": [1.0, 1.1]}, ["x", "y"])
    errors = pd.DataFrame({"a": [1.0, 1.0]}, ["x", "y"])
    assert rank_uncertainty(table, [Criterion("a", 1)], samples=50)["p_best"].tolist() == [0, 1]
    blurred = rank_uncertainty(table, [Criterion("a", 1)], "weighted_sum", samples=300, errors=errors)
    assert 0.3 < blurred.loc["x", "p_best"] < 0.7
