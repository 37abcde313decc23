"""Where an industry may go: every candidate site with its verdict, reasons and rank, and any point asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs, policy
from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.policy.options import PolicyOptions
from workbench.region.headroom import INDUSTRIES
from workbench.region.options import ZoneOptions
from workbench.region.why import Places, Why, nearest_feasible, places, reasons_against, why_here
from workbench.siting.haulage import Price
from workbench.siting.hierarchy import LEAVES
from workbench.siting.methods import Method
from workbench.siting.suitability import Suitability, suitability
from workbench.words import words

# Rule of the region room that already says, with its distance, what an item of the policy room says.
_SAID_BY = {"cement.zone": "chengdu_zone", "sensitive": "function_zone"}
# Values of the criteria that are words.
WORDS = words("siting.answers")
NEAREST = 3


@dataclass(frozen=True)
class Where:
    """The answer to where an industry may go, under one reading of zone and policy.

    `sites`: GeoDataFrame of every candidate, index site id, those that may take the industry first and best
    first: names, `verdict` (``free``, ``restricted``, ``excluded``, ``unknown``), `rank` and `score` among
    those that may (NaN for the others), `clause`, `clauses`, `reason_zh`, `reason_en`, `distance_m`,
    `buffer_m`, `missing_m` of the governing reason, `reasons` (how many speak), `nearest_zh`, `nearest_en`
    (where instead), `freight_cny_t`, and what lifts and holds back a ranked site (`lift_zh`, `hold_zh`, ...).
    `reasons`: every reason of every site, columns as in `region.why_not_here` with `site_id` first.
    `suitability`: None where no site may take the industry.
    """

    industry: str
    layers: Layers
    places: Places
    options: PolicyOptions
    zone: ZoneOptions
    sites: gpd.GeoDataFrame
    reasons: pd.DataFrame
    suitability: Suitability | None

    def point(self, lon: float, lat: float) -> Why:
        """Tell why, or why not, at any point (WGS-84 degrees), by nature's rules and the policy's clauses.

        The nearest sites are those that may take the industry by every rule known here.
        """
        found = why_here(self.places, lon, lat, self.industry, count=NEAREST)
        if found.prefecture_zh is None:
            return found
        here = {
            "prefecture_zh": found.prefecture_zh,
            "county_zh": found.county_zh,
            "kind": "land",
            "industries": "",
        }
        land = _plain(self.layers) | {"sites": pd.DataFrame([here], index=["here"])}
        return _with_clauses(found, _clauses(self, "here", land))

    def site(self, site: str) -> Why:
        """Tell why, or why not, at a candidate site. Raises LabelError for an unknown one."""
        if site not in self.sites.index:
            raise LabelError("no such site", unexpected=[site])
        row, place = self.sites.loc[site], self.places.sites.geometry[site]
        reasons = self.reasons[self.reasons["site_id"] == site].drop(columns="site_id")
        nearest = nearest_feasible(self.places, place.x, place.y, self.industry, count=NEAREST + 1)
        nearest = nearest.drop(index=site, errors="ignore").head(NEAREST)
        county = row.get("county_zh")
        return Why(row["verdict"], row["prefecture_zh"], county, reasons.reset_index(drop=True), nearest)


def where(
    layers: Layers,
    industry: str = "cement",
    *,
    zone: ZoneOptions | None = None,
    options: PolicyOptions | None = None,
    price: Price | None = None,
    method: Method = "topsis",
    rank: bool = True,
) -> Where:
    """Judge every candidate site for an industry, rank those that may take it, and keep all reasons.

    A hard rule or a failed clause excludes a site; a soft rule, or a clause that asks for more (such as a
    replacement ratio above 1), restricts it. `price`: see `suitability`. Without `rank` the sites are judged
    only, which takes a third of the time. Raises LabelError for an industry
    outside the policy's four.
    """
    if industry not in INDUSTRIES:
        raise LabelError(f"there are {', '.join(INDUSTRIES)}", unexpected=[industry])
    zone, options = zone or ZoneOptions(), options or PolicyOptions()
    ready = places(layers, industries=(industry,), zone=zone)
    land = reasons_against(ready.known, ready.sites, industry).rename(columns={"id": "site_id"})
    found = ready.verdicts[industry]
    asked = Where(industry, layers, ready, options, zone, ready.sites, land, None)
    plain = _plain(layers)
    clauses = [_clauses(asked, str(site), plain).assign(site_id=site) for site in ready.sites.index]
    reasons = _joined(land, pd.concat(clauses, ignore_index=True))
    hard = set(reasons.loc[reasons["hard"], "site_id"])
    soft = set(reasons.loc[~reasons["advisory"], "site_id"]) - hard
    verdict = found["verdict"].mask(found.index.isin(list(soft)), "restricted")
    verdict = verdict.mask(found.index.isin(list(hard)), "excluded")
    # from here on the nearest feasible sites are those that no clause bars either
    judged = found.assign(verdict=verdict)
    asked = replace(asked, places=replace(ready, verdicts={industry: judged}))
    barred = verdict.index[verdict.eq("excluded")]
    ranked = None
    if rank and len(barred) < len(verdict):
        ranked = suitability(layers, industry, method=method, known=ready.known, price=price, barred=barred)
    return replace(asked, reasons=reasons, suitability=ranked, sites=_table(asked, verdict, reasons, ranked))


def _plain(layers: Layers) -> dict[str, pd.DataFrame]:
    """Return what the clauses read, without shapes: a hundred sites are asked one by one."""
    names = ("sites", "prefectures", "counties", "hydropower")
    return {n: pd.DataFrame(layers[n].drop(columns="geometry")) for n in names if n in layers}


def _clauses(asked: Where, site: str, layers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return policy.why_not(site, asked.industry, layers, options=asked.options, zone=asked.zone.definition)


def _with_clauses(found: Why, clauses: pd.DataFrame) -> Why:
    """Add the policy's clauses to the reasons of the land about one place."""
    here = {"site_id": ""}
    reasons = _joined(found.reasons.assign(**here), clauses.assign(**here)).drop(columns="site_id")
    verdict = found.verdict
    if not reasons["advisory"].all():
        verdict = "excluded" if reasons["hard"].any() else "restricted"
    return replace(found, verdict=verdict, reasons=reasons)


def _joined(land: pd.DataFrame, clauses: pd.DataFrame) -> pd.DataFrame:
    """Join the land's reasons and the policy's clauses, nothing said twice: hard first, advice last."""
    said = set(zip(land["site_id"], land["rule"], strict=True))
    items = zip(clauses["site_id"], clauses["item"], strict=True)
    doubled = [
        any((site, _SAID_BY.get(name)) in said for name in (item, item.rsplit(".", 1)[-1]))
        for site, item in items
    ]
    rows = clauses[~np.array(doubled, dtype=bool)]
    added = pd.DataFrame(
        {
            "site_id": rows["site_id"],
            "rule": rows["item"],
            "clause": rows["clause"],
            "hard": rows["verdict"].eq("fail"),
            "zone_id": "",
            "zone_zh": "",
            **dict.fromkeys(("distance_m", "buffer_m", "missing_m"), np.nan),
            "approximate": False,
            "reason_zh": rows["zh"],
            "reason_en": rows["en"],
            "advisory": False,
        }
    )
    parts = [part for part in (land, added) if len(part)]
    table = pd.concat(parts, ignore_index=True) if parts else land
    table = table.astype({"hard": bool, "approximate": bool, "advisory": bool})
    table = table[["site_id", *table.columns.drop("site_id")]]
    order = {"by": ["site_id", "hard", "advisory"], "ascending": [True, False, True]}
    return table.sort_values(**order, kind="stable", ignore_index=True)


def _table(
    asked: Where, verdict: pd.Series, reasons: pd.DataFrame, ranked: Suitability | None
) -> gpd.GeoDataFrame:
    sites = asked.places.sites
    columns = ["name_zh", "name_en", "prefecture_zh", "county_zh", "kind"]
    frame = sites[[c for c in columns if c in sites] + ["geometry"]].assign(verdict=verdict)
    by_site = reasons.groupby("site_id")
    first = reasons[~reasons["advisory"]].groupby("site_id").first().reindex(frame.index)
    frame["rank"] = np.nan if ranked is None else ranked.ranking.ranks.reindex(frame.index).astype(float)
    frame["score"] = np.nan if ranked is None else ranked.ranking.scores.reindex(frame.index)
    frame["freight_cny_t"] = np.nan if ranked is None else ranked.table["freight"].reindex(frame.index)
    frame["clause"] = first["clause"].fillna("")
    frame["clauses"] = by_site["clause"].agg(_once).reindex(frame.index).fillna("")
    for name, glue in (("reason_zh", "；"), ("reason_en", "; ")):
        frame[name] = by_site[name].agg(glue.join).reindex(frame.index).fillna("")
    for name in ("distance_m", "buffer_m", "missing_m"):
        frame[name] = first[name]
    frame["approximate"] = by_site["approximate"].any().reindex(frame.index, fill_value=False)
    frame["reasons"] = by_site.size().reindex(frame.index, fill_value=0)
    told = _nearest(asked, frame)
    frame["nearest_zh"], frame["nearest_en"] = told["zh"], told["en"]
    for name, text in _told(ranked).items():
        frame[name] = text.reindex(frame.index).fillna("")
    order = frame["verdict"].map({"free": 0, "restricted": 0, "unknown": 1, "excluded": 2})
    return frame.assign(order=order).sort_values(["order", "rank"], kind="stable").drop(columns="order")


def _once(clauses: pd.Series) -> str:
    return " ".join(dict.fromkeys(clauses))


def _nearest(asked: Where, frame: pd.DataFrame) -> pd.DataFrame:
    """Name, for every site that may not take the industry, the nearest that may."""
    may = frame[frame["verdict"].isin(["free", "restricted"])]
    other = frame.index.difference(may.index)
    out = pd.DataFrame("", index=frame.index, columns=["zh", "en"])
    one, two = (
        shapely.get_coordinates(asked.places.sites.geometry[index].values) for index in (other, may.index)
    )
    km = crs.distance_km(one[:, None, 0], one[:, None, 1], two[None, :, 0], two[None, :, 1])
    near = np.argsort(km, axis=1, kind="stable")[:, :NEAREST]
    english = may["name_en"] if "name_en" in may else may["name_zh"]
    for language, names, unit, glue in (("zh", may["name_zh"], "公里", "；"), ("en", english, "km", "; ")):
        told = names.to_numpy(object)
        out.loc[other, language] = [
            glue.join(f"{told[k]} {km[i, k]:.0f} {unit}" for k in near[i]) for i in range(len(other))
        ]
    return out


def _told(ranked: Suitability | None) -> dict[str, pd.Series]:
    """Write what lifts each ranked site above the mean and what holds it back, two criteria each."""
    out: dict[str, dict[str, str]] = {"lift_zh": {}, "lift_en": {}, "hold_zh": {}, "hold_en": {}}
    if ranked is None:
        return {name: pd.Series(dtype=object) for name in out}
    gaps = ranked.contributions - ranked.contributions.mean()
    for site, gap in ((site, row.sort_values(ascending=False)) for site, row in gaps.iterrows()):
        ends = {"lift": gap[gap > 1e-9].index[:2], "hold": gap[gap < -1e-9].index[:-3:-1]}
        for end, names in ends.items():
            for language, place, glue in (("zh", 2, "；"), ("en", 3, "; ")):
                words = (
                    f"{LEAVES[c][place]} {_shown(ranked.table.at[site, c], language == 'en')}" for c in names
                )
                out[f"{end}_{language}"][str(site)] = glue.join(words)
    return {name: pd.Series(texts, dtype=object) for name, texts in out.items()}


def _shown(value: Any, english: bool) -> str:
    if isinstance(value, str):
        return WORDS[value][english]
    return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
