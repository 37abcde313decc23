"""What `import workbench` hands on is typed: a wrong argument fails a type check, the names are all there."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import workbench as wb

ROOT = Path(__file__).parents[1]
STUB = ROOT / "workbench" / "__init__.pyi"


def test_the_stub_hands_on_the_same_names_from_the_same_places() -> None:
    told = {
        alias.asname: node.module
        for node in ast.walk(ast.parse(STUB.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("workbench")
        for alias in node.names
        if alias.asname
    }
    # the room that is callable is declared as such
    rooms = dict.fromkeys(set(wb._ROOMS) - {"indicators"}, "workbench")
    assert "indicators: _Indicators" in STUB.read_text(encoding="utf-8")
    assert told == {**wb._PUBLIC, **rooms}
    assert (ROOT / "workbench" / "py.typed").is_file()


@pytest.mark.slow
def test_a_wrong_argument_fails_the_type_check_and_a_right_one_passes(tmp_path: Path) -> None:
    lines = [
        "import workbench as wb",
        "scenario = wb.Scenario.baseline()",
        "plan = wb.plan(scenario, wb.load())",
        "plan.objective_mcny + 1.0",
        'wb.plan("nonsense")',
        "wb.plan(scenario, 42)",
        "wb.backtest(until='2018')",
        "wb.nothing",
        "wb.indicators(plan).index",
        "wb.indicators(scenario)",
    ]
    page = tmp_path / "snippet.py"
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(page)],
        capture_output=True, text=True, cwd=ROOT, timeout=300, check=False,
    )  # fmt: skip
    wrong = {
        int(row.split(":")[1]) for row in done.stdout.splitlines() if "snippet.py" in row and "error" in row
    }
    assert wrong == {5, 6, 7, 8, 10}, done.stdout + done.stderr
