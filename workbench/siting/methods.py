"""Rank alternatives by six methods of the field, with every step kept under its labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Literal, get_args

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault, LabelError
from workbench.siting.criteria import Criterion, Matrix, matrix
from workbench.siting.outranking import electre, promethee

Method = Literal["weighted_sum", "topsis", "vikor", "promethee", "spotis", "electre"]
Norm = Literal["range", "vector", "fixed"]
Bounds = Mapping[str, tuple[float, float]]
_FALLING = ("vikor", "spotis")  # the smaller, the better
Steps = dict[str, pd.DataFrame | pd.Series]
_DIGITS = 12  # scores that agree this far are ties, not a ranking by rounding noise


@dataclass(frozen=True)
class Ranking:
    """Scores, ranks (1 = best, ties share the better rank) and the steps between table and score.

    `scores` are the method's own: closeness (TOPSIS), net flow (PROMETHEE), those outranked less those
    outranking (ELECTRE I) and weighted sum grow with preference; VIKOR's Q and SPOTIS' distance fall.
    `steps`: frames and series by name, in the order of the calculation.
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


@dataclass(frozen=True)
class Terms:
    """What a method may be told besides table and criteria; see `rank`."""

    v: float = 0.5
    norm: Norm | None = None
    bounds: Bounds | None = None
    concordance: float | None = None
    discordance: float | None = None


def rank(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    method: Method = "topsis",
    *,
    v: float = 0.5,
    norm: Norm | None = None,
    bounds: Bounds | None = None,
    concordance: float | None = None,
    discordance: float | None = None,
) -> Ranking:
    """Rank the rows of any labelled table by several criteria.

    `table`: alternatives x columns, unique index. Weights are scaled to sum 1; a zero weight or a constant
    column decides nothing. `v`: VIKOR's weight of the majority against the worst regret, 0 to 1.

    `norm`, for weighted sum (default range), TOPSIS and ELECTRE I (default vector): ``range`` stretches each
    criterion between the worst and best alternative, ``vector`` divides it by its length, ``fixed`` keeps a
    scale that no alternative changes: `bounds` (low, high) by criterion, or 0..1 where a ramp or classes
    score it. SPOTIS always works on fixed bounds, so no alternative added or dropped turns its order.
    `concordance`, `discordance`: ELECTRE I's thresholds, 0 to 1 (None: the mean over all pairs).

    Raises DataError for missing values, faulty criteria, terms out of range and values outside their bounds,
    LabelError for an unknown method or norm. Sources: Hwang and Yoon (1981: weighted sum, TOPSIS, ELECTRE I),
    Opricovic and Tzeng (2004, VIKOR), Brans, Vincke and Mareschal (1986, PROMETHEE), Dezert et al. (2020,
    SPOTIS).
    """
    if method not in get_args(Method):
        raise LabelError(f"no such method; there are {', '.join(get_args(Method))}", unexpected=[method])
    if norm is not None and norm not in get_args(Norm):
        raise LabelError(f"no such norm; there are {', '.join(get_args(Norm))}", unexpected=[norm])
    told = {"v": v, "concordance": concordance, "discordance": discordance}
    wrong = {name: value for name, value in told.items() if value is not None and not _share(value)}
    if wrong:
        faults = [
            Fault("method", None, n, str(x), "a number from 0 to 1", "Set it within.")
            for n, x in wrong.items()
        ]
        raise DataError(faults, f"{method} cannot be computed")
    m = matrix(table, criteria)
    terms = Terms(v, norm, bounds, concordance, discordance)
    steps = {"values": m.values, "weights": m.weights, **_KERNELS[method](m, terms)}
    scores = pd.Series(steps["score"], name=str(method))
    return Ranking(method, scores, _ranks(scores, method), steps, m)


def _share(value: object) -> bool:
    return isinstance(value, Real) and 0 <= float(value) <= 1


def rank_matrix(m: Matrix, method: Method, terms: Terms | None = None) -> pd.Series:
    """Return only the ranks of a matrix already checked: the inner loop of every sensitivity."""
    return _ranks(pd.Series(_KERNELS[method](m, terms or Terms())["score"]), method)


def _ranks(scores: pd.Series, method: Method) -> pd.Series:
    ranks = scores.round(_DIGITS).rank(method="min", ascending=method in _FALLING)
    return ranks.astype(int).rename("rank")


def _scaled(m: Matrix) -> pd.DataFrame:
    """Scale each criterion to 0 (worst) .. 1 (best); a constant column is 1 for all: nobody is worse."""
    good = m.values * m.signs
    low, span = good.min(), good.max() - good.min()
    return ((good - low) / span.where(span > 0)).fillna(1.0)


def _fixed(m: Matrix, bounds: Bounds | None) -> pd.DataFrame:
    """Scale each criterion to 0..1 between its bounds, more is better."""
    given, faults, ends = dict(bounds or {}), [], {}
    strange = set(given) - {c.name for c in m.criteria}
    if strange:
        raise LabelError("bounds of no criterion", unexpected=strange)
    for c in m.criteria:
        scored = isinstance(c.transform, (tuple, Mapping))
        low, high = ends[c.name] = given.get(c.name, (0.0, 1.0) if scored else (np.nan, np.nan))
        values = m.values[c.name]
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            found = f"bounds {low}, {high}" if c.name in given else "no bounds"
            mend = "Give bounds={name: (low, high)}, or a ramp or classes as its transform."
            faults.append(Fault("bounds", None, c.name, found, "two numbers, the lower first", mend))
        elif ((values < low) | (values > high)).any():
            at = values.index[(values < low) | (values > high)]
            found = f"{values[at[0]]:g} at {at[0]}" + (f" and {len(at) - 1} more" if len(at) > 1 else "")
            faults.append(Fault("bounds", None, c.name, found, f"{low:g} to {high:g}", "Widen the bounds."))
    if faults:
        raise DataError(faults, "a fixed scale needs bounds that hold every value")
    low, high = (pd.Series({name: float(pair[k]) for name, pair in ends.items()}) for k in (0, 1))
    share = (m.values - low) / (high - low)
    turned = np.where(m.signs.to_numpy() > 0, share, 1.0 - share)
    return pd.DataFrame(turned, share.index, share.columns)


def _normalised(m: Matrix, terms: Terms, usual: Norm) -> tuple[pd.DataFrame, pd.Series]:
    """Return comparable values and the sign each then has (+1: more is better)."""
    norm = terms.norm or usual
    if norm == "vector":
        length = np.sqrt((m.values**2).sum())
        return m.values / length.where(length > 0, 1.0), m.signs
    scaled = _scaled(m) if norm == "range" else _fixed(m, terms.bounds)
    return scaled, m.signs.abs()


def _weighted_sum(m: Matrix, terms: Terms) -> Steps:
    """score[i] = sum_j w[j] u[i,j], u by default (x[i,j] - worst[j]) / (best[j] - worst[j])."""
    scaled, signs = _normalised(m, terms, "range")
    weighted = scaled * signs * m.weights
    return {"normalised": scaled, "weighted": weighted, "score": weighted.sum(axis=1)}


def _topsis(m: Matrix, terms: Terms) -> Steps:
    """closeness = d- / (d+ + d-), distances to the best and worst of w[j] u[i,j]."""
    normalised, signs = _normalised(m, terms, "vector")
    weighted = normalised * m.weights
    fixed = terms.norm == "fixed"  # then best and worst are the scale's own ends
    ideal = m.weights if fixed else (weighted * signs).max() * signs
    worst = m.weights * 0.0 if fixed else (weighted * signs).min() * signs
    plus = np.sqrt(((weighted - ideal) ** 2).sum(axis=1))
    minus = np.sqrt(((weighted - worst) ** 2).sum(axis=1))
    whole = plus + minus
    # alternatives that agree on everything are as near to the best as to the worst
    score = (minus / whole.where(whole > 0, 1.0)).where(whole > 0, 0.5)
    return {"normalised": normalised, "weighted": weighted, "ideal": ideal, "anti_ideal": worst,
            "distance_ideal": plus, "distance_anti_ideal": minus, "score": score}  # fmt: skip


def _spotis(m: Matrix, terms: Terms) -> Steps:
    """score[i] = sum_j w[j] |x[i,j] - best[j]| / (high[j] - low[j]), best the better of the two bounds."""
    distance = 1.0 - _fixed(m, terms.bounds)
    weighted = distance * m.weights
    return {"distance": distance, "weighted": weighted, "score": weighted.sum(axis=1)}


def _electre(m: Matrix, terms: Terms) -> Steps:
    """Outranking by concordance and discordance; see `siting.outranking`."""
    normalised, signs = _normalised(m, terms, "vector")
    weighted = normalised * signs * m.weights
    found = electre(weighted, m.weights, terms.concordance, terms.discordance)
    return {"normalised": normalised, "weighted": weighted, **found}


def _promethee(m: Matrix, _: Terms) -> Steps:
    return promethee(m)


def _vikor(m: Matrix, terms: Terms) -> Steps:
    """Q = v (S - S*) / (S- - S*) + (1 - v) (R - R*) / (R- - R*), S group utility, R the worst regret."""
    v, regret = terms.v, (1.0 - _scaled(m)) * m.weights
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


_KERNELS = {
    "weighted_sum": _weighted_sum,
    "topsis": _topsis,
    "vikor": _vikor,
    "promethee": _promethee,
    "spotis": _spotis,
    "electre": _electre,
}
