"""The 78 clauses as data: one frozen record each, with numbers, dates, agencies and switches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import pandas as pd

from workbench import units
from workbench.errors import LabelError
from workbench.policy.documents import document, read_only, table
from workbench.policy.options import PolicyOptions

# What a number is measured in inside the workbench, by the unit the text uses.
HOUSE_UNIT = {"万吨": "kt", "万重量箱": "kt", "万安培": "kA"}
SIGNS = ("<", "<=", "=", ">=", ">")
TOLERANCE = 1e-9  # relative; rounding of sums must not turn an exact limit into a breach


@dataclass(frozen=True)
class Number:
    """One figure of a clause: `value` in the text's unit, `house_value` in the workbench's."""

    clause: str
    key: str
    industry: str
    value: float
    unit: str
    sign: str
    by: str

    @property
    def house_unit(self) -> str:
        return HOUSE_UNIT.get(self.unit, self.unit)

    @property
    def house_value(self) -> float:
        if self.unit not in HOUSE_UNIT:
            return self.value
        return round(float(units.convert(self.value, self.unit, self.house_unit)), 9)


@dataclass(frozen=True)
class Clause:
    """One clause: code in the text, our summary, type letters, deadline, agencies, switches and numbers.

    `by` is ``5y``, ``standing`` or an ISO date; `version` names the document and `valid_from`, `valid_to`
    the days it is in force.
    """

    id: str
    code: str
    type: tuple[str, ...]
    zh: str
    en: str
    by: str
    lead: tuple[str, ...]
    support: tuple[str, ...]
    switches: tuple[str, ...]
    numbers: tuple[Number, ...]
    version: str
    valid_from: date
    valid_to: date

    def number(self, key: str, industry: str = "") -> Number:
        """Return the figure called `key` (of `industry` where the clause has several)."""
        for number in self.numbers:
            if number.key == key and (not industry or number.industry in ("", industry)):
                return number
        raise LabelError(f"clause {self.id} has no number {key!r} {industry}".rstrip())

    def deadline(self, options: PolicyOptions | None = None) -> date | None:
        """Return the day the clause falls due, or None for a standing duty."""
        return due_date(self.by, options or PolicyOptions())


def due_date(by: str, options: PolicyOptions) -> date | None:
    """Turn ``5y``, ``standing`` or an ISO date into a day; the end of the five years is an option."""
    if by == "standing":
        return None
    return date.fromisoformat(options.term_ends if by == "5y" else by)


def plan_day(options: PolicyOptions) -> date:
    """Return the day a plan describes: the end of its year, in the last year the end of the five years."""
    last = date.fromisoformat(options.term_ends)
    return last if options.last_year >= 2018 else date(options.last_year, 12, 31)


def meets(amount: float, sign: str, limit: float) -> bool:
    """Compare as the text does: 超 is >, 以上 >=, 以内 and 以下 <=; equality up to rounding of sums."""
    near = abs(amount - limit) <= TOLERANCE * max(1.0, abs(limit))
    if sign in ("<=", ">=", "="):
        return near or (sign == "<=" and amount < limit) or (sign == ">=" and amount > limit)
    return not near and (amount < limit if sign == "<" else amount > limit)


def margin(amount: float, sign: str, limit: float) -> float:
    """Return how far the amount lies on the lawful side of the limit; negative is the shortfall."""
    return limit - amount if sign in ("<", "<=") else amount - limit


@lru_cache(maxsize=1)
def _clauses() -> dict[str, Clause]:
    text = document("clauses")
    about = text["document"]
    found = {}
    for row in text["clause"]:
        numbers = tuple(
            Number(
                row["id"], n["key"], n.get("industry", ""), float(n["value"]), n["unit"], n["sign"],
                n.get("by", row["by"]),
            )
            for n in row.get("numbers", ())
        )  # fmt: skip
        found[row["id"]] = Clause(
            id=row["id"], code=row["code"], type=tuple(row["type"]), zh=row["zh"], en=row["en"], by=row["by"],
            lead=tuple(row.get("lead", ())), support=tuple(row.get("support", ())),
            switches=tuple(row.get("switches", ())), numbers=numbers, version=about["id"],
            valid_from=date.fromisoformat(about["valid_from"]),
            valid_to=date.fromisoformat(about["valid_to"]),
        )  # fmt: skip
    return found


def clause(id: str) -> Clause:
    """Return one clause by its row id, such as ``P24``; raises LabelError for an id that does not exist."""
    try:
        return _clauses()[id]
    except KeyError:
        raise LabelError("no such clause; ids run from P1 to P78", unexpected=[id]) from None


_NUMERALS = "〇一二三四五六七八九十"


def place_zh(id: str) -> str:
    """Return where the text says a clause: ``P24`` 二（二）, ``P71`` 附件二（一）, derived ones 推算."""
    code = clause(id).code
    if code == "GX":
        return "文末"
    if code[:1] not in "GA":
        return "推算"
    part, _, section = code[1:].partition(".")
    numbered = _NUMERALS[int(part)] + (f"（{_NUMERALS[int(section)]}）" if section else "")
    return ("附件" if code.startswith("A") else "") + numbered


def clauses() -> pd.DataFrame:
    """Return every clause as a row, indexed by id (P1 to P78); list fields are joined by ``;``."""
    rows = []
    for item in _clauses().values():
        row = {key: getattr(item, key) for key in ("id", "code", "zh", "en", "by")}
        row |= {key: ";".join(getattr(item, key)) for key in ("type", "lead", "support", "switches")}
        row |= {"version": item.version, "valid_from": item.valid_from, "valid_to": item.valid_to}
        row["numbers"] = len(item.numbers)
        rows.append(row)
    return pd.DataFrame(rows).set_index("id")


def all_numbers() -> tuple[Number, ...]:
    """Return every figure of the text as records, in the order of the clauses."""
    return tuple(n for item in _clauses().values() for n in item.numbers)


def numbers() -> pd.DataFrame:
    """Return every figure of the text: clause, key, industry, value as written and in house units."""
    rows = [
        {
            "clause": n.clause, "key": n.key, "industry": n.industry, "sign": n.sign, "value": n.value,
            "unit": n.unit, "house_value": n.house_value, "house_unit": n.house_unit, "by": n.by,
        }
        for n in all_numbers()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def limit(id: str, key: str, industry: str = "") -> float:
    """Return one figure in house units: ``limit("P6", "cap")`` is 150000.0 kt."""
    return clause(id).number(key, industry).house_value


def term(options: PolicyOptions | None = None) -> tuple[date, date]:
    """Return the first and the last day the opinion binds; the last is a switch."""
    first = document("clauses")["document"]["valid_from"]
    return date.fromisoformat(first), date.fromisoformat((options or PolicyOptions()).term_ends)


def in_force(on: date, options: PolicyOptions | None = None) -> bool:
    """Say whether the opinion binds on a day (2014-02-22 to the end of the five years, both included)."""
    first, last = term(options)
    return first <= on <= last


def agencies() -> pd.DataFrame:
    """Return the agencies the text names: index short code, columns name_zh, name_en."""
    return table("agencies").set_index("code")


def agency_names(codes: tuple[str, ...], language: str = "zh") -> tuple[str, ...]:
    """Return full names for short agency codes; raises LabelError for an unknown code."""
    names = read_only("agencies").set_index("code")[f"name_{language}"]
    unknown = set(codes) - set(names.index)
    if unknown:
        raise LabelError("agencies not in the register", unexpected=unknown)
    return tuple(names[list(codes)])


def switches(options: PolicyOptions | None = None, zone: str = "eight") -> pd.DataFrame:
    """Return each ambiguity of the text with its readings, our default and the reading chosen.

    Index: option name. `zone` is the reading of the Chengdu zone, which belongs to the zone options.
    """
    chosen = {**(options or PolicyOptions()).model_dump(), "zone.definition": zone, "tables": "empty"}
    default = {**PolicyOptions().model_dump(), "zone.definition": "eight", "tables": "empty"}
    frame = table("switches").set_index("option")
    frame["default"] = [str(default[name]).lower() for name in frame.index]
    frame["chosen"] = [str(chosen[name]).lower() for name in frame.index]
    return frame
