"""Judges typed values against the field they stand in: bounds, whole numbers, allowed words, patterns.

The one place where a value is held to its declaration, for the baseline and for a planner's file alike; how a
cell becomes a value is the business of whoever read it.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from workbench.errors import Fault
from workbench.layers.faults import each_row
from workbench.layers.schema import Field


def judge(
    values: pd.Series,
    field: Field,
    file: str,
    *,
    said: pd.Series | None = None,
    mend: str = "Correct the value.",
) -> list[Fault]:
    """Return one fault per value the field does not allow (index: row numbers; missing values pass).

    Numbers are floats; text of a field with `many` holds several values, separated by ``;``. `said`: the
    cells as written, for the message (same index).
    """
    said = values if said is None else said
    if field.dtype in ("number", "integer"):
        return _told(file, said[_wrong(values, field)], field, field.expectation, mend)
    if field.dtype in ("boolean", "date"):
        return []
    parts = parts_of(values.dropna(), field)
    faults = []
    if field.allowed:
        faults += _told(file, parts[~parts.isin(field.allowed)], field, field.expectation, mend)
    if field.pattern:
        odd = parts[[re.match(field.pattern, part) is None for part in parts]]
        faults += _told(file, odd, field, f"text like {field.pattern}", mend)
    return faults


def _wrong(values: pd.Series, field: Field) -> pd.Series:
    figures = values.astype(float)
    low = -np.inf if field.min is None else field.min
    high = np.inf if field.max is None else field.max
    wrong = np.isinf(figures) | (figures < low) | (figures > high)
    return wrong | (np.isfinite(figures) & (figures % 1 != 0)) if field.dtype == "integer" else wrong


def parts_of(known: pd.Series, field: Field) -> pd.Series:
    """Split cells that hold several values, one row per value with the row number of its cell."""
    text = known.astype(str).astype(object)
    return text.map(lambda cell: cell.split(";")).explode().map(str.strip) if field.many else text


def _told(file: str, cells: pd.Series, field: Field, expected: str, mend: str) -> list[Fault]:
    return each_row(file, list(cells.index), list(cells), field=field.name, expected=expected, mend=mend)
