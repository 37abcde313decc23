"""The whole relocation program: each year's decisions, operation and clauses, and what ties the years."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pandas as pd

from workbench.relocation.decisions import Choices, decide, followers
from workbench.relocation.law import limits_by_year
from workbench.relocation.outlay import budget
from workbench.relocation.problem import Problem
from workbench.relocation.rows import clauses, replacement
from workbench.relocation.years import Calendar, lasting, stages
from workbench.solver import Model


def formulate(
    problem: Problem, figures: Mapping[int, pd.DataFrame] | None = None, choices: Choices | None = None
) -> Model:
    """Return the program of a problem, every rule row named after its clause.

    `figures`: what the law asks by year, as `law.limits_by_year` gives it; `choices`: the tables of its
    labels if made already.
    """
    choices, calendar = choices or Choices(problem), Calendar.of(problem)
    figures = limits_by_year(problem) if figures is None else figures
    model = Model()
    parts = stages(model, problem, calendar)
    for year, part in parts.items():
        decide(part, choices, year, may_stand=calendar.may_stand(year))
    final = parts[calendar.last].variable_blocks["build"]
    for year, part in parts.items():
        followers(part, choices, final)
        last, start = year == calendar.last, calendar.pays_for(year)
        if last or start is not None:
            built = final if last or start is None else parts[start].variable_blocks["build"]
            replacement(part, choices, figures[year], built, last=last)
        clauses(part, choices, figures[year])
    budget(parts, choices, calendar)
    for earlier, later in pairwise(calendar.years):
        lasting(parts[later], parts[earlier], choices)
    return model
