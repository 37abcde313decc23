"""How good the baseline is: what is located, how sure, and what only stands behind a cap."""

from __future__ import annotations

import pandas as pd

from workbench.errors import LabelError
from workbench.layers.model import Layers

LEVELS = ("high", "medium", "low")


def capacity_quality(layers: Layers) -> pd.DataFrame:
    """Tell per industry and prefecture how much capacity is located, how sure, and how much is not.

    Index (`industry`, `prefecture_zh`), sorted; columns in kt: `high_kt`, `medium_kt`, `low_kt` (located, by
    confidence), `located_kt`, `unlocated_kt`; `located_share`, `sure_share` (high) of located + unlocated.
    Without a cap, what is missing is unknown: `unlocated_kt` and the shares are NaN.
    """
    plants = layers.plants
    plants = plants[plants["in_baseline"].astype(bool)]
    keys = ["industry", "prefecture_zh"]
    located = plants.pivot_table(
        index=keys, columns="confidence", values="capacity_kt", aggfunc="sum", fill_value=0.0, observed=True
    )
    located = located.reindex(columns=LEVELS, fill_value=0.0).add_suffix("_kt")
    unlocated = layers.residual.groupby(keys)["capacity_kt"].sum().rename("unlocated_kt")
    table = located.join(unlocated, how="outer").fillna(0.0).sort_index()
    capped = table.index.get_level_values("industry").isin(layers.caps["industry"])
    table["unlocated_kt"] = table["unlocated_kt"].where(capped)
    table.columns.name = None
    table.insert(3, "located_kt", table[[f"{level}_kt" for level in LEVELS]].sum(axis=1))
    return _with_shares(table)


def prefecture_quality(layers: Layers, industry: str) -> pd.DataFrame:
    """Return `capacity_quality` of one industry, index `prefecture_zh`. Raises LabelError if unknown."""
    table = capacity_quality(layers)
    known = sorted(set(table.index.get_level_values("industry")))
    if industry not in known:
        raise LabelError(f"no industry {industry!r}; there are {', '.join(known)}", unexpected=[industry])
    return table.loc[industry]


def industry_quality(layers: Layers) -> pd.DataFrame:
    """Sum `capacity_quality` by industry and add `cap_kt` where the policy sets one; index `industry`."""
    table = capacity_quality(layers).drop(columns=["located_share", "sure_share"])
    table = table.groupby("industry").sum(min_count=1)
    return _with_shares(table).join(layers.caps.set_index("industry")["cap_kt"])


def doubtful(frame: pd.DataFrame) -> pd.Series:
    """Tell which rows a map draws differently: an approximate shape or place, or low confidence."""
    rough = approximate(frame)
    return rough | frame["confidence"].astype(str).str.startswith("low") if "confidence" in frame else rough


def approximate(frame: pd.DataFrame) -> pd.Series:
    """Tell which rows of a layer have an approximate shape or place."""
    rough = pd.Series(False, index=frame.index)
    if "approximate" in frame:
        rough |= frame["approximate"].eq(True)
    if "coord_precision" in frame:
        text = frame["coord_precision"].fillna("").astype(str)
        rough |= text.str.contains("low|county|centroid|seat|approximate|uncertain")
    if "geometry_basis" in frame:
        rough |= frame["geometry_basis"].isin(["straight", "via"])
    return rough


def _with_shares(table: pd.DataFrame) -> pd.DataFrame:
    whole = table["located_kt"] + table["unlocated_kt"]
    return table.assign(
        located_share=(table["located_kt"] / whole).mask(whole == 0, 0.0),
        sure_share=(table["high_kt"] / whole).mask(whole == 0, 0.0),
    )
