"""A small province to work out by hand: three prefectures, four lines, three sites, straight roads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from workbench.layers.model import Assumptions, Layers
from workbench.relocation.problem import Problem, prepare
from workbench.scenarios import Scenario

KM_PER_DEGREE = 100.0
CNY_TKM = 0.5
CO2_KG_TKM = 0.1
# The province's task and dry-process share are no matter of three thousand kt; what leaves is bounded where a
# test is about it.
SMALL = {"P7": "told", "P8": "told"}
PLAIN = {
    "solver": {"gap_mcny": 0.0},
    "zone": {"reduction_share": 1.0, "leave_more_kt": 1e6},
    "policy": {"clauses": SMALL},
    "units": {"upgrades": []},
}
FOLDER = Path(__file__).parents[2] / "geodata" / "assumptions"


def points(rows: list[dict]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows).set_index("id")
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")


def assumptions(**values: float) -> Assumptions:
    """The product's own rows, made plain for hand calculation, with some values replaced."""
    table = pd.concat(
        [pd.read_csv(FOLDER / f"{name}.csv", index_col="id") for name in ("process", "relocation", "region")]
    )
    plain = {
        "cement.output_2013_kt": 3000.0,
        "cement.outside_share": 0.0,
        "cement.normal_utilisation": 1.0,
        "cement.min_build_kt": 500.0,
        "cement.site_park_kt": 2000.0,
        "relocation.demand_weight_fai": 0.0,
        "relocation.demand_weight_gdp": 0.0,
        "relocation.demand_weight_population": 1.0,
    }
    sure = table.assign(low=float("nan"), high=float("nan"))  # no ranges: the surplus is no band by hand
    return Assumptions(sure).with_(plain | values)


def layers(*, old_share: float = 0.35, **values: float) -> Layers:
    """The province; `old_share` of the capacity nobody located are shaft kilns."""
    prefectures = pd.DataFrame(
        {
            "prefecture_zh": ["甲市", "乙市", "丙市"],
            "in_chengdu_8": [True, False, False],
            "in_chengdu_5": [False, False, False],
            "gdp_2013_cny_100m": [300.0, 100.0, 100.0],
            "fai_2013_cny_100m": [300.0, np.nan, 100.0],
            "population_2013_10k": [50.0, 25.0, 25.0],
        },
        index=pd.Index(["P1", "P2", "P3"], name="id"),
    )
    line = {"industry": "cement", "process": "nsp", "in_baseline": True, "lat": 0.0}
    here, there = {"prefecture_zh": "甲市", "lon": 0.0}, {"prefecture_zh": "乙市", "lon": 2.0}
    lines = [
        line | here | {"id": "A1", "plant_id": "A", "capacity_kt": 1000.0},
        line | here | {"id": "A2", "plant_id": "A", "capacity_kt": 2000.0},
        line | there | {"id": "B1", "plant_id": "B", "capacity_kt": 500.0},
        line | there | {"id": "X1", "plant_id": "X", "capacity_kt": 900.0, "in_baseline": False},
    ]
    site = {"kind": "park", "industries": "cement;steel"}
    sites = [
        site | {"id": "S0", "prefecture_zh": "甲市", "lon": 0.1, "lat": 0.0},
        site | {"id": "S1", "prefecture_zh": "乙市", "lon": 2.0, "lat": 0.1},
        site | {"id": "S2", "prefecture_zh": "丙市", "lon": 4.0, "lat": 0.0},
    ]
    market = {"kind": "prefecture"}
    markets = [
        market | {"id": "M1", "prefecture_zh": "甲市", "lon": 0.0, "lat": 0.0},
        market | {"id": "M2", "prefecture_zh": "乙市", "lon": 2.0, "lat": 0.0},
        market | {"id": "M3", "prefecture_zh": "丙市", "lon": 4.0, "lat": 0.0},
    ]
    resource = {"resource": "coal", "gateway": False, "in_baseline": True}
    frames = {
        "prefectures": prefectures,
        "lines": points([row | {"name_zh": row["id"]} for row in lines]),
        "sites": points([row | {"name_zh": row["id"]} for row in sites]),
        "markets": points(markets),
        "resources": points([resource | {"id": "R1", "lon": 4.0, "lat": 1.0, "prefecture_zh": "丙市"}]),
        "residual": pd.DataFrame(
            {
                "industry": "cement",
                "kind": ["shaft_kiln", "unlisted_kiln"],
                "prefecture_zh": "甲市",
                "capacity_kt": [100.0 * old_share, 100.0 * (1 - old_share)],
            },
            index=pd.Index(["U1", "U2"], name="id"),
        ),
        "caps": pd.DataFrame(
            {"industry": ["cement"], "cap_kt": [3600.0], "year": [2014]},
            index=pd.Index(["cement"], name="id"),
        ),
    }
    return Layers(frames, assumptions(**values))


def enlarged(times: float, *, old_share: float = 0.35, **values: float) -> Layers:
    """The same province some times larger, with much unlocated capacity: the province's tasks fit it."""
    sizes = {
        "cement.output_2013_kt": 3000.0 * times,
        "cement.site_park_kt": 2000.0 * times,
        "cement.prefecture_new_kt": 3000.0 * times,
    }
    base = layers(old_share=old_share, **sizes | values)
    lines = base.lines.assign(capacity_kt=base.lines["capacity_kt"] * times)
    residual = base.residual.assign(capacity_kt=base.residual["capacity_kt"] * 6.0 * times)
    twin = residual.assign(prefecture_zh="乙市").set_axis(["U3", "U4"])
    caps = base.caps.assign(cap_kt=4700.0 * times)
    return base.with_(lines=lines, residual=pd.concat([residual, twin]), caps=caps)


def with_old_works(**values: float) -> Layers:
    """The larger province with small works enough to do the tasks of all five years."""
    return enlarged(10.0, old_share=0.9, **values)


@dataclass(frozen=True)
class Roads:
    """Straight roads with one price per km, in the shape of a cost matrix."""

    cost_cny_t: pd.DataFrame
    hours: pd.DataFrame
    co2_kg_t: pd.DataFrame
    km: pd.DataFrame
    km_by_mode: dict[str, pd.DataFrame]


def straight(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, commodity: str) -> Roads:
    x = np.subtract.outer(origins.geometry.x.to_numpy(), destinations.geometry.x.to_numpy())
    y = np.subtract.outer(origins.geometry.y.to_numpy(), destinations.geometry.y.to_numpy())
    km = pd.DataFrame(KM_PER_DEGREE * np.hypot(x, y), index=origins.index, columns=destinations.index)
    return Roads(km * CNY_TKM, km / 50, km * CO2_KG_TKM, km, {"road": km})


def problem(scenario: Scenario | None = None, *, values: dict[str, float] | None = None, **extra) -> Problem:
    scenario = scenario or Scenario.baseline().with_(**PLAIN)
    world = layers(**(values or {})).with_assumptions(dict(scenario.assumptions))
    return prepare(scenario, world, straight, **extra)
