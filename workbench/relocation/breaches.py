"""How a plan stands against what the law asks: the amount of every limit, what lies beyond, its price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from workbench.cut import Cut
from workbench.relocation.plan import Tables
from workbench.relocation.problem import Problem
from workbench.relocation.resources import amounts
from workbench.relocation.vintage import POLLUTANTS
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
    takes: Mapping[Key, float]  # in normal use, by (resource, place), where a place has a budget
    lacks: Mapping[Key, float]  # markets of the province that go without
    added: Mapping[Key, float]  # t a year in full normal use, built less gone, by (pollutant, place)
    cleaned: Mapping[Key, float]  # t a year less of units bettered, by (pollutant, place)

    @classmethod
    def of(cls, problem: Problem, tables: Tables) -> Counted:
        """Count a plan's tables."""
        lines, builds, credits, rest = tables.decisions, tables.builds, tables.credits, tables.unlocated
        ids, industry, place = problem.layout.line_ids, lines["industry"], lines["prefecture_zh"]
        stays, kt, process = lines["decision"] == "keep", lines["capacity_kt"], lines["process"]
        named = {*problem.overdue, *problem.obsolete, *problem.scenario.pins}
        asked = lines["in_zone"].astype(bool) & (industry == "cement")
        sound = ~stays & ~asked & ~np.array([line in named for line in ids], dtype=bool)
        better = tables.upgrades
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
            takes=amounts(problem, tables),
            lacks=_lacking(problem, tables.unmet),
            added=_added(problem, ~stays, tables),
            cleaned=_sum(["nox"] * len(better), better["prefecture_zh"], better["nox_t"]),
        )


def _lacking(problem: Problem, unmet: Cut) -> dict[Key, float]:
    if not len(unmet):
        return {}
    places = dict(zip(problem.wanted["market"], problem.wanted["prefecture_zh"], strict=True))
    return _sum(unmet["industry"], [places[market] for market in unmet["market"]], unmet["kt"])


def _added(problem: Problem, gone: np.ndarray, tables: Tables) -> dict[Key, float]:
    """Return what is emitted more in full normal use by what is built, less by the lines that have gone."""
    lines, builds, number = tables.decisions, tables.builds, problem.layout.numbers
    at = np.concatenate([builds.at, problem.layout.lines[gone]])
    kt = np.concatenate([builds["capacity_kt"], -lines["capacity_kt"][gone]]) * number["utilisation"][at]
    place = np.concatenate([builds["prefecture_zh"], lines["prefecture_zh"][gone]])
    found: dict[Key, float] = {}
    for pollutant in POLLUTANTS:
        found |= _sum([pollutant] * len(at), place, kt * number[f"{pollutant}_kg_t"][at])
    return found


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
    """What a prefecture emits more at full normal use; kt times kg per tonne are tonnes.

    Cleaning works makes room where there is some; where the prefecture must still cut it is part of that.
    """
    a, more = problem.layers.assumptions, c.added.get((pollutant, place), 0.0)
    if problem.headroom_t[place, pollutant] > 0:
        more -= c.cleaned.get((pollutant, place), 0.0)
    for industry in problem.scenario.industries:
        key = (industry, place)
        if retired := c.retired.get(key, 0.0):
            kt = retired * problem.small_use.get(key, 0.0)
            more -= kt * a[f"headroom.{industry}_{pollutant}_kg_t"]
    return more


def _served(problem: Problem, c: Counted, industry: str, place: str) -> float:
    return c.lacks.get((industry, place), 0.0)


def _resource(problem: Problem, c: Counted, resource: str, place: str) -> float:
    return c.takes.get((resource, place), 0.0)


COUNTS: dict[str, Callable[[Problem, Counted, str, str], float]] = {
    "cap": _cap, "quota": _quota, "growth": _growth, "least": _least, "prefecture_new": _prefecture,
    "replacement": _unpaid, "dry_process": _dry, "zone": _zone, "headroom": _headroom,
    "served": _served, "resources": _resource,
}  # fmt: skip
