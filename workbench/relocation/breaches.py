"""How a plan stands against what the law asks: the amount of every limit, what lies beyond, its price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from workbench.cut import Cut
from workbench.relocation.plan import Tables
from workbench.relocation.problem import Problem
from workbench.units import CNY_PER_MCNY, KCNY_PER_MCNY, PERCENT

Key = tuple[str, str]  # industry, prefecture


def measured(problem: Problem, figures: Cut, tables: Tables) -> Cut:
    """Return the limits with `amount`, `over` (beyond low or high, 0 where it is kept) and `price_mcny`.

    `figures`: as `law.asked` gives them; `tables`: those of a plan. Counted from the plan's own rows. The
    price is what a priced clause charges the objective; binding and told clauses charge nothing.
    """
    counted = Counted.of(problem, tables)
    keys = zip(*(figures[name] for name in ("row", "industry", "place")), strict=True)
    amount = np.array([COUNTS[row](problem, counted, industry, place) for row, industry, place in keys])
    low, high = figures["low"], figures["high"]
    beyond = np.fmax(np.fmax(low - amount, amount - high), 0.0)
    beyond = np.where(np.isnan(beyond) | (beyond < 1e-6), 0.0, beyond)
    priced = np.flatnonzero((figures["stance"] == "priced") & (beyond > 0))
    price = np.zeros(len(figures))
    price[priced] = [beyond[row] * unit_price_mcny(problem, figures["unit"][row]) for row in priced]
    return figures.with_({"amount": amount, "over": beyond, "price_mcny": price})


def unit_price_mcny(problem: Problem, unit: str) -> float:
    """Return what a unit (kt of capacity, t of a pollutant) beyond a priced clause is charged a year."""
    a = problem.layers.assumptions
    if unit == "t":
        return a["relocation.breach_pollutant_cny_t"] / CNY_PER_MCNY
    return a["relocation.breach_cny_t"] / KCNY_PER_MCNY


def _sum(industry: Iterable, place: Iterable, kt: Iterable) -> dict[Key, float]:
    total: dict[Key, float] = defaultdict(float)
    for i, p, x in zip(industry, place, kt, strict=True):
        total[i, p] += x
    return total


@dataclass(frozen=True)
class Counted:
    """A plan's tonnes, once: kt by (industry, prefecture), and by industry where the place says nothing."""

    kept: Mapping[Key, float]
    gone: Mapping[Key, float]
    unasked: Mapping[Key, float]  # sound lines outside what P24 asks of
    built: Mapping[Key, float]
    small: Mapping[Key, float]  # unlocated capacity left
    retired: Mapping[Key, float]
    paid: Mapping[Key, float]  # credits by the industry of the line
    replaced: Mapping[Key, float]  # of them the sound tonnes
    old: Mapping[Key, float]  # obsolete tonnes of lines that leave, and those nobody could screen
    due: Mapping[Key, float]  # credits the builds need, by industry
    dry: float  # kept dry kilns
    kilns: float
    shaft: float  # unlocated cement that is no dry kiln

    @classmethod
    def of(cls, problem: Problem, tables: Tables) -> Counted:
        """Count a plan's tables."""
        lines, builds, credits, rest = tables.decisions, tables.builds, tables.credits, tables.unlocated
        ids, industry, place = problem.layout.line_ids, lines["industry"], lines["prefecture_zh"]
        stays, kt, process = lines["decision"] == "keep", lines["capacity_kt"], lines["process"]
        named = {*problem.overdue, *problem.obsolete, *problem.scenario.pins}
        asked = lines["in_zone"].astype(bool) & (industry == "cement")
        sound = ~stays & ~asked & ~np.array([line in named for line in ids], dtype=bool)
        kiln = stays & (industry == "cement") & (process != "grinding")
        made, built = (builds["industry"], builds["prefecture_zh"]), builds["capacity_kt"]
        ratio = problem.layout.numbers["ratio"][builds.at]
        keys = problem.small["industry"], problem.small["prefecture_zh"]
        at = problem.layout.at
        payer = [industry[at[line]] for line in credits["line_id"]]
        share = problem.eliminable_share
        sound_share = np.array([1.0 - share[at[line]] for line in credits["line_id"]])
        nowhere = [""] * len(credits)
        return cls(
            kept=_sum(industry[stays], place[stays], kt[stays]),
            gone=_sum(industry[~stays], place[~stays], kt[~stays]),
            unasked=_sum(industry[sound], place[sound], kt[sound]),
            built=_sum(made[0], made[1], built),
            small=_sum(keys[0], keys[1], rest["capacity_kt"]),
            retired=_sum(keys[0], keys[1], rest["retired_kt"]),
            paid=_sum(payer, nowhere, credits["kt"]),
            replaced=_sum(payer, nowhere, credits["kt"] * sound_share),
            old=_sum(industry[~stays], place[~stays], (share * kt)[~stays]),
            due=_sum(made[0], [""] * len(built), built * ratio),
            dry=float(kt[kiln & (process == "nsp")].sum()),
            kilns=float(kt[kiln].sum()),
            shaft=float(rest["obsolete_kt"][keys[0] == "cement"].sum()),
        )


def total(by: Mapping[Key, float], industry: str, places: frozenset[str] | None = None) -> float:
    """Sum an industry's tonnes, in some places or in all."""
    return sum(kt for (i, place), kt in by.items() if i == industry and (places is None or place in places))


def _cap(problem: Problem, c: Counted, industry: str, place: str) -> float:
    stands = total(c.kept, industry) + total(c.built, industry) + total(c.small, industry)
    return stands * problem.basis[industry]


def _quota(problem: Problem, c: Counted, industry: str, place: str) -> float:
    done = total(c.old, industry) + total(c.retired, industry)
    if problem.scenario.policy.credited_tonnes_count_as_eliminated:
        done += total(c.replaced, industry)
    return done


def _growth(problem: Problem, c: Counted, industry: str, place: str) -> float:
    return total(c.built, industry) - total(c.gone, industry)


def _least(problem: Problem, c: Counted, industry: str, place: str) -> float:
    return total(c.unasked, industry)


def _prefecture(problem: Problem, c: Counted, industry: str, place: str) -> float:
    return c.built.get((industry, place), 0.0)


def _unpaid(problem: Problem, c: Counted, industry: str, place: str) -> float:
    return total(c.due, industry) - total(c.paid, industry)


def _dry(problem: Problem, c: Counted, industry: str, place: str) -> float:
    built, rest = total(c.built, "cement"), total(c.small, "cement")
    kilns = c.kilns + built + rest
    return PERCENT * (c.dry + built + rest - c.shaft) / kilns if kilns else 100.0


def _zone(problem: Problem, c: Counted, industry: str, place: str) -> float:
    inside = problem.zone_prefectures
    return total(c.gone, industry, inside) + total(c.retired, industry, inside)


def _headroom(problem: Problem, c: Counted, pollutant: str, place: str) -> float:
    """What a prefecture emits more at full normal use; kt times kg per tonne are tonnes."""
    a, more = problem.layers.assumptions, 0.0
    for industry in problem.scenario.industries:
        key = (industry, place)
        kt = c.built.get(key, 0.0) - c.gone.get(key, 0.0)
        kt = kt * a[f"{industry}.normal_utilisation"] if kt else 0.0
        if retired := c.retired.get(key, 0.0):
            kt -= retired * problem.small_use.get(key, 0.0)
        more += kt * a[f"headroom.{industry}_{pollutant}_kg_t"] if kt else 0.0
    return more


COUNTS: dict[str, Callable[[Problem, Counted, str, str], float]] = {
    "cap": _cap, "quota": _quota, "growth": _growth, "least": _least, "prefecture_new": _prefecture,
    "replacement": _unpaid, "dry_process": _dry, "zone": _zone, "headroom": _headroom,
}  # fmt: skip
