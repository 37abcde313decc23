"""Rankings of works by the model's own reasons, and beside them by age, size and distance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from workbench import crs
from workbench.errors import InfeasibleError
from workbench.relocation.decisions import Choices
from workbench.relocation.doubt import Doubt
from workbench.relocation.law import limits_by_year
from workbench.relocation.problem import Problem
from workbench.relocation.program import formulate
from workbench.solver import Session
from workbench.study import Study

OWN = ("plan", "gain", "low_use", "obsolete", "cost")
BESIDE = ("age", "small", "small_unit", "near")
_YEAR = 2014.0
_CHENGDU = "成都市"
# A fate no lawful plan has is dearer than any price, million CNY a year; only ranks matter.
_NEVER_MCNY = 1e6


def rankings(study: Study, doubt: Doubt) -> pd.DataFrame:
    """Return a score of every works by each reason; higher: sooner to end. Index plant id.

    The model's own: `plan` (what the other fate of its lines costs, million CNY a year, above 0 where they
    leave, below where they stay), `gain` (of its lines moving or closing alone), `low_use` (1 - use in the
    base year), `obsolete` (share that is listed), `cost` (CNY per tonne at the works, fixed cost included).
    Beside: `age` (years in 2014, NaN where no year is known), `small` (capacity, negative), `small_unit` (of
    its largest line), `near` (km to Chengdu, negative). Lines count by capacity.
    """
    problem, lines = study.problem, study.problem.lines
    listed = lines.index.isin(sorted(problem.obsolete | problem.overdue))
    use = study.base_year.use["use_share"].reindex(lines.index)
    scores = pd.DataFrame(
        {
            "plan": _other_fate(problem, doubt),
            "gain": gain_alone(problem),
            "low_use": 1.0 - use,
            "obsolete": listed.astype(float),
            "cost": lines["works_cny_t"] + lines["fixed_cny_t"],
        },
        index=lines.index,
    )
    weight, works = lines["capacity_kt"], lines["plant_id"]
    table = scores.mul(weight, axis=0).groupby(works).sum().div(weight.groupby(works).sum(), axis=0)
    # alike to a thousandth of a unit is alike: the order of a sum must not rank works
    return table.round(3).join(_beside(study, table.index)).rename_axis("plant_id")


def _other_fate(problem: Problem, doubt: Doubt) -> pd.Series:
    """What the other fate of each line costs: above 0 for those that leave, below for those that stay.

    Of identical lines `doubt` names the last that stays and the first that leaves: those beside are alike.
    """
    class_of, units = Choices(problem).class_of, doubt.units
    price = units["price_mcny"].fillna(units["proven_mcny"]).clip(upper=_NEVER_MCNY)
    fixed = class_of.index.isin(sorted(problem.overdue))
    score = pd.Series(np.where(fixed, _NEVER_MCNY, 0.0), index=class_of.index)
    for line, leaves, mcny in zip(units.index, units["leaves"], price, strict=True):
        members = class_of.index[class_of == class_of[line]]
        at = members.get_loc(line)
        alike = members[at:] if leaves else members[: at + 1]
        score[alike] = mcny if leaves else -mcny
    return score


def gain_alone(problem: Problem) -> pd.Series:
    """Return what the best move or closure of each line alone would save, million CNY a year.

    All other lines are kept and no clause is asked but that new capacity is paid for with closed; whole
    numbers are relaxed. Lines of the whole province may move. Index line.
    """
    zone = problem.scenario.zone.model_copy(update={"moves_from": "anywhere"})
    free = replace(problem, scenario=problem.scenario.model_copy(update={"zone": zone}))
    free = free.of(free.years[-1])
    choices = Choices(free)
    figures = {y: rows[rows["row"] == "replacement"] for y, rows in limits_by_year(free).items()}
    session = Session(formulate(free, figures, choices), relax=True)
    count = choices.lines["count"].astype(float)
    session.set_bounds("keep", lower=count, upper=count)
    kept = session.solve().objective
    saved = {}
    for line in count.index:
        one = pd.Series({line: count[line] - 1.0})
        session.set_bounds("keep", lower=one, upper=one)
        try:
            saved[line] = kept - session.solve(explain=False).objective
        except InfeasibleError:
            saved[line] = -_NEVER_MCNY
        session.set_bounds("keep", lower=count.loc[[line]], upper=count.loc[[line]])
    return pd.Series(saved).reindex(choices.class_of).set_axis(choices.class_of.index).rename("gain")


def _beside(study: Study, works: pd.Index) -> pd.DataFrame:
    lines, plants = study.problem.lines, pd.DataFrame(study.layers.plants).loc[works]
    own = lines.groupby("plant_id")["capacity_kt"]
    start = pd.DataFrame(study.layers.lines).groupby("plant_id")["start_year"].min()
    started = plants["commissioned_year"].astype(float).fillna(start.reindex(works))
    seat = study.layers.prefectures.set_index("prefecture_zh").loc[_CHENGDU]
    km = crs.distance_km(
        plants["lon"].to_numpy(float), plants["lat"].to_numpy(float), seat["seat_lon"], seat["seat_lat"]
    )
    return pd.DataFrame(
        {
            "age": _YEAR - started,
            "small": -own.sum().reindex(works),
            "small_unit": -own.max().reindex(works),
            "near": -np.asarray(km, float),
        },
        index=works,
    )
