"""The workbench as a planner uses it, without a browser: clicks, form, language, what is shown."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.maps.world import HOSTILE
from tests.widgets.fakes import read, tiny_workbench
from widgets import panels
from widgets.i18n import TEXTS, text


@pytest.fixture
def bench():
    return tiny_workbench()


def act(bench, do: str, name: str = "", at: object = None) -> None:
    """What the page reports when the planner does something on the map."""
    act.count += 1
    bench.map._handle_custom_msg({"do": do, "id": name, "at": at, "turn": act.count}, [])


act.count = 0


def test_a_line_is_taken_up_tried_and_moved_and_stays_in_the_hand(bench) -> None:
    act(bench, "take", "A-1")
    held = {"id": "A-1", "sites": {"S1": "free"}, "turn": act.count}
    assert bench.map.view["held"] == held, "the sites that may take it, and which act this answers"
    assert "已拿起" in bench.message.value
    act(bench, "try", "S1")
    answer = bench.map.view["answer"]
    assert (answer["site"], answer["may"], answer["tag"]) == ("S1", True, "可承接")
    assert ["年总成本", "+2 亿元", "bad"] in answer["rows"]
    assert dict(bench.state.moves) == {}, "an answer decides nothing"
    act(bench, "move", "S1")
    assert dict(bench.state.moves) == {"A-1": "S1"}
    assert bench.map.view["held"]["id"] == "A-1"
    assert "+200<" in read(bench, "figures"), "in 万吨"
    assert "广元园区" in read(bench, "plan")
    assert np.frombuffer(bench.map.moves, "<f4")[:3].tolist().count(2.0) == 1
    act(bench, "keep", "A-1")
    assert dict(bench.state.moves) == {}
    act(bench, "put")
    assert bench.map.view["held"]["id"] == ""


def test_a_clause_newly_broken_is_told_with_what_is_missing(bench) -> None:
    act(bench, "take", "A-1")
    act(bench, "try", "S1")
    assert ["P24 区内产能", "差 200 万吨", "bad"] in bench.map.view["answer"]["rows"]


def test_a_site_that_may_not_take_the_line_says_clause_distance_and_the_nearest_that_would(bench) -> None:
    act(bench, "take", "A-1")
    act(bench, "try", "S2")
    answer = bench.map.view["answer"]
    assert (answer["may"], answer["tag"]) == (False, "不可")
    assert answer["rows"][0][0].startswith("P46")
    assert answer["rows"][0][1] == "差 2.5 公里"
    assert answer["near"] == [["S1", "广元园区 42 公里"]]
    act(bench, "move", "S2")
    assert dict(bench.state.moves) == {}, "whatever the page says"


def test_pins_of_the_planner_and_proposals_are_told_apart(bench) -> None:
    bench.state.decide("B-1", "close")
    bench.optimise.click()
    bench.controller.wait()
    assert dict(bench.state.moves) == {"A-1": "S1", "B-1": "close"}
    assert bench.map.view["pins"] == ["B-1"]
    assert read(bench, "plan").count("手定") == 1
    assert read(bench, "plan").count("优化建议") == 1
    assert "pinned = {&#x27;B-1&#x27;: &#x27;close&#x27;}" in read(bench, "code")
    assert "proposed = {&#x27;A-1&#x27;: &#x27;S1&#x27;}" in read(bench, "code")


def test_headlines_speak_in_the_units_of_the_policy(bench) -> None:
    act(bench, "take", "A-1")
    act(bench, "move", "S1")
    assert "<b>200 / — / —</b>" in bench.figures.value
    assert '<i class="wb-bad">+2</i>  <span>亿元' in bench.figures.value.replace(
        "</i> <span>", "</i>  <span>"
    )
    assert "✓1" in bench.figures.value


def test_another_industry_blanks_the_figures_and_shows_only_its_own_lines(bench) -> None:
    seen = []
    bench.figures.observe(lambda change: seen.append(change["new"]), names="value")
    page = bench.map.html
    bench.options.fields["industry"].value = "steel"
    assert "—" in seen[0], "no figure of the other industry stays"
    assert bench.map.view["industry"] == "steel"
    assert bench.map.html is page, "the picture is drawn once"
    assert bench.decision.line.options == (("（请选择）", ""),), "the tiny world has no steel"


def test_options_are_reset_and_counted(bench) -> None:
    bench.options.fields["demand"].value = 90
    assert "已改 1 项" in bench.options.changed.value
    bench.options.reset.click()
    assert bench.state.scenario.demand.scale == 1.0
    assert bench.options.reset.disabled


def test_a_click_on_land_says_why_not_and_where_instead(bench) -> None:
    act(bench, "land", at=[105.2, 31.9])
    shown = bench.where.html.value
    assert bench.tabs.names[bench.tabs.selected_index] == "where"
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
    act(bench, "site", "S1")
    assert "没有规定反对" in bench.where.html.value
    assert dict(bench.state.moves) == {}
    act(bench, "take", "A-1")
    act(bench, "why", "S2")
    assert "P46" in bench.where.html.value, "a refused site tells its clause"


def test_the_ranking_stands_on_its_tab_and_goes_with_its_scenario(bench) -> None:
    assert "点地图上任一处" in bench.where.html.value
    bench.tabs.bring("where")
    assert "电力 5" in bench.where.html.value
    assert "旧厂址" not in bench.where.html.value, "barred sites are not ranked"
    bench.options.fields["zone"].value = "five"
    assert "电力 5" not in bench.where.html.value


@pytest.mark.parametrize("at", [None, [1], ["x", 2], [999, 0], "abc"])
def test_a_place_that_is_none_is_not_asked(bench, at) -> None:
    act(bench, "land", at=at)
    assert "点地图上任一处" in bench.where.html.value


def test_the_form_follows_undo(bench) -> None:
    field = bench.options.fields["carbon_price"]
    field.value = 100
    assert bench.state.scenario.objective.carbon_price_cny_t == 100
    assert "100" in read(bench, "figures")
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
    assert not bench.decision.where.disabled
    bench.decision.where.value = "close"
    assert dict(bench.state.moves) == {"B-1": "close"}
    bench.decision.line.value = "A-1"
    assert [value for _, value in bench.decision.where.options] == ["keep", "close", "S1"], (
        "no forbidden site"
    )
    bench.decision.where.value = "S1"
    assert bench.state.moves["A-1"] == "S1"


def test_language_changes_every_text_at_once(bench) -> None:
    bench.language.value = "en"
    assert bench.map.view["language"] == "en"
    assert "Capacity moved" in read(bench, "figures")
    assert bench.optimise.description == "Optimise the rest"
    assert bench.tabs.titles[:2] == ("Plan", "Options")


def test_optimise_shows_its_plan_and_undo_brings_mine_back(bench) -> None:
    bench.state.decide("B-1", "close")
    bench.optimise.click()
    bench.controller.wait()
    assert "A-1" in bench.state.moves
    bench.undo.click()
    assert dict(bench.state.moves) == {"B-1": "close"}


def test_the_map_is_drawn_once_and_then_only_told(bench) -> None:
    page, seq = bench.map.html, bench.map.seq
    bench.options.fields["demand"].value = 90
    act(bench, "take", "A-1")
    act(bench, "move", "S1")
    assert bench.map.html is page
    assert bench.map.seq > seq
    assert len(bench.map.moves) < 200


def test_clicks_with_unknown_ids_are_ignored(bench) -> None:
    act(bench, "take", "<script>")
    act(bench, "take", "S1")
    act(bench, "__init__", "A-2")
    assert bench.state.selected == ""
    act(bench, "take", "A-2")
    assert bench.state.selected == "A-2"


def test_text_from_data_is_escaped_in_every_panel(bench) -> None:
    bench.state.decide("B-1", "close")
    act(bench, "take", "B-1")
    shown = [read(bench, "plan"), bench.message.value, read(bench, "law"), read(bench, "figures")]
    assert not re.search("<img|<b>|</script", "".join(shown))
    assert any("&lt;img" in part for part in shown)
    assert HOSTILE not in "".join(shown)


def test_failures_stand_before_passes(bench) -> None:
    assert read(bench, "law").index("G3.3") < read(bench, "law").index("G2.1")


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
