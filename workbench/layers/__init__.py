"""Raw geodata to validated layers: the baseline, its catalogue and a planner's own files."""

from workbench.layers.catalog import catalogue, check_hashes
from workbench.layers.model import Assumptions, Layers
from workbench.layers.read import load

__all__ = ["Assumptions", "Layers", "catalogue", "check_hashes", "load"]
