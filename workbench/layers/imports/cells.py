"""Turns the cells of one column into values of its type, with one fault per cell that cannot be read."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench import units
from workbench.errors import DataError, Fault
from workbench.labels import LABELS
from workbench.layers.faults import each_row
from workbench.layers.imports.dates import day_of, serial, year_of
from workbench.layers.imports.mapping import DERIVED
from workbench.layers.imports.report import Repair
from workbench.layers.imports.text import is_blank, tidy, unmarked
from workbench.layers.schema import Field
from workbench.layers.values import judge
from workbench.text import controls

_EXCEL_ERRORS = frozenset({
    "#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!",
})  # fmt: skip
_TRUE = frozenset({"1", "true", "yes", "y", "是", "有", "√", "t"})
_FALSE = frozenset({"0", "false", "no", "n", "否", "无", "×", "f"})
_THOUSANDS = re.compile(r"(?<=\d)[ '](?=\d{3}(?!\d))")
_DECIMAL_COMMA = re.compile(r"^[^\d]*(?:\d+,(?:\d{1,2}|\d{4,})|0,\d+|\d{1,3}(?:\.\d{3})+,\d+)(?!\d)(?!,)")
_THOUSAND_COMMA = re.compile(r"\d,\d{3},\d{3}|\d,\d{3}\.\d|^\d{1,3},\d{3}$")
_PROVINCE = re.compile(r"^[^省]{2,3}省|^.{2,5}自治区")
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

    `updates`: rows that change an item of the baseline and may leave a required cell blank. `sure`: ranges
    and hedged figures are refused, because no report could tell that one of them was used.
    """

    unit: str | None = None
    words: Mapping[str, str] | None = None
    days_per_year: float | None = None
    prefectures: Sequence[str] = ()
    updates: frozenset[Any] = frozenset()
    sure: bool = False


def parse_column(file: str, cells: pd.Series, field: Field, reading: Reading) -> Column:
    """Parse one column of raw cells (index: row numbers). Blank cells stay missing, never filled."""
    role = role_of(field)
    plain, dated = _undated(cells, role)
    text = pd.Series([_text(value) for value in plain], index=cells.index, dtype=object)
    folded = text.str.casefold()
    blank, broken = text.map(is_blank), folded.isin(_EXCEL_ERRORS)
    if role == "flag":
        blank &= ~folded.isin(_TRUE | _FALSE - {"无"})
    blank &= ~text.isin(list(reading.words or ()))  # 无 is a value where a translation says so
    faults = _faulty(file, text[broken], field, "a value", "Mend the formula in the workbook.")
    faults += _altered(file, cells, field)
    work = text.mask(blank | broken)
    if reading.words:
        work = work.map(lambda value: (reading.words or {}).get(value, value), na_action="ignore")
    column = _PARSERS[role](file, work, field, reading)
    if field.required and field.name not in DERIVED:
        gaps = text[blank & ~text.index.isin(list(reading.updates))]
        faults += _faulty(file, gaps, field, "a value in every row", "Fill the cell or drop the row.")
    repairs = [*column.repairs, *_words_left_blank(field, text[blank & text.ne("")]), *_acting(field, plain)]
    if dated:
        what = f"{field.name}: cells shown as dates read as the numbers they hold"
        repairs.append(Repair("date_to_number", dated, what))
    return Column(column.values, (*faults, *column.faults), tuple(repairs))


def _words_left_blank(field: Field, words: pd.Series) -> list[Repair]:
    if words.empty:
        return []
    listed = ", ".join(list(dict.fromkeys(words))[:6])
    return [Repair("blank_words", len(words), f"{field.name}: words for unknown left blank: {listed}")]


def _acting(field: Field, cells: Sequence[Any]) -> list[Repair]:
    """Tell how many cells held control characters, which no output may hold."""
    told = [value for value in cells if isinstance(value, str) and controls(value.replace("\r\n", "\n"))]
    what = f"{field.name}: control characters left out"
    return [Repair("drop_controls", len(told), what)] if told else []


def _undated(cells: pd.Series, role: str) -> tuple[Sequence[Any], int]:
    """Take numbers out of the dates a cell format made of them, in columns of numbers."""
    if role != "number":
        return list(cells), 0
    held = (datetime.date, datetime.time, datetime.timedelta)
    return [serial(value) for value in cells], sum(isinstance(value, held) for value in cells)


def _altered(file: str, cells: pd.Series, field: Field) -> list[Fault]:
    """Tell ids a spreadsheet has changed: numbers of more digits than it keeps, and dates."""
    if field.name != "id":
        return []
    long = cells[cells.map(lambda value: isinstance(value, float) and abs(value) >= 1e15)]
    mend = "Format the column as text and enter the ids again."
    faults = _faulty(file, long, field, "an id of at most 15 digits, or text", mend)
    dates = cells[cells.map(lambda value: isinstance(value, datetime.date | datetime.timedelta))]
    return faults + _faulty(file, dates, field, "an id; the spreadsheet made a date of it", mend, "warning")


def role_of(field: Field) -> str:
    """Tell how a column is read: prefecture, choice, year, date, flag, number or text."""
    if field.name == "prefecture_zh":
        return "prefecture"
    if field.name == "id":
        return "id"
    if field.allowed:
        return "choice"
    if field.unit == "year":
        return "year"
    roles = {"boolean": "flag", "number": "number", "integer": "number", "date": "date"}
    return roles.get(field.dtype, "text")


def house_unit(field: Field) -> str | None:
    """Name the unit a column is stored in, in words of the conversion table; None when it has none."""
    return None if field.unit in _UNITLESS else _TABLE_UNIT.get(field.unit, field.unit)


def _text(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    return unmarked(str(value))


def _faulty(
    file: str, cells: pd.Series, field: Field, expected: str, mend: str, severity: Any = "error"
) -> list[Fault]:
    rows, found = list(cells.index), list(cells)
    return each_row(file, rows, found, field=field.name, expected=expected, mend=mend, severity=severity)


def _object(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), None)


def _texts(file: str, cells: pd.Series, field: Field, _: Reading) -> Column:
    long = cells[cells.map(len, na_action="ignore") > _LONGEST_TEXT]
    faults = _faulty(file, long, field, f"at most {_LONGEST_TEXT} characters", "Shorten the text.")
    return Column(_object(cells), (*faults, *judge(cells, field, file, said=cells)))


def _ids(file: str, cells: pd.Series, field: Field, reading: Reading) -> Column:
    """Write ids in half width without invisible characters, so that one works has one id."""
    ids = cells.map(tidy, na_action="ignore")
    changed = int((ids.notna() & (ids != cells)).sum())
    what = "ids written in half width, without invisible characters"
    column = _texts(file, ids, field, reading)
    return Column(column.values, column.faults, (Repair("fold_id", changed, what),) if changed else ())


def _quantity(text: str, house: str | None, days: float | None) -> tuple[float, bool, str]:
    """Read one cell as value, whether its own unit was used, and how it was told: ``range``, ``about``."""
    quantity = units.parse_quantity(text)
    told = "range" if quantity.is_range else "about" if quantity.hedge else ""
    if quantity.unit is None:
        return quantity.value, False, told
    if house is None:
        mend = "Write the number alone, and its unit in a column of its own or in the header."
        raise DataError([Fault("", None, "", text, "a number without unit", mend)])
    value = units.convert(quantity.value, quantity.unit.text, house, days_per_year=days)
    return value, True, told


def _numbers(file: str, cells: pd.Series, field: Field, reading: Reading) -> Column:
    house, days = house_unit(field), reading.days_per_year
    plain, repairs = _without_signs(cells, field)
    values = pd.to_numeric(plain, errors="coerce").astype(float)
    written = plain[values.isna() & plain.notna()]
    scaled, how = pd.Series(False, index=cells.index), pd.Series("", index=cells.index)
    faults: list[Fault] = []
    for text in written.unique():  # a cell is read once, however many rows repeat it
        rows = written.index[written == text]
        try:
            values.loc[rows], scaled.loc[rows], how.loc[rows] = _quantity(text, house, days)
        except DataError as error:
            fault = error.faults[0]
            faults += _faulty(file, cells.loc[rows], field, fault.expected, fault.mend)
    bare = ~scaled & values.notna()
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
    faults += _unsure(file, cells[how.eq("range")], field, "one figure", "Its middle is used; ", reading)
    faults += _unsure(
        file, cells[how.eq("about")], field, "a sure figure", "It is used as it stands; ", reading
    )
    said = _said(cells, plain, values)
    faults += judge(values, field, file, said=said, mend="Correct the figure, or its unit.")
    return Column(values.where(np.isfinite(values)), tuple(faults), tuple(repairs))


def _unsure(
    file: str, cells: pd.Series, field: Field, expected: str, used: str, reading: Reading
) -> list[Fault]:
    """Tell cells that say more or less than one value: a warning that names what is used, or a refusal."""
    mend = "write the year." if field.unit == "year" else "write the figure."
    severity = "error" if reading.sure else "warning"
    return _faulty(file, cells, field, expected, mend.capitalize() if reading.sure else used + mend, severity)


def _said(cells: pd.Series, plain: pd.Series, values: pd.Series) -> pd.Series:
    """Show a cell with the value it was read as, where the two differ."""
    same = (pd.to_numeric(plain, errors="coerce") == values) | values.isna()
    shown = [f"{text} = {values[row]:,.6g}" for row, text in cells.items()]
    return cells.where(same, shown)


def _without_signs(cells: pd.Series, field: Field) -> tuple[pd.Series, list[Repair]]:
    """Take thin and plain spaces out of thousands, and read a comma as the decimal sign where it is one.

    A column in which a comma can only be a decimal sign (``120,5``, ``1.200,50``) is read so throughout,
    unless another cell holds a comma that can only part thousands.
    """
    text = cells.map(units.half_width, na_action="ignore")
    text = text.map(lambda t: _THOUSANDS.sub("", t), na_action="ignore")
    known = text.dropna()
    if known.empty:
        return text, []
    commas = known.str.contains(_DECIMAL_COMMA) & ~known.str.contains(_THOUSAND_COMMA)
    if not commas.any() or known.str.contains(_THOUSAND_COMMA).any():
        return text, []
    read = text.map(lambda t: t.replace(".", "").replace(",", ".") if "," in t else t, na_action="ignore")
    what = f"{field.name}: the comma read as decimal sign"
    return read, [Repair("decimal_comma", int(known.str.contains(",").sum()), what)]


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


def _years(file: str, cells: pd.Series, field: Field, reading: Reading) -> Column:
    read = {text: year_of(text) for text in cells.dropna().unique()}
    years = cells.map(lambda text: read[text][0], na_action="ignore").astype(float)
    how = cells.map(lambda text: read[text][1], na_action="ignore")
    unread = cells[years.isna() & cells.notna()]
    faults = _faulty(file, unread, field, "a year such as 2008", "Write the year.")
    faults += _unsure(file, cells[how.eq("range")], field, "one year", "Its first year is used; ", reading)
    faults += _unsure(
        file, cells[how.eq("about")], field, "a sure year", "It is used as it stands; ", reading
    )
    count = int(how.eq("serial").sum())
    what = f"{field.name}: the day numbers of a spreadsheet read as dates"
    repairs = (Repair("serial_to_year", count, what),) if count else ()
    judged = judge(years, field, file, said=cells, mend="Correct the year.")
    return Column(years.where(years % 1 == 0).astype("Int64"), (*faults, *judged), repairs)


def _days(file: str, cells: pd.Series, field: Field, _: Reading) -> Column:
    days = cells.map(day_of, na_action="ignore")
    unread = cells[days.isna() & cells.notna()]
    return Column(_object(days), tuple(_faulty(file, unread, field, field.expectation, "Write the day.")))


def _flags(file: str, cells: pd.Series, field: Field, _: Reading) -> Column:
    folded = cells.map(str.casefold, na_action="ignore")
    truth = folded.map({**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)})
    unread = cells[truth.isna() & cells.notna()]
    return Column(
        truth.astype("boolean"), tuple(_faulty(file, unread, field, "yes or no (是, 否)", "Write 是 or 否."))
    )


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
    values = cells.map(lambda text: words.get(text.casefold()), na_action="ignore")
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
    stem = _PROVINCE.sub("", text).removesuffix("市").removesuffix("州")
    found = [name for name in names if stem and name.startswith(stem)]
    return found[0] if len(found) == 1 else text


_PARSERS: dict[str, Callable[[str, pd.Series, Field, Reading], Column]] = {
    "id": _ids,
    "text": _texts,
    "number": _numbers,
    "year": _years,
    "date": _days,
    "flag": _flags,
    "choice": _choices,
    "prefecture": _prefectures,
}
