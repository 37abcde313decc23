"""The map in the notebook: one folium page, shown once in a sandboxed frame and changed by small messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets as t

from widgets.glyphs import Glyphs

if TYPE_CHECKING:
    from workbench.maps.opening import Opening
    from workbench.maps.spec import MoveState

_STATIC = files("widgets") / "static"
# what the page may report: act -> the layer its id belongs to, or nothing where it names none
ACTS: Mapping[str, str] = {
    "take": "lines", "put": "", "try": "sites", "move": "sites", "keep": "lines", "close": "lines",
    "site": "sites", "why": "sites", "land": "", "themes": "",
}  # fmt: skip


class MapView(anywidget.AnyWidget):
    """A map that is painted once and then only told what changed.

    `moves` holds the plan as little-endian float32 (see `workbench.maps.MoveState`); `view` what is shown:
    language, industry, zone, flows, pins, the line held and the answer at the cursor; `layers` themes that
    came later. The planner's hand reports each act as a message ``{"do", "id", "at", "turn"}``, checked
    against what the map draws; what is held goes back with the turn it answers, so that the hand can leave
    an answer aside that comes after it took up something else.
    """

    _esm = (_STATIC / "bridge.js").read_text(encoding="utf-8")
    _css = (_STATIC / "bridge.css").read_text(encoding="utf-8")

    html = t.Unicode().tag(sync=True)
    label = t.Unicode().tag(sync=True)
    moves = t.Bytes(b"").tag(sync=True)
    view = t.Dict().tag(sync=True)
    layers = t.Unicode().tag(sync=True)
    seq = t.Int(0).tag(sync=True)

    def __init__(self, opening: Opening, *, label: str = "", **view: Any) -> None:
        self._known = {"lines": frozenset(opening.lines), "sites": frozenset(opening.sites)}
        self._glyphs = Glyphs(opening.page)
        self._turn = 0
        self.on_painted: Callable[[], None] = lambda: None
        super().__init__(html=opening.page, label=label, view={"flows": False, "pins": [], **view})

    def show(self, moves: MoveState | None = None, **view: Any) -> bool:
        """Change what is drawn: the plan, and any part of the view; one message, none if nothing changed.

        Returns whether there is something to paint; `on_painted` hears when the newest message is.
        """
        view |= {part: {**view[part], "turn": self._turn} for part in ("held", "answer") if part in view}
        made = self.moves if moves is None else moves.to_array().astype("<f4").tobytes()
        if made == self.moves and all(self.view.get(name) == value for name, value in view.items()):
            return False
        rule = self._glyphs.missing(str(view.get("answer", "")))
        if rule:
            view["font"] = rule
        with self.hold_sync():
            self.moves = made
            self.view = {**self.view, **view}
            self.seq += 1
        return True

    def on_act(self, call: Callable[[str, str, tuple[float, float] | None], None]) -> None:
        """Call ``call(act, id, at)`` on each act of `ACTS`; `at` is (longitude, latitude) or None."""

        def hear(_: Any, told: Any, __: Any) -> None:
            if not isinstance(told, dict):  # the page is sandboxed, not trusted
                return
            if told.get("do") == "painted" and told.get("seq") == self.seq:
                self.on_painted()
            act, name, turn = str(told.get("do", "")), str(told.get("id", "")), told.get("turn")
            layer = ACTS.get(act)
            if layer is not None and (not layer or name in self._known.get(layer, ())):
                self._turn = turn if isinstance(turn, int) else self._turn
                call(act, name, _place(told.get("at")))

        self.on_msg(hear)


def _place(at: Any) -> tuple[float, float] | None:
    """Return a click's place if it is one on this globe."""
    if not isinstance(at, list) or len(at) != 2 or not all(isinstance(part, (int, float)) for part in at):
        return None
    lon, lat = float(at[0]), float(at[1])
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None
