"""Judge a hand-made plan at once: decisions fixed, a year's operation solved as a small linear program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.relocation.accounts import objective_mcny
from workbench.relocation.breaches import measured
from workbench.relocation.law import limits_by_year
from workbench.relocation.operation import costs, operate, watered
from workbench.relocation.plan import Choice, Plan, tables
from workbench.relocation.problem import Problem, build_for
from workbench.remember import Keep, fresh
from workbench.solver import Session, Solution
from workbench.units import KCNY_PER_MCNY


@dataclass(frozen=True)
class Decided:
    """What is settled before a year's operation is found; series as in `plan.Choice`."""

    fate: pd.Series
    size_kt: pd.Series
    credit_kt: pd.Series
    retire_kt: pd.Series


class Operation:
    """One year's operation in the solver's memory, for all scenarios that differ in its numbers alone."""

    def __init__(self, problem: Problem) -> None:
        self._session = Session(operate(problem), seed=problem.scenario.seed)
        self._problem = problem
        self._turn = Lock()  # studies of one baseline share it, and an export may run beside the page

    def solve(self, problem: Problem, most: pd.Series, wanted: pd.Series) -> Solution:
        """Return the cheapest year: each facility makes at `most` so much, each market wants so much."""
        with self._turn:
            if problem is not self._problem:
                self._problem = problem
                for name, cost in costs(problem, self._session.model).items():
                    self._session.set_costs(name, cost)
                if "hydro_supply" in self._session.model.row_blocks:
                    places = self._session.model.row_blocks["hydro_supply"].labels
                    self._session.set_row_bounds("hydro_supply", upper=problem.hydro_gwh.reindex(places))
            self._session.set_row_bounds("capacity", upper=most)
            self._session.set_row_bounds("demand", lower=wanted, upper=wanted)
            return self._session.solve()


class Assessor:
    """The plans of one problem: an operation solved again for each set of moves from where it stood.

    `keep` remembers the operation, so that a scenario that differs in its numbers alone takes it over.
    """

    def __init__(self, problem: Problem, *, keep: Keep = fresh) -> None:
        self.problem = problem
        self.limits_by_year = limits_by_year(problem)
        self.limits = self.limits_by_year[problem.years[-1]]
        s = problem.scenario
        shape = (s.industries, s.zone.definition, s.power.grid_factor, s.freight, s.seed, watered(problem))
        self._operation: Operation = keep("operation", shape, lambda: Operation(problem))
        self._most = problem.facilities["utilisation"] * problem.facilities["capacity_kt"]
        self._most[problem.facilities["kind"] == "build"] = 0.0
        self._lines = problem.lines.index

    def assess(
        self, moves: Mapping[str, str], *, retire_kt: pd.Series | None = None, before: Plan | None = None
    ) -> Plan:
        """Return the plan in which the named lines are kept, closed or moved to a site and all others kept.

        `moves`: line id -> ``keep``, ``close`` or a site id. Capacity arriving at a site is built up to the
        site's room, divided by the replacement ratio of the place. `retire_kt`: small works that close, kt by
        (industry, prefecture_zh). Rules are not enforced here: `policy.check` judges. Raises LabelError for
        unknown lines, sites and places, and for moves no rule version allows.
        """
        unknown = set(moves) - set(self._lines)
        if unknown:
            raise LabelError("moves name lines that are not in this problem", unexpected=unknown)
        fate, build_of = pd.Series("keep", index=self._lines), {}
        for line, where in moves.items():
            fate[line] = where if where in ("keep", "close") else "move"
            if fate[line] == "move":
                build_of[line] = build_for(self.problem, line, where)
        size, credit = self._sizes(build_of)
        return self.decided(Decided(fate, size, credit, self._small(retire_kt)), before=before)

    def _small(self, retire_kt: pd.Series | None) -> pd.Series:
        known = self.problem.small_works["capacity_kt"]
        if retire_kt is None:
            return known.iloc[:0]
        strange = retire_kt.index.difference(known.index)
        if len(strange):
            raise LabelError("small works close where none are", unexpected=strange)
        return retire_kt.clip(upper=known[retire_kt.index])

    def decided(self, settled: Decided, *, before: Plan | None = None, year: int | None = None) -> Plan:
        """Return the plan of given decisions with the cheapest operation, judged by the law of a year.

        Without `year` by that of the last.
        """
        year = self.problem.years[-1] if year is None else year
        problem = self.problem if year == self.problem.years[-1] else self.problem.of(year)
        table, fate, size = self.problem.facilities, settled.fate, settled.size_kt
        most = self._most.copy()
        most[fate.index[fate != "keep"]] = 0.0
        most[size.index] = table["utilisation"].reindex(size.index) * size
        found = self._operation.solve(self.problem, most, self._wanted(settled.retire_kt))
        choice = Choice(fate, size, settled.credit_kt, settled.retire_kt, *operated(found))
        return assemble(problem, choice, found, self.limits_by_year[year], before=before)

    def _wanted(self, retire_kt: pd.Series) -> pd.Series:
        """Return what works must deliver to each market: closed small works sold there no longer."""
        problem, kt = self.problem, self.problem.demand["net_kt"].to_numpy(float, copy=True)
        if len(retire_kt):
            at = problem.market_of_small.reindex(retire_kt.index)
            sold = (retire_kt * problem.small_works["use"].reindex(retire_kt.index))[at.notna()]
            np.add.at(kt, at.dropna().to_numpy(int), sold.to_numpy(float))
        return pd.Series(kt, index=problem.market_keys)

    def _sizes(self, build_of: Mapping[str, str]) -> tuple[pd.Series, pd.Series]:
        """Return what is built, and how much of each moved line pays for it: what the room leaves, shared."""
        capacity, ratio = self.problem.facilities["capacity_kt"], self.problem.facilities["ratio"]
        closed = {line: float(capacity[line]) for line in build_of}
        arriving: dict[str, float] = {}
        for line, build in build_of.items():
            arriving[build] = arriving.get(build, 0.0) + closed[line]
        built = {build: min(kt / ratio[build], capacity[build]) for build, kt in sorted(arriving.items())}
        paid = [closed[k] * built[b] * ratio[b] / arriving[b] for k, b in build_of.items()]
        pairs = pd.MultiIndex.from_arrays([list(build_of), list(build_of.values())], names=["line", "build"])
        return pd.Series(built, dtype=float), pd.Series(paid, index=pairs, dtype=float)


def operated(found: Solution) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return deliveries, unmet demand and surplus hydropower of a solution."""
    hydro = found.values.get("hydro", pd.Series(dtype=float))
    return found.values["deliver"], found.values["unmet"], hydro


def assemble(
    problem: Problem, choice: Choice, found: Solution, figures: pd.DataFrame, *, before: Plan | None = None
) -> Plan:
    """Return the plan of a choice, its objective added up from its own tables."""
    duals = found.duals.get("demand", pd.Series(dtype=float)).rename("cny_t") * KCNY_PER_MCNY
    frames = tables(problem, choice)
    plan = Plan(
        scenario=problem.scenario,
        layers=problem.layers,
        problem=problem,
        status="assessed",
        objective_mcny=float("nan"),
        bound_mcny=float("nan"),
        gap=0.0,
        seconds=found.seconds,
        **frames,
        duals=duals.reset_index(),
        limits=measured(problem, figures, frames),
        before=before,
    )
    total = objective_mcny(plan)
    return replace(plan, objective_mcny=total, bound_mcny=total)
