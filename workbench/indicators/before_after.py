"""The table of indicators: what a plan changes against the same year without it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from workbench.indicators.measures import INDICATORS
from workbench.policy import check
from workbench.relocation.plan import Plan

_NOISE = 1e-9
_VERDICTS = {
    "clauses_passed": ("pass", "已判定且符合的条款项", "Policy items judged and kept"),
    "clauses_failed": ("fail", "不符合的条款项", "Policy items broken"),
    "clauses_unknown": ("unknown", "数据不足的条款项", "Policy items not known"),
}


def indicators(plan: Plan, *, verdicts: bool = True) -> pd.DataFrame:
    """Return every indicator before and after a plan.

    Index `id`; columns `label_zh`, `label_en`, `unit`, `clause`, `before`, `after`, `change`. `before` is NaN
    for a plan that knows no other year. With `verdicts` the policy's own judgement is counted too.
    """
    after = _values(plan, verdicts)
    before = _values(plan.before, verdicts) if plan.before is not None else dict.fromkeys(after, np.nan)
    rows = {key: (known.zh, known.en, known.unit, known.clause) for key, known in INDICATORS.items()}
    rows |= {key: (zh, en, "items", "") for key, (_, zh, en) in _VERDICTS.items() if verdicts}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["label_zh", "label_en", "unit", "clause"])
    table = table.assign(before=pd.Series(before), after=pd.Series(after)).rename_axis("id")
    change = table["after"] - table["before"]
    # two sums of the same tonnes differ in their last digits; that is no change
    noise = change.abs() <= _NOISE * table[["before", "after"]].abs().max(axis=1)
    return table.assign(change=change.mask(noise, 0.0))


@lru_cache(maxsize=16)  # every hand-made move is compared with the same year before
def _values(plan: Plan, verdicts: bool) -> dict[str, float]:
    values = {key: known.measure(plan) for key, known in INDICATORS.items()}
    if verdicts:
        counts = check(plan)["verdict"].value_counts()
        values |= {key: float(counts.get(code, 0)) for key, (code, _, _) in _VERDICTS.items()}
    return values
