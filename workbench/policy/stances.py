"""Which clause binds a plan, which is priced, which is only told: defaults by the verbs of the text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from workbench.policy.documents import read_only

if TYPE_CHECKING:
    import pandas as pd

Stance = Literal["binding", "priced", "told"]


def stances(chosen: Mapping[str, Stance] | None = None) -> pd.DataFrame:
    """Return the clauses the optimiser holds a row for, with the stance each takes.

    Index clause; columns row (the block of rows), default, stance (the default, or what `chosen` says), price
    (what a breach is priced in: capacity, pollutant, freight; empty where it cannot be priced), verb_zh,
    why_zh, why_en.
    """
    frame = read_only("stances").set_index("clause")
    stance = frame["default"].copy()
    for clause, wanted in (chosen or {}).items():
        stance[clause] = wanted
    return frame.assign(stance=stance)


def taken(chosen: Mapping[str, Stance] | None = None) -> Mapping[str, Stance]:
    """Return the stance of each clause, as `stances` tells it."""
    return _taken(tuple(sorted((chosen or {}).items())))


@lru_cache(maxsize=16)  # every limit of every plan asks
def _taken(chosen: tuple[tuple[str, Stance], ...]) -> Mapping[str, Stance]:
    return MappingProxyType(stances(dict(chosen))["stance"].to_dict())


def faults(chosen: Mapping[str, Stance]) -> list[str]:
    """Name every stance that cannot be taken: a clause without a row, or a price on what has none."""
    if not chosen:
        return []
    frame = read_only("stances").set_index("clause")
    told = []
    for clause, wanted in sorted(chosen.items()):
        if clause not in frame.index:
            told.append(f"{clause} is no row of the optimiser; there are {', '.join(frame.index)}")
        elif wanted == "priced" and not frame.at[clause, "price"]:
            told.append(f"{clause} cannot be priced, only binding or told")
    return told
