"""Where shipments enter and leave the virtual network: by truck to any terminal, or at once at their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from workbench.logistics.freight.ends import Ends
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.rates import ATTRIBUTES, Rates
from workbench.logistics.freight.virtual import Virtual, handled


@dataclass(frozen=True, eq=False)
class Gates:
    """The states that some of `ends` shipments can enter (or leave) by, rising, and the ways there.

    Way k joins shipment `end[k]` to `states[gate[k]]` at `values[k]` (ATTRIBUTES); ways are sorted by both.
    Only ways that exist are kept, for most stations are a gate of nobody but themselves.
    """

    states: np.ndarray
    end: np.ndarray
    gate: np.ndarray
    values: np.ndarray
    ends: int

    def of(self, end: np.ndarray, gate: np.ndarray) -> np.ndarray:
        """Return the ATTRIBUTES of some ways, shape (len(end), 11), inf where there is none."""
        count = max(len(self.states), 1)
        keys, asked = self.end * count + self.gate, np.asarray(end) * count + gate
        place = np.searchsorted(keys, asked).clip(max=max(len(keys) - 1, 0))
        out = np.full((len(asked), len(ATTRIBUTES)), np.inf)
        known = np.flatnonzero(keys[place] == asked) if len(keys) else np.empty(0, int)
        out[known] = self.values[place[known]]
        return out

    def dearer(self, extra: np.ndarray) -> Gates:
        """Return the gates with `extra` (one per state) added to the cost of every way through them."""
        values = self.values.copy()
        values[:, 0] += extra[self.gate]
        return replace(self, values=values)

    def table(self, weigh: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return the weighed ways, shape (ends, states), inf where there is none."""
        out = np.full((self.ends, len(self.states)), np.inf)
        out[self.end, self.gate] = weigh(self.values)
        return out

    def nearest(
        self, beyond: np.ndarray, weigh: Callable[[np.ndarray], np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Add the weighed ways to what lies `beyond`, shape (rows, states).

        Returns the least sum per row and end, and the first gate that reaches it.
        """
        best = np.full((len(beyond), self.ends), np.inf)
        which = np.full(best.shape, 0 if len(self.states) else -1)
        weights, ends = weigh(self.values), np.unique(self.end)
        first, end = np.searchsorted(self.end, ends), np.searchsorted(ends, self.end)
        for row, far in enumerate(beyond if len(ends) else ()):
            sums = far[self.gate] + weights
            least = np.minimum.reduceat(sums, first)
            reaching = np.where(sums == least[end], self.gate, len(self.states))
            best[row, ends], which[row, ends] = least, np.minimum.reduceat(reaching, first)
        return best, which


def truck_ends(rates: Rates, commodity: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the ATTRIBUTES of loading a truck and of unloading it."""
    return rates.handling(commodity, "", "road"), rates.handling(commodity, "road", "")


def trucks(
    network: Network, virtual: Virtual, rates: Rates, commodity: str, starts: Ends, ends: Ends
) -> tuple[Gates, Gates, np.ndarray]:
    """Return access, egress and direct truck hauls; remembered for the last ends and rates of a commodity."""
    key = (network.road_key, starts.key(), ends.key())
    known = network.priced.get(f"{commodity} by truck")
    if known is not None and known[0] is rates and known[1] == key:
        return known[2]
    roads, terminals = network.roads, virtual.terminals
    i, j, hauls = roads.reach(starts.places, ends.places)
    truck = np.full((len(starts), len(ends), len(ATTRIBUTES)), np.inf)
    truck[i, j] = rates.truck(hauls) + sum(truck_ends(rates, commodity))
    truck[..., 1] += np.add.outer(starts.border, ends.border) * rates.values["border.dwell_h"]
    access = _side(rates, commodity, virtual, starts, roads.reach(starts.places, terminals), 0)
    terminal, end, hauls = roads.reach(terminals, ends.places)
    egress = _side(rates, commodity, virtual, ends, (end, terminal, hauls), 1)
    network.priced[f"{commodity} by truck"] = (rates, key, (access, egress, truck))
    return access, egress, truck


def _side(
    rates: Rates,
    commodity: str,
    virtual: Virtual,
    ends: Ends,
    hauls: tuple[np.ndarray, np.ndarray, np.ndarray],
    side: int,
) -> Gates:
    """Return the gates of some ends, given the truck hauls (end, terminal, HAUL) between them and terminals.

    What begins or ends at a border crossing passes its customs; by rail also a change of gauge where there
    is one.
    """
    by_road, terminal, haul = hauls
    own = [(i, mode, state) for i, states in enumerate(ends.own) for mode, state in states]
    end = np.concatenate([by_road, np.array([i for i, _, _ in own], int)])
    state = np.concatenate([virtual.at_road[terminal], np.array([s for _, _, s in own], int)]).astype(int)
    here = state[len(by_road) :]
    carriers, nobody = virtual.carriers[here], np.full(len(own), "", object)
    leaving, boarding = (nobody, carriers) if side == 0 else (carriers, nobody)
    at_once = handled(rates, commodity, leaving, boarding, virtual.nodes[here])
    gauge = np.array([mode == "rail" and bool(ends.gauge[i]) for i, mode, _ in own], bool)
    at_once[gauge, 1] += rates.values["border.gauge_h"]
    values = np.concatenate([rates.truck(haul) + truck_ends(rates, commodity)[side], at_once])
    values[ends.border[end], 1] += rates.values["border.dwell_h"]
    order = np.lexsort((state, end))
    states, gate = np.unique(state, return_inverse=True)
    return Gates(states, end[order], gate[order], values[order], len(ends))
