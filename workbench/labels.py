"""The Chinese and English names of columns, codes and modes, in one table for maps, reports and widgets."""

from __future__ import annotations

from workbench.words import Language, sections, words

# column or code -> (Chinese, English); units stand in brackets, as in the province's own tables
LABELS = {key: pair for rows in sections("labels").values() for key, pair in rows.items()}
UNITS = words("units.indicators")


def unit(name: str, language: Language = "zh") -> str:
    """Return a unit of an indicator as a reader writes it; symbols such as GWh are the same in both."""
    return UNITS.get(name, (name, name))[language == "en"]


def label(name: str, language: Language = "zh") -> str:
    """Return the name a reader sees for a column or code; an unknown one is returned as it is."""
    zh, en = LABELS.get(name, (name, name))
    return zh if language == "zh" else en


def both(name: str) -> str:
    """Return ``中文 English`` for headings read by both; an unknown name is returned once."""
    zh, en = LABELS.get(name, (name, name))
    return zh if zh == en else f"{zh} {en}"
