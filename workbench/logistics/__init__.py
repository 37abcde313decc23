"""The multimodal freight network: build, price, route, disrupt."""

from workbench.logistics.capacity import Assignment, assign, room_kt
from workbench.logistics.check import check
from workbench.logistics.choices import alternatives, compare, distinct, service_area
from workbench.logistics.disruption import (
    Impact,
    carried_kt,
    close_area,
    close_district,
    close_terminals,
    criticality,
    impact,
    strike,
)
from workbench.logistics.ends import attach
from workbench.logistics.matrix import CostMatrix, Weights, cost_matrix
from workbench.logistics.network import Network
from workbench.logistics.options import FreightOptions
from workbench.logistics.rates import ATTRIBUTES, Rates
from workbench.logistics.roads import RoadRules
from workbench.logistics.routes import Route, legs, route, route_of
from workbench.logistics.split import Split, calibrate, logit_shares, mode_costs

__all__ = [
    "ATTRIBUTES",
    "Assignment",
    "CostMatrix",
    "FreightOptions",
    "Impact",
    "Network",
    "Rates",
    "RoadRules",
    "Route",
    "Split",
    "Weights",
    "alternatives",
    "assign",
    "attach",
    "calibrate",
    "carried_kt",
    "check",
    "close_area",
    "close_district",
    "close_terminals",
    "compare",
    "cost_matrix",
    "criticality",
    "distinct",
    "impact",
    "legs",
    "logit_shares",
    "mode_costs",
    "room_kt",
    "route",
    "route_of",
    "service_area",
    "strike",
]
