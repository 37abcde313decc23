"""Pages that carry everything they need: no request ever leaves a map made here."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import cast

import folium
from branca.element import Element, Figure
from jinja2 import Template

from workbench.errors import WorkbenchError
from workbench.files import given, writing

STATIC = files("workbench.maps") / "static"
CSP = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline' data:; "
    "img-src data: blob:; font-src data:; connect-src 'none'; form-action 'none'; base-uri 'none'"
)
# what an added element would load: linked files, and tiles, whose address stands in a call
_LOADS = re.compile(
    r"""(?:src=|href=|tileLayer(?:\.wms)?\(\s*)["'](?!data:|#)([^"']+)""",
)
_NO_ZOOM = re.compile(r",\s*maximum-scale=1\.0, user-scalable=no")


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


class Verbatim(Element):
    """Text that stands on the page as it is given.

    branca compiles what its other elements render as a template a second time, so text that went through one
    of them would run as Python. This is the one door through which data, scripts and styles reach a page.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Verbatim"
        self.text = text

    def render(self, **kwargs: object) -> str:
        return self.text


class PagePart(Element):
    """Our own part of a page: markup for its head and body, and what runs once the folium map is there."""

    def __init__(self, *, head: str, body: str, script: Callable[[str], str]) -> None:
        """Take the three texts as they shall stand; `script` receives the name of the map on the page."""
        super().__init__()
        self._name = "PagePart"
        self.head, self.body, self.script = head, body, script

    def render(self, **kwargs: object) -> str:
        page, name = cast(Figure, self.get_root()), self.get_name()
        page.header.add_child(Verbatim(self.head), name=name)
        page.html.add_child(Verbatim(self.body), name=name)
        page.script.add_child(Verbatim(self.script(cast(Element, self._parent).get_name())), name=name)
        return ""


class OfflinePage(Figure):
    """The page around a map: its language, an escaped title, and a policy that lets nothing be loaded."""

    _template = Template(
        """<!DOCTYPE html>
<html lang="{{ 'zh-CN' if this.language == 'zh' else 'en' }}">
<head>
<meta http-equiv="Content-Security-Policy" content="{{ this.policy }}">
<title>{{ this.title | e }}</title>
{{ this.header.render(**kwargs) }}
</head>
<body>
{{ this.html.render(**kwargs) }}
</body>
<script>
{{ this.script.render(**kwargs) }}
</script>
</html>
"""
    )
    policy = CSP

    def __init__(self, title: str, language: str) -> None:
        super().__init__(title=title)
        self.language = language

    def render(self, **kwargs: object) -> str:
        """Return the whole page; raise WorkbenchError when something on it would load from elsewhere."""
        for child in self._children.values():
            child.render(**kwargs)
        parts = [(part, name, child) for part in (self.header, self.html, self.script)
                 for name, child in part._children.items() if not isinstance(child, Verbatim)]  # fmt: skip
        # what folium made is markup and can be judged; data may hold any word
        texts = [(part, name, str(child.render(**kwargs))) for part, name, child in parts]
        outside = {address for _, _, text in texts for address in _LOADS.findall(text)}
        if outside:
            raise WorkbenchError(
                f"the map would load {', '.join(sorted(outside))}, but maps here load nothing. "
                "Remove the plugin, icon or tile layer that needs it"
            )
        for part, name, text in texts:
            # folium forbids zooming the page, which readers with weak eyes need
            part.add_child(Verbatim(_NO_ZOOM.sub("", text)), name=name)
        return str(self._template.render(this=self, kwargs=kwargs))

    def _repr_html_(self, **kwargs: object) -> str:
        """Show the page in a notebook, in a frame that cannot reach the notebook around it."""
        return (
            '<iframe sandbox="allow-scripts" style="width:100%;height:36em;border:none" '
            f'srcdoc="{html.escape(self.render(**kwargs))}"></iframe>'
        )


class OfflineMap(folium.Map):
    """A folium map whose scripts, styles and icons travel inside the page.

    Anything folium can add without a plugin works on it (`folium.Marker(...).add_to(map)`); text that comes
    from data must pass `escape` first, because folium writes popups as code and as templates.
    """

    def __init__(self, title: str, language: str = "zh", **options: object) -> None:
        super().__init__(tiles=None, prefer_canvas=True, **options)  # type: ignore[arg-type]
        self._id = "workbench"  # folium draws a name by lot, and the same plan shall give the same page
        self.default_js = [("leaflet", _uri("leaflet.js")), ("jquery", _uri("jquery.js"))]
        self.default_css = [("leaflet_css", _uri("leaflet.css"))]
        page = OfflinePage(title, language)
        page.add_child(self)
        icons = {
            option: _uri(f"images/{name}.png")
            for option, name in (
                ("iconUrl", "marker-icon"),
                ("iconRetinaUrl", "marker-icon-2x"),
                ("shadowUrl", "marker-shadow"),
            )
        }  # fmt: skip
        page.script.add_child(Verbatim(f"L.Icon.Default.mergeOptions({icons});"), index=0)

    def to_html(self) -> str:
        """Return the whole page as text, guarded by a content security policy.

        Raises WorkbenchError when something added to the map would load from elsewhere.
        """
        return str(self.get_root().render())


def save_html(page: folium.Map, path: str | Path) -> Path:
    """Write a map as one HTML file that opens without internet; return its path.

    `page` comes from `layer_map` or `plan_map`; anything else raises WorkbenchError.
    """
    if not isinstance(page, OfflineMap):
        raise WorkbenchError(
            "save_html takes a map from layer_map or plan_map; a bare folium map needs the internet"
        )
    target = given(path)
    text = page.to_html()
    with writing(target):
        target.write_text(text, encoding="utf-8")
    return target
