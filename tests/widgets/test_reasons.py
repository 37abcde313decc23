"""Each failure is told in the reader's language: by its kind and by what it names, never by English alone."""

from __future__ import annotations

import re

import pytest

from widgets.panels import message_html
from widgets.reasons import reason
from workbench.errors import (
    CrsError,
    DataError,
    Fault,
    InfeasibleError,
    LabelError,
    StoppedError,
    UnreachableError,
    WorkbenchError,
)

FAULT = Fault("情景", None, "capacity_kt", "-1", "one figure", "Some mend nobody translated.")
FAILURES = [
    (WorkbenchError("a text the table lacks"), "这一步不能完成"),
    (DataError([FAULT]), "产能（千吨/年） 所见 -1；应为 一个数字"),
    (LabelError("moves name lines that are not in this problem", unexpected=["九"]), "没有的生产线：九"),
    (LabelError("a new text", missing=["七"]), "对不上：七"),
    (CrsError("no system"), "参考系"),
    (UnreachableError("no way to bring raw material to 甲厂; check the network"), "原料运不到 甲厂"),
    (StoppedError("time limit before a first plan was found", 0.0), "请放宽求解时限"),
    (InfeasibleError("no plan", [("P24 share (zone[x])", 3.0), ("P46 room (b[y])", 1.0)]), "P24、P46"),
    (InfeasibleError("no plan"), "未能指明"),
]


@pytest.mark.parametrize(("error", "told"), FAILURES, ids=lambda value: type(value).__name__)
def test_a_failure_is_told_in_chinese_without_a_word_of_english(error, told) -> None:
    zh, en = reason(error)
    assert told in zh
    assert re.search("[A-Za-z]{2,}", zh) is None
    assert en == str(error)


def test_the_message_line_turns_a_reason_with_the_language() -> None:
    said = {"reason": reason(UnreachableError("an island"))}
    assert "没有通路" in message_html("failed", said, "zh")
    assert "an island" in message_html("failed", said, "en")
    assert "island" not in message_html("failed", said, "zh")
