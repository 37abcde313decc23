"""Freight on large networks of a planner: 3,000 stations with the minimum charge, 4,000 terminals by road.

`python -m tests.benchmarks.stations` prints both; ratios are of one run, times are CPU seconds.
"""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

import workbench as wb
from workbench.logistics import Network, Rates, RoadRules, cost_matrix
from workbench.logistics.freight.virtual import DRAY
from workbench.logistics.paths import warm_up

SPACING_KM, EXTRA = 18.0, 0.35  # between neighbouring stations; links beyond a spanning tree, per station


def country(n: int, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Draw n stations; return them, the pairs of neighbours, their km, and which are railways."""
    rng = np.random.default_rng(seed)
    side = np.sqrt(n) * SPACING_KM
    xy = rng.random((n, 2)) * side
    corners = Delaunay(xy).simplices
    pairs = np.unique(
        np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])), axis=0
    )
    km = np.maximum(np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T), 0.5) * 1.2
    tree = minimum_spanning_tree(coo_array((km, pairs.T), shape=(n, n)).tocsr()).tocoo()
    spans = np.isin(pairs @ [n, 1], np.sort(np.column_stack([tree.row, tree.col])) @ [n, 1])
    short = np.argsort(np.where(spans, np.inf, km))[: int(EXTRA * n)]
    rails = spans.copy()
    rails[short] = True
    nodes = pd.DataFrame(
        {"lon": 100 + xy[:, 0] / 96, "lat": 28 + xy[:, 1] / 111}, index=[f"N{k}" for k in range(n)]
    )
    return nodes, pairs, km, rails


def links(nodes: pd.DataFrame, pairs: np.ndarray, km: np.ndarray, mode: str) -> pd.DataFrame:
    """Return links of one mode between pairs of nodes."""
    ends = nodes.index.to_numpy()[pairs]
    table = {"from_id": ends[:, 0], "to_id": ends[:, 1], "mode": mode, "distance_km": km}
    return pd.DataFrame(table, index=[f"{mode}{k}" for k in range(len(km))])


def minimum_charge(
    n: int = 3000, origins: int = 40, destinations: int = 30, dray_km: float = 0.0
) -> dict[str, float]:
    """Price a matrix on n stations with the minimum charge and without, in CPU seconds and as a ratio.

    `dray_km` > 0 lays roads between all neighbours, on which trucks may go so far between two stations. The
    network is new, so that reading it, laying it out and asking all count; nothing is compiled.
    """
    layers = wb.load()
    rules = replace(RoadRules.from_assumptions(layers.assumptions), dray_max_km=dray_km)
    nodes, pairs, km, rails = country(n)
    table = links(nodes, pairs[rails], km[rails], "rail")
    if dray_km:
        table = pd.concat([table, links(nodes, pairs, km, "road")])
        Network.from_links(nodes, table, rules=rules).roads.engine.paths([0], [1])
    ends = (
        list(nodes.index[:: n // origins][:origins]),
        list(nodes.index[5 :: n // destinations][:destinations]),
    )
    seconds = {}
    for name, least in (("with", 100.0), ("without", 0.0)):
        rates = Rates.for_year(2014, layers.with_assumptions({"rail.min_charge_km": least}))
        warm_up()
        tiny = Network.from_links(nodes, table, rules=rules)
        cost_matrix(tiny, ["N0"], ["N1"], commodity="coal", rates=rates)  # numba reads its code from disk
        network = Network.from_links(nodes, table, rules=rules)
        start = time.process_time()
        found = cost_matrix(network, *ends, commodity="coal", rates=rates)
        seconds[name] = time.process_time() - start
        assert np.isfinite(found.cost_cny_t.to_numpy()).all()
    return {**seconds, "ratio": seconds["with"] / seconds["without"]}


def _peak(n: int, dray_km: float, sender: multiprocessing.connection.Connection) -> None:
    layers = wb.load()
    rules = replace(RoadRules.from_assumptions(layers.assumptions), dray_max_km=dray_km)
    nodes, pairs, km, rails = country(n)
    table = pd.concat([links(nodes, pairs[rails], km[rails], "rail"), links(nodes, pairs, km, "road")])
    network = Network.from_links(nodes, table, rules=rules)
    rates = Rates.for_year(2014, layers)
    warm_up()
    network.roads.engine.matrix([0], [1])
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak of compiling
    before = _memory_mb("VmRSS")
    ends = list(nodes.index[:10]), list(nodes.index[-10:])
    found = cost_matrix(network, *ends, commodity="coal", rates=rates)
    sender.send((_memory_mb("VmHWM") - before, int((found.trace.virtual.kind == DRAY).sum())))


def _memory_mb(field: str) -> float:
    """Return the resident memory now (VmRSS) or its peak (VmHWM), as Linux tells it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(field)) / 1024


def terminals(n: int = 4000, dray_km: float = 150.0) -> tuple[float, int]:
    """Return the MB that pricing adds on a network of n terminals with roads, and the drays it knows."""
    receiver, sender = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_peak, args=(n, dray_km, sender))
    process.start()
    found = receiver.recv()
    process.join()
    return found


if __name__ == "__main__":
    for origins, dray_km in ((40, 0.0), (3000, 0.0), (40, 150.0)):
        for name, value in minimum_charge(origins=origins, dray_km=dray_km).items():
            print(f"3,000 stations, {origins:,} x 30, drays of {dray_km:g} km, {name}: {value:.2f}")
    for n in (1000, 2000, 4000):
        added, drays = terminals(n)
        print(f"{n:,} terminals: {added:.0f} MB for {drays:,} drays of at most 150 km")
