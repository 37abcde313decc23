"""What the rules read of a plan: its frames as arrays, with one hand-made move applied where asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.policy import registry, screening
from workbench.policy.options import PolicyOptions
from workbench.remember import keeper, of_these

INDUSTRIES = ("steel", "cement", "flat_glass", "aluminium")


@dataclass(frozen=True)
class Verdict:
    """One answer of one rule: what was counted, against which limit, and on which rows."""

    clause: str
    item: str
    verdict: str
    amount: float
    unit: str
    sign: str
    limit: float
    margin: float
    zh: str
    en: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class View:
    """A plan as the rules see it; every expensive part is made once, when the first rule asks.

    decisions: index line_id; industry, prefecture_zh, in_zone, capacity_kt, decision, site_id. builds: index
    build id; site_id, industry, prefecture_zh, capacity_kt. credits: line_id, build_id, kt. The other frames
    and `layers` may be None: rules that need them then answer ``unknown``.
    """

    decisions: pd.DataFrame
    builds: pd.DataFrame
    credits: pd.DataFrame
    options: PolicyOptions = field(default_factory=PolicyOptions)
    zone: str = "eight"
    industries: tuple[str, ...] = INDUSTRIES
    layers: Any = None
    flows: pd.DataFrame | None = None
    before_flows: pd.DataFrame | None = None
    unmet: pd.DataFrame | None = None
    unlocated: pd.DataFrame | None = None
    limits: pd.DataFrame | None = None

    @cached_property
    def kept(self) -> np.ndarray:
        return self.decisions["decision"].to_numpy(object) == "keep"

    @cached_property
    def asked(self) -> Mapping[str, list[dict[str, Any]]]:
        """The rows of `limits` by their name; empty where the plan carries none."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in () if self.limits is None else records(self.limits):
            found.setdefault(str(row["row"]), []).append(row)
        return found

    @cached_property
    def pledged(self) -> list[tuple[str, str, float]]:
        """The credits as (line, build, kt)."""
        names = ("line_id", "build_id", "kt")
        return list(zip(*(self.credits[name].to_numpy(object) for name in names), strict=True))

    @cached_property
    def home(self) -> Mapping[str, tuple[str, str, float]]:
        """Industry, prefecture and kt of each line by id; of each build likewise in `stands`."""
        return _where(self.decisions)

    @cached_property
    def stands(self) -> Mapping[str, tuple[str, str, float]]:
        """Industry, prefecture and kt of each build by id."""
        return _where(self.builds)

    @cached_property
    def start_kt(self) -> Mapping[str, float]:
        return self._sum(self.decisions)

    @cached_property
    def kept_kt(self) -> Mapping[str, float]:
        return self._sum(self.decisions[self.kept])

    @cached_property
    def built_kt(self) -> Mapping[str, float]:
        return self._sum(self.builds)

    @cached_property
    def closed_kt(self) -> Mapping[str, float]:
        return self._sum(self.decisions[~self.kept])

    @cached_property
    def credited_kt(self) -> Mapping[str, float]:
        known = [(self.home[line][0], kt) for line, _, kt in self.pledged if line in self.home]
        return _total(*zip(*known, strict=True)) if known else {}

    @cached_property
    def residual_kt(self) -> Mapping[str, float]:
        """Unlocated capacity left by industry: counted in the province's sums, never moved."""
        if self.unlocated is not None:
            return _total(self.unlocated.index.get_level_values("industry"), self.unlocated["capacity_kt"])
        frame = self.table("residual")
        return {} if frame is None else self._sum(frame)

    @cached_property
    def retired_kt(self) -> Mapping[str, float]:
        """Unlocated capacity the plan closes, by industry."""
        if self.unlocated is None:
            return {}
        return _total(self.unlocated.index.get_level_values("industry"), self.unlocated["retired_kt"])

    @cached_property
    def shaft_kt(self) -> float | None:
        """Unlocated cement capacity left that is no dry kiln; None where the plan does not say."""
        if self.unlocated is None:
            return None
        kt = _total(self.unlocated.index.get_level_values("industry"), self.unlocated["obsolete_kt"])
        return kt.get("cement", 0.0)

    @cached_property
    def baseline_kt(self) -> Mapping[str, float] | None:
        """Located capacity of the baseline by industry, for industries the plan does not decide on."""
        lines = self.table("lines")
        if lines is None:
            return None
        inside = lines["in_baseline"].to_numpy(bool)
        industry, kt = (
            lines["industry"].to_numpy(object)[inside],
            lines["capacity_kt"].to_numpy(float)[inside],
        )
        return {name: float(np.nansum(kt[industry == name])) for name in INDUSTRIES}

    @cached_property
    def zone_prefectures(self) -> frozenset[str]:
        frame = self.table("prefectures")
        column = "in_chengdu_5" if self.zone == "five" else "in_chengdu_8"
        if frame is not None and column in frame:
            return frozenset(frame["prefecture_zh"].to_numpy(object)[frame[column].to_numpy(bool)])
        inside = self.decisions["in_zone"].astype(bool)
        return frozenset(self.decisions.loc[inside, "prefecture_zh"])

    @cached_property
    def screened(self) -> pd.DataFrame | None:
        return (
            None if self.table("lines") is None else screening.screen_once(self.layers, options=self.options)
        )

    @cached_property
    def obsolete(self) -> frozenset[str]:
        if self.screened is None:
            return frozenset()
        return of_these("obsolete", (self.screened,), lambda: screening.obsolete_lines(self.screened))

    @cached_property
    def overdue(self) -> frozenset[str]:
        """Obsolete lines whose last day lies in or before the plan's year."""
        if self.screened is None:
            return frozenset()
        day = registry.plan_day(self.options)
        return keeper(self.screened)("due", day, lambda: screening.due_lines(self.screened, day))

    def table(self, name: str) -> Any:
        """Return a layer by name, or None where the plan carries no such layer."""
        return self.layers[name] if self.layers is not None and name in self.layers else None

    def assumption(self, name: str) -> float | None:
        """Return an assumption's value, or None where the plan carries no such assumption."""
        if self.layers is None or name not in self.layers.assumptions:
            return None
        return self.layers.assumptions[name]

    def whole(self, industry: str) -> bool:
        """Say whether the plan decides on this industry at all."""
        return industry in self.industries

    @staticmethod
    def _sum(frame: pd.DataFrame) -> Mapping[str, float]:
        return _total(frame["industry"], frame["capacity_kt"])


def _total(names: Iterable[Any], kt: Iterable[Any]) -> dict[str, float]:
    """Sum by name; a number that is missing counts nothing, as in a sum of pandas."""
    found: dict[str, float] = {}
    for name, value in zip(names, kt, strict=True):
        found[str(name)] = found.get(str(name), 0.0) + (0.0 if value != value else float(value))
    return found


def _where(frame: pd.DataFrame) -> dict[str, tuple[str, str, float]]:
    columns = (frame[name].to_numpy(object) for name in ("industry", "prefecture_zh", "capacity_kt"))
    return dict(zip(frame.index, zip(*columns, strict=True), strict=True))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a small frame as one mapping per row, ten times as fast as pandas does."""
    names = list(frame.columns)
    rows = zip(*(frame[name].to_numpy(object) for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def view_of(plan: Any) -> View:
    """Return what the rules read of a plan.

    `plan` is anything with the frames `decisions`, `builds` and `credits`; `scenario`, `layers`, `flows`,
    `unmet`, `unlocated`, `limits` and `before` are read where present.
    """
    chosen = getattr(plan, "scenario", None)
    zone = getattr(chosen, "zone", None)
    # an optimum is compared with an optimum: the year that existed sent its goods worse
    before = getattr(plan, "kept", None) or getattr(plan, "before", None)
    return View(
        decisions=plan.decisions,
        builds=plan.builds,
        credits=plan.credits,
        options=getattr(chosen, "policy", None) or PolicyOptions(),
        zone=getattr(zone, "definition", "eight"),
        industries=tuple(getattr(chosen, "industries", INDUSTRIES)),
        layers=getattr(plan, "layers", None),
        flows=getattr(plan, "flows", None),
        before_flows=getattr(before, "flows", None),
        unmet=getattr(plan, "unmet", None),
        unlocated=getattr(plan, "unlocated", None),
        limits=getattr(plan, "limits", None),
    )
