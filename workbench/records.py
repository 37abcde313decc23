"""Records that come from outside: frozen, without unknown names, without numbers that are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

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


LARGEST = 1e12  # no figure of a planner comes near, and sums of such stay finite


class Record(BaseModel):
    """The base of every record of options or entries; `nan`, infinity and `true` are no numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _numbers(cls, value: Any, info: ValidationInfo) -> Any:
        annotation: Any = cls.model_fields[str(info.field_name)].annotation
        kinds = _kinds(annotation)
        if bool in kinds or not kinds & {int, float}:
            return value
        for each in _held(value):
            if isinstance(each, bool):
                raise ValueError("a number, not true or false")
            if isinstance(each, int | float) and LARGEST < abs(each) < float("inf"):
                raise ValueError(f"a number of at most {LARGEST:g}")
        return value


def _kinds(annotation: Any) -> frozenset[Any]:
    """Return the plain types a field is made of, those within its containers included."""
    parts = get_args(annotation)
    return frozenset().union(*map(_kinds, parts)) if parts else frozenset({annotation})


def _held(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else (value,)


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
