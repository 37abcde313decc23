"""The entries a ledger may hold: one strict record per event, the same on writing and on reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from workbench.errors import DataError, Fault
from workbench.records import Name, Record, faults_of

Industry = Literal["steel", "cement", "flat_glass", "aluminium", "coal"]


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


# Days of the planned economy to the end of the century, written one way only, so that they compare as text.
Day = Annotated[str, StringConstraints(pattern=r"^(19[5-9]|20\d)\d-\d\d-\d\d$"), AfterValidator(_day)]
Year = Annotated[int, Field(ge=1950, le=2099)]
# A thousand million tonnes a year is more than any line, prefecture or province makes.
Tonnes = Annotated[int, Field(gt=0, le=1_000_000_000)]
Price = Annotated[int | float, Field(gt=0, le=1_000_000)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Entry(Record):
    model_config = ConfigDict(strict=True)


class Register(_Entry):
    """A closed line and the tonnes it gives."""

    line_id: Name
    industry: Industry
    prefecture_zh: Name
    t: Tonnes
    listed_year: Year
    overdue: bool


class Draft(_Entry):
    """A replacement plan: new tonnes at a site, paid by closed tonnes of lines."""

    plan_id: Name
    prefecture_zh: Name
    industry: Industry
    site_id: Name
    new_t: Tonnes
    credits: Annotated[dict[Name, Tonnes], Field(min_length=1, max_length=1000)]


class Trade(_Entry):
    """Free tonnes of a line that change their owner for a price."""

    line_id: Name
    seller: Name
    buyer: Name
    t: Tonnes
    price_cny_t: Price

    @model_validator(mode="after")
    def _between_two(self) -> Self:
        if self.seller == self.buyer:
            raise ValueError("a buyer other than the seller")
        return self


class Agree(_Entry):
    """Two prefectures agree that tonnes of the one pay for projects in the other, and share the benefits."""

    from_zh: Name
    to_zh: Name
    alpha_pct: Annotated[int | float, Field(ge=0, le=100)]
    signed_from: Name
    signed_to: Name

    @model_validator(mode="after")
    def _two_hands(self) -> Self:
        if self.from_zh == self.to_zh or self.signed_from == self.signed_to:
            raise ValueError("two prefectures, each by its own hand")
        return self


class Step(_Entry):
    """A step of a plan from one state to the next."""

    plan_id: Name


class Close(Step):
    """The step that closes a plan, with the days the old lines stopped and the new one starts."""

    closed_on: Day
    start_up: Day


class Dismantle(Step):
    """The old lines are dismantled and the dismantling accepted (拆除验收)."""

    accepted_on: Day
    accepted_by: Name


class Start(Step):
    """The new line starts."""

    started_on: Day


FORMS: Mapping[str, type[_Entry]] = {
    "register": Register,
    "draft": Draft,
    "trade": Trade,
    "agree": Agree,
    "confirm": Step,
    "announce": Step,
    "close": Close,
    "dismantle": Dismantle,
    "start": Start,
    "withdraw": Step,
    "reject": Step,
}


class Head(_Entry):
    """What every entry says: what was done, when, by whom, in which role."""

    action: Literal[
        "register", "agree", "trade", "draft", "confirm", "announce", "close", "dismantle", "start",
        "withdraw", "reject",
    ]  # fmt: skip
    when: Day
    who: Name
    role: Literal["市州", "经信"]


class Stored(Head):
    """One line of a journal's file: an entry with its data and the hashes that chain it."""

    data: dict[str, Any]
    previous: Hash
    hash: Hash


def form_faults(action: Any, when: Any, who: Any, role: Any, data: Mapping[str, Any]) -> list[Fault]:
    """Return what is wrong with the form of an entry: a field missing, unknown, of a wrong kind or range."""
    try:
        # a datetime is a date to Python, but not to the reader of a journal
        Head(action=action, when=when.isoformat() if type(when) is date else None, who=who, role=role)  # type: ignore[arg-type]
    except ValidationError as error:
        return faults_of(error, "ledger")
    try:
        FORMS[action].model_validate(dict(data))
    except ValidationError as error:
        return faults_of(error, "ledger")
    return []


def read_fields(action: str, written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an entry from their texts, each by its own kind: ``plan_id=1`` stays a text.

    Raises DataError with every fault: an action or a field there is none of, a text its kind does not allow.
    """
    if action not in FORMS:
        expected = f"one of {', '.join(FORMS)}"
        raise DataError([Fault("ledger", None, "action", action, expected, "Correct the value.")])
    try:
        read = FORMS[action].model_validate_strings(dict(written), strict=False)
    except ValidationError as error:
        raise DataError(faults_of(error, "ledger"), f"the ledger refuses {action!r}") from None
    return read.model_dump()
