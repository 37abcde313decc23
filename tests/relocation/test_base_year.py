"""The year that existed: balanced, held to what is published, and blind to the options of a plan."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench.relocation.base_year import Inputs, calibrate
from workbench.relocation.freight import HAUL

NAN = float("nan")


def year(
    cost, capacity, demand, *, pinned=None, chain=None, inside=True, industry="cement", **rules
) -> Inputs:
    """A tiny year: freight by road (and rail or river) of n works to m markets; km = cost."""
    road = np.asarray(cost, float)
    haul = np.zeros((2, *road.shape, len(HAUL)))
    haul[0, ..., 0] = haul[0, ..., HAUL.index("km")] = road
    haul[1, ..., 0] = np.inf if chain is None else np.asarray(chain, float)
    haul[1, ..., HAUL.index("km")] = 0.0 if chain is None else np.asarray(chain, float)
    n, m = road.shape
    return Inputs(
        industry, pd.Index([f"L{i}" for i in range(n)]), pd.Index([f"M{j}" for j in range(m)]),
        np.asarray(capacity, float), np.zeros(n), np.asarray(pinned or [NAN] * n, float),
        np.asarray(demand, float), np.full(m, inside), haul,
        {"mode_spread_per_cny": 0.05, "use_most_share": 1.0, "normal_utilisation": 1.0, **rules},
    )  # fmt: skip


def use(inputs: Inputs) -> np.ndarray:
    return calibrate(inputs)[0].sum(axis=(0, 2)) / inputs.capacity_kt


COST = [[10.0, 60.0], [50.0, 20.0], [90.0, 95.0]]


def test_flows_balance_at_markets_and_obey_the_model_by_its_own_equations() -> None:
    given = year(COST, [100, 100, 100], [80, 90], flow_decay_per_cny=0.03, use_stiffness_cny_t=50)
    kt = calibrate(given)[0][0]
    assert kt.sum(axis=0) == pytest.approx([80, 90], rel=1e-5)
    u = kt.sum(axis=1) / 100
    # T_ij exp(beta c_ij) exp(beta kappa u_i) / (C_i D_j) is B_j: the same from every works
    factor = kt * np.exp(0.03 * np.asarray(COST)) * np.exp(0.03 * 50 * u)[:, None]
    assert factor == pytest.approx(np.broadcast_to(factor[0], factor.shape), rel=1e-4)


def test_a_stiff_year_is_even_and_a_loose_one_follows_distance() -> None:
    even = use(year(COST, [100, 100, 100], [80, 90], flow_decay_per_cny=0.03, use_stiffness_cny_t=1e5))
    assert even == pytest.approx(np.full(3, 170 / 300), rel=0.01)
    loose = use(year(COST, [100, 100, 100], [80, 90], flow_decay_per_cny=0.1, use_stiffness_cny_t=1.0))
    assert loose[2] < 0.2 < 0.7 < loose[0]
    assert loose.max() <= 1 + 1e-9


def test_observed_use_is_kept_to_the_tonne() -> None:
    given = year(COST, [100, 100, 100], [80, 90], pinned=[0.2, NAN, NAN], use_stiffness_cny_t=50)
    assert use(given)[0] == pytest.approx(0.2, rel=1e-4)


def test_the_mean_haul_and_the_rail_share_are_met_or_told_as_not_held() -> None:
    rail = [[40.0, 80.0], [70.0, 50.0], [80.0, 85.0]]
    rows = {"mean_haul_km": 40.0, "rail_tonnes_share": 0.2, "use_stiffness_cny_t": 50.0}
    kt, fit = calibrate(year(COST, [100, 100, 100], [80, 90], chain=rail, **rows))
    assert kt[1].sum() / kt.sum() == pytest.approx(0.2, abs=0.005)
    km = (kt[0] * np.asarray(COST) + kt[1] * np.asarray(rail)).sum() / kt.sum()
    assert km == pytest.approx(40.0, abs=0.5)
    assert fit["held"] == 1
    assert (
        calibrate(year(COST, [100, 100, 100], [80, 90], chain=rail, **{**rows, "mean_haul_km": 900.0}))[1][
            "held"
        ]
        == 0
    )


def test_too_little_capacity_serves_every_market_in_the_same_part() -> None:
    kt = calibrate(year(COST, [50, 50, 50], [200, 100]))[0].sum(axis=(0, 1))
    assert kt == pytest.approx([100, 50], rel=1e-4)


def test_a_float_line_burns_or_is_cold_and_potlines_share_alike() -> None:
    glass = use(year(COST, [100, 60, 40], [100, 0], industry="flat_glass"))
    assert glass == pytest.approx([0, 1, 1], abs=1e-4) or glass == pytest.approx([1, 0, 0], abs=1e-4)
    pots = use(year(COST, [100, 60, 40], [100, 0], industry="aluminium"))
    assert pots == pytest.approx([0.5, 0.5, 0.5], rel=1e-4)


@pytest.mark.parametrize("seed", range(20))
def test_any_year_balances_without_anybody_beyond_full_use(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n, m = draw.integers(1, 7), draw.integers(1, 6)
    capacity, demand = draw.uniform(10, 100, n), draw.uniform(0, 50, m)
    given = year(
        draw.uniform(5, 300, (n, m)), capacity, demand, chain=draw.uniform(5, 300, (n, m)),
        flow_decay_per_cny=float(draw.uniform(0.005, 0.2)), use_stiffness_cny_t=float(draw.uniform(0, 500)),
    )  # fmt: skip
    kt = calibrate(given)[0]
    part = min(1.0, capacity.sum() / demand.sum())
    assert kt.sum(axis=(0, 1)) == pytest.approx(part * demand, rel=1e-3, abs=1e-3)
    assert (kt.sum(axis=(0, 2)) <= capacity * (1 + 1e-6)).all()
    assert (kt >= 0).all()


@pytest.fixture(scope="module")
def study(layers):
    return wb.Study.prepare(wb.Scenario.baseline(), layers)


def test_the_baselines_year_holds_what_is_assumed_of_it(study, layers) -> None:
    found, values = study.base_year, layers.assumptions
    fit = found.fit.loc["cement"]
    assert fit["held"] == 1
    assert fit["mean_haul_km"] == pytest.approx(values["cement.mean_haul_km"], rel=0.01)
    assert fit["rail_share"] == pytest.approx(values["cement.rail_tonnes_share"], rel=0.01)
    assert found.use.at["CM19-1", "use_share"] == pytest.approx(0.42, rel=1e-3)
    assert found.use.at["CM19-1", "basis"] == "observed"
    assert set(found.use["basis"]) == {"observed", "assumed", "calibrated"}
    assert 0.5 < found.use.at["CM47-1", "use_share"] <= 1.05  # ran at 0 while the road had a hole
    assert found.unmet.empty
    sold = found.flows.groupby("destination")["kt"].sum()
    net = study.problem.demand.set_index("market")["net_kt"]
    assert sold.to_dict() == pytest.approx(net[net > 0].to_dict(), rel=1e-3)


CHANGES = (
    {"policy": {"replacement_ratio": 1.25}},
    {"zone": {"definition": "five"}},
    {"zone": {"asked_kt": 9000.0}},
    {"objective": {"carbon_price_cny_t": 200.0}},
    {"demand": {"scale": 0.8}},
    {"power": {"hydrology": "dry"}},
    {"pins": {"CM05-1": "close"}},
    {"solver": {"time_limit_s": 5.0}},
)


@pytest.mark.parametrize("change", CHANGES, ids=[str(c) for c in CHANGES])
def test_no_option_of_a_plan_moves_the_year_before(study, layers, change) -> None:
    one, other = study.before, wb.Study.prepare(wb.Scenario.baseline().with_(**change), layers).before
    pd.testing.assert_frame_equal(one.flows, other.flows)
    columns = ["production_kt", "use_share", "inbound_cny_t", "power_cny_t"]
    pd.testing.assert_frame_equal(one.facilities[columns], other.facilities[columns])
    assert one.unmet.equals(other.unmet)


def test_sending_better_is_told_apart_from_moving(study) -> None:
    plan = study.assess({"CM47-1": "close"})
    table = wb.indicators(plan)
    for row in table.dropna(subset=["before", "kept", "after"]).itertuples():
        assert row.sending + row.change == pytest.approx(
            row.after - row.before, abs=1e-6 + 1e-6 * abs(row.after)
        )
    assert table.at["cost_mcny", "sending"] < -100  # the optimum of dispatch is cheaper than the year was
    assert table.at["capacity_total_kt", "sending"] == 0
    nothing = wb.indicators(study.assess({}))
    assert (nothing["change"].dropna() == 0).all()
