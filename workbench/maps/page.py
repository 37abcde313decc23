"""Draw a described map as one interactive page that needs no internet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import folium

from workbench.layers.model import Layers
from workbench.maps.assets import OfflineMap, PagePart, asset
from workbench.maps.describe import describe_layers, describe_plan
from workbench.maps.fonts import page_font
from workbench.maps.spec import MapSpec

if TYPE_CHECKING:
    from workbench.relocation.plan import Plan

SCRIPTS = ("shapes.js", "labels.js", "panel.js", "map.js")  # each builds on those before it
# what a page needs besides when a widget frames it: the planner's hand
LIVE_SCRIPTS = ("apart.js", "cards.js", "pose.js", "hand.js")


def _drawing(spec: MapSpec, *, live: bool) -> PagePart:
    """Return the page's own part: the description as data, and the script that draws it on the folium map."""
    data = spec.to_json()
    scripts = [asset(name) for name in (*SCRIPTS, *(LIVE_SCRIPTS if live else ()))]
    styles = asset("map.css") + (asset("hand.css") if live else "")
    font, options = page_font("".join([data, *scripts])), "{quiet: true}" if live else "{}"
    return PagePart(
        head="\n".join([
            f"<style>{font}{styles}</style>", *(f"<script>{script}</script>" for script in scripts)
        ]),
        body=f'<script type="application/json" id="drawing">{data}</script>',
        script=lambda on: (
            f"var workbench_map = new WorkbenchMap({on}, "
            f'JSON.parse(document.getElementById("drawing").textContent), {options});\n'
            + (asset("live.js") if live else "")
        ),
    )  # fmt: skip


def draw(spec: MapSpec, *, live: bool = False) -> folium.Map:
    """Draw any description; `live` pages listen to the widget that frames them instead of opening popups."""
    page = OfflineMap(
        spec.title[spec.language == "en"], spec.language, location=(30.3, 102.9), zoom_start=7,
        zoom_snap=0.05 if live else 0.25, zoom_delta=0.5 if live else 1, min_zoom=5, max_zoom=13,
        attribution_control=False,
    )  # fmt: skip
    _drawing(spec, live=live).add_to(page)
    return page


def layer_map(
    layers: Layers, *, zone: Literal["eight", "five"] = "eight", language: Literal["zh", "en"] = "zh"
) -> folium.Map:
    """Draw the baseline: plants by industry and size, zone, ecology, hydropower, freight lines, sites.

    The map works without internet wherever it is shown; write it with `save_html`.
    """
    return draw(describe_layers(layers, zone=zone, language=language))


def plan_map(plan: Plan, *, layers: Layers | None = None, language: Literal["zh", "en"] = "zh") -> folium.Map:
    """Draw a plan: what stays, closes and moves, arrows to the new sites, deliveries on request.

    `plan` is a `workbench.relocation.Plan`; `layers` replaces the plan's own layers. The map works without
    internet wherever it is shown; write it with `save_html`.
    """
    return draw(describe_plan(plan, layers=layers, language=language))
