"""Weights of criteria: from pairwise comparisons (AHP) or from the table itself (entropy, CRITIC)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault
from workbench.siting.criteria import Criterion, matrix

# Saaty's mean consistency index of random comparisons, by size (Saaty 1980).
_RANDOM = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
CONSISTENT = 0.10


class Ahp(NamedTuple):
    """Weights (sum 1) and the consistency ratio; above 0.10 the comparisons contradict themselves."""

    weights: pd.Series
    consistency_ratio: float

    @property
    def consistent(self) -> bool:
        """Tell whether the ratio is at most 0.10."""
        return self.consistency_ratio <= CONSISTENT


Comparisons: TypeAlias = (
    pd.DataFrame | np.ndarray | Sequence[Sequence[float | None]] | Mapping[tuple[Any, Any], float]
)


def ahp(comparisons: Comparisons) -> Ahp:
    """Return the principal eigenvector of a matrix of pairwise comparisons and its consistency ratio.

    `comparisons`: a square frame with the same labels on both sides, in which cell (a, b) says how many times
    more important a is than b (1/9..9); or its rows as lists or an array, then labelled 0, 1, ...; or a
    mapping ``{("a", "b"): 3}``. One triangle is enough: blanks are filled by reciprocals. CR = (lambda - n) /
    (n - 1) / RI (Saaty 1980). Raises DataError when labels differ, a pair is missing or not positive, or not
    reciprocal.
    """
    a = _square(comparisons)
    if list(a.index) != list(a.columns):
        found = f"rows {list(a.index)}, columns {list(a.columns)}"
        raise DataError([Fault("comparisons", None, "labels", found, "the same labels", "Reorder them.")])
    if not 1 <= len(a) <= len(_RANDOM):
        found, most = f"{len(a)} criteria", f"1 to {len(_RANDOM)} criteria"
        raise DataError([Fault("comparisons", None, "size", found, most, "Group them in a tree.")])
    values = a.to_numpy(copy=True)
    np.fill_diagonal(values, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(np.isnan(values), 1.0 / values.T, values)
        wrong = ~(values > 0) | ~(np.abs(values * values.T - 1) <= 0.02)
    faults = []
    for i, j in np.argwhere(wrong):
        if i < j:
            found = f"{values[i, j]:.4g} and back {values[j, i]:.4g}"
            pair = f"{a.index[i]} / {a.index[j]}"
            faults.append(
                Fault("comparisons", None, pair, found, "a positive number and its reciprocal", "Fix.")
            )
    if faults:
        raise DataError(faults, "the comparisons are incomplete or contradict themselves")
    roots, vectors = np.linalg.eig(values)
    first = int(np.argmax(roots.real))
    vector = np.abs(vectors[:, first].real)
    n, random = len(a), _RANDOM[len(a) - 1]
    ratio = (roots[first].real - n) / (n - 1) / random if random else 0.0
    return Ahp(pd.Series(vector / vector.sum(), index=a.index, name="weight"), max(float(ratio), 0.0))


def _square(comparisons: Comparisons) -> pd.DataFrame:
    if isinstance(comparisons, Mapping):
        names = list(dict.fromkeys(name for pair in comparisons for name in pair))
        frame = pd.DataFrame(np.nan, index=names, columns=names)
        for (one, other), value in comparisons.items():
            frame.at[one, other] = value
        return frame
    frame = comparisons if isinstance(comparisons, pd.DataFrame) else pd.DataFrame(comparisons)
    return frame.astype(float)


def entropy_weights(table: pd.DataFrame) -> pd.Series:
    """Weigh columns by how much they tell alternatives apart: w[j] ~ 1 + sum_i p[i,j] ln p[i,j] / ln n.

    p[i,j] = x[i,j] / sum_i x[i,j], with 0 ln 0 = 0; a constant column weighs nothing. All values must be at
    least 0 (Shannon entropy; Zeleny 1982). Raises DataError otherwise, and when no column differs at all.
    """
    x = _complete(table)
    if (x < 0).any().any():
        names = [str(c) for c in x.columns[(x < 0).any()]]
        raise DataError([Fault("table", None, c, "negative values", "0 or more", "Shift it.") for c in names])
    share = x / x.sum().where(x.sum() > 0, 1.0)
    logs = np.log(share.where(share > 0, 1.0))
    entropy = -(share * logs).sum() / np.log(max(len(x), 2))
    constant = x.max() == x.min()
    return _to_one((1.0 - entropy).clip(lower=0).mask(constant, 0.0))


def critic_weights(table: pd.DataFrame, criteria: Sequence[Criterion] | None = None) -> pd.Series:
    """Weigh columns by contrast and conflict: w[j] ~ s[j] sum_k (1 - r[j,k]) on columns scaled to 0..1.

    `criteria` gives directions (default: more is better). A constant column weighs nothing and conflicts with
    nobody; where no two columns conflict, contrast alone decides. Source: Diakoulaki, Mavrotas and
    Papayannakis (1995).
    """
    x = _complete(table)
    names = {c.name: c.direction for c in criteria} if criteria is not None else {}
    signs = pd.Series({c: -1.0 if names.get(c) == "min" else 1.0 for c in x.columns})
    span = x.max() - x.min()
    live = x.columns[span > 0]
    scaled = ((x - x.min()) / span)[live] * signs[live]
    conflict = (1.0 - scaled.corr()).sum()
    told = scaled.std() * (conflict if conflict.max() > 1e-12 else 1.0)
    return _to_one(told.reindex(x.columns, fill_value=0.0))


def _complete(table: pd.DataFrame) -> pd.DataFrame:
    return matrix(table, [Criterion(c, 1.0) for c in table.columns]).values


def _to_one(raw: pd.Series) -> pd.Series:
    if not raw.sum() > 0:
        found, need = "no differences", "columns that differ between alternatives"
        raise DataError([Fault("table", None, "", found, need, "Weigh them by comparison instead.")])
    return (raw / raw.sum()).rename("weight")
