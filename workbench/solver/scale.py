"""Numbers brought to the size a solver computes well with, so that a change of units never changes an answer.

HiGHS keeps rows to 1e-6 and reduced costs to 1e-7, drops coefficients below 1e-9 and stops at a distance of
1e-6 from the bound, all in whatever unit it is given. So costs are always multiplied by one factor that
makes their median about 1. Rows and amounts are left as they are while every number is of a common size;
otherwise rows and continuous columns are scaled to a geometric mean of 1 (Fulkerson and Wolfe 1962), the
right-hand side counted as one more column. All factors are powers of two: nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

# Coefficients, right-hand sides and bounds within are passed on as they are (well inside HiGHS's tolerances).
_SMALL, _LARGE = 1e-3, 1e8
_ROUNDS = 8
_MOST_COST = 2.0**30  # no cost may become larger, however small the median is


@dataclass(frozen=True)
class Scale:
    """Factors: x = columns * x' for the solver's x', and the solver's rows are rows * the model's."""

    columns: np.ndarray
    rows: np.ndarray

    def cost_factor(self, cost: np.ndarray) -> float:
        """Return what the solver's objective is multiplied by: the median cost becomes about 1."""
        size = np.abs(cost * self.columns)
        size = size[size > 0]
        if not len(size):
            return 1.0
        return float(2.0 ** np.round(np.log2(min(1.0 / np.median(size), _MOST_COST / size.max()))))


def scale(a: Mapping[str, np.ndarray]) -> Scale:
    """Find the factors for the arrays of a model (see `Model.arrays`)."""
    columns, rows = np.zeros(len(a["cost"])), np.zeros(len(a["row_lower"]))  # as logarithms
    r = np.repeat(np.arange(len(rows)), np.diff(a["start"]))
    entry, free = _logs(a["value"]), a["integer"] == 0
    sides = np.stack([_logs(a["row_lower"]), _logs(a["row_upper"])])
    bounds = np.stack([_logs(a["lower"][free]), _logs(a["upper"][free])])
    found = np.concatenate([entry, sides.ravel(), bounds.ravel()])
    found = found[np.isfinite(found)]
    if not len(found) or (found.min() >= np.log2(_SMALL) and found.max() <= np.log2(_LARGE)):
        return Scale(2.0**columns, 2.0**rows)
    known = np.isfinite(entry)
    r, c, entry = r[known], a["index"][known], entry[known]
    for _ in range(_ROUNDS):
        rows = -_middle(len(rows), [(r, entry + columns[c]), *((np.arange(len(rows)), s) for s in sides)])
        place = np.flatnonzero(free)
        inside = [(c, entry + rows[r]), *((place, -bound) for bound in bounds)]
        columns[free] = -_middle(len(columns), inside)[free]
    return Scale(2.0 ** np.round(columns), 2.0 ** np.round(rows))


def _logs(values: np.ndarray) -> np.ndarray:
    """Return log2 of the sizes; NaN for zeros and what is infinite, which no factor changes."""
    size = np.abs(values)
    return np.log2(np.where((size > 0) & np.isfinite(size), size, np.nan))


def _middle(count: int, parts: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return, per place, the mean of the smallest and largest logarithm; 0 where there is none."""
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    for place, logs in parts:
        known = np.isfinite(logs)
        np.minimum.at(low, place[known], logs[known])
        np.maximum.at(high, place[known], logs[known])
    out, known = np.zeros(count), np.isfinite(low)
    out[known] = (low[known] + high[known]) / 2
    return out
