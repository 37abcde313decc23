"""Describe the land for a map: boundaries, the Chengdu zone, ecology, rivers and freight lines."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from workbench.amounts import both
from workbench.layers.model import Layers
from workbench.layers.quality import doubtful
from workbench.maps import style
from workbench.maps.spec import MapLayer
from workbench.maps.style import Text
from workbench.words import lowered, pair, words

ECO_FIELDS = words("maps.ecology")
FREIGHT_FIELDS = words("maps.freight")
PREFECTURE_FIELDS = words("maps.prefectures")
UNLOCATED = words("maps.unlocated")["unlocated"]
FUNCTION_FIELDS = words("maps.function")
HABITAT_FIELDS = words("maps.habitat")
ZONE_FIELDS = words("maps.zone")
TITLES = words("maps.layers")


def map_frame(frame: gpd.GeoDataFrame, klass: object, **columns: object) -> gpd.GeoDataFrame:
    """Return a copy with the columns every map layer needs; names and doubt are read where they exist."""
    out = frame.copy()
    out["klass"] = klass
    out["size"] = columns.pop("size", np.nan)
    for name in ("name_zh", "name_en"):
        if name not in out:
            out[name] = ""
    out["doubt"] = columns.pop("doubt", doubtful(out))
    return out.assign(**columns)


def present(fields: dict[str, Text], frame: pd.DataFrame) -> dict[str, Text]:
    """Return the fields whose column exists and holds something."""
    return {name: title for name, title in fields.items() if name in frame and frame[name].notna().any()}


def in_zone(prefectures: pd.DataFrame, zone: str) -> pd.Series:
    """Return whether each prefecture counts as Chengdu zone under a definition (``five`` or ``eight``)."""
    return prefectures["in_chengdu_5" if zone == "five" else "in_chengdu_8"].astype(bool)


def ground_layers(layers: Layers, *, zone: str) -> list[MapLayer]:
    """Return the layers of the land, from the bottom up; layers the baseline lacks are left out."""
    made = [_outside(layers), _prefectures(layers), _function_counties(layers), _counties(layers)]
    made += [
        _habitat(layers),
        _ecology(layers),
        _rivers(layers),
        _zone(layers, zone),
        _province(layers),
        *_freight(layers),
    ]
    return [layer for layer in made if layer is not None]


def _outside(layers: Layers) -> MapLayer | None:
    if "surroundings" not in layers:
        return None
    return MapLayer(
        "outside", TITLES["outside"], "polygon", (style.ADMIN["outside"],),
        map_frame(layers.surroundings, "outside", doubt=False), interactive=False,
    )  # fmt: skip


def _prefectures(layers: Layers) -> MapLayer:
    frame = layers.prefectures
    fields = present(PREFECTURE_FIELDS, frame)
    names = {
        "name_zh": frame["prefecture_zh"],
        "label_lon": frame["seat_lon"],
        "label_lat": frame["seat_lat"] + 0.07,  # beside the seat, where the symbols are
    }
    residual = _residual(layers)
    if residual is not None:
        names["unlocated"] = frame["prefecture_zh"].map(residual).fillna("")
        fields["unlocated"] = UNLOCATED
    return MapLayer(
        "prefectures", TITLES["prefectures"], "polygon", (style.ADMIN["prefecture"],),
        map_frame(frame, "prefecture", doubt=False, **names), fields, extra=("label_lon", "label_lat"),
        label="area",
    )  # fmt: skip


def _residual(layers: Layers) -> pd.Series | None:
    """Return per prefecture the capacity no source locates, as one readable text."""
    if "residual" not in layers:
        return None
    rows = layers.residual
    rows = rows[rows["capacity_kt"] > 0.5]
    return rows.groupby("prefecture_zh")[["industry", "capacity_kt"]].apply(_amounts)


def _amounts(rows: pd.DataFrame) -> Text:
    """Tell the capacity of each industry in both languages."""
    sums = rows.groupby("industry", sort=False)["capacity_kt"].sum()
    told = {str(code): both(float(kt), "kt") for code, kt in sums.items()}
    zh, en = (
        [f"{style.INDUSTRIES[code].title[side]} {kt[side]}" for code, kt in told.items()] for side in (0, 1)
    )
    return "；".join(zh), "; ".join(en)


def _function_counties(layers: Layers) -> MapLayer | None:
    if "counties" not in layers or "eco_function_zone" not in layers.counties:
        return None
    rows = layers.counties
    zones = rows["eco_function_zone"].fillna("").astype(str)
    rows = rows[(zones != "") & (zones != "none")]
    if rows.empty:
        return None
    return MapLayer(
        "function", TITLES["function"], "polygon",
        (style.ADMIN["function"],),
        map_frame(rows, "function", doubt=False, name_zh=rows["county_zh"]), present(FUNCTION_FIELDS, rows),
    )  # fmt: skip


def _counties(layers: Layers) -> MapLayer | None:
    if "counties" not in layers:
        return None
    frame = map_frame(layers.counties, "county", doubt=False, name_zh=layers.counties["county_zh"])
    return MapLayer(
        "counties", TITLES["counties"], "polygon", (style.ADMIN["county"],), frame,
        visible=False, interactive=False,
    )  # fmt: skip


def _habitat(layers: Layers) -> MapLayer | None:
    """Return the counties named for panda habitat: it lies somewhere in each, nobody publishes where."""
    if "counties" not in layers or "panda_habitat" not in layers.counties:
        return None
    rows = layers.counties[layers.counties["panda_habitat"].eq(True)]
    if rows.empty:
        return None
    told = rows.assign(
        source=rows["panda_habitat_source"],
        confidence=rows["panda_habitat_confidence"],
        name_zh=rows["county_zh"],
    )
    return MapLayer(
        "habitat", TITLES["habitat"], "polygon", (style.ADMIN["habitat"],),
        map_frame(told, "habitat", doubt=True), HABITAT_FIELDS, visible=False, shapes_of="counties",
    )  # fmt: skip


def _ecology(layers: Layers) -> MapLayer | None:
    if "ecology" not in layers:
        return None
    rows = layers.ecology
    rows = rows[~rows.geometry.is_empty & rows.geometry.notna()].sort_values("area_km2", ascending=False)
    classes = rows["category"].map(style.ecology_class)
    shapes = rows.geometry.simplify(0.002)
    frame = map_frame(
        rows.set_geometry(shapes),
        classes.map(lambda klass: klass.key),
        doubt=rows["approximate"].astype(bool),
    )
    return MapLayer(
        "ecology", TITLES["ecology"], "polygon",
        (*(klass for _, klass in style.ECOLOGY), style.ECOLOGY_OTHER), frame, present(ECO_FIELDS, frame),
    )  # fmt: skip


def _rivers(layers: Layers) -> MapLayer | None:
    if "rivers" not in layers:
        return None
    rows = layers.rivers[layers.rivers.geom_type.isin(["LineString", "MultiLineString"])]
    frame = map_frame(rows.set_geometry(rows.geometry.simplify(0.004)), "river", doubt=False)
    return MapLayer(
        "rivers", TITLES["rivers"], "line", (style.ADMIN["river"],), frame, interactive=False
    )  # fmt: skip


def zone_outlines(layers: Layers) -> gpd.GeoDataFrame:
    """Return the outline of the Chengdu zone under each definition, indexed ``eight`` and ``five``."""
    prefectures = layers.prefectures
    shapes = [prefectures[in_zone(prefectures, zone)].geometry.union_all() for zone in ("eight", "five")]
    return gpd.GeoDataFrame(
        geometry=shapes, index=pd.Index(["eight", "five"], name="id"), crs=prefectures.crs
    )


def _zone(layers: Layers, zone: str) -> MapLayer:
    outlines = zone_outlines(layers)
    cities = [
        "、".join(layers.prefectures.loc[in_zone(layers.prefectures, name), "prefecture_zh"])
        for name in outlines.index
    ]
    zh, en = TITLES["zone"]
    frame = map_frame(
        outlines, "zone", doubt=False, cities=cities, name_zh=zh, name_en=en,
        label_lon=103.86, label_lat=30.32,
    )  # fmt: skip
    return MapLayer(
        "zone", TITLES["zone"], "polygon", (style.ADMIN["zone"],),
        frame, ZONE_FIELDS, extra=("label_lon", "label_lat"), interactive=False, label="area",
    )  # fmt: skip


def _province(layers: Layers) -> MapLayer:
    frame = layers.province if "province" in layers else _dissolved(layers.prefectures)
    return MapLayer(
        "province", TITLES["province"], "polygon", (style.ADMIN["province"],),
        map_frame(frame, "province", doubt=False), interactive=False,
    )  # fmt: skip


def _dissolved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        geometry=[frame.geometry.union_all()], index=pd.Index(["province"]), crs=frame.crs
    )


def _freight(layers: Layers) -> list[MapLayer]:
    """Return one layer per mode of the freight lines open in 2014."""
    if "freight_links" not in layers:
        return []
    links = layers.freight_links
    links = links[links["open_2014"].astype(bool) & links.geometry.notna() & ~links.geometry.is_empty]
    made = []
    for mode, klass in style.MODES.items():
        rows = links[links["mode"] == mode]
        if rows.empty:
            continue
        shapes = rows.geometry.simplify(0.003)
        frame = map_frame(
            rows.set_geometry(shapes), mode, doubt=rows["geometry_basis"] != "matched", name_zh=rows["line"]
        )
        made.append(MapLayer(
            f"freight_{mode}", pair("maps.layers", "freight", mode=lowered(klass.title)), "line",
            (klass,),
            frame, present(FREIGHT_FIELDS, frame), visible=mode != "road",
        ))  # fmt: skip
    return made[::-1]
