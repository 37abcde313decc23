"""The compiled search of `metered`: labels carry what they weigh and the length their run still lacks."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from workbench.logistics.paths._compile import kernel


@kernel
def search(first, arcs, head, weights, limit, rate, length, liable, seeds, costs, ends):
    """Search from seeded nodes; return labels (node, weight, lack, owing, parent, arc) and the end's label.

    A label at a node under way (limit > 0) has `lack`, the length its run still lacks, and `owing`, whether
    the run is liable. Labels settle by weight, so a later one at a node is the heavier; it is of use only
    if W + rate x lack, what leaving at once would make of it, is below that of every settled label it
    might lose to (see `MeteredEngine`). At ordinary nodes, where trucks join everything near, only a label
    lighter than all before is written down. Stops when every node of `ends` has settled.
    """
    n = len(first) - 1
    size = max(64, 2 * len(seeds))
    node, parent, via = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32)
    weight, lack, owing = np.empty(size), np.empty(size), np.empty(size, np.bool_)
    free, bound = np.full(n, np.inf), np.full(n, np.inf)  # least W + rate x lack of runs (not) owing
    hoped = np.full(n, np.inf)  # least weight of the labels at an ordinary node, settled or not
    label = np.full(n, -1, np.int32)
    wanted, missing = np.zeros(n, np.bool_), 0
    for end in ends:
        if not wanted[end]:
            wanted[end] = True
            missing += 1
    used = 0
    heap = [(0.0, 0) for _ in range(0)]
    for k in range(len(seeds)):
        if costs[k] < np.inf:
            node[used], parent[used], via[used] = seeds[k], -1, -1
            weight[used], lack[used], owing[used] = costs[k], 0.0, False
            heappush(heap, (costs[k], used))
            used += 1
    while heap:
        w, k = heappop(heap)
        v = node[k]
        due = w + rate[v] * lack[k]
        if due >= free[v] if not owing[k] else due >= min(free[v], bound[v]):
            continue
        if not owing[k] and bound[v] <= w:
            continue
        if owing[k]:
            bound[v] = due
        else:
            free[v] = due
        if label[v] < 0:
            label[v] = k
            if wanted[v]:
                missing -= 1
                if missing == 0:
                    break
        for e in range(first[v], first[v + 1]):
            a = arcs[e]
            u, ahead, short, owes = head[a], w + weights[a], 0.0, False
            if limit[u] > 0:
                short = max(0.0, (lack[k] if limit[v] > 0 else limit[u]) - length[a])
                owes = (limit[v] > 0 and owing[k]) or liable[a]
            elif limit[v] > 0 and (owing[k] or liable[a]):
                ahead += rate[v] * max(0.0, lack[k] - length[a])
            reached = ahead + rate[u] * short
            if not ahead < np.inf or reached >= (min(free[u], bound[u]) if owes else free[u]):
                continue
            if limit[u] <= 0:
                if ahead >= hoped[u]:
                    continue
                hoped[u] = ahead
            if used == size:
                size *= 2
                node, parent, via = _grown(node, size), _grown(parent, size), _grown(via, size)
                weight, lack, owing = _grown(weight, size), _grown(lack, size), _grown(owing, size)
            node[used], parent[used], via[used] = u, k, a
            weight[used], lack[used], owing[used] = ahead, short, owes
            heappush(heap, (ahead, used))
            used += 1
    return weight[:used], lack[:used], owing[:used], parent[:used], via[:used], node[:used], label


@kernel
def _grown(values, size):
    out = np.empty(size, values.dtype)
    out[: len(values)] = values
    return out


@kernel
def seeded(first, arcs, head, weights, limit, rate, length, liable, seeds, costs, ends):
    """Search once per row of `costs`; return the least weight at every end and the seed it came from."""
    best = np.full((len(costs), len(ends)), np.inf)
    root = np.full((len(costs), len(ends)), -1, np.int64)
    for i in range(len(costs)):
        weight, _, _, parent, _, node, label = search(
            first, arcs, head, weights, limit, rate, length, liable, seeds, costs[i], ends
        )
        for j in range(len(ends)):
            k = label[ends[j]]
            if k >= 0:
                best[i, j] = weight[k]
                while parent[k] >= 0:
                    k = parent[k]
                root[i, j] = node[k]
    return best, root


@kernel
def trails(first, arcs, head, weights, limit, rate, length, liable, origin, ends):
    """Return the weights to some ends and, end by end, the arcs of a least path, the last one first."""
    weight, _, _, parent, via, _, label = search(
        first, arcs, head, weights, limit, rate, length, liable, np.array([origin]), np.zeros(1), ends
    )
    cost, count = np.full(len(ends), np.inf), np.zeros(len(ends), np.int64)
    for j in range(len(ends)):
        k = label[ends[j]]
        if k >= 0:
            cost[j] = weight[k]
            while parent[k] >= 0:
                count[j] += 1
                k = parent[k]
    used, at = np.empty(count.sum(), np.int64), 0
    for j in range(len(ends)):
        k = label[ends[j]]
        while k >= 0 and parent[k] >= 0:
            used[at] = via[k]
            at += 1
            k = parent[k]
    return cost, count, used


@kernel
def lacking(first, used, tail, head, limit, length, liable):
    """Return for every arc travelled the length its run lacks when it ends there, if it is liable."""
    out = np.zeros(len(used))
    for pair in range(len(first) - 1):
        short, owes = 0.0, False
        for place in range(first[pair], first[pair + 1]):
            a = used[place]
            if limit[tail[a]] <= 0:
                short, owes = limit[head[a]], False
            short, owes = max(0.0, short - length[a]), owes or liable[a]
            if limit[tail[a]] > 0 and limit[head[a]] <= 0 and owes:
                out[place] = short
    return out
