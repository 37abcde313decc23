"""What a place offers or forbids: ecology, headroom, hydropower, demand, resources."""

from workbench.region import hydropower
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
from workbench.region.rules import RULES, Rule, zone_rule

__all__ = [
    "RULES",
    "DemandOptions",
    "Exclusions",
    "PowerOptions",
    "Rule",
    "ZoneOptions",
    "excluded_area",
    "exclusions",
    "hits",
    "hydropower",
    "link_exclusions",
    "site_exclusions",
    "verdicts",
    "zone_rule",
]
