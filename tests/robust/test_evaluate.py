"""A fixed plan in many futures: worked out by hand in a small province, reproducible, nothing dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import triang

from tests.relocation import world
from workbench.errors import DataError, LabelError, StoppedError, UnreachableError
from workbench.layers.model import Assumptions
from workbench.relocation.assess import Assessor
from workbench.relocation.problem import prepare
from workbench.robust.draws import drawn
from workbench.robust.evaluate import judged
from workbench.robust.futures import penalty_mcny
from workbench.scenarios import Scenario

FIXED, CLOSING = "cement.fixed_cny_t", "cement.closure_cny_t"
SCENARIO = Scenario.baseline().with_(**world.PLAIN)


def ranged(**ranges: tuple[float, float, float]) -> Assumptions:
    frame = world.assumptions().frame.copy()
    for name, row in ranges.items():
        frame.loc[name.replace("__", "."), ["low", "value", "high"]] = row
    return Assumptions(frame)


def again(values):
    return prepare(SCENARIO, world.layers(old_share=0.0).with_assumptions(values), world.straight)


def plan_of(moves):
    return Assessor(again({})).assess(moves)


def sampled(name: str, values: list[float], assumptions: Assumptions | None = None):
    known = assumptions or ranged(cement__fixed_cny_t=(0.0, 100.0, 200.0))
    return replace(drawn(known, [], 1), values=pd.DataFrame({name: values}))


def test_the_hypercube_meets_each_part_of_each_triangle_once() -> None:
    known = ranged(cement__fixed_cny_t=(10.0, 20.0, 50.0), cement__closure_cny_t=(0.0, 0.0, 8.0))
    found = drawn(known, [FIXED, CLOSING], 40, seed=3).values
    for name, law in ((FIXED, triang(0.25, 10, 40)), (CLOSING, triang(0.0, 0, 8))):
        parts = np.floor(law.cdf(found[name]) * 40).astype(int)
        assert sorted(parts) == list(range(40))
    assert abs(np.corrcoef(found[FIXED], found[CLOSING])[0, 1]) < 0.5


def test_those_named_together_stand_at_one_quantile() -> None:
    known = ranged(cement__fixed_cny_t=(10.0, 20.0, 50.0), cement__closure_cny_t=(0.0, 0.0, 8.0))
    found = drawn(known, [FIXED, CLOSING], 30, together=[(FIXED, CLOSING)]).values
    same = triang(0.25, 10, 40).cdf(found[FIXED]), triang(0.0, 0, 8).cdf(found[CLOSING])
    assert np.allclose(*same)


def test_what_has_no_range_or_is_no_number_between_is_held_and_says_why() -> None:
    known = ranged(cement__fixed_cny_t=(10.0, 20.0, 50.0), cement__closure_cny_t=(1.0, 2.0, 3.0))
    names = [FIXED, CLOSING, "cement.power_kwh_t"]
    found = drawn(known, names, 2, network={CLOSING})
    assert list(found.values) == [FIXED]
    assert found.held.to_dict() == {CLOSING: "network", "cement.power_kwh_t": "no_range"}


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        (("a.b", 2, ()), LabelError),
        ((FIXED, 0, ()), DataError),
        ((FIXED, 2, [(FIXED,), (FIXED,)]), LabelError),
    ],
)
def test_what_cannot_be_drawn_is_refused(asked, fault) -> None:
    name, samples, together = asked
    with pytest.raises(fault):
        drawn(ranged(cement__fixed_cny_t=(0.0, 1.0, 2.0)), [name], samples, together=together)


def test_closing_pays_where_its_fixed_cost_is_more_than_what_it_costs_else() -> None:
    """A line closed saves its fixed cost times its capacity and nothing else that fixed cost decides.

    So the gain is a line in the fixed cost: 1000 kt x avoidable share / 1000 = slope in million CNY.
    """
    plan = plan_of({"A1": "close"})
    values = [0.0, 100.0, 5000.0, 20000.0]
    found = judged(again, plan, sampled(FIXED, values), 1.0)
    gain = found.results["gain_mcny"].to_numpy()
    slope = world.assumptions()["cement.avoidable_share"]
    assert gain - gain[0] == pytest.approx(np.array(values) * slope)
    assert found.pays_share == (gain > 0).mean()
    assert 0 < found.pays_share < 1
    base = world.assumptions()[FIXED]
    assert found.central["gain_mcny"] - gain[0] == pytest.approx(base * slope)
    assert found.indicators.loc["gain_mcny", "median"] == pytest.approx(np.median(gain))
    assert (found.indicators["counted"] == 4).all()
    assert (found.results["closed_kt"] == 1000.0).all()


def test_a_plan_that_changes_nothing_gains_nothing_anywhere() -> None:
    found = judged(again, plan_of({}), sampled(FIXED, [0.0, 300.0]), 1.0)
    assert (found.results["gain_mcny"] == 0).all()
    assert found.pays_share == 0.0


def test_futures_in_another_order_give_the_same_answers_in_that_order() -> None:
    plan, values = plan_of({"A1": "S1"}), [50.0, 400.0, 120.0]
    one = judged(again, plan, sampled(FIXED, values), 1.0)
    other = judged(again, plan, sampled(FIXED, values[::-1]), 1.0)
    turned = other.results.iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(one.results, turned)
    pd.testing.assert_frame_equal(one.clauses, other.clauses)


def test_a_clause_holds_in_the_futures_whose_limit_the_plan_keeps() -> None:
    """A prefecture may take so much new capacity: 500 kt built are lawful where that is 500 or more."""
    plan = plan_of({"A1": "S1"})
    built = float(plan.builds["capacity_kt"].sum())
    name = "cement.prefecture_new_kt"
    found = judged(again, plan, sampled(name, [built - 100, built, built + 1, built - 300]), 1.0)
    row = found.clauses.set_index(["row", "place"]).loc[("prefecture_new", "乙市")]
    assert row["holds_share"] == 0.5
    assert row["over_share"] == 0.5
    assert row["short_share"] == 0.0
    assert row["over_median"] == pytest.approx(200.0)
    assert found.lawful_share <= 0.5


def test_a_future_that_cannot_be_judged_is_charged_counted_and_named() -> None:
    plan = plan_of({"A1": "close"})

    def breaks(values):
        if values.get(FIXED) == 7.0:
            raise UnreachableError("no road there")
        return again(values)

    charged = penalty_mcny(again({}))
    wanted, price = again({}).wanted["net_kt"].sum(), world.assumptions()["cement.unmet_cny_t"]
    assert charged == pytest.approx(wanted * price / 1000)
    found = judged(breaks, plan, sampled(FIXED, [7.0, 20000.0]), charged)
    assert found.failed == 1
    assert found.results["failed"].tolist() == ["no road there", ""]
    assert found.results["objective_mcny"][0] == charged
    assert found.pays_share == 0.5
    assert (found.clauses["holds_share"] <= 0.5).all()
    assert found.indicators.loc["closed_kt", "counted"] == 1
    assert found.indicators.loc["objective_mcny", "counted"] == 2


def test_a_plan_whose_site_a_future_bars_fails_there_and_staying_does_not() -> None:
    plan = plan_of({"A1": "S1"})

    def barred(values):
        base = world.layers(old_share=0.0).with_assumptions(values)
        shut = [("S1", "cement")] if values.get(FIXED) == 7.0 else []
        return prepare(SCENARIO, base, world.straight, excluded=shut)

    found = judged(barred, plan, sampled(FIXED, [7.0, 8.0]), 9e9)
    assert "S1" in found.results["failed"][0]
    assert found.results["objective_mcny"][0] == 9e9
    assert found.results["stay_mcny"][0] < 9e9
    assert found.results["failed"][1] == ""


def test_who_stops_it_gets_no_half_answer() -> None:
    heard = []
    with pytest.raises(StoppedError, match="after 1 of 2"):
        judged(
            again, plan_of({}), sampled(FIXED, [1.0, 2.0]), 1.0,
            progress=lambda done, of: heard.append((done, of)), cancel=lambda: bool(heard),
        )  # fmt: skip
    assert heard == [(1, 2)]
