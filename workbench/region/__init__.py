"""What a place offers or forbids: ecology, headroom, hydropower, demand, resources."""

from workbench.region import exposure, headroom, hydropower
from workbench.region.areas import governing_areas
from workbench.region.ecology import (
    Exclusions,
    excluded_area,
    exclusions,
    hits,
    link_exclusions,
    site_exclusions,
    verdicts,
)
from workbench.region.options import DemandOptions, PowerOptions, ZoneOptions
from workbench.region.raster import Grid, GridMask, grid_mask
from workbench.region.rules import RULES, Rule, zone_rule
from workbench.region.why import Places, Why, nearest_feasible, places, why_here, why_not_here

__all__ = [
    "RULES",
    "DemandOptions",
    "Exclusions",
    "Grid",
    "GridMask",
    "Places",
    "PowerOptions",
    "Rule",
    "Why",
    "ZoneOptions",
    "excluded_area",
    "exclusions",
    "exposure",
    "governing_areas",
    "grid_mask",
    "headroom",
    "hits",
    "hydropower",
    "link_exclusions",
    "nearest_feasible",
    "places",
    "site_exclusions",
    "verdicts",
    "why_here",
    "why_not_here",
    "zone_rule",
]
