"""What is traded: every non-dominated plan, held to enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from workbench import solver
from workbench.errors import InfeasibleError, LabelError, WorkbenchError


def knapsack(worth: np.ndarray, weight: np.ndarray, room: float) -> tuple[solver.Model, dict]:
    """Items of several worths in one sack; what should be large is negated."""
    model = solver.Model()
    items = model.variables("take", [f"item {i}" for i in range(len(weight))], kind="binary")
    model.rows("room", ["sack"], [(0, items.columns, weight)], upper=room)
    return model, {f"worth {k}": {"take": items.series(-row)} for k, row in enumerate(worth)}


def enumerated(worth: np.ndarray, weight: np.ndarray, room: float) -> set[tuple[float, ...]]:
    """Try every sack; keep those no other beats in all."""
    sacks = (np.array(take) for take in itertools.product((0, 1), repeat=len(weight)))
    worths = {tuple(float(v) for v in -(worth @ take)) for take in sacks if weight @ take <= room}
    return {
        one
        for one in worths
        if not any(o != one and all(a <= b for a, b in zip(o, one, strict=True)) for o in worths)
    }


@st.composite
def sacks(draw, objectives: tuple[int, int] = (2, 3)):
    count, kinds = draw(st.integers(1, 7)), draw(st.integers(*objectives))
    numbers = st.lists(st.integers(0, 30), min_size=count, max_size=count)
    worth = np.array([draw(numbers) for _ in range(kinds)], float)
    weight = np.array(draw(numbers), float)
    return worth, weight, float(draw(st.integers(0, int(weight.sum()))))


@law(300)
@given(sacks())
def test_all_points_are_those_of_enumeration(sack) -> None:
    model, objectives = knapsack(*sack)
    front = solver.pareto(model, objectives)
    found = [tuple(float(v) for v in row) for row in front.points.to_numpy()]
    assert len(found) == len(set(found))
    assert set(found) == enumerated(*sack)
    assert front.complete
    for plan, point in zip(front.solutions, found, strict=True):
        assert [-(row @ plan.values["take"].to_numpy()) for row in sack[0]] == list(point)


def test_a_sample_lies_on_the_front_and_holds_its_extremes() -> None:
    sack = np.array([[9, 8, 7, 3, 1, 5], [1, 2, 4, 7, 9, 4]]), np.array([4, 3, 5, 4, 3, 4]), 12.0
    model, objectives = knapsack(*sack)
    truth = enumerated(*sack)
    front = solver.pareto(model, objectives, points=4)
    assert {tuple(row) for row in front.points.to_numpy()} <= truth
    assert front.points.iloc[0].tolist() == list(min(truth))
    assert front.points.iloc[-1, 1] == min(point[1] for point in truth)
    assert front.payoff.to_numpy().diagonal().tolist() == [min(p[k] for p in truth) for k in (0, 1)]
    assert not front.complete


def test_the_knee_is_the_point_nearest_to_both_ideals() -> None:
    front = solver.Front(
        pd.DataFrame({"cost": [0.0, 1.0, 10.0], "co2": [10.0, 1.0, 0.0]}), pd.DataFrame(), (), True
    )
    assert front.knee == 1


def test_the_model_is_left_as_it_was() -> None:
    model, objectives = knapsack(np.array([[2, 1], [1, 3]]), np.array([1, 1]), 1.0)
    solver.pareto(model, objectives)
    assert list(model.row_blocks) == ["room"]


def test_what_cannot_be_traded_is_refused_in_words() -> None:
    model, objectives = knapsack(np.array([[2, 1], [1, 3]]), np.array([1, 1]), 1.0)
    one = dict(list(objectives.items())[:1])
    with pytest.raises(WorkbenchError, match="two objectives or more, not 1"):
        solver.pareto(model, one)
    with pytest.raises(WorkbenchError, match="at least 2 points"):
        solver.pareto(model, objectives, points=1)
    with pytest.raises(LabelError, match="no-such"):
        solver.pareto(model, one | {"b": {"no-such": pd.Series([1.0])}})
    model.rows("clash", ["x"], [(0, 0, 1.0)], lower=2.0)
    with pytest.raises(InfeasibleError):
        solver.pareto(model, objectives)
