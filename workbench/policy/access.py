"""Who may build where: access conditions, lines to announce as compliant, and why a site is barred."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.policy import rules_place, screening, versions
from workbench.policy.options import PolicyOptions
from workbench.policy.rules_capacity import NAMES, judged
from workbench.policy.verdicts import as_frame
from workbench.policy.view import Verdict


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
        evidence = (f"thresholds/{name}",)
        found.append(
            judged(
                rule["clause"],
                str(name),
                size,
                rule["unit"],
                sign,
                rule["limit"],
                rule["zh"],
                rule["en"],
                evidence,
                verdict=verdict,
            )
        )
    moved = 1.0 if obsolete_origin else 0.0
    found.append(
        judged("P47", "obsolete_origin", moved, "1", "<=", 0.0, "落后装备转移", "Obsolete equipment moved")
    )
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
    layers: Any,
    *,
    options: PolicyOptions | None = None,
    zone: str = "eight",
    processing: bool = False,
    exclusions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Name the clauses that bar an industry from a site; no row means nothing in the policy does.

    `layers`: sites, prefectures, counties and for aluminium hydropower. `processing`: only further processing
    (glass, aluminium), which Chengdu may host. `exclusions`: rows of the region room (site_id, industry,
    excluded, rule, zone_id, distance_m) to be named beside the clauses. Rows as `check` gives them, each a
    fail, or unknown where a layer is missing. Raises LabelError for an unknown site.
    """
    if site not in layers["sites"].index:
        raise LabelError("no such site", unexpected=[site])
    row = layers["sites"].loc[site]
    found = [v for v in _barriers(row, site, industry, layers, zone, processing) if v.verdict != "pass"]
    rate = versions.ratio(industry, versions.area_class(row["prefecture_zh"], options), options)
    if rate > 1:
        found.append(
            judged(
                "P22",
                f"{industry}.ratio",
                1.0,
                "1",
                ">=",
                rate,
                "须减量置换",
                "Reduced replacement needed",
                (site,),
                verdict="unknown",
            )
        )
    if exclusions is not None:
        mine = exclusions[(exclusions["site_id"] == site) & exclusions["excluded"].astype(bool)]
        mine = mine[mine["industry"].isin([industry, "*", ""])]
        for hit in mine.to_dict("records"):
            far = float(hit.get("distance_m") or 0.0)
            rows = (f"ecology/{hit['zone_id']}",)
            found.append(
                judged(
                    "P48",
                    str(hit["rule"]),
                    far,
                    "m",
                    ">",
                    0.0,
                    "生态保护排除",
                    "Ecological exclusion",
                    rows,
                    verdict="fail",
                )
            )
    return as_frame(sorted(found, key=lambda v: (int(v.clause[1:]), v.item)))


def _barriers(row: Any, site: str, industry: str, layers: Any, zone: str, processing: bool) -> list[Verdict]:
    zh, en = NAMES[industry]
    here, county = row["prefecture_zh"], row["county_zh"]
    found = []

    def barred(
        clause: str, item: str, hit: bool | None, title_zh: str, title_en: str, rows: tuple[str, ...]
    ) -> None:
        amount = np.nan if hit is None else float(hit)
        found.append(judged(clause, item, amount, "1", "<=", 0.0, title_zh, title_en, rows))

    column = "in_chengdu_5" if zone == "five" else "in_chengdu_8"
    inside = layers["prefectures"].set_index("prefecture_zh")[column].astype(bool)
    if industry == "cement":
        barred(
            "P24",
            "cement.zone",
            bool(inside.get(here, False)),
            f"位于成都经济区（{here}）",
            f"Inside the Chengdu economic zone ({here})",
            (f"sites/{site}",),
        )
    if industry == "flat_glass" and here in set(rules_place.places("glass_processing")["prefecture_zh"]):
        barred(
            "P30",
            "flat_glass.primary",
            not processing,
            "成都为玻璃深加工基地，不宜原片",
            "Chengdu is a base for processing, not for primary float",
            (f"sites/{site}",),
        )
    eco = None
    if "counties" in layers:
        eco = county in rules_place.sensitive_counties(layers["counties"])
    barred(
        "P48",
        f"{industry}.sensitive",
        eco,
        f"{county}为重点生态功能区",
        f"{county} is a key ecological county",
        (f"counties/{county}",),
    )
    if industry == "steel":
        barred(
            "P16",
            "steel.park",
            row["kind"] != "park",
            "钢铁须进园区",
            "Steel must go to a park",
            (f"sites/{site}",),
        )
    if industry in rules_place.ENERGY_INTENSIVE and not processing:
        poor = None
        if "hydropower" in layers:
            plants = layers["hydropower"]
            local = plants[(plants["market"] == "local") & (plants["prefecture_zh"] == here)]
            poor = not float(local["mw_2014"].sum()) > 0
        barred(
            "P49",
            f"{industry}.power",
            poor,
            f"{here}无本地水电",
            f"No local hydropower in {here}",
            ("hydropower",),
        )
    listed = [code for code in str(row["industries"]).split(";") if code]
    if listed:
        barred(
            "P16" if industry == "steel" else "P46",
            f"{industry}.site_industries",
            industry not in listed,
            f"该承接地未列{zh}",
            f"The site does not list {en}",
            (f"sites/{site}.industries",),
        )
    return found
