"""The texts of the interface in the reader's language."""

from __future__ import annotations

from workbench.words import pair, words

TEXTS = words("page.texts")


def text(key: str, language: str, **values: object) -> str:
    """Return one text in the reader's language; a value that is (Chinese, English) is told in it too."""
    return pair("page.texts", key, **values)[language == "en"]
