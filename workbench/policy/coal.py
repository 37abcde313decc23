"""The coal register: closures, mean mine, mechanisation and firms against the targets of both horizons."""

from __future__ import annotations

import pandas as pd

from workbench.policy import registry
from workbench.policy.rules_capacity import of_number
from workbench.policy.view import Verdict
from workbench.words import words

_NAMES = words("policy.coal")


def coal_account(mines: pd.DataFrame) -> pd.Series:
    """Count the coal register (clauses P14, P36, P68, P76).

    `mines`: rows of the register `coal_mines` (capacity_kt, mechanised, action, year, firm_zh). Result:
    closed_2013, closed_2014, closed_kt, left, mean_kt, mechanised_share (% of capacity; NaN if any open mine
    is unanswered), firms, merged and upgraded.
    """
    closed = mines[mines["action"] == "close"]
    left = mines[mines["action"] != "close"]
    year = pd.to_numeric(closed["year"], errors="coerce")
    flag = left["mechanised"]
    share = float("nan")
    if len(left) and flag.notna().all():
        share = 100 * float(left.loc[flag.astype(bool), "capacity_kt"].sum() / left["capacity_kt"].sum())
    return pd.Series(
        {
            "closed_2013": float((year == 2013).sum()),
            "closed_2014": float((year == 2014).sum()),
            "closed_kt": float(closed["capacity_kt"].sum()),
            "left": float(len(left)),
            "mean_kt": float(left["capacity_kt"].mean()) if len(left) else float("nan"),
            "mechanised_share": share,
            "firms": float(left["firm_zh"].nunique()),
            "merged": float((mines["action"] == "merge").sum()),
            "upgraded": float((mines["action"] == "upgrade").sum()),
        }
    )


def coal_verdicts(mines: pd.DataFrame | None) -> list[Verdict]:
    """Hold the coal register against its targets; without a register every answer is unknown."""
    account = None if mines is None or mines.empty else coal_account(mines)

    def value(*names: str) -> float | None:
        return None if account is None else float(sum(account[name] for name in names))

    asked = [
        ("P14", "mines_closed_2013_2014", value("closed_2013", "closed_2014")),
        ("P14", "eliminate", value("closed_kt")),
        ("P14", "mean_mine", value("mean_kt")),
        ("P14", "mechanisation_share", value("mechanised_share")),
        ("P68", "mines_closed_2013_2014", value("closed_2013", "closed_2014")),
        ("P68", "firms", value("firms")),
        ("P68", "mechanisation_share", value("mechanised_share")),
        ("P76", "mines_closed_2014", value("closed_2014")),
    ]
    evidence = () if mines is None else ("coal_mines",)
    return [of_number(registry.clause(id).number(key), v, *_NAMES[key], evidence) for id, key, v in asked]
