"""Rules on equipment that stays, firms that leave, groups that form, and freight that must not rise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from workbench.policy import consolidation, registry, screening
from workbench.policy.rules_capacity import NAMES, judged, of_number
from workbench.policy.view import Verdict, View
from workbench.remember import keeper
from workbench.words import pair, words

_SAYS = words("policy.rules")
_OBSOLETE, _GROUPS = words("policy.obsolete"), words("policy.groups")
KEPT = {
    "P20": "steel",
    "P7": "cement",
    "P10": "flat_glass",
    "P34": "aluminium",
}


def obsolete_kept(view: View) -> Iterator[Verdict]:
    """Find equipment below the thresholds that the plan keeps; unknown sizes stay unknown.

    A rule with a day of its own (P34) speaks from that day on.
    """
    if view.screened is None:
        return
    kept = view.decisions.index[view.kept]
    due = keeper(view.screened)(
        "pressed", view.options, lambda: screening.pressed(view.screened, view.options)
    )
    main = view.screened["main"].to_numpy(object) == "yes"
    rows = view.screened[main & _in(view.screened, kept) & due.to_numpy()]
    clauses, verdicts = (rows[name].to_numpy(object) for name in ("clause", "verdict"))
    lines, kt = rows["line_id"].to_numpy(object), rows["capacity_kt"].to_numpy(float)
    for clause, industry in KEPT.items():
        if not view.whole(industry):
            continue
        zh, en = _OBSOLETE[industry]
        here = clauses == clause
        hit = here & (verdicts == "fail")
        bad = dict(zip(lines[hit], kt[hit], strict=True))  # a line counts once, whatever rules it breaks
        unsure = sorted(set(lines[here & (verdicts == "unknown")]))
        verdict = "unknown" if not bad and unsure else None
        evidence = bad or unsure
        yield judged(
            clause,
            f"{industry}.obsolete_kept",
            float(np.nansum(list(bad.values()))),
            "kt",
            "<=",
            0.0,
            *pair("policy.rules", "obsolete_kept", name=(zh, en)),
            evidence,
            verdict=verdict,
        )


def _in(screened: pd.DataFrame, lines: pd.Index) -> np.ndarray:
    wanted = set(lines)
    return np.fromiter((line in wanted for line in screened["line_id"].to_numpy(object)), bool, len(screened))


def surcharged(view: View) -> Iterator[Verdict]:
    """Count kept aluminium that pays the ten-percent surcharge; unknown without its AC power use."""
    if view.screened is None or not view.whole("aluminium"):
        return
    kept = view.decisions.index[view.kept]
    power = view.screened["rule"].to_numpy(object) == "aluminium.power"
    rows = view.screened[power & _in(view.screened, kept)]
    bad = rows[rows["verdict"] == "fail"]
    verdict = "unknown" if bad.empty and (rows["verdict"] == "unknown").any() else None
    yield judged(
        "P35",
        "aluminium.surcharged",
        float(bad["capacity_kt"].sum()),
        "kt",
        "<=",
        0.0,
        *_SAYS["surcharged"],
        bad["line_id"] if len(bad) else rows["line_id"],
        verdict=verdict,
    )


def papers(view: View) -> Iterator[Verdict]:
    """Refuse credit to builds paid for by lines without legal papers; unknown without the column."""
    lines = view.table("lines")
    used = pd.Index(view.credits["line_id"].unique())
    if lines is None or "no_formalities" not in lines:
        yield judged(
            "P59",
            "builds_without_papers",
            np.nan,
            "kt",
            "<=",
            0.0,
            *_SAYS["builds_without_papers"],
            (),
        )
        return
    flag = pd.to_numeric(lines["no_formalities"].reindex(used), errors="coerce")
    bad = view.credits[view.credits["line_id"].isin(flag.index[flag == 1])]
    verdict = "unknown" if bad.empty and flag.isna().any() else None
    yield judged(
        "P59",
        "builds_without_papers",
        float(bad["kt"].sum()),
        "kt",
        "<=",
        0.0,
        *_SAYS["builds_without_papers"],
        bad["line_id"],
        verdict=verdict,
    )


def firms_leaving(view: View) -> Iterator[Verdict]:
    """Count steel firms that close for good; the hundred the text means are mostly not located."""
    plants = view.table("plants")
    if plants is None or not view.whole("steel"):
        return
    steel = view.decisions[(view.decisions["industry"] == "steel").to_numpy()]
    owner = consolidation.groups_of(steel["plant_id"], plants)
    left = (steel["decision"] == "close").groupby(owner.to_numpy()).all()
    number = registry.clause("P19").number("firms_leaving")
    count = float(left.sum())
    short = not registry.meets(count, number.sign, number.value)
    verdict = "unknown" if short and view.residual_kt.get("steel", 0.0) > 0 else None
    yield judged(
        "P19",
        "steel.firms_leaving",
        count,
        number.unit,
        number.sign,
        number.value,
        *_SAYS["firms_leaving"],
        left.index[left],
        verdict=verdict,
    )


def concentration(view: View) -> Iterator[Verdict]:
    """Ask that the four largest steel groups hold no smaller a share than before (no figure is set)."""
    plants = view.table("plants")
    if plants is None or not view.whole("steel"):
        return
    before, after = (
        consolidation.group_capacity(view.decisions, kept, plants, "steel")
        for kept in (np.ones(len(view.decisions), bool), view.kept)
    )
    was, now = consolidation.cr(before), consolidation.cr(after)
    yield judged("P15", "steel.cr4", now, "%", ">=", was, *_SAYS["cr4"], after.index[:4])


def cement_groups(view: View) -> Iterator[Verdict]:
    """Count cement groups of 10 Mt and above 5 Mt against 3-5 and 5-7, in the reading chosen."""
    plants = view.table("plants")
    if plants is None or not view.whole("cement"):
        return
    after = consolidation.group_capacity(view.decisions, view.kept | _moved(view), plants, "cement")
    huge, large = consolidation.cement_group_counts(after, view.options)
    for key, count in (("huge", huge), ("large", large)):
        for bound in ("min", "max"):
            number = registry.clause("P21").number(f"{key}_groups_{bound}")
            yield of_number(number, float(count), *_GROUPS[key], after.index[:12])


def _moved(view: View) -> np.ndarray:
    return (view.decisions["decision"] == "move").to_numpy()


def freight(view: View) -> Iterator[Verdict]:
    """Ask that a delivered tonne travels no dearer than before; show what goes by rail or water."""
    if view.flows is None or view.before_flows is None or view.flows.empty or view.before_flows.empty:
        return
    after, before = _freight(view.flows), _freight(view.before_flows)
    for industry in view.industries:
        now, was = after.get(industry, np.nan), before.get(industry, np.nan)
        if not (np.isfinite(now) and np.isfinite(was)):
            continue
        zh, en = NAMES[industry]
        yield judged(
            "P54",
            f"{industry}.freight",
            now,
            "CNY/t",
            "<=",
            was,
            *pair("policy.rules", "freight", name=(zh, en)),
            ("flows", "before.flows"),
        )


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


def workers(view: View) -> Iterator[Verdict]:
    """Count the workers a plan displaces; whether they are placed only the register `placements` can say."""
    if "displaced_jobs" not in view.decisions:
        return
    jobs = view.decisions["displaced_jobs"]
    displaced = float(jobs.sum())
    register = view.table("placements")
    placed = None if register is None else float(register["placed"].sum())
    verdict = "unknown" if placed is None and displaced > 0 else None
    left = displaced if placed is None else displaced - placed
    yield judged(
        "P61",
        "workers_not_placed",
        left,
        "人",
        "<=",
        0.0,
        *_SAYS["workers_not_placed"],
        view.decisions.index[jobs > 0],
        verdict=verdict,
    )


def multimodal_share(flows: pd.DataFrame) -> float:
    """Return the share (%) of tonne-kilometres on rail, inland water or sea."""
    green = sum(
        (flows["kt"] * flows[column].fillna(0)).sum()
        for column in ("km_rail", "km_water", "km_sea")
        if column in flows
    )
    total = green + (flows["kt"] * flows["km_road"].fillna(0)).sum()
    return 100 * float(green / total) if total else float("nan")


def market_split(flows: pd.DataFrame, markets: pd.DataFrame) -> pd.Series:
    """Return the products delivered in the province, elsewhere in China and abroad (kt), by market kind.

    `markets`: index id, column kind (prefecture, outside, export). Flows of raw materials do not count.
    """
    product = flows[flows["commodity"] == flows["industry"]]
    kind = product["destination"].map(markets["kind"]).fillna("unknown")
    return product.groupby(kind.to_numpy())["kt"].sum().rename("kt")


RULES = (obsolete_kept, surcharged, papers, firms_leaving, concentration, cement_groups, freight, workers)
