"""Verdicts on firms: groups, concentration, papers, surcharges, and how many must leave."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.policy import worlds
from tests.policy.worlds import LUZHOU, residual, verdict, world
from workbench import policy

TARIFF = {
    "tariff.catalogue_110kv_cny_kwh": 0.5, "tariff.peak_share": 0.0, "tariff.valley_share": 0.0,
    "tariff.peak_float": 0.0, "tariff.valley_float": 0.0,
}  # fmt: skip


def plants(*owners):
    return worlds.frame([{"id": f"P{i}", "owner": owner} for i, owner in enumerate(owners)])


@pytest.mark.parametrize(("nested", "expected"), [(False, 5), (True, 8)])
def test_cement_groups_are_counted_in_both_readings(nested, expected):
    sizes = [10_000.0] * 3 + [5_001.0] * 5 + [5_000.0, 9.0]
    rows = [(f"L{i}", kt, "keep", None, {"plant_id": f"P{i}"}) for i, kt in enumerate(sizes)]
    layers = world({"id": "L0"}, plants=plants(*(f"集团{i}" for i in range(10))))
    plan = worlds.plan(rows, layers=layers, scenario_=worlds.scenario(nested_cement_groups=nested))
    assert verdict(plan, "P21", "cement.huge_groups_min") == ("pass", 3)
    assert verdict(plan, "P21", "cement.large_groups_min") == ("pass", expected)
    assert verdict(plan, "P21", "cement.large_groups_max")[0] == ("fail" if nested else "pass")


def test_steel_concentration_may_not_fall_and_leaving_firms_are_counted():
    layers = world({"id": "L0", "industry": "steel"}, plants=plants("甲", "乙", "丙", "丁", "戊"))
    steel = worlds.scenario(("steel",))

    def plan(*decisions):
        rows = [
            (f"L{i}", 100.0, d, None, {"industry": "steel", "plant_id": f"P{i}"})
            for i, d in enumerate(decisions)
        ]
        return worlds.plan(rows, layers=layers, scenario_=steel)

    assert verdict(plan(*["keep"] * 5), "P15", "steel.cr4") == ("pass", 80)
    assert verdict(plan("keep", "keep", "keep", "keep", "close"), "P15", "steel.cr4") == ("pass", 100)
    assert verdict(plan("keep", "keep", "keep", "keep", "close"), "P19", "steel.firms_leaving") == ("fail", 1)


def test_what_crosses_prefectures_is_told_beside_where_it_leads():
    layers = world({"id": "L0"}, plants=plants("甲", "乙"))
    rows = [("L0", 1000.0, "move", "S", {"plant_id": "P0"}), ("L1", 500.0, "keep", None, {"plant_id": "P1"})]
    plan = worlds.plan(rows, [("S", 900.0, LUZHOU)], [("L0", "S:cement", 1000.0)], layers=layers)
    row = policy.check(plan).query("clause == 'P50' and item == 'cement.cr4'").iloc[0]
    assert row["verdict"] == "pass"
    assert row["evidence"][0] == "跨市州置换 100万吨"


@pytest.mark.parametrize(("flag", "expected"), [(1, "fail"), (0, "pass"), (None, "unknown")])
def test_credits_of_lines_without_papers_are_found(flag, expected):
    layers = world({"id": "L", "no_formalities": flag})
    plan = worlds.plan(
        [("L", 9.0, "move", "S")], [("S", 9.0, LUZHOU)], [("L", "S:cement", 9.0)], layers=layers
    )
    assert verdict(plan, "P59", "builds_without_papers")[0] == expected


@pytest.mark.parametrize(
    ("kwh", "over", "expected"),
    [
        (13_701, None, "unknown"), (13_701, 0.0, "fail"), (13_701, 0.1, "pass"),
        (13_701, "silent", "unknown"),
        (13_700, None, "pass"), (13_700, 0.0, "pass"), (None, None, "unknown"),
    ],
)  # fmt: skip
def test_smelters_that_owe_the_surcharge_and_do_not_pay_it_are_found(kwh, over, expected):
    """`over`: what the price lies above the catalogue's, as a share; a lawful payer is no breach."""
    line = {"id": "L", "industry": "aluminium", "process": "prebake", "ac_kwh_t": kwh}
    layers = worlds.layers(TARIFF, lines=worlds.lines(line), prefectures=worlds.prefectures())
    if over is not None:
        price = None if over == "silent" else 0.5 * (1 + over)
        paid = {"line": "L", "month": 5, "voltage_kv": 110, "price_cny_kwh": price, "kwh_t": kwh,
                "below_norm": False, "catalogue_class": ""}  # fmt: skip
        layers = layers.with_(power_prices=pd.DataFrame([paid]))
    rows = [("L", 10.0, "keep", None, {"industry": "aluminium"})]
    plan = worlds.plan(rows, layers=layers, scenario_=worlds.scenario(("aluminium",)))
    assert verdict(plan, "P35", "aluminium.surcharge_missed")[0] == expected


@pytest.mark.parametrize(("firms", "expected"), [(100, "pass"), (99, "fail")])
def test_a_hundred_steel_firms_leave(firms, expected):
    layers = world({"id": "L0", "industry": "steel"}, plants=plants(*(f"厂{i}" for i in range(firms))))
    rows = [(f"L{i}", 1.0, "close", None, {"industry": "steel", "plant_id": f"P{i}"}) for i in range(firms)]
    plan = worlds.plan(rows, layers=layers, scenario_=worlds.scenario(("steel",)))
    assert verdict(plan, "P19", "steel.firms_leaving") == (expected, firms)
    plan.layers = layers.with_(residual=residual(steel=10.0))
    assert verdict(plan, "P19", "steel.firms_leaving")[0] == ("pass" if expected == "pass" else "unknown")


@pytest.mark.parametrize(
    ("count", "lowest", "most"), [(2, "fail", "pass"), (5, "pass", "pass"), (6, "pass", "fail")]
)
def test_three_to_five_huge_groups(count, lowest, most):
    rows = [(f"L{i}", 10_000.0, "keep", None, {"plant_id": f"P{i}"}) for i in range(count)]
    plan = worlds.plan(rows, layers=world({"id": "L0"}, plants=plants(*(f"集团{i}" for i in range(count)))))
    assert verdict(plan, "P21", "cement.huge_groups_min")[0] == lowest
    assert verdict(plan, "P21", "cement.huge_groups_max")[0] == most
