"""Reads workbooks (XLSX, XLSM, XLS, ODS) as saved: values, merged cells, formulas and hidden rows told."""

from __future__ import annotations

import html
import re
import warnings
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.errors import Fault
from workbench.layers.faults import each_row
from workbench.layers.imports.container import Limits, check_archive, refuse_foreign, unreadable
from workbench.layers.imports.headings import HEADER_ROWS, Known, Merge, Row
from workbench.layers.imports.report import Repair
from workbench.layers.imports.swelling import scan
from workbench.layers.imports.tabular import Table, is_filled, with_header

_HIDDEN = re.compile(rb'<(row|col) (?=[^>]*hidden="(?:1|true)")[^>]*?(?:r|min)="(\d{1,8})"')
_UNSHOWN = re.compile(rb'<table:table-(?:row|column) [^>]*?table:visibility="(?:collapse|filter)"')
_SHEET = re.compile(r'<sheet [^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)"')
_PART = re.compile(r'<Relationship (?=[^>]*Id="([^"]*)")[^>]*?Target="/?(?:xl/)?([^"]*)"')


def read_workbook(
    path: Path, known: Known, limits: Limits, sheet: str | None = None, *, form: str = "zip"
) -> Table:
    """Read a worksheet's saved values; formulas and hidden rows are told, merged cells filled and counted.

    `form`: what the file must be by its first bytes: ``zip`` (XLSX, ODS) or ``ole`` (the old XLS).
    """
    refuse_foreign(path, form)
    formulas = form == "zip" and scan(path, check_archive(path, limits), limits)
    name, cells, merges, faults = _cells(path, known, sheet, limits)
    repairs = _fill_merged(cells, merges)
    table = with_header(path.name, cells, known, limits, merges=merges)
    faults += table.faults
    if path.suffix.lower() == ".ods":
        return Table(
            table.frame, (*faults, *_open_document(path, formulas)), (*repairs, *table.repairs), table.unit
        )
    if form == "zip":
        faults += _hidden(path, name)
    if formulas:
        faults += _formula_faults(path.name, _written(path, name, limits), table.frame)
    return Table(table.frame, tuple(faults), (*repairs, *table.repairs), table.unit)


def _cells(
    path: Path, known: Known, sheet: str | None, limits: Limits
) -> tuple[str, list[Row], list[Merge], list[Fault]]:
    """Read the named sheet, or the visible one with most known headings; tell of others like it."""
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            name, faults = _sheet(path, book, known, sheet)
            page = book.get_sheet_by_name(name)
            top, left = page.start or (0, 0)
            _refuse_large(path, page.end, limits)
            padding: list[Any] = [None] * left
            cells = [
                (number, padding + [None if value == "" else value for value in row])
                for number, row in enumerate(_from_first_filled(page, top), start=top + 1)
                if is_filled(row)
            ]
            merges = [(a[1] + 1, a[0] + 1, b[1] + 1, b[0] + 1) for a, b in page.merged_cell_ranges or ()]
    except (calamine.CalamineError, OSError) as error:
        found = f"a damaged workbook ({error})"
        raise unreadable(
            path.name, found, "a workbook without a password", "Open it in Excel and save it again."
        ) from None
    return name, cells, merges, faults


def _refuse_large(path: Path, end: tuple[int, int] | None, limits: Limits) -> None:
    rows, columns = end or (0, 0)
    if rows >= limits.rows + HEADER_ROWS or columns >= limits.columns:
        found = f"a sheet of {rows + 1:,} rows and {columns + 1:,} columns"
        expected = f"at most {limits.rows:,} rows and {limits.columns} columns"
        raise unreadable(path.name, found, expected, "Delete the empty far cells, or split the file.")


def _from_first_filled(page: Any, top: int) -> Iterator[list[Any]]:
    """Pass the rows on from the first filled one (the reader pads the empty rows above it)."""
    return islice(page.iter_rows(), top, None)


def _sheet(path: Path, book: Any, known: Known, name: str | None) -> tuple[str, list[Fault]]:
    """Choose the worksheet: the one named, else the visible one whose head holds most known headings."""
    names = book.sheet_names
    if name is not None and name not in names:
        raise unreadable(path.name, f"no sheet {name!r}", f"one of {', '.join(names)}", "Correct the name.")
    if not names:
        raise unreadable(path.name, "no worksheet", "a sheet with a table", "Save the table in it.")
    pages = [page for page in book.sheets_metadata if str(page.typ).endswith("WorkSheet")]
    shown = [page.name for page in pages if str(page.visible).endswith(".Visible")] or names
    if name is not None or len(shown) == 1:
        return name or shown[0], []
    scores = {each: _headings(book.get_sheet_by_name(each), known) for each in shown}
    best = max(shown, key=lambda each: scores[each])
    alike = [each for each in shown if each != best and scores[each] > scores[best] / 2]
    if not alike:
        return best, []
    found = f"{best} read, not {', '.join(alike[:5])}"
    mend = "Name the sheet to read, or put the rows into one."
    return best, [Fault(path.name, None, "", found, "one sheet with the table", mend, "warning")]


def _headings(page: Any, known: Known) -> int:
    top = (page.start or (0, 0))[0]
    rows = islice(page.iter_rows(), top, top + HEADER_ROWS)
    return max((sum(bool(known(str(value))) for value in row if value != "") for row in rows), default=0)


def _hidden(path: Path, sheet: str) -> list[Fault]:
    """Tell rows and columns that are hidden, by a filter for instance: they are read like the others."""
    with zipfile.ZipFile(path) as archive:
        try:
            book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
            parts = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
            names = {html.unescape(name): label for name, label in _SHEET.findall(book)}
            content = archive.read(f"xl/{dict(_PART.findall(parts))[names[sheet]]}")
        except KeyError:  # a book without such parts was read another way: nothing can be told
            return []
    rows = [int(number) for kind, number in _HIDDEN.findall(content) if kind == b"row"]
    faults = []
    if rows:
        listed = ", ".join(map(str, rows[:10])) + (" …" if len(rows) > 10 else "")
        mend = "Hidden rows are read like the others: delete those you do not mean."
        faults.append(Fault(path.name, None, "", f"hidden rows {listed}", "every row shown", mend, "warning"))
    if columns := sum(kind == b"col" for kind, _ in _HIDDEN.findall(content)):
        found, mend = (
            f"{columns} hidden columns",
            "Hidden columns are read too: delete those you do not mean.",
        )
        faults.append(Fault(path.name, None, "", found, "every column shown", mend, "warning"))
    return faults


def _open_document(path: Path, formulas: bool) -> list[Fault]:
    """Tell an ODS with formulas, or with rows or columns hidden or filtered out."""
    told = []
    if formulas:
        mend = "The value Excel saved last is used; paste values to be sure."
        told.append(Fault(path.name, None, "", "formulas", "a value", mend, "warning"))
    with zipfile.ZipFile(path) as archive:
        hidden = _UNSHOWN.search(archive.read("content.xml"))
    if hidden:
        mend = "Hidden rows and columns are read like the others: delete those you do not mean."
        found, expected = "hidden rows or columns", "every row shown"
        told.append(Fault(path.name, None, "", found, expected, mend, "warning"))
    return told


def _written(path: Path, sheet: str, limits: Limits) -> dict[int, list[Any]]:
    """Read what is written in the cells, formulas as text (slower: only for books that have some)."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns about styles and validations it drops
        book = openpyxl.load_workbook(path, read_only=True)
        page = book[sheet]
        page.reset_dimensions()
        rows = page.iter_rows(max_row=limits.rows, max_col=limits.columns, values_only=True)
        written = {number: list(row) for number, row in enumerate(rows, start=1)}
        book.close()
    return written


def _fill_merged(cells: list[Row], merges: list[Merge]) -> tuple[Repair, ...]:
    """Give every cell of a merged block the value that is shown in it (columns as in A1, rows 1-based)."""
    rows = dict(cells)
    end, count = max(rows, default=0), 0
    for left, top, right, bottom in merges:
        value = rows[top][left - 1] if top in rows and left <= len(rows[top]) else None
        if value is None or bottom == top:  # a title across columns stays where it is
            continue
        for number in range(top + 1, min(bottom, end) + 1):
            for column in range(left - 1, min(right, len(rows.get(number, ())))):
                rows[number][column] = value
                count += 1
    return (Repair("fill_merged_cells", count, "merged cells given the value shown"),) if count else ()


def _formula_faults(file: str, written: dict[int, list[Any]], frame: pd.DataFrame) -> list[Fault]:
    empty: list[tuple[int, str, str]] = []
    cached: list[tuple[int, str, str]] = []
    for number, row in zip(frame.index, frame.itertuples(index=False), strict=True):
        for position, column in enumerate(frame.columns):
            cells = written.get(number, [])
            formula = cells[position] if position < len(cells) else None
            if not (isinstance(formula, str) and formula.startswith("=")):
                continue
            (empty if row[position] is None else cached).append((number, column, formula))
    faults = []
    for number, column, formula in empty:
        mend = "Open it in Excel and save, or paste the values."
        faults.append(Fault(file, number, column, formula[:80], "a saved value behind the formula", mend))
    for column in dict.fromkeys(column for _, column, _ in cached):
        rows = [(number, formula) for number, name, formula in cached if name == column]
        faults += each_row(
            file, [n for n, _ in rows], [f for _, f in rows], field=column, expected="a value",
            mend="The value Excel saved last is used; paste values to be sure.", severity="warning",
        )  # fmt: skip
    return faults


def sheet_names(path: Path) -> list[str]:
    """Return the names of a workbook's sheets in their order; raises DataError for a file that is none."""
    import python_calamine as calamine

    refuse_foreign(path, "zip")
    check_archive(path, Limits())
    try:
        with calamine.load_workbook(str(path)) as book:
            return list(book.sheet_names)
    except calamine.CalamineError as error:
        raise unreadable(path.name, str(error), "a workbook", "Save it as .xlsx.") from None
