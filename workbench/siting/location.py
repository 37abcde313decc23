"""What a location model answers with, and the checks its labelled inputs pass first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault, LabelError, UnreachableError


@dataclass(frozen=True)
class Location:
    """Chosen sites with the proof: `bound` is the best any choice could reach (equal when `proven`).

    `assignment`: demand id -> site id (of the largest share when a demand is split;
    missing for demands not served). `flows`: columns `demand`, `site`, `amount`, `cost` (total), one row per
    pair in use.
    """

    sites: list
    assignment: pd.Series
    objective: float
    bound: float
    status: str = "optimal"
    flows: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def gap(self) -> float:
        """Relative distance between objective and bound."""
        return abs(self.objective - self.bound) / max(abs(self.objective), 1e-9)

    @property
    def proven(self) -> bool:
        """Tell whether nothing better exists (to one part in a million)."""
        return self.gap <= 1e-6


@dataclass(frozen=True)
class Instance:
    """Checked costs (demands x sites, inf = unreachable), demand weights, and what must or may not open."""

    cost: pd.DataFrame
    demand: pd.Series
    required: np.ndarray
    forbidden: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """Costs as floats, demands x sites."""
        return self.cost.to_numpy(float)

    @property
    def allowed(self) -> np.ndarray:
        """Positions of the sites that may open."""
        return np.flatnonzero(~self.forbidden)


def instance(
    cost: pd.DataFrame,
    demand: pd.Series | None,
    required: Iterable,
    forbidden: Iterable,
    *,
    p: int | None = None,
) -> Instance:
    """Check a labelled problem; raises DataError or LabelError with every fault, UnreachableError for demands
    no allowed site can serve.
    """
    faults = []
    for name, index in (("rows (demand)", cost.index), ("columns (sites)", cost.columns)):
        if not len(index) or not index.is_unique:
            faults.append(
                Fault("cost", None, name, f"{len(index)} labels", "unique labels, at least one", "Fix.")
            )
    values = cost.to_numpy(float) if not faults else np.zeros((0, 0))
    if np.isnan(values).any() or (values < 0).any():
        found = f"{int(np.isnan(values).sum())} blanks, {int((values < 0).sum())} negative"
        faults.append(
            Fault("cost", None, "", found, "numbers of at least 0, inf = no way", "Fill or set inf.")
        )
    must, never = set(required), set(forbidden)
    if must & never:
        both = ", ".join(sorted(map(str, must & never)))
        faults.append(Fault("sites", None, both, "required and forbidden", "one of the two", "Drop one."))
    most = cost.shape[1] - len(never)
    if p is not None and not max(1, len(must)) <= p <= most:
        faults.append(Fault("p", None, "", str(p), f"{max(1, len(must))} to {most} sites", "Change p."))
    if faults:
        raise DataError(faults, "the location problem cannot be read")
    if (must | never) - set(cost.columns):
        raise LabelError("required or forbidden sites without a column", (must | never) - set(cost.columns))
    out = Instance(
        cost, _aligned(cost, demand),
        np.asarray(cost.columns.isin(list(must))), np.asarray(cost.columns.isin(list(never))),
    )  # fmt: skip
    lost = cost.index[np.flatnonzero(~np.isfinite(values[:, out.allowed]).any(axis=1))]
    if p is not None and len(lost):
        raise UnreachableError(f"no allowed site reaches {', '.join(map(str, lost[:10]))}")
    return out


def _aligned(cost: pd.DataFrame, demand: pd.Series | None) -> pd.Series:
    if demand is None:
        return pd.Series(1.0, index=cost.index)
    missing, strange = cost.index.difference(demand.index), demand.index.difference(cost.index)
    if len(missing) or len(strange):
        raise LabelError("demand and cost rows differ", missing=missing, unexpected=strange)
    demand = demand.reindex(cost.index).astype(float)
    if (demand.isna() | (demand < 0)).any():
        bad = [str(i) for i in demand.index[demand.isna() | (demand < 0)]]
        fault = Fault("demand", None, ", ".join(bad[:10]), "blank or negative", "at least 0", "Correct it.")
        raise DataError([fault])
    return demand


def nearest(problem: Instance, chosen: np.ndarray) -> tuple[pd.Series, pd.DataFrame]:
    """Serve each demand from the cheapest chosen site (positions); ties go to the first label."""
    values, columns = problem.values[:, chosen], problem.cost.columns[chosen]
    best = values.argmin(axis=1)
    price = values[np.arange(len(values)), best]
    reached = np.asarray(np.isfinite(price))
    served = pd.Series(columns[best], index=problem.cost.index, name="site")[reached]
    amount = problem.demand[reached]
    flows = pd.DataFrame({"demand": served.index, "site": served.to_numpy(), "amount": amount.to_numpy()})
    return served, flows.assign(cost=amount.to_numpy() * price[reached])


def split(
    problem: Instance, demand: np.ndarray, site: np.ndarray, share: np.ndarray
) -> tuple[pd.Series, pd.DataFrame]:
    """Read shares of demand (positions of demand and site, share 0..1) as assignment and flows.

    A demand served by several sites is assigned to the one with the largest share; one served by none is
    left out.
    """
    used = np.flatnonzero(share > 1e-7)
    i, j = demand[used], site[used]
    amount = share[used] * problem.demand.to_numpy()[i]
    flows = pd.DataFrame({"demand": problem.cost.index[i], "site": problem.cost.columns[j], "amount": amount})
    flows["cost"] = amount * problem.values[i, j]
    largest = flows.assign(share=share[used]).sort_values("share", ascending=False, kind="stable")
    served = largest.drop_duplicates("demand").set_index("demand")["site"]
    return served.reindex(problem.cost.index).dropna().rename("site"), flows
