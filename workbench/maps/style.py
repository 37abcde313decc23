"""The one look of every map: colours, shapes and sizes that page, widget and print all read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from workbench.units import KT_PER_MT, MW_PER_GW
from workbench.words import Text, words

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


def titled(namespace: str, key: str, mark: Mark) -> MapClass:
    """Return the class of a key, with its title from a namespace of the words."""
    return MapClass(key, words(namespace)[key], mark)


PAPER = "#f4f2ec"
INK = "#33312c"
ARROW_MIN_PX, ARROW_MAX_PX = 2.0, 7.0

INDUSTRIES: dict[str, MapClass] = {
    "cement": titled("labels.industries", "cement", Mark("#7c1d1d", "#c8463c", shape="circle")),
    "steel": titled("labels.industries", "steel", Mark("#1d2c44", "#46638f", shape="square")),
    "flat_glass": titled("labels.industries", "flat_glass", Mark("#43235c", "#8d5fb0", shape="triangle")),
    "aluminium": titled("labels.industries", "aluminium", Mark("#7a4300", "#e8963a", shape="hexagon")),
    "coal": titled("labels.industries", "coal", Mark("#000000", "#3a3a3a", shape="triangle_down")),
}

# Decisions change the look of a line's own symbol: full, hollow with a cross, pale with a ring.
DECISIONS: dict[str, MapClass] = {
    "keep": titled("maps.decisions", "keep", Mark("#55524a", "#a19d92")),
    "close": titled("maps.decisions", "close", Mark("#55524a", "#ffffff")),
    "move": titled("maps.decisions", "move", Mark("#55524a", "#e4e1d8")),
}

MODES: dict[str, MapClass] = {
    "rail": titled("labels.modes", "rail", Mark("#4a4640", width=1.7, casing="#ffffff")),
    "road": titled("labels.modes", "road", Mark("#cf9a52", width=1.1)),
    "water": titled("labels.modes", "water", Mark("#2f7fc1", width=2.2)),
    "sea": titled("labels.modes", "sea", Mark("#1c4e80", width=1.6, dash=(6, 3))),
}
STRAIGHT: Text = words("maps.sheet")["straight"]

GRID: dict[str, MapClass] = {
    "substation": titled("maps.grid_kinds", "substation", Mark("#5b1e6e", "#b074c4", shape="square")),
    "converter": titled(
        "maps.grid_kinds", "converter", Mark("#7a1015", "#d1495b", shape="triangle", radius=6)
    ),
}
MARKET: dict[str, MapClass] = {
    "local": titled("maps.power_markets", "local", Mark("#0b5c78", "#3fb2d4", shape="drop")),
    "export": titled(
        "maps.power_markets",
        "export",
        Mark("#0b5c78", "#ffffff", shape="drop", fill_opacity=0.85),
    ),
}

SITES: dict[str, MapClass] = {
    "park": titled(
        "maps.site_kinds", "park", Mark("#4f3b2a", "#fff7e2", shape="square", radius=4.5, width=1.3)
    ),
    "expansion": titled(
        "maps.site_kinds",
        "expansion",
        Mark("#4f3b2a", "#e7d7b4", shape="diamond", radius=4.5, width=1.3),
    ),
    "brownfield": titled(
        "maps.site_kinds",
        "brownfield",
        Mark("#4f3b2a", "#b79f7f", shape="square", radius=4.5, width=1.3),
    ),
}
RECEIVER = titled(
    "maps.site_kinds",
    "receiver",
    Mark("#0c5a35", "#3bb273", shape="star", radius=10, width=1.4),
)

# Word found in an ecology category -> class; the first that fits wins.
ECOLOGY: tuple[tuple[tuple[str, ...], MapClass], ...] = (
    (
        ("water_source", "水源"),
        titled("maps.ecology_classes", "water_source", Mark("#1f6fb5", "#7db8e8", 0.55)),
    ),
    (
        ("heritage", "遗产"),
        titled("maps.ecology_classes", "world_heritage", Mark("#8a5a9e", "#c9a7d8", 0.42)),
    ),
    (
        ("panda", "大熊猫", "habitat"),
        titled("maps.ecology_classes", "panda", Mark("#2d7d6b", "#8fccb9", 0.42)),
    ),
    (
        ("redline", "红线"),
        titled("maps.ecology_classes", "redline", Mark("#b3402e", "#e8b0a4", 0.35)),
    ),
    (
        ("reserve", "自然保护区"),
        titled("maps.ecology_classes", "nature_reserve", Mark("#3c8442", "#9ccc94", 0.45)),
    ),
    (
        ("scenic", "风景", "park", "公园"),
        titled("maps.ecology_classes", "scenic", Mark("#86892b", "#d3d58a", 0.45)),
    ),
)
ECOLOGY_OTHER = titled("maps.ecology_classes", "other", Mark("#6c7a5c", "#c3cdb5", 0.4))

ADMIN: dict[str, MapClass] = {
    "outside": titled("maps.land", "outside", Mark("#d3cfc4", "#ebe8df", 1.0, 0.6)),
    "prefecture": titled("maps.land", "prefecture", Mark("#aaa496", "#fcfbf7", 1.0, 0.9)),
    "county": titled("maps.land", "county", Mark("#d5d0c4", "", 0.0, 0.5)),
    "province": titled("maps.land", "province", Mark("#6e6757", "", 0.0, 1.8)),
    "function": titled(
        "maps.land",
        "function",
        Mark("#b8cfae", "#dfeed7", 0.75, 0.5),
    ),
    "habitat": titled(
        "maps.land",
        "habitat",
        Mark("#7a4f9a", "#b99ad0", 0.35, 1.0, dash=(4, 3)),
    ),
    "river": titled("maps.land", "river", Mark("#a5cbe6", width=1.0)),
    "zone": titled("maps.land", "zone", Mark("#c26a12", "#f5b94a", 0.16, 2.4)),
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
    return 3.0 + 4.2 * (max(capacity_kt, 0.0) / KT_PER_MT) ** 0.5 if capacity_kt == capacity_kt else 3.0


def power_radius(mw: float) -> float:
    """Return the radius in pixels of a power plant of `mw` megawatts."""
    return 2.2 + 2.6 * (max(mw, 0.0) / MW_PER_GW) ** 0.5 if mw == mw else 2.2


def move_width(kt: float, largest_kt: float) -> float:
    """Return the width in pixels of an arrow that carries `kt` when the widest carries `largest_kt`."""
    share = (kt / largest_kt) ** 0.5 if largest_kt > 0 else 0.0
    return ARROW_MIN_PX + (ARROW_MAX_PX - ARROW_MIN_PX) * share
