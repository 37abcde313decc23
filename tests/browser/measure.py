"""Measure the page on the real baseline: ``python -m tests.browser.measure``; no test, figures for the docs.

Each figure is the time in the browser from the act to the painted answer, in milliseconds.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.browser.conftest import CHROMIUM, CUT, serve
from tests.browser.desk import Desk

MOVES = int(os.environ.get("MOVES", "500"))
CLOCK = """() => { window.seen = 0; window.bytes = 0;
  document.addEventListener('workbench-painted', () => { window.seen = performance.now(); });
  new MutationObserver(() => { window.figures = performance.now(); })
    .observe(document.querySelector('.wb-heads'), { subtree: true, childList: true }); }"""
TRY = """(id) => { const site = workbench_map.features('sites').find((s) => s.id === id);
  workbench_map.hand.try(site); }"""
BARRED = """workbench_map.features('sites').map((f) => f.id)
  .filter((id) => !workbench_map.hand.held.sites.has(id))"""


def kernel_mb() -> float:
    """Memory of the kernels below this process, in MB."""
    below = psutil.Process().children(recursive=True)
    return sum(p.memory_info().rss for p in below if "ipykernel" in " ".join(p.cmdline())) / 1e6


def timed(desk: Desk, act: Callable[[], None], *, count: int) -> list[float]:
    """Repeat an act; return from the act until both map and figures show what follows from it."""
    took = []
    for _ in range(count):
        desk.page.evaluate("() => { window.seen = window.figures = 0; window.since = performance.now(); }")
        act()
        desk.page.wait_for_function("window.seen && window.figures", timeout=20_000)
        desk.page.wait_for_timeout(350)  # what follows later, such as verdicts, is part of the answer's time
        took.append(desk.page.evaluate("Math.max(window.seen, window.figures) - window.since"))
    return took


def told(name: str, took: list[float]) -> None:
    ordered = sorted(took)
    p90 = ordered[int(0.9 * (len(ordered) - 1))]
    print(f"{name}: median {statistics.median(took):.0f} ms, p90 {p90:.0f} ms, of {len(took)}", flush=True)


def answers(desk: Desk, sites: list[str]) -> list[float]:
    """Time from trying a site to the answer on its card."""
    took = []
    for site in sites:
        since = time.perf_counter()
        desk.inner.evaluate(TRY, site)
        done = f"!!workbench_map.hand.answer && workbench_map.hand.answer.site === {site!r}"
        while not desk.inner.evaluate(done):
            pass
        took.append(1000 * (time.perf_counter() - since))
    return took


def run(desk: Desk, page: Any, bytes_: list[int]) -> None:
    """Measure slider, hand move, answers, industry switch, payload and memory."""
    page.evaluate(CLOCK)
    desk.tab("情景")
    slider = page.get_by_role("slider", name="需求系数（%）")
    slider.focus()
    keys = iter(["ArrowLeft"] * 8 + ["ArrowRight"] * 12)
    told("slider to painted map and figures", timed(desk, lambda: page.keyboard.press(next(keys)), count=20))
    desk.take("CM01-1")
    legal = desk.inner.evaluate("[...workbench_map.hand.held.sites.keys()]")
    barred = desk.inner.evaluate(BARRED)
    page.wait_for_timeout(3000)
    told("what a move changes, at the cursor", answers(desk, legal[:15]))
    told("why not", answers(desk, barred[:15]))
    turns = iter(legal * 40)
    bytes_.clear()
    move = lambda: desk.inner.evaluate("(id) => workbench_map.hand.send({do: 'move', id})", next(turns))  # noqa: E731
    told("hand move to painted map and figures", timed(desk, move, count=20))
    print(f"payload of a move: {sum(bytes_) / 20 / 1000:.1f} kB", flush=True)
    before = kernel_mb()
    for _ in range(MOVES):
        move()
        page.wait_for_timeout(40)
    page.wait_for_timeout(4000)
    print(f"kernel: {before:.0f} MB, {kernel_mb() - before:+.0f} MB after {MOVES} moves", flush=True)
    for title in ("钢铁", "水泥", "钢铁"):
        since = time.perf_counter()
        page.locator(".wb-bar").get_by_role("button", name=title).click()
        page.wait_for_timeout(30)
        page.locator(".wb-waiting").wait_for(state="detached")
        print(f"industry switch to {title}: {time.perf_counter() - since:.2f} s", flush=True)


def main() -> None:
    """Open the page, measure, print."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server = serve(None, Path(folder))
        browser = play.chromium.launch(executable_path=CHROMIUM, args=CUT)
        try:
            address, bytes_ = next(server), []
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.set_default_timeout(120_000)
            page.on("websocket", lambda ws: ws.on("framereceived", lambda data: bytes_.append(len(data))))
            since = time.perf_counter()
            page.goto(address)
            desk = Desk(page)
            print(f"page open to figures: {time.perf_counter() - since:.1f} s, load {os.getloadavg()[0]:.1f}")
            run(desk, page, bytes_)
            print(f"load of the machine at the end {os.getloadavg()[0]:.1f}")
        finally:
            browser.close()
            server.close()


if __name__ == "__main__":
    main()
