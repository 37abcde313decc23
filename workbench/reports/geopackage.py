"""The plan as a GeoPackage that opens in QGIS with its styles."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import quoteattr

import geopandas as gpd

from workbench.files import STAMP, undated

_GEOMETRY_CODES = {
    "Point": 0,
    "LineString": 1,
    "Polygon": 2,
    "MultiPoint": 0,
    "MultiLineString": 1,
    "MultiPolygon": 2,
}


def write_geopackage(
    layers: Mapping[str, gpd.GeoDataFrame], path: Path, *, styles: Mapping[str, Mapping[str, tuple[str, str]]]
) -> Path:
    """Write frames as layers of one .gpkg and return the path.

    `layers`: layer name -> GeoDataFrame in EPSG:4326. `styles`: layer name -> {"column": (column, ""),
    value: (label, colour)}; a layer with one entry ``"": (label, colour)`` is drawn in one colour. Empty
    layers are left out, because QGIS cannot guess the geometry of nothing.
    """
    written = []
    for name, frame in layers.items():
        if frame.empty:
            continue
        table = frame.reset_index() if frame.index.name else frame.reset_index(drop=True)
        flags = {c: table[c].astype(int) for c in table.columns if table[c].dtype == bool}
        table.assign(**flags).to_file(
            path, layer=name, driver="GPKG", engine="pyogrio", layer_options={"FID": "gpkg_fid"}
        )
        written.append((name, table.geometry.geom_type.iloc[0]))
    with closing(sqlite3.connect(path)) as base, base:
        _register_styles_table(base)
        # QGIS looks a style up by the column's name in the file, which GDAL chooses
        columns = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
        for number, (name, geometry) in enumerate(written, start=1):
            qml = style_qml(geometry, styles.get(name, {"": (name, "#607080")}))
            base.execute(
                "INSERT INTO layer_styles VALUES (?,'','',?,?,?,?,'',1,'','',NULL,?)",
                (number, name, columns[name], f"{name} style", qml, STAMP),
            )
    return undated(path)


def _register_styles_table(base: sqlite3.Connection) -> None:
    base.execute(
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_catalog TEXT, f_table_schema TEXT,"
        " f_table_name TEXT, f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT,"
        " useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT, update_time DATETIME)"
    )
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
        (STAMP,),
    )


def style_qml(geometry: str, style: Mapping[str, tuple[str, str]]) -> str:
    """Return a QGIS style: one symbol, or one per value of the column named under ``"column"``."""
    entries = {value: text for value, text in style.items() if value != "column"}
    symbols = "".join(
        _symbol(geometry, number, colour) for number, (_, colour) in enumerate(entries.values())
    )
    if "column" in style:
        categories = "".join(
            f'<category render="true" symbol="{number}" value={quoteattr(value)} label={quoteattr(title)}/>'
            for number, (value, (title, _)) in enumerate(entries.items())
        )
        renderer = (
            f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(style["column"][0])}>'
            f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>"
        )
    else:
        renderer = f'<renderer-v2 type="singleSymbol"><symbols>{symbols}</symbols></renderer-v2>'
    code = _GEOMETRY_CODES[geometry]
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        f'<qgis version="3.22" styleCategories="Symbology">{renderer}'
        f"<layerGeometryType>{code}</layerGeometryType></qgis>"
    )


def _symbol(geometry: str, number: int, colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    solid, faint, white = f"{red},{green},{blue},255", f"{red},{green},{blue},70", "255,255,255,255"
    kind, layer, properties = (
        (
            "marker",
            "SimpleMarker",
            {"name": "circle", "color": solid, "outline_color": white, "size": "2.6"},
        ),
        ("line", "SimpleLine", {"line_color": solid, "line_width": "0.7", "capstyle": "round"}),
        ("fill", "SimpleFill", {"color": faint, "outline_color": solid, "outline_width": "0.3"}),
    )[_GEOMETRY_CODES[geometry]]
    options = "".join(
        f'<Option type="QString" name="{name}" value="{value}"/>' for name, value in properties.items()
    )
    return (
        f'<symbol type="{kind}" name="{number}" alpha="1" clip_to_extent="1">'
        f'<layer class="{layer}" enabled="1" locked="0" pass="0">'
        f'<Option type="Map">{options}</Option></layer></symbol>'
    )
