"""Raw geodata to validated layers: the baseline, its catalogue and a planner's own files."""

from workbench.later import later

__getattr__, __dir__, __all__ = later(
    __name__,
    {
        "catalog": "catalogue check_hashes",
        "integrity": "check_baseline",
        "model": "Assumptions Layers",
        "provenance": "cite credit_line explain_data",
        "quality": "capacity_quality industry_quality prefecture_quality",
        "read": "load",
    },
)
