"""Lanes: which links a train or a class of vessel may use, and rides whose price hangs on their length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.logistics.freight.rates import Rates

MOST_RIDES = 500_000  # a network of short links can branch into more ways than any memory holds


@dataclass(frozen=True, eq=False)
class Lane:
    """One mode, or one class of vessel of it, and the links it fits (a mask of the link table).

    Goods stay on a lane until they are handled. `limit_km`: a ride shorter than this pays as if it were so
    long; 0 = there is no such rule.
    """

    mode: str
    vessel_t: int
    links: np.ndarray
    limit_km: float

    @property
    def layer(self) -> str:
        """Name of the lane within its mode: the size of the vessel in tonnes, or nothing."""
        return str(self.vessel_t) if self.vessel_t else ""

    def key(self) -> tuple[object, ...]:
        """Return what tells this lane from others."""
        return self.mode, self.vessel_t, self.limit_km, self.links.tobytes()


@dataclass(frozen=True)
class Ride:
    """A way along directed arcs; `far` when it reached the limit, else its `km` decide a charge."""

    start: int
    end: int
    arcs: tuple[int, ...]
    km: float
    far: bool


def lanes(links: pd.DataFrame, rates: Rates) -> list[Lane]:
    """Return the lanes of a network: rail, sea, and one per class that is the largest on some waterway.

    No other class is needed: the largest that floats on a whole voyage is the largest on its shallowest link.
    """
    mode = links["mode"].to_numpy()
    found = []
    for name in ("rail", "sea"):
        if (mode == name).any():
            found.append(Lane(name, 0, mode == name, rates.limit_km(name)))
    river = links[mode == "water"]
    if len(river):
        limit, sizes = rates.limit_km("water"), np.unique(rates.largest_vessel(river))
        sizes = sizes[sizes > 0]
        for size in sizes if len(sizes) else rates.vessels.index[:1]:
            fits = np.zeros(len(links), bool)
            fits[mode == "water"] = rates.fits(river, int(size))
            found.append(Lane("water", int(size), fits, limit))
    return found


def rides(tail: np.ndarray, head: np.ndarray, km: np.ndarray, limit_km: float) -> list[Ride]:
    """List every ride along directed arcs, from every node, up to the arc on which it reaches the limit.

    A ride passes no node twice. Why this suffices: a ride of D km pays the sum of its links and the km it
    lacks, c(D) = r max(0, limit - D). Short rides are listed whole, each an arc of its own with its charge;
    a longer one is its first part, listed up to the limit, then plain links. Rides set end to end without
    handling owe c(a) + c(b) >= c(a + b), so they never undercut the one ride they are; and turning back
    never pays while no link is cheaper per km than r. Hence shortest paths over these arcs are exact, under
    any weights. Raises WorkbenchError when there are too many to list.
    """
    leaving: dict[int, list[int]] = {}
    for arc, start in enumerate(tail.tolist()):
        leaving.setdefault(start, []).append(arc)
    found: list[Ride] = []
    for start in leaving:
        for ride in _from(start, leaving, head.tolist(), km.tolist(), limit_km):
            found.append(ride)
            if len(found) > MOST_RIDES:
                raise WorkbenchError(
                    f"rides of less than {limit_km:g} km branch into more than {MOST_RIDES:,} ways; "
                    "join short links of a line into one, or lower rail.min_charge_km"
                )
    return found


def _from(
    start: int, leaving: dict[int, list[int]], head: list[int], km: list[float], limit_km: float
) -> Iterator[Ride]:
    stack: list[tuple[int, tuple[int, ...], frozenset[int], float]] = [(start, (), frozenset([start]), 0.0)]
    while stack:
        node, arcs, passed, so_far = stack.pop()
        for arc in leaving.get(node, ()):
            end, length = head[arc], so_far + km[arc]
            if end in passed:
                continue
            far = length >= limit_km
            yield Ride(start, end, (*arcs, arc), length, far)
            if not far:
                stack.append((end, (*arcs, arc), passed | {end}, length))
