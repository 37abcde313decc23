"""The baseline loads whole, holds to its schemas and catalogue, and can say where each figure comes from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import workbench as wb
from workbench.errors import DataError, LabelError
from workbench.layers import catalog
from workbench.layers.quality import (
    approximate,
    capacity_quality,
    doubtful,
    industry_quality,
)
from workbench.layers.schema import SCHEMAS

GEODATA = Path(str(catalog.GEODATA))


def test_shapes_are_in_wgs84_and_ids_index_every_frame(layers) -> None:
    for name in layers:
        assert layers[name].index.name == "id", name
        if SCHEMAS[name].geometry:
            assert layers[name].crs.to_epsg() == 4326, name


def test_no_row_names_a_mirror() -> None:
    for path in sorted(GEODATA.rglob("*.csv")):
        assert not re.search(r"https?://|\bmirror\b", path.read_text(encoding="utf-8")), path.name


def test_the_catalogue_names_every_source_its_rows_cite(layers) -> None:
    for name, entry in catalog.catalogue().items():
        if name == "sources" or "source" not in layers[name]:
            continue
        cited = {code for text in layers[name]["source"].dropna() for code in str(text).split(";") if code}
        assert {code for code in cited if " " not in code} <= set(entry.source.split(";")), name


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
    told = wb.explain_data("plants", "CM05")
    row = told.loc["capacity_kt"]
    assert row["value"] == 5400
    assert row["unit"] == "kt/a"
    assert "Global Energy Monitor" in row["source"]
    assert "CC BY 4.0" in row["licence"]
    assert "weight case" in row["transformation"]
    assert "GCJ-02" in wb.explain_data("counties", "510104").at["geometry", "transformation"]


def test_a_field_with_a_source_of_its_own_is_cited_by_it(layers) -> None:
    told = wb.explain_data("counties", "510623")  # 中江县
    assert told.at["function_class", "value"] == "农产品主产区"
    assert "四川日报" in told.at["function_class", "source"]
    assert "cnmaps" in told.at["county_zh", "source"]
    assert "function_class_source" not in told.index
    recalled = layers.counties.index[layers.counties["county_zh"].eq("会东县")][0]
    row = wb.explain_data("counties", recalled)["confidence"]
    assert (row["function_class"], row["county_zh"]) == ("low", "high")


def test_a_planners_own_figure_tells_his_own_document(layers) -> None:
    mine = layers.plants.assign(source="my-list-2014", confidence="medium")
    row = wb.explain_data("plants", "CM05", layers=layers.with_(plants=mine)).loc["capacity_kt"]
    assert (row["source"], row["confidence"]) == ("my-list-2014", "medium")


def test_an_unknown_row_is_refused_by_name() -> None:
    with pytest.raises(LabelError, match="NOPE"):
        wb.explain_data("plants", "NOPE")


def test_credits_name_what_the_licences_ask_for(layers) -> None:
    line = wb.layers.credit_line(layers)["en"]
    for code in ("OSM-2024", "GEM-GIST-2025", "GSHHG-2.3"):
        assert layers.sources.at[code, "publisher"] in line
    assert layers.sources.at["general-knowledge", "title"] not in line


def test_quality_adds_up_to_the_stock(layers) -> None:
    table = industry_quality(layers).drop("coal")
    stock = [layers.assumptions[f"{industry}.stock_kt"] for industry in table.index]
    assert (table["located_kt"] + table["unlocated_kt"]).to_numpy() == pytest.approx(stock)
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
    doubt = doubtful(layers.plants)
    assert doubt[approximate(layers.plants) | layers.plants["confidence"].eq("low")].all()
    assert not doubt["CM03"]
