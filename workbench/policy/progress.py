"""Targets of elimination split over prefectures by a stated key; progress by quarter and ranking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.policy import accounts, goals, registry, screening
from workbench.policy.options import PolicyOptions

KEYS = ("obsolete", "capacity")
INDUSTRIES = ("steel", "cement", "flat_glass")


def shares(layers: Layers, industry: str, key: str | Mapping[str, float] = "obsolete") -> pd.Series:
    """Return each prefecture's share of an industry's target; index prefecture_zh, summing to one.

    `key`: ``obsolete`` (listed lines and capacity nobody located, where most obsolete works are),
    ``capacity`` (all capacity), or the planner's own weights by prefecture. Raises LabelError for another
    key, a weight below zero, or weights that sum to nothing.
    """
    if isinstance(key, str):
        if key not in KEYS:
            raise LabelError(f"keys are {', '.join(KEYS)}, or weights by prefecture", unexpected=[key])
        weights = _weights(layers, industry, key)
    else:
        weights = pd.Series(dict(key), dtype=float)
    if (weights < 0).any() or not weights.sum() > 0:
        raise LabelError(f"no weights to split the target of {industry} by", unexpected=weights.index)
    return (weights / weights.sum()).sort_values(ascending=False).rename_axis("prefecture_zh")


def _weights(layers: Layers, industry: str, key: str) -> pd.Series:
    lines = layers["lines"]
    lines = lines[lines["in_baseline"].astype(bool) & (lines["industry"] == industry)]
    kt = pd.to_numeric(lines["capacity_kt"], errors="coerce").fillna(0.0)
    if key == "obsolete":
        old, _ = screening.obsolete_share(screening.screen(layers))
        kt = kt * pd.Series(old, dtype=float).reindex(lines.index).fillna(0.0)
    total = kt.groupby(lines["prefecture_zh"]).sum()
    if "residual" in layers:
        rest = layers["residual"]
        rest = rest[rest["industry"] == industry]
        total = total.add(rest.groupby("prefecture_zh")["capacity_kt"].sum(), fill_value=0.0)
    return total[total > 0]


def due_kt(industry: str, on: date, options: PolicyOptions | None = None) -> float:
    """Return what the province owes by a day: whole years of the path, and of the running year its quarters
    that have ended."""
    path = goals.path(industry, options=options)
    first, last = registry.term(options)
    if on < first:
        return 0.0
    year = min(on.year, goals.YEARS[-1])
    done = float(path.loc[: year - 1].sum())
    quarters = 4 if on > last or on.year > goals.YEARS[-1] else _quarters(on)
    return done + float(path.loc[year]) * quarters / 4


def _quarters(on: date) -> int:
    ends = (date(on.year, 3, 31), date(on.year, 6, 30), date(on.year, 9, 30), date(on.year, 12, 31))
    return sum(on >= end for end in ends)


def progress(
    layers: Layers,
    closures: pd.DataFrame,
    on: date,
    *,
    key: str | Mapping[str, float] = "obsolete",
    industries: tuple[str, ...] = INDUSTRIES,
    options: PolicyOptions | None = None,
) -> pd.DataFrame:
    """Return how far each prefecture is with its part of the targets on a day, best first in each industry.

    `closures`: the register (prefecture_zh, industry, kt, closed_on); those after the day do not count.
    Index (industry, rank); columns prefecture_zh, share, target_kt (five years), due_kt, done_kt, done_share
    (of what is due; NaN before anything is) and behind_kt.
    """
    past = (
        closures[[day is not None and day <= on for day in closures["closed_on"]]]
        if len(closures)
        else closures
    )
    parts = []
    for industry in industries:
        part = shares(layers, industry, key)
        mine = past[past["industry"] == industry] if len(past) else past
        done = mine.groupby("prefecture_zh")["kt"].sum() if len(mine) else pd.Series(dtype=float)
        places = part.index.union(done.index)
        frame = pd.DataFrame({"share": part.reindex(places).fillna(0.0)})
        frame["target_kt"] = frame["share"] * goals.target(industry, "eliminate").house_value
        frame["due_kt"] = frame["share"] * due_kt(industry, on, options)
        frame["done_kt"] = done.reindex(places).fillna(0.0).astype(float)
        frame["done_share"] = (frame["done_kt"] / frame["due_kt"]).where(frame["due_kt"] > 0)
        short = accounts.under_performers(frame["done_kt"], frame["due_kt"])["short_kt"]
        frame["behind_kt"] = short.reindex(places).fillna(0.0)
        frame = frame.sort_values(["done_share", "target_kt"], ascending=False, kind="stable")
        frame = frame.rename_axis("prefecture_zh").reset_index()
        frame.index = pd.MultiIndex.from_product([[industry], range(1, len(frame) + 1)])
        parts.append(frame)
    return pd.concat(parts).rename_axis(["industry", "rank"])
