"""The zone's surplus as a band: seeded draws over stated ranges, its sign, and the assumptions that swing it.

Symbols, kt a year: C capacity in the zone (located and not), u normal use of it, D what the zone takes.

    surplus in capacity  C - D / u     what may go while the zone still serves itself; P24 speaks of this
    surplus in output    C u - D       the same in tonnes made
    D = Q s (1 - x) sum of the zone's demand shares;  Q output of 2013, s the scenario's scale, x sold outside

Each assumption with a range is drawn from a triangle low - value - high, all independently. The values
themselves give the central figure, the draws the band. Method: docs/method/base_year.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np
import pandas as pd

from workbench.layers.model import Layers
from workbench.layers.stock import KILN_PROCESS, kinds_kt, located_kt, spread_weight, stock_rows
from workbench.region.demand import baseline_lines, demand_parts, outlets, zone_prefectures
from workbench.region.options import DemandOptions, ZoneOptions
from workbench.remember import Keep, fresh, of_these
from workbench.words import words

ASKED_OF = ("cement",)  # P24 asks the zone to cut its surplus cement; of other industries nothing
DRAWS, SEED = 2000, 20140222
QUANTILES = {"p05": 0.05, "median": 0.5, "p95": 0.95}
READINGS = words("region.readings")
_ROWS = ("normal_utilisation", "output_2013_kt", "outside_share")
_WEIGHTS = ("fai", "gdp", "population")

Values = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Surplus:
    """The surplus of one industry in the zone, and how sure it is.

    `bands` (index reading of READINGS): central_kt, p05, median, p95 (kt) and positive_share (draws above 0).
    `swing` (index assumption id, widest first): value, low, high, at_low_kt, at_high_kt: the surplus in
    capacity with one assumption at the ends of its range and all others at their value. `asked_kt`: capacity
    that must close or leave (P24), `asked_basis`: planner | median | none.
    """

    industry: str
    bands: pd.DataFrame
    swing: pd.DataFrame
    asked_kt: float
    asked_basis: str


@dataclass(frozen=True)
class _Balance:
    """What the surplus of an industry in a zone is made of, apart from the assumptions."""

    industry: str
    located_kt: float
    kilns_kt: float
    stated_kt: Mapping[str, float]  # kind -> kt a planner states in the zone
    parts: pd.Series  # (kind, spread) -> share of the kind that stands in the zone
    province_kt: tuple[float, float]  # located in the province, of it dry kilns
    province_stated_kt: Mapping[str, float]
    shares: Mapping[str, float]  # the zone's part of investment, GDP, population
    scale: float
    sells_outside: bool

    @classmethod
    def of(cls, layers: Layers, industry: str, names: frozenset[str], scale: float) -> _Balance:
        lines = baseline_lines(layers)
        lines = lines[lines["industry"] == industry]
        inside = lines[lines["prefecture_zh"].isin(names)]
        rest = layers.residual[layers.residual["industry"] == industry]
        if not {"kind", "share", "spread"} <= set(rest.columns):
            rest = rest.assign(kind="", spread="", share=np.nan)
        stated, shared = rest[rest["share"].isna()], rest[rest["share"].notna()]
        in_zone = shared["share"].where(shared["prefecture_zh"].isin(names), 0.0)
        parts = demand_parts(layers)
        return cls(
            industry,
            float(inside["capacity_kt"].sum()),
            float(inside.loc[inside["process"] == KILN_PROCESS, "capacity_kt"].sum()),
            _by_kind(stated[stated["prefecture_zh"].isin(names)]),
            in_zone.groupby([shared["kind"], shared["spread"]]).sum(),
            located_kt(layers.lines, layers.assumptions).get(industry, (0.0, 0.0)),
            _by_kind(stated),
            {name: float(part[part.index.isin(names)].sum()) for name, part in parts.items()},
            scale,
            bool(len(outlets(layers, industry))),
        )

    def unlocated(self, values: Values) -> dict[str, Any]:
        """Return the capacity nobody located in the zone, by kind."""
        found: dict[str, Any] = dict(self.stated_kt)
        if len(self.parts):
            own = {key.removeprefix(f"{self.industry}."): value for key, value in values.items()}
            kinds = kinds_kt(own, self.province_kt, list(self.parts.index.unique("kind")))
            for (kind, spread), share in self.parts.items():
                left = np.maximum(0.0, kinds[kind] - self.province_stated_kt.get(kind, 0.0))
                found[kind] = found.get(kind, 0.0) + left * share * spread_weight(own, spread)
        return found

    def demand(self, values: Values) -> Any:
        """Return what the zone takes."""
        weights = {name: values[f"relocation.demand_weight_{name}"] for name in _WEIGHTS}
        share = sum(weights[n] * self.shares[n] for n in _WEIGHTS) / sum(weights.values())
        leaving = values[f"{self.industry}.outside_share"] if self.sells_outside else 0.0
        return values[f"{self.industry}.output_2013_kt"] * self.scale * (1 - leaving) * share

    def readings(self, values: Values) -> dict[str, Any]:
        """Return the surplus under each reading of this zone, kt."""
        unlocated, taken = self.unlocated(values), self.demand(values)
        use = values[f"{self.industry}.normal_utilisation"]
        capacity = self.located_kt + sum(unlocated.values())
        found = {"capacity": capacity - taken / use, "output": capacity * use - taken}
        stock = values.get(f"{self.industry}.stock_kt")
        if stock is not None:
            mean = np.minimum(1.0, values[f"{self.industry}.output_2013_kt"] / np.maximum(stock, 1e-9))
            found["mean_use"] = capacity * mean - taken
        if self.kilns_kt:
            kilns = self.kilns_kt + unlocated.get("unlisted_kiln", 0.0)
            found["kilns"] = kilns - taken / use
        return found


def _by_kind(rows: pd.DataFrame) -> dict[str, float]:
    return {str(kind): float(kt) for kind, kt in rows.groupby("kind")["capacity_kt"].sum().items()}


def assumptions_behind(layers: Layers, industry: str) -> list[str]:
    """Return the ids of the assumptions an industry's surplus hangs on, sorted."""
    rows = [*_ROWS, *stock_rows(industry, layers.assumptions)]
    return sorted([*(f"{industry}.{r}" for r in rows), *(f"relocation.demand_weight_{w}" for w in _WEIGHTS)])


def draw(layers: Layers, names: Sequence[str], draws: int = DRAWS, seed: int = SEED) -> dict[str, np.ndarray]:
    """Draw assumptions from triangles low - value - high; one without a range stays at its value.

    Arrays of `draws` by id. A value beyond its range (a planner's own) widens the range to itself.
    """
    random, frame = np.random.default_rng(seed), layers.assumptions.frame
    out = {}
    for name in sorted(names):
        value, low, high = (float(frame.at[name, column]) for column in ("value", "low", "high"))
        low, high = (value if np.isnan(end) else end for end in (low, high))
        low, high = min(low, value), max(high, value)
        sample = random.random(draws)  # drawn even without a range: the others' draws do not depend on it
        out[name] = triangle(sample, low, value, high)
    return out


def triangle(sample: np.ndarray, low: float, mode: float, high: float) -> np.ndarray:
    """Return the inverse of the triangular distribution at uniform samples."""
    if high <= low:
        return np.full(len(sample), mode)
    knee = (mode - low) / (high - low)
    rising = low + np.sqrt(sample * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - sample) * (high - low) * (high - mode))
    return np.where(sample < knee, rising, falling)


def surplus_band(
    layers: Layers,
    industry: str = "cement",
    *,
    zone: ZoneOptions | None = None,
    demand_options: DemandOptions | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Surplus:
    """Return the zone's surplus of an industry as a band, with what swings it and what is asked.

    Remembered: console, workbook and work plan tell the same band.
    """
    zone, scale = zone or ZoneOptions(), (demand_options or DemandOptions()).scale
    given = (industry, zone, scale, draws, seed)
    found = of_these("surplus band", (layers,), lambda: _surplus_band(layers, *given), options=given)
    return cast("Surplus", found)


def _surplus_band(
    layers: Layers, industry: str, zone: ZoneOptions, scale: float, draws: int, seed: int
) -> Surplus:
    balance = _Balance.of(layers, industry, zone_prefectures(layers, zone), scale)
    names = assumptions_behind(layers, industry)
    values = {name: layers.assumptions[name] for name in names}
    sample = draw(layers, names, draws, seed)
    central, drawn = balance.readings(values), balance.readings(sample)
    asked, basis = _asked(zone, industry, float(np.median(drawn["capacity"])), balance.located_kt)
    other = ZoneOptions(definition="five" if zone.definition == "eight" else "eight")
    elsewhere = _Balance.of(layers, industry, zone_prefectures(layers, other), scale)
    central["other_zone"] = elsewhere.readings(values)["capacity"]
    drawn["other_zone"] = elsewhere.readings(sample)["capacity"]
    return Surplus(industry, _bands(central, drawn), _swing(layers, balance, values), asked, basis)


def _drawn(layers: Layers, industry: str) -> tuple[list[str], Values, Values]:
    """Return the assumptions behind a surplus, their values, and their draws."""
    names = assumptions_behind(layers, industry)
    return names, {name: layers.assumptions[name] for name in names}, draw(layers, names)


def _bands(central: Values, drawn: Values) -> pd.DataFrame:
    rows = {name: _band(central[name], drawn[name]) for name in READINGS if name in drawn}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("reading")


def _band(central: Any, drawn: Any) -> dict[str, float]:
    sample = np.asarray(drawn, dtype=float)
    return {
        "central_kt": float(central),
        **dict(zip(QUANTILES, np.quantile(sample, list(QUANTILES.values())).tolist(), strict=True)),
        "positive_share": float((sample > 0).mean()),
    }


def _swing(layers: Layers, balance: _Balance, values: dict[str, float]) -> pd.DataFrame:
    rows = {}
    for name, value in values.items():
        ends = {}
        for end in ("low", "high"):
            limit = float(layers.assumptions.frame.at[name, end])
            ends[end] = value if np.isnan(limit) else limit
        at = {f"at_{e}_kt": float(balance.readings({**values, name: v})["capacity"]) for e, v in ends.items()}
        rows[name] = {"value": value, **ends, **at}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("assumption")
    span = (table["at_high_kt"] - table["at_low_kt"]).abs()
    return table.loc[span.sort_values(ascending=False, kind="stable").index]


def _asked(zone: ZoneOptions, industry: str, median_kt: float, located_kt: float) -> tuple[float, str]:
    if industry not in ASKED_OF:
        return 0.0, "none"
    if zone.asked_kt is not None:
        return min(zone.asked_kt, located_kt), "planner"
    asked = min(max(0.0, median_kt) * zone.reduction_share, located_kt)
    return asked, "median" if asked > 0 else "none"


def asked_kt(
    layers: Layers,
    industries: Sequence[str] = ASKED_OF,
    *,
    zone: ZoneOptions | None = None,
    demand_options: DemandOptions | None = None,
) -> pd.Series:
    """Return the capacity that must close or leave the zone (P24), kt per industry; index `industry`.

    The planner's figure (`ZoneOptions.asked_kt`), else `reduction_share` of the median of the band of the
    surplus in capacity, else 0 where that median is negative; 0 for industries the policy asks nothing of.
    """
    table = zone_surplus(layers, industries, zone=zone, demand_options=demand_options)
    return table["reduction_kt"].rename("asked_kt")


def zone_surplus(
    layers: Layers,
    industries: Sequence[str] = ("cement",),
    *,
    zone: ZoneOptions | None = None,
    demand_options: DemandOptions | None = None,
    keep: Keep = fresh,
) -> pd.DataFrame:
    """Return the zone's balance per industry at the values of the assumptions, and the band around it.

    Index `industry`; `located_kt`, `unlocated_kt` (capacity in the zone), `normal_utilisation`, `supply_kt` =
    (located + unlocated) * utilisation, `demand_kt`; `surplus_kt` = supply - demand, in output, and
    `surplus_capacity_kt` = surplus / utilisation, in capacity (negative: the zone needs more than it makes);
    `p05_kt`, `median_kt`, `p95_kt`, `positive_share` of the surplus in capacity; `reduction_kt` = capacity
    that must close or leave, see `asked_kt`, on the basis `asked_basis`; `assumptions` names the rows behind.
    `keep` remembers what no demand changes.
    """
    zone, scale = zone or ZoneOptions(), (demand_options or DemandOptions()).scale
    rows, inside = {}, zone_prefectures(layers, zone)
    for industry in sorted(industries):
        of_zone = partial(_Balance.of, layers, industry, inside, 1.0)
        plain = keep("zone balance", (industry, zone.definition), of_zone)
        balance = replace(plain, scale=scale)
        names, values, drawn = keep("draws", industry, partial(_drawn, layers, industry))
        central = balance.readings(values)
        found = _band(central["capacity"], balance.readings(drawn)["capacity"])
        asked, basis = _asked(zone, industry, found["median"], balance.located_kt)
        use, unlocated = values[f"{industry}.normal_utilisation"], sum(balance.unlocated(values).values())
        rows[industry] = {
            "located_kt": balance.located_kt,
            "unlocated_kt": unlocated,
            "normal_utilisation": use,
            "supply_kt": (balance.located_kt + unlocated) * use,
            "demand_kt": balance.demand(values),
            "surplus_kt": float(central["output"]),
            "surplus_capacity_kt": found["central_kt"],
            **{f"{name}_kt": found[name] for name in QUANTILES},
            "positive_share": found["positive_share"],
            "reduction_kt": asked,
            "asked_basis": basis,
            "assumptions": ";".join(names),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("industry")
