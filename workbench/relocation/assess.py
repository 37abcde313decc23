"""Judge a hand-made plan at once: decisions fixed, a year's operation solved as a small linear program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock

import numpy as np
import pandas as pd

from workbench.cut import Cut
from workbench.errors import LabelError
from workbench.relocation.accounts import objective_mcny
from workbench.relocation.breaches import measured
from workbench.relocation.law import asked_by_year
from workbench.relocation.operation import costs, easier, evened, operate, watered
from workbench.relocation.plan import NO_WATER, Choice, Plan, none_upgraded, tables
from workbench.relocation.problem import FATES, STAYS, Problem, build_for
from workbench.remember import Keep, fresh, of_these
from workbench.solver import Session, Solution


@dataclass(frozen=True, eq=False)
class Decided:
    """What is settled before a year's operation is found; see `plan.Choice`."""

    fate: np.ndarray
    size_kt: Mapping[str, float]
    credit_kt: Mapping[tuple[str, str], float]
    retire_kt: np.ndarray
    upgraded: pd.MultiIndex = field(default_factory=none_upgraded)

    @classmethod
    def of(
        cls,
        problem: Problem,
        fate: pd.Series,
        size_kt: pd.Series,
        credit_kt: pd.Series,
        retire_kt: pd.Series,
        upgraded: pd.MultiIndex | None = None,
    ) -> Decided:
        """Take decisions by label: line, build, (line, build), (industry, prefecture_zh), (line, measure)."""
        gone = retire_kt.reindex(problem.small_works.index).fillna(0.0) if len(retire_kt) else 0.0
        return cls(
            fate.reindex(problem.layout.line_ids).to_numpy(object),
            dict(size_kt.items()),
            dict(credit_kt.items()),
            np.zeros(len(problem.small)) + gone,
            none_upgraded() if upgraded is None else upgraded,
        )


class Operation:
    """One year's operation in the solver's memory, for all scenarios that differ in its numbers alone."""

    def __init__(self, problem: Problem) -> None:
        self._session = Session(operate(problem), seed=problem.scenario.seed)
        self._cost: object = None  # what is in the solver's memory by now
        self._water: object = None
        self._eased = np.zeros(0)
        self._turn = Lock()  # studies of one baseline share it, and an export may run beside the page

    def solve(
        self, problem: Problem, most: np.ndarray, wanted: np.ndarray, upgraded: pd.MultiIndex
    ) -> Solution:
        """Return the cheapest year: each facility makes at `most` so much, each market wants so much (kt).

        What is made with a measure (`upgraded`: line, measure) saves power.
        """
        with self._turn:
            session, model, goal = self._session, self._session.model, problem.scenario.objective
            cost = of_these(
                "operation costs",
                (self, problem.layers, problem.facilities, problem.deliveries, problem.seasons),
                lambda: costs(problem, model),
                options=(goal.cost, goal.co2_cny_t, goal.carbon_price_cny_t),
            )
            if cost is not self._cost:
                self._cost = cost
                for name, values in cost.items():
                    session.set_costs(name, values)
            if problem.hydro_gwh is not self._water and "hydro_supply" in model.row_blocks:
                places = model.row_blocks["hydro_supply"].labels
                session.set_row_bounds("hydro_supply", upper=problem.hydro_gwh.reindex(places))
            self._water = problem.hydro_gwh
            session.set_row_bounds("capacity", upper=most)
            session.set_row_bounds("demand", lower=wanted, upper=wanted)
            if "served" in model.row_blocks:
                session.set_row_bounds("served", upper=problem.may_lack_kt)
            self._ease(problem, most, upgraded)
            return session.solve()

    def _ease(self, problem: Problem, most: np.ndarray, upgraded: pd.MultiIndex) -> None:
        """Let units make with a measure what they may make at all, where they have taken it."""
        block = self._session.model.variable_blocks.get("eased")
        if block is None:
            return
        kt = np.zeros(len(block.labels))
        if len(upgraded):
            at = problem.layout.index.get_indexer(block.labels.get_level_values("line"))
            kt = most[at] * block.labels.isin(upgraded)
        if not np.array_equal(kt, self._eased):
            self._eased = kt
            self._session.set_bounds("eased", upper=pd.Series(kt, index=block.labels))


class Assessor:
    """The plans of one problem: an operation solved again for each set of moves from where it stood.

    `keep` remembers the operation, so that a scenario that differs in its numbers alone takes it over.
    """

    def __init__(self, problem: Problem, *, keep: Keep = fresh) -> None:
        self.problem = problem
        self.asked_by_year = asked_by_year(problem)
        s = problem.scenario
        stands = (s.industries, s.zone.definition, s.power.grid_factor, s.freight, s.seed)
        shape = (*stands, watered(problem), list(easier(problem).index), evened(problem))
        self._operation: Operation = keep("operation", shape, lambda: Operation(problem))
        number = problem.layout.numbers
        self._most = number["utilisation"] * number["capacity_kt"]
        self._most[problem.layout.index.get_indexer(problem.builds.index)] = 0.0  # of projects what is built

    @cached_property
    def limits_by_year(self) -> dict[int, pd.DataFrame]:
        """What the law asks of each year; see `law.limits_by_year`."""
        return {year: rows.frame for year, rows in self.asked_by_year.items()}

    def assess(
        self, moves: Mapping[str, str], *, retire_kt: pd.Series | None = None, before: Plan | None = None
    ) -> Plan:
        """Return the plan in which the named lines are kept, closed or moved to a site and all others kept.

        `moves`: line id -> ``keep``, ``close``, ``upgrade`` (kept, with every measure its unit may take) or a
        site id. Capacity arriving at a site is built up to the
        site's room, divided by the replacement ratio of the place. `retire_kt`: small works that close, kt by
        (industry, prefecture_zh). Rules are not enforced here: `policy.check` judges. Raises LabelError for
        unknown lines, sites and places, and for moves no rule version allows.
        """
        lay = self.problem.layout
        unknown = set(moves) - set(lay.line_ids)
        if unknown:
            raise LabelError("moves name lines that are not in this problem", unexpected=unknown)
        fate, build_of = np.full(len(lay.lines), "keep", dtype=object), {}
        for line, where in moves.items():
            fate[lay.at[line]] = "keep" if where in STAYS else where if where in FATES else "move"
            if where not in FATES:
                build_of[line] = build_for(self.problem, line, where)
        size, credit = self._sizes(build_of)
        better, named = none_upgraded(), [line for line, where in moves.items() if where == "upgrade"]
        if named:
            better = self.problem.offers.index
            better = better[better.get_level_values("line").isin(named)]
        return self.decided(Decided(fate, size, credit, self._small(retire_kt), better), before=before)

    def _small(self, retire_kt: pd.Series | None) -> np.ndarray:
        small = self.problem.small
        if retire_kt is None:
            return np.zeros(len(small))
        known = dict(
            zip(zip(small["industry"], small["prefecture_zh"], strict=True), range(len(small)), strict=True)
        )
        if strange := set(retire_kt.index) - set(known):
            raise LabelError("small works close where none are", unexpected=strange)
        gone = np.zeros(len(small))
        gone[[known[key] for key in retire_kt.index]] = retire_kt.to_numpy(float)
        return np.minimum(gone, small["capacity_kt"])

    def decided(self, settled: Decided, *, before: Plan | None = None, year: int | None = None) -> Plan:
        """Return the plan of given decisions with the cheapest operation, judged by the law of a year.

        Without `year` by that of the last.
        """
        year = self.problem.years[-1] if year is None else year
        problem = self.problem if year == self.problem.years[-1] else self.problem.of(year)
        lay, size = self.problem.layout, settled.size_kt
        most = self._most.copy()
        most[lay.lines[settled.fate != "keep"]] = 0.0
        built = [lay.at[build] for build in size]
        most[built] = lay.numbers["utilisation"][built] * list(size.values())
        found = self._operation.solve(self.problem, most, self._needed(settled.retire_kt), settled.upgraded)
        choice = Choice(
            settled.fate, size, settled.credit_kt, settled.retire_kt,
            found.values["deliver"].to_numpy(float), found.values["unmet"],
            found.values.get("hydro", NO_WATER), settled.upgraded,
        )  # fmt: skip
        return assemble(problem, choice, found, self.asked_by_year[year], before=before)

    def _needed(self, retire_kt: np.ndarray) -> np.ndarray:
        """Return what works must deliver to each market: closed small works sold there no longer."""
        problem, kt = self.problem, self.problem.wanted["net_kt"].copy()
        if retire_kt.any():
            at = problem.market_of_small
            np.add.at(kt, at[at >= 0], (retire_kt * problem.small["use"])[at >= 0])
        return kt

    def _sizes(self, build_of: Mapping[str, str]) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
        """Return what is built, and how much of each moved line pays for it: what the room leaves, shared."""
        at, number = self.problem.layout.at, self.problem.layout.numbers
        closed = {line: float(number["capacity_kt"][at[line]]) for line in build_of}
        arriving: dict[str, float] = {}
        for line, build in build_of.items():
            arriving[build] = arriving.get(build, 0.0) + closed[line]
        ratio, room = ({b: float(number[name][at[b]]) for b in arriving} for name in ("ratio", "capacity_kt"))
        built = {build: min(kt / ratio[build], room[build]) for build, kt in sorted(arriving.items())}
        paid = {(k, b): closed[k] * built[b] * ratio[b] / arriving[b] for k, b in build_of.items()}
        return built, paid


def assemble(
    problem: Problem, choice: Choice, found: Solution, figures: Cut, *, before: Plan | None = None
) -> Plan:
    """Return the plan of a choice, its objective added up from its own tables."""
    made = tables(problem, choice)
    plan = Plan(
        scenario=problem.scenario,
        layers=problem.layers,
        problem=problem,
        status="assessed",
        objective_mcny=float("nan"),
        bound_mcny=float("nan"),
        gap=0.0,
        seconds=found.seconds,
        tables=made,
        measured=measured(problem, figures, made),
        prices=found.duals.get("demand", pd.Series(dtype=float)),
        before=before,
    )
    total = objective_mcny(plan)
    return replace(plan, objective_mcny=total, bound_mcny=total)
