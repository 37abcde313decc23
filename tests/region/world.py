"""A tiny province of four square prefectures with one reserve, one intake and three sites."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, Point, box

from workbench.layers.model import Assumptions, Layers

NUMBERS = {
    "exclusion.reserve_national_m": 1000.0,
    "exclusion.reserve_provincial_m": 500.0,
    "exclusion.heritage_m": 1000.0,
    "exclusion.scenic_m": 500.0,
    "exclusion.water_source_m": 2000.0,
    "exclusion.water_source_outer_m": 5000.0,
    "exclusion.reserve_smoke_m": 10000.0,
}


def assumptions(**numbers: float) -> Assumptions:
    values = {**NUMBERS, **numbers}
    frame = pd.DataFrame({"value": values}).rename_axis("id")
    for column in ("unit", "low", "high", "kind", "reason", "source", "confidence"):
        frame[column] = None
    return Assumptions(frame)


def points(**columns: list) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(columns).set_index("id")
    geometry = [None if pd.isna(x) else Point(x, y) for x, y in zip(frame["lon"], frame["lat"], strict=True)]
    return gpd.GeoDataFrame(frame, geometry=geometry, crs="EPSG:4326")


def world(**numbers: float) -> Layers:
    prefectures = gpd.GeoDataFrame(
        {
            "prefecture_zh": ["甲市", "乙市", "丙市", "丁州"],
            "in_chengdu_8": [True, False, False, False],
            "in_chengdu_5": [True, False, False, False],
        },
        index=pd.Index(["p1", "p2", "p3", "p4"], name="id"),
        geometry=[box(103, 30, 104, 31), box(104, 30, 105, 31), box(103, 29, 104, 30), box(104, 29, 105, 30)],
        crs="EPSG:4326",
    )
    ecology = gpd.GeoDataFrame(
        {
            "name_zh": ["大坪", "东湖"],
            "category": ["nature_reserve", "drinking_water_source"],
            "level": ["national", "prefecture-level"],
            "approximate": [True, True],
        },
        index=pd.Index(["e1", "e2"], name="id"),
        geometry=[box(104.4, 30.4, 104.6, 30.6), Point(103.5, 29.5)],
        crs="EPSG:4326",
    )
    sites = points(
        id=["s1", "s2", "s3", "s4"],
        name_zh=["园一", "园二", "园三", "园四"],
        lon=[104.5, 104.7, 103.52, float("nan")],
        lat=[30.5, 30.5, 29.5, float("nan")],
    )
    links = gpd.GeoDataFrame(
        {"mode": ["rail", "road"], "geometry_basis": ["matched", "straight"]},
        index=pd.Index(["l1", "l2"], name="id"),
        geometry=[LineString([(104.2, 30.5), (104.8, 30.5)]), LineString([(103.1, 30.9), (103.9, 30.9)])],
        crs="EPSG:4326",
    )
    frames = {"prefectures": prefectures, "ecology": ecology, "sites": sites, "freight_links": links}
    return Layers(frames, assumptions(**numbers))
