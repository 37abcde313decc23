"""Draw where an industry may go: eligible land, judged and ranked sites, headroom and hydropower."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import folium
import pandas as pd

from workbench.layers.model import Layers
from workbench.maps.describe import ZONES, credit, ready
from workbench.maps.ground import ground_layers, map_frame, present
from workbench.maps.objects import plants_layer
from workbench.maps.page import draw
from workbench.maps.spec import MapLayer, MapSpec, View
from workbench.maps.style import INDUSTRIES, Text
from workbench.maps.theme_style import BARRED, RANKS, SITE_VERDICTS, VERDICTS, WHERE_FIELDS
from workbench.maps.themes import above, eligibility_layer, headroom_layer, surplus_layer
from workbench.siting import Where, where
from workbench.units import M_PER_KM
from workbench.words import pair, words

Theme = Literal["eligibility", "suitability", "headroom", "hydropower"]
TITLES = words("maps.where_titles")
LAYERS = words("maps.layers")
VIEWS = words("maps.views")
_GROUND = ("outside", "prefectures", "zone", "province")
NAMED_SITES = 10  # ranked sites whose names stand on the map


def describe_where(
    found: Where,
    *,
    theme: Theme = "eligibility",
    view: int = 0,
    language: Literal["zh", "en"] = "zh",
) -> MapSpec:
    """Describe the map of an answer: one theme on, the others a click away, the sites above.

    `theme`: ``eligibility`` and ``suitability`` show the sites by verdict or by rank; ``headroom`` and
    ``hydropower`` class the prefectures, `view` choosing the pollutant, or the water year and season (see
    `themes`). Raises LabelError for a view that the theme does not have.
    """
    layers, zone = found.layers, found.zone.definition
    areas = eligibility_layer(layers, found.industry, known=found.places.known)
    themes = {"headroom": headroom_layer(layers), "hydropower": surplus_layer(layers), "eligibility": areas}
    chosen = themes.get(theme)
    sites = _sites(found)
    if theme == "suitability":
        sites = sites.starting(1)
    elif chosen is not None:
        themes[theme] = replace(chosen.starting(view) if chosen.views else chosen, visible=True)
    # the areas say what counties and function zones would; the rest waits to be switched on
    ground = [
        _hollow(g) if g.key == "zone" else replace(g, visible=g.visible and g.key in _GROUND)
        for g in ground_layers(layers, zone=zone)
        if g.key not in ("counties", "function")
    ]
    own = layers.with_(plants=layers.plants[layers.plants["industry"] == found.industry])
    plants = replace(plants_layer(own), visible=False, label="")
    made = [*above(ground, ("prefectures",), [t for t in themes.values() if t is not None]), plants, sites]
    industry, count = INDUSTRIES[found.industry].title, found.sites["verdict"].value_counts()
    may, barred = int(count.get("free", 0) + count.get("restricted", 0)), int(count.get("excluded", 0))
    counts = {"sites": len(found.sites), "may": may, "barred": barred}
    return MapSpec(
        pair("maps.where_sheet", "title", industry=industry, theme=TITLES[theme]),
        pair("maps.where_sheet", "subtitle", **counts, zone=ZONES[zone]),
        ready(made, layers),
        credit(layers),
        zone=zone,
        language=language,
    )  # fmt: skip


def where_map(
    subject: Layers | Where,
    industry: str = "cement",
    *,
    theme: Theme = "eligibility",
    view: int = 0,
    language: Literal["zh", "en"] = "zh",
) -> folium.Map:
    """Draw where an industry may go, and why not elsewhere; write the page with `save_html`.

    `subject`: layers, judged as `siting.where` does by default, or an answer of `Study.where`. The page works
    without internet; each area and site tells its rule, clause and distance, each barred site the nearest
    that would do.
    """
    found = subject if isinstance(subject, Where) else where(subject, industry)
    return draw(describe_where(found, theme=theme, view=view, language=language))


def _hollow(layer: MapLayer) -> MapLayer:
    """Return an outline without its tint, which would colour the theme below."""
    classes = tuple(replace(klass, mark=replace(klass.mark, fill="")) for klass in layer.classes)
    return replace(layer, classes=classes)


def _sites(found: Where) -> MapLayer:
    rows = found.sites.iloc[::-1]  # the best on top
    columns = found.layers.sites.reindex(rows.index)
    for name in ("source", "confidence", "coord_precision"):
        if name in columns:
            rows = rows.assign(**{name: columns[name]})
    by_rank = rows["rank"].map(
        lambda rank: BARRED.key if rank != rank else next(k.key for most, k in RANKS if rank <= most)
    )
    shown = rows.assign(
        verdict_text=rows["verdict"].map(lambda verdict: VERDICTS[verdict].title),
        reason=_pair(rows, "reason"),
        nearest=_pair(rows, "nearest"),
        lift=_pair(rows, "lift"),
        hold=_pair(rows, "hold"),
        distance_km=(rows["distance_m"] / M_PER_KM).round(1),
        missing_km=(rows["missing_m"] / M_PER_KM).round(1),
        freight_cny_t=rows["freight_cny_t"].round(0),
        tag=[
            (f"{rank:.0f} {zh}", f"{rank:.0f} {en or zh}") if rank <= NAMED_SITES else ""
            for rank, zh, en in zip(rows["rank"], rows["name_zh"], rows["name_en"], strict=True)
        ],
    )
    frame = map_frame(shown, rows["verdict"])
    fields = present(WHERE_FIELDS, frame)
    views = (
        View(VIEWS["verdict"], rows["verdict"], frame),
        View(VIEWS["rank"], by_rank, frame),
    )
    classes = (*SITE_VERDICTS.values(), *(klass for _, klass in RANKS), BARRED)
    return MapLayer(
        "sites", LAYERS["sites"], "point", classes, frame, fields, ("tag",), objects=True,
        label="point", views=views,
    )  # fmt: skip


def _pair(rows: pd.DataFrame, name: str) -> list[Text | str]:
    """Return a text in both languages, or nothing where there is none."""
    texts = zip(rows[f"{name}_zh"], rows[f"{name}_en"], strict=True)
    return [(zh, en) if zh else "" for zh, en in texts]
