"""The baseline loads whole, holds to its schemas and catalogue, and can say where each figure comes from."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import workbench as wb
from workbench.errors import DataError, LabelError
from workbench.layers import catalog
from workbench.layers.quality import approximate, capacity_quality, industry_quality, layer_quality
from workbench.layers.schema import SCHEMAS

GEODATA = Path(str(catalog.GEODATA))


# Statistics kept as published, each in a shape of its own; a planner does not import over them.
FREE_FORM = {
    "status_readings", "hydropower_prefectures", "hydropower_prefecture_metrics", "hydropower_monthly",
    "hydropower_province", "rail_tariffs", "rail_classes", "freight_rates", "road_distances",
    "transport_stats", "economy_province", "investment_prefectures", "coal_prefectures", "output_2013",
    "obsolete_targets", "elimination_rows", "province_totals", "air_quality", "air_targets", "air_zones",
    "emissions_city", "tariffs_electricity", "process_factors", "sources", "disruptions",
}  # fmt: skip


def test_every_table_has_a_schema_or_is_a_statistic_kept_as_published(layers) -> None:
    assert set(catalog.catalogue()) - set(SCHEMAS) == FREE_FORM
    for name in FREE_FORM:
        frame = layers[name]
        assert frame.index.is_unique, name
        assert len(frame), name
        assert frame.columns.is_unique, name
        if "confidence" in frame:
            assert set(frame["confidence"]) <= {"high", "medium", "low", ""}, name


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_layer_holds_to_its_schema(layers, name: str) -> None:
    frame, schema = layers[name], SCHEMAS[name]
    assert frame.index.name == "id"
    assert frame.index.is_unique
    for field in schema:
        if field.name == "id":
            assert pd.Series(frame.index).str.match(field.pattern).all()
            continue
        assert field.name in frame, field.name
        values = frame[field.name]
        known = values[values.notna() & values.astype(str).ne("")]
        if field.required:
            assert len(known) == len(frame), field.name
        if field.allowed:
            assert set(known) <= set(field.allowed), field.name
        if field.dtype in ("number", "integer") and len(known):
            numbers = pd.to_numeric(known)
            assert (numbers >= (field.min if field.min is not None else -1e12)).all(), field.name
            assert (numbers <= (field.max if field.max is not None else 1e12)).all(), field.name
    if schema.geometry:
        assert frame.crs.to_epsg() == 4326
        assert frame.geometry.notna().all()
        assert frame.geometry.is_valid.all()


def test_every_source_code_is_in_the_table_of_sources(layers) -> None:
    known = set(layers.sources.index)
    for name in layers:
        for column in (c for c in layers[name] if c == "source" or str(c).endswith("_source")):
            codes = {code for text in layers[name][column].dropna() for code in str(text).split(";") if code}
            # tables of other rooms may cite a document by its title
            assert {code for code in codes if " " not in code} <= known, name


def test_no_row_names_a_mirror() -> None:
    for path in sorted(GEODATA.rglob("*.csv")):
        assert not re.search(r"https?://|\bmirror\b", path.read_text(encoding="utf-8")), path.name


def test_the_catalogue_knows_every_file_and_its_hash() -> None:
    catalog.check_hashes()
    listed = {entry.file for entry in catalog.catalogue().values()}
    inputs = {
        "tables/prefectures.csv",
        "tables/counties.csv",
        "tables/ecology.csv",
        "tables/freight_links.csv",
    }
    for folder in ("tables", "layers", "osm"):
        for path in (GEODATA / folder).iterdir():
            if path.name != "LICENSE":
                assert path.relative_to(GEODATA).as_posix() in listed | inputs


def test_a_changed_file_is_named(monkeypatch, tmp_path) -> None:
    entry = catalog.catalogue()["caps"]
    (tmp_path / entry.file).parent.mkdir()
    (tmp_path / entry.file).write_text(entry.path.read_text(encoding="utf-8") + "x,steel,1,2014,,high,\n")
    monkeypatch.setattr(catalog, "GEODATA", tmp_path)
    with pytest.raises(DataError, match=r"tables/caps\.csv"):
        catalog.check_hashes()


def test_geodata_stays_small() -> None:
    assert sum(path.stat().st_size for path in GEODATA.rglob("*") if path.is_file()) < 15e6


def test_a_figure_tells_its_documents_licence_and_steps(layers) -> None:
    told = wb.explain_data(layers, "plants", "CM05")
    row = told.loc["capacity_kt"]
    assert row["value"] == 4400
    assert row["unit"] == "kt/a"
    assert "Global Energy Monitor" in row["source"]
    assert "CC BY 4.0" in row["licence"]
    assert "weight case" in row["transformation"]
    assert "GCJ-02" in wb.explain_data(layers, "counties", "510104").at["geometry", "transformation"]


def test_a_field_with_a_source_of_its_own_is_cited_by_it(layers) -> None:
    told = wb.explain_data(layers, "counties", "510623")  # 中江县
    assert told.at["function_class", "value"] == "农产品主产区"
    assert "四川日报" in told.at["function_class", "source"]
    assert "cnmaps" in told.at["county_zh", "source"]
    assert "function_class_source" not in told.index
    recalled = layers.counties.index[layers.counties["county_zh"].eq("会东县")][0]
    row = wb.explain_data(layers, "counties", recalled)["confidence"]
    assert (row["function_class"], row["county_zh"]) == ("low", "high")


def test_an_unknown_row_is_refused_by_name(layers) -> None:
    with pytest.raises(LabelError, match="NOPE"):
        wb.explain_data(layers, "plants", "NOPE")


def test_credits_name_what_the_licences_ask_for(layers) -> None:
    owed = wb.layers.attribution(layers)
    assert {"OSM-2024", "GEM-GIST-2025", "GSHHG-2.3"} <= set(owed.index)
    assert "general-knowledge" not in owed.index
    assert "OSM-2024" not in wb.layers.attribution(layers, ["plants"]).index


def test_quality_adds_up_to_the_caps(layers) -> None:
    table = industry_quality(layers)
    whole = table["located_kt"] + table["unlocated_kt"]
    assert whole.drop("coal").to_numpy() == pytest.approx(table["cap_kt"].drop("coal").to_numpy())
    parts = capacity_quality(layers)
    assert parts["located_kt"].to_numpy() == pytest.approx(
        parts[["high_kt", "medium_kt", "low_kt"]].sum(axis=1).to_numpy()
    )
    assert parts["located_share"].dropna().between(0, 1).all()
    assert set(parts.index[parts["located_share"].isna()].get_level_values("industry")) == {"coal"}


def test_approximate_rows_are_told_apart(layers) -> None:
    assert approximate(layers.ecology).all()
    assert approximate(layers.plants)["CM65"]
    assert not approximate(layers.plants)["CM03"]
    assert layer_quality(layers).loc["plants", "rows"] == len(layers.plants)
