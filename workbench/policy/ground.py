"""What a ledger is held against: the lines, sites and places that exist, the zone, limits of a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.errors import Fault
from workbench.layers.model import Layers
from workbench.policy import rules_place, screening
from workbench.policy.options import PolicyOptions
from workbench.units import T_PER_KT


@dataclass(frozen=True)
class Ground:
    """The baseline as an entry is judged by it.

    `lines`: id -> industry, prefecture, tonnes; `sites`: id -> prefecture, county, industries (``;``).
    """

    lines: Mapping[str, tuple[str, str, int]]
    overdue: frozenset[str]
    sites: Mapping[str, tuple[str, str, str]]  # prefecture, county, industries joined by ;
    prefectures: frozenset[str]
    zone: frozenset[str]
    sensitive: frozenset[str]
    prefecture_new_t: Mapping[str, float]  # by industry, what one prefecture may take anew

    def register(self, data: Mapping[str, Any]) -> Iterator[Fault]:
        """Hold the credits of a line against the line."""
        yield from self._place("prefecture_zh", data["prefecture_zh"])
        known = self.lines.get(data["line_id"])
        if known is None:
            yield no(
                "line_id",
                data["line_id"],
                "a line of the baseline",
                "Look it up with `workbench policy screen --all`.",
            )
            return
        industry, place, tonnes = known
        if data["industry"] != industry:
            yield no("industry", data["industry"], f"{industry}, as the tables have the line")
        if data["prefecture_zh"] != place:
            yield no("prefecture_zh", data["prefecture_zh"], f"{place}, where the line stands")
        if data["t"] > tonnes:
            yield no("t", f"{data['t']} t", f"at most the {tonnes} t the line has")
        if data["overdue"] != (data["line_id"] in self.overdue):
            yield no("overdue", data["overdue"], "what the screening says of the line on the day")

    def draft(self, data: Mapping[str, Any], standing_t: float) -> Iterator[Fault]:
        """Hold a replacement plan against its site, the zone and what its prefecture may take."""
        yield from self._place("prefecture_zh", data["prefecture_zh"])
        site = self.sites.get(data["site_id"])
        if site is None:
            yield no("site_id", data["site_id"], "a site of the baseline")
        else:
            place, county, industries = site
            if place != data["prefecture_zh"]:
                yield no("site_id", f"{data['site_id']} in {place}", f"a site in {data['prefecture_zh']}")
            if industries and data["industry"] not in industries.split(";"):
                yield no("industry", data["industry"], f"one the site takes: {industries}")
            if county in self.sensitive:
                mend = "Choose another site (clause P48)."
                yield no("site_id", f"{data['site_id']} in {county}", "no key ecological county", mend)
        if data["industry"] == "cement" and data["prefecture_zh"] in self.zone:
            mend = "Choose a place outside the zone (clause P24)."
            yield no("prefecture_zh", data["prefecture_zh"], "no new cement in the Chengdu zone", mend)
        most = self.prefecture_new_t.get(data["industry"], float("inf"))
        if standing_t + data["new_t"] > most:
            found = f"{standing_t + data['new_t']:,.0f} t new in {data['prefecture_zh']}"
            yield no("new_t", found, f"at most {most:,.0f} t (clause P46)")

    def deal(self, *names: tuple[str, str]) -> Iterator[Fault]:
        """Hold the two sides of a trade or an agreement against the prefectures that exist."""
        for field, name in names:
            yield from self._place(field, name)

    def _place(self, field: str, name: str) -> Iterator[Fault]:
        if name not in self.prefectures:
            yield no(field, name, "a prefecture of the province")


def no(name: str, found: object, expected: str, mend: str = "Correct it and record again.") -> Fault:
    """Return a refusal as a fault of the ledger."""
    return Fault("ledger", None, name, str(found), expected, mend)


def ground_of(layers: Layers, options: PolicyOptions | None = None, zone: str = "eight") -> Ground:
    """Return what a ledger is held against, from the baseline: lines in it, sites, prefectures, counties."""
    chosen = options or PolicyOptions()
    lines = layers["lines"]
    lines = lines[lines["in_baseline"].astype(bool)] if "in_baseline" in lines else lines
    kt = pd.to_numeric(lines["capacity_kt"], errors="coerce").fillna(0.0)
    sites, prefectures = layers["sites"], layers["prefectures"]
    column = "in_chengdu_5" if zone == "five" else "in_chengdu_8"
    inside = prefectures.loc[prefectures[column].astype(bool), "prefecture_zh"]
    screened = screening.screen(layers, options=chosen)
    day = pd.Timestamp(f"{chosen.year}-12-31").date()
    limits = {
        industry: T_PER_KT * layers.assumptions[f"{industry}.prefecture_new_kt"]
        for industry in ("steel", "cement", "flat_glass", "aluminium")
        if f"{industry}.prefecture_new_kt" in layers.assumptions
    }
    return Ground(
        lines={
            str(id): (str(i), str(p), round(T_PER_KT * float(t)))
            for id, i, p, t in zip(lines.index, lines["industry"], lines["prefecture_zh"], kt, strict=True)
        },
        overdue=screening.due_lines(screened, day),
        sites={
            str(id): (str(p), str(c), str(i or ""))
            for id, p, c, i in zip(
                sites.index, sites["prefecture_zh"], sites["county_zh"], sites["industries"], strict=True
            )
        },
        prefectures=frozenset(prefectures["prefecture_zh"].astype(str)),
        zone=frozenset(inside.astype(str)),
        sensitive=rules_place.sensitive_counties(layers["counties"]) if "counties" in layers else frozenset(),
        prefecture_new_t=limits,
    )
