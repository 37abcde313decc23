"""Find the best plan: solve the whole program, then read it back as tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from workbench.relocation import milp
from workbench.relocation.assess import Assessor
from workbench.relocation.plan import NOTHING_KT, Plan
from workbench.relocation.problem import Problem
from workbench.solver import Progress, Session, Solution


def optimise(
    problem: Problem,
    *,
    before: Plan | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan:
    """Return the best plan within the scenario's gap and time, with its proven bound.

    Operation is solved once more with the decisions fixed, so that deliveries are the cheapest for them and
    market prices (`duals`) exist. Raises InfeasibleError naming the rules in conflict.
    """
    limits = problem.scenario.solver
    session = Session(milp.formulate(problem), seed=problem.scenario.seed)
    found = session.solve(gap=limits.gap, time_limit_s=limits.time_limit_s, progress=progress, cancel=cancel)
    polished = Assessor(problem).decided(*decisions(problem, found))
    distance = abs(polished.objective_mcny - found.bound) / max(abs(polished.objective_mcny), 1e-9)
    return replace(
        polished,
        status=found.status,
        bound_mcny=found.bound,
        gap=distance,
        seconds=found.seconds,
        before=before,
    )


def decisions(problem: Problem, found: Solution) -> tuple[pd.Series, pd.Series, pd.Series, pd.Series]:
    """Return fate, build and paying tonnes per line, and size per build, of a solution."""
    lines, values = problem.lines.index, found.values
    fate = pd.Series("move", index=lines)
    fate[values["keep"].index[values["keep"] > 0.5]] = "keep"
    fate[values["close"].index[values["close"] > 0.5]] = "close"
    build_of, moved = pd.Series("", index=lines), values["move"].index[values["move"] > 0.5]
    credit = pd.Series(values["credit"][moved].to_numpy(), index=moved.get_level_values("line"))
    build_of[credit.index] = moved.get_level_values("build").to_numpy()
    sizes = values["build"]
    return fate, build_of, sizes[sizes > NOTHING_KT], credit
