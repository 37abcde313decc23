"""Least-cost freight of all shipments together within what lines, locks and terminals can still carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeAlias

import numpy as np
import pandas as pd

from workbench.errors import LabelError, WorkbenchError
from workbench.logistics.matrix import CostMatrix, Weights, answer, cost_matrix
from workbench.logistics.network import Network
from workbench.logistics.rates import Rates
from workbench.logistics.routes import legs
from workbench.solver import Model, Solution, solve

# shipment, weighted yuan per t, links
Path: TypeAlias = tuple[object, float, tuple[str, ...]]

ROUNDS = 60  # each round adds the path every shipment would rather take at the prices of the last


@dataclass(frozen=True, eq=False)
class Assignment:
    """Flows within capacity.

    `paths`: shipment, kt, score (weighted yuan per t), links. `links`: index link; line, kt, capacity_kt
    (what other traffic leaves), load (share), price_cny_t (what one more tonne of room would save).
    `unmet`: shipment -> kt that find no room. `uncapped`: links whose least-cost flow would exceed the room.
    `objective_mcny`, and `bound_mcny`: no assignment can be cheaper than the bound.
    """

    paths: pd.DataFrame
    links: pd.DataFrame
    unmet: pd.Series
    uncapped: pd.Series
    objective_mcny: float
    bound_mcny: float


@dataclass
class _Columns:
    """Paths found so far, each once."""

    rows: list[Path] = field(default_factory=list)
    known: set[tuple[object, tuple[str, ...]]] = field(default_factory=set)

    def add(self, shipment: object, score: float, links: tuple[str, ...]) -> bool:
        if (shipment, links) in self.known:
            return False
        self.known.add((shipment, links))
        self.rows.append((shipment, score, links))
        return True


def room_kt(network: Network, rates: Rates) -> pd.Series:
    """Return what other traffic leaves on each link of known capacity, in kt a year (index link id).

    room = capacity x (1 - background share), the share by kind: lock, rail, or port and river.
    """
    links = network.links[network.links["capacity_mt"].notna() & network.links["open"]]
    shares = {name: rates.values[f"background.{name}_share"] for name in ("lock", "rail", "port")}
    kind = np.where(links["lock"] != "", "lock", np.where(links["mode"] == "rail", "rail", "port"))
    return links["capacity_mt"].astype(float) * 1e3 * (1 - pd.Series(kind, index=links.index).map(shares))


def assign(
    network: Network,
    shipments: pd.DataFrame,
    *,
    rates: Rates,
    weights: Weights | None = None,
    room: pd.Series | None = None,
) -> Assignment:
    """Send all shipments at least total cost within the room of every link.

    `shipments`: index id; origin, destination (node ids), commodity, kt. `room`: kt per link and year, both
    directions together; default `room_kt`. Method: min-cost multi-commodity flow over paths by column
    generation (Ford and Fulkerson 1958): a linear program shares the known paths, the duals of its rows
    price scarce links, shortest paths at these prices are new columns until none pays. Exact up to 1e-6;
    shadow prices are those duals. Raises LabelError for links or nodes that do not exist, WorkbenchError
    when the rounds run out.
    """
    weights = weights or Weights()
    room = room_kt(network, rates) if room is None else room
    if len(missing := room.index.difference(network.links.index)):
        raise LabelError("room is given for links that do not exist", missing=missing)
    penalty = rates.values["capacity.unmet_cny_t"]
    matrices = {
        good: cost_matrix(
            network, sorted(set(part["origin"])), sorted(set(part["destination"])),
            commodity=good, rates=rates, weights=weights,
        )
        for good, part in shipments.groupby("commodity")
    }  # fmt: skip
    columns, free = _Columns(), pd.Series(0.0, index=room.index)
    for name, score, path in _cheapest(matrices, shipments, free):
        columns.add(name, score, path)
    uncapped = _loads(columns.rows, shipments["kt"].to_dict(), room.index)
    for _ in range(ROUNDS):
        solution = _share(columns.rows, shipments, room, penalty)
        prices = (-solution.duals["room"]).clip(lower=0.0) if len(room) else free
        worth = solution.duals["demand"]
        fresh = [
            columns.add(name, score - prices.reindex(path).fillna(0.0).sum(), path)
            for name, score, path in _cheapest(matrices, shipments, prices)
            if score < worth[name] - 1e-7
        ]
        if not any(fresh):
            return _assignment(columns.rows, shipments, network, room, solution, prices, uncapped)
    raise WorkbenchError(f"the flow did not settle in {ROUNDS} rounds; the room of links may be near zero")


def _cheapest(matrices: dict[str, CostMatrix], shipments: pd.DataFrame, prices: pd.Series) -> Iterable[Path]:
    """Yield for each shipment its best path when links cost their shadow price on top."""
    for good, part in shipments.groupby("commodity"):
        trace = matrices[str(good)].trace
        extra = prices.reindex(trace.network.links.index).fillna(0.0).to_numpy()
        attributes = trace.attributes.copy()
        # a price in weighted yuan, whatever share of the score money itself has
        share = trace.weights.cost or 1.0
        attributes[:, 0] += trace.virtual.along @ np.tile(extra, 2) / share
        matrix = answer(replace(trace, attributes=attributes))
        rows = legs(matrix, part[["origin", "destination"]])
        used = rows.groupby(["origin", "destination"])["links"].agg(lambda parts: tuple(chain(*parts)))
        for name, row in part.iterrows():
            score = float(matrix.score.at[row["origin"], row["destination"]])
            if np.isfinite(score):
                yield name, score, used[row["origin"], row["destination"]]


def _share(
    rows: list[Path],
    shipments: pd.DataFrame,
    room: pd.Series,
    penalty: float,
) -> Solution:
    model = Model()
    paths = model.variables("kt", range(len(rows)), cost=[score for _, score, _ in rows])
    unmet = model.variables("unmet", shipments.index, cost=penalty)
    of = shipments.index.get_indexer([name for name, _, _ in rows])
    demand = [(of, paths.columns, 1.0), (np.arange(len(shipments)), unmet.columns, 1.0)]
    kt = shipments["kt"].to_numpy(float)
    model.rows("demand", shipments.index, demand, lower=kt, upper=kt)
    if len(room):
        links = pd.Series([path for _, _, path in rows], dtype=object).explode()
        at, column = room.index.get_indexer(links), paths.first + links.index.to_numpy()
        model.rows("room", room.index, [(at[at >= 0], column[at >= 0], 1.0)], upper=room.to_numpy(float))
    return solve(model)


def _loads(rows: list[Path], kt: dict[object, float], links: pd.Index) -> pd.Series:
    out = pd.Series(0.0, index=links)
    for name, _, path in rows:
        for link in out.index.intersection(list(path)):
            out[link] += kt[name]
    return out


def _assignment(
    rows: list[Path],
    shipments: pd.DataFrame,
    network: Network,
    room: pd.Series,
    solution: Solution,
    prices: pd.Series,
    uncapped: pd.Series,
) -> Assignment:
    paths = pd.DataFrame(rows, columns=["shipment", "score", "links"])
    paths.insert(1, "kt", solution.values["kt"].to_numpy())
    used = paths[paths["kt"] > 1e-9].reset_index(drop=True)
    flow = used.explode("links").groupby("links")["kt"].sum()
    ids = network.links.index[network.links.index.isin(flow.index) | network.links.index.isin(room.index)]
    links = pd.DataFrame(
        {"line": network.links.loc[ids, "line"], "kt": flow.reindex(ids).fillna(0.0)}, index=ids
    )
    links["capacity_kt"] = room.reindex(ids)
    links["load"] = links["kt"] / links["capacity_kt"]
    links["price_cny_t"] = prices.reindex(ids).fillna(0.0)
    unmet = solution.values["unmet"].set_axis(shipments.index)
    over = uncapped[uncapped > room + 1e-9]
    return Assignment(used, links, unmet, over, solution.objective / 1e3, solution.bound / 1e3)
