"""What the law asks of a plan in figures: one row per clause and place, with its stance and its limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import TypeVar, cast

import numpy as np
import pandas as pd

from workbench.cut import Cut, Laid
from workbench.policy import goals, stances
from workbench.relocation.problem import STAYS, Problem
from workbench.relocation.resources import UNITS, budgets
from workbench.relocation.units import least_cover
from workbench.remember import of_these
from workbench.units import PERCENT

COLUMNS = ("clause", "row", "industry", "place", "low", "high", "unit", "stance")
CAP = {"steel": "P3", "cement": "P6", "flat_glass": "P9", "aluminium": "P12"}
QUOTA = {"steel": "P4", "cement": "P7", "flat_glass": "P10"}
ANY = "*"
T = TypeVar("T")
AT_THE_END = ("zone", "least")  # rows asked of the last year alone
_STRENGTH = ("told", "priced", "binding")


def limits(problem: Problem) -> pd.DataFrame:
    """Return every limit the scenario's (last) year sets, whatever its stance.

    Columns: clause, row (block of rows in the program), industry, place (prefecture, market or ``*``), low,
    high (NaN where open), unit, stance (binding, priced, told). Optimiser, reports and verdicts read this
    table; the tests' checker works the same figures out from the registry.
    """
    return asked(problem).frame


def asked(problem: Problem) -> Cut:
    """Return `limits` as columns: laid out once, but for what the demand decides."""
    laid = _known(problem, "limits", lambda: Laid(_laid_out(problem)))
    low, high = laid["low"].copy(), laid["high"].copy()
    zone, served, given = (np.flatnonzero(laid["row"] == row) for row in ("zone", "served", "resources"))
    if len(zone):
        low[zone], high[zone] = zone_span_kt(problem)
    if len(served):
        high[served] = problem.may_lack_kt
    if len(given):  # what works nobody located take follows their market
        high[given] = budgets(problem).to_numpy(float)
    return Cut(laid, None, {"low": low, "high": high})


def asked_by_year(problem: Problem) -> dict[int, Cut]:
    """Return the limits of each year planned, as columns; see `limits_by_year`."""
    last = problem.years[-1]
    found = {}
    for year in problem.years:
        rows = asked(problem.of(year))
        if year != last:
            rows = Cut.of(rows.frame[~rows.frame["row"].isin(AT_THE_END)].reset_index(drop=True))
        found[year] = rows
    return found


def limits_by_year(problem: Problem) -> dict[int, pd.DataFrame]:
    """Return the limits of each year planned.

    Tasks and ceilings hold at the end of every year. How much leaves the zone, and that no sound line closes
    unasked, is asked of the last: what has left by then bounds every year before it.
    """
    return {year: rows.frame for year, rows in asked_by_year(problem).items()}


def _laid_out(problem: Problem) -> pd.DataFrame:
    chosen = stances.taken(problem.scenario.policy.clauses)
    nan = float("nan")
    rows = []
    for clause, row, industry, place, low, high, unit in _figures(problem):
        low, high = (nan if x is None else float(x) for x in (low, high))
        stance = (
            max(chosen[clause], chosen["P40"], key=_STRENGTH.index)
            if row == "replacement"
            else chosen[clause]
        )
        if row == "resources" and stance == "priced":
            stance = "binding"  # a cubic metre has no price of capacity
        rows.append((clause, row, industry, place, low, high, unit, stance))
    return pd.DataFrame(rows, columns=list(COLUMNS))


Figure = tuple[str, str, str, str, float | None, float | None, str]


def _figures(problem: Problem) -> Iterator[Figure]:
    new_in = of_these("built in", (problem.builds,), lambda: _built_in(problem))
    for industry in sorted(problem.scenario.industries):
        if industry in problem.caps.index:
            yield CAP[industry], "cap", industry, ANY, None, problem.caps[industry], "kt"
        if industry in QUOTA:
            yield QUOTA[industry], "quota", industry, ANY, quota_kt(problem, industry), None, "kt"
        yield "P2", "growth", industry, ANY, None, 0.0, "kt"
        needless = _known(problem, f"needless {industry}", partial(needless_kt, problem, industry))
        yield "P1", "least", industry, ANY, None, needless, "kt"
        pays = "P22" if industry == "cement" else "P42"
        yield pays, "replacement", industry, ANY, None, 0.0, "kt"
        most = problem.layers.assumptions.get(f"{industry}.prefecture_new_kt", float("inf"))
        for place in new_in.get(industry, ()):
            yield "P46", "prefecture_new", industry, place, None, most, "kt"
    if "cement" in problem.scenario.industries:
        for place in problem.wanted["prefecture_zh"][problem.served]:
            yield "P23", "served", "cement", str(place), None, None, "kt"  # see `asked`
        yield "P8", "dry_process", "cement", ANY, dry_share(problem.scenario.policy.last_year), None, "%"
        if problem.lines["in_zone"].to_numpy(bool).any():
            yield "P24", "zone", "cement", ANY, None, None, "kt"  # see `asked`
    for (resource, place), most in budgets(problem).items():
        yield "P46", "resources", str(resource), str(place), None, most, UNITS[str(resource)]
    for (place, pollutant), left in problem.headroom_t.items():
        yield "P48", "headroom", str(pollutant), str(place), None, left, "t"


def _known(problem: Problem, what: str, make: Callable[[], T]) -> T:
    """Return what no demand changes, remembered by the parts of the problem it speaks of."""
    s = problem.scenario
    zone = (s.zone.definition, s.zone.moves_from)
    parts = (problem.layers, problem.facilities, problem.small.laid, problem.caps, problem.headroom_t)
    owners = (*parts, problem.overdue, problem.obsolete)
    return cast("T", of_these(what, owners, make, options=(s.policy, zone, dict(s.pins))))


def _built_in(problem: Problem) -> dict[str, list[str]]:
    """Return the prefectures where an industry may build, sorted."""
    pairs = zip(
        *(problem.builds[name].to_numpy(object) for name in ("industry", "prefecture_zh")), strict=True
    )
    found: dict[str, list[str]] = {}
    for industry, place in sorted(set(pairs)):
        found.setdefault(industry, []).append(place)
    return found


def quota_kt(problem: Problem, industry: str) -> float:
    """Return the tonnes to be eliminated by the end of the plan's year: the path to the five-year figure.

    Where only obsolete tonnes count, no more is asked of the plan than is known to be obsolete: what the
    text asks beyond it no plan can do, and the verdict tells it as a shortfall. A line nobody could screen
    counts when it closes, and is not made to.
    """
    due = _due_kt(industry, problem.scenario.policy.last_year)
    if problem.scenario.policy.credited_tonnes_count_as_eliminated:
        return due
    lines, rest = problem.lines, problem.background
    mine = lines["industry"] == industry
    known = (problem.listed.reindex(lines.index).fillna(0.0) * lines["capacity_kt"])[mine].sum()
    return min(due, float(known + rest.loc[rest["industry"] == industry, "retirable_kt"].sum()))


@lru_cache(maxsize=64)
def _due_kt(industry: str, year: int) -> float:
    return float(goals.path(industry).loc[:year].sum())


@lru_cache(maxsize=8)
def dry_share(year: int) -> float:
    """Return the least new-dry-process share of cement kilns at the end of a year, %."""
    return float(goals.path("cement", "nsp_share").loc[year])


def zone_span_kt(problem: Problem) -> tuple[float, float]:
    """Return the least and the most cement capacity that closes in the zone, whatever its fate.

    Least: what is asked. Most: what is asked and the smallest whole unit that completes it, or what must
    close anyway (overdue lines, pins of the planner), and `zone.leave_more_kt` on top. So the zone's balance
    ends no further below zero than one unit, and where nothing is asked not below what it was. Asked and
    balance are one figure, capacity C - D/u at the median of the band (`accounts.zone_balance_kt`); at the
    values of the assumptions the same plan may end lower or higher.
    """
    asked = round(float(problem.surplus["reduction_kt"].get("cement", 0.0)), 3)  # whole tonnes
    lay, pins = problem.layout, problem.scenario.pins
    inside = lay.decisions["in_zone"].astype(bool) & (lay.decisions["industry"] == "cement")
    kt, ids = lay.numbers["capacity_kt"][lay.lines], lay.index.take(lay.lines)
    must = {line for line, fate in pins.items() if fate not in STAYS} | problem.overdue
    kept = {line for line, fate in pins.items() if fate in STAYS}
    leaves, stays = (np.array([line in part for line in ids]) & inside for part in (must, kept))
    needed, small = _known(problem, "needed of the zone", lambda: _needed_of_zone_kt(problem))
    gone = float(kt[leaves].sum()) + min(needed, small)
    free = kt[inside & ~leaves & ~stays]
    # where small works do not suffice the task is done by replacing lines of the zone
    wanted = max(asked, needed) if needed > small else asked
    most = max(wanted, gone)
    if wanted > gone and len(free):
        most = max(wanted + float(free.min()), gone + least_cover(free, wanted - gone))
    return asked, most + problem.scenario.zone.leave_more_kt


def _needed_of_zone_kt(problem: Problem) -> tuple[float, float]:
    """Return what task and dry share need of the zone, finding too little elsewhere, and its small works."""
    chosen = stances.taken(problem.scenario.policy.clauses)
    lines = problem.lines[problem.lines["industry"] == "cement"]
    rest = problem.background[problem.background["industry"] == "cement"]
    old = lines[lines.index.isin(sorted(problem.overdue | problem.obsolete))]
    wanted = [0.0]
    if chosen["P7"] == "binding":
        done = problem.eliminable[old.index] * old["capacity_kt"]
        wanted.append(quota_kt(problem, "cement") - float(done[~old["in_zone"].to_numpy(bool)].sum()))
    if chosen["P8"] == "binding":
        share = dry_share(problem.scenario.policy.last_year) / PERCENT
        kilns = lines[lines["process"] != "grinding"]
        other = kilns.loc[kilns["process"] != "nsp", "capacity_kt"].sum() + rest["retirable_kt"].sum()
        total = kilns["capacity_kt"].sum() + rest["capacity_kt"].sum()
        wanted.append(float((other - (1 - share) * total) / share))
    outside = float(rest.loc[~rest["in_zone"], "retirable_kt"].sum())
    inside = float(rest.loc[rest["in_zone"], "retirable_kt"].sum())
    return max(max(wanted) - outside, 0.0), inside


def needless_kt(problem: Problem, industry: str) -> float:
    """Return how much sound capacity outside the zone may close.

    Only what the cap asks beyond what is obsolete or pinned, and what the task asks of lines nobody could
    screen or, where replaced tonnes count and no zone is asked for lines, of lines that are replaced, with
    the smallest unit that completes it; without bound where any line may move.
    """
    if problem.scenario.zone.moves_from == "anywhere":
        return float("inf")
    rest = problem.background[problem.background["industry"] == industry]
    lines = problem.lines[problem.lines["industry"] == industry]
    pins = problem.scenario.pins
    pinned = lines.index.isin([line for line, fate in pins.items() if fate not in STAYS])
    old = lines.index.isin(sorted(problem.overdue | problem.obsolete))
    sound = lines[~old & ~pinned & ~_asked_of_zone(problem, lines)]
    easy = float(rest["retirable_kt"].sum() + lines.loc[old | pinned, "capacity_kt"].sum())
    total = float(lines["capacity_kt"].sum() + rest["capacity_kt"].sum())
    wanted = max(total - problem.caps.get(industry, total), 0.0)
    replaced = problem.scenario.policy.credited_tonnes_count_as_eliminated
    replaced = replaced and not _asked_of_zone(problem, lines).any()
    if industry in QUOTA and (replaced or problem.eliminable[sound.index].gt(0).any()):
        wanted = max(wanted, quota_kt(problem, industry))
    short = wanted - easy
    if short <= 0 or sound.empty:
        return 0.0
    return short + float(sound["capacity_kt"].min())


def _asked_of_zone(problem: Problem, lines: pd.DataFrame) -> pd.Series:
    return lines["in_zone"] & (lines["industry"] == "cement")
