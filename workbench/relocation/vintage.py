"""How a unit differs from the mean of its process by its age and size: coal, power, SO2, NOx, dust.

    old      started before `<industry>.old_before_year`, or of unknown start and smaller than `small_size`
    recent   started in or after `<industry>.recent_from_year`
    usual    all others that stand               new     what is built

Rows `<industry>[.<process>].<vintage>_<what>_share` say how much of the mean a unit of a vintage takes or
emits (1 without a row). Of what stands they are scaled so that the lines of a process keep its mean, from
which they were measured; what is built takes them as they are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.layers.model import Assumptions
from workbench.region.resources import factor_or

POLLUTANTS = ("so2", "nox", "pm")
WHAT = ("power", "coal", *POLLUTANTS)


def vintages(table: pd.DataFrame, assumptions: Assumptions) -> pd.Series:
    """Return the vintage of each facility, by `kind`, `start_year` and `size` (NaN where unknown)."""
    a, bounds = assumptions, {}
    for industry, process in set(zip(table["industry"], table["process"], strict=True)):
        names = ("old_before_year", "recent_from_year", "small_size")
        bounds[industry, process] = [factor_or(a, industry, process, name, np.nan) for name in names]
    keys = zip(table["industry"], table["process"], strict=True)
    old, recent, small = np.array([bounds[key] for key in keys]).reshape(-1, 3).T
    year, size = (table[name].to_numpy(float) for name in ("start_year", "size"))
    is_old = (year < old) | (np.isnan(year) & (size < small))
    found = np.select([table["kind"] == "build", is_old, year >= recent], ["new", "old", "recent"], "usual")
    return pd.Series(found, index=table.index)


def shares(table: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Return what each facility takes and emits of the mean of its process; index as `table`, columns WHAT.

    `table`: kind, industry, process, capacity_kt, vintage.
    """
    rows = {}
    for key in set(zip(table["industry"], table["process"], table["vintage"], strict=True)):
        industry, process, vintage = key
        names = [f"{vintage}_{what}_share" for what in WHAT]
        rows[key] = [factor_or(assumptions, industry, process, name, 1.0) for name in names]
    keys = list(zip(table["industry"], table["process"], table["vintage"], strict=True))
    found = pd.DataFrame([rows[key] for key in keys], index=table.index, columns=list(WHAT), dtype=float)
    stands = (table["kind"] == "line").to_numpy()
    kt = table["capacity_kt"].where(stands, 0.0)
    pool = [table["industry"], table["process"]]
    mean = found.mul(kt, axis=0).groupby(pool).transform("sum").div(kt.groupby(pool).transform("sum"), axis=0)
    mean.loc[~stands] = 1.0
    return found / mean
