"""Rank alternatives by weighted sum, TOPSIS, VIKOR or PROMETHEE II, with every step kept under its labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.siting.criteria import Criterion, Matrix, Preference, matrix

Method = Literal["weighted_sum", "topsis", "vikor", "promethee"]
Steps = dict[str, pd.DataFrame | pd.Series]
_DIGITS = 12  # scores that agree this far are ties, not a ranking by rounding noise


@dataclass(frozen=True)
class Ranking:
    """Scores, ranks (1 = best, ties share the better rank) and the steps between table and score.

    `scores` are the method's own: closeness (TOPSIS), net flow (PROMETHEE) and weighted sum grow with
    preference, VIKOR's Q falls. `steps`: frames and series by name, in the order of the calculation.
    """

    method: Method
    scores: pd.Series
    ranks: pd.Series
    steps: Mapping[str, pd.DataFrame | pd.Series]
    matrix: Matrix

    @property
    def best(self) -> list:
        """Alternatives on rank 1 (several when tied)."""
        return self.ranks.index[self.ranks == 1].tolist()


def rank(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    method: Method = "topsis",
    *,
    v: float = 0.5,
) -> Ranking:
    """Rank the rows of any labelled table by several criteria.

    `table`: alternatives x columns, unique index. `v`: VIKOR's weight of the majority against the worst
    regret. Weights are scaled to sum 1; a zero weight or a constant column decides nothing. Raises DataError
    for missing values and faulty criteria, LabelError for an unknown method. Sources: Hwang and Yoon (1981,
    weighted sum and TOPSIS), Opricovic and Tzeng (2004, VIKOR), Brans, Vincke and Mareschal (1986,
    PROMETHEE).
    """
    if method not in get_args(Method):
        raise LabelError(f"no such method; there are {', '.join(get_args(Method))}", unexpected=[method])
    m = matrix(table, criteria)
    steps = {"values": m.values, "weights": m.weights, **_KERNELS[method](m, v)}
    scores = pd.Series(steps["score"], name=str(method))
    return Ranking(method, scores, _ranks(scores, method), steps, m)


def rank_matrix(m: Matrix, method: Method, *, v: float = 0.5) -> pd.Series:
    """Return only the ranks of a matrix already checked: the inner loop of every sensitivity."""
    return _ranks(pd.Series(_KERNELS[method](m, v)["score"]), method)


def _ranks(scores: pd.Series, method: Method) -> pd.Series:
    ranks = scores.round(_DIGITS).rank(method="min", ascending=method == "vikor")
    return ranks.astype(int).rename("rank")


def _scaled(m: Matrix) -> pd.DataFrame:
    """Scale each criterion to 0 (worst) .. 1 (best); a constant column is 1 for all: nobody is worse."""
    good = m.values * m.signs
    low, span = good.min(), good.max() - good.min()
    return ((good - low) / span.where(span > 0)).fillna(1.0)


def _weighted_sum(m: Matrix, _: float) -> Steps:
    """score[i] = sum_j w[j] (x[i,j] - worst[j]) / (best[j] - worst[j])."""
    scaled = _scaled(m)
    weighted = scaled * m.weights
    return {"normalised": scaled, "weighted": weighted, "score": weighted.sum(axis=1)}


def _topsis(m: Matrix, _: float) -> Steps:
    """closeness = d- / (d+ + d-), distances to the best and worst of w[j] x[i,j] / sqrt(sum_i x[i,j]^2)."""
    norm = np.sqrt((m.values**2).sum())
    normalised = m.values / norm.where(norm > 0, 1.0)
    weighted = normalised * m.weights
    ideal = (weighted * m.signs).max() * m.signs
    worst = (weighted * m.signs).min() * m.signs
    plus = np.sqrt(((weighted - ideal) ** 2).sum(axis=1))
    minus = np.sqrt(((weighted - worst) ** 2).sum(axis=1))
    whole = plus + minus
    # alternatives that agree on everything are as near to the best as to the worst
    score = (minus / whole.where(whole > 0, 1.0)).where(whole > 0, 0.5)
    return {"normalised": normalised, "weighted": weighted, "ideal": ideal, "anti_ideal": worst,
            "distance_ideal": plus, "distance_anti_ideal": minus, "score": score}  # fmt: skip


def _vikor(m: Matrix, v: float) -> Steps:
    """Q = v (S - S*) / (S- - S*) + (1 - v) (R - R*) / (R- - R*), S group utility, R the worst regret."""
    regret = (1.0 - _scaled(m)) * m.weights
    s, r = regret.sum(axis=1), regret.max(axis=1)
    q = v * _unit(s) + (1 - v) * _unit(r)
    order = q.sort_values(kind="stable")
    gap = 1.0 / (len(q) - 1) if len(q) > 1 else 0.0
    advantage = len(q) == 1 or order.iloc[1] - order.iloc[0] >= gap - 1e-12
    stable = order.index[0] in (s.idxmin(), r.idxmin())
    if advantage and stable:
        compromise = order.index[:1]
    elif advantage:
        compromise = order.index[:2]
    else:
        compromise = order.index[(order - order.iloc[0]) < gap - 1e-12]
    return {"regret": regret, "S": s, "R": r, "score": q,
            "compromise": pd.Series(q.index.isin(compromise), index=q.index)}  # fmt: skip


def _unit(x: pd.Series) -> pd.Series:
    span = x.max() - x.min()
    return (x - x.min()) / span if span > 0 else x * 0.0


def preferences(difference: np.ndarray, kind: Preference, q: float, p: float) -> np.ndarray:
    """Return the degree of preference 0..1 of a difference under one of the six functions."""
    d = np.asarray(difference, dtype=float)
    if kind == "usual":
        return (d > 0).astype(float)
    if kind == "quasi":
        return (d > q).astype(float)
    if kind == "linear":
        return np.clip(d / p, 0.0, 1.0)
    if kind == "level":
        return np.select([d <= q, d <= p], [0.0, 0.5], 1.0)
    if kind == "linear_quasi":
        return np.clip((d - q) / (p - q), 0.0, 1.0)
    return np.where(d > 0, 1.0 - np.exp(-(d**2) / (2 * p**2)), 0.0)


def _promethee(m: Matrix, _: float) -> Steps:
    """phi = phi+ - phi-, each the mean over the others of sum_j w[j] P_j(x[i,j] - x[k,j])."""
    good = (m.values * m.signs).to_numpy()
    index, n = m.values.index, len(m.values)
    flows, total = {}, np.zeros((n, n))
    for j, c in enumerate(m.criteria):
        degree = preferences(good[:, None, j] - good[None, :, j], c.preference, c.q, c.p)
        total += m.weights.iloc[j] * degree
        flows[c.name] = (degree.sum(axis=1) - degree.sum(axis=0)) / max(n - 1, 1)
    plus = pd.Series(total.sum(axis=1) / max(n - 1, 1), index=index)
    minus = pd.Series(total.sum(axis=0) / max(n - 1, 1), index=index)
    return {"preference": pd.DataFrame(total, index, index), "unicriterion_flow": pd.DataFrame(flows, index),
            "flow_plus": plus, "flow_minus": minus, "score": plus - minus}  # fmt: skip


_KERNELS = {"weighted_sum": _weighted_sum, "topsis": _topsis, "vikor": _vikor, "promethee": _promethee}
