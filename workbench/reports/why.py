"""Why a line leaves or stays, what else is as good, which clauses clash: in words of both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.indicators.explain import Explanation
from workbench.labels import both, label
from workbench.layers.model import Layers
from workbench.policy.registry import clause
from workbench.relocation.near import Near
from workbench.relocation.why import Why
from workbench.reports.swap import all_or_nothing
from workbench.reports.workbook import write_workbook
from workbench.words import Text, pair, words

if TYPE_CHECKING:
    from workbench.relocation.plan import Plan

_TEXT = words("reports.why")
PRICED = 1.0  # yuan: a rule worth less does not bind


def _name(layers: Layers, table: str, key: str) -> Text:
    """Name a line or a site: by name and id in Chinese, by id in English."""
    frame = layers[table]
    if not key:
        return ("", "")
    known = frame.at[key, "name_zh"] if key in frame.index else ""
    return f"{known} {key}".strip(), key


def _fate(layers: Layers, fate: str, site: str) -> Text:
    zh, en = _TEXT[fate]
    to = _name(layers, "sites", site)
    return (f"{zh} {to[0]}".strip(), f"{en} {to[1]}".strip())


def why_sentences(why: Why, layers: Layers) -> list[Text]:
    """Say what becomes of the line, and of each other fate what it costs and what would have to change."""
    line = _name(layers, "lines", why.line)
    said = [pair("reports.why", "is", line=line, fate=_fate(layers, why.fate, why.site_id))]
    for row in why.others.to_dict("records"):
        fate = _fate(layers, str(row["fate"]), str(row["site_id"]))
        if row["status"] == "unlawful":
            said.append(pair("reports.why", "unlawful", fate=fate, clauses=row["clauses"] or "—"))
        elif row["status"] == "open":
            said.append(pair("reports.why", "open", fate=fate))
        else:
            said.append(_possible(why, row, fate))
    if why.dearer:
        said.append(pair("reports.why", "dearer", count=len(why.dearer)))
    return said


def _possible(why: Why, row: Mapping[str, object], fate: Text) -> Text:
    key = " ".join(filter(None, (str(row["fate"]), str(row["site_id"]))))
    parts = why.parts[key].sort_values(key=np.abs, ascending=False)
    told = [(name, value) for name, value in parts.head(3).items() if abs(value) >= 0.05]
    most = _both([[f"{_part(str(n), k)} {v:+,.1f}" for n, v in told] for k in ("zh", "en")])
    found = pair("reports.why", "costs", fate=fate, extra=row["extra_mcny"], parts=most)
    changes = [
        pair("reports.why", name, ids=_listed(str(row[name]).split(";")))
        for name in ("leaves", "stays", "opens", "shuts")
        if row[name]
    ]
    if changes:
        joined = (" ".join(zh for zh, _ in changes), "; ".join(en for _, en in changes))
        found = _after(found, pair("reports.why", "with", changes=joined))
    if row["fate"] == "move" and np.isfinite(float(str(row["even_cny_t"]))):
        even = pair("reports.why", "even", even=row["even_cny_t"])
        found = _after(found, even)
    return found


def _listed(texts: Iterable[str]) -> Text:
    texts = list(texts)
    return "、".join(texts), ", ".join(texts)


def _both(sides: list[list[str]]) -> Text:
    return _listed(sides[0])[0] or "—", _listed(sides[1])[1] or "—"


def _after(text: Text, more: Text) -> Text:
    return text[0] + more[0], text[1] + more[1]


def _part(name: str, language: str) -> str:
    return words("reports.parts").get(name, (name, name))[language == "en"]


def fates_table(why: Why, layers: Layers) -> pd.DataFrame:
    """Return the other fates of a line as a table, in words."""
    table = why.others.assign(
        fate=[" ".join(_TEXT[str(fate)]) for fate in why.others["fate"]],
        status=[" ".join(_TEXT[f"is_{text}"]) for text in why.others["status"]],
        name_zh=[_name(layers, "sites", str(site))[0] for site in why.others["site_id"]],
    )
    for name in ("leaves", "stays", "opens", "shuts"):
        table[name] = table[name].str.replace(";", "、")
    order = ["fate", "name_zh", "status", "extra_mcny", "proven_mcny", "built_kt", "even_cny_t"]
    return table[[*order, "leaves", "stays", "opens", "shuts", "clauses"]].rename(columns={"name_zh": "to"})


def binding(prices: pd.DataFrame) -> pd.DataFrame:
    """Return the rules that are worth something, dearest first within each unit, the clause in words."""
    table = prices[prices["price"].abs() >= PRICED].sort_values(["unit", "price"], ascending=[False, False])
    text = [clause(str(row["clause"])) for row in table.to_dict("records")]
    place = [label(str(i)) if p == "*" else f"{p} {label(str(i))}" for i, p in
             zip(table["industry"], table["place"], strict=True)]  # fmt: skip
    return pd.DataFrame(
        {
            "clause": table["clause"].to_numpy(),
            "of": place,
            "price": table["price"].to_numpy(),
            "unit": table["unit"].to_numpy(),
            "words_zh": [one.zh for one in text],
            "words_en": [one.en for one in text],
        }
    )


def conflict_sentences(conflicts: pd.DataFrame) -> list[Text]:
    """Say which clauses clash, in the policy's words, by how much, and the limit that would free them."""
    said = []
    for row in conflicts.to_dict("records"):
        unit = str(row["unit"])
        place = "" if row["place"] in ("*", "") else f"{row['place']} "
        of = (place + label(str(row["industry"])), place + label(str(row["industry"]), "en").lower())
        known = clause(str(row["clause"])) if row["clause"] else None
        text = (known.zh, known.en) if known else (str(row["rule"]), str(row["rule"]))
        given = {"clause": row["clause"] or "—", "of": of, "year": row["year"], "text": text,
                 "short": row["short"], "unit": unit}  # fmt: skip
        if np.isfinite(row["freed"]):
            freed = {"limit": row[str(row["side"])], "freed": row["freed"], "side": _TEXT[str(row["side"])]}
            said.append(pair("reports.why", "clash", **given, **freed))
        else:
            said.append(pair("reports.why", "clash_open", **given))
    return said


def near_table(near: Near, layers: Layers) -> pd.DataFrame:
    """Return the plans as good as the best: units that differ, what they cost more, who leaves and stays."""
    table = near.plans.copy()
    for name in ("leaves", "stays"):
        table[name] = [
            "、".join(_name(layers, "lines", line)[0] for line in str(ids).split(";") if line)
            for ids in table[name]
        ]
    return table


def near_sentence(near: Near) -> Text:
    """Say how many plans are as good, and whether there are others."""
    key = "near" if len(near.plans) else "near_none" if near.complete else "near_open"
    return pair("reports.why", key, slack=near.slack_mcny, count=len(near.plans))


def explain_sentences(told: Explanation) -> list[Text]:
    """Say a number, the sum it is made of by part, and how sure its assumptions are."""
    name = (label(told.indicator), label(told.indicator, "en"))
    sums = told.rows.groupby("part")["amount"].sum().sort_values(key=np.abs, ascending=False)
    share = sums.abs() / max(float(sums.abs().sum()), 1e-12)
    each = sums / told.per if told.per else sums
    parts = _both(
        [[f"{_part(str(p), k)} {v:,.4g} ({share[p]:.0%})" for p, v in each.items()] for k in ("zh", "en")]
    )
    low = int((told.assumptions["confidence"] == "low").sum()) if len(told.assumptions) else 0
    given = {"name": name, "value": told.value, "unit": told.unit, "parts": parts}
    counts = {"rows": len(told.rows), "legs": len(told.legs), "count": len(told.assumptions), "low": low}
    sources = "、".join(told.sources) or "—"
    return [
        pair("reports.why", "explained", **given),
        pair("reports.why", "made_of", **counts, sources=sources),
    ]


def rows_table(told: Explanation, most: int | None = None) -> pd.DataFrame:
    """Return the rows of a number, the largest first, the part in words."""
    table = told.rows.reindex(told.rows["amount"].abs().sort_values(ascending=False, kind="stable").index)
    table = table.head(most) if most else table
    return table.assign(part=[f"{_part(str(p), 'zh')} {_part(str(p), 'en')}" for p in table["part"]])


def write_explanation(told: Explanation, folder: str | Path) -> list[Path]:
    """Write explain.xlsx (rows, legs, assumptions) into a folder, all or nothing. Raises DataError."""
    notes = {str(number): "\n".join(text) for number, text in enumerate(explain_sentences(told), 1)}
    sheets = {"组成 Rows": rows_table(told), "假设 Assumptions": told.assumptions.reset_index()}
    if len(told.legs):
        sheets["运输分段 Legs"] = told.legs.drop(columns="links", errors="ignore")
    return all_or_nothing(folder, lambda place: [write_workbook(sheets, place / "explain.xlsx", notes=notes)])


def write_why(why: Why, plan: Plan, folder: str | Path) -> list[Path]:
    """Write why.xlsx (other fates, what each part of the cost changes) into a folder. Raises DataError."""
    said = why_sentences(why, plan.layers)
    notes = {str(number): "\n".join(text) for number, text in enumerate(said, 1)}
    parts = why.parts.rename(index=lambda n: f"{_part(str(n), 'zh')} {_part(str(n), 'en')}")
    sheets = {
        "其他去向 Other fates": fates_table(why, plan.layers),
        "费用变化 Cost": parts.rename_axis(both("part")).reset_index(),
    }
    return all_or_nothing(folder, lambda place: [write_workbook(sheets, place / "why.xlsx", notes=notes)])
