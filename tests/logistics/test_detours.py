"""No hole in the roads and rails of the baseline: no works drives twice as far as the crow flies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench import crs
from workbench.logistics import Network, Rates, cost_matrix

FLAG = 2.0  # road km over straight km


@pytest.fixture(scope="module")
def detours(layers) -> pd.DataFrame:
    """Road over straight km of each counted works to the seats of the province, by distance."""
    plants = layers.plants
    works = plants[plants["in_baseline"].astype(bool) & plants["capacity_kt"].gt(0)].sort_index()
    seats = layers.markets[layers.markets["kind"] == "prefecture"].sort_index()
    network = Network.from_layers(layers)
    usable = network.links["mode"].isin(["road", "transfer"])
    trucks = network.with_links(open=network.links["open"] & usable)
    km = cost_matrix(trucks, works, seats, commodity="cement", rates=Rates.for_year(2014, layers)).km
    ends = np.meshgrid(np.arange(len(works)), np.arange(len(seats)), indexing="ij")
    lon_lat = [
        frame[c].to_numpy(float)[k]
        for frame, k in zip((works, seats), ends, strict=True)
        for c in ("lon", "lat")
    ]
    pairs = pd.MultiIndex.from_product([works.index, seats.index])
    straight = crs.distance_km(*(values.ravel() for values in lon_lat))
    return pd.DataFrame({"km": km.to_numpy().ravel(), "straight_km": straight}, index=pairs)


def test_no_works_makes_a_detour_to_its_nearest_seats(detours) -> None:
    for works, rows in detours.groupby(level=0):
        near = rows[rows["straight_km"].between(20, 150)].nsmallest(3, "straight_km")
        ratio = (near["km"] / near["straight_km"]).median()
        assert not ratio > FLAG, f"{works}: {ratio:.2f} times the straight line"


def test_the_gap_north_of_jiangyou_is_closed(detours) -> None:
    assert detours.at[("CM47", "M-510700"), "km"] < 150  # was 259 for 75 km as the crow flies


def test_a_works_between_jiangyou_and_zhaohua_has_a_station_at_hand(layers) -> None:
    works, stop = layers.plants.loc["CM47"], layers.freight_nodes.loc["R_ELM"]
    assert crs.distance_km(works["lon"], works["lat"], stop["lon"], stop["lat"]) < 5
    rail = layers.freight_links.query("mode == 'rail' and line == '宝成线'")["distance_km"]
    assert rail[["R_JY-R_ELM-rail", "R_ELM-R_ZH-rail"]].sum() == 141
