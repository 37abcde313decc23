"""What comes in as text cannot act: not in records, not on a terminal; a path is what a person gave."""

from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tests.hostile import CONTROLS, TEXTS
from workbench import files
from workbench.cli import console
from workbench.errors import DataError
from workbench.records import Line, Paragraph
from workbench.text import cleaned, controls, visible

LINE, PARAGRAPH = TypeAdapter(Line), TypeAdapter(Paragraph)


@pytest.mark.parametrize("text", CONTROLS)
def test_no_record_holds_a_control_character(text: str) -> None:
    for kind in (LINE, PARAGRAPH):
        with pytest.raises(ValidationError):
            kind.validate_python(text)
    assert PARAGRAPH.validate_python(cleaned(text)) == cleaned(text)


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_is_code_elsewhere_is_text_here(text: str) -> None:
    assert LINE.validate_python(text) == text == cleaned(text)


def test_a_line_is_one_line_and_a_paragraph_may_have_several() -> None:
    assert PARAGRAPH.validate_python("a\n\tb") == "a\n\tb" == cleaned("a\r\n\tb")
    with pytest.raises(ValidationError, match=r"\\n"):
        LINE.validate_python("a\nb")


@given(st.text())
def test_what_is_cleaned_or_shown_holds_nothing_that_acts(text: str) -> None:
    for made in (cleaned(text), visible(text)):
        assert not controls(made)
        assert not {c for c in made if unicodedata.category(c) in ("Cc", "Cs")} - {"\n", "\t"}
    if text.isprintable():
        assert cleaned(text) == text


def test_nothing_that_acts_reaches_a_terminal() -> None:
    stream = io.StringIO()
    screen = console._Safe(file=stream, force_terminal=True, color_system=None, width=400, markup=False)
    for text in (*TEXTS, *CONTROLS):
        stream.seek(stream.truncate(0))
        screen.print(text, soft_wrap=True)
        screen.print(console.table([text], [[text]]))
        with screen.status(text):
            pass
        shown = stream.getvalue().replace("\x1b[?25l", "").replace("\x1b[?25h", "")  # the cursor rests
        acts = set("\x1b\x07\x00\x9b\u202e\u2066") & set(shown.replace("\x1b[2K", "").replace("\x1b[1A", ""))
        assert not acts
        assert visible(text) in shown
    assert visible("\x1b[2J\u202e") == r"\x1b[2J\u202e"


def test_signs_of_the_console_in_a_name_are_its_letters() -> None:
    stream = io.StringIO()
    screen = console._console()
    screen.file = stream
    screen.print("root:x:0 [bold]厂[/]", console.table(["a"], [["甲:x:乙 [/]"]]))
    for text in ("root:x:0 [bold]厂[/]", "甲:x:乙 [/]"):
        assert text in stream.getvalue()


def test_a_path_is_what_a_person_means(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert files.given("~/x") == tmp_path / "x"
    assert str(files.given("a~b/~c")) in ("a~b/~c", r"a~b\~c")
    for name in ("a\0b", "x" * 256, "水" * 100):
        with pytest.raises(DataError, match="another name"):
            files.given(name)
