"""Models made of a model: their bounds hold for the whole, and parts together are what they were."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.laws import scaled
from workbench import solver
from workbench.solver import Session, Stage


def shared(rng: np.random.Generator, room: float) -> solver.Model:
    """Three shops of four whole things each; only the room on one lorry is shared."""
    model = solver.Model()
    lorry = []
    for shop in "abc":
        labels = [f"{shop}{i}" for i in range(4)]
        take = model.variables(f"take {shop}", labels, cost=-rng.uniform(1, 9, 4), upper=3.0, kind="integer")
        model.rows(f"purse {shop}", [shop], [(0, take.columns, rng.uniform(1, 5, 4))], upper=9.0)
        lorry.append((0, take.columns, rng.uniform(1, 4, 4)))
    model.rows("lorry", ["*"], lorry, upper=room)
    return model


@pytest.mark.parametrize("room", [4.0, 12.0, 1e3])
def test_parts_with_priced_joint_rows_never_promise_more_than_the_whole_holds(room) -> None:
    for seed in range(scaled(20)):
        model = shared(np.random.default_rng(seed), room)
        pieces = solver.components(model, ["lorry"])
        assert [int(piece.sum()) for piece in pieces] == [4, 4, 4]
        relaxed = Session(model, relax=True).solve()
        cost, total = solver.priced(model, ["lorry"], relaxed.duals)
        parts = [solver.solve(solver.part(model, piece, cost), gap_abs=0.0) for piece in pieces]
        bound = total + sum(part.objective for part in parts)
        best = solver.solve(model, gap_abs=0.0).objective
        assert relaxed.objective - 1e-6 <= bound <= best + 1e-6
        together = solver.joined(model, [part.values for part in parts])
        assert {name: list(s.index) for name, s in together.items()} == {
            name: list(block.labels) for name, block in model.variable_blocks.items()
        }
        if room == 1e3:  # nothing is tied: the parts are the whole
            assert bound == pytest.approx(best)


def test_a_model_that_hangs_together_is_one_part() -> None:
    model = shared(np.random.default_rng(0), 9.0)
    assert len(solver.components(model, [])) == 1


def staged(rng: np.random.Generator, weights: dict[str, float], *, odd: bool = False) -> solver.Model:
    """Works that open for good, the same markets each year; where `odd` one year's hauls differ."""
    model, before = solver.Model(), None
    cost, need, fixed = rng.uniform(1, 9, 6), rng.uniform(2, 5, 2), rng.uniform(2, 8, 3)
    row, market = np.repeat(np.arange(3), 2), np.tile(np.arange(2), 3)
    for number, (name, weight) in enumerate(weights.items()):
        stage = Stage(model, name, weight)
        open_ = stage.variables("open", list("xyz"), cost=fixed * (1 + 0.3 * number), kind="binary")
        haul = stage.variables("haul", range(6), cost=cost)
        short = stage.variables("short", range(2), cost=30.0)
        made = 1.1 if odd and number == 1 else 1.0
        stage.rows(
            "most", list("xyz"), [(row, haul.columns, made), (np.arange(3), open_.columns, -4.0)], upper=0.0
        )
        wanted = [(market, haul.columns, 1.0), (np.arange(2), short.columns, 1.0)]
        stage.rows("wanted", range(2), wanted, lower=need, upper=need)
        stage.rows("some", ["*"], [(0, open_.columns, 1.0)], lower=float(number))
        if before is not None:
            rising = [(np.arange(3), open_.columns, 1.0), (np.arange(3), before.columns, -1.0)]
            stage.rows("stays", list("xyz"), rising, lower=0.0)
        before = open_
    return model


def test_merged_stages_never_cost_more_than_the_stages_themselves() -> None:
    weights = {"1": 0.5, "2": 0.3, "": 0.2}
    for seed in range(scaled(20)):
        model = staged(np.random.default_rng(seed), weights)
        less = solver.merged(model, [{"1": 0.5, "2": 0.3}], ["haul", "short"], ["most", "wanted"])
        assert less is not None
        assert less.model.columns == model.columns - 8
        best = solver.solve(model, gap_abs=0.0)
        mean = less.mean(best.values)
        values = np.concatenate([mean[name] for name in less.model.variable_blocks])
        assert less.model.arrays()["cost"] @ values <= best.objective + 1e-9
        pd.testing.assert_series_equal(mean["open 1"], best.values["open 1"])
        session = Session(less.model)
        session.start_from(mean)
        assert session.solve(gap_abs=0.0, time_limit_s=0.0).objective <= best.objective + 1e-6  # it obeys
        assert solver.solve(less.model, gap_abs=0.0).objective <= best.objective + 1e-6


def test_stages_that_differ_are_not_merged() -> None:
    model = staged(np.random.default_rng(0), {"1": 0.5, "2": 0.3, "": 0.2}, odd=True)
    assert solver.merged(model, [{"1": 0.5, "2": 0.3}], ["haul", "short"], ["most", "wanted"]) is None
    model = staged(np.random.default_rng(0), {"1": 0.5, "2": 0.3, "": 0.2})
    assert solver.merged(model, [{"1": 0.5, "2": 0.3}], ["haul", "short"], ["wanted"]) is None  # read by most
