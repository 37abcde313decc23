"""All 78 clauses are covered: each names a function that exists and a test that exists and calls it."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

from workbench import policy
from workbench.errors import DataError
from workbench.policy import registry

ROOT = Path(__file__).parents[2]
COVERAGE = policy.coverage()


def test_all_78_clauses_are_covered():
    assert COVERAGE.index.tolist() == [f"P{i}" for i in range(1, 79)]
    assert (COVERAGE != "").all(axis=None)
    assert set(COVERAGE["kind"]) <= {
        "rule",
        "constraint",
        "indicator",
        "register",
        "report",
        "workflow",
        "scenario",
    }


@pytest.mark.parametrize("clause", COVERAGE.index)
def test_what_implements_a_clause_exists(clause):
    module, name = COVERAGE.at[clause, "implements"].rsplit(".", 1)
    assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize("clause", COVERAGE.index)
def test_the_test_of_a_clause_exists(clause):
    file, name = COVERAGE.at[clause, "test"].split("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    assert len(found) == 1
    assert any(isinstance(node, ast.Assert | ast.With) for node in ast.walk(found[0]))


def test_a_clause_left_out_or_unknown_is_named(monkeypatch):
    rows = registry.table("coverage")
    short = rows[rows["clause"] != "P24"]
    monkeypatch.setattr(registry, "table", lambda name: short.replace({"clause": {"P1": "P79"}}))
    with pytest.raises(DataError) as error:
        policy.coverage()
    assert {fault.field for fault in error.value.faults} == {"P1", "P24", "P79"}
