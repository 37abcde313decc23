"""Turns the cells of one column into values of its type, with one fault per cell that cannot be read."""

from __future__ import annotations

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
from workbench.layers.faults import each_row
from workbench.layers.imports.mapping import DERIVED
from workbench.layers.imports.report import Repair
from workbench.layers.schema import Field

BLANKS = frozenset({
    "", "-", "—", "--", "/", "无", "不详", "未知", "缺", "na", "n/a", "nan", "none", "null", "<na>", "nat",
})  # fmt: skip
_EXCEL_ERRORS = frozenset({
    "#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!",
})  # fmt: skip
_TRUE = frozenset({"1", "true", "yes", "y", "是", "有", "√", "t"})
_FALSE = frozenset({"0", "false", "no", "n", "否", "无", "×", "f"})
_YEAR = re.compile(r"^\s*(\d{4})(?:\.0+)?(?:\s*年.*|[-/.]\d{1,2}.*)?\s*$")
_DEGREES = re.compile(
    r"^(?P<before>[NSEW东西南北]?)[经纬]?\s*(?P<d>\d{1,3}(?:\.\d+)?)\s*[°度º]?\s*"
    r"(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*['分]?\s*(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:\"|''|秒)?)?)?"
    r"\s*(?P<after>[NSEW]?)$"
)
_SEPARATORS = re.compile(r"[;；、,，/]")
# Words of Chinese lists beside those of workbench.labels.
_OTHER_WORDS = {
    "铝": "aluminium", "电解铝": "aluminium", "铝冶炼": "aluminium", "aluminum": "aluminium",
    "玻璃": "flat_glass", "平板玻璃": "flat_glass", "glass": "flat_glass", "炼钢": "steel", "炼铁": "steel",
    "水泥熟料": "cement", "煤矿": "coal", "园区": "park", "工业园区": "park", "扩建": "expansion",
    "存量用地": "brownfield", "棕地": "brownfield", "省内": "local", "本地": "local", "外送": "export",
    "出口": "export", "水运": "water", "内河": "water", "市州": "prefecture", "省外": "outside",
    "自然保护区": "nature_reserve", "世界遗产": "world_heritage", "风景名胜区": "scenic_area",
    "栖息地": "habitat", "饮用水水源保护区": "drinking_water_source", "森林公园": "forest_park",
    "地质公园": "geopark", "湿地公园": "wetland", "石灰石": "limestone", "铁矿": "iron_ore",
    "氧化铝": "alumina",
}  # fmt: skip
_LONGEST_TEXT = 2000
# Units the schema words for readers, in the words of the conversion table.
_TABLE_UNIT = {"100 M CNY": "亿元", "10⁴": "万人"}
_UNITLESS = frozenset({"", "°", "year"})


@dataclass(frozen=True)
class Column:
    """One parsed column (index as given), its faults and the conversions that were made."""

    values: pd.Series
    faults: tuple[Fault, ...] = ()
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a column is read with: unit of its bare numbers, words of the mapping, running days, names.

    `updates`: rows that change an item of the baseline and may leave a required cell blank.
    """

    unit: str | None = None
    words: Mapping[str, str] | None = None
    days_per_year: float | None = None
    prefectures: Sequence[str] = ()
    updates: frozenset[Any] = frozenset()


def parse_column(file: str, cells: pd.Series, field: Field, reading: Reading) -> Column:
    """Parse one column of raw cells (index: row numbers). Blank cells stay missing, never filled."""
    text = pd.Series([_text(value) for value in cells], index=cells.index, dtype=object)
    folded = text.str.casefold()
    blank, broken = folded.isin(BLANKS), folded.isin(_EXCEL_ERRORS)
    faults = _faulty(file, text[broken], field, "a value", "Mend the formula in the workbook.")
    work = text.mask(blank | broken)
    if reading.words:
        work = work.map(lambda value: (reading.words or {}).get(value, value), na_action="ignore")
    column = _PARSERS[role_of(field)](file, work, field, reading)
    if field.pattern:
        parts = work.dropna().str.split(";").explode().str.strip() if field.many else work.dropna()
        odd = parts[~parts.str.match(field.pattern)]
        faults += _faulty(file, odd, field, f"text like {field.pattern}", "Correct the text.")
    if field.required and field.name not in DERIVED:
        gaps = text[blank & ~text.index.isin(list(reading.updates))]
        faults += _faulty(file, gaps, field, "a value in every row", "Fill the cell or drop the row.")
    return Column(column.values, (*faults, *column.faults), column.repairs)


def role_of(field: Field) -> str:
    """Tell how a column is read: prefecture, choice, year, flag, number or text."""
    if field.name == "prefecture_zh":
        return "prefecture"
    if field.allowed:
        return "choice"
    if field.unit == "year":
        return "year"
    return {"boolean": "flag", "number": "number", "integer": "number"}.get(field.dtype, "text")


def house_unit(field: Field) -> str | None:
    """Name the unit a column is stored in, in words of the conversion table; None when it has none."""
    return None if field.unit in _UNITLESS else _TABLE_UNIT.get(field.unit, field.unit)


def _text(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return unicodedata.normalize("NFC", str(value)).strip()


def _faulty(
    file: str, cells: pd.Series, field: Field, expected: str, mend: str, severity: Any = "error"
) -> list[Fault]:
    rows, found = list(cells.index), list(cells)
    return each_row(file, rows, found, field=field.name, expected=expected, mend=mend, severity=severity)


def _object(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), None)


def _texts(file: str, cells: pd.Series, field: Field, _: Reading) -> Column:
    long = cells[cells.str.len() > _LONGEST_TEXT]
    faults = _faulty(file, long, field, f"at most {_LONGEST_TEXT} characters", "Shorten the text.")
    return Column(_object(cells), tuple(faults))


def _quantity(text: str, house: str | None, days: float | None) -> tuple[float, bool, bool]:
    """Read one cell as value, whether its own unit was used, and whether it was a range."""
    quantity = units.parse_quantity(text)
    if quantity.unit is None:
        return quantity.value, False, quantity.is_range
    if house is None:
        mend = "Write the number alone, and its unit in a column of its own or in the header."
        raise DataError([Fault("", None, "", text, "a number without unit", mend)])
    value = units.convert(quantity.value, quantity.unit.text, house, days_per_year=days)
    return value, True, quantity.is_range


def _numbers(file: str, cells: pd.Series, field: Field, reading: Reading) -> Column:
    house, days = house_unit(field), reading.days_per_year
    values = pd.to_numeric(cells, errors="coerce").astype(float)
    written = cells[values.isna() & cells.notna()]
    scaled, ranges = pd.Series(False, index=cells.index), pd.Series(False, index=cells.index)
    faults: list[Fault] = []
    for text in written.unique():  # a cell is read once, however many rows repeat it
        rows = written.index[written == text]
        try:
            values.loc[rows], scaled.loc[rows], ranges.loc[rows] = _quantity(text, house, days)
        except DataError as error:
            fault = error.faults[0]
            faults += _faulty(file, written.loc[rows], field, fault.expected, fault.mend)
    bare = ~scaled & values.notna()
    repairs = []
    if house is not None and bare.any():
        problem = _unit_fault(file, field, house, reading)
        faults += [problem] if problem else []
        if problem is None and reading.unit is not None:
            values[bare] = units.convert(values[bare], reading.unit, house, days_per_year=days)
            if reading.unit != house:
                what = f"{field.name}: {reading.unit} to {house}"
                repairs.append(Repair("convert_unit", int(bare.sum()), what))
    if scaled.any():
        repairs.append(Repair("convert_unit", int(scaled.sum()), f"{field.name}: cells to {house}"))
    middle = "Its middle is used; write one figure."
    faults += _faulty(file, cells[ranges], field, "one figure", middle, "warning")
    faults += _faulty(file, cells[np.isinf(values)], field, "a finite number", "Correct the figure.")
    faults += _outside(file, values, cells, field)
    return Column(values.where(np.isfinite(values)), tuple(faults), tuple(repairs))


def _unit_fault(file: str, field: Field, house: str, reading: Reading) -> Fault | None:
    """Check the unit of a column's bare numbers once: missing, unknown, or of another dimension."""
    if reading.unit is None:
        mend = f"Name it in the header, as in {field.aliases_zh[0]}（{house}）, or in the mapping."
        return Fault(file, None, field.name, "numbers without a unit", f"a unit that becomes {house}", mend)
    try:
        units.convert(1.0, reading.unit, house, days_per_year=reading.days_per_year)
    except DataError as error:
        expected = error.faults[0].expected
        mend = "Give days_per_year." if "running days" in expected else "Correct the unit."
        return Fault(file, None, field.name, reading.unit, expected, mend)
    return None


def _outside(file: str, values: pd.Series, cells: pd.Series, field: Field) -> list[Fault]:
    low = -np.inf if field.min is None else field.min
    high = np.inf if field.max is None else field.max
    wrong = np.isfinite(values) & ((values < low) | (values > high))
    plain = pd.to_numeric(cells[wrong], errors="coerce") == values[wrong]
    said = cells[wrong].where(plain, [f"{text} = {values[row]:,.6g}" for row, text in cells[wrong].items()])
    return _faulty(file, said, field, field.expectation, "Correct the figure, or its unit.")


def _years(file: str, cells: pd.Series, field: Field, _: Reading) -> Column:
    years = pd.to_numeric(cells.str.extract(_YEAR)[0], errors="coerce").astype(float)
    unread = cells[years.isna() & cells.notna()]
    faults = _faulty(file, unread, field, "a year such as 2008", "Write the year.")
    return Column(years.astype("Int64"), (*faults, *_outside(file, years, cells, field)))


def _flags(file: str, cells: pd.Series, field: Field, _: Reading) -> Column:
    folded = cells.str.casefold()
    truth = folded.map({**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)})
    unread = cells[truth.isna() & cells.notna()]
    return Column(truth.astype("boolean"), tuple(_faulty(file, unread, field, "是 or 否", "Write 是 or 否.")))


def _choices(file: str, cells: pd.Series, field: Field, _: Reading) -> Column:
    words = {word.casefold(): code for word, code in _OTHER_WORDS.items() if code in field.allowed}
    for code in field.allowed:
        words |= {word.casefold(): code for word in (code, *LABELS.get(code, ()))}
    mend = "Use one of these, or translate it under [values] of a mapping."
    if field.many:  # lists of a park's trades name others too: those are told and left out
        lists = {text: _several(text) for text in cells.dropna().unique()}
        codes = {text: [words.get(part.casefold()) for part in parts] for text, parts in lists.items()}
        known = {text: ";".join(dict.fromkeys(filter(None, found))) for text, found in codes.items()}
        odd = [text for text, found in codes.items() if None in found]
        faults = _faulty(file, cells[cells.isin(odd)], field, field.expectation, mend, "warning")
        return Column(_object(cells.map(known)), tuple(faults))
    values = cells.str.casefold().map(words)
    unread = cells[values.isna() & cells.notna()]
    return Column(_object(values), tuple(_faulty(file, unread, field, field.expectation, mend)))


def _several(text: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def _prefectures(file: str, cells: pd.Series, field: Field, reading: Reading) -> Column:
    """Complete ``成都`` to ``成都市`` and ``阿坝州`` to its full name; other names stay as they are."""
    names = reading.prefectures
    if not len(names):
        return _texts(file, cells, field, reading)
    words = {
        text: ";".join(_complete(part, names) for part in (_several(text) if field.many else [text]))
        for text in cells.dropna().unique()
    }
    values = cells.map(words)
    changed = int((values.notna() & (values != cells)).sum())
    repairs = (Repair("complete_prefecture", changed, "short prefecture names completed"),) if changed else ()
    return Column(_object(values), (), repairs)


def _complete(text: str, names: Sequence[str]) -> str:
    stem = text.removeprefix("四川省").removesuffix("市").removesuffix("州")
    found = [name for name in names if stem and name.startswith(stem)]
    return found[0] if len(found) == 1 else text


_PARSERS: dict[str, Callable[[str, pd.Series, Field, Reading], Column]] = {
    "text": _texts,
    "number": _numbers,
    "year": _years,
    "flag": _flags,
    "choice": _choices,
    "prefecture": _prefectures,
}


def parse_degrees(value: Any) -> float:
    """Read a coordinate: a number, or degrees, minutes, seconds (``103°45′30″E``); NaN if neither."""
    text = unicodedata.normalize("NFKC", _text(value).replace("′", "'").replace("″", '"').replace(",", ""))
    try:
        return float(text)
    except ValueError:
        pass
    match = _DEGREES.match(text.replace("”", '"').replace("’", "'"))
    if match is None:
        return math.nan
    minutes, seconds = float(match["m"] or 0), float(match["s"] or 0)
    if minutes >= 60 or seconds >= 60 or ("." in match["d"] and match["m"]):
        return math.nan
    degrees = float(match["d"]) + minutes / 60 + seconds / 3600
    return -degrees if (match["after"] or match["before"]) in ("S", "W", "西", "南") else degrees
