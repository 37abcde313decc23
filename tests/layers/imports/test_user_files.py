"""A planner's list, in whatever form it comes, becomes a layer with every conversion told."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely

import workbench as wb
from tests.hostile import BIDI, CONTROLS
from tests.layers.imports.builders import HEADER, ROWS, as_csv, as_file, as_xlsx, frame, shapefile, table
from workbench import crs as systems
from workbench.errors import DataError, LabelError
from workbench.layers.imports.degrees import parse_degrees
from workbench.layers.imports.merge import import_layer, save_layer
from workbench.layers.imports.text import unmarked
from workbench.layers.imports.user_files import ImportOptions, check_file, read_layer
from workbench.layers.schema import SCHEMAS
from workbench.text import controls

PLACES = [(float(row[4]), float(row[5])) for row in ROWS]


def assert_is_the_list(plants: gpd.GeoDataFrame, tolerance: float = 1e-6) -> None:
    assert list(plants.index) == ["T1", "T2", "T3"]
    assert plants.index.name == "id"
    assert plants.crs == "EPSG:4326"
    assert list(plants["industry"]) == ["cement", "cement", "steel"]
    assert list(plants["capacity_kt"]) == [1200, 2000, 3000]
    assert list(plants["commissioned_year"]) == [2008, 2010, 1995]
    np.testing.assert_allclose(shapely.get_coordinates(plants.geometry.values), PLACES, atol=tolerance)
    np.testing.assert_allclose(plants["lon"], [x for x, _ in PLACES], atol=tolerance)


def geoparquet(folder: Path) -> Path:
    frame().to_parquet(folder / "plants.parquet")
    return folder / "plants.parquet"


FORMS = {
    "csv utf-8": (as_csv(table()), "WGS-84"),
    "csv utf-8 with mark": (as_csv(table(), encoding="utf-8-sig"), "WGS-84"),
    "csv gbk": (as_csv(table(), encoding="gbk"), "WGS-84"),
    "csv utf-16": (as_csv(table(), encoding="utf-16"), "WGS-84"),
    "xlsx": (as_xlsx(table()), "WGS-84"),
    "gpkg": (as_file(frame, "plants.gpkg"), None),
    "geojson": (as_file(frame, "plants.geojson"), None),
    "gpkg in a zone of CGCS2000": (as_file(lambda: frame().to_crs(4543), "plants.gpkg"), None),
    "gpkg in CGCS2000": (as_file(lambda: frame().to_crs(4490), "plants.gpkg"), None),
    "geoparquet": (geoparquet, None),
}


@pytest.mark.parametrize("form", sorted(FORMS))
def test_every_form_gives_the_same_layer(form: str, tmp_path: Path) -> None:
    build, system = FORMS[form]
    path = build(tmp_path)
    before = path.read_bytes()
    assert_is_the_list(read_layer("plants", path, crs=system))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_zipped_shapefile_needs_only_the_names_ten_bytes_cut_off(tmp_path: Path) -> None:
    mapping = {"columns": {"cap_kt": "capacity_kt"}, "units": {"cap_kt": "万吨"}}
    assert_is_the_list(read_layer("plants", shapefile()(tmp_path), mapping=mapping))


def test_a_gbk_shapefile_without_code_page_is_read_right(tmp_path: Path) -> None:
    data = frame().rename(columns={"编号": "id", "名称": "name_zh", "行业": "industry"})[
        ["id", "name_zh", "industry", "geometry"]
    ]
    data.to_file(tmp_path / "plants.shp", encoding="gbk")
    (tmp_path / "plants.cpg").unlink()
    plants = read_layer("plants", tmp_path / "plants.shp")
    assert list(plants["name_zh"]) == ["甲水泥", "乙水泥", "丙钢铁"]


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
def test_web_map_coordinates_come_home_when_declared(system: str, tmp_path: Path) -> None:
    lon, lat = systems.wgs84_to_gcj02(*np.array(PLACES).T)
    lon, lat = systems.gcj02_to_bd09(lon, lat) if system == "BD-09" else (lon, lat)
    rows = [
        HEADER,
        *(
            [*row[:4], repr(float(x)), repr(float(y)), *row[6:]]
            for row, x, y in zip(ROWS, lon, lat, strict=True)
        ),
    ]
    assert_is_the_list(read_layer("plants", as_csv(rows)(tmp_path), crs=system))


def test_projected_metres_are_read_when_declared(tmp_path: Path) -> None:
    metres = frame().to_crs(4543).geometry
    rows = [[*HEADER[:4], "东坐标", "北坐标", *HEADER[6:]]]
    rows += [[*row[:4], f"{p.x:.4f}", f"{p.y:.4f}", *row[6:]] for row, p in zip(ROWS, metres, strict=True)]
    assert_is_the_list(read_layer("plants", as_csv(rows)(tmp_path), crs="EPSG:4543"))


def test_gcj02_declared_wgs84_is_suspected_by_the_offset(tmp_path: Path, layers: wb.Layers) -> None:
    known = layers.plants.head(12)
    lon, lat = systems.wgs84_to_gcj02(known["lon"], known["lat"])
    rows = [["名称", "行业", "经度", "纬度"]]
    rows += [
        [n, i, f"{x:.6f}", f"{y:.6f}"]
        for n, i, x, y in zip(known["name_zh"], known["industry"], lon, lat, strict=True)
    ]
    told = check_file(as_csv(rows)(tmp_path), "plants", crs="WGS-84", baseline=layers)
    assert any("crs='GCJ-02'" in fault.mend and "as by the shift" in fault.found for fault in told.warnings)
    right = check_file(as_csv(rows)(tmp_path), "plants", crs="GCJ-02", baseline=layers)
    assert not any("as by the shift" in fault.found for fault in right.faults)


def test_gcj02_of_unknown_plants_is_suspected_by_the_counties_they_leave(
    tmp_path: Path, layers: wb.Layers
) -> None:
    border = layers.counties.geometry.iloc[20].boundary
    near = [border.interpolate(share, normalized=True) for share in np.linspace(0, 0.98, 120)]
    points = [
        shapely.Point(p.x + dx, p.y + dy) for p in near for dx, dy in ((2e-3, 0), (-2e-3, 0), (0, 2e-3))
    ]
    named = gpd.GeoDataFrame(geometry=points, crs=4326).sjoin(layers.counties[["county_zh", "geometry"]])
    lon, lat = systems.wgs84_to_gcj02(named.geometry.x, named.geometry.y)
    rows = [["名称", "行业", "区县", "经度", "纬度"]]
    rows += [
        [f"新{i}", "水泥", c, f"{x:.6f}", f"{y:.6f}"]
        for i, (c, x, y) in enumerate(zip(named["county_zh"], lon, lat, strict=True))
    ]
    told = check_file(as_csv(rows)(tmp_path), "plants", crs="WGS-84", baseline=layers)
    assert any("once unshifted" in fault.found for fault in told.warnings)


def test_an_office_table_with_title_totals_and_merged_cells_is_read(tmp_path: Path) -> None:
    rows = [["四川省水泥企业名单（2014年）"], [], *table(), ["合计", "", "", "", "", "", "620", ""]]
    build = as_xlsx(rows, lambda book: book.active.merge_cells("D4:D5"))
    report = check_file(build(tmp_path), "plants", crs="WGS-84")
    assert report.ok, report.faults
    assert list(report.usable()["prefecture_zh"]) == ["成都市", "成都市", "攀枝花市"]
    assert {"skip_title_rows", "skip_totals", "fill_merged_cells"} <= {
        repair.name for repair in report.repairs
    }


def test_a_formula_with_a_saved_value_is_used_and_flagged(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "plants.xlsx"))
    page = book.add_worksheet()
    for number, row in enumerate(table()):
        page.write_row(number, 0, row)
    page.write_formula(1, 6, "=100+20", None, 120)
    book.close()
    report = check_file(tmp_path / "plants.xlsx", "plants", crs="WGS-84")
    assert_is_the_list(report.usable())  # type: ignore[arg-type]
    assert [(fault.row, fault.found) for fault in report.warnings] == [(2, "=100+20")]


def test_units_in_cells_headers_and_mapping_all_come_home(tmp_path: Path) -> None:
    cells = table({(1, 6): "1.2百万吨", (2, 6): "200", (3, 6): "300万吨/年"})
    assert_is_the_list(read_layer("plants", as_csv(cells)(tmp_path), crs="WGS-84"))
    daily = table({(0, 6): "熟料产能", (1, 6): "4000吨/日", (2, 6): "5000 t/d", (3, 6): "3000千吨"})
    plants = read_layer(
        "plants", as_csv(daily)(tmp_path), crs="WGS-84", mapping={"columns": {"熟料产能": "capacity_kt"}},
        options=ImportOptions(days_per_year=310),
    )  # fmt: skip
    assert list(plants["capacity_kt"]) == [1240, 1550, 3000]


def test_degrees_minutes_and_seconds_are_read(tmp_path: Path) -> None:
    rows = table({(1, 4): "104°06′00″", (1, 5): "30°42′00″N", (2, 4): "东经104度24分"})
    assert_is_the_list(read_layer("plants", as_csv(rows)(tmp_path), crs="WGS-84"))


DEGREES = [
    "104°03′30″E", "104°03'30\"", "E104°03′30″", "东经104度3分30秒", "104°3.5′", "104 03 30", "104.0583333°E",
    "１０４．０５８３３３３",
]  # fmt: skip


@pytest.mark.parametrize("text", DEGREES)
def test_every_way_to_write_a_degree_is_read(text: str) -> None:
    assert parse_degrees(text) == pytest.approx(104 + 3.5 / 60, abs=1e-6)


def test_an_office_workbook_is_read_as_it_comes(tmp_path: Path, layers: wb.Layers) -> None:
    book = openpyxl.Workbook()
    book.active.append(["填表说明：请按附表填写"])
    hidden = book.create_sheet("旧表")
    hidden.sheet_state = "hidden"
    for row in table():
        hidden.append(row)
    page = book.create_sheet("附表1")
    page.append(["四川省水泥、钢铁企业名单（2013年）"])
    page.append(["企业名称", "所属行业", "所在市州", "地理坐标", None, "产能（万吨/年）", "投产时间"])
    page.append([None, None, None, "经度", "纬度", None, None])
    page.append(["甲水泥", "水泥", "成都", "104.10", "30.70", "１２０", "2008年6月"])
    page.append(["乙水泥", "水泥", "德阳市", "１０４．４０", "31.10", "1,200", "2010/3/1"])
    page.append(["合计", None, None, None, None, "1320", None])
    for cells in ("A1:G1", "D2:E2", *(f"{column}2:{column}3" for column in "ABCFG")):
        page.merge_cells(cells)
    book.save(tmp_path / "名单.xlsx")
    before = (tmp_path / "名单.xlsx").read_bytes()
    report = check_file(tmp_path / "名单.xlsx", "plants", crs="WGS-84", baseline=layers)
    plants = report.usable()
    assert list(plants["capacity_kt"]) == [1200, 12000]
    assert list(plants["commissioned_year"]) == [2008, 2010]
    assert list(plants["prefecture_zh"]) == ["成都市", "德阳市"]
    assert (tmp_path / "名单.xlsx").read_bytes() == before


def test_a_mapping_file_names_columns_units_words_and_system(tmp_path: Path) -> None:
    rows = table(header=["No", "Firm", "Branch", "City", "E", "N", "Cap", "Since"])
    rows[1][2] = "熟料厂"
    (tmp_path / "map.toml").write_text(
        'crs = "WGS-84"\n[columns]\nNo = "id"\nFirm = "name_zh"\nBranch = "industry"\nE = "lon"\nN = "lat"\n'
        'Cap = "capacity_kt"\nSince = "commissioned_year"\n[units]\nCap = "万吨"\n'
        '[values.industry]\n"熟料厂" = "cement"\n',
        encoding="utf-8",
    )
    assert_is_the_list(read_layer("plants", as_csv(rows)(tmp_path), mapping=tmp_path / "map.toml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("values = 1", "values"),
        ("[values]\nindustry = 1", r"values\.industry"),
        ("[values.industry]\nx = 1", r"values\.industry"),
        ("columns = []", "columns"),
        ("days_per_year = 0", "days_per_year"),
        ("days_per_year = -5", "days_per_year"),
        ("days_per_year = nan", "days_per_year"),
        ("crs = " + "[" * 5000, "TOML"),
    ],
)
def test_a_mapping_file_that_is_none_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_layer("plants", as_csv(table())(tmp_path), crs="WGS-84", mapping=tmp_path / "map.toml")


def test_short_prefectures_are_completed_and_empty_ones_found_by_position(
    tmp_path: Path, layers: wb.Layers
) -> None:
    rows = table({(1, 3): "成都", (2, 3): "", (3, 3): "攀枝花"})
    report = check_file(as_csv(rows)(tmp_path), "plants", crs="WGS-84", baseline=layers)
    assert list(report.usable()["prefecture_zh"]) == ["成都市", "德阳市", "攀枝花市"]
    counts = {repair.name: repair.count for repair in report.repairs}
    assert (counts["complete_prefecture"], counts["prefecture_from_position"]) == (2, 1)


def test_rows_without_id_find_theirs_by_name_or_get_a_new_one(tmp_path: Path, layers: wb.Layers) -> None:
    known = layers.plants.loc["ST02"]
    rows = [row[1:] for row in table({(3, 1): known["name_zh"], (3, 4): known["lon"], (3, 5): known["lat"]})]
    plants = read_layer("plants", as_csv(rows)(tmp_path), crs="WGS-84", baseline=layers)
    assert sorted(plants.index) == ["ST02", "user-plants-2", "user-plants-3"]


def test_polygons_are_repaired_by_name(tmp_path: Path) -> None:
    bowtie = shapely.Polygon([(103, 30), (104, 31), (104, 30), (103, 31)])
    data = gpd.GeoDataFrame({"名称": ["保护区"], "类别": ["自然保护区"]}, geometry=[bowtie], crs=4326)
    report = check_file(as_file(lambda: data, "eco.gpkg")(tmp_path), "ecology")
    area = report.usable()
    assert area.geometry.is_valid.all()  # type: ignore[union-attr]
    assert {repair.name: repair.count for repair in report.repairs}["make_valid"] == 1


# Column names as the publishers write them; the second row lies outside the province.
PRESET_FILES = {
    "wdpa": {
        "WDPAID": [1, 2], "WDPA_PID": ["1", "2"], "NAME": ["Wolong", "x"], "ORIG_NAME": ["卧龙", "x"],
        "DESIG": ["世界遗产", "x"], "DESIG_ENG": ["World Heritage Site (natural or mixed)", "Nature Reserve"],
        "IUCN_CAT": ["V", "Ia"], "REP_AREA": [200.0, 1.0], "GIS_AREA": [210.0, 1.0], "STATUS_YR": [1975, 1],
    },
    "redline": {
        "OBJECTID": [1, 2], "XZQDM": ["513221", "1"], "XZQMC": ["汶川县", "x"], "HXMC": ["岷山红线", "x"],
        "HXBM": ["R1", "R2"], "HXLX": ["生物多样性维护", "x"], "HXMJ": [12.0, 1.0],
    },
}  # fmt: skip
PRESET_GIVES = {
    "wdpa": ("卧龙", "world_heritage", 200.0),
    "redline": ("岷山红线", "ecological_redline", 12.0),
}


@pytest.mark.parametrize("preset", sorted(PRESET_FILES))
def test_files_nobody_may_pass_on_are_read_by_preset_and_clipped(
    preset: str, tmp_path: Path, layers: wb.Layers
) -> None:
    shapes = [shapely.box(103.0, 30.9, 103.2, 31.1), shapely.box(116, 39, 117, 40)]
    data = gpd.GeoDataFrame(PRESET_FILES[preset], geometry=shapes, crs=4326)
    report = check_file(
        as_file(lambda: data, "areas.gpkg")(tmp_path), "ecology", mapping=preset, baseline=layers
    )
    areas = report.usable()
    assert len(areas) == 1
    assert areas["prefecture_zh"].iloc[0] == "阿坝藏族羌族自治州"
    assert tuple(areas.iloc[0][["name_zh", "category", "area_km2"]]) == PRESET_GIVES[preset]
    assert {repair.name: repair.count for repair in report.repairs}["clip_to_boundaries"] == 1


def test_geoboundaries_replace_shapes_and_keep_every_figure(tmp_path: Path, layers: wb.Layers) -> None:
    shapes = layers.prefectures.geometry.simplify(0.02).reset_index(drop=True)
    data = gpd.GeoDataFrame({"shapeName": [f"P{i}" for i in shapes.index]}, geometry=shapes, crs=4326)
    path = as_file(lambda: data, "adm2.geojson")(tmp_path)
    report = check_file(path, "prefectures", mapping="geoboundaries", baseline=layers)
    proposal = import_layer(report, layers, how="override")
    assert set(proposal.changes["column"]) <= {"geometry", "name_en", "source", "area_km2"}
    after = proposal.confirm().prefectures
    assert list(after["gdp_2013_cny_100m"]) == list(layers.prefectures["gdp_2013_cny_100m"])
    assert not after.geometry.equals(layers.prefectures.geometry)


def test_a_table_the_baseline_leaves_empty_is_filled_from_a_planners_file(
    tmp_path: Path, layers: wb.Layers
) -> None:
    path = written(tmp_path, "编号,市（州）,指标,上限\n1,雅安市,coal_kt,1200\n")
    mine = layers.with_(resource_caps=read_layer("resource_caps", path))
    told = wb.region.headroom.budgets(mine).set_index(["prefecture_zh", "resource"])
    assert told.loc[("雅安市", "coal_kt"), "cap"] == 1200
    assert told["cap"].notna().sum() == 1


@pytest.mark.parametrize("kind", sorted(set(SCHEMAS) - {"resource_caps"}))
def test_the_baseline_itself_passes_and_changes_nothing(kind: str, tmp_path: Path, layers: wb.Layers) -> None:
    some = layers[kind].head(400)
    report = check_file(save_layer(some, kind, tmp_path), kind, baseline=layers)
    assert not any("shift" in fault.found for fault in report.faults)
    assert import_layer(report, layers, how="override").changes.empty


def test_an_unknown_kind_and_an_unusable_file_raise(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="plants"):
        check_file(tmp_path / "x.csv", "factories")
    with pytest.raises(DataError, match="no reference system"):
        read_layer("plants", as_csv(table())(tmp_path))


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_known_item_needs_only_its_id_and_what_changes(tmp_path: Path, layers: wb.Layers) -> None:
    first, second = layers.plants.index[layers.plants["industry"].eq("cement")][:2]
    report = check_file(
        written(tmp_path, f"编号,产能（万吨）\n{first},321\n{second},\n"), "plants", baseline=layers
    )
    assert report.ok, report.faults
    (change,) = import_layer(report, layers, how="override").changes.to_dict("records")
    assert (change["id"], change["column"], change["after"]) == (first, "capacity_kt", 3210)


def test_ids_alone_change_nothing(tmp_path: Path, layers: wb.Layers) -> None:
    rows = "".join(f"{label},\n" for label in layers.plants.index)
    report = check_file(written(tmp_path, f"编号,产能（万吨）\n{rows}"), "plants", baseline=layers)
    assert report.ok, report.faults
    assert import_layer(report, layers, how="override").changes.empty


def test_a_new_item_beside_a_known_one_still_needs_everything(tmp_path: Path, layers: wb.Layers) -> None:
    first = layers.plants.index[0]
    report = check_file(
        written(tmp_path, f"编号,产能（万吨）\n{first},321\nNEW1,10\n"), "plants", baseline=layers
    )
    assert {"name_zh", "industry", "geometry"} <= {fault.field for fault in report.errors}
    text = f"编号,名称,行业,产能（万吨）,经度,纬度\n{first},,,321,,\nNEW1,,cement,10,104.1,31.2\n"
    report = check_file(written(tmp_path, text), "plants", crs="WGS-84", baseline=layers)
    assert [(fault.field, fault.row) for fault in report.errors] == [("name_zh", 3)]


@pytest.mark.parametrize("ending", ["csv", "geojson"])
@pytest.mark.parametrize("text", [*CONTROLS, *BIDI])
def test_no_cell_brings_in_what_acts_on_a_terminal_or_a_page(text: str, ending: str, tmp_path: Path) -> None:
    columns = {
        "编号": "T1",
        "名称": "甲",
        "行业": "水泥",
        "产能（万吨）": "100",
        "市州": "成都市",
        "业主": f"乙{text}",
    }
    path = tmp_path / f"plants.{ending}"
    if ending == "csv":
        cells = {**columns, "经度": "104", "纬度": "30.6", "业主": f'"乙{text}"'}
        path.write_bytes(f"{','.join(cells)}\n{','.join(cells.values())}\n".encode("utf-8", "surrogatepass"))
    else:
        feature = {
            "type": "Feature",
            "properties": columns,
            "geometry": {"type": "Point", "coordinates": [104, 30]},
        }
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    report = check_file(path, "plants", crs="WGS-84")
    if not report.ok:
        assert "\x00" in text or "\ud800" in text, "refused as no text"
        return
    owner = report.usable().at["T1", "owner"]
    assert owner.startswith("乙")
    assert owner == unmarked(owner)
    assert not controls(owner)
    told = sum(repair.name == "drop_controls" for repair in report.repairs)
    held = controls(text) and not {"\x00", "\ud800"} & set(text)  # GDAL ends a text there, or replaces it
    assert told == bool(held)


@pytest.mark.parametrize("days", [0, -5, 1e9, float("nan"), float("inf")])
def test_no_year_runs_such_days(days):
    with pytest.raises(DataError, match="at most 366"):
        ImportOptions(days_per_year=days)
