"""The verdicts on a plan, clause by clause: pass, fail or unknown, with amount, margin and evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from workbench.policy import rules_asked, rules_capacity, rules_firms, rules_place, rules_replacement
from workbench.policy.view import Verdict, View, view_of

RULES = (
    *rules_capacity.RULES,
    *rules_replacement.RULES,
    *rules_place.RULES,
    *rules_firms.RULES,
    *rules_asked.RULES,
)
COLUMNS = ("clause", "item", "verdict", "amount", "unit", "sign", "limit", "margin", "zh", "en", "evidence")


def check(plan: Any) -> pd.DataFrame:
    """Judge a plan by every rule that speaks to it, at the end of the year its scenario names.

    `plan`: anything with frames `decisions`, `builds`, `credits` (see the plan's own description); its
    `scenario`, `layers`, `flows`, `unmet`, `unlocated`, `limits` and `before` are read where present. A move
    made by hand is a plan too: `Study.assess` gives it. Result: one row per judged figure in the order of the
    clauses; columns clause, item, verdict (``pass``, ``fail``, ``unknown``), amount, unit, sign, limit,
    margin (how far on the lawful side; negative is the shortfall), zh, en, evidence (ids of the rows that
    decide).
    """
    return as_frame(verdicts(view_of(plan)))


def verdicts(view: View) -> list[Verdict]:
    """Return every rule's answer on a view, ordered by clause and item."""
    found = [verdict for rule in RULES for verdict in rule(view)]
    return sorted(found, key=lambda v: (int(v.clause[1:]), v.item))


def as_frame(found: Iterable[Verdict]) -> pd.DataFrame:
    """Return verdicts as the rows `check` gives."""
    rows = [tuple(getattr(verdict, name) for name in COLUMNS) for verdict in found]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def summary(checked: pd.DataFrame) -> pd.DataFrame:
    """Return one row per clause: its worst verdict and how many figures passed, failed or are unknown.

    Index clause; columns verdict, pass, fail, unknown.
    """
    counts = pd.crosstab(checked["clause"], checked["verdict"]).reindex(
        columns=["pass", "fail", "unknown"], fill_value=0
    )
    counts.insert(0, "verdict", "pass")
    counts.loc[counts["unknown"] > 0, "verdict"] = "unknown"
    counts.loc[counts["fail"] > 0, "verdict"] = "fail"
    order = sorted(counts.index, key=lambda id: int(id[1:]))
    return counts.loc[order].rename_axis(columns=None)
