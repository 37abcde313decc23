"""Is it the same works? Offered by name, number and distance; answered by the planner; never guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

import workbench as wb
from tests.layers.imports.builders import as_csv, as_xlsx
from workbench.cli import main
from workbench.errors import DataError
from workbench.layers.imports import (
    FaultReport,
    ImportOptions,
    check_file,
    import_layer,
    read_answers,
    save_layer,
    with_folder,
    write_offers,
)
from workbench.layers.imports.alike import core
from workbench.layers.imports.answers import keep_new
from workbench.layers.imports.overlay import with_folder as overlay

HEAD = ["编号", "名称", "行业", "经度", "纬度", "产能（万吨）"]


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    return int(stop.value.code or 0)


@pytest.fixture(scope="module")
def known(layers: wb.Layers) -> gpd.GeoDataFrame:
    return layers.plants[layers.plants["industry"].eq("cement")].head(6)


def own(known: gpd.GeoDataFrame, **changes: Any) -> list[list[str]]:
    """Known works under numbers of the planner's own, each row changed alike."""
    rows = [HEAD]
    for number, (_, works) in enumerate(known.iterrows(), start=1):
        row = {
            "name": works["name_zh"],
            "industry": "水泥",
            "lon": works["lon"],
            "lat": works["lat"],
            "size": False,
            **changes,
        }
        wan_t = works["capacity_kt"] / 10 if row["size"] else 100
        name = row["name"](works["name_zh"]) if callable(row["name"]) else row["name"]
        rows.append(
            [str(number), name, row["industry"], f"{row['lon']:.6f}", f"{row['lat']:.6f}", str(wan_t)]
        )
    return rows


def check(rows: list[list[str]], folder: Path, layers: wb.Layers, **options: Any) -> FaultReport:
    path = as_csv(rows)(folder)
    return check_file(path, "plants", crs="WGS-84", baseline=layers, options=ImportOptions(**options))


def test_known_works_under_own_numbers_are_offered_not_doubled(
    known: gpd.GeoDataFrame, layers: wb.Layers, tmp_path: Path
) -> None:
    report = check(own(known), tmp_path, layers)
    assert not report.ok
    assert [offer.known for offer in report.offers] == list(known.index)
    assert all("same name, 0 m apart" in offer.evidence for offer in report.offers)
    accepted = check(own(known), tmp_path, layers, same="yes")
    proposal = import_layer(accepted, layers)
    assert len(proposal.added) == 0
    assert list(accepted.usable().index) == sorted(known.index)
    refused = check(own(known), tmp_path, layers, same="no")
    assert len(import_layer(refused, layers).added) == len(known)


def test_answers_go_row_by_row_and_what_is_open_stays_open(
    known: gpd.GeoDataFrame, layers: wb.Layers, tmp_path: Path
) -> None:
    report = check(own(known), tmp_path, layers, same={"1": known.index[0], "2": "new"})
    assert [offer.key for offer in report.offers] == ["3", "4", "5", "6"]
    answers = {str(n): "yes" if n % 2 else "否" for n in range(1, 7)}
    path = write_offers(check(own(known), tmp_path, layers).offers, tmp_path / "offers.csv", answers)
    read = read_answers(path)
    assert read == {str(n): known.index[n - 1] if n % 2 else "new" for n in range(1, 7)}
    done = check(own(known), tmp_path, layers, same=read)
    assert set(done.usable().index) == {*known.index[::2], "2", "4", "6"}


def test_answers_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("key,known,answer\n1,CM01,maybe\n", encoding="utf-8")
    with pytest.raises(DataError, match="maybe"):
        read_answers(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError) as told:
        read_answers(tmp_path / "a.csv")
    assert [(f.file, f.field) for f in told.value.faults] == [
        ("a.csv", n) for n in ("key", "known", "answer")
    ]
    rows = "key,known,answer\n1,CM01,perhaps\n,CM02,yes\n3,,yes\n4,CM04,no\n4,CM05,yes\n5,,\n"
    (tmp_path / "a.csv").write_text(rows, encoding="gb18030")
    with pytest.raises(DataError) as told:
        read_answers(tmp_path / "a.csv")
    assert [(f.row, f.field) for f in told.value.faults] == [
        (2, "answer"),
        (3, "key"),
        (4, "known"),
        (6, "answer"),
    ]


def test_answers_come_back_as_the_workbook_a_planner_saved(tmp_path: Path) -> None:
    rows = [
        ["row", "key", "known", "answer"],
        [2, 1, "CM01", "是"],
        [3, "乙厂", "CM02", "no"],
        [4, 3, "CM03", None],
    ]
    assert read_answers(as_xlsx(rows)(tmp_path)) == {"1": "CM01", "乙厂": "new"}


def test_answers_kept_in_a_folder_are_held_to_its_layers(layers: wb.Layers, tmp_path: Path) -> None:
    rows = [HEAD, ["1", "甲乙水泥", "水泥", "104.001", "31.5", "120"]]
    as_csv(rows)(tmp_path).rename(tmp_path / "plants.csv")
    (tmp_path / "answers.csv").write_text("key,known,answer\n1,NOPE,yes\n2,CM01,yes\n", encoding="utf-8")
    with pytest.raises(DataError) as told:
        with_folder(layers, tmp_path)
    assert [(f.file, f.field, f.found) for f in told.value.faults] == [
        ("answers.csv", "known", "1 answered to be NOPE")
    ]
    (tmp_path / "answers.csv").write_text("key,known,answer\n1,NOPE,perhaps\n", encoding="utf-8")
    (tmp_path / "plants.csv").write_text("编号,名称,行业,经度,纬度\n1,甲,水泥,x,31\n", encoding="utf-8")
    with pytest.raises(DataError) as told:
        with_folder(layers, tmp_path)
    found = {(fault.file, fault.row, fault.field) for fault in told.value.faults}
    assert found == {("answers.csv", 2, "answer"), ("plants.csv", 2, "lon")}


EVIDENCE = {
    "no legal form": ({"name": lambda n: core(n)}, True),
    "full width and spaces": ({"name": lambda n: f" {n} ".replace("水", "水\u200b")}, True),
    "another name beside it": ({"name": "全新水泥"}, False),
    "another name at one spot for one capacity": ({"name": "全新水泥", "size": True}, True),
}


@pytest.mark.parametrize("case", sorted(EVIDENCE))
def test_names_written_otherwise_are_asked_about_as_surely_as_their_evidence(
    case: str, known: gpd.GeoDataFrame, layers: wb.Layers, tmp_path: Path
) -> None:
    changes, sure = EVIDENCE[case]
    offers = check(own(known.head(1), **changes), tmp_path, layers).offers
    assert [(offer.known, offer.sure) for offer in offers] == [(known.index[0], sure)]


def test_other_trades_and_other_places_are_not_offered(
    known: gpd.GeoDataFrame, layers: wb.Layers, tmp_path: Path
) -> None:
    assert not check(own(known.head(1), industry="钢铁"), tmp_path, layers).offers
    away = own(known.head(1), name="全新水泥", lon=known["lon"].iloc[0] + 0.05)
    assert not check(away, tmp_path, layers).offers


WRITTEN = {
    "full width": lambda i: "".join(chr(ord(c) + 0xFEE0) for c in i), "lower case": str.lower,
    "invisible": lambda i: f"\u200b{i}\ufeff", "looks": lambda i: f"{i[:2]}\ufe0f{i[2:]}\U000e0101\u3164",
    "spaces": lambda i: f" {i[:2]} {i[2:]}\u00a0",
}  # fmt: skip


@pytest.mark.parametrize("form", sorted(WRITTEN))
def test_an_id_is_the_same_however_it_is_written(
    form: str, known: gpd.GeoDataFrame, layers: wb.Layers, tmp_path: Path
) -> None:
    label = str(known.index[0])
    report = check([["编号", "产能（万吨）"], [WRITTEN[form](label), "321"]], tmp_path, layers)
    assert list(report.usable().index) == [label]
    line = check_file(
        as_csv([["编号", "企业编号", "行业"], ["L-NEW", WRITTEN[form](label), "水泥"]])(tmp_path), "lines",
        crs="WGS-84", baseline=layers,
    )  # fmt: skip
    assert not any(fault.field == "plant_id" for fault in line.faults)


def test_one_id_written_twice_stands_twice(layers: wb.Layers, tmp_path: Path) -> None:
    rows = [HEAD, ["N1", "甲", "水泥", "104.1", "30.7", "1"], ["Ｎ１", "乙", "水泥", "104.3", "30.9", "1"]]
    assert [fault.row for fault in check(rows, tmp_path, layers).errors] == [2, 3]


def test_an_own_number_that_is_another_works_id_is_told(
    known: gpd.GeoDataFrame, layers: wb.Layers, tmp_path: Path
) -> None:
    label = str(known.index[0])
    rows = [HEAD, [label, "全新水泥", "水泥", f"{known['lon'].iloc[0] - 2:.4f}", "29.5", "100"]]
    report = check(rows, tmp_path, layers)
    assert [(fault.field, fault.row) for fault in report.errors] == [("id", 2)]
    assert check(rows, tmp_path, layers, same={label: label}).ok


def test_a_folder_of_own_layers_asks_until_it_is_answered(
    known: gpd.GeoDataFrame, layers: wb.Layers, tmp_path: Path
) -> None:
    mine = check(own(known.head(1)), tmp_path, layers, same="no").usable()
    save_layer(mine, "plants", tmp_path / "mine")
    with pytest.raises(DataError, match="the same as"):
        with_folder(layers, tmp_path / "mine")
    keep_new(tmp_path / "mine", mine.index)
    assert "1" in overlay(layers, tmp_path / "mine").plants.index


def test_the_command_line_offers_takes_answers_and_remembers_them(
    known: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path, offers, into = as_csv(own(known.head(2)))(tmp_path), tmp_path / "offers.csv", tmp_path / "mine"
    assert call("data", "check", path, "--crs", "WGS-84", "--offers", offers) == 2
    lines = offers.read_text(encoding="utf-8-sig").splitlines()
    filled = [f"{line[: line.rindex(',')]},{word}" for line, word in zip(lines[1:], "yn", strict=True)]
    offers.write_text("\n".join([lines[0], *filled]), encoding="utf-8")
    options = ("--crs", "WGS-84", "--same", offers, "--into", into, "--yes")
    assert call("data", "import", path, *options) == 0
    plants = with_folder(wb.load(), into).plants
    assert plants.at[known.index[0], "capacity_kt"] == 1000
    assert "2" in plants.index


# A region of two counties far from the baseline's, made for this test.
def region(folder: Path) -> Path:
    counties = gpd.GeoDataFrame(
        {"id": ["990101", "990102"], "county_zh": ["东县", "西县"], "prefecture_zh": ["甲市", "甲市"]},
        geometry=[shapely.box(110, 25, 111, 26), shapely.box(109, 25, 110, 26)], crs=4326,
    )  # fmt: skip
    counties.to_file(folder / "counties.gpkg")
    return folder / "counties.gpkg"


def foreign(folder: Path) -> Path:
    rows = [
        ["编号", "名称", "行业", "市州", "区县", "经度", "纬度"],
        ["F1", "外一水泥", "水泥", "甲", "东县", "110.5", "25.5"],
        ["F2", "外二水泥", "水泥", "", "西县", "110.003", "25.5"],
        ["F3", "外三水泥", "水泥", "甲市", "东县", "109.5", "25.5"],
    ]
    return as_csv(rows)(folder)


def test_a_place_is_where_the_loaded_boundaries_say(layers: wb.Layers, tmp_path: Path) -> None:
    report = check_file(region(tmp_path), "counties", baseline=layers)
    assert not report.faults
    mine = import_layer(report, layers).confirm()
    without = check_file(foreign(tmp_path), "plants", crs="WGS-84", baseline=layers)
    assert {fault.expected for fault in without.warnings} >= {"a place in the boundaries loaded"}
    told = check_file(foreign(tmp_path), "plants", crs="WGS-84", baseline=mine)
    assert [(fault.row, fault.field) for fault in told.faults] == [(4, "county_zh")]  # F3 lies in the other
    assert list(told.usable()["prefecture_zh"]) == ["甲市"] * 3
    assert not any("四川" in str(fault) or "Sichuan" in str(fault) for fault in without.faults)


def test_another_region_comes_in_by_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into, plants = tmp_path / "region", foreign(tmp_path)
    assert call("data", "import", region(tmp_path), "--kind", "counties", "--into", into, "--yes") == 0
    capsys.readouterr()
    assert call("data", "check", plants, "--crs", "WGS-84", "--data", into) == 0
    assert "1 警告 warnings" in capsys.readouterr().out
