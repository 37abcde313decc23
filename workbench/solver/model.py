"""A linear or mixed-integer program by labels: blocks of variables and named rows, knowing no solver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd

from workbench.errors import LabelError

Kind = Literal["continuous", "integer", "binary"]
# (row positions within the block, columns, coefficients); a scalar stands for a whole array
Entries = tuple[Any, Any, Any]


@dataclass(frozen=True)
class Block:
    """Variables or rows that belong together: a name, one label each, and where their numbers begin."""

    name: str
    labels: pd.Index
    first: int

    def at(self, labels: Any) -> np.ndarray:
        """Return the numbers of some labels, in their order; unknown ones raise LabelError."""
        if self.labels.is_(labels):
            return np.arange(self.first, self.first + len(self.labels))
        wanted = labels if isinstance(labels, pd.Index) else pd.Index(labels)
        found = self.labels.get_indexer(wanted)
        if (found < 0).any():
            raise LabelError(f"no such label in block {self.name!r}", missing=wanted[found < 0])
        return self.first + found


@dataclass(frozen=True)
class Variables(Block):
    """A block of variables."""

    @property
    def columns(self) -> np.ndarray:
        """Column numbers of the whole block, in the order of its labels."""
        return np.arange(self.first, self.first + len(self.labels))

    def series(self, values: Any) -> pd.Series:
        """Return values of the whole block by label, as a start for the solver."""
        return pd.Series(np.asarray(values, dtype=float), index=self.labels)


@dataclass(frozen=True)
class Rows(Block):
    """A block of rows: lower <= entries <= upper; `rule` says in words what a conflict would break."""

    rule: str = ""


class Blocks(Protocol):
    """What writes blocks of variables and rows by name: a model, or one stage of it."""

    @property
    def variable_blocks(self) -> Mapping[str, Variables]: ...
    @property
    def row_blocks(self) -> Mapping[str, Rows]: ...
    def variables(
        self,
        name: str,
        labels: Iterable[Any],
        *,
        cost: Any = 0.0,
        lower: Any = 0.0,
        upper: Any = np.inf,
        kind: Kind = "continuous",
    ) -> Variables: ...
    def rows(
        self,
        name: str,
        labels: Iterable[Any],
        entries: Sequence[Entries],
        *,
        lower: Any = -np.inf,
        upper: Any = np.inf,
        rule: str = "",
    ) -> Rows: ...


class Model:
    """A linear or mixed-integer program to be minimised, grown block by block."""

    def __init__(self) -> None:
        self.variable_blocks: dict[str, Variables] = {}
        self.row_blocks: dict[str, Rows] = {}
        self._columns: list[tuple[np.ndarray, ...]] = []
        self._bounds: list[tuple[np.ndarray, np.ndarray]] = []
        self._entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self.columns = 0
        self.rows_count = 0

    def variables(
        self,
        name: str,
        labels: Iterable[Any],
        *,
        cost: Any = 0.0,
        lower: Any = 0.0,
        upper: Any = np.inf,
        kind: Kind = "continuous",
    ) -> Variables:
        """Add one variable per label; `cost`, `lower` and `upper` are scalars or one value per label."""
        index = _index(name, labels, self.variable_blocks)
        if kind == "binary":
            upper = np.minimum(upper, 1.0)
        given = {"cost": cost, "lower": lower, "upper": upper}
        parts = [_values(name, index, what, value) for what, value in given.items()]
        if not np.isfinite(parts[0]).all():
            raise LabelError(f"costs of {name!r} must be finite", unexpected=index[~np.isfinite(parts[0])])
        self._columns.append((*parts, np.full(len(index), int(kind != "continuous"), dtype=np.int32)))
        block = self.variable_blocks[name] = Variables(name, index, self.columns)
        self.columns += len(index)
        return block

    def rows(
        self,
        name: str,
        labels: Iterable[Any],
        entries: Sequence[Entries],
        *,
        lower: Any = -np.inf,
        upper: Any = np.inf,
        rule: str = "",
    ) -> Rows:
        """Add one row per label: lower <= sum of entries <= upper.

        `entries`: triples (row position in this block, column, coefficient), arrays or scalars that
        broadcast; entries on the same place add up. `rule`: what the row demands, in words, if a planner
        could give way on it; only such rows are loosened when a conflict is explained.
        """
        index = _index(name, labels, self.row_blocks)
        bounds = (_values(name, index, "lower", lower), _values(name, index, "upper", upper))
        for row, column, coefficient in entries:
            triple = np.broadcast_arrays(row, column, np.asarray(coefficient, dtype=float))
            r, c, v = (array.ravel() for array in triple)
            if ((r < 0) | (r >= len(index)) | (c < 0) | (c >= self.columns)).any():
                raise LabelError(f"rows {name!r} point outside their block or at variables that do not exist")
            if not np.isfinite(v).all():
                bad = index[r[~np.isfinite(v)]]
                raise LabelError(f"coefficients of {name!r} must be finite", unexpected=bad)
            self._entries.append((self.rows_count + r, c, v))
        self._bounds.append(bounds)
        block = self.row_blocks[name] = Rows(name, index, self.rows_count, rule)
        self.rows_count += len(index)
        return block

    def arrays(self) -> dict[str, np.ndarray]:
        """Return cost, lower, upper, integer per column, row bounds, and the matrix by rows."""
        from scipy.sparse import coo_array

        cost, lower, upper, integer = _joined(self._columns, 4)
        row_lower, row_upper = _joined(self._bounds, 2)
        r, c, v = _joined(self._entries, 3)
        matrix = coo_array((v, (r.astype(int), c.astype(int))), shape=(self.rows_count, self.columns)).tocsr()
        matrix.sort_indices()
        return {
            "cost": cost, "lower": lower, "upper": upper, "integer": integer.astype(np.int32),
            "row_lower": row_lower, "row_upper": row_upper,
            "start": matrix.indptr.astype(np.int32), "index": matrix.indices.astype(np.int32),
            "value": matrix.data,
        }  # fmt: skip


class Stage:
    """One stage of a model (a year): what is written under a name stands in the model as ``name stage``.

    Costs count `weight` times. Without a name of its own the stage's blocks keep theirs.
    """

    def __init__(self, model: Model, name: str = "", weight: float = 1.0) -> None:
        self.model, self.name, self.weight = model, name, weight
        self.variable_blocks: dict[str, Variables] = {}
        self.row_blocks: dict[str, Rows] = {}

    def named(self, name: str) -> str:
        """Return the name a block of this stage bears in the model."""
        return f"{name} {self.name}" if self.name else name

    def variables(
        self,
        name: str,
        labels: Iterable[Any],
        *,
        cost: Any = 0.0,
        lower: Any = 0.0,
        upper: Any = np.inf,
        kind: Kind = "continuous",
    ) -> Variables:
        """Add variables as `Model.variables` does."""
        block = self.model.variables(
            self.named(name), labels, cost=self.weight * cost, lower=lower, upper=upper, kind=kind
        )
        self.variable_blocks[name] = block
        return block

    def rows(
        self,
        name: str,
        labels: Iterable[Any],
        entries: Sequence[Entries],
        *,
        lower: Any = -np.inf,
        upper: Any = np.inf,
        rule: str = "",
    ) -> Rows:
        """Add rows as `Model.rows` does; the stage stands in front of the rule."""
        told = f"{self.name} {rule}" if self.name and rule else rule
        block = self.model.rows(self.named(name), labels, entries, lower=lower, upper=upper, rule=told)
        self.row_blocks[name] = block
        return block


def _joined(blocks: Sequence[tuple[np.ndarray, ...]], width: int) -> Iterable[np.ndarray]:
    return (np.concatenate([block[i] for block in blocks]) if blocks else np.empty(0) for i in range(width))


def _index(name: str, labels: Iterable[Any], taken: Mapping[str, Any]) -> pd.Index:
    index = labels if isinstance(labels, pd.Index) else pd.Index(list(labels))
    if name in taken:
        raise LabelError("a block of that name exists already", unexpected=[name])
    if not index.is_unique:
        raise LabelError(f"labels of {name!r} must be unique", unexpected=set(index[index.duplicated()]))
    return index


def _values(name: str, index: pd.Index, what: str, value: Any) -> np.ndarray:
    if isinstance(value, pd.Series):
        if not value.index.equals(index):
            raise LabelError(
                f"{what} of {name!r} has other labels than the block",
                missing=index.difference(value.index),
                unexpected=value.index.difference(index),
            )
        value = value.to_numpy()
    array = np.array(np.broadcast_to(np.asarray(value, dtype=float), (len(index),)))
    if np.isnan(array).any():
        raise LabelError(f"{what} of {name!r} is not a number", unexpected=index[np.isnan(array)])
    return array
