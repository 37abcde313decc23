"""The benchmark itself runs: one small race, every answer checked."""

from __future__ import annotations

import os

import numpy as np
import pytest

from tests.benchmarks.__main__ import clock, ratio, table
from tests.benchmarks.race import apart, error, race
from tests.benchmarks.worlds import synthetic


def test_a_small_race_fills_every_cell_and_finds_no_error() -> None:
    world = synthetic(2_000, 6_000, seed=1)
    rows = {name: apart(name, world) for name in ("scipy", "workbench")}
    assert {row.error(rows["scipy"]) for row in rows.values()} == {0.0}
    text = table(world, rows)
    assert "synthetic 2,000: 2,000 nodes, 6,000 arcs" in text
    assert "≈" not in text
    assert text.count("\n| ") == 3


def test_a_slow_engine_is_asked_some_origins_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.benchmarks.race.BUDGET_S", 0.0)
    world = synthetic(2_000, 6_000, seed=1)
    row, oracle = race("scipy", world), race("workbench", world)
    assert row.step == {"tick": 50, "200 x 500": 50}
    assert list(row.answers["200 x 500"]) == [0, 50, 100, 150]
    assert oracle.step == {"tick": 1, "200 x 500": 1}
    assert row.error(oracle) == 0.0
    assert "≈" in table(world, {"scipy": row})


def test_an_engine_that_gives_up_or_dies_has_a_row_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OverflowError("weights beyond 32 bits")

    world = synthetic(2_000, 6_000, seed=1)
    monkeypatch.setattr("tests.benchmarks.race.race", refuse)
    assert apart("scipy", world).why == "OverflowError: weights beyond 32 bits"
    monkeypatch.setattr("tests.benchmarks.race.race", lambda *_: os._exit(137))
    row = apart("scipy", world)
    assert "ended with code 137" in row.why
    assert "| scipy | the process ended" in table(world, {"scipy": row})


def test_a_wrong_answer_is_an_error_however_small_its_cell() -> None:
    expected = np.array([0.0, 4.0, np.inf])
    assert error(expected.copy(), expected) == 0.0
    assert error(np.array([0.0, 5.0, np.inf]), expected) == 0.25
    assert error(np.array([0.0, 4.0, 7.0]), expected) != 0.0
    assert error(np.array([1.0, 4.0, np.inf]), expected) == np.inf


def test_times_and_ratios_are_written_as_people_read_them() -> None:
    assert [clock(2.5), clock(0.0125), clock(4.2e-5)] == ["2.5 s", "12.5 ms", "42 µs"]
    assert clock(1_640.0, step=50) == "≈ 1,640 s"
    assert [ratio(times) for times in (0.0228, 1.0, 45.6, 738.2, 1440.0)] == [
        "0.023 x", "1 x", "46 x", "738 x", "1,440 x",
    ]  # fmt: skip
