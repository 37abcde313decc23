"""Rules on equipment that stays, firms that leave, groups that form, freight and energy not to rise."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.policy import closing, consolidation, screening
from workbench.policy.items import UNKNOWN, Answer, Item, says, tonnes
from workbench.policy.rules_replacement import crossing
from workbench.policy.view import View, by
from workbench.remember import of_these
from workbench.units import PERCENT


def obsolete_kept(view: View, item: Item) -> Answer | None:
    """Find equipment below the thresholds that the plan keeps; unknown sizes may be below too.

    A rule with a day of its own (P34) speaks from that day on; what closed later was kept past it. Small
    units beside large ones count with their own share of the line.
    """
    if view.screened is None or not view.whole(item.industry):
        return None
    rows = view.screened
    due = screening.pressed(rows, view.options).to_numpy()
    if view.on is not None:
        due = due | (pd.to_datetime(rows["due"], errors="coerce") <= pd.Timestamp(view.on)).to_numpy()
    mine = (rows["main"] == "yes").to_numpy() & (rows["clause"] == item.clause).to_numpy() & due
    rows = rows[mine]
    late = closing.closed_after(view, _last_day(rows)) if view.on is not None else frozenset()
    rows = rows[_kept(view, rows) | rows["line_id"].isin(late).to_numpy()]
    if rows["verdict"].eq("pass").all():
        return Answer(0.0)
    old = rows[rows["verdict"] == "fail"].groupby("line_id")["obsolete_kt"].max()
    open_ = rows[rows["verdict"] == "unknown"].groupby("line_id")["capacity_kt"].first()
    open_ = open_[~open_.index.isin(old.index)]
    kt = old if len(old) else open_
    return Answer(
        float(old.sum()), float(old.sum() + open_.sum()), evidence=view.told(kt.index, kt.to_dict())
    )


def _last_day(rows: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """Return the first day by which each line's equipment had to go."""
    return pd.to_datetime(rows["due"], errors="coerce").groupby(rows["line_id"]).min().dropna().to_dict()


def _kept(view: View, rows: pd.DataFrame) -> np.ndarray:
    stay = set(view.decisions.index[view.kept])
    return np.fromiter((line in stay for line in rows["line_id"].to_numpy(object)), bool, len(rows))


def papers(view: View, item: Item) -> Answer | None:
    """Refuse credit to builds paid for by lines without legal papers; unstated papers may be missing."""
    lines = view.table("lines")
    if view.credits.empty:
        return Answer(0.0)
    paid = pd.Series(by(view.paid, "line"))
    if lines is None or "no_formalities" not in lines:
        return Answer(0.0, float(paid.sum()), evidence=view.told(paid.index, paid.to_dict()))
    flag = pd.to_numeric(lines["no_formalities"].reindex(paid.index), errors="coerce")
    bad, open_ = paid[flag == 1], paid[flag.isna()]
    named = bad if len(bad) else open_
    return Answer(
        float(bad.sum()), float(bad.sum() + open_.sum()), evidence=view.told(named.index, named.to_dict())
    )


def firms_leaving(view: View, item: Item) -> Answer | None:
    """Count steel firms that close for good and those table 1 lists; most of the hundred are not located."""
    plants = view.table("plants")
    if plants is None or not view.whole("steel"):
        return None
    steel = view.decisions[(view.decisions["industry"] == "steel").to_numpy()]
    owner = consolidation.groups_of(steel["plant_id"], plants)
    left = (steel["decision"] == "close").groupby(owner.to_numpy()).all()
    names = set(left.index[left.to_numpy(bool)])
    listed = view.register("elimination_2014")
    if listed is not None:
        names |= set(listed.loc[listed["industry"] == "steel", "firm_zh"])
        return Answer(float(len(names)), evidence=view.told(sorted(names)))
    more = math.inf if view.residual_kt.get("steel", 0.0) > 0 else float(len(names))
    return Answer(float(len(names)), more, evidence=view.told(sorted(names)))


def cr4(view: View, item: Item) -> Answer | None:
    """Ask that the four largest groups of an industry hold no smaller a share than before, mergers done."""
    plants = view.table("plants")
    if plants is None or not view.whole(item.industry):
        return None
    everything = np.ones(len(view.decisions), bool)
    before = consolidation.group_capacity(view.decisions, everything, plants, item.industry)
    after = consolidation.group_capacity(view.decisions, _stay(view), plants, item.industry)
    after = _joined(view, after, item.industry)
    return Answer(
        consolidation.cr(after),
        limit=consolidation.cr(before),
        evidence=view.told(after.index[:4], after.to_dict()),
    )


def concentrates(view: View, item: Item) -> Answer | None:
    """Ask that replacing capacity leads it to the larger firms, and tell what crosses prefectures.

    Crossing itself is a support without a figure; where it leads is what the clause asks: what leaves small
    works may not leave the industry more scattered than it was.
    """
    found = cr4(view, item)
    mine = [credit for credit in crossing(view) if credit.industry == item.industry]
    if found is None or not mine:
        return found
    told = tonnes("named_kt", says("crossing"), sum(credit.kt for credit in mine))
    return replace(found, evidence=(told, *found.evidence))


def _stay(view: View) -> np.ndarray:
    """Mark lines whose owner keeps their capacity, here or elsewhere."""
    return view.kept | (view.decisions["decision"] == "move").to_numpy()


def _joined(view: View, capacity: pd.Series, industry: str) -> pd.Series:
    """Return capacity by group once the mergers on the register and those of the plan (cement) are done."""
    filed, planned, head = view.register("mergers"), view.joined, {}
    if planned is not None and industry == "cement":
        head = dict(zip(planned["firm"], planned["head"], strict=True))
    if filed is not None:
        mine = filed[filed["industry"] == industry]
        head |= dict(zip(mine["firm_zh"], mine["group_zh"], strict=True))
    if not head:
        return capacity
    names = [head.get(name, name) for name in capacity.index]
    return capacity.groupby(names).sum().sort_values(ascending=False, kind="stable")


def groups(view: View, item: Item) -> Answer | None:
    """Count cement groups of 10 Mt and above 5 Mt, in the reading chosen, with the mergers filed."""
    plants = view.table("plants")
    if plants is None or not view.whole("cement"):
        return None
    after = view.once("cement_groups", lambda: _cement_groups(view, plants))
    huge, large = consolidation.cement_group_counts(after, view.options)
    count = huge if item.key.startswith("huge") else large
    return Answer(float(count), evidence=view.told(after.index[:6], after.to_dict()))


def _cement_groups(view: View, plants: pd.DataFrame) -> pd.Series:
    owned = consolidation.group_capacity(view.decisions, _stay(view), plants, "cement")
    return _joined(view, owned, "cement")


def unified_groups(view: View, item: Item) -> Answer | None:
    """Count the groups that small and medium steel firms formed, as the register of mergers has them."""
    filed = view.register("mergers")
    if filed is None:
        return UNKNOWN
    mine = filed[(filed["industry"] == "steel") & (filed["done"].map(lambda d: _by(d, view)))]
    size = mine.groupby("group_zh")["firm_zh"].nunique()
    size = size[size > 1]
    return Answer(float(len(size)), evidence=view.told(size.index))


def _by(day: object, view: View) -> bool:
    return not pd.isna(day) and pd.Timestamp(day) <= pd.Timestamp(view.day)  # type: ignore[call-overload, arg-type]


def freight(view: View, item: Item) -> Answer | None:
    """Ask that a delivered tonne travels no dearer than before."""
    if not view.whole(item.industry):
        return None
    return _not_worse(view, lambda flows: _freight(flows).get(item.industry, math.nan))


def multimodal(view: View, item: Item) -> Answer | None:
    """Ask that rail and water carry no smaller a share of the tonne-kilometres than before."""
    return _not_worse(view, multimodal_share)


def _not_worse(view: View, measure: Callable[[pd.DataFrame], float]) -> Answer | None:
    if view.flows is None or view.before_flows is None or view.flows.empty or view.before_flows.empty:
        return None
    now, was = measure(view.flows), measure(view.before_flows)
    if not (math.isfinite(now) and math.isfinite(was)):
        return None
    return Answer(now, limit=was, evidence=(says("today", value=was),))


def _freight(flows: pd.DataFrame) -> dict[str, float]:
    """Return the mean freight of a delivered tonne by industry (CNY/t)."""
    industry = flows["industry"].to_numpy(object)
    product = industry == flows["commodity"].to_numpy(object)
    kt, cost = flows["kt"].to_numpy(float), flows["cost_cny_t"].to_numpy(float)
    found = {}
    for name in sorted(set(industry[product])):
        mine = product & (industry == name)
        total = kt[mine].sum()
        found[str(name)] = float((kt[mine] * cost[mine]).sum() / total) if total else float("nan")
    return found


def multimodal_share(flows: pd.DataFrame) -> float:
    """Return the share (%) of tonne-kilometres on rail, inland water or sea."""
    kt = flows["kt"].to_numpy(float)
    km = {
        name: float((kt * flows[name].fillna(0).to_numpy(float)).sum())
        for name in ("km_road", "km_rail", "km_water", "km_sea")
        if name in flows
    }
    total = sum(km.values())
    return PERCENT * (total - km.get("km_road", 0.0)) / total if total else float("nan")


def exports(view: View, item: Item) -> Answer | None:
    """Ask that no fewer products go abroad than before."""
    markets = view.table("markets")
    if markets is None:
        return None
    return _not_worse(view, lambda flows: float(market_split(flows, markets).get("export", 0.0)))


def market_split(flows: pd.DataFrame, markets: pd.DataFrame) -> pd.Series:
    """Return the products delivered in the province, elsewhere in China and abroad (kt), by market kind.

    `markets`: index id, column kind (prefecture, outside, export). Flows of raw materials do not count.
    """
    kinds = of_these("kind of market", (markets,), lambda: markets["kind"].to_dict())
    product = flows["commodity"].to_numpy(object) == flows["industry"].to_numpy(object)
    found: dict[str, float] = {}
    names, kt = flows["destination"].to_numpy(object)[product], flows["kt"].to_numpy(float)[product]
    for name, value in zip(names, kt, strict=True):
        kind = str(kinds.get(name, "unknown"))
        found[kind] = found.get(kind, 0.0) + value
    return pd.Series(found, name="kt", dtype=float).sort_index()


def unit_power(view: View, item: Item) -> Answer | None:
    """Ask that a tonne takes no more power than before, weighted by what each works makes."""
    if not view.whole(item.industry) or view.facilities is None or view.before_facilities is None:
        return None
    now, was = (_power(frame, item.industry) for frame in (view.facilities, view.before_facilities))
    if not (math.isfinite(now) and math.isfinite(was)):
        return None
    return Answer(now, limit=was, evidence=(says("today", value=was),))


def _power(facilities: pd.DataFrame, industry: str) -> float:
    mine = facilities[(facilities["industry"] == industry).to_numpy()]
    kt = mine["production_kt"].to_numpy(float)
    total = kt.sum()
    return float((kt * mine["power_kwh_t"].to_numpy(float)).sum() / total) if total else math.nan


def workers(view: View, item: Item) -> Answer | None:
    """Count displaced workers still to be placed: whole people, in whole numbers; placed by the register."""
    if "displaced_jobs" not in view.decisions:
        return None
    jobs = view.decisions["displaced_jobs"]
    displaced = float(math.ceil(round(float(jobs.sum()), 6)))
    placed = view.register("placements")
    left = displaced if placed is None else max(0.0, displaced - float(placed["placed"].sum()))
    told = (says("workers", count=displaced), *view.told(jobs.index[jobs > 0])[:5])
    return Answer(0.0 if placed is None else left, left, evidence=told)


RULES = {
    "obsolete_kept": obsolete_kept, "papers": papers, "firms_leaving": firms_leaving, "cr4": cr4,
    "concentrates": concentrates, "groups": groups, "unified_groups": unified_groups, "freight": freight,
    "multimodal": multimodal, "exports": exports, "unit_power": unit_power, "workers": workers,
}  # fmt: skip
