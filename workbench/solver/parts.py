"""Models made of a model, whose bounds hold for it: parts solved apart, alike stages merged into one.

A part is some columns with the rows that speak of them alone. Parts that share only a few `joint` rows are
solved apart: with prices u on those rows (Geoffrion 1974)

    min c x  >=  sum_parts min (c - u A) x + sum_i u_i b_i,   b_i the side of row i that u_i presses on
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from workbench.solver.model import Model

Values = Mapping[str, pd.Series]


def matrix(model: Model) -> tuple[dict[str, np.ndarray], csr_array]:
    """Return the arrays of a model and its matrix, rows by columns."""
    a = model.arrays()
    shape = (model.rows_count, model.columns)
    return a, csr_array((a["value"], a["index"], a["start"]), shape=shape)


def part(model: Model, columns: np.ndarray, cost: np.ndarray | None = None) -> Model:
    """Return the model of some columns (one yes or no each) and the rows that name no others.

    `cost`: of every column of the whole, its own without.
    """
    a, whole = matrix(model)
    outside = whole.copy()
    outside.data = (~columns[outside.indices]).astype(float)
    inside = (outside.sum(axis=1) == 0) & (np.diff(whole.indptr) > 0)
    return _written(model, {**a, "cost": a["cost"] if cost is None else cost}, whole, columns, inside)


def _written(
    model: Model, a: Mapping[str, np.ndarray], whole: csr_array, columns: np.ndarray, rows: np.ndarray
) -> Model:
    """Write the columns and rows chosen as a model of their own, under the same names and labels."""
    made = Model()
    number = np.cumsum(columns) - 1
    for name, block in model.variable_blocks.items():
        mine = block.columns[columns[block.columns]]
        if len(mine) or not len(block.labels):
            made.variables(
                name, block.labels[mine - block.first], cost=a["cost"][mine], lower=a["lower"][mine],
                upper=a["upper"][mine], kind="integer" if a["integer"][mine].any() else "continuous",
            )  # fmt: skip
    for name, lines in model.row_blocks.items():
        span = np.arange(lines.first, lines.first + len(lines.labels))
        span = span[rows[span]]
        if len(span) or not len(lines.labels):
            entries = whole[span].tocoo()
            r, c = entries.coords
            made.rows(
                name, lines.labels[span - lines.first], [(r, number[c], entries.data)],
                lower=a["row_lower"][span], upper=a["row_upper"][span], rule=lines.rule,
            )  # fmt: skip
    return made


def components(model: Model, joint: Collection[str]) -> list[np.ndarray]:
    """Return the columns (one yes or no each) of the parts that fall apart without the `joint` row blocks.

    Parts without whole numbers come as one, last; a model that does not fall apart is one part.
    """
    a, whole = matrix(model)
    own = whole[np.flatnonzero(~_of(model, joint))].tocoo()
    shape = (whole.shape[0] + model.columns,) * 2
    r, c = own.coords
    links = coo_array((np.ones(len(r)), (r, c + whole.shape[0])), shape=shape)
    _, label = connected_components(links, directed=False)
    label = label[whole.shape[0] :]
    hard = pd.unique(label[a["integer"] == 1])
    found = [label == each for each in hard]
    rest = ~np.isin(label, hard)
    return [*found, rest] if rest.any() else found


def _of(model: Model, names: Collection[str]) -> np.ndarray:
    """Tell which rows belong to blocks of these names."""
    mine = np.zeros(model.rows_count, dtype=bool)
    for name in names:
        block = model.row_blocks[name]
        mine[block.first : block.first + len(block.labels)] = True
    return mine


def priced(model: Model, joint: Collection[str], duals: Values) -> tuple[np.ndarray, float]:
    """Return the cost of every column less the prices of the `joint` rows, and what those rows add."""
    a, whole = matrix(model)
    price = np.zeros(model.rows_count)
    for name in joint:
        block = model.row_blocks[name]
        price[block.first : block.first + len(block.labels)] = duals[name].reindex(block.labels).to_numpy()
    pressed = np.where(price > 0, a["row_lower"], a["row_upper"])
    price[~np.isfinite(pressed)] = 0.0  # a price on an open side is a solver's rounding
    used = price != 0
    return a["cost"] - whole.T @ price, float(price[used] @ pressed[used])


def joined(model: Model, found: Sequence[Values]) -> dict[str, pd.Series]:
    """Return the values of the whole from those of its parts."""
    return {
        name: pd.concat([part[name] for part in found if name in part]).reindex(block.labels)
        for name, block in model.variable_blocks.items()
    }


@dataclass(frozen=True)
class Merged:
    """A model in which the stages of a group share one mean of some blocks.

    `weights`: of each block merged, by its name in the whole, the block it goes into and its share of it.
    """

    model: Model
    whole: Model
    weights: Mapping[str, tuple[str, float]]

    def mean(self, values: Values) -> dict[str, pd.Series]:
        """Return values of the whole as the merged model has them."""
        found: dict[str, pd.Series] = {}
        for name in self.whole.variable_blocks:
            into, weight = self.weights.get(name, (name, 1.0))
            share = weight * values[name]
            found[into] = found[into] + share if into in found else share
        return found


def merged(
    model: Model, groups: Sequence[Mapping[str, float]], variables: Sequence[str], rows: Sequence[str]
) -> Merged | None:
    """Merge the named blocks of the stages of each group; None where the stages differ or others read them.

    `groups`: stage -> weight by which its costs count; the block of the last keeps the mean
    x = sum_s w_s x_s / sum_s w_s, which obeys the mean of their rows. What the mean costs is no more than
    what the stages cost (Jensen 1906), so that the merged model's bound holds for the whole.
    """
    a, whole = matrix(model)
    column_to, row_to = np.arange(model.columns), np.arange(model.rows_count)
    row_weight, weights = np.ones(model.rows_count), {}
    for group in groups:
        names, total = list(group), sum(group.values())
        for blocks, to, which in (
            (model.variable_blocks, column_to, variables), (model.row_blocks, row_to, rows),
        ):  # fmt: skip
            for base in which:
                if f"{base} {names[-1]}" not in blocks:
                    continue
                last = blocks[f"{base} {names[-1]}"]
                for stage in names:
                    block, share = blocks[f"{base} {stage}"], group[stage] / total
                    if not block.labels.equals(last.labels):
                        return None
                    span = slice(block.first, block.first + len(block.labels))
                    to[span] = np.arange(last.first, last.first + len(last.labels))
                    if which is variables:
                        weights[block.name] = (last.name, share)
                    else:
                        row_weight[span] = share
    entries = whole.tocoo()
    r, c = entries.coords
    mean = coo_array((entries.data * row_weight[r], (row_to[r], column_to[c])), shape=whole.shape).tocsr()
    shared = np.isin(column_to, column_to[column_to != np.arange(model.columns)])
    mine = shared[c]
    told = mean[row_to[r[mine]], column_to[c[mine]]]
    alike = np.allclose(told, entries.data[mine], rtol=1e-9) and (row_weight[r[mine]] < 1).all()
    alike &= all((a[side][shared] == a[side][column_to[shared]]).all() for side in ("lower", "upper"))
    if not alike or a["integer"][shared].any():
        return None
    sides = {side: _mean(a[side], row_weight, row_to) for side in ("row_lower", "row_upper")}
    arrays = {**a, **sides, "cost": np.bincount(column_to, a["cost"], model.columns)}
    keep = [to == np.arange(len(to)) for to in (column_to, row_to)]
    return Merged(_written(model, arrays, mean, *keep), model, weights)


def _mean(bound: np.ndarray, weight: np.ndarray, to: np.ndarray) -> np.ndarray:
    total = np.zeros(len(bound))
    np.add.at(total, to, bound * weight)  # open in one stage: open
    return total
