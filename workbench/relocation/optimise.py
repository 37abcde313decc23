"""Find the best plan: a lawful reference first, then the whole program from there, read back as tables."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, WorkbenchError
from workbench.relocation.assess import Assessor, Decided
from workbench.relocation.credits import NOTHING_KT, pairs
from workbench.relocation.decisions import TIE_MCNY, Choices
from workbench.relocation.plan import Plan
from workbench.relocation.problem import Problem
from workbench.relocation.program import formulate
from workbench.solver import Progress, Session, Solution

# What the reference may take of the clock when the planner's own limit is shorter.
REFERENCE_S = 20.0


def optimise(
    problem: Problem,
    *,
    before: Plan | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan:
    """Return the best plan within the scenario's gap and time, with its proven bound.

    First the reference: the cheapest lawful plan that moves nothing but what is pinned (every line kept where
    that is lawful). The search starts there, so that the plan is never worse, whatever the time. Operation is
    solved once more with the decisions fixed, so that deliveries are the cheapest for them and market prices
    (`duals`) exist. Raises InfeasibleError naming the rules in conflict.
    """
    limits, assessor, choices = problem.scenario.solver, Assessor(problem), Choices(problem)
    model = formulate(problem, assessor.limits, choices)
    started = time.monotonic()
    reference = _reference(Session(model, seed=problem.scenario.seed), choices)
    session, left = Session(model, seed=problem.scenario.seed), limits.time_limit_s
    if reference is not None:  # one clock for both: the search has a plan to answer with from the start
        session.start_from(reference.values)
        left = max(left - (time.monotonic() - started), 0.0)
    found = session.solve(
        gap=limits.gap, gap_abs=limits.gap_mcny, time_limit_s=left,
        progress=progress, cancel=cancel,
    )  # fmt: skip
    best = assessor.decided(decided(choices, found))
    still = None if reference is None else assessor.decided(decided(choices, reference))
    if still is not None and still.objective_mcny < best.objective_mcny:
        best = still
    bound = min(found.bound - _ties_mcny(choices), best.objective_mcny)
    return replace(
        best,
        status=found.status,
        bound_mcny=bound,
        gap=(best.objective_mcny - bound) / max(abs(best.objective_mcny), 1e-9),
        seconds=found.seconds,
        reference_mcny=float("nan") if still is None else still.objective_mcny,
        before=before,
    )


def _reference(session: Session, choices: Choices) -> Solution | None:
    """Return the cheapest lawful plan that builds for pinned lines only, or None where there is none."""
    limits, movable = choices.problem.scenario.solver, choices.movable
    pinned = set(movable["build"]) - {""}
    still = movable.index[movable["build"] == ""]
    session.set_bounds("move", upper=pd.Series(0.0, index=still))
    shut = choices.builds.index[~choices.builds.index.isin(sorted(pinned))]
    session.set_bounds("build", upper=pd.Series(0.0, index=shut))
    try:
        return session.solve(
            gap=limits.gap,
            gap_abs=limits.gap_mcny,
            time_limit_s=max(limits.time_limit_s, REFERENCE_S),
            explain=False,
        )
    except (InfeasibleError, WorkbenchError):
        return None


def _ties_mcny(choices: Choices) -> float:
    """Return the most the tie-break can have added to the objective."""
    lines, builds, small = choices.lines, choices.builds, choices.small
    order = np.arange(len(lines), 0.0, -1.0)
    by_line = float((order * lines["count"]).sum()) + len(builds) * (len(builds) + 1) / 2
    return TIE_MCNY * (by_line + 1e-3 * float((np.arange(len(small)) * small["retirable_kt"]).sum()))


def decided(choices: Choices, found: Solution) -> Decided:
    """Return the decisions of a solution line by line: of identical lines the earlier ids stay.

    Of the paying tonnes of a class each moved line gives an equal part; `credits.pairs` names their projects.
    """
    problem, values = choices.problem, found.values
    order = choices.class_of.groupby(choices.class_of).cumcount()
    kept, moved = (values[name].round() for name in ("keep", "move"))
    keep = kept.reindex(choices.class_of).to_numpy()
    move = moved.reindex(choices.class_of).fillna(0.0).to_numpy()
    stays, leaves = order < keep, order >= keep + move
    fate = pd.Series(np.select([stays, leaves], ["keep", "close"], "move"), index=order.index)
    per_line = (values["credit"] / moved.where(moved > 0)).reindex(choices.class_of).to_numpy()
    credit = pd.Series(per_line, index=order.index)[fate == "move"]
    sizes, small = values["build"], values["retire"]
    sizes = sizes[sizes > NOTHING_KT]
    return Decided(fate, sizes, pairs(problem, credit, sizes), small[small > NOTHING_KT])
