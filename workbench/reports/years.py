"""The years of a plan in tables and words: what happens when, what is spent once, by whom, what pays back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.labels import both, label
from workbench.relocation.outlay import TREASURY, outlays, payback
from workbench.relocation.plan import Plan
from workbench.words import lowered, pair, words

Sentence = tuple[str, str]
_NONE = words("reports.sentences")["none"]
ITEMS = words("reports.items")


def year_table(plan: Plan) -> pd.DataFrame:
    """Return one row per industry and year.

    industry, year; the three books of the year (obsolete_kt, replaced_kt, net_kt); eliminated_kt so far and
    due_kt, the task by the year's end; started_kt, what begins to stand; standing_kt and cap_kt; unmet_kt;
    once_mcny, spent once in the year; closes and starts, the ids.
    """
    books, spent = plan.books_by_year, outlays(plan).groupby(["industry", "year"])["mcny"].sum()
    rows, earlier = [], None
    for year, state in plan.states.items():
        limit = state.limits.set_index(["row", "industry"])
        for industry in sorted(plan.scenario.industries):
            rows.append(
                {
                    "industry": industry, "year": year, **books.loc[(industry, year)],
                    "eliminated_kt": limit["amount"].get(("quota", industry), np.nan),
                    "due_kt": limit["low"].get(("quota", industry), np.nan),
                    "standing_kt": limit["amount"].get(("cap", industry), np.nan),
                    "cap_kt": limit["high"].get(("cap", industry), np.nan),
                    "unmet_kt": state.unmet.loc[state.unmet["industry"] == industry, "kt"].sum(),
                    "once_mcny": spent.get((industry, year), 0.0),
                    **_news(state, earlier, industry),
                }
            )  # fmt: skip
        earlier = state
    columns = ["started_kt", "standing_kt", "cap_kt", "unmet_kt", "once_mcny", "closes", "starts"]
    first = ["industry", "year", "obsolete_kt", "replaced_kt", "net_kt", "eliminated_kt", "due_kt"]
    return pd.DataFrame(rows)[[*first, *columns]].sort_values(["industry", "year"], ignore_index=True)


def _news(state: Plan, earlier: Plan | None, industry: str) -> dict[str, object]:
    """What closes and what begins to stand in a year."""
    gone, size = state.decisions["decision"] != "keep", state.builds["capacity_kt"]
    more = size[state.builds["industry"] == industry]
    if earlier is not None:
        gone &= earlier.decisions["decision"] == "keep"
        more = more - earlier.builds["capacity_kt"].reindex(more.index).fillna(0.0)
    gone &= state.decisions["industry"] == industry
    more = more[more > 1e-3]
    return {
        "started_kt": more.sum(),
        "closes": ", ".join(gone.index[gone]),
        "starts": ", ".join(more.index),
    }


def outlay_table(plan: Plan) -> pd.DataFrame:
    """Return what is spent once, with items and payers in words: year, industry, item, payer, mcny."""
    table = outlays(plan)
    named = {TREASURY, "small_works", "unknown_owner"}
    return table.assign(
        industry=[both(code) for code in table["industry"]],
        item=[" ".join(ITEMS[name]) for name in table["item"]],
        payer=[" ".join(ITEMS[name]) if name in named else name for name in table["payer"]],
    )


def payback_table(plan: Plan) -> pd.DataFrame:
    """Return what each industry spends once, saves a year and how long that takes to pay back."""
    return payback(plan).reset_index()


def sheets(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the tables of the workbook by sheet title."""
    return {
        "分年 Years": year_table(plan),
        "一次性资金 Money once": outlay_table(plan),
        "回收期 Payback": payback_table(plan),
    }


def parts(plan: Plan) -> list[tuple[str, pd.DataFrame]]:
    """Return the tables of the work plan with their headings, in Chinese."""
    return [
        (title, table.round(1).rename(columns=label))
        for title, table in (
            ("分年安排", year_table(plan).assign(industry=lambda t: [label(i) for i in t["industry"]])),
            ("一次性资金来源", _by_payer(plan)),
            ("投资回收期", payback_table(plan).assign(industry=lambda t: [label(i) for i in t["industry"]])),
        )
    ]


def _by_payer(plan: Plan) -> pd.DataFrame:
    """Return one row per payer and item, one column per year."""
    table = outlays(plan)
    named = {TREASURY, "small_works", "unknown_owner"}
    table = table.assign(
        payer=[ITEMS[name][0] if name in named else name for name in table["payer"]],
        item=[ITEMS[name][0] for name in table["item"]],
    )
    wide = table.pivot_table(index=["payer", "item"], columns="year", values="mcny", aggfunc="sum")
    return wide.fillna(0.0).rename(columns=str).reset_index()


def sentences(plan: Plan) -> list[Sentence]:
    """Say what is spent once, by whom, and what it pays back; of several years what happens in each."""
    found = [_year(plan, year) for year in plan.stages]
    table = outlays(plan)
    if table.empty:
        return found
    total, treasury = table["mcny"].sum(), table.loc[table["payer"] == TREASURY, "mcny"].sum()
    found.append(pair("reports.years", "once", total=total, owners=total - treasury, treasury=treasury))
    for industry, row in payback(plan).iterrows():
        name = lowered((label(str(industry)), label(str(industry), "en")))
        if row["once_mcny"] > 0:
            key = "pays" if np.isfinite(row["payback_years"]) else "never"
            values = {"once": row["once_mcny"], "saving": row["saving_mcny"], "years": row["payback_years"]}
            found.append(pair("reports.years", key, industry=name, **values))
    return found


def _year(plan: Plan, year: int) -> Sentence:
    rows = year_table(plan)
    rows = rows[rows["year"] == year]
    closes, starts = (
        ", ".join(text for text in rows[name] if text) or _NONE for name in ("closes", "starts")
    )
    kt = {name: rows[f"{name}_kt"].sum() for name in ("obsolete", "replaced", "net", "unmet")}
    return pair(
        "reports.years", "year", year=year, closes=closes, starts=starts, once=rows["once_mcny"].sum(), **kt
    )
