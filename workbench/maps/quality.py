"""Draw how good the baseline is: the share of each prefecture's capacity that is surely located."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import folium
import pandas as pd

from workbench.layers.model import Layers
from workbench.layers.provenance import credit_line
from workbench.layers.quality import prefecture_quality
from workbench.maps.describe import ready
from workbench.maps.objects import plants_layer
from workbench.maps.page import draw
from workbench.maps.spec import MapLayer, MapSpec, View
from workbench.maps.style import INDUSTRIES, MapClass, Mark, titled
from workbench.maps.themes import by_prefecture, stepped
from workbench.units import PERCENT
from workbench.words import lowered, pair, words

QUALITY_FIELDS = words("maps.quality")
TITLES = words("maps.layers")
NONE = titled("maps.quality_steps", "none", Mark("#aaa496", "#fcfbf7", 1.0, 0.9))
UNKNOWN = titled("maps.quality_steps", "unknown", Mark("#8f8f8f", "#cfcfcf", 0.6, 0.9))
# Lower bound of the share that is located with high confidence, and the look of what reaches it.
STEPS: tuple[tuple[float, MapClass], ...] = (
    (0.75, titled("maps.quality_steps", "q75", Mark("#7f9a86", "#3f8f6b", 0.75, 0.9))),
    (0.50, titled("maps.quality_steps", "q50", Mark("#7f9a86", "#8cc29a", 0.75, 0.9))),
    (0.25, titled("maps.quality_steps", "q25", Mark("#a39a78", "#e6dc9c", 0.75, 0.9))),
    (0.00, titled("maps.quality_steps", "q00", Mark("#a98a7a", "#e3a582", 0.75, 0.9))),
)  # fmt: skip


def describe_quality(
    layers: Layers, industry: str = "cement", *, language: Literal["zh", "en"] = "zh"
) -> MapSpec:
    """Describe a map of prefectures classed by the share of capacity located with high confidence.

    The shares are those of `prefecture_quality`, of located and unlocated capacity together; the industry's
    plants lie above, doubtful ones drawn as such. Raises LabelError for an unknown industry.
    """
    ground = _prefectures(layers, industry)
    plants = layers.with_(plants=layers.plants[layers.plants["industry"] == industry])
    title = INDUSTRIES[industry].title
    return MapSpec(
        pair("maps.quality_sheet", "title", industry=lowered(title)),
        pair("maps.quality_sheet", "subtitle"),
        ready([ground, plants_layer(plants)], layers),
        (credit_line(layers)["zh"], credit_line(layers)["en"]),
        language=language,
    )


def quality_map(
    layers: Layers, industry: str = "cement", *, language: Literal["zh", "en"] = "zh"
) -> folium.Map:
    """Draw `describe_quality` as a page that works without internet; write it with `save_html`."""
    return draw(describe_quality(layers, industry, language=language))


def _prefectures(layers: Layers, industry: str) -> MapLayer:
    places = layers.prefectures
    own = prefecture_quality(layers, industry)
    own = own.reindex(places["prefecture_zh"])
    whole = own["located_kt"] + own["unlocated_kt"].fillna(0.0)
    klass = stepped(own["sure_share"], STEPS, UNKNOWN).where(whole > 0, NONE.key)
    numbers = {name: own[name].round(1) for name in QUALITY_FIELDS if name in own}
    percents = {f"{name}_pct": (PERCENT * own[f"{name}_share"]).round(1) for name in ("located", "sure")}
    values = pd.DataFrame(numbers | percents)
    lon_lat = {"label_lon": places["seat_lon"], "label_lat": places["seat_lat"] + 0.07}
    classes = (*(look for _, look in STEPS), UNKNOWN, NONE)
    view = View(("", ""), klass, values)
    layer = by_prefecture(layers, "prefectures", TITLES["prefectures"], classes, [view], QUALITY_FIELDS)
    return replace(layer, frame=layer.frame.assign(**lon_lat), extra=("label_lon", "label_lat"), label="area")
