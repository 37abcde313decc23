"""The validated baseline as one object: `Layers` (frames by name) and `Assumptions` (numbers by id)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import geopandas as gpd
import pandas as pd

from workbench.errors import LabelError
from workbench.layers.stock import settled

Frame: TypeAlias = pd.DataFrame | gpd.GeoDataFrame

ASSUMPTION_COLUMNS = ("value", "unit", "low", "high", "kind", "reason", "source", "confidence")


@dataclass(frozen=True)
class Assumptions:
    """Every number that is a choice or an estimate, by id, with unit, range, reason and confidence.

    `frame`: index `id` such as ``cement.power_kwh_t``; columns `value` (float), `unit`, `low`, `high`
    (float or NaN), `kind` (``sourced`` or ``assumed``), `reason`, `source`, `confidence`.
    """

    frame: pd.DataFrame
    overridden: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> float:
        try:
            return self._values[name]
        except KeyError:
            raise LabelError("unknown assumption", missing=[name]) from None

    @cached_property
    def _values(self) -> dict[str, float]:
        return dict(zip(self.frame.index, self.frame["value"].astype(float).tolist(), strict=True))

    def get(self, name: str, default: float) -> float:
        """Return a value, or the default where no such row exists."""
        return self[name] if name in self else default  # noqa: SIM401

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def with_(self, values: Mapping[str, float]) -> Assumptions:
        """Return a copy with some values replaced; unknown ids raise LabelError."""
        unknown = set(values) - set(self.frame.index)
        if unknown:
            raise LabelError("scenario overrides assumptions that do not exist", unexpected=unknown)
        if not values:
            return self
        frame = self.frame.copy()
        for name, value in values.items():
            frame.at[name, "value"] = float(value)
        return Assumptions(frame, self.overridden | frozenset(values))


@dataclass(frozen=True)
class Layers:
    """All layers and tables of a baseline, by the name they have in the catalogue.

    `layers.plants` and `layers["plants"]` are the same frame. Every frame is indexed by its `id` column;
    geometries are WGS-84 (EPSG:4326). Frames are shared, not copied: treat them as read-only.
    """

    frames: Mapping[str, Frame]
    assumptions: Assumptions
    hashes: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        try:
            return self.frames[name]
        except KeyError:
            raise LabelError(f"no layer named {name!r}; there are {', '.join(sorted(self.frames))}") from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "frames" not in self.__dict__ or name not in self.frames:
            raise AttributeError(f"no layer named {name!r}")
        return self.frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def __contains__(self, name: object) -> bool:
        return name in self.frames

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.frames]

    def with_(self, **frames: Frame) -> Layers:
        """Return the same baseline with some frames replaced (a planner's own data, a test's tiny world)."""
        return replace(self, frames={**self.frames, **frames})

    def with_assumptions(self, values: Mapping[str, float]) -> Layers:
        """Return the same baseline with some assumption values replaced, and the stock that follows them."""
        if not values:
            return self
        return replace(self, assumptions=self.assumptions.with_(values)).settled()

    def settled(self) -> Layers:
        """Return the same baseline with what its assumptions decide worked out again; see `layers.stock`."""
        return replace(self, frames=settled(self.frames, self.assumptions))
