"""The one table of words: both languages whole, the same places to fill, one wording for one thing."""

from __future__ import annotations

import re
from collections import defaultdict
from importlib.resources import files
from string import Formatter

import pytest

from workbench.words import say, sections, words

FILES = sorted(
    path.name.removesuffix(".toml")
    for path in files("workbench.words").iterdir()
    if path.name.endswith(".toml")
)
TEXTS = [
    (f"{name}.{section}", key, pair)
    for name in FILES
    for section, rows in sections(name).items()
    for key, pair in rows.items()
]
HAN = re.compile(r"[\u2e80-\u9fff]")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", FILES)
def test_every_text_stands_in_both_languages_with_the_same_places(name) -> None:
    for space, key, (zh, en) in (row for row in TEXTS if row[0].startswith(f"{name}.")):
        where = f"{space}.{key}"
        assert zh.strip(), where
        assert en.strip(), where
        assert not HAN.search(en), where
        assert places(zh) == places(en), where


def test_one_word_has_one_wording() -> None:
    """A key that means the same in English means the same in Chinese, wherever it stands."""
    wordings = defaultdict(set)
    for _, key, (zh, en) in TEXTS:
        wordings[key, en].add(zh)
    assert {key: found for key, found in wordings.items() if len(found) > 1} == {}


def test_places_are_filled_and_unknown_words_are_errors() -> None:
    assert say("page.download", "saved", "en", folder="/plans") == "Written to /plans"
    for namespace in ("page.none", "none.none"):
        with pytest.raises((KeyError, FileNotFoundError)):
            words(namespace)
