"""Plans in one future after another: what was decided stays, a year's operation is found anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.errors import LabelError, StoppedError, WorkbenchError
from workbench.indicators import INDICATORS
from workbench.relocation.assess import Assessor, Decided
from workbench.relocation.flips import Again
from workbench.relocation.plan import Plan
from workbench.relocation.problem import Problem
from workbench.units import KCNY_PER_MCNY

KEYS = ["clause", "row", "industry", "place"]
# what a failed future is charged, in words
PENALTY = "all demand unmet at its price"
STAY = "stay"  # the alternative that leaves every line where it is

Told = Callable[[int, int], None]  # futures done, futures in all


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one plan came to in one future: indicators and objective, or why it could not be judged.

    `over` (index clause, row, industry, place): by how much each binding row is broken, in its unit: above 0
    beyond what it allows, below 0 short of what it asks, 0 where kept.
    """

    objective_mcny: float
    values: Mapping[str, float]
    over: pd.Series
    failed: str = ""


def settled(plan: Plan, problem: Problem) -> Decided:
    """Return a plan's decisions where other assumptions hold.

    Small works close as decided, but never more than there are. Raises LabelError where the lines are
    others, or something was built that may not stand there.
    """
    lines, builds = plan.decisions.index, plan.builds["capacity_kt"]
    credit = plan.credits.set_index(["line_id", "build_id"])["kt"]
    if set(lines) != set(problem.layout.line_ids):
        other = set(lines) ^ set(problem.layout.line_ids)
        raise LabelError("lines of the plan are others in this future", unexpected=other)
    if gone := set(builds.index) - set(problem.layout.at):
        raise LabelError("what the plan builds may not stand in this future", unexpected=gone)
    if barred := set(credit.index) - problem.possible:
        raise LabelError("moves of the plan are barred in this future", unexpected=barred)
    found = Decided.of(problem, plan.decisions["decision"], builds, credit, plan.unlocated["retired_kt"])
    return replace(found, retire_kt=np.minimum(found.retire_kt, problem.small["capacity_kt"]))


def penalty_mcny(problem: Problem) -> float:
    """Return what a failed future is charged: everything the markets want, lacking at its price, a year."""
    price = [problem.layers.assumptions[f"{i}.unmet_cny_t"] for i in problem.wanted["industry"]]
    return float(problem.wanted["net_kt"] @ np.array(price, dtype=float)) / KCNY_PER_MCNY


def outcomes(
    again: Again,
    plans: Mapping[str, Plan],
    values: pd.DataFrame,
    *,
    charged_mcny: float,
    progress: Told | None = None,
    cancel: Callable[[], bool] | None = None,
) -> dict[str, list[Outcome]]:
    """Judge plans, and leaving all as it is (`STAY`), in every future (row of `values`).

    A future in which a plan cannot be judged (the workbench raises) is charged `charged_mcny` and says why.
    Raises StoppedError when `cancel` says so.
    """
    tell, stop = progress or (lambda done, of: None), cancel or (lambda: False)
    found: dict[str, list[Outcome]] = {name: [] for name in (*plans, STAY)}
    for done, row in enumerate(values.to_dict("records")):
        if stop():
            raise StoppedError(f"stopped after {done} of {len(values)} futures", float("nan"))
        for name, outcome in in_future(again, plans, row, charged_mcny).items():
            found[name].append(outcome)
        tell(done + 1, len(values))
    return found


def in_future(
    again: Again, plans: Mapping[str, Plan], values: Mapping[str, float], charged_mcny: float
) -> dict[str, Outcome]:
    """Judge plans, and leaving all as it is, in one future."""
    try:
        assessor = Assessor(again(values))
    except WorkbenchError as error:
        return {name: _failed(error, charged_mcny) for name in (*plans, STAY)}

    def judged(name: str) -> Outcome:
        try:
            if name == STAY:
                return _counted(assessor.assess({}))
            return _counted(assessor.decided(settled(plans[name], assessor.problem)))
        except WorkbenchError as error:
            return _failed(error, charged_mcny)

    return {name: judged(name) for name in (*plans, STAY)}


def _counted(plan: Plan) -> Outcome:
    limits = plan.measured
    binding, short = limits["stance"] == "binding", limits["amount"] < limits["low"]
    over = np.where(short, -limits["over"], limits["over"])
    keys = pd.MultiIndex.from_arrays([limits[name][binding] for name in KEYS], names=KEYS)
    values = {name: known.measure(plan) for name, known in INDICATORS.items()}
    return Outcome(plan.objective_mcny, values, pd.Series(over[binding], index=keys))


def _failed(error: WorkbenchError, charged_mcny: float) -> Outcome:
    nothing = pd.Series(dtype=float, index=pd.MultiIndex.from_arrays([[]] * len(KEYS), names=KEYS))
    return Outcome(charged_mcny, dict.fromkeys(INDICATORS, np.nan), nothing, str(error).split("\n")[0])
