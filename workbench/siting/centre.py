"""The p-centre by asking covering questions at few radii: bounds from both sides first, proof in the gap.

A radius r holds when p sites cover every demand within r (Minieka 1970; Elloumi, Labbe and Pochet 2004;
Calik and Tansel 2013). The optimum is one of the distinct costs:

1. local search bisects them from above: where it finds a cover of p sites, the radius falls to its reach;
2. HiGHS is asked just under the best plan, further under after an easy yes, until its no meets it;
3. where time runs out first, the linear program bisects from below: a radius whose fractional cover needs
   more than p sites is out, and gives the bound.
"""

from __future__ import annotations

import numpy as np

from workbench.errors import InfeasibleError
from workbench.siting.covering import fewest, least_number, small_cover
from workbench.siting.limits import Limits

_QUICK = 20_000  # steps of local search per radius while bisecting


def centre(values: np.ndarray, p: int, required: np.ndarray, limits: Limits) -> tuple[np.ndarray, float, str]:
    """Return at most p site positions, the proven bound on the longest way, and the status.

    `values`: demands x sites, inf where a site cannot serve.
    """
    radii = np.unique(values[np.isfinite(values)])
    low = int(np.searchsorted(radii, values.min(axis=1).max()))
    chosen = _some(values <= radii[-1], p, required, limits)

    def reach(sites: np.ndarray) -> int:
        return int(np.searchsorted(radii, values[:, sites].min(axis=1).max()))

    high = reach(chosen)
    chosen, high = _from_above(values, radii, p, required, (low, high), chosen)
    limits.tell(float(radii[high]), float(radii[low]))
    step = 1
    while low < high and not limits.over:
        asked = max(low, high - step)
        found = fewest(values <= radii[asked], required, limits, enough=p)
        if found.chosen is not None:
            chosen, high = found.chosen, reach(found.chosen)
            step = 1 if found.hard else 4 * step  # a no further down may cost as much as the last one
        elif found.bound > p:
            low, step = asked + 1, 1
        else:
            break
        limits.tell(float(radii[high]), float(radii[low]))
    if low < high:  # the proof did not come in time: what the linear program rules out is the bound
        low = _from_below(values, radii, p, required, (low, high), limits)
    return chosen, float(radii[low]), "optimal" if low >= high else limits.stopped


def _some(near: np.ndarray, p: int, required: np.ndarray, limits: Limits) -> np.ndarray:
    """Return any p sites that reach everyone at all."""
    found = fewest(near, required, limits, enough=p)
    if found.chosen is None:
        raise InfeasibleError(f"{p} sites cannot reach every demand", [("every demand is reached", 1.0)])
    return found.chosen


def _from_above(
    values: np.ndarray, radii: np.ndarray, p: int, required: np.ndarray, ends: tuple[int, int],
    chosen: np.ndarray,
) -> tuple[np.ndarray, int]:  # fmt: skip
    """Bisect with local search; a radius where it finds nothing is passed over, not ruled out."""
    low, high = ends
    while low < high:
        middle = (low + high) // 2
        sites = small_cover(values <= radii[middle], required, p, steps=_QUICK)
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
    while low < high:
        middle = (low + high) // 2
        if least_number(values <= radii[middle], required, limits) > p:
            low = middle + 1
        else:
            high = middle
    return low
