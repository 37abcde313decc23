"""The four batches, benefit sharing and the scorecard: every tonne booked once, by prefecture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.policy.view import Judged
from workbench.units import KCNY_PER_MCNY, T_PER_KT

BATCHES = ("kept", "digested", "transferred", "consolidated", "eliminated")


def batches(
    plan: Judged, *, merged: frozenset[str] = frozenset(), digested_kt: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Book every tonne of start capacity to exactly one batch (clause P1), by industry, in kt.

    `merged`: kept lines that change owner (consolidated). `digested_kt`: surplus tonnes of kept lines the
    market takes up, by industry; no more than is kept otherwise. Lines the plan itself lets change owner
    (`plan.joined`) count as merged too. transferred = tonnes rebuilt; closed tonnes
    that are not rebuilt, the excess of a ratio above one included, are eliminated. Index industry; columns
    start, the five books, end, with start = sum of books and end = start - eliminated. Raises LabelError when
    more is rebuilt than was closed, or more digested than is kept.
    """
    frame, kept = plan.decisions, (plan.decisions["decision"] == "keep").to_numpy()
    planned = getattr(plan, "joined", None)
    inside = frame.index.isin(merged)
    if planned is not None and len(planned):
        inside |= frame["plant_id"].isin(planned["plant_id"]).to_numpy()
    inside &= kept

    def total(mask: np.ndarray) -> pd.Series:
        return frame[mask].groupby("industry")["capacity_kt"].sum()

    start = total(np.ones(len(frame), dtype=bool))
    books = pd.DataFrame({"start": start})
    built = plan.builds.groupby("industry")["capacity_kt"].sum().reindex(start.index, fill_value=0.0)
    closed = total(~kept).reindex(start.index, fill_value=0.0)
    over = built.index[built > closed + 1e-6 * np.maximum(start, 1.0)]
    if len(over) or set(plan.builds["industry"]) - set(start.index):
        raise LabelError("more capacity is rebuilt than was closed", unexpected=over)
    books["consolidated"] = total(inside).reindex(start.index, fill_value=0.0)
    stays = total(kept).reindex(start.index, fill_value=0.0) - books["consolidated"]
    digested = pd.Series(dict(digested_kt or {}), dtype=float).reindex(start.index).fillna(0.0)
    if (digested > stays + 1e-6).any() or (digested < 0).any():
        raise LabelError("digested tonnes exceed what is kept", unexpected=digested.index[digested > stays])
    books["digested"], books["kept"] = digested, stays - digested
    books["transferred"], books["eliminated"] = built, (closed - built).clip(lower=0.0)
    books["end"] = books["start"] - books["eliminated"]
    return books[["start", *BATCHES, "end"]]


def replacement_drafts(plan: Judged) -> list[dict[str, Any]]:
    """Return one draft of a replacement plan per build, ready for `Journal.record("draft", **draft)`.

    Tonnes are whole: new ones rounded down, credits to the nearest, so rounding never asks for more than was
    closed. Plan ids are ``R-<build id>``; drafts stand in the order of prefecture and build.
    """
    drafts = []
    for build, row in plan.builds.sort_values("prefecture_zh", kind="stable").iterrows():
        paid = plan.credits[plan.credits["build_id"] == build].groupby("line_id")["kt"].sum()
        drafts.append(
            {
                "plan_id": f"R-{build}",
                "prefecture_zh": str(row["prefecture_zh"]),
                "industry": str(row["industry"]),
                "site_id": str(row["site_id"]),
                "new_t": int(row["capacity_kt"] * T_PER_KT + 1e-3),
                "credits": {str(line): round(float(kt) * T_PER_KT) for line, kt in paid.items()},
            }
        )
    return drafts


def ledger_entries(
    plan: Judged, *, when: date, alpha_pct: float = 50.0, overdue: frozenset[str] = frozenset()
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the entries that bring a plan into a ledger as it is: credits, agreements, drafts, in that order.

    Each is (action, fields) for `Journal.record`, signed by the government of the prefecture that acts. The
    tonnes of a line are those its projects use; two prefectures between which tonnes move agree on the
    origin's share of the benefits (`alpha_pct`). `overdue`: lines past their day.
    """
    drafts = replacement_drafts(plan)
    place = plan.decisions["prefecture_zh"]

    def hand(prefecture: str) -> str:
        return f"{prefecture}人民政府"

    tonnes: dict[str, int] = {}
    pairs: dict[tuple[str, str], None] = {}
    for draft in drafts:
        for line, t in draft["credits"].items():
            tonnes[line] = tonnes.get(line, 0) + t
            if place[line] != draft["prefecture_zh"]:
                pairs[str(place[line]), draft["prefecture_zh"]] = None
    common = {"when": when, "role": "市州"}
    for line, t in sorted(tonnes.items()):
        home = str(place[line])
        yield (
            "register",
            {**common, "who": hand(home), "line_id": line, "prefecture_zh": home, "t": t,
             "industry": str(plan.decisions.at[line, "industry"]), "listed_year": when.year,
             "overdue": line in overdue},
        )  # fmt: skip
    for origin, to in sorted(pairs):
        signed = {"signed_from": hand(origin), "signed_to": hand(to)}
        yield (
            "agree",
            {**common, "who": hand(origin), "from_zh": origin, "to_zh": to, "alpha_pct": alpha_pct, **signed},
        )
    for draft in drafts:
        yield "draft", {**common, "who": hand(draft["prefecture_zh"]), **draft}


def share_benefits(
    credits: pd.DataFrame,
    decisions: pd.DataFrame,
    builds: pd.DataFrame,
    *,
    tax_cny_t: Mapping[str, float],
    output_cny_t: Mapping[str, float],
    alpha: float = 0.5,
) -> pd.DataFrame:
    """Split tax and output of moved capacity between origin and destination (clause P51).

    The origin keeps alpha of what the moved tonnes yield at the destination, the destination 1 - alpha. Moved
    tonnes of a credit: its share of the build's capacity. Values in CNY per tonne by industry. Index
    prefecture_zh; columns lost_kt, gained_kt, tax_mcny, output_mcny (change against today) and
    tax_without_sharing_mcny. Summed over prefectures sharing changes nothing.
    """
    if not 0 <= alpha <= 1:
        raise LabelError("alpha is the origin's share, between 0 and 1", unexpected=[alpha])
    moves = credits.assign(
        home=credits["line_id"].map(decisions["prefecture_zh"]),
        to=credits["build_id"].map(builds["prefecture_zh"]),
        industry=credits["line_id"].map(decisions["industry"]),
    )
    paid = moves.groupby("build_id")["kt"].transform("sum")
    moves["new_kt"] = moves["kt"] / paid * moves["build_id"].map(builds["capacity_kt"])
    rows = []
    for row in moves.to_dict("records"):
        tax, output = (
            tax_cny_t[row["industry"]] / KCNY_PER_MCNY,
            output_cny_t[row["industry"]] / KCNY_PER_MCNY,
        )
        old, new = row["kt"], row["new_kt"]
        rows.append(
            (
                row["home"],
                old,
                0.0,
                alpha * new * tax - old * tax,
                alpha * new * output - old * output,
                -old * tax,
            )
        )
        rows.append((row["to"], 0.0, new, (1 - alpha) * new * tax, (1 - alpha) * new * output, new * tax))
    columns = ["prefecture_zh", "lost_kt", "gained_kt", "tax_mcny", "output_mcny", "tax_without_sharing_mcny"]
    return pd.DataFrame(rows, columns=columns).groupby("prefecture_zh").sum()


def scorecard(plan: Judged, screened: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return each prefecture's account of the plan (clauses P56, P62): index prefecture_zh.

    Columns start_kt, closed_kt, moved_out_kt, built_kt, end_kt, obsolete_kept_kt and unknown_lines (lines
    that stay with an obsolete or an unanswered screening; NaN without `screened`).
    """
    frame = plan.decisions
    by = frame.groupby(["prefecture_zh", "decision"])["capacity_kt"].sum().unstack(fill_value=0.0)
    by = by.reindex(columns=["keep", "close", "move"], fill_value=0.0)
    built = plan.builds.groupby("prefecture_zh")["capacity_kt"].sum()
    places = by.index.union(built.index).sort_values()
    by, built = by.reindex(places, fill_value=0.0), built.reindex(places, fill_value=0.0)
    card = pd.DataFrame({"start_kt": by.sum(axis=1), "closed_kt": by["close"], "moved_out_kt": by["move"]})
    card["built_kt"] = built
    card["end_kt"] = by["keep"] + built
    card[["obsolete_kept_kt", "unknown_lines"]] = np.nan
    if screened is not None:
        stay = frame.index[(frame["decision"] == "keep").to_numpy()]
        main = screened[(screened["main"] == "yes") & screened["line_id"].isin(stay)]
        bad = (
            main[main["verdict"] == "fail"]
            .drop_duplicates("line_id")
            .groupby("prefecture_zh")["capacity_kt"]
            .sum()
        )
        unsure = main[main["verdict"] == "unknown"].groupby("prefecture_zh")["line_id"].nunique()
        card["obsolete_kept_kt"] = bad.reindex(places, fill_value=0.0)
        card["unknown_lines"] = unsure.reindex(places, fill_value=0).astype(float)
    return card.rename_axis("prefecture_zh")


def under_performers(done_kt: pd.Series, due_kt: pd.Series) -> pd.DataFrame:
    """Return prefectures that closed less than was due, worst first (clause P62); kt by prefecture."""
    frame = pd.DataFrame({"done_kt": done_kt.reindex(due_kt.index).fillna(0.0), "due_kt": due_kt})
    frame["short_kt"] = frame["due_kt"] - frame["done_kt"]
    return frame[frame["short_kt"] > 1e-9].sort_values("short_kt", ascending=False)
