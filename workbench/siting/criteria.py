"""Criteria with weights, directions and transforms, and the labelled matrix they make of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault
from workbench.siting import sizes

Transform = Callable[[pd.Series], Any] | Mapping[Any, float] | tuple[float, float]
Preference = Literal["usual", "quasi", "linear", "level", "linear_quasi", "gaussian"]


@dataclass(frozen=True)
class Criterion:
    """One column of the table, how much it counts and which way is better.

    `transform` comes first: a mapping scores classes; a pair (low, high) is a ramp from 0 to 1, clipped; a
    function takes the column and returns a new one. `preference`, `q`, `p` are read by PROMETHEE only: the
    six functions of Brans and Vincke with the thresholds of indifference and preference (`gaussian`: p is
    sigma).
    """

    name: str
    weight: float
    direction: Literal["max", "min"] = "max"
    transform: Transform | None = None
    preference: Preference = "usual"
    q: float = 0.0
    p: float = 0.0


@dataclass(frozen=True)
class Matrix:
    """The transformed values (alternatives x criteria), weights that sum to 1, and +1 or -1 per criterion."""

    values: pd.DataFrame
    weights: pd.Series
    signs: pd.Series
    criteria: tuple[Criterion, ...]


def transformed(column: pd.Series, transform: Transform | None) -> pd.Series:
    """Apply a transform to one column; same index. Classes the mapping does not know become NaN."""
    if transform is None:
        return pd.to_numeric(column, errors="coerce").astype(float)
    if isinstance(transform, Mapping):
        return column.map(transform).astype(float)
    if isinstance(transform, tuple):
        low, high = transform
        numbers = pd.to_numeric(column, errors="coerce").astype(float)
        return ((numbers - low) / (high - low)).clip(0.0, 1.0)
    return pd.Series(np.asarray(transform(column), dtype=float), index=column.index)


def matrix(table: pd.DataFrame, criteria: Sequence[Criterion]) -> Matrix:
    """Check table and criteria and return the labelled matrix; raises DataError with every fault at once.

    Missing values are faults, not zeros: drop the alternative, or fill the value and say why.
    """
    criteria = tuple(criteria)
    faults = [*_criteria_faults(table, criteria)]
    if not faults:
        columns = {c.name: transformed(table[c.name], c.transform) for c in criteria}
        values = pd.DataFrame(columns, index=table.index)
        faults += _value_faults(table, values)
    if faults:
        raise DataError(faults, "the alternatives cannot be compared")
    weights = pd.Series({c.name: float(c.weight) for c in criteria})
    signs = pd.Series({c.name: 1.0 if c.direction == "max" else -1.0 for c in criteria})
    return Matrix(values, weights / weights.sum(), signs, criteria)


def _fault(field: str, found: object, expected: str, mend: str) -> Fault:
    return Fault("criteria", None, field, str(found), expected, mend)


def _criteria_faults(table: pd.DataFrame, criteria: tuple[Criterion, ...]) -> list[Fault]:
    faults, names = [], [c.name for c in criteria]
    if not criteria or not len(table):
        faults.append(
            _fault("", f"{len(table)} rows, {len(criteria)} criteria", "at least one of each", "Add.")
        )
    if not table.index.is_unique:
        twice = sorted(map(str, table.index[table.index.duplicated()]))
        faults.append(_fault("index", ", ".join(twice), "one row per alternative", "Drop the repeated rows."))
    for name in sorted({n for n in names if names.count(n) > 1}):
        faults.append(_fault(name, "named twice", "each criterion once", "Add the two weights into one."))
    for c in criteria:
        if c.name not in table.columns:
            faults.append(
                _fault(c.name, "no such column", f"one of {', '.join(map(str, table))}", "Rename it.")
            )
        if not np.isfinite(c.weight) or c.weight < 0:
            faults.append(
                _fault(c.name, f"weight {c.weight}", "a number of at least 0", "Set another weight.")
            )
        if c.direction not in ("max", "min"):
            faults.append(_fault(c.name, f"direction {c.direction!r}", "'max' or 'min'", "Set one of them."))
        if isinstance(c.transform, tuple) and c.transform[0] == c.transform[1]:
            faults.append(_fault(c.name, f"range {c.transform}", "two different ends", "Widen the range."))
        if c.preference not in get_args(Preference):
            there = f"one of {', '.join(get_args(Preference))}"
            faults.append(_fault(c.name, f"preference {c.preference!r}", there, "Set one of them."))
        elif not (np.isfinite(c.q) and np.isfinite(c.p) and c.q >= 0 and c.p >= 0):
            found = f"thresholds q {c.q}, p {c.p}"
            faults.append(_fault(c.name, found, "numbers of at least 0", "Set the thresholds."))
        elif (c.preference in ("linear", "gaussian") and not c.p > 0) or (
            c.preference == "linear_quasi" and not c.p > c.q
        ):
            found = f"{c.preference} with q {c.q:g}, p {c.p:g}"
            faults.append(_fault(c.name, found, "p above 0 and above q", "Set the threshold p."))
    if not faults and not sum(c.weight for c in criteria) > 0:
        faults.append(_fault("weight", "all zero", "at least one weight above 0", "Set the weights."))
    return faults


def _value_faults(table: pd.DataFrame, values: pd.DataFrame) -> list[Fault]:
    numbers = values.to_numpy(float)
    beyond = sizes.beyond(numbers)
    return [
        _fault(
            f"{values.index[i]} / {values.columns[j]}",
            table.iloc[i][values.columns[j]],
            sizes.EXPECTED if beyond[i, j] else "a finite number or a known class",
            "Choose another unit." if beyond[i, j] else "Fill it or drop the row.",
        )
        for i, j in np.argwhere(~np.isfinite(numbers) | beyond)
    ]
