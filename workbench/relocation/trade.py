"""What is traded against what: lawful plans of one scenario of which none is better in every objective.

Every objective is a set of costs of the same program. Those the scenario can weigh are read off it: the
program is laid out once with that weight alone. Law, years and operation stay as they are; what a plan pays
for breaches of priced clauses and for goods it leaves unmet counts with the money, and unmet goods with every
objective, so that nothing is won by not delivering.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import pandas as pd

from workbench.errors import DataError, Fault
from workbench.relocation.assess import Assessor
from workbench.relocation.decisions import Choices
from workbench.relocation.optimise import settle
from workbench.relocation.plan import Plan
from workbench.relocation.problem import Problem
from workbench.relocation.program import formulate
from workbench.solver import Model, pareto
from workbench.solver import Objective as Costs

# objective -> (unit, the weights of the scenario's objective that leave it alone); of a year
OBJECTIVES = MappingProxyType(
    {
        "cost": ("million CNY", {"cost": 1.0, "co2_cny_t": 0.0, "jobs_cny": 0.0}),
        "co2": ("kt", {"cost": 0.0, "co2_cny_t": 1e3, "jobs_cny": 0.0}),
        "jobs": ("persons", {"cost": 0.0, "co2_cny_t": 0.0, "jobs_cny": 1e6}),
    }
)


@dataclass(frozen=True, eq=False)
class Front:
    """Plans of which none is better in every objective, cheapest in the first objective first.

    `points`: one row per plan, a column per objective (units as OBJECTIVES; levelised over the years).
    `payoff`: a row per objective, what all are where it comes first. `plans`: those of `points`, in order.
    `knee`: the row nearest to the best of all objectives.
    """

    points: pd.DataFrame
    payoff: pd.DataFrame
    plans: tuple[Plan, ...]
    knee: int


def trade(
    problem: Problem,
    objectives: Sequence[str] = ("cost", "co2"),
    *,
    points: int = 11,
    progress: Callable[[int], None] | None = None,
) -> Front:
    """Return an even sample of what two objectives trade; see `workbench.solver.pareto`.

    Each solve stops at the scenario's `solver.gap_mcny` (in the unit of what it minimises) and within its
    time limit; plans nearer than that are one. Raises DataError for unknown objectives or other than two,
    InfeasibleError when no plan is lawful.
    """
    _refuse(objectives, points)
    choices, limits = Choices(problem), problem.scenario.solver
    model = formulate(problem, choices=choices)
    assessor = Assessor(problem)
    front = pareto(
        model,
        {name: _costs(problem, model, name) for name in objectives},
        points=points,
        step=max(limits.gap_mcny, 1e-3),
        gap_abs=limits.gap_mcny,
        time_limit_s=limits.time_limit_s,
        seed=problem.scenario.seed,
        progress=progress,
    )
    plans = tuple(settle(problem, choices, assessor, found) for found in front.solutions)
    return Front(front.points, front.payoff, plans, front.knee)


def _refuse(objectives: Sequence[str], points: int) -> None:
    known = ", ".join(OBJECTIVES)
    faults = [
        Fault("trade", None, "objective", name, f"one of {known}", "Name two of them.")
        for name in objectives
        if name not in OBJECTIVES
    ]
    if len(set(objectives)) != 2 or len(objectives) != 2:
        found = ", ".join(objectives) or "none"
        faults.append(Fault("trade", None, "objective", found, f"two different of {known}", "Name two."))
    if points < 2:
        faults.append(Fault("trade", None, "points", str(points), "2 or more", "Ask for more points."))
    if faults:
        raise DataError(faults, "nothing can be traded so")


def _costs(problem: Problem, model: Model, name: str) -> Costs:
    """Return the costs of the program's variables when one objective alone counts."""
    goal = problem.scenario.objective.model_copy(update=OBJECTIVES[name][1])
    scenario = problem.scenario.model_copy(update={"objective": goal})
    alone = formulate(replace(problem, scenario=scenario))
    cost = pd.Series(alone.arrays()["cost"])
    parts = {block: cost[v.columns].set_axis(v.labels) for block, v in model.variable_blocks.items()}
    return {block: values[values != 0] for block, values in parts.items() if values.any()}
