"""Shapefiles, GeoJSON, KML and archives as they come: text by its bytes, shapes closed or told."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

import workbench as wb
from tests.layers.imports.builders import as_csv, raw
from workbench import crs as systems
from workbench.layers.imports import FaultReport, ImportOptions, check_file
from workbench.layers.imports.text import best_encoding

AREA = {"编号": "E1", "名称": "甲保护区", "类别": "自然保护区"}
RING = [[103, 30], [103.5, 30], [103.5, 30.5], [103, 30.5], [103, 30]]


def written_dbf(path: Path, names: list[bytes], rows: list[list[bytes]], width: int = 20) -> None:
    """Write a table byte for byte, as another program would: names and texts cut where their width ends."""
    head = struct.pack("<BBBBIHH20x", 3, 115, 1, 1, len(rows), 33 + 32 * len(names), 1 + width * len(names))
    fields = b"".join(struct.pack("<11sc4xBB14x", name[:10], b"C", width, 0) for name in names)
    body = b"".join(b" " + b"".join(cell[:width].ljust(width) for cell in row) for row in rows)
    path.write_bytes(head + fields + b"\r" + body + b"\x1a")


def shapefile(folder: Path, encoding: str, claim: str | None = None) -> Path:
    """Two plants whose names and headings are cut inside a character in every encoding tried."""
    path = folder / "plants.shp"
    points = [shapely.Point(104.1, 30.7), shapely.Point(104.4, 31.1)]
    gpd.GeoDataFrame({"a": [1, 2]}, geometry=points, crs=4326).to_file(path)
    path.with_suffix(".cpg").unlink()
    if claim is not None:
        path.with_suffix(".cpg").write_text(claim)
    names = [name.encode(encoding) for name in ("id", "企业名称", "行业", "投产年份")]
    rows = [
        [label, f"x{name}水泥有限责任公司分厂".encode(encoding), "水泥".encode(encoding), year]
        for label, name, year in ((b"T1", "甲", b"2008"), (b"T2", "乙", b"2010"))
    ]
    written_dbf(path.with_suffix(".dbf"), names, rows)
    return path


CLAIMS = [
    ("utf-8", None), ("gbk", None), ("utf-8", "UTF-8"), ("utf-8", "65001"), ("gbk", "ANSI 936"),
    ("gbk", "GBK\n"), ("gbk", "UTF-8"), ("utf-8", "GBK"), ("gbk", "ISO-8859-1"), ("gbk", "nonsense"),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "claim"), CLAIMS)
def test_a_shapefile_is_read_by_its_bytes_whatever_it_claims(
    encoding: str, claim: str | None, tmp_path: Path
) -> None:
    report = check_file(shapefile(tmp_path, encoding, claim), "plants")
    plants = report.usable()
    assert plants["name_zh"].str.startswith(("x甲水泥有", "x乙水泥有")).all()
    assert list(plants["commissioned_year"]) == [2008, 2010]
    assert any(repair.name == "cut_text" for repair in report.repairs)
    wrong = claim in ("UTF-8", "GBK", "ISO-8859-1") and best_encoding(["甲水泥有".encode(encoding)]) != {
        "UTF-8": "utf-8", "GBK": "gb18030"}.get(claim)  # fmt: skip
    assert wrong == any("where the file states" in fault.found for fault in report.warnings)


def test_an_encoding_that_is_named_is_obeyed(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "gbk", "UTF-8")
    report = check_file(path, "plants", options=ImportOptions(encoding="gb18030"))
    assert report.usable()["name_zh"].str.startswith("x").all()
    assert not report.warnings


def geojson(*shapes: Any, system: Any = None, encoding: str = "utf-8") -> Any:
    features = [
        {"type": "Feature", "properties": {**AREA, "编号": f"E{i}"}, "geometry": shape}
        for i, shape in enumerate(shapes)
    ]
    whole: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if system is not None:
        named = {"type": "name", "properties": {"name": system}}
        whole["crs"] = named if isinstance(system, str) else system[0]
    return raw(json.dumps(whole, ensure_ascii=False).encode(encoding), "areas.geojson")


def polygon(*points: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(points)]}


def areas(path: Path, **options: Any) -> FaultReport:
    return check_file(path, "ecology", mapping={"constants": {"approximate": "否"}}, **options)


def test_an_open_ring_is_closed_and_counted(tmp_path: Path) -> None:
    report = areas(geojson(polygon(*RING[:4]), polygon(*RING))(tmp_path))
    assert {repair.name: repair.count for repair in report.repairs}["close_rings"] == 1
    assert report.usable().geometry.iloc[0].equals(report.usable().geometry.iloc[1])


ODD_SHAPES = {
    "one point": polygon([103, 30]), "two points": polygon([103, 30], [103.5, 30]),
    "flat": polygon([103, 30], [103.5, 30], [103, 30]), "empty": {"type": "Polygon", "coordinates": []},
    "null": None, "text": polygon(["a", "b"], *RING[1:]),
    "nothing in a corner": polygon([None, 30], *RING[1:]),
    "across the date line": polygon([179, 30], [-179, 30], [-179, 31], [179, 31], [179, 30]),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ODD_SHAPES))
def test_a_shape_that_cannot_be_is_a_fault_with_its_row_told_once(name: str, tmp_path: Path) -> None:
    report = areas(geojson(polygon(*RING), ODD_SHAPES[name])(tmp_path))
    assert [(fault.field, fault.row) for fault in report.errors] == [("geometry", 2)]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_geojson_in_another_encoding_is_read_and_told(encoding: str, tmp_path: Path) -> None:
    report = areas(geojson(polygon(*RING), encoding=encoding)(tmp_path))
    assert list(report.usable()["name_zh"]) == ["甲保护区"]
    assert (encoding != "utf-8-sig") == any(repair.name == "decode" for repair in report.repairs)


def test_one_feature_a_line_is_read(tmp_path: Path) -> None:
    whole = json.loads(geojson(polygon(*RING), polygon(*RING))(tmp_path).read_text(encoding="utf-8"))
    lines = "\n".join(json.dumps(feature) for feature in whole["features"])
    assert len(areas(raw(lines.encode(), "areas.geojson")(tmp_path)).usable()) == 2


def test_a_system_named_in_the_file_is_never_passed_over(tmp_path: Path) -> None:
    path = geojson(polygon(*RING), system="GCJ-02")(tmp_path)
    moved = areas(path).usable().geometry.iloc[0]
    there = systems.gcj02_to_wgs84(103.0, 30.0)
    assert moved.bounds[:2] == pytest.approx([float(v) for v in there])
    assert any("declared" in fault.found for fault in areas(path, crs="WGS-84").errors)
    mars = areas(geojson(polygon(*RING), system="mars")(tmp_path))
    assert [fault.field for fault in mars.errors] == ["crs"]


MEMBERS = ["GCJ-02", {"properties": {"name": "GCJ-02"}}, {"type": "EPSG", "name": "高德"}]


@pytest.mark.parametrize("member", MEMBERS)
def test_a_system_written_in_its_own_way_is_read_and_one_without_a_name_is_told(
    member: Any, tmp_path: Path
) -> None:
    moved = areas(geojson(polygon(*RING), system=[member])(tmp_path)).usable().geometry.iloc[0]
    assert moved.bounds[:2] == pytest.approx([float(v) for v in systems.gcj02_to_wgs84(103.0, 30.0)])
    for nameless in ({}, {"type": "name", "properties": {}}, True, " "):
        told = areas(geojson(polygon(*RING), system=[nameless])(tmp_path))
        assert [fault.field for fault in told.errors] == ["crs"]
    for number in (4490, {"type": "EPSG", "properties": {"code": 4490}}):
        assert areas(geojson(polygon(*RING), system=[number])(tmp_path)).ok


NAMELESS = [
    [1],
    [],
    [{"type": "name", "properties": {"name": "EPSG:4490"}}],
    {"properties": {"name": ["a"]}},
    "",
]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("member", [*NAMELESS, 999_999, 0, 4490.5, "x]y"])
def test_a_system_nobody_can_read_is_told_wherever_it_stands(
    member: Any, first: bool, tmp_path: Path
) -> None:
    path = geojson(polygon(*RING), system=[member])(tmp_path)
    if first:
        whole = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({"crs": member, **whole}), encoding="utf-8")
    told = areas(path).errors
    assert [(fault.file, fault.field) for fault in told] == [("areas.geojson", "crs")]


def test_what_others_call_crs_within_the_file_is_no_system_of_it(tmp_path: Path) -> None:
    whole = json.loads(geojson(polygon(*RING))(tmp_path).read_text(encoding="utf-8"))
    whole["features"][0]["properties"]["export"] = {"crs": [1]}
    told = areas(raw(json.dumps({"made": {"crs": [2]}, **whole}).encode(), "areas.geojson")(tmp_path))
    assert told.ok, told.errors


def test_degrees_under_a_projected_system_and_shapes_off_it_are_faults_of_their_rows(tmp_path: Path) -> None:
    told = areas(geojson(polygon(*RING), system="EPSG:4523")(tmp_path))
    assert [fault.field for fault in told.errors] == ["geometry"]
    home, far = ([[x * scale, y * scale] for x, y in RING] for scale in (111_000.0, 1e100))
    mixed = geojson(polygon(*home), polygon(*far), system="EPSG:3857")(tmp_path)
    assert [(fault.row, fault.field) for fault in areas(mixed).errors] == [(2, "geometry")]


def test_shapes_of_several_zones_under_one_system_land_each_in_its_own(tmp_path: Path) -> None:
    homes = [shapely.Point(*place) for place in eastings()]
    frame = gpd.GeoDataFrame(
        {"编号": ["1", "2"], "名称": ["甲", "乙"], "行业": ["水泥"] * 2}, geometry=homes, crs=4523
    )
    frame.to_file(tmp_path / "a.gpkg")
    plants = check_file(tmp_path / "a.gpkg", "plants").usable()
    np.testing.assert_allclose(plants[["lon", "lat"]], PLACES, atol=1e-6)


def test_shapes_without_a_column_are_told_by_what_they_lack(tmp_path: Path) -> None:
    told = areas(raw(json.dumps(polygon(*RING)).encode(), "areas.geojson")(tmp_path))
    assert {fault.field for fault in told.errors} == {"category", "name_zh"}


def test_a_collection_of_areas_is_one_area(tmp_path: Path) -> None:
    both = {
        "type": "GeometryCollection",
        "geometries": [polygon(*RING), polygon(*[[x + 1, y] for x, y in RING])],
    }
    assert areas(geojson(both)(tmp_path)).usable().geometry.iloc[0].geom_type == "MultiPolygon"


def test_well_known_text_is_closed_or_told(tmp_path: Path) -> None:
    head = ["编号", "名称", "类别", "几何"]
    shapes = ["SRID=4326;POLYGON((103 30,103.5 30,103.5 30.5,103 30.5))", "POLYGON((103 30"]
    rows = [head, *(["E1", "甲", "自然保护区", shape] for shape in shapes[:1])]
    report = areas(as_csv(rows)(tmp_path))
    assert report.ok
    assert any(repair.name == "close_rings" for repair in report.repairs)
    broken = areas(as_csv([head, ["E1", "甲", "自然保护区", shapes[1]]])(tmp_path), crs="WGS-84")
    assert [(fault.row, fault.found) for fault in broken.errors] == [(2, shapes[1])]


def zones(rows: list[tuple[float, float]]) -> Any:
    body = [[f"T{i}", f"甲{i}", "水泥", f"{x:.2f}", f"{y:.2f}"] for i, (x, y) in enumerate(rows)]
    return as_csv([["编号", "名称", "行业", "东坐标", "北坐标"], *body])


PLACES = [(104.1, 30.7), (101.7, 26.57)]  # in zones 35 and 34 of three degrees


def eastings() -> list[tuple[float, float]]:
    points = gpd.GeoSeries(gpd.points_from_xy(*zip(*PLACES, strict=True)), crs=4326)
    homes = [points.to_crs(code).iloc[i] for i, code in enumerate((4523, 4522))]
    return [(home.x, home.y) for home in homes]


@pytest.mark.parametrize("system", ["EPSG:4523", "EPSG:4522", "CGCS2000 3度带"])
def test_each_row_is_read_in_the_zone_its_easting_names(system: str, tmp_path: Path) -> None:
    plants = check_file(zones(eastings())(tmp_path), "plants", crs=system).usable()
    np.testing.assert_allclose(plants[["lon", "lat"]], PLACES, atol=1e-6)


def test_the_bare_datum_reads_zones_of_both_widths_and_degrees_row_by_row(tmp_path: Path) -> None:
    wide = gpd.GeoSeries(gpd.points_from_xy([104.1], [30.7]), crs=4326).to_crs(4496).iloc[0]
    rows = [*eastings(), (wide.x, wide.y), (103.9, 30.9)]
    report = check_file(zones(rows)(tmp_path), "plants", crs="CGCS2000")
    found = report.usable()[["lon", "lat"]]
    np.testing.assert_allclose(found, [*PLACES, PLACES[0], (103.9, 30.9)], atol=1e-6)
    for bare, mend in (((413776.0, 3398060.0), "central meridian"), ((3398060.0, 35413776.0), "exchange")):
        refused = check_file(zones([bare])(tmp_path), "plants", crs="CGCS2000")
        assert [mend in fault.mend for fault in refused.errors] == [True]


def test_an_easting_of_no_zone_is_a_fault_of_its_row(tmp_path: Path) -> None:
    rows = [*eastings(), (413776.0, 3398060.0)]
    prefixed = check_file(zones(rows)(tmp_path), "plants", crs="EPSG:4523")
    assert [(fault.row, fault.field) for fault in prefixed.errors] == [(4, "geometry")]
    bare = [(413776.0, 3398060.0), (442756.0, 3442216.0), rows[1]]
    report = check_file(zones(bare)(tmp_path), "plants", crs="EPSG:4544")
    assert [(fault.row, fault.field) for fault in report.errors] == [(4, "geometry")]
    unknown = check_file(zones(eastings())(tmp_path), "plants")
    assert any("zone 34, 35" in fault.mend for fault in unknown.errors if fault.field == "crs")


@pytest.mark.parametrize("kind", ["counties", "ecology"])
def test_shifted_areas_are_suspected_by_the_known_ones(kind: str, tmp_path: Path, layers: wb.Layers) -> None:
    known = layers[kind].head(12)
    shift = lambda xy: np.column_stack(systems.wgs84_to_gcj02(xy[:, 0], xy[:, 1]))  # noqa: E731
    coarse = known.geometry.simplify(0.002)
    moved = known.set_geometry(gpd.GeoSeries(shapely.transform(coarse.values, shift), known.index, crs=4326))
    path = tmp_path / "areas.gpkg"
    moved.reset_index().to_file(path)
    told = check_file(path, kind, baseline=layers)
    assert any("crs='GCJ-02'" in fault.mend for fault in told.warnings)
    known.set_geometry(coarse).reset_index().to_file(path)
    assert not any("shift" in fault.found for fault in check_file(path, kind, baseline=layers).faults)


def points(folder: Path, name: str = "plants.gpkg", layer: str = "企业", label: str = "T1") -> Path:
    frame = gpd.GeoDataFrame(
        {"编号": [label], "名称": [f"甲{label}"], "行业": ["水泥"]},
        geometry=[shapely.Point(104.1, 30.7)], crs=4326,
    )  # fmt: skip
    frame.to_file(folder / name, layer=layer)
    return folder / name


def test_styles_and_projects_are_no_layers(tmp_path: Path) -> None:
    path = points(tmp_path)
    with sqlite3.connect(path) as base:
        for table in ("layer_styles", "qgis_projects"):
            base.execute(f"create table {table} (id integer, name text)")
            base.execute(
                "insert into gpkg_contents (table_name, data_type, identifier) values (?, 'attributes', ?)",
                (table, table),
            )
    assert list(check_file(path, "plants").usable().index) == ["T1"]
    points(tmp_path, layer="旧企业", label="T2")
    assert any("2 layers" in fault.found for fault in check_file(path, "plants").errors)
    assert list(check_file(path, "plants", options=ImportOptions(layer="旧企业")).usable().index) == ["T2"]


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>水泥厂</name><Placemark><name>甲水泥</name>
<ExtendedData><Data name="行业"><value>水泥</value></Data>
<Data name="产能（万吨）"><value>120</value></Data></ExtendedData>
<Point><coordinates>104.1,30.7,500</coordinates></Point></Placemark></Folder>
<Folder><name>保护区</name><Placemark><name>丙</name><Polygon><outerBoundaryIs>
<LinearRing><coordinates>103,30 103.5,30 103.5,30.5 103,30</coordinates></LinearRing></outerBoundaryIs>
</Polygon></Placemark></Folder></Document></kml>"""


@pytest.mark.parametrize("ending", ["kml", "kmz"])
def test_a_map_programs_file_is_read_folder_by_folder(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"plants.{ending}"
    if ending == "kml":
        path.write_text(KML, encoding="utf-8")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", KML)
    plants = check_file(path, "plants", options=ImportOptions(layer="水泥厂")).usable()
    assert list(plants["capacity_kt"]) == [1200]
    assert tuple(plants.geometry.iloc[0].coords) == ((104.1, 30.7),)
    areas_ = check_file(
        path, "ecology", options=ImportOptions(layer="保护区"),
        mapping={"constants": {"category": "nature_reserve", "approximate": "否"}},
    )  # fmt: skip
    assert list(areas_.usable()["name_zh"]) == ["丙"]
    assert any(
        "丁" in fault.found for fault in check_file(path, "plants", options=ImportOptions(layer="丁")).errors
    )


BROKEN_KML = {
    "an entity": KML.replace("<kml", '<!DOCTYPE x [<!ENTITY a "b">]><kml', 1), "cut": KML[:300],
    "no placemark": '<kml xmlns="http://www.opengis.net/kml/2.2"/>',
    "a point of no place": KML.replace("104.1,30.7,500", "104.1"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BROKEN_KML))
def test_a_broken_kml_is_a_fault(name: str, tmp_path: Path) -> None:
    path = raw(BROKEN_KML[name].encode(), "plants.kml")(tmp_path)
    assert not check_file(
        path, "plants", options=ImportOptions(layer="水泥厂" if "point" in name else None)
    ).ok


def test_pieces_in_archives_inside_an_archive_are_one_layer(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as outer:
        for number in (1, 2):
            folder = tmp_path / str(number)
            folder.mkdir()
            points(folder, "plants.shp", label=f"T{number}")
            with zipfile.ZipFile(folder / "inner.zip", "w") as inner:
                for part in sorted(folder.glob("plants.*")):
                    inner.write(part, part.name)
            outer.write(folder / "inner.zip", f"shp_{number}.zip")
    report = check_file(tmp_path / "all.zip", "plants")
    assert list(report.usable().index) == ["T1", "T2"]
    assert any(repair.name == "join_pieces" and repair.count == 2 for repair in report.repairs)
    again = check_file(tmp_path / "all.zip", "plants", options=ImportOptions(layer="plants"))
    assert len(again.usable()) == 2


def test_of_several_tables_in_an_archive_the_one_named_is_read(tmp_path: Path) -> None:
    head, path = "id,名称,行业,经度,纬度\n", tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("甲/一.csv", f"{head}1,甲厂,水泥,104,30\n")
        packed.writestr("甲/二.csv", f"{head}2,乙厂,水泥,104,30\n")
        packed.writestr("甲/三.geojson", "{")
    for name in ("二", "二.csv", "甲/二"):
        asked = check_file(path, "plants", crs="WGS-84", options=ImportOptions(layer=name))
        assert list(asked.usable()["name_zh"]) == ["乙厂"]
    for name, found in ((None, "甲/一.csv"), ("四", "甲/三.geojson"), ("三", "damaged")):
        [fault] = check_file(path, "plants", crs="WGS-84", options=ImportOptions(layer=name)).errors
        assert fault.file == "a.zip"
        assert found in fault.found


@pytest.mark.parametrize("part", ["prj", "dbf", "shx", "cpg"])
def test_a_part_of_a_shapefile_that_is_another_file_in_disguise_reads_nothing_else(
    part: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.csv").write_text("id,X,Y\nSECRET,104,30\n", encoding="utf-8")
    points = gpd.GeoDataFrame({"id": ["1"]}, geometry=[shapely.Point(104, 30)], crs=4326)
    points.to_file(tmp_path / "b.shp")
    source = f"<SrcDataSource>{tmp_path}/secret.csv</SrcDataSource>"
    disguised = f'<OGRVRTDataSource><OGRVRTLayer name="secret">{source}</OGRVRTLayer></OGRVRTDataSource>'
    (tmp_path / f"b.{part}").write_text(disguised, encoding="utf-8")
    report = check_file(tmp_path / "b.shp", "plants", crs="WGS-84")
    assert not report.ok
    assert "SECRET" not in str(report.faults)
