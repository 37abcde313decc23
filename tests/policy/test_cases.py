"""Cases written from the text alone run through `workbench policy check`; every clause can fail there."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

import workbench as wb
from workbench import policy
from workbench.cli.policy import policy as commands
from workbench.errors import DataError
from workbench.policy import cases

FOLDER = Path(__file__).parent / "cases"
FILES = cases.case_files(FOLDER)
CASES = [case for file in FILES for case in cases.read_cases(file)]


def told():
    found = defaultdict(set)
    for case in CASES:
        for item, call in case.expect.items():
            found[item.split(".")[0]].add(call)
    return found


TOLD = told()
COVERAGE = policy.coverage()
# judged from the plan alone: whatever the plan is, the figure is known
NEVER_UNKNOWN = {
    "P1", "P2", "P3", "P6", "P9", "P12", "P15", "P21", "P22", "P23", "P24", "P29", "P30", "P42", "P43", "P46",
    "P48", "P49", "P50", "P52", "P54", "P55", "P63", "P64", "P65", "P66", "P67", "P70", "P73",
}  # fmt: skip


def test_every_case_agrees_through_the_command(monkeypatch, layers):
    monkeypatch.setattr(wb, "load", lambda: layers)
    done = CliRunner().invoke(commands, ["check", str(FOLDER)])
    assert done.exit_code == 0, done.output
    assert f"Cases: {len(CASES)}　不一致 Disagreements: 0" in done.output


@pytest.mark.parametrize("clause", COVERAGE.index)
def test_every_clause_passes_fails_and_where_it_can_is_unknown_in_some_case(clause):
    wanted = {"pass", "fail", "unknown"} - ({"unknown"} if clause in NEVER_UNKNOWN else set())
    if COVERAGE.at[clause, "cannot_fail_zh"]:
        wanted -= {"fail"}
    assert wanted <= TOLD[clause]


def test_there_are_many_cases_and_each_cites_the_text():
    assert len(CASES) >= 60
    assert all(case.text for case in CASES)
    assert len({case.title for case in CASES}) == len(CASES)


def test_a_case_that_disagrees_is_told_and_ends_with_one(tmp_path, monkeypatch, layers):
    monkeypatch.setattr(wb, "load", lambda: layers)
    text = 'title = "钢铁超限"\ntext = "一（二）"\nday = 2014-12-31\n[expect]\nP3 = "符合"\n'
    text = text.replace(
        "[expect]", '[[unit]]\nname = "厂"\nindustry = "钢铁"\ncapacity = "3601 万吨"\n[expect]'
    )
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(commands, ["check", str(tmp_path)])
    assert done.exit_code == 1
    assert "P3　应为 expected 符合 pass　结论 found 不符合 fail" in done.output


def test_a_case_that_is_none_names_every_fault(tmp_path):
    file = tmp_path / "c.toml"
    file.write_text('title = "无"\nunits = 3\nday = 2014-13-01\n', encoding="utf-8")
    with pytest.raises(DataError, match="at line 3"):
        cases.read_cases(file)
    file.write_text('title = "无"\nunits = 3\nday = 2014-12-31\n', encoding="utf-8")
    with pytest.raises(DataError) as error:
        cases.read_cases(file)
    fields = {fault.field.split(": ")[-1] for fault in error.value.faults}
    assert fields == {"text", "expect", "units"}
