"""Sobol's indices: Ishigami's published values, an additive plan by hand, refusals."""

from __future__ import annotations

import math

import pytest

import workbench as wb
from workbench.errors import DataError, StoppedError

PI = math.pi


def ishigami(x) -> float:
    return math.sin(x["x1"]) + 7 * math.sin(x["x2"]) ** 2 + 0.1 * x["x3"] ** 4 * math.sin(x["x1"])


def test_the_indices_of_ishigami_are_those_published() -> None:
    """Ishigami and Homma 1990, a = 7, b = 0.1: first 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437."""
    found = wb.robust.sobol(ishigami, dict.fromkeys(("x1", "x2", "x3"), (-PI, PI)), n=4096).sort_index()
    assert found["first"].to_numpy() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert found["total"].to_numpy() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    assert ((found["total_low"] < found["total"]) & (found["total"] < found["total_high"])).all()
    same = wb.robust.sobol(ishigami, dict.fromkeys(("x1", "x2", "x3"), (-PI, PI)), n=64, seed=4)
    twin = wb.robust.sobol(ishigami, dict.fromkeys(("x1", "x2", "x3"), (-PI, PI)), n=64, seed=4)
    assert same.equals(twin)


def test_what_only_adds_up_explains_its_own_part_alone() -> None:
    """Of 3 x + y over equal ranges the variances are 9 and 1: shares 0.9 and 0.1, alone as together."""
    found = wb.robust.sobol(lambda v: 3 * v["x"] + v["y"], {"x": (0, 2), "y": (5, 7)}, n=1024)
    for name, share in (("x", 0.9), ("y", 0.1)):
        assert found.loc[name, ["first", "total"]].to_numpy() == pytest.approx([share, share], abs=0.02)


@pytest.mark.parametrize(
    ("n", "over"), [(100, {"x": (0, 1), "y": (0, 1)}), (8, {"x": (0, 1)}), (0, {"x": (0, 1), "y": (0, 1)})]
)
def test_points_that_are_no_power_of_two_and_fewer_than_two_names_are_refused(n, over) -> None:
    with pytest.raises(DataError):
        wb.robust.sobol(lambda x: x["x"], over, n=n)


def test_it_stops_when_told_to() -> None:
    with pytest.raises(StoppedError, match="after 0 of 32"):
        wb.robust.sobol(lambda x: x["x"], {"x": (0, 1), "y": (0, 1)}, n=8, cancel=lambda: True)


def test_a_plan_is_asked_only_for_what_can_be_drawn() -> None:
    plan = wb.Study.prepare(wb.Scenario.baseline().with_(industries=("flat_glass",))).plan()
    with pytest.raises(DataError, match=r"road\.osm_factor"):
        wb.robust.sobol(plan, ["road.osm_factor", "flat_glass.fixed_cny_t"], n=2)
    names = ["flat_glass.fixed_cny_t", "flat_glass.closure_cny_t"]
    heard = []
    found = wb.robust.sobol(plan, names, n=2, progress=lambda done, of: heard.append((done, of)))
    assert set(found.index) == set(names)
    assert heard[-1] == (8, 8)
