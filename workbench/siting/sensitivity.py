"""How firm is a ranking: reversals, weights at which another becomes best, odds of each rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.siting.criteria import Criterion, matrix
from workbench.siting.methods import Bounds, Method, Norm, rank, rank_matrix


def rank_reversal(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    method: Method = "topsis",
    *,
    norm: Norm | None = None,
    bounds: Bounds | None = None,
) -> pd.DataFrame:
    """Take each alternative away in turn and list the pairs of others whose order turns round.

    Columns `removed`, `was_better`, `is_better`; empty when the order never turns. A tie that breaks is no
    reversal. `norm`, `bounds`: see `rank`; on a fixed scale a weighted sum and SPOTIS never turn.
    """
    before = rank(table, criteria, method, norm=norm, bounds=bounds).ranks
    records = []
    for removed in table.index if len(table) > 2 else []:
        after = rank(table.drop(index=removed), criteria, method, norm=norm, bounds=bounds).ranks
        names = after.index
        old, new = before[names].to_numpy(), after.to_numpy()
        turned = (old[:, None] < old[None, :]) & (new[:, None] > new[None, :])
        records += [(removed, names[i], names[j]) for i, j in np.argwhere(turned)]
    return pd.DataFrame(records, columns=["removed", "was_better", "is_better"])


def weight_switch_points(
    table: pd.DataFrame, criteria: Sequence[Criterion], method: Method = "topsis", *, steps: int = 100
) -> pd.DataFrame:
    """Say how far each weight may move, the others keeping their proportions, before the best changes.

    Index criterion; `weight` now, `low` and `high`: the nearest weights at which another becomes best (NaN:
    no switch on that side), `best_below`, `best_above`: who takes over, `slack`: the smaller of the two
    moves. Found by scanning `steps` weights on each side and bisection to 1e-6, so a winner on a narrower
    window is missed.
    """
    m = matrix(table, criteria)
    weights = m.weights
    ranks_now = rank_matrix(m, method)
    best = ranks_now.index[ranks_now == 1].tolist()

    def winners(name: str, weight: float) -> list:
        rest = weights.drop(name)
        # a criterion that carries all the weight gives it to the others in equal parts
        spread = rest / rest.sum() if rest.sum() > 0 else rest * 0 + 1 / max(len(rest), 1)
        moved = pd.concat([spread * (1 - weight), pd.Series({name: weight})])[weights.index]
        ranks = rank_matrix(replace(m, weights=moved), method)
        return ranks.index[ranks == 1].tolist()

    def switch(name: str, end: float) -> tuple[float, str | None]:
        inside = weights[name]
        for weight in np.linspace(inside, end, steps + 1)[1:]:
            if winners(name, weight) != best:
                outside = weight
                while abs(outside - inside) > 1e-7:
                    middle = (inside + outside) / 2
                    inside, outside = (inside, middle) if winners(name, middle) != best else (middle, outside)
                beyond = outside + np.sign(end - outside) * 1e-6
                return float(outside), str(winners(name, float(np.clip(beyond, 0, 1)))[0])
            inside = weight
        return np.nan, None

    records = {}
    for name in weights.index if len(weights) > 1 else []:
        (low, below), (high, above) = switch(name, 0.0), switch(name, 1.0)
        slack = np.fmin(weights[name] - low, high - weights[name])
        records[name] = (weights[name], low, high, below, above, slack)
    columns = ["weight", "low", "high", "best_below", "best_above", "slack"]
    return pd.DataFrame.from_dict(records, orient="index", columns=columns).rename_axis("criterion")


def rank_uncertainty(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    method: Method = "topsis",
    *,
    samples: int = 500,
    concentration: float = 50.0,
    errors: pd.DataFrame | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Rank again under weights (and values) drawn at random around the given ones.

    Weights: Dirichlet with mean = the given weights and `concentration` (larger = surer; a weight of 0
    stays 0). `errors`: standard deviations, same labels as the numeric columns of `table` used
    untransformed; None keeps values. Index alternative; `rank` now, `p_best`, `rank_p05`, `rank_median`,
    `rank_p95`, `rank_mean`.
    """
    rng = np.random.default_rng(seed)
    m = matrix(table, criteria)
    base = m.weights.to_numpy()
    live = base > 0
    draws = np.zeros((samples, len(base)))
    draws[:, live] = rng.dirichlet(base[live] * concentration, size=samples)
    ranks = np.empty((samples, len(table)), dtype=int)
    for k, weights in enumerate(draws):
        drawn = m if errors is None else matrix(_shaken(table, errors, rng), criteria)
        drawn = replace(drawn, weights=pd.Series(weights, index=m.weights.index))
        ranks[k] = rank_matrix(drawn, method).to_numpy()
    low, middle, high = np.quantile(ranks, [0.05, 0.5, 0.95], axis=0)
    return pd.DataFrame(
        {
            "rank": rank_matrix(m, method),
            "p_best": (ranks == 1).mean(axis=0),
            "rank_p05": low,
            "rank_median": middle,
            "rank_p95": high,
            "rank_mean": ranks.mean(axis=0),
        },
        index=table.index,
    )


def _shaken(table: pd.DataFrame, errors: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    noise = rng.standard_normal(errors.shape) * errors.to_numpy(float)
    moved = table[errors.columns] + noise
    return table.assign(**{str(name): moved[name] for name in errors.columns})
