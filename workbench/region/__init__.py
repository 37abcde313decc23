"""What a place offers or forbids: ecology, headroom, hydropower, demand, resources."""

from workbench.later import later

__getattr__, __dir__, __all__ = later(
    __name__,
    {
        "areas": "governing_areas",
        "ecology": "Exclusions excluded_area exclusions hits site_exclusions verdicts",
        "options": "DemandOptions PowerOptions ZoneOptions",
        "raster": "Grid GridMask grid_mask",
        "rules": "RULES Rule zone_rule",
        "why": "Places Why nearest_feasible places why_here why_not_here",
    },
    modules="demand exposure headroom hydropower",
)
