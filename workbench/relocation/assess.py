"""Judge a hand-made plan at once: decisions fixed, a year's operation solved as a small linear program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from workbench.errors import LabelError
from workbench.relocation import milp
from workbench.relocation.accounts import objective_mcny
from workbench.relocation.plan import Choice, Plan, tables
from workbench.relocation.problem import Problem, build_for
from workbench.solver import Session, Solution


class Assessor:
    """One operation program in memory, solved again for each set of moves from where it stood."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._session = Session(milp.operate(problem), seed=problem.scenario.seed)
        self._most = problem.facilities["utilisation"] * problem.facilities["capacity_kt"]
        self._most[problem.facilities["kind"] == "build"] = 0.0
        self._lines = problem.lines.index

    def assess(self, moves: Mapping[str, str], *, before: Plan | None = None) -> Plan:
        """Return the plan in which the named lines are kept, closed or moved to a site and all others kept.

        `moves`: line id -> ``keep``, ``close`` or a site id. Capacity arriving at a site is built up to the
        site's room, divided by the replacement ratio. Rules are not enforced here: `policy.check` judges.
        Raises LabelError for unknown lines and sites, and for moves no rule version allows.
        """
        unknown = set(moves) - set(self._lines)
        if unknown:
            raise LabelError("moves name lines that are not in this problem", unexpected=unknown)
        fate = pd.Series("keep", index=self._lines)
        build_of = pd.Series("", index=self._lines)
        for line, where in moves.items():
            fate[line] = where if where in ("keep", "close") else "move"
            if fate[line] == "move":
                build_of[line] = build_for(self.problem, line, where)
        return self.decided(fate, build_of, *self._sizes(fate, build_of), before=before)

    def decided(
        self,
        fate: pd.Series,
        build_of: pd.Series,
        size_kt: pd.Series,
        credit_kt: pd.Series,
        *,
        before: Plan | None = None,
    ) -> Plan:
        """Return the plan of given decisions with the cheapest operation."""
        facilities = self.problem.facilities
        most = self._most.copy()
        most[fate.index[fate != "keep"]] = 0.0
        most[size_kt.index] = facilities["utilisation"].reindex(size_kt.index) * size_kt
        self._session.set_row_bounds("capacity", upper=most)
        found = self._session.solve()
        choice = Choice(fate, build_of, size_kt, credit_kt, *operated(found))
        return assemble(self.problem, choice, found, before=before)

    def _sizes(self, fate: pd.Series, build_of: pd.Series) -> tuple[pd.Series, pd.Series]:
        """Return what is built, and how much of each moved line pays for it: what the room leaves, shared."""
        moved = build_of[fate == "move"]
        capacity = self.problem.facilities["capacity_kt"]
        closed, ratio = capacity.reindex(moved.index), self.problem.scenario.policy.replacement_ratio
        arriving = closed.groupby(moved).sum()
        built = (arriving / ratio).clip(upper=capacity.reindex(arriving.index))
        used = (built * ratio / arriving).reindex(moved).to_numpy()
        return built, closed * used


def operated(found: Solution) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return deliveries, unmet demand and surplus hydropower of a solution."""
    hydro = found.values.get("hydro", pd.Series(dtype=float))
    return found.values["deliver"], found.values["unmet"], hydro


def assemble(problem: Problem, choice: Choice, found: Solution, *, before: Plan | None = None) -> Plan:
    """Return the plan of a choice, its objective added up from its own tables."""
    duals = found.duals.get("demand", pd.Series(dtype=float)).rename("cny_t") * 1e3
    plan = Plan(
        scenario=problem.scenario,
        layers=problem.layers,
        problem=problem,
        status="assessed",
        objective_mcny=float("nan"),
        bound_mcny=float("nan"),
        gap=0.0,
        seconds=found.seconds,
        **tables(problem, choice),
        duals=duals.reset_index(),
        before=before,
    )
    total = objective_mcny(plan)
    return replace(plan, objective_mcny=total, bound_mcny=total)
