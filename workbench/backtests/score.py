"""How well a ranking finds what ended: area under the curve with its interval, found, missed and false."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu, norm

_DRAWS = 2000
_TAIL = 0.05
POOLED = "pooled"


def auc(score: pd.Series, ended: pd.Series) -> float:
    """Return the odds that a works that ended ranks before one that did not; ties count half.

    Area under the ROC curve, U / (n1 n0) by Mann and Whitney (1947). NaN where none or all ended, or where
    the ranking tells no two works apart. Works without a score stand in the middle.
    """
    values, ended = _filled(score), ended.to_numpy(bool)
    n1, n0 = int(ended.sum()), int((~ended).sum())
    if not n1 or not n0 or np.ptp(values) == 0:
        return float("nan")
    return float(mannwhitneyu(values[ended], values[~ended], method="asymptotic").statistic) / (n1 * n0)


def chance_auc(ended: pd.Series) -> float:
    """Return the area that only one ranking in twenty drawn by chance exceeds.

    0.5 + 1.645 sqrt((n + 1) / (12 n1 n0)), at most 1: below it a ranking cannot be told from chance.
    """
    n1, n0 = int(ended.sum()), int((~ended).sum())
    if not n1 or not n0:
        return float("nan")
    spread = float(np.sqrt((n1 + n0 + 1) / (12 * n1 * n0)))
    return min(0.5 + float(norm.ppf(1 - _TAIL)) * spread, 1.0)


def interval(
    score: pd.Series, ended: pd.Series, strata: pd.Series | None = None, *, draws: int = _DRAWS, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the area: works drawn again, those that ended and the rest apart.

    `strata`: works are drawn within these as well (industries of a pooled ranking). NaN with fewer than two
    works on either side: one event has no spread to draw from.
    """
    flag = ended.to_numpy(bool)
    if min(flag.sum(), (~flag).sum()) < 2 or np.isnan(auc(score, ended)):
        return float("nan"), float("nan")
    random, values = np.random.default_rng(seed), _filled(score)
    cell = pd.Series(flag).groupby([flag, np.zeros(len(flag)) if strata is None else strata.to_numpy()])
    groups = [np.asarray(rows) for rows in cell.indices.values()]
    areas = []
    for _ in range(draws):
        at = np.concatenate([random.choice(group, len(group)) for group in groups])
        areas.append(_area(values[at], flag[at]))
    low, high = np.quantile(areas, [0.025, 0.975])
    return float(low), float(high)


def _area(values: np.ndarray, flag: np.ndarray) -> float:
    """The same area by counting pairs: quick for a few works, drawn thousands of times."""
    return float((np.sign(np.subtract.outer(values[flag], values[~flag])) / 2 + 0.5).mean())


def within(scores: pd.DataFrame, industry: pd.Series) -> pd.DataFrame:
    """Return each score as its rank within its industry, 0 to 1; works without one stand in the middle."""
    parts = scores.groupby(industry, sort=False)
    ranks = (parts.rank() - 0.5).div(parts.transform("count").replace(0, np.nan))
    return ranks.fillna(0.5)


def judged(scores: pd.DataFrame, works: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Judge every ranking on every industry, and pooled by ranks within those of which some works ended.

    `scores`: one column a ranking, index plant id; `works`: `outcomes`, the same index. One row per industry
    and ranking: works, ended, known (works with a score), auc, low, high (95 % interval), chance_auc, and of
    the works ranked first, as many as ended: found, missed, false.
    """
    scores = scores.reindex(works.index)
    some = works[works["ended"].groupby(works["industry"]).transform("any")]
    pooled = within(scores.loc[some.index], some["industry"])
    records = []
    for industry, part in [*works.groupby("industry"), (POOLED, some)]:
        told = pooled if industry == POOLED else scores.loc[part.index]
        for name in scores:
            ended, score = part["ended"], told[name]
            low, high = interval(score, ended, part["industry"], seed=seed)
            records.append(
                {
                    "industry": industry,
                    "ranking": name,
                    "works": len(part),
                    "ended": int(ended.sum()),
                    "known": int(scores.loc[part.index, name].notna().sum()),
                    "auc": auc(score, ended),
                    "low": low,
                    "high": high,
                    "chance_auc": chance_auc(ended),
                    **counted(first(score, int(ended.sum())), ended),
                }
            )
    return pd.DataFrame(records)


def first(score: pd.Series, count: int) -> pd.Series:
    """Mark the works ranked first, as many as `count`; fewer where ties would make them more."""
    values = pd.Series(_filled(score), index=score.index)
    if count <= 0 or count >= len(values):
        return pd.Series(count > 0, index=score.index)
    bar = values.sort_values(ascending=False).iloc[count - 1]
    marked = values >= bar
    return marked if marked.sum() <= count else values > bar


def counted(marked: pd.Series, ended: pd.Series) -> dict[str, int]:
    """Count what a mark found, missed and named in vain."""
    marked, ended = marked.to_numpy(bool), ended.to_numpy(bool)
    return {
        "found": int((marked & ended).sum()),
        "missed": int((~marked & ended).sum()),
        "false": int((marked & ~ended).sum()),
    }


def learned(levers: pd.DataFrame, works: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Fix the levers on one industry and judge them on each of the others.

    The weight of a lever is how far its area on the first industry lies above 0.5, nothing below; the score
    elsewhere the weighted sum of its ranks. One row per pair: fixed_on, judged_on, weights in words, works,
    ended, auc, low, high, chance_auc.
    """
    levers = levers.reindex(works.index)
    ranks, records = within(levers, works["industry"]), []
    able = [i for i, part in works.groupby("industry") if 0 < part["ended"].sum() < len(part)]
    for teacher in able:
        own = works[works["industry"] == teacher]
        weight = {name: max(auc(levers.loc[own.index, name], own["ended"]) - 0.5, 0.0) for name in levers}
        weight = {name: value for name, value in weight.items() if value > 0}
        for pupil in (name for name in able if name != teacher):
            part = works[works["industry"] == pupil]
            score = _weighed(ranks.loc[part.index], weight)
            low, high = interval(score, part["ended"], seed=seed)
            records.append(
                {
                    "fixed_on": teacher,
                    "judged_on": pupil,
                    "weights": ";".join(f"{name} {value:.2f}" for name, value in weight.items()),
                    "works": len(part),
                    "ended": int(part["ended"].sum()),
                    "auc": auc(score, part["ended"]),
                    "low": low,
                    "high": high,
                    "chance_auc": chance_auc(part["ended"]),
                }
            )
    names = ["fixed_on", "judged_on", "weights", "works", "ended", "auc", "low", "high", "chance_auc"]
    return pd.DataFrame(records, columns=names)


def _weighed(ranks: pd.DataFrame, weight: dict[str, float]) -> pd.Series:
    names: Sequence[str] = list(weight)
    return ranks[names].mul(pd.Series(weight, dtype=float)).sum(axis=1)


def _filled(score: pd.Series) -> np.ndarray:
    """Scores with those unknown in the middle of those known."""
    return score.astype(float).fillna(score.median()).fillna(0.0).to_numpy(float)
