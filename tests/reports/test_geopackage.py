"""A GeoPackage reads back equal, and its styles are what QGIS looks for."""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing

import geopandas as gpd
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

from workbench.reports.geopackage import style_qml, write_geopackage


@pytest.fixture
def points() -> gpd.GeoDataFrame:
    table = pd.DataFrame(
        {"name_zh": ["甲", "乙"], "decision": ["keep", "move"], "lon": [104.0, 105], "lat": [30.0, 31]}
    )
    places = gpd.points_from_xy(table["lon"], table["lat"])
    return gpd.GeoDataFrame(table.set_index(pd.Index(["a", "b"], name="id")), geometry=places, crs=4326)


@pytest.fixture
def path(tmp_path, points):
    styles = {
        "lines": {"column": ("decision", ""), "keep": ("保留 <Keep>", "#336699"), "move": ("转移", "#cc3311")}
    }
    return write_geopackage({"lines": points, "none": points.iloc[:0]}, tmp_path / "plan.gpkg", styles=styles)


def test_what_was_written_reads_back(path, points) -> None:
    assert_geodataframe_equal(gpd.read_file(path, layer="lines").set_index("id"), points, check_like=True)


def test_an_empty_layer_is_left_out(path) -> None:
    assert set(gpd.list_layers(path)["name"]) == {"lines", "layer_styles"}


def test_each_layer_has_a_default_style_by_category(path) -> None:
    with closing(sqlite3.connect(path)) as base:
        ((layer, qml),) = base.execute(
            "SELECT table_name, styleQML FROM layer_styles JOIN gpkg_geometry_columns"
            " ON f_table_name = table_name AND f_geometry_column = column_name WHERE useAsDefault"
        )
    renderer = ET.fromstring(qml.split("'SYSTEM'>")[1]).find("renderer-v2")
    labels = {c.get("value"): c.get("label") for c in renderer.iter("category")}
    assert (layer, renderer.get("attr")) == ("lines", "decision")
    assert labels == {"keep": "保留 <Keep>", "move": "转移"}


@pytest.mark.parametrize(
    ("geometry", "kind"), [("Point", "marker"), ("LineString", "line"), ("MultiPolygon", "fill")]
)
def test_a_plain_style_draws_the_right_kind_of_symbol(geometry: str, kind: str) -> None:
    root = ET.fromstring(style_qml(geometry, {"": ("x", "#010203")}).split("'SYSTEM'>")[1])
    assert root.find("renderer-v2").get("type") == "singleSymbol"
    assert root.find("renderer-v2/symbols/symbol").get("type") == kind
