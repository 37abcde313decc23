"""Weights: Saaty's house, hand-made entropy and CRITIC, and tables that cannot be weighed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from workbench.errors import DataError
from workbench.siting import Criterion, ahp, critic_weights, entropy_weights

# Saaty (1990), EJOR 48: buying a house, eight criteria compared in pairs.
HOUSE = """1 5 3 7 6 6 1/3 1/4
1/5 1 1/3 5 3 3 1/5 1/7
1/3 3 1 6 3 4 6 1/5
1/7 1/5 1/6 1 1/3 1/4 1/7 1/8
1/6 1/3 1/3 3 1 1/2 1/5 1/6
1/6 1/3 1/4 4 2 1 1/5 1/6
3 5 1/6 7 5 5 1 1/2
4 7 5 8 6 6 2 1"""
NAMES = ["size", "transport", "neighbourhood", "age", "yard", "modern", "condition", "financing"]


def house() -> pd.DataFrame:
    rows = [[float(Fraction(x)) for x in line.split()] for line in HOUSE.splitlines()]
    return pd.DataFrame(rows, NAMES, NAMES)


def test_ahp_weighs_saatys_house_as_published_and_flags_it():
    weights, ratio = found = ahp(house())
    assert weights.round(3).tolist() == [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
    assert ratio == pytest.approx(0.169, abs=5e-4)
    assert not found.consistent


def test_consistent_comparisons_return_their_own_weights():
    truth = pd.Series([0.5, 0.3, 0.2], list("abc"))
    table = pd.DataFrame(truth.to_numpy()[:, None] / truth.to_numpy()[None, :], truth.index, truth.index)
    weights, ratio = ahp(table.where(np.triu(np.ones((3, 3))) > 0))  # one triangle is enough
    np.testing.assert_allclose(weights, truth)
    assert ratio == pytest.approx(0, abs=1e-9)


def test_contradicting_or_incomplete_comparisons_are_named():
    table = house()
    table.loc["size", "age"] = 9.0
    with pytest.raises(DataError, match="size / age"):
        ahp(table)
    table = house()
    table.loc["size", "age"] = table.loc["age", "size"] = np.nan
    with pytest.raises(DataError, match="size / age"):
        ahp(table)
    with pytest.raises(DataError, match="same labels"):
        ahp(house().iloc[::-1])


def test_entropy_weighs_by_hand():
    # p = (1/2, 1/2): entropy 1, weight 0. p = (1/4, 3/4): 0.8112781. p = (0, 1): entropy 0.
    table = pd.DataFrame({"flat": [5, 5], "some": [1, 3], "all": [0, 8]}, ["x", "y"])
    raw = np.array([0, 1 - 0.8112781, 1])
    np.testing.assert_allclose(entropy_weights(table), raw / raw.sum(), atol=1e-7)


def test_critic_weighs_by_hand():
    # a and b run together, c against both: conflict 2, 2 and 4; the spread of 0, 1/2, 1 is the same in all
    table = pd.DataFrame({"a": [1, 2, 3], "b": [10, 20, 30], "c": [9, 6, 3], "flat": [1, 1, 1]}, list("xyz"))
    assert critic_weights(table).tolist() == pytest.approx([0.25, 0.25, 0.5, 0])


def test_without_conflict_critic_leaves_contrast_to_decide():
    assert critic_weights(pd.DataFrame({"a": [1, 2, 3], "b": [2, 4, 6]})).tolist() == pytest.approx(
        [0.5, 0.5]
    )
    assert critic_weights(pd.DataFrame({"a": [1, 2], "flat": [1, 1]})).tolist() == [1, 0]


def test_comparisons_may_be_a_frame_rows_an_array_or_pairs():
    rows = [[1, 2, 4], [None, 1, 2], [None, None, 1]]
    names = ["a", "b", "c"]
    framed = ahp(pd.DataFrame(rows, names, names))
    pairs = ahp({("a", "b"): 2, ("b", "c"): 2, ("a", "c"): 4})
    pd.testing.assert_series_equal(framed.weights, pairs.weights)
    assert framed.weights.tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    for unlabelled in (rows, np.array([[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]])):
        assert ahp(unlabelled).weights.to_dict() == pytest.approx({0: 4 / 7, 1: 2 / 7, 2: 1 / 7})
    with pytest.raises(DataError, match="a / c"):
        ahp({("a", "b"): 2, ("b", "c"): 2})
    with pytest.raises(DataError, match="0 and back"):
        ahp([[1, 0], [None, 1]])


def test_critic_sees_that_a_cost_agrees_with_its_benefit():
    table = pd.DataFrame({"a": [1, 2, 4], "c": [9, 6, 3], "d": [5, 1, 4]}, list("xyz"))
    cost = [Criterion("a", 1), Criterion("c", 1, "min"), Criterion("d", 1)]
    turned = table.assign(c=-table["c"])
    np.testing.assert_allclose(critic_weights(table, cost), critic_weights(turned))


def test_the_reference_library_agrees_where_it_is_right():
    from pymcdm.weights import critic_weights as their_critic
    from pymcdm.weights import entropy_weights as their_entropy

    table = pd.DataFrame(np.random.default_rng(3).uniform(1, 9, (6, 4)))
    np.testing.assert_allclose(entropy_weights(table), their_entropy(table.to_numpy()))
    np.testing.assert_allclose(critic_weights(table), their_critic(table.to_numpy()))


def test_tables_without_differences_or_with_negatives_are_refused():
    with pytest.raises(DataError, match="no differences"):
        entropy_weights(pd.DataFrame({"a": [1, 1]}))
    with pytest.raises(DataError, match="no differences"):
        critic_weights(pd.DataFrame({"a": [1, 1]}))
    with pytest.raises(DataError, match="negative"):
        entropy_weights(pd.DataFrame({"a": [1, -1]}))


def table(rows: list[list[float]]) -> tuple[pd.DataFrame, list[Criterion]]:
    frame = pd.DataFrame(rows, columns=[f"c{number}" for number in range(len(rows[0]))])
    return frame, [Criterion(name, 1.0) for name in frame]


# The rows and weights below stand in the test suites of open decision libraries under these papers' names.
# Diakoulaki, Mavrotas and Papayannakis (1995), Computers and Operations Research 22, 763-770: eight firms.
FIRMS = [
    [61, 1.08, 4.33], [20.7, 0.26, 4.34], [16.3, 1.98, 2.53], [9, 3.29, 1.65],
    [5.4, 2.77, 2.33], [4, 4.12, 1.21], [-6.1, 3.52, 2.10], [-34.6, 3.31, 0.98],
]  # fmt: skip


def test_critic_gives_the_published_weights_of_eight_firms() -> None:
    weights = critic_weights(*table(FIRMS))
    assert np.allclose(weights, [0.20222554, 0.48090173, 0.31687273], atol=1e-8)


@pytest.mark.parametrize(
    ("rows", "published"),
    [
        # Xu (2004), European Journal of Operational Research 156, 530-532
        (
            [[30, 30, 38, 29], [19, 54, 86, 29], [19, 15, 85, 28.9], [68, 70, 60, 29]],
            [0.463, 0.3992, 0.1378, 0],
        ),
        # Zavadskas and Podvezko (2016), Int. J. of Information Technology and Decision Making 15, 267-283
        (
            [[3, 100, 10, 7], [2.5, 80, 8, 5], [1.8, 50, 20, 11], [2.2, 70, 12, 9]],
            [0.1146, 0.1981, 0.4185, 0.2689],
        ),
    ],
)
def test_entropy_gives_the_published_weights(rows, published) -> None:
    assert np.allclose(entropy_weights(table(rows)[0]), published, atol=6e-5)
