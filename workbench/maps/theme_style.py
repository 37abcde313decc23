"""The classes, steps and words of the thematic layers, one look for page and print."""

# ruff: noqa: E501 (one row of a table per line)
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.maps.style import MapClass, Mark, Text
from workbench.words import words

EDGE = "#8d8672"
VERDICTS: dict[str, MapClass] = {
    "free": MapClass("free", ("允许", "Allowed"), Mark("#7fae86", "#cfe6cf", 0.75, 0.4)),
    "restricted": MapClass("restricted", ("受限（须说明理由或减量置换）", "Restricted"), Mark("#c79a2e", "#f4d889", 0.75, 0.7)),
    "excluded": MapClass("excluded", ("禁止", "Excluded"), Mark("#b25746", "#e2a292", 0.75, 0.7)),
    "unknown": MapClass("unknown", ("资料不足", "Unknown"), Mark("#8f8f8f", "#cfcfcf", 0.75, 0.7, dash=(3, 3))),
}  # fmt: skip
AREA_FIELDS = words("maps.areas")
UNKNOWN = MapClass("unknown", ("无资料", "Unknown"), Mark(EDGE, "#cfcfcf", 0.75, 0.8))
NONE = MapClass("none", ("没有", "None"), Mark(EDGE, "#f4f1e8", 0.75, 0.8))
POLLUTANTS = words("maps.pollutants")
# Lower bound of headroom as a share of the 2015 cap, and the look of what reaches it.
HEADROOM: tuple[tuple[float, MapClass], ...] = (
    (0.02, MapClass("spare2", ("有余量：上限的 2% 以上", "Spare: 2 % of the cap and more"), Mark(EDGE, "#3f8f6b", 0.75, 0.8))),
    (0.0, MapClass("spare", ("有余量：不到 2%", "Spare: below 2 %"), Mark(EDGE, "#a9d3ae", 0.75, 0.8))),
    (-0.05, MapClass("cut", ("敏感：还须削减 5% 以内", "Sensitive: up to 5 % still to cut"), Mark(EDGE, "#f3dca6", 0.75, 0.8))),
    (-0.10, MapClass("cut5", ("敏感：还须削减 5–10%", "Sensitive: 5-10 % still to cut"), Mark(EDGE, "#e8a878", 0.75, 0.8))),
    (-np.inf, MapClass("cut10", ("敏感：还须削减 10% 以上", "Sensitive: over 10 % still to cut"), Mark(EDGE, "#c8553d", 0.75, 0.8))),
)  # fmt: skip
HEADROOM_FIELDS = words("maps.headroom")
WORDS = words("maps.themes")
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
                (f"{low:,g}–{top:,g} {unit[0]}", f"{low:,g}-{top:,g} {unit[1]}") if top else
                (f"{low:,g} {unit[0]}以上", f"{low:,g} {unit[1]} and more"),
                Mark(EDGE, fill, 0.75, 0.8),
            ),
        )
        for fill, low, top in zip(fills, steps, tops, strict=False)
    )  # fmt: skip


LOAD = _blues(("兆瓦", "MW"), (1000, 300, 100, 1), "mw")
SURPLUS = _blues(("吉瓦时", "GWh"), (5000, 1000, 200, 1), "gwh")
SURPLUS_FIELDS = words("maps.surplus")

SITE_VERDICTS: dict[str, MapClass] = {
    "free": MapClass("free", ("承接地：允许", "Site: allowed"), Mark("#14532d", "#2e9e5b", radius=5.5, width=1.2)),
    "restricted": MapClass(
        "restricted", ("承接地：受限", "Site: restricted"),
        Mark("#7a5c00", "#f0b429", shape="diamond", radius=5.5, width=1.2),
    ),
    "excluded": MapClass(
        "excluded", ("承接地：禁止", "Site: excluded"),
        Mark("#7f1d1d", "#ffffff", shape="square", radius=3.6, width=1.4),
    ),
    "unknown": MapClass(
        "unknown", ("承接地：资料不足", "Site: unknown"),
        Mark("#6b6b6b", "#cfcfcf", shape="triangle", radius=4.5, width=1.2),
    ),
}  # fmt: skip
# Highest rank of each class, and its look: the darker the better.
RANKS: tuple[tuple[float, MapClass], ...] = (
    (5, MapClass("top5", ("适宜性 1–5 名", "Suitability: rank 1-5"), Mark("#3b0764", "#6d28d9", shape="star", radius=9, width=1.1))),
    (15, MapClass("top15", ("6–15 名", "Rank 6-15"), Mark("#4c1d95", "#a78bfa", radius=6, width=1.1))),
    (float("inf"), MapClass("rest", ("15 名以后", "Rank 16 and below"), Mark("#5b5470", "#ddd6fe", radius=4.5, width=1.1))),
)  # fmt: skip
BARRED = MapClass(
    "barred", ("不参加排序", "Not ranked"), Mark("#8a8577", "#ffffff", shape="square", radius=3, width=1)
)
WHERE_FIELDS = words("maps.where")
