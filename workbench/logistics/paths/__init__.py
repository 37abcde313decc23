"""Exact shortest paths on any directed graph given as plain arrays; knows nothing of freight."""

from workbench.logistics.paths.engine import PathEngine, Paths
from workbench.logistics.paths.warm import warm_up

__all__ = ["PathEngine", "Paths", "warm_up"]
