"""The coal register: closures, mean mine, mechanisation and firms against the targets of both horizons."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from workbench.policy.items import UNKNOWN, Answer, listed, says
from workbench.units import PERCENT
from workbench.words import named


def coal_account(mines: pd.DataFrame, until: int = 2018) -> pd.Series:
    """Count the coal register (clauses P14, P36, P68, P76).

    `mines`: rows of the register `coal_mines` (capacity_kt, mechanised, action, year, firm_zh). Result:
    closed_2013, closed_2014, closed_kt, left, mean_kt, mechanised_share (% of capacity; NaN if any open mine
    is unanswered), firms, merged and upgraded. A closure counts once its year has
    come (`until`).
    """
    done = pd.to_numeric(mines["year"], errors="coerce") <= until
    gone = (mines["action"] == "close") & done
    closed, left = mines[gone], mines[~gone]
    year = pd.to_numeric(closed["year"], errors="coerce")
    flag = left["mechanised"]
    share = float("nan")
    if len(left) and flag.notna().all():
        share = PERCENT * float(left.loc[flag.astype(bool), "capacity_kt"].sum() / left["capacity_kt"].sum())
    return pd.Series(
        {
            "closed_2013": float((year == 2013).sum()),
            "closed_2014": float((year == 2014).sum()),
            "closed_kt": float(closed["capacity_kt"].sum()),
            "left": float(len(left)),
            "mean_kt": float(left["capacity_kt"].mean()) if len(left) else float("nan"),
            "mechanised_share": share,
            "firms": float(left["firm_zh"].nunique()),
            "merged": float((mines["action"] == "merge").sum()),
            "upgraded": float((mines["action"] == "upgrade").sum()),
        }
    )


_PARTS = {
    "mines_closed_2013_2014": ("closed_2013", "closed_2014"), "eliminate": ("closed_kt",),
    "mean_mine": ("mean_kt",), "mechanisation_share": ("mechanised_share",), "firms": ("firms",),
    "mines_closed_2014": ("closed_2014",),
}  # fmt: skip


def value(account: pd.Series, key: str) -> float:
    """Return the figure of an account that answers one target of the text."""
    return float(sum(account[name] for name in _PARTS[key]))


def from_prefectures(table: pd.DataFrame | None, key: str) -> Answer:
    """Answer the closures of mines from the baseline's table of prefectures; other figures are unknown there.

    The row of the whole province holds the targets, which prove nothing: only prefectures count. What a
    prefecture does not tell may be any number, so the count is a least one.
    """
    columns = {
        "mines_closed_2013_2014": ["closures_2013", "closures_2014"],
        "mines_closed_2014": ["closures_2014"],
    }
    if table is None or key not in columns:
        return UNKNOWN
    rows = table[~table["prefecture_zh"].str.contains("合计")]
    known = rows[columns[key]].to_numpy(float)
    told = np.nansum(known, axis=1)
    closed = zip(rows["prefecture_zh"], told, strict=True)
    named_ = [(named(place), count) for place, count in closed if count > 0]
    evidence = listed([says("mines_at", place=place, count=count) for place, count in named_])
    return Answer(float(told.sum()), math.inf if np.isnan(known).any() else None, evidence=evidence)
