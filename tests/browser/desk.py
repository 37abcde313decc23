"""How a test finds its way about the page: the frame of the map, where symbols stand, how a hand moves."""

from __future__ import annotations

from typing import Any

FRAME = "iframe.wb-frame"


class Desk:
    """A page with the workbench on it, in Voila or in a notebook."""

    def __init__(self, page: Any) -> None:
        self.page = page
        page.wait_for_selector(FRAME, timeout=120_000)
        page.frame_locator(FRAME).locator(".wb-panel").wait_for(timeout=40_000)
        page.locator(".wb-figures:not([aria-busy]) b").first.wait_for(timeout=60_000)
        page.wait_for_timeout(300)
        self.map = self.page.frame_locator(FRAME)

    @property
    def inner(self) -> Any:
        """The map's own page inside its sandboxed frame; its policy forbids wait_for_function there."""
        framed = (frame for frame in self.page.frames if frame != self.page.main_frame)
        return next(frame for frame in framed if frame.evaluate("!!window.workbench_map"))

    def origin(self) -> tuple[float, float]:
        """The upper left corner of the map on the screen."""
        box = self.page.locator(FRAME).bounding_box()
        return box["x"], box["y"]

    def spots(self, layer: str) -> dict[str, tuple[float, float]]:
        """Where the shown symbols of a layer stand on the screen, by id."""
        x, y = self.origin()
        found = self.inner.evaluate(
            """(key) => { const v = workbench_map, state = (f) => f.shape.options.state;
            return v.features(key).filter((f) => f.shape._map && !state(f).hidden).map((f) => {
            const p = v.map.layerPointToContainerPoint(f.shape.place()); return [f.id, p.x, p.y]; }); }""",
            layer,
        )
        return {name: (x + px, y + py) for name, px, py in found}

    def click(self, layer: str, name: str) -> None:
        """Click a symbol at its own centre, not through a card; choose from the fan if it opens one."""
        x, y = self.spots(layer)[name]
        box = self.map.locator(".wb-try").bounding_box() if self.map.locator(".wb-try").count() else None
        if box and 0 < x - box["x"] < box["width"] and 0 < y - box["y"] < box["height"]:
            self.map.locator(".wb-try .wb-cross").click()
        self.page.mouse.click(x, y)
        fan = self.map.locator(f'.wb-fan button[data-id="{name}"]')
        if fan.count():
            fan.click()

    def wait(self, expression: str, timeout_ms: int = 10_000) -> Any:
        """Wait until an expression of the map's page holds; `hand` is the planner's hand."""
        for _ in range(timeout_ms // 50):
            value = self.inner.evaluate(
                f"(() => {{ const hand = workbench_map.hand; return {expression}; }})()"
            )
            if value:
                return value
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never held: {expression}")

    def held(self) -> str:
        """The id of the line in the hand, or nothing."""
        return str(self.inner.evaluate("workbench_map.hand.held ? workbench_map.hand.held.line.id : ''"))

    def take(self, line: str) -> None:
        """Take a line up and wait until the workbench has said which sites may take it."""
        self.click("lines", line)
        self.wait(f"hand.held && hand.held.known && hand.held.line.id === {line!r}")

    def tab(self, title: str) -> None:
        """Bring a tab to the front."""
        self.page.locator(".wb-side .lm-TabBar-tab", has_text=title).click()
