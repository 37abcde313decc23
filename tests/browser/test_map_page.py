"""The exported map in a real browser without a network: drawn, readable, clickable, silent."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from tests.hostile import TEXTS
from tests.maps.world import HOSTILE, tiny_layers, tiny_plan
from workbench.maps import View, describe_layers, draw, plan_map, save_html
from workbench.maps.theme_style import HEADROOM
from workbench.maps.themes import by_prefecture

COLOURS = """() => { const seen = new Set();
  for (const canvas of document.querySelectorAll('.leaflet-container canvas')) {
    if (!canvas.width) continue;
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    for (let i = 0; i < data.length; i += 4 * 37) {
      if (data[i + 3]) seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
    }
  }
  return seen.size; }"""


@pytest.fixture
def opened(page, tmp_path):
    path = save_html(plan_map(tiny_plan()), tmp_path / "map.html")
    page.goto(path.as_uri())
    page.wait_for_function("window.workbench_map !== undefined")
    page.wait_for_timeout(200)
    return page


def centre(opened, layer: str, name: str) -> tuple[float, float]:
    return opened.evaluate(
        """([layer, id]) => { const v = workbench_map;
        const f = v.layers.get(layer).features.find(f => f.id === id);
        const at = v.map.layerPointToContainerPoint(f.shape.place ? f.shape.place() : f.shape._point);
        return [at.x, at.y]; }""",
        [layer, name],
    )


def test_map_is_drawn_without_a_request_or_an_error(opened) -> None:
    assert opened.faults == []
    assert opened.outside == []
    assert opened.evaluate(COLOURS) > 20, "the canvas is not blank"
    assert opened.evaluate("workbench_map.drawn.arrows.length") == 1
    assert opened.evaluate("document.documentElement.lang") == "zh-CN"


def test_chinese_labels_are_drawn_by_the_embedded_font(opened) -> None:
    assert opened.locator(".wb-labels .area", has_text="成都市").is_visible()
    assert opened.locator(".wb-labels .place", has_text="广元园区").is_visible()
    assert opened.evaluate("document.fonts.check('12px \"Noto Sans SC\"', '成')")


def test_legend_lists_the_classes_that_are_drawn(opened) -> None:
    panel = opened.locator(".wb-panel").inner_text()
    for title in ("保留", "关闭", "转移", "水泥", "园区", "成都经济区", "自然保护区", "水电（外送）"):
        assert title in panel
    assert "钢铁" not in panel


def test_a_click_shows_the_facts_with_their_source_and_runs_nothing(opened) -> None:
    opened.mouse.click(*centre(opened, "lines", "B-1"))
    card = opened.locator(".wb-card")
    assert card.locator("h2").inner_text() == HOSTILE
    assert "关闭" in card.inner_text()
    assert "全球能源监测" in card.inner_text()
    assert opened.faults == []


def test_no_text_of_the_hostile_set_runs_and_each_stands_as_written(page, tmp_path) -> None:
    layers, words = tiny_layers(), "　".join(TEXTS)
    sites = layers.sites.loc[["S1"] * len(TEXTS)].assign(name_zh=list(TEXTS), name_en=list(TEXTS))
    sites = sites.set_axis([f"S{number}" for number in range(len(TEXTS))]).rename_axis("id")
    spec = replace(describe_layers(layers.with_(sites=sites)), title=(words, words), sources=(words, words))
    page.goto(save_html(draw(spec), tmp_path / "{{7*7}} ${x}.html").as_uri())
    page.wait_for_function("window.workbench_map !== undefined")
    told = "workbench_map.layers.get('sites').features.map(f => workbench_map.name(f))"
    assert set(page.evaluate(told)) == set(TEXTS)
    assert page.evaluate("document.title").split() == words.split(), "a browser folds blanks in a title"
    assert page.evaluate("window.wb_ran") is None
    assert page.evaluate("document.querySelectorAll('img[src=x], svg[onload]').length") == 0
    assert page.faults == []
    assert page.outside == []


def test_a_layer_can_be_put_away_and_brought_back_in_its_place(opened) -> None:
    before = opened.evaluate(COLOURS)
    box = opened.locator(".wb-layer", has_text="产能转移").first.locator("input")
    box.uncheck()
    assert opened.evaluate("workbench_map.map.hasLayer(workbench_map.arrows)") is False
    box.check()
    opened.wait_for_timeout(100)
    assert opened.evaluate(COLOURS) == pytest.approx(before, abs=12)


def test_a_label_takes_the_room_that_was_kept_for_it(opened) -> None:
    """Measured before its characters had come, it lay across the star it names."""
    opened.wait_for_function("document.fonts.status === 'loaded'")
    opened.wait_for_timeout(200)
    rooms = opened.evaluate("""() => [...document.querySelectorAll('.wb-labels span')].map((span) => {
      const key = `${span.className} ${span.textContent}`;
      return [workbench_map.extents.get(key).wide, span.getBoundingClientRect().width]; })""")
    assert len(rooms) >= 3
    assert all(abs(kept - 6 - taken) <= 4 for kept, taken in rooms), rooms


def test_the_page_speaks_english_at_a_press(opened) -> None:
    key = "[workbench_map.sizeKey.firstChild.width, workbench_map.sizeKey.firstChild.toDataURL()]"
    drawn = opened.evaluate(key)
    opened.get_by_role("button", name="English").click()
    assert "Layers and legend" in opened.locator(".wb-panel").inner_text()
    assert opened.evaluate(key) == drawn, "the size key stays drawn"
    assert opened.locator(".wb-labels .area", has_text="Chengdu").first.is_visible()
    assert opened.evaluate("document.documentElement.lang") == "en"


def test_the_lower_canvas_still_hears_the_mouse(opened) -> None:
    at = opened.evaluate(
        "(() => { const p = workbench_map.map.latLngToContainerPoint([32.7, 106]); return [p.x, p.y]; })()"
    )
    opened.mouse.click(*at)
    assert "某自然保护区" in opened.locator(".wb-card").inner_text()


def test_a_theme_changes_colours_legend_and_card_with_its_view(page, tmp_path) -> None:
    layers, names = tiny_layers(), ["成都市", "广元市"]
    looks = {klass.key: klass for _, klass in HEADROOM}
    views = [
        View((title, title), pd.Series(keys, names), pd.DataFrame({"t": figures}, names))
        for title, keys, figures in (
            ("甲", ["cut10", "spare2"], [-5.0, 7.0]),
            ("乙", ["spare2", "spare2"], [8.0, 9.0]),
        )
    ]
    theme = by_prefecture(
        layers,
        "theme",
        ("余量", "Room"),
        list(looks.values()),
        views,
        {"t": ("吨", "t")},
        shapes_of="prefectures",
    )
    spec = describe_layers(layers)
    ground = [layer for layer in spec.layers if layer.key in ("prefectures", "province")]
    spec = replace(spec, layers=(ground[0], theme, ground[1]))
    page.goto(save_html(draw(spec), tmp_path / "theme.html").as_uri())
    page.wait_for_function("window.workbench_map !== undefined")
    entry = page.locator(".wb-layer", has_text="余量")
    assert "10%" in entry.inner_text()
    fill = "workbench_map.layers.get('theme').features.map(f => f.shape.options.fillColor)"
    assert page.evaluate(fill) == [looks["cut10"].mark.fill, looks["spare2"].mark.fill]
    before = page.screenshot()
    entry.locator("select").select_option(label="乙")
    page.wait_for_timeout(200)
    assert page.evaluate(fill) == [looks["spare2"].mark.fill] * 2
    assert page.screenshot() != before
    assert "10%" not in entry.inner_text(), "the legend shows the classes of this view"
    at = page.evaluate(
        "(() => { const p = workbench_map.map.latLngToContainerPoint([30.3, 103.3]); return [p.x, p.y]; })()"
    )
    page.mouse.click(*at)
    card = page.locator(".wb-card").inner_text()
    assert "乙" in card
    assert "8" in card
    assert page.faults == []
