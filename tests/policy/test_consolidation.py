"""Concentration by hand, the edges of the group sizes, and mergers solved to proven optimum."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from tests.policy import worlds
from workbench.errors import InfeasibleError, LabelError
from workbench.policy import PolicyOptions, consolidation, mergers


def test_cr4_and_hhi_by_hand():
    size = pd.Series([40.0, 30.0, 10.0, 10.0, 10.0])
    assert consolidation.cr(size) == 90
    assert consolidation.hhi(size) == 2800
    frame = consolidation.concentration(size, pd.Series([70.0, 30.0]))
    assert frame.loc["hhi", ["before", "after", "change"]].tolist() == [2800, 5800, 3000]
    assert frame.loc["groups", "after"] == 2


@pytest.mark.parametrize(
    ("sizes", "nested", "expected"),
    [
        ([10_000.0, 9_999.0, 5_000.0, 5_000.1], False, (1, 2)),
        ([10_000.0, 9_999.0, 5_000.0, 5_000.1], True, (1, 3)),
    ],
)
def test_ten_is_reached_and_five_is_exceeded(sizes, nested, expected):
    assert (
        consolidation.cement_group_counts(pd.Series(sizes), PolicyOptions(nested_cement_groups=nested))
        == expected
    )


def test_plants_without_owner_are_groups_of_their_own():
    plants = worlds.frame(
        [{"id": "A", "owner": "甲"}, {"id": "B", "owner": None}, {"id": "C", "owner": "甲"}]
    )
    assert consolidation.groups_of(pd.Series(["A", "B", "C"]), plants).tolist() == ["甲", "B", "甲"]


def firms(sizes, seed=1):
    random = np.random.default_rng(seed)
    index = pd.Index([f"F{i:02d}" for i in range(len(sizes))], name="firm")
    place = {"lon": random.uniform(102, 107, len(sizes)), "lat": random.uniform(28, 32, len(sizes))}
    return pd.DataFrame({"capacity_kt": sizes, **place}, index=index)


def brute(frame, heads, bounds, nested):
    """The least cost over every assignment: the program's truth on a small world."""
    lead = frame.sort_values("capacity_kt", ascending=False, kind="stable").index[:heads].sort_values()
    cost = mergers._km(frame, frame.loc[lead]) * frame["capacity_kt"].to_numpy()[:, None]
    best = np.inf
    for pick in itertools.product(range(heads), repeat=len(frame)):
        if any(pick[frame.index.get_loc(lead[h])] != h for h in set(pick)):
            continue
        size = np.bincount(pick, frame["capacity_kt"], heads)
        huge, large = (size >= 10_000).sum(), (size >= 5_001).sum()
        large = large if nested else large - huge
        if bounds[0] <= huge <= bounds[1] and bounds[2] <= large <= bounds[3]:
            best = min(best, cost[np.arange(len(frame)), pick].sum())
    return best


@pytest.mark.parametrize("nested", [False, True])
def test_mergers_are_the_least_distance_that_meets_both_counts(nested):
    frame, bounds = firms([4_000.0, 3_500.0, 3_000.0, 6_000.0, 2_000.0, 5_500.0]), (1, 1, 1, 2)
    options = PolicyOptions(nested_cement_groups=nested)
    found = mergers.merge(frame, options=options, heads=4, bounds=bounds)
    assert found.cost == pytest.approx(brute(frame, 4, bounds, nested), rel=1e-6)
    assert found.bound == pytest.approx(found.cost, rel=1e-5)
    assert (found.huge, found.large) == consolidation.cement_group_counts(found.sizes, options)
    assert found.sizes.sum() == frame["capacity_kt"].sum()


def test_the_texts_counts_in_both_readings():
    frame = firms([9_000.0, 8_000.0, 7_000.0, 6_000.0] + [3_000.0] * 16)
    for nested in (False, True):
        options = PolicyOptions(nested_cement_groups=nested)
        found = mergers.merge(frame, options=options, heads=10, gap=0.5)
        huge, large = consolidation.cement_group_counts(found.sizes, options)
        assert 3 <= huge <= 5
        assert 5 <= large <= 7


def test_too_little_capacity_names_the_count_that_fails():
    with pytest.raises(InfeasibleError, match="P21"):
        mergers.merge(firms([1_000.0] * 5), heads=5)
    with pytest.raises(LabelError, match="capacity"):
        mergers.merge(firms([1_000.0, np.nan]))
