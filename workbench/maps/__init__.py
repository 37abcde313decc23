"""Maps: interactive folium pages that need no internet, and printed layouts."""

from workbench.maps.assets import OfflineMap, save_html
from workbench.maps.describe import (
    describe_layers,
    describe_plan,
    describe_workbench,
    foreseen,
    later_themes,
    move_state,
    subtitle,
)
from workbench.maps.escape import escape
from workbench.maps.layout import PrintOptions, print_map
from workbench.maps.page import draw, layer_map, plan_map
from workbench.maps.quality import describe_quality, quality_map
from workbench.maps.spec import MapLayer, MapSpec, MoveState, View
from workbench.maps.where import describe_where, where_map

__all__ = [
    "MapLayer",
    "MapSpec",
    "MoveState",
    "OfflineMap",
    "PrintOptions",
    "View",
    "describe_layers",
    "describe_plan",
    "describe_quality",
    "describe_where",
    "describe_workbench",
    "draw",
    "escape",
    "foreseen",
    "later_themes",
    "layer_map",
    "move_state",
    "plan_map",
    "print_map",
    "quality_map",
    "save_html",
    "subtitle",
    "where_map",
]
