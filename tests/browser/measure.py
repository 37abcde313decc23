"""Measure the page on the real baseline: ``python -m tests.browser.measure``; no test, figures for the docs.

Times are those of the browser, from the act to the painted answer. Beside them stand the CPU seconds of the
kernel and of the browser, which say the same on a busy machine as on a quiet one; the load is told, too.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from tests.browser.conftest import CHROMIUM, CUT, ROOT, as_installed, serve, write_notebook
from tests.browser.desk import FRAME, Desk

MOVES = int(os.environ.get("MOVES", "500"))
# an installed program has run once: its code is compiled, the picture of the baseline kept
FIRST = "from tests.browser.measure import first; first()"
EMPTY = "import ipywidgets as w\nw.Label('standing')"
# when the map was painted first and last, when the figures were first written, and last: with their verdicts
CLOCK = """() => { window.told = {}; const now = () => performance.now() - window.since;
  document.addEventListener('workbench-painted', () => {
    told.first ??= now(); told.painted = now(); });
  new MutationObserver(() => { told.figures ??= now(); told.clauses = now(); })
    .observe(document.querySelector('.wb-heads'), { subtree: true, childList: true }); }"""
TRY = """(id) => new Promise((done) => { const hand = workbench_map.hand, since = performance.now();
  hand.try(workbench_map.features('sites').find((site) => site.id === id));
  const look = () => hand.answer && hand.answer.site === id ? done(performance.now() - since)
    : requestAnimationFrame(look);
  look(); })"""
BARRED = """workbench_map.features('sites').map((f) => f.id)
  .filter((id) => !workbench_map.hand.held.sites.has(id))"""


def below(word: str) -> list[psutil.Process]:
    """The processes below this one whose command names a word."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if word in " ".join(process.cmdline()):
                found.append(process)
    return found


def cpu_s(word: str) -> float:
    """CPU seconds of the living processes whose command names a word."""
    return sum(sum(process.cpu_times()[:2]) for process in below(word))


@contextmanager
def counted(name: str, count: int = 1) -> Iterator[None]:
    """Print the CPU seconds that kernel and browser took for each of `count` acts."""
    kernel, browser = cpu_s("ipykernel"), cpu_s("chrom")
    yield
    kernel, browser = (cpu_s("ipykernel") - kernel) / count, (cpu_s("chrom") - browser) / count
    print(f"{name}: CPU {kernel:.3f} s kernel, {browser:.3f} s browser", flush=True)


def told(name: str, took: list[float]) -> None:
    """Print median and 90th percentile, in milliseconds."""
    ordered = sorted(took)
    p90 = ordered[int(0.9 * (len(ordered) - 1))]
    print(f"{name}: median {statistics.median(took):.0f} ms, p90 {p90:.0f} ms, of {len(took)}", flush=True)


def timed(desk: Desk, name: str, act: Callable[[], None], count: int = 20) -> None:
    """Repeat an act; tell when the map is painted, when the figures follow, when their verdicts do."""
    took = []
    with counted(name, count):
        for _ in range(count):
            desk.page.evaluate("() => { window.told = {}; window.since = performance.now(); }")
            act()
            desk.page.wait_for_function("told.first && told.figures", timeout=30_000)
            desk.page.wait_for_timeout(350)
            took.append(desk.page.evaluate("told"))
    told(f"{name}, first paint", [each["first"] for each in took])
    told(f"{name}, map and figures", [max(each["first"], each["figures"]) for each in took])
    told(f"{name}, verdicts", [each["clauses"] for each in took])


def answers(desk: Desk, name: str, sites: list[str]) -> None:
    """Tell how long it takes from trying a site to the answer on its card."""
    with counted(name, len(sites)):
        took = [desk.inner.evaluate(TRY, site) for site in sites]
    told(name, took)


def run(desk: Desk, page: Any, bytes_: list[int]) -> None:
    """Measure slider, answers, hand move, payload, memory and industry switch."""
    page.evaluate(CLOCK)
    desk.tab("情景")
    rest(page)  # the sites of the industry are judged beside the page when it has opened
    page.get_by_role("slider", name="需求系数（%）").focus()
    keys = iter(["ArrowLeft"] * 8 + ["ArrowRight"] * 12)
    bytes_.clear()
    timed(desk, "slider", lambda: page.keyboard.press(next(keys)))
    count, size = len(bytes_) / 20, sum(bytes_) / 20_000
    print(f"messages to the page: {count:.1f} a step, {size:.1f} kB", flush=True)
    desk.take("CM01-1")
    legal = desk.inner.evaluate("[...workbench_map.hand.held.sites.keys()]")
    barred = desk.inner.evaluate(BARRED)
    answers(desk, "what a move changes, at the cursor", legal[:15])
    answers(desk, "why not", barred[:15])
    turns = iter(legal * MOVES)

    def move() -> None:
        desk.inner.evaluate("(id) => workbench_map.hand.tell('move', id)", next(turns))

    bytes_.clear()
    timed(desk, "hand move", move)
    print(f"payload of a move: {sum(bytes_) / 20 / 1000:.1f} kB", flush=True)
    many(page, move)
    for title, code in (("钢铁", "steel"), ("水泥", "cement"), ("平板玻璃", "flat_glass")):
        since = time.perf_counter()
        with counted(f"industry switch to {title}"):
            page.locator(".wb-bar").get_by_role("button", name=title).click()
            desk.wait(f"workbench_map.industry === {code!r}", 30_000)
            page.locator(".wb-waiting").wait_for(state="detached")
        print(f"industry switch to {title}: {time.perf_counter() - since:.2f} s", flush=True)


def many(page: Any, move: Callable[[], None]) -> None:
    """Tell what many moves leave behind in the kernel, once they are worked off."""
    memory = lambda: sum(process.memory_info().rss for process in below("ipykernel")) / 1e6  # noqa: E731
    before = memory()
    with counted("a move among many", MOVES):
        for _ in range(MOVES):
            move()
            page.wait_for_timeout(40)
        page.locator(".wb-waiting").wait_for(state="detached")
        rest(page)
    print(f"kernel: {before:.0f} MB, {memory() - before:+.0f} MB after {MOVES} moves", flush=True)


def rest(page: Any) -> None:
    """Wait until the kernels have nothing to do for two seconds."""
    spent, now = -1.0, cpu_s("ipykernel")
    while now - spent > 0.2:
        page.wait_for_timeout(2000)
        spent, now = now, cpu_s("ipykernel")


def open_page(
    name: str, browser: Any, server: Iterator[str], ready: Callable[[Any], None]
) -> tuple[Any, list[int]]:
    """Open a served page in a context of its own and tell how long it took; return it and its traffic."""
    bytes_: list[int] = []
    address = next(server)
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.set_default_timeout(120_000)
    page.on("websocket", lambda ws: ws.on("framereceived", lambda data: bytes_.append(len(data))))
    rest(page)  # a heated kernel is ready then
    since = time.perf_counter()
    with counted(name):
        page.goto(address)
        ready(page)
        took = time.perf_counter() - since
    print(f"{name}: {took:.1f} s, load {os.getloadavg()[0]:.1f}", flush=True)
    return page, bytes_


def first() -> None:
    """Open a workbench without a page, up to its first verdicts."""
    from widgets import Workbench

    Workbench()


def usable(page: Any) -> None:
    """Wait until the map stands and can be worked on."""
    page.wait_for_selector(FRAME)
    page.frame_locator(FRAME).locator(".wb-panel").wait_for()


def main() -> None:
    """Open an empty page, the workbench cold and heated; then measure, and print."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        empty = serve(write_notebook(Path(folder), EMPTY), Path(folder))
        cold, heated = serve(None, Path(folder)), serve(None, Path(folder), "--heated=1")
        browser = play.chromium.launch(executable_path=CHROMIUM, args=CUT)
        subprocess.run([sys.executable, "-c", FIRST], cwd=ROOT, env=as_installed({}), check=True)
        try:
            standing = lambda page: page.get_by_text("standing").wait_for()  # noqa: E731
            open_page("an empty Voila page", browser, empty, standing)
            empty.close()
            open_page("heated workbench to the map", browser, heated, usable)
            heated.close()
            page, bytes_ = open_page("workbench to the map", browser, cold, usable)
            since = time.perf_counter()
            desk = Desk(page)
            print(f"and to the figures: {time.perf_counter() - since:.1f} s more")
            run(desk, page, bytes_)
            print(f"load of the machine at the end {os.getloadavg()[0]:.1f}")
        finally:
            browser.close()
            for server in (empty, cold, heated):
                server.close()


if __name__ == "__main__":
    main()
