"""Which closed line pays for which project: named after the program, by a transport problem."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.relocation.facilities import replaced_by
from workbench.relocation.problem import Problem, build_for
from workbench.solver import Model, solve

NOTHING_KT = 1e-5
_AT_HOME_KM = 1e4  # more than any haul: tonnes rebuilt in their own prefecture come first
_KM_PER_DEGREE = 111.2


def pairs(problem: Problem, credit_kt: pd.Series, size_kt: pd.Series) -> pd.Series:
    """Return the tonnes of each moved line that pay for each project, kt by (line, build).

    `credit_kt`: paying tonnes by line; `size_kt`: capacity built. Pinned lines pay where they are pinned. The
    others pay as near as they can, within their own prefecture first: the least sum of tonnes times straight
    km over all pairs of a pool.
    """
    pins = {
        line: build_for(problem, line, site)
        for line, site in problem.scenario.pins.items()
        if site not in ("keep", "close") and line in credit_kt.index
    }
    fixed = pd.Series({(line, build): credit_kt[line] for line, build in pins.items()}, dtype=float)
    need = (size_kt * problem.facilities["ratio"].reindex(size_kt.index)).astype(float)
    for (_, build), kt in fixed.items():
        need[build] = max(need.get(build, 0.0) - kt, 0.0)
    free = credit_kt.drop(index=list(pins))
    table = _possible(problem, free.index, need.index)
    if len(table):
        moved = _transport(table, free, need)
        fixed = pd.concat([fixed, moved]) if len(fixed) else moved
    fixed.index = pd.MultiIndex.from_tuples(fixed.index, names=["line", "build"]) if len(fixed) else _none()
    return fixed[fixed > NOTHING_KT].sort_index()


def _none() -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([[], []], names=["line", "build"])


def _possible(problem: Problem, lines: pd.Index, builds: pd.Index) -> pd.DataFrame:
    """Pairs of one pool with their `km`."""
    table = problem.facilities
    pool = pd.Series(
        [f"{i}|{replaced_by(i, p)}" for i, p in zip(table["industry"], table["process"], strict=True)],
        index=table.index,
    )
    cross = pd.MultiIndex.from_product([lines, builds], names=["line", "build"]).to_frame(index=False)
    one, two = table.loc[cross["line"]], table.loc[cross["build"]]
    same = pool.loc[cross["line"]].to_numpy() == pool.loc[cross["build"]].to_numpy()
    middle = np.radians((one["lat"].to_numpy() + two["lat"].to_numpy()) / 2)
    east = (one["lon"].to_numpy() - two["lon"].to_numpy()) * np.cos(middle)
    km = _KM_PER_DEGREE * np.hypot(east, one["lat"].to_numpy() - two["lat"].to_numpy())
    home = one["prefecture_zh"].to_numpy() == two["prefecture_zh"].to_numpy()
    return cross.assign(km=np.where(home, km - _AT_HOME_KM, km))[same]


def _transport(table: pd.DataFrame, credit: pd.Series, need: pd.Series) -> pd.Series:
    model = Model()
    labels = pd.MultiIndex.from_frame(table[["line", "build"]])
    most = 2 * _AT_HOME_KM  # worth more than any way: every tonne that can pay does
    pays = model.variables("pays", labels, cost=table["km"].to_numpy() - most)
    for name, side in (("line", credit), ("build", need)):
        at = side.index.get_indexer(table[name])
        model.rows(name, side.index, [(at, pays.columns, 1.0)], upper=side)
    return solve(model).values["pays"]
