"""The planner's hand on the real baseline, in a real browser: everything shown is hit, moved and answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.desk import Desk

LINE = "CM01-1"


@pytest.fixture(scope="module")
def opened(browser, baseline) -> Iterator[Desk]:
    """One page for all tests here: a kernel on the whole baseline takes seconds to start."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.set_default_timeout(120_000)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(baseline)
    yield Desk(page)
    assert page.faults == []
    page.close()


@pytest.fixture
def desk(opened) -> Desk:
    """The page as it opened: nothing held, every line kept, the whole province in sight."""
    for _ in range(3):
        opened.map.locator(".leaflet-container").press("Escape")
    opened.page.get_by_role("button", name="清空方案").click()
    opened.map.locator(".wb-home").click()
    opened.wait("!hand.held && !hand.tried && hand.pins.size === 0")
    return opened


def hits(desk: Desk, layer: str, names: list[str], hand: str) -> tuple[int, int]:
    """Click each symbol at its own centre, or then in the fan; return how many each way reached."""
    direct = fanned = 0
    for name in names:
        desk.page.mouse.click(*desk.spots(layer)[name])
        if desk.inner.evaluate(hand) == name:
            direct += 1
        else:
            desk.map.locator(f'.wb-fan button[data-id="{name}"]').click(timeout=10_000)
            assert desk.inner.evaluate(hand) == name
            fanned += 1
        desk.page.keyboard.press("Escape")
    return direct, fanned


def test_every_line_is_hit_at_its_own_centre(desk) -> None:
    names = list(desk.spots("lines"))
    held = "workbench_map.hand.held && workbench_map.hand.held.line.id"
    direct, fanned = hits(desk, "lines", names, held)
    assert direct + fanned == len(names) > 60
    assert direct >= 0.9 * len(names)


def test_with_a_line_held_every_site_that_may_take_it_is_hit_at_its_own_centre(desk) -> None:
    desk.take(LINE)
    names = desk.inner.evaluate("[...workbench_map.hand.held.sites.keys()]")
    direct, fanned = hits(desk, "sites", names, "workbench_map.hand.tried && workbench_map.hand.tried.id")
    assert direct + fanned == len(names) > 20
    assert direct >= 0.9 * len(names)
    assert desk.held() == LINE, "the line stays in the hand"


def three(desk: Desk) -> list[str]:
    return desk.inner.evaluate("[...workbench_map.hand.held.sites.keys()].filter((_, i) => i % 9 === 1)")[:3]


def answered(desk: Desk, site: str) -> str:
    """What the card at the cursor says once the workbench has answered."""
    desk.wait(f"hand.answer && hand.answer.site === {site!r}", 60_000)
    return desk.map.locator(".wb-try").inner_text()


def decided(desk: Desk) -> str:
    return desk.map.locator(".wb-now").inner_text()


def test_by_mouse_a_line_is_tried_at_three_sites_moved_and_moved_back(desk) -> None:
    desk.take(LINE)
    for site in three(desk):
        desk.click("sites", site)
        told = answered(desk, site)
        assert all(word in told for word in ("年总成本", "碳排放", "用电", "职工", "亿元"))
    desk.map.get_by_role("button", name="确认").click()
    desk.wait("hand.held.line.decision === 2")
    assert "转移" in decided(desk)
    assert "手定" in decided(desk)
    desk.page.keyboard.press("Escape")
    desk.click("lines", LINE)  # the arrow on it swallows nothing
    desk.wait(f"hand.held && hand.held.line.id === {LINE!r}")
    desk.map.get_by_role("button", name="保留").click()
    desk.wait("hand.held.line.decision === 0")


def test_by_drag_a_line_is_tried_at_three_sites_moved_and_moved_back(desk) -> None:
    desk.take(LINE)
    sites, mouse = three(desk), desk.page.mouse
    desk.page.keyboard.press("Escape")
    for site in sites:
        mouse.move(*desk.spots("lines")[LINE])
        mouse.down()
        x, y = desk.spots("lines")[LINE]
        mouse.move(x + 12, y + 12)
        desk.wait(f"hand.held && hand.held.known && hand.held.line.id === {LINE!r}")
        mouse.move(*desk.spots("sites")[site], steps=4)
        mouse.up()
        desk.wait(f"hand.firm && hand.tried && hand.tried.id === {site!r}")
        answered(desk, site)
    desk.map.get_by_role("button", name="确认").click()
    desk.wait("hand.held.line.decision === 2")
    mouse.move(*desk.spots("sites")[sites[-1]])
    mouse.down()
    mouse.move(*desk.spots("lines")[LINE], steps=6)
    mouse.up()
    desk.wait("hand.held.line.decision === 0")
    assert desk.page.faults == []


def test_by_keyboard_a_line_is_taken_up_tried_moved_and_moved_back(desk) -> None:
    keys, root = desk.page.keyboard, desk.map.locator(".leaflet-container")
    root.focus()
    keys.press("ArrowRight")
    keys.press("Enter")
    desk.wait("hand.held && hand.held.known")
    tried: list[str] = []
    for way in ("ArrowDown", "ArrowLeft", "ArrowUp", "ArrowRight", "ArrowUp") * 12:
        root.focus()
        keys.press(way)
        site = desk.inner.evaluate("(workbench_map.hand.focus || workbench_map.hand.held.line).id")
        if site in tried or not desk.inner.evaluate("(id) => workbench_map.hand.held.sites.has(id)", site):
            continue
        keys.press("Enter")
        answered(desk, site)
        tried.append(site)
        if len(tried) == 3:
            break
    assert len(tried) == 3
    keys.press("Enter")  # confirm has the focus
    desk.wait("hand.held.line.decision === 2")
    root.focus()
    keys.press("k")
    desk.wait("hand.held.line.decision === 0")
    keys.press("Delete")
    desk.wait("hand.held.line.decision === 1")
    keys.press("Escape")
    desk.wait("!hand.held")


def test_a_forbidden_site_answers_with_clause_distance_and_the_nearest_that_would_do(desk) -> None:
    desk.take(LINE)
    desk.click("sites", "EX-CM05")
    told = answered(desk, "EX-CM05")
    assert "不可" in told
    assert "P24" in told
    assert "差" in told
    assert "公里" in told
    desk.map.locator(".wb-try").get_by_role("button", name="试").first.click()
    desk.wait("hand.firm && hand.answer && hand.answer.may", 30_000)


def test_three_quick_switches_of_industry_end_on_the_last(desk) -> None:
    cement = desk.page.locator(".wb-figures").inner_text()
    for title in ("钢铁", "平板玻璃", "电解铝"):
        desk.page.locator(".wb-bar").get_by_role("button", name=title).click()
    desk.wait("workbench_map.industry === 'aluminium'")
    shown = desk.inner.evaluate("[...new Set(workbench_map.features('lines').map((f) => f.industry))]")
    assert shown == ["aluminium"], "the picture is never that of another industry"
    desk.page.locator(".wb-waiting").wait_for(state="detached")
    figures = desk.page.locator(".wb-figures").inner_text()
    assert figures != cement
    assert "—" not in figures
    desk.page.locator(".wb-bar").get_by_role("button", name="水泥").click()
    desk.page.locator(".wb-waiting").wait_for(state="detached")


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("language", ["English", "中文"])
def test_map_figures_and_message_are_on_the_screen_together(desk, size, language) -> None:
    desk.page.set_viewport_size({"width": size[0], "height": size[1]})
    desk.page.get_by_role("button", name=language).click()
    told = "Yearly cost" if language == "English" else "年总成本"
    desk.page.locator(".wb-figures").get_by_text(told).wait_for()
    for part in (".wb-bar", ".wb-heads", ".wb-place", ".wb-side", ".wb-foot"):
        box = desk.page.locator(part).bounding_box()
        assert box["x"] >= 0, part
        assert box["y"] >= 0, part
        assert box["x"] + box["width"] <= size[0], part
        assert box["y"] + box["height"] <= size[1], part
    assert desk.page.locator(".wb-place").bounding_box()["width"] >= 0.65 * size[0]
    cells = desk.page.locator(".wb-figures > div")
    assert cells.count() == 8
    cut = "(cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length"
    assert cells.evaluate_all(cut) == 0, "no figure is cut"
    desk.page.set_viewport_size({"width": 1366, "height": 768})
    desk.page.get_by_role("button", name="中文").click()
