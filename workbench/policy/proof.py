"""Which function implements each of the 78 clauses, and which test proves it."""

from __future__ import annotations

import pandas as pd

from workbench.errors import DataError, Fault
from workbench.policy import registry


def coverage() -> pd.DataFrame:
    """Return for each clause what implements it and what proves it.

    Index clause (P1 to P78); columns code, zh, en, kind (rule, constraint, indicator, register, report,
    workflow, scenario, layer), implements (dotted name) and test (file::function). Raises DataError naming
    every clause without a row and every row without a clause.
    """
    clauses = registry.clauses()
    rows = registry.table("coverage").set_index("clause")
    faults = [
        Fault(
            "coverage.csv", None, id, "no row", "what implements it and which test proves it", "Add the row."
        )
        for id in clauses.index.difference(rows.index)
    ]
    faults += [
        Fault("coverage.csv", None, id, "a row", "a clause from P1 to P78, once", "Remove the row.")
        for id in [*rows.index.difference(clauses.index), *rows.index[rows.index.duplicated()]]
    ]
    if faults:
        raise DataError(faults, "the policy is not covered clause by clause")
    return clauses[["code", "zh", "en"]].join(rows[["kind", "implements", "test"]])
