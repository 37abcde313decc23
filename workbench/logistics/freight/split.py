"""Splits freight over modes by logit, calibrated to an observed share, beside the least-cost answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import LabelError, WorkbenchError
from workbench.logistics.freight.ends import Points
from workbench.logistics.freight.matrix import Weights, cost_matrix
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.rates import Rates

MODES = {"rail": ("rail",), "water": ("water", "sea"), "road": ()}


@dataclass(frozen=True, eq=False)
class Split:
    """Shares by mode: `shares` (pair x mode), `total` and `least_cost` (by tonnes), `constants_cny_t`."""

    shares: pd.DataFrame
    total: pd.Series
    least_cost: pd.Series
    constants_cny_t: pd.Series


def mode_costs(
    network: Network,
    origins: Points,
    destinations: Points,
    *,
    commodity: str,
    rates: Rates,
    weights: Weights | None = None,
) -> pd.DataFrame:
    """Return the best score of every pair by each mode alone; inf where it does not lead.

    Index (origin, destination); columns rail, water, road. Trucks serve the ends of rail and water.
    """
    columns = {}
    for name, modes in MODES.items():
        part = network.by(modes)
        matrix = cost_matrix(part, origins, destinations, commodity=commodity, rates=rates, weights=weights)
        matrix = matrix.without_truck() if modes else matrix
        table = matrix.table().set_index(["origin", "destination"])
        hauled = table[[f"km_{mode}" for mode in modes or ("road",)]].sum(axis=1) > 0
        columns[name] = table["score"].where(hauled, np.inf)
    return pd.DataFrame(columns)


def logit_shares(costs: pd.DataFrame, constants_cny_t: pd.Series, per_cny_t: float) -> pd.DataFrame:
    """Return P_m = exp(-b (c_m + k_m)) / sum over n of exp(-b (c_n + k_n)) per pair; 0 where c_m is inf.

    `costs`: pair x mode in yuan per t; `constants_cny_t` k_m: what a mode's unpriced qualities are worth;
    `per_cny_t` b > 0. Raises WorkbenchError for pairs no mode serves.
    """
    if not per_cny_t > 0:
        raise WorkbenchError(f"per_cny_t={per_cny_t}; the sensitivity to cost is a number above 0")
    total = costs + constants_cny_t.reindex(costs.columns)
    lost = np.isinf(total).all(axis=1)
    if lost.any():
        raise LabelError("no mode serves these pairs", unexpected=list(costs.index[lost]))
    weight = np.exp(-per_cny_t * total.sub(total.min(axis=1), axis=0))
    return weight.div(weight.sum(axis=1), axis=0)


def calibrate(
    costs: pd.DataFrame, kt: pd.Series, observed: pd.Series, *, per_cny_t: float, rounds: int = 500
) -> Split:
    """Find the constants under which the split of all tonnes is the observed one; road's constant is 0.

    `kt`: tonnes per pair; `observed`: share per mode, summing to 1. The contraction of Berry, Levinsohn and
    Pakes (1995) on k: k_m += ln(P_m / observed_m) / b. Raises WorkbenchError when the share cannot be met.
    """
    observed = observed.reindex(costs.columns)
    if observed.isna().any() or (observed < 0).any() or abs(observed.sum() - 1) > 1e-9:
        raise WorkbenchError(f"observed shares {observed.to_dict()}; give one per mode, summing to 1")
    served = costs.loc[:, observed > 0]
    goal, constants = observed[observed > 0], pd.Series(0.0, index=served.columns)
    tonnes = kt.reindex(costs.index).fillna(0.0)
    for _ in range(rounds):
        shares = logit_shares(served, constants, per_cny_t)
        total = shares.mul(tonnes, axis=0).sum() / tonnes.sum()
        if np.abs(total - goal).max() < 1e-9:
            break
        constants += np.log(total.clip(lower=1e-300) / goal) / per_cny_t
    else:
        raise WorkbenchError(
            f"the observed shares {goal.to_dict()} cannot be met: a mode may not reach enough of the tonnes; "
            f"the nearest split is {total.round(4).to_dict()}"
        )
    if "road" in constants:
        constants -= constants["road"]
    best = costs.eq(costs.min(axis=1), axis=0)
    cheapest = best.div(best.sum(axis=1), axis=0).mul(tonnes, axis=0).sum() / tonnes.sum()
    filled = shares.reindex(columns=costs.columns).fillna(0.0)
    return Split(filled, total.reindex(costs.columns).fillna(0.0), cheapest, constants)
