"""Congestion: the flows at which no traveller gains by another way, on links that slow down as they fill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault, UnreachableError, WorkbenchError
from workbench.logistics.freight.tables import FIRST_ROW, label, read_table
from workbench.logistics.paths.engine import PathEngine

ROUNDS = 500
_SWEEPS = 5  # times flows are shifted among known ways before new ways are looked for
_BPR = {"delay_b": 0.15, "delay_power": 4.0}  # Bureau of Public Roads (1964)


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """User equilibrium: all ways in use between two places take equally long, no other is faster.

    `links`: one row per link and direction (index link, against); from_id, to_id, flow, hours, load (flow
    over capacity). `trips`: origin, destination, flow, hours. `gap`: relative, (time spent - time on the
    fastest ways) / time spent. `objective`: the sum over links of the integral of hours (Beckmann).
    """

    links: pd.DataFrame
    trips: pd.DataFrame
    gap: float
    objective: float


@dataclass(eq=False)
class _Roads:
    """Links as arcs with t(v) = t0 (1 + b (v / c)^p), and the flow and time on each."""

    free: np.ndarray
    factor: np.ndarray  # b / c^p
    power: np.ndarray
    flow: np.ndarray
    hours: np.ndarray

    def time(self, a: np.ndarray | slice) -> np.ndarray:
        return self.free[a] * (1 + self.factor[a] * self.flow[a] ** self.power[a])

    def slope(self, a: np.ndarray) -> np.ndarray:
        p = self.power[a]
        steep = np.where(p > 0, self.flow[a] ** np.maximum(p - 1, 0.0), 0.0)
        return self.free[a] * self.factor[a] * p * steep

    def shift(self, a: np.ndarray, by: float) -> None:
        self.flow[a] = np.maximum(self.flow[a] + by, 0.0)
        self.hours[a] = self.time(a)

    def objective(self) -> float:
        extra = self.factor * self.flow**self.power / (self.power + 1)
        return float((self.free * self.flow * (1 + extra)).sum())


def equilibrium(streets: pd.DataFrame, trips: pd.DataFrame, *, gap: float = 1e-6) -> Equilibrium:
    """Find the user equilibrium of trips on congested links (Wardrop's first principle).

    `streets`: from_id, to_id, free_hours, capacity, and where they differ from the Bureau of Public Roads'
    function delay_b (0.15) and delay_power (4); a link serves both directions, each with its capacity,
    unless `one_way`. `trips`: origin, destination, flow in the unit of the capacities. Headings and cells as
    in any own table. Method: Beckmann's convex program (1956) by gradient projection on paths (Jayakrishnan
    et al. 1994): fastest ways join the known ones, and flow moves to them from slower ways by a Newton step,
    until the relative gap is at most `gap`. Raises DataError with every fault, UnreachableError for trips
    without a way, WorkbenchError when ROUNDS do not suffice.
    """
    streets, trips = _checked(streets, trips)
    both = ~streets["one_way"].to_numpy(bool)
    rows = np.r_[np.arange(len(streets)), np.flatnonzero(both)]
    against = np.arange(len(rows)) >= len(streets)
    a, b = (streets[name].to_numpy(object)[rows] for name in ("from_id", "to_id"))
    names = pd.Index(sorted({*a, *b}))
    tail, head = (names.get_indexer(np.where(against, *pair)) for pair in ((b, a), (a, b)))
    free, capacity, factor, power = (
        streets[name].to_numpy(float)[rows] for name in ("free_hours", "capacity", *_BPR)
    )
    roads = _Roads(free, factor / capacity**power, power, np.zeros(len(rows)), free.copy())
    engine = PathEngine(tail, head, len(names))
    pairs = names.get_indexer(trips["origin"]), names.get_indexer(trips["destination"])
    reached = _settle(engine, roads, pairs, trips, gap)
    links = pd.DataFrame(
        {"from_id": names[tail], "to_id": names[head], "flow": roads.flow, "hours": roads.hours},
        index=pd.MultiIndex.from_arrays([streets.index[rows], against], names=["link", "against"]),
    )
    hours = engine.customise(roads.hours).paths(*pairs).cost
    return Equilibrium(
        links.assign(load=roads.flow / capacity), trips.assign(hours=hours), reached, roads.objective()
    )


def _checked(streets: pd.DataFrame, trips: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    (streets, faults), (trips, more) = read_table("streets", streets), read_table("trips", trips)
    faults += more
    if not faults:
        faults = [*_odd(streets, trips)]
    if faults:
        raise DataError(faults, f"the congested network has {len(faults)} faults")
    for name, usual in _BPR.items():
        streets[name] = streets[name].fillna(usual) if name in streets else usual
    streets["one_way"] = streets["one_way"].fillna(False).astype(bool) if "one_way" in streets else False
    moving = (trips["flow"] > 0) & (trips["origin"] != trips["destination"])
    return streets, trips[moving].groupby(["origin", "destination"], as_index=False)["flow"].sum()


def _odd(streets: pd.DataFrame, trips: pd.DataFrame) -> Iterator[Fault]:
    for row in np.flatnonzero(streets["capacity"] <= 0):
        mend = "Give its capacity, or leave the link out."
        yield Fault("streets", int(row) + FIRST_ROW, "capacity", "0", "a capacity above 0", mend)
    known = {*streets["from_id"], *streets["to_id"]}
    for name in ("origin", "destination"):
        for row in np.flatnonzero(~trips[name].map(label).isin(known)):
            found = str(trips[name].iloc[row])
            yield Fault("trips", int(row) + FIRST_ROW, name, found, "an end of a link", "Mend the id.")


def _settle(
    engine: PathEngine,
    roads: _Roads,
    pairs: tuple[np.ndarray, np.ndarray],
    trips: pd.DataFrame,
    gap: float,
) -> float:
    """Shift flows until the gap is closed; return the gap."""
    demand = trips["flow"].to_numpy(float)
    ways: list[dict[tuple[int, ...], float]] = [{} for _ in demand]
    arcs: dict[tuple[int, ...], np.ndarray] = {}
    left = 0.0
    for _ in range(ROUNDS):
        fastest = engine.customise(roads.hours).paths(*pairs)
        if (cut := np.flatnonzero(~np.isfinite(fastest.cost))).size:
            origin, destination = trips.iloc[cut[0]][["origin", "destination"]]
            raise UnreachableError(
                f"no way leads from {origin} to {destination} ({len(cut)} trips have none)"
            )
        spent = float(roads.flow @ roads.hours)
        left = (spent - float(fastest.cost @ demand)) / spent if spent else 0.0
        if all(ways) and left <= gap:
            return max(left, 0.0)
        for k, known in enumerate(ways):
            way = tuple(fastest[k].tolist())
            arcs.setdefault(way, np.array(way, np.int64))
            if not known:
                known[way] = demand[k]
                roads.shift(arcs[way], demand[k])
            known.setdefault(way, 0.0)
        for _ in range(_SWEEPS):
            for known in ways:
                _even(roads, known, arcs)
    raise WorkbenchError(f"{ROUNDS} rounds leave a gap of {left:.1e}; ask for a wider gap than {gap:g}")


def _even(
    roads: _Roads, known: dict[tuple[int, ...], float], arcs: dict[tuple[int, ...], np.ndarray]
) -> None:
    """Move flow between the ways of one pair of places from slower ones to the fastest."""
    if len(known) == 1:
        return
    hours = {way: float(roads.hours[arcs[way]].sum()) for way in known}
    best = min(known, key=hours.__getitem__)
    for way in [way for way in known if way != best]:
        apart = np.setxor1d(arcs[way], arcs[best])
        slope = float(roads.slope(apart).sum())
        slower = float(roads.hours[arcs[way]].sum() - roads.hours[arcs[best]].sum())
        moved = min(known[way], slower / slope if slope > 0 else known[way])
        if slower > 0 and moved > 0:
            roads.shift(np.setdiff1d(arcs[way], arcs[best]), -moved)
            roads.shift(np.setdiff1d(arcs[best], arcs[way]), moved)
            known[way] -= moved
            known[best] += moved
        if known[way] <= 0:
            del known[way]
