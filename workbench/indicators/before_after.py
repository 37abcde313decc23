"""The table of indicators: what a plan changes against the same year without it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from workbench.indicators.measures import INDICATORS
from workbench.policy import check
from workbench.relocation.plan import Plan
from workbench.remember import of_these
from workbench.words import words

_NOISE = 1e-9
_NAMES = words("indicators.verdicts")
_VERDICTS = {
    "clauses_passed": ("pass", *_NAMES["clauses_passed"]),
    "clauses_failed": ("fail", *_NAMES["clauses_failed"]),
    "clauses_unknown": ("unknown", *_NAMES["clauses_unknown"]),
}


def indicators(plan: Plan, *, verdicts: bool = True) -> pd.DataFrame:
    """Return every indicator of the year that existed, of the same works sending better, and of a plan.

    Index `id`; columns `label_zh`, `label_en`, `unit`, `clause`, `before`, `kept`, `after`, `sending`,
    `change`. `sending` = kept - before is what dispatch alone would give, and no gain of the plan; `change` =
    after - kept is what moving and closing give. Columns of years a plan does not know are NaN; `change` is
    then taken from `before`. With `verdicts` the policy's own judgement is counted too.
    """
    after = _values(plan, verdicts)
    years = {"before": plan.before, "kept": plan.kept}
    nothing = dict.fromkeys(after, np.nan)
    found = {name: nothing if year is None else _values(year, verdicts) for name, year in years.items()}
    found["after"] = after
    start = "before" if plan.kept is None else "kept"
    columns = {name: np.array([values[key] for key in after]) for name, values in found.items()}
    return _names(verdicts).assign(
        **columns,
        sending=_change(columns["before"], columns["kept"]),
        change=_change(columns[start], columns["after"]),
    )


@lru_cache(maxsize=2)
def _names(verdicts: bool) -> pd.DataFrame:
    rows = {key: (known.zh, known.en, known.unit, known.clause) for key, known in INDICATORS.items()}
    rows |= {key: (zh, en, "items", "") for key, (_, zh, en) in _VERDICTS.items() if verdicts}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["label_zh", "label_en", "unit", "clause"])
    return table.rename_axis("id")


def _change(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Two sums of the same tonnes differ in their last digits; that is no change."""
    change = end - start
    noise = np.abs(change) <= _NOISE * np.fmax(np.abs(start), np.abs(end))
    return np.where(noise, 0.0, change)


def _values(plan: Plan, verdicts: bool) -> dict[str, float]:
    """Every hand-made move is compared with the same year before: its values are remembered."""
    part = "indicators and verdicts" if verdicts else "indicators"
    return dict(of_these(part, plan.parts, lambda: _measured(plan, verdicts)))


def _measured(plan: Plan, verdicts: bool) -> dict[str, float]:
    values = {key: known.measure(plan) for key, known in INDICATORS.items()}
    if verdicts:
        counts = check(plan)["verdict"].value_counts()
        values |= {key: float(counts.get(code, 0)) for key, (code, _, _) in _VERDICTS.items()}
    return values
