"""The map in the notebook: one folium page, shown once in a sandboxed frame and changed by small messages."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import anywidget
import traitlets as t

from workbench.maps import MapSpec, MoveState, draw
from workbench.maps.assets import OfflineMap

_STATIC = files("widgets") / "static"


class MapView(anywidget.AnyWidget):
    """A map that is painted once and then only told what changed.

    `moves` holds the plan as little-endian float32 (see `workbench.maps.MoveState`); `clicked` is the last
    feature clicked as ``{"layer", "id", "at", "n"}``, checked against the ids that the map draws.
    """

    _esm = (_STATIC / "bridge.js").read_text(encoding="utf-8")
    _css = (_STATIC / "bridge.css").read_text(encoding="utf-8")

    html = t.Unicode().tag(sync=True)
    label = t.Unicode().tag(sync=True)
    moves = t.Bytes(b"").tag(sync=True)
    view = t.Dict().tag(sync=True)
    seq = t.Int(0).tag(sync=True)
    clicked = t.Dict().tag(sync=True)

    def __init__(self, spec: MapSpec, *, label: str = "", **options: Any) -> None:
        page = draw(spec, live=True)
        assert isinstance(page, OfflineMap)
        self._known = {layer.key: frozenset(map(str, layer.frame.index)) for layer in spec.layers}
        super().__init__(
            html=page.to_html(), label=label, moves=_bytes(spec.moves),
            view={"language": spec.language, "zone": spec.zone, "selected": "", "flows": False}, **options,
        )  # fmt: skip

    def show(self, moves: MoveState | None = None, **view: Any) -> None:
        """Change what is drawn: the plan, and any of language, zone, selected; one message."""
        with self.hold_sync():
            if moves is not None:
                self.moves = _bytes(moves)
            self.view = {**self.view, **view}
            self.seq += 1

    def on_click(self, call: Any) -> None:
        """Call ``call(layer, id, at)`` on each click; layer and id are empty beside all features.

        `at` is (longitude, latitude), or None when the page does not say.
        """

        def hear(change: Any) -> None:
            layer, name = str(change["new"].get("layer", "")), str(change["new"].get("id", ""))
            if not layer or name in self._known.get(layer, ()):  # the page is sandboxed, not trusted
                call(layer, name, _place(change["new"].get("at")))

        self.observe(hear, names="clicked")


def _place(at: Any) -> tuple[float, float] | None:
    """Return a click's place if it is one on this globe."""
    if not isinstance(at, list) or len(at) != 2 or not all(isinstance(part, (int, float)) for part in at):
        return None
    lon, lat = float(at[0]), float(at[1])
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _bytes(moves: MoveState | None) -> bytes:
    return b"" if moves is None else moves.to_array().astype("<f4").tobytes()
