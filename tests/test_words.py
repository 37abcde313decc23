"""The one table of words: both languages whole, the same places to fill, one wording for one thing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
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
LATIN, WORD = re.compile(r"[A-Za-z]"), re.compile(r"(?<![#\w])[A-Za-z]{3}")  # no colour, no unit
ROOT = Path(__file__).parents[1]
# files that may hold Chinese beside English, and why it is no text for a reader in two languages
SPELLINGS = {
    "workbench/layers/imports/mapping.py": "spellings by which a planner's table names its columns",
    "workbench/maps/style.py": "spellings by which a table names its categories",
}


def written(node: ast.AST) -> str:
    """Return the letters of a text or a formatted text; nothing for other expressions."""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(written, node.values))
    if isinstance(node, ast.BinOp | ast.IfExp):
        return "".join(written(part) for part in ast.iter_child_nodes(node))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def pairs_in(source: str) -> list[str]:
    """Return every Chinese text that an English one follows in a tuple, a list, a call or a table."""
    found = []
    for node in ast.walk(ast.parse(source)):
        parts = node.args if isinstance(node, ast.Call) else []
        parts = node.elts if isinstance(node, ast.Tuple | ast.List) else parts
        if isinstance(node, ast.Dict) and [getattr(key, "value", "") for key in node.keys] == ["zh", "en"]:
            parts = node.values
        for zh, en in pairwise(map(written, parts)):
            chinese = len(HAN.findall(zh)) > len(LATIN.findall(zh))
            if chinese and not HAN.search(en) and WORD.search(en):
                found.append(zh)
    return found


@pytest.mark.parametrize(
    "source", ["X = ('水泥', 'Cement')", "f(1, f'{a}条线', f'{b} lines')", "X = {'zh': '市', 'en': 'City'}"]
)
def test_a_text_written_beside_its_translation_is_found(source: str) -> None:
    assert len(pairs_in(source)) == 1


def test_no_text_stands_in_two_languages_outside_the_words() -> None:
    code = [*(ROOT / "workbench").rglob("*.py"), *(ROOT / "widgets").rglob("*.py")]
    found = {
        path.relative_to(ROOT).as_posix(): pairs
        for path in code
        if (pairs := pairs_in(path.read_text("utf-8")))
    }
    assert {name: pairs for name, pairs in found.items() if name not in SPELLINGS} == {}
    assert set(found) == set(SPELLINGS), "an exception nobody needs any more"


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
    for space, key, (zh, en) in TEXTS:
        if space == "units.headline":  # an amount in another unit: 100 GWh are 1 亿千瓦时
            continue
        wordings[key, en].add(zh)
    assert {key: found for key, found in wordings.items() if len(found) > 1} == {}


def test_places_are_filled_and_unknown_words_are_errors() -> None:
    assert say("page.download", "saved", "en", folder="/plans") == "Written to /plans"
    for namespace in ("page.none", "none.none"):
        with pytest.raises((KeyError, FileNotFoundError)):
            words(namespace)
