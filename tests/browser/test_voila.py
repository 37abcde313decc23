"""The workbench in Voila with the network cut: slider, clicks, optimise; pixels and numbers must change."""

from __future__ import annotations

import re

import pytest

from tests.browser.desk import FRAME, Desk


@pytest.fixture
def app(page, served):
    page.goto(served)
    return Desk(page)


def map_pixels(app) -> bytes:
    return app.page.locator(FRAME).screenshot()


def figure(app, title: str):
    return app.page.locator(".wb-figures > div", has_text=title)


def test_a_line_is_moved_at_the_cursor_and_a_slider_changes_the_numbers(app) -> None:
    before = map_pixels(app)
    app.take("A-1")
    app.page.get_by_text("已拿起").wait_for()
    app.map.get_by_role("button", name="资料").click()
    assert "全球能源监测" in app.map.locator(".wb-held").inner_text(), "facts with source"
    app.click("sites", "S1")
    app.map.locator(".wb-try").get_by_text("+2 亿元").wait_for()
    app.map.get_by_role("button", name="确认").click()
    figure(app, "转移").get_by_text("200").wait_for()
    app.page.wait_for_timeout(300)
    assert map_pixels(app) != before, "the arrow is on the map"
    assert app.held() == "A-1", "other sites may be tried"

    app.tab("情景")
    slider = app.page.get_by_role("slider", name="碳价（元/吨）")
    slider.focus()
    for _ in range(3):
        app.page.keyboard.press("ArrowRight")
    app.tab("指标")
    app.page.locator(".wb-table", has_text="碳成本").get_by_text("+30").wait_for()
    app.page.get_by_role("button", name="撤销").click()
    app.page.get_by_role("button", name="撤销").click()
    figure(app, "转移").get_by_text("200").wait_for(state="detached")
    assert app.page.faults == []
    assert app.page.outside == [], "nothing left this machine"


def test_an_answer_that_comes_after_another_line_was_taken_up_is_left_aside(app) -> None:
    app.take("A-1")
    late = [{"kind": "held", "value": {"id": "A-2", "sites": {}, "turn": 0}}]
    app.page.locator(FRAME).evaluate(
        "(frame, batch) => frame.contentWindow.postMessage({ workbench: 1, seq: 0, batch }, '*')",
        [*late, {"kind": "pins", "value": ["A-2"]}],
    )
    app.wait("hand.pins.has('A-2')")
    assert app.held() == "A-1"


def test_a_click_on_land_says_why_not_and_where_instead(app) -> None:
    x, y = app.origin()
    dx, dy = app.inner.evaluate(
        "(() => { const p = workbench_map.map.latLngToContainerPoint([31.6, 105.2]); return [p.x, p.y]; })()"
    )
    app.page.mouse.click(x + dx, y + dy)
    panel = app.page.locator(".wb-table", has_text="最近可行地点")
    panel.get_by_text("广元园区").wait_for()
    place = app.page.get_by_text(re.compile(r"105\.[12]\d\d, 31\.[56]\d\d"))
    assert place.first.is_visible(), "the place that was clicked, to a pixel"
    assert app.page.locator(".wb-table", has_text="尚差").get_by_text("P46").is_visible()
    assert app.page.faults == []


def test_the_zone_on_the_map_follows_its_option(app) -> None:
    app.tab("情景")
    app.page.get_by_label("成都经济区口径").select_option(label="五市（2006）")
    app.wait("workbench_map.spec.zone === 'five'")
    assert app.page.faults == []


def test_optimise_runs_beside_the_page_and_draws_its_plan(app) -> None:
    app.page.get_by_role("button", name="优化其余").click()
    app.page.get_by_text("优化完成").wait_for(timeout=20_000)
    figure(app, "转移").get_by_text("200").wait_for()
    app.page.locator(".wb-table").get_by_text("优化建议").wait_for()
    app.page.get_by_role("button", name="English").click()
    app.page.get_by_role("button", name="Optimise the rest").wait_for()
    assert app.page.faults == []


def test_axe_finds_nothing_serious_in_page_or_map(app) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    app.take("A-1")
    app.click("sites", "S1")
    app.wait("hand.answer && hand.answer.may")
    serious = []
    for button in ("English", "中文"):
        app.page.get_by_role("button", name=button, exact=True).click()
        app.wait(f"workbench_map.lang === {int(button == 'English')}")
        tabs = app.page.locator(".wb-side .lm-TabBar-tab")
        for number in range(tabs.count()):
            tabs.nth(number).click()
            for where, context in ((app.page, ".wb-root"), (app.inner, None)):
                found = axe.run(where, context=context).response["violations"]
                worst = [v for v in found if v["impact"] in ("serious", "critical")]
                serious += [(button, number, v["id"], v["nodes"][0]["html"][:160]) for v in worst]
    assert serious == []
