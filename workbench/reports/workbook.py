"""The plan as one Excel workbook: every table with headings in Chinese and English, nothing executable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.labels import both

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_WIDEST = 48
_WIDE = re.compile("[\u2e80-\U0010ffff]")
_NUMBER_FORMAT = "#,##0.###"
_SHARE_FORMAT = "0.0%"


def write_workbook(sheets: Mapping[str, pd.DataFrame], path: Path, *, notes: Mapping[str, str]) -> Path:
    """Write frames as sheets of an .xlsx file and return the path.

    `sheets`: sheet title -> frame (the index becomes the first columns unless it is a plain range).
    `notes`: label -> text shown on the first sheet. Text from data is written as text: a value that begins
    with ``=`` is never a formula, and no value becomes a link.
    """
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        # A fixed creation date keeps two exports of one plan equal byte for byte.
        book.set_properties({"title": notes.get("标题 Title", ""), "created": pd.Timestamp("2014-02-22")})
        head = book.add_format(
            {"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True, "valign": "top"}
        )
        number = book.add_format({"num_format": _NUMBER_FORMAT})
        share = book.add_format({"num_format": _SHARE_FORMAT})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        front = book.add_worksheet("说明 Notes")
        front.set_column(0, 0, 26)
        front.set_column(1, 1, 90, wrapped)
        for row, (name, text) in enumerate(notes.items()):
            front.write_string(row, 0, name, head)
            front.write_string(row, 1, text, wrapped)
        for title, frame in sheets.items():
            _write_sheet(book.add_worksheet(title[:31]), frame, head, number, share)
    return path


def _write_sheet(sheet: Worksheet, frame: pd.DataFrame, head: Format, number: Format, share: Format) -> None:
    table = frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()
    table = table.drop(columns=[name for name in ("geometry",) if name in table])
    for column, name in enumerate(table.columns):
        title = both(str(name))
        sheet.write_string(0, column, title, head)
        values = table[name].tolist()
        for row, value in enumerate(values, start=1):
            _write_cell(sheet, row, column, value, share if str(name).endswith("_share") else number)
        longest = max([_width(title) / 2, *(_width(str(value)) for value in values[:200])], default=8)
        sheet.set_column(column, column, min(_WIDEST, max(9, longest + 2)))
    sheet.freeze_panes(1, 1)
    if len(table):
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def _write_cell(sheet: Worksheet, row: int, column: int, value: object, number: Format) -> None:
    if value is None or value is pd.NaT or (isinstance(value, float) and not np.isfinite(value)):
        sheet.write_blank(row, column, None)
    elif isinstance(value, bool | np.bool_):
        sheet.write_string(row, column, "是 yes" if value else "否 no")
    elif isinstance(value, int | float | np.integer | np.floating):
        sheet.write_number(row, column, float(value), number)
    else:
        sheet.write_string(row, column, _words(value)[:32_000])


def _words(value: object) -> str:
    """Return a cell's text; of several texts each stands as it was written, not as Python would quote it."""
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _width(text: str) -> int:
    """Count columns as a spreadsheet draws them: a Chinese character takes two."""
    return len(text) + len(_WIDE.findall(text))
