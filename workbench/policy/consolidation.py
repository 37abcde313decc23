"""Concentration of an industry: groups by owner, CR4, HHI, and the cement groups the text asks for."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from workbench.policy import registry
from workbench.policy.options import PolicyOptions
from workbench.remember import of_these
from workbench.units import PERCENT

_UNNAMED = "民营"


@lru_cache(maxsize=1)
def _group_names() -> dict[str, str]:
    frame = registry.table("owner_groups")
    return dict(zip(frame["owner"], frame["group"], strict=True))


def groups_of(plant_ids: pd.Series, plants: pd.DataFrame) -> pd.Series:
    """Return the owner group of each plant; a plant without a named owner is its own group.

    That an owner is private (民营) names nobody.
    """
    owners = of_these("owners", (plants,), lambda: plants["owner"].to_dict())
    named = _group_names()
    found = []
    for plant in plant_ids:
        owner = owners.get(plant)
        owner = owner.strip() if isinstance(owner, str) and not owner.startswith(_UNNAMED) else ""
        found.append(named.get(owner, owner) or str(plant))
    return pd.Series(found, index=plant_ids.index, name="group", dtype=object)


def group_capacity(
    decisions: pd.DataFrame, keep: np.ndarray, plants: pd.DataFrame, industry: str
) -> pd.Series:
    """Return capacity by owner group (kt), largest first, of the lines of an industry that `keep` marks.

    A moved line stays its group's: mark it as kept to count the capacity its owner rebuilds elsewhere.
    """
    rows = keep & (decisions["industry"].to_numpy(object) == industry)
    group = groups_of(decisions["plant_id"][rows], plants).to_numpy()
    total: dict[str, float] = dict.fromkeys(sorted(set(group)), 0.0)
    for name, kt in zip(group, decisions["capacity_kt"].to_numpy(float)[rows], strict=True):
        total[name] += kt
    ordered = sorted(total, key=lambda name: -total[name])
    index = pd.Index(ordered, name="group")
    return pd.Series([total[name] for name in ordered], index=index, name="capacity_kt", dtype=float)


def cr(capacity: pd.Series, n: int = 4) -> float:
    """Return the share (%) of the n largest groups: CR_n = 100 * sum of the n largest / sum of all."""
    total = float(capacity.sum())
    return PERCENT * float(capacity.nlargest(n).sum()) / total if total else float("nan")


def hhi(capacity: pd.Series) -> float:
    """Return the Herfindahl-Hirschman index, sum of squared percentage shares (0 to 10,000)."""
    total = float(capacity.sum())
    return float(((PERCENT * capacity / total) ** 2).sum()) if total else float("nan")


def concentration(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Return groups, CR4 and HHI before and after: index measure; columns before, after, change, unit."""
    rows = {
        "groups": (float((before > 0).sum()), float((after > 0).sum()), "家"),
        "cr4": (cr(before), cr(after), "%"),
        "hhi": (hhi(before), hhi(after), "1"),
    }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["before", "after", "unit"])
    frame.insert(2, "change", frame["after"] - frame["before"])
    return frame.rename_axis("measure")


def cement_group_counts(capacity: pd.Series, options: PolicyOptions | None = None) -> tuple[int, int]:
    """Return how many groups hold at least 10 Mt, and how many above 5 Mt, in the reading chosen.

    With `nested_cement_groups` the first also count among the second; without it they are apart.
    """
    clause = registry.clause("P21")
    size = {
        key: np.array(
            [registry.meets(kt, clause.number(key).sign, clause.number(key).house_value) for kt in capacity]
        )
        for key in ("huge_group", "large_group")
    }
    huge, large = int(size["huge_group"].sum()), int(size["large_group"].sum())
    nested = (options or PolicyOptions()).nested_cement_groups
    return huge, large if nested else large - huge
