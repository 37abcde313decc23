"""The benchmark itself runs: one small race, every answer checked."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.__main__ import clock, error, race, table
from tests.benchmarks.worlds import synthetic


def test_a_small_race_fills_every_cell_and_finds_no_error() -> None:
    world, oracle = synthetic(2_000, 6_000, seed=1), {}
    rows = {name: race(name, world, oracle) for name in ("scipy", "workbench")}
    assert {row["error"] for row in rows.values()} == {0.0}
    text = table(world, rows)
    assert "synthetic 2,000: 2,000 nodes, 6,000 arcs" in text
    assert " - |" not in text


def test_a_wrong_answer_is_an_error_however_small_its_cell() -> None:
    expected = np.array([0.0, 4.0, np.inf])
    assert error(expected.copy(), expected) == 0.0
    assert error(np.array([0.0, 5.0, np.inf]), expected) == 0.25
    assert error(np.array([0.0, 4.0, 7.0]), expected) != 0.0
    assert error(np.array([1.0, 4.0, np.inf]), expected) == np.inf


def test_times_are_written_in_the_unit_that_fits() -> None:
    assert [clock(2.5), clock(0.0125), clock(4.2e-5)] == ["2.5 s", "12.5 ms", "42 µs"]
