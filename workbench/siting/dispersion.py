"""Choose p sites as far from each other as can be, exactly: a packing question per distance.

p sites stand at least r apart when the graph of pairs nearer than r holds p sites of which no two are joined.
The optimum is one of the distinct distances; a greedy choice, swapped, bounds it from below, and cliques
(of pairwise near sites only one may be open) make each question short (Kuby 1987; Erkut 1990).
"""

from __future__ import annotations

import numpy as np

from workbench.errors import StoppedError
from workbench.siting.limits import Limits
from workbench.solver import Model


def dispersed(
    away: np.ndarray, p: int, required: np.ndarray, limits: Limits
) -> tuple[np.ndarray, float, str]:
    """Return p positions, the proven upper bound on their least distance, and the status.

    `away`: symmetric distances between allowed sites; the diagonal is not read.
    """
    away = away.copy()
    np.fill_diagonal(away, np.inf)
    chosen = _swapped(away, _spread(away, p, required), required, limits)
    radii = np.unique(away[np.triu(np.isfinite(away))])
    low, high = _apart(away, chosen), _most(away, p, required)
    while low < high and not limits.over:
        limits.tell(-low, -high)
        asked = radii[(radii > low) & (radii <= high)]
        if not len(asked):
            high = low
            break
        radius = float(asked[len(asked) // 2])
        try:
            found = _packing(away < radius, p, required, limits)
        except StoppedError:
            break
        if found is None:
            below = radii[radii < radius]
            high = float(below[-1]) if len(below) else low
        elif not len(found):
            break
        else:
            chosen = found
            low = _apart(away, chosen)
    limits.tell(-low, -high)
    return chosen, high, "optimal" if low >= high else limits.stopped


def _apart(away: np.ndarray, chosen: np.ndarray) -> float:
    return float(away[np.ix_(chosen, chosen)].min())


def _most(away: np.ndarray, p: int, required: np.ndarray) -> float:
    """Bound the least distance by that of the required sites and the p-th best of (p-1)-th farthest ways."""
    must = np.flatnonzero(required)
    own = _apart(away, must) if len(must) > 1 else np.inf
    if p < 2:
        return np.inf
    reach = np.partition(np.where(np.isfinite(away), away, -np.inf), 1 - p, axis=1)[:, 1 - p]
    return float(min(own, np.sort(reach)[-p], reach[must].min(initial=np.inf)))


def _spread(away: np.ndarray, p: int, required: np.ndarray) -> np.ndarray:
    """Open the required sites (or the two farthest), then always the one farthest from those open."""
    chosen = np.flatnonzero(required).tolist()
    if not chosen:
        far = np.where(np.isfinite(away), away, -np.inf)
        chosen = [int(far.max(axis=1).argmax())]
    while len(chosen) < p:
        near = away[:, chosen].min(axis=1)
        near[chosen] = -np.inf
        chosen.append(int(near.argmax()))
    return np.sort(np.array(chosen, dtype=int))


def _swapped(away: np.ndarray, chosen: np.ndarray, required: np.ndarray, limits: Limits) -> np.ndarray:
    """Swap one of the two sites nearest to each other for one farther off, while the least distance grows."""
    while len(chosen) > 1 and not limits.over:
        pair = away[np.ix_(chosen, chosen)]
        a, b = np.unravel_index(int(pair.argmin()), pair.shape)
        best, swap = float(pair.min()), None
        for out in (a, b):
            if required[chosen[out]]:
                continue
            rest = np.delete(chosen, out)
            offer = away[:, rest].min(axis=1)
            offer[chosen] = -np.inf
            gained = min(float(offer.max()), _apart(away, rest) if len(rest) > 1 else np.inf)
            if gained > best:
                best, swap = gained, np.append(rest, int(offer.argmax()))
        if swap is None:
            break
        chosen = np.sort(swap)
    return chosen


def _packing(near: np.ndarray, p: int, required: np.ndarray, limits: Limits) -> np.ndarray | None:
    """Return p positions no two of which are near, None where there are none, nothing where time ran out."""
    m, n = Model(), len(near)
    y = m.variables("open", range(n), cost=-1.0, lower=required.astype(float), kind="binary")
    rows = _cliques(near, limits)
    if rows:
        r = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        m.rows("near", range(len(rows)), [(r, y.columns[np.concatenate(rows)], 1.0)], upper=1.0)
    must = np.flatnonzero(required)
    if near[np.ix_(must, must)].any():
        return None
    try:
        found = limits.solve(m, settled=-float(p))
    except StoppedError as stopped:
        if -stopped.bound < p - 1e-6:
            return None
        raise
    opened = np.flatnonzero(found.values["open"].to_numpy() > 0.5)
    if len(opened) >= p:
        rest = opened[~required[opened]]
        return np.sort(np.concatenate([must, rest[: p - len(must)]]))
    return None if -found.bound < p - 1e-6 else np.array([], dtype=int)


def _cliques(near: np.ndarray, limits: Limits) -> list[np.ndarray]:
    """Cover every near pair by sets of sites that are pairwise near, grown greedily. Raises StoppedError."""
    left, rows = np.triu(near, 1), list[np.ndarray]()
    for a in range(len(left)):
        while left[a].any():
            if limits.over:
                raise StoppedError(f"{limits.stopped} while near sites were gathered", -np.inf)
            b = int(left[a].argmax())
            clique, common = [a, b], near[a] & near[b]
            while common.any():
                c = int(common.argmax())
                clique.append(c)
                common = common & near[c]
            rows.append(np.array(sorted(clique), dtype=int))
            left[np.ix_(rows[-1], rows[-1])] = False
    return rows
