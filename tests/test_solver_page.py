"""The page that shows an outside analyst how to write a model: every line runs and gives what it says."""

from __future__ import annotations

import doctest
from pathlib import Path


def test_the_page_on_the_solver_says_what_the_solver_answers() -> None:
    page = Path(__file__).parents[1] / "docs" / "solver.md"
    found = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert found.attempted > 15
    assert found.failed == 0
