"""The contested readings of the text, with the verdicts of one plan under each, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Any

import pandas as pd

from workbench.policy.documents import read_only
from workbench.policy.items import Verdict
from workbench.policy.verdicts import verdicts, worst
from workbench.policy.view import Judged, View, view_of

_OF_VIEW = "zone.definition"


def readings(plan: Judged) -> pd.DataFrame:
    """Return what each reading of each switch says of a plan that stays as it is.

    Columns option, question_zh, question_en, reading, chosen (whether the plan was made under it), clause,
    verdict (the clause's worst under that reading), amount and limit (of its first item that differs from the
    reading chosen; NaN where none does). One row per reading and clause the switch names.
    """
    view = view_of(plan)
    base = verdicts(view)
    rows = []
    for row in read_only("switches").to_dict("records"):
        for reading in row["readings"].split(";"):
            other, chosen = _under(view, row["option"], reading)
            if other is None:
                continue
            named = row["clauses"].split(";")
            judged = base if chosen else verdicts(other, named)
            for clause in named:
                one, two = ([v for v in found if v.clause == clause] for found in (base, judged))
                rows.append(
                    (row["option"], row["question_zh"], row["question_en"], reading, chosen, clause,
                     worst(two), *_moved(one, two))
                )  # fmt: skip
    columns = ["option", "question_zh", "question_en", "reading", "chosen", "clause", "verdict"]
    return pd.DataFrame(rows, columns=[*columns, "amount", "limit"])


def _under(view: View, option: str, reading: str) -> tuple[View | None, bool]:
    """Return the view under one reading, and whether it is the one chosen; None for what is no option."""
    fields = {name: getattr(view, name) for name in _FRAMES}
    if option == _OF_VIEW:
        return View(**fields, options=view.options, zone=reading), reading == view.zone
    now = getattr(view.options, option, None)
    if now is None:
        return None, False
    value: Any = reading == "true" if isinstance(now, bool) else reading
    chosen = type(view.options).model_validate({**view.options.model_dump(), option: value})
    return View(**fields, options=chosen, zone=view.zone), value == now


_FRAMES = (
    "decisions", "builds", "credits", "industries", "layers", "flows", "before_flows", "unmet", "unlocated",
    "limits", "facilities", "before_facilities", "retired_by_year", "on",
)  # fmt: skip


def _moved(base: Sequence[Verdict], judged: Sequence[Verdict]) -> tuple[float, float]:
    """Return amount and limit of the first item that is answered otherwise; as text, for nan is nan."""
    known = {verdict.item: _said(verdict) for verdict in base}
    return next(((v.amount, v.limit) for v in judged if known.get(v.item) != _said(v)), (nan, nan))


def _said(verdict: Verdict) -> str:
    return f"{verdict.verdict} {float(verdict.amount)!r} {float(verdict.limit)!r}"
