"""Words for what tables hold, as a reader of a map's card sees it, by column: codes, names, remarks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workbench.words import Text, named, sections, words

CODES = sections("codes")
CODES["eco_function_level"] = CODES["level"]
# Remarks of the compilers: a card tells the first of these pieces that occurs in one, the table the whole.
REMARKS = sections("remarks")
PUBLISHERS = words("sources.publishers")
_HAN = "[\u2e80-\u9fff]"
# As sources.csv writes two languages: ``Plan of zones (四川省规划), recalled``, ``我的钢铁网 Mysteel``.
_PLAIN = r"[A-Za-z0-9 ,;:.'-]"
_TWO_TITLES = re.compile(rf"([A-Z]{_PLAIN}+) \([^()<>{{}}$]*{_HAN}[^()<>{{}}$]*\)((?:[,;]{_PLAIN}+)?)")
_TWO_NAMES = re.compile(rf"((?:{_HAN})+) [A-Z][A-Za-z ]+")
NAMES = ("prefecture_zh", "county_zh", "river", "economic_zone_zh", "eco_function_zone", "cities", "owner")


def told(column: str, value: Any) -> Any:
    """Return a value of a column as (Chinese, English) where words are known for it, else as it is."""
    if not isinstance(value, str) or not value:
        return value
    if column in NAMES:
        return named(value)
    if column in REMARKS:
        return next((pair for piece, pair in REMARKS[column].items() if piece in value), value)
    return CODES.get(column, {}).get(value, value)


def cited(code: str, source: Mapping[str, Any]) -> Text:
    """Return a source as a reader knows it: publisher and date in Chinese, the title in English.

    `source`: a row of the table of sources, with title, publisher and date. Only text in the form our own
    table writes two languages in is parted; any other, such as a planner's, stands as it was written.
    """
    publisher, date, title = str(source["publisher"] or ""), source["date"], str(source["title"])
    known = next((pair[0] for piece, pair in PUBLISHERS.items() if piece in code), publisher)
    zh = publisher if re.search(_HAN, publisher) else known
    if parted := _TWO_NAMES.fullmatch(publisher):
        zh = parted[1]
    day = f"（{date}）" if isinstance(date, str) and date and "authors" not in publisher else ""
    en = _TWO_TITLES.sub(r"\1\2", title) if _TWO_TITLES.fullmatch(title) else title
    return zh + day, en or publisher
