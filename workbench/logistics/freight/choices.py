"""Sets answers side by side: each mode by itself, the k best that differ, what is in reach, two cases."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.logistics.freight.ends import Points
from workbench.logistics.freight.matrix import CostMatrix, Weights, cost_matrix, settle
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.options import FreightOptions
from workbench.logistics.freight.rates import Rates
from workbench.logistics.freight.routes import Route, first_route

BY_MODE = {"rail": ("rail",), "water": ("water", "sea"), "road": ()}


def alternatives(
    network: Network,
    origin: Points,
    destination: Points,
    *,
    commodity: str,
    rates: Rates | None = None,
    weights: Weights | None = None,
    options: FreightOptions | None = None,
) -> dict[str, Route]:
    """Return the best route of all (`combined`) and the best by rail, by water and by road alone.

    By rail or water trucks still serve both ends, and the route must travel by that mode. A mode that does
    not lead there is left out; the dictionary is empty when nothing does.
    """
    network, rates, weights = settle(network, rates, weights, options, commodity)
    found: dict[str, Route] = {}
    for name, modes in {"combined": ("rail", "water", "sea"), **BY_MODE}.items():
        part = network.by(modes)
        matrix = cost_matrix(part, origin, destination, commodity=commodity, rates=rates, weights=weights)
        if modes and name != "combined":
            matrix = matrix.without_truck()
        if np.isfinite(matrix.score_values[0, 0]):
            path = first_route(matrix)
            if name == "combined" or set(path.modes) & set(modes or ("road",)):
                found[name] = path
    return found


def distinct(
    network: Network,
    origin: Points,
    destination: Points,
    k: int = 3,
    *,
    commodity: str,
    rates: Rates | None = None,
    weights: Weights | None = None,
    options: FreightOptions | None = None,
) -> list[Route]:
    """Return up to `k` routes by score, each avoiding a line (or the direct truck) of every better one.

    Lawler's scheme on lines: the next best route lacks at least one line of the best, so each line of a
    found route is closed in turn and the cheapest of these is the next. Raises UnreachableError.
    """
    network, rates, weights = settle(network, rates, weights, options, commodity)
    numbers, seen = count(), set[frozenset[str]]()
    queue: list[tuple[float, int, frozenset[str], Route]] = []

    def ask(closed: frozenset[str]) -> None:
        if closed in seen:
            return
        seen.add(closed)
        shut = network.links["line"].isin(closed) & network.links["mode"].isin(["rail", "water", "sea"])
        part = network.with_links(open=network.links["open"] & ~shut)
        matrix = cost_matrix(part, origin, destination, commodity=commodity, rates=rates, weights=weights)
        matrix = matrix.without_truck() if "" in closed else matrix
        score = float(matrix.score_values[0, 0])
        if np.isfinite(score) or not closed:  # that nothing leads there at all is an error
            heapq.heappush(queue, (score, next(numbers), closed, first_route(matrix)))

    ask(frozenset())
    best: list[Route] = []
    used: list[frozenset[str]] = []
    while queue and len(best) < k:
        _, _, closed, path = heapq.heappop(queue)
        lines = frozenset(_lines(path))
        if not any(before <= lines for before in used):
            best.append(path)
            used.append(lines)
        for line in sorted(lines):
            ask(closed | {line})
    return best


def _lines(path: Route) -> Iterator[str]:
    hauls = path.legs[path.legs["kind"] == "haul"]
    lines = hauls.loc[hauls["mode"] != "road", "line"]
    yield from lines if len(lines) else [""]


def compare(before: CostMatrix, after: CostMatrix) -> pd.DataFrame:
    """Set two answers side by side, pair by pair: before, after and change of cost, hours, CO2 and km.

    Both must have the same ends (LabelError). A pair cut off changes by inf; one cut off in both by 0.
    """
    for name, one, other in (
        ("origins", before.origins, after.origins),
        ("destinations", before.destinations, after.destinations),
    ):
        if not one.equals(other):
            raise LabelError(
                f"the two matrices have other {name}", one.difference(other), other.difference(one)
            )
    names = ["cost_cny_t", "hours", "co2_kg_t", "km"]
    tables = [matrix.table().set_index(["origin", "destination"])[names] for matrix in (before, after)]
    both = np.isinf(tables[0]) & np.isinf(tables[1])
    change = (tables[1] - tables[0].where(~both, 0.0)).where(~both, 0.0)
    return pd.concat([*tables, change], axis=1, keys=["before", "after", "change"])
