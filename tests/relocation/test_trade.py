"""What is traded: plans that hold their own figures, of which none is better in both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from openpyxl import load_workbook

from tests.relocation import world
from workbench.errors import DataError
from workbench.relocation import co2_kt, costs_mcny, optimise
from workbench.relocation.trade import Front, trade
from workbench.reports.trade import sentences, trade_table, write_trade
from workbench.scenarios import Scenario


def scenario(**changes) -> Scenario:
    return Scenario.baseline().with_(**world.PLAIN).with_(zone={"moves_from": "anywhere"}).with_(**changes)


@pytest.fixture(scope="module")
def front() -> Front:
    return trade(world.problem(scenario()), points=6)


def test_each_point_is_what_its_plan_counts(front) -> None:
    assert len(front.points) >= 3
    for name, counted in (
        ("cost", [costs_mcny(plan)["total"] for plan in front.plans]),
        ("co2", [co2_kt(plan)["total"] for plan in front.plans]),
    ):
        change = front.points[name] - front.points[name].iloc[0]
        assert np.array(counted) - counted[0] == pytest.approx(change.to_numpy(), abs=0.05)


def test_the_first_plan_is_the_cheapest_there_is(front) -> None:
    best = optimise(world.problem(scenario()))
    assert costs_mcny(front.plans[0])["total"] == pytest.approx(costs_mcny(best)["total"], abs=0.01)


@pytest.mark.parametrize("co2_cny_t", [50.0, 500.0, 5000.0])
def test_no_plan_found_by_a_weight_is_better_in_both(front, co2_cny_t) -> None:
    other = optimise(world.problem(scenario(objective={"co2_cny_t": co2_cny_t})))
    cost, co2 = costs_mcny(other)["total"], co2_kt(other)["total"]
    for plan in front.plans:
        assert cost > costs_mcny(plan)["total"] - 0.05 or co2 > co2_kt(plan)["total"] - 0.05


def test_the_two_ends_are_those_of_the_payoff_table(front) -> None:
    assert front.points["cost"].is_monotonic_increasing
    assert front.points["co2"].is_monotonic_decreasing
    assert front.points["cost"].iloc[0] == pytest.approx(front.payoff.at["cost", "cost"], abs=0.01)
    assert front.points["co2"].iloc[-1] == pytest.approx(front.payoff.at["co2", "co2"], abs=0.01)


def test_table_and_workbook_show_the_same_points(front, tmp_path) -> None:
    table = trade_table(front)
    book, picture = write_trade(front, tmp_path)
    assert picture.stat().st_size > 10_000
    sheet = load_workbook(book)["取舍 Trade-off"]
    rows = [row[1].value for row in sheet.iter_rows(min_row=2)]
    assert rows == pytest.approx(table.iloc[:, 1].tolist())
    zh, en = sentences(front)[0]
    assert str(len(table)) in zh
    assert str(len(table)) in en


def test_one_plan_best_in_both_is_said_so(front) -> None:
    one = replace(front, points=front.points.head(1), plans=front.plans[:1], knee=0)
    assert sentences(one)[0][1] == "The two do not clash: one plan is best in both."


def test_objectives_nobody_knows_and_too_few_points_are_refused_at_once() -> None:
    with pytest.raises(DataError) as told:
        trade(world.problem(), ("cost", "beauty", "co2"), points=1)
    assert [fault.found for fault in told.value.faults] == ["beauty", "cost, beauty, co2", "1"]
