"""Themes are drawn alike on page and paper: same classes, same colours, the view that is shown."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from tests.maps.world import tiny_plan
from workbench.errors import LabelError
from workbench.maps import describe_plan, describe_where, where_map
from workbench.maps.layout import PrintOptions, legend_entries
from workbench.maps.spec import MapSpec
from workbench.maps.theme_style import HEADROOM, UNKNOWN
from workbench.maps.themes import headroom_layer, stepped, surplus_layer, theme_layers
from workbench.region import headroom, hydropower
from workbench.siting import where


@pytest.fixture(scope="module")
def cement(layers):
    return where(layers, "cement")


def page_legend(spec: MapSpec, key: str) -> dict[str, str]:
    """Title -> fill of the classes that the page shows of a layer at first."""
    layer = next(row for row in json.loads(spec.to_json())["layers"] if row["key"] == key)
    shown = {feature[1] for feature in layer["features"]}
    return {k["title"][0]: k["fill"] for n, k in enumerate(layer["classes"]) if n in shown}


def print_legend(spec: MapSpec) -> dict[str, str]:
    """Title -> fill of the classes that the printed sheet shows."""
    found = {}
    for handle, text in legend_entries(spec, PrintOptions()):
        face = handle.get_facecolor() if hasattr(handle, "get_facecolor") else handle.get_markerfacecolor()
        found[text] = face if isinstance(face, str) else to_hex(face)
    return found


@pytest.mark.parametrize(
    ("theme", "view", "key"),
    [("eligibility", 0, "eligible_cement"), ("headroom", 1, "headroom"), ("hydropower", 4, "surplus"),
     ("suitability", 0, "sites")],
)  # fmt: skip
def test_page_and_sheet_show_the_same_classes_in_the_same_colours(cement, theme, view, key) -> None:
    spec = describe_where(cement, theme=theme, view=view)
    page, sheet = page_legend(spec, key), print_legend(spec)
    assert len(page) >= 2
    for title, fill in page.items():
        assert sheet[title] == fill, title
    layer = spec[key]
    if layer.views:
        assert f"{layer.title[0]} · {layer.views[0].title[0]}" in sheet, "the sheet says which view it shows"


def test_a_view_that_does_not_exist_is_refused(cement) -> None:
    with pytest.raises(LabelError, match="views"):
        describe_where(cement, theme="headroom", view=9)


def test_headroom_classes_follow_the_balance(layers) -> None:
    layer = headroom_layer(layers)
    balance = headroom.balances(layers).set_index(["pollutant", "prefecture_zh"])
    names = layers.prefectures["prefecture_zh"]
    for pollutant, view in zip(("so2", "nox", "pm"), layer.views, strict=True):
        state = balance.loc[pollutant]["state"].reindex(names)
        drawn = view.klass.replace({"spare2": "spare"}).replace(r"cut\d*", "sensitive", regex=True)
        assert drawn.tolist() == state.tolist()


def test_surplus_views_hold_the_figures_of_each_year_and_season(layers) -> None:
    layer = surplus_layer(layers)
    assert len(layer.views) == 3 + 3 * 3
    names = layers.prefectures["prefecture_zh"]
    load = hydropower.flat_load(layers, "dry")["guaranteed_mw"].reindex(names)
    assert layer.views[0].values["guaranteed_mw"].tolist() == load.round(1).tolist()
    wet = next(view for view in layer.views if view.title[1] == "surplus of the wet season, normal year")
    months = hydropower.surplus(layers, "normal")
    season = months[months["season"] == "wet"].groupby("prefecture_zh")["surplus_gwh"].sum().reindex(names)
    assert wet.values["surplus_gwh"].tolist() == season.round(1).tolist()


def test_a_value_falls_into_the_highest_class_it_reaches_and_a_gap_into_none() -> None:
    keys = stepped(pd.Series([0.03, 0.02, 0.0, -0.2, float("nan")]), HEADROOM, UNKNOWN)
    assert keys.tolist() == ["spare2", "spare2", "spare", "cut10", "unknown"]


def test_a_site_tells_verdict_reason_distance_and_where_instead(cement) -> None:
    spec = json.loads(describe_where(cement).to_json())
    layer = next(row for row in spec["layers"] if row["key"] == "sites")
    fields = [title[1] for title in layer["fields"]]
    card = {feature[0]: dict(zip(fields, feature[7], strict=True)) for feature in layer["features"]}
    barred = card["PK05"]
    assert barred["Verdict"] == ["禁止", "Excluded"]
    assert "P24" in barred["Clauses"] or "P48" in barred["Clauses"]
    assert len(barred["Reasons"]) == len(barred["Nearest that would do"]) == 2
    best = card[cement.sites.index[0]]
    assert best["Rank"] == 1
    assert best["In its favour"][1]


def test_the_plan_map_carries_the_themes_switched_off_and_their_shapes_once(layers) -> None:
    made = theme_layers(layers, ("cement",))
    assert [layer.key for layer in made] == ["headroom", "surplus", "eligible_cement"]
    assert not any(layer.visible for layer in made)
    assert {layer.shapes_of for layer in made[:2]} == {"prefectures"}


def test_a_world_without_the_tables_has_no_themes() -> None:
    keys = {layer.key for layer in describe_plan(tiny_plan()).layers}
    assert not keys & {"headroom", "surplus", "eligible_cement"}


def test_the_page_works_offline_in_both_languages(cement) -> None:
    page = where_map(cement, language="en").to_html()
    assert "Cement: where it may go" in page
    assert "default-src 'none'" in page
