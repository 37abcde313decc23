"""The multimodal freight network: build, price, route, disrupt."""

from workbench.logistics.ends import attach
from workbench.logistics.matrix import CostMatrix, Weights, cost_matrix
from workbench.logistics.network import Network
from workbench.logistics.options import FreightOptions
from workbench.logistics.rates import ATTRIBUTES, Rates
from workbench.logistics.roads import RoadRules
from workbench.logistics.routes import Route, legs, route, route_of

__all__ = [
    "ATTRIBUTES",
    "CostMatrix",
    "FreightOptions",
    "Network",
    "Rates",
    "RoadRules",
    "Route",
    "Weights",
    "attach",
    "cost_matrix",
    "legs",
    "route",
    "route_of",
]
