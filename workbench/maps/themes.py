"""Thematic layers: prefectures and areas classed by what they allow or offer, one form for page and print."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from workbench import crs
from workbench.layers.model import Layers
from workbench.maps.ground import map_frame
from workbench.maps.spec import MapLayer, View
from workbench.maps.style import INDUSTRIES, MapClass, Text
from workbench.maps.theme_style import (
    AREA_FIELDS,
    HEADROOM,
    HEADROOM_FIELDS,
    LOAD,
    NONE,
    POLLUTANTS,
    SEASONS,
    SURPLUS,
    SURPLUS_FIELDS,
    UNKNOWN,
    VERDICTS,
    WORDS,
    YEARS,
)
from workbench.region import headroom, hydropower
from workbench.region.areas import governing_areas
from workbench.region.ecology import Exclusions, exclusions
from workbench.region.options import ZoneOptions
from workbench.units import M_PER_KM, PERCENT
from workbench.words import lowered, pair, words

TITLES = words("maps.layers")
TOLERANCE_M = 200.0  # far below a pixel at province scale, and below what the sources know


def stepped(
    values: pd.Series, steps: Sequence[tuple[float, MapClass]], below: MapClass, missing: MapClass = UNKNOWN
) -> pd.Series:
    """Return the key of the first class whose lower bound each value reaches, from the highest down."""
    return values.map(
        lambda v: missing.key if v != v else next((k.key for low, k in steps if v >= low), below.key)
    )


def by_prefecture(
    layers: Layers,
    key: str,
    title: Text,
    classes: Sequence[MapClass],
    views: Sequence[View],
    fields: Mapping[str, Text],
    *,
    visible: bool = True,
    shapes_of: str = "",
) -> MapLayer:
    """Return a layer of the prefectures that shows the first view; views are indexed by `prefecture_zh`."""
    places = layers.prefectures
    names = places["prefecture_zh"]
    placed = tuple(
        View(
            view.title,
            view.klass.reindex(names).set_axis(places.index),
            view.values.reindex(names).set_axis(places.index),
        )
        for view in views
    )
    first = placed[0]
    frame = map_frame(
        places, first.klass, doubt=False, name_zh=names, **{name: first.values[name] for name in fields}
    )
    return MapLayer(
        key, title, "polygon", tuple(classes), frame, fields, visible=visible,
        views=placed if len(placed) > 1 else (), shapes_of=shapes_of,
    )  # fmt: skip


def headroom_layer(layers: Layers) -> MapLayer | None:
    """Return the balance left under the 2015 caps, a view per pollutant; None where the tables are absent."""
    if "air_zones" not in layers or "headroom.progress_2013_share" not in layers.assumptions:
        return None
    balance = headroom.balances(layers)
    balance["share_pct"] = PERCENT * balance["headroom_t"] / balance["cap_t"]
    views = []
    for pollutant, title in POLLUTANTS.items():
        own = balance[balance["pollutant"] == pollutant].set_index("prefecture_zh")
        values = own.round({name: 0 for name in HEADROOM_FIELDS if name.endswith("_t")} | {"share_pct": 1})
        values = values.assign(state=own["state"].map(WORDS), basis=own["basis"].map(WORDS))
        views.append(View(title, stepped(own["share_pct"] / PERCENT, HEADROOM, UNKNOWN), values))
    return by_prefecture(
        layers, "headroom", TITLES["headroom"],
        (*(klass for _, klass in HEADROOM), UNKNOWN), views, HEADROOM_FIELDS,
        visible=False, shapes_of="prefectures",
    )  # fmt: skip


def surplus_layer(layers: Layers) -> MapLayer | None:
    """Return the hydropower left: flat load through the dry season, then surplus by water year and season."""
    if "hydropower" not in layers or "hydropower.installed_mw" not in layers.assumptions:
        return None
    loads = {year: hydropower.flat_load(layers, year) for year in ("dry", "normal", "wet")}
    months = {year: hydropower.surplus(layers, year) for year in ("dry", "normal", "wet")}
    energy = [name for name in SURPLUS_FIELDS if name.endswith("_gwh")]
    views = []
    for year, load in loads.items():
        whole = months[year].groupby("prefecture_zh")[energy].sum()
        values = load.join(whole).round({"price_cny_kwh": 3} | dict.fromkeys(SURPLUS_FIELDS, 1))
        title = pair("maps.views", "load", year=YEARS[year])
        views.append(View(title, stepped(load["guaranteed_mw"], LOAD, NONE), values))
    for year, load in loads.items():
        for season, name in SEASONS.items():
            part = months[year][months[year]["season"] == season].groupby("prefecture_zh")[energy].sum()
            values = load.join(part).round({"price_cny_kwh": 3} | dict.fromkeys(SURPLUS_FIELDS, 1))
            title = pair("maps.views", "surplus", season=name, year=YEARS[year])
            views.append(View(title, stepped(part["surplus_gwh"], SURPLUS, NONE), values))
    classes = (*(klass for _, klass in LOAD), *(klass for _, klass in SURPLUS), NONE, UNKNOWN)
    return by_prefecture(
        layers, "surplus", TITLES["surplus"], classes, views, SURPLUS_FIELDS,
        visible=False, shapes_of="prefectures",
    )  # fmt: skip


def eligibility_layer(
    layers: Layers,
    industry: str,
    *,
    known: Exclusions | None = None,
    zone: ZoneOptions | None = None,
    visible: bool = False,
) -> MapLayer | None:
    """Return the province cut into allowed, restricted and excluded areas for an industry, with their rules.

    `known`: the zones, gathered from the layers under `zone` when None; a layer without the protective
    distances gives None. Areas whose outline is approximate are drawn as doubtful.
    """
    if known is None:
        if "exclusion.reserve_national_m" not in layers.assumptions:
            return None
        known = exclusions(layers, zone=zone or ZoneOptions())
    areas = governing_areas(known, industry, tolerance_m=TOLERANCE_M)
    rules = [known.rules.get(name) for name in areas["rule"]]
    reasons = [("", "") if rule is None else (rule.reason_zh, rule.reason_en) for rule in rules]
    zone_zh = areas["zone_zh"].astype(str)
    silent_zh, silent_en = WORDS["silent"]
    frame = gpd.GeoDataFrame(
        {
            "name_zh": zone_zh.where(zone_zh != "", silent_zh),
            "name_en": np.where(zone_zh != "", "", silent_en),
            "verdict": [VERDICTS[state].title for state in areas["state"]],
            "reason": reasons,
            "clause": areas["clause"],
            "belt_km": (areas["buffer_m"] / M_PER_KM).where(areas["buffer_m"] > 0),
            "approximate": areas["approximate"].astype(bool),
        },
        geometry=crs.from_metric(areas.geometry),
        crs=crs.WGS84,
    ).set_axis([f"{industry}-{number}" for number in range(len(areas))])
    frame = map_frame(frame, areas["state"].to_numpy(), doubt=frame["approximate"])
    title = INDUSTRIES[industry].title
    return MapLayer(
        f"eligible_{industry}", pair("maps.layers", "eligible", industry=lowered(title)), "polygon",
        tuple(VERDICTS.values()), frame, AREA_FIELDS, visible=visible,
    )  # fmt: skip


def theme_layers(
    layers: Layers, industries: Sequence[str], *, zone: ZoneOptions | None = None
) -> list[MapLayer]:
    """Return every theme the layers allow, all switched off: headroom, hydropower surplus, eligibility."""
    made = [headroom_layer(layers), surplus_layer(layers)]
    ready = "exclusion.reserve_national_m" in layers.assumptions and bool(industries)
    known = exclusions(layers, zone=zone or ZoneOptions()) if ready else None
    if known is not None:
        made += [eligibility_layer(layers, industry, known=known) for industry in industries]
    return [layer for layer in made if layer is not None]


def above(ground: Sequence[MapLayer], keys: Collection[str], themes: Sequence[MapLayer]) -> list[MapLayer]:
    """Return the layers with the themes laid just above the last of some of them."""
    at = max(number for number, layer in enumerate(ground) if layer.key in keys) + 1
    return [*ground[:at], *themes, *ground[at:]]
