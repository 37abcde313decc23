"""Every text a reader sees, once, in Chinese and English, by namespace.

Section ``[lines]`` of ``maps.toml`` beside this file is the namespace ``maps.lines``; its rows are
``key = [Chinese, English]``.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["zh", "en"]
Text = tuple[str, str]  # Chinese, English


def words(namespace: str) -> dict[str, Text]:
    """Return the words of a namespace, key -> (Chinese, English); raises KeyError for an unknown one."""
    file, _, section = namespace.partition(".")
    return dict(_file(file)[section])


def sections(file: str) -> dict[str, dict[str, Text]]:
    """Return every namespace of a file by the name of its section."""
    return {section: dict(rows) for section, rows in _file(file).items()}


def say(namespace: str, key: str, language: str, **values: object) -> str:
    """Return one text in the reader's language, with its places filled."""
    return words(namespace)[key][language == "en"].format(**values)


def pair(namespace: str, key: str, **values: object) -> Text:
    """Return one text in both languages; a value that is such a pair fills each with its own."""
    file, _, section = namespace.partition(".")
    zh, en = _file(file)[section][key]
    sides = [
        {name: value[side] if isinstance(value, tuple) else value for name, value in values.items()}
        for side in (0, 1)
    ]
    return zh.format(**sides[0]), en.format(**sides[1])


def lowered(text: Text) -> Text:
    """Return a title as it stands within a sentence: the English without its capital."""
    return text[0], text[1].lower()


def named(name: str) -> Text:
    """Return a proper name as readers of each language write it, several joined by ``;`` or ``、`` too.

    ``names.csv`` holds pinyin with the usual English for what follows (县 County, 江 River), by hand where
    that misleads. A name it lacks is returned as it is.
    """
    known, parts = _names(), [part.strip() for part in re.split("[;、]", name)]
    if name in known or not any(part in known for part in parts):
        return known.get(name, (name, name))
    zh, en = zip(*(known.get(part, (part, part)) for part in parts), strict=True)
    return "、".join(zh), ", ".join(en)


@cache
def _names() -> Mapping[str, Text]:
    text = (files("workbench.words") / "names.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["name"]: (row["zh"] or row["name"], row["en"]) for row in rows}


@cache
def _file(name: str) -> Mapping[str, Mapping[str, Text]]:
    raw = tomllib.loads((files("workbench.words") / f"{name}.toml").read_text(encoding="utf-8"))
    return {section: {key: (zh, en) for key, (zh, en) in rows.items()} for section, rows in raw.items()}


__all__ = ["Language", "Text", "lowered", "named", "pair", "say", "sections", "words"]
