"""The one screen: bar, headline figures, map, tabs beside it and message line, always visible together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import ipywidgets as w

from widgets.i18n import text


class Side(w.Tab):
    """The tabs beside the map, found by name."""

    def __init__(self, pages: Mapping[str, w.Widget]) -> None:
        self.names = tuple(pages)
        self._due: dict[str, Callable[[], None]] = {}
        super().__init__(list(pages.values()))
        self.add_class("wb-side")
        self.observe(lambda change: self._due.pop(self.names[change["new"]], _nothing)(), "selected_index")

    def translate(self, language: str) -> None:
        """Write every tab's title."""
        for number, name in enumerate(self.names):
            self.set_title(number, text(f"tab_{name}", language))

    def write(self, name: str, call: Callable[[], None]) -> None:
        """Write a tab at once if it is in front, else once it is brought there; the newest call counts."""
        if self.names[self.selected_index] == name:
            self._due.pop(name, None)
            call()
        else:
            self._due[name] = call

    def bring(self, name: str) -> None:
        """Bring a tab to the front."""
        self.selected_index = self.names.index(name)

    def on_open(self, name: str, call: Callable[[], None]) -> None:
        """Call when a tab comes to the front."""
        number = self.names.index(name)
        self.observe(lambda change: call() if change["new"] == number else None, names="selected_index")


def _nothing() -> None:
    """Nothing is due."""


def bar(*groups: Sequence[w.Widget]) -> w.HBox:
    """Return the bar at the top: groups of widgets, the last at the right edge."""
    made = [w.HBox(list(group)).add_class("wb-group") for group in groups]
    return w.HBox(made).add_class("wb-bar")


def frame(top: w.Widget, figures: w.Widget, place: w.Widget, side: Side, foot: w.Widget) -> list[w.Widget]:
    """Return the parts in the order of the keyboard, each named for its place in the style's grid."""
    for part, name in ((figures, "wb-heads"), (place, "wb-place"), (foot, "wb-foot")):
        part.add_class(name)
    return [top, figures, place, side, foot]
