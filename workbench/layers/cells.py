"""Turns the cells of one column into values of its type, with one fault per cell that cannot be read."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench import units
from workbench.errors import DataError, Fault
from workbench.labels import LABELS
from workbench.layers.kinds import Field
from workbench.layers.report import Repair, each_row

BLANKS = frozenset(
    {"", "-", "—", "--", "/", "无", "不详", "未知", "缺", "na", "n/a", "nan", "none", "null", "<na>", "nat"}
)
_EXCEL_ERRORS = frozenset({"#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!"})
_TRUE = frozenset({"1", "true", "yes", "y", "是", "有", "√", "t", "1.0"})
_FALSE = frozenset({"0", "false", "no", "n", "否", "无", "×", "f", "0.0"})
_YEAR = re.compile(r"^\s*(\d{4})(?:\.0+)?(?:\s*年.*|[-/.]\d{1,2}.*)?\s*$")
_DMS = re.compile(
    r"""^([NSEW东西南北]经?纬?)?\s*(\d{1,3})\s*[°度]\s*(\d{1,2})\s*[′'分]\s*(?:([\d.]+)\s*(?:″|"|''|秒)?)?\s*([NSEW])?$"""
)
_OTHER_WORDS = {"铝": "aluminium", "电解铝": "aluminium", "玻璃": "flat_glass", "平板玻璃": "flat_glass",
                "炼钢": "steel", "炼铁": "steel", "水泥熟料": "cement", "煤矿": "coal", "aluminum": "aluminium",
                "glass": "flat_glass", "园区": "park", "工业园区": "park", "扩建": "expansion", "棕地": "brownfield",
                "存量用地": "brownfield", "省内": "local", "本地": "local", "外送": "export", "出口": "export",
                "水运": "water", "内河": "water", "市州": "prefecture", "省外": "outside"}  # fmt: skip
_LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Column:
    """One parsed column (index as given), its faults and the conversions that were made."""

    values: pd.Series
    faults: tuple[Fault, ...] = ()
    repairs: tuple[Repair, ...] = ()
    unit: str | None = None


def parse_column(
    file: str,
    cells: pd.Series,
    field: Field,
    *,
    unit: str | None = None,
    words: Mapping[str, str] | None = None,
    days_per_year: float | None = None,
    prefectures: Sequence[str] = (),
) -> Column:
    """Parse one column of raw cells (index: row numbers). Blank cells stay missing, never filled."""
    text = cells.map(_text)
    blank = text.str.casefold().isin(BLANKS)
    broken = text.str.casefold().isin(_EXCEL_ERRORS)
    faults = _faulty(file, text[broken], field, "a value", "Mend the formula in the workbook.")
    work = text.mask(blank | broken)
    if words:
        work = work.map(lambda value: words.get(value, value), na_action="ignore")
    if field.type == "number":
        column = _numbers(file, work, field, unit, days_per_year)
    else:
        column = _PARSERS[field.type](file, work, field, prefectures)
    if field.required:
        faults += _faulty(file, text[blank], field, "a value in every row", "Fill the cell, or drop the row.")
    return Column(column.values, (*faults, *column.faults), column.repairs, column.unit)


def _text(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return unicodedata.normalize("NFC", str(value)).strip()


def _faulty(
    file: str, cells: pd.Series, field: Field, expected: str, mend: str, severity: Any = "error"
) -> list[Fault]:
    return each_row(
        file,
        list(cells.index),
        list(cells),
        field=field.name,
        expected=expected,
        mend=mend,
        severity=severity,
    )


def _texts(file: str, cells: pd.Series, field: Field, _: Sequence[str]) -> Column:
    long = cells[cells.str.len() > _LONGEST_TEXT]
    faults = _faulty(file, long, field, f"at most {_LONGEST_TEXT} characters", "Shorten the text.")
    return Column(cells.astype(object).where(cells.notna(), None), tuple(faults))


def _numbers(file: str, cells: pd.Series, field: Field, unit: str | None, days: float | None) -> Column:
    plain = pd.to_numeric(cells, errors="coerce")
    written = cells[plain.isna() & cells.notna()]
    values, faults = plain.astype(float), []
    scaled = pd.Series(False, index=cells.index)
    ranges: list[Any] = []
    for row, text in written.items():
        try:
            quantity = units.parse_quantity(text)
            value = quantity.value
            if quantity.unit is not None and field.unit is not None:
                value = units.convert(value, quantity.unit.text, field.unit, days_per_year=days)
                scaled[row] = True
            elif quantity.unit is not None:
                raise units_elsewhere(text, field)
        except DataError as error:
            fault = error.faults[0]
            faults.append(Fault(file, row, field.name, text[:80], fault.expected, fault.mend))  # type: ignore[arg-type]
            continue
        values[row] = value
        if quantity.is_range:
            ranges.append(row)
    faults += _unit_faults(file, values[~scaled].dropna(), field, unit, days)
    repairs = []
    if unit is not None and field.unit is not None and not faults:
        bare = ~scaled & values.notna()
        values[bare] = units.convert(values[bare], unit, field.unit, days_per_year=days)
        repairs.append(Repair("convert_unit", int(bare.sum()), f"{field.name}: {unit} to {field.unit}"))
    if scaled.any():
        repairs.append(Repair("convert_unit", int(scaled.sum()), f"{field.name}: units in the cells"))
    faults += _faulty(
        file, cells[ranges], field, "one figure", "Its middle is used; write one figure.", "warning"
    )
    faults += _faulty(file, cells[np.isinf(values)], field, "a finite number", "Correct the figure.")
    faults += _outside(file, values, cells, field)
    return Column(
        values.where(np.isfinite(values)), tuple(faults), tuple(repairs), unit if field.unit is None else None
    )


def units_elsewhere(text: str, field: Field) -> DataError:
    """Make the error of a unit in a cell whose column keeps its unit in another."""
    mend = f"Write the number alone and the unit in {field.unit_into or 'the header'}."
    return DataError([Fault("", None, field.name, text, "a number without unit", mend)])


def _unit_faults(
    file: str, bare: pd.Series, field: Field, unit: str | None, days: float | None
) -> list[Fault]:
    """Check the header's unit once for the column: unknown, of another dimension, or missing."""
    if field.unit is None or bare.empty:
        return []
    if unit is None:
        mend = f"Name the unit in the header, e.g. {field.name} or 产能（万吨/年）, or in the mapping."
        return [
            Fault(file, None, field.name, "numbers without a unit", f"a unit that becomes {field.unit}", mend)
        ]
    try:
        units.convert(1.0, unit, field.unit, days_per_year=days)
    except DataError as error:
        fault = error.faults[0]
        mend = (
            "Give days_per_year." if "running days" in fault.expected else "Correct the unit in the header."
        )
        return [Fault(file, None, field.name, unit, fault.expected, mend)]
    return []


def _outside(file: str, values: pd.Series, cells: pd.Series, field: Field) -> list[Fault]:
    low, high = field.low, field.high
    wrong = (values < low if low is not None else False) | (values > high if high is not None else False)
    if isinstance(wrong, bool):
        return []
    bounds = (
        f"at least {low:g}"
        if high is None
        else f"{low:g} to {high:g}"
        if low is not None
        else f"at most {high:g}"
    )
    return _faulty(file, cells[wrong & np.isfinite(values)], field, bounds, "Correct the figure.")


def _years(file: str, cells: pd.Series, field: Field, _: Sequence[str]) -> Column:
    years = pd.to_numeric(cells.str.extract(_YEAR)[0], errors="coerce")
    unread = cells[years.isna() & cells.notna()]
    faults = _faulty(file, unread, field, "a year such as 2008", "Write the year.")
    return Column(years, (*faults, *_outside(file, years, cells, field)))


def _flags(file: str, cells: pd.Series, field: Field, _: Sequence[str]) -> Column:
    lower = cells.str.casefold()
    values = pd.Series(None, index=cells.index, dtype="boolean")
    values[lower.isin(_TRUE)] = True
    values[lower.isin(_FALSE)] = False
    return Column(
        values,
        tuple(_faulty(file, cells[values.isna() & cells.notna()], field, "是 or 否", "Write 是 or 否.")),
    )


def _choices(file: str, cells: pd.Series, field: Field, _: Sequence[str]) -> Column:
    words = {word.casefold(): code for word, code in _OTHER_WORDS.items() if code in field.choices}
    for code in field.choices:
        words |= {word.casefold(): code for word in (code, *LABELS.get(code, ()))}
    values = cells.str.casefold().map(words)
    unread = cells[values.isna() & cells.notna()]
    expected = f"one of {', '.join(field.choices)}"
    return Column(
        values.astype(object).where(values.notna(), None),
        tuple(_faulty(file, unread, field, expected, "Use one of these, or map it under [values].")),
    )


def _prefectures(file: str, cells: pd.Series, field: Field, names: Sequence[str]) -> Column:
    """Complete ``成都`` to ``成都市`` and ``阿坝州`` to its full name; unknown names are warnings."""
    if not names:
        return _texts(file, cells, field, names)

    def complete(text: str) -> str:
        stem = text.removeprefix("四川省").removesuffix("市").removesuffix("州")
        found = [name for name in names if stem and name.startswith(stem)]
        return found[0] if len(found) == 1 else text

    values = cells.map(complete, na_action="ignore")
    changed = int((values.notna() & (values != cells)).sum())
    unknown = cells[values.notna() & ~values.isin(names)]
    faults = _faulty(
        file, unknown, field, "one of the province's 21 prefectures", "Correct the name.", "warning"
    )
    repairs = (Repair("complete_prefecture", changed, "short prefecture names completed"),) if changed else ()
    return Column(values.astype(object).where(values.notna(), None), tuple(faults), repairs)


_PARSERS: dict[str, Callable[[str, pd.Series, Field, Sequence[str]], Column]] = {
    "text": _texts,
    "year": _years,
    "flag": _flags,
    "choice": _choices,
    "prefecture": _prefectures,
}


def parse_degrees(text: str) -> float:
    """Read a coordinate: decimal, or degrees with minutes and seconds (``103°45′30″E``); NaN if neither."""
    try:
        return float(text)
    except ValueError:
        pass
    match = _DMS.match(unicodedata.normalize("NFKC", text).replace("″", '"').replace("′", "'"))
    if match is None:
        return math.nan
    before, degrees, minutes, seconds, after = match.groups()
    value = int(degrees) + int(minutes) / 60 + float(seconds or 0) / 3600
    return -value if (after or before or " ")[0] in "SW西南" else value


def as_cell(value: Any) -> Any:
    """Bring a date of a workbook to text; everything else stays."""
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value
