"""Reads the baseline's freight tables into what a network needs: year, river stretch, lock, mountains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from workbench import crs
from workbench.layers.model import Layers

# The prefectures whose roads the province prices as mountain roads (2014 names).
MOUNTAIN_PREFECTURES = ("甘孜藏族自治州", "阿坝藏族羌族自治州", "凉山彝族自治州")
_LOCKS = {"Three Gorges": "three_gorges"}


def baseline_frames(layers: Layers, year: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame | None]:
    """Return nodes, links and streets as `Network.from_links` wants them; the layers stay untouched."""
    nodes = pd.DataFrame(layers.freight_nodes).copy()
    points = layers.freight_nodes.geometry
    nodes["lon"], nodes["lat"] = points.x.to_numpy(), points.y.to_numpy()
    links = pd.DataFrame(layers.freight_links).copy()
    links["open"] = _open(links, year)
    text = links["infrastructure"].fillna("").astype(str)
    links["stretch"] = _stretch(links["line"].fillna("").astype(str), text)
    links["lock"] = ""
    for words, lock in _LOCKS.items():
        links.loc[text.str.contains(words), "lock"] = lock
    high = nodes["prefecture_zh"].isin(MOUNTAIN_PREFECTURES).astype(float)
    ends = links["from_id"].map(high).fillna(0.0), links["to_id"].map(high).fillna(0.0)
    links["mountain_share"] = (ends[0] + ends[1]) / 2
    streets = _streets(layers) if "roads" in layers else None
    return nodes.drop(columns="geometry"), links, streets


def _open(links: pd.DataFrame, year: int) -> pd.Series:
    """Tell which links carry freight in `year`: as flagged for 2014, earlier or later by the opening year."""
    opened = pd.to_numeric(links["opened_year"], errors="coerce")
    now = links["open_2014"].astype(bool)
    later = (opened <= year) & (year > 2014)
    return (now | later) & ~(opened > year)


def _stretch(line: pd.Series, infrastructure: pd.Series) -> np.ndarray:
    """Name the stretch of a waterway: the Yangtze is class I or deeper below Chongqing, III or less above."""
    deep = infrastructure.str.contains(r"class I\b|class I |deep water", regex=True)
    return np.where(~line.str.startswith("长江"), "tributary", np.where(deep, "main", "upper"))


def _streets(layers: Layers) -> pd.DataFrame:
    """Return the mapped road edges: end points, km, and whether they lie in the mountain prefectures."""
    roads = layers.roads
    lines = roads.geometry.to_numpy()
    first, last = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    km = roads["km"].to_numpy(float) if "km" in roads else crs.length_km(roads).to_numpy()
    areas = layers.prefectures
    high = shapely.union_all(areas.geometry[areas["prefecture_zh"].isin(MOUNTAIN_PREFECTURES)].to_numpy())
    shapely.prepare(high)
    middle_x = (shapely.get_x(first) + shapely.get_x(last)) / 2
    middle_y = (shapely.get_y(first) + shapely.get_y(last)) / 2
    return pd.DataFrame(
        {
            "lon1": shapely.get_x(first),
            "lat1": shapely.get_y(first),
            "lon2": shapely.get_x(last),
            "lat2": shapely.get_y(last),
            "km": km,
            "mountain": shapely.contains_xy(high, middle_x, middle_y),
        },
        index=roads.index,
    )
