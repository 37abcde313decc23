"""What text may hold: no control characters, so that it stands in every output as it was written."""

from __future__ import annotations

import re

# Controls, halves of characters and two non-characters: what XML and Word cannot hold and a terminal obeys.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("[\t\n]")
# What turns the direction of reading for all that follows on a line.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def controls(text: str, *, breaks: bool = True) -> list[str]:
    """Return the control characters of a text as code writes them; `breaks` allows tab and newline."""
    found = set(_CONTROL.findall(text)) | (set() if breaks else set(_BREAKS.findall(text)))
    return [_written(char) for char in sorted(found)]


def cleaned(text: str) -> str:
    """Return a text without its control characters; carriage returns of Windows become newlines."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def visible(text: str) -> str:
    """Return a text for a terminal: what would act there stands as it is written in code."""
    return _TURNS.sub(lambda m: _written(m[0]), _CONTROL.sub(lambda m: _written(m[0]), text))


def _written(char: str) -> str:
    return ascii(char)[1:-1]
