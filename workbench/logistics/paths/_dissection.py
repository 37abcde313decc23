"""Kernels of nested dissection: inertial keys, vertex-disjoint flow, and the recursion that ranks the nodes.

Nested dissection: George (1973). Keys and terminals: Schild and Sommer, On Balanced Separators in Road
Networks (2015), "inertial flow", here with vertex cuts and, beside the four compass directions, one key of
hop distances, so that a graph without coordinates, or with links that jump across the map, is cut well too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from workbench.logistics.paths._compile import kernel

FREE, SOURCE, SINK, CUT = 0, 1, 2, 3


@kernel
def _select(ids, key, k):
    """Partition `ids` in place so that its first k entries have the smallest keys (Hoare's quickselect)."""
    lo, hi = 0, len(ids) - 1
    while lo < hi:
        pivot = key[ids[(lo + hi) >> 1]]
        i, j = lo, hi
        while i <= j:
            while key[ids[i]] < pivot:
                i += 1
            while key[ids[j]] > pivot:
                j -= 1
            if i <= j:
                ids[i], ids[j] = ids[j], ids[i]
                i += 1
                j -= 1
        if k <= j:
            hi = j
        elif k >= i:
            lo = i
        else:
            return


@kernel
def _hops(first, head, size, root, dist, queue):
    """Fill `dist` with hop counts from `root` (-1 where unreached); return how many nodes were reached."""
    dist[:size] = -1
    dist[root] = 0
    queue[0] = root
    done, top = 0, 1
    while done < top:
        v = queue[done]
        done += 1
        for e in range(first[v], first[v + 1]):
            w = head[e]
            if dist[w] < 0:
                dist[w] = dist[v] + 1
                queue[top] = w
                top += 1
    return top


@kernel
def _hop_key(first, head, size, key, dist, queue):
    """Order a connected cell along its longest way: hops from one end less hops from the other."""
    top = _hops(first, head, size, 0, dist, queue)
    top = _hops(first, head, size, queue[top - 1], dist, queue)
    for v in range(size):
        key[v] = dist[v]
    _hops(first, head, size, queue[top - 1], dist, queue)
    for v in range(size):
        key[v] -= dist[v]


@kernel
def _levels(first, head, size, kind, pred, level, queue):
    """Layer the residual graph from all sources; say whether a sink is reached.

    State 2v is "about to enter v", state 2v + 1 "about to leave v"; `pred[v]` is the node before v on the
    flow path through it, -1 when v is free.
    """
    level[: 2 * size] = -1
    top = 0
    for v in range(size):
        if kind[v] == SOURCE:
            level[2 * v + 1] = 0
            queue[top] = 2 * v + 1
            top += 1
    done, reached = 0, False
    while done < top:
        state = queue[done]
        done += 1
        v, deep = state >> 1, level[state] + 1
        if state & 1:
            for e in range(first[v], first[v + 1]):
                w = head[e]
                if level[2 * w] < 0 and kind[w] != CUT and kind[w] != SOURCE:
                    level[2 * w] = deep
                    if kind[w] == SINK:
                        reached = True
                    else:
                        queue[top] = 2 * w
                        top += 1
            if pred[v] >= 0 and level[2 * v] < 0:
                level[2 * v] = deep
                queue[top] = 2 * v
                top += 1
        else:
            turn = 2 * v + 1 if pred[v] < 0 else 2 * pred[v] + 1
            if level[turn] < 0:
                level[turn] = deep
                queue[top] = turn
                top += 1
    return reached


@kernel
def _step(state, first, head, pred, level, at):
    """Return the next state one layer down from `state`, or -1 when it is exhausted."""
    v, deep = state >> 1, level[state] + 1
    if state & 1:
        while at[v] < first[v + 1]:
            w = head[at[v]]
            at[v] += 1
            if level[2 * w] == deep:
                return 2 * w
        if pred[v] >= 0 and level[2 * v] == deep:
            return 2 * v
        return -1
    turn = 2 * v + 1 if pred[v] < 0 else 2 * pred[v] + 1
    return turn if level[turn] == deep else -1


@kernel
def _block(first, head, size, kind, pred, level, at, stack):
    """Push a blocking flow through the layers (Dinitz); every state carries at most one path."""
    for v in range(size):
        at[v] = first[v]
    pushed = 0
    for s in range(size):
        if kind[s] != SOURCE:
            continue
        depth, stack[0] = 0, 2 * s + 1
        while depth >= 0:
            state = stack[depth]
            ahead = _step(state, first, head, pred, level, at)
            if ahead < 0:
                level[state] = -2
                depth -= 1
                continue
            depth += 1
            stack[depth] = ahead
            if kind[ahead >> 1] == SINK:
                for i in range(1, depth):
                    before, now = stack[i - 1], stack[i]
                    if not now & 1:
                        pred[now >> 1] = -1 if now >> 1 == before >> 1 else before >> 1
                    level[now] = -2
                pushed += 1
                depth = 0
    return pushed


@kernel
def _separate(first, head, size, kind, pred, level, at, queue, limit):
    """Find the smallest vertex cut between sources and sinks; return its size, or -1 above `limit`.

    Afterwards `level` marks the source side: v is on it when state 2v + 1 is reached, and in the cut when
    only state 2v is. A sink that touches a source is taken into the cut beforehand.
    """
    pred[:size] = -1
    flow = 0
    for v in range(size):
        if kind[v] == SINK:
            for e in range(first[v], first[v + 1]):
                if kind[head[e]] == SOURCE:
                    kind[v] = CUT
                    flow += 1
                    break
    while flow <= limit and _levels(first, head, size, kind, pred, level, queue):
        flow += _block(first, head, size, kind, pred, level, at, queue)
    return flow if flow <= limit else -1


@kernel
def _mark(size, kind, level, side):
    """Write 0 (source side), 1 (sink side) or 2 (cut) per node; return the size of the smaller side."""
    near = far = 0
    for v in range(size):
        if kind[v] == CUT or (kind[v] == FREE and level[2 * v] >= 0 and level[2 * v + 1] < 0):
            side[v] = 2
        elif level[2 * v + 1] >= 0:
            side[v] = 0
            near += 1
        else:
            side[v] = 1
            far += 1
    return min(near, far)


@kernel
def _components(first, head, size, side, queue):
    """Number the connected parts of a cell in `side`; return how many there are."""
    side[:size] = -1
    parts = 0
    for root in range(size):
        if side[root] >= 0:
            continue
        side[root], queue[0] = parts, root
        done, top = 0, 1
        while done < top:
            v = queue[done]
            done += 1
            for e in range(first[v], first[v + 1]):
                if side[head[e]] < 0:
                    side[head[e]] = parts
                    queue[top] = head[e]
                    top += 1
        parts += 1
    return parts


@kernel
def _cell(first, head, order, place, lo, hi, cell_first, cell_head):
    """Copy the subgraph of order[lo:hi] with local numbers; return whether it is complete."""
    top = 0
    for i in range(hi - lo):
        cell_first[i] = top
        v = order[lo + i]
        for e in range(first[v], first[v + 1]):
            w = place[head[e]] - lo
            if 0 <= w < hi - lo:
                cell_head[top] = w
                top += 1
    cell_first[hi - lo] = top
    return top == (hi - lo) * (hi - lo - 1)


@kernel
def _regroup(order, place, lo, size, side, parts, start, spare):
    """Sort the cell's nodes by `side`, stably; `start[p]` becomes the first position of part p."""
    start[: parts + 1] = 0
    for i in range(size):
        start[side[i] + 1] += 1
    for p in range(parts):
        start[p + 1] += start[p]
    for i in range(size):
        spare[i] = order[lo + i]
    fill = start[:parts].copy()
    for i in range(size):
        at = lo + fill[side[i]]
        fill[side[i]] += 1
        order[at] = spare[i]
        place[spare[i]] = at


class Work(NamedTuple):
    """Scratch arrays of the recursion, sized once for the whole graph, and the order it writes."""

    order: np.ndarray  # order[rank] = node; cells are slices of it
    place: np.ndarray  # its inverse
    first: np.ndarray  # the current cell as a graph with local numbers (CSR)
    head: np.ndarray
    queue: np.ndarray
    level: np.ndarray
    pred: np.ndarray
    at: np.ndarray
    ids: np.ndarray
    side: np.ndarray
    best: np.ndarray
    start: np.ndarray
    key: np.ndarray
    kind: np.ndarray


def workspace(n: int, arcs: int) -> Work:
    """Allocate the scratch arrays for a graph of n nodes and `arcs` CSR entries."""

    def ints(size: int) -> np.ndarray:
        return np.empty(size, np.int32)

    return Work(
        order=np.arange(n, dtype=np.int32),
        place=np.arange(n, dtype=np.int32),
        first=ints(n + 1),
        head=ints(arcs),
        queue=ints(2 * n + 2),
        level=ints(2 * n),
        pred=ints(n),
        at=ints(n),
        ids=ints(n),
        side=ints(n),
        best=ints(n),
        start=ints(n + 2),
        key=np.empty(n),
        kind=np.empty(n, np.int8),
    )


@kernel
def _inertial_key(k, keys, xy, work, lo, size):
    """Fill `work.key` with the k-th key of a cell: a compass direction, or last of all the hop distances."""
    if k == keys - 1:
        _hop_key(work.first, work.head, size, work.key, work.level, work.queue)
        return
    east, north = ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, -1.0))[k]
    for i in range(size):
        v = work.order[lo + i]
        work.key[i] = east * xy[v, 0] + north * xy[v, 1]


@kernel
def _bisect(xy, share, work, lo, size):
    """Cut a connected cell in two along its best key: sides 0 and 1, cut 2, in `work.best`.

    Best is the fewest nodes cut per node of the smaller side. Where that is more than one the cell is no
    place for a line across the map: its hubs are cut out instead (a star falls apart into its rays).
    """
    best, fixed = np.inf, max(1, int(size * share))
    keys = 5 if len(xy) else 1
    for k in range(keys):
        _inertial_key(k, keys, xy, work, lo, size)
        for i in range(size):
            work.ids[i], work.kind[i] = i, FREE
        _select(work.ids[:size], work.key, fixed)
        _select(work.ids[fixed:size], work.key, size - 2 * fixed)
        for i in range(fixed):
            work.kind[work.ids[i]] = SOURCE
            work.kind[work.ids[size - 1 - i]] = SINK
        limit = int(min(best * (size - fixed), size))
        cut = _separate(
            work.first, work.head, size, work.kind, work.pred, work.level, work.at, work.queue, limit
        )
        if cut < 0:
            continue
        smaller = _mark(size, work.kind, work.level, work.side)
        if smaller and cut / smaller < best:
            best = cut / smaller
            for i in range(size):
                work.best[i] = work.side[i]
    if best > 1.0:
        most = 0
        for i in range(size):
            most = max(most, work.first[i + 1] - work.first[i])
        for i in range(size):
            work.best[i] = 2 if 2 * (work.first[i + 1] - work.first[i]) > most else 0


@kernel
def dissect(first, head, xy, share, work, cells, budget):
    """Cut open cells until about `budget` nodes were handled; return the cells still open, (k, 2) lo and hi.

    `xy` has shape (n, 2), or (0, 2) when there are no coordinates; `share` is the part of a cell fixed on
    each side of a cut. Separators get the highest ranks of their cell, so `work.order` needs no second pass.
    """
    stack = [(lo_hi[0], lo_hi[1]) for lo_hi in cells]
    while stack and budget > 0:
        lo, hi = stack.pop()
        size = hi - lo
        budget -= size
        if size < 3 or _cell(first, head, work.order, work.place, lo, hi, work.first, work.head):
            continue
        parts = _components(work.first, work.head, size, work.best, work.queue)
        inner = parts
        if parts == 1:
            _bisect(xy, share, work, lo, size)
            parts, inner = 3, 2
        _regroup(work.order, work.place, lo, size, work.best, parts, work.start, work.ids)
        for p in range(inner):
            stack.append((lo + work.start[p], lo + work.start[p + 1]))
    left = np.empty((len(stack), 2), np.int64)
    for i in range(len(stack)):
        left[i, 0], left[i, 1] = stack[i]
    return left
