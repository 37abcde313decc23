"""Plain tables of figures: a labelled matrix or a list of named columns, each faulty cell with its row."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault
from workbench.layers.imports.container import Limits, check_file_itself
from workbench.layers.imports.delimited import read_delimited
from workbench.layers.imports.tabular import Table
from workbench.layers.imports.workbooks import read_workbook

# how planners write that there is no way
NO_WAY = frozenset({"inf", "infinity", "∞", "不通", "无", "none", "no way"})


def read_matrix(path: Path) -> tuple[pd.DataFrame, list[Fault]]:
    """Read CSV or XLSX as numbers of at least 0: labels in the first column, more labels in the heading.

    Words for no way (``inf``, 不通) are infinite; a blank is a fault. Returns the frame and every fault.
    """
    table = _cells(path, lambda heading: False)  # any label may head a column: the first filled row
    labels, faults = _labels(path.name, table)
    columns = list(table.frame.columns[1:])
    values = {
        name: _numbers(path.name, table.frame[name], name, faults, infinite=True, needed=True)
        for name in columns
    }
    frame = pd.DataFrame(values, index=pd.Index(labels, dtype=object), columns=columns)
    return frame, faults


def read_list(
    path: Path, names: Mapping[str, str], *, numbers: Iterable[str], needed: Iterable[str] = ()
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read CSV or XLSX with a first column of labels and some of the columns in `names`.

    `names`: heading as written (folded) -> column. `numbers`: columns of figures of at least 0, others are
    text; blanks of columns not `needed` stay missing. Returns the frame, with `row` of the file, and every
    fault.
    """
    known = {heading.casefold(): column for heading, column in names.items()}
    table = _cells(path, lambda heading: heading.strip().casefold() in known)
    labels, faults = _labels(path.name, table)
    out: dict[str, Any] = {"row": table.frame.index.to_numpy()}
    for heading in table.frame.columns[1:]:
        column = known.get(str(heading).strip().casefold())
        if column is None:
            there = ", ".join(dict.fromkeys(names))
            faults.append(
                Fault(path.name, None, str(heading), "an unknown column", there, "Rename or drop it.")
            )
        elif column in numbers:
            cells = table.frame[heading]
            out[column] = _numbers(
                path.name, cells, str(heading), faults, infinite=True, needed=column in needed
            )
        else:
            out[column] = [str(cell or "").strip() for cell in table.frame[heading]]
    for column in needed:
        if column not in out:
            there = ", ".join(table.frame.columns[1:])
            faults.append(Fault(path.name, None, column, f"columns {there}", f"a column {column}", "Add it."))
    return pd.DataFrame(out, index=pd.Index(labels, dtype=object)), faults


def _cells(path: Path, known: Any) -> Table:
    limits = Limits(columns=5000)
    check_file_itself(path, limits)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return read_workbook(path, known, limits)
    if path.suffix.lower() in (".csv", ".txt", ".tsv"):
        return read_delimited(path, known, limits)
    fault = Fault(path.name, None, "", path.suffix or "no ending", ".csv or .xlsx", "Save it as one of them.")
    raise DataError([fault], summary=f"cannot read {path.name}")


def _labels(file: str, table: Table) -> tuple[list[str], list[Fault]]:
    faults, seen, labels = list(table.faults), dict[str, int](), []
    heading = str(table.frame.columns[0]) if len(table.frame.columns) else ""
    for row, cell in table.frame.iloc[:, 0].items() if len(table.frame.columns) else ():
        label = "" if cell is None else str(cell).strip()
        number = int(str(row))
        if not label:
            faults.append(Fault(file, number, heading, "a blank label", "a label", "Name the row."))
        elif label in seen:
            found = f"{label}, as in row {seen[label]}"
            faults.append(Fault(file, number, heading, found, "each label once", "Join or rename the rows."))
        seen.setdefault(label, number)
        labels.append(label)
    return labels, faults


def _numbers(
    file: str, cells: pd.Series, field: str, faults: list[Fault], *, infinite: bool, needed: bool
) -> np.ndarray:
    out = np.full(len(cells), np.nan)
    for place, (row, cell) in enumerate(cells.items()):
        text = unicodedata.normalize("NFKC", "" if cell is None else str(cell)).strip().casefold()
        if infinite and text in NO_WAY:
            out[place] = np.inf
            continue
        try:
            out[place] = float(text.replace(",", "").replace(" ", ""))
        except ValueError:
            out[place] = np.nan
        if (text or needed) and not out[place] >= 0:
            expected = "a number of at least 0" + (", or inf where there is none" if infinite else "")
            found = text or "a blank"
            faults.append(Fault(file, int(str(row)), field, found, expected, "Correct the cell."))
    return out
