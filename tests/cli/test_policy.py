"""The policy's commands print what the rules say and file the work plan."""

from __future__ import annotations

import pytest
from docx import Document

import workbench as wb
from workbench.cli import main


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    return int(stop.value.code or 0)


def test_duties_turn_overdue_the_day_after_they_fall_due(capsys) -> None:
    assert call("policy", "duties", "--on", "2014-06-30") == 0
    before = capsys.readouterr().out
    assert call("policy", "duties", "--on", "2014-07-01") == 0
    after = capsys.readouterr().out
    assert after.count("overdue") > before.count("overdue")
    assert "发展改革委" in after


def test_targets_are_in_the_units_of_the_text(capsys) -> None:
    assert call("policy", "targets") == 0
    shown = capsys.readouterr().out
    assert "<= 15,000 万吨" in shown
    assert "万重量箱" in shown


def test_screening_counts_every_line_once(capsys) -> None:
    assert call("policy", "screen") == 0
    last = capsys.readouterr().out.strip().splitlines()[-1]
    counts = [int(word) for word in last.replace("　", " ").split() if word.isdigit()]
    assert sum(counts) == len(wb.policy.worst(wb.policy.screen(wb.load())))
    assert counts[1] > 0  # unknown is said, not passed


def test_the_work_plan_is_filed_in_chinese(tmp_path, capsys) -> None:
    path = tmp_path / "work_plan.docx"
    assert call("policy", "plan", "--out", path) == 0
    assert str(path) in capsys.readouterr().out.replace("\n", "")
    document = Document(str(path))
    title = next(p.text for p in document.paragraphs if p.style.name == "Title")
    lines = ["四川省化解产能过剩矛盾促进", "产业结构调整2014年工作计划"]  # no word is split
    assert title.splitlines() == lines
    assert len(document.tables) >= 3


def test_the_work_plan_refuses_an_ending_it_cannot_write(tmp_path, capsys) -> None:
    assert call("policy", "plan", "--out", tmp_path / "plan.pdf") == 2
    assert ".docx" in capsys.readouterr().err
