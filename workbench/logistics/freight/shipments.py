"""A list of shipments priced on a network: money, hours and km of each, and the legs behind them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.errors import DataError
from workbench.logistics.freight.matrix import Weights, cost_matrix
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.own import own_tariff
from workbench.logistics.freight.rates import Rates
from workbench.logistics.freight.routes import legs
from workbench.logistics.freight.tables import choose, read_table

_TOTALS = ("cost_cny_t", "hours", "co2_kg_t", "km")


def price_shipments(
    network: Network,
    tables: Mapping[str, pd.DataFrame],
    *,
    rates: Rates | None = None,
    weights: Weights | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Price the table `shipments` (origin, destination, commodity, kt; ends are node ids) on a network.

    Tables `vehicles` and `charges` price the planner's own modes (see `own_tariff`). Returns the shipments
    with cost_cny_t, hours, co2_kg_t and km (inf where there is no way), and the legs of every pair with its
    commodity. Raises DataError with every fault.
    """
    shipments, faults = read_table("shipments", tables["shipments"])
    if not faults:
        for side in ("origin", "destination"):
            faults += choose(
                "shipments", side, shipments[side], network.nodes.index, "Add it or mend the id."
            )
    if faults:
        raise DataError(faults, f"the shipments have {len(faults)} faults")
    rates = (rates or Rates.for_year()).with_own(own_tariff(tables.get("vehicles"), tables.get("charges")))
    priced, ways = shipments.assign(**dict.fromkeys(_TOTALS, np.inf)), []
    for good, part in shipments.groupby("commodity", sort=True):
        ends = sorted(set(part["origin"])), sorted(set(part["destination"]))
        found = cost_matrix(network, *ends, commodity=str(good), rates=rates, weights=weights)
        at = found.origins.get_indexer(part["origin"]), found.destinations.get_indexer(part["destination"])
        rows = (shipments["commodity"] == good).to_numpy()
        for name in _TOTALS:
            priced.loc[rows, name] = getattr(found, name).to_numpy()[at]
        ways.append(legs(found, part[["origin", "destination"]]).assign(commodity=good))
    return priced, pd.concat(ways, ignore_index=True) if ways else pd.DataFrame()
