"""Cover every demand with the fewest sites, exactly: reduction, odd cuts, local search, proof.

min sum_j y[j]  with  sum_j a[i,j] y[j] >= 1 for every demand i, y binary. Four steps, each leaving less to
the next:

1. demands covered whenever another is, and sites that cover no more than another, are dropped;
2. the linear program gives a bound, tightened by cuts on three demands (Balas and Ng 1989): summed, halved
   and rounded up,  sum_j ceil((a[1,j] + a[2,j] + a[3,j]) / 2) y[j] >= 2;
3. a local search that puts weight on demands long uncovered finds a cover (Gao, Weise and Li 2015);
4. sites whose reduced cost lifts the bound over that cover are dropped, and HiGHS proves the rest from there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.errors import StoppedError
from workbench.siting.limits import Limits
from workbench.solver import Model

_WHOLE = 1e-6  # a number of sites is whole: bounds round up beyond this
_STEPS = 1_000
_CUT_ROUNDS = 6
_FEW_CUTS = 20  # a round that finds fewer is the last
_SEARCH_FROM = 60  # below so many sites HiGHS is quicker than a search for a cover (measured)
_CUTS_FROM = 25  # below so many sites HiGHS is quicker without them (measured)


@dataclass(frozen=True)
class Cover:
    """Chosen site positions (None: not known), how many any cover needs, whether HiGHS had to branch."""

    chosen: np.ndarray | None
    bound: int
    hard: bool = False


def fewest(near: np.ndarray, required: np.ndarray, limits: Limits, *, enough: int | None = None) -> Cover:
    """Return the fewest sites (columns of `near`) that cover every demand (rows), required ones included.

    With `enough` only that number matters: the search stops at a cover no larger, or as soon as the bound is
    larger (then `chosen` is None). Every row must have a True.
    """
    must = np.flatnonzero(required)
    rows, sites = essential(near[~near[:, required].any(axis=1)], np.flatnonzero(~required), limits)
    if not len(rows):
        return Cover(must, len(must))
    aim = None if enough is None else enough - len(must)
    cover = greedy(rows)
    if aim is not None and len(cover) <= aim:
        return Cover(np.sort(np.concatenate([must, sites[cover]])), len(must))
    bound, keep, cuts = _linear(rows, limits, aim)
    if aim is not None and bound > aim:
        return Cover(None, bound + len(must))
    if rows.shape[1] >= _SEARCH_FROM:
        cover = local_search(rows, bound if aim is None else aim, cover, limits)
    hard = len(cover) > (bound if aim is None else aim)
    if hard:
        cover, bound = _proven(rows, cover, keep, cuts, bound, limits, aim)
    found = np.sort(np.concatenate([must, sites[cover]]))
    if aim is not None and len(cover) > aim:
        return Cover(None, bound + len(must), hard)
    return Cover(found, bound + len(must), hard)


def small_cover(
    near: np.ndarray, required: np.ndarray, aim: int, limits: Limits, *, steps: int
) -> np.ndarray:
    """Return a cover by local search alone, stopping at one of `aim` sites, required ones included.

    Nothing is searched where even the greedy cover is far too large.
    """
    must = np.flatnonzero(required)
    rows = near[~near[:, required].any(axis=1)]
    if not len(rows):
        return must
    start = greedy(rows)
    near_enough = len(start) + len(must) <= 1.4 * aim + 1
    cover = local_search(rows, aim - len(must), start, limits, steps=steps) if near_enough else start
    return np.sort(np.concatenate([must, cover]))


def essential(near: np.ndarray, sites: np.ndarray, limits: Limits) -> tuple[np.ndarray, np.ndarray]:
    """Drop demands covered whenever another is, and sites that cover no more than another, repeatedly."""
    rows = near[:, sites]
    while not limits.over:
        before = rows.shape
        rows = rows[_least(rows)]
        keep = _least(~rows.T)
        rows, sites = rows[:, keep], sites[keep]
        if rows.shape == before:
            break
    return rows, sites


def _least(sets: np.ndarray) -> np.ndarray:
    """Tell which rows (as sets of columns) contain no other row; of equal rows the first stays."""
    size, number = sets.sum(axis=1), np.arange(len(sets))
    common = sets.astype(np.float32) @ sets.astype(np.float32).T
    within = common >= size[:, None]  # row a lies within row b
    before = (size[:, None] < size[None, :]) | ((size[:, None] == size[None, :]) & (number[:, None] < number))
    return ~(within & before).any(axis=0)


def _model(rows: np.ndarray, keep: np.ndarray, cuts: np.ndarray) -> Model:
    """Build the covering program of the kept sites; labels are column positions of `rows`."""
    m = Model()
    y = m.variables("open", keep, cost=1.0, kind="binary")
    r, s = np.nonzero(rows[:, keep])
    m.rows("covered", range(len(rows)), [(r, y.columns[s], 1.0)], lower=1.0)
    if len(cuts):
        weight = np.ceil(rows[:, keep][cuts].sum(axis=1) / 2)
        r, s = np.nonzero(weight)
        m.rows("odd", range(len(cuts)), [(r, y.columns[s], weight[r, s])], lower=2.0)
    return m


def least_number(near: np.ndarray, required: np.ndarray, limits: Limits) -> int:
    """Return the lower bound of the plain linear program on the number of sites, rounded up."""
    rows, _ = essential(near[~near[:, required].any(axis=1)], np.flatnonzero(~required), limits)
    if not len(rows):
        return int(required.sum())
    try:
        found = limits.solve(_model(rows, np.arange(rows.shape[1]), np.empty((0, 3), int)), relax=True)
    except StoppedError:
        return packed(rows) + int(required.sum())
    return int(np.ceil(found.bound - _WHOLE) if np.isfinite(found.bound) else packed(rows)) + int(
        required.sum()
    )


def packed(rows: np.ndarray) -> int:
    """Return a number of demands of which no two share a site: any cover has at least so many sites."""
    taken, count = np.zeros(rows.shape[1], dtype=bool), 0
    for row in rows[np.argsort(rows.sum(axis=1), kind="stable")]:
        if not (row & taken).any():
            taken |= row
            count += 1
    return count


def _linear(rows: np.ndarray, limits: Limits, aim: int | None) -> tuple[int, np.ndarray, np.ndarray]:
    """Return the bound, each site's reduced cost over it (as a total), and the cuts found on the way."""
    every, cuts = np.arange(rows.shape[1]), np.empty((0, 3), dtype=int)
    bound, total = packed(rows), np.zeros(rows.shape[1])
    for _ in range(_CUT_ROUNDS):
        try:
            found = limits.solve(_model(rows, every, cuts), relax=True)
        except StoppedError:
            break
        if found.status != "optimal":
            break
        total = found.objective + np.maximum(found.reduced_costs["open"].to_numpy(), 0.0)
        bound = max(bound, int(np.ceil(found.objective - _WHOLE)))
        settled = aim is not None and found.objective > aim + _WHOLE
        if settled or found.objective < _CUTS_FROM or limits.over:
            break
        more = _odd(rows, found.values["open"].to_numpy(), cuts, limits)
        cuts = np.concatenate([cuts, more])
        if len(more) < _FEW_CUTS:
            break
    return bound, total, cuts


def _odd(rows: np.ndarray, y: np.ndarray, known: np.ndarray, limits: Limits, most: int = 400) -> np.ndarray:
    """Find triples of demands whose cut the fractional plan breaks, the worst first, none in too many.

    The cut's left side is  s1 + s2 + s3 - w12 - w13 - w23 + 2 w123  with s what covers a demand and w what
    covers several of them together.
    """
    support = np.flatnonzero(y > _WHOLE)
    tight = np.flatnonzero(rows[:, support] @ y[support] < 1.3)
    part, weight = rows[np.ix_(tight, support)], y[support]
    single, pair = part @ weight, (part * weight) @ part.T
    seen, found = {tuple(triple) for triple in known.tolist()}, []
    for a in range(len(tight)):
        if limits.over:
            break
        near = a + 1 + np.flatnonzero(pair[a, a + 1 :] > 0.2)
        shared = part[np.ix_(near, part[a])]
        both = pair[a, near]
        side = single[a] + single[near][:, None] + single[near] - both[:, None] - both
        side = side - pair[np.ix_(near, near)] + 2 * (shared * weight[part[a]]) @ shared.T
        found += [
            (side[b, c], tight[a], tight[near[b]], tight[near[c]])
            for b, c in zip(*np.nonzero(np.triu(side < 1.95, 1)), strict=True)
        ]
    used, chosen = np.zeros(len(rows), dtype=int), []
    for _, *triple in sorted(found):
        if tuple(triple) not in seen and used[triple].max() < 6:
            used[triple] += 1
            chosen.append(triple)
    return np.array(chosen[:most], dtype=int).reshape(-1, 3)


def greedy(rows: np.ndarray) -> np.ndarray:
    """Open the site that covers most of what is left, until nothing is."""
    left, chosen, gain = np.ones(len(rows), dtype=bool), list[int](), rows.sum(axis=0)
    while left.any():
        chosen.append(int(gain.argmax()))
        served = left & rows[:, chosen[-1]]
        gain -= rows[served].sum(axis=0)
        left &= ~served
    return np.array(chosen, dtype=int)


def local_search(
    rows: np.ndarray, aim: int, start: np.ndarray, limits: Limits, *, steps: int = _STEPS, seed: int = 0
) -> np.ndarray:
    """Make a cover smaller, stopping at one of `aim` sites: drop a site, then mend by swaps.

    Each step closes the site least missed and opens the one that helps most among those that cover some
    uncovered demand; demands left uncovered gain weight, and a site just closed waits a step.
    """
    rng, best = np.random.default_rng(seed), start
    if len(best) <= aim:
        return best
    coverers = [np.flatnonzero(row) for row in rows]
    by_site = np.ascontiguousarray(rows.T, dtype=np.float32)
    weight, moved = np.ones(len(rows), np.float32), np.zeros(rows.shape[1])
    chosen, count = list(best), by_site[best].sum(axis=0)

    def close(held: int | None = None) -> int:
        missed = by_site[chosen] @ (weight * (count == 1))
        order = np.lexsort((moved[chosen], missed))
        place = int(order[0] if chosen[order[0]] != held or len(order) == 1 else order[1])
        site = chosen.pop(place)
        count[:] -= by_site[site]
        return site

    last: int | None = None
    for step in range(1, steps + 1):
        if step % 64 == 0 and limits.over:
            break
        while count.all():
            best = np.array(chosen, dtype=int)
            if len(best) <= aim:
                return best
            moved[close()] = step
        shut = close(last)
        moved[shut] = step
        bare = count == 0
        places = np.flatnonzero(bare)
        offers = coverers[places[rng.integers(len(places))]]
        offers = offers[offers != shut] if len(offers) > 1 else offers
        gain = by_site[offers] @ (weight * bare)
        last = int(offers[np.lexsort((moved[offers], -gain))[0]])
        chosen.append(last)
        count += by_site[last]
        moved[last] = step
        weight[count == 0] += 1
    return best


def _proven(
    rows: np.ndarray, cover: np.ndarray, total: np.ndarray, cuts: np.ndarray, bound: int, limits: Limits,
    aim: int | None,
) -> tuple[np.ndarray, int]:  # fmt: skip
    """Let HiGHS find a smaller cover than the known one or prove that there is none (or none of `aim`)."""
    if limits.over:
        return cover, bound
    target = len(cover) - 1 if aim is None else aim
    useful = total <= target + _WHOLE
    useful[cover] = True
    keep = np.flatnonzero(useful)
    model = _model(rows, keep, cuts)
    start = {"open": model.variable_blocks["open"].series(np.isin(keep, cover).astype(float))}
    found = limits.solve(model, start=start, settled=aim)
    opened = found.values["open"]
    smaller = opened.index[opened > 0.5].to_numpy()
    proven = int(np.ceil(found.bound - _WHOLE)) if np.isfinite(found.bound) else bound  # stopped early
    if len(smaller) < len(cover):
        cover = smaller
    return cover, min(max(bound, proven), len(cover))
