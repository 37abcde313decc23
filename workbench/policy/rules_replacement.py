"""Rules on replacement: enough closed tonnes, each used once, none of them obsolete and overdue."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from workbench.policy import access, registry, screening, versions
from workbench.policy.items import Answer, Item, listed, says
from workbench.policy.rules_capacity import capacity_after
from workbench.policy.view import Paid, View, by
from workbench.words import named

_CAP = {"flat_glass": "P9", "aluminium": "P12"}


def replacement(view: View, item: Item) -> Answer | None:
    """Ask of each industry that its new tonnes are paid at the ratio of the place and the rule version.

    Only credits that exist count: of lines the plan closes, or of other provinces on the register.
    """
    builds = view.new_of(item.industry)
    if not view.whole(item.industry) and not builds:
        return None
    real = _listed(view)
    paid = by((credit for credit in view.paid if credit.line in real), "build")
    due = {b.id: b.kt * _ratio(view, item.industry, b.prefecture) for b in builds}
    short = {id: max(0.0, kt - paid.get(id, 0.0)) for id, kt in due.items()}
    bad = {id: kt for id, kt in short.items() if kt > 1e-6 * max(due[id], 1.0)}
    told = view.told(bad, bad) if bad else view.told(due)
    return Answer(sum(due.values()) - sum(short.values()), limit=sum(due.values()), evidence=told)


def _ratio(view: View, industry: str, prefecture_zh: str) -> float:
    return versions.ratio(industry, versions.area_class(prefecture_zh, view.options), view.options)


def _listed(view: View) -> set[str]:
    """Name the lines whose tonnes exist: decided by the plan and in the baseline, or filed from outside."""
    return view.once("listed", lambda: _real_lines(view))  # type: ignore[no-any-return]


def _real_lines(view: View) -> set[str]:
    own = set(view.decisions.index)
    lines = view.table("lines")
    if lines is not None and "in_baseline" in lines:
        own &= set(lines.index[lines["in_baseline"].astype(bool)])
    outside = view.register("outside_credits")
    return own | (set() if outside is None else set(outside["credit_id"]))


def known_credits(view: View, item: Item) -> Answer:
    """Find credits of lines that do not exist, are not in the baseline and came from no other province."""
    real = _listed(view)
    return of_credits(view, [credit for credit in view.paid if credit.line not in real])


def of_credits(view: View, rows: Iterable[Paid]) -> Answer:
    """Return the tonnes of some credits, with their lines as evidence."""
    kt = by(rows, "line")
    return Answer(sum(kt.values()), evidence=view.told(kt, kt))


def closed_first(view: View, item: Item) -> Answer:
    """Find credits of lines that close only after what they pay for has started."""
    rows = view.credits
    if {"closed_year", "start_year"} <= set(rows):
        late = (rows["closed_year"] > rows["start_year"]).to_numpy()
    elif "closed_on" in view.decisions and "start_up" in view.builds:
        closed = pd.to_datetime(rows["line_id"].map(view.decisions["closed_on"]), errors="coerce")
        start = pd.to_datetime(rows["build_id"].map(view.builds["start_up"]), errors="coerce")
        late = (closed > start).to_numpy()
    else:
        return Answer(0.0)
    return of_credits(view, [credit for credit, is_late in zip(view.paid, late, strict=True) if is_late])


def used_once(view: View, item: Item) -> Answer:
    """Find tonnes pledged twice, or by a line that stays."""
    pledged = by((credit for credit in view.paid if credit.industry), "line")
    over = {line: kt - view.gone_kt.get(line, 0.0) for line, kt in pledged.items()}
    over = {line: kt for line, kt in over.items() if kt > 1e-6 * max(pledged[line], 1.0)}
    return Answer(sum(over.values()), evidence=view.told(over, over))


def obsolete_moved(view: View, item: Item) -> Answer:
    """Refuse to move obsolete equipment; what nobody screened may be obsolete."""
    moved = set(view.decisions.index[(view.decisions["decision"] == "move").to_numpy()])
    old, open_ = view.obsolete_lines_kt
    bad = {line: kt for line, kt in old.items() if line in moved and kt > 0}
    unsure = {line: kt for line, kt in open_.items() if line in moved and kt > 0}
    sure, named = sum(bad.values()), bad or unsure
    return Answer(sure, sure + sum(unsure.values()), evidence=view.told(named, named))


def overdue_credits(view: View, item: Item) -> Answer:
    """Refuse credit to obsolete lines whose last day is past."""
    return of_credits(view, [credit for credit in view.paid if credit.line in view.overdue])


def crossing(view: View) -> list[Paid]:
    """Return the credits whose line and build lie in different prefectures."""
    return [c for c in view.paid if c.home and c.there and c.home != c.there]


def splits_missing(view: View, item: Item) -> Answer:
    """Ask a filed split of benefits of every pair of prefectures between which capacity moves."""
    pairs = list(dict.fromkeys((credit.home, credit.there) for credit in crossing(view)))
    filed = view.register("benefit_splits")
    done = set() if filed is None else set(zip(filed["from_zh"], filed["to_zh"], strict=True))
    left = [pair for pair in pairs if pair not in done]
    told = listed([says("route", home=named(a), there=named(b)) for a, b in left])
    return Answer(0.0 if filed is None else float(len(left)), float(len(left)), evidence=told)


def inflow_unlisted(view: View, item: Item) -> Answer | None:
    """Let capacity in from other provinces only with credits on the register."""
    rows = [credit for credit in view.paid if not credit.industry and credit.buys == item.industry]
    if not view.whole(item.industry) and not rows:
        return None
    real = _listed(view)
    return of_credits(view, [credit for credit in rows if credit.line not in real])


def inflow_within_cap(view: View, item: Item) -> Answer | None:
    """Hold the industry with what comes in against its cap."""
    total = capacity_after(view, item.industry)
    if total is None or not view.whole(item.industry):
        return None
    return Answer(total, limit=registry.limit(_CAP[item.industry], "cap"))


def entry_norm(view: View, item: Item) -> Answer | None:
    """Hold what the plan builds against the access conditions of its industry; unstated sizes may fail."""
    builds = view.builds[(view.builds["industry"] == item.industry).to_numpy()]
    if builds.empty:
        return Answer(0.0) if view.whole(item.industry) else None
    bad: dict[str, float] = {}
    unsure: dict[str, float] = {}
    subjects = screening.thresholds("new").query("industry == @item.industry")["subject"]
    for id, row in zip(builds.index, builds.to_dict("records"), strict=True):
        units = {name: row[name] for name in subjects if name in row and not pd.isna(row[name])}
        verdicts = set(access.entry(item.industry, units)["verdict"])
        kind = bad if "fail" in verdicts else unsure if "unknown" in verdicts else {}
        kind[id] = float(row["capacity_kt"])
    sure, named = sum(bad.values()), bad or unsure
    return Answer(sure, sure + sum(unsure.values()), evidence=view.told(named, named))


RULES = {
    "replacement": replacement, "known_credits": known_credits, "closed_first": closed_first,
    "used_once": used_once, "obsolete_moved": obsolete_moved, "overdue_credits": overdue_credits,
    "splits_missing": splits_missing,
    "inflow_unlisted": inflow_unlisted, "inflow_within_cap": inflow_within_cap, "entry_norm": entry_norm,
}  # fmt: skip
