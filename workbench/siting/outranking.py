"""Who outranks whom: preference functions and flows of PROMETHEE, graph and kernel of ELECTRE I."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.siting.criteria import Matrix, Preference

Steps = dict[str, pd.DataFrame | pd.Series]


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


def promethee(m: Matrix) -> Steps:
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


def electre(
    weighted: pd.DataFrame, weights: pd.Series, concordance: float | None, discordance: float | None
) -> Steps:
    """Return concordance, discordance, the outranking graph, its kernel, and a score per alternative.

    `weighted`: weighted comparable values, more is better. C[i,k] = sum of w[j] where i is at least as good
    as k; D[i,k] = the largest amount by which k is better / the largest difference of the two (0 where i is
    never worse); i outranks k where C >= `concordance` and D <= `discordance` (None: the means of all pairs).
    The kernel holds who is outranked by nobody in it; those that outrank each other in a circle stand or fall
    together. Score: how many it outranks less how many outrank it (Roy 1968; Hwang and Yoon 1981).
    """
    value, index = weighted.to_numpy(), weighted.index
    better = value[:, None, :] - value[None, :, :]
    tie = 1e-12 * np.abs(value).max(axis=0, initial=0.0)
    agree = ((better >= -tie) * weights.to_numpy()).sum(axis=2)
    behind, most = np.maximum(-better, 0.0).max(axis=2), np.abs(better).max(axis=2)
    against = np.divide(
        behind, most, out=np.zeros_like(behind), where=most > 1e-12 * np.abs(value).max(initial=0.0)
    )
    pair = ~np.eye(len(index), dtype=bool)
    c = concordance if concordance is not None else agree[pair].mean() if len(index) > 1 else 1.0
    d = discordance if discordance is not None else against[pair].mean() if len(index) > 1 else 0.0
    outranks = (agree >= c - 1e-12) & (against <= d + 1e-12) & pair
    score = outranks.sum(axis=1) - outranks.sum(axis=0)
    frames = {"concordance": agree, "discordance": against, "outranks": outranks}
    return {
        **{name: pd.DataFrame(array, index, index) for name, array in frames.items()},
        "thresholds": pd.Series({"concordance": c, "discordance": d}),
        "kernel": pd.Series(_kernel(outranks), index=index),
        "score": pd.Series(score.astype(float), index=index),
    }


def _kernel(outranks: np.ndarray) -> np.ndarray:
    """Tell who is outranked by nobody of the kernel, circles taken as one."""
    n = len(outranks)
    reach = outranks | np.eye(n, dtype=bool)
    for k in range(n):
        reach |= reach[:, [k]] & reach[[k], :]
    circle = reach & reach.T
    inside = np.zeros(n, dtype=bool)
    for i in np.argsort(reach.sum(axis=0), kind="stable"):  # from those nobody reaches
        beaten = outranks[:, circle[i]].any(axis=1) & ~circle[i]
        inside[i] = not (inside & beaten).any()
    return inside
