"""What people breathe in of what is emitted: intake fractions by place of source, before and after a plan.

iF[k] = F sum_j N[j] g(k,j) w(k,j) b(k,j) / mean over k of sum_j N[j] g(k,j)
g(k,j) = 1 / (r[j] + d(k,j)), d <= D

F is the published mean intake fraction of Chinese power-plant stacks (Zhou, Levy, Evans and Hammitt 2006:
1e-5 primary fine particles, 5e-6 SO2, 4e-6 each sulfate from SO2 and nitrate from NOx); in that study
population at various distances explains 86 to 95 % of the differences between sites. N is population, d the
distance between prefecture centres, r half the root of the receiving area, D the reach.

Wind: w = 1 + a cos(angle between the way k to j and the way the wind blows) within the basin, 1 for the
prefecture itself and on the plateau. Terrain, a box each for basin and plateau: air in the basin is replaced
v times as fast as at the published sites, so those who breathe there take in 1 / v, and only a share s passes
the scarp between the two; b is the product. a = 0, v = 1, s = 1 is the method without wind and terrain;
`span` shows what each assumption does to the answer.

Limits: one wind for the whole basin and year, no single valley, no chemistry, nobody outside the province;
kilns are taken to disperse like power plants and new works to emit like old ones. It ranks places and
compares plans; it predicts no concentration.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench import crs
from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.units import KG_PER_T, MG_PER_KG, PERSONS_PER_WAN

POLLUTANTS = ("pm", "so2", "nox")
# West of the scarp; the other seventeen prefectures hold their people and works within the basin.
PLATEAU = ("甘孜藏族自治州", "阿坝藏族羌族自治州", "凉山彝族自治州", "攀枝花市")


def transfer(layers: Layers) -> pd.DataFrame:
    """Return relative intake by origin (rows) and receiving prefecture (columns).

    The mean row sum is 1 before wind and terrain change it.
    """
    whole = layers.prefectures.sort_values("prefecture_zh").set_index("prefecture_zh")
    people = whole["population_2013_10k"].fillna(whole["population_2010_10k"]).to_numpy(float)
    centre = crs.from_metric(crs.to_metric(whole.geometry, keep="area").centroid)
    lon, lat = centre.x.to_numpy(), centre.y.to_numpy()
    away = crs.distance_km(lon[:, None], lat[:, None], lon[None, :], lat[None, :])
    half = np.sqrt(crs.area_km2(whole).to_numpy()) / 2
    reach = layers.assumptions["exposure.reach_km"]
    weight = people[None, :] / (half[None, :] + away) * (away <= reach)
    basin = ~whole.index.isin(PLATEAU)
    spread = weight / weight.sum(axis=1).mean() * _wind(layers, lon, lat, basin) * _terrain(layers, basin)
    return pd.DataFrame(spread, whole.index, whole.index)


def _wind(layers: Layers, lon: np.ndarray, lat: np.ndarray, basin: np.ndarray) -> np.ndarray:
    """How much more or less a place takes in for lying downwind or upwind of the source."""
    a = layers.assumptions
    east = (lon[None, :] - lon[:, None]) * np.cos(np.radians(lat.mean()))
    north = lat[None, :] - lat[:, None]
    blows = np.radians(a["exposure.wind_from_deg"] + 180)  # clockwise from north
    factor = 1 + a["exposure.wind_steadiness_share"] * np.cos(np.arctan2(east, north) - blows)
    np.fill_diagonal(factor, 1.0)
    return np.where(basin[:, None] & basin[None, :], factor, 1.0)


def _terrain(layers: Layers, basin: np.ndarray) -> np.ndarray:
    """How much more the basin's slow air leaves to breathe, and what of it passes the scarp."""
    a = layers.assumptions
    slow = np.where(basin, 1 / a["exposure.basin_ventilation_share"], 1.0)
    return slow[None, :] * np.where(basin[:, None] == basin[None, :], 1.0, a["exposure.across_scarp_share"])


def exposure(layers: Layers, emissions: pd.DataFrame, after: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what people breathe in (kg a year) by receiving prefecture, before and after.

    `emissions`, `after`: index `prefecture_zh`, columns `pm`, `so2`, `nox` in t a year (prefectures left
    out emit nothing). Columns `before_kg`, `after_kg`, `change_kg`, `before_mg_person`, `after_mg_person`,
    `in_basin` (one of the eight cities of the Chengdu zone). Sum the rows of the basin for its total.
    Raises LabelError for unknown prefectures.
    """
    spread = transfer(layers)
    whole = layers.prefectures.set_index("prefecture_zh").loc[spread.columns]
    people = whole["population_2013_10k"].fillna(whole["population_2010_10k"]) * PERSONS_PER_WAN
    out = pd.DataFrame(index=spread.columns)
    for name, table in (("before", emissions), ("after", emissions if after is None else after)):
        strange = set(table.index) - set(spread.index)
        if strange:
            raise LabelError("emissions of prefectures that do not exist", unexpected=strange)
        taken = sum(
            table[p].groupby(level=0).sum().reindex(spread.index, fill_value=0.0).to_numpy(float)
            * layers.assumptions[f"exposure.intake_fraction_{p}"]
            for p in POLLUTANTS
            if p in table
        )
        out[f"{name}_kg"] = (np.asarray(taken) @ spread.to_numpy()) * KG_PER_T
    out["change_kg"] = out["after_kg"] - out["before_kg"]
    for name in ("before", "after"):
        out[f"{name}_mg_person"] = out[f"{name}_kg"] * MG_PER_KG / people
    return out.assign(in_basin=whole["in_chengdu_8"].astype(bool)).rename_axis("prefecture_zh")


def span(layers: Layers, emissions: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Show how far each assumption moves the basin's answer: one at a time, from its low to its high.

    Index assumption id, first ``as given``; columns `low`, `high` (values tried), `change_low_kg` and
    `change_high_kg` (change of intake in the eight cities), `share_low`, `share_high` (change / before: the
    published mean cancels out of it). `emissions`, `after` as in `exposure`.
    """

    def answer(tried: Layers) -> tuple[float, float]:
        found = exposure(tried, emissions, after)
        basin = found[found["in_basin"]].sum(numeric_only=True)
        return float(basin["change_kg"]), float(basin["change_kg"] / basin["before_kg"])

    rows, frame = {}, layers.assumptions.frame
    kg, share = answer(layers)
    rows["as given"] = (np.nan, np.nan, kg, kg, share, share)
    for name in sorted(n for n in frame.index if str(n).startswith("exposure.")):
        ends = frame.loc[name, ["low", "high"]].astype(float)
        if ends.notna().all():
            low, high = (answer(layers.with_assumptions({name: end})) for end in ends)
            rows[name] = (*ends, low[0], high[0], low[1], high[1])
    columns = ["low", "high", "change_low_kg", "change_high_kg", "share_low", "share_high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("assumption")
