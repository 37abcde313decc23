"""Suitability of the candidate sites: the policy's criteria from the layers, weighed, ranked, explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench import crs
from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.region import headroom, hydropower
from workbench.region.ecology import Exclusions, exclusions, verdicts
from workbench.siting.criteria import Criterion
from workbench.siting.methods import Method, Ranking, rank

# group -> criterion -> (direction, clause, zh, en). The first five groups are those of clause P46.
TREE: Mapping[str, Mapping[str, tuple[str, str, str, str]]] = {
    "environment": {
        "environment": (
            "max",
            "P48",
            "环境容量余量（占总量控制指标）",
            "headroom, share of the emission cap",
        ),
        "ecology": ("max", "P48", "生态敏感性", "ecological sensitivity"),
    },
    "resources_energy": {
        "resources": (
            "min",
            "P46",
            "原料距离（公里，按用量加权）",
            "distance to raw materials, km by tonnage",
        ),
        "energy": ("max", "P49", "枯水年枯水期可保证电力（兆瓦）", "power through a dry season, MW"),
        "power_price": ("min", "P49", "年均电价（元/千瓦时）", "mean power price, CNY/kWh"),
    },
    "industry": {
        "industry_base": (
            "max",
            "P46",
            "本地同行业产能（千吨）",
            "capacity of the industry in the prefecture, kt",
        ),
        "labour": ("max", "P46", "人口（万人）", "population, 10,000"),
        "park_fit": ("max", "P46", "园区产业契合度", "fit with the park's industries"),
    },
    "market": {"market": ("max", "P46", "市场引力（亿元/公里）", "pull of the markets, 100 M CNY/km")},
    "freight": {"freight": ("min", "P46", "至铁路或港口距离（公里）", "distance to rail or port, km")},
}
_TERMINALS = "station|rail|port|港|站"


@dataclass(frozen=True)
class Suitability:
    """Ranked sites of one industry with everything behind the rank.

    `table`: criteria in their own units, index site id. `criteria`: what was weighed. `ranking`: see
    `Ranking`. `contributions`: weight x value scaled 0..1 per criterion, the plain reason why a site stands
    where it does. `verdicts`: the ecological verdict of every site; excluded sites are not ranked.
    """

    industry: str
    table: pd.DataFrame
    criteria: tuple[Criterion, ...]
    ranking: Ranking
    contributions: pd.DataFrame
    verdicts: pd.DataFrame

    def reasons(self, site: str, *, count: int = 3) -> pd.DataFrame:
        """Name the criteria that lift and that hold back a site, against the mean of all ranked sites."""
        if site not in self.contributions.index:
            raise LabelError("not a ranked site", unexpected=[site])
        gap: pd.Series = self.contributions.T[site] - self.contributions.mean()
        gap = gap.sort_values(ascending=False)
        chosen = pd.concat([gap.head(count), gap.tail(count)])
        chosen = chosen[~chosen.index.duplicated()]
        about = {name: row for group in TREE.values() for name, row in group.items()}
        return pd.DataFrame(
            {
                "gain": chosen,
                "value": self.table.loc[site, chosen.index],
                "zh": [about[c][2] for c in chosen.index],
                "en": [about[c][3] for c in chosen.index],
                "clause": [about[c][1] for c in chosen.index],
            }
        ).rename_axis("criterion")


def criteria_table(
    layers: Layers, industry: str, *, known: Exclusions | None = None, freight_cny_t: pd.Series | None = None
) -> pd.DataFrame:
    """Compute every criterion of every candidate site for an industry, index site id, columns as in `TREE`.

    `ecology` holds the verdict as a word; `freight_cny_t`, a cost per site, replaces the distance to a
    terminal (LabelError unless it covers every site). Distances are straight lines.
    """
    sites = layers.sites.sort_index()
    known = known if known is not None else exclusions(layers)
    place = sites["prefecture_zh"]
    load = hydropower.flat_load(layers, "dry", kwh_t=1.0)
    table = pd.DataFrame(index=sites.index)
    table["environment"] = place.map(_headroom(layers))
    table["ecology"] = verdicts(known, sites, industry)["verdict"]
    table["resources"] = _resource_km(layers, sites, industry)
    table["energy"] = place.map(load["guaranteed_mw"])
    table["power_price"] = place.map(load["price_cny_kwh"])
    lines = layers.lines[layers.lines["in_baseline"].eq(True) & layers.lines["industry"].eq(industry)]
    base = lines.groupby("prefecture_zh")["capacity_kt"].sum()
    table["industry_base"] = place.map(base).fillna(0.0)
    whole = layers.prefectures.set_index("prefecture_zh")
    table["labour"] = place.map(whole["population_2013_10k"].fillna(whole["population_2010_10k"]))
    table["park_fit"] = _park_fit(sites, industry)
    table["market"] = _market(layers, sites)
    if freight_cny_t is None:
        kinds = layers.freight_nodes["type"].astype(str).str.contains(_TERMINALS, case=False)
        table["freight"] = _nearest_km(sites, layers.freight_nodes[kinds])
    else:
        absent = sites.index.difference(freight_cny_t.index)
        if len(absent):
            raise LabelError("freight cost is missing for sites", missing=absent)
        table["freight"] = freight_cny_t.reindex(sites.index)
    return table


def _km(sites: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    one, two = sites[["lon", "lat"]].to_numpy(float), others[["lon", "lat"]].to_numpy(float)
    return crs.distance_km(one[:, None, 0], one[:, None, 1], two[None, :, 0], two[None, :, 1])


def _nearest_km(sites: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    return pd.Series(_km(sites, others).min(axis=1), index=sites.index)


def _headroom(layers: Layers) -> pd.Series:
    """Return the scarcest pollutant's headroom as a share of its cap, by prefecture, unknown ones apart."""
    balance = headroom.balances(layers)
    share = balance["headroom_t"] / balance["cap_t"]
    return share.groupby(balance["prefecture_zh"]).min()


def _resource_km(layers: Layers, sites: pd.DataFrame, industry: str) -> pd.Series:
    """Mean distance to the nearest source of each raw material, weighed by tonnes per tonne."""
    frame = layers.assumptions.frame["value"]
    keys = frame.index[frame.index.str.match(rf"{industry}\.(?:bf_bof\.)?raw_.*_t_t$")]
    total, weight = np.zeros(len(sites)), 0.0
    for key in keys:
        name = key.split(".raw_")[1].removesuffix("_t_t")
        source = layers.resources[layers.resources["resource"].eq(name)]
        if len(source):
            total += _nearest_km(sites, source).to_numpy() * float(frame[key])
            weight += float(frame[key])
    # an industry whose materials have no located source is judged by its other criteria
    return pd.Series(total / weight if weight else 0.0, index=sites.index)


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
    """Return the criteria of `TREE` with the weights assumed for an industry, or those given.

    Assumed: ``siting.weight_<criterion>.<industry>`` where there is one, else ``siting.weight_<criterion>``.
    Raises LabelError for names that are no criteria.
    """
    a = layers.assumptions
    names = [(name, row) for group in TREE.values() for name, row in group.items()]
    strange = set(weights or {}) - {name for name, _ in names}
    if strange:
        raise LabelError("no such criterion", unexpected=strange)
    classes: dict[str, Mapping] = {
        "ecology": {w: a[f"siting.ecology_{w}_score"] for w in ("free", "restricted", "unknown", "excluded")},
        "park_fit": {w: a[f"siting.park_fit_{w}_score"] for w in ("named", "open", "other")},
    }
    own = {name: f"siting.weight_{name}.{industry}" for name, _ in names}
    assumed = {name: a[own[name] if own[name] in a else f"siting.weight_{name}"] for name, _ in names}
    given = assumed if weights is None else weights
    ramps = {"energy": (0.0, a["siting.energy_enough_mw"])}
    return tuple(
        Criterion(
            name,
            float(given.get(name, 0.0)),
            "max" if row[0] == "max" else "min",
            classes.get(name, ramps.get(name)),
        )
        for name, row in names
    )


def suitability(
    layers: Layers,
    industry: str = "cement",
    *,
    method: Method = "topsis",
    weights: Mapping[str, float] | None = None,
    known: Exclusions | None = None,
    freight_cny_t: pd.Series | None = None,
) -> Suitability:
    """Rank the candidate sites that no hard rule excludes for an industry.

    `weights`: by criterion (for instance from `ahp(...).weights`); criteria left out weigh nothing. A site
    that lacks a value for a weighed criterion stops the ranking with a DataError that names it.
    """
    known = known if known is not None else exclusions(layers)
    table = criteria_table(layers, industry, known=known, freight_cny_t=freight_cny_t)
    found = verdicts(known, layers.sites.sort_index(), industry)
    criteria = policy_criteria(layers, industry, weights)
    ranked = table[found["verdict"].ne("excluded")]
    plain = rank(ranked, criteria, "weighted_sum").steps["weighted"]
    contributions = pd.DataFrame(plain)
    return Suitability(industry, ranked, criteria, rank(ranked, criteria, method), contributions, found)
