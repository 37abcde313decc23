"""What may be bettered at a unit that stays: power from waste heat, the power norm, denitration.

Per measure the rows `<industry>.<measure>_...` of the assumptions, for the part m of a unit that lacks it,
m = 1 - `present_share` (of its vintage where a row says so), as which unit has it is not known line by line:

    kwh_t       m `kwh_t`                          kWh saved per tonne made
    nox_share   m r / (1 - (1 - m) r)              of what the unit emits on the mean, r = `nox_share`
    once_cny_t  m `capex_cny_t`                    capital per tonne of capacity
    run_cny_t   m use `running_cny_t`              running cost a year per tonne of capacity in normal use

Whoever has the measure has lowered the mean already, hence the share of what is left. Tonnes and staff stay.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from workbench.layers.model import Assumptions
from workbench.region.resources import factor_or
from workbench.relocation.facilities import NEW_PROCESS, present_share

MEASURES = ("waste_heat", "power_norm", "denitration")
COLUMNS = ("kwh_t", "nox_share", "once_cny_t", "run_cny_t")


def offers(lines: pd.DataFrame, assumptions: Assumptions, allowed: Collection[str]) -> pd.DataFrame:
    """Return what each line may be bettered by; index (line, measure), sorted, columns COLUMNS.

    `lines`: the lines that stand, as `facilities.facilities` gives them. A measure is offered to a line of a
    current process (`NEW_PROCESS`) whose industry has a row of its capital, unless all units have it.
    """
    rows: dict[tuple[str, str], list[float]] = {}
    keys = [lines[name].to_numpy(object) for name in ("industry", "process", "vintage")]
    use = lines["utilisation"].to_numpy(float)
    known: dict[tuple[str, str, str, str], list[float] | None] = {}
    for line, industry, process, vintage, each in zip(lines.index, *keys, use, strict=True):
        for measure in MEASURES:
            if measure not in allowed or process not in NEW_PROCESS[industry]:
                continue
            key = (industry, process, vintage, measure)
            if key not in known:
                known[key] = _offer(assumptions, *key)
            found = known[key]
            if found is not None:
                rows[str(line), measure] = [*found[:3], found[3] * each]
    index = pd.MultiIndex.from_tuples(rows, names=["line", "measure"]) if rows else _none()
    return pd.DataFrame(list(rows.values()), index=index, columns=list(COLUMNS), dtype=float).sort_index()


def _none() -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([[], []], names=["line", "measure"])


def _offer(a: Assumptions, industry: str, process: str, vintage: str, measure: str) -> list[float] | None:
    """Return the effects and costs of a measure for a unit of a process; None where it has none."""

    def look(name: str, default: float = 0.0) -> float:
        return factor_or(a, industry, process, f"{measure}_{name}", default)

    capital, lacks = look("capex_cny_t", -1.0), 1.0 - present_share(a, industry, measure, vintage)
    if capital < 0 or lacks <= 0:
        return None
    removed = look("nox_share")
    left = lacks * removed / (1.0 - (1.0 - lacks) * removed) if removed else 0.0
    return [lacks * look("kwh_t"), left, lacks * capital, lacks * look("running_cny_t")]
