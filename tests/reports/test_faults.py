"""The page of a fault report: complete, escaped, without scripts or links."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import Fault
from workbench.layers.imports.report import FaultReport, Repair
from workbench.reports.faults import faults_html, write_faults

HOSTILE = "<script>alert(1)</script>"


def report() -> FaultReport:
    faults = (
        Fault("表.csv", 7, HOSTILE, "'\"><img src=x>", "数字", "改正"),
        Fault("表.csv", None, "geometry", "b", "c", "d", "warning"),
    )
    return FaultReport("表.csv", "plants", 12, faults, (Repair("convert_unit", 3, "万吨 to kt"),))


def test_every_fault_and_repair_is_on_the_page(tmp_path: Path) -> None:
    page = write_faults(report(), tmp_path / "new" / "report.html").read_text(encoding="utf-8")
    for text in ("表.csv", "数字", "改正", "convert_unit", "万吨 to kt", "不可用", "错误 Errors: 1", ">7<"):
        assert text in page


def test_text_of_the_file_cannot_act() -> None:
    page = faults_html(report())
    assert HOSTILE not in page
    assert "<img" not in page
    assert "<script" not in page
    assert "http:" not in page
    assert "https:" not in page


def test_a_usable_file_says_so() -> None:
    page = faults_html(FaultReport("a.csv", "plants", 1))
    assert "usable" in page
    assert "问题 Faults" not in page
