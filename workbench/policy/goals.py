"""The five-year and the 2014 targets: what is due by when, the path between, and what is left."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.policy import registry
from workbench.policy.options import PolicyOptions
from workbench.units import PERCENT

YEARS = tuple(range(2014, 2019))
TARGET_KEYS = (
    "cap", "eliminate", "high_end_share", "nsp_share", "deep_processing_share", "mechanisation_share",
    "mines_closed_2013_2014", "mines_closed_2014", "mean_mine", "firms", "firms_leaving",
    "coprocessing_share", "rebar_share",
)  # fmt: skip


def targets(options: PolicyOptions | None = None) -> pd.DataFrame:
    """Return every target with its sign and day.

    Index ``<clause>.<industry>.<measure>``; columns clause, industry, measure, sign, value and unit as the
    text has them, house_value and house_unit (kt, %), horizon (``2014`` or ``5y``) and due (date).
    """
    chosen = options or PolicyOptions()
    frame = registry.numbers().rename(columns={"key": "measure"})
    frame = frame[frame["measure"].isin(TARGET_KEYS)].copy()
    frame["horizon"] = np.where(frame["by"] == "5y", "5y", "2014")
    frame["due"] = [registry.due_date(by, chosen) for by in frame["by"]]
    frame.index = pd.Index(frame["clause"] + "." + frame["industry"] + "." + frame["measure"], name="id")
    return frame.drop(columns="by")


@cache
def target(industry: str, measure: str, horizon: str = "5y") -> registry.Number:
    """Return one target as a number; raises LabelError when the text sets none."""
    for row in targets().itertuples():
        if (row.industry, row.measure, row.horizon) == (industry, measure, horizon):
            return registry.clause(str(row.clause)).number(measure, industry)
    raise LabelError(f"the text sets no {measure} for {industry} by {horizon}")


def share_before(share: float, rise: float, options: PolicyOptions | None = None) -> float:
    """Return the 2013 share implied by a 2014 share and its rise, in %.

    s13 = s14 - r (percentage points) or s14 / (1 + r / 100) (relative), by `raise_by_ten_percent`.
    """
    reading = (options or PolicyOptions()).raise_by_ten_percent
    return share - rise if reading == "points" else share / (1 + rise / PERCENT)


def implied(options: PolicyOptions | None = None) -> pd.DataFrame:
    """Return the figures the text implies without writing them, with the arithmetic beside each.

    Index ``<industry>.<measure>``; columns value, unit, formula, clause.
    """
    rows = []
    for number in registry.all_numbers():
        if number.key.endswith("_rise"):
            key = number.key.removesuffix("_rise")
            share = registry.clause(number.clause).number(key).value
            before = share_before(share, number.value, options)
            formula = f"{share:g} % and a rise of {number.value:g} %"
            rows.append((f"{number.industry}.{key}_2013", before, "%", formula, number.clause))
    for industry in ("steel", "cement", "flat_glass"):
        whole, first = target(industry, "eliminate"), target(industry, "eliminate", "2014")
        formula = f"{whole.value:g} - {first.value:g} {whole.unit}"
        left = whole.house_value - first.house_value
        rows.append((f"{industry}.eliminate_after_2014", left, whole.house_unit, formula, "P70"))
    coal, year = registry.clause("P68"), registry.clause("P76")
    firms, fall = coal.number("firms").value, coal.number("firms_fall").value
    rows.append(
        ("coal.firms_before", firms / (1 - fall / PERCENT), "家", f"{firms:g} / (1 - {fall:g} %)", "P68")
    )
    both, second = coal.number("mines_closed_2013_2014").value, year.number("mines_closed_2014").value
    rows.append(("coal.mines_closed_2013", both - second, "处", f"{both:g} - {second:g}", "P76"))
    return pd.DataFrame(rows, columns=["id", "value", "unit", "formula", "clause"]).set_index("id")


def path(industry: str, measure: str = "eliminate", options: PolicyOptions | None = None) -> pd.Series:
    """Return the yearly path 2014-2018: the 2014 figure, then equal steps to the five-year figure.

    Eliminations are tonnes of each year (kt) and sum to the five-year total; shares (%) are year-end values.
    Raises LabelError when the text has no five-year figure of this measure.
    """
    last = target(industry, measure)
    try:
        first = target(industry, measure, "2014").house_value
    except LabelError:
        first = last.house_value / len(YEARS) if measure == "eliminate" else last.house_value
    if measure == "eliminate":
        rest = (last.house_value - first) / (len(YEARS) - 1)
        values = [first, *[rest] * (len(YEARS) - 1)]
    else:
        values = list(np.linspace(first, last.house_value, len(YEARS)))
    years = pd.Index(YEARS, name="year")
    return pd.Series(values, index=years, name=f"{industry}.{measure} ({last.house_unit})")


def burn_down(
    done: pd.DataFrame, industries: Iterable[str] = ("steel", "cement", "flat_glass")
) -> pd.DataFrame:
    """Return what is left to eliminate after each year, beside the path.

    `done`: rows of closed tonnes with columns industry, year, kt; years outside 2014-2018 raise LabelError.
    Result: index (industry, year); columns planned_kt, done_kt, left_kt (of the five-year total after the
    year), due_left_kt (left if the path is kept) and on_path (done so far reaches the path).
    """
    outside = set(done["year"]) - set(YEARS)
    if outside:
        raise LabelError("closures outside the five years", unexpected=outside)
    frames = []
    for industry in industries:
        planned = path(industry)
        closed = done[done["industry"] == industry].groupby("year")["kt"].sum()
        frame = planned.rename("planned_kt").to_frame()
        frame["done_kt"] = closed.reindex(YEARS, fill_value=0.0).astype(float)
        frame["left_kt"] = (planned.sum() - frame["done_kt"].cumsum()).clip(lower=0)
        frame["due_left_kt"] = planned.sum() - frame["planned_kt"].cumsum()
        frame["on_path"] = [
            registry.meets(so_far, ">=", due)
            for so_far, due in zip(frame["done_kt"].cumsum(), frame["planned_kt"].cumsum(), strict=True)
        ]
        frames.append(pd.concat({industry: frame}, names=["industry"]))
    return pd.concat(frames)
