"""A description holds what the tables hold: classes, doubts, decisions, arrows, sources."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tests.maps.world import HOSTILE, tiny_layers, tiny_plan
from workbench.errors import CrsError, LabelError
from workbench.layers import credit_line
from workbench.maps import describe_layers, describe_plan, foreseen, move_state
from workbench.maps.codes import CODES
from workbench.maps.ink import moves_table
from workbench.maps.layout import short_name
from workbench.maps.style import capacity_radius, ecology_class, move_width
from workbench.relocation.doubt import Doubt


@pytest.fixture(scope="module")
def spec():
    return describe_plan(tiny_plan())


def test_each_layer_shows_only_what_belongs_on_the_sheet(spec) -> None:
    assert list(spec["hydropower"].frame.index) == ["H1"], "50 MW is too small for the map"
    assert list(spec["freight_rail"].frame.index) == ["L1"], "a line opened later is not drawn"
    assert list(spec["sites"].frame.index) == ["S1"], "a steel site is no cement site"
    assert set(spec["lines"].frame.index) == {"A-1", "A-2", "B-1"}


def test_legend_classes_are_exactly_those_that_occur(spec) -> None:
    for layer in spec.layers:
        assert {klass.key for klass in layer.used_classes} == set(layer.frame["klass"])


def test_doubtful_rows_are_marked(spec) -> None:
    assert spec["ecology"].frame["doubt"].tolist() == [True]
    assert spec["freight_road"].frame["doubt"].tolist() == [True]
    assert describe_layers(tiny_layers())["plants"].frame["doubt"].to_dict() == {"A": False, "B": True}


def test_decisions_reach_the_map_in_the_order_of_its_layers(spec) -> None:
    lines = list(spec["lines"].frame.index)
    moves = spec.moves
    assert {line: moves.decision[lines.index(line)] for line in lines} == {"A-1": 2, "A-2": 0, "B-1": 1}
    assert moves.target[lines.index("A-1")] == 0
    assert (moves.target >= 0).sum() == 1
    assert moves.build_kt.tolist() == [2000.0]
    # A-2 delivers from its line, S1 from beyond the lines
    assert sorted(moves.flows[:, 0].tolist()) == [lines.index("A-2"), len(lines)]


def test_the_float_array_holds_all_parts_in_order(spec) -> None:
    values = spec.moves.to_array()
    assert values.dtype == np.float32
    assert len(values) == 3 + 3 + 1 + 2 * 3
    assert values[6] == 2000.0


def test_lines_of_one_plant_stand_beside_each_other(spec) -> None:
    frame = spec["lines"].frame
    a1, a2 = frame.loc["A-1"], frame.loc["A-2"]
    assert abs(a1["dx"] - a2["dx"]) == pytest.approx(a1["size"] + a2["size"])
    assert frame.at["B-1", "dx"] == 0


def test_one_arrow_per_plant_and_site() -> None:
    spec = describe_plan(tiny_plan(moves={"A-1": "S1", "A-2": "S1"}))
    table = moves_table(spec)
    assert len(table) == 1
    assert table["kt"].tolist() == [3000.0]


def test_a_plan_with_unknown_lines_is_refused(spec) -> None:
    plan = tiny_plan()
    plan.decisions = plan.decisions.rename(index={"A-1": "Z-9"})
    with pytest.raises(LabelError, match="Z-9"):
        move_state(plan, spec["lines"].frame.index, spec["sites"].frame.index, pd.Index([]))


def test_foreseen_moves_equal_the_plans_own(spec) -> None:
    moves = {"A-1": "S1", "B-1": "close"}
    seen = foreseen(moves, spec["lines"].frame, spec["sites"].frame.index, spec.moves.flows)
    assert np.array_equal(seen.to_array(), spec.moves.to_array())


def test_a_frame_without_wgs84_is_refused() -> None:
    layers = tiny_layers()
    wrong = layers.plants.copy().set_crs(4490, allow_override=True)
    with pytest.raises(CrsError, match="4326"):
        describe_layers(layers.with_(plants=wrong))


def test_page_data_cannot_end_its_script_element(spec) -> None:
    text = spec.to_json()
    assert "<" not in text
    names = {feature[4] for layer in json.loads(text)["layers"] for feature in layer["features"]}
    assert HOSTILE in names, "the text itself stays whole"


def test_sources_name_who_must_be_named(spec) -> None:
    assert "CC BY 4.0" in credit_line(tiny_layers())["en"]
    zh, en = spec["lines"].frame.at["A-1", "source"]
    assert (zh, en) == ("全球能源监测各数据库（2025）", "Global Energy Monitor")


def test_input_frames_stay_as_they_were() -> None:
    layers = tiny_layers()
    before = {name: layers[name].copy() for name in layers}
    describe_plan(tiny_plan(layers))
    for name, frame in before.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(layers[name]))


def test_symbol_area_grows_with_capacity_and_arrows_with_tonnes() -> None:
    area = [(capacity_radius(kt) - 3.0) ** 2 for kt in (1000.0, 4000.0)]
    assert area[1] == pytest.approx(4 * area[0])
    assert capacity_radius(float("nan")) == 3.0
    assert move_width(0, 100) < move_width(50, 100) < move_width(100, 100)


@pytest.mark.parametrize(
    ("category", "key"),
    [
        ("nature_reserve", "nature_reserve"),
        ("water_source", "water_source"),
        ("世界遗产", "world_heritage"),
        ("矿区", "other"),
    ],
)
def test_ecology_categories_find_their_look(category: str, key: str) -> None:
    assert ecology_class(category).key == key


def test_labels_leave_legal_forms_and_remarks_to_the_card() -> None:
    assert short_name("西昌航天水泥有限责任公司（扩建）") == "西昌航天水泥（扩建）"
    assert short_name("甲厂（原名很长的备注文字）") == "甲厂"
    assert short_name("Huidong Lisen Cement Co.,Ltd. Cement Plant (expansion)") == "Huidong Lisen Cement"
    assert short_name("Panzhihua Coke Company") == "Panzhihua Coke"


def test_a_year_is_written_as_a_year() -> None:
    layers = tiny_layers()
    lines = layers.lines.assign(start_year=[2010.0, float("nan"), 1998.0])
    layer = describe_plan(tiny_plan(layers.with_(lines=lines)))
    data = next(item for item in json.loads(layer.to_json())["layers"] if item["key"] == "lines")
    years = {f[0]: f[7][list(layer["lines"].fields).index("start_year")] for f in data["features"]}
    assert years == {"A-1": "2010", "A-2": "", "B-1": "1998"}


@pytest.mark.parametrize(
    ("table", "column"),
    [("lines", "process"), ("markets", "kind"), ("ecology", "level"), ("counties", "eco_function_level"),
     ("freight_links", "geometry_basis"), ("plants", "confidence")],
)  # fmt: skip
def test_every_code_a_card_shows_has_words_in_both_languages(layers, table: str, column: str) -> None:
    assert set(layers[table][column].replace("", pd.NA).dropna()) <= set(CODES[column])


def test_a_card_says_codes_in_words(layers) -> None:
    drawn = {layer["key"]: layer for layer in json.loads(describe_layers(layers).to_json())["layers"]}
    assert ["高", "High"] in [value for feature in drawn["plants"]["features"] for value in feature[7]]


def test_panda_counties_and_the_grid_wait_to_be_asked_for_and_look_rough(layers) -> None:
    spec = describe_layers(layers)
    for key, number in (("habitat", 37), ("grid", len(layers.substations))):
        assert len(spec[key].frame) == number
        assert spec[key].frame["doubt"].all(), key
        assert not spec[key].visible, key


def test_a_card_tells_tonnes_as_each_language_counts_them_and_the_script_keeps_the_number(spec) -> None:
    told = next(layer for layer in json.loads(spec.to_json())["layers"] if layer["key"] == "lines")
    titles = [title[0] for title in told["fields"]]
    at, raw = titles.index("产能（万吨/年）"), told["extra"].index("capacity_kt")
    kt = spec["lines"].frame["capacity_kt"]
    known = {row[0]: row for row in told["features"] if kt[row[0]] == kt[row[0]]}
    assert len(known) >= 2
    for name, (*_, values, more) in known.items():
        zh, en = (float(part.replace(",", "")) for part in values[at])
        assert zh == pytest.approx(kt[name] / 10, rel=2e-3)
        assert en == pytest.approx(kt[name] / 1000, rel=2e-2)
        assert more[raw] == kt[name]


def test_a_line_whose_fate_is_in_doubt_bears_a_mark_and_says_so() -> None:
    plan = tiny_plan()
    first, second, third = plan.decisions.index[:3]
    units = pd.DataFrame(
        {
            "leaves": [True, False, False],
            "status": ["interchangeable", "interchangeable", "certain"],
            "price_mcny": [2.5, 2.5, float("nan")],
            "proven_mcny": [1.5, 0.0, 40.0],
            "instead": [second, first, ""],
        },
        index=pd.Index([first, second, third], name="line"),
    )
    spec = describe_plan(plan, doubt=Doubt(units, pd.DataFrame()))
    layer = spec["certainty"]
    assert layer.frame["klass"].to_dict() == {
        first: "leaves_interchangeable",
        second: "stays_interchangeable",
    }, "what stays for certain bears no mark"
    assert layer.frame.at[first, "other"] == "2.5"
    assert layer.frame.at[first, "instead"] == second
    assert [klass.title[0] for klass in layer.used_classes] == ["可互换", "可替他线退出"]
    lines = spec["lines"].frame.loc[[first, second]]
    assert (layer.frame.loc[[first, second], "dx"] > lines["dx"] + lines["size"]).all(), "beside its symbol"
    assert "certainty" not in {each.key for each in describe_plan(plan).layers}
    assert "可互换" in spec.to_json()
