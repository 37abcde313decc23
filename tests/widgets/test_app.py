"""The workbench as a planner uses it, without a browser: clicks, form, language, what is shown."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.maps.world import HOSTILE
from tests.widgets.fakes import tiny_workbench
from widgets import panels
from widgets.i18n import TEXTS, text


@pytest.fixture
def bench():
    return tiny_workbench()


def test_a_click_on_a_line_and_one_on_a_site_move_it(bench) -> None:
    bench.click("lines", "A-1")
    assert bench.map.view["selected"] == "A-1"
    assert bench.map.view["receivers"] == ["S1"], "the sites to ring"
    assert "请点承接地" in bench.message.value
    bench.click("sites", "S1")
    assert dict(bench.state.moves) == {"A-1": "S1"}
    assert bench.map.view["selected"] == ""
    assert "+2,000" in bench.indicators.value
    assert "广元园区" in bench.changes.value
    values = np.frombuffer(bench.map.moves, "<f4")
    assert values[:3].tolist().count(2.0) == 1


def test_a_site_that_may_not_take_the_line_says_why(bench) -> None:
    bench.click("lines", "A-1")
    bench.click("sites", "S2")
    assert dict(bench.state.moves) == {}
    assert "旧厂址" in bench.message.value


def test_a_click_on_land_says_why_not_and_where_instead(bench) -> None:
    bench.map.clicked = {"layer": "", "id": "", "at": [105.2, 31.9], "n": 1}
    shown = bench.where.html.value
    assert bench._tabs.selected_index == 1
    for part in ("105.200, 31.900", "禁止", "P46", "2.5", "广元园区", "42"):
        assert part in shown, part
    assert "P46" in bench.message.value
    bench.language.value = "en"
    assert "Excluded" in bench.where.html.value
    assert "inside" in bench.message.value
    for shown in (bench.where.html.value, bench.message.value):
        assert "<img" not in shown
        assert "</script" not in shown


def test_a_click_on_a_site_without_a_line_says_whether_it_may(bench) -> None:
    bench.click("sites", "S1")
    assert "没有规定反对" in bench.where.html.value
    assert dict(bench.state.moves) == {}
    bench.click("lines", "A-1")
    bench.click("sites", "S2")
    assert "P46" in bench.where.html.value, "a refused site tells its clause"
    bench.click("sites", "S1")
    assert dict(bench.state.moves) == {"A-1": "S1"}


def test_the_ranking_stands_on_its_tab_and_goes_with_its_scenario(bench) -> None:
    assert "点地图上任一处" in bench.where.html.value
    bench._tabs.selected_index = 1
    assert "电力 5" in bench.where.html.value
    assert "旧厂址" not in bench.where.html.value, "barred sites are not ranked"
    bench.options.fields["zone"].value = "five"
    assert "电力 5" not in bench.where.html.value


@pytest.mark.parametrize("at", [None, [1], ["x", 2], [999, 0], "abc"])
def test_a_place_that_is_none_is_not_asked(bench, at) -> None:
    bench.map.clicked = {"layer": "", "id": "", "at": at, "n": 1}
    assert "点地图上任一处" in bench.where.html.value


def test_the_form_follows_undo(bench) -> None:
    field = bench.options.fields["carbon_price"]
    field.value = 100
    assert bench.state.scenario.objective.carbon_price_cny_t == 100
    assert "100" in bench.indicators.value
    bench.undo.click()
    assert field.value == 0


def test_every_field_of_the_form_changes_the_scenario(bench) -> None:
    for name, value in (("reduction", 30), ("demand", 80), ("hydrology", "dry"), ("weight_cost", 0.5),
                        ("weight_co2", 50), ("weight_jobs", 20), ("zone", "five")):  # fmt: skip
        before = bench.state.scenario
        bench.options.fields[name].value = value
        assert bench.state.scenario != before, name
    assert bench.state.scenario.objective.jobs_cny == 20_000
    assert bench.map.view["zone"] == "five"


def test_the_keyboard_path_closes_a_line(bench) -> None:
    bench.decision.line.value = "B-1"
    assert bench.state.selected == "B-1"
    bench.decision.where.value = "close"
    assert dict(bench.state.moves) == {"B-1": "close"}


def test_language_changes_every_text_at_once(bench) -> None:
    bench.language.value = "en"
    assert bench.map.view["language"] == "en"
    assert "Capacity moved" in bench.indicators.value
    assert bench.optimise.description == "Optimise"
    assert dict(zip(("verdicts", "changes"), bench._tabs.titles[:3:2], strict=True)) == {
        "verdicts": "Policy check", "changes": "Changes"}  # fmt: skip


def test_optimise_shows_its_plan_and_undo_brings_mine_back(bench) -> None:
    bench.state.decide("B-1", "close")
    bench.optimise.click()
    bench.controller.wait()
    assert dict(bench.state.moves) == {"A-1": "S1"}
    bench.undo.click()
    assert dict(bench.state.moves) == {"B-1": "close"}


def test_the_map_is_drawn_once_and_then_only_told(bench) -> None:
    page, seq = bench.map.html, bench.map.seq
    bench.options.fields["demand"].value = 90
    bench.click("lines", "A-1")
    bench.click("sites", "S1")
    assert bench.map.html is page
    assert bench.map.seq > seq
    assert len(bench.map.moves) < 200


def test_clicks_with_unknown_ids_are_ignored(bench) -> None:
    bench.map.clicked = {"layer": "lines", "id": "<script>", "n": 1}
    assert bench.state.selected == ""
    bench.map.clicked = {"layer": "lines", "id": "A-2", "n": 2}
    assert bench.state.selected == "A-2"


def test_text_from_data_is_escaped_in_every_panel(bench) -> None:
    bench.state.decide("B-1", "close")
    bench.click("lines", "B-1")
    shown = [bench.changes.value, bench.message.value, bench.verdicts.value, bench.indicators.value]
    assert not re.search("<img|<b>|</script", "".join(shown))
    assert any("&lt;img" in part for part in shown)
    assert HOSTILE not in "".join(shown)


def test_failures_stand_before_passes(bench) -> None:
    assert bench.verdicts.value.index("G3.3") < bench.verdicts.value.index("G2.1")


def test_every_text_exists_in_both_languages() -> None:
    for key, (zh, en) in TEXTS.items():
        assert zh, key
        assert en, key
        assert re.findall(r"{(\w+)", zh) == re.findall(r"{(\w+)", en), key
    assert text("undo", "zh") == "撤销"


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "—"), (float("nan"), "—"), (12345.6, "12,346"), (12.34, "12.3"), (0.5, "0.5")]
)
def test_numbers_are_written_for_readers(value, shown) -> None:
    assert panels.number(value) == shown
