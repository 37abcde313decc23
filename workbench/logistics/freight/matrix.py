"""Answers every origin with every destination at once: cost, hours, CO2 and km of the chosen path."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.errors import LabelError, WorkbenchError
from workbench.logistics.freight.ends import Ends, Points, resolve
from workbench.logistics.freight.gates import Gates, trucks
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.options import FreightOptions
from workbench.logistics.freight.rates import ATTRIBUTES, Rates
from workbench.logistics.freight.virtual import Prices, Virtual, expand, priced
from workbench.logistics.paths.metered import MeteredEngine, MeteredPaths
from workbench.units import KG_PER_T


@dataclass(frozen=True)
class Weights:
    """What a path is chosen by: cost x yuan/t + hours x h + co2 x kg/t; `cost` is a share, others in yuan."""

    cost: float = 1.0
    hours: float = 0.0
    co2: float = 0.0

    def __post_init__(self) -> None:
        if min(self.vector()) < 0 or not np.isfinite(self.vector()).all():
            raise WorkbenchError(f"{self}; every weight is a finite number >= 0")

    @classmethod
    def from_options(cls, options: FreightOptions, commodity: str = "") -> Weights:
        """Read a scenario's value of time of a good (yuan per tonne-hour) and carbon weight (yuan per t)."""
        hours = options.value_of_time_by_good.get(commodity, options.value_of_time_cny_t_h)
        return cls(1.0, hours, options.carbon_weight_cny_t / KG_PER_T)

    def vector(self) -> np.ndarray:
        """Return the weights of the first three ATTRIBUTES."""
        return np.array([self.cost, self.hours, self.co2])

    def score(self, attributes: np.ndarray) -> np.ndarray:
        """Weigh attributes, shape (..., 11), into one number each; inf stays inf."""
        closed = ~np.isfinite(attributes[..., 0])
        return np.where(closed, np.inf, np.where(closed[..., None], 0.0, attributes[..., :3]) @ self.vector())


@dataclass(frozen=True, eq=False)
class Trace:
    """What a matrix was computed from; `legs` and `route` read the chosen paths back from it.

    `access`, `egress`: where goods of each end may enter and leave the virtual network, and at what cost.
    `direct`: trucks all the way, shape (origins, destinations, 11).
    """

    network: Network
    virtual: Virtual
    prices: Prices
    origins: Ends
    destinations: Ends
    access: Gates
    egress: Gates
    direct: np.ndarray
    truck_only: np.ndarray
    weights: Weights
    rates: Rates
    commodity: str


@dataclass(frozen=True, eq=False)
class CostMatrix:
    """Totals of the chosen path of every pair; frames have origins as rows and destinations as columns.

    Unreachable pairs are inf in every frame; `why` says what cuts them apart. `score` is what the weights
    made of the path. `boarded` and `alighted` number the states where the chain begins and ends, -1 for a
    truck all the way.
    """

    origins: pd.Index
    destinations: pd.Index
    values: np.ndarray
    score_values: np.ndarray
    boarded: np.ndarray
    alighted: np.ndarray
    trace: Trace

    def reweigh(self, weights: Weights) -> CostMatrix:
        """Choose the paths again under other weights: what a slider calls, nothing is rebuilt."""
        return answer(replace(self.trace, weights=weights))

    def apart(self) -> tuple[CostMatrix, CostMatrix]:
        """Return the answer for trucks all the way, and for chains with rail or water alone."""
        direct = self.trace.direct
        none = np.full(self.score_values.shape, -1)
        trucks = replace(
            self, values=direct, score_values=self.trace.weights.score(direct), boarded=none, alighted=none
        )
        return trucks, self.without_truck()

    def without_truck(self) -> CostMatrix:
        """Answer again with no truck all the way."""
        return answer(replace(self.trace, direct=np.full_like(self.trace.direct, np.inf)))

    def _frame(self, name: str) -> pd.DataFrame:
        values = self.values[..., ATTRIBUTES.index(name)]
        return pd.DataFrame(values, index=self.origins, columns=self.destinations)

    @property
    def score(self) -> pd.DataFrame:
        """Weighted sum the paths were chosen by."""
        return pd.DataFrame(self.score_values, index=self.origins, columns=self.destinations)

    @property
    def cost_cny_t(self) -> pd.DataFrame:
        """Freight in yuan per tonne."""
        return self._frame("cost_cny_t")

    @property
    def hours(self) -> pd.DataFrame:
        """Hours from door to door, dwell and queues included."""
        return self._frame("hours")

    @property
    def co2_kg_t(self) -> pd.DataFrame:
        """CO2 in kg per tonne carried."""
        return self._frame("co2_kg_t")

    @property
    def km(self) -> pd.DataFrame:
        """Length of the path in km, all modes."""
        km = self.values[..., ATTRIBUTES.index("km_rail") :].sum(axis=-1)
        return pd.DataFrame(km, index=self.origins, columns=self.destinations)

    @property
    def km_by_mode(self) -> dict[str, pd.DataFrame]:
        """Length by mode: rail, road, water, sea, and own modes together where there are any."""
        own = ("own",) if self.trace.rates.own is not None else ()
        return {mode: self._frame(f"km_{mode}") for mode in ("rail", "road", "water", "sea", *own)}

    @property
    def pollutants(self) -> dict[str, pd.DataFrame]:
        """NOx, PM2.5 and SO2 in grams per tonne carried."""
        return {name: self._frame(name) for name in ("nox_g_t", "pm25_g_t", "so2_g_t")}

    def table(self) -> pd.DataFrame:
        """Return one row per pair: origin, destination, every attribute, km and the score."""
        pairs = pd.MultiIndex.from_product([self.origins, self.destinations], names=["origin", "destination"])
        out = pd.DataFrame(self.values.reshape(-1, len(ATTRIBUTES)), index=pairs, columns=list(ATTRIBUTES))
        return out.assign(km=self.km.to_numpy().ravel(), score=self.score_values.ravel()).reset_index()

    def why(self, origin: str, destination: str) -> str:
        """Say why a pair is unreachable, or an empty text when it is not."""
        i, j = locate(self.origins, origin), locate(self.destinations, destination)
        if np.isfinite(self.score_values[i, j]):
            return ""
        cap = self.trace.network.rules.snap_max_km
        for ends, k, label in ((self.trace.origins, i, origin), (self.trace.destinations, j, destination)):
            if ends.places.vertex[k] < 0:
                far = ends.places.snap_km[k]
                return f"{label} lies {far:.0f} km from the nearest road; the cap is {cap:g} km"
        return f"no open path from {origin} to {destination}; links may be closed, unbuilt or out of season"


def locate(index: pd.Index, label: object) -> int:
    """Return the position of a label. Raises LabelError."""
    position = index.get_indexer([label])[0]
    if position < 0:
        raise LabelError("not among the ends of this matrix", missing=[label])
    return int(position)


def cost_matrix(
    network: Network,
    origins: Points,
    destinations: Points,
    *,
    commodity: str,
    rates: Rates | None = None,
    weights: Weights | None = None,
    options: FreightOptions | None = None,
) -> CostMatrix:
    """Compute the least weighted freight from every origin to every destination.

    `origins`, `destinations`: node ids, or frames of points (lon, lat columns or WGS-84 geometry; index =
    id). `options` gives the year, season, closures and weights of a scenario; explicit `rates` and
    `weights` win. Roads, snapping and the expansion are remembered by the network, so a second call with
    other weights or rates only re-weighs. Method: a path is a truck haul, or access + chain of rail, river,
    sea and drays + egress; the chain comes from shortest paths on the virtual network (Jourquin & Beuthe
    1996), the ends by a min-plus product. Exact, ties by order of ids.
    """
    network, rates, weights = settle(network, rates, weights, options, commodity)
    virtual = expand(network, rates)
    starts, ends = resolve(network, virtual, origins), resolve(network, virtual, destinations)
    prices = priced(network, virtual, rates, commodity)
    access, egress, truck = trucks(network, virtual, rates, commodity, starts, ends)
    truck_only = truck[..., ATTRIBUTES.index("km_road")] < rates.truck_only_km(commodity)
    trace = Trace(
        network, virtual, prices, starts, ends, access, egress, truck, truck_only, weights, rates, commodity
    )
    return answer(trace)


def answer(trace: Trace) -> CostMatrix:
    """Choose the paths of every pair under the weights of the trace."""
    values, score, boarded, alighted = _best(trace)
    ids = trace.origins.places.ids, trace.destinations.places.ids
    return CostMatrix(*ids, values, score, boarded, alighted, trace)


def settle(
    network: Network,
    rates: Rates | None,
    weights: Weights | None,
    options: FreightOptions | None,
    commodity: str,
) -> tuple[Network, Rates, Weights]:
    """Apply a scenario's closures and fill in the rates and weights it asks for."""
    options = options or FreightOptions()
    if options.closed_links or options.closed_lines:
        network = network.close(links=options.closed_links, lines=options.closed_lines)
    rates = rates or Rates.for_year(options.rates_year, season=options.season)
    return network, rates, weights or Weights.from_options(options, commodity)


def _best(trace: Trace) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return values, score, boarding and alighting state (-1 = truck all the way) of every pair."""
    weigh = trace.weights.score
    score, entry, exit_ = _chained(trace)
    score = np.where(trace.truck_only, np.inf, score)
    direct = weigh(trace.direct)
    by_truck = direct <= score
    rows, columns = np.nonzero(~by_truck)
    s, t = entry[rows, columns], exit_[rows, columns]
    values = trace.direct.copy()
    if len(rows):
        between, pair = np.unique(np.column_stack([s, t]), axis=0, return_inverse=True)
        paths = chains(trace, trace.access.states[between[:, 0]], trace.egress.states[between[:, 1]])
        inner = trace.prices.sums(paths)
        inner[:, 0] += owed(trace, paths)
        values[rows, columns] = trace.access.of(rows, s) + inner[pair.ravel()] + trace.egress.of(columns, t)
    boarded, alighted = np.full(score.shape, -1), np.full(score.shape, -1)
    boarded[rows, columns], alighted[rows, columns] = trace.access.states[s], trace.egress.states[t]
    return values, np.minimum(direct, score), boarded, alighted


def _chained(trace: Trace) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the least access + chain + egress per pair, and the gates it enters and leaves by.

    Shape of all: (origins, destinations); gates count within the states of access and egress. One search
    starts from each origin, or each destination where these are fewer, at all its gates together.
    """
    access, egress, weigh = trace.access, trace.egress, trace.weights.score
    board, alight = access.states, egress.states
    with trace.virtual.turn:
        engine = _weighed(trace)
        if access.ends <= egress.ends:
            reached, root = engine.seeded(board, access.table(weigh), alight)
            score, exit_ = egress.nearest(reached, weigh)
            return score, _position(board, _picked(root, exit_)), exit_
        reached, root = engine.seeded(alight, egress.table(weigh), board, reverse=True)
        back, entry = access.nearest(reached, weigh)
        return back.T, entry.T, _position(alight, _picked(root, entry)).T


def _picked(root: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return root[i, column[i, j]], -1 where there is nothing to pick from."""
    return np.take_along_axis(root, column, axis=1) if root.shape[1] else np.full(column.shape, -1)


def _position(gates: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return where states stand in the rising list of gates; unreached ones stand anywhere."""
    return np.searchsorted(gates, states).clip(max=max(len(gates) - 1, 0))


def _weighed(trace: Trace) -> MeteredEngine:
    """Return the engine under the weights of the trace; whoever asks holds the turn."""
    prices, virtual = trace.prices, trace.virtual
    weights = prices.weighed(trace.weights.score)
    rate = trace.weights.cost * np.append(prices.lacking_cny_tkm, 0.0)[virtual.lane_of_state]
    return virtual.engine.customise(weights, prices.counted_km, prices.liable, rate)


def chains(trace: Trace, boarded: np.ndarray, alighted: np.ndarray) -> MeteredPaths:
    """Return the arcs of the best chain of every pair of states under the weights of the trace."""
    with trace.virtual.turn:
        return _weighed(trace).paths(boarded, alighted)


def charged(trace: Trace, paths: MeteredPaths) -> np.ndarray:
    """Return what every arc travelled pays for the km its ride lacks (yuan per tonne; 0 but at its end)."""
    return paths.lacking * np.append(trace.prices.lacking_cny_tkm, 0.0)[trace.virtual.lane[paths.arcs]]


def owed(trace: Trace, paths: MeteredPaths) -> np.ndarray:
    """Add up what the rides of every path pay for km they lack."""
    return np.bincount(paths.pair, weights=charged(trace, paths), minlength=len(paths))
