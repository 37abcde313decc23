"""How much each market takes, what the zone needs itself, and the surplus that follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from workbench import crs
from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.region.options import DemandOptions, ZoneOptions

_ZONE_COLUMN = {"eight": "in_chengdu_8", "five": "in_chengdu_5"}


def zone_prefectures(layers: Layers, zone: ZoneOptions) -> frozenset[str]:
    """Return the Chinese names of the prefectures of the Chengdu economic zone as the scenario reads it."""
    table = layers.prefectures
    return frozenset(table.loc[table[_ZONE_COLUMN[zone.definition]].astype(bool), "prefecture_zh"])


def demand_shares(layers: Layers) -> pd.Series:
    """Spread one tonne of demand over the prefectures; index `prefecture_zh`, sums to 1.

    share = w_fai * FAI share + w_gdp * GDP share + w_pop * population share, with the weights of the
    assumptions table scaled to 1. A prefecture whose investment is not published takes its GDP share there.
    """
    parts = demand_parts(layers)
    weights = {name: layers.assumptions[f"relocation.demand_weight_{name}"] for name in parts}
    total = sum(weights.values())
    nothing = 0 * parts["gdp"]
    return sum((weights[name] / total * part for name, part in parts.items()), start=nothing).rename("share")


def demand_parts(layers: Layers) -> dict[str, pd.Series]:
    """Return each prefecture's part of investment (fai), GDP and population; index `prefecture_zh`."""
    table = layers.prefectures.set_index("prefecture_zh").sort_index()
    gdp = _share(table["gdp_2013_cny_100m"], "GDP")
    population = _share(table["population_2013_10k"], "population")
    known = table["fai_2013_cny_100m"].astype(float)
    known = known / known.sum() * gdp[known.notna()].sum()
    return {"fai": known.fillna(gdp), "gdp": gdp, "population": population}


def _share(values: pd.Series, what: str) -> pd.Series:
    values = values.astype(float)
    if values.isna().any():
        unknown = values.index[values.isna()]
        raise LabelError(f"demand is spread by {what}, which some prefectures lack", missing=unknown)
    return values / values.sum()


def demand(layers: Layers, industries: Sequence[str], options: DemandOptions | None = None) -> pd.DataFrame:
    """Return what each market takes of each industry in the baseline year.

    One row per industry and market, sorted: `industry`, `market` (id in the layer markets), `kind`,
    `prefecture_zh`, `kt`. The province's output of 2013 is what its plants sold: the share
    `<industry>.outside_share` leaves through its `outlets` (by their GDP where known, else evenly), the rest
    is spread over the prefectures by `demand_shares`.
    """
    options = options or DemandOptions()
    markets = layers.markets.sort_index()
    inside = markets[markets["kind"] == "prefecture"]
    shares = demand_shares(layers)
    if set(inside["prefecture_zh"]) != set(shares.index):
        raise LabelError(
            "each prefecture needs one market",
            missing=set(shares.index) - set(inside["prefecture_zh"]),
            unexpected=set(inside["prefecture_zh"]) - set(shares.index),
        )
    frames = []
    for industry in sorted(industries):
        output = layers.assumptions[f"{industry}.output_2013_kt"] * options.scale
        outside = outlets(layers, industry)
        leaving = layers.assumptions[f"{industry}.outside_share"] if len(outside) else 0.0
        local = shares.reindex(inside["prefecture_zh"]).to_numpy() * output * (1 - leaving)
        frames.append(inside[["kind", "prefecture_zh"]].assign(industry=industry, kt=local))
        if len(outside):
            away = _pull(outside) * output * leaving
            frames.append(outside[["kind", "prefecture_zh"]].assign(industry=industry, kt=away))
    table = pd.concat([pd.DataFrame(f) for f in frames]).rename_axis("market").reset_index()
    table = table[table["kt"] > 0].sort_values(["industry", "market"], ignore_index=True)
    return table[["industry", "market", "kind", "prefecture_zh", "kt"]]


def outlets(layers: Layers, industry: str) -> pd.DataFrame:
    """Return the markets beyond the province that an industry sells to, sorted by id.

    All of kind ``outside`` and ``export``; of an industry with a row `<industry>.outside_reach_km` only those
    that close (straight km) to one of its works: heavy goods go to neighbours and no farther.
    """
    markets = layers.markets.sort_index()
    outside = markets[markets["kind"] != "prefecture"]
    row = f"{industry}.outside_reach_km"
    if row not in layers.assumptions or not len(outside):
        return outside
    lines = baseline_lines(layers)
    works = lines[lines["industry"] == industry]
    ends = np.meshgrid(np.arange(len(outside)), np.arange(len(works)), indexing="ij")
    km = crs.distance_km(
        outside["lon"].to_numpy(float)[ends[0]].ravel(), outside["lat"].to_numpy(float)[ends[0]].ravel(),
        works["lon"].to_numpy(float)[ends[1]].ravel(), works["lat"].to_numpy(float)[ends[1]].ravel(),
    )  # fmt: skip
    nearest = np.reshape(km, ends[0].shape).min(axis=1, initial=np.inf)
    return outside[nearest <= layers.assumptions[row]]


def supply_from_outside(layers: Layers, industries: Sequence[str]) -> pd.DataFrame:
    """Return what neighbours could sell into the province, and at what price.

    One row per industry with rows `<industry>.import_price_cny_t` and `import_most_kt`, and gateway (its
    `outlets` of kind ``outside``): `industry`, `market`, `lon`, `lat`, `price_cny_t` at the gateway, freight
    not included, and `most_kt`, the industry's limit shared by GDP.
    """
    parts = []
    for industry in sorted(industries):
        names = [f"{industry}.{name}" for name in ("import_price_cny_t", "import_most_kt")]
        if all(name in layers.assumptions for name in names):
            price, most = (layers.assumptions[name] for name in names)
            gates = outlets(layers, industry)
            gates = gates[gates["kind"] == "outside"]
            table = pd.DataFrame({"lon": gates["lon"], "lat": gates["lat"]})
            table = table.assign(industry=industry, price_cny_t=price, most_kt=most * _pull(gates))
            parts.append(table.rename_axis("market").reset_index())
    columns = ["industry", "market", "lon", "lat", "price_cny_t", "most_kt"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _pull(markets: pd.DataFrame) -> pd.Series:
    column = next((name for name in ("gdp_2013_cny_100m", "gdp") if name in markets), None)
    weight = pd.Series(1.0, index=markets.index) if column is None else markets[column].astype(float)
    weight = weight.fillna(weight.median() if weight.notna().any() else 1.0)
    return weight / weight.sum()


def background(layers: Layers, industries: Sequence[str], taken: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what the capacity nobody has located supplies: fixed, local, never a plant and never moved.

    One row per industry and prefecture: `industry`, `prefecture_zh`, `capacity_kt`, `production_kt`. It runs
    at the province's mean use of capacity in 2013 (output / (located + unlocated)), and never sells more than
    its own prefecture takes. `taken`: see `demand`, that of the baseline year when None.
    """
    table = demand(layers, industries) if taken is None else taken
    works = unlocated_works(layers, industries, table)
    return works.drop(columns=["usual_kt", "market"]).assign(production_kt=sold_locally(works, table["kt"]))


def unlocated_works(layers: Layers, industries: Sequence[str], taken: pd.DataFrame) -> pd.DataFrame:
    """Return the capacity nobody has located, whatever is demanded: `background` without its production.

    `usual_kt`: what it makes at the mean use; `market`: row of `taken` of its own prefecture, -1 for none.
    """
    residual = layers.residual
    located = baseline_lines(layers).groupby("industry")["capacity_kt"].sum()
    frames = []
    for industry in sorted(industries):
        own = residual[residual["industry"] == industry]
        capacity = own.groupby("prefecture_zh")["capacity_kt"].sum().sort_index()
        total = located.get(industry, 0.0) + capacity.sum()
        use = min(1.0, layers.assumptions[f"{industry}.output_2013_kt"] / total) if total else 0.0
        rows = pd.DataFrame({"capacity_kt": capacity, "usual_kt": capacity * use}).rename_axis(
            "prefecture_zh"
        )
        frames.append(rows.reset_index().assign(industry=industry))
    table = pd.concat(frames, ignore_index=True)
    inside = taken[taken["kind"] == "prefecture"]
    rows = pd.Series(inside.index, index=pd.MultiIndex.from_frame(inside[["industry", "prefecture_zh"]]))
    at = rows.reindex(pd.MultiIndex.from_frame(table[["industry", "prefecture_zh"]])).fillna(-1).astype(int)
    table["market"] = at.to_numpy()
    return table[["industry", "prefecture_zh", "capacity_kt", "usual_kt", "market"]]


def sold_locally(works: Any, taken_kt: Any) -> np.ndarray:
    """Return what unlocated works make (kt): the usual, and no more than their prefecture takes.

    `works`: the columns `market` and `usual_kt` of `unlocated_works`, by name; `taken_kt`: by market row.
    """
    at, kt = np.asarray(works["market"]), np.asarray(taken_kt, dtype=float)
    return np.minimum(np.asarray(works["usual_kt"], dtype=float), np.where(at >= 0, kt[at], 0.0))


# Unlocated capacity as modern as what is located; shaft kilns, small mills and small furnaces are not.
MODERN_KINDS = ("unlisted_kiln", "unlisted_line")


def obsolete_unlocated_kt(layers: Layers) -> pd.Series:
    """Return the obsolete part of the capacity nobody located, kt by (industry, prefecture_zh).

    By its kind, which every row names.
    """
    rest = layers.residual
    part = (~rest["kind"].isin(MODERN_KINDS)).astype(float)
    kt = rest["capacity_kt"] * part
    return kt.groupby([rest["industry"], rest["prefecture_zh"]]).sum()


def baseline_lines(layers: Layers) -> pd.DataFrame:
    """Return the production lines counted in the 2014 sums, sorted by id, with a known capacity."""
    lines = layers.lines
    return lines[lines["in_baseline"].astype(bool) & (lines["capacity_kt"] > 0)].sort_index()
