"""The classes, steps and words of the thematic layers, one look for page and print."""

# ruff: noqa: E501 (one row of a table per line)
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.maps.style import MapClass, Mark, titled
from workbench.words import Text, pair, words

EDGE = "#8d8672"
VERDICTS: dict[str, MapClass] = {
    "free": titled("maps.verdicts", "free", Mark("#7fae86", "#cfe6cf", 0.75, 0.4)),
    "restricted": titled("maps.verdicts", "restricted", Mark("#c79a2e", "#f4d889", 0.75, 0.7)),
    "excluded": titled("maps.verdicts", "excluded", Mark("#b25746", "#e2a292", 0.75, 0.7)),
    "unknown": titled("maps.verdicts", "unknown", Mark("#8f8f8f", "#cfcfcf", 0.75, 0.7, dash=(3, 3))),
}  # fmt: skip
AREA_FIELDS = words("maps.areas")
UNKNOWN = titled("maps.theme_classes", "unknown", Mark(EDGE, "#cfcfcf", 0.75, 0.8))
NONE = titled("maps.theme_classes", "none", Mark(EDGE, "#f4f1e8", 0.75, 0.8))
POLLUTANTS = words("maps.pollutants")
# Lower bound of headroom as a share of the 2015 cap, and the look of what reaches it.
HEADROOM: tuple[tuple[float, MapClass], ...] = (
    (0.02, titled("maps.headroom_steps", "spare2", Mark(EDGE, "#3f8f6b", 0.75, 0.8))),
    (0.0, titled("maps.headroom_steps", "spare", Mark(EDGE, "#a9d3ae", 0.75, 0.8))),
    (-0.05, titled("maps.headroom_steps", "cut", Mark(EDGE, "#f3dca6", 0.75, 0.8))),
    (-0.10, titled("maps.headroom_steps", "cut5", Mark(EDGE, "#e8a878", 0.75, 0.8))),
    (-np.inf, titled("maps.headroom_steps", "cut10", Mark(EDGE, "#c8553d", 0.75, 0.8))),
)  # fmt: skip
HEADROOM_FIELDS = words("maps.headroom")
WORDS = words("maps.themes")
STEPS = words("maps.steps")
YEARS = words("maps.years")
SEASONS = words("maps.seasons")


def _blues(unit: Text, steps: Sequence[float], key: str) -> tuple[tuple[float, MapClass], ...]:
    fills = ("#08519c", "#3182bd", "#6baed6", "#c6dbef")
    tops = (None, *steps)
    return tuple(
        (
            low,
            MapClass(
                f"{key}{low:g}",
                pair("maps.steps", "between" if top else "above", unit=unit, low=low, top=top),
                Mark(EDGE, fill, 0.75, 0.8),
            ),
        )
        for fill, low, top in zip(fills, steps, tops, strict=False)
    )  # fmt: skip


LOAD = _blues(STEPS["mw"], (1000, 300, 100, 1), "mw")
SURPLUS = _blues(STEPS["gwh"], (5000, 1000, 200, 1), "gwh")
SURPLUS_FIELDS = words("maps.surplus")

SITE_VERDICTS: dict[str, MapClass] = {
    "free": titled("maps.site_verdicts", "free", Mark("#14532d", "#2e9e5b", radius=5.5, width=1.2)),
    "restricted": titled("maps.site_verdicts", "restricted", Mark("#7a5c00", "#f0b429", shape="diamond", radius=5.5, width=1.2)),
    "excluded": titled("maps.site_verdicts", "excluded", Mark("#7f1d1d", "#ffffff", shape="square", radius=3.6, width=1.4)),
    "unknown": titled("maps.site_verdicts", "unknown", Mark("#6b6b6b", "#cfcfcf", shape="triangle", radius=4.5, width=1.2)),
}  # fmt: skip
# Highest rank of each class, and its look: the darker the better.
RANKS: tuple[tuple[float, MapClass], ...] = (
    (5, titled("maps.ranks", "top5", Mark("#3b0764", "#6d28d9", shape="star", radius=9, width=1.1))),
    (15, titled("maps.ranks", "top15", Mark("#4c1d95", "#a78bfa", radius=6, width=1.1))),
    (float("inf"), titled("maps.ranks", "rest", Mark("#5b5470", "#ddd6fe", radius=4.5, width=1.1))),
)  # fmt: skip
BARRED = titled("maps.ranks", "barred", Mark("#8a8577", "#ffffff", shape="square", radius=3, width=1))
WHERE_FIELDS = words("maps.where")
