"""Who may build where: access conditions, lines to announce as compliant, and why a site is barred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.policy import rules_place, screening, versions
from workbench.policy.items import Verdict, as_frame, verdict_of
from workbench.policy.options import PolicyOptions
from workbench.words import Text, named, pair, words

_SAYS = words("policy.access")
NAMES = words("policy.industries")


def entry(industry: str, units: Mapping[str, float], *, obsolete_origin: bool = False) -> pd.DataFrame:
    """Judge a new or transferred line by the access conditions (clauses P31, P37, P47).

    `units`: size by unit or attribute, such as ``{"kiln": 4500}`` (t/d) or ``{"cell": 400, "ac_kwh_t":
    13000}``; a size that is not given is unknown. `obsolete_origin`: the equipment itself comes from an
    obsolete line, which is never allowed. Rows as `check` gives them.
    """
    rules = screening.thresholds("new")
    rules = rules[rules["industry"] == industry]
    # A steel or cement project has furnaces or mills, not each: what it does not name it does not build.
    partial = industry in ("steel", "cement") and bool(set(rules["subject"]) & set(units))
    found = []
    for name, rule in rules.iterrows():
        size = float(units.get(rule["subject"], np.nan))
        if partial and np.isnan(size):
            continue
        refused = bool(screening.COMPARE[rule["sign"]](size, rule["limit"]))
        verdict = "unknown" if np.isnan(size) else "fail" if refused else "pass"
        sign = {"<": ">=", ">": "<="}[rule["sign"]]
        found.append(verdict_of(
            rule["clause"], str(name), size, rule["unit"], sign, rule["limit"], (rule["zh"], rule["en"]),
            ((rule["source"], rule["source"]),), verdict=verdict,
        ))  # fmt: skip
    moved = 1.0 if obsolete_origin else 0.0
    found.append(verdict_of("P47", "obsolete_origin", moved, "1", "<=", 0.0, _SAYS["obsolete_origin"]))
    return as_frame(found)


def compliant_lines(screened: pd.DataFrame) -> pd.DataFrame:
    """Return the lines that may be announced as compliant: every main rule asked and passed (clause P37).

    Lines with an unknown answer are not announced. Index line_id; columns industry, prefecture_zh and
    capacity_kt.
    """
    main = screened[screened["main"] == "yes"]
    doubtful = set(main.loc[main["verdict"] != "pass", "line_id"])
    rows = main[~main["line_id"].isin(doubtful)].drop_duplicates("line_id").set_index("line_id")
    return rows[["industry", "prefecture_zh", "capacity_kt"]]


def why_not(
    site: str,
    industry: str,
    layers: Layers,
    *,
    options: PolicyOptions | None = None,
    zone: str = "eight",
    processing: bool = False,
    exclusions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Name the clauses that bar an industry from a site; no row means nothing in the policy does.

    `layers`: sites, prefectures, counties and for aluminium hydropower. `processing`: only further processing
    (glass, aluminium), which Chengdu may host. `exclusions`: rows of `region.site_exclusions`, to be named
    beside the clauses; their margin is the distance missing, in metres. Rows as `check` gives them, each a
    fail, or unknown where a layer is missing. Raises LabelError for an unknown site.
    """
    if site not in layers["sites"].index:
        raise LabelError("no such site", unexpected=[site])
    row = layers["sites"].loc[site]
    at = (named(str(row.get("name_zh") or site)),)
    found = [v for v in _barriers(row, at, industry, layers, zone, processing) if v.verdict != "pass"]
    rate = versions.ratio(industry, versions.area_class(row["prefecture_zh"], options), options)
    if rate > 1:
        found.append(verdict_of(
            "P22", f"{industry}.ratio", 1.0, "1", ">=", rate, _SAYS["ratio"], at, verdict="unknown",
        ))  # fmt: skip
    if exclusions is not None:
        mine = exclusions[(exclusions["site_id"] == site) & exclusions["excluded"].astype(bool)]
        mine = mine[mine["industry"].isin([industry, "*", ""])]
        for hit in mine.to_dict("records"):
            far, need = float(hit["distance_m"]), float(hit["buffer_m"])
            found.append(verdict_of(
                str(hit["clause"]), str(hit["rule"]), far, "m", ">", need,
                pair("policy.access", "too_near", place=hit["zone_zh"]), at, verdict="fail",
            ))  # fmt: skip
    return as_frame(sorted(found, key=lambda v: (int(v.clause[1:]), v.item)))


def _barriers(
    row: Any, at: tuple[Text, ...], industry: str, layers: Layers, zone: str, processing: bool
) -> Iterator[Verdict]:
    """Yield one verdict per question the policy asks of an industry at a site."""
    here, county = row["prefecture_zh"], row["county_zh"]

    def asked(clause: str, item: str, hit: bool | None, says: Text) -> Verdict:
        amount = np.nan if hit is None else float(hit)
        return verdict_of(clause, f"{industry}.{item}", amount, "1", "<=", 0.0, says, at)

    if industry == "cement":
        column = "in_chengdu_5" if zone == "five" else "in_chengdu_8"
        inside = layers["prefectures"].set_index("prefecture_zh")[column].astype(bool).get(here, False)
        yield asked("P24", "zone", bool(inside), pair("policy.access", "zone", place=here))
    if industry == "flat_glass" and here in set(rules_place.places("glass_processing")["prefecture_zh"]):
        yield asked("P30", "primary", not processing, _SAYS["primary"])
    eco = county in rules_place.sensitive_counties(layers["counties"]) if "counties" in layers else None
    yield asked("P48", "sensitive", eco, pair("policy.access", "sensitive", place=county))
    if industry == "steel":
        inside = row["kind"] in ("park", "expansion")
        yield asked("P16", "park", not inside, _SAYS["park"])
    if industry in rules_place.ENERGY_INTENSIVE and not processing:
        away = _without_hydropower(layers, here)
        yield asked("P49", "power", away, pair("policy.access", "power", place=here))
    listed = [code for code in str(row["industries"]).split(";") if code]
    if listed:
        clause = "P16" if industry == "steel" else "P46"
        says = pair("policy.access", "site_industries", name=NAMES[industry])
        yield asked(clause, "site_industries", industry not in listed, says)


def _without_hydropower(layers: Layers, prefecture_zh: str) -> bool | None:
    """Tell whether a prefecture has no plant that feeds the local grid; None where no plants are known."""
    if "hydropower" not in layers:
        return None
    plants = layers["hydropower"]
    local = plants[(plants["market"] == "local") & (plants["prefecture_zh"] == prefecture_zh)]
    return not float(local["mw_2014"].sum()) > 0
