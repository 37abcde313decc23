"""Every text a reader sees, once, in Chinese and English, by namespace.

Section ``[lines]`` of ``maps.toml`` beside this file is the namespace ``maps.lines``; its rows are
``key = [Chinese, English]``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

Language = Literal["zh", "en"]
Text = tuple[str, str]  # Chinese, English


@cache
def words(namespace: str) -> Mapping[str, Text]:
    """Return the words of a namespace, key -> (Chinese, English); raises KeyError for an unknown one."""
    room, _, section = namespace.partition(".")
    rows = _file(room)[section]
    return MappingProxyType({key: (zh, en) for key, (zh, en) in rows.items()})


def say(namespace: str, key: str, language: str, **values: object) -> str:
    """Return one text in the reader's language, with its places filled."""
    return words(namespace)[key][language == "en"].format(**values)


@cache
def _file(room: str) -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads((files("workbench.words") / f"{room}.toml").read_text(encoding="utf-8"))


__all__ = ["Language", "Text", "say", "words"]
