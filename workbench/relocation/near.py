"""Plans as good as the best that differ most: modelling to generate alternatives (Brill 1982)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, StoppedError
from workbench.relocation.flips import SAME_MCNY, lines_kept
from workbench.relocation.why import Best
from workbench.solver import Session, Solution

LEAST_UNITS = 2  # plans that differ in fewer units are the same to a planner
_GAP = 0.5  # differences are whole numbers


@dataclass(frozen=True, eq=False)
class Near:
    """Lawful plans no dearer than the best by more than `slack_mcny`, each as different as can be.

    `plans`: one row per plan: units (lines whose stay or leaving differs from every plan before, the best
    included; at least LEAST_UNITS), extra_mcny (what it costs beyond the best with its lines fixed, proven
    to a fifth of SAME_MCNY), leaves and stays (lines, apart by ;, against the best). `kept`: the lines each
    keeps. `complete`: no further plan differs in LEAST_UNITS units from all of them, proven.
    """

    slack_mcny: float
    plans: pd.DataFrame
    kept: tuple[frozenset[str], ...]
    complete: bool


def near(best: Best, *, slack_mcny: float = SAME_MCNY, count: int = 3) -> Near:
    """Return up to `count` plans: each the one that differs in most units from the nearest of those before.

    max t;  t <= sum_l |keep_l - k_jl| for the best plan and each found before (j);  cost <= z + slack
    |keep_l - k_l| = p_l + q_l,  keep_l - k_l = p_l - q_l,  p_l <= (N_l - k_l) y_l,  q_l <= k_l (1 - y_l)

    A unit is a line; what is said of it is whether it stays.
    """
    kept = [best.found.values["keep"].round()]
    rows: list[dict[str, object]] = []
    lines: list[frozenset[str]] = []
    complete = False
    limit = best.problem.scenario.solver.time_limit_s
    while len(rows) < count:
        session = _asked(best, kept, slack_mcny)
        try:
            found = session.solve(gap_abs=_GAP, time_limit_s=limit, explain=False)
        except InfeasibleError:
            complete = True
            break
        except StoppedError:
            break
        keep = found.values["keep"].round()
        kept.append(keep)
        lines.append(lines_kept(best.choices, keep))
        mine = lines_kept(best.choices, kept[0])
        rows.append(
            {
                "units": int(min((keep - other).abs().sum() for other in kept[:-1])),
                "extra_mcny": max(_cheapest(best, keep).objective - best.found.objective, 0.0),
                "leaves": ";".join(sorted(mine - lines[-1])),
                "stays": ";".join(sorted(lines[-1] - mine)),
            }
        )
    columns = ["units", "extra_mcny", "leaves", "stays"]
    return Near(slack_mcny, pd.DataFrame(rows, columns=columns), tuple(lines), complete)


def _asked(best: Best, kept: list[pd.Series], slack_mcny: float) -> Session:
    """Load the program that asks for the plan farthest from those kept, no dearer than the slack allows."""
    model = best.model()
    cost = model.arrays()["cost"]
    priced = np.flatnonzero(cost)
    most = best.found.objective + slack_mcny
    model.rows("slack", ["cost"], [(0, priced, cost[priced])], upper=most)
    keep, count = model.variable_blocks["keep"], best.choices.lines["count"].to_numpy(float)
    row = np.arange(len(count))
    far = model.variables("far", ["units"], cost=-1.0, lower=float(LEAST_UNITS), upper=float(count.sum()))
    for number, known in enumerate(kept):
        k = known.reindex(keep.labels).to_numpy(float)
        more = model.variables(f"more {number}", keep.labels, upper=count - k)
        fewer = model.variables(f"fewer {number}", keep.labels, upper=k)
        side = model.variables(f"side {number}", keep.labels, kind="binary")
        change = [(row, keep.columns, 1.0), (row, more.columns, -1.0), (row, fewer.columns, 1.0)]
        model.rows(f"change {number}", keep.labels, change, lower=k, upper=k)
        model.rows(
            f"only more {number}", keep.labels, [(row, more.columns, 1.0), (row, side.columns, k - count)],
            upper=0.0,
        )  # fmt: skip
        model.rows(
            f"only fewer {number}", keep.labels, [(row, fewer.columns, 1.0), (row, side.columns, k)], upper=k
        )
        apart = [(0, far.columns, -1.0), (0, more.columns, 1.0), (0, fewer.columns, 1.0)]
        model.rows(f"apart {number}", ["units"], apart, lower=0.0)
    session = Session(model, seed=best.problem.scenario.seed)
    for name, block in model.variable_blocks.items():
        if name != "far":  # what it costs is a row now
            session.set_costs(name, pd.Series(0.0, index=block.labels))
    return session


def _cheapest(best: Best, keep: pd.Series) -> Solution:
    """Return the cheapest plan that keeps just these."""
    session = Session(best.model(), seed=best.problem.scenario.seed)
    session.set_bounds("keep", lower=keep, upper=keep)
    limit = best.problem.scenario.solver.time_limit_s
    return session.solve(gap_abs=SAME_MCNY / 5, time_limit_s=limit, explain=False)
