"""Lanes: which links a train or a class of vessel may use, and the length every ride on them pays for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.logistics.freight.rates import Rates


@dataclass(frozen=True, eq=False)
class Lane:
    """One mode, or a class of vessel or own vehicle of it, and the links it fits (a mask of the links).

    Goods stay on a lane until they are handled. `limit_km`: a ride shorter than this pays as if it were so
    long; 0 = there is no such rule.
    """

    mode: str
    vessel_t: int
    links: np.ndarray
    limit_km: float
    vehicle: str = ""

    @property
    def layer(self) -> str:
        """Name of the lane within its mode: an own vehicle, the size of the vessel in tonnes, or nothing."""
        return self.vehicle or (str(self.vessel_t) if self.vessel_t else "")

    def key(self) -> tuple[object, ...]:
        """Return what tells this lane from others."""
        return self.mode, self.layer, self.limit_km, self.links.tobytes()


def lanes(links: pd.DataFrame, rates: Rates) -> list[Lane]:
    """Return the lanes: own vehicles, rail, sea, and one per class that is the largest on some waterway.

    No other class is needed: the largest that floats on a whole voyage is the largest on its shallowest link.
    """
    own = {} if rates.own is None else rates.own.modes
    mode = links["mode"].mask(links["mode"].isin(list(own.values())), "own").to_numpy()
    found = [
        Lane(name, 0, rates.own.fits(links, vehicle), rates.own.min_charge_km(vehicle), vehicle)
        for vehicle, name in own.items()
        if rates.own is not None and rates.own.fits(links, vehicle).any()
    ]
    for name in ("rail", "sea"):
        if (mode == name).any():
            found.append(Lane(name, 0, mode == name, rates.limit_km(name)))
    river = links[mode == "water"]
    if len(river):
        limit, sizes = rates.limit_km("water"), np.unique(rates.largest_vessel(river))
        sizes = sizes[sizes > 0]
        for size in sizes if len(sizes) else rates.vessels.index[:1]:
            fits = np.zeros(len(links), bool)
            fits[mode == "water"] = rates.fits(river, int(size))
            found.append(Lane("water", int(size), fits, limit))
    return found
