"""The capacity that stands: lines a switch leaves out, and what no source locates, by kind and prefecture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd


class Numbers(Protocol):
    """What this file needs of `layers.model.Assumptions`."""

    @property
    def frame(self) -> pd.DataFrame: ...
    def __getitem__(self, name: str) -> float: ...
    def __contains__(self, name: object) -> bool: ...


SWITCH = "counted."  # counted.<line id>: 1 counts the line in the sums of 2014, 0 leaves it out
KILN_PROCESS = "nsp"  # dry kilns, of which the province publishes the share


def settled(frames: Mapping[str, Any], assumptions: Numbers) -> dict[str, Any]:
    """Return the frames with what the assumptions decide: `lines.in_baseline` and `residual.capacity_kt`.

    A row of `residual` that has a `share` takes that part of its kind's stock; a row without one states its
    own capacity. Frames that lack these columns, and all others, stay as they are.
    """
    out = dict(frames)
    if "lines" in out:
        out["lines"] = _switched(out["lines"], assumptions)
    if "residual" in out and {"share", "kind", "spread"} <= set(out["residual"].columns) and "lines" in out:
        capacity = unlocated_kt(out["residual"], out["lines"], assumptions)
        out["residual"] = out["residual"].assign(capacity_kt=capacity)
    return out


def _switched(lines: pd.DataFrame, assumptions: Numbers) -> pd.DataFrame:
    names = [str(name) for name in assumptions.frame.index if str(name).startswith(SWITCH)]
    wanted = {name.removeprefix(SWITCH): assumptions[name] >= 0.5 for name in names}
    changed = {n: on for n, on in wanted.items() if n in lines.index and lines.at[n, "in_baseline"] != on}
    if not changed:
        return lines
    counted = lines["in_baseline"].astype(bool)
    counted.loc[list(changed)] = list(changed.values())
    return lines.assign(in_baseline=counted)


def unlocated_kt(residual: pd.DataFrame, lines: pd.DataFrame, assumptions: Numbers) -> pd.Series:
    """Return the capacity of each row of `residual` in kt; index as given.

    stock - located = unlocated, split by kind (`kinds_kt`) and spread by share. Where a kind is spread in
    two ways, `<industry>.unlisted_at_named_share` weighs the one by named works against the one by people.
    """
    shared = residual["share"].notna()
    capacity = residual["capacity_kt"].astype(float).where(~shared, 0.0)
    located = located_kt(lines, assumptions)
    for industry, rows in residual[shared].groupby("industry"):
        code = str(industry)
        values = {name: assumptions[f"{code}.{name}"] for name in stock_rows(code, assumptions)}
        stated = residual[~shared & (residual["industry"] == industry)].groupby("kind")["capacity_kt"].sum()
        kinds = kinds_kt(values, located.get(code, (0.0, 0.0)), rows["kind"].unique())
        left = {kind: max(0.0, float(kt) - stated.get(kind, 0.0)) for kind, kt in kinds.items()}
        weight = np.array([spread_weight(values, spread) for spread in rows["spread"]], dtype=float)
        capacity[rows.index] = rows["kind"].map(left).to_numpy(float) * rows["share"].to_numpy() * weight
    return capacity


def stock_rows(industry: str, assumptions: Numbers) -> list[str]:
    """Return the assumptions (without the industry's code) that its unlocated capacity hangs on."""
    names = ("stock_kt", "kiln_stock_share", "shaft_kiln_kt", "unlisted_at_named_share")
    return [name for name in names if f"{industry}.{name}" in assumptions]


def located_kt(lines: pd.DataFrame, assumptions: Numbers) -> dict[str, tuple[float, float]]:
    """Return per industry the located capacity and that of its dry kilns, kt; lines switched off included.

    A line that a switch leaves out lowers the stock with it: nothing unlocated takes its place.
    """
    standing = lines["in_baseline"].astype(bool) | (SWITCH + lines.index.astype(str)).isin(
        assumptions.frame.index
    )
    found = lines[standing & (lines["capacity_kt"] > 0)]
    kilns = found[found["process"] == KILN_PROCESS].groupby("industry")["capacity_kt"].sum()
    return {
        str(industry): (float(kt), float(kilns.get(industry, 0.0)))
        for industry, kt in found.groupby("industry")["capacity_kt"].sum().items()
    }


def kinds_kt(
    values: Mapping[str, Any], located: tuple[float, float], kinds: list[str] | np.ndarray
) -> dict[str, Any]:
    """Split what is not located over its kinds; numbers or arrays of draws in, the same out.

    R = max(0, S - L). Of cement: unlisted kilns = min(R, max(0, k S - L_kiln)), k the published share of
    dry kilns; shaft kilns = min(R - unlisted, assumed); grinding the rest. Elsewhere one kind takes R.
    """
    stock, (whole, of_kilns) = values["stock_kt"], located
    rest = np.maximum(0.0, stock - whole)
    if "kiln_stock_share" not in values:
        return {str(kind): rest / len(kinds) for kind in kinds}
    unlisted = np.minimum(rest, np.maximum(0.0, values["kiln_stock_share"] * stock - of_kilns))
    shaft = np.minimum(rest - unlisted, values["shaft_kiln_kt"])
    return {"unlisted_kiln": unlisted, "shaft_kiln": shaft, "grinding": rest - unlisted - shaft}


def spread_weight(values: Mapping[str, Any], spread: str) -> Any:
    """Return the part of a kind that is spread one way: by named works, by people, or all of it."""
    named = values.get("unlisted_at_named_share", 1.0)
    return {"named": named, "population": 1.0 - named}.get(spread, 1.0)
