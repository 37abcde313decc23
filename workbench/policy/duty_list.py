"""Who leads and who supports what, by when, and what is overdue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from workbench.errors import LabelError
from workbench.policy import registry
from workbench.policy.options import PolicyOptions


def duties(
    on: date | None = None, done: Collection[str] = (), options: PolicyOptions | None = None
) -> pd.DataFrame:
    """Return every duty with its agencies in full and where it stands on a day.

    Index id; columns clause, industry, zh, en, lead, support (short codes joined by ``;``), lead_zh,
    support_zh, due (date or None for standing duties), form (计划 plan, 保障 safeguard, 机制 standing), and
    with `on`: status ``done``, ``overdue`` (the day after due has come), ``open`` or ``standing``, and
    days_left. `done`: ids finished; unknown ones raise LabelError.
    """
    chosen = options or PolicyOptions()
    frame = registry.table("duties").set_index("id")
    unknown = set(done) - set(frame.index)
    if unknown:
        raise LabelError("no such duty", unexpected=unknown)
    for column in ("lead", "support"):
        frame[f"{column}_zh"] = [
            "、".join(registry.agency_names(tuple(code for code in cell.split(";") if code)))
            for cell in frame[column]
        ]
    frame["due"] = pd.Series(
        [registry.due_date(due, chosen) for due in frame["due"]], frame.index, dtype=object
    )
    if on is not None:
        frame["status"] = [_status(id, due, on, done) for id, due in frame["due"].items()]
        frame["days_left"] = [(due - on).days if due is not None else None for due in frame["due"]]
    return frame


def _status(id: object, due: date | None, on: date, done: Collection[str]) -> str:
    if id in done:
        return "done"
    if due is None:
        return "standing"
    return "overdue" if on > due else "open"


def overdue(on: date, done: Collection[str] = ()) -> pd.DataFrame:
    """Return the duties past their day and not done, most overdue first."""
    frame = duties(on, done)
    return frame[frame["status"] == "overdue"].sort_values(["days_left", "clause"], kind="stable")


def agenda(agency: str, on: date, done: Collection[str] = ()) -> pd.DataFrame:
    """Return one agency's duties with its role, lead before support, soonest first (meeting pack, P56, P77).

    Raises LabelError for an agency that is not in the register.
    """
    registry.agency_names((agency,))
    frame = duties(on, done)
    lead = frame["lead"].str.split(";").map(lambda codes: agency in codes)
    support = frame["support"].str.split(";").map(lambda codes: agency in codes)
    mine = frame[lead | support].copy()
    mine["role"] = lead[lead | support].map({True: "牵头", False: "配合"})
    mine["_order"] = ~lead[lead | support]
    mine["_last"] = mine["due"].map(lambda due: due or date.max)
    return mine.sort_values(["_order", "_last"], kind="stable").drop(columns=["_order", "_last"])
