"""A plan in sentences, Chinese and English: what is asked, leaves, is saved, and is not yet known."""

from __future__ import annotations

import numpy as np

from workbench.labels import label
from workbench.relocation.doubt import Doubt
from workbench.relocation.plan import Plan
from workbench.words import pair, words

_DOUBT = words("reports.doubt")

Sentence = tuple[str, str]


def sentences(plan: Plan) -> list[Sentence]:
    """Return what a reader must know before the tables, one sentence each."""
    return [*_asked(plan), *_closed(plan), *_saving(plan), *_over(plan)]


def _names(plan: Plan, lines: list[str]) -> Sentence:
    """Name some lines, by name and id in Chinese and by id in English."""
    named = [f"{plan.decisions.at[line, 'name_zh']} {line}" for line in lines[:6]]
    more = "…" if len(lines) > 6 else ""
    return "、".join(named) + more, ", ".join(lines[:6]) + more


def _asked(plan: Plan) -> list[Sentence]:
    rows = plan.limits[plan.limits["row"] == "zone"]
    if rows.empty:
        return []
    row, surplus = rows.iloc[0], plan.problem.surplus.loc["cement"]
    lines = plan.decisions.query("decision != 'keep' and in_zone and industry == 'cement'")
    kt = float(lines["capacity_kt"].sum())
    use = float(surplus["normal_utilisation"])
    before, after = float(surplus["surplus_kt"]), float(surplus["surplus_kt"] - row["amount"] * use)
    names = _names(plan, sorted(lines.index)) if len(lines) else words("reports.sentences")["none"]
    values = {"asked": row["low"], "leave": row["amount"], "lines": kt, "small": row["amount"] - kt}
    return [pair("reports.sentences", "asked", **values, names=names, before=before, after=after)]


def _closed(plan: Plan) -> list[Sentence]:
    """The three books: obsolete closed, replaced elsewhere, net reduction."""
    found = []
    for industry in sorted(plan.scenario.industries):
        books = plan.books.loc[industry]
        if books.sum() > 0:
            old, moved, net = (f"{books[name]:,.0f}" for name in ("obsolete_kt", "replaced_kt", "net_kt"))
            named = (label(industry), label(industry, "en").lower())
            values = {"industry": named, "old": old, "moved": moved, "net": net}
            found.append(pair("reports.sentences", "books", **values))
    return found


def _saving(plan: Plan) -> list[Sentence]:
    if not np.isfinite(plan.reference_mcny):
        return []
    saved, doubt = plan.reference_mcny - plan.objective_mcny, plan.objective_mcny - plan.bound_mcny
    still = plan.kept or plan.before
    if still is None:
        return [pair("reports.sentences", "saved", saved=saved, doubt=doubt)]
    kept = still.objective_mcny - plan.objective_mcny
    return [pair("reports.sentences", "saved_and_kept", saved=saved, doubt=doubt, kept=kept)]


def _over(plan: Plan) -> list[Sentence]:
    rows = plan.limits[(plan.limits["over"] > 0) & (plan.limits["stance"] != "binding")]
    if rows.empty:
        return []
    told = "、".join(
        f"{r['place']} {str(r['industry']).upper()} {r['over']:,.0f} {r['unit']} ({r['clause']})"
        for r in rows.sort_values("over", ascending=False).head(6).to_dict("records")
    )
    return [pair("reports.sentences", "over", told=told)]


def not_yet_known() -> Sentence:
    """Say what a plan alone does not tell."""
    return pair("reports.sentences", "unknown")


def doubts(plan: Plan, doubt: Doubt) -> list[Sentence]:
    """Return how sure each leaving unit is, and what more would pay."""
    found = []
    for line, row in doubt.units.iterrows():
        name, price = f"{plan.decisions.at[line, 'name_zh']} {line}", row["price_mcny"]
        told = _DOUBT["no_plan"] if np.isnan(price) else f"{price:,.1f}"
        others = f" {row['instead'].replace(';', ', ')}" if row["instead"] else ""
        values = {"line": (name, str(line)), "status": _DOUBT[row["status"]], "others": others}
        found.append(pair("reports.doubt", "unit", **values, price=told))
    more = "、".join(
        f"+{row.more_kt:,.0f} → {row.leaves_kt:,.0f} ({row.saved_mcny:+,.0f})"
        for row in doubt.frontier.itertuples()
    )
    if more:
        found.append(pair("reports.doubt", "more", more=more))
    return found
