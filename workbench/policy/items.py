"""Every judged item of the policy as one table: what is asked, of whom, against which figure, read from what.

`geodata/policy/items.csv` is the table: clause, item, rule (the function that counts), industry, key, sign,
limit (a figure; ``text``: the clause's own number; ``rule``: what the rule finds, such as the year before),
unit, by (day it falls due, ``5y`` or ``standing``), words in both languages, what it reads, and the register
that cures an unknown. Verdicts, coverage and the method page are read from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache

import pandas as pd

from workbench.policy import registry
from workbench.policy.documents import read_only
from workbench.units import convert
from workbench.words import Text, pair

_WAN_T, _MT = (float(convert(1.0, "kt", to)) for to in ("万吨", "Mt"))


@dataclass(frozen=True)
class Item:
    """One judged item, as the table has it; `limit` is None where the rule finds it."""

    clause: str
    item: str
    rule: str
    industry: str
    key: str
    sign: str
    limit: float | None
    unit: str
    by: str
    zh: str
    en: str
    cure: str

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(part for part in self.key.split(";") if part)


@dataclass(frozen=True)
class Answer:
    """What a rule counted: the least and the greatest the amount can be, and what it rests on.

    `upto` is the amount with everything unknown counted in; None where nothing is unknown. `limit` is given
    where the rule finds it. `evidence`: names, figures and sources in both languages.
    """

    amount: float
    upto: float | None = None
    limit: float | None = None
    evidence: tuple[Text, ...] = field(default=())

    def with_amount(self, amount: float) -> Answer:
        return replace(self, amount=amount)


UNKNOWN = Answer(math.nan)


@dataclass(frozen=True)
class Verdict:
    """One answer on one item: what was counted, against which limit, on what it rests, what would cure it."""

    clause: str
    item: str
    verdict: str
    amount: float
    unit: str
    sign: str
    limit: float
    margin: float
    zh: str
    en: str
    evidence: tuple[str, ...] = ()
    evidence_en: tuple[str, ...] = ()
    cure: str = ""


@lru_cache(maxsize=1)
def items() -> tuple[Item, ...]:
    """Return every judged item in the order of the clauses."""
    return tuple(
        Item(
            **{
                name: row[name]
                for name in ("clause", "item", "rule", "industry", "key", "sign", "unit", "by", "zh", "en")
            },
            limit=_limit(row),
            cure=row["cure"],
        )
        for row in read_only("items").to_dict("records")
    )


def _limit(row: dict) -> float | None:  # type: ignore[type-arg]
    if row["limit"] == "rule":
        return None
    if row["limit"] != "text":
        return float(row["limit"])
    return registry.limit(row["clause"], row["key"], row["industry"])


def item_table() -> pd.DataFrame:
    """Return the table of judged items: index (clause, item); rule, sign, limit (house units; NaN where the
    rule finds it), unit, by, zh, en, reads and cure (the register that answers an unknown)."""
    frame = read_only("items")[["clause", "item", "rule", "sign", "unit", "by", "zh", "en", "reads", "cure"]]
    limits = [math.nan if item.limit is None else item.limit for item in items()]
    return frame.assign(limit=limits).set_index(["clause", "item"])


def judged(item: Item, answer: Answer) -> Verdict:
    """Compare an answer with the item's limit: unknown where what is not known decides."""
    limit = answer.limit if item.limit is None and answer.limit is not None else item.limit
    limit = math.nan if limit is None else limit
    most = answer.amount if answer.upto is None else answer.upto
    verdict = compared(answer.amount, most, item.sign, limit)
    # what nobody knows is told at its worst: at most so much, or at least
    amount = most if verdict == "unknown" and item.sign in ("<", "<=") else answer.amount
    zh, en = zip(*answer.evidence, strict=True) if answer.evidence else ((), ())
    return Verdict(
        item.clause, item.item, verdict, amount, item.unit, item.sign, limit,
        registry.margin(amount, item.sign, limit), item.zh, item.en, tuple(zh), tuple(en),
        item.cure if verdict == "unknown" else "",
    )  # fmt: skip


def compared(least: float, most: float, sign: str, limit: float) -> str:
    """Return pass, fail or unknown for an amount that lies between two figures."""
    if math.isnan(least) or math.isnan(most) or math.isnan(limit):
        return "unknown"
    ends = {registry.meets(value, sign, limit) for value in (least, most)}
    return "unknown" if len(ends) == 2 else "pass" if ends.pop() else "fail"


def says(key: str, **values: object) -> Text:
    """Return one piece of evidence in both languages."""
    return pair("policy.evidence", key, **values)


def tonnes(key: str, name: object, kt: float) -> Text:
    """Return a name with its tonnes, in the units readers use: 万吨 and Mt."""
    return says(key, name=name, kt=(f"{kt * _WAN_T:,.6g}万吨", f"{kt * _MT:,.6g} Mt"))


def listed(names: Iterable[Text], shown: int = 6) -> tuple[Text, ...]:
    """Return the first names, and how many more there are."""
    told = tuple(names)
    more = len(told) - shown
    return (*told[:shown], says("more", count=more)) if more > 0 else told


def verdict_of(
    clause: str, item: str, amount: float, unit: str, sign: str, limit: float, says: Text,
    evidence: tuple[Text, ...] = (), *, verdict: str = "",
) -> Verdict:  # fmt: skip
    """Return the verdict on a question that is no item of the table: of a site, or of a line to come."""
    zh, en = zip(*evidence, strict=True) if evidence else ((), ())
    return Verdict(
        clause, item, verdict or compared(amount, amount, sign, limit), amount, unit, sign, limit,
        registry.margin(amount, sign, limit), says[0], says[1], tuple(zh), tuple(en),
    )  # fmt: skip


def as_frame(found: Iterable[Verdict]) -> pd.DataFrame:
    """Return verdicts as the rows `check` gives."""
    columns = [each.name for each in fields(Verdict)]
    rows = [[getattr(verdict, name) for name in columns] for verdict in found]
    return pd.DataFrame(rows, columns=columns)
