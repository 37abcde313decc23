"""The texts of the interface in the reader's language."""

from __future__ import annotations

from typing import Any

from workbench.words import pair, words

TEXTS = words("page.texts")


def text(key: str, language: str, **values: object) -> str:
    """Return one text in the reader's language; a value that is (Chinese, English) is told in it too."""
    return pair("page.texts", key, **values)[language == "en"]


def caption(widget: Any, words: str) -> None:
    """Write a widget's label, and the same at the pointer, where ipywidgets would show "null"."""
    widget.description = widget.tooltip = words
