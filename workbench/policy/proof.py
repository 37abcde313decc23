"""What the workbench can say of each of the 78 clauses: from its own data, or with which file; and where."""

from __future__ import annotations

import pandas as pd

from workbench.errors import DataError, Fault
from workbench.policy import registry
from workbench.policy.documents import read_only
from workbench.policy.items import items

# An unknown of these is one line's, not the clause's: the baseline answers for the others.
_PARTLY = ("equipment",)


def coverage() -> pd.DataFrame:
    """Return for each clause whether it is judged from the baseline or needs a file, and where it is met.

    Index clause (P1 to P78); columns code, zh, en, items (how many are judged), state (``real``: at least one
    item is computed from the baseline; ``needs a file``), needs (registers that answer the others, joined by
    ``;``), reached_from (commands) and cannot_fail_zh, cannot_fail_en (empty but for clauses that only
    encourage). Raises DataError naming every clause without an item or a door.
    """
    clauses, rows = registry.clauses(), read_only("coverage").set_index("clause")
    judged: dict[str, list[str]] = {}
    for item in items():
        judged.setdefault(item.clause, []).append("" if item.cure in _PARTLY else item.cure)
    faults = [
        Fault("coverage.csv", None, id, "no row", "the commands that reach the clause", "Add the row.")
        for id in clauses.index.difference(rows.index)
    ]
    faults += [
        Fault("items.csv", None, id, "no item", "at least one judged item", "Add the item.")
        for id in clauses.index.difference(pd.Index(list(judged)))
    ]
    faults += [
        Fault("coverage.csv", None, id, "a row", "a clause from P1 to P78, once", "Remove the row.")
        for id in [*rows.index.difference(clauses.index), *rows.index[rows.index.duplicated()]]
    ]
    if faults:
        raise DataError(faults, "the policy is not covered clause by clause")
    frame = clauses[["code", "zh", "en"]].copy()
    frame["items"] = [len(judged[id]) for id in frame.index]
    frame["state"] = ["real" if "" in judged[id] else "needs a file" for id in frame.index]
    frame["needs"] = [";".join(sorted(set(judged[id]) - {""})) for id in frame.index]
    return frame.join(rows)
