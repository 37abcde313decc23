"""Draw a described map as one interactive page that needs no internet."""

from __future__ import annotations

from typing import Any, Literal

import folium
from branca.element import MacroElement
from jinja2 import Template

from workbench.layers.model import Layers
from workbench.maps.assets import OfflineMap, asset
from workbench.maps.describe import describe_layers, describe_plan
from workbench.maps.fonts import page_font
from workbench.maps.spec import MapSpec

SCRIPTS = ("shapes.js", "labels.js", "panel.js", "map.js")  # each builds on those before it


class _Drawing(MacroElement):
    """The page's own part: the description as data, and the script that draws it on the folium map."""

    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <style>{{ this.font }}{{ this.css }}</style>
        {% for script in this.scripts %}<script>{{ script }}</script>
        {% endfor %}
        {% endmacro %}
        {% macro html(this, kwargs) %}
        <script type="application/json" id="{{ this.get_name() }}">{{ this.data }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var workbench_map = new WorkbenchMap({{ this._parent.get_name() }},
            JSON.parse(document.getElementById("{{ this.get_name() }}").textContent), {{ this.options }});
        {{ this.live }}
        {% endmacro %}
        """
    )

    def __init__(self, spec: MapSpec, *, live: bool) -> None:
        super().__init__()
        self._name = "Drawing"
        self.data = spec.to_json()
        self.scripts = [asset(name) for name in SCRIPTS]
        self.font = page_font("".join([self.data, *self.scripts]))
        self.css = asset("map.css")
        self.options = "{quiet: true}" if live else "{}"
        self.live = asset("live.js") if live else ""


def draw(spec: MapSpec, *, live: bool = False) -> folium.Map:
    """Draw any description; `live` pages listen to the widget that frames them instead of opening popups."""
    page = OfflineMap(
        spec.title[spec.language == "en"], spec.language, location=(30.3, 102.9), zoom_start=7,
        zoom_snap=0.25,        min_zoom=5, max_zoom=13, attribution_control=False,
    )  # fmt: skip
    _Drawing(spec, live=live).add_to(page)
    return page


def layer_map(
    layers: Layers, *, zone: Literal["eight", "five"] = "eight", language: Literal["zh", "en"] = "zh"
) -> folium.Map:
    """Draw the baseline: plants by industry and size, zone, ecology, hydropower, freight lines, sites.

    The map works without internet wherever it is shown; write it with `save_html`.
    """
    return draw(describe_layers(layers, zone=zone, language=language))


def plan_map(plan: Any, *, layers: Layers | None = None, language: Literal["zh", "en"] = "zh") -> folium.Map:
    """Draw a plan: what stays, closes and moves, arrows to the new sites, deliveries on request.

    `plan` is a `workbench.relocation.Plan`; `layers` replaces the plan's own layers. The map works without
    internet wherever it is shown; write it with `save_html`.
    """
    return draw(describe_plan(plan, layers=layers, language=language))
