"""What the rules read of a plan: its frames as arrays, with one hand-made move applied where asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.policy import screening, versions
from workbench.policy.options import PolicyOptions

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
    on: date = screening.REFERENCE_DAY
    flows: pd.DataFrame | None = None
    before_flows: pd.DataFrame | None = None
    unmet: pd.DataFrame | None = None

    @cached_property
    def kept(self) -> np.ndarray:
        return (self.decisions["decision"] == "keep").to_numpy()

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
        industry = self.credits["line_id"].map(self.decisions["industry"])
        return _floats(self.credits.groupby(industry.to_numpy())["kt"].sum())

    @cached_property
    def residual_kt(self) -> Mapping[str, float]:
        """Unlocated capacity by industry: counted in the province's sums, never moved."""
        frame = self.table("residual")
        return {} if frame is None else self._sum(frame)

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
            return frozenset(frame.loc[frame[column].astype(bool), "prefecture_zh"])
        inside = self.decisions["in_zone"].astype(bool)
        return frozenset(self.decisions.loc[inside, "prefecture_zh"])

    @cached_property
    def screened(self) -> pd.DataFrame | None:
        return (
            None
            if self.table("lines") is None
            else screening.screen_once(self.layers, on=self.on, options=self.options)
        )

    @cached_property
    def obsolete(self) -> frozenset[str]:
        return frozenset() if self.screened is None else screening.obsolete_lines(self.screened)

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
        return _floats(frame.groupby("industry")["capacity_kt"].sum())


def _floats(series: pd.Series) -> dict[str, float]:
    return {str(name): float(value) for name, value in series.items()}


def view_of(
    plan: Any,
    layers: Any = None,
    move: Mapping[str, str] | None = None,
    on: date = screening.REFERENCE_DAY,
) -> View:
    """Return what the rules read of a plan, with `move` (line id to keep, close or a site id) applied.

    `plan` is anything with the frames `decisions`, `builds` and `credits`; `scenario`, `layers`, `flows`,
    `unmet` and `before` are read where present. After a move the flows no longer fit and are left out.
    """
    chosen = getattr(plan, "scenario", None)
    layers = layers if layers is not None else getattr(plan, "layers", None)
    options = getattr(chosen, "policy", None) or PolicyOptions()
    zone = getattr(chosen, "zone", None)
    decisions, builds, credits = plan.decisions, plan.builds, plan.credits
    if move:
        decisions, builds, credits = moved(plan, move, layers, options)
    # an optimum is compared with an optimum: the year that existed sent its goods worse
    before = getattr(plan, "kept", None) or getattr(plan, "before", None)
    return View(
        decisions=decisions,
        builds=builds,
        credits=credits,
        options=options,
        zone=getattr(zone, "definition", "eight"),
        industries=tuple(getattr(chosen, "industries", INDUSTRIES)),
        layers=layers,
        on=on,
        flows=None if move else getattr(plan, "flows", None),
        before_flows=None if move else getattr(before, "flows", None),
        unmet=None if move else getattr(plan, "unmet", None),
    )


def moved(
    plan: Any, move: Mapping[str, str], layers: Any, options: PolicyOptions
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return decisions, builds and credits after some lines are kept, closed or sent to a site by hand.

    A line sent to a site builds capacity / ratio there and pays with all its tonnes; what it paid for
    elsewhere is undone. Raises LabelError for unknown lines and sites.
    """
    unknown = set(move) - set(plan.decisions.index)
    if unknown:
        raise LabelError("moves name lines the plan does not have", unexpected=unknown)
    decisions = plan.decisions.copy()
    builds: dict[str, dict[str, Any]] = {str(id): dict(row) for id, row in plan.builds.iterrows()}
    mine = plan.credits["line_id"].isin(list(move)).to_numpy()
    for build, kt in plan.credits.loc[mine, ["build_id", "kt"]].itertuples(index=False):
        if build in builds:
            new = builds[build]
            new["capacity_kt"] = max(0.0, new["capacity_kt"] - kt / _ratio(new, options))
    paid = []
    for line, to in sorted(move.items()):
        stays = to in ("keep", "close")
        decisions.loc[line, ["decision", "site_id"]] = [to, None] if stays else ["move", to]
        if not stays:
            kt, industry = float(decisions.at[line, "capacity_kt"]), str(decisions.at[line, "industry"])
            place = _site_prefecture(to, plan.builds, layers)
            fresh = {"site_id": to, "industry": industry, "prefecture_zh": place, "capacity_kt": 0.0}
            new = builds.setdefault(f"{to}:{industry}", fresh)
            new["capacity_kt"] += kt / _ratio(new, options)
            paid.append({"line_id": line, "build_id": f"{to}:{industry}", "kt": kt})
    left = {id: row for id, row in builds.items() if row["capacity_kt"] > 1e-6}
    made = pd.DataFrame(list(left.values()), index=pd.Index(list(left), dtype=object))
    made = made.reindex(columns=plan.builds.columns).astype({"capacity_kt": float})
    credits = plan.credits[~mine]
    if paid:
        credits = (
            pd.concat([credits, pd.DataFrame(paid)], ignore_index=True)
            if len(credits)
            else pd.DataFrame(paid)
        )
    return decisions, made.rename_axis(plan.builds.index.name), credits


def _ratio(build: Mapping[str, Any], options: PolicyOptions) -> float:
    return versions.ratio(build["industry"], versions.area_class(build["prefecture_zh"], options), options)


def _site_prefecture(site: str, builds: pd.DataFrame, layers: Any) -> str:
    if layers is not None and "sites" in layers and site in layers["sites"].index:
        return str(layers["sites"].at[site, "prefecture_zh"])
    known = builds.loc[builds["site_id"] == site, "prefecture_zh"]
    if known.empty:
        raise LabelError("moves name sites that do not exist", unexpected=[site])
    return str(known.iloc[0])
