"""The registers as one Chinese Excel template with drop-downs, and as files a folder keeps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import DataError, Fault
from workbench.files import given
from workbench.layers.model import Layers
from workbench.policy import registry
from workbench.policy.register_files import FLAGS, choice_names, register_schema, registers
from workbench.words import say

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_ROWS = 2000  # rows a drop-down covers
_LISTS = "名录"


def write_template(path: str | Path, layers: Layers) -> Path:
    """Write one workbook with a sheet per register: Chinese headings, drop-downs, a note on each column.

    Choices, yes or no, prefectures, duties and known production lines are drop-downs (`layers`: the
    baseline that names lines and prefectures); required headings are marked. The first sheet lists the
    registers and the clauses they answer. Raises DataError unless the path ends in .xlsx.
    """
    import xlsxwriter

    file = given(path)
    if file.suffix.lower() != ".xlsx":
        mend = "Name a file ending in .xlsx."
        raise DataError([Fault(file.name, None, "", f"an ending {file.suffix!r}", ".xlsx", mend)])
    lists = _named_lists(layers)
    with xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": pd.Timestamp("2014-02-22")})
        head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True})
        must = book.add_format({"bold": True, "bg_color": "#F7E3C8", "border": 1, "text_wrap": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        front = book.add_worksheet(say("reports.registers", "front", "zh"))
        _front(front, head)
        for name, row in registers().iterrows():
            sheet = book.add_worksheet(str(row["zh"])[:31])
            _sheet(sheet, register_schema(str(name)), lists, (head, must, day))
        hidden = book.add_worksheet(_LISTS)
        for column, values in enumerate(lists.values()):
            hidden.write_column(0, column, values)
        hidden.hide()
    return file


def _named_lists(layers: Layers) -> dict[str, list[str]]:
    lines = layers["lines"]["name_zh"].dropna().astype(str)
    duties = registry.table("duties")
    return {
        "line": sorted(lines.unique()),
        "prefecture": sorted(layers["prefectures"]["prefecture_zh"].astype(str).unique()),
        "duty": duties["id"].tolist(),
    }


def _front(sheet: Worksheet, head: Format) -> None:
    titles = [say("reports.registers", key, "zh") for key in ("sheet", "clause", "required")]
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, head)
    for row, (name, entry) in enumerate(registers().iterrows(), start=1):
        columns = register_schema(str(name))
        needed = columns.loc[columns["required"], "zh"]
        sheet.write_string(row, 0, str(entry["zh"]))
        sheet.write_string(row, 1, str(entry["clause"]))
        sheet.write_string(row, 2, "、".join(needed))
    sheet.set_column(0, 0, 34)
    sheet.set_column(2, 2, 90)


def _sheet(
    sheet: Worksheet,
    columns: pd.DataFrame,
    lists: Mapping[str, list[str]],
    forms: tuple[Format, Format, Format],
) -> None:
    head, must, day = forms
    for at, (_, rule) in enumerate(columns.iterrows()):
        sheet.write_string(0, at, rule["zh"], must if rule["required"] else head)
        wide = max(10, 2 * len(rule["zh"]) + 2)
        sheet.set_column(at, at, max(wide, 36 if rule["refers"] == "line" else 0),
                         day if rule["kind"] == "date" else None)  # fmt: skip
        if check := _validation(rule, lists):
            sheet.data_validation(1, at, _ROWS, at, check)
    sheet.freeze_panes(1, 0)


def _validation(rule: Any, lists: Mapping[str, list[str]]) -> dict[str, Any] | None:
    if rule["kind"] == "choice":
        return {"validate": "list", "source": choice_names(rule["choices"].split(";"))}
    if rule["kind"] == "flag":
        return {"validate": "list", "source": list(FLAGS)}
    if rule["refers"] in lists:
        column = "ABC"[list(lists).index(rule["refers"])]
        source = f"={_LISTS}!${column}$1:${column}${len(lists[rule['refers']])}"
        # a line the tables do not know may be written too: the import tells of it
        kind = "stop" if rule["refers"] != "line" else "warning"
        return {"validate": "list", "source": source, "error_type": kind}
    if rule["kind"] == "date":
        span = {"minimum": pd.Timestamp("1950-01-01"), "maximum": pd.Timestamp("2099-12-31")}
        return {"validate": "date", "criteria": "between", **span}
    if rule["kind"] == "number":
        span = {"minimum": rule["min"], "maximum": rule["max"]}
        return {"validate": "decimal", "criteria": "between", **span}
    if rule["kind"] == "year":
        return {"validate": "integer", "criteria": "between", "minimum": 1800, "maximum": 2099}
    return None


def keep_register(name: str, frame: pd.DataFrame, folder: str | Path) -> Path:
    """Write a checked register into a folder's ``registers``, as CSV with the headings a planner knows."""
    place = given(folder) / "registers"
    place.mkdir(parents=True, exist_ok=True)
    schema = register_schema(name)
    table = frame.copy()
    for column, rule in schema.iterrows():
        if rule["kind"] == "choice":
            table[column] = [choice_names([code])[0] if code else "" for code in table[column]]
        elif rule["kind"] == "flag":
            table[column] = [
                "" if v is None or pd.isna(v) else FLAGS[0] if v else FLAGS[1] for v in table[column]
            ]
        elif rule["kind"] in ("number", "year"):
            table[column] = [_plain(v) for v in table[column]]
    path = place / f"{name}.csv"
    table.rename(columns=schema["zh"].to_dict()).to_csv(path, index=False, encoding="utf-8-sig")
    return path


def _plain(value: object) -> str:
    number = float("nan") if value is None else float(value)  # type: ignore[arg-type]
    return "" if number != number else f"{number:.12g}"
