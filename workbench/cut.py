"""Tables cut from others that were laid out once: columns at once as arrays, a frame when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd


class Laid:
    """A frame to cut from, each of its columns kept as an array too; text is Python's own."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._arrays: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._arrays:
            column = self.frame[name]
            plain = isinstance(column.dtype, np.dtype)
            self._arrays[name] = column.to_numpy() if plain else column.to_numpy(object)
        return self._arrays[name]


class Cut:
    """Some rows of a laid out frame (all without `rows`) with some columns new.

    `laid`: what it was cut from. ``cut[name]`` is a column as an array, never to be changed; `frame` the
    whole as a frame, made once. Its index is that of the rows taken, or counts from 0 (`numbered`).
    """

    def __init__(
        self,
        laid: Laid,
        rows: np.ndarray | None = None,
        new: Mapping[str, np.ndarray] | None = None,
        *,
        numbered: bool = False,
    ) -> None:
        self.laid, self._rows, self._new, self._numbered = laid, rows, dict(new or {}), numbered
        self._taken: dict[str, np.ndarray] = {}

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Cut:
        """Return a frame as a whole cut of itself."""
        return cls(Laid(frame))

    def __getitem__(self, name: str) -> np.ndarray:
        if name in self._new:
            return self._new[name]
        if name not in self._taken:
            whole = self.laid[name]
            self._taken[name] = whole if self._rows is None else whole[self._rows]
        return self._taken[name]

    def with_(self, new: Mapping[str, np.ndarray]) -> Cut:
        """Return the same rows with more columns new."""
        return Cut(self.laid, self._rows, {**self._new, **new}, numbered=self._numbered)

    def __len__(self) -> int:
        return len(self.laid.frame) if self._rows is None else len(self._rows)

    @cached_property
    def at(self) -> np.ndarray:
        """The rows of `laid` that were taken."""
        return np.arange(len(self)) if self._rows is None else self._rows

    @cached_property
    def index(self) -> pd.Index:
        """The index of `frame`."""
        index = self.laid.frame.index
        index = index if self._rows is None else index.take(self._rows)
        return pd.RangeIndex(len(index)) if self._numbered else index

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The cut as a frame."""
        whole = self.laid.frame
        taken = whole if self._rows is None else whole.take(self._rows)
        return taken.set_axis(self.index).assign(**self._new)


def columns(plan: Any, name: str) -> Cut:
    """Return a table of a plan as columns; of anything that only has a frame of that name, that frame."""
    tables = getattr(plan, "tables", None)
    return Cut.of(getattr(plan, name)) if tables is None else getattr(tables, name)
