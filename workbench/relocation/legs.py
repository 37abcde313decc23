"""The legs of a plan's flows: every ride, transfer and port of every haul, beside what is sent."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from workbench.logistics.freight.matrix import CostMatrix
from workbench.logistics.freight.routes import legs

FLOW_COLUMNS = ("industry", "commodity", "origin", "destination", "kt")
_ON_THE_SPOT = ("from_id", "to_id", "km", "cost_cny_t", "hours", "co2_kg_t")


def legs_of_flows(
    flows: pd.DataFrame, place: pd.Series, holding: Callable[[str, str, str], CostMatrix]
) -> pd.DataFrame:
    """Return every leg of every flow: `FLOW_COLUMNS` of the flow, then the leg's own (see `logistics.legs`).

    `place`: facility id -> where it stands; `holding(commodity, origin, destination)`: the matrix in which a
    pair of places was priced. Flow by flow, leg by leg, in their order; the legs of a flow add up to its
    haul. Raw material found on the spot is one leg without a link.
    """
    flows = flows.reset_index(drop=True)
    here = flows["origin"] == flows["destination"]
    table = pd.concat([*_sent(flows[~here], place, holding), _found(flows[here])], ignore_index=True)
    table = table.sort_values(["flow", "seq"], ignore_index=True)
    known = flows[list(FLOW_COLUMNS)].take(table.pop("flow")).reset_index(drop=True)
    return pd.concat([known, table], axis=1)


def _sent(
    flows: pd.DataFrame, place: pd.Series, holding: Callable[[str, str, str], CostMatrix]
) -> list[pd.DataFrame]:
    """Read the flows of one matrix together, so that its paths are traced once."""
    ends = ["origin", "destination"]
    pairs = pd.DataFrame({name: [str(place.get(id, id)) for id in flows[name]] for name in ends})
    pairs["flow"] = flows.index
    found = [holding(*each) for each in zip(flows["commodity"], *(pairs[name] for name in ends), strict=True)]
    parts = []
    for matrix in dict.fromkeys(found):
        asked = pairs[[one is matrix for one in found]]
        parts.append(asked.merge(legs(matrix, asked), on=ends).drop(columns=ends))
    return parts


def _found(flows: pd.DataFrame) -> pd.DataFrame:
    named = flows.assign(from_id=flows["origin"], to_id=flows["destination"])[list(_ON_THE_SPOT)]
    return named.assign(flow=flows.index, seq=0, kind="haul", mode="road", links=[()] * len(flows))
