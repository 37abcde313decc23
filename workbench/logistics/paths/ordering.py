"""The order in which a hierarchy contracts its nodes: low degrees, then nested dissection; kept on disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np
from platformdirs import user_cache_dir
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import reverse_cuthill_mckee

from workbench.logistics.paths import _dissection
from workbench.logistics.paths._progress import Progress

FEW = (
    3  # neighbours; taking such a node out leaves no more links than there were, and a plane map stays plane
)
WORTHWHILE = 0.02  # of the nodes; a round that takes out fewer is the last
FIXED_SHARE = 0.25  # of a cell on each side of a cut; 0.2 to 0.3 differ by 1 % in shortcuts
NODES_PER_REPORT = 400_000
KEPT = 64  # orders in one folder; the oldest go first
FORMAT = b"low degrees, nested dissection 4"


def user_cache() -> Path:
    """Return the folder of this user's caches where orders are kept; it need not exist."""
    return Path(user_cache_dir("sichuan-capacity-workbench", appauthor=False)) / "orders"


def contraction_order(
    tail: np.ndarray,
    head: np.ndarray,
    n: int,
    xy: np.ndarray | None = None,
    *,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Order the nodes of a network so that few shortcuts arise when they are contracted in turn.

    `tail, head` are node numbers of the arcs, whose direction is ignored; `xy`, shape (n, 2), any plane or
    geographic unit, helps and is not needed. Returns order, int32: order[rank] = node. With `cache_dir` the
    order is read from there when the same network was ordered before. Deterministic.
    """
    links = _neighbours(np.concatenate([tail, head]), np.concatenate([head, tail]), n)
    points = np.empty((0, 2)) if xy is None else np.ascontiguousarray(xy, np.float64)
    path = None
    if cache_dir is not None:
        path = Path(cache_dir) / f"order-{_digest(links, points)}.int32"
    order = None if path is None else _read(path, n)
    if order is None:
        low, nodes, core = _take_out_few(links)
        inner = _dissect(core, points[nodes] if len(points) else points, progress)
        order = np.concatenate([low, nodes[inner]]).astype(np.int32)
        if path is not None:
            _write(path, order)
    return order


def _neighbours(tail: np.ndarray, head: np.ndarray, n: int) -> csr_array:
    """Return who is whose neighbour, loops left out. Truth values: counts would overflow at busy hubs."""
    real = tail != head
    return coo_array((np.ones(real.sum(), bool), (tail[real], head[real])), shape=(n, n)).tocsr()


def _take_out_few(links: csr_array) -> tuple[np.ndarray, np.ndarray, csr_array]:
    """Contract nodes of few neighbours round by round: dead ends, the bends of chains, plain junctions.

    A round takes out nodes no two of which touch, the fewest neighbours first, and joins the neighbours of
    each, so that chains halve and the hierarchy stays shallow. Returns the nodes taken out in order, those
    left, and the links between the latter. On transport networks a fifth to a quarter is left.
    """
    n = links.shape[0]
    nodes, rounds = np.arange(n, dtype=np.int64), [np.empty(0, np.int64)]
    lot = nodes * 2_654_435_761 % 2**32  # Knuth's multiplicative hash: neighbours draw unlike lots
    while len(nodes):
        degree = np.diff(links.indptr).astype(np.int64)
        few = degree <= FEW
        turn = np.where(few, degree * 2**32 + lot[nodes], np.iinfo(np.int64).max)
        soonest = np.full(len(nodes), np.iinfo(np.int64).max)
        linked = degree > 0
        if linked.any():
            soonest[linked] = np.minimum.reduceat(turn[links.indices], links.indptr[:-1][linked])
        out = few & (turn < soonest)
        if out.sum() <= WORTHWHILE * len(nodes):
            break
        rounds.append(nodes[out])
        rows, nodes = links[~out], nodes[~out]
        spokes = rows[:, out]
        joined = (rows[:, ~out] + spokes @ spokes.T).tocoo()
        links = _neighbours(joined.row, joined.col, len(nodes))
    return np.concatenate(rounds), nodes, links


def _dissect(links: csr_array, xy: np.ndarray, progress: Progress | None) -> np.ndarray:
    """Run the recursion in slices, so that it can tell how far it is and be interrupted between two.

    Nodes are numbered breadth first before (Cuthill and McKee), so that neighbours lie close in memory.
    """
    n = links.shape[0]
    if not n:
        return np.empty(0, np.int64)
    near = reverse_cuthill_mckee(links, symmetric_mode=True)
    links = links[near][:, near]
    rows, columns = links.indptr.astype(np.int32), links.indices.astype(np.int32)
    points = xy[near] if len(xy) else xy
    work = _dissection.workspace(n, len(columns))
    cells = np.array([[0, n]], np.int64)
    while len(cells):
        cells = _dissection.dissect(rows, columns, points, FIXED_SHARE, work, cells, NODES_PER_REPORT)
        if progress is not None:
            progress("ordering the network", 1.0 - int((cells[:, 1] - cells[:, 0]).sum()) / n)
    return near[work.order]


def _digest(links: csr_array, points: np.ndarray) -> str:
    digest = hashlib.blake2b(FORMAT, digest_size=16)
    for array in (links.indptr.astype(np.int32), links.indices.astype(np.int32), points):
        digest.update(str((array.dtype.str, array.shape)).encode())
        digest.update(array.data)
    return digest.hexdigest()


def _read(path: Path, n: int) -> np.ndarray | None:
    """Return the order kept at `path`, or None when there is none or it is no order of n nodes."""
    try:
        order = np.fromfile(path, np.int32)  # numbers and nothing else: no header that could be spoilt
    except OSError:
        return None
    return order if np.array_equal(np.sort(order), np.arange(n)) else None


def _write(path: Path, order: np.ndarray) -> None:
    """Keep the order at `path` in one step, so that no other process reads half of it.

    A folder that is missing, full, read-only or not ours costs the next session some seconds, nothing more;
    nor does Windows letting nobody replace or remove a file that another process is reading.
    """
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as spare:
            order.tofile(Path(spare) / path.name)
            os.replace(Path(spare) / path.name, path)
        oldest = sorted(path.parent.glob("order-*"), key=lambda kept: kept.stat().st_mtime)
        for kept in oldest[:-KEPT]:
            kept.unlink(missing_ok=True)
