"""Reads CSV and XLSX into cells with the row numbers a person sees, faults and all."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pandas as pd

from workbench.errors import Fault
from workbench.layers.faults import each_row
from workbench.layers.imports.container import Limits, check_archive, refuse_foreign, unreadable
from workbench.layers.imports.report import Repair

HEADER_ROWS = 12  # titles and remarks may stand above the header of an office table
_TOTALS = ("合计", "总计", "小计", "总 计", "合 计", "total", "subtotal", "sum")
# Attributes may stand in either quotes, letters in either case, names behind any prefix.
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']\$?([A-Za-z]{1,3})\$?(\d{1,8})""")
_ROW_NUMBER = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["'](\d{1,8})""")
_SHARED = re.compile(rb"<(?:\w+:)?si[\s>].*?</(?:\w+:)?si>", re.DOTALL)
_USES_SHARED = re.compile(rb"""\bt\s*=\s*["']s["']""")
_SHARED_NUMBER = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>\s*(\d{1,9})""")
_LONGEST_TAG = 1 << 16
_LONGEST_CELL = 32_767 * 4  # what Excel takes into a cell, in bytes; more is no workbook of Excel
Cells = list[tuple[int, list[Any]]]
Merge = tuple[int, int, int, int]  # left, top, right, bottom, counted from 1


@dataclass(frozen=True)
class Table:
    """A sheet of cells: `frame` indexed by the row number in the file, columns named as in its header."""

    frame: pd.DataFrame
    faults: tuple[Fault, ...] = ()
    repairs: tuple[Repair, ...] = ()


def read_csv(path: Path, known: Callable[[str], bool], limits: Limits) -> Table:
    """Read delimited text in UTF-8, UTF-16 or GBK; rows with another number of fields are faults."""
    refuse_foreign(path, "text")
    text, encoding = _decode(path)
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    cells: Cells = []
    try:
        for number, record in enumerate(reader, start=1):
            if number > limits.rows + HEADER_ROWS:
                raise unreadable(path.name, "more rows", f"at most {limits.rows:,} rows", "Split the file.")
            cells.append((number, record))
    except csv.Error as error:
        found = f"broken text after record {len(cells)} ({error})"
        raise unreadable(path.name, found, "delimited text", "Close the quotes or export it again.") from None
    table = _with_header(path.name, cells, known, limits, ragged=True)
    if encoding == "utf-8":
        return table
    note = Repair("decode", len(table.frame), f"text read as {encoding}")
    return Table(table.frame, table.faults, (*table.repairs, note))


def _decode(path: Path) -> tuple[str, str]:
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "gb18030"]
    reasons = []
    for encoding in candidates:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            reasons.append(f"{encoding}: byte {error.start}")
            continue
        if "\x00" in text:
            raise unreadable(path.name, "binary content", "text", "Export it as CSV (UTF-8).")
        return text, "utf-8" if encoding == "utf-8-sig" else encoding
    found = f"bytes that are no text ({'; '.join(reasons)})"
    raise unreadable(path.name, found, "UTF-8 or GBK text", "Save it as CSV UTF-8.") from None


def _delimiter(text: str) -> str:
    head = "\n".join(text.splitlines()[:HEADER_ROWS])
    return max(",\t;，|", key=head.count)


def read_xlsx(path: Path, known: Callable[[str], bool], limits: Limits, sheet: str | None = None) -> Table:
    """Read a worksheet's saved values; formulas are flagged, merged cells filled and counted."""
    refuse_foreign(path, "zip")
    formulas = _scan(path, check_archive(path, limits), limits)
    name, cells, merges, faults = _cells(path, known, sheet)
    repairs = _fill_merged(cells, merges)
    table = _with_header(path.name, cells, known, limits, ragged=False)
    faults += table.faults
    if formulas:
        faults += _formula_faults(path.name, _written(path, name, limits), table.frame)
    return Table(table.frame, tuple(faults), (*repairs, *table.repairs))


def _scan(path: Path, members: Iterable[zipfile.ZipInfo], limits: Limits) -> bool:
    """Look through the raw XML before a parser does: refuse entities, far-flung cells and texts that swell.

    Tells if there are formulas.
    """
    formulas, shared, uses = False, b"", 0
    with zipfile.ZipFile(path) as archive:
        for member in members:
            if not member.filename.endswith((".xml", ".rels")):
                continue
            widest, last = 0, 0
            try:
                with archive.open(member) as stream:
                    for window in _windows(path.name, member.filename, stream):
                        formulas = formulas or b"<f>" in window or b"<f " in window
                        cells = set(_CELL.findall(window))
                        widest = max(
                            [widest, *(_column_number(letters) for letters in {c for c, _ in cells})]
                        )
                        rows = [*_ROW_NUMBER.findall(window), *(row for _, row in cells)]
                        last = max([last, *map(int, rows)])
                        uses += len(_USES_SHARED.findall(window))
                if member.filename.endswith("sharedStrings.xml"):
                    shared = archive.read(member)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
                raise unreadable(
                    path.name, f"a damaged workbook ({error})", "XLSX", "Save it again."
                ) from None
            if widest > limits.columns or last > limits.rows + HEADER_ROWS:
                found = f"a sheet of {last:,} rows and {widest:,} columns"
                expected = f"at most {limits.rows:,} rows and {limits.columns} columns"
                raise unreadable(path.name, found, expected, "Delete the empty far cells, or split the file.")
    _require_room(path, shared, uses, limits)
    return formulas


def _windows(file: str, member: str, stream: IO[bytes]) -> Iterator[bytes]:
    """Read an XML part in blocks, each beginning with the tag the last one broke off in."""
    tail = b""
    while block := stream.read(1 << 20):
        window = tail + block
        if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
            found = f"an entity declaration in {member}"
            raise unreadable(file, found, "a plain workbook", "Save it again in Excel.")
        if b"\x00" in window:
            found = f"{member} in another encoding than UTF-8"
            raise unreadable(file, found, "UTF-8", "Save it again in Excel.")
        yield window
        tail = window[window.rfind(b"<") :]
        tail = tail[-200:] if b">" in tail else tail
        if len(tail) > _LONGEST_TAG:
            raise unreadable(file, f"a tag without end in {member}", "XML", "Save it again in Excel.")


def _require_room(path: Path, shared: bytes, uses: int, limits: Limits) -> None:
    """Refuse a workbook that is small only because one long text stands in many cells."""
    sizes = [len(text[0]) for text in _SHARED.finditer(shared)]
    longest, room = max(sizes, default=0), limits.unpacked_mb * 1e6
    if longest > _LONGEST_CELL:
        found = f"a cell of {longest:,} bytes"
        raise unreadable(path.name, found, "at most 32,767 characters a cell", "Save it again in Excel.")
    if longest * uses <= room:
        return  # even if each cell held the longest
    total = 0
    with zipfile.ZipFile(path) as archive:
        for name in (name for name in archive.namelist() if name.endswith(".xml")):
            with archive.open(name) as stream:
                for window in _windows(path.name, name, stream):
                    numbers = (int(number) for number in _SHARED_NUMBER.findall(window))
                    total += sum(sizes[number] for number in numbers if number < len(sizes))
    if total > room:
        found = f"{total / 1e6:,.0f} MB of text once unpacked"
        raise unreadable(path.name, found, f"at most {limits.unpacked_mb:,.0f} MB", "Split the file.")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _cells(
    path: Path, known: Callable[[str], bool], sheet: str | None
) -> tuple[str, Cells, list[Merge], list[Fault]]:
    """Read the named sheet, or the visible one with most known headings; tell of others like it."""
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            name, faults = _sheet(path, book, known, sheet)
            page = book.get_sheet_by_name(name)
            top, left = page.start or (0, 0)
            padding: list[Any] = [None] * left
            cells = [
                (number, padding + [None if value == "" else value for value in row])
                for number, row in enumerate(_from_first_filled(page, top), start=top + 1)
                if _filled(row)
            ]
            merges = [(a[1] + 1, a[0] + 1, b[1] + 1, b[0] + 1) for a, b in page.merged_cell_ranges or ()]
    except (calamine.CalamineError, OSError) as error:
        found = f"a damaged workbook ({error})"
        raise unreadable(
            path.name, found, "an XLSX workbook", "Open it in Excel and save it again."
        ) from None
    return name, cells, merges, faults


def _from_first_filled(page: Any, top: int) -> Iterator[list[Any]]:
    """Pass the rows on from the first filled one (the reader pads the empty rows above it)."""
    return islice(page.iter_rows(), top, None)


def _sheet(path: Path, book: Any, known: Callable[[str], bool], name: str | None) -> tuple[str, list[Fault]]:
    """Choose the worksheet: the one named, else the visible one whose head holds most known headings."""
    names = book.sheet_names
    if name is not None and name not in names:
        raise unreadable(path.name, f"no sheet {name!r}", f"one of {', '.join(names)}", "Correct the name.")
    if not names:
        raise unreadable(path.name, "no worksheet", "a sheet with a table", "Save the table in it.")
    shown = [page.name for page in book.sheets_metadata if str(page.visible).endswith("Visible")] or names
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


def _headings(page: Any, known: Callable[[str], bool]) -> int:
    top = (page.start or (0, 0))[0]
    rows = islice(page.iter_rows(), top, top + HEADER_ROWS)
    return max((sum(known(str(value)) for value in row if value != "") for row in rows), default=0)


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


def _filled(row: Iterable[Any]) -> bool:
    return any(value is not None and str(value).strip() for value in row)


def _fill_merged(cells: Cells, merges: list[Merge]) -> tuple[Repair, ...]:
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


def _with_header(
    file: str, cells: Cells, known: Callable[[str], bool], limits: Limits, *, ragged: bool
) -> Table:
    """Find the header among the first rows, cut titles, blank rows and totals, and check the widths."""
    filled = [(number, row) for number, row in cells if _filled(row)]
    if not filled:
        raise unreadable(file, "no filled row", "a header and rows below it", "Export it again.")
    head = filled[:HEADER_ROWS]
    scores = [sum(known(str(value)) for value in row if value is not None) for _, row in head]
    best = max(range(len(head)), key=lambda i: (scores[i], -i))
    names = _names(head[best][1])
    if len(names) > limits.columns:
        raise unreadable(file, f"{len(names)} columns", f"at most {limits.columns}", "Drop columns.")
    body, totals, faults = [], [], []
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.append(
            Fault(file, head[best][0], name, "two columns of one name", "one", "Rename or drop one.")
        )
    names = [name if name not in names[:at] else f"{name} (column {at + 1})" for at, name in enumerate(names)]
    for number, row in filled[best + 1 :]:
        first = next((str(value).strip().casefold() for value in row if str(value or "").strip()), "")
        if first in _TOTALS:
            totals.append(number)
            continue
        if ragged and len(row) != len(names):
            mend = "Quote fields that hold the delimiter; add the missing ones."
            faults.append(Fault(file, number, "", f"{len(row)} fields", f"{len(names)} fields", mend))
        body.append((number, (row + [None] * len(names))[: len(names)]))
    if not body:
        faults.append(Fault(file, None, "", "a header without rows", "at least one row", "Add the rows."))
    frame = pd.DataFrame(
        [row for _, row in body], columns=names, index=[number for number, _ in body], dtype=object
    )
    repairs = [Repair("skip_title_rows", best, "rows above the header left out")] if best else []
    repairs += [Repair("skip_totals", len(totals), "rows of totals left out")] if totals else []
    return Table(frame, _limit(file, faults), tuple(repairs))


def _names(row: list[Any]) -> list[str]:
    names = ["" if value is None else str(value).strip().lstrip("\ufeff") for value in row]
    while names and not names[-1]:
        names.pop()
    return [name or f"column {position}" for position, name in enumerate(names, start=1)]


def _limit(file: str, faults: list[Fault]) -> tuple[Fault, ...]:
    if len(faults) <= 100:
        return tuple(faults)
    rest = Fault(
        file, None, "", f"the same in {len(faults) - 100} more rows", faults[0].expected, faults[0].mend
    )
    return (*faults[:100], rest)
