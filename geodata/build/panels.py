"""The maps of the contact sheet: one function per panel, in the colours and symbols of every other map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

import workbench as wb
from geodata.build import ground
from geodata.build.ground import dot_key, dots, legend, metric
from workbench.layers.quality import approximate, doubtful, prefecture_quality
from workbench.maps import style
from workbench.maps.style import MapClass, Mark
from workbench.units import KT_PER_WAN_T, MW_PER_WAN_KW

DASH = (0, (2.5, 1.8))
EDGE = "#aaa496"
ZONES = {
    "成都经济区": "#f2b37e", "川南经济区": "#9fd0cf", "川东北经济区": "#b5d6a4", "攀西经济区": "#f6dd9a",
    "川西北经济区": "#cfcbe3",
}  # fmt: skip
FUNCTIONS = {
    "优化开发区": "#d1495b", "重点开发区": "#f0a868", "农产品主产区": "#f4e3a1", "重点生态功能区": "#8fc28a",
    "禁止开发区": "#3c7a4a", "不详": "#ecebe6",
}  # fmt: skip
AIR = {"重点控制区": "#d1495b", "一般控制区": "#f2b8a0", "控制区外": "#ecebe6"}
YEARS = ((1999, "1999年以前", "#7c1d1d"), (2005, "2000–2005", "#d9793b"), (2009, "2006–2009", "#e9c46a"),
         (2100, "2010年以后", "#3f8f6b"))  # fmt: skip


def _classes(*rows: tuple[str, str, str, str, str, str, float]) -> dict[str, MapClass]:
    """Make classes from key, Chinese, English, edge, fill, shape and radius."""
    return {
        key: MapClass(key, (zh, en), Mark(edge, fill, shape=shape, radius=radius))  # type: ignore[arg-type]
        for key, zh, en, edge, fill, shape, radius in rows
    }


RESOURCES = _classes(
    ("limestone", "石灰石", "limestone", "#6b6232", "#cfc06a", "circle", 4.5),
    ("coal", "煤", "coal", "#000000", "#4a4a4a", "triangle_down", 5),
    ("iron_ore", "铁矿", "iron ore", "#6a0f12", "#b5353a", "square", 5),
    ("coke", "焦炭", "coke", "#333333", "#9a9a9a", "diamond", 5),
    ("alumina", "氧化铝", "alumina", "#7a4300", "#e8963a", "hexagon", 5),
    ("silica", "硅砂", "silica sand", "#1b5e57", "#5bbcb0", "triangle", 5),
    ("soda_ash", "纯碱", "soda ash", "#43235c", "#b08fce", "star", 7),
)
NODES = _classes(
    ("rail_station", "火车站", "station", "#2d2a26", "#6b665c", "square", 3.4),
    ("city_road", "公路节点", "road node", "#8a5a12", "#e2b46f", "circle", 3.8),
    ("port", "港口", "port", "#12477a", "#5aa2e0", "triangle", 5),
    ("border_crossing", "口岸", "border crossing", "#5b1e6e", "#b074c4", "diamond", 5),
)
MARKETS = _classes(
    ("prefecture", "省内市州", "prefecture", "#1d3557", "#7fa3cf", "circle", 4),
    ("outside", "省外市场", "outside the province", "#7a3b10", "#ee9b63", "square", 6),
    ("export", "出口口岸", "export gateway", "#5b1e6e", "#b074c4", "diamond", 6),
)
POWER = _classes(
    ("local", "省内消纳", "local", "#0b5c78", "#3fb2d4", "circle", 5),
    ("export", "外送", "exported", "#8a4500", "#f0a04b", "circle", 5),
)
STATIONS = _classes(
    ("substation", "500千伏变电站", "500 kV substation", "#5b1e6e", "#b074c4", "square", 4.2),
    ("converter", "换流站", "converter station", "#7a1015", "#d1495b", "triangle", 6),
)
SITES = {
    key: replace(klass, mark=replace(klass.mark, fill=fill))  # full and hollow must differ at this size
    for (key, klass), fill in zip(style.SITES.items(), ("#e2a03f", "#b5c99a", "#8a8372"), strict=True)
}
MODES = {
    **style.MODES,
    "transfer": MapClass("transfer", ("转运", "transfer"), Mark("#8d8a80", width=0.8)),
}
Sizes = Callable[[pd.DataFrame], pd.Series]


def points(
    axes: Axes, frame: gpd.GeoDataFrame, classes: dict[str, MapClass], column: str,
    sizes: Sizes | None = None, *, place: str = "upper left",
) -> None:  # fmt: skip
    """Draw points by class in the order of the frame, hollow where doubtful, with a legend of numbers."""
    doubt, handles = doubtful(frame), []
    for key, klass in classes.items():
        some, mark = frame[frame[column] == key], klass.mark
        if some.empty:
            continue
        radius = pd.Series(mark.radius * 0.62, index=some.index) if sizes is None else sizes(some)
        hollow = doubt[some.index]
        dots(axes, some[~hollow], radius[~hollow], mark.fill, mark.colour, mark.shape)
        dots(axes, some[hollow], radius[hollow], "none", mark.colour, mark.shape)
        words = f"{klass.title[0]} {klass.title[1].lower()} {len(some)}"
        handles.append(dot_key(words, mark.fill, mark.colour, mark.shape))
    legend(axes, handles, place)


def areas(axes: Axes, frame: gpd.GeoDataFrame, values: pd.Series, colours: dict[str, str]) -> None:
    """Fill areas by class, with a legend of what occurs."""
    frame, handles = metric(frame), []
    for value, colour in colours.items():
        some = frame[values == value]
        if len(some):
            some.plot(ax=axes, color=colour, edgecolor="white", linewidth=0.4, zorder=1)
            handles.append(Patch(facecolor=colour, edgecolor=EDGE, label=f"{value} {len(some)}"))
    legend(axes, handles)


def graded(
    axes: Axes, layers: wb.Layers, values: pd.Series, steps: list[float], looks: dict[str, str], title: str
) -> None:
    """Fill the prefectures by class of a figure (index: ids); `looks`: words of each class and its colour."""
    frame = metric(layers.prefectures)
    values = values.reindex(frame.index)
    grade = np.digitize(values, steps)
    for step, colour in enumerate(looks.values()):
        some = frame[(grade == step) & values.notna()]
        if len(some):
            some.plot(ax=axes, color=colour, edgecolor="white", linewidth=0.5, zorder=1)
    handles = [Patch(facecolor=colour, edgecolor=EDGE, label=word) for word, colour in looks.items()]
    legend(axes, handles, title=title)


# --- panels -----------------------------------------------------------------------------------------


def administration(axes: Axes, layers: wb.Layers) -> None:
    """Draw prefectures by economic zone, with their names; Chongqing beside them."""
    ground.province(axes, layers)
    areas(axes, layers.prefectures, layers.prefectures["economic_zone_zh"], ZONES)
    ground.names(axes, layers)
    inside = metric(layers.surroundings).geometry.iloc[0].representative_point()
    look: dict[str, Any] = {"fontsize": 9, "ha": "right", "color": "#8a8372"}
    axes.annotate("重庆市", (axes.get_xlim()[1] - 4e4, inside.y), **look)


def function_classes(axes: Axes, layers: wb.Layers) -> None:
    """Draw counties by the class of the functional-zone plan."""
    ground.province(axes, layers)
    areas(axes, layers.counties, layers.counties["function_class"], FUNCTIONS)


def economy(axes: Axes, layers: wb.Layers) -> None:
    """Draw GDP per head as fill and residents as circles."""
    ground.province(axes, layers)
    frame = ground.seats(layers)
    per_head = frame["gdp_2013_cny_100m"] / frame["population_2013_10k"]  # 10,000 yuan
    colours = ("#eef3e2", "#cfe3b4", "#9dc98a", "#5a9f6d", "#22704f")
    looks = dict(zip(("不足2", "2–2.5", "2.5–3.5", "3.5–5", "5以上"), colours, strict=True))
    graded(axes, layers, per_head, [2, 2.5, 3.5, 5], looks, "人均生产总值（万元）")
    dots(axes, frame, 0.4 * frame["population_2013_10k"] ** 0.5, "none", "#33312c")
    ground.sizes(axes, [(0.4 * people**0.5, f"{people}万人") for people in (200, 600, 1400)], "常住人口")


def air_zones(axes: Axes, layers: wb.Layers) -> None:
    """Draw prefectures by their class in the national control plan."""
    ground.province(axes, layers)
    zones = layers.air_zones.set_index("prefecture_zh")
    key, controlled = (zones[name].astype(bool) for name in ("key_control", "controlled"))
    words = np.select([key, controlled], ["重点控制区", "一般控制区"], "控制区外")
    home = layers.prefectures["prefecture_zh"]
    areas(axes, layers.prefectures, home.map(pd.Series(words, index=zones.index)), AIR)
    ground.names(axes, layers)


def ecology(axes: Axes, layers: wb.Layers) -> None:
    """Draw sensitive areas by category; approximate shapes hatched, small ones with a ring."""
    ground.province(axes, layers)
    frame, handles = metric(layers.ecology), []
    klass, rough = frame["category"].map(style.ecology_class), approximate(layers.ecology)
    for kind in dict.fromkeys(klass):
        some = frame[klass == kind]
        hollow = rough[some.index]
        for rows, hatch in ((some[~hollow], None), (some[hollow], "/////")):
            look = {"facecolor": kind.mark.fill, "edgecolor": kind.mark.colour, "hatch": hatch}
            if len(rows):
                rows.plot(ax=axes, linewidth=0.6, alpha=0.75, zorder=3, **look)
        small = some[some.geometry.area < 8e7]
        dots(axes, small.set_geometry(small.geometry.centroid), 1.6, "none", kind.mark.colour)
        handles.append(Patch(label=f"{kind.title[0]} {len(some)}", **look))
    legend(axes, handles)


def plants(axes: Axes, layers: wb.Layers) -> None:
    """Draw plants by industry, their area growing with capacity."""
    ground.province(axes, layers)
    frame = metric(layers.plants).sort_values("capacity_kt", ascending=False)
    points(axes, frame, style.INDUSTRIES, "industry", _plant_radius)
    ground.sizes(axes, _capacities(), "万吨/年")


def _plant_radius(some: pd.DataFrame) -> pd.Series:
    return some["capacity_kt"].map(style.capacity_radius) * 0.5


def _capacities() -> list[tuple[float, str]]:
    return [(style.capacity_radius(kt) * 0.5, f"{kt / KT_PER_WAN_T:,.0f}") for kt in (500, 2000, 6000)]


def lines(axes: Axes, layers: wb.Layers) -> None:
    """Draw production lines by the time they came on line; unknown years hollow grey."""
    ground.province(axes, layers)
    frame = metric(layers.lines).sort_values("capacity_kt", ascending=False)
    year, low, handles = frame["start_year"], 0, []
    for last, words, colour in YEARS:
        some = frame[(year > low) & (year <= last)]
        dots(axes, some, _plant_radius(some), colour, colour)
        handles.append(dot_key(f"{words} {len(some)}", colour, colour))
        low = last
    some = frame[year.isna()]
    dots(axes, some, _plant_radius(some), "none", "#8d8a80")
    legend(axes, [*handles, dot_key(f"不详 unknown {len(some)}", "none", "#8d8a80")], "upper left")
    ground.sizes(axes, _capacities(), "万吨/年")


def quality(axes: Axes, layers: wb.Layers) -> None:
    """Draw the share of cement capacity that is located with high confidence."""
    ground.province(axes, layers)
    share = prefecture_quality(layers, "cement")["sure_share"]
    looks = {"不足10%": "#f6e3dc", "10–30%": "#ecc4ae", "30–50%": "#b9c9a0", "50%以上": "#5c9a6b"}
    values = layers.prefectures["prefecture_zh"].map(share)
    graded(axes, layers, values, [0.1, 0.3, 0.5], looks, "高可信产能占比")
    ground.names(axes, layers)


def sites(axes: Axes, layers: wb.Layers) -> None:
    """Draw candidate sites by kind."""
    ground.province(axes, layers)
    points(axes, metric(layers.sites), SITES, "kind")


def resources(axes: Axes, layers: wb.Layers) -> None:
    """Draw sources of raw materials; those outside the frame are counted."""
    ground.province(axes, layers)
    frame = metric(layers.resources)
    points(axes, frame, RESOURCES, "resource")
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    if beyond := len(frame) - len(frame.cx[west:east, south:north]):
        ground.remark(axes, f"另有{beyond}处在图外 {beyond} more outside")


def hydropower(axes: Axes, layers: wb.Layers) -> None:
    """Draw hydropower plants by market, over the rivers; area grows with megawatts."""
    ground.province(axes, layers)
    river = style.ADMIN["river"].mark.colour
    metric(layers.rivers).plot(ax=axes, color=river, linewidth=0.6, zorder=1)
    frame = metric(layers.hydropower).sort_values("mw_full", ascending=False)
    points(axes, frame, POWER, "market", lambda some: some["mw_full"].map(style.power_radius) * 0.62)
    sizes = [(style.power_radius(mw) * 0.62, f"{mw / MW_PER_WAN_KW:,.0f}") for mw in (100, 1000, 6000)]
    ground.sizes(axes, sizes, "装机（万千瓦）")


def substations(axes: Axes, layers: wb.Layers) -> None:
    """Draw the substations and converter stations of the grid by kind; their places are rough."""
    ground.province(axes, layers)
    points(axes, metric(layers.substations), STATIONS, "kind")


def background(axes: Axes, layers: wb.Layers, *, name: str) -> None:
    """Draw railways, roads or rivers as they are mapped."""
    ground.province(axes, layers)
    rail, road, river = Mark("#4a4640"), Mark("#b9772b", width=0.4), Mark(style.MODES["water"].mark.colour)
    mark = {"railways": rail, "roads": road}.get(name, river)
    metric(layers[name]).plot(ax=axes, color=mark.colour, linewidth=0.9 * mark.width, zorder=3)
    ground.names(axes, layers)


def freight(axes: Axes, layers: wb.Layers) -> None:
    """Draw the links of the freight network around the province."""
    ground.province(axes, layers)
    links = layers.freight_links
    _links(axes, metric(links[links["mode"] != "transfer"]), wide=0.85, place="upper left")


def _links(axes: Axes, frame: gpd.GeoDataFrame, *, wide: float, place: str) -> None:
    """Draw links by mode: dashed where not matched, pale where not open in 2014."""
    handles, rough, open_ = [], approximate(frame), frame["open_2014"].astype(bool)
    for mode in (name for name in MODES if frame["mode"].eq(name).any()):
        some, mark = frame["mode"] == mode, MODES[mode].mark
        for unsure, dash in ((False, "solid"), (True, DASH)):
            for there, alpha in ((True, 1.0), (False, 0.35)):
                part = frame[some & (rough == unsure) & (open_ == there)]
                look: dict[str, Any] = {"linewidth": mark.width * wide, "linestyle": dash, "alpha": alpha}
                if len(part):
                    part.plot(ax=axes, color=mark.colour, zorder=4, **look)
        words = f"{MODES[mode].title[0]} {int(some.sum())}"
        handles.append(Line2D([], [], color=mark.colour, linewidth=mark.width * 1.2, label=words))
    unsure_words, closed = f"走向不明或有缺口 {int(rough.sum())}", f"2014年未开通 {int((~open_).sum())}"
    handles.append(Line2D([], [], color="#777777", linestyle=DASH, label=unsure_words))
    handles.append(Line2D([], [], color="#777777", alpha=0.35, linewidth=2, label=closed))
    legend(axes, handles, place)


def nodes(axes: Axes, layers: wb.Layers) -> None:
    """Draw the nodes of the freight network around the province."""
    ground.province(axes, layers)
    points(axes, metric(layers.freight_nodes), NODES, "type")


def country(axes: Axes, layers: wb.Layers) -> None:
    """Draw the links to the rest of the country, ports and border crossings with their names."""
    ground.country(axes, layers)
    links = layers.freight_links
    _links(axes, links[links["mode"] != "transfer"], wide=0.7, place="lower left")
    dots(axes, layers.freight_via, 1.1, "#33312c", "#33312c")
    dots(axes, layers.border_crossings, 3.2, "none", "#5b1e6e", "diamond")
    ground.labelled(axes, layers.border_crossings, layers.border_crossings["name_zh"])


def markets(axes: Axes, layers: wb.Layers) -> None:
    """Draw the markets of the province, its neighbours and the gateways to abroad."""
    ground.country(axes, layers)
    frame = layers.markets
    points(axes, frame, MARKETS, "kind", place="lower left")
    beyond = frame[frame["kind"] != "prefecture"]
    ground.labelled(axes, beyond, beyond["name_zh"])


def plain(axes: Axes, layers: wb.Layers, *, name: str) -> None:
    """Draw a layer no other panel shows in one colour; hollow or dashed where doubtful."""
    ground.province(axes, layers)
    frame = metric(layers[name])
    doubt = doubtful(frame)
    if frame.geom_type.iloc[0] == "Point":
        dots(axes, frame[~doubt], 2.6, "#8d5fb0", "#43235c")
        dots(axes, frame[doubt], 2.6, "none", "#43235c")
        return
    for rows, dash in ((frame[~doubt], "solid"), (frame[doubt], "dashed")):
        if len(rows):
            rows.plot(ax=axes, color="#8d5fb0", alpha=0.6, linestyle=dash, zorder=3)


def certainty(axes: Axes) -> None:
    """Show how doubtful points, areas and lines look."""
    full = "实心：位置与数值较可靠 filled: place and figure known"
    hollow = "空心：位置近似或可信度低 hollow: approximate or low confidence"
    hatched, dashed = "斜线：范围为近似 hatched: approximate shape", "虚线：走向不明 dashed: course unknown"
    handles = [
        dot_key(full, "#c8463c", "#7c1d1d", size=8),
        dot_key(hollow, "none", "#7c1d1d", size=8),
        Patch(facecolor="#9ccc94", edgecolor="#3c8442", hatch="/////", label=hatched),
        Line2D([], [], color="#4a4640", linestyle=DASH, linewidth=1.6, label=dashed),
    ]
    legend(axes, handles, "upper left", "图例说明 How certainty is shown")
