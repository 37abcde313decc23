"""Evidence is told in the units its readers use."""

from __future__ import annotations

from workbench.policy.items import tonnes


def test_tonnes_are_told_in_ten_thousands_in_chinese_and_in_millions_in_english() -> None:
    assert tonnes("kt", ("保留", "kept"), 27_780.0) == ("保留2,778万吨", "kept 27.78 Mt")
