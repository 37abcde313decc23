"""Plans in the same futures: regret and satisficing worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.robust.test_evaluate import FIXED, again, plan_of, sampled
from workbench.errors import DataError
from workbench.robust.evaluate import evaluate_together, judged, judged_together
from workbench.robust.regret import Regret

VALUES = [0.0, 5000.0, 20000.0]


@pytest.fixture(scope="module")
def found() -> Regret:
    plans = {"still": plan_of({}), "close": plan_of({"A1": "close"})}
    return Regret(judged_together(again, plans, sampled(FIXED, VALUES), 1e9))


def test_regret_is_what_the_other_would_have_saved(found) -> None:
    """Of two plans one regrets nothing, the other what lies between: the gain of closing, or its loss."""
    gain = found.plans["close"].results["gain_mcny"].to_numpy()
    assert (gain[0] < 0) & (gain[-1] > 0)
    regret = found.regret_mcny
    assert regret["still"].to_numpy() == pytest.approx(np.maximum(gain, 0))
    assert regret["close"].to_numpy() == pytest.approx(np.maximum(-gain, 0))
    table = found.table
    assert table.loc["still", "regret_max"] == pytest.approx(gain.max())
    assert table.loc["close", "regret_mean"] == pytest.approx(np.maximum(-gain, 0).mean())
    assert table["best_share"].sum() == pytest.approx(1.0)
    assert table.loc["close", "pays_share"] == (gain > 0).mean()
    assert list(table.index) == list(regret.max().sort_values().index)


def test_a_plan_is_judged_beside_others_as_alone(found) -> None:
    alone = judged(again, plan_of({"A1": "close"}), sampled(FIXED, VALUES), 1e9)
    pd.testing.assert_frame_equal(alone.results, found.plans["close"].results)


def test_what_satisfies_both_pays_and_is_lawful(found) -> None:
    for each in found.plans.values():
        both = [
            gain > 0 and (row == 0).all()
            for gain, (_, row) in zip(each.results["gain_mcny"], each.broken.iterrows(), strict=True)
        ]
        assert each.satisfied_share == np.mean(both)


def test_no_plan_at_all_is_refused() -> None:
    with pytest.raises(DataError, match="1 or more plans"):
        evaluate_together({})
