"""Contested readings side by side: the same plan, another verdict."""

from __future__ import annotations

from tests.policy import worlds
from tests.policy.worlds import LUZHOU, world
from workbench.policy.readings import readings


def verdicts(plan, option, clause):
    rows = readings(plan)
    rows = rows[(rows["option"] == option) & (rows["clause"] == clause)]
    return dict(zip(rows["reading"], rows["verdict"], strict=True)), set(rows.loc[rows["chosen"], "reading"])


def test_below_with_and_without_the_figure():
    layers = world({"id": "L", "industry": "steel", "process": "bf"}, units=[("P", "BF", 400)])
    rows = [("L", 90.0, "keep", None, {"industry": "steel"})]
    plan = worlds.plan(rows, layers=layers, scenario_=worlds.scenario(("steel",)))
    assert verdicts(plan, "strict_below", "P20") == ({"true": "pass", "false": "fail"}, {"false"})


def test_replaced_tonnes_count_or_not_and_five_or_eight_cities():
    layers = world({"id": "L"})
    plan = worlds.plan(
        [("L", 3000.0, "move", "S")], [("S", 3000.0, "乐山市")], [("L", "S:cement", 3000.0)], layers=layers
    )
    assert verdicts(plan, "credited_tonnes_count_as_eliminated", "P7")[0] == {"true": "pass", "false": "fail"}
    assert verdicts(plan, "zone.definition", "P24") == ({"five": "pass", "eight": "fail"}, {"eight"})


def test_a_later_rule_version_asks_for_more():
    plan = worlds.plan(
        [("L", 100.0, "move", "S")], [("S", 100.0, LUZHOU)], [("L", "S:cement", 100.0)],
        layers=world({"id": "L"}),
    )  # fmt: skip
    found, chosen = verdicts(plan, "rule_version", "P22")
    assert chosen == {"sichuan-2014"}
    assert {v for k, v in found.items() if k in ("miit-2017-337", "miit-2021")} == {"fail"}
    assert found["sichuan-2014"] == "pass"
