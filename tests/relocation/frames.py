"""Holds what passes a door of the relocation room to its declared columns: problem, plan, years, legs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.layers.integrity import check_frame
from workbench.layers.schema import FRAMES
from workbench.relocation.plan import Plan


def faults(plan: Plan, legs: pd.DataFrame | None = None) -> list[str]:
    """Return every fault of the tables a plan was made from and of its own, at the end of each year.

    An infinite limit is none.
    """
    found = [] if legs is None else check_frame(legs, "legs")
    for name in FRAMES:
        owner, _, table = name.partition(".")
        if owner == "problem":
            found += check_frame(getattr(plan.problem, table), name)
        elif owner == "plan":
            for state in plan.states.values():
                bare = getattr(state, table)
                bare = bare.replace([np.inf, -np.inf], np.nan) if table == "limits" else bare
                found += check_frame(bare, name)
        elif owner == "before" and plan.before is not None and "basis" in plan.before.facilities:
            found += check_frame(getattr(plan.before, table), name)
    return [str(fault) for fault in found]
