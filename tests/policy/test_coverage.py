"""All 78 clauses are judged by items of one table, each with a door and, where one is needed, a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import policy
from workbench.cli.policy import policy as commands
from workbench.errors import DataError
from workbench.policy import proof, registry
from workbench.policy.items import items
from workbench.policy.verdicts import RULES
from workbench.reports.items_page import items_page

COVERAGE = policy.coverage()


def test_all_78_clauses_have_items_and_a_door():
    assert COVERAGE.index.tolist() == [f"P{i}" for i in range(1, 79)]
    assert (COVERAGE["items"] > 0).all()
    assert set(COVERAGE["state"]) == {"real", "needs a file"}


def test_every_door_is_a_command_and_every_file_a_register():
    doors = {door for cell in COVERAGE["reached_from"] for door in cell.split(";")}
    known = {command.name or command.callback.__name__ for command in commands.registered_commands}
    assert {door.removeprefix("policy ") for door in doors} <= known
    files = {name for cell in COVERAGE["needs"] for name in cell.split(";") if name}
    assert files <= set(policy.registers().index)


def test_every_item_has_its_rule_and_every_rule_an_item():
    assert {item.rule for item in items()} == set(RULES)
    names = [(item.clause, item.item) for item in items()]
    assert len(names) == len(set(names))
    assert {item.cure for item in items()} - {""} <= set(policy.registers().index)


def test_an_item_takes_the_figure_and_sign_of_its_clause():
    for item in items():
        for number in registry.clause(item.clause).numbers:
            if number.key == item.key and number.industry in ("", item.industry):
                assert item.sign == number.sign
                assert item.limit in (None, number.house_value)
                assert item.unit == number.house_unit


def test_a_clause_left_out_or_unknown_is_named(monkeypatch):
    rows = registry.table("coverage").replace({"clause": {"P1": "P79"}})
    monkeypatch.setattr(proof, "read_only", lambda name: rows[rows["clause"] != "P24"])
    with pytest.raises(DataError) as error:
        policy.coverage()
    assert {fault.field for fault in error.value.faults} == {"P1", "P24", "P79"}


def test_the_page_of_items_is_that_of_the_table():
    """Write it anew with `workbench policy items --page docs/method/policy_items.md`."""
    page = Path(__file__).parents[2] / "docs" / "method" / "policy_items.md"
    assert page.read_text(encoding="utf-8") == items_page()
