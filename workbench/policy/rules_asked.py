"""Rules whose figures hang on the scenario: what is asked of the zone, of sound works, of a prefecture.

The plan carries them as `limits` (clause, row, industry, place, low, high, unit, amount, over): what the law
asks of this scenario and how the plan stands. A plan without that frame is not judged by them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from workbench.policy.rules_capacity import NAMES, judged
from workbench.policy.view import Verdict, View
from workbench.words import pair, words

_SAYS = words("policy.rules")
_POLLUTANTS = words("policy.pollutants")


def _by_industry(view: View, row: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the limits of a row by industry (or pollutant), in order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for limit in view.asked.get(row, ()):
        found.setdefault(str(limit["industry"]), []).append(limit)
    return sorted(found.items())


def zone_asked(view: View) -> Iterator[Verdict]:
    """Ask that what is asked leaves the zone, and no more than the unit that completes it."""
    for row in view.asked.get("zone", ()):
        evidence = ("decisions", "unlocated")
        yield judged(
            "P24", "cement.zone_asked", row["amount"], "kt", ">=", row["low"],
            *_SAYS["zone_asked"], evidence,
        )  # fmt: skip
        yield judged(
            "P24", "cement.zone_unasked", row["amount"], "kt", "<=", row["high"],
            *_SAYS["zone_unasked"],
            evidence,
        )  # fmt: skip


def least(view: View) -> Iterator[Verdict]:
    """Ask that no sound line closes that nobody asks for."""
    for row in view.asked.get("least", ()):
        if math.isfinite(row["high"]):
            zh, en = NAMES[row["industry"]]
            yield judged(
                "P1", f"{row['industry']}.unasked", row["amount"], "kt", "<=", row["high"],
                *pair("policy.rules", "unasked", name=(zh, en)), ("decisions",),
            )  # fmt: skip


def prefectures(view: View) -> Iterator[Verdict]:
    """Ask that new capacity stays within what each prefecture can take."""
    for industry, part in _by_industry(view, "prefecture_new"):
        zh, en = NAMES[industry]
        over = [row for row in part if row["over"] > 0]
        yield judged(
            "P46", f"{industry}.prefecture_new", sum(row["over"] for row in over), "kt", "<=", 0.0,
            *pair("policy.rules", "prefecture_new", name=(zh, en)), [row["place"] for row in over],
        )  # fmt: skip


def headroom(view: View) -> Iterator[Verdict]:
    """Ask that capacity flows to spare environmental headroom, pollutant by pollutant (t a year)."""
    for pollutant, part in _by_industry(view, "headroom"):
        zh, en = _POLLUTANTS[pollutant]
        over = [row for row in part if row["over"] > 0]
        yield judged(
            "P48", f"headroom.{pollutant}", sum(row["over"] for row in over), "t", "<=", 0.0,
            *pair("policy.rules", "headroom", name=(zh, en)),
            [f"{row['place']} {row['over']:,.0f} t" for row in over],
        )  # fmt: skip


RULES = (zone_asked, least, prefectures, headroom)
