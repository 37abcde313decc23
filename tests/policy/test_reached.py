"""Nothing stands in the policy room that no command, page, report or notebook reaches."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import workbench as wb
from workbench import policy
from workbench.cli.policy import policy as commands

ROOT = Path(__file__).parents[2]
ROOM = ROOT / "workbench" / "policy"
USERS = [
    path
    for folder, ending in (("workbench", "py"), ("widgets", "py"), ("notebooks", "ipynb"))
    for path in (ROOT / folder).rglob(f"*.{ending}")
    if path != ROOM / "__init__.py"
]
TEXTS = {path: path.read_text(encoding="utf-8") for path in USERS}
PUBLIC = [
    (path, node.name)
    for path in sorted(ROOM.glob("*.py"))
    if path.name != "__init__.py"
    for node in ast.parse(path.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
]


@pytest.mark.parametrize(("home", "name"), PUBLIC, ids=lambda part: getattr(part, "stem", part))
def test_a_public_name_is_used_outside_its_definition_and_the_tests(home, name):
    word = re.compile(rf"\b{name}\b")
    uses = sum(len(word.findall(text)) - (path == home) for path, text in TEXTS.items())
    assert uses > 0


DOORS = sorted({door for cell in policy.coverage()["reached_from"] for door in cell.split(";")})


@pytest.mark.parametrize("door", DOORS)
def test_a_door_a_clause_names_opens(door, tmp_path, monkeypatch, layers):
    monkeypatch.setattr(wb, "load", lambda: layers)
    command = door.removeprefix("policy ")
    plain = tmp_path / "c.toml"
    plain.write_text(
        'title = "t"\ntext = "GX"\nday = 2014-12-31\nexpect = { P63 = "符合" }\n', encoding="utf-8"
    )
    extra = {"check": [str(plain)], "plan": ["--out", str(tmp_path / "plan.docx")],
             "template": [str(tmp_path / "t.xlsx")], "ledger": [str(tmp_path / "l.jsonl")],
             "paper": ["irregular", "--out", str(tmp_path / "p.docx")]}  # fmt: skip
    done = CliRunner().invoke(commands, [command, *extra.get(command, [])])
    assert done.exit_code == 0, done.output
    assert done.output.strip()
