"""What a tonne of product needs from elsewhere, and where that can come from."""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd

from workbench.errors import LabelError
from workbench.layers.model import Assumptions, Layers

# What a unit of a worse vintage takes more of.
FUELS = ("coal", "coke")
_NEED = re.compile(r"^(?P<who>[a-z_]+(?:\.[a-z_]+)?)\.raw_(?P<commodity>[a-z_]+)_t_t$")


@dataclass(frozen=True)
class Need:
    """One raw material: tonnes per tonne of product, and its haul if it is found on the spot."""

    commodity: str
    t_t: float
    haul_km: float | None


def factor(assumptions: Assumptions, industry: str, process: str, name: str) -> float:
    """Return a process factor: ``steel.eaf.power_kwh_t`` where it exists, else ``steel.power_kwh_t``."""
    own = f"{industry}.{process}.{name}"
    return assumptions[own] if own in assumptions else assumptions[f"{industry}.{name}"]


def factor_or(assumptions: Assumptions, industry: str, process: str, name: str, default: float) -> float:
    """Return a process factor as `factor` does, a default where no row gives it."""
    for key in (f"{industry}.{process}.{name}", f"{industry}.{name}"):
        if key in assumptions:
            return float(assumptions[key])
    return default


def needs(assumptions: Assumptions, industry: str, process: str, *, new: bool = False) -> tuple[Need, ...]:
    """Return the raw materials of an industry's process, sorted by commodity.

    Rows ``<industry>.raw_<commodity>_t_t`` or ``<industry>.<process>.raw_<commodity>_t_t`` name them; a row
    ``...haul_<commodity>_km`` says the material is found on the spot and hauled so far. They are the mean of
    what stands; a `new` works burns the part `new_coal_share` of it.
    """
    found = []
    burnt = factor_or(assumptions, industry, process, "new_coal_share", 1.0) if new else 1.0
    for name in sorted(map(str, assumptions.frame.index)):
        match = _NEED.match(name)
        if match and match["who"] in (industry, f"{industry}.{process}"):
            haul = f"{match['who']}.haul_{match['commodity']}_km"
            haul_km = assumptions[haul] if haul in assumptions else None  # noqa: SIM401
            share = burnt if match["commodity"] in FUELS else 1.0
            found.append(Need(match["commodity"], share * assumptions[name], haul_km))
    return tuple(sorted(found, key=lambda need: need.commodity))


def sources(layers: Layers, commodity: str) -> gpd.GeoDataFrame:
    """Return the points a raw material can come from, sorted by id: mines, works and gateways.

    Raises LabelError when the layer resources has none.
    """
    table = layers.resources
    found = table[table["resource"] == commodity].sort_index()
    if "in_baseline" in found:  # mines of later years stand in the layer but gave nothing in 2014
        found = found[found["in_baseline"].astype(bool)]
    if found.empty:
        raise LabelError(
            f"the layer resources has no source of {commodity!r}; add one, or give the assumption "
            f"<industry>.haul_{commodity}_km if it is found on the spot",
            missing=[commodity],
        )
    return found
