"""Words for the codes that tables hold, as a reader of a map's card sees them, by column."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.maps.style import Text

_LEVELS: Mapping[str, Text] = {
    "world": ("世界级", "World"),
    "national": ("国家级", "National"),
    "provincial": ("省级", "Provincial"),
    "prefecture-level": ("市级", "Prefecture"),
}
CODES: Mapping[str, Mapping[str, Text]] = {
    "confidence": {"high": ("高", "High"), "medium": ("中", "Medium"), "low": ("低", "Low")},
    "level": _LEVELS,
    "eco_function_level": _LEVELS,
    "geometry_basis": {
        "matched": ("沿图上线路", "Along the mapped line"),
        "via": ("经已知地点连线", "Through known places"),
        "straight": ("直线示意", "Drawn straight"),
    },
    "process": {
        "nsp": ("新型干法", "Dry kiln with precalciner"),
        "grinding": ("粉磨站", "Grinding station"),
        "bf": ("高炉", "Blast furnace"),
        "bf_bof": ("高炉—转炉", "Blast furnace and converter"),
        "eaf": ("电炉", "Electric arc furnace"),
        "float": ("浮法", "Float"),
        "prebake": ("预焙槽", "Prebaked cells"),
        "mine": ("煤矿", "Mine"),
    },
    "kind": {
        "prefecture": ("省内市州", "Prefecture"),
        "outside": ("省外", "Outside the province"),
        "export": ("出口口岸", "Export gateway"),
    },
}  # fmt: skip
