"""Reads CSV and other delimited text: its encoding and its delimiter are found, or named."""

from __future__ import annotations

import contextlib
import csv
import io
from itertools import islice
from pathlib import Path

from workbench.layers.imports.container import Limits, refuse_foreign, unreadable
from workbench.layers.imports.headings import HEADER_ROWS, Known, Row
from workbench.layers.imports.report import Repair
from workbench.layers.imports.tabular import Table, with_header
from workbench.layers.imports.text import decode

_DELIMITERS = ",\t;，|；、"
_NAMED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_TRIED_ROWS = 60


def read_delimited(
    path: Path, known: Known, limits: Limits, *, delimiter: str | None = None, encoding: str | None = None
) -> Table:
    """Read delimited text in UTF-8, UTF-16 or GBK, or in the encoding named; uneven rows are faults.

    `delimiter`: one character or ``tab``; without it the sign that gives known headings and even rows.
    """
    refuse_foreign(path, "text")
    text, used = decode(path.name, path.read_bytes(), encoding)
    sign = _NAMED.get(delimiter, delimiter) if delimiter else _delimiter(text, known)
    if len(sign) != 1 or sign in '"\r\n':
        expected = "one character, or tab"
        raise unreadable(path.name, f"the delimiter {delimiter!r}", expected, "Name one character.")
    cells = _cells(path.name, text, sign, limits)
    table = with_header(path.name, cells, known, limits, ragged=True)
    notes = [] if used == "utf-8" else [Repair("decode", len(table.frame), f"text read as {used}")]
    return Table(table.frame, table.faults, (*table.repairs, *notes), table.unit)


def _cells(file: str, text: str, delimiter: str, limits: Limits) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    cells: list[Row] = []
    try:
        for number, record in enumerate(reader, start=1):
            if number > limits.rows + HEADER_ROWS:
                raise unreadable(file, "more rows", f"at most {limits.rows:,} rows", "Split the file.")
            cells.append((number, list(record)))
    except csv.Error as error:
        found = f"broken text after record {len(cells)} ({error})"
        raise unreadable(file, found, "delimited text", "Close the quotes or export it again.") from None
    return cells


def _delimiter(text: str, known: Known) -> str:
    """Choose the sign under which a row holds most known headings and the rows below it are even."""
    head = text[:200_000].splitlines(keepends=True)[:_TRIED_ROWS]
    return max(_DELIMITERS, key=lambda sign: _fit(head, sign, known))


def _fit(lines: list[str], delimiter: str, known: Known) -> tuple[int, float, int]:
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows += islice(csv.reader(lines, delimiter=delimiter), _TRIED_ROWS)
    headings, widths = (
        [sum(bool(known(word)) for word in row) for row in rows[:HEADER_ROWS]],
        [len(row) for row in rows if row],
    )
    if not headings or not widths:
        return 0, 0.0, 0
    width = len(rows[max(range(len(headings)), key=headings.__getitem__)])
    return max(headings), sum(w == width for w in widths) / len(widths) * (width > 1), width
