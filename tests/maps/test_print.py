"""Printed sheets: every glyph present, legend true, scale measured, files the same each time."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tests.maps.world import tiny_layers, tiny_plan
from workbench import crs
from workbench.errors import WorkbenchError
from workbench.maps import PrintOptions, describe_layers, describe_plan, print_map, sheet
from workbench.maps.assets import STATIC
from workbench.maps.layout import SIZES_MM, compose, legend_entries


@pytest.mark.parametrize("name", ["map.png", "map.pdf"])
def test_sheet_is_written_without_a_missing_glyph(name, tmp_path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = print_map(tiny_plan(), tmp_path / name, "A4")
    assert path.stat().st_size > 20_000


def test_same_plan_prints_the_same_file(tmp_path) -> None:
    one, two = (print_map(tiny_plan(), tmp_path / f"{n}.pdf", "A4") for n in "ab")
    assert one.read_bytes() == two.read_bytes()


def test_unknown_endings_and_sizes_are_refused(tmp_path) -> None:
    with pytest.raises(WorkbenchError, match=r"\.png"):
        print_map(tiny_plan(), tmp_path / "map.docx")
    with pytest.raises(WorkbenchError, match="A3"):
        print_map(tiny_plan(), tmp_path / "map.png", "B5")


def test_legend_names_what_is_drawn_and_nothing_else() -> None:
    spec = describe_plan(tiny_plan())
    texts = [text for _, text in legend_entries(spec)]
    drawn = [layer for layer in spec.layers if layer.visible and len(layer.frame)]
    assert {klass.title[0] for layer in drawn for klass in layer.used_classes} < set(texts)
    assert "公路" not in texts, "the road layer is off"
    assert "钢铁" not in texts


def test_no_two_rows_of_a_legend_look_alike_and_pale_symbols_are_explained() -> None:
    spec = describe_plan(tiny_plan())
    lines = replace(spec["lines"], frame=spec["lines"].frame.assign(doubt=[True, False, False]))
    spec = replace(spec, layers=tuple(lines if layer.key == "lines" else layer for layer in spec.layers))
    rows = legend_entries(spec)
    drawings = [handle if isinstance(handle, tuple) else (handle,) for handle, _ in rows]
    looks = [tuple(look(part) for part in parts) for parts in drawings if isinstance(parts[0], Line2D)]
    assert len(set(looks)) == len(looks)
    (pale,) = (handle for handle, text in rows if text.startswith("浅色"))
    (full,) = (handle for handle, text in rows if text == "水泥")
    assert pale.get_marker() == full.get_marker()
    assert min(to_rgb(pale.get_markerfacecolor())) > min(to_rgb(full.get_markerfacecolor()))


def look(part: Line2D) -> tuple:
    """What a reader sees of a legend's line or symbol."""
    colours = (part.get_markerfacecolor(), part.get_markeredgecolor(), part.get_color())
    return part.get_marker(), *map(str, colours), part.get_linestyle(), part.get_linewidth()


def test_lines_that_run_beyond_the_sheet_only_are_not_promised(layers) -> None:
    width, height = SIZES_MM["A3"]
    sheet = Figure(figsize=(width / 25.4, height / 25.4), dpi=72)
    spec = describe_layers(layers)
    assert len(spec["freight_sea"].frame), "sea lanes are drawn on the page"
    compose(sheet, spec, PrintOptions())
    texts = [text.get_text() for text in sheet.legends[0].get_texts()]
    assert "水路" in texts
    assert "海运" not in texts


def test_scale_bar_measures_true_kilometres() -> None:
    width, height = SIZES_MM["A3"]
    sheet = Figure(figsize=(width / 25.4, height / 25.4), dpi=72)
    spec = describe_plan(tiny_plan())
    compose(sheet, spec, PrintOptions())
    axes = sheet.axes[0]
    bars = [patch for patch in axes.patches if type(patch).__name__ == "Rectangle"]
    drawn_km = sum(bar.get_width() for bar in bars) / 1000
    labels = [text.get_text() for text in axes.texts if "公里" in text.get_text()]
    assert labels == [f"{drawn_km:.0f} 公里"]
    # metres on the sheet are metres on the ground, to half a percent at the map's latitude
    ends = crs.to_metric(tiny_layers().sites.geometry, keep="angle")
    true = crs.distance_km(105.9, 32.4, 106.3, 32.1)
    assert ends.iloc[0].distance(ends.iloc[1]) / 1000 == pytest.approx(float(true), rel=0.005)


def test_slots_carry_what_the_planner_fills_in() -> None:
    sheet = Figure(figsize=(16, 11), dpi=50)
    compose(sheet, describe_plan(tiny_plan()), PrintOptions(approval_number="川S〔2014〕1号", secrecy="内部"))
    words = "\n".join(text.get_text() for text in sheet.texts)
    assert "审图号：川S〔2014〕1号" in words
    assert "密级：内部" in words
    assert "CGCS2000" in words


def test_vendored_font_has_every_character_of_the_baseline(layers) -> None:
    from fontTools.ttLib import TTFont

    with (STATIC / "fonts" / "NotoSansSC-Subset.ttf").open("rb") as file:
        known = set(TTFont(file).getBestCmap())
    names = {
        letter
        for name in (
            "plants",
            "lines",
            "sites",
            "ecology",
            "hydropower",
            "freight_nodes",
            "prefectures",
            "counties",
        )
        for column in ("name_zh", "prefecture_zh", "county_zh")
        if column in layers[name]
        for text in layers[name][column].dropna().astype(str)
        for letter in text
    }
    assert {letter for letter in names if ord(letter) not in known} == set()


def test_one_sheet_drawn_once_prints_the_files_that_two_would(tmp_path):
    plan = tiny_plan()
    drawn = sheet(describe_plan(plan), PrintOptions("A4"))
    for name in ("map.png", "map.pdf"):
        once, twice = print_map(drawn, tmp_path / name), print_map(plan, tmp_path / f"own-{name}", "A4")
        assert once.read_bytes() == twice.read_bytes()
