"""Who joins whom so that cement groups come out as the text counts them: the fourth fate, 整合.

Owners change, works do not: no row of the program reads who owns a line, so the least mergers that give the
counts are found for the plan once its lines are settled, at no loss (`policy.mergers`: least tonnes times
km). Each group may stay as it is. Where no mergers give the counts none are named, and the verdict says so.
"""

from __future__ import annotations

import pandas as pd

from workbench.errors import InfeasibleError, StoppedError
from workbench.policy import stances
from workbench.policy.consolidation import groups_of
from workbench.policy.mergers import merge
from workbench.relocation.plan import JOINED, Plan

INDUSTRY = "cement"


def joined(plan: Plan) -> pd.DataFrame:
    """Return the works whose group joins another: plant_id, firm, head, capacity_kt; empty where P21 is told.

    A line that is rebuilt elsewhere stays its owner's, as in the verdict (`policy.rules_firms.groups`).
    """
    none = pd.DataFrame(columns=list(JOINED))
    binds = stances.taken(plan.scenario.policy.clauses)["P21"] == "binding"
    if INDUSTRY not in plan.scenario.industries or not binds or "plants" not in plan.layers:
        return none
    lines = plan.decisions
    lines = lines[(lines["industry"] == INDUSTRY) & (lines["decision"] != "close")]
    if lines.empty:
        return none
    firm = groups_of(lines["plant_id"], plan.layers["plants"])
    place = plan.problem.facilities.loc[lines.index, ["lon", "lat"]]
    kt = lines["capacity_kt"].astype(float)
    table = place.mul(kt, axis=0).assign(capacity_kt=kt).groupby(firm.to_numpy()).sum()
    table[["lon", "lat"]] = table[["lon", "lat"]].div(table["capacity_kt"], axis=0)
    try:
        found = merge(table.rename_axis("firm"), options=plan.scenario.policy, heads=len(table))
    except (InfeasibleError, StoppedError):
        return none
    head = firm.map(found.groups["head"])
    moves = (head != firm).to_numpy()
    works = pd.DataFrame({"plant_id": lines["plant_id"], "firm": firm, "head": head, "capacity_kt": kt})[
        moves
    ]
    return works.groupby(["plant_id", "firm", "head"], as_index=False)["capacity_kt"].sum()[list(JOINED)]
