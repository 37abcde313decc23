"""Shortest paths on which a run that is shorter than a minimum owes a charge for the length it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import WorkbenchError
from workbench.logistics.paths.engine import Paths, numbers_of


@dataclass(frozen=True)
class MeteredPaths(Paths):
    """Paths whose runs owe for `lacking`, per arc travelled: the length short of the minimum, at its end."""

    lacking: np.ndarray


@dataclass(frozen=True, eq=False)
class _Arcs:
    """Arcs grouped by the node they leave, forwards or backwards."""

    first: np.ndarray
    arcs: np.ndarray
    head: np.ndarray

    @classmethod
    def of(cls, tail: np.ndarray, head: np.ndarray, n: int) -> _Arcs:
        first = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=n))])
        return cls(first, np.argsort(tail, kind="stable"), head)


class MeteredEngine:
    """Shortest paths on a directed network some of whose nodes lie on a run that has a minimum length.

    `limit` (n,): 0 at ordinary nodes, at nodes under way the minimum length of their run. A run begins on
    the arc from an ordinary node to one under way, ends on the arc back, and owes rate x max(0, limit - L)
    for the L its arcs add up to, if any of them is liable. Method: label setting; a label is a weight W and
    the length l still lacking, so the length so far is a state of the search. Of two labels at a node the
    first makes the second needless when W1 <= W2 and W1 + r l1 <= W2 + r l2, for whatever length follows,
    r max(0, l - x) keeps the order of the two ends (a run that owes stands for one that does not only if
    W1 + r l1 <= W2). Exact as long as no arc weighs less than r x its length, which `customise` checks, so
    that going round in circles never saves money; a network of n nodes needs the memory of its labels only.
    """

    def __init__(self, tail: ArrayLike, head: ArrayLike, n: int, limit: ArrayLike) -> None:
        self.n = n
        self.tail, self.head = numbers_of("tail", tail, n), numbers_of("head", head, n)
        self.limit = np.asarray(limit, float)
        if self.limit.shape != (n,) or not (np.isfinite(self.limit).all() and (self.limit >= 0).all()):
            raise WorkbenchError(f"limit has shape {self.limit.shape}; expected {n} finite lengths >= 0")
        self._forward = _Arcs.of(self.tail, self.head, n)
        self._backward = _Arcs.of(self.head, self.tail, n)
        self._values: tuple[np.ndarray, ...] = ()

    def customise(
        self, weights: ArrayLike, length: ArrayLike, liable: ArrayLike, rate: ArrayLike
    ) -> MeteredEngine:
        """Weigh the network; return the engine.

        Per arc: `weights` >= 0 (inf closes), the `length` it adds to a run, whether it makes the run
        `liable`. Per node: `rate`, what a run through it owes per length it lacks. Raises WorkbenchError.
        """
        weights, length, rate = (np.asarray(part, float) for part in (weights, length, rate))
        liable = np.asarray(liable, bool)
        if any(part.shape != self.tail.shape for part in (weights, length, liable)) or len(rate) != self.n:
            raise WorkbenchError(f"expected one weight, length and flag for each of {len(self.tail)} arcs")
        if not (weights >= 0).all() or not (length >= 0).all() or not (rate >= 0).all():
            raise WorkbenchError("weights, lengths and rates are numbers >= 0; mend the price they come from")
        dearest = np.maximum(rate[self.tail], rate[self.head])
        cheap = np.flatnonzero(weights < dearest * length * (1 - 1e-9))
        if len(cheap):
            raise WorkbenchError(
                f"arc {cheap[0]} weighs {weights[cheap[0]]:g}, less than a run owes for its length; "
                "count only the length that its weight pays for"
            )
        self._values = (weights, self.limit, rate, length, liable)
        return self

    def matrix(self, origins: ArrayLike, destinations: ArrayLike) -> np.ndarray:
        """Return the least weight between ordinary nodes, charges included; inf where there is no way."""
        starts, ends = (
            numbers_of("origins", origins, self.n),
            numbers_of("destinations", destinations, self.n),
        )
        seeds, row = np.unique(starts, return_inverse=True)
        costs = np.where(np.eye(len(seeds), dtype=bool), 0.0, np.inf)
        return self.seeded(seeds, costs, ends)[0][row]

    def seeded(
        self, seeds: ArrayLike, costs: np.ndarray, ends: ArrayLike, *, reverse: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """Search once per row of `costs` (rows, seeds), from all seeds with that row's head starts.

        Returns the least weight at every end, shape (rows, ends), and the seed node it came from (-1: none).
        `reverse` travels the arcs backwards: from the ends to the seeds.
        """
        nodes, wanted = numbers_of("seeds", seeds, self.n), numbers_of("ends", ends, self.n)
        side = self._backward if reverse else self._forward
        return _kernels().seeded(
            side.first, side.arcs, side.head, *self._ready(), nodes, np.asarray(costs, float), wanted
        )

    def paths(self, origins: ArrayLike, destinations: ArrayLike) -> MeteredPaths:
        """Return the arcs of one least path per pair of ordinary nodes, and the length each run lacks."""
        starts = numbers_of("origins", origins, self.n)
        ends = numbers_of("destinations", destinations, self.n)
        turned = len(np.unique(ends)) < len(np.unique(starts))  # search from the side with fewer nodes
        side = self._backward if turned else self._forward
        near, far = (ends, starts) if turned else (starts, ends)
        cost, count = np.empty(len(starts)), np.zeros(len(starts), np.int64)
        weights, limit, rate, length, liable = self._ready()
        kernels = _kernels()
        trips: list[tuple[np.ndarray, np.ndarray]] = []
        for node in np.unique(near):
            pairs = np.flatnonzero(near == node)
            cost[pairs], count[pairs], used = kernels.trails(
                side.first, side.arcs, side.head, weights, limit, rate, length, liable, node, far[pairs]
            )
            trips.append((pairs, used))
        first = np.concatenate([[0], np.cumsum(count)])
        arcs = np.empty(first[-1], np.int64)
        for (
            pairs,
            used,
        ) in trips:  # a trail lists its last arc first: as travelled where the search was turned
            many = count[pairs]
            step = np.arange(len(used)) - np.repeat(np.cumsum(many) - many, many)
            arcs[np.repeat(first[pairs], many) + (step if turned else np.repeat(many, many) - 1 - step)] = (
                used
            )
        return MeteredPaths(
            cost, first, arcs, kernels.lacking(first, arcs, self.tail, self.head, limit, length, liable)
        )

    def _ready(self) -> tuple[np.ndarray, ...]:
        if not self._values:
            raise WorkbenchError("the engine has no weights yet; call customise(...) first")
        return self._values


def _kernels() -> Any:
    """Return the compiled search; until there is one, the same search as Python runs it."""
    # imported here: it loads a compiler that networks without minimum lengths never need
    from workbench.logistics.paths._compile import plain, settled

    if not settled("_metered"):
        return plain("_metered")
    from workbench.logistics.paths import _metered

    return _metered


def compile_search() -> None:
    """Have the search compiled, or read from disk, in this process."""
    from workbench.logistics.paths import _metered

    none, one = np.zeros(1), np.array([0, 1], np.int64)
    arcs = _Arcs.of(np.array([0]), np.array([1]), 2)
    network = arcs.first, arcs.arcs, arcs.head, np.ones(1), np.zeros(2), np.zeros(2), none, np.zeros(1, bool)
    _metered.seeded(*network, one[:1], np.zeros((1, 1)), one)
    used = _metered.trails(*network, 0, one)[2]
    _metered.lacking(np.array([0, 1]), used, np.array([0]), arcs.head, np.zeros(2), none, np.zeros(1, bool))
