"""The whole relocation program: decisions and operation, then the clauses that bind or are priced."""

from __future__ import annotations

import pandas as pd

from workbench.relocation.decisions import Choices, decide
from workbench.relocation.law import limits
from workbench.relocation.problem import Problem
from workbench.relocation.rows import clauses
from workbench.solver import Model


def formulate(problem: Problem, figures: pd.DataFrame | None = None, choices: Choices | None = None) -> Model:
    """Return the program of a problem, every rule row named after its clause.

    `figures`: what the law asks, as `law.limits` gives it; `choices`: the tables of its labels if made
    already.
    """
    choices = choices or Choices(problem)
    model = Model()
    decide(model, choices)
    clauses(model, choices, limits(problem) if figures is None else figures)
    return model
