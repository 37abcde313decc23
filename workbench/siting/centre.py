"""The p-centre by asking covering questions at few radii: bounds from both sides first, proof in the gap.

A radius r holds when p sites cover every demand within r (Minieka 1970; Elloumi, Labbe and Pochet 2004;
Calik and Tansel 2013). The optimum is one of the distinct costs:

1. demands of which no p sites serve two, farthest first (Gonzalez 1985), bound it from below at once;
2. where sites are few, exact answers bisect what is left; where they are many, local search bisects it from
   above first: where it finds a cover of p sites, the radius falls to its reach;
3. then the linear program bisects it from below: a radius whose fractional cover needs more than p sites is
   out;
4. HiGHS is asked just under the best plan, further under after an easy yes, until its no meets it.
"""

from __future__ import annotations

import numpy as np

from workbench.siting.covering import fewest, least_number, small_cover
from workbench.siting.limits import Limits

_QUICK = 1_000  # steps of local search per radius while bisecting
_FEW = 60  # below so many sites exact answers are quicker than local search (measured)


def centre(
    values: np.ndarray, chosen: np.ndarray, p: int, required: np.ndarray, limits: Limits
) -> tuple[np.ndarray, float, str]:
    """Return at most p site positions, the proven bound on the longest way, and the status.

    `values`: demands x sites, inf where a site cannot serve; `chosen`: p sites that reach every demand.
    """
    radii = np.unique(values[np.isfinite(values)])

    def reach(sites: np.ndarray) -> int:
        return int(np.searchsorted(radii, values[:, sites].min(axis=1).max()))

    high = reach(chosen)
    low = min(int(np.searchsorted(radii, _apart(values, p, required, limits))), high)
    few = values.shape[1] < _FEW
    if not few:
        chosen, high = _from_above(values, radii, p, required, (low, high), chosen, limits)
        low = _from_below(values, radii, p, required, (low, high), limits)
    limits.tell(float(radii[high]), float(radii[low]))
    step = 1
    while low < high and not limits.over:
        asked = (low + high) // 2 if few else max(low, high - step)
        found = fewest(values <= radii[asked], required, limits, enough=p)
        if found.chosen is not None:
            chosen, high = found.chosen, reach(found.chosen)
            step = 1 if found.hard else 4 * step  # a no further down may cost as much as the last one
        elif found.bound > p:
            low, step = asked + 1, 1
        else:
            break
        limits.tell(float(radii[high]), float(radii[low]))
    return chosen, float(radii[low]), "optimal" if low >= high else limits.stopped


def _apart(values: np.ndarray, p: int, required: np.ndarray, limits: Limits) -> float:
    """Return a radius below which some p + 1 demands (fewer by the required sites) share no site.

    Each is either served by a required site or one of two that share a free one. Out of time: a radius
    without which all demands, or some site's part of them, are out of reach.
    """
    own = values[:, required].min(axis=1) if required.any() else np.full(len(values), np.inf)
    free, least = values[:, ~required], max(float(values.min(axis=1).max()), _crowded(values, p))
    count = p - int(required.sum()) + 1
    if count > len(values) or not free.shape[1]:
        return max(least, float(own.max()) if not free.shape[1] else 0.0)
    near, picked = own.copy(), [int(np.where(np.isfinite(own), own, values.min(axis=1)).argmax())]
    bound = np.inf
    while len(picked) < count:
        if limits.over:
            return least
        near = np.minimum(near, np.maximum(free, free[picked[-1]]).min(axis=1))
        near[picked] = -np.inf
        picked.append(int(near.argmax()))
        bound = min(bound, float(near[picked[-1]]))
    return max(least, min(bound, float(own[picked].min())))


def _crowded(values: np.ndarray, p: int) -> float:
    """Return a radius below which no site reaches the p-th part of the demands, as some one has to."""
    part = -(-len(values) // p) - 1
    return float(np.partition(values, part, axis=0)[part].min())


def _from_above(
    values: np.ndarray, radii: np.ndarray, p: int, required: np.ndarray, ends: tuple[int, int],
    chosen: np.ndarray, limits: Limits,
) -> tuple[np.ndarray, int]:  # fmt: skip
    """Bisect with local search; a radius where it finds nothing is passed over, not ruled out."""
    low, high = ends
    while low < high and not limits.over:
        middle = (low + high) // 2
        sites = small_cover(values <= radii[middle], required, p, limits, steps=_QUICK)
        if len(sites) <= p:
            chosen = sites
            high = int(np.searchsorted(radii, values[:, sites].min(axis=1).max()))
        else:
            low = middle + 1
    return chosen, high


def _from_below(
    values: np.ndarray, radii: np.ndarray, p: int, required: np.ndarray, ends: tuple[int, int], limits: Limits
) -> int:
    """Bisect with the linear program; what it rules out is proven."""
    low, high = ends
    while low < high and not limits.over:
        middle = (low + high) // 2
        if least_number(values <= radii[middle], required, limits) > p:
            low = middle + 1
        else:
            high = middle
    return low
