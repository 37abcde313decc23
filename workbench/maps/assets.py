"""Pages that carry everything they need: no request ever leaves a map made here."""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import cast

import folium
from branca.element import Element, Figure

from workbench.errors import WorkbenchError

STATIC = files("workbench.maps") / "static"
CSP = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline' data:; "
    "img-src data: blob:; font-src data:; connect-src 'none'; form-action 'none'; base-uri 'none'"
)
# what an added element would load: linked files, and tiles, whose address stands in a call
_LOADS = re.compile(
    r"""(?:src=|href=|tileLayer(?:\.wms)?\(\s*)["'](?!data:|#)([^"']+)""",
)


@cache
def asset(name: str) -> str:
    """Return the text of a vendored or own file of `maps/static`; images in style sheets are put inline."""
    text = (STATIC / name).read_text(encoding="utf-8")
    if name.endswith(".css"):
        text = re.sub(r"url\((images/[\w.-]+)\)", lambda found: f"url({_uri(found[1])})", text)
    return text


@cache
def _uri(name: str) -> str:
    mime = {"js": "text/javascript", "css": "text/css", "png": "image/png"}[name.rsplit(".", 1)[1]]
    data = asset(name).encode() if mime.startswith("text") else (STATIC / name).read_bytes()
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


class OfflineMap(folium.Map):
    """A folium map whose scripts, styles and icons travel inside the page.

    Anything folium can add without a plugin works on it (`folium.Marker(...).add_to(map)`); text that comes
    from data must pass `escape` first, because folium writes popups as code.
    """

    def __init__(self, title: str, language: str = "zh", **options: object) -> None:
        super().__init__(tiles=None, prefer_canvas=True, **options)  # type: ignore[arg-type]
        self.default_js = [("leaflet", _uri("leaflet.js")), ("jquery", _uri("jquery.js"))]
        self.default_css = [("leaflet_css", _uri("leaflet.css"))]
        self.language = language
        page = cast(Figure, self.get_root())
        page.title = title
        icons = {
            option: _uri(f"images/{name}.png")
            for option, name in (
                ("iconUrl", "marker-icon"),
                ("iconRetinaUrl", "marker-icon-2x"),
                ("shadowUrl", "marker-shadow"),
            )
        }  # fmt: skip
        page.script.add_child(Element(f"L.Icon.Default.mergeOptions({icons});"), index=0)

    def to_html(self) -> str:
        """Return the whole page as text, guarded by a content security policy.

        Raises WorkbenchError when something added to the map would load from elsewhere.
        """
        page = self.get_root().render()
        page = page.replace(
            "<head>", f'<head>\n<meta http-equiv="Content-Security-Policy" content="{CSP}">', 1
        ).replace("<html>", f'<html lang="{"zh-CN" if self.language == "zh" else "en"}">', 1)
        # folium forbids zooming the page, which readers with weak eyes need
        page = re.sub(
            r",\s*initial-scale=1.0, maximum-scale=1.0, user-scalable=no", ", initial-scale=1.0", page
        )
        outside = _LOADS.findall(page)
        if outside:
            raise WorkbenchError(
                f"the map would load {', '.join(sorted(set(outside)))}, but maps here load nothing. "
                "Remove the plugin, icon or tile layer that needs it"
            )
        return page


def save_html(page: folium.Map, path: str | Path) -> Path:
    """Write a map as one HTML file that opens without internet; return its path.

    `page` comes from `layer_map` or `plan_map`; anything else raises WorkbenchError.
    """
    if not isinstance(page, OfflineMap):
        raise WorkbenchError(
            "save_html takes a map from layer_map or plan_map; a bare folium map needs the internet"
        )
    target = Path(path)
    target.write_text(page.to_html(), encoding="utf-8")
    return target
