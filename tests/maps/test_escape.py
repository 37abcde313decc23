"""Text from data must never run, whatever folium puts it into."""

from __future__ import annotations

import html

from hypothesis import given
from hypothesis import strategies as st

from workbench.maps import escape

CODE = set("<>\"'`$\\{}")


@given(st.text())
def test_escaped_text_holds_no_character_that_acts_and_reads_as_before(text: str) -> None:
    safe = escape(text)
    assert not CODE & set(safe)
    assert html.unescape(safe.replace("&#38;", "&amp;")) == html.unescape(html.escape(text))


def test_numbers_are_text_too() -> None:
    assert escape(3.5) == "3.5"
