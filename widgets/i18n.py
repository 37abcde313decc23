"""The texts of the interface in the reader's language."""

from __future__ import annotations

from workbench.words import words

TEXTS = words("page.texts")


def text(key: str, language: str, **values: object) -> str:
    """Return one text in the reader's language, with its places filled."""
    return TEXTS[key][language == "en"].format(**values)
