"""Paths on any graph, and the multimodal freight network: build, price, route, disrupt."""

from workbench.logistics.freight.capacity import Assignment, assign, room_kt
from workbench.logistics.freight.check import check
from workbench.logistics.freight.choices import alternatives, compare, distinct, service_area
from workbench.logistics.freight.congestion import Equilibrium, equilibrium
from workbench.logistics.freight.disruption import (
    Impact,
    carried_kt,
    close_area,
    close_district,
    close_terminals,
    criticality,
    impact,
    strike,
)
from workbench.logistics.freight.ends import attach
from workbench.logistics.freight.files import read_network, read_tables, write_network
from workbench.logistics.freight.matrix import CostMatrix, Weights, cost_matrix
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.options import FreightOptions
from workbench.logistics.freight.own import OwnTariff, own_tariff
from workbench.logistics.freight.rates import ATTRIBUTES, Rates
from workbench.logistics.freight.roads import RoadRules
from workbench.logistics.freight.routes import Route, legs, route, route_of
from workbench.logistics.freight.shipments import price_shipments
from workbench.logistics.freight.split import Split, calibrate, logit_shares, mode_costs
from workbench.logistics.paths.engine import PathEngine, Paths

__all__ = [
    "ATTRIBUTES",
    "Assignment",
    "CostMatrix",
    "Equilibrium",
    "FreightOptions",
    "Impact",
    "Network",
    "OwnTariff",
    "PathEngine",
    "Paths",
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
    "equilibrium",
    "impact",
    "legs",
    "logit_shares",
    "mode_costs",
    "own_tariff",
    "price_shipments",
    "read_network",
    "read_tables",
    "room_kt",
    "route",
    "route_of",
    "service_area",
    "strike",
    "write_network",
]
