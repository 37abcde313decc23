"""Rules on replacement: enough closed tonnes, each used once, none of them obsolete and overdue."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from workbench.policy import registry, versions
from workbench.policy.rules_capacity import NAMES, capacity_after, judged
from workbench.policy.view import Verdict, View
from workbench.remember import of_these
from workbench.words import pair, words

_SAYS = words("policy.rules")


def enough(view: View) -> Iterator[Verdict]:
    """Ask of each industry that its new tonnes are paid at the ratio of the place and the rule version."""
    paid: dict[str, float] = {}
    for _, build, kt in view.pledged:
        paid[build] = paid.get(build, 0.0) + kt
    for industry in view.industries:
        mine = {build: where for build, where in view.stands.items() if where[0] == industry}
        due = {build: kt * _ratio(view, industry, place) for build, (_, place, kt) in mine.items()}
        short = {build: max(kt - paid.get(build, 0.0), 0.0) for build, kt in due.items()}
        bad = [build for build, kt in short.items() if kt > 1e-6 * max(due[build], 1.0)]
        zh, en = NAMES[industry]
        clause = "P22" if industry == "cement" else "P42"
        yield judged(
            clause,
            f"{industry}.replacement",
            float(sum(due.values()) - sum(short.values())),
            "kt",
            ">=",
            float(sum(due.values())),
            *pair("policy.rules", "replacement", name=(zh, en)),
            bad or mine,
        )


def _ratio(view: View, industry: str, prefecture_zh: str) -> float:
    return versions.ratio(industry, versions.area_class(prefecture_zh, view.options), view.options)


def once(view: View) -> Iterator[Verdict]:
    """Find tonnes nobody has, pledged twice, by a line that stays, too late, or of another industry."""
    listed = {*view.home, *_register(view).index}
    invented = [credit for credit in view.pledged if credit[0] not in listed]
    yield judged(
        "P42",
        "credits_of_known_lines",
        _kt(invented),
        "kt",
        "<=",
        0.0,
        *_SAYS["credits_of_known_lines"],
        _lines(invented),
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
    known = [credit for credit in view.pledged if credit[0] in view.home]
    pledged: dict[str, float] = {}
    for line, _, kt in known:
        pledged[line] = pledged.get(line, 0.0) + kt
    gone = set(view.decisions.index[~view.kept])
    beyond = {line: kt - (view.home[line][2] if line in gone else 0.0) for line, kt in pledged.items()}
    over = {line: kt for line, kt in beyond.items() if kt > 1e-6 * max(pledged[line], 1.0)}
    yield judged(
        "P42",
        "credits_used_once",
        sum(over.values()),
        "kt",
        "<=",
        0.0,
        *_SAYS["credits_used_once"],
        over,
    )
    crossed = [
        (line, build, kt)
        for line, build, kt in known
        if build not in view.stands or view.stands[build][0] != view.home[line][0]
    ]
    yield judged(
        "P2",
        "credits_of_own_industry",
        _kt(crossed),
        "kt",
        "<=",
        0.0,
        *_SAYS["credits_of_own_industry"],
        _lines(crossed),
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
    bad = [line for line in moved if line in view.obsolete]
    doubtful = of_these("unsure", (view.screened,), lambda: _unsure(view.screened))
    unsure = [line for line in moved if line in doubtful]
    kt = float(sum(view.home[line][2] for line in bad))
    verdict = "unknown" if not bad and unsure else None
    yield judged(
        "P47",
        "obsolete_moved",
        kt,
        "kt",
        "<=",
        registry.limit("P47", "obsolete_moved"),
        *_SAYS["obsolete_moved"],
        bad or unsure,
        verdict=verdict,
    )
    drawn = [credit for credit in view.pledged if credit[0] in view.overdue]
    yield judged(
        "P47",
        "overdue_credits",
        _kt(drawn),
        "kt",
        "<=",
        0.0,
        *_SAYS["overdue_credits"],
        _lines(drawn),
    )


def _unsure(screened: pd.DataFrame) -> frozenset[str]:
    main = screened[(screened["main"] == "yes") & (screened["effect"] == "obsolete")]
    return frozenset(main.loc[main["verdict"] == "unknown", "line_id"])


def _kt(credits: list[tuple[str, str, float]]) -> float:
    return float(sum(kt for _, _, kt in credits))


def _lines(credits: list[tuple[str, str, float]]) -> list[str]:
    return [line for line, _, _ in credits]


def cross_prefecture(view: View) -> Iterator[Verdict]:
    """Count the tonnes replaced across prefectures, which the text encourages and no figure bounds."""
    across = [
        (line, build, kt)
        for line, build, kt in view.pledged
        if line in view.home and build in view.stands and view.home[line][1] != view.stands[build][1]
    ]
    yield judged(
        "P50",
        "cross_prefecture",
        _kt(across),
        "kt",
        ">=",
        0.0,
        *_SAYS["cross_prefecture"],
        _lines(across),
    )


def _register(view: View) -> pd.DataFrame:
    """Credits of other provinces on the register; none without it."""
    register = view.table("outside_credits")
    return pd.DataFrame() if register is None else pd.DataFrame(register)


def inflow(view: View) -> Iterator[Verdict]:
    """Let capacity in from other provinces only with credits on the register and under the cap."""
    outside = [credit for credit in view.pledged if credit[0] not in view.home]
    listed = set(_register(view).index)
    for clause, name in (("P29", "flat_glass"), ("P31", "aluminium")):
        if not view.whole(name):
            continue
        mine = [
            credit for credit in outside if credit[1] in view.stands and view.stands[credit[1]][0] == name
        ]
        loose = [credit for credit in mine if credit[0] not in listed]
        zh, en = NAMES[name]
        yield judged(
            clause,
            f"{name}.inflow_unlisted",
            _kt(loose),
            "kt",
            "<=",
            0.0,
            *pair("policy.rules", "inflow_unlisted", name=(zh, en)),
            _lines(loose),
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
            _lines(mine),
        )


RULES = (enough, once, no_obsolete_transfer, cross_prefecture, inflow)
