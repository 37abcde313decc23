"""Why a line leaves or stays, and why for this site: its other fates forced, each at its price."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, LabelError, StoppedError
from workbench.relocation.accounts import costs_mcny, objective_mcny
from workbench.relocation.assess import Assessor
from workbench.relocation.decisions import Choices
from workbench.relocation.flips import SAME_MCNY
from workbench.relocation.law import limits_by_year
from workbench.relocation.optimise import settle
from workbench.relocation.plan import Plan
from workbench.relocation.problem import Problem
from workbench.relocation.program import formulate
from workbench.solver import Model, Session, Solution
from workbench.units import KCNY_PER_MCNY

# what settles a fate beforehand, as the rules of `rows` are told
_BARRED = {
    "pinned": "已由规划者指定 pinned by the planner",
    "overdue": "P20 P34 到期的落后设备不得保留 overdue obsolete equipment may not stay",
    "obsolete": "P47 落后产能不得转移 obsolete capacity may not move",
    "elsewhere": "模型只转移成都经济区内可承接的生产线 only lines of the zone that a site can take are moved "
    "(zone.moves_from)",
}
Row = dict[str, Any]
NEXT = 3  # sites told beside the one chosen
_COLUMNS = ("fate", "site_id", "status", "extra_mcny", "proven_mcny", "built_kt", "even_cny_t",
            "leaves", "stays", "opens", "shuts", "clauses")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Why:
    """Why one line meets its fate in the best plan (proven to a fifth of SAME_MCNY).

    `fate` (keep, close, move) and `site_id` (where most of its tonnes are rebuilt). `others`: one row per
    other fate, staying and closing first, then sites, the cheapest first: fate, site_id, status ``possible``,
    ``unlawful`` (`clauses` names the rules in the way) or ``open`` (not settled in time); extra_mcny (what
    the best plan with that fate costs beyond the best, million CNY a year) and proven_mcny (no less than);
    built_kt there, even_cny_t (by how much a tonne built there would have to be cheaper, CNY a year, for it
    to be as good); leaves, stays (other lines that change), opens, shuts (sites), apart by ;. `parts`: one
    column per row of `others` that was solved, what each part of the cost changes, million CNY (in the last
    year planned; `breaches` is what priced clauses add). `dearer`: sites proven dearer than those told.
    """

    line: str
    fate: str
    site_id: str
    others: pd.DataFrame
    parts: pd.DataFrame
    dearer: tuple[str, ...]


class Best:
    """The best plan of a problem, and the same program asked for another fate of a line, warm."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.choices, self.figures = problem, Choices(problem), limits_by_year(problem)
        self.found = self._solved(Session(self.model(), seed=problem.scenario.seed))

    def model(self) -> Model:
        """Return the program anew."""
        return formulate(self.problem, self.figures, self.choices)

    def _solved(self, session: Session, *, explain: bool = True) -> Solution:
        limit = self.problem.scenario.solver.time_limit_s
        return session.solve(gap_abs=SAME_MCNY / 5, time_limit_s=limit, explain=explain)

    @cached_property
    def assessor(self) -> Assessor:
        """Judges the plans of the problem."""
        return Assessor(self.problem)

    @cached_property
    def plan(self) -> Plan:
        """The best plan as tables."""
        return self.told(self.found)

    def told(self, found: Solution) -> Plan:
        """Return a solution as a plan."""
        return settle(self.problem, self.choices, self.assessor, found)

    def why(self, line: str, *, site: str | None = None, count: int = NEXT) -> Why:
        """Force every other fate of a line; of its sites the `count` cheapest, and `site`, are solved.

        A site is dearer than those told where even parts of lines and projects would make it so. Raises
        LabelError for a line or site the problem does not have.
        """
        if line not in self.choices.class_of.index:
            raise LabelError("no such line in this problem", missing=[line])
        mine = self.plan.decisions.loc[line]
        fate, here = str(mine["decision"]), str(mine["build_id"])
        table = self.problem.facilities["site_id"]
        question = _Question(self, line, fate, here)
        sites = question.sites()
        wanted = [b for b in sites if str(table[b]) == site]
        if site is not None and not wanted and (not here or str(table[here]) != site):
            raise LabelError(
                f"line {line} may not move to {site}; `why_not` names what bars it", missing=[site]
            )
        rows: list[Row] = []
        plans: dict[tuple[str, str], Plan] = {}
        for other in ("keep", "close"):
            if other != fate:
                rows.append(question.asked(other, "", plans))
        told: dict[str, Row] = {}
        bounds = question.at_least(sites)
        for build in [*wanted, *bounds.sort_values(kind="stable").index]:
            cheapest = sorted(row["extra_mcny"] for row in told.values() if row["status"] == "possible")
            enough = len(cheapest) >= count and cheapest[count - 1] <= bounds[build]
            if build not in told and not (enough and build not in wanted) and np.isfinite(bounds[build]):
                told[build] = question.asked("move", build, plans)
        order = sorted(
            told, key=lambda b: (b not in wanted, np.nan_to_num(told[b]["extra_mcny"], nan=np.inf))
        )
        shown = order[: max(count, len(wanted)) + (len(wanted) and count)]
        rows += [told[build] for build in shown]
        rest = tuple(sorted(str(table[b]) for b in bounds.index[np.isfinite(bounds)] if b not in shown))
        others = pd.DataFrame(rows, columns=list(_COLUMNS))
        return Why(line, fate, str(table[here]) if here else "", others, self._parts(plans, others), rest)

    def _parts(self, plans: dict[tuple[str, str], Plan], others: pd.DataFrame) -> pd.DataFrame:
        base = _costs(self.plan)
        keys = [key for key in zip(others["fate"], others["site_id"], strict=True) if key in plans]
        table = {" ".join(filter(None, key)): _costs(plans[key]) - base for key in keys}
        return pd.DataFrame(table, index=base.index)


class _Question:
    """One line's other fates, asked of one program in memory twice: whole, and with whole numbers relaxed."""

    def __init__(self, best: Best, line: str, fate: str, here: str) -> None:
        self.best, self.line, self.fate, self.here = best, line, fate, here
        self.klass = str(best.choices.class_of[line])
        model = best.model()
        self._taken(model)
        self.whole = Session(model, seed=best.problem.scenario.seed)
        self.relaxed = Session(model, seed=best.problem.scenario.seed, relax=True)
        columns = {name: model.variable_blocks[name] for name in ("keep", "close", "move")}
        lower, mine = model.arrays()["lower"], pd.Index([self.klass])
        self.free = {n: float(lower[b.at(mine)[0]]) for n, b in columns.items() if self.klass in b.labels}

    def _have(self, fate: str) -> float:
        """Return how many lines of the class meet a fate in the best plan."""
        return float(self.best.found.values[fate].round()[self.klass])

    def sites(self) -> list[str]:
        """Return the projects the line may pay for, but the one it pays for."""
        if self.klass not in self.best.choices.movable.index:
            return []
        builds, pool = self.best.choices.builds, self.best.choices.lines.at[self.klass, "pool"]
        return [b for b in builds.index[builds["pool"] == pool] if b != self.here]

    def _taken(self, model: Model) -> None:
        """Write the row by which a site takes the line: it has room for what others of its class do not pay.

        ratio_b build_b - credit_l + cap_l move_l >= cap_l, open until it is asked for.
        """
        choices, blocks = self.best.choices, model.variable_blocks
        if not (sites := self.sites()):
            return
        row, capacity = np.arange(len(sites)), float(choices.lines.at[self.klass, "capacity_kt"])
        mine = pd.Index([self.klass])
        entries = [
            (row, blocks["build"].at(sites), choices.builds.loc[sites, "ratio"].to_numpy()),
            (row, blocks["credit"].at(mine)[0], -1.0),
            (row, blocks["move"].at(mine)[0], capacity),
        ]
        model.rows("taken", sites, entries, lower=-np.inf)

    def _force(self, session: Session, fate: str, build: str, *, on: bool) -> None:
        """Ask for a fate, or take the question back."""
        have = self._have(fate)
        count = float(self.best.choices.lines.at[self.klass, "count"])
        more = min(max(have if fate == self.fate else have + 1.0, 1.0), count)
        session.set_bounds(fate, lower=pd.Series({self.klass: more if on else self.free[fate]}))
        if build:
            capacity = float(self.best.choices.lines.at[self.klass, "capacity_kt"])
            session.set_row_bounds("taken", lower=pd.Series({build: capacity if on else -np.inf}))

    def at_least(self, builds: list[str]) -> pd.Series:
        """Return what each site costs at least beyond the best plan; infinite where no plan is lawful."""
        found = {}
        for build in builds:
            self._force(self.relaxed, "move", build, on=True)
            try:
                solved = self.relaxed.solve(explain=False).objective
                found[build] = max(solved - self.best.found.objective, 0.0)
            except InfeasibleError:
                found[build] = np.inf
            self._force(self.relaxed, "move", build, on=False)
        return pd.Series(found, dtype=float)

    def asked(self, fate: str, build: str, plans: dict[tuple[str, str], Plan]) -> Row:
        """Return the row of one other fate, its plan kept in `plans`."""
        site = str(self.best.problem.facilities.at[build, "site_id"]) if build else ""
        row: Row = dict.fromkeys(_COLUMNS, "")
        row |= dict.fromkeys(("extra_mcny", "proven_mcny", "built_kt", "even_cny_t"), np.nan)
        row |= {"fate": fate, "site_id": site, "status": "possible"}
        if told := self._barred(fate):
            return row | {"status": "unlawful", "clauses": told}
        self._force(self.whole, fate, build, on=True)
        try:
            found = self.best._solved(self.whole, explain=False)
        except InfeasibleError:
            return row | {"status": "unlawful", "clauses": self._clash(fate)}
        except StoppedError:
            return row | {"status": "open"}
        finally:
            self._force(self.whole, fate, build, on=False)
        plan = plans[fate, site] = self.best.told(found)
        extra, proven = (max(x - self.best.found.objective, 0.0) for x in (found.objective, found.bound))
        built = float(found.values["build"].get(build, 0.0)) if build else 0.0
        row |= {"extra_mcny": extra, "proven_mcny": proven, "built_kt": built}
        row["even_cny_t"] = extra * KCNY_PER_MCNY / built if built else np.nan
        return row | self._changes(plan)

    def _changes(self, plan: Plan) -> Row:
        was, now = (p.decisions["decision"].drop(self.line) != "keep" for p in (self.best.plan, plan))
        had, has = (set(p.builds["site_id"]) for p in (self.best.plan, plan))
        found = {
            "leaves": was.index[now & ~was], "stays": was.index[was & ~now],
            "opens": has - had, "shuts": had - has,
        }  # fmt: skip
        return {name: ";".join(sorted(map(str, ids))) for name, ids in found.items()}

    def _barred(self, fate: str) -> str:
        """Name what settles the line's fate before anything is weighed; empty where nothing does."""
        problem = self.best.problem
        if self.klass in problem.scenario.pins:
            return _BARRED["pinned"]
        if fate == "keep" and self.klass in problem.overdue:
            return _BARRED["overdue"]
        if fate == "move" and self.klass not in self.best.choices.movable.index:
            old = self.klass in problem.overdue | problem.obsolete
            return _BARRED["obsolete" if old else "elsewhere"]
        return ""

    def _clash(self, fate: str) -> str:
        """Name the rules that leave no plan with a fate."""
        model = self.best.model()
        column = model.variable_blocks[fate].at(pd.Index([self.klass]))
        model.rows("asked", ["fate"], [(0, column, 1.0)], lower=self._have(fate) + 1.0)
        try:
            Session(model, relax=True).solve()
        except InfeasibleError as error:
            return "; ".join(rule for rule, _ in error.rules)
        return ""


def _costs(plan: Plan) -> pd.Series:
    """Return what a plan's (last) year costs the objective, part by part."""
    goal, costs = plan.scenario.objective, costs_mcny(plan).drop("total")
    weighed = goal.cost * pd.concat([costs, pd.Series({"breaches": float(plan.limits["price_mcny"].sum())})])
    return pd.concat([weighed, pd.Series({"weights": objective_mcny(plan) - float(weighed.sum())})])
