"""Least-cost freight of all shipments together within what lines, locks and terminals can still carry."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeAlias

import numpy as np
import pandas as pd

from workbench.errors import LabelError, WorkbenchError
from workbench.logistics.freight.matrix import CostMatrix, Trace, Weights, answer, cost_matrix
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.rates import Rates
from workbench.logistics.freight.routes import legs
from workbench.logistics.freight.virtual import TRANSFER
from workbench.solver import Model, Solution, solve
from workbench.units import KCNY_PER_MCNY, KT_PER_MT

# shipment, weighted yuan per t, what it uses: links, and terminals that handle it
Path: TypeAlias = tuple[object, float, tuple[str, ...]]

ROUNDS = 60  # each round adds the path every shipment would rather take at the prices of the last


@dataclass(frozen=True, eq=False)
class Assignment:
    """Flows within capacity.

    `paths`: shipment, kt, score (weighted yuan per t), uses. `links`: index link or terminal; kind (link |
    terminal), name (line or place), kt, uncapped_kt (were there room for all), room_kt (what other
    traffic leaves), load_share, price_cny_t (what one more tonne of room would save). `unmet`: shipment ->
    kt that find no room. `uncapped`: kt on what the least-cost flow would overload.
    `objective_mcny`, and `bound_mcny`: no assignment can be cheaper than the bound.
    """

    paths: pd.DataFrame
    links: pd.DataFrame
    unmet: pd.Series
    uncapped: pd.Series
    objective_mcny: float
    bound_mcny: float

    @property
    def overloaded(self) -> pd.DataFrame:
        """Links and terminals that bind: where the least-cost flow would not fit, dearest room first."""
        over = self.links[self.links.index.isin(self.uncapped.index)]
        return over.sort_values(["price_cny_t", "uncapped_kt"], ascending=False, kind="stable")


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
    """Return what other traffic leaves on each link and terminal of known capacity, in kt a year (by id).

    room = capacity x (1 - background share), the share by kind: lock, rail, or port and river. A link's room
    is of both directions together, a terminal's of all it loads, unloads and transfers.
    """
    links = network.links[network.links["capacity_mt"].notna() & network.links["open"]]
    kind = np.where(links["lock"] != "", "lock", np.where(links["mode"] == "rail", "rail", "port"))
    nodes = network.nodes[network.nodes["capacity_mt"].notna()]
    yards = np.where(nodes["type"] == "rail_station", "rail", "port")
    if len(both := links.index.intersection(nodes.index)):
        raise LabelError("a link and a node share an id; rename one", unexpected=both)
    shares = {name: rates.values[f"background.{name}_share"] for name in ("lock", "rail", "port")}
    known = pd.concat([links["capacity_mt"], nodes["capacity_mt"]]).astype(float)
    return known * KT_PER_MT * (1 - pd.Series([*kind, *yards], index=known.index).map(shares).astype(float))


def assign(
    network: Network,
    shipments: pd.DataFrame,
    *,
    rates: Rates,
    weights: Weights | Mapping[str, Weights] | None = None,
    room: pd.Series | None = None,
    places: pd.DataFrame | None = None,
) -> Assignment:
    """Send all shipments at least total cost within the room of every link and terminal.

    `shipments`: index id; origin, destination, commodity, kt. Ends are node ids, or ids of `places`, a frame
    of points (see `cost_matrix`). `weights`: of all goods, or by commodity. `room`: kt a year per link, both
    directions together, or per terminal, all it handles; default `room_kt`. Method: min-cost multi-commodity
    flow over paths by column generation (Ford and Fulkerson 1958): a linear program shares the known paths,
    the duals of its rows price scarce room, shortest paths at these prices are new columns until none pays.
    Exact up to 1e-6; shadow prices are those duals. Raises LabelError for links, terminals or places that do
    not exist, WorkbenchError when the rounds run out.
    """
    room = room_kt(network, rates) if room is None else room
    if len(missing := room.index.difference(network.links.index.append(network.nodes.index))):
        raise LabelError("room is given for links or terminals that do not exist", missing=missing)
    penalty = rates.values["capacity.unmet_cny_t"]
    matrices = {}
    for good, part in shipments.groupby("commodity"):
        ends = (_ends(part[side], places) for side in ("origin", "destination"))
        chosen = weights[str(good)] if isinstance(weights, Mapping) else weights
        matrices[good] = cost_matrix(network, *ends, commodity=str(good), rates=rates, weights=chosen)
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


def _ends(labels: pd.Series, places: pd.DataFrame | None) -> list[str] | pd.DataFrame:
    ids = sorted(set(labels))
    if places is None:
        return ids
    if len(missing := pd.Index(ids).difference(places.index)):
        raise LabelError("shipments begin or end at places that are not given", missing=missing)
    return places.loc[ids]


def _cheapest(
    matrices: dict[Hashable, CostMatrix], shipments: pd.DataFrame, prices: pd.Series
) -> Iterable[Path]:
    """Yield for each shipment its best path when links and terminals cost their shadow price on top."""
    for good, part in shipments.groupby("commodity"):
        matrix = answer(_dearer(matrices[good].trace, prices))
        rows = legs(matrix, part[["origin", "destination"]])
        rows = rows.assign(uses=[_uses(*leg) for leg in rows[_LEG].itertuples(index=False)])
        used = rows.groupby(["origin", "destination"])["uses"].agg(lambda parts: tuple(chain(*parts)))
        for name, row in part.iterrows():
            score = float(matrix.score.at[row["origin"], row["destination"]])
            if np.isfinite(score):
                yield name, score, used[row["origin"], row["destination"]]


_LEG = ["kind", "mode", "from_id", "to_id", "links"]


def _uses(kind: str, mode: str, from_id: str, to_id: str, links: tuple[str, ...]) -> tuple[str, ...]:
    """Return the links a leg runs over, and the terminals that handle it; no terminal handles trucks."""
    if kind == "transfer":
        return (*links, *dict.fromkeys((from_id, to_id)))
    if kind in ("load", "unload"):
        return () if mode == "road" else (to_id if kind == "load" else from_id,)
    return links


def _dearer(trace: Trace, prices: pd.Series) -> Trace:
    """Add the shadow prices of links to hauls, and those of terminals to every handling there."""
    # a price is in weighted yuan, whatever share of the score money itself has
    share, virtual = trace.weights.cost or 1.0, trace.virtual
    by_link = prices.reindex(trace.network.links.index).fillna(0.0).to_numpy() / share
    by_state = prices.reindex(virtual.nodes).fillna(0.0).to_numpy() / share
    attributes = trace.prices.attributes.copy()
    attributes[:, 0] += (virtual.along @ np.tile(by_link, 2))[: len(attributes)]  # drays use no link
    handled = np.flatnonzero(virtual.kind == TRANSFER)
    tail, head = virtual.tail[handled], virtual.head[handled]
    between = virtual.nodes[tail] != virtual.nodes[head]
    attributes[handled, 0] += by_state[tail] + by_state[head] * between
    at_ends = np.where(virtual.modes == "road", 0.0, by_state)
    access, egress = (gates.dearer(at_ends[gates.states]) for gates in (trace.access, trace.egress))
    prices = replace(trace.prices, attributes=attributes)
    return replace(trace, prices=prices, access=access, egress=egress)


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
        uses = pd.Series([path for _, _, path in rows], dtype=object).explode()
        at, column = room.index.get_indexer(uses), paths.first + uses.index.to_numpy()
        # a terminal may handle one shipment twice: entries of one row and column add up
        pairs, times = np.unique(np.column_stack([at, column])[at >= 0], axis=0, return_counts=True)
        model.rows("room", room.index, [(*pairs.T, times.astype(float))], upper=room.to_numpy(float))
    return solve(model)


def _loads(rows: list[Path], kt: dict[object, float], links: pd.Index) -> pd.Series:
    out = pd.Series(0.0, index=links)
    for name, _, path in rows:
        for used in path:
            if used in out.index:
                out[used] += kt[name]
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
    paths = pd.DataFrame(rows, columns=["shipment", "score", "uses"])
    paths.insert(1, "kt", solution.values["kt"].to_numpy())
    used = paths[paths["kt"] > 1e-9].reset_index(drop=True)
    flow = used.explode("uses").groupby("uses")["kt"].sum()
    touched = flow.index.union(room.index)
    ids = [i for i in network.links.index.append(network.nodes.index) if i in touched]
    names = pd.concat([network.links["line"], network.nodes["name_zh"]])
    links = pd.DataFrame({"kind": np.where(pd.Index(ids).isin(network.nodes.index), "terminal", "link")}, ids)
    links["name"] = names.reindex(ids)
    links["kt"] = flow.reindex(ids).fillna(0.0)
    links["uncapped_kt"] = uncapped.reindex(ids)
    links["room_kt"] = room.reindex(ids)
    links["load_share"] = links["kt"] / links["room_kt"]
    links["price_cny_t"] = prices.reindex(ids).fillna(0.0)
    unmet = solution.values["unmet"].set_axis(shipments.index)
    over = uncapped[uncapped > room + 1e-9]
    return Assignment(
        used, links, unmet, over, solution.objective / KCNY_PER_MCNY, solution.bound / KCNY_PER_MCNY
    )
