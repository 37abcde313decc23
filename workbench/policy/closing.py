"""Which closures count by a day: a task of 2014 is done by what closes in 2014, and no later.

A line without a day of closing leaves with the plan's own year, and counts for every day asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from workbench.policy import goals, registry
from workbench.policy.items import Item
from workbench.policy.view import View, total_by


def until(view: View, item: Item) -> date:
    """Return the day up to which closures count for an item: its own, else the end of the plan's year."""
    end = date.fromisoformat(view.options.term_ends)
    own = None if item.by == "5y" else registry.due_date(item.by, view.options)
    return own or min(max(view.day, date(view.day.year, 12, 31)), end)


def days(view: View) -> np.ndarray | None:
    """Return the day each line closes (datetime64, NaT where none is told), in the order of the decisions."""
    if "closed_on" not in view.decisions:
        return None
    return view.once("closed_on", lambda: pd.to_datetime(view.decisions["closed_on"]).to_numpy())  # type: ignore[no-any-return]


def closed_by(view: View, last: date) -> np.ndarray:
    """Mark the lines that have left by the end of a day, whenever they did."""
    day = days(view)
    return ~view.kept if day is None else ~view.kept & ~(day > np.datetime64(last))


def closed_within(view: View, last: date) -> np.ndarray:
    """Mark the lines that left from the start of the effort's first year to a day: those a task counts."""
    day = days(view)
    gone = closed_by(view, last)
    return gone if day is None else gone & ~(day < np.datetime64(date(goals.YEARS[0], 1, 1)))


def closed_after(view: View, due: Mapping[str, pd.Timestamp]) -> frozenset[str]:
    """Return the lines that leave, but only after the day their equipment had to."""
    day = days(view)
    if day is None:
        return frozenset()
    rows = zip(view.decisions.index, view.kept, day, strict=True)
    return frozenset(id for id, kept, on in rows if not kept and id in due and on > due[id].to_datetime64())


def retired_kt(view: View, last: date) -> Mapping[str, float]:
    """Return what of the unlocated capacity has closed by the end of a day, by industry (kt)."""
    for year, kt in sorted(view.retired_by_year.items(), reverse=True):
        if year <= last.year:
            return kt
    return {} if view.retired_by_year else view.retired_kt


def capacity_kt(view: View, mask: np.ndarray) -> Mapping[str, float]:
    """Sum the capacity of the lines marked, by industry (kt)."""
    rows = view.decisions[mask]
    return total_by(rows["industry"], rows["capacity_kt"])
