"""How sure a plan is: what each unit's other fate costs, who would take its place, whether more pays."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, StoppedError
from workbench.relocation.decisions import Choices
from workbench.relocation.flips import SAME_MCNY, Flips
from workbench.relocation.law import limits_by_year
from workbench.relocation.problem import Problem
from workbench.relocation.program import formulate
from workbench.solver import Model, Progress, Session, Solution

STEPS_KT = (0.0, 1000.0, 2000.0, 4000.0, 8000.0)


@dataclass(frozen=True, eq=False)
class Doubt:
    """What is not settled about a plan.

    `units` (index line): of each class of identical lines the first that leaves and the last that stays, with
    `leaves` (what the plan says of it), status ``certain`` (its other fate costs more than SAME_MCNY,
    proven), ``interchangeable`` (others take its place at `price_mcny`), ``marginal`` (nobody need) or
    ``open`` (not settled in time); price_mcny (of its other fate, proven to a fifth of SAME_MCNY for units
    that leave, else no more than; NaN where none was looked for or the law leaves none), proven_mcny (no less
    than; infinite where the law leaves none), instead (lines that leave or stay in its place, apart by ;).
    `frontier`: more_kt that may leave beyond the limit, leaves_kt, saved_mcny against no more.
    `flips`: which assumptions would flip the plan, where that was asked for.
    """

    units: pd.DataFrame
    frontier: pd.DataFrame
    flips: Flips | None = None


def doubt(problem: Problem, *, progress: Callable[[str], None] | None = None) -> Doubt:
    """Prove of every unit whether its other fate costs more than SAME_MCNY, and let more leave the zone.

    The clock of the scenario (`solver.time_limit_s`) holds for the units as for a plan.
    """
    choices = Choices(problem)
    figures = limits_by_year(problem)
    tell = progress or (lambda words: None)
    best = _solve(Session(formulate(problem, figures, choices), seed=problem.scenario.seed), problem)
    units = _Units(choices, best, figures).settled(tell)
    return Doubt(units, _frontier(choices, best, tell))


def _solve(session: Session, problem: Problem) -> Solution:
    return session.solve(gap_abs=SAME_MCNY / 5, time_limit_s=problem.scenario.solver.time_limit_s)


class _Units:
    """The two questions asked of each class of lines: could one more be kept, could one fewer?

    A first look relaxes whole numbers: what already costs too much then is certain. Of what is left a
    covering program asks at once for a plan that differs in at least one unit and costs no more than
    SAME_MCNY beyond the best; each answer settles the units in which it differs, no answer all the rest.
    """

    def __init__(self, choices: Choices, best: Solution, figures: Mapping[int, pd.DataFrame]) -> None:
        self.choices, self.best, self.figures = choices, best, figures
        problem, count = choices.problem, choices.lines["count"].astype(float)
        self.kept = best.values["keep"].round()
        free = ~count.index.isin([*problem.scenario.pins, *sorted(problem.overdue)])
        sides = {1: self.kept.index[free & (self.kept < count)], -1: self.kept.index[free & (self.kept > 0)]}
        pairs = [(line, side) for side, lines in sides.items() for line in lines]
        self.items = pd.MultiIndex.from_tuples(pairs, names=["line", "side"])
        self.count = count
        self.rows: dict[tuple[str, int], tuple[str, float, float, str]] = {}

    def settled(self, tell: Callable[[str], None]) -> pd.DataFrame:
        problem = self.choices.problem
        left = _Clock(problem.scenario.solver.time_limit_s)
        self._relaxed(tell)
        self._covered(tell, left)
        self._priced(tell, left)
        columns = ["status", "price_mcny", "proven_mcny", "instead"]
        rows = {self._name(line, side): [side > 0, *self.rows[line, side]] for line, side in self.items}
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["leaves", *columns])
        return table.astype({"leaves": bool}).rename_axis("line")

    def _open(self) -> list[tuple[str, int]]:
        return [item for item in self.items if item not in self.rows]

    def _other(self, line: str, side: int) -> pd.Series:
        return pd.Series({line: self.kept[line] + side})

    def _relaxed(self, tell: Callable[[str], None]) -> None:
        """Settle the units whose other fate is too dear even where part of a line may be kept."""
        model = formulate(self.choices.problem, self.figures, self.choices)
        session = Session(model, relax=True)
        tell(f"逐台初查 {len(self.items)} units, a first look")
        for line, side in self.items:
            was = {"lower": pd.Series({line: 0.0}), "upper": pd.Series({line: self.count[line]})}
            session.set_bounds("keep", **{"lower" if side > 0 else "upper": self._other(line, side)})
            try:
                proven = session.solve(explain=False).objective - self.best.objective
            except InfeasibleError:
                proven = np.inf
            session.set_bounds("keep", **was)
            if proven > SAME_MCNY:
                self.rows[line, side] = ("certain", np.nan, proven, "")

    def _covered(self, tell: Callable[[str], None], left: Callable[[], float]) -> None:
        """Settle the rest by plans that differ somewhere in it, until none as cheap is left."""
        waiting = self._open()
        if not waiting:
            return
        model = formulate(self.choices.problem, self.figures, self.choices)
        differ(model, self.kept, self.count, pd.MultiIndex.from_tuples(waiting))
        session, most = (
            Session(model, seed=self.choices.problem.scenario.seed),
            self.best.objective + SAME_MCNY,
        )
        while waiting := self._open():
            tell(f"未定 {len(waiting)} units to settle")
            told = _Cut(most)
            try:
                found = session.solve(
                    gap_abs=SAME_MCNY / 5, time_limit_s=left(),
                    progress=told.hear, cancel=told.enough, explain=False,
                )  # fmt: skip
            except InfeasibleError:
                return self._close(waiting, np.inf)
            except StoppedError as stopped:
                return self._close(waiting, stopped.bound - self.best.objective)
            if found.objective > most:
                return self._close(waiting, found.bound - self.best.objective)
            self._met(found, waiting)
            shut = [item for item in waiting if item in self.rows]
            zeros = pd.Series(0.0, index=pd.MultiIndex.from_tuples(shut))
            session.set_bounds("differs", upper=zeros)

    def _close(self, items: list[tuple[str, int]], proven: float) -> None:
        """Settle items at once: their other fate costs at least `proven`, if that is enough."""
        status = "certain" if proven > SAME_MCNY else "open"
        self.rows |= {item: (status, np.nan, max(proven, 0.0), "") for item in items}

    def _met(self, found: Solution, items: list[tuple[str, int]]) -> None:
        """Settle the items in which a plan no dearer differs from the best."""
        change = found.values["keep"].round() - self.kept
        for line, side in items:
            if side * change[line] > 0:
                price = max(found.objective - self.best.objective, 0.0)
                instead = self._instead(found, line, side)
                status = "interchangeable" if instead else "marginal"
                self.rows[line, side] = (status, price, 0.0, instead)

    def _priced(self, tell: Callable[[str], None], left: Callable[[], float]) -> None:
        """Find of each unit that leaves, and need not, the cheapest other plan: who stays, at what price."""
        for (line, side), (status, *_) in list(self.rows.items()):
            if side < 0 or status not in ("interchangeable", "marginal"):
                continue
            tell(f"保留 keep {line}")
            model = formulate(self.choices.problem, self.figures, self.choices)
            session = Session(model, seed=self.choices.problem.scenario.seed)
            session.set_bounds("keep", lower=self._other(line, side))
            try:
                found = session.solve(gap_abs=SAME_MCNY / 5, time_limit_s=left(), explain=False)
            except StoppedError:
                continue
            price, proven = (x - self.best.objective for x in (found.objective, found.bound))
            if price <= self.rows[line, side][1]:
                instead = self._instead(found, line, side)
                status = "interchangeable" if instead else "marginal"
                self.rows[line, side] = (status, max(price, 0.0), max(proven, 0.0), instead)

    def _instead(self, found: Solution, line: str, side: int) -> str:
        """Name who leaves (or stays) where this one does not."""
        change = found.values["keep"].round() - self.kept
        others = change.index[(side * change < 0) & (change.index != line)]
        kept = found.values["keep"].round() if side > 0 else self.kept
        return ";".join(sorted(self._member(other, int(kept[other])) for other in others))

    def _name(self, line: str, side: int) -> str:
        return self._member(line, int(self.kept[line]) - (side < 0))

    def _member(self, line: str, number: int) -> str:
        """Return a line of a class by its number: of identical lines the earlier stay."""
        members = self.choices.class_of.index[self.choices.class_of == line]
        return str(members[number])


def differ(model: Model, kept: pd.Series, count: pd.Series, items: pd.MultiIndex) -> None:
    """Ask for a plan that differs in at least one item (class, side) from `kept` of `count` lines.

    differs_i yes or no;  sum_i differs_i >= 1
    keep_l >= (k_l + 1) differs_i                       one more is kept     (side 1)
    keep_l <= N_l - (N_l - k_l + 1) differs_i           one fewer is kept    (side -1)
    """
    block, keep = model.variables("differs", items, kind="binary"), model.variable_blocks["keep"]
    lines, side = items.get_level_values(0), items.get_level_values(1).to_numpy()
    k, n = kept.reindex(lines).to_numpy(float), count.reindex(lines).to_numpy(float)
    row, more = np.arange(len(items)), side > 0
    step = np.where(more, -(k + 1), n - k + 1)
    entries = [(row, keep.at(lines), 1.0), (row, block.columns, step)]
    low, high = np.where(more, 0.0, -np.inf), np.where(more, np.inf, n)
    model.rows("differ", items, entries, lower=low, upper=high)
    model.rows("differ_somewhere", ["any"], [(0, block.columns, 1.0)], lower=1.0)


class _Cut:
    """Stops a search once it found a plan no dearer than `most`, or proved that there is none."""

    def __init__(self, most: float) -> None:
        self.most, self.done = most, False

    def hear(self, told: Progress) -> None:
        self.done = self.done or told.objective <= self.most or told.bound > self.most

    def enough(self) -> bool:
        return self.done


class _Clock:
    """The seconds left of a limit that several searches share."""

    def __init__(self, limit_s: float) -> None:
        self.until = time.monotonic() + limit_s

    def __call__(self) -> float:
        return max(self.until - time.monotonic(), 0.1)


def _frontier(choices: Choices, best: Solution, tell: Callable[[str], None]) -> pd.DataFrame:
    problem = choices.problem
    rows = limits_by_year(problem)[problem.years[-1]]
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


def _loosened(problem: Problem, more_kt: float) -> dict[int, pd.DataFrame]:
    figures = limits_by_year(problem)
    last = figures[problem.years[-1]]
    zone = last["row"] == "zone"
    return figures | {problem.years[-1]: last.assign(high=last["high"].where(~zone, last["high"] + more_kt))}
