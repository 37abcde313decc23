"""The back-test in one reading: a plan and its doubt without what came later, then what came later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from workbench.backtests.known import levers, outcomes, without_history
from workbench.backtests.rankings import rankings
from workbench.backtests.score import counted, judged, learned
from workbench.layers.model import Layers
from workbench.layers.read import load
from workbench.scenarios.scenario import Scenario
from workbench.study import Study

INDUSTRIES = ("steel", "cement", "flat_glass", "aluminium")


@dataclass(frozen=True, eq=False)
class Evidence:
    """What was known in 2014 of every works: scores of `rankings`, levers, and kt the plan takes of it."""

    layers: Layers
    scores: pd.DataFrame
    levers: pd.DataFrame
    leaves_kt: pd.Series
    seed: int


@dataclass(frozen=True, eq=False)
class Backtest:
    """What rankings of 2014 find of what came later.

    `works` (index plant id): industry, name_zh, outcome, year, ended, `leaves_kt` (what the plan closes or
    moves of it) and a column per ranking and lever. `rankings`: see `score.judged`. `plan`: works the plan
    touches, by industry: works, ended, found, missed, false. `levers`: see `score.learned`.
    """

    works: pd.DataFrame
    rankings: pd.DataFrame
    plan: pd.DataFrame
    levers: pd.DataFrame


def backtest(
    scenario: Scenario | None = None,
    layers: Layers | None = None,
    *,
    industries: Sequence[str] = INDUSTRIES,
    until: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Backtest:
    """Rank the works of 2014 by the model's reasons and hold the rankings to what became of them.

    See `gather` and `hold`; nothing is gated on the result.
    """
    return hold(gather(scenario, layers, industries=industries, progress=progress), until=until)


def gather(
    scenario: Scenario | None = None,
    layers: Layers | None = None,
    *,
    industries: Sequence[str] = INDUSTRIES,
    progress: Callable[[str], None] | None = None,
) -> Evidence:
    """Make plan, doubt, base year and rankings without what came later: a label is never an input."""
    base = load() if layers is None else layers
    chosen = (scenario or Scenario.baseline()).with_(industries=tuple(industries))
    tell = progress or (lambda words: None)
    tell("方案 the plan")
    study = Study.prepare(chosen, without_history(base))
    plan = study.plan()
    doubt = study.doubt(progress=tell)
    tell("排序 the rankings")
    leaving = plan.decisions[plan.decisions["decision"] != "keep"]
    leaves = leaving.groupby("plant_id")["capacity_kt"].sum()
    return Evidence(base, rankings(study, doubt), levers(base), leaves, chosen.seed)


def hold(evidence: Evidence, *, until: int | None = None) -> Backtest:
    """Hold what was known to what became of works, to this day or `until` a year (see `known.outcomes`).

    Industries of which no works of the baseline has an outcome are in no table.
    """
    works = outcomes(evidence.layers, until=until)
    works = works[works.index.isin(evidence.scores.index)]
    causes = evidence.levers.reindex(works.index)
    leaves = evidence.leaves_kt.reindex(works.index).fillna(0.0)
    both = evidence.scores.reindex(works.index).join(causes)
    touched = [
        {"industry": name, "works": len(part), "ended": int(part["ended"].sum())}
        | counted(leaves[part.index] > 0, part["ended"])
        for name, part in works.groupby("industry")
    ]
    return Backtest(
        works.assign(leaves_kt=leaves).join(both),
        judged(both, works, seed=evidence.seed),
        pd.DataFrame(touched),
        learned(causes, works, seed=evidence.seed),
    )
