"""Merging: nothing happens before the planner confirms, blanks erase nothing, lines follow their plants."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import workbench as wb
from workbench import crs
from workbench.errors import DataError, LabelError
from workbench.layers.imports.merge import import_layer, propose, save_layer
from workbench.layers.imports.report import FaultReport
from workbench.layers.imports.user_files import check_file


def rows(layers: wb.Layers, *ids: str, **changes: object) -> gpd.GeoDataFrame:
    """Some baseline plants with only their name, industry and position filled, and then changed."""
    frame = layers.plants.loc[list(ids)].copy()
    for column in frame.columns.difference(["name_zh", "industry", "lon", "lat", "geometry"]):
        frame[column] = float("nan") if pd.api.types.is_numeric_dtype(frame[column]) else ""
    return frame.assign(**changes)


@pytest.fixture
def single(layers: wb.Layers) -> str:
    """A plant of one line."""
    counts = layers.lines.groupby("plant_id").size()
    return str(counts.index[(counts == 1) & counts.index.isin(layers.plants.index)][0])


def test_the_same_rows_change_nothing(layers: wb.Layers) -> None:
    proposal = propose(layers, "plants", layers.plants)
    assert proposal.summary == f"plants: 0 added, 0 changed (0 cells), {len(layers.plants)} same"
    pd.testing.assert_frame_equal(pd.DataFrame(proposal.confirm().plants), pd.DataFrame(layers.plants))


def test_filled_cells_replace_and_blank_ones_erase_nothing(layers: wb.Layers, single: str) -> None:
    before = layers.plants.copy(deep=True)
    proposal = propose(layers, "plants", rows(layers, single, capacity_kt=1234.5))
    (change,) = proposal.changes.to_dict("records")
    assert (change["id"], change["column"], change["after"]) == (single, "capacity_kt", 1234.5)
    after = proposal.confirm().plants
    assert after.at[single, "capacity_kt"] == 1234.5
    assert after.at[single, "owner"] == before.at[single, "owner"]
    assert list(after.dtypes) == list(before.dtypes)
    pd.testing.assert_frame_equal(pd.DataFrame(layers.plants), pd.DataFrame(before))


def test_a_single_line_follows_its_plant(layers: wb.Layers, single: str) -> None:
    after = propose(layers, "plants", rows(layers, single, capacity_kt=1234.5)).confirm()
    assert after.lines.loc[after.lines["plant_id"] == single, "capacity_kt"].tolist() == [1234.5]
    assert len(after.lines) == len(layers.lines)


def test_several_lines_that_no_longer_sum_are_told_not_guessed(layers: wb.Layers) -> None:
    counts = layers.lines.groupby("plant_id").size()
    several = str(counts.index[(counts > 1) & counts.index.isin(layers.plants.index)][0])
    proposal = propose(layers, "plants", rows(layers, several, capacity_kt=1.0))
    assert [several in fault.found for fault in proposal.consequences] == [True]
    pd.testing.assert_frame_equal(pd.DataFrame(proposal.frames["lines"]), pd.DataFrame(layers.lines))


def test_a_new_plant_becomes_one_whole_plant_line(layers: wb.Layers, single: str) -> None:
    fresh = rows(layers, single, capacity_kt=500.0).rename(index={single: "NEW"})
    proposal = propose(layers, "plants", fresh, how="extend")
    after = proposal.confirm()
    assert list(proposal.added.index) == ["NEW"]
    assert after.lines.at["NEW-1", "capacity_kt"] == 500.0
    assert after.lines.at["NEW-1", "plant_id"] == "NEW"
    assert after.plants.at["NEW", "in_baseline"]


def test_a_move_is_told_in_kilometres(layers: wb.Layers, single: str) -> None:
    frame = rows(layers, single)
    frame["lon"] += 0.1
    frame = frame.set_geometry(gpd.points_from_xy(frame["lon"], frame["lat"], crs=crs.WGS84))
    proposal = propose(layers, "plants", frame)
    (change,) = proposal.changes.to_dict("records")
    assert change["column"] == "geometry"
    assert 8 < change["moved_km"] < 11
    after = proposal.confirm()
    assert after.plants.at[single, "lon"] == pytest.approx(frame.at[single, "lon"])
    line = after.lines[after.lines["plant_id"] == single].iloc[0]
    assert (line["lon"], line.geometry.x) == (frame.at[single, "lon"], frame.at[single, "lon"])


def test_override_and_extend_keep_to_their_ids(layers: wb.Layers, single: str) -> None:
    fresh = rows(layers, single).rename(index={single: "NEW"})
    with pytest.raises(LabelError, match="NEW"):
        propose(layers, "plants", fresh, how="override")
    with pytest.raises(LabelError, match=single):
        propose(layers, "plants", rows(layers, single), how="extend")


def test_a_file_with_errors_cannot_be_proposed(layers: wb.Layers, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id\n1\n", encoding="utf-8")
    with pytest.raises(DataError):
        import_layer(check_file(tmp_path / "p.csv", "plants"), layers)
    with pytest.raises(DataError):
        import_layer(FaultReport("p.csv", "plants", 0), layers)


def test_a_saved_layer_reads_back_as_it_was(layers: wb.Layers, tmp_path: Path) -> None:
    path = save_layer(layers.plants, "plants", tmp_path / "mine")
    assert [entry.name for entry in path.parent.iterdir()] == ["plants.geojson"]
    again = check_file(path, "plants")
    assert again.ok, again.errors
    assert propose(layers, "plants", again.usable(), how="override").changes.empty
