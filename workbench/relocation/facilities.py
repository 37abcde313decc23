"""Everything that may produce: lines that stand and projects a site could receive, with their factors."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from workbench.layers.model import Assumptions, Layers
from workbench.region.demand import baseline_lines, supply_from_outside, zone_prefectures
from workbench.region.options import PowerOptions, ZoneOptions
from workbench.region.resources import FUELS, factor, factor_or, needs
from workbench.relocation import money
from workbench.relocation.vintage import POLLUTANTS, shares, vintages

# What a moved line is built as: the process its capacity may be replaced by.
NEW_PROCESS = {
    "cement": ("nsp",),
    "flat_glass": ("float",),
    "aluminium": ("prebake",),
    "steel": ("bf_bof", "eaf"),
}
SEASONS = ("wet", "normal", "dry")
# Months of the catalogue tariff's seasons (provincial price order of 2012: wet season June to October).
SEASON_MONTHS = {"wet": (6, 7, 8, 9, 10), "normal": (5, 11), "dry": (12, 1, 2, 3, 4)}
_DAYS = dict(zip(range(1, 13), (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))


def build_id(site: str, industry: str, process: str) -> str:
    """Return ``<site>:<industry>``, with the process added where an industry may be built in two ways."""
    main = NEW_PROCESS[industry][0]
    return f"{site}:{industry}" if process == main else f"{site}:{industry}.{process}"


def replaced_by(industry: str, process: str) -> str:
    """Return the process a line of some process is rebuilt as."""
    return process if process in NEW_PROCESS[industry] else NEW_PROCESS[industry][0]


def seasons(assumptions: Assumptions) -> pd.DataFrame:
    """Return the tariff seasons: index `season`, `share` of days, `float` of the catalogue price."""
    days = {season: sum(_DAYS[month] for month in SEASON_MONTHS[season]) for season in SEASONS}
    table = pd.DataFrame(
        {
            "share": {season: days[season] / sum(days.values()) for season in SEASONS},
            "float": {season: assumptions[f"relocation.float_{season}_share"] for season in SEASONS},
        }
    )
    return table.rename_axis("season")


def facilities(
    layers: Layers,
    industries: Sequence[str],
    *,
    zone: ZoneOptions,
    power: PowerOptions,
    excluded: Collection[tuple[str, str]] = (),
) -> pd.DataFrame:
    """Return lines, possible builds and neighbours who sell; index facility id, lines first.

    `excluded`: pairs (site id, industry) where nothing may be built; sites inside the zone never may.
    Columns: `kind` (line|build|outside), `industry`, `process`, `plant_id`, `site_id`, `site_kind`,
    `name_zh`, `place` (id of the point it stands on), `prefecture_zh`, `in_zone`, `lon`, `lat`,
    `capacity_kt` (of a build: the most the site takes), `min_kt`, `size`, `start_year` (NaN where unknown),
    `vintage`, and the factors of `_factors`.
    """
    names = zone_prefectures(layers, zone)
    lines = _lines(layers, industries)
    builds = _builds(layers, industries, names, frozenset(excluded))
    parts = [lines, builds, _outside(layers, industries)]
    table = pd.concat([part for part in parts if len(part)])
    table["in_zone"] = table["prefecture_zh"].isin(names)
    table["vintage"] = vintages(table, layers.assumptions)
    return table.join(_factors(table, layers.assumptions, power))


def _lines(layers: Layers, industries: Sequence[str]) -> pd.DataFrame:
    lines = baseline_lines(layers)
    lines = lines[lines["industry"].isin(industries)]
    return pd.DataFrame(
        {
            "kind": "line",
            "industry": lines["industry"],
            "process": lines["process"].fillna("").astype(str),
            "plant_id": lines["plant_id"],
            "site_id": "",
            "site_kind": "",
            "name_zh": lines["name_zh"],
            "place": lines["plant_id"],
            "prefecture_zh": lines["prefecture_zh"],
            "lon": lines.geometry.x,
            "lat": lines.geometry.y,
            "capacity_kt": lines["capacity_kt"].astype(float),
            "min_kt": 0.0,
            **{name: _known(lines, name) for name in ("size", "start_year")},
        },
        index=lines.index.rename("id"),
    )


def _outside(layers: Layers, industries: Sequence[str]) -> pd.DataFrame:
    """Return the gateways at which neighbours sell, with the most they do; index ``<market>:<industry>``."""
    gates = supply_from_outside(layers, industries)
    ids = gates["market"].astype(str) + ":" + gates["industry"].astype(str)
    table = gates[["industry", "lon", "lat"]].assign(
        kind="outside", process="", plant_id="", site_id="", site_kind="", place=gates["market"],
        prefecture_zh="", capacity_kt=gates["most_kt"], min_kt=0.0, size=np.nan, start_year=np.nan,
        name_zh=gates["market"],
    )  # fmt: skip
    if "name_zh" in layers.markets:
        table["name_zh"] = layers.markets["name_zh"].reindex(gates["market"]).to_numpy()
    return table.set_index(pd.Index(ids, name="id"))[table["capacity_kt"].to_numpy() > 0]


def _known(lines: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of numbers of the lines, NaN where a value or the whole column is missing."""
    return lines[name].astype(float) if name in lines else pd.Series(np.nan, index=lines.index)


def _builds(
    layers: Layers, industries: Sequence[str], zone: frozenset[str], excluded: frozenset[tuple[str, str]]
) -> pd.DataFrame:
    sites, rows, assumptions = layers.sites.sort_index(), {}, layers.assumptions
    stations = _beside_grinding(layers)
    for site, row in zip(sites.index, sites.to_dict("records"), strict=True):
        offered = {code.strip() for code in str(row["industries"]).split(";")}
        for industry in sorted(offered & set(industries)):
            if row["prefecture_zh"] in zone or (site, industry) in excluded or site in stations:
                continue
            for process in NEW_PROCESS[industry]:
                rows[build_id(site, industry, process)] = {
                    "kind": "build",
                    "industry": industry,
                    "process": process,
                    "plant_id": "",
                    "site_id": site,
                    "site_kind": row["kind"],
                    "name_zh": row["name_zh"],
                    "place": site,
                    "prefecture_zh": row["prefecture_zh"],
                    "lon": row["geometry"].x,
                    "lat": row["geometry"].y,
                    "capacity_kt": assumptions[f"{industry}.site_{row['kind']}_kt"],
                    "min_kt": assumptions[f"{industry}.min_build_kt"],
                    "size": np.nan,
                    "start_year": np.nan,
                }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("id")


def _beside_grinding(layers: Layers) -> frozenset[str]:
    """Return sites at works that only grind: they have no quarry, so no kiln may stand there."""
    lines, sites = baseline_lines(layers), layers.sites
    kilns = lines.groupby("plant_id")["process"].agg(lambda p: (p != "grinding").any())
    only = set(kilns.index[~kilns])
    return frozenset(sites.index[sites["plant_id"].isin(only)]) if "plant_id" in sites else frozenset()


def _factors(table: pd.DataFrame, assumptions: Assumptions, power: PowerOptions) -> pd.DataFrame:
    """Return per facility what a tonne costs and emits at the works, and what its capacity costs a year.

    `utilisation`; `production_cny_t`, `power_kwh_t`, `grid_price_cny_kwh` (catalogue), `power_cny_t` (yearly
    mean over the seasons), `co2_process_kg_t`, `co2_power_kg_t`, `jobs_per_kt`, `fixed_cny_t` and
    `capex_cny_t` (per tonne of capacity and year; capex only for builds); `coal_share` of the mean of the
    process, and `so2_kg_t`, `nox_kg_t`, `pm_kg_t`, by the vintage of each.
    """
    mean_price = 1 + (seasons(assumptions)["share"] * seasons(assumptions)["float"]).sum()
    grid = assumptions[f"relocation.grid_co2_{power.grid_factor}_kg_kwh"]
    yearly = money.annuity(assumptions)
    rows, own = [], shares(table, assumptions)
    keys = zip(
        table["kind"], table["industry"], table["process"], table["site_kind"], table["vintage"], strict=True
    )
    for (kind, industry, process, site, vintage), part in zip(keys, own.to_dict("records"), strict=True):

        def look(name: str, industry: str = industry, process: str = process) -> float:
            return factor(assumptions, industry, process, name)

        if kind == "outside":
            rows.append(_bought(assumptions, industry, look("co2_process_kg_t"), grid))
            continue
        kwh = _power_use(assumptions, industry, process, vintage, part["power"])
        price = look("grid_price_cny_kwh")
        rows.append(
            {
                "utilisation": look("normal_utilisation"),
                "production_cny_t": look("production_cny_t")
                + (part["coal"] - 1) * _fuel_cny_t(assumptions, industry, process),
                "power_kwh_t": kwh,
                "grid_price_cny_kwh": price,
                "power_cny_t": kwh * price * mean_price,
                "co2_process_kg_t": look("co2_process_kg_t")
                * (1 + (part["coal"] - 1) * factor_or(assumptions, industry, process, "co2_fuel_share", 0.0)),
                "co2_power_kg_t": kwh * grid,
                "jobs_per_kt": look("jobs_per_kt"),
                "fixed_cny_t": money.fixed_cny_t(assumptions, industry, process),
                "capex_cny_t": (
                    yearly * money.capital_cny_t(assumptions, industry, process, site)
                    if kind == "build"
                    else 0.0
                ),
                "coal_share": part["coal"],
                **{
                    f"{p}_kg_t": part[p] * assumptions.get(f"headroom.{industry}_{p}_kg_t", 0.0)
                    for p in POLLUTANTS
                },
            }
        )
    return pd.DataFrame(rows, index=table.index, dtype=float)


def _bought(assumptions: Assumptions, industry: str, co2_kg_t: float, grid: float) -> dict[str, float]:
    """Return the factors of a tonne neighbours sell: its price; its CO2 counts as that of a tonne made here.

    Otherwise buying would look like abating. Power, staff and what is breathed in are the neighbour's.
    """
    names = ("power_kwh_t", "power_cny_t", "jobs_per_kt", "fixed_cny_t", "capex_cny_t")
    nothing = dict.fromkeys([*names, *(f"{p}_kg_t" for p in POLLUTANTS)], 0.0)
    return nothing | {
        "utilisation": 1.0,
        "production_cny_t": assumptions[f"{industry}.import_price_cny_t"],
        "grid_price_cny_kwh": assumptions[f"{industry}.grid_price_cny_kwh"],
        "co2_process_kg_t": co2_kg_t,
        "co2_power_kg_t": assumptions[f"{industry}.power_kwh_t"] * grid,
        "coal_share": 1.0,
    }


def _fuel_cny_t(assumptions: Assumptions, industry: str, process: str) -> float:
    """Return what the coal and coke of a tonne cost at the mine: part of `production_cny_t`."""
    fuel = [need.t_t for need in needs(assumptions, industry, process) if need.commodity in FUELS]
    return sum(fuel) * assumptions.get("relocation.coal_mine_cny_t", 0.0)


def _power_use(assumptions: Assumptions, industry: str, process: str, vintage: str, share: float) -> float:
    """A new works takes what the newest norm asks and makes power from its waste heat; an existing one of the
    process the part of its vintage that is known to."""
    kwh = factor(assumptions, industry, process, "power_kwh_t")
    heat = assumptions.get(f"{industry}.waste_heat_kwh_t", 0.0) if process in NEW_PROCESS[industry] else 0.0
    if vintage != "new":
        return kwh * share - heat * present_share(assumptions, industry, "waste_heat", vintage)
    return assumptions.get(f"{industry}.power_new_kwh_t", kwh * share) - heat


def present_share(assumptions: Assumptions, industry: str, measure: str, vintage: str) -> float:
    """Return the share of standing units of a vintage that have a measure: of all where none is told."""
    name = f"{measure}_present_share"
    whole = assumptions.get(f"{industry}.{name}", 0.0)
    return float(assumptions.get(f"{industry}.{vintage}_{name}", whole))
