"""Versions of the replacement rules: closed tonnes one new tonne costs, where and under which text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from workbench.errors import LabelError
from workbench.policy import registry
from workbench.policy.options import PolicyOptions

AREAS = ("other", "sensitive", "tibet")
CHENGDU = "成都市"


@lru_cache(maxsize=1)
def _versions() -> Mapping[str, Mapping[str, Any]]:
    return {row["id"]: row for row in registry.document("rule_versions")["version"]}


def rule_versions() -> pd.DataFrame:
    """Return the versions of the replacement rules: index id; titles, from, to, capacity basis, source."""
    frame = pd.DataFrame(list(_versions().values())).set_index("id")
    return frame[["title_zh", "title_en", "from", "to", "basis", "listed_from", "source", "confidence"]]


def version(id: str) -> Mapping[str, Any]:
    """Return one version as read from its file; raises LabelError naming the versions that exist."""
    if id not in _versions():
        raise LabelError(f"no rule version {id!r}; there are {', '.join(_versions())}")
    return _versions()[id]


def area_class(prefecture_zh: str, options: PolicyOptions | None = None) -> str:
    """Return ``sensitive`` for Chengdu when the planner reads it so, else ``other``.

    The national texts name Beijing-Tianjin-Hebei and the two deltas "and the like": whether Chengdu is meant
    is the switch `chengdu_is_sensitive`.
    """
    sensitive = (options or PolicyOptions()).chengdu_is_sensitive and prefecture_zh == CHENGDU
    return "sensitive" if sensitive else "other"


def ratio(
    industry: str, area: str = "other", options: PolicyOptions | None = None, *, cross_province: bool = False
) -> float:
    """Return the closed tonnes one new tonne needs under the version chosen in the options.

    The planner's own `replacement_ratio` can only tighten it. A version that is silent on an industry leaves
    the province's rule (equal replacement) in force.
    """
    if area not in AREAS:
        raise LabelError(f"areas are {', '.join(AREAS)}", unexpected=[area])
    chosen = options or PolicyOptions()
    text = version(chosen.rule_version)
    lawful = 1.0
    for row in text["ratios"]:
        if row["industry"] in ("*", industry) and row["area"] in ("*", area):
            lawful = float(row["ratio"])
            break
    if cross_province and industry == "cement":
        lawful = max(lawful, float(text.get("cross_province_or_restricted", lawful)))
    return max(lawful, chosen.replacement_ratio)


def listed_from(options: PolicyOptions | None = None) -> int:
    """Return the first listing year that gives credit; 0 when the version sets none."""
    return int(version((options or PolicyOptions()).rule_version).get("listed_from", 0))


def cap_weight(industry: str, options: PolicyOptions, clinker_t_t: float) -> float:
    """Return what a tonne of capacity counts under the cap: a tonne, or the clinker it holds (a switch)."""
    return clinker_t_t if industry == "cement" and options.capacity_basis == "clinker" else 1.0
