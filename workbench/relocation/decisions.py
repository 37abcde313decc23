"""What the program decides: the fate of each class of lines, credits, projects, small works closed.

Sets: classes l of identical lines (N_l each), builds b, pools p of industry and process built, prefectures k.
Capacity in kt a year, money in million CNY a year.

    keep_l, move_l  whole numbers in 0..N_l;  close_l >= 0;  credit_l, local_l, build_b, retire_ik >= 0 (kt)
    open_b          yes or no
    one_fate        keep_l + close_l + move_l = N_l
    credit_most     credit_l <= cap_l move_l         each closed tonne is used once
    credit_least    credit_l >= least cap_l move_l   less is no move but a closure
    pinned          sum_(l pinned to b) credit_l <= ratio_b build_b
    follow_line     local_l <= credit_l              rebuilt in its own prefecture: more people follow
    follow_place    sum_(l in k) local_l <= sum_(b in k) ratio_b build_b
    build_most      build_b <= most_b open_b         build_least  build_b >= least_b open_b
    line_capacity   sum_m x_lm <= use_l cap_l keep_l
    new_capacity    sum_m x_bm <= use_b build_b
    bought_most     sum_m x_gm <= most_g             what neighbours sell at gateway g
    site_room       sum_(b at a site) build_b / most_b <= 1
    upgrade_kept    upgrade_lk <= keep_l             measures k at units that stay, whole numbers in 0..N_l
    eased_most      eased_lk <= use_l cap_l upgrade_lk      tonnes made with less power, see `operation`

Credits are pooled: which line pays for which project is named afterwards (`credits.pairs`), at no loss, as a
project needs tonnes of its pool, not of a certain line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.relocation.facilities import replaced_by
from workbench.relocation.money import annuity
from workbench.relocation.operation import made_by, operation
from workbench.relocation.problem import FATES, STAYS, Problem, build_for, one_off_cny_t
from workbench.relocation.units import classes
from workbench.solver import Blocks, Entries, Variables
from workbench.units import CNY_PER_MCNY, KCNY_PER_MCNY, KG_PER_T

# Among plans of equal cost lines of earlier ids stay and earlier projects are built: yuan enough to decide.
TIE_MCNY, TIE_MCNY_KT = 1e-5, 1e-8  # by line or project, by kt of small works


@dataclass(frozen=True)
class Choices:
    """The tables the program's blocks are labelled by; every index sorted."""

    problem: Problem

    @cached_property
    def class_of(self) -> pd.Series:
        """The class of each line."""
        return classes(self.problem)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """One row per class (index its first line): its columns, `count`, `pool`, `build` it is pinned to."""
        count = self.class_of.value_counts()
        lines = self.problem.lines.loc[sorted(count.index)]
        pool = [f"{i}|{replaced_by(i, p)}" for i, p in zip(lines["industry"], lines["process"], strict=True)]
        pins = self.problem.scenario.pins
        to = {line: build_for(self.problem, line, site) for line, site in pins.items() if site not in FATES}
        build = [to.get(line, "") for line in lines.index]
        return lines.assign(count=count.reindex(lines.index), pool=pool, build=build)

    @cached_property
    def builds(self) -> pd.DataFrame:
        """Projects with their `pool`."""
        builds = self.problem.builds
        return builds.assign(pool=builds["industry"] + "|" + builds["process"])

    @cached_property
    def movable(self) -> pd.DataFrame:
        """Classes that may pay for a project: those pinned to a site, free ones of the zone or anywhere."""
        lines, problem = self.lines, self.problem
        barred = problem.obsolete | problem.overdue
        free = ~lines.index.isin([*sorted(barred), *problem.scenario.pins])
        if problem.scenario.zone.moves_from == "zone":
            free &= lines["in_zone"].to_numpy(bool)
        known = lines["pool"].isin(set(self.builds["pool"])).to_numpy()
        return lines[(free & known) | (lines["build"] != "").to_numpy()]

    @cached_property
    def small(self) -> pd.DataFrame:
        """Unlocated capacity whose obsolete part may close; index (industry, prefecture_zh)."""
        table = self.problem.background
        return table[table["retirable_kt"] > 0].set_index(["industry", "prefecture_zh"]).sort_index()

    @cached_property
    def offers(self) -> pd.DataFrame:
        """Measures offered to each class, index (line, measure), with the columns of its lines used here."""
        offered = self.problem.offers
        offered = offered[offered.index.get_level_values("line").isin(self.lines.index)]
        names = ["industry", "prefecture_zh", "capacity_kt", "utilisation", "count", "jobs_per_kt"]
        own = self.lines[names].reindex(offered.index.get_level_values("line")).set_axis(offered.index)
        return offered.join(own.astype({"count": float}))

    @cached_property
    def arcs(self) -> pd.DataFrame:
        """Deliveries of the classes and the projects."""
        arcs = self.problem.deliveries
        known = {*self.lines.index, *self.builds.index, *self.problem.outside.index}
        return arcs[arcs["facility"].isin(known)].reset_index(drop=True)


def decide(model: Blocks, choices: Choices, year: int, *, may_stand: bool = True) -> None:
    """Add every decision as it stands at the end of a year, with its cost and the rows within it.

    `may_stand`: whether a project can be ready by then.
    """
    fates(model, choices, year)
    credits(model, choices)
    projects(model, choices, may_stand=may_stand)
    small_works(model, choices)
    operation(model, choices.problem, choices.arcs, _sold_by_small_works(model, choices))
    capacities(model, choices)
    upgrades(model, choices, year)


def upgrades(model: Blocks, choices: Choices, year: int) -> None:
    """Units that stay may be bettered, at a cost by their capacity; what is saved follows what they make."""
    problem, offered = choices.problem, choices.offers
    if offered.empty:
        return
    lines, blocks = offered.index.get_level_values("line"), model.variable_blocks
    pinned = [line for line, fate in problem.scenario.pins.items() if fate == "upgrade"]
    least = np.where(lines.isin(pinned) & (year == problem.years[-1]), offered["count"], 0.0)
    yearly = annuity(problem.layers.assumptions) * offered["once_cny_t"] + offered["run_cny_t"]
    cost = problem.scenario.objective.cost * yearly * offered["capacity_kt"] / KCNY_PER_MCNY
    upgrade = model.variables(
        "upgrade", offered.index, kind="integer", lower=least, upper=offered["count"], cost=cost
    )
    row = np.arange(len(offered))
    stays = (row, blocks["keep"].at(lines), -1.0)
    model.rows("upgrade_kept", offered.index, [(row, upgrade.columns, 1.0), stays], upper=0.0)
    if "eased" in blocks:
        eased = blocks["eased"]
        some = offered.loc[eased.labels]
        row, most = np.arange(len(some)), (some["utilisation"] * some["capacity_kt"]).to_numpy()
        made = [(row, eased.columns, 1.0), (row, upgrade.at(some.index), -most)]
        model.rows("eased_most", some.index, made, upper=0.0)


def capacities(model: Blocks, choices: Choices) -> None:
    """A works makes no more than what of it stands gives in normal use."""
    lines, builds, blocks = choices.lines, choices.builds, model.variable_blocks
    most = (lines["utilisation"] * lines["capacity_kt"]).to_numpy()
    kept = (np.arange(len(lines)), blocks["keep"].columns, -most)
    made = made_by(model, choices.arcs, lines.index)
    model.rows("line_capacity", lines.index, [made, kept], upper=0.0)
    built = (np.arange(len(builds)), blocks["build"].columns, -builds["utilisation"].to_numpy())
    made = made_by(model, choices.arcs, builds.index)
    model.rows("new_capacity", builds.index, [made, built], upper=0.0)
    gates = choices.problem.outside
    if len(gates):
        most = (gates["utilisation"] * gates["capacity_kt"]).to_numpy()
        model.rows("bought_most", gates.index, [made_by(model, choices.arcs, gates.index)], upper=most)


def fates(model: Blocks, choices: Choices, year: int) -> None:
    """Each line is kept, closed or moved; pins and overdue lines settle theirs beforehand."""
    problem, lines = choices.problem, choices.lines
    goal, count = problem.scenario.objective, lines["count"].astype(float)
    low, high = _pins(choices, year)
    leaving = _leaving_mcny(choices).to_numpy()
    order = TIE_MCNY * np.arange(len(lines), 0.0, -1.0)
    kept = goal.cost * lines["fixed_cny_t"] * lines["capacity_kt"] / KCNY_PER_MCNY
    keep = model.variables(
        "keep", lines.index, kind="integer", lower=low["keep"], upper=high["keep"], cost=kept
    )
    close = model.variables(
        "close", lines.index, lower=low["close"], upper=high["close"], cost=leaving + order
    )
    some = choices.movable.index
    at = lines.index.get_indexer(some)
    move = model.variables(
        "move", some, kind="integer", lower=low["move"].loc[some], upper=high["move"].loc[some],
        cost=(leaving + order)[at],
    )  # fmt: skip
    row = np.arange(len(lines))
    entries = [(row, keep.columns, 1.0), (row, close.columns, 1.0), (at, move.columns, 1.0)]
    model.rows("one_fate", lines.index, entries, lower=count, upper=count)


def _leaving_mcny(choices: Choices) -> pd.Series:
    """What a line of a class costs the objective when it leaves, all its people displaced."""
    lines, goal = choices.lines, choices.problem.scenario.objective
    shut, _ = one_off_cny_t(choices.problem)
    jobs = lines["capacity_kt"] * lines["jobs_per_kt"]
    return (
        goal.cost * shut[lines.index] * lines["capacity_kt"] / KCNY_PER_MCNY + per_job(choices.problem) * jobs
    )


def per_job(problem: Problem) -> float:
    """Return what a displaced person costs the objective, million CNY a year."""
    goal = problem.scenario.objective
    return (goal.cost * one_off_cny_t(problem)[1] + goal.jobs_cny) / CNY_PER_MCNY


def _pins(choices: Choices, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Least and most of each fate: a pinned line has met its own by the end of the last year."""
    lines, problem = choices.lines, choices.problem
    low = pd.DataFrame(0.0, index=lines.index, columns=["keep", "close", "move"])
    high = low.add(lines["count"].astype(float), axis=0)
    high.loc[lines.index.isin(sorted(problem.overdue_at(year))), "keep"] = 0.0
    for line, fate in sorted(problem.scenario.pins.items()):
        fate = "keep" if fate in STAYS else fate if fate == "close" else "move"
        if year == problem.years[-1] or fate == "keep":
            low.loc[line, fate] = high.loc[line, fate]
        else:
            high.loc[line, [other for other in ("close", "move") if other != fate]] = 0.0
    return low, high


def credits(model: Blocks, choices: Choices) -> None:
    """A moved line pays with most of its tonnes, and with none twice."""
    some, problem = choices.movable, choices.problem
    moved, jobs = model.variable_blocks["move"], some["jobs_per_kt"].to_numpy()
    elsewhere = problem.layers.assumptions["relocation.placed_elsewhere_share"]
    credit = model.variables("credit", some.index, cost=-per_job(problem) * elsewhere * jobs)
    capacity = some["capacity_kt"].to_numpy()
    least = problem.layers.assumptions["relocation.least_rebuilt_share"]
    row = np.arange(len(some))
    paid = (row, credit.columns, 1.0)
    model.rows("credit_most", some.index, [paid, (row, moved.columns, -capacity)], upper=0.0)
    model.rows("credit_least", some.index, [paid, (row, moved.columns, -least * capacity)], lower=0.0)


def projects(model: Blocks, choices: Choices, *, may_stand: bool = True) -> None:
    """A project is built between its least and its most capacity, or not at all; sites share their room."""
    builds, goal = choices.builds, choices.problem.scenario.objective
    yearly = goal.cost * (builds["fixed_cny_t"] + builds["capex_cny_t"]) / KCNY_PER_MCNY
    size = model.variables("build", builds.index, cost=yearly, upper=np.inf if may_stand else 0.0)
    opened = model.variables(
        "open", builds.index, kind="binary", cost=TIE_MCNY * np.arange(1.0, len(builds) + 1)
    )
    row, most = np.arange(len(builds)), builds["capacity_kt"].to_numpy()
    least = np.minimum(builds["min_kt"].to_numpy(), most)
    built = (row, size.columns, 1.0)
    model.rows("build_most", builds.index, [built, (row, opened.columns, -most)], upper=0.0)
    model.rows("build_least", builds.index, [built, (row, opened.columns, -least)], lower=0.0)
    sites = pd.Index(sorted(set(builds["site_id"])))
    shares = [(sites.get_indexer(builds["site_id"]), size.columns, 1 / most)]
    model.rows("site_room", sites, shares, upper=1.0, rule="承接地容量 room at the site")


def paid(model: Blocks, choices: Choices, size: Variables, *, last: bool) -> np.ndarray:
    """Return the columns of the tonnes that pay for the projects `size`, in the order of `movable`.

    Pinned tonnes pay where they are pinned and nowhere else. Before the last year one may have closed whose
    project is not yet due: then only what is `booked` of it pays.
    """
    credit, some = model.variable_blocks["credit"], choices.movable
    pinned = some[some["build"] != ""]
    columns = credit.columns.copy()
    if len(pinned):
        at = some.index.get_indexer(pinned.index)
        if not last:
            booked = model.variables("booked", pinned.index)
            row = np.arange(len(pinned))
            within: list[Entries] = [(row, booked.columns, 1.0), (row, columns[at], -1.0)]
            model.rows("booked_most", pinned.index, within, upper=0.0)
            columns[at] = booked.columns
        to = pd.Index(sorted(set(pinned["build"])))
        spent = (to.get_indexer(pinned["build"]), columns[at], 1.0)
        need = (np.arange(len(to)), size.at(to), -choices.builds.loc[to, "ratio"].to_numpy())
        model.rows("pinned", to, [spent, need], upper=0.0)
    return columns


def followers(model: Blocks, choices: Choices, size: Variables) -> None:
    """More people follow tonnes rebuilt in their own prefecture, in the projects `size`."""
    some, builds, problem = choices.movable, choices.builds, choices.problem
    credit = model.variable_blocks["credit"]
    places = pd.MultiIndex.from_frame(builds[["pool", "prefecture_zh"]])
    near = some[pd.MultiIndex.from_frame(some[["pool", "prefecture_zh"]]).isin(places)]
    if near.empty:
        return
    a = problem.layers.assumptions
    gain = a["relocation.placed_same_prefecture_share"] - a["relocation.placed_elsewhere_share"]
    local = model.variables("local", near.index, cost=-per_job(problem) * gain * near["jobs_per_kt"])
    mine = [(np.arange(len(near)), local.columns, 1.0), (np.arange(len(near)), credit.at(near.index), -1.0)]
    model.rows("follow_line", near.index, mine, upper=0.0)
    cells = pd.MultiIndex.from_frame(near[["pool", "prefecture_zh"]]).unique().sort_values()
    at_line = cells.get_indexer(pd.MultiIndex.from_frame(near[["pool", "prefecture_zh"]]))
    at_build = cells.get_indexer(places)
    here = at_build >= 0
    need = (at_build[here], size.columns[here], -builds["ratio"].to_numpy()[here])
    model.rows("follow_place", cells, [(at_line, local.columns, 1.0), need], upper=0.0)


def small_works(model: Blocks, choices: Choices) -> None:
    """The obsolete part of the capacity nobody located may close, prefecture by prefecture."""
    small, problem = choices.small, choices.problem
    goal = problem.scenario.objective
    use = small["production_kt"] / small["capacity_kt"]
    money = small["closing_cny_t"] - small["fixed_cny_t"] - use * small["works_cny_t"]
    air = -use * small["works_co2_kg_t"] * goal.co2_cny_t / KG_PER_T
    people = per_job(problem) * small["jobs_per_kt"]
    cost = (goal.cost * money + air) / KCNY_PER_MCNY + people + TIE_MCNY_KT * np.arange(len(small))
    model.variables("retire", small.index, upper=small["retirable_kt"], cost=cost)


def _sold_by_small_works(model: Blocks, choices: Choices) -> list:
    """Entries of the demand rows: what closed small works sold in their prefecture others must deliver."""
    small = choices.small
    problem = choices.problem
    of_small = pd.Series(problem.market_of_small, index=problem.small_works.index)
    at = of_small[of_small >= 0].reindex(small.index)
    sold = (-small["production_kt"] / small["capacity_kt"]).to_numpy()
    known = at.notna().to_numpy()
    columns = model.variable_blocks["retire"].columns
    return [(at[known].to_numpy(int), columns[known], sold[known])]
