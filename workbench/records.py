"""Records that come from outside: frozen, without unknown names, without numbers that are none."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from workbench.errors import Fault
from workbench.text import controls


def _line(text: str) -> str:
    if found := controls(text, breaks=False):
        raise ValueError(f"text on one line without control characters, but it holds {', '.join(found)}")
    return text


def _paragraph(text: str) -> str:
    if found := controls(text):
        raise ValueError(f"text without control characters, but it holds {', '.join(found)}")
    return text


Line = Annotated[str, AfterValidator(_line)]
Paragraph = Annotated[str, AfterValidator(_paragraph)]
Name = Annotated[Line, StringConstraints(max_length=200, pattern=r"\S")]


class Record(BaseModel):
    """The base of every record of options or entries; `nan` and infinity are no values."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def faults_of(error: ValidationError, file: str) -> list[Fault]:
    """Return one fault per wrong field of a record: where it stands, what was found, what is expected."""
    return [_fault(dict(item), file) for item in error.errors()]


def _fault(item: dict[str, Any], file: str) -> Fault:
    place = ".".join(map(str, item["loc"]))
    if item["type"] == "missing":
        return Fault(file, None, place, "nothing", "a value", "Add it.")
    if item["type"] == "extra_forbidden":
        return Fault(file, None, place, repr(item["input"])[:80], "no such field", "Remove it.")
    expected = re.sub("^(Input should be |Value error, )", "", item["msg"])
    return Fault(file, None, place, repr(item["input"])[:80], expected, "Correct the value.")
