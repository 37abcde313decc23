"""Location models: published optima, brute force on small worlds, and refusals that name the trouble."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.errors import DataError, InfeasibleError, LabelError, UnreachableError
from workbench.siting import facility_location, max_coverage, p_center, p_median, set_cover
from workbench.siting.covering import _odd, fewest
from workbench.siting.limits import Limits

DATA = Path(__file__).parent / "data"


def numbers(name: str) -> np.ndarray:
    return np.array((DATA / name).read_text().split(), dtype=float)


def pmed(name: str) -> tuple[pd.DataFrame, int]:
    """Read an OR-Library p-median: all-pairs shortest ways on its network."""
    flat = numbers(name)
    n, p = int(flat[0]), int(flat[2])
    way = np.full((n, n), np.inf)
    np.fill_diagonal(way, 0.0)
    for i, j, length in flat[3:].reshape(-1, 3):
        way[int(i) - 1, int(j) - 1] = way[int(j) - 1, int(i) - 1] = length
    for k in range(n):
        way = np.minimum(way, way[:, [k]] + way[[k], :])
    return pd.DataFrame(way).rename(index="d{}".format, columns="s{}".format), p


def cap() -> tuple[pd.DataFrame, pd.Series, pd.Series, float]:
    """Read OR-Library cap41 as cost per unit, opening cost, demand and capacity."""
    flat = numbers("cap41.txt")
    sites = flat[2:34].reshape(16, 2)
    rows = flat[34:].reshape(50, 17)
    cost = pd.DataFrame(rows[:, 1:] / rows[:, :1])
    return cost, pd.Series(sites[:, 1]), pd.Series(rows[:, 0]), float(sites[0, 0])


def test_or_library_pmed1_reaches_its_published_optimum():
    cost, p = pmed("pmed1.txt")
    found = p_median(cost, p)
    assert found.objective == 5819
    assert found.proven
    assert len(found.sites) == p
    served = pd.Series({d: cost.at[d, s] for d, s in found.assignment.items()})
    assert served.sum() == 5819
    assert (served == cost[found.sites].min(axis=1)).all()


def test_or_library_pmed1_as_a_centre_reaches_its_published_optimum():
    cost, p = pmed("pmed1.txt")
    found = p_center(cost, p)
    assert found.objective == found.bound == 127
    assert found.proven
    assert cost[found.sites].min(axis=1).max() == 127
    assert len(found.sites) == p


def test_or_library_cap71_without_capacities_reaches_its_published_optimum():
    cost, opening, demand, _ = cap()
    found = facility_location(cost, opening, demand)
    assert found.objective == pytest.approx(932615.750, abs=1e-3)
    assert found.proven


def test_or_library_cap41_with_capacities_reaches_its_published_optimum():
    cost, opening, demand, capacity = cap()
    found = facility_location(cost, opening, demand, capacity)
    assert found.objective == pytest.approx(1040444.375, abs=1e-3)
    assert found.proven
    load = found.flows.groupby("site")["amount"].sum()
    assert (load <= capacity + 1e-6).all()
    np.testing.assert_allclose(found.flows.groupby("demand")["amount"].sum(), demand)
    assert set(load.index) <= set(found.sites)


LINE = pd.DataFrame([[0.0, 4, 9], [4, 0, 5], [9, 5, 0]], list("abc"), list("xyz"))


def test_required_sites_open_and_forbidden_ones_stay_shut():
    assert p_median(LINE, 1).sites == ["y"]
    assert p_median(LINE, 1, required=["z"]).sites == ["z"]
    assert p_median(LINE, 1, forbidden=["y"]).objective == 13
    assert facility_location(LINE, 1.0, forbidden=["x", "z"]).sites == ["y"]
    assert p_center(LINE, 2, required=["y"]).sites == ["x", "y"] or p_center(LINE, 2).objective == 4


def test_coverage_with_capacity_splits_and_leaves_out():
    found = max_coverage(LINE, 5, 1, pd.Series([10.0, 10, 10], list("abc")), capacity=15)
    assert found.objective == 15
    assert found.flows["amount"].sum() == pytest.approx(15)


def test_a_demand_nobody_can_reach_is_named():
    walled = LINE.astype(float)
    walled.loc["c"] = np.inf
    with pytest.raises(UnreachableError, match="c"):
        p_median(walled, 2)
    with pytest.raises(UnreachableError, match="c"):
        set_cover(walled, 100)
    assert facility_location(walled, 1.0, pd.Series([1.0, 1, 0], list("abc"))).proven  # it wants nothing


def test_two_sites_can_be_too_few_when_walls_stand_between():
    islands = pd.DataFrame(np.where(np.eye(3) > 0, 1.0, np.inf), list("abc"), list("xyz"))
    with pytest.raises(InfeasibleError):
        p_median(islands, 2)
    with pytest.raises(InfeasibleError):
        p_center(islands, 2)
    assert p_median(islands, 3).objective == 3


def test_missing_capacity_is_told_with_the_amount():
    with pytest.raises(InfeasibleError, match="20 too little"):
        facility_location(LINE, 1.0, pd.Series([20.0, 20, 10], list("abc")), 10.0)


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"p": 4}, DataError, "1 to 3 sites"),
        ({"demand": pd.Series([1.0, 1], list("ab"))}, LabelError, "missing: c"),
        ({"demand": pd.Series([1.0, -1, 1], list("abc"))}, DataError, "negative"),
        ({"required": ["x"], "forbidden": ["x"]}, DataError, "required and forbidden"),
        ({"required": ["q"]}, LabelError, "q"),
        ({"cost": LINE.replace(4.0, np.nan)}, DataError, r"(?s)row 2, a / y.*row 3, b / x"),
    ],
)
def test_faulty_input_is_refused_with_its_place(change, error, text):
    with pytest.raises(error, match=text):
        p_median(**{"cost": LINE, "p": 1, **change})


def plane(n: int) -> pd.DataFrame:
    xy = np.random.default_rng(0).random((n, 2)) * 1000
    return pd.DataFrame(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)))


def test_three_hundred_by_three_hundred_is_proven():
    way = plane(300)
    found = p_median(way, 20)
    assert found.proven
    assert found.objective == pytest.approx(way[found.sites].min(axis=1).sum())


def test_cuts_on_three_demands_lift_the_bound_and_lose_no_cover():
    ring = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], dtype=bool)  # half of each site covers all: 1.5
    cuts = _odd(ring, np.full(3, 0.5), np.empty((0, 3), int), Limits(100))
    assert cuts.tolist() == [[0, 1, 2]]
    near = plane(300).to_numpy() <= 90
    found = fewest(near, np.zeros(300, bool), Limits(100))
    assert near[:, found.chosen].any(axis=1).all()
    assert found.bound == len(found.chosen) > 25  # so many that the cuts are in use


def test_a_search_tells_how_far_it_is_and_stops_when_asked():
    told: list = []
    found = p_center(plane(200), 8, progress=told.append)
    assert found.proven
    assert told[-1].objective == told[-1].bound == found.objective
    stopped = p_center(plane(200), 8, cancel=lambda: True)
    assert stopped.status == "cancelled"
    assert stopped.bound <= found.objective <= stopped.objective
    assert p_median(plane(200), 8, cancel=lambda: True).status in ("cancelled", "optimal")


def test_a_solver_that_contradicts_itself_is_asked_again_without_the_plan_it_started_from():
    """HiGHS 1.16 called the plan it was given (318.2) optimal beside an objective of nothing (295.6)."""
    ways = [[10.155602, 17.656059], [9.184338, 15.003795], [6.739388, 8.157914], [1.889878, 8.140175]]
    amount = [7.317108, 3.887642, 4.392347, 8.054733, 5.051175]
    opening, room = [14.008584, 50.371008], sum(amount) * 0.75 + 0.0015
    found = facility_location([*ways, [19.856609, 15.118729]], opening, amount, room, single_source=True)
    assert found.objective == pytest.approx(301.81683, abs=1e-4)
    assert found.proven


def test_a_site_that_costs_nothing_stays_shut_where_it_serves_nobody() -> None:
    ways = pd.DataFrame(
        [[13.0, 9.0, 7.0, 6.0], [6.0, 11.0, 0.0, 10.0], [12.0, 16.0, 17.0, 3.0]],
        index=["d0", "d1", "d2"], columns=["s0", "s1", "s2", "s3"],
    )  # fmt: skip
    fee = pd.Series([5.0, 0.0, 42.0, 13.0], index=ways.columns)
    found = facility_location(ways, fee, pd.Series([4.0, 6.0, 1.0], index=ways.index))
    assert set(found.sites) == {"s0", "s3"}
    assert found.objective == pytest.approx(5 + 13 + 24 + 36 + 3)
