"""Draws every layer of the baseline on one sheet, to look at: `python -m geodata.build.sheet`."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

import workbench as wb
from workbench.layers.catalog import catalogue
from workbench.layers.quality import approximate
from workbench.maps.fonts import print_family

TARGET = Path(__file__).resolve().parents[2] / "docs" / "img" / "contact_sheet.png"
WINDOW = (97.0, 109.0, 25.8, 34.6)
CHINA = (72.0, 124.0, 18.0, 50.0)
WIDE = ("border_crossings", "freight_links", "freight_nodes", "markets")
COLOUR = {
    "industry": {
        "steel": "#4c566a",
        "cement": "#b5651d",
        "flat_glass": "#2a9d8f",
        "aluminium": "#7b2cbf",
        "coal": "#111111",
    },
    "kind": {
        "park": "#2a9d8f",
        "expansion": "#b5651d",
        "brownfield": "#777777",
        "prefecture": "#1d3557",
        "outside": "#e76f51",
        "export": "#7b2cbf",
        "substation": "#1d70b8",
        "converter": "#c1121f",
    },
    "function_class": {
        "重点开发区": "#f4a261",
        "农产品主产区": "#e9d985",
        "重点生态功能区": "#95d5b2",
        "不详": "#cccccc",
    },
    "market": {"local": "#1d70b8", "export": "#e07a1f"},
    "mode": {"rail": "#333333", "road": "#c1121f", "water": "#1d70b8", "transfer": "#999999"},
    "category": {
        "nature_reserve": "#2d6a4f",
        "world_heritage": "#b08900",
        "scenic_area": "#95d5b2",
        "drinking_water_source": "#1d70b8",
    },
    "type": {
        "rail_station": "#333333",
        "port": "#1d70b8",
        "city_road": "#c1121f",
        "border_crossing": "#7b2cbf",
    },
    "resource": {
        "iron_ore": "#9d0208",
        "coal": "#111111",
        "coke": "#555555",
        "limestone": "#b5a642",
        "alumina": "#7b2cbf",
        "silica": "#2a9d8f",
        "soda_ash": "#e76f51",
    },
    "economic_zone_zh": {
        "成都经济区": "#f4a261",
        "川南经济区": "#a8dadc",
        "川东北经济区": "#b7e4c7",
        "攀西经济区": "#ffd6a5",
        "川西北经济区": "#d8d8e8",
    },
}
BY = {
    "plants": "industry", "lines": "industry", "sites": "kind", "markets": "kind", "hydropower": "market",
    "freight_links": "mode", "freight_nodes": "type", "ecology": "category", "resources": "resource",
    "prefectures": "economic_zone_zh", "counties": "function_class", "substations": "kind",
}  # fmt: skip
SIZE = {"plants": "capacity_kt", "lines": "capacity_kt", "hydropower": "mw_2014"}


def draw(target: Path = TARGET) -> None:
    """Write the sheet: one panel per layer with geometry; approximate rows hollow, hatched or dashed."""
    plt.rcParams["font.family"] = [print_family(), "DejaVu Sans"]
    layers = wb.load()
    names = [name for name in layers if isinstance(layers[name], gpd.GeoDataFrame)]
    columns = 6
    rows = -(-len(names) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(5.2 * columns, 4.1 * rows))
    for axis in axes.flat[len(names) :]:
        axis.set_axis_off()
    for name, axis in zip(names, axes.flat, strict=False):
        _panel(axis, name, layers)
    figure.suptitle("四川 2014 基准图层 · Baseline layers of Sichuan 2014", fontsize=20, y=0.995)
    figure.tight_layout(rect=(0, 0, 1, 0.985))
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=80)
    plt.close(figure)


def _panel(axis: Axes, name: str, layers: wb.Layers) -> None:
    frame, entry = layers[name], catalogue()[name]
    layers.prefectures.boundary.plot(ax=axis, color="#cccccc", linewidth=0.5, zorder=0)
    column = BY.get(name)
    for value, some in _groups(frame, column):
        colour = COLOUR[column].get(value, "#888888") if column else "#33658a"
        unsure = approximate(some) | some.get(f"{column}_confidence", pd.Series("", some.index)).eq("low")
        label = f"{value} {len(some)}" if column else None
        _symbols(axis, some, colour, SIZE.get(name), label, rough=unsure)
    if name == "prefectures":
        for row in frame.itertuples():
            axis.annotate(_short(row.prefecture_zh), (row.seat_lon, row.seat_lat), fontsize=8, ha="center")
    west, east, south, north = CHINA if name in WIDE else WINDOW
    axis.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], xlabel="", ylabel="", aspect=1.15)
    axis.set_title(f"{entry.title_zh} {entry.title_en} · {len(frame)}", fontsize=12)
    if column:
        axis.legend(fontsize=7, loc="lower right", framealpha=0.85)


def _short(prefecture_zh: str) -> str:
    return prefecture_zh[:2] if prefecture_zh.endswith("自治州") else prefecture_zh.removesuffix("市")


def _groups(frame: gpd.GeoDataFrame, column: str | None) -> list[tuple[str, gpd.GeoDataFrame]]:
    return [("", frame)] if column is None else [(str(key), some) for key, some in frame.groupby(column)]


def _symbols(
    axis: Axes, frame: gpd.GeoDataFrame, colour: str, size: str | None, label: str | None, *, rough: pd.Series
) -> None:
    kind = frame.geometry.geom_type.iloc[0]
    for some, doubtful in ((frame[~rough], False), (frame[rough], True)):
        if some.empty:
            continue
        own = label if not doubtful or rough.all() else None
        if "Point" in kind:
            area = some[size].fillna(0).clip(lower=50) ** 0.5 if size else 14
            face = "none" if doubtful else colour
            axis.scatter(
                some.geometry.x,
                some.geometry.y,
                s=area,
                facecolors=face,
                edgecolors=colour,
                linewidths=0.8,
                label=own,
            )
        elif "Line" in kind:
            some.plot(ax=axis, color=colour, linewidth=0.8, linestyle="--" if doubtful else "-", label=own)
        else:
            some.plot(
                ax=axis,
                facecolor=colour,
                edgecolor="#666666" if not doubtful else colour,
                linewidth=0.3,
                alpha=0.55,
                hatch="///" if doubtful else None,
            )
            axis.scatter([], [], marker="s", color=colour, label=own)


if __name__ == "__main__":
    draw()
