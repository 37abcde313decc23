"""Raw geodata to validated layers: the baseline, its catalogue and a planner's own files."""

from workbench.layers.catalog import catalogue, check_hashes
from workbench.layers.integrity import check_baseline
from workbench.layers.model import Assumptions, Layers
from workbench.layers.provenance import attribution, cite, credit_line, explain_data
from workbench.layers.quality import capacity_quality, industry_quality, layer_quality, prefecture_quality
from workbench.layers.read import load

__all__ = [
    "Assumptions",
    "Layers",
    "attribution",
    "capacity_quality",
    "catalogue",
    "check_baseline",
    "check_hashes",
    "cite",
    "credit_line",
    "explain_data",
    "industry_quality",
    "layer_quality",
    "load",
    "prefecture_quality",
]
