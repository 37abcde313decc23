"""The contested readings of the text, with the verdicts of one plan under each, side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.policy.documents import read_only
from workbench.policy.items import as_frame
from workbench.policy.verdicts import summary, verdicts
from workbench.policy.view import View, view_of

_OF_VIEW = "zone.definition"


def readings(plan: Any) -> pd.DataFrame:
    """Return what each reading of each switch says of a plan that stays as it is.

    Columns option, question_zh, question_en, reading, chosen (whether the plan was made under it), clause,
    verdict (the clause's worst under that reading), amount and limit (of its first item that differs from the
    reading chosen; NaN where none does). One row per reading and clause the switch names.
    """
    view = view_of(plan)
    base = as_frame(verdicts(view))
    rows = []
    for row in read_only("switches").to_dict("records"):
        for reading in row["readings"].split(";"):
            other, chosen = _under(view, row["option"], reading)
            if other is None:
                continue
            judged = base if chosen else as_frame(verdicts(other))
            worst = summary(judged)["verdict"]
            for clause in row["clauses"].split(";"):
                amount, limit = _moved(base, judged, clause)
                rows.append(
                    (row["option"], row["question_zh"], row["question_en"], reading, chosen, clause,
                     worst.get(clause, ""), amount, limit)
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
    "limits", "facilities", "before_facilities", "on",
)  # fmt: skip


def _moved(base: pd.DataFrame, judged: pd.DataFrame, clause: str) -> tuple[float, float]:
    one, other = (frame[frame["clause"] == clause].set_index("item") for frame in (base, judged))
    for item in other.index:
        now = other.loc[item, ["amount", "limit", "verdict"]]
        if item not in one.index or not now.equals(one.loc[item, ["amount", "limit", "verdict"]]):
            return float(now["amount"]), float(now["limit"])
    return float("nan"), float("nan")
