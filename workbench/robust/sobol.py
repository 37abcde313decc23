"""Which of some assumptions decides: Sobol's indices of a fixed plan, or of any function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

import numpy as np
import pandas as pd
from scipy.stats import qmc, sobol_indices

from workbench.errors import DataError, Fault, StoppedError
from workbench.relocation.plan import Plan
from workbench.robust.draws import at_quantiles, drawn
from workbench.robust.evaluate import study_of
from workbench.robust.futures import STAY, Told, in_future, penalty_mcny

Ranges = Mapping[str, tuple[float, float]]
OVER_MOST = 20  # each costs n futures more
RESAMPLES = 200


def sobol(
    of: Plan | Callable[[Mapping[str, float]], float],
    over: Iterable[str] | Ranges,
    n: int = 256,
    seed: int = 0,
    *,
    progress: Told | None = None,
    cancel: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """Return what share of the variance each assumption explains, alone and with all it works with.

    `of` a plan: of `gain_mcny` (see `Evaluation`), `over` ids, each drawn from its triangle independently; a
    future that fails is charged as in `evaluate`. `of` a function of values by name: `over` gives each name
    its low and high, drawn uniformly. Index assumption, the greatest `total` first; columns first, total and
    their 90 % bootstrap intervals first_low, first_high, total_low, total_high; NaN where nothing varies.
    Estimators of Saltelli et al. 2010 as scipy has them, on `n` (a power of 2) x (2 + number of names) points
    of a Sobol sequence. Raises DataError for another `n`, fewer than two names or more than OVER_MOST,
    LabelError for unknown ids, StoppedError when `cancel` says so.
    """
    names = list(dict.fromkeys(over))
    _checked(n, names)
    if isinstance(of, Plan):
        value, at = _of_plan(of, names)
    else:
        value, at = _of_function(of, cast("Ranges", over), names)
    tell, stop = progress or (lambda done, total: None), cancel or (lambda: False)
    total, done = n * (len(names) + 2), 0

    def model(points: np.ndarray) -> np.ndarray:
        nonlocal done
        found = []
        for point in points:
            if stop():
                raise StoppedError(f"stopped after {done} of {total} futures", float("nan"))
            found.append(value(dict(zip(names, at(point), strict=True))))
            done += 1
            tell(done, total)
        return np.array(found, dtype=float)

    random = np.random.default_rng(seed)
    base, other = np.hsplit(qmc.Sobol(2 * len(names), rng=random).random(n), 2)
    crossed = [np.where(np.arange(len(names)) == k, other, base) for k in range(len(names))]
    f = model(base), model(other), np.array([model(points) for points in crossed])
    again = [_indices(*(part[..., rows] for part in f)) for rows in random.integers(0, n, (RESAMPLES, n))]
    low, high = np.quantile(np.array(again), [0.05, 0.95], axis=0)
    first, total_order = _indices(*f)
    table = {
        "first": first, "first_low": low[0], "first_high": high[0],
        "total": total_order, "total_low": low[1], "total_high": high[1],
    }  # fmt: skip
    frame = pd.DataFrame(table, index=pd.Index(names, name="assumption"))
    return frame.sort_values("total", ascending=False, kind="stable")


def _indices(base: np.ndarray, other: np.ndarray, crossed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return first and total indices from values at the points of A, of B, and of A with one column of B."""
    if np.ptp(np.concatenate([base, other])) == 0:
        return np.full(len(crossed), np.nan), np.full(len(crossed), np.nan)
    known = {"f_A": base[None], "f_B": other[None], "f_AB": crossed[:, None]}
    told = sobol_indices(func=known, n=len(base))
    return told.first_order.ravel(), told.total_order.ravel()


Point = Callable[[np.ndarray], np.ndarray]


def _of_plan(plan: Plan, names: list[str]) -> tuple[Callable[[Mapping[str, float]], float], Point]:
    study = study_of(plan)
    again, assumptions = study.variants, study.layers.assumptions
    held = drawn(assumptions, names, 1, network=again.of_network).held
    if len(held):
        expected = "an assumption with a range, that is no class and lays no network out"
        raise DataError(
            [
                Fault("robust", None, "over", f"{name} ({why})", expected, "Leave it out.")
                for name, why in held.items()
            ]
        )
    charged = penalty_mcny(study.problem)

    def gain(values: Mapping[str, float]) -> float:
        found = in_future(again, {"plan": plan}, values, charged)
        return found[STAY].objective_mcny - found["plan"].objective_mcny

    def at(point: np.ndarray) -> np.ndarray:
        each = (at_quantiles(assumptions, name, point[k : k + 1]) for k, name in enumerate(names))
        return np.concatenate(list(each))

    return gain, at


def _of_function(
    of: Callable[[Mapping[str, float]], float], over: Ranges, names: list[str]
) -> tuple[Callable[[Mapping[str, float]], float], Point]:
    low, high = np.array([over[name] for name in names], dtype=float).T
    return of, lambda point: low + point * (high - low)


def _checked(n: int, names: list[str]) -> None:
    faults = []
    if n < 2 or n & (n - 1):
        faults.append(Fault("robust", None, "n", str(n), "a power of 2, at least 2", "Take 256."))
    if not 2 <= len(names) <= OVER_MOST:
        faults.append(
            Fault(
                "robust", None, "over", f"{len(names)} names", f"2 to {OVER_MOST}", "Name those that matter."
            )
        )
    if faults:
        raise DataError(faults)
