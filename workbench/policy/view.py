"""What the rules read of a plan: its frames as sums and sets, each made once, when the first rule asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from workbench.layers.model import Layers
from workbench.policy import registry, screening
from workbench.policy.items import listed, says, tonnes
from workbench.policy.options import PolicyOptions
from workbench.remember import keeper, of_these
from workbench.words import Text, named

INDUSTRIES = ("steel", "cement", "flat_glass", "aluminium")


class Paid(NamedTuple):
    """One credit: closed tonnes of a line that pay for a build, and what both are."""

    line: str
    build: str
    kt: float
    industry: str
    home: str
    buys: str
    there: str


class Built(NamedTuple):
    """New capacity at a site."""

    id: str
    industry: str
    prefecture: str
    site: str
    kt: float


class Judged(Protocol):
    """What every plan has that the policy judges; `view_of` names what else is read where it is there."""

    @property
    def decisions(self) -> pd.DataFrame: ...
    @property
    def builds(self) -> pd.DataFrame: ...
    @property
    def credits(self) -> pd.DataFrame: ...


class Grounded(Judged, Protocol):
    """A plan that knows the layers it stands on."""

    @property
    def layers(self) -> Layers: ...


def by(rows: Iterable[Any], name: str) -> dict[str, float]:
    """Sum the tonnes of credits or builds by one of their fields."""
    found: dict[str, float] = {}
    for row in rows:
        key = getattr(row, name)
        found[key] = found.get(key, 0.0) + row.kt
    return found


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
    layers: Layers | None = None
    flows: pd.DataFrame | None = None
    before_flows: pd.DataFrame | None = None
    unmet: pd.DataFrame | None = None
    unlocated: pd.DataFrame | None = None
    limits: pd.DataFrame | None = None
    facilities: pd.DataFrame | None = None
    before_facilities: pd.DataFrame | None = None
    joined: pd.DataFrame | None = None
    retired_by_year: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    on: date | None = None
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """Return what several items share, worked out when the first asks."""
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]

    @cached_property
    def paid(self) -> tuple[Paid, ...]:
        """The credits with what they join; empty text where the plan knows no such line or build."""
        line, build = _where(self.decisions), _where(self.builds)
        names = (self.credits[name].to_numpy(object) for name in ("line_id", "build_id", "kt"))
        nowhere = ("", "", 0.0)
        return tuple(
            Paid(str(i), str(b), float(kt), *line.get(i, nowhere)[:2], *build.get(b, nowhere)[:2])
            for i, b, kt in zip(*names, strict=True)
        )

    @cached_property
    def new(self) -> tuple[Built, ...]:
        """What the plan builds, one record each."""
        names = ("industry", "prefecture_zh", "site_id", "capacity_kt")
        columns = (self.builds[name].to_numpy(object) for name in names)
        return tuple(
            Built(str(id), str(i), str(p), str(s), float(kt))
            for id, i, p, s, kt in zip(self.builds.index, *columns, strict=True)
        )

    def new_of(self, industry: str) -> list[Built]:
        """What the plan builds of one industry."""
        return [build for build in self.new if build.industry == industry]

    @property
    def day(self) -> date:
        """The day the plan describes."""
        return self.on or registry.plan_day(self.options)

    @cached_property
    def kept(self) -> np.ndarray:
        return self.decisions["decision"].to_numpy(object) == "keep"

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
    def residual_kt(self) -> Mapping[str, float]:
        """Unlocated capacity left by industry: counted in the province's sums, never moved."""
        if self.unlocated is not None:
            return total_by(self.unlocated.index.get_level_values("industry"), self.unlocated["capacity_kt"])
        frame = self.table("residual")
        return {} if frame is None else self._sum(frame)

    @cached_property
    def retired_kt(self) -> Mapping[str, float]:
        """Unlocated capacity the plan closes, by industry."""
        if self.unlocated is None:
            return {}
        return total_by(self.unlocated.index.get_level_values("industry"), self.unlocated["retired_kt"])

    @cached_property
    def shaft_kt(self) -> float | None:
        """Unlocated cement capacity left that is no dry kiln; None or NaN where the plan does not say."""
        if self.unlocated is None:
            return None
        mine = self.unlocated.index.get_level_values("industry") == "cement"
        return float(self.unlocated["obsolete_kt"].to_numpy(float)[mine].sum())

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
        if self.table("lines") is None:
            return None
        return screening.screen_once(self.baseline, options=self.options)

    @cached_property
    def obsolete(self) -> frozenset[str]:
        if self.screened is None:
            return frozenset()
        rows = self.screened
        return of_these("obsolete", (rows,), lambda: screening.obsolete_lines(rows))  # type: ignore[no-any-return]

    @cached_property
    def overdue(self) -> frozenset[str]:
        """Obsolete lines whose last day lies in or before the plan's year."""
        if self.screened is None:
            return frozenset()
        rows, day = self.screened, self.day
        return keeper(rows)("due", day, lambda: screening.due_lines(rows, day))  # type: ignore[no-any-return]

    @cached_property
    def obsolete_lines_kt(self) -> tuple[Mapping[str, float], Mapping[str, float]]:
        """Obsolete tonnes by line, and tonnes of lines whose screening is unanswered."""
        kt = self.kt_of
        if self.screened is None:
            return {}, dict(kt)
        rows = self.screened
        old, unsure = of_these("obsolete share", (rows,), lambda: screening.obsolete_share(rows))
        return (
            {line: share * kt[line] for line, share in old.items() if line in kt},
            {line: share * kt[line] for line, share in unsure.items() if line in kt},
        )

    @cached_property
    def line_names(self) -> Mapping[str, str]:
        """Line id by the name a planner writes; an id names itself."""
        lines = self.table("lines")
        found: dict[str, str] = {}
        if lines is not None and "name_zh" in lines:
            found = {str(name): str(id) for id, name in lines["name_zh"].items()}
        return found | {str(id): str(id) for id in self.decisions.index}

    def line_ids(self, names: Iterable[object]) -> list[str]:
        """Return the ids of lines a register names by name or id; an unknown name stays as it is."""
        return [self.line_names.get(str(name).strip(), str(name).strip()) for name in names]

    def told(self, ids: Iterable[object], kt: Mapping[Any, float] | None = None) -> tuple[Text, ...]:
        """Name lines, builds or places with their tonnes, for evidence: at most six, then how many more."""
        unique = dict.fromkeys(ids)
        return listed([self._named(id, None if kt is None else kt.get(id)) for id in unique])

    def _named(self, id: Any, kt: float | None) -> Text:
        name, place, own = self.known_by_id.get(str(id), (str(id), "", None))
        told = named(name)
        if place:
            told = says("at", name=told, place=named(place))
        kt = own if kt is None else kt
        return told if kt is None else tonnes("named_kt", told, kt)

    @cached_property
    def kt_of(self) -> Mapping[str, float]:
        """Capacity of each line."""
        return dict(zip(self.decisions.index, self.decisions["capacity_kt"].to_numpy(float), strict=True))

    @cached_property
    def gone_kt(self) -> Mapping[str, float]:
        """Capacity of each line that leaves."""
        kt = self.decisions["capacity_kt"].to_numpy(float)[~self.kept]
        return dict(zip(self.decisions.index[~self.kept], kt, strict=True))

    @cached_property
    def known_by_id(self) -> Mapping[str, tuple[str, str, float | None]]:
        """Name, prefecture and capacity of every line and build, by id."""
        lines, sites = self.table("lines"), self.table("sites")
        names = {} if lines is None or "name_zh" not in lines else lines["name_zh"].to_dict()
        places = {} if sites is None or "name_zh" not in sites else sites["name_zh"].to_dict()
        own = self.decisions["name_zh"].to_dict() if "name_zh" in self.decisions else {}
        d, b = self.decisions, self.builds
        found: dict[str, tuple[str, str, float | None]] = {
            str(id): (str(names.get(id) or own.get(id) or id), str(place), float(kt))
            for id, place, kt in zip(d.index, d["prefecture_zh"], d["capacity_kt"], strict=True)
        }
        rows = zip(b.index, b["site_id"], b["prefecture_zh"], b["capacity_kt"], strict=True)
        for id, site, place, kt in rows:
            found[str(id)] = (str(places.get(site) or site), str(place), float(kt))
        return found

    def process_of(self, lines: pd.Index) -> np.ndarray:
        """Return the process of lines in the closed vocabulary; empty where unknown."""
        table = self.table("lines")
        names = table["process"].reindex(lines) if table is not None else pd.Series("", lines)
        industry = self.decisions["industry"].reindex(lines)
        pairs = zip(names, industry, strict=True)
        return np.array([screening.known_process(*pair) for pair in pairs], dtype=object)

    def limit_rows(self, row: str, industry: str = "") -> list[dict[str, Any]]:
        """Return what the scenario's limits say of one row (and industry or pollutant); empty without."""
        rows = self.limits_by.get(row, [])
        return [each for each in rows if each["industry"] == industry] if industry else rows

    @cached_property
    def limits_by(self) -> Mapping[str, list[dict[str, Any]]]:
        """The scenario's limits by their row."""
        found: dict[str, list[dict[str, Any]]] = {}
        if self.limits is not None:
            for row in records(self.limits):
                found.setdefault(str(row["row"]), []).append(row)
        return found

    def register(self, name: str) -> pd.DataFrame | None:
        """Return a register the planner imported; None where none came, or it holds no row."""
        frame = self.table(name)
        return None if frame is None or frame.empty else pd.DataFrame(frame)

    @property
    def baseline(self) -> Layers:
        """The layers, for a rule that was handed one of them. Raises ValueError where the plan has none."""
        if self.layers is None:
            raise ValueError("the plan carries no layers")
        return self.layers

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
        return total_by(frame["industry"], frame["capacity_kt"])


def _where(frame: pd.DataFrame) -> dict[Any, tuple[str, str, float]]:
    columns = (frame[name].to_numpy(object) for name in ("industry", "prefecture_zh", "capacity_kt"))
    return dict(zip(frame.index, zip(*columns, strict=True), strict=True))


def total_by(names: Iterable[Any], kt: Iterable[Any]) -> dict[str, float]:
    """Sum by name; a number that is missing counts nothing, as in a sum of pandas."""
    found: dict[str, float] = {}
    for name, value in zip(names, kt, strict=True):
        found[str(name)] = found.get(str(name), 0.0) + (0.0 if value != value else float(value))
    return found


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a small frame as one mapping per row, ten times as fast as pandas does."""
    names = list(frame.columns)
    rows = zip(*(frame[name].to_numpy(object) for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def view_of(plan: Judged) -> View:
    """Return what the rules read of a plan.

    `plan` is anything with the frames `decisions`, `builds` and `credits`; `scenario`, `layers`, `flows`,
    `unmet`, `unlocated`, `limits` and `before` are read where present.
    """
    chosen = getattr(plan, "scenario", None)
    zone = getattr(chosen, "zone", None)
    # an optimum is compared with an optimum: the year that existed sent its goods worse
    before = getattr(plan, "kept", None) or getattr(plan, "before", None)
    stages = getattr(plan, "stages", None) or {}
    return View(
        decisions=_dated(plan.decisions, stages),
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
        facilities=getattr(plan, "facilities", None),
        before_facilities=getattr(before, "facilities", None),
        joined=getattr(plan, "joined", None),
        retired_by_year={
            year: total_by(s.unlocated.index.get_level_values("industry"), s.unlocated["retired_kt"])
            for year, s in stages.items()
        },
        on=getattr(plan, "day", None),
    )


def _dated(decisions: pd.DataFrame, stages: Mapping[int, Any]) -> pd.DataFrame:
    """Give each line that leaves the last day of the year it leaves in, where the plan has several years."""
    if not stages or "closed_on" in decisions:
        return decisions
    day = pd.Series(pd.NaT, decisions.index, dtype="datetime64[ns]")
    for year in sorted(stages, reverse=True):
        gone = stages[year].decisions["decision"].reindex(decisions.index) != "keep"
        day[gone.to_numpy(bool)] = pd.Timestamp(year, 12, 31)
    return decisions.assign(closed_on=day)
