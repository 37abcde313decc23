"""Reads days and years as planners write them, and the numbers a spreadsheet keeps behind dates and times."""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from typing import Any

from workbench.units import HEDGES_BEFORE, HEDGES_BEHIND, S_PER_DAY, S_PER_H, S_PER_MIN

_EPOCH = datetime.datetime(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 10959, 54789  # 1930 to 2049: no figure of a year has five digits
_FIRST_YEAR, _LAST_YEAR = 1950, 2099  # days of the planned economy to the end of the century
_YEARS = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
_YEAR = re.compile(
    rf"^(?P<before>{HEDGES_BEFORE}|c\.?)?\s*(?P<year>(?:1[89]|20)\d\d)(?P<rest>.*)$", re.IGNORECASE
)
_DATE = re.compile(r"(?:\.0+)?|\d{2}(?:\d{2})?|\s*年.*|\s*[-/.]\s*\d{1,2}(?:\s*[-/.]\s*\d{1,2})?(?:\s.*)?")
_DAY = re.compile(
    r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?(?:[T\s]\s*\d{1,2}:\d{2}.*)?|(\d{4})(\d\d)(\d\d)"
)
_ABOUT = re.compile(rf"{HEDGES_BEHIND}|年代|[年之以]前|年?以[前后]|^s$|^\s*\(.*\)$", re.IGNORECASE)


def serial(value: Any) -> Any:
    """Return the number a spreadsheet holds behind a date or a time; any other value as it is."""
    if isinstance(value, datetime.timedelta):
        return value.total_seconds() / S_PER_DAY
    if isinstance(value, datetime.time):
        return (value.hour * S_PER_H + value.minute * S_PER_MIN + value.second) / S_PER_DAY
    if isinstance(value, datetime.date):
        moment = value if isinstance(value, datetime.datetime) else datetime.datetime(*value.timetuple()[:3])
        days = (moment.replace(tzinfo=None) - _EPOCH).total_seconds() / S_PER_DAY
        return days if days >= 61 else days - 1  # spreadsheets count a 29 February 1900 that never was
    return value


def day_of(text: str) -> datetime.date | None:
    """Read a whole day of 1950 to 2099, year first, or the number a spreadsheet keeps behind one.

    None for anything else: a month names no day, ``05/06/2014`` two, and ``today`` another one tomorrow.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if _is_serial(text):
        return (_EPOCH + datetime.timedelta(days=float(text))).date()
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    try:
        day = datetime.date(*(int(part) for part in match.groups() if part))
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _is_serial(text: str) -> bool:
    return bool(re.fullmatch(r"\d{5}(\.\d+)?", text)) and _FIRST_SERIAL <= float(text) <= _LAST_SERIAL


def year_of(text: str) -> tuple[float, str]:
    """Read a year and how it was told: plainly, as a ``range``, ``about``, or by day number (``serial``)."""
    text = unicodedata.normalize("NFKC", text).strip()
    if _is_serial(text):
        return float((_EPOCH + datetime.timedelta(days=float(text))).year), "serial"
    match = _YEAR.match(text)
    if match is None:
        return math.nan, ""
    year, rest = float(match["year"]), match["rest"]
    if {*_YEARS.findall(text)} - {match["year"]}:
        return year, "range"
    if match["before"] or _ABOUT.search(rest):
        return year, "about"
    return (year, "") if _DATE.fullmatch(rest) else (math.nan, "")
