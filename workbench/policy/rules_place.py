"""Rules on place: the Chengdu zone, sensitive counties, power-rich prefectures, towns, remote areas."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from workbench.policy import registry
from workbench.policy.rules_capacity import judged
from workbench.policy.view import Verdict, View
from workbench.remember import keeper, of_these
from workbench.words import words

_SAYS = words("policy.rules")

# The opinion's own day: counties listed as key ecological zones only later do not bind in a 2014 run.
LISTED_BY = date(2014, 2, 22).year
ENERGY_INTENSIVE = ("aluminium",)


def places(kind: str) -> pd.DataFrame:
    """Return the places a clause names, by kind: minority, rebuild_lushan, rebuild_flood, glass_processing.

    Columns prefecture_zh, county_zh (empty: the whole prefecture), clause, source, confidence.
    """
    frame = registry.table("places")
    return frame[frame["kind"] == kind].drop(columns="kind").reset_index(drop=True)


def zone(view: View) -> Iterator[Verdict]:
    """Refuse new cement in the Chengdu zone and any growth of its cement capacity; count what leaves."""
    if not view.whole("cement"):
        return
    zone, stays = view.zone_prefectures, view.kept
    new = {b: kt for b, (what, place, kt) in view.stands.items() if what == "cement" and place in zone}
    gone = {
        line: kt
        for (line, (what, place, kt)), kept in zip(view.home.items(), stays, strict=True)
        if what == "cement" and place in zone and not kept
    }
    built, leaving = float(sum(new.values())), float(sum(gone.values()))
    yield judged(
        "P24",
        "cement.zone_new",
        built,
        "kt",
        "<=",
        0.0,
        *_SAYS["zone_new"],
        new,
    )
    yield judged(
        "P24",
        "cement.zone_growth",
        built - leaving,
        "kt",
        "<=",
        registry.limit("P24", "zone_growth"),
        *_SAYS["zone_growth"],
        gone,
    )


def sensitive(view: View) -> Iterator[Verdict]:
    """Refuse new capacity in key ecological counties, and a net flow into them."""
    counties, sites = view.table("counties"), view.table("sites")
    if counties is None or sites is None:
        missing = "unknown" if len(view.builds) else "pass"
        yield judged(
            "P48",
            "sensitive_new",
            np.nan if len(view.builds) else 0.0,
            "kt",
            "<=",
            0.0,
            *_SAYS["sensitive_new"],
            view.builds.index,
            verdict=missing,
        )
        return
    names = sensitive_counties(counties)
    into = _standing_in(view, sites, names)
    new = float(sum(view.stands[build][2] for build in into))
    yield judged(
        "P48",
        "sensitive_new",
        new,
        "kt",
        "<=",
        0.0,
        *_SAYS["sensitive_new"],
        into,
    )
    lines = view.table("lines")
    if lines is None:
        return
    county = of_these("county of lines", (lines,), lambda: lines["county_zh"].to_dict())
    leaving = [line for line in view.decisions.index[~view.kept] if county.get(line) in names]
    out = float(sum(view.home[line][2] for line in leaving))
    yield judged(
        "P48",
        "sensitive_net_inflow",
        new - out,
        "kt",
        "<=",
        0.0,
        *_SAYS["sensitive_net_inflow"],
        leaving,
    )


def _standing_in(view: View, sites: pd.DataFrame, counties: frozenset[str]) -> list[str]:
    """Return the builds whose site stands in one of some counties."""
    county = of_these("county of sites", (sites,), lambda: sites["county_zh"].to_dict())
    pairs = zip(view.builds.index, view.builds["site_id"].to_numpy(object), strict=True)
    return [build for build, site in pairs if county.get(site) in counties]


def sensitive_counties(counties: pd.DataFrame, year: int = LISTED_BY) -> frozenset[str]:
    """Return the counties listed as key ecological function zones up to a year (function-zone plan)."""
    return keeper(counties)("sensitive counties", year, lambda: _listed(counties, year))


def _listed(counties: pd.DataFrame, year: int) -> frozenset[str]:
    since = pd.to_numeric(counties["eco_function_since"], errors="coerce").to_numpy(float)
    level = counties["eco_function_level"].to_numpy(object)
    listed = np.isin(level.astype(str), ("national", "provincial")) & ~(since > year)
    return frozenset(counties["county_zh"].to_numpy(object)[listed])


def function_zones(view: View) -> Iterator[Verdict]:
    """Refuse new cement where the functional-zone plan restricts or forbids development."""
    counties, sites = view.table("counties"), view.table("sites")
    if counties is None or sites is None or not view.whole("cement"):
        return
    held = sensitive_counties(counties) | of_these("forbidden", (counties,), lambda: _forbidden(counties))
    barred = [build for build in _standing_in(view, sites, held) if view.stands[build][0] == "cement"]
    yield judged(
        "P22",
        "cement.function_zone",
        float(sum(view.stands[build][2] for build in barred)),
        "kt",
        "<=",
        0.0,
        *_SAYS["function_zone"],
        barred,
    )


def _forbidden(counties: pd.DataFrame) -> frozenset[str]:
    named = counties["function_class"].fillna("").to_numpy(str)
    forbidden = [("禁止" in text or "prohibited" in text) for text in named]
    return frozenset(counties["county_zh"].to_numpy(object)[forbidden])


def power_rich(view: View) -> Iterator[Verdict]:
    """Ask that new energy-intensive capacity stands in prefectures with hydropower for the local grid."""
    plants = view.table("hydropower")
    for industry in ENERGY_INTENSIVE:
        if not view.whole(industry):
            continue
        builds = view.builds[(view.builds["industry"] == industry).to_numpy()]
        amount, away = np.nan, builds
        verdict: str | None = "unknown" if len(builds) else "pass"
        if plants is not None:
            rich = plants.loc[plants["market"] == "local"].groupby("prefecture_zh")["mw_2014"].sum()
            away = builds[~builds["prefecture_zh"].isin(rich.index[rich > 0]).to_numpy()]
            amount, verdict = float(away["capacity_kt"].sum()), None
        yield judged(
            "P49",
            f"{industry}.away_from_power",
            amount,
            "kt",
            "<=",
            0.0,
            *_SAYS["away_from_power"],
            away.index,
            verdict=verdict,
        )


def urban(view: View) -> Iterator[Verdict]:
    """Ask urban steel works to leave, and steel that moves to arrive in a park."""
    if not view.whole("steel"):
        return
    steel = view.decisions[(view.decisions["industry"] == "steel").to_numpy()]
    stay = steel.index[(steel["decision"] == "keep").to_numpy()]
    amount, rows, verdict = np.nan, stay, None
    if view.screened is not None:
        rule = view.screened[(view.screened["rule"] == "urban.steel") & view.screened["line_id"].isin(stay)]
        hit = rule.loc[rule["verdict"] == "fail", "line_id"]
        rows, amount = pd.Index(hit), float(rule.loc[rule["verdict"] == "fail", "capacity_kt"].sum())
        if hit.empty and (rule["verdict"] == "unknown").any():
            rows, verdict = pd.Index(rule.loc[rule["verdict"] == "unknown", "line_id"]), "unknown"
    yield judged(
        "P16",
        "steel.urban_kept",
        amount,
        "kt",
        "<=",
        0.0,
        *_SAYS["urban_kept"],
        rows,
        verdict=verdict,
    )
    sites = view.table("sites")
    builds = view.builds[(view.builds["industry"] == "steel").to_numpy()]
    if sites is not None:
        loose = builds[(builds["site_id"].map(sites["kind"]) != "park").to_numpy()]
        yield judged(
            "P16",
            "steel.outside_parks",
            float(loose["capacity_kt"].sum()),
            "kt",
            "<=",
            0.0,
            *_SAYS["outside_parks"],
            loose.index,
        )


def remote(view: View) -> Iterator[Verdict]:
    """Ask that minority prefectures go without no cement under the plan."""
    if view.unmet is None or not view.whole("cement"):
        return
    short = view.unmet
    if len(short):
        frame = places("minority")
        names = frozenset(frame.loc[frame["county_zh"] == "", "prefecture_zh"])
        market = short["market"]
        markets = view.table("markets")
        if markets is not None:
            market = market.map(markets["prefecture_zh"]).fillna(market)
        short = short[(market.isin(names) & (short["industry"] == "cement")).to_numpy()]
    yield judged(
        "P23",
        "cement.minority_unmet",
        float(short["kt"].sum()),
        "kt",
        "<=",
        0.0,
        *_SAYS["minority_unmet"],
        short["market"],
    )


RULES = (zone, function_zones, sensitive, power_rich, urban, remote)
