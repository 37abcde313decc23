"""Measures sea legs between sea ports over the sea lanes of searoute, and refuses what it cannot reach.

searoute moves any point to its nearest lane in silence and answers a blocked way with length 0. Here only
ports are asked, the distance each is moved is reported, capped and added to the length, and a way without
length, or far longer than the straight line, is a fault.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd
import pyproj
import shapely

from workbench.errors import DataError, Fault
from workbench.units import M_PER_KM

GEOD = pyproj.Geod(ellps="WGS84")
SNAP_MAX_KM = 40.0  # a port farther from the lanes than this is no sea port
DETOUR_MAX = 1.9  # sea km over straight km; beyond it the lanes miss a strait or a gulf


@dataclass(frozen=True)
class SeaLeg:
    """A way between two ports: its line (WGS-84), its km, and how far both ports lay from the lanes."""

    line: shapely.LineString
    km: float
    snap_km: float


def sea_leg(start: tuple[float, float], end: tuple[float, float], *, name: str) -> SeaLeg:
    """Measure the way between two ports, (lon, lat) in WGS-84. Raises DataError naming the leg."""
    import searoute

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a blocked way is told below, by its length
        found = searoute.searoute(list(start), list(end), units="km")
    points = [tuple(point) for point in found.geometry["coordinates"]]
    snaps = [_km(start, points[0]), _km(points[-1], end)] if points else [0.0]
    lanes = sum(_km(a, b) for a, b in pairwise(points))
    straight = _km(start, end)
    if max(snaps) > SNAP_MAX_KM:
        raise _fault(name, f"a port {max(snaps):.0f} km from the sea", f"within {SNAP_MAX_KM:g} km", _PORT)
    if lanes == 0:
        raise _fault(name, "no way, length 0", "a way over the sea", _STATE)
    if lanes + sum(snaps) > DETOUR_MAX * straight:
        detour = f"{lanes:.0f} km for {straight:.0f} km straight"
        raise _fault(name, detour, f"at most {DETOUR_MAX:g} times as long", _STATE)
    line = shapely.remove_repeated_points(shapely.LineString([start, *points, end]))
    return SeaLeg(line, lanes + sum(snaps), sum(snaps))


_PORT = "Give a sea port; an inland place goes by a river port first."
_STATE = "State distance_km in the table with its own source, or leave the leg out."


def measure(links: pd.DataFrame, nodes: pd.DataFrame) -> dict[str, SeaLeg]:
    """Measure every sea link without a stated length; tell all faults at once."""
    legs: dict[str, SeaLeg] = {}
    faults: list[Fault] = []
    for name, row in links[(links["mode"] == "sea") & links["distance_km"].isna()].iterrows():
        ends = nodes.loc[[row["from_id"], row["to_id"]], ["lon", "lat"]].to_numpy(float)
        try:
            legs[str(name)] = sea_leg(tuple(ends[0]), tuple(ends[1]), name=str(name))
        except DataError as error:
            faults += error.faults
    if faults:
        raise DataError(faults, f"{len(faults)} sea legs cannot be measured")
    return legs


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    return GEOD.inv(*a, *b)[2] / M_PER_KM


def _fault(name: str, found: str, expected: str, mend: str) -> DataError:
    return DataError([Fault("freight_links", None, name, found, expected, mend)])
