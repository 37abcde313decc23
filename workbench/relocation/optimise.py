"""Find the best plan: a lawful reference first, then the whole program from there, read back as tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench import solver
from workbench.errors import StoppedError, WorkbenchError
from workbench.relocation.assess import Assessor, Decided
from workbench.relocation.consolidate import joined
from workbench.relocation.credits import NOTHING_KT, pairs
from workbench.relocation.decisions import TIE_MCNY, TIE_MCNY_KT, Choices
from workbench.relocation.plan import Plan
from workbench.relocation.problem import Problem
from workbench.relocation.program import formulate
from workbench.relocation.search import FIRST_SHARE, Search
from workbench.relocation.years import Calendar, of_stage
from workbench.solver import Model, Progress, Session, Solution

# What the reference may take when the planner's limit is too short for any plan.
REFERENCE_S = 20.0
# What a rebuilt tonne costs on top where as few as possible are looked for: more than any saves in a year.
REBUILT_MCNY_KT = 10.0


def optimise(
    problem: Problem,
    *,
    before: Plan | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Plan:
    """Return the best plan within the scenario's gap and time, with its proven bound.

    First the reference: the cheapest lawful plan that moves nothing but what is pinned (every line kept where
    that is lawful), or, where none is lawful, the one whose end rebuilds the fewest tonnes. The search starts
    there, so that the plan is never worse, whatever the time; how it goes on: see `search`. Operation is
    solved once more with the decisions fixed, so that deliveries are the cheapest for them and market prices
    (`duals`) exist. Raises InfeasibleError naming the rules in conflict.
    """
    limits, assessor, choices = problem.scenario.solver, Assessor(problem), Choices(problem)
    model = formulate(problem, assessor.limits_by_year, choices)
    started = time.monotonic()
    reference = _reference(problem, choices, model)
    known = [] if reference is None else [reference]
    left = limits.time_limit_s  # one clock for both, where the search has a plan to answer with
    if known:
        left = max(left - (time.monotonic() - started), 0.0)
    found = Search(problem, left, progress, cancel, _ties_mcny(choices)).best(model, reference)
    best = settle(problem, choices, assessor, found)
    still = None if reference is None else settle(problem, choices, assessor, reference)
    if still is not None and still.objective_mcny < best.objective_mcny:
        best = still
    bound = min(found.bound - _ties_mcny(choices), best.objective_mcny)
    return replace(
        best,
        joined=joined(best),
        status=found.status,
        bound_mcny=bound,
        gap=(best.objective_mcny - bound) / max(abs(best.objective_mcny), 1e-9),
        seconds=found.seconds,
        reference_mcny=float("nan") if still is None else still.objective_mcny,
        before=before,
    )


def _reference(problem: Problem, choices: Choices, model: Model) -> Solution | None:
    """Return the cheapest lawful plan that builds for pinned lines only; else the one that rebuilds least.

    None where neither is found in time.
    """
    limits, movable = problem.scenario.solver, choices.movable
    session, pinned = Session(model, seed=problem.scenario.seed), set(movable["build"]) - {""}
    still = movable.index[movable["build"] == ""]
    session.set_bounds("move", upper=pd.Series(0.0, index=still))
    shut = choices.builds.index[~choices.builds.index.isin(sorted(pinned))]
    session.set_bounds("build", upper=pd.Series(0.0, index=shut))
    share = limits.time_limit_s * (FIRST_SHARE if len(problem.years) > 1 else 1.0)
    for allowed in (share, REFERENCE_S):
        try:
            return session.solve(gap=limits.gap, gap_abs=limits.gap_mcny, time_limit_s=allowed, explain=False)
        except StoppedError:
            continue
        except WorkbenchError:
            return _least_rebuilt(problem, model)
    return None


def _least_rebuilt(problem: Problem, model: Model) -> Solution | None:
    """Return the plan whose end rebuilds as few tonnes as the law allows, reached at least cost.

    Where a task cannot be done by closing, replaced tonnes must do it; None if none is found in time.
    """
    cost = model.arrays()["cost"]
    dear = cost.copy()
    dear[model.variable_blocks["build"].columns] += REBUILT_MCNY_KT
    search = Search(problem, problem.scenario.solver.time_limit_s)
    whole = np.ones(model.columns, dtype=bool)
    found = search.end_first(solver.part(model, whole, dear), problem.scenario.solver.gap_mcny)
    if found is None:
        return None
    values = np.concatenate([found.values[name] for name in model.variable_blocks])
    return replace(found, objective=float(cost @ values), bound=float("-inf"))


def _ties_mcny(choices: Choices) -> float:
    """Return the most the tie-break can have added to the objective."""
    lines, builds, small = choices.lines, choices.builds, choices.small
    order = np.arange(len(lines), 0.0, -1.0)
    by_line = float((order * lines["count"]).sum()) + len(builds) * (len(builds) + 1) / 2
    return TIE_MCNY * by_line + TIE_MCNY_KT * float((np.arange(len(small)) * small["retirable_kt"]).sum())


def settle(problem: Problem, choices: Choices, assessor: Assessor, found: Solution) -> Plan:
    """Return the plan of a solution: of several years the last, with the state of each in `stages`.

    The objective is the levelised year: that of each year by its weight.
    """
    calendar = Calendar.of(problem)
    states = {year: assessor.decided(settled, year=year) for year, settled in decided(choices, found).items()}
    final = states[calendar.last]
    if len(states) == 1:
        return final
    weights = calendar.weights(problem.layers.assumptions)
    total = sum(float(weights[year]) * state.objective_mcny for year, state in states.items())
    return replace(final, scenario=problem.scenario, stages=states, objective_mcny=total)


def decided(choices: Choices, found: Solution) -> dict[int, Decided]:
    """Return the decisions of a solution line by line, as they stand at the end of each year.

    Of identical lines the earlier ids stay, and of those that leave the later leave first. Of the tonnes a
    class pays with in a year each line moved in it gives an equal part; `credits.pairs` names their projects.
    """
    problem, calendar = choices.problem, Calendar.of(choices.problem)
    values = {year: of_stage(found, "" if year == calendar.last else str(year)) for year in calendar.years}
    order = choices.class_of.groupby(choices.class_of).cumcount()

    def members(year: int, name: str) -> pd.Series:
        counts = values[year][name].round().reindex(choices.class_of).fillna(0.0)
        return pd.Series(counts.to_numpy(), index=order.index)

    last = calendar.last
    keep, move, count = members(last, "keep"), members(last, "move"), members(last, "close")
    stays, leaves = order < keep, order >= keep + move
    fate = pd.Series(np.select([stays, leaves], ["keep", "close"], "move"), index=order.index)
    turn = pd.Series(np.where(leaves, keep + move + count, keep + move) - 1 - order, index=order.index)
    closed = pd.Series(last, index=order.index)
    for year in reversed(calendar.years):
        gone = turn < np.where(leaves, members(year, "close"), members(year, "move"))
        closed[gone & ~stays] = year
    credit = _credit_by_line(choices, values, closed[fate == "move"])
    sizes = {year: part["build"][part["build"] > NOTHING_KT] for year, part in values.items()}
    paid = pairs(problem, credit, _begun(sizes), closed, closed_before=calendar.closed_before)
    settled = {}
    for year, part in values.items():
        now = fate.where(closed <= year, "keep")
        booked = paid[paid.index.get_level_values("line").map(closed) <= year] if len(paid) else paid
        small = part["retire"]
        better = _bettered(choices, part, order)
        settled[year] = Decided.of(problem, now, sizes[year], booked, small[small > NOTHING_KT], better)
    return settled


def _bettered(choices: Choices, values: Mapping[str, pd.Series], order: pd.Series) -> pd.MultiIndex:
    """Return the (line, measure) taken: of identical lines the earlier are bettered first, as they stay."""
    offered = choices.problem.offers.index
    if "upgrade" not in values:
        return offered[:0]
    lines = offered.get_level_values("line")
    key = pd.MultiIndex.from_arrays([choices.class_of[lines], offered.get_level_values("measure")])
    taken = values["upgrade"].round().reindex(key).to_numpy()
    return offered[order[lines].to_numpy() < taken]


def _credit_by_line(
    choices: Choices, values: Mapping[int, Mapping[str, pd.Series]], closed: pd.Series
) -> pd.Series:
    """Share what a class pays with more in a year among its lines moved in that year."""
    credit, before, moved = pd.Series(0.0, index=closed.index), 0.0, 0.0
    for year, part in values.items():
        now, count = part["credit"], part["move"].round()
        each = (now - before) / (count - moved).where(count - moved > 0)
        mine = closed.index[closed == year]
        credit[mine] = each.reindex(choices.class_of[mine]).to_numpy()
        before, moved = now, count
    return credit


def _begun(sizes: Mapping[int, pd.Series]) -> pd.Series:
    """Return what begins to stand, kt by (build, year)."""
    table = pd.DataFrame(sizes).fillna(0.0).rename_axis("build")
    more = table.diff(axis=1).fillna(table)
    parts = {(build, year): kt for year in more for build, kt in more[year].items() if kt > NOTHING_KT}
    none = pd.MultiIndex.from_arrays([[], []])
    return pd.Series(parts, dtype=float) if parts else pd.Series(dtype=float, index=none)
