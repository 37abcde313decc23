"""Paths on any graph, and the multimodal freight network: build, price, route, disrupt."""

from workbench.later import later

__getattr__, __dir__, __all__ = later(
    __name__,
    {
        "freight.capacity": "Assignment assign room_kt",
        "freight.check": "check",
        "freight.choices": "alternatives compare distinct",
        "freight.congestion": "Equilibrium equilibrium",
        "freight.disruption": (
            "Impact carried_kt close_area close_district close_terminals criticality impact strike"
        ),
        "freight.files": "read_network read_tables write_network",
        "freight.matrix": "CostMatrix Weights cost_matrix",
        "freight.network": "Network",
        "freight.options": "FreightOptions",
        "freight.own": "OwnTariff own_tariff",
        "freight.rates": "ATTRIBUTES Rates",
        "freight.roads": "RoadRules",
        "freight.routes": "Route legs route route_of",
        "freight.shipments": "price_shipments",
        "freight.split": "Split calibrate logit_shares mode_costs",
        "paths.engine": "PathEngine Paths",
    },
)
