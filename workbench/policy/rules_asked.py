"""Rules whose figures hang on the scenario: what is asked of the zone, of sound works, of a prefecture.

The plan carries them as `limits` (clause, row, industry, place, low, high, unit, amount, over): what the law
asks of this scenario and how the plan stands. A plan without that frame is not judged by them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from workbench.policy.rules_capacity import NAMES, judged
from workbench.policy.view import Verdict, View
from workbench.words import pair, words

_SAYS = words("policy.rules")
_POLLUTANTS = words("policy.pollutants")


def _rows(view: View, row: str) -> pd.DataFrame:
    return pd.DataFrame() if view.limits is None else view.limits[view.limits["row"] == row]


def zone_asked(view: View) -> Iterator[Verdict]:
    """Ask that what is asked leaves the zone, and no more than the unit that completes it."""
    for row in _rows(view, "zone").to_dict("records"):
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
    for row in _rows(view, "least").to_dict("records"):
        if math.isfinite(row["high"]):
            zh, en = NAMES[row["industry"]]
            yield judged(
                "P1", f"{row['industry']}.unasked", row["amount"], "kt", "<=", row["high"],
                *pair("policy.rules", "unasked", name=(zh, en)), ("decisions",),
            )  # fmt: skip


def prefectures(view: View) -> Iterator[Verdict]:
    """Ask that new capacity stays within what each prefecture can take."""
    rows = _rows(view, "prefecture_new")
    for industry, part in rows.groupby("industry") if len(rows) else ():
        zh, en = NAMES[str(industry)]
        over = part[part["over"] > 0]
        yield judged(
            "P46", f"{industry}.prefecture_new", float(part["over"].sum()), "kt", "<=", 0.0,
            *pair("policy.rules", "prefecture_new", name=(zh, en)), over["place"],
        )  # fmt: skip


def headroom(view: View) -> Iterator[Verdict]:
    """Ask that capacity flows to spare environmental headroom, pollutant by pollutant (t a year)."""
    rows = _rows(view, "headroom")
    for pollutant, part in rows.groupby("industry") if len(rows) else ():
        zh, en = _POLLUTANTS[str(pollutant)]
        over = part[part["over"] > 0]
        yield judged(
            "P48", f"headroom.{pollutant}", float(part["over"].sum()), "t", "<=", 0.0,
            *pair("policy.rules", "headroom", name=(zh, en)),
            [f"{row['place']} {row['over']:,.0f} t" for row in over.to_dict("records")],
        )  # fmt: skip


RULES = (zone_asked, least, prefectures, headroom)
