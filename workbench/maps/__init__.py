"""Maps: interactive folium pages that need no internet, and printed layouts."""

from workbench.later import later
from workbench.maps.escape import escape

__getattr__, __dir__, __all__ = later(
    __name__,
    {
        "assets": "OfflineMap save_html",
        "describe": (
            "describe_layers describe_plan describe_workbench foreseen later_themes move_state subtitle"
        ),
        "layout": "PrintOptions print_map sheet",
        "opening": "Opening",
        "page": "draw layer_map plan_map",
        "quality": "describe_quality quality_map",
        "spec": "MapLayer MapSpec MoveState View",
        "where": "describe_where where_map",
    },
)
__all__ += ["escape"]
