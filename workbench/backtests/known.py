"""What became of works and what was reported of them by 2014: the table `history`, read nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from workbench import crs
from workbench.layers.model import Layers
from workbench.policy.consolidation import groups_of

ENDED = ("retired", "mothballed", "moved")
REPORTED = ("losses", "debt", "urban", "owner")
_KNOWN_BY = 2014


def outcomes(layers: Layers, *, until: int | None = None) -> pd.DataFrame:
    """Return what became of each works that stood at the end of 2013 and of which a source tells it.

    Index plant id: industry, name_zh, outcome, year (NaN where only a later state is known), `ended`
    (closed, mothballed or moved away; a works renewed where it stood did not end). With `until` only what
    ended by that year counts as ended, and works that ended in a year nobody gives are left out.
    """
    table = layers["history"]
    table = table[table["kind"] == "outcome"].set_index("plant_id").sort_index()
    stood = layers.lines.loc[layers.lines["in_baseline"].astype(bool), "plant_id"]
    table = table[table.index.isin(stood)]
    ended = table["what"].isin(ENDED)
    if until is not None:
        unknown = ended & table["year"].isna()
        table, ended = table[~unknown], (ended & (table["year"] <= until))[~unknown]
    return pd.DataFrame(
        {
            "industry": table["industry"],
            "name_zh": table["name_zh"],
            "outcome": table["what"],
            "year": table["year"].astype(float),
            "ended": ended,
        }
    ).rename_axis("plant_id")


def levers(layers: Layers) -> pd.DataFrame:
    """Return levers of the kind history had, as known by the end of 2014; higher: sooner to end.

    Index plant id of every works that stood. Reported (1 or 0, from the table `history`): losses, debt, urban
    (the city wanted it out of town), owner (its owner's decision). Measured for all: `seat`, nearness to the
    seat of the prefecture (km, negative), and `siblings`, further works of the owner's group in the industry.
    """
    plants = pd.DataFrame(layers.plants)
    stood = layers.lines.loc[layers.lines["in_baseline"].astype(bool), "plant_id"].unique()
    plants = plants.loc[sorted(stood)]
    told = layers["history"]
    told = told[(told["kind"] == "lever") & (told["year"] <= _KNOWN_BY)]
    table = {
        name: plants.index.isin(told.loc[told["what"] == name, "plant_id"]).astype(float) for name in REPORTED
    }
    seats = layers.prefectures.set_index("prefecture_zh").reindex(plants["prefecture_zh"])
    km = crs.distance_km(
        plants["lon"].to_numpy(float),
        plants["lat"].to_numpy(float),
        seats["seat_lon"].to_numpy(float),
        seats["seat_lat"].to_numpy(float),
    )
    group = groups_of(plants.index.to_series(), plants)
    count = group.groupby([plants["industry"], group]).transform("size")
    return pd.DataFrame(
        {**table, "seat": -np.asarray(km, float), "siblings": count.to_numpy(float) - 1.0},
        index=plants.index,
    ).rename_axis("plant_id")


def without_history(layers: Layers) -> Layers:
    """Return the baseline without what came later: a label is never an input of a plan or a ranking."""
    return replace(layers, frames={name: frame for name, frame in layers.frames.items() if name != "history"})
