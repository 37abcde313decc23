"""Take the pictures of docs/img/screens: ``python -m tests.browser.screens``.

Every tab, in both sizes and languages, of the page that is served: the whole baseline, one line moved and in
the hand, another site tried.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from tests.browser.conftest import CHROMIUM, CUT, ROOT, serve
from tests.browser.desk import Desk

FOLDER = ROOT / "docs" / "img" / "screens"
SIZES = ((1366, 768), (1920, 1080))
TABS = ("plan", "options", "figures", "where", "law", "export", "code")
LINE = "CM01-1"


def picture(seen: Any, path: Path) -> None:
    """Save what a page or a part of it shows, in 256 colours: a map needs no more, and a repository less."""
    image = Image.open(io.BytesIO(seen.screenshot())).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def move(desk: Desk) -> None:
    """Move a line, and leave it in the hand with another site tried."""
    desk.take(LINE)
    first, second = desk.inner.evaluate(
        "[...workbench_map.hand.held.sites.keys()].filter((_, i) => i % 9 === 1)"
    )[:2]
    desk.click("sites", first)
    desk.wait("hand.answer && hand.answer.may", 60_000)
    desk.inner.evaluate("workbench_map.hand.confirm()")
    desk.wait("hand.held.line.decision === 2")
    desk.click("sites", second)
    desk.wait("hand.firm && hand.answer && hand.answer.may", 60_000)
    desk.page.locator(".wb-waiting").wait_for(state="detached")


def take(desk: Desk, folder: Path) -> None:
    """Take every picture of an open page."""
    page = desk.page
    move(desk)
    page.locator(".wb-side .lm-TabBar-tab").nth(TABS.index("where")).click()
    page.locator(".wb-side .wb-table:visible").first.wait_for()
    for size in SIZES:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for button, language in (("English", "en"), ("中文", "zh")):
            page.get_by_role("button", name=button).click()
            desk.wait(f"workbench_map.lang === {int(language == 'en')}")
            for number, tab in enumerate(TABS):
                page.locator(".wb-side .lm-TabBar-tab").nth(number).click()
                page.wait_for_timeout(400)
                whole = page if tab == "plan" else page.locator(".wb-side")  # the map beside it is the same
                picture(whole, folder / f"{tab}_{language}_{size[0]}.png")


def main() -> None:
    """Serve, open, take."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server = serve(None, Path(folder))
        browser = play.chromium.launch(executable_path=CHROMIUM, args=CUT)
        try:
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.set_default_timeout(120_000)
            page.goto(next(server))
            take(Desk(page), FOLDER)
        finally:
            browser.close()
            server.close()


if __name__ == "__main__":
    main()
