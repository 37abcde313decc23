"""What every row of the baseline promises: a name is a name, and what is recalled is not called sure."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from geodata.build.write import GEODATA

TABLES = sorted(GEODATA.glob("*/*.csv"), key=lambda path: path.name)
COMPILERS = re.compile(
    r"GEM|SFI|点位|误标|音译|待核|疑为|可能是|\b[A-Z]{2}\d\d\b|to be checked|unverified|possibly|\?"
)


def from_memory(codes: str) -> bool:
    return "general-knowledge" in codes and set(codes.split(";")) <= {"general-knowledge", "derived"}


def read(path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_what_is_recalled_is_never_of_high_confidence(path) -> None:
    table = read(path)
    for column in (name for name in table if name.endswith("confidence")):
        own = column.replace("confidence", "source")
        sources = table[own if own in table else "source"]
        recalled = [name for name, codes in zip(table.index, sources, strict=True) if from_memory(codes)]
        assert "high" not in set(table.loc[recalled, column])


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_names_carry_no_notes_of_their_compilers(path) -> None:
    table = read(path)
    for column in {"name_zh", "name_en"} & set(table):
        assert table.loc[table[column].str.contains(COMPILERS), column].empty


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_english_names_are_written_in_latin_letters(path) -> None:
    table = read(path)
    if "name_en" in table:
        assert table.loc[table["name_en"].str.contains(r"[\u2e80-\uffef]"), "name_en"].empty
