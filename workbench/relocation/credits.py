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


def pairs(
    problem: Problem,
    credit_kt: pd.Series,
    begun_kt: pd.Series,
    closed: pd.Series | None = None,
    *,
    closed_before: int = 0,
) -> pd.Series:
    """Return the tonnes of each moved line that pay for each project, kt by (line, build).

    `credit_kt`: paying tonnes by line; `begun_kt`: capacity that begins to stand by (build, year); `closed`:
    the year each line closes (any time without it), at least `closed_before` years earlier. Pinned lines pay
    where they are pinned. The others pay as near as they can, within their own prefecture first: the least
    sum of tonnes times straight km over all pairs of a pool.
    """
    pins = {
        line: build_for(problem, line, site)
        for line, site in problem.scenario.pins.items()
        if site not in ("keep", "close") and line in credit_kt.index
    }
    begun = begun_kt.rename_axis(["build", "year"])
    need = (begun * problem.facilities["ratio"].reindex(begun.index.get_level_values("build")).array).astype(
        float
    )
    table = _possible(problem, credit_kt.index, need.index)
    bound = table["line"].map(pins)
    table = table[bound.isna() | (bound == table["build"])]
    if closed is not None and len(table):
        table = table[table["line"].map(closed) + closed_before <= table["year"]]
    if table.empty:
        return pd.Series(dtype=float, index=_none())
    found = _transport(table, credit_kt, need).groupby(level=["line", "build"]).sum()
    return found[found > NOTHING_KT].sort_index()


def _none() -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([[], []], names=["line", "build"])


def _possible(problem: Problem, lines: pd.Index, begun: pd.MultiIndex) -> pd.DataFrame:
    """Pairs of one pool with their `km`, for each year a project grows in."""
    builds = begun.unique("build")
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
    table = cross.assign(km=np.where(home, km - _AT_HOME_KM, km))[same]
    return table.merge(begun.to_frame(index=False), on="build")


def _transport(table: pd.DataFrame, credit: pd.Series, need: pd.Series) -> pd.Series:
    model = Model()
    labels = pd.MultiIndex.from_frame(table[["line", "build", "year"]])
    most = 2 * _AT_HOME_KM  # worth more than any way: every tonne that can pay does
    pays = model.variables("pays", labels, cost=table["km"].to_numpy() - most)
    for name, side, keys in (
        ("line", credit, table["line"]),
        ("build", need, pd.MultiIndex.from_frame(table[["build", "year"]])),
    ):
        at = side.index.get_indexer(keys)
        model.rows(name, side.index, [(at, pays.columns, 1.0)], upper=side)
    return solve(model).values["pays"]
