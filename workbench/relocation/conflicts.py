"""Why no plan is lawful: the least by which clauses would have to give way, in the figures the law asks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, StoppedError
from workbench.relocation.decisions import Choices
from workbench.relocation.law import ANY, COLUMNS, limits_by_year
from workbench.relocation.problem import Problem
from workbench.relocation.program import formulate
from workbench.solver import Model, Session, diagnose


def conflicts(problem: Problem) -> pd.DataFrame:
    """Return the least total loosening of clauses that would leave a plan, empty where there is one already.

    Columns as of `law.limits` (clause, row, industry, place, low, high, unit, stance), then `year`, `side`
    (which limit gives way), `short` (by how much, in its unit), `freed` (what that limit would have to be;
    NaN where the law states no figure: room at a site, a credit for each new tonne) and `rule` (in words).
    Loosening is measured relative to the size of each limit, so that tonnes and shares weigh alike: with
    whole numbers relaxed, which finds every conflict of amounts, and whole where the amounts agree.
    """
    figures, choices = limits_by_year(problem), Choices(problem)
    model = formulate(problem, figures, choices)
    found = diagnose(model)
    if found.empty and not _possible(model, problem):
        found = diagnose(model, relax=False)
    rows = []
    for name, label, rule, side, short in found.itertuples(index=False):
        block, _, stage = str(name).partition(" ")
        year = int(stage) if stage else problem.years[-1]
        industry, place = _of_label(block, str(label))
        table = figures[year]
        mine = table[(table["row"] == block) & (table["industry"] == industry) & (table["place"] == place)]
        nothing = dict.fromkeys(COLUMNS, "") | {"low": np.nan, "high": np.nan, "stance": "binding"}
        known = mine.iloc[0].to_dict() if len(mine) else nothing
        freed = known[side] + (short if side == "high" else -short)
        freed = np.nan if block == "replacement" else freed
        named = {"row": block, "industry": industry, "place": place, "year": year, "side": side}
        rows.append(known | named | {"short": short, "freed": freed, "rule": rule})
    return pd.DataFrame(rows, columns=[*COLUMNS, "year", "side", "short", "freed", "rule"])


def _possible(model: Model, problem: Problem) -> bool:
    try:
        limit = problem.scenario.solver.time_limit_s
        Session(model, seed=problem.scenario.seed).solve(gap=1.0, time_limit_s=limit, explain=False)
    except (InfeasibleError, StoppedError):
        return False
    return True


def _of_label(block: str, label: str) -> tuple[str, str]:
    """Return industry and place (``*`` for the whole) of a row by its label in the program."""
    if block == "site_room":
        return "", label
    first, bar, second = label.partition("|")
    if block == "replacement" or not bar:
        return first, ANY
    return second, first
