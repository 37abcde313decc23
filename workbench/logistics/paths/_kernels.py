"""Kernels of the customizable contraction hierarchy: contract, list triangles, customise.

Dibbelt, Strasser and Wagner, Customizable Contraction Hierarchies (2016). Nodes are numbered by rank. Every
arc of the hierarchy joins a node with one of higher rank and carries two weights, interleaved in one flat
array: w[2a] upwards, w[2a + 1] downwards.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np

from workbench.logistics.paths._compile import kernel

UP, DOWN = np.uint64(0), np.uint64(1)
LARGEST = 2**30  # arcs of the hierarchy: their slots, two each, are numbered in 32 bits
RUN = 4  # a run of at least so many triangles is relaxed as a vector, a shorter one triangle by triangle


@kernel
def contract(first, head):
    """Add the shortcuts: the chordal supergraph, upwards (CSR, rows sorted), and its elimination tree.

    `first, head` list each node's neighbours of higher rank. The third array is `parent`: the lowest upward
    neighbour, -1 at a root. A row is the union of the node's own neighbours and its children's rows. Raises
    OverflowError on a network so dense that its shortcuts cannot be numbered.
    """
    n = len(first) - 1
    up_first, up_head = np.zeros(n + 1, np.int32), np.empty(max(4 * len(head), 16), np.int32)
    parent, child, sibling = np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    seen = np.full(n, -1, np.int32)
    top = 0
    for v in range(n):
        need = top + first[v + 1] - first[v]
        c = child[v]
        while c >= 0:
            need += up_first[c + 1] - up_first[c]
            c = sibling[c]
        if need >= LARGEST:
            raise OverflowError
        if need > len(up_head):
            grown = np.empty(2 * need, np.int32)
            for e in range(top):
                grown[e] = up_head[e]
            up_head = grown
        seen[v] = v
        top = _unite(head, first[v], first[v + 1], v, seen, up_head, top)
        c = child[v]
        while c >= 0:
            top = _unite(up_head, up_first[c], up_first[c + 1], v, seen, up_head, top)
            c = sibling[c]
        up_first[v + 1] = top
        if top > up_first[v]:
            up_head[up_first[v] : top].sort()
            p = up_head[up_first[v]]
            parent[v], sibling[v], child[p] = p, child[p], v
    return up_first, up_head[:top].copy(), parent


@kernel
def _unite(source, lo, hi, v, seen, row, top):
    """Append what `source[lo:hi]` adds to the row of v; return the row's new end."""
    for e in range(lo, hi):
        if seen[source[e]] != v:
            seen[source[e]] = v
            row[top] = source[e]
            top += 1
    return top


@kernel
def depths(parent):
    """Count the nodes from each one up to its root in the elimination tree, itself included."""
    depth = np.ones(len(parent), np.int32)
    for v in range(len(parent) - 1, -1, -1):
        if parent[v] >= 0:
            depth[v] += depth[parent[v]]
    return depth


@kernel
def triangles(first, head):
    """List the lower triangles of every arc once, in the order in which they may be relaxed.

    A triangle z < x < y is its arcs a = zx, b = zy, c = xy. Rows are sorted, so for one a the pairs (b, c)
    often advance side by side: such a run is kept once, as (a, b, c, length, singles before it). Returns the
    other triangles, `single` (k, 3), and `run` (r, 5), closed by an empty run.
    """
    singles, runs = _scan(first, head, np.empty((0, 3), np.int32), np.empty((0, 5), np.int32))
    single, run = np.empty((singles, 3), np.int32), np.zeros((runs + 1, 5), np.int32)
    _scan(first, head, single, run)
    run[runs, 4] = singles
    return single, run


@kernel
def _scan(first, head, single, run):
    """Walk all triangles; write them when there is room, count them always."""
    singles = runs = 0
    for z in range(len(first) - 1):
        end = first[z + 1]
        for a in range(first[z], end):
            c, b = first[head[a]], a + 1
            while b < end:
                while head[c] < head[b]:
                    c += 1
                length = 1
                while b + length < end and head[c + length] == head[b + length]:
                    length += 1
                if length >= RUN:
                    if len(run):
                        run[runs, 0], run[runs, 1], run[runs, 2] = a, b, c
                        run[runs, 3], run[runs, 4] = length, singles
                    runs += 1
                else:
                    if len(single):
                        for t in range(length):
                            single[singles + t, 0] = a
                            single[singles + t, 1] = b + t
                            single[singles + t, 2] = c + t
                    singles += length
                b += length
                c += length
    return singles, runs


@kernel
def load(slot, arc, weights, w):
    """Lay the arc weights on their slots, the least of parallel arcs; every other slot is shut (inf)."""
    w[:] = np.inf
    for i in range(len(slot)):
        w[slot[i]] = min(w[slot[i]], weights[arc[i]])


@kernel
def customise(single, run, w):
    """Relax every lower triangle once, lowest node first: c = min(c, a + b) in both directions.

    Unsigned positions let the compiler drop the wrap-around of negative ones; the conditional moves leave
    no branch to mispredict. Together they halve the time.
    """
    done = np.int64(0)
    for r in range(len(run)):
        for i in range(done, run[r, 4]):
            a, b, c = np.uint64(2 * single[i, 0]), np.uint64(2 * single[i, 1]), np.uint64(2 * single[i, 2])
            up, down, old_up, old_down = w[a + DOWN] + w[b], w[a] + w[b + DOWN], w[c], w[c + DOWN]
            w[c] = up if up < old_up else old_up
            w[c + DOWN] = down if down < old_down else old_down
        done = run[r, 4]
        a, b, c = np.uint64(2 * run[r, 0]), np.uint64(2 * run[r, 1]), np.uint64(2 * run[r, 2])
        to_x, from_x = w[a], w[a + DOWN]
        t, end = np.uint64(0), np.uint64(2 * run[r, 3])
        while t < end:
            up, down, old_up, old_down = from_x + w[b + t], to_x + w[b + t + DOWN], w[c + t], w[c + t + DOWN]
            w[c + t] = up if up < old_up else old_up
            w[c + t + DOWN] = down if down < old_down else old_down
            t += np.uint64(2)


@kernel
def mend(edited, first, tail, head, low_first, low_arc, slot, arc, weights, w):
    """Do what `customise` would after the weights of a few hierarchy arcs, `edited`, have changed.

    Arcs are taken up lowest tail first, which is the order of their numbers; one whose weight stays as it
    was passes nothing on. `low_first, low_arc` list the arcs that end in a node from below, by tail.
    """
    waiting = np.zeros(len(head), np.bool_)
    heap = [np.int64(c) for c in edited]
    heapify(heap)
    while heap:
        c = heappop(heap)
        waiting[c] = False
        up, down = _own(slot, arc, weights, 2 * c), _own(slot, arc, weights, 2 * c + 1)
        i, j = low_first[tail[c]], low_first[head[c]]
        i_end, j_end = low_first[tail[c] + 1], low_first[head[c] + 1]
        while i < i_end and j < j_end:
            a, b = low_arc[i], low_arc[j]
            if tail[a] == tail[b]:
                up, down = min(up, w[2 * a + 1] + w[2 * b]), min(down, w[2 * b + 1] + w[2 * a])
            i += tail[a] <= tail[b]
            j += tail[b] <= tail[a]
        if up == w[2 * c] and down == w[2 * c + 1]:
            continue
        w[2 * c], w[2 * c + 1] = up, down
        for e in range(first[tail[c]], first[tail[c] + 1]):
            x, y = min(head[c], head[e]), max(head[c], head[e])
            if x < y:
                third = first[x] + np.searchsorted(head[first[x] : first[x + 1]], y)
                if not waiting[third]:
                    waiting[third] = True
                    heappush(heap, third)


@kernel
def _own(slot, arc, weights, wanted):
    """Return the least weight of the user's arcs on a slot, inf where there is none."""
    least, i = np.inf, np.searchsorted(slot, wanted)
    while i < len(slot) and slot[i] == wanted:
        least = min(least, weights[arc[i]])
        i += 1
    return least
