"""A customizable contraction hierarchy: contracted once, weighed anew in milliseconds, exact in float64."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array, csr_array

from workbench.errors import WorkbenchError
from workbench.logistics.paths import _kernels, _queries
from workbench.logistics.paths._progress import FIRST_USE, Progress
from workbench.logistics.paths.ordering import contraction_order

EDITED = 2e-5  # of the arcs; up to so many new weights are cheaper passed on one by one
TRIANGLES = 2**31  # at most; they are numbered in 32 bits


@dataclass(frozen=True)
class Restriction:
    """The part of the hierarchy that a set of origins and destinations can touch, with local numbers."""

    row: np.ndarray
    near: np.ndarray
    arc: np.ndarray
    wanted: np.ndarray
    origins: np.ndarray
    destinations: np.ndarray


class TooDenseError(WorkbenchError):
    """A network without small separators: its hierarchy would be slower than plain searches."""


class Hierarchy:
    """Shortcuts and triangles of one network under one order; weights come and go.

    `tail, head` are int arrays of node numbers below n, `order[rank] = node`. Raises TooDenseError when
    there would be more than `most` triangles.
    """

    def __init__(
        self,
        tail: np.ndarray,
        head: np.ndarray,
        order: np.ndarray,
        progress: Progress | None = None,
        *,
        most: int = TRIANGLES,
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
        self.first, self.head, self.parent = _contract(graph, most)
        self.depth = _kernels.depths(self.parent)
        say("listing the triangles", 0.5)
        self.single, self.run = _kernels.triangles(self.first, self.head)
        self.tail = np.repeat(np.arange(n, dtype=np.int32), np.diff(self.first))
        keys = self.tail.astype(np.int64) * n + self.head
        slot = 2 * np.searchsorted(keys, low[real].astype(np.int64) * n + high[real])
        slot += ends[0][real] > ends[1][real]
        by_slot = np.argsort(slot, kind="stable")
        self.slot, self.arc = slot[by_slot].astype(np.int32), real[by_slot].astype(np.int32)
        self.place = np.full(len(tail), -1, np.int32)  # the slot of every arc, -1 for loops
        self.place[self.arc] = self.slot
        self.w = np.empty(2 * len(self.head))
        self.weights = np.empty(0)
        self._asked: tuple[bytes, bytes, Restriction] | None = None
        self._unpacked: tuple[np.ndarray, np.ndarray] | None = None
        say("network ready", 1.0)

    def customise(self, weights: np.ndarray) -> None:
        """Give every arc its weight (float64, >= 0, inf = closed) and every shortcut its own.

        Where only a few weights differ from the last ones, only the shortcuts above them are weighed anew.
        """
        edited = weights != self.weights if len(self.weights) else np.ones(len(weights), bool)
        self.weights, self._unpacked = weights, None
        if np.count_nonzero(edited) <= EDITED * len(weights):
            self.mend(np.flatnonzero(edited))
        else:
            _kernels.load(self.slot, self.arc, weights, self.w)
            _kernels.customise(self.single, self.run, self.w)

    def mend(self, edited: np.ndarray) -> None:
        """Pass the new weights of a few arcs of the network on to the shortcuts above them."""
        slots = self.place[edited]
        _kernels.mend(
            np.unique(slots[slots >= 0] >> 1), self.first, self.tail, self.head, *self.below,
            self.slot, self.arc, self.weights, self.w,
        )  # fmt: skip

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

    @cached_property
    def below(self) -> tuple[np.ndarray, np.ndarray]:
        """The arcs that end in each node from below, by tail: offsets and arcs."""
        n, arcs = len(self.rank), np.arange(len(self.head), dtype=np.int32)
        by_head = csr_array((arcs, self.head, self.first), shape=(n, n)).tocsc()
        return by_head.indptr.astype(np.int32), by_head.data

    def paths(
        self, origins: np.ndarray, destinations: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return cost per pair, offsets, and the arcs of all paths one after the other."""
        if self._unpacked is None:
            plain = _queries.lightest(self.slot, self.arc, self.weights, self.w)
            self._unpacked = plain, np.full((len(plain), 2), -1, np.int32)
        return _queries.paths(
            self.first, self.tail, self.head, self.parent, self.depth, *self.below, self.w, self.weights,
            *self._unpacked, self.rank[origins], self.rank[destinations],
        )  # fmt: skip


def _contract(graph: csr_array, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    try:
        first, head, parent = _kernels.contract(graph.indptr.astype(np.int32), graph.indices.astype(np.int32))
        ups = np.diff(first).astype(np.int64)
        triangles = int((ups * (ups - 1) // 2).sum())
    except (OverflowError, MemoryError):
        triangles = most + 1
    if triangles > most:
        raise TooDenseError(
            f"{graph.shape[0]:,} nodes and {graph.nnz:,} links have no small separators; "
            f"a hierarchy of more than {most:,} triangles would be slow, use method='scipy'"
        )
    return first, head, parent


def compile_kernels(progress: Progress) -> None:
    """Have every kernel ready in this process, compiled or read from disk, and tell how far it is.

    Six places, each joined to all, go through all of them: enough neighbours for the dissection to see them.
    """
    if _queries.paths.signatures:
        return
    none = np.zeros(1, np.int32)
    _kernels.load(none, none, np.zeros(1), np.zeros(2))
    stage = FIRST_USE if _kernels.load.stats.cache_misses else "loading the path engine"
    progress(stage, 0.0)
    tail, head = np.indices((6, 6)).reshape(2, -1)
    order = contraction_order(tail, head, 6, np.zeros((6, 2)))
    progress(stage, 0.5)
    hierarchy = Hierarchy(tail, head, order)
    progress(stage, 0.7)
    hierarchy.customise(np.ones(len(tail)))
    hierarchy.mend(np.arange(2))
    hierarchy.matrix(tail[:2], head[:2])
    hierarchy.matrix(tail[:1], head[:2])
    progress(stage, 0.8)
    hierarchy.paths(tail[:2], head[1:3])
    progress(stage, 1.0)
