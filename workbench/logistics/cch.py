"""A customizable contraction hierarchy: contracted once, weighed anew in milliseconds, exact in float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array

from workbench.logistics import _kernels, _queries
from workbench.logistics.ordering import Progress, nested_dissection


@dataclass(frozen=True)
class Restriction:
    """The part of the hierarchy that a set of origins and destinations can touch, with local numbers."""

    row: np.ndarray
    near: np.ndarray
    arc: np.ndarray
    wanted: np.ndarray
    origins: np.ndarray
    destinations: np.ndarray


class Hierarchy:
    """Shortcuts and triangles of one network under one order; weights come and go.

    `tail, head` are int arrays of node numbers below n, `order[rank] = node`.
    """

    def __init__(
        self, tail: np.ndarray, head: np.ndarray, order: np.ndarray, progress: Progress | None = None
    ) -> None:
        say = progress or (lambda stage, share: None)
        n = len(order)
        self.rank = np.empty(n, np.int32)
        self.rank[order] = np.arange(n, dtype=np.int32)
        ends = self.rank[tail], self.rank[head]
        low, high = np.minimum(*ends), np.maximum(*ends)
        real = np.flatnonzero(low < high)  # a loop never shortens a path
        say("contracting the network", 0.0)
        graph = coo_array((np.ones(len(real), np.int8), (low[real], high[real])), shape=(n, n)).tocsr()
        self.first, self.head, self.parent = _kernels.contract(
            graph.indptr.astype(np.int32), graph.indices.astype(np.int32)
        )
        say("listing the triangles", 0.5)
        self.single, self.run = _kernels.triangles(self.first, self.head)
        self.tail = np.repeat(np.arange(n, dtype=np.int32), np.diff(self.first))
        keys = self.tail.astype(np.int64) * n + self.head
        slot = 2 * np.searchsorted(keys, low[real].astype(np.int64) * n + high[real])
        slot += ends[0][real] > ends[1][real]
        by_slot = np.argsort(slot, kind="stable")
        self.slot, self.arc = slot[by_slot].astype(np.int32), real[by_slot].astype(np.int32)
        self.w = np.empty(2 * len(self.head))
        self.weights = np.empty(0)
        self._asked: tuple[bytes, bytes, Restriction] | None = None
        self._below: tuple[np.ndarray, np.ndarray] | None = None
        say("network ready", 1.0)

    def customise(self, weights: np.ndarray) -> None:
        """Give every arc its weight (float64, >= 0, inf = closed) and every shortcut its own."""
        self.weights = weights
        _kernels.load(self.slot, self.arc, weights, self.w)
        _kernels.customise(self.single, self.run, self.w)

    def matrix(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        """Return the distances, shape (origins, destinations); inf where there is no way."""
        if len(destinations) < len(origins):  # fewer passes from the other side, on the reversed network
            return self._sweeps(destinations, origins, 1).T.copy()
        return self._sweeps(origins, destinations, 0)

    def _sweeps(self, origins: np.ndarray, destinations: np.ndarray, way: int) -> np.ndarray:
        part = self._restriction(self.rank[origins], self.rank[destinations])
        up, down = _queries.gather(part.arc, self.w, way)
        out = np.empty((len(origins), len(destinations)))
        row, near = part.row, part.near
        if len(origins) == 1:
            _queries.sweep_one(row, near, up, down, part.origins[0], part.destinations, out[0])
        else:
            _queries.sweep(row, near, up, down, part.wanted, part.origins, part.destinations, out)
        return out

    def _restriction(self, origins: np.ndarray, destinations: np.ndarray) -> Restriction:
        """Return what these ends can touch, kept from the last call when they are the same."""
        asked = origins.tobytes(), destinations.tobytes()
        if self._asked is None or self._asked[:2] != asked:
            above = _queries.ancestors(self.parent, destinations)
            nodes = _queries.ancestors(self.parent, np.concatenate([origins, destinations]))
            local, row, near, arc = _queries.restrict(self.first, self.head, nodes)
            wanted = np.zeros(len(nodes), bool)
            wanted[local[above]] = True
            part = Restriction(row, near, arc, wanted, local[origins], local[destinations])
            self._asked = *asked, part
        return self._asked[2]

    def paths(
        self, origins: np.ndarray, destinations: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return cost per pair, offsets, and the arcs of all paths one after the other."""
        if self._below is None:
            by_head = np.argsort(self.head, kind="stable").astype(np.int32)
            first = np.concatenate([[0], np.cumsum(np.bincount(self.head, minlength=len(self.rank)))])
            self._below = first.astype(np.int32), by_head
        low_first, low_arc = self._below
        return _queries.paths(
            self.first, self.tail, self.head, self.parent, low_first, low_arc, self.w,
            self.slot, self.arc, self.weights, self.rank[origins], self.rank[destinations],
        )  # fmt: skip


def compile_kernels(progress: Progress | None = None) -> None:
    """Compile every kernel, or read it from disk where an earlier process has; tell how far it is.

    A square of four places goes through all of them. About fifteen seconds once per installation, one second
    in every later process; numba keeps the result beside the sources or in the user's cache.
    """
    say = progress or (lambda stage, share: None)
    name = "compiling the path engine, once per installation"
    say(name, 0.0)
    tail, head = np.array([0, 1, 2, 3, 0]), np.array([1, 2, 3, 0, 0])
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    hierarchy = Hierarchy(tail, head, nested_dissection(tail, head, 4, square))
    stages = (
        lambda: hierarchy.customise(np.ones(5)),
        lambda: hierarchy.matrix(tail[:2], head[:2]),
        lambda: hierarchy.matrix(tail[:1], head[:2]),
        lambda: hierarchy.paths(tail[:2], head[1:3]),
    )
    for done, stage in enumerate(stages):
        say(name, 0.6 + 0.1 * done)  # ordering and contracting are most of the code
        stage()
    say(name, 1.0)
