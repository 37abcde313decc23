"""Suitability of the candidate sites: the policy's criteria from the layers, weighed, ranked, explained."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from workbench import crs
from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.region import headroom, hydropower
from workbench.region.ecology import Exclusions, exclusions, verdicts
from workbench.remember import of_these
from workbench.siting.criteria import Criterion
from workbench.siting.haulage import Price, haulage, pricer
from workbench.siting.hierarchy import LEAVES, PolicyWeights, policy_weights
from workbench.siting.methods import Method, Ranking, rank
from workbench.units import KT_PER_WAN_T

_log = logging.getLogger("workbench")


@dataclass(frozen=True)
class Suitability:
    """Ranked sites of one industry with everything behind the rank.

    `table`: criteria in their own units, index site id. `criteria`: what was weighed. `ranking`: see
    `Ranking`. `contributions`: weight x value scaled 0..1 per criterion, the plain reason why a site stands
    where it does. `verdicts`: the ecological verdict of every site; excluded sites are not ranked.
    `weighing`: the comparisons behind the weights and their consistency; None for weights of the caller.
    """

    industry: str
    table: pd.DataFrame
    criteria: tuple[Criterion, ...]
    ranking: Ranking
    contributions: pd.DataFrame
    verdicts: pd.DataFrame
    weighing: PolicyWeights | None = None

    def reasons(self, site: str, *, count: int = 3) -> pd.DataFrame:
        """Name the criteria that lift and that hold back a site, against the mean of all ranked sites."""
        if site not in self.contributions.index:
            raise LabelError("not a ranked site", unexpected=[site])
        gap: pd.Series = self.contributions.T[site] - self.contributions.mean()
        gap = gap.sort_values(ascending=False)
        chosen = pd.concat([gap.head(count), gap.tail(count)])
        chosen = chosen[~chosen.index.duplicated()]
        return pd.DataFrame(
            {
                "gain": chosen,
                "value": self.table.loc[site, chosen.index],
                "zh": [LEAVES[c][2] for c in chosen.index],
                "en": [LEAVES[c][3] for c in chosen.index],
                "clause": [LEAVES[c][1] for c in chosen.index],
            }
        ).rename_axis("criterion")


def criteria_table(
    layers: Layers,
    industry: str,
    *,
    known: Exclusions | None = None,
    price: Price | None = None,
    freight_cny_t: pd.Series | None = None,
) -> pd.DataFrame:
    """Compute every criterion of every candidate site for an industry; index site id, columns the leaves.

    `ecology` holds the verdict as a word. `price` asks the freight network (the baseline's of 2014 when
    None; pass one `pricer` to many calls); `freight_cny_t`, a cost per site, replaces its freight
    (LabelError unless it covers every site). The pull of the markets alone is measured straight.
    """
    known = known if known is not None else exclusions(layers)
    found = verdicts(known, layers.sites.sort_index(), industry)
    return _criteria(layers, industry, found["verdict"], price, freight_cny_t)


def _criteria(
    layers: Layers,
    industry: str,
    verdict: pd.Series,
    price: Price | None,
    freight_cny_t: pd.Series | None,
) -> pd.DataFrame:
    sites = layers.sites.sort_index()
    place, facts = sites["prefecture_zh"], _facts(layers)
    table = pd.DataFrame(index=sites.index)
    table["environment"] = place.map(facts["headroom"])
    table["ecology"] = verdict
    hauls = haulage(layers, industry, price if price is not None else pricer(layers))
    table["resources"] = hauls["raw_km"]
    table["energy"] = place.map(facts["guaranteed_mw"])
    table["power_price"] = place.map(facts["price_cny_kwh"])
    lines = layers.lines[layers.lines["in_baseline"].eq(True) & layers.lines["industry"].eq(industry)]
    base = lines.groupby("prefecture_zh")["capacity_kt"].sum()
    table["industry_base"] = place.map(base).fillna(0.0) / KT_PER_WAN_T
    whole = layers.prefectures.set_index("prefecture_zh")
    table["labour"] = place.map(whole["population_2013_10k"].fillna(whole["population_2010_10k"]))
    table["park_fit"] = _park_fit(sites, industry)
    table["market"] = _market(layers, sites)
    if freight_cny_t is None:
        table["freight"] = hauls["freight_cny_t"]
    else:
        absent = sites.index.difference(freight_cny_t.index)
        if len(absent):
            raise LabelError("freight cost is missing for sites", missing=absent)
        table["freight"] = freight_cny_t.reindex(sites.index)
    return table


def _km(sites: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    one, two = sites[["lon", "lat"]].to_numpy(float), others[["lon", "lat"]].to_numpy(float)
    return crs.distance_km(one[:, None, 0], one[:, None, 1], two[None, :, 0], two[None, :, 1])


def _facts(layers: Layers) -> pd.DataFrame:
    """Return what a prefecture offers any industry: kept, as four industries ask in turn."""

    def facts() -> pd.DataFrame:
        load = hydropower.flat_load(layers, "dry", kwh_t=1.0)[["guaranteed_mw", "price_cny_kwh"]]
        return load.join(_headroom(layers).rename("headroom"), how="outer")

    return cast("pd.DataFrame", of_these("siting facts", (layers,), facts))


def _headroom(layers: Layers) -> pd.Series:
    """Return the scarcest pollutant's headroom as a share of its cap, by prefecture, unknown ones apart."""
    balance = headroom.balances(layers)
    share = balance["headroom_t"] / balance["cap_t"]
    return share.groupby(balance["prefecture_zh"]).min()


def _market(layers: Layers, sites: pd.DataFrame) -> pd.Series:
    inside = layers.markets[layers.markets["gdp_2013_cny_100m"].notna()]
    half = layers.assumptions["siting.market_half_km"]
    pull = inside["gdp_2013_cny_100m"].to_numpy(float)[None, :] / (half + _km(sites, inside))
    return pd.Series(pull.sum(axis=1), index=sites.index)


def _park_fit(sites: pd.DataFrame, industry: str) -> pd.Series:
    named = sites["industries"].fillna("").astype(str).str.split(";")
    return named.map(lambda n: "named" if industry in n else "open" if n == [""] else "other")


def policy_criteria(
    layers: Layers, industry: str = "cement", weights: Mapping[str, float] | None = None
) -> tuple[Criterion, ...]:
    """Return the criteria of the tree with the weights its comparisons give an industry, or those given.

    Raises LabelError for names that are no criteria.
    """
    a = layers.assumptions
    strange = set(weights or {}) - set(LEAVES)
    if strange:
        raise LabelError("no such criterion", unexpected=strange)
    classes: dict[str, Mapping] = {
        "ecology": {w: a[f"siting.ecology_{w}_score"] for w in ("free", "restricted", "unknown", "excluded")},
        "park_fit": {w: a[f"siting.park_fit_{w}_score"] for w in ("named", "open", "other")},
    }
    given = policy_weights(a, industry).weights if weights is None else weights
    ramps = {"energy": (0.0, a["siting.energy_enough_mw"])}
    return tuple(
        Criterion(
            name,
            float(given.get(name, 0.0)),
            "max" if row[0] == "max" else "min",
            classes.get(name, ramps.get(name)),
        )
        for name, row in LEAVES.items()
    )


def suitability(
    layers: Layers,
    industry: str = "cement",
    *,
    method: Method = "topsis",
    weights: Mapping[str, float] | None = None,
    known: Exclusions | None = None,
    price: Price | None = None,
    freight_cny_t: pd.Series | None = None,
    barred: Collection[str] = (),
) -> Suitability:
    """Rank the candidate sites that no hard rule excludes for an industry, those in `barred` left out.

    `weights`: by criterion (for instance from `ahp(...).weights`); criteria left out weigh nothing; by
    default those of `policy_weights`. `price`, `freight_cny_t`: see `criteria_table`. A site that lacks a
    value for a weighed criterion stops the ranking with a DataError that names it.
    """
    known = known if known is not None else exclusions(layers)
    found = verdicts(known, layers.sites.sort_index(), industry)
    table = _criteria(layers, industry, found["verdict"], price, freight_cny_t)
    criteria = policy_criteria(layers, industry, weights)
    ranked = table[found["verdict"].ne("excluded") & ~table.index.isin(list(barred))]
    plain = rank(ranked, criteria, "weighted_sum").steps["weighted"]
    contributions = pd.DataFrame(plain)
    made_by = policy_weights(layers.assumptions, industry) if weights is None else None
    if made_by is not None and not made_by.consistent:
        _log.warning("%s %s", *made_by.contradictions)
    ranking = rank(ranked, criteria, method)
    return Suitability(industry, ranked, criteria, ranking, contributions, found, made_by)
