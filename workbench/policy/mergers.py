"""The merger program: which firms join which head so that 3-5 groups reach 10 Mt and 5-7 exceed 5 Mt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench import solver
from workbench.errors import LabelError
from workbench.policy import registry
from workbench.policy.consolidation import groups_of
from workbench.policy.options import PolicyOptions

# A group "above 5 Mt" must exceed it; in a linear program that is at least this much more.
STRICT_KT = 1.0


@dataclass(frozen=True)
class Mergers:
    """The program's answer: `groups` (index firm; head, capacity_kt), `sizes` by head, kt-km moved, gap."""

    groups: pd.DataFrame
    sizes: pd.Series
    cost: float
    bound: float
    gap: float
    huge: int
    large: int


def merge(
    firms: pd.DataFrame,
    *,
    options: PolicyOptions | None = None,
    heads: int = 12,
    bounds: tuple[int, int, int, int] | None = None,
    seed: int = 0,
    gap: float = 1e-6,
    time_limit_s: float = 30.0,
) -> Mergers:
    """Assign firms to heads at the least capacity-weighted distance.

    `firms`: index firm; capacity_kt, lon, lat. Only the `heads` largest may lead, and a head leads itself.
    min sum_fh c_f d_fh b_fh with sum_h b_fh = 1, b_fh <= b_hh, S_h = sum_f c_f b_fh; big_h: S_h >= 10 Mt;
    mid_h: S_h > 5 Mt, and S_h below the size it does not claim. Counts: 3-5 big; 5-7 mid where mid excludes
    big, or includes it (`nested_cement_groups`). `bounds` (huge_min, huge_max, large_min, large_max) replaces
    the text's counts. Raises InfeasibleError naming the count that cannot be had.
    """
    if firms.index.has_duplicates or firms[["capacity_kt", "lon", "lat"]].isna().any(axis=None):
        raise LabelError(
            "firms need one row each with capacity and place",
            unexpected=firms.index[firms.index.duplicated()],
        )
    nested = (options or PolicyOptions()).nested_cement_groups
    firms = firms.sort_index()
    lead = firms.sort_values("capacity_kt", ascending=False, kind="stable").index[:heads].sort_values()
    distance = _km(firms, firms.loc[lead])
    weighted = distance * firms["capacity_kt"].to_numpy(float)[:, None]
    model = _model(firms["capacity_kt"], lead, weighted, nested, bounds or _counts())
    answer = solver.solve(model, seed=seed, gap=gap, time_limit_s=time_limit_s)
    join = answer.values["join"]
    chosen = join[join > 0.5].index
    groups = pd.DataFrame(
        {"head": [head for _, head in chosen]}, index=pd.Index([firm for firm, _ in chosen], name="firm")
    )
    groups["capacity_kt"] = firms["capacity_kt"].reindex(groups.index)
    sizes = groups.groupby("head")["capacity_kt"].sum().sort_values(ascending=False)
    huge, large = (int((answer.values[name] > 0.5).sum()) for name in ("huge", "large"))
    return Mergers(
        groups.sort_index(),
        sizes,
        answer.objective,
        answer.bound,
        answer.gap,
        huge,
        large if nested else large - huge,
    )


def _counts() -> tuple[int, int, int, int]:
    clause = registry.clause("P21")
    names = ("huge_groups_min", "huge_groups_max", "large_groups_min", "large_groups_max")
    return tuple(int(clause.number(name).value) for name in names)  # type: ignore[return-value]


def _model(
    capacity: pd.Series, lead: pd.Index, cost: np.ndarray, nested: bool, counts: tuple[int, int, int, int]
) -> solver.Model:
    model = solver.Model()
    n, m = len(capacity), len(lead)
    pairs = pd.MultiIndex.from_product([capacity.index, lead]).to_flat_index()
    join = model.variables("join", pairs, cost=cost.ravel(), kind="binary").columns.reshape(n, m)
    huge = model.variables("huge", lead, kind="binary").columns
    large = model.variables("large", lead, kind="binary").columns
    own = join[capacity.index.get_indexer(lead), np.arange(m)]
    model.rows("one head", capacity.index, [(np.arange(n)[:, None], join, 1.0)], lower=1, upper=1)
    follow = np.arange(n * m)
    model.rows("head leads", pairs, [(follow, join.ravel(), 1.0), (follow, np.tile(own, n), -1.0)], upper=0)
    kt, total = capacity.to_numpy(float), float(capacity.sum())
    clause = registry.clause("P21")
    for name, flag, key in (("huge", huge, "huge_group"), ("large", large, "large_group")):
        number = clause.number(key)
        step = STRICT_KT if number.sign == ">" else 0.0
        least = number.house_value + step
        at = np.arange(m)
        size = (at[None, :], join, kt[:, None])
        model.rows(f"{name} reached", lead, [size, (at, flag, -least)], lower=0)
        model.rows(f"{name} told", lead, [size, (at, flag, -total)], upper=least - STRICT_KT)
    low_huge, high_huge, low_large, high_large = counts
    zero = np.zeros(m, dtype=int)
    model.rows("huge groups", ["count"], [(zero, huge, 1.0)], lower=low_huge, upper=high_huge,
               rule=f"P21: {low_huge}-{high_huge} groups of 10 Mt or more")  # fmt: skip
    apart = [] if nested else [(zero, huge, -1.0)]
    model.rows("large groups", ["count"], [(zero, large, 1.0), *apart], lower=low_large, upper=high_large,
               rule=f"P21: {low_large}-{high_large} groups above 5 Mt")  # fmt: skip
    return model


def _km(a: pd.DataFrame, b: pd.DataFrame) -> np.ndarray:
    """Great-circle distance (km) of every pair, mean Earth radius 6371 km."""
    lon1, lat1, lon2, lat2 = (
        np.radians(frame[column].to_numpy(float)) for frame in (a, b) for column in ("lon", "lat")
    )
    d_lat, d_lon = lat2[None, :] - lat1[:, None], lon2[None, :] - lon1[:, None]
    h = np.sin(d_lat / 2) ** 2 + np.cos(lat1)[:, None] * np.cos(lat2)[None, :] * np.sin(d_lon / 2) ** 2
    return 2 * 6371.0 * np.arcsin(np.sqrt(h))


def firms_of(lines: pd.DataFrame, plants: pd.DataFrame, industry: str = "cement") -> pd.DataFrame:
    """Return owner groups with capacity and its centre, for `merge`: index firm; capacity_kt, lon, lat.

    `lines` and `plants` as in the baseline; plants give owner, lon and lat. Steel firms merged into one
    group (clause P72) use the same table.
    """
    mine = lines[(lines["industry"] == industry) & lines["in_baseline"].astype(bool)]
    mine = mine[mine["capacity_kt"].gt(0)]
    weight = mine["capacity_kt"].to_numpy(float)
    place = plants.loc[mine["plant_id"], ["lon", "lat"]].to_numpy(float)
    frame = pd.DataFrame(
        {"capacity_kt": weight, "lon": place[:, 0] * weight, "lat": place[:, 1] * weight},
        index=pd.Index(groups_of(mine["plant_id"], plants).to_numpy(), name="firm"),
    )
    frame = frame.groupby(level="firm").sum()
    frame[["lon", "lat"]] = frame[["lon", "lat"]].div(frame["capacity_kt"], axis=0)
    return frame
