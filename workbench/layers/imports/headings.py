"""Finds the headings of an office table: titles above, headings in several rows, units, numbered columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.layers.imports.mapping import is_unit
from workbench.layers.imports.text import folded, unmarked

HEADER_ROWS = 12  # titles and remarks may stand above the header of an office table
Row = tuple[int, list[Any]]
Merge = tuple[int, int, int, int]  # left, top, right, bottom, counted from 1
Known = Callable[[str], object]  # the column a heading stands for (or True), nothing if it is unknown
_UNIT_AT_END = re.compile(r"^(.+)[(（]([^()（）]*)[)）]$")
_TITLE_UNIT = re.compile(r"(?:计量)?单位\s*[:：]\s*([^\s,，;；)）]+)")
_TOTAL = re.compile(
    r"^(?:合计|总计|小计|共计|累计|总和|总数|其中[:：]?.{0,12}|subtotal|grandtotal|total|sum)(?:[:：(（].*)?$"
)
_TOTAL_END = re.compile(r"(?:合计|总计|小计|共计)[:：]?$")
_NOTE = re.compile(
    r"^(?:(?:注|备注|说明|注释|附注|填表|填报|制表|审核|单位负责人|统计负责人|联系人|联系电话|资料来源|数据来源|来源)"
    r"(?:说明|人|单位|日期|时间)?(?:[:：\d.、]|$)|(?:note|source|remark)s?[:：])"
)
_DEGREES = frozenset({"°", "度", "deg", "degree", "degrees"})
_COUNTERS = dict.fromkeys("甲乙丙丁abcd")


@dataclass(frozen=True)
class Head:
    """Where the headings of a table stand: their names, the rows above, the rows of headings themselves.

    `unit` is the unit a title names for the whole table (``单位：万吨/年``), or None.
    """

    names: list[str]
    above: int
    rows: int
    unit: str | None


def find_head(filled: Sequence[Row], merges: Sequence[Merge], known: Known) -> Head:
    """Find the block of heading rows: the row with most known headings and the rows stacked with it."""
    head = [(number, _across(number, row, merges)) for number, row in filled[:HEADER_ROWS]]
    scores = [sum(bool(known(_words(value))) for value in row) for _, row in head]
    best = max(range(len(head)), key=lambda i: (scores[i], -i))
    first = last = best
    while first > 0 and _stacked([head[first - 1]], head[first], merges, known):
        first -= 1
    while last + 1 < len(head) and _stacked(head[first : last + 1], head[last + 1], merges, known):
        last += 1
    width = max(len(row) for _, row in head[first : last + 1])
    columns = [
        _joined([_words(row[at]) for _, row in head[first : last + 1] if at < len(row)], known)
        for at in range(width)
    ]
    titles = " ".join(_words(value) for _, row in filled[:first] for value in row)
    stated = _TITLE_UNIT.search(titles)
    unit = stated[1] if stated and is_unit(stated[1]) else None
    return Head(_named(columns), first, last - first + 1, unit)


def _words(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return "" if value is None else " ".join(unmarked(str(value)).split())


def _across(number: int, row: list[Any], merges: Sequence[Merge]) -> list[Any]:
    """Show the value of a block merged over several columns in each of them, as a reader sees it."""
    row = list(row)
    for left, top, right, bottom in merges:
        if top <= number <= bottom and left <= len(row) and right - left < len(row) - 1:
            row[left - 1 : right] = [row[left - 1]] * (min(right, len(row)) - left + 1)
    return row


def _stacked(block: Sequence[Row], lower: Row, merges: Sequence[Merge], known: Known) -> bool:
    """Tell whether a row goes on with the heading that stands in the rows above it."""
    above, (number, under) = block[-1][0], lower
    over = _over([row for _, row in block])
    if number != above + 1 or sum(map(bool, over)) < 2:
        return False
    if any(top <= above and number <= bottom and bottom - top < HEADER_ROWS for _, top, _, bottom in merges):
        return _is_heading(under, over, known, merged=True)
    return _is_heading(under, over, known, merged=False)


def _over(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Return the words that stand above each column, from top to bottom."""
    width = max(len(row) for row in rows)
    return [[_words(row[at]) for row in rows if at < len(row) and _words(row[at])] for at in range(width)]


def _is_heading(under: list[Any], over: list[list[str]], known: Known, *, merged: bool) -> bool:
    """Tell whether a row below headings goes on with them.

    Such a row holds no figure. Its words are known or units; or a merged block reaches into it; or it is at
    most half as full as the headings and blank where a row of the table would tell its id or its name.
    """
    words = [_words(value) for value in under]
    told = [word for word in words if word]
    if not told or any(re.fullmatch(r"[\d.,+-]+", unicodedata.normalize("NFKC", word)) for word in told):
        return False
    if all(known(word) or _is_unit(word) for word in told):
        return True
    if merged:  # a block reaches into the row: what is not the same word above is a part of a heading
        return any(word and word in above for word, above in zip(words, over, strict=False))
    named = {at for at, above in enumerate(over) if any(_names(known(word)) for word in above)}
    gaps = [at for at, word in enumerate(words) if word and (at >= len(over) or not over[at])]
    if any(words[at] for at in named if at < len(words)):
        return False
    return bool(named or gaps) and len(told) * 2 <= sum(map(bool, over)) + len(gaps)


def _names(column: object) -> bool:
    """Tell whether a column says which item a row is."""
    return isinstance(column, str) and (column == "id" or column.startswith("name"))


def _is_unit(word: str) -> bool:
    bare = word.strip("()（）[]")
    return bare.casefold() in _DEGREES or is_unit(bare)


def _filled(row: Sequence[Any]) -> int:
    return sum(bool(_words(value)) for value in row)


def _joined(parts: Sequence[str], known: Known) -> str:
    """Join the words of one column from top to bottom into a heading the layer may know."""
    words = list(dict.fromkeys(word for word in parts if word))
    unit = words.pop() if len(words) > 1 and _is_unit(words[-1]) else ""
    name = words[-1] if words else ""
    if len(words) > 1 and not known(words[-1]):
        top = next((word for word in words if known(word)), "")
        rest = "".join(word for word in words if word != top)
        if ending := _UNIT_AT_END.match(rest):  # 设计（万吨） under 产能: the unit is that of the column
            rest, unit = (ending[1], ending[2]) if not unit and is_unit(ending[2]) else (rest, unit)
        name = _with_detail(top, rest) if top else "".join(words)
    return f"{name}（{unit.strip('()（）[]')}）" if unit else name


def _with_detail(name: str, detail: str) -> str:
    """Put a detail before the unit in brackets: 产能（万吨/年） of 熟料 is 产能（熟料）（万吨/年）."""
    found = re.match(r"^(.+?)([(（][^()（）]*[)）])$", name)
    return f"{found[1]}（{detail}）{found[2]}" if found else f"{name}（{detail}）"


def _named(columns: list[str]) -> list[str]:
    names = list(columns)
    while names and not names[-1]:
        names.pop()
    return [name or f"column {position}" for position, name in enumerate(names, start=1)]


def kind_of_row(row: Sequence[Any], names: Sequence[str]) -> str:
    """Tell what a row below the headings is: ``total``, ``note``, ``numbers``, ``heading`` or ``data``."""
    words = [_words(value) for value in row]
    told = [folded(word) for word in words if word]
    texts = [word for word in told if not re.fullmatch(r"[\d.,+-]+", word)]
    if len(texts) <= 2 and any(_TOTAL.match(word) for word in texts):
        return "total"
    if texts and _TOTAL_END.search(texts[0]):  # 成都市小计 | 3家 | 水泥, and figures beside it
        return "total"
    if len(texts) == 2 and _TOTAL_END.search(texts[1]):  # the group's name, merged, stands before it
        return "total"
    if texts and len(told) <= 2 and _NOTE.match(told[0]):
        return "note"
    if _counts(told):
        return "numbers"
    if len(told) > 1 and words[: len(names)] == list(names):
        return "heading"
    return "data"


def _counts(told: Sequence[str]) -> bool:
    """Tell a row that only numbers the columns: 甲 乙 1 2 3, (1) (2) (3)."""
    bare = [word.strip("()[]<>.、") for word in told]
    numbers = [word for word in bare if word not in _COUNTERS]
    return len(bare) > 2 and len(numbers) > 1 and numbers in (
        [str(n) for n in range(1, len(numbers) + 1)],
        [str(n) for n in range(len(bare) - len(numbers) + 1, len(bare) + 1)],
    )  # fmt: skip
