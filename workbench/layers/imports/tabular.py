"""Turns rows of cells into a table with the row numbers a person sees: headings found, totals left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.errors import Fault
from workbench.layers.imports.container import Limits, unreadable
from workbench.layers.imports.headings import Head, Known, Merge, Row, find_head, kind_of_row
from workbench.layers.imports.report import Repair

_LEFT_OUT = {
    "total": ("skip_totals", "rows of totals left out"),
    "note": ("skip_notes", "notes below the table left out"),
    "numbers": ("skip_column_numbers", "rows that number the columns left out"),
    "heading": ("skip_headings", "headings repeated on a new page left out"),
}


@dataclass(frozen=True)
class Table:
    """A sheet of cells: `frame` indexed by the row number in the file, columns named as in its header.

    `unit`: the unit a title names for the figures of the table, or None.
    """

    frame: pd.DataFrame
    faults: tuple[Fault, ...] = ()
    repairs: tuple[Repair, ...] = ()
    unit: str | None = None


def with_header(
    file: str, cells: Sequence[Row], known: Known, limits: Limits, *, merges: Sequence[Merge] = (),
    ragged: bool = False,
) -> Table:  # fmt: skip
    """Find the header among the first rows, leave titles, blank rows, totals and notes out, check widths.

    `ragged`: rows of another number of fields are faults (delimited text).
    """
    filled = [(number, row) for number, row in cells if is_filled(row)]
    if not filled:
        raise unreadable(file, "no filled row", "a header and rows below it", "Export it again.")
    head = find_head(filled, merges, known)
    if len(head.names) > limits.columns:
        raise unreadable(file, f"{len(head.names)} columns", f"at most {limits.columns}", "Drop columns.")
    names, faults = _single(file, filled[head.above][0], head.names)
    body, left_out = [], dict[str, list[int]]()
    for number, row in filled[head.above + head.rows :]:
        if (kind := kind_of_row(row, head.names)) != "data":
            left_out.setdefault(kind, []).append(number)
            continue
        if ragged and not _as_wide(row, len(names)):
            mend = "Quote fields that hold the delimiter; add the missing ones."
            faults.append(Fault(file, number, "", f"{len(row)} fields", f"{len(names)} fields", mend))
        body.append((number, (list(row) + [None] * len(names))[: len(names)]))
    if not body:
        faults.append(Fault(file, None, "", "a header without rows", "at least one row", "Add the rows."))
    frame = pd.DataFrame(
        [row for _, row in body], columns=names, index=[number for number, _ in body], dtype=object
    )
    return Table(frame, _limit(file, faults), (*_stacking(head), *_leaving(left_out)), head.unit)


def is_filled(row: Sequence[Any]) -> bool:
    """Tell whether a row holds anything a reader sees."""
    return any(value is not None and str(value).strip() for value in row)


def _as_wide(row: Sequence[Any], width: int) -> bool:
    """Accept blank fields beyond the headings: spreadsheets write them for columns once used."""
    return len(row) == width or (len(row) > width and not is_filled(row[width:]))


def _single(file: str, row: int, names: list[str]) -> tuple[list[str], list[Fault]]:
    """Tell headings that occur twice, and give the later ones names of their own."""
    faults = [
        Fault(file, row, name, "two columns of one name", "one", "Rename or drop one.")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    single = [f"{name} (column {at + 1})" if name in names[:at] else name for at, name in enumerate(names)]
    return single, faults


def _stacking(head: Head) -> list[Repair]:
    done = [Repair("skip_title_rows", head.above, "rows above the header left out")] if head.above else []
    if head.rows > 1:
        done.append(Repair("join_headings", head.rows, "rows of headings read as one"))
    return done


def _leaving(left_out: dict[str, list[int]]) -> list[Repair]:
    done = []
    for kind, rows in left_out.items():
        name, what = _LEFT_OUT[kind]
        listed = ", ".join(map(str, rows[:20])) + (" …" if len(rows) > 20 else "")
        done.append(Repair(name, len(rows), f"{what}: {listed}"))
    return done


def _limit(file: str, faults: list[Fault]) -> tuple[Fault, ...]:
    if len(faults) <= 100:
        return tuple(faults)
    rest = Fault(
        file, None, "", f"the same in {len(faults) - 100} more rows", faults[0].expected, faults[0].mend
    )
    return (*faults[:100], rest)
