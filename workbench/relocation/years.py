"""Several years as one program: a stage for each, tied by what does not come back and by the time it takes.

Each year's stage holds the state at its end: what is kept, has closed, pays and stands by then. Costs are
those of a year in that state; the years weigh as their money does, levelised over the life of the works:

    w_i = d^i / A,  w_last = sum_(i = last..n-1) d^i / A,  A = sum_(i = 0..n-1) d^i,  d = 1 / (1 + r)

with r = `relocation.interest_share` and n = `relocation.life_years`; the weights sum to 1, so that 5 million
a year mean the same for one year and for five. Rows between a year and the one before:

    close_stays   close_ly >= close_l,y-1        move_stays  move_ly >= move_l,y-1
    credit_stays  credit_ly >= credit_l,y-1      booked once: cap_l move_ly - credit_ly does not fall
    build_stays   build_by >= build_b,y-1        open_stays  open_by >= open_b,y-1
    built_once    build_by - build_b,y-1 <= most_b (open_by - open_b,y-1)
    retire_stays  retire_ky >= retire_k,y-1          upgrade_stays  upgrade_lky >= upgrade_lk,y-1

The last year's blocks keep their plain names, those of the others end in their year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.layers.model import Assumptions
from workbench.relocation.decisions import Choices
from workbench.relocation.problem import Problem
from workbench.solver import Blocks, Model, Solution, Stage

LASTING = ("close", "move", "credit", "open", "build", "retire", "upgrade")


@dataclass(frozen=True)
class Calendar:
    """The years of a plan, and how many a project needs.

    `build_years`: none stands before so many years have passed; `closed_before`: what pays for it has closed
    so many years earlier. Of one year alone only the end is described, and both are 0.
    """

    years: tuple[int, ...]
    build_years: int = 0
    closed_before: int = 0

    @classmethod
    def of(cls, problem: Problem) -> Calendar:
        """Return the calendar of a problem."""
        if len(problem.years) == 1:
            return cls(problem.years)
        a = problem.layers.assumptions
        lead, before = (round(a[f"relocation.{name}"]) for name in ("build_years", "closed_before_years"))
        return cls(problem.years, lead, before)

    @property
    def last(self) -> int:
        """The year whose end is the plan's."""
        return self.years[-1]

    def may_stand(self, year: int) -> bool:
        """Say whether a project decided on when the plan begins may stand at the end of a year."""
        return year - self.years[0] >= max(self.build_years, self.closed_before)

    def pays_for(self, year: int) -> int | None:
        """Return the first year in which what closes by the end of a year may stand rebuilt."""
        start = year + self.closed_before
        return start if start <= self.last else None

    def paid_in(self, year: int) -> int:
        """Return the year in which a project that stands from `year` is built and paid."""
        return max(year - self.build_years, self.years[0])

    def weights(self, assumptions: Assumptions) -> pd.Series:
        """Return what each year counts; index year, sums to 1."""
        rate = assumptions["relocation.interest_share"]
        life = max(round(assumptions["relocation.life_years"]), len(self.years))
        factor = (1 + rate) ** -np.arange(life, dtype=float)
        counted = factor[: len(self.years)].copy()
        counted[-1] = factor[len(self.years) - 1 :].sum()
        return pd.Series(counted / factor.sum(), index=list(self.years))


def stages(model: Model, problem: Problem, calendar: Calendar) -> dict[int, Stage]:
    """Return the stage of each year, the last under plain names."""
    weights = calendar.weights(problem.layers.assumptions)
    return {
        year: Stage(model, "" if year == calendar.last else str(year), float(weights[year]))
        for year in calendar.years
    }


def lasting(stage: Blocks, earlier: Blocks, choices: Choices) -> None:
    """What has closed, pays or stands by the end of a year does so ever after."""
    for name in (name for name in LASTING if name in stage.variable_blocks):
        block, before = stage.variable_blocks[name], earlier.variable_blocks[name]
        row = np.arange(len(block.labels))
        rising = [(row, block.columns, 1.0), (row, before.columns, -1.0)]
        stage.rows(f"{name}_stays", block.labels, rising, lower=0.0)
    some, builds = choices.movable, choices.builds
    pairs = (("booked_once", "move", "credit", some), ("built_once", "open", "build", builds))
    for name, whole, kt, table in pairs:
        row, most = np.arange(len(table)), table["capacity_kt"].to_numpy()
        entries = [
            entry
            for part, sign in ((stage, 1.0), (earlier, -1.0))
            for entry in (
                (row, part.variable_blocks[whole].columns, sign * most),
                (row, part.variable_blocks[kt].columns, -sign),
            )
        ]
        stage.rows(name, table.index, entries, lower=0.0)


def of_stage(found: Solution, name: str) -> dict[str, pd.Series]:
    """Return the values of one stage of a solution under the blocks' plain names."""
    if not name:
        return dict(found.values)
    ending = f" {name}"
    return {k.removesuffix(ending): v for k, v in found.values.items() if k.endswith(ending)}
