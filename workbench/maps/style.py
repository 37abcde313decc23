"""The one look of every map: colours, shapes and sizes that page, widget and print all read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Text = tuple[str, str]  # Chinese, English
Shape = Literal["circle", "square", "triangle", "triangle_down", "diamond", "hexagon", "drop", "star"]


@dataclass(frozen=True)
class Mark:
    """How one class of features is drawn; widths and radii are screen pixels at province scale.

    `dash` is a pattern of drawn and skipped pixels; an empty `fill` leaves a shape hollow.
    """

    colour: str
    fill: str = ""
    fill_opacity: float = 0.9
    width: float = 1.0
    opacity: float = 1.0
    dash: tuple[float, ...] = ()
    shape: Shape = "circle"
    radius: float = 5.0
    casing: str = ""  # colour of a wider line below, so that a line stands out


@dataclass(frozen=True)
class MapClass:
    """One row of a legend: the key features name, its title and its mark."""

    key: str
    title: Text
    mark: Mark


PAPER = "#f4f2ec"
INK = "#33312c"
ARROW_MIN_PX, ARROW_MAX_PX = 2.0, 7.0

INDUSTRIES: dict[str, MapClass] = {
    "cement": MapClass("cement", ("水泥", "Cement"), Mark("#7c1d1d", "#c8463c", shape="circle")),
    "steel": MapClass("steel", ("钢铁", "Steel"), Mark("#1d2c44", "#46638f", shape="square")),
    "flat_glass": MapClass(
        "flat_glass", ("平板玻璃", "Flat glass"), Mark("#43235c", "#8d5fb0", shape="triangle")
    ),
    "aluminium": MapClass("aluminium", ("电解铝", "Aluminium"), Mark("#7a4300", "#e8963a", shape="hexagon")),
    "coal": MapClass("coal", ("煤炭", "Coal"), Mark("#000000", "#3a3a3a", shape="triangle_down")),
}

# Decisions change the look of a line's own symbol: full, hollow with a cross, pale with a ring.
DECISIONS: dict[str, MapClass] = {
    "keep": MapClass("keep", ("保留", "Keep"), Mark("#55524a", "#a19d92")),
    "close": MapClass("close", ("关闭（淘汰）", "Close"), Mark("#55524a", "#ffffff")),
    "move": MapClass("move", ("转移（迁出原址）", "Move away"), Mark("#55524a", "#e4e1d8")),
}

MODES: dict[str, MapClass] = {
    "rail": MapClass("rail", ("铁路", "Rail"), Mark("#4a4640", width=1.7, casing="#ffffff")),
    "road": MapClass("road", ("公路", "Road"), Mark("#cf9a52", width=1.1)),
    "water": MapClass("water", ("水路", "Waterway"), Mark("#2f7fc1", width=2.2)),
    "sea": MapClass("sea", ("海运", "Sea"), Mark("#1c4e80", width=1.6, dash=(6, 3))),
}
STRAIGHT: Text = ("走向不明，以直线虚线示意", "course unknown: straight, dashed")

GRID: dict[str, MapClass] = {
    "substation": MapClass(
        "substation", ("变电站", "Substation"), Mark("#5b1e6e", "#b074c4", shape="square")
    ),
    "converter": MapClass(
        "converter", ("换流站", "Converter station"), Mark("#7a1015", "#d1495b", shape="triangle", radius=6)
    ),
}
MARKET: dict[str, MapClass] = {
    "local": MapClass(
        "local", ("水电（省内消纳）", "Hydropower, local grid"), Mark("#0b5c78", "#3fb2d4", shape="drop")
    ),
    "export": MapClass(
        "export",
        ("水电（外送）", "Hydropower, exported"),
        Mark("#0b5c78", "#ffffff", shape="drop", fill_opacity=0.85),
    ),
}

SITES: dict[str, MapClass] = {
    "park": MapClass(
        "park", ("园区", "Park"), Mark("#4f3b2a", "#fff7e2", shape="square", radius=4.5, width=1.3)
    ),
    "expansion": MapClass(
        "expansion",
        ("现有企业扩建", "Existing plant"),
        Mark("#4f3b2a", "#e7d7b4", shape="diamond", radius=4.5, width=1.3),
    ),
    "brownfield": MapClass(
        "brownfield",
        ("旧厂址", "Brownfield"),
        Mark("#4f3b2a", "#b79f7f", shape="square", radius=4.5, width=1.3),
    ),
}
RECEIVER = MapClass(
    "receiver",
    ("承接地（新建产能）", "Receiving site"),
    Mark("#0c5a35", "#3bb273", shape="star", radius=10, width=1.4),
)

# Word found in an ecology category -> class; the first that fits wins.
ECOLOGY: tuple[tuple[tuple[str, ...], MapClass], ...] = (
    (
        ("water_source", "水源"),
        MapClass(
            "water_source", ("饮用水水源保护区", "Drinking-water source"), Mark("#1f6fb5", "#7db8e8", 0.55)
        ),
    ),
    (
        ("heritage", "遗产"),
        MapClass("world_heritage", ("世界遗产地", "World heritage"), Mark("#8a5a9e", "#c9a7d8", 0.42)),
    ),
    (
        ("panda", "大熊猫", "habitat"),
        MapClass("panda", ("大熊猫栖息地", "Panda habitat"), Mark("#2d7d6b", "#8fccb9", 0.42)),
    ),
    (
        ("redline", "红线"),
        MapClass("redline", ("生态保护红线", "Ecological red line"), Mark("#b3402e", "#e8b0a4", 0.35)),
    ),
    (
        ("reserve", "自然保护区"),
        MapClass("nature_reserve", ("自然保护区", "Nature reserve"), Mark("#3c8442", "#9ccc94", 0.45)),
    ),
    (
        ("scenic", "风景", "park", "公园"),
        MapClass("scenic", ("风景名胜区、公园", "Scenic area or park"), Mark("#86892b", "#d3d58a", 0.45)),
    ),
)
ECOLOGY_OTHER = MapClass("other", ("其他生态区", "Other ecological area"), Mark("#6c7a5c", "#c3cdb5", 0.4))

ADMIN: dict[str, MapClass] = {
    "outside": MapClass("outside", ("省外", "Outside the province"), Mark("#d3cfc4", "#ebe8df", 1.0, 0.6)),
    "prefecture": MapClass("prefecture", ("市州界", "Prefecture"), Mark("#aaa496", "#fcfbf7", 1.0, 0.9)),
    "county": MapClass("county", ("县界", "County"), Mark("#d5d0c4", "", 0.0, 0.5)),
    "province": MapClass("province", ("省界", "Province"), Mark("#6e6757", "", 0.0, 1.8)),
    "function": MapClass(
        "function",
        ("重点生态功能区县", "Key ecological function county"),
        Mark("#b8cfae", "#dfeed7", 0.75, 0.5),
    ),
    "habitat": MapClass(
        "habitat",
        ("县内某处有大熊猫栖息地", "Panda habitat somewhere in the county"),
        Mark("#7a4f9a", "#b99ad0", 0.35, 1.0, dash=(4, 3)),
    ),
    "river": MapClass("river", ("河流", "River"), Mark("#a5cbe6", width=1.0)),
    "zone": MapClass("zone", ("成都经济区", "Chengdu economic zone"), Mark("#c26a12", "#f5b94a", 0.16, 2.4)),
}


def ecology_class(category: object) -> MapClass:
    """Return the class an ecology category belongs to, by the words in its name."""
    text = str(category).lower()
    return next((klass for words, klass in ECOLOGY if any(word in text for word in words)), ECOLOGY_OTHER)


def doubtful(mark: Mark) -> Mark:
    """Return the look of a feature that is not sure: paler, with a broken outline."""
    return replace(mark, fill_opacity=mark.fill_opacity * 0.55, dash=mark.dash or (2.5, 2))


def capacity_radius(capacity_kt: float) -> float:
    """Return the radius in pixels of a symbol whose area grows with capacity (NaN draws the smallest)."""
    return 3.0 + 4.2 * (max(capacity_kt, 0.0) / 1000) ** 0.5 if capacity_kt == capacity_kt else 3.0


def power_radius(mw: float) -> float:
    """Return the radius in pixels of a power plant of `mw` megawatts."""
    return 2.2 + 2.6 * (max(mw, 0.0) / 1000) ** 0.5 if mw == mw else 2.2


def move_width(kt: float, largest_kt: float) -> float:
    """Return the width in pixels of an arrow that carries `kt` when the widest carries `largest_kt`."""
    share = (kt / largest_kt) ** 0.5 if largest_kt > 0 else 0.0
    return ARROW_MIN_PX + (ARROW_MAX_PX - ARROW_MIN_PX) * share
