"""Units as the program counts them: identical lines of one works are one class with a whole number kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.relocation.problem import Problem

_SAME = ("plant_id", "industry", "process", "prefecture_zh", "capacity_kt")
_RESOLUTION_KT = 1.0


def classes(problem: Problem) -> pd.Series:
    """Return the class of each line: the first id of the lines that differ in nothing the plan can see.

    Index line id. Lines that are pinned, obsolete or overdue stand alone.
    """
    lines = problem.lines
    alone = set(problem.scenario.pins) | problem.overdue | problem.obsolete
    alone |= set(problem.eliminable.index[problem.eliminable > 0])
    factors = [name for name in lines if lines[name].dtype.kind == "f" and name not in ("lon", "lat")]
    key = lines[[*dict.fromkeys([*_SAME, *factors])]].astype(object).where(lambda t: t.notna(), "")
    key["own"] = np.where(lines.index.isin(sorted(alone)), lines.index.astype(str), "")
    key["place"] = lines["place"]
    first = pd.Series(lines.index, index=lines.index).groupby([key[name] for name in key]).transform("first")
    return first.rename("class")


def least_cover(sizes: np.ndarray, wanted: float) -> float:
    """Return the smallest sum of whole units that reaches `wanted`; all of them where they cannot.

    Exact to a kt: reachable sums are kept as bits of one number.
    """
    whole = np.ceil(np.asarray(sizes, dtype=float) / _RESOLUTION_KT).astype(int)
    reach = 1
    for size in whole:
        reach |= reach << int(size)
    need = int(np.ceil(wanted / _RESOLUTION_KT - 1e-9))
    above = reach >> need
    if not above:
        return float(sizes.sum())
    return float((need + (above & -above).bit_length() - 1) * _RESOLUTION_KT)
