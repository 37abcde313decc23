"""Rules on replacement: enough closed tonnes, each used once, none of them obsolete and overdue."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from workbench.policy import registry, versions
from workbench.policy.rules_capacity import NAMES, capacity_after, judged
from workbench.policy.view import Verdict, View
from workbench.words import pair, words

_SAYS = words("policy.rules")


def enough(view: View) -> Iterator[Verdict]:
    """Ask of each industry that its new tonnes are paid at the ratio of the place and the rule version."""
    paid = view.credits.groupby("build_id")["kt"].sum()
    for industry in view.industries:
        builds = view.builds[view.builds["industry"] == industry]
        rate = np.array([_ratio(view, industry, p) for p in builds["prefecture_zh"]])
        due = builds["capacity_kt"].to_numpy(float) * rate
        have = paid.reindex(builds.index).fillna(0.0).to_numpy(float)
        short = np.clip(due - have, 0, None)
        bad = builds.index[short > 1e-6 * np.maximum(due, 1.0)]
        zh, en = NAMES[industry]
        clause = "P22" if industry == "cement" else "P42"
        yield judged(
            clause,
            f"{industry}.replacement",
            float(due.sum() - short.sum()),
            "kt",
            ">=",
            float(due.sum()),
            *pair("policy.rules", "replacement", name=(zh, en)),
            bad if len(bad) else builds.index,
        )


def _ratio(view: View, industry: str, prefecture_zh: str) -> float:
    return versions.ratio(industry, versions.area_class(prefecture_zh, view.options), view.options)


def once(view: View) -> Iterator[Verdict]:
    """Find tonnes nobody has, pledged twice, by a line that stays, too late, or of another industry."""
    listed = set(view.decisions.index) | set(_register(view).index)
    invented = view.credits[~view.credits["line_id"].isin(listed)]
    yield judged(
        "P42",
        "credits_of_known_lines",
        float(invented["kt"].sum()),
        "kt",
        "<=",
        0.0,
        *_SAYS["credits_of_known_lines"],
        invented["line_id"],
    )
    if {"closed_year", "start_year"} <= set(view.credits):
        late = view.credits[view.credits["closed_year"] > view.credits["start_year"]]
        yield judged(
            "P42",
            "credits_closed_first",
            float(late["kt"].sum()),
            "kt",
            "<=",
            0.0,
            *_SAYS["credits_closed_first"],
            late["line_id"],
        )
    known = view.credits[view.credits["line_id"].isin(view.decisions.index)]
    pledged = known.groupby("line_id")["kt"].sum()
    closed = view.decisions["capacity_kt"].where(~view.kept, 0.0).reindex(pledged.index)
    over = (pledged - closed).clip(lower=0)
    over = over[over > 1e-6 * np.maximum(pledged, 1.0)]
    yield judged(
        "P42",
        "credits_used_once",
        float(over.sum()),
        "kt",
        "<=",
        0.0,
        *_SAYS["credits_used_once"],
        over.index,
    )
    mine = known["line_id"].map(view.decisions["industry"])
    theirs = known["build_id"].map(view.builds["industry"])
    crossed = known[(mine != theirs).to_numpy()]
    yield judged(
        "P2",
        "credits_of_own_industry",
        float(crossed["kt"].sum()),
        "kt",
        "<=",
        0.0,
        *_SAYS["credits_of_own_industry"],
        crossed["line_id"],
    )


def no_obsolete_transfer(view: View) -> Iterator[Verdict]:
    """Refuse to move obsolete lines, or to draw credit from obsolete lines whose day is past."""
    moved = view.decisions.index[(view.decisions["decision"] == "move").to_numpy()]
    if view.screened is None:
        silent = "unknown" if len(moved) else "pass"
        yield judged(
            "P47",
            "obsolete_moved",
            np.nan if len(moved) else 0.0,
            "kt",
            "<=",
            0.0,
            *_SAYS["obsolete_moved"],
            moved,
            verdict=silent,
        )
        return
    bad = moved.intersection(pd.Index(sorted(view.obsolete)))
    unsure = _unsure(view.screened).intersection(moved)
    kt = float(view.decisions.loc[bad, "capacity_kt"].sum())
    verdict = "unknown" if not len(bad) and len(unsure) else None
    yield judged(
        "P47",
        "obsolete_moved",
        kt,
        "kt",
        "<=",
        registry.limit("P47", "obsolete_moved"),
        *_SAYS["obsolete_moved"],
        bad if len(bad) else unsure,
        verdict=verdict,
    )
    drawn = view.credits[view.credits["line_id"].isin(view.overdue)]
    yield judged(
        "P47",
        "overdue_credits",
        float(drawn["kt"].sum()),
        "kt",
        "<=",
        0.0,
        *_SAYS["overdue_credits"],
        drawn["line_id"],
    )


def _unsure(screened: pd.DataFrame) -> pd.Index:
    main = screened[(screened["main"] == "yes") & (screened["effect"] == "obsolete")]
    return pd.Index(main.loc[main["verdict"] == "unknown", "line_id"].unique())


def cross_prefecture(view: View) -> Iterator[Verdict]:
    """Count the tonnes replaced across prefectures, which the text encourages and no figure bounds."""
    home = view.credits["line_id"].map(view.decisions["prefecture_zh"])
    there = view.credits["build_id"].map(view.builds["prefecture_zh"])
    across = view.credits[(home.notna() & there.notna() & (home != there)).to_numpy()]
    yield judged(
        "P50",
        "cross_prefecture",
        float(across["kt"].sum()),
        "kt",
        ">=",
        0.0,
        *_SAYS["cross_prefecture"],
        across["line_id"],
    )


def _register(view: View) -> pd.DataFrame:
    """Credits of other provinces on the register; none without it."""
    register = view.table("outside_credits")
    return pd.DataFrame() if register is None else pd.DataFrame(register)


def inflow(view: View) -> Iterator[Verdict]:
    """Let capacity in from other provinces only with credits on the register and under the cap."""
    outside = view.credits[~view.credits["line_id"].isin(view.decisions.index)]
    listed = _register(view).index
    industry = outside["build_id"].map(view.builds["industry"])
    for clause, name in (("P29", "flat_glass"), ("P31", "aluminium")):
        if not view.whole(name):
            continue
        mine = outside[(industry == name).to_numpy()]
        loose = mine[~mine["line_id"].isin(listed)]
        zh, en = NAMES[name]
        yield judged(
            clause,
            f"{name}.inflow_unlisted",
            float(loose["kt"].sum()),
            "kt",
            "<=",
            0.0,
            *pair("policy.rules", "inflow_unlisted", name=(zh, en)),
            loose["line_id"],
        )
        cap = {"flat_glass": "P9", "aluminium": "P12"}[name]
        total = capacity_after(view, name)
        yield judged(
            clause,
            f"{name}.inflow_within_cap",
            total,
            "kt",
            "<=",
            registry.limit(cap, "cap"),
            *pair("policy.rules", "inflow_within_cap", name=(zh, en.capitalize())),
            mine["line_id"],
        )


RULES = (enough, once, no_obsolete_transfer, cross_prefecture, inflow)
