"""How sure a plan is: what keeping each unit that leaves costs, who leaves instead, whether more pays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError
from workbench.relocation.decisions import Choices
from workbench.relocation.law import limits
from workbench.relocation.problem import Problem
from workbench.relocation.program import formulate
from workbench.solver import Session, Solution

# Nearer than this two plans are the same to a planner, million CNY a year; each is proven to a fifth of it.
SAME_MCNY = 5.0
STEPS_KT = (0.0, 1000.0, 2000.0, 4000.0, 8000.0)


@dataclass(frozen=True, eq=False)
class Doubt:
    """What is not settled about a plan.

    `units` (index line): one row per class of lines of which some leave: status ``certain`` (keeping one
    costs more than SAME_MCNY, proven), ``interchangeable`` (others leave in its place at `price_mcny`) or
    ``marginal`` (it may as well stay); price_mcny (NaN where the law leaves no other plan), proven_mcny (no
    less than), instead (lines that leave in its place). `frontier`: more_kt that may leave beyond the limit,
    leaves_kt, saved_mcny against no more.
    """

    units: pd.DataFrame
    frontier: pd.DataFrame


def doubt(problem: Problem, *, progress: Callable[[str], None] | None = None) -> Doubt:
    """Solve again with each leaving unit kept, and with more allowed to leave the zone.

    Certainty is proven: the bound of the plan with the unit kept lies beyond the best plan's cost.
    """
    choices = Choices(problem)
    model = formulate(problem, limits(problem), choices)
    tell = progress or (lambda words: None)
    best = _solve(Session(model, seed=problem.scenario.seed), problem)
    count = choices.lines["count"].astype(float)
    leaving = (count - best.values["keep"].round())[lambda n: n > 0].index
    free = [line for line in leaving if line not in problem.scenario.pins and line not in problem.overdue]
    rows = {}
    for line in free:
        tell(f"保留 keep {line}")
        session = Session(model, seed=problem.scenario.seed)
        one_more = pd.Series({line: best.values["keep"][line].round() + 1})
        session.set_bounds("keep", lower=one_more)
        rows[_leaver(choices, best, line)] = _judged(session, choices, best, line)
    columns = ["status", "price_mcny", "proven_mcny", "instead"]
    units = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("line")
    return Doubt(units, _frontier(choices, best, tell))


def _solve(session: Session, problem: Problem) -> Solution:
    return session.solve(gap_abs=SAME_MCNY / 5, time_limit_s=problem.scenario.solver.time_limit_s)


def _leaver(choices: Choices, found: Solution, line: str) -> str:
    """Name the first line of a class that leaves: of identical lines the earlier stay."""
    members = choices.class_of.index[choices.class_of == line]
    return str(members[int(found.values["keep"][line].round())])


def _judged(session: Session, choices: Choices, best: Solution, line: str) -> tuple[str, float, float, str]:
    try:
        other = _solve(session, choices.problem)
    except InfeasibleError:
        return "certain", float("nan"), float("inf"), ""
    price, proven = other.objective - best.objective, other.bound - best.objective
    fewer = best.values["keep"].round() - other.values["keep"].round()
    others = fewer.index[(fewer > 0) & (fewer.index != line)]
    instead = sorted(_leaver(choices, other, name) for name in others)
    if proven > SAME_MCNY:
        status = "certain"
    else:
        status = "interchangeable" if instead else "marginal"
    return status, max(price, 0.0), max(proven, 0.0), ";".join(instead)


def _frontier(choices: Choices, best: Solution, tell: Callable[[str], None]) -> pd.DataFrame:
    problem = choices.problem
    rows = limits(problem)
    rows = rows[(rows["row"] == "zone") & (rows["stance"] == "binding")]
    records = []
    for step in STEPS_KT if len(rows) else ():
        tell(f"多退 {step:,.0f} 千吨 more leaves")
        session = Session(formulate(problem, _loosened(problem, step), choices), seed=problem.scenario.seed)
        found = best if step == 0 else _solve(session, problem)
        gone = choices.lines["count"] - found.values["keep"].round()
        zone = choices.lines["in_zone"] & (choices.lines["industry"] == "cement")
        leaves = float((gone * choices.lines["capacity_kt"])[zone].sum())
        records.append((step, leaves, best.objective - found.objective))
    frame = pd.DataFrame(records, columns=["more_kt", "leaves_kt", "saved_mcny"])
    # a step may never be worth less than a smaller one: what it allows contains the other's plans
    return frame.assign(saved_mcny=np.maximum.accumulate(frame["saved_mcny"].to_numpy(float)))


def _loosened(problem: Problem, more_kt: float) -> pd.DataFrame:
    figures = limits(problem)
    zone = figures["row"] == "zone"
    return figures.assign(high=figures["high"].where(~zone, figures["high"] + more_kt))
