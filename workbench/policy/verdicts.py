"""The verdicts on a plan, clause by clause: pass, fail or unknown, with amount, margin and evidence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import pandas as pd

from workbench.policy import rules_capacity, rules_filed, rules_firms, rules_place, rules_replacement
from workbench.policy.items import Answer, Item, Verdict, as_frame, items, judged
from workbench.policy.view import Judged, View, view_of

RULES: Mapping[str, Callable[[View, Item], Answer | None]] = {
    **rules_capacity.RULES,
    **rules_replacement.RULES,
    **rules_place.RULES,
    **rules_firms.RULES,
    **rules_filed.RULES,
}


def check(plan: Judged) -> pd.DataFrame:
    """Judge a plan by every item of the policy that speaks to it, at the end of the year its scenario names.

    `plan`: anything with frames `decisions`, `builds`, `credits` (see the plan's own description); its
    `scenario`, `layers`, `flows`, `unmet`, `unlocated`, `limits` and `before` are read where present. A move
    made by hand is a plan too: `Study.assess` gives it. Result: one row per judged item in the order of the
    clauses; columns clause, item, verdict (``pass``, ``fail``, ``unknown``), amount, unit, sign, limit,
    margin (how far on the lawful side; negative is the shortfall), zh, en, evidence and evidence_en (names,
    figures, sources), cure (the register that would answer an unknown).
    """
    return as_frame(verdicts(view_of(plan)))


def verdicts(view: View, clauses: Collection[str] | None = None) -> list[Verdict]:
    """Return the answer on every item (of some clauses) that concerns a view, in the order of the table."""
    asked = (item for item in items() if clauses is None or item.clause in clauses)
    answers = ((item, RULES[item.rule](view, item)) for item in asked)
    return [judged(item, answer) for item, answer in answers if answer is not None]


def worst(found: Iterable[Verdict]) -> str:
    """Return the worst verdict of some; nothing where there is none."""
    said = {verdict.verdict for verdict in found}
    return next((name for name in ("fail", "unknown", "pass") if name in said), "")


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
