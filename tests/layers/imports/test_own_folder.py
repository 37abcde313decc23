"""Several lists brought into one folder: nothing kept before vanishes, nothing stands there twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import workbench as wb
from tests.layers.imports.builders import as_csv
from workbench.cli import main
from workbench.layers.imports import FaultReport, ImportOptions, check_file, with_folder
from workbench.layers.imports.overlay import has_layers, keep_rows

HEAD = ["编号", "名称", "行业", "经度", "纬度", "产能（万吨）"]


def bring(folder: Path, rows: list[list[str]], layers: wb.Layers, same: Any = None) -> FaultReport:
    """Check a list against what the folder holds, and keep it there when it is usable."""
    held = with_folder(layers, folder) if has_layers(folder) else layers
    options = ImportOptions(same=same)
    report = check_file(as_csv(rows)(folder.parent), "plants", crs="WGS-84", baseline=held, options=options)
    if report.ok:
        keep_rows(report.usable(), "plants", layers, folder)
    return report


def test_a_second_list_adds_to_the_first_and_blanks_erase_nothing(
    tmp_path: Path, layers: wb.Layers, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = (
        [HEAD, ["A1", "甲乙水泥", "水泥", "104.001", "31.5", "120"], ["CM03", "", "", "", "", "650"]],
        [HEAD, ["a１", "", "", "", "", "90"], ["B1", "丙丁水泥", "水泥", "105.2", "30.9", "80"]],
    )
    for rows in lists:
        with pytest.raises(SystemExit, match="0"):
            main(["data", "import", str(as_csv(rows)(tmp_path)), "--crs", "WGS-84", "--yes",
                  "--into", str(tmp_path / "mine")])  # fmt: skip
    assert "1 added, 1 changed (1 cells)" in capsys.readouterr().out
    plants = with_folder(layers, tmp_path / "mine").plants
    assert plants.loc[["A1", "B1", "CM03"], "capacity_kt"].tolist() == [900, 800, 6500]
    assert plants.at["A1", "name_zh"] == "甲乙水泥"
    assert plants.at["CM03", "name_zh"] == layers.plants.at["CM03", "name_zh"]


def test_rows_without_ids_of_two_lists_stay_apart(tmp_path: Path, layers: wb.Layers) -> None:
    for name, lon in [("甲乙水泥", "104.001"), ("丙丁水泥", "105.2"), ("甲乙水泥", "104.001")]:
        bring(tmp_path / "mine", [HEAD[1:], [name, "水泥", lon, "31.5", "10"]], layers)
    plants = with_folder(layers, tmp_path / "mine").plants  # each stood in row 2; the third is the first
    mine = plants[plants.index.str.startswith("user-")]
    assert sorted(mine["name_zh"]) == ["丙丁水泥", "甲乙水泥"]


def test_a_works_brought_before_is_offered_under_another_number(tmp_path: Path, layers: wb.Layers) -> None:
    works, mine = ["甲乙水泥", "水泥", "104.001", "31.5", "120"], tmp_path / "mine"
    assert bring(mine, [HEAD, ["1", *works]], layers).ok
    asked = bring(mine, [HEAD, ["7", *works]], layers)
    assert not asked.ok
    assert [offer.known for offer in asked.offers] == ["1"]
    assert bring(mine, [HEAD, ["7", *works]], layers, same="yes").ok
    assert with_folder(layers, mine).plants.index.isin(["1", "7"]).sum() == 1
