"""Kernels that ask a customised hierarchy: restricted sweeps for matrices, unpacked paths for pairs.

Sweeps: Delling, Goldberg, Nowatzyk and Werneck, PHAST (2011), restricted to the ancestors of the nodes asked
about as in Delling, Goldberg and Werneck, Faster Batched Shortest Paths in Road Networks (RPHAST, 2011).
Paths: the elimination tree query and unpacking of Dibbelt, Strasser and Wagner (2016).
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from workbench.logistics.paths._compile import kernel

LANES = 16  # origins per pass: two cache lines of distances per node
KEPT = 2**20  # nodes above destinations that are remembered between pairs: 12 MB


@kernel
def ancestors(parent, seeds):
    """Return, sorted, the seeds and everything above them in the elimination tree."""
    seen, found, top = np.zeros(len(parent), np.bool_), np.empty(len(parent), np.int32), 0
    for s in seeds:
        v = s
        while v >= 0 and not seen[v]:
            seen[v] = True
            found[top] = v
            top += 1
            v = parent[v]
    return np.sort(found[:top])


@kernel
def restrict(first, head, nodes):
    """Number `nodes`, sorted and closed upwards, from 0 and copy their rows: numbers, first, head, arc."""
    local, size = np.empty(len(first) - 1, np.int32), 0
    for i in range(len(nodes)):
        local[nodes[i]] = i
        size += first[nodes[i] + 1] - first[nodes[i]]
    row, near, arc = np.zeros(len(nodes) + 1, np.int32), np.empty(size, np.int32), np.empty(size, np.int32)
    top = 0
    for i in range(len(nodes)):
        for e in range(first[nodes[i]], first[nodes[i] + 1]):
            near[top], arc[top] = local[head[e]], e
            top += 1
        row[i + 1] = top
    return local, row, near, arc


@kernel
def gather(arc, w, way):
    """Return the weights of `arc` upwards and downwards, exchanged when `way` is 1 (reversed network)."""
    up, down = np.empty(len(arc)), np.empty(len(arc))
    for i in range(len(arc)):
        up[i], down[i] = w[2 * arc[i] + way], w[2 * arc[i] + 1 - way]
    return up, down


@intrinsic
def _min_plus(typing, far, to, of, step):
    """Set row `to` of `far` to the lesser of itself and row `of` plus `step`, LANES numbers at once.

    Written in the compiler's own vector type: left to itself it cannot rule out that the rows overlap, and
    stays scalar at less than half the speed. It becomes AVX-512, AVX, SSE or NEON as the machine has.
    """

    def codegen(context, builder, signature, args):
        vector = ir.VectorType(ir.DoubleType(), LANES)
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        rows = [builder.gep(data, [builder.mul(i, i.type(LANES))]) for i in args[1:3]]
        rows = [builder.bitcast(row, vector.as_pointer()) for row in rows]
        blank = ir.Constant(vector, ir.Undefined)
        first = builder.insert_element(blank, args[3], ir.Constant(ir.IntType(32), 0))
        every = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        steps = builder.shuffle_vector(first, blank, every)
        old, base = builder.load(rows[0], align=8), builder.load(rows[1], align=8)
        new = builder.fadd(base, steps)
        less = builder.fcmp_ordered("<", new, old)
        builder.store(builder.select(less, new, old), rows[0], align=8)
        return context.get_dummy_value()

    return types.void(far, types.int64, types.int64, types.float64), codegen


@kernel
def sweep(row, near, up, down, wanted, origins, destinations, out):
    """Fill out[i, j] with the distance from origins[i] to destinations[j], LANES origins per pass.

    All numbers are local. A pass climbs from the origins in rank order, then descends over the rows
    `wanted`, the ancestors of the destinations.
    """
    n = len(row) - 1
    far, live = np.empty((n, LANES)), np.empty(n, np.bool_)
    flat = far.reshape(n * LANES)
    for start in range(0, len(origins), LANES):
        far[:], live[:] = np.inf, False
        count = min(LANES, len(origins) - start)
        for k in range(count):
            far[origins[start + k], k] = 0.0
            live[origins[start + k]] = True
        for x in range(n):
            if live[x]:
                for e in range(row[x], row[x + 1]):
                    live[near[e]] = True
                    _min_plus(flat, near[e], x, up[e])  # type: ignore[call-arg]
        for x in range(n - 1, -1, -1):
            if wanted[x]:
                for e in range(row[x], row[x + 1]):
                    _min_plus(flat, x, near[e], down[e])  # type: ignore[call-arg]
        for j in range(len(destinations)):
            for k in range(count):
                out[start + k, j] = far[destinations[j], k]


@kernel
def sweep_one(row, near, up, down, origin, destinations, out):
    """Fill out[j] with the distance from one origin to destinations[j]; numbers are local."""
    n = len(row) - 1
    far = np.full(n, np.inf)
    far[origin] = 0.0
    for x in range(origin, n):
        if far[x] < np.inf:
            for e in range(row[x], row[x + 1]):
                far[near[e]] = min(far[near[e]], far[x] + up[e])
    for x in range(n - 1, -1, -1):
        least = far[x]
        for e in range(row[x], row[x + 1]):
            least = min(least, far[near[e]] + down[e])
        far[x] = least
    for j in range(len(destinations)):
        out[j] = far[destinations[j]]


@kernel
def _climb(v, first, head, parent, w, way, far, via):
    """Settle all ancestors of v: distances in `far`, the arc by which each was reached in `via`."""
    far[v], via[v] = 0.0, -1
    while v >= 0:
        for e in range(first[v], first[v + 1]):
            d = far[v] + w[2 * e + way]
            if d < far[head[e]]:
                far[head[e]], via[head[e]] = d, e
        v = parent[v]


@kernel
def _forget(v, parent, far):
    while v >= 0:
        far[v] = np.inf
        v = parent[v]


@kernel
def lightest(slots, arcs, weights, w):
    """Return for every slot the arc that gives it its weight, the first of equals, or -1 for a shortcut."""
    found = np.full(len(w), -1, np.int32)
    for i in range(len(slots)):
        if found[slots[i]] < 0 and weights[arcs[i]] == w[slots[i]]:
            found[slots[i]] = arcs[i]
    return found


@kernel
def _split(slot, tail, head, low_first, low_arc, w):
    """Return the two slots a shortcut stands for, in the order they are travelled."""
    a_end, b_end = low_first[tail[slot >> 1] + 1], low_first[head[slot >> 1] + 1]
    i, j = low_first[tail[slot >> 1]], low_first[head[slot >> 1]]
    while i < a_end and j < b_end:
        a, b = low_arc[i], low_arc[j]
        if tail[a] == tail[b]:
            if slot & 1 and w[2 * b + 1] + w[2 * a] == w[slot]:
                return 2 * b + 1, 2 * a
            if not slot & 1 and w[2 * a + 1] + w[2 * b] == w[slot]:
                return 2 * a + 1, 2 * b
        i += tail[a] <= tail[b]
        j += tail[b] <= tail[a]
    return -1, -1


@kernel
def _arrange(s, meet, t, tail, depth, via_ahead, via_back):
    """Return the slots from s over `meet` to t, the last leg first: a stack empties from the origin's end.

    `via_back` lists the arcs by which t and the nodes above it were reached, upwards from t.
    """
    stack, v = [0][:0], meet
    while v != t:
        arc = via_back[depth[t] - depth[v]]
        stack.append(2 * arc + 1)
        v = tail[arc]
    stack.reverse()
    v = meet
    while v != s:
        stack.append(2 * via_ahead[v])
        v = tail[via_ahead[v]]
    return stack


@kernel
def _keep(v, parent, far, via, kept_far, kept_via):
    """Lay down what a climb from v found, upwards from v, and forget it."""
    place = 0
    while v >= 0:
        kept_far[place], kept_via[place] = far[v], via[v]
        far[v] = np.inf
        place += 1
        v = parent[v]


@kernel
def paths(
    first, tail, head, parent, depth, low_first, low_arc, w, weights, plain, halves, origins, destinations
):
    """Return for each pair its cost, and all arcs travelled one pair after the other with their offsets.

    `depth` counts the nodes from each up to its root; `low_first, low_arc` list the arcs that end in a node
    from below, by tail; `plain` the user's arc of every slot, -1 for shortcuts; `halves` (slots, 2) remembers
    how shortcuts were split, -1 before. The cost adds the arcs in the order travelled. Pairs that follow
    each other with one origin share its climb; the climbs of destinations are kept while there is room, for
    near pairs ask about the same ones again and again.
    """
    n, pairs = len(parent), len(origins)
    ahead, back = np.full(n, np.inf), np.full(n, np.inf)
    via_ahead, via_back = np.empty(n, np.int32), np.empty(n, np.int32)
    cost, offset, found = np.full(pairs, np.inf), np.zeros(pairs + 1, np.int64), [0][:0]
    room, top, start = max(KEPT, depth.max() if n else 0), 0, np.full(n, -1, np.int32)
    kept_far, kept_via = np.empty(room), np.empty(room, np.int32)
    for p in range(pairs):
        s, t = origins[p], destinations[p]
        if p == 0 or s != origins[p - 1]:
            _forget(origins[p - 1], parent, ahead)
            _climb(s, first, head, parent, w, 0, ahead, via_ahead)
        if start[t] < 0:
            if top + depth[t] > room:
                start[:], top = -1, 0
            _climb(t, first, head, parent, w, 1, back, via_back)
            _keep(t, parent, back, via_back, kept_far[top:], kept_via[top:])
            start[t] = top
            top += depth[t]
        meet, best, v, place = -1, np.inf, t, start[t]
        while v >= 0:
            if ahead[v] + kept_far[place] < best:
                meet, best = v, ahead[v] + kept_far[place]
            v = parent[v]
            place += 1
        if meet >= 0:
            total, stack = 0.0, _arrange(s, meet, t, tail, depth, via_ahead, kept_via[start[t] :])
            while stack:
                slot = stack.pop()
                if plain[slot] >= 0:
                    found.append(plain[slot])
                    total += weights[plain[slot]]
                    continue
                if halves[slot, 0] < 0:
                    halves[slot, 0], halves[slot, 1] = _split(slot, tail, head, low_first, low_arc, w)
                stack.append(halves[slot, 1])
                stack.append(halves[slot, 0])
            cost[p] = total
        offset[p + 1] = len(found)
    return cost, offset, np.array(found, dtype=np.int64)
