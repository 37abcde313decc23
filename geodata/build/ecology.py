"""Draws sensitive areas as areas: no polygon of them may be shipped, so the official extent stands in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.build.write import GEODATA, geojson, table
from workbench import crs
from workbench.layers.model import Assumptions
from workbench.layers.read import read_assumptions
from workbench.units import M2_PER_KM2, M_PER_KM

RIVER_RESERVE = "长江上游珍稀特有鱼类"
HABITAT = "habitat"  # of the panda: known by its area and its counties, drawn around the reserves it fills


def build() -> None:
    """Write layers/ecology.geojson from tables/ecology.csv, the counties and the rivers."""
    rows, nominal = table("ecology"), read_assumptions()
    rows = rows.sort_values("category", key=lambda kind: kind.eq(HABITAT), kind="stable")
    counties = crs.to_metric(gpd.read_file(GEODATA / "layers" / "counties.geojson"))
    by_name = counties.dissolve("county_zh").geometry
    province = crs.to_metric(gpd.read_file(GEODATA / "layers" / "province.geojson")).geometry.iloc[0]
    home = set(counties["prefecture_zh"])
    shapes: dict[object, shapely.Geometry] = {}
    notes: dict[object, str] = {}
    for name, row in rows.iterrows():
        if row["category"] == HABITAT:
            reserves = [
                shapes[i] for i in rows.index[rows["note"].str.contains("panda", na=False)] if i in shapes
            ]
            shapes[name], notes[name] = _around(reserves, shapely.union_all(_named(counties, row)), row)
            continue
        shape, basis = _river_reserve(nominal) if row["name_zh"] == RIVER_RESERVE else _area(row, nominal)
        inside = [by_name[county] for county in str(row["counties"]).split(";") if county in by_name.index]
        if inside and row["category"] != "drinking_water_source":
            land = shapely.union_all(_named(counties, row))
            cut = shapely.intersection(shape, land)
            shape, basis = (
                (_grown(shape, land, row), f"{basis}, clipped to its counties")
                if not cut.is_empty
                else (shape, basis)
            )
        if not home & set(str(row["prefecture_zh"]).split(";")):  # a neighbour's: it ends at the border
            shape, basis = shapely.difference(shape, province), f"{basis}, outside the province"
        shapes[name], notes[name] = shape, basis
    frame = gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shapes, crs=crs.EQUAL_AREA))
    frame["geometry"] = frame.geometry.simplify(60)
    frame = frame.assign(
        drawn_km2=(frame.geometry.area / M2_PER_KM2).round(1), approximate=True, shape_basis=pd.Series(notes)
    )
    frame = crs.from_metric(frame).drop(columns=["lon", "lat", "west", "east", "south", "north", "counties"])
    geojson(frame, GEODATA / "layers" / "ecology.geojson", digits=4)


def _area(row: pd.Series, nominal: Assumptions) -> tuple[shapely.Geometry, str]:
    """Return a disc or, where a bounding box is published, an ellipse of the official area (metres)."""
    known = row["area_km2"] > 0
    km = None if known else nominal[f"ecology_shape.{row['category']}_km"]
    km2 = row["area_km2"] if km is None else np.pi * km**2
    if known and row["west"] == row["west"]:
        corners = crs.to_metric(
            gpd.GeoSeries(
                [shapely.Point(row["west"], row["south"]), shapely.Point(row["east"], row["north"])],
                crs=crs.WGS84,
            )
        )
        (x1, y1), (x2, y2) = (point.coords[0] for point in corners)
        centre, ratio = shapely.Point((x1 + x2) / 2, (y1 + y2) / 2), (x2 - x1) / (y2 - y1)
        basis = "ellipse of the official area in the published bounds"
    else:
        centre = crs.to_metric(gpd.GeoSeries([shapely.Point(row["lon"], row["lat"])], crs=crs.WGS84)).iloc[0]
        ratio = 1.0
        basis = "disc of the official area" if known else f"disc of {km:g} km, no area published"
    radius = np.sqrt(km2 * M2_PER_KM2 / np.pi)
    disc = centre.buffer(1.0, quad_segs=12)
    return shapely.affinity.scale(disc, radius * np.sqrt(ratio), radius / np.sqrt(ratio)), basis


def _named(counties: gpd.GeoDataFrame, row: pd.Series) -> list[shapely.Geometry]:
    named = counties["county_zh"].isin(str(row["counties"]).split(";"))
    home = counties["prefecture_zh"].isin(str(row["prefecture_zh"]).split(";"))
    return list(counties.geometry[named & home if (named & home).any() else named])


def _grown(shape: shapely.Geometry, land: shapely.Geometry, row: pd.Series) -> shapely.Geometry:
    """Widen the shape until what lies in the named counties has the official area, if it fits at all."""
    target = min(shape.area, land.area)
    low, high = 1.0, 4.0
    for _ in range(30):
        factor = (low + high) / 2
        cut = shapely.intersection(shapely.affinity.scale(shape, factor, factor), land)
        low, high = (factor, high) if cut.area < target else (low, factor)
    return cut


def _around(
    reserves: list[shapely.Geometry], land: shapely.Geometry, row: pd.Series
) -> tuple[shapely.Geometry, str]:
    """Widen the reserves of a species until what lies in the named counties has the area surveyed."""
    core, low, high = shapely.union_all(reserves), 0.0, 50_000.0
    for _ in range(30):
        metres = (low + high) / 2
        shape = shapely.intersection(core.buffer(metres, quad_segs=4), land)
        low, high = (metres, high) if shape.area < row["area_km2"] * M2_PER_KM2 else (low, metres)
    basis = (
        f"its reserves, widened by {metres / M_PER_KM:.1f} km to the area surveyed, clipped to its counties"
    )
    return shape, basis


def _river_reserve(nominal: Assumptions) -> tuple[shapely.Geometry, str]:
    """Return the Yangtze from Xiangjiaba to the provincial border as a strip of water."""
    width_km = nominal["ecology_shape.river_reserve_width_km"]
    links = gpd.read_file(GEODATA / "osm" / "freight_links.geojson")
    stems = links[links["id"].isin(["P_SF-P_YB-water", "P_YB-P_LZ-water", "P_LZ-P_CT-water"])]
    province = crs.to_metric(gpd.read_file(GEODATA / "layers" / "province.geojson")).geometry.iloc[0]
    strip = shapely.union_all(crs.to_metric(stems).geometry.to_numpy()).buffer(
        width_km * M_PER_KM / 2, quad_segs=2
    )
    return shapely.intersection(
        strip, province
    ), f"strip along the Yangtze, {width_km:g} km of water and bank"
