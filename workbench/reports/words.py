"""A plan in sentences, Chinese and English: what is asked, leaves, is saved, and is not yet known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.labels import label
from workbench.relocation.accounts import zone_balance_kt
from workbench.relocation.doubt import Doubt
from workbench.relocation.flips import SAME_MCNY, Flips
from workbench.relocation.plan import Plan
from workbench.reports import units, years
from workbench.words import pair, words

_DOUBT = words("reports.doubt")

Sentence = tuple[str, str]


def sentences(plan: Plan) -> list[Sentence]:
    """Return what a reader must know before the tables, one sentence each."""
    found = [*_asked(plan), *_closed(plan), *_saving(plan), *units.sentences(plan)]
    return [*found, *years.sentences(plan), *_over(plan)]


def _names(plan: Plan, lines: list[str]) -> Sentence:
    """Name some lines, by name and id in Chinese and by id in English."""
    named = [f"{plan.decisions.at[line, 'name_zh']} {line}" for line in lines[:6]]
    more = "…" if len(lines) > 6 else ""
    return "、".join(named) + more, ", ".join(lines[:6]) + more


def _asked(plan: Plan) -> list[Sentence]:
    rows = plan.limits[plan.limits["row"] == "zone"]
    if rows.empty:
        return []
    row = rows.iloc[0]
    lines = plan.decisions.query("decision != 'keep' and in_zone and industry == 'cement'")
    kt = float(lines["capacity_kt"].sum())
    names = _names(plan, sorted(lines.index)) if len(lines) else words("reports.sentences")["none"]
    values = {"asked": row["low"], "leave": row["amount"], "lines": kt, "small": row["amount"] - kt}
    balance = zone_balance_kt(plan)
    told = {
        f"{reading}_{when}": balance.at[reading, f"{when}_kt"]
        for reading in balance.index
        for when in ("before", "after")
    }
    return [
        pair("reports.sentences", "asked", **values, names=names),
        pair("reports.sentences", "balance", **told),
    ]


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
    places = "、".join(
        f"{r['place']} {str(r['industry']).upper()} {r['over']:,.0f} {r['unit']} ({r['clause']})"
        for r in rows.sort_values("over", ascending=False).head(6).to_dict("records")
    )
    return [pair("reports.sentences", "over", told=places)]


def told(plan: Plan, doubt: Doubt | None = None) -> list[Sentence]:
    """Return all that is said of a plan, the same in console, workbook and work plan."""
    return [*sentences(plan), *([not_yet_known()] if doubt is None else doubts(plan, doubt))]


def not_yet_known() -> Sentence:
    """Say what a plan alone does not tell."""
    return pair("reports.sentences", "unknown")


def doubts(plan: Plan, doubt: Doubt) -> list[Sentence]:
    """Return how sure each leaving unit is, who of the others may leave, and what more would pay."""
    leaving = doubt.units[doubt.units["leaves"]]
    said = [_unit(plan, str(line), row) for line, row in leaving.iterrows()]
    said += _staying(plan, doubt.units[~doubt.units["leaves"]])
    more = "、".join(
        f"+{row.more_kt:,.0f} → {row.leaves_kt:,.0f} ({row.saved_mcny:+,.0f})"
        for row in doubt.frontier.itertuples()
    )
    said += [pair("reports.doubt", "more", more=more)] if more else []
    return said if doubt.flips is None else [*said, *_flips(doubt.flips)]


def _flips(flips: Flips) -> list[Sentence]:
    """Say which assumptions flip the plan, and what is left of it with all against it."""
    table, tried = flips.flipping, flips.sides["assumption"].nunique()
    told = "、".join(
        f"{row.assumption} = {row.value:g}"
        + (f" ({row.worth_mcny:+,.0f})" if row.status == "flips" else f" ({_DOUBT['unlawful'][0]})")
        for row in table.itertuples()
    )
    key = "flips" if told else "no_flip"
    said = [
        pair("reports.doubt", key, told=told, same=SAME_MCNY, tried=tried, idle=len(flips.left_out("idle")))
    ]
    if untried := flips.left_out("untried"):
        said.append(pair("reports.doubt", "untried", count=len(untried)))
    against = flips.against
    if against["status"] in ("holds", "flips"):
        values = {"count": against["assumptions"], "saved": against["saved_mcny"], "same": SAME_MCNY}
        return [*said, pair("reports.doubt", f"against_{against['status']}", **values)]
    return [*said, pair("reports.doubt", "against_other", count=against["assumptions"])]


def flips_table(flips: Flips) -> pd.DataFrame:
    """Return what each assumption does to the plan at either end, in words; those that flip it first.

    Last those that have no end to try, each with the reason.
    """
    rank = flips.sides["status"].map({"unlawful": 0, "flips": 1, "open": 2}).fillna(3)
    table = flips.sides.assign(rank=rank)
    table = table.sort_values(["rank", "assumption", "end"], kind="stable").drop(columns="rank")
    for name in ("status", "end"):
        table[name] = [" ".join(_DOUBT[f"side_{text}"]) for text in table[name]]
    why = [" ".join(_DOUBT[f"side_{text}"]) for text in flips.omitted]
    text = {
        "assumption": flips.omitted.index.astype(str),
        "end": "",
        "status": why,
        "leaves": "",
        "stays": "",
    }
    rest = pd.DataFrame(text).reindex(columns=table.columns)
    table = pd.concat([part for part in (table, rest) if len(part)] or [table], ignore_index=True)
    return table.rename(columns={"status": "plan_then", "leaves": "leaves_then", "stays": "stays_then"})


def _unit(plan: Plan, line: str, row: pd.Series) -> Sentence:
    name, status = (f"{plan.decisions.at[line, 'name_zh']} {line}", line), row["status"]
    if status == "open":
        return pair("reports.doubt", "unsettled", line=name)
    if status == "certain":
        key = "sure" if np.isfinite(row["proven_mcny"]) else "no_plan"
        return pair("reports.doubt", key, line=name, proven=f"{row['proven_mcny']:,.1f}")
    others = f" {row['instead'].replace(';', ', ')}" if row["instead"] else ""
    values = {"status": _DOUBT[status], "others": others, "price": f"{row['price_mcny']:,.1f}"}
    return pair("reports.doubt", "unit", line=name, **values)


def _staying(plan: Plan, units: pd.DataFrame) -> list[Sentence]:
    if (units["status"] == "open").any():
        return []
    loose = sorted(units.index[units["status"] != "certain"])
    if not loose:
        return [pair("reports.doubt", "all_stay", same=SAME_MCNY)] if len(units) else []
    return [pair("reports.doubt", "stay", lines=_names(plan, loose), same=SAME_MCNY)]


def certainty_table(plan: Plan, doubt: Doubt) -> pd.DataFrame:
    """Return how sure every unit is, those that leave first and then those that could.

    Columns line, name_zh, certainty in words, what its other fate costs (other_mcny; at least: proven_mcny),
    instead.
    """
    units = doubt.units.assign(loose=doubt.units["status"] != "certain")
    units = units.sort_values(["leaves", "loose"], ascending=False, kind="stable")
    fate = np.where(units["leaves"], "leaves", "stays")
    return pd.DataFrame(
        {
            "line": units.index,
            "name_zh": plan.decisions["name_zh"].reindex(units.index).to_numpy(),
            "certainty": [
                " ".join(_DOUBT[f"{side}_{status}"])
                for side, status in zip(fate, units["status"], strict=True)
            ],
            "other_mcny": units["price_mcny"].to_numpy(float),
            "proven_mcny": units["proven_mcny"].replace(np.inf, np.nan).to_numpy(float),
            "instead": [ids.replace(";", "、") for ids in units["instead"]],
        }
    )
