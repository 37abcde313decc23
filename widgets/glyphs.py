"""Chinese characters for machines without a Chinese font: each travels to the browser once."""

from __future__ import annotations

from workbench.maps.fonts import page_font


class Glyphs:
    """Remembers which characters a page has, and gives the style rule that brings the missing ones."""

    def __init__(self, known: str = "") -> None:
        self._known = set(_chinese(known))

    def missing(self, *texts: str) -> str:
        """Return a style rule with the characters that are shown for the first time, or nothing."""
        new = set().union(*map(_chinese, texts)) - self._known
        self._known |= new
        return page_font("".join(sorted(new)), only=True) if new else ""


def _chinese(text: str) -> set[str]:
    return {character for character in set(text) if character >= "\u2000"}
