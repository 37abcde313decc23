"""Rules on place: the Chengdu zone, sensitive counties, power-rich prefectures, towns, remote areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from workbench.policy import registry
from workbench.policy.items import UNKNOWN, Answer, Item, listed, says
from workbench.policy.view import Built, View, by
from workbench.remember import of_these
from workbench.words import named, words

# The opinion's own day: counties listed as key ecological zones only later do not bind in a 2014 run.
LISTED_BY = date(2014, 2, 22).year
ENERGY_INTENSIVE = ("aluminium",)


def places(kind: str) -> pd.DataFrame:
    """Return the places a clause names, by kind: minority, rebuild_lushan, rebuild_flood, glass_processing.

    Columns prefecture_zh, county_zh (empty: the whole prefecture), clause, source, confidence.
    """
    frame = registry.table("places")
    return frame[frame["kind"] == kind].drop(columns="kind").reset_index(drop=True)


@lru_cache(maxsize=8)
def _prefectures(kind: str) -> frozenset[str]:
    return frozenset(places(kind)["prefecture_zh"])


def _amount(view: View, rows: Iterable[Built]) -> Answer:
    kt = {build.id: build.kt for build in rows}
    return Answer(sum(kt.values()), evidence=view.told(kt))


def zone_new(view: View, item: Item) -> Answer:
    """Refuse new cement in the Chengdu zone."""
    return _amount(view, [b for b in view.new_of("cement") if b.prefecture in view.zone_prefectures])


def zone_growth(view: View, item: Item) -> Answer | None:
    """Refuse any growth of the zone's cement capacity; count what leaves."""
    if not view.whole("cement"):
        return None
    d = view.decisions
    rows = zip(d.index, d["industry"].to_numpy(object), d["prefecture_zh"].to_numpy(object), strict=True)
    inside = [id for id, industry, place in rows if industry == "cement" and place in view.zone_prefectures]
    gone = {id: view.gone_kt[id] for id in inside if id in view.gone_kt}
    return Answer(zone_new(view, item).amount - sum(gone.values()), evidence=view.told(gone))


def zone_asked(view: View, item: Item) -> Answer | None:
    """Ask that what is asked leaves the zone."""
    rows = view.limit_rows("zone")
    return Answer(rows[0]["amount"], limit=rows[0]["low"]) if rows else None


def zone_unasked(view: View, item: Item) -> Answer | None:
    """Ask that no more leaves the zone than the unit that completes what is asked."""
    rows = view.limit_rows("zone")
    return Answer(rows[0]["amount"], limit=rows[0]["high"]) if rows else None


def county_of(view: View) -> Mapping[str, str] | None:
    """Return the county of each site; None where no sites are known."""
    sites = view.table("sites")
    if sites is None or "county_zh" not in sites:
        return None
    known = of_these("county of site", (sites,), lambda: sites["county_zh"].to_dict())
    return known  # type: ignore[no-any-return]


def sensitive_counties(counties: pd.DataFrame, year: int = LISTED_BY) -> frozenset[str]:
    """Return the counties listed as key ecological function zones up to a year (function-zone plan)."""
    since = pd.to_numeric(counties["eco_function_since"], errors="coerce").to_numpy(float)
    level = counties["eco_function_level"].to_numpy(object)
    listed = np.isin(level.astype(str), ("national", "provincial")) & ~(since > year)
    return frozenset(counties["county_zh"].to_numpy(object)[listed])


def _sensitive(counties: pd.DataFrame) -> frozenset[str]:
    """Return the sensitive counties of a baseline, worked out once."""
    known = of_these("sensitive", (counties,), lambda: sensitive_counties(counties))
    return known  # type: ignore[no-any-return]


_RESOURCES = words("policy.resources")
# classes of the functional-zone plan, as the table of counties writes them
_FORBIDDEN, _FARMING = "禁止", "农产品"


def _of_class(counties: pd.DataFrame, name: str) -> frozenset[str]:
    """Return the counties whose class in the functional-zone plan holds a word."""
    if "function_class" not in counties:
        return frozenset()
    rows = zip(counties["county_zh"], counties["function_class"].fillna(""), strict=True)
    return frozenset(county for county, text in rows if name in str(text))


def function_zone(view: View, item: Item) -> Answer | None:
    """Refuse new cement where the functional-zone plan forbids or restricts it.

    Key ecological and forbidden counties fail; farming counties where the planner reads their restriction as
    a bar (a switch).
    """
    counties, where = view.table("counties"), county_of(view)
    if counties is None or where is None or not view.whole("cement"):
        return None
    held = _sensitive(counties) | of_these("forbidden", (counties,), lambda: _of_class(counties, _FORBIDDEN))
    if view.options.farming_counties == "barred":
        held |= _of_class(counties, _FARMING)
    return _amount(view, [b for b in view.new_of("cement") if where.get(b.site) in held])


def sensitive_new(view: View, item: Item) -> Answer:
    """Refuse new capacity in key ecological counties."""
    counties, where = view.table("counties"), county_of(view)
    if counties is None or where is None:
        return UNKNOWN if len(view.builds) else Answer(0.0)
    held = _sensitive(counties)
    return _amount(view, [b for b in view.new if where.get(b.site) in held])


def sensitive_inflow(view: View, item: Item) -> Answer | None:
    """Refuse a net flow of capacity into key ecological counties."""
    counties, lines = view.table("counties"), view.table("lines")
    if counties is None or lines is None or view.table("sites") is None:
        return None
    held = _sensitive(counties)
    inside = of_these("lines by county", (lines,), lambda: lines["county_zh"].to_dict())
    gone = {id: kt for id, kt in view.gone_kt.items() if inside.get(id) in held}
    return Answer(sensitive_new(view, item).amount - sum(gone.values()), evidence=view.told(gone))


def headroom(view: View, item: Item) -> Answer | None:
    """Ask that capacity flows to spare environmental headroom, pollutant by pollutant (t a year)."""
    rows = view.limit_rows("headroom", item.key)
    if not rows:
        return None
    over = {str(row["place"]): float(row["over"]) for row in rows if row["over"] > 0}
    told = listed([says("named_t", name=named(place), t=t) for place, t in over.items()])
    return Answer(sum(over.values()), evidence=told)


def prefecture_new(view: View, item: Item) -> Answer | None:
    """Ask that new capacity stays within what each prefecture can take."""
    rows = view.limit_rows("prefecture_new", item.industry)
    if not rows:
        return None
    kt = {str(row["place"]): float(row["over"]) for row in rows if row["over"] > 0}
    return Answer(sum(kt.values()), evidence=view.told(kt, kt))


def resource_budgets(view: View, item: Item) -> Answer | None:
    """Ask that works take no more of coal, power, water and energy than their prefectures may give."""
    rows = view.limit_rows("resources")
    if not rows:
        return None
    over = [row for row in rows if row["over"] > 0]
    told = [
        says(
            "resource",
            name=named(str(r["place"])),
            resource=_RESOURCES[str(r["industry"])],
            amount=r["over"],
            unit=r["unit"],
        )
        for r in over
    ]
    return Answer(float(len(over)), evidence=listed(told))


def traded_beyond(view: View, item: Item) -> Answer | None:
    """Bound credits of other prefectures by what the place can carry: its headroom and its limit on new."""
    rows = [*view.limit_rows("headroom"), *view.limit_rows("prefecture_new")]
    if not rows:
        return None
    full = {row["place"] for row in rows if row["over"] > 0}
    kt = by((c for c in view.paid if c.there in full and c.home != c.there), "there")
    return Answer(sum(kt.values()), evidence=view.told(kt, kt))


def away_from_power(view: View, item: Item) -> Answer | None:
    """Ask that new energy-intensive capacity stands in prefectures with hydropower for the local grid."""
    builds, plants = view.new_of(item.industry), view.table("hydropower")
    if not view.whole(item.industry) and not builds:
        return None
    if plants is None:
        return UNKNOWN if builds else Answer(0.0)
    rich = of_these("power-rich", (plants,), lambda: _power_rich(plants))
    return _amount(view, [build for build in builds if build.prefecture not in rich])


def _power_rich(plants: pd.DataFrame) -> frozenset[str]:
    local = plants.loc[plants["market"] == "local"].groupby("prefecture_zh")["mw_2014"].sum()
    return frozenset(local.index[local > 0])


def urban_kept(view: View, item: Item) -> Answer | None:
    """Ask urban steel works to leave; a works nobody placed in or out of a town may be either."""
    if not view.whole("steel"):
        return None
    if view.screened is None:
        return UNKNOWN
    stay = set(view.decisions.index[view.kept & (view.decisions["industry"] == "steel").to_numpy()])
    rule = view.screened[(view.screened["rule"] == "urban.steel") & view.screened["line_id"].isin(stay)]
    hit, open_ = (rule[rule["verdict"] == verdict] for verdict in ("fail", "unknown"))
    sure, unsure = float(hit["capacity_kt"].sum()), float(open_["capacity_kt"].sum())
    return Answer(sure, sure + unsure, evidence=view.told(hit["line_id"] if len(hit) else open_["line_id"]))


def outside_parks(view: View, item: Item) -> Answer | None:
    """Ask steel that moves to arrive in a park, or within standing works."""
    sites, builds = view.table("sites"), view.new_of("steel")
    if sites is None or (not builds and not view.whole("steel")):
        return None
    # what is added within the fence of standing works opens no new ground outside a park
    kind = sites["kind"].to_dict() if builds else {}
    return _amount(view, [b for b in builds if kind.get(b.site) not in ("park", "expansion")])


def glass_at_base(view: View, item: Item) -> Answer | None:
    """Keep primary glass out of the places the text names as bases of further processing."""
    builds = view.new_of("flat_glass")
    if not view.whole("flat_glass") and not builds:
        return None
    bases = _prefectures("glass_processing")
    return _amount(view, [build for build in builds if build.prefecture in bases])


def _unmet(view: View, names: frozenset[str]) -> Answer | None:
    if view.unmet is None or not view.whole("cement"):
        return None
    if view.unmet.empty:
        return Answer(0.0)
    market, markets = view.unmet["market"], view.table("markets")
    if markets is not None:
        market = market.map(markets["prefecture_zh"]).fillna(market)
    short = view.unmet[(market.isin(names) & (view.unmet["industry"] == "cement")).to_numpy()]
    kt = short.groupby(market.reindex(short.index))["kt"].sum().to_dict()
    return Answer(float(short["kt"].sum()), evidence=view.told(kt, kt))


def minority_unmet(view: View, item: Item) -> Answer | None:
    """Ask that minority areas, whole prefectures and counties alike, go without no cement under the plan.

    Demand is known by prefecture: what a prefecture lacks its minority counties may lack.
    """
    return _unmet(view, _prefectures("minority"))


def rebuild_unmet(view: View, item: Item) -> Answer | None:
    """Ask that the prefectures rebuilding after Lushan and the flood of 9 July lack no cement."""
    return _unmet(view, _prefectures("rebuild_lushan") | _prefectures("rebuild_flood"))


RULES = {
    "zone_new": zone_new, "zone_growth": zone_growth, "zone_asked": zone_asked, "zone_unasked": zone_unasked,
    "function_zone": function_zone, "sensitive_new": sensitive_new, "sensitive_inflow": sensitive_inflow,
    "headroom": headroom, "prefecture_new": prefecture_new, "resource_budgets": resource_budgets,
    "traded_beyond": traded_beyond,
    "away_from_power": away_from_power, "urban_kept": urban_kept, "outside_parks": outside_parks,
    "glass_at_base": glass_at_base, "minority_unmet": minority_unmet, "rebuild_unmet": rebuild_unmet,
}  # fmt: skip
