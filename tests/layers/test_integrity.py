"""Every table is held to its schema: the baseline passes whole, and each way of breaking it is caught."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pandas as pd
import pytest

import workbench as wb
from workbench.errors import DataError
from workbench.layers import catalog, integrity
from workbench.layers.imports.answers import keep_new
from workbench.layers.imports.overlay import with_folder
from workbench.layers.imports.user_files import check_file
from workbench.layers.integrity import check_baseline
from workbench.layers.schema import SCHEMAS, TABLES, Field, LayerSchema, heading_key

EMPTY = {"resource_caps"}  # what nobody published waits for a planner's own rows


def test_every_table_of_the_catalogue_has_a_schema_and_the_other_way_round() -> None:
    assert set(SCHEMAS) == set(catalog.catalogue())
    beside = {path.name for schema in TABLES.values() for path in catalog.GEODATA.glob(schema.file)}
    assert beside == {
        path.name for folder in ("assumptions", "policy") for path in (catalog.GEODATA / folder).glob("*.csv")
    }


def test_the_whole_baseline_holds_to_its_schemas(layers: wb.Layers) -> None:
    assert check_baseline(layers) == []


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_no_heading_of_a_layer_means_two_columns(name: str) -> None:
    headings = [
        (key, field.name)
        for field in SCHEMAS[name]
        for key in {heading_key(text) for text in (field.name, field.description_zh)}
    ]
    meanings = pd.DataFrame(headings, columns=["heading", "column"]).groupby("heading")["column"].nunique()
    assert meanings.max() == 1, list(meanings.index[meanings > 1])


def test_only_tables_that_nobody_published_are_empty(layers: wb.Layers) -> None:
    assert {name for name in layers if layers[name].empty} == EMPTY


def spoilt(field: Field) -> Iterator[object]:
    """Values no row of a column may hold."""
    if field.required:
        yield None
    if field.dtype in ("number", "integer"):
        yield "viel"
        yield from (bound + step for bound, step in ((field.min, -1), (field.max, 1)) if bound is not None)
    elif field.dtype == "boolean":
        yield "vielleicht"
    elif field.allowed or field.refers:
        yield "niemand"
    elif field.pattern:
        yield " "


@pytest.mark.parametrize("name", sorted(set(SCHEMAS) - EMPTY))
def test_a_spoilt_cell_is_caught_where_it_stands(layers: wb.Layers, name: str) -> None:
    frame = layers[name].head(3)
    before = set(check_baseline(layers.with_(**{name: frame}), [name]))
    faults = {field.name: list(spoilt(field)) for field in SCHEMAS[name] if field.name in frame}
    for values in zip_longest(*faults.values(), fillvalue=frame):  # one kind of fault per column at a time
        cells = {}
        for column, value in zip(faults, values, strict=True):
            if value is not frame:
                cells[column] = frame[column].astype(object)
                cells[column].iloc[-1] = value
        told = set(check_baseline(layers.with_(**{name: frame.assign(**cells)}), [name])) - before
        assert {(len(frame) + 1, column) for column in cells} <= {(f.row, f.field) for f in told}
    assert any(faults.values())


RULES = [
    (name, rule, columns)
    for name, schema in SCHEMAS.items()
    for rule in ("ordered", "together")
    for columns in getattr(schema, rule)
]


@pytest.mark.parametrize(("name", "rule", "columns"), RULES)
def test_a_broken_rule_across_columns_is_caught(
    layers: wb.Layers, name: str, rule: str, columns: tuple[str, ...]
) -> None:
    frame = layers[name].head(2).astype(dict.fromkeys(columns, object))
    values = range(len(columns), 0, -1) if rule == "ordered" else [1, *[""] * (len(columns) - 1)]
    frame.loc[frame.index[0], list(columns)] = list(values)
    told = integrity.check_rules(frame.set_axis([2, 3]), SCHEMAS[name], "f")
    assert {fault.field for fault in told if fault.row == 2} >= set(columns[1:])


def test_a_column_nobody_declared_and_a_lost_one_are_told(layers: wb.Layers) -> None:
    odd = layers.caps.rename(columns={"cap_kt": "cap"})
    told = {(fault.field, fault.found) for fault in check_baseline(layers.with_(caps=odd), ["caps"])}
    assert told == {("cap", "a column without schema"), ("cap_kt", "no such column")}
    twice = pd.concat([layers.caps, layers.caps.head(1)])
    (first, second) = check_baseline(layers.with_(caps=twice), ["caps"])
    assert (first.row, second.row, first.field) == (2, 6, "id")


def test_an_assumption_outside_its_own_range_or_without_source_is_caught(
    layers: wb.Layers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(catalog.GEODATA / "policy", tmp_path / "policy")
    (tmp_path / "assumptions").mkdir()
    (tmp_path / "assumptions" / "mine.csv").write_text(
        "id,value,unit,low,high,kind,reason,source,confidence\n"
        "a.b,5,km,6,7,assumed,why,judgement,low\na.c,1,,0,,guessed,why,nobody,low\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(integrity, "GEODATA", tmp_path)
    told = {(fault.row, fault.field) for fault in check_baseline(layers, TABLES)}
    assert told == {(2, "value"), (3, "unit"), (3, "high"), (3, "kind"), (3, "source")}


def lines(layers: wb.Layers, **changes: object) -> str:
    row = (
        layers.lines.drop(columns="geometry").head(1).assign(**changes).set_axis(["NEW-1"]).rename_axis("id")
    )
    return row.to_csv()


def test_a_line_of_no_plant_is_refused_and_an_odd_county_questioned(
    layers: wb.Layers, tmp_path: Path
) -> None:
    text = lines(layers, plant_id="NOBODY", county_zh="无此县", source="my-own-list")
    (tmp_path / "lines.csv").write_text(text, encoding="utf-8")
    report = check_file(tmp_path / "lines.csv", "lines", crs="WGS-84", baseline=layers)
    assert [(fault.row, fault.field, fault.found) for fault in report.errors] == [(2, "plant_id", "NOBODY")]
    assert ("county_zh", "无此县") in {(fault.field, fault.found) for fault in report.warnings}
    assert not any(fault.field == "source" for fault in report.faults)


def test_a_folder_may_bring_a_plant_together_with_its_lines(layers: wb.Layers, tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(lines(layers, plant_id="P-NEW"), encoding="utf-8")
    with pytest.raises(DataError, match="P-NEW"):
        with_folder(layers, tmp_path)
    plant = layers.plants.drop(columns="geometry").head(1).set_axis(["P-NEW"]).rename_axis("id")
    (tmp_path / "plants.csv").write_text(plant.to_csv(), encoding="utf-8")
    with pytest.raises(DataError, match="the same as"):  # it stands where a known one does
        with_folder(layers, tmp_path)
    keep_new(tmp_path, ["P-NEW"])
    assert "NEW-1" in with_folder(layers, tmp_path).lines.index


def test_a_park_keeps_the_trades_the_table_knows(layers: wb.Layers, tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text(
        "编号,类别,名称,市州,经度,纬度,主导产业\nS9,园区,甲园,德阳,104.4,31.1,水泥、钢铁、医药\n",
        encoding="utf-8",
    )
    report = check_file(tmp_path / "sites.csv", "sites", crs="WGS-84", baseline=layers)
    assert report.usable()["industries"].tolist() == ["cement;steel"]
    assert any("医药" in fault.found for fault in report.warnings)


def test_a_schema_is_read_with_its_groups_and_overrides() -> None:
    text = """
    [group]
    cited = ["source*"]
    [field]
    id = { zh = "编号", en = "id" }
    source = { zh = "来源", en = "source", refers = "sources" }
    [layer.x]
    zh = "甲"
    en = "x"
    fields = ["id*", "@cited"]
    [layer.x.field]
    source = { refers = ["a", "b.c"] }
    """
    from workbench.layers.schema import read_schemas

    schema: LayerSchema = read_schemas(text)["x"]
    assert schema.required == ("id", "source")
    assert schema.fields["source"].refers == ("a", "b.c")
