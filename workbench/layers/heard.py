"""Which assumptions a computation reads: heard while it runs, not listed by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pandas as pd

from workbench.layers.model import Assumptions


@dataclass(frozen=True)
class Heard(Assumptions):
    """Assumptions that note which of them are asked for, by the part that asks.

    `names`: part -> ids read; the part is what `during` says, else ``""``. What is read off `frame` without
    asking for a value is not heard.
    """

    names: dict[str, set[str]] = field(default_factory=lambda: {"": set()})
    _part: list[str] = field(default_factory=lambda: [""])

    @classmethod
    def of(cls, assumptions: Assumptions) -> Heard:
        """Return the same numbers in a table of their own, so that nothing made of them before is reused."""
        return cls(pd.DataFrame(assumptions.frame).copy(), assumptions.overridden)

    def __getitem__(self, name: str) -> float:
        self.names.setdefault(self._part[-1], set()).add(name)
        return super().__getitem__(name)

    def with_(self, values: Mapping[str, float]) -> Heard:
        changed = super().with_(values)
        return Heard(changed.frame, changed.overridden, self.names, self._part)

    @contextmanager
    def during(self, part: str) -> Iterator[None]:
        """Note what is read meanwhile under a part's name."""
        self._part.append(part)
        try:
            yield
        finally:
            self._part.pop()
