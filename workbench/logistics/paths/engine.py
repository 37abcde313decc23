"""The path engine: exact distances and paths on plain arrays, fast enough to follow a slider."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import WorkbenchError
from workbench.logistics.paths._progress import ASIDE, Progress, to_log

Method = Literal["auto", "scipy", "cch"]

SMALL = 1_000  # nodes; below, scipy answers a slider within five milliseconds and nothing has to be compiled
DENSE = 4_000  # triangles per node; from there on scipy's thirty searches are faster than weighing anew
PATIENT = 100_000  # nodes; beyond, waiting for the compiler is shorter than searching without it
WORTH_KEEPING = 10_000  # nodes; a smaller network is ordered again in less than a tenth of a second
LARGEST = 2**30  # nodes or arcs; the hierarchy numbers them, and twice as many directions, in 32 bits


@dataclass(frozen=True)
class Paths:
    """Shortest paths of many pairs: pair i has cost[i] and travels arcs[first[i]:first[i + 1]] in order.

    An unreachable pair costs inf; a pair whose ends coincide costs 0; both travel no arc.
    """

    cost: np.ndarray
    first: np.ndarray
    arcs: np.ndarray

    def __len__(self) -> int:
        return len(self.cost)

    def __getitem__(self, pair: int) -> np.ndarray:
        """Return the arcs of one pair in the order travelled."""
        if not -len(self) <= pair < len(self):
            raise IndexError(f"pair {pair} of {len(self)}")
        pair %= len(self)
        return self.arcs[self.first[pair] : self.first[pair + 1]]

    def sum(self, values: ArrayLike) -> np.ndarray:
        """Add an attribute of the arcs (km, hours, kg) along every path; inf where there is no path."""
        total = np.bincount(self.pair, weights=np.asarray(values, float)[self.arcs], minlength=len(self))
        return np.where(np.isfinite(self.cost), total, np.inf)

    @cached_property
    def pair(self) -> np.ndarray:
        """The pair that each of `arcs` belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.first))


class _Graph(Protocol):
    def customise(self, weights: np.ndarray) -> None: ...

    def matrix(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray: ...

    def paths(
        self, origins: np.ndarray, destinations: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]: ...


class PathEngine:
    """Shortest paths on a directed network that is built once and weighed as often as you like.

    `tail, head`: node numbers 0..n-1 of each arc; parallel arcs and loops are welcome. `xy`: coordinates
    (n, 2) that help to order a large network. `method`: "auto" asks scipy below SMALL nodes and on networks
    as tangled as a random graph, a customizable contraction hierarchy otherwise; right after installing it is
    compiled in another process, and scipy answers until `customise` finds it there. `cache_dir`: where the
    order of the hierarchy is kept between sessions, under a hash of which nodes are neighbours; the user's
    cache folder for networks from WORTH_KEEPING nodes on when None, nowhere when False. `progress(stage,
    share)` hears how preparing goes; without it the log does. Raises WorkbenchError on arrays that are no
    network.

    >>> engine = PathEngine([0, 1, 0], [1, 2, 2], 3).customise([1.0, 1.0, 5.0])
    >>> engine.matrix([0], [2])
    array([[2.]])
    """

    def __init__(
        self,
        tail: ArrayLike,
        head: ArrayLike,
        n: int,
        xy: ArrayLike | None = None,
        *,
        cache_dir: Path | str | Literal[False] | None = None,
        method: Method = "auto",
        progress: Progress | None = None,
    ) -> None:
        self.n = _count(n)
        self.tail, self.head = numbers_of("tail", tail, self.n), numbers_of("head", head, self.n)
        if len(self.tail) != len(self.head):
            raise WorkbenchError(
                f"tail has {len(self.tail)} entries and head {len(self.head)}; give one of each per arc"
            )
        if len(self.tail) > LARGEST:
            raise WorkbenchError(f"{len(self.tail):,} arcs; at most {LARGEST:,} fit, split the network")
        points = None if xy is None else _points(xy, self.n)
        if method not in ("auto", "scipy", "cch"):
            raise WorkbenchError(f"method={method!r}; use 'auto', 'scipy' or 'cch'")
        self.method = ("scipy" if self.n < SMALL else "cch") if method == "auto" else method
        self._weighed = False
        graph: _Graph | None = None
        self._later: tuple | None = None  # what the hierarchy is built from once there is compiled code
        if self.method == "cch":
            given = points, cache_dir, progress or to_log
            if method == "auto" and self.n <= PATIENT and not _compiled():
                self._later = given
                (progress or to_log)(ASIDE, 0.0)
            else:
                graph = self._hierarchy(*given, choose=method == "auto")
        if graph is None:
            from workbench.logistics.paths.dijkstra import SmallGraph

            self.method, graph = "scipy", SmallGraph(self.tail, self.head, self.n)
        self._graph = graph

    def _hierarchy(
        self,
        xy: np.ndarray | None,
        cache_dir: Path | str | Literal[False] | None,
        progress: Progress,
        *,
        choose: bool,
    ) -> _Graph | None:
        """Return the hierarchy; None when we may choose and plain searches are faster."""
        # imported here: the hierarchy loads a compiler that small networks never need
        from workbench.logistics.paths.cch import TRIANGLES, Hierarchy, TooDenseError, compile_kernels
        from workbench.logistics.paths.ordering import contraction_order, user_cache

        if cache_dir is None and self.n >= WORTH_KEEPING:
            cache_dir = user_cache()
        folder = Path(cache_dir) if cache_dir else None
        compile_kernels(progress)
        order = contraction_order(self.tail, self.head, self.n, xy, cache_dir=folder, progress=progress)
        try:
            most = DENSE * self.n if choose else TRIANGLES
            return Hierarchy(self.tail, self.head, order, progress, most=most)
        except TooDenseError:
            if choose:
                return None
            raise

    def customise(self, weights: ArrayLike) -> PathEngine:
        """Give every arc a weight >= 0, inf to close it; return the engine.

        Weights are float64 and may mix magnitudes freely. An edit (close, open, dearer, faster) is a new
        call, never a new order. Raises WorkbenchError naming the arcs that are negative or no number.
        """
        try:
            given = np.array(weights, np.float64)
        except (TypeError, ValueError) as error:
            raise WorkbenchError(f"weights are no flat list of numbers ({error}); give one per arc") from None
        if given.shape != self.tail.shape:
            raise WorkbenchError(
                f"weights have shape {given.shape}; expected one per arc, ({len(self.tail)},)"
            )
        if len(given) and not given.min() >= 0:
            raise WorkbenchError(self._bad_weights(given))
        if self._later is not None and _compiled():
            graph, self._later = self._hierarchy(*self._later, choose=True), None
            if graph is not None:
                self.method, self._graph = "cch", graph
        self._graph.customise(given)
        self._weighed = True
        return self

    def _bad_weights(self, weights: np.ndarray) -> str:
        bad = np.flatnonzero(~(weights >= 0))
        shown = [f"arc {i} ({self.tail[i]} -> {self.head[i]}) weighs {weights[i]}" for i in bad[:5]]
        more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
        return (
            f"{'; '.join(shown)}{more}; expected a number >= 0, or inf for a closed arc. "
            "Mend the price or the attribute it comes from."
        )

    def matrix(self, origins: ArrayLike, destinations: ArrayLike) -> np.ndarray:
        """Return the least weight from every origin to every destination.

        Node numbers, repeated ones allowed; shape (origins, destinations), float64, inf where there is no
        way, 0 from a node to itself.
        """
        return self._ready().matrix(
            numbers_of("origins", origins, self.n), numbers_of("destinations", destinations, self.n)
        )

    def paths(self, origins: ArrayLike, destinations: ArrayLike) -> Paths:
        """Return the arcs of one least path per pair (origins[i], destinations[i]).

        Of parallel arcs of equal weight the first is travelled.
        """
        starts, ends = (
            numbers_of("origins", origins, self.n),
            numbers_of("destinations", destinations, self.n),
        )
        if len(starts) != len(ends):
            raise WorkbenchError(
                f"{len(starts)} origins and {len(ends)} destinations; paths() takes pairs, one of each"
            )
        return Paths(*self._ready().paths(starts, ends))

    def _ready(self) -> _Graph:
        if not self._weighed:
            raise WorkbenchError("the engine has no weights yet; call customise(weights) first")
        return self._graph


def _compiled() -> bool:
    from workbench.logistics.paths._compile import settled

    return settled("_dissection", "_kernels", "_queries")


def _count(n: int) -> int:
    """Return the number of nodes, refusing what is no count."""
    try:
        count = operator.index(n)
    except TypeError:
        count = -1
    if not 0 <= count <= LARGEST:
        raise WorkbenchError(f"n={n!r}; expected the number of nodes, a whole number up to {LARGEST:,}")
    return count


def numbers_of(name: str, values: ArrayLike, n: int) -> np.ndarray:
    """Return node numbers as int64, refusing anything that is none."""
    array = np.atleast_1d(np.asarray(values))
    if not array.size:
        return np.empty(0, np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise WorkbenchError(
            f"{name} has dtype {array.dtype} and shape {array.shape}; expected a flat array of node numbers"
        )
    if array.min() < 0 or array.max() >= n:
        worst = array[(array < 0) | (array >= n)][:5]
        raise WorkbenchError(f"{name} names the nodes {worst.tolist()}; expected numbers from 0 to {n - 1}")
    return array.astype(np.int64)


def _points(xy: ArrayLike, n: int) -> np.ndarray:
    points = np.asarray(xy, np.float64)
    if points.shape != (n, 2) or not np.isfinite(points).all():
        raise WorkbenchError(
            f"xy has shape {points.shape}; expected ({n}, 2) finite coordinates, or no xy at all"
        )
    return points
