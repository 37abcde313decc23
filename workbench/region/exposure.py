"""What people breathe in of what is emitted: intake fractions by place of source, before and after a plan.

iF[k] = F sum_j P[j] g(k,j) / mean over k of the same sum,   g(k,j) = 1 / (r[j] + d(k,j)),  d <= D

F is the published mean intake fraction of Chinese power-plant stacks (Zhou, Levy, Evans and Hammitt 2006:
1e-5 primary fine particles, 5e-6 SO2, 4e-6 each sulfate from SO2 and nitrate from NOx); in that study
population at various distances explains 86 to 95 % of the differences between sites. P is population, d the
distance between prefecture centres, r half the root of the receiving area, D the reach. Limits: no wind, no
terrain (the basin's calm winters raise the true values), people outside the province are not counted, and
kilns are taken to disperse like power plants. It ranks places and compares plans; it predicts no
concentration.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench import crs
from workbench.errors import LabelError
from workbench.layers.model import Layers

POLLUTANTS = ("pm", "so2", "nox")


def transfer(layers: Layers) -> pd.DataFrame:
    """Return relative intake by origin (rows) and receiving prefecture (columns); the mean row sum is 1."""
    whole = layers.prefectures.sort_values("prefecture_zh").set_index("prefecture_zh")
    people = whole["population_2013_10k"].fillna(whole["population_2010_10k"]).to_numpy(float)
    centre = crs.from_metric(crs.to_metric(whole.geometry, keep="area").centroid)
    lon, lat = centre.x.to_numpy(), centre.y.to_numpy()
    away = crs.distance_km(lon[:, None], lat[:, None], lon[None, :], lat[None, :])
    half = np.sqrt(crs.area_km2(whole).to_numpy()) / 2
    reach = layers.assumptions["exposure.reach_km"]
    weight = people[None, :] / (half[None, :] + away) * (away <= reach)
    return pd.DataFrame(weight / weight.sum(axis=1).mean(), whole.index, whole.index)


def intake_fractions(layers: Layers) -> pd.DataFrame:
    """Return the share of each pollutant emitted in a prefecture that people of the province breathe in.

    Index `prefecture_zh`; columns `pm`, `so2`, `nox`: SO2 counts as gas and as sulfate, NOx as nitrate.
    """
    a, relative = layers.assumptions, transfer(layers).sum(axis=1)
    return pd.DataFrame({p: relative * a[f"exposure.intake_fraction_{p}"] for p in POLLUTANTS})


def exposure(layers: Layers, emissions: pd.DataFrame, after: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what people breathe in (kg a year) by receiving prefecture, before and after.

    `emissions`, `after`: index `prefecture_zh`, columns `pm`, `so2`, `nox` in t a year (prefectures left
    out emit nothing). Columns `before_kg`, `after_kg`, `change_kg`, `before_mg_person`, `after_mg_person`,
    `in_basin` (one of the eight cities of the Chengdu zone). Sum the rows of the basin for its total.
    Raises LabelError for unknown prefectures.
    """
    spread = transfer(layers)
    whole = layers.prefectures.set_index("prefecture_zh").loc[spread.columns]
    people = whole["population_2013_10k"].fillna(whole["population_2010_10k"]) * 1e4
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
        out[f"{name}_kg"] = (np.asarray(taken) @ spread.to_numpy()) * 1e3
    out["change_kg"] = out["after_kg"] - out["before_kg"]
    for name in ("before", "after"):
        out[f"{name}_mg_person"] = out[f"{name}_kg"] * 1e6 / people
    return out.assign(in_basin=whole["in_chengdu_8"].astype(bool)).rename_axis("prefecture_zh")
