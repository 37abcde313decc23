"""The zone's surplus: by hand at the values, a band over the ranges, and what it asks of the zone."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as wb
from workbench.cli.console import amount
from workbench.labels import both
from workbench.region import DemandOptions, ZoneOptions
from workbench.region.demand import demand
from workbench.region.surplus import assumptions_behind, draw, surplus_band, zone_surplus
from workbench.reports.surplus import band_table, swing_table

U, Q = "cement.normal_utilisation", "cement.output_2013_kt"


@pytest.fixture(scope="module")
def band(layers):
    return surplus_band(layers)


def test_the_central_figure_is_capacity_less_demand_over_use_by_hand(layers, band) -> None:
    values, table = layers.assumptions, layers.prefectures.set_index("prefecture_zh")
    zone = set(table.index[table["in_chengdu_8"].astype(bool)])
    capacity = 0.0
    for line in layers.lines.to_dict("records"):
        if line["industry"] == "cement" and line["in_baseline"] and line["prefecture_zh"] in zone:
            capacity += line["capacity_kt"] if line["capacity_kt"] > 0 else 0.0
    for rest in layers.residual.to_dict("records"):
        if rest["industry"] == "cement" and rest["prefecture_zh"] in zone:
            capacity += rest["capacity_kt"]
    markets = demand(layers, ["cement"])
    taken = markets.loc[markets["prefecture_zh"].isin(zone), "kt"].sum()
    assert band.bands.at["capacity", "central_kt"] == pytest.approx(capacity - taken / values[U])
    assert band.bands.at["output", "central_kt"] == pytest.approx(capacity * values[U] - taken)


def test_draws_stay_in_their_ranges_with_the_mean_of_the_triangle(layers) -> None:
    names, frame = assumptions_behind(layers, "cement"), layers.assumptions.frame
    for name, sample in draw(layers, names, 20_000, 1).items():
        low, high = frame.at[name, "low"], frame.at[name, "high"]
        assert low <= sample.min()
        assert sample.max() <= high
        mean = (low + high + frame.at[name, "value"]) / 3
        assert sample.mean() == pytest.approx(mean, abs=0.02 * (high - low))
    assert all(
        np.array_equal(v, draw(layers, names, 50, 7)[n]) for n, v in draw(layers, names, 50, 7).items()
    )


def test_the_band_shrinks_to_the_central_figure_where_nothing_is_in_doubt(layers) -> None:
    frame = layers.assumptions.frame.copy()
    frame[["low", "high"]] = np.nan
    sure = wb.Layers(layers.frames, type(layers.assumptions)(frame))
    bands = surplus_band(sure).bands
    for column in ("p05", "median", "p95"):
        assert bands[column].to_numpy() == pytest.approx(bands["central_kt"].to_numpy())


def test_what_is_asked_is_the_planners_figure_or_the_median_or_nothing(layers, band) -> None:
    assert (band.asked_kt, band.asked_basis) == (pytest.approx(band.bands.at["capacity", "median"]), "median")

    def asked(**zone) -> tuple[float, str]:
        row = zone_surplus(layers, zone=ZoneOptions(**zone)).loc["cement"]
        return row["reduction_kt"], row["asked_basis"]

    assert asked(reduction_share=0.5)[0] == pytest.approx(band.asked_kt / 2)
    assert asked(reduction_share=0.0) == (0.0, "none")
    assert asked(definition="five") == (0.0, "none")
    assert asked(asked_kt=1_234.0) == (1_234.0, "planner")
    assert asked(asked_kt=1e9)[0] == zone_surplus(layers).at["cement", "located_kt"]
    steel = zone_surplus(layers, ("steel",)).loc["steel"]
    assert steel["median_kt"] > 0
    assert (steel["reduction_kt"], steel["asked_basis"]) == (0.0, "none")


def test_swing_names_the_assumption_that_turns_the_sign_first(layers, band) -> None:
    assert band.swing.index[0] == U
    at = band.swing.loc[U]
    low = surplus_band(layers.with_assumptions({U: at["low"]})).bands.at["capacity", "central_kt"]
    assert low == pytest.approx(at["at_low_kt"])
    assert at["at_low_kt"] < 0 < at["at_high_kt"]


def test_the_table_and_the_band_tell_the_same(layers, band) -> None:
    row = zone_surplus(layers).loc["cement"]
    told = row[["surplus_capacity_kt", "p05_kt", "median_kt", "p95_kt", "positive_share", "reduction_kt"]]
    same = [
        *band.bands.loc["capacity", ["central_kt", "p05", "median", "p95", "positive_share"]],
        band.asked_kt,
    ]
    assert told.to_numpy(float) == pytest.approx(same)
    assert row["surplus_kt"] == pytest.approx(row["supply_kt"] - row["demand_kt"])


def test_a_fall_in_demand_lifts_the_surplus(layers) -> None:
    less = zone_surplus(layers, demand_options=DemandOptions(scale=0.9)).loc["cement"]
    row = zone_surplus(layers).loc["cement"]
    assert less["demand_kt"] == pytest.approx(0.9 * row["demand_kt"])
    assert less["reduction_kt"] > row["reduction_kt"]


def test_every_column_of_the_surplus_has_words_and_shares_are_percentages(layers, band) -> None:
    row = zone_surplus(layers).loc["cement"]
    names = [*row.index, *band_table(band), *swing_table(band)]
    assert [name for name in names if both(name) == name] == []
    assert amount("positive_share", row["positive_share"]) == f"{row['positive_share']:.0%}"
    assert amount("median_kt", 0.9) == "0.9"
