"""Dijkstra by scipy for small networks: nothing to prepare, nothing to compile."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

ROOM = 2**24  # distances held at a time


class SmallGraph:
    """One network for scipy's Dijkstra, which knows neither parallel arcs nor infinite weights.

    Arcs between the same two nodes share a slot that carries the lightest; closed arcs are left out, since
    scipy would walk over them and report a predecessor. Explicit zeros stay: they are free arcs.
    """

    def __init__(self, tail: np.ndarray, head: np.ndarray, n: int) -> None:
        self.n = n
        keys = tail.astype(np.int64) * n + head
        self.arc = np.argsort(keys, kind="stable")
        self.keys, self.first = np.unique(keys[self.arc], return_index=True)
        self.slot_tail, self.slot_head = np.divmod(self.keys, n) if n else (self.keys, self.keys)
        self.weights = np.empty(0)
        self.lightest = np.empty(0)

    def customise(self, weights: np.ndarray) -> None:
        """Give every arc its weight (float64, >= 0, inf = closed)."""
        self.weights = weights
        by_slot = weights[self.arc]
        self.lightest = np.minimum.reduceat(by_slot, self.first) if len(by_slot) else by_slot

    def _graph(self, *, reverse: bool = False) -> csr_array:
        """Return the open slots as the matrix scipy reads, rows = tails (or heads when reversed)."""
        is_open = np.isfinite(self.lightest)
        rows, columns = self.slot_tail[is_open], self.slot_head[is_open]
        data = self.lightest[is_open]
        if reverse:
            rows, columns = columns, rows
            by_row = np.argsort(rows, kind="stable")
            rows, columns, data = rows[by_row], columns[by_row], data[by_row]
        first = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=self.n))])
        return csr_array((data, columns.astype(np.int32), first.astype(np.int32)), shape=(self.n, self.n))

    def matrix(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        """Return the distances, shape (origins, destinations); inf where there is no way."""
        if not len(origins) or not len(destinations):
            return np.empty((len(origins), len(destinations)))
        if len(destinations) < len(origins):
            return self._searches(self._graph(reverse=True), destinations, origins).T.copy()
        return self._searches(self._graph(), origins, destinations)

    def _searches(self, graph: csr_array, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        """Search from each distinct origin, a few at a time: scipy returns the distance to every node."""
        ends, row = np.unique(origins, return_inverse=True)
        few = max(1, ROOM // self.n)
        found = [
            dijkstra(graph, indices=ends[i : i + few])[:, destinations] for i in range(0, len(ends), few)
        ]
        return np.concatenate(found)[row]

    def paths(
        self, origins: np.ndarray, destinations: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return cost per pair, offsets, and the arcs of all paths one after the other.

        All pairs walk back along their predecessors together, one arc per round.
        """
        pairs, slots = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        cost, graph = np.empty(len(origins)), self._graph()
        ends, row = np.unique(origins, return_inverse=True)
        few = max(1, ROOM // max(self.n, 1))
        for i in range(0, len(ends), few):
            asked = np.flatnonzero((row >= i) & (row < i + few))
            far, before = dijkstra(graph, indices=ends[i : i + few], return_predecessors=True)
            start, here = row[asked] - i, destinations[asked].astype(np.int64)
            cost[asked] = far[start, here]
            walking = np.flatnonzero(np.isfinite(cost[asked]) & (here != origins[asked]))
            while len(walking):
                previous = before[start[walking], here[walking]].astype(np.int64)
                pairs.append(asked[walking])
                slots.append(np.searchsorted(self.keys, previous * self.n + here[walking]))
                here[walking] = previous
                walking = walking[previous != origins[asked[walking]]]
        pair, slot = np.concatenate(pairs[::-1]), np.concatenate(slots[::-1])
        by_pair = np.argsort(pair, kind="stable")
        offset = np.concatenate([[0], np.cumsum(np.bincount(pair, minlength=len(origins)))])
        return cost, offset, self._lightest_arc()[slot[by_pair]]

    def _lightest_arc(self) -> np.ndarray:
        """Return for each slot its lightest arc, the first of equals."""
        by_slot = self.weights[self.arc]
        slot = np.repeat(np.arange(len(self.first)), np.diff(np.append(self.first, len(by_slot))))
        return self.arc[np.lexsort((self.arc, by_slot, slot))[self.first]]
