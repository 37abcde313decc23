"""The mathematics of relocation: variables and rows block by block, as labels, knowing no solver's details.

Sets: lines l, builds b, markets m, prefectures k, seasons t. Capacity and tonnes in kt a year, money in
million CNY a year (kt * CNY/t = thousand CNY).

    min  sum c_fm x_fm + sum pi_i u_im + sum fixed_l keep_l + sum (shut_l + P J_l) close_l
         + sum (shut_l + P J_l) move_lb - sum P follow_lb j_l w_lb
         + sum (fixed_b + capex_b) n_b - sum saving_kti h_kti
    one_fate      keep_l + close_l + sum_b move_lb = 1
    line_capacity sum_m x_lm <= util_l cap_l keep_l
    new_capacity  sum_m x_bm <= util_b n_b
    replacement   ratio n_b = sum_l w_lb                  w: closed tonnes that pay for new ones
    credit_most   w_lb <= cap_l move_lb                   each closed tonne is used once
    credit_least  w_lb >= least cap_l move_lb             less is no move but a closure
    build_most    n_b <= most_b open_b         build_least  n_b >= least_b open_b
    site_room     sum_b(site) n_b / most_b <= 1
    demand        sum_f x_fm + u_m = net demand
    cap           sum cap_l keep_l + sum n_b <= cap_i - unlocated_i
    zone          sum_(l in zone) cap_l (1 - keep_l) >= reduction_i       no build stands in the zone
    hydro_use     h_kti <= sum_(b in k) kWh_b share_t sum_m x_bm / 1000
    hydro_supply  sum_i h_kti <= surplus_kt
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.relocation.problem import Problem, build_for, one_off_cny_t
from workbench.solver import Entries, Model, Variables

THOUSAND = 1000.0  # kt * CNY/t is thousand CNY; MWh per GWh; kg per t


def formulate(problem: Problem) -> Model:
    """Return the whole program: decisions and operation, every rule row named after its clause."""
    model = Model()
    fates(model, problem)
    projects(model, problem)
    operation(model, problem)
    line_capacity(model, problem)
    new_capacity(model, problem)
    replacement(model, problem)
    site_room(model, problem)
    province_cap(model, problem)
    zone(model, problem)
    return model


def operate(problem: Problem) -> Model:
    """Return the linear program of a year's operation, with the capacity of each facility as a row bound."""
    model = Model()
    operation(model, problem)
    table = problem.facilities
    most = np.where(table["kind"] == "line", table["utilisation"] * table["capacity_kt"], 0.0)
    sums = _sum_by(problem, table.index, model.variable_blocks["deliver"])
    model.rows("capacity", table.index, [sums], upper=most)
    return model


def weighted_cny_t(problem: Problem) -> pd.Series:
    """Return what a tonne delivered costs the objective, per possible delivery (yuan)."""
    goal, arcs = problem.scenario.objective, problem.deliveries
    works = problem.facilities.loc[arcs["facility"]]
    co2 = works["works_co2_kg_t"].to_numpy() + arcs["co2_kg_t"].to_numpy()
    money = works["works_cny_t"].to_numpy() + arcs["cost_cny_t"].to_numpy()
    money = money + goal.carbon_price_cny_t * arcs["co2_kg_t"].to_numpy() / THOUSAND
    return pd.Series(goal.cost * money + goal.co2_cny_t * co2 / THOUSAND, index=arcs.index)


def fates(model: Model, problem: Problem) -> None:
    """Each line is kept, closed, or moved to one build; pins and overdue lines settle theirs beforehand."""
    lines, moves, goal = problem.lines, open_moves(problem), problem.scenario.objective
    shut, person = one_off_cny_t(problem)
    jobs = lines["capacity_kt"] * lines["jobs_per_kt"]
    shut_mcny = shut * lines["capacity_kt"] / THOUSAND
    per_job = (goal.cost * person + goal.jobs_cny) / 1e6
    low, high, pinned = _pins(problem)
    keep = model.variables(
        "keep", lines.index, kind="binary", lower=low["keep"], upper=high["keep"],
        cost=goal.cost * lines["fixed_cny_t"] * lines["capacity_kt"] / THOUSAND,
    )  # fmt: skip
    close = model.variables(
        "close", lines.index, kind="binary", lower=low["close"], upper=high["close"],
        cost=goal.cost * shut_mcny + per_job * jobs,
    )  # fmt: skip
    pairs = pd.MultiIndex.from_frame(moves[["line", "build"]])
    leaves = (goal.cost * shut_mcny + per_job * jobs).reindex(moves["line"]).to_numpy()
    move = model.variables("move", pairs, kind="binary", lower=pairs.isin(pinned).astype(float), cost=leaves)
    follow = moves["follow"].to_numpy() * lines["jobs_per_kt"].reindex(moves["line"]).to_numpy()
    model.variables("credit", pairs, cost=-per_job * follow)
    at = np.arange(len(lines))
    ends = lines.index.get_indexer(moves["line"])
    entries = [(at, keep.columns, 1.0), (at, close.columns, 1.0), (ends, move.columns, 1.0)]
    model.rows("one_fate", lines.index, entries, lower=1.0, upper=1.0)


def open_moves(problem: Problem) -> pd.DataFrame:
    """Return the moves the optimiser may choose: pinned ones, and those of lines it is free to move."""
    moves, pins = problem.moves, problem.scenario.pins
    pinned = pd.MultiIndex.from_frame(moves[["line", "build"]]).isin(_pins(problem)[2])
    free = ~moves["line"].isin(pins).to_numpy()
    if problem.scenario.zone.moves_from == "zone":
        free &= problem.lines["in_zone"].reindex(moves["line"]).to_numpy(bool)
    return moves[pinned | free].reset_index(drop=True)


def _pins(problem: Problem) -> tuple[pd.DataFrame, pd.DataFrame, pd.MultiIndex]:
    low = pd.DataFrame(0.0, index=problem.lines.index, columns=["keep", "close"])
    high = low + 1.0
    high.loc[sorted(problem.overdue), "keep"] = 0.0
    pairs = []
    for line, fate in sorted(problem.scenario.pins.items()):
        if fate in ("keep", "close"):
            low.loc[line, fate] = high.loc[line, fate] = 1.0
        else:
            pairs.append((line, build_for(problem, line, fate)))
    return low, high, pd.MultiIndex.from_tuples(pairs, names=["line", "build"]) if pairs else _no_pairs()


def _no_pairs() -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([[], []], names=["line", "build"])


def projects(model: Model, problem: Problem) -> None:
    """A project is built between its least and its most capacity, or not at all."""
    builds, goal = problem.builds, problem.scenario.objective
    yearly = goal.cost * (builds["fixed_cny_t"] + builds["capex_cny_t"]) / THOUSAND
    size = model.variables("build", builds.index, cost=yearly)
    opened = model.variables("open", builds.index, kind="binary")
    at = np.arange(len(builds))
    most = builds["capacity_kt"].to_numpy()
    least = np.minimum(builds["min_kt"].to_numpy(), most)
    built = (at, size.columns, 1.0)
    model.rows("build_most", builds.index, [built, (at, opened.columns, -most)], upper=0.0)
    model.rows("build_least", builds.index, [built, (at, opened.columns, -least)], lower=0.0)


def operation(model: Model, problem: Problem) -> None:
    """Deliver to every market or pay for what is missing; use surplus hydropower at new works."""
    arcs, goal = problem.deliveries, problem.scenario.objective
    pairs = pd.MultiIndex.from_frame(arcs[["facility", "market"]])
    deliver = model.variables("deliver", pairs, cost=weighted_cny_t(problem).to_numpy() / THOUSAND)
    wanted = pd.MultiIndex.from_frame(problem.demand[["industry", "market"]])
    penalty = problem.demand["industry"].map(lambda i: problem.layers.assumptions[f"{i}.unmet_cny_t"])
    unmet = model.variables("unmet", wanted, cost=max(goal.cost, 1.0) * penalty.to_numpy() / THOUSAND)
    at = wanted.get_indexer(pd.MultiIndex.from_frame(arcs[["industry", "market"]]))
    served = at >= 0
    net = problem.demand["net_kt"].to_numpy()
    entries = [(at[served], deliver.columns[served], 1.0), (np.arange(len(wanted)), unmet.columns, 1.0)]
    model.rows("demand", wanted, entries, lower=net, upper=net)
    hydropower(model, problem, deliver)


def hydropower(model: Model, problem: Problem, deliver: Variables) -> None:
    """Surplus hydropower replaces grid power at new works, season by season, as far as it goes."""
    builds, season = problem.builds, problem.seasons
    supply = problem.hydro_gwh
    cells = [
        (industry, prefecture, t)
        for industry, prefecture in sorted(set(zip(builds["industry"], builds["prefecture_zh"], strict=True)))
        for t in season.index
        if supply.get((prefecture, t), 0.0) > 0
    ]
    if not cells:
        return
    labels = pd.MultiIndex.from_tuples(cells, names=["industry", "prefecture_zh", "season"])
    hydro = model.variables("hydro", labels, cost=-hydro_saving_cny_kwh(problem, labels))
    owner = builds["industry"] + "|" + builds["prefecture_zh"]
    energy = builds["power_kwh_t"] / THOUSAND
    arcs = problem.deliveries["facility"]
    new = arcs.isin(builds.index).to_numpy()
    arc_owner, arc_energy = owner.reindex(arcs[new]).to_numpy(), energy.reindex(arcs[new]).to_numpy()
    entries: list[Entries] = [(np.arange(len(labels)), hydro.columns, 1.0)]
    for row, (industry, prefecture, t) in enumerate(cells):
        mine = arc_owner == f"{industry}|{prefecture}"
        entries.append((row, deliver.columns[new][mine], -arc_energy[mine] * season.at[t, "share"]))
    model.rows("hydro_use", labels, entries, upper=0.0)
    places = labels.droplevel("industry").unique().sort_values()
    at = places.get_indexer(labels.droplevel("industry"))
    model.rows("hydro_supply", places, [(at, hydro.columns, 1.0)], upper=supply.reindex(places).to_numpy())


def hydro_saving_cny_kwh(problem: Problem, labels: pd.MultiIndex) -> np.ndarray:
    """Return what a kWh of surplus hydropower saves the objective against the grid."""
    goal, assumptions = problem.scenario.objective, problem.layers.assumptions
    price = assumptions["relocation.surplus_price_cny_kwh"]
    grid_co2 = assumptions[f"relocation.grid_co2_{problem.scenario.power.grid_factor}_kg_kwh"]
    cleaner = (grid_co2 - assumptions["relocation.surplus_co2_kg_kwh"]) / THOUSAND
    saved = []
    for industry, _, t in labels:
        grid = assumptions[f"{industry}.grid_price_cny_kwh"] * (1 + problem.seasons.at[t, "float"])
        money = grid - price + goal.carbon_price_cny_t * cleaner
        saved.append(goal.cost * money + goal.co2_cny_t * cleaner)
    return np.array(saved)


def _sum_by(problem: Problem, index: pd.Index, deliver: Variables) -> tuple[np.ndarray, np.ndarray, float]:
    at = index.get_indexer(problem.deliveries["facility"])
    return at[at >= 0], deliver.columns[at >= 0], 1.0


def line_capacity(model: Model, problem: Problem) -> None:
    """A kept line makes no more than its capacity in normal use; a closed one nothing."""
    lines, blocks = problem.lines, model.variable_blocks
    most = (lines["utilisation"] * lines["capacity_kt"]).to_numpy()
    kept = (np.arange(len(lines)), blocks["keep"].columns, -most)
    made = _sum_by(problem, lines.index, blocks["deliver"])
    model.rows("line_capacity", lines.index, [made, kept], upper=0.0)


def new_capacity(model: Model, problem: Problem) -> None:
    """A new works makes no more than it is built for, in normal use."""
    builds, blocks = problem.builds, model.variable_blocks
    built = (np.arange(len(builds)), blocks["build"].columns, -builds["utilisation"].to_numpy())
    made = _sum_by(problem, builds.index, blocks["deliver"])
    model.rows("new_capacity", builds.index, [made, built], upper=0.0)


def replacement(model: Model, problem: Problem) -> None:
    """Each new tonne is paid for by `replacement_ratio` tonnes of lines closed for it, each used once.

    An equality: tonnes booked beyond what is built would count people as following to nowhere.
    """
    builds, blocks = problem.builds, model.variable_blocks
    credit, move = blocks["credit"], blocks["move"]
    ratio = problem.scenario.policy.replacement_ratio
    at = builds.index.get_indexer(credit.labels.get_level_values("build"))
    built = (np.arange(len(builds)), blocks["build"].columns, ratio)
    rule = "P22 P42 等量或减量置换 replacement"
    spent = (at, credit.columns, -1.0)
    model.rows("replacement", builds.index, [built, spent], lower=0.0, upper=0.0, rule=rule)
    capacity = problem.lines["capacity_kt"].reindex(credit.labels.get_level_values("line")).to_numpy()
    least = problem.layers.assumptions["relocation.least_rebuilt_share"]
    pair = np.arange(len(credit.labels))
    paid = (pair, credit.columns, 1.0)
    model.rows("credit_most", credit.labels, [paid, (pair, move.columns, -capacity)], upper=0.0)
    model.rows("credit_least", credit.labels, [paid, (pair, move.columns, -least * capacity)], lower=0.0)


def site_room(model: Model, problem: Problem) -> None:
    """What stands on one site shares its room, whatever the industry."""
    builds = problem.builds
    sites = pd.Index(sorted(set(builds["site_id"])))
    entries = [
        (
            sites.get_indexer(builds["site_id"]),
            model.variable_blocks["build"].columns,
            1 / builds["capacity_kt"].to_numpy(),
        )
    ]
    model.rows("site_room", sites, entries, upper=1.0, rule="承接地容量 room at the site")


def province_cap(model: Model, problem: Problem) -> None:
    """What stands and what is built stays under the province's cap, the unlocated capacity included."""
    industries = pd.Index(problem.caps.index)
    lines, builds, blocks = problem.lines, problem.builds, model.variable_blocks
    unlocated = problem.background.groupby("industry")["capacity_kt"].sum()
    at_line, at_build = industries.get_indexer(lines["industry"]), industries.get_indexer(builds["industry"])
    known, fits = at_line >= 0, at_build >= 0
    entries = [
        (at_line[known], blocks["keep"].columns[known], lines["capacity_kt"].to_numpy()[known]),
        (at_build[fits], blocks["build"].columns[fits], 1.0),
    ]
    room = problem.caps.to_numpy() - unlocated.reindex(industries).fillna(0.0).to_numpy()
    model.rows("cap", industries, entries, upper=room, rule="P3 P6 P9 P12 全省产能上限 province cap")


def zone(model: Model, problem: Problem) -> None:
    """Cement capacity of the zone falls by the reduction asked for, and grows for no industry."""
    lines = problem.lines
    inside = lines["in_zone"].to_numpy(bool)
    industries = pd.Index(sorted(set(lines.loc[inside, "industry"])))
    at = industries.get_indexer(lines.loc[inside, "industry"])
    capacity = lines.loc[inside, "capacity_kt"]
    keep = model.variable_blocks["keep"].columns[inside]
    today = capacity.groupby(lines.loc[inside, "industry"]).sum().reindex(industries)
    most = today - zone_reduction(problem).reindex(industries).fillna(0.0)
    model.rows(
        "zone", industries, [(at, keep, capacity.to_numpy())], upper=most.to_numpy(),
        rule="P24 成都经济区过剩产能压减 zone reduction",
    )  # fmt: skip


def zone_reduction(problem: Problem) -> pd.Series:
    """Return the capacity that must leave the zone per industry; the policy asks it of cement only."""
    asked = problem.surplus["reduction_kt"].copy()
    asked[asked.index != "cement"] = 0.0
    return asked
