"""The year that existed: how much each works ran and whom it supplied, observed where told, else calibrated.

Symbols, per industry: i works, j market; C_i capacity, D_j demand, c_ij freight, m_i what a tonne costs at
the works beyond the mean (yuan per tonne), u_i use of capacity, T_ij tonnes delivered.

    T_ij = C_i a_i B_j D_j exp(-beta (c_ij + m_i))      entropy model, closed at the markets: sum_i T_ij = D_j
    ln a_i = -beta kappa (u_i - u0),  u_i <= u_max      least deviation from usual use; observed use is pinned
    c_ij = -(1 / theta) ln(exp(-theta road) + exp(-theta (chain + delta)))        road beside rail or river

kappa large makes use even, kappa 0 leaves it to distance; u0 is the mean use. beta meets the mean haul inside
the province, delta the share of rail, both assumption rows. Method, sources: docs/method/base_year.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from workbench.layers.model import Assumptions, Layers
from workbench.relocation.freight import HAUL

MODES = ("road", "chain")
# Who runs how much, where freight does not decide it: float lines burn or are cold, potlines share alike.
WHOLE_LINES, ALIKE = ("flat_glass",), ("aluminium",)
_DECAYS = (float(np.log(0.002)), float(np.log(0.4)))  # ln beta, the widest sought
_EXTRAS = (-150.0, 250.0)  # delta, CNY/t
_ROUNDS, _FIT = 60, 1e-7


@dataclass(frozen=True)
class Inputs:
    """One industry's year, apart from what is fitted; arrays by works (n), market (m) and mode (2)."""

    industry: str
    lines: pd.Index
    markets: pd.Index
    capacity_kt: np.ndarray
    extra_cny_t: np.ndarray  # m_i
    pinned: np.ndarray  # observed use, NaN where none
    demand_kt: np.ndarray
    inside: np.ndarray  # markets of the province
    haul: np.ndarray  # (mode, n, m, HAUL); cost is inf where a mode does not lead
    rules: Mapping[str, float]

    def key(self) -> str:
        """Digest of everything the fit depends on: equal keys, equal years."""
        parts = [self.capacity_kt, self.extra_cny_t, self.pinned, self.demand_kt, self.inside, self.haul]
        digest = hashlib.sha256(repr((self.industry, list(self.lines), sorted(self.rules.items()))).encode())
        for part in parts:
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class BaseYear:
    """A calibrated year: `use`, `flows`, `unmet` and how well it holds what is published.

    `use` (index line): industry, capacity_kt, production_kt, use_share, basis (observed | calibrated |
    assumed). `flows`: industry, commodity, origin, destination, mode (road | chain), kt and HAUL per tonne.
    `unmet`: market, industry, kt. `fit` (index industry): decay_per_cny (beta), rail_extra_cny_t (delta),
    mean_haul_km, rail_share with what was asked of them, held (both met), mean_use.
    """

    use: pd.DataFrame
    flows: pd.DataFrame
    unmet: pd.DataFrame
    fit: pd.DataFrame


def rules(assumptions: Assumptions, industry: str) -> dict[str, float]:
    """Return an industry's assumption rows of the base year, by name; those absent are left out."""
    names = (
        "use_stiffness_cny_t", "use_most_share", "mean_haul_km", "rail_tonnes_share", "flow_decay_per_cny",
        "normal_utilisation",
    )  # fmt: skip
    found = {n: assumptions[f"{industry}.{n}"] for n in names if f"{industry}.{n}" in assumptions}
    return found | {"mode_spread_per_cny": assumptions["base_year.mode_spread_per_cny"]}


def observed_use(layers: Layers, lines: pd.DataFrame) -> pd.DataFrame:
    """Return use_share and basis of the lines whose works the table `observed_use` names; index line."""
    if "observed_use" not in layers:
        return pd.DataFrame(columns=["use_share", "basis"], dtype=object)
    known = layers["observed_use"].set_index("plant_id")[["use_share", "basis"]]
    mine = lines[lines["plant_id"].isin(known.index)]
    return known.loc[mine["plant_id"]].set_axis(mine.index)


def calibrate(inputs: Inputs) -> tuple[np.ndarray, dict[str, float]]:
    """Return deliveries (mode, n, m) in kt and the fitted figures of one industry.

    Works that cannot meet all demand at `use_most_share` meet the same part of every market's.
    """
    least = _fixed_use(inputs)
    pinned = inputs.pinned if least is None else least
    most = max(inputs.rules.get("use_most_share", 1.0), np.nanmax(pinned, initial=0.0))
    able = float((inputs.capacity_kt * np.where(np.isnan(pinned), most, pinned)).sum())
    reached = np.isfinite(inputs.haul[..., 0]).any(axis=(0, 1)) & (inputs.demand_kt > 0)
    wanted = np.where(reached, inputs.demand_kt, 0.0)
    wanted = wanted * min(1.0, able * (1 - 1e-9) / wanted.sum()) if wanted.sum() > 0 else wanted
    model = _Gravity(inputs, pinned, most, wanted)
    beta = inputs.rules.get("flow_decay_per_cny", 0.04)
    haul, rail = inputs.rules.get("mean_haul_km"), inputs.rules.get("rail_tonnes_share")
    delta = 0.0
    has_chain = bool(np.isfinite(inputs.haul[1, ..., 0]).any())
    if rail is not None and has_chain:
        delta = _crossing(lambda d: rail - model.rail(model.fit(d, haul, beta), d), *_EXTRAS)
    beta = model.fit(delta, haul, beta)
    deliveries = model.flows(beta, delta)
    told = model.told(beta, delta)
    asked = {"mean_haul_asked_km": haul, "rail_share_asked": rail}
    met = all(
        want is None or abs(told[name] - want) <= 0.02 * want
        for name, want in (("mean_haul_km", haul), ("rail_share", rail))
    )
    fit = told | {name: np.nan if v is None else v for name, v in asked.items()}
    return deliveries, {"decay_per_cny": beta, "rail_extra_cny_t": delta, **fit, "held": float(met)}


def _fixed_use(inputs: Inputs) -> np.ndarray | None:
    """Return the use of works where freight does not decide it; None where it does."""
    free, wanted = np.isnan(inputs.pinned), float(inputs.demand_kt.sum())
    left = wanted - float((inputs.capacity_kt * np.nan_to_num(inputs.pinned)).sum())
    kt = np.where(free, inputs.capacity_kt, 0.0)
    if inputs.industry in WHOLE_LINES:
        kt = kt * _burning(kt, left / inputs.rules["normal_utilisation"])
    elif inputs.industry not in ALIKE:
        return None
    use = min(1.0, max(0.0, left) / kt.sum()) if kt.sum() > 0 else 0.0
    return np.where(free, use * (kt > 0), inputs.pinned)


def _burning(kt: np.ndarray, needed_kt: float) -> np.ndarray:
    """Tell which lines run: the set whose capacity in usual use comes nearest the output; ties by order."""
    some = np.flatnonzero(kt)
    sets = [s for size in range(len(some) + 1) for s in combinations(some, size)] if len(some) <= 14 else []
    if not sets:
        return np.ones(len(kt))
    best = min(sets, key=lambda s: (abs(kt[list(s)].sum() - needed_kt), -len(s), s))
    on = np.zeros(len(kt))
    on[list(best)] = 1.0
    return on


class _Gravity:
    """The entropy model of one industry; remembers the market factors, so that a nearby fit starts near."""

    def __init__(self, inputs: Inputs, pinned: np.ndarray, most: float, wanted_kt: np.ndarray) -> None:
        self.inputs, self.pinned, self.most, self.wanted = inputs, pinned, most, wanted_kt
        self.usual = float(wanted_kt.sum() / max(inputs.capacity_kt.sum(), 1e-9))  # u0
        self.factor = np.zeros(len(wanted_kt))  # ln B_j

    def _shares(self, delta: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the freight seen by shippers (n, m) and each mode's share of it (mode, n, m)."""
        theta = self.inputs.rules["mode_spread_per_cny"]
        cost = self.inputs.haul[..., 0] + np.array([0.0, delta])[:, None, None]
        low = cost.min(axis=0)
        with np.errstate(invalid="ignore"):
            weight = np.where(
                np.isfinite(cost), np.exp(-theta * (cost - np.where(np.isfinite(low), low, 0))), 0
            )
        total = weight.sum(axis=0)
        seen = np.where(total > 0, low - np.log(np.maximum(total, 1e-300)) / theta, np.inf)
        return seen, np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)

    def pairs(self, beta: float, delta: float) -> tuple[np.ndarray, np.ndarray]:
        """Return deliveries (n, m) in kt and the share of each mode, balanced at works and markets.

        With y_j = ln B_j and S_i = sum_j D_j B_j exp(-beta (c_ij + m_i)), use u_i grows with ln S_i, so the
        balance is where the convex sum_i C_i F(ln S_i) - sum_j D_j y_j, F' = u, is least: Newton on y.
        """
        seen, shares = self._shares(delta)
        kt = np.zeros_like(seen)
        on = self.wanted > 0
        if not on.any():
            return kt, shares
        score = seen[:, on] + self.inputs.extra_cny_t[:, None]
        log = -beta * (score - np.min(score[np.isfinite(score)])) + np.log(self.wanted[on])
        stiff = beta * self.inputs.rules.get("use_stiffness_cny_t", 1000.0)
        kt[:, on], self.factor[on] = self._balance(log, stiff, self.wanted[on], self.factor[on])
        return kt, shares

    def _balance(
        self, log: np.ndarray, stiff: float, wanted: np.ndarray, y: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return deliveries and ln B_j at the balance, from a first guess of ln B_j."""
        capacity = self.inputs.capacity_kt
        value, kt, pull, slope = self._at(log, stiff, wanted, y)
        for _ in range(_ROUNDS):
            gap = kt.sum(axis=0) - wanted
            if np.abs(gap).max() <= _FIT * wanted.sum():
                break
            curve = np.diag(kt.sum(axis=0)) - (pull * (capacity * slope)[:, None]).T @ pull
            curve[np.diag_indices_from(curve)] += 1e-9 * wanted.max()
            step, size = np.linalg.solve(curve, -gap), 1.0
            step = step * min(1.0, 20.0 / np.abs(step).max())  # no factor leaps by more than e^20
            trial = self._at(log, stiff, wanted, y + step)
            while size > 1e-6 and trial[0] > value + 1e-4 * size * float(gap @ step):
                size /= 2
                trial = self._at(log, stiff, wanted, y + size * step)
            y, (value, kt, pull, slope) = y + size * step, trial
        return kt, y

    def _at(
        self, log: np.ndarray, stiff: float, wanted: np.ndarray, y: np.ndarray
    ) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """Return the convex sum, deliveries, each works' split over markets, and u - du / d ln S."""
        terms = log + y
        top = terms.max(axis=1)
        top = np.where(np.isfinite(top), top, 0.0)
        weight = np.exp(terms - top[:, None])
        total = weight.sum(axis=1)
        sold = total > 0
        log_s = top + np.log(np.where(sold, total, 1.0))
        free, told = np.isnan(self.pinned), np.nan_to_num(self.pinned)
        inner = _use(log_s + stiff * self.usual, stiff)
        full = inner >= self.most
        use = np.where(free, np.minimum(inner, self.most), told) * sold
        pull = weight / np.where(sold, total, 1.0)[:, None]
        beyond = log_s - np.log(self.most) - stiff * (self.most - self.usual)  # ln S above that of full use
        sums = use + stiff * use**2 / 2 + np.where(full, self.most * beyond, 0.0)
        sums = np.where(free, sums, told * log_s)
        rise = np.where(free & ~full, use / (1 + stiff * use), 0.0)
        capacity = self.inputs.capacity_kt
        value = float((capacity * sums * sold).sum() - wanted @ y)
        return value, (capacity * use)[:, None] * pull, pull, use - rise

    def flows(self, beta: float, delta: float) -> np.ndarray:
        """Return deliveries by mode, kt."""
        kt, shares = self.pairs(beta, delta)
        return kt * shares

    def told(self, beta: float, delta: float) -> dict[str, float]:
        """Return mean haul and share of rail inside the province, and the mean use."""
        kt = self.flows(beta, delta)
        own = kt[..., self.inputs.inside]
        km = np.nan_to_num(self.inputs.haul[:, :, self.inputs.inside, HAUL.index("km")], posinf=0.0)
        total = max(own.sum(), 1e-9)
        return {
            "mean_haul_km": float((own * km).sum() / total),
            "rail_share": float(own[1].sum() / total),
            "mean_use": float(kt.sum() / max(self.inputs.capacity_kt.sum(), 1e-9)),
        }

    def rail(self, beta: float, delta: float) -> float:
        """Return the share of rail and river inside the province."""
        return self.told(beta, delta)["rail_share"]

    def fit(self, delta: float, mean_haul_km: float | None, beta: float) -> float:
        """Return the decay that meets the mean haul; the given one where none is asked."""
        if mean_haul_km is None:
            return beta
        return float(np.exp(_crossing(lambda b: mean_haul_km - self._haul_km(b, delta), *_DECAYS)))

    def _haul_km(self, log_beta: float, delta: float) -> float:
        return self.told(float(np.exp(log_beta)), delta)["mean_haul_km"]


def _crossing(rising: Callable[[float], float], low: float, high: float) -> float:
    """Return where a rising function crosses zero; the nearer end where it does not."""
    if rising(low) >= 0:
        return low
    if rising(high) <= 0:
        return high
    return float(brentq(rising, low, high, xtol=1e-4, rtol=1e-6))


def _use(log_s: np.ndarray, stiff: float) -> np.ndarray:
    """Return u with u exp(k u) = S, from ln S and k: x + ln x = ln(k S) for x = k u, by Newton."""
    stiff = max(stiff, 1e-9)  # 0: distance alone
    goal = log_s + np.log(stiff)
    x = np.where(goal > 1, np.maximum(goal - np.log(np.maximum(goal, 1.0)), 0.5), np.exp(np.minimum(goal, 1)))
    x = np.maximum(x, 1e-300)
    for _ in range(6):
        x = np.maximum(x * (1 + goal - np.log(x)) / (1 + x), 1e-300)
    return np.asarray(x / stiff)
