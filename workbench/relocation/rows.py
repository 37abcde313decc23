"""The clauses as rows of the program, one function each; every row binds, is priced, or is left to be told.

A binding row is a row. A priced one gains a slack that costs `relocation.breach_cny_t` (of capacity) or
`relocation.breach_pollutant_cny_t` a tonne. A told one is left out: the verdicts judge it on the plan.
Limits and stances come from `law.limits`; symbols from `decisions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from workbench.relocation.breaches import unit_price_mcny
from workbench.relocation.decisions import Choices, paid
from workbench.relocation.resources import per_kt, saved_per_kt, small_per_kt
from workbench.solver import Blocks, Entries, Variables
from workbench.units import PERCENT

RULES = {
    "cap": "P3 P6 P9 P12 全省产能上限 province cap",
    "quota": "P4 P7 P10 淘汰任务 elimination task",
    "growth": "P2 不新增产能 no net growth",
    "least": "P1 不关闭未被要求的健全产能 no sound capacity closes unasked",
    "prefecture_new": "P46 市州新增上限 growth of a prefecture",
    "resources": "P46 市州资源总量 resource budget of a prefecture",
    "dry_process": "P8 新型干法比重 dry-process share",
    "zone": "P24 成都经济区压减 zone reduction",
    "headroom": "P48 环境容量 environmental headroom",
    "served": "P23 各地水泥供应 no market goes short of cement",
    "replacement": "P22 P40 P42 等量或减量置换 replacement",
}


def clauses(model: Blocks, choices: Choices, limits: pd.DataFrame) -> None:
    """Add the row of every clause the limits hold, but for `replacement`."""
    for name, entries_of in AMOUNTS.items():
        rows = limits[(limits["row"] == name)].reset_index(drop=True)
        rows = rows[np.isfinite(rows["low"].fillna(-np.inf)) | np.isfinite(rows["high"].fillna(np.inf))]
        rows = rows[rows["stance"] != "told"].reset_index(drop=True)
        if len(rows):
            entries, constant = entries_of(model, choices, rows)
            held(model, choices, name, rows, entries, constant)


def held(
    model: Blocks,
    choices: Choices,
    name: str,
    rows: pd.DataFrame,
    entries: Sequence[Entries],
    constant: np.ndarray,
) -> None:
    """Add rows low <= amount <= high (amount = entries + constant); priced ones may breach at a price."""
    labels = [i if p == "*" else f"{p}|{i}" for i, p in zip(rows["industry"], rows["place"], strict=True)]
    low, high = rows["low"].fillna(-np.inf).to_numpy(), rows["high"].fillna(np.inf).to_numpy()
    priced, slack = (rows["stance"] == "priced").to_numpy(), []
    for side, bound, sign in (("over", high, -1.0), ("short", low, 1.0)):
        open_ = priced & np.isfinite(bound)
        if open_.any():
            price = breach_mcny(choices, rows["unit"])[open_]
            block = model.variables(f"{side}_{name}", np.array(labels, object)[open_], cost=price)
            slack.append((np.flatnonzero(open_), block.columns, sign))
    model.rows(
        name, labels, [*entries, *slack], lower=low - constant, upper=high - constant, rule=RULES[name]
    )


def breach_mcny(choices: Choices, unit: pd.Series) -> np.ndarray:
    """Return what a unit beyond a priced row costs the objective, million CNY a year."""
    price = [unit_price_mcny(choices.problem, name) for name in unit]
    return choices.problem.scenario.objective.cost * np.array(price)


def replacement(
    model: Blocks, choices: Choices, limits: pd.DataFrame, size: Variables, *, last: bool = True
) -> None:
    """Each new tonne is paid for by closed tonnes of its pool, at the ratio of version, industry and place.

    sum_b ratio_b build_b = sum_l credit_l; an equality at the end: tonnes booked beyond what is built would
    count people as following to nowhere. Before the last year what has closed may wait for the projects
    `size`, of the year it can pay for. Where neither the clause nor P40 binds, a project may go unpaid.
    """
    builds, some = choices.builds, choices.movable
    pools = pd.Index(sorted(set(builds["pool"])))
    entries: list[Entries] = [
        (pools.get_indexer(builds["pool"]), size.columns, builds["ratio"].to_numpy()),
        (pools.get_indexer(some["pool"]), paid(model, choices, size, last=last), -1.0),
    ]
    stance = limits[limits["row"] == "replacement"].set_index("industry")["stance"]
    loose = [pool for pool in pools if stance.get(pool.split("|")[0], "binding") != "binding"]
    if loose:
        price = [_unpaid(choices) if stance[pool.split("|")[0]] == "priced" else 0.0 for pool in loose]
        unpaid = model.variables("unpaid", loose, cost=np.array(price))
        entries.append((pools.get_indexer(loose), unpaid.columns, -1.0))
    least = 0.0 if last else -np.inf
    model.rows("replacement", pools, entries, lower=least, upper=0.0, rule=RULES["replacement"])


def _unpaid(choices: Choices) -> float:
    return float(breach_mcny(choices, pd.Series(["kt"]))[0])


Amount = tuple[list[Entries], np.ndarray]


def _standing(
    model: Blocks, choices: Choices, rows: pd.DataFrame, *, small: bool, where: pd.Series | None = None
) -> Amount:
    """Kept capacity by industry, with what is left of the unlocated where `small`."""
    lines, industries = choices.lines, pd.Index(rows["industry"])
    lines = lines if where is None else lines[where]
    at = industries.get_indexer(lines["industry"])
    keep = model.variable_blocks["keep"].at(lines.index)
    entries: list[Entries] = [(at[at >= 0], keep[at >= 0], lines["capacity_kt"].to_numpy()[at >= 0])]
    constant = np.zeros(len(rows))
    if small:
        rest = choices.problem.background.groupby("industry")["capacity_kt"].sum()
        constant = rest.reindex(industries).fillna(0.0).to_numpy()
        entries.append(_retired(model, choices, industries, -1.0))
    return entries, constant


def _retired(
    model: Blocks, choices: Choices, industries: pd.Index, weight: float, where: np.ndarray | None = None
) -> Entries:
    small = choices.small
    at = industries.get_indexer(small.index.get_level_values("industry"))
    used = (at >= 0) if where is None else (at >= 0) & where
    return at[used], model.variable_blocks["retire"].columns[used], weight


def _built(model: Blocks, choices: Choices, rows: pd.DataFrame) -> Entries:
    at = pd.Index(rows["industry"]).get_indexer(choices.builds["industry"])
    return at[at >= 0], model.variable_blocks["build"].columns[at >= 0], 1.0


def _gone(model: Blocks, choices: Choices, rows: pd.DataFrame, where: pd.Series | None = None) -> Amount:
    """Capacity of lines that leave, by industry: what there is less what is kept."""
    entries, _ = _standing(model, choices, rows, small=False, where=where)
    lines = choices.lines if where is None else choices.lines[where]
    today = (lines["capacity_kt"] * lines["count"]).groupby(lines["industry"]).sum()
    row, column, kt = entries[0]
    return [(row, column, -kt)], today.reindex(rows["industry"]).fillna(0.0).to_numpy(float)


def cap(model: Blocks, choices: Choices, rows: pd.DataFrame) -> Amount:
    """Kept + built + unlocated capacity, in the basis the cap is read in."""
    entries, constant = _standing(model, choices, rows, small=True)
    weight = rows["industry"].map(choices.problem.basis).to_numpy()
    scaled = [(r, c, v * weight[r]) for r, c, v in [*entries, _built(model, choices, rows)]]
    return scaled, constant * weight


def quota(model: Blocks, choices: Choices, rows: pd.DataFrame) -> Amount:
    """Obsolete tonnes that close, in lines and small works, and sound ones that pay for projects (a switch).

    Sound tonnes that simply close are no elimination. A line nobody could screen may be obsolete.
    """
    lines, some, share = choices.lines, choices.movable, choices.problem.eliminable
    industries = pd.Index(rows["industry"])
    old = share[lines.index].to_numpy() * lines["capacity_kt"].to_numpy()
    at = industries.get_indexer(lines["industry"])
    there = (old * lines["count"].to_numpy())[at >= 0]
    entries: list[Entries] = [
        (at[at >= 0], model.variable_blocks["keep"].at(lines.index)[at >= 0], -old[at >= 0]),
        _retired(model, choices, industries, 1.0),
    ]
    if choices.problem.scenario.policy.credited_tonnes_count_as_eliminated:
        to = industries.get_indexer(some["industry"])
        sound = 1.0 - share[some.index].to_numpy()
        entries.append((to[to >= 0], model.variable_blocks["credit"].columns[to >= 0], sound[to >= 0]))
    return entries, np.bincount(at[at >= 0], weights=there, minlength=len(rows))


def growth(model: Blocks, choices: Choices, rows: pd.DataFrame) -> Amount:
    """What is built less what closes."""
    entries, constant = _gone(model, choices, rows)
    return [*((r, c, -v) for r, c, v in entries), _built(model, choices, rows)], -constant


def least(model: Blocks, choices: Choices, rows: pd.DataFrame) -> Amount:
    """Sound lines nobody asks for that close: outside the zone, neither obsolete nor pinned."""
    lines, problem = choices.lines, choices.problem
    named = [*sorted(problem.overdue | problem.obsolete), *problem.scenario.pins]
    asked = lines["in_zone"] & (lines["industry"] == "cement")
    return _gone(model, choices, rows, ~asked & ~lines.index.isin(named))


def prefecture_new(model: Blocks, choices: Choices, rows: pd.DataFrame) -> Amount:
    """New capacity in a prefecture."""
    keys = pd.MultiIndex.from_frame(rows[["industry", "place"]])
    builds = choices.builds
    at = keys.get_indexer(pd.MultiIndex.from_frame(builds[["industry", "prefecture_zh"]]))
    return [(at[at >= 0], model.variable_blocks["build"].columns[at >= 0], 1.0)], np.zeros(len(rows))


def dry_process(model: Blocks, choices: Choices, rows: pd.DataFrame) -> Amount:
    """Dry kilns less the share of all kilns: written so that low is 0; grinding stations have no kiln.

    sum_dry - s (sum_dry + sum_old) with what is built dry and the unlocated split by its obsolete part.
    """
    share = rows["low"].iloc[0] / PERCENT
    lines, blocks = choices.lines[choices.lines["industry"] == "cement"], model.variable_blocks
    lines = lines[lines["process"] != "grinding"]
    weight = np.where(lines["process"] == "nsp", 1 - share, -share) * lines["capacity_kt"].to_numpy()
    at, column, _ = _retired(model, choices, pd.Index(["cement"]), 1.0)
    built = _built(model, choices, rows)
    entries: list[Entries] = [
        (0, blocks["keep"].at(lines.index), weight),
        (built[0], built[1], 1 - share),
        (at, column, share),
    ]
    rest = choices.problem.background
    rest = rest[rest["industry"] == "cement"]
    old = float(rest["retirable_kt"].sum())
    constant = (1 - share) * (float(rest["capacity_kt"].sum()) - old) - share * old
    # the row reads amount >= share: shift it so that the limit falls on zero
    return entries, np.array([constant + rows["low"].iloc[0]])


def zone(model: Blocks, choices: Choices, rows: pd.DataFrame) -> Amount:
    """Cement capacity that closes in the zone, lines and small works."""
    lines, small = choices.lines, choices.small
    entries, constant = _gone(model, choices, rows, lines["in_zone"] & (lines["industry"] == "cement"))
    inside = small["in_zone"].to_numpy(bool)
    return [*entries, _retired(model, choices, pd.Index(rows["industry"]), 1.0, inside)], constant


def headroom(model: Blocks, choices: Choices, rows: pd.DataFrame) -> Amount:
    """What a prefecture emits more than before at full normal use (t a year), by pollutant.

    kg_t (use_b build_b - use_l cap_l (N_l - keep_l + share_lk upgrade_lk) - use_ik retire_ik): kt times kg
    per tonne are tonnes. Cleaning works makes room where there is some: a prefecture that must still cut owes
    it.
    """
    constant, entries = np.zeros(len(rows)), []
    known = {str(p): _emitters(model, choices, str(p)) for p in rows["industry"].unique()}
    for row, (pollutant, place, high) in enumerate(
        zip(rows["industry"], rows["place"], rows["high"], strict=True)
    ):
        for prefecture, columns, tonnes, before, cleans in known[pollutant]:
            if cleans and high <= 0:
                continue
            here = np.flatnonzero((prefecture == place) & (tonnes != 0))
            entries.append((row, columns[here], tonnes[here]))
            constant[row] -= float(tonnes[here] @ before[here])
    return entries, constant


def resources(model: Blocks, choices: Choices, rows: pd.DataFrame) -> Amount:
    """What a prefecture's works take of a resource in normal use; see `resources`."""
    problem, lines, builds, small, offered = (
        choices.problem, choices.lines, choices.builds, choices.small, choices.offers
    )  # fmt: skip
    blocks, constant, entries = model.variable_blocks, np.zeros(len(rows)), []
    each, idle, left = per_kt(problem), small_per_kt(problem), problem.small_works["capacity_kt"]
    saved = saved_per_kt(problem).reindex(offered.index)
    for row, (resource, place) in enumerate(zip(rows["industry"], rows["place"], strict=True)):
        parts = [
            ("keep", lines, each.loc[lines.index, resource] * lines["utilisation"] * lines["capacity_kt"]),
            ("build", builds, each.loc[builds.index, resource] * builds["utilisation"]),
            ("retire", small.index.to_frame(), -idle[resource].reindex(small.index)),
        ]
        if "upgrade" in blocks:
            gone = saved[resource] * offered["utilisation"] * offered["capacity_kt"]
            parts.append(("upgrade", offered, -gone))
        for block, table, amount in parts:
            here = np.flatnonzero((table["prefecture_zh"] == place).to_numpy() & (amount != 0).to_numpy())
            entries.append((row, blocks[block].columns[here], amount.to_numpy(float)[here]))
        mine = left.index.get_level_values("prefecture_zh") == place
        constant[row] = float((idle[resource] * left)[mine].sum())
    return entries, constant


def _emitters(model: Blocks, choices: Choices, pollutant: str) -> list[tuple[Any, ...]]:
    """Return by block the prefecture, columns, t a year of each unit in normal use, how many stood before,
    and whether the block cleans works."""
    lines, builds, small, name = choices.lines, choices.builds, choices.small, f"{pollutant}_kg_t"
    a, offered = choices.problem.layers.assumptions, choices.offers
    mean = [a[f"headroom.{i}_{name}"] for i in small.index.get_level_values("industry")]
    use = (small["production_kt"] / small["capacity_kt"]).to_numpy(float)
    parts = [
        ("build", builds, builds["utilisation"] * builds[name], 0.0, False),
        ("keep", lines, lines["utilisation"] * lines["capacity_kt"] * lines[name], lines["count"], False),
        ("retire", small.index.to_frame(), -np.where(use > 0, use, 0.0) * np.array(mean), 0.0, False),
    ]
    if pollutant == "nox" and len(offered):
        own = lines.loc[offered.index.get_level_values("line"), name].to_numpy()
        gone = offered["nox_share"] * offered["utilisation"] * offered["capacity_kt"] * own
        parts.append(("upgrade", offered, -gone, 0.0, True))
    return [
        (
            table["prefecture_zh"].to_numpy(object),
            model.variable_blocks[block].columns,
            np.asarray(tonnes, dtype=float),
            np.broadcast_to(np.asarray(before, dtype=float), len(table)),
            cleans,
        )
        for block, table, tonnes, before, cleans in parts
    ]


def served(model: Blocks, choices: Choices, rows: pd.DataFrame) -> Amount:
    """What a market of the province lacks."""
    demand = choices.problem.demand
    keys = pd.MultiIndex.from_frame(demand[["industry", "prefecture_zh"]])
    at = pd.MultiIndex.from_frame(rows[["industry", "place"]]).get_indexer(keys)
    mine = (at >= 0) & (demand["kind"] == "prefecture").to_numpy()
    return [(at[mine], model.variable_blocks["unmet"].columns[mine], 1.0)], np.zeros(len(rows))


AMOUNTS = {
    "cap": cap, "quota": quota, "growth": growth, "least": least, "prefecture_new": prefecture_new,
    "dry_process": dry_process, "zone": zone, "headroom": headroom, "served": served,
    "resources": resources,
}  # fmt: skip
