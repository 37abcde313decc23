"""What a location model answers with, and the checks its labelled inputs pass first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault, LabelError, UnreachableError
from workbench.siting import sizes
from workbench.siting.limits import Asked, Limits, Told
from workbench.solver import relative_gap

# rows demand, columns sites; without labels of their own both are numbered from 0
Costs: TypeAlias = pd.DataFrame | np.ndarray | Sequence[Sequence[float]]
# one number for all, or one per label; without labels in the order of the costs
PerLabel: TypeAlias = pd.Series | Mapping[Any, float] | np.ndarray | Sequence[float] | float
_PROVEN = 1e-6
_SENTINEL = 1e9  # a cost this many times all others is no cost but a way of writing that there is no way


@dataclass(frozen=True)
class Location:
    """Chosen sites with the proof: `bound` is the best any choice could reach (equal when `proven`).

    `assignment`: demand id -> site id (of the largest share when a demand is split; missing for demands that
    are not served or want nothing). `flows`: columns `demand`, `site`, `amount`, `cost` (total), one row per
    pair in use. `demand`: what every row wants. `backup`: share of the demand with a second site near (only
    where a model asks for it).
    """

    sites: list
    assignment: pd.Series
    objective: float
    bound: float
    status: str = "optimal"
    flows: pd.DataFrame = field(default_factory=pd.DataFrame)
    demand: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    backup: float | None = None

    @property
    def gap(self) -> float:
        """Distance between objective and bound as a share of the larger."""
        return relative_gap(self.objective, self.bound)

    @property
    def proven(self) -> bool:
        """Tell whether nothing better exists (to one part in a million)."""
        return self.gap <= _PROVEN

    @property
    def mean_cost(self) -> float:
        """Cost per unit of what is served (a mean distance where costs are distances); NaN for nothing."""
        amount = float(self.flows["amount"].sum()) if len(self.flows) else 0.0
        return float(self.flows["cost"].sum()) / amount if amount > 0 else np.nan

    @property
    def worst_cost(self) -> float:
        """Largest cost per unit of any pair in use; NaN for none."""
        return float((self.flows["cost"] / self.flows["amount"]).max()) if len(self.flows) else np.nan

    @property
    def share_covered(self) -> float:
        """Share of the demand that is served; NaN where nothing is wanted."""
        return self.share_within(np.inf)

    def share_within(self, cost: float) -> float:
        """Return the share of the demand served at no more than a cost per unit."""
        whole = float(self.demand.sum())
        if not whole > 0 or not len(self.flows):
            return np.nan if not whole > 0 else 0.0
        near = self.flows["cost"] <= self.flows["amount"] * cost * (1 + 1e-12)
        return float(self.flows.loc[near, "amount"].sum()) / whole

    @property
    def load(self) -> pd.Series:
        """Amount each chosen site serves."""
        served = self.flows.groupby("site")["amount"].sum() if len(self.flows) else pd.Series(dtype=float)
        return served.reindex(pd.Index(self.sites, tupleize_cols=False), fill_value=0.0).rename("load")


@dataclass(frozen=True)
class Instance:
    """A checked problem, rows and sites sorted by label so that no order of the input decides.

    `values`: costs, demands x sites, inf where there is no way. `demand`: amount per row; a row of 0 needs
    nobody. `given`: the rows as they came.
    """

    rows: pd.Index
    sites: pd.Index
    values: np.ndarray
    demand: np.ndarray
    required: np.ndarray
    forbidden: np.ndarray
    given: pd.Index

    @cached_property
    def allowed(self) -> np.ndarray:
        """Positions of the sites that may open."""
        return np.flatnonzero(~self.forbidden)

    @cached_property
    def live(self) -> np.ndarray:
        """Positions of the rows that want something."""
        return np.flatnonzero(self.demand > 0)

    @property
    def must(self) -> np.ndarray:
        """Whether each allowed site has to open."""
        return self.required[self.allowed]

    def near(self, radius: float) -> np.ndarray:
        """Tell which allowed sites reach which living row within a radius (no way is never near)."""
        ways = self.values[np.ix_(self.live, self.allowed)]
        return np.isfinite(ways) & (ways <= radius)

    def per_site(
        self, given: PerLabel, name: str, *, infinite: bool = False, partial: bool = False
    ) -> np.ndarray:
        """Return one number per site, in the order of `sites`; see `_per_label`."""
        values, faults = _per_label(given, self.sites, name, infinite=infinite, partial=partial)
        if faults:
            raise DataError(faults, "the location problem cannot be read")
        return values


def posed(
    cost: Costs,
    demand: PerLabel | None,
    sites: tuple[Any, Any],
    within: tuple[float, Told, Asked],
    **asked: Any,
) -> tuple[Instance, int, Limits]:
    """Check a problem with its required and forbidden `sites` and its limits, whose clock starts here.

    `asked`: see `instance`. Returns the problem, p and the limits.
    """
    limits = Limits(*within)
    return *instance(cost, demand, *sites, **asked), limits


def instance(
    cost: Costs,
    demand: PerLabel | None,
    required: Any,
    forbidden: Any,
    *,
    p: Any = None,
    radius: float | None = None,
    reach: bool = True,
) -> tuple[Instance, int]:
    """Check a labelled problem and return it with p as a whole number (0 where none is asked).

    Raises DataError with every fault at once, LabelError where labels do not agree, and, with `reach`,
    UnreachableError for demands that no allowed site can serve.
    """
    frame, faults = _costs(cost)
    must, never = _labels(required), _labels(forbidden)
    strange = (must | never) - set(frame.columns)
    if strange:
        raise LabelError("required or forbidden sites without a column", unexpected=strange)
    amounts, more = np.ones(len(frame)), list[Fault]()
    if demand is not None and not faults:
        amounts, more = _per_label(demand, frame.index, "demand")
    faults += more
    if must & never:
        both = ", ".join(sorted(map(str, must & never)))
        faults.append(Fault("sites", None, both, "required and forbidden", "one of the two", "Drop one."))
    number, more = _count(p, max(1, len(must)), frame.shape[1] - len(never))
    faults += more
    if radius is not None and not (isinstance(radius, Real) and radius >= 0):
        faults.append(Fault("radius", None, "", str(radius), "a number of at least 0", "Change it."))
    if faults:
        raise DataError(faults, "the location problem cannot be read")
    rows, sites = _order(frame.index), _order(frame.columns)
    columns = frame.columns[sites]
    out = Instance(
        frame.index[rows], columns, frame.to_numpy(float)[np.ix_(rows, sites)], amounts[rows],
        np.array([c in must for c in columns]), np.array([c in never for c in columns]), frame.index,
    )  # fmt: skip
    if reach:
        _reachable(out, radius)
    return out, number


def _reachable(problem: Instance, radius: float | None) -> None:
    near = problem.near(np.inf if radius is None else radius)
    lost = problem.rows[problem.live[~near.any(axis=1)]]
    if len(lost):
        where = "" if radius is None else f" within {radius:g}"
        names = ", ".join(map(str, lost[:10])) + (f" (and {len(lost) - 10} more)" if len(lost) > 10 else "")
        raise UnreachableError(f"no allowed site{where} reaches {names}")


def _costs(cost: Costs) -> tuple[pd.DataFrame, list[Fault]]:
    """Return costs as a frame of floats with flat labels, and what is wrong with them."""
    frame = (
        cost
        if isinstance(cost, pd.DataFrame)
        else pd.DataFrame(np.atleast_2d(np.asarray(cost, dtype=object)))
    )
    frame = frame.set_axis(frame.index.to_flat_index(), axis=0).set_axis(
        frame.columns.to_flat_index(), axis=1
    )
    faults = []
    for name, index in (("rows (demand)", frame.index), ("columns (sites)", frame.columns)):
        if not len(index):
            faults.append(Fault("cost", None, name, "none", "at least one", "Give some."))
        twice = index[index.duplicated()].unique()
        if len(twice):
            found = f"{', '.join(map(str, twice[:10]))} more than once"
            faults.append(Fault("cost", None, name, found, "each label once", "Rename or join them."))
        if index.hasnans:
            faults.append(Fault("cost", None, name, "a blank label", "a label each", "Name it."))
    plain = all(kind.kind in "fiu" for kind in frame.dtypes)  # column by column a large frame takes a second
    numbers = frame if plain or not frame.size else frame.apply(pd.to_numeric, errors="coerce")
    bad = np.argwhere(~(numbers.to_numpy(float) >= 0)).tolist() if frame.size else []
    for i, j in bad[:10]:
        place, found = f"{frame.index[i]} / {frame.columns[j]}", str(frame.to_numpy(object)[i, j])
        faults.append(
            Fault(
                "cost", int(i) + 2, place, found, "a number of at least 0, inf = no way", "Fill or set inf."
            )
        )
    if len(bad) > 10:
        more = f"{len(bad) - 10} more blank, negative or wordy cells"
        faults.append(Fault("cost", None, "", more, "numbers of at least 0", "Fill or set inf."))
    return numbers.astype(float), faults or _sentinels(numbers) or _beyond("cost", numbers.to_numpy(float))


def _sentinels(numbers: pd.DataFrame) -> list[Fault]:
    """Find a cost that can only mean that there is no way, such as 1e20 among kilometres."""
    values = numbers.to_numpy(float)
    values = values[np.isfinite(values) & (values > 0)]
    most = values.max(initial=0.0)
    rest = values[values < most / 10]
    if not len(rest) or most / rest.max() < _SENTINEL:
        return []
    found, need = f"{most:g}, the next lower cost is {rest.max():g}", "inf where there is no way"
    return [Fault("cost", None, "", found, need, f"Write inf for {most:g}.")]


def _beyond(name: str, values: np.ndarray) -> list[Fault]:
    """Find figures so large or small that cost times demand is no longer a number, or nothing."""
    odd = values[sizes.beyond(values)]
    return [Fault(name, None, "", f"{odd[0]:g}", sizes.EXPECTED, "Choose another unit.")] if len(odd) else []


def _labels(given: Any) -> set:
    """Return labels given as a collection, or as one label alone (a word is one label, not its letters)."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        return {given}
    return set(given.to_flat_index() if isinstance(given, pd.Index) else given)


def _count(p: Any, least: int, most: int) -> tuple[int, list[Fault]]:
    if p is None:
        return 0, []
    try:
        number = int(p)
        if number == p and not isinstance(p, bool) and least <= number <= most:
            return number, []
    except (TypeError, ValueError, OverflowError):
        pass
    need = f"a whole number, {least} to {most} sites"
    return 0, [Fault("p", None, "", str(p), need, "Change p, or the required and forbidden sites.")]


def _per_label(
    given: PerLabel, index: pd.Index, name: str, *, infinite: bool = False, partial: bool = False
) -> tuple[np.ndarray, list[Fault]]:
    """Return one number of at least 0 per label of `index`, in its order.

    `infinite`: inf is allowed (no limit). `partial`: labels left out are 0. Raises LabelError where a series
    or mapping has other labels.
    """
    if isinstance(given, (pd.Series, Mapping)):
        series = (
            pd.Series(given)
            if isinstance(given, pd.Series)
            else pd.Series(
                list(given.values()), index=pd.Index(list(given), tupleize_cols=False), dtype=object
            )
        )
        series = series.set_axis(series.index.to_flat_index())
        twice = series.index[series.index.duplicated()].unique()
        if len(twice):
            found = f"{', '.join(map(str, twice[:10]))} more than once"
            return np.zeros(len(index)), [Fault(name, None, "labels", found, "each label once", "Join them.")]
        missing = [] if partial else index.difference(series.index, sort=False)
        strange = series.index.difference(index, sort=False)
        if len(missing) or len(strange):
            raise LabelError(f"{name} and cost do not agree", missing=missing, unexpected=strange)
        raw = series.reindex(index, fill_value=0.0).to_numpy(object)
    else:
        raw = np.asarray(given, dtype=object)
        if raw.ndim and raw.shape != (len(index),):
            found, need = f"{raw.size} numbers", f"one, or {len(index)} (one per label of cost)"
            return np.zeros(len(index)), [Fault(name, None, "", found, need, "Give a series by label.")]
        raw = np.broadcast_to(raw, (len(index),))
    values = pd.to_numeric(pd.Series(raw, dtype=object), errors="coerce").to_numpy(float)
    bad = np.flatnonzero(~(values >= 0) | (np.isinf(values) & (not infinite)))
    need = "a number of at least 0" + (", inf = no limit" if infinite else "")
    faults = [
        Fault(name, int(i) + 2, str(index[i]), f"{raw[i]}: blank, negative or no number", need, "Correct it.")
        for i in bad[:10]
    ]
    return values, faults or _beyond(name, values)


def _order(index: pd.Index) -> np.ndarray:
    """Return positions in the order of the labels; mixed kinds go by kind, then by their text."""
    try:
        return np.array(sorted(range(len(index)), key=lambda k: index[k]), dtype=int)
    except TypeError:
        return np.array(sorted(range(len(index)), key=lambda k: (type(index[k]).__name__, str(index[k]))))


def nearest(problem: Instance, chosen: np.ndarray, radius: float = np.inf) -> pd.DataFrame:
    """Serve each living row from the cheapest chosen site within a radius; ties go to the first label."""
    ways = problem.values[np.ix_(problem.live, chosen)]
    if not ways.size:
        none = np.array([], dtype=int)
        return flows(problem, none, none, none.astype(float))
    best = ways.argmin(axis=1)
    price = ways[np.arange(len(ways)), best]
    served = np.flatnonzero(np.isfinite(price) & (price <= radius))
    return flows(problem, problem.live[served], chosen[best[served]], problem.demand[problem.live[served]])


def flows(problem: Instance, row: np.ndarray, site: np.ndarray, amount: np.ndarray) -> pd.DataFrame:
    """Label amounts from rows to sites (positions), in the order of the rows as they came."""
    place = problem.given.get_indexer(problem.rows[row])
    order = np.lexsort((site, place))
    row, site, amount = row[order], site[order], amount[order]
    return pd.DataFrame(
        {
            "demand": problem.rows[row],
            "site": problem.sites[site],
            "amount": amount,
            "cost": amount * problem.values[row, site],
        }
    )


def located(
    problem: Instance,
    chosen: np.ndarray,
    objective: float,
    bound: float,
    status: str,
    served: pd.DataFrame | None = None,
    **more: Any,
) -> Location:
    """Answer with the chosen positions; each demand goes to the nearest unless `served` says otherwise."""
    table = nearest(problem, chosen) if served is None else served
    place = problem.given.get_indexer(pd.Index(table["demand"], tupleize_cols=False))
    order = np.lexsort((-table["amount"].to_numpy(float), place))
    first = order[np.diff(place[order], prepend=-1) > 0]  # of each demand the largest part
    assignment = pd.Series(table["site"].to_numpy()[first], problem.given[place[first]], name="site")
    wanted = pd.Series(problem.demand, problem.rows).reindex(problem.given)
    sites = problem.sites[np.sort(chosen)].tolist()
    return Location(sites, assignment, objective, bound, status, table, wanted, **more)
