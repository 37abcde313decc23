"""Futures drawn from the ranges of the assumptions: a Latin hypercube, each between its low and its high."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import qmc

from workbench.errors import DataError, Fault, LabelError
from workbench.layers.model import Assumptions
from workbench.region.surplus import triangle

# a class of vessel is one of a list: nothing lies between two
_ONE_OF_A_LIST = re.compile(r"water\.\w+_vessel_t")


@dataclass(frozen=True, eq=False)
class Drawn:
    """Assumptions drawn: `values` one row per future, one column per id; `held` (index id) why one is not.

    ``no_range``: nobody states between what it may lie; ``network``: the network would be laid out anew,
    which takes seconds; ``class``: it is one of a list. `together`: the groups that rise and fall as one.
    """

    values: pd.DataFrame
    held: pd.Series
    seed: int
    together: tuple[frozenset[str], ...] = ()


def drawn(
    assumptions: Assumptions,
    names: Iterable[str],
    samples: int,
    seed: int = 0,
    *,
    together: Sequence[Collection[str]] = (),
    network: Collection[str] = (),
) -> Drawn:
    """Draw `samples` futures of the named assumptions.

    Each has the triangular distribution low - value - high (as the band of the surplus has); a value beyond
    its range widens the range to itself. They are independent but for those named in one of `together`,
    which rise and fall as one (each at the same quantile of its own distribution). The quantiles are a Latin
    hypercube (McKay, Beckman and Conover 1979) from `seed`: each assumption meets each of `samples` equal
    parts of its distribution once. Raises LabelError for unknown ids and one in two of `together`, DataError
    for fewer than one sample.
    """
    if samples < 1:
        raise DataError([Fault("robust", None, "samples", str(samples), "1 or more", "Ask for more.")])
    asked, frame = sorted(set(names)), assumptions.frame
    bound = [name for group in together for name in set(group)]
    twice = {name for name in bound if bound.count(name) > 1}
    if unknown := {*asked, *bound} - set(frame.index):
        raise LabelError("assumptions that do not exist", unexpected=unknown)
    if twice:
        raise LabelError("assumptions that rise and fall with two groups", unexpected=twice)
    held = {name: _why_held(frame.loc[name], name, network) for name in asked}
    free = [name for name in asked if not held[name]]
    quantile = qmc.LatinHypercube(max(len(free), 1), rng=np.random.default_rng(seed)).random(samples)
    column = {name: number for number, name in enumerate(free)}
    for group in together:
        mine = sorted(set(group) & set(free))
        column |= dict.fromkeys(mine, column[mine[0]])
    values = {name: at_quantiles(assumptions, name, quantile[:, column[name]]) for name in free}
    why = pd.Series({name: why for name, why in held.items() if why}, dtype=object)
    table = pd.DataFrame(values, index=range(samples))
    return Drawn(table, why.rename_axis("assumption"), seed, tuple(map(frozenset, together)))


def at_quantiles(assumptions: Assumptions, name: str, quantile: np.ndarray) -> np.ndarray:
    """Return the values of an assumption at quantiles (0 to 1) of its triangular distribution."""
    value, low, high = (float(assumptions.frame.at[name, column]) for column in ("value", "low", "high"))
    return triangle(quantile, min(low, value), value, max(high, value))


def _why_held(row: pd.Series, name: str, network: Collection[str]) -> str:
    if not row["low"] < row["high"]:  # NaN is no range either
        return "no_range"
    if name in network:
        return "network"
    return "class" if _ONE_OF_A_LIST.fullmatch(name) else ""
