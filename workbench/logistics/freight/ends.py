"""The ends of a shipment: node ids or points on the map, joined to the roads and to their own terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from workbench.crs import WGS84, require_crs
from workbench.errors import DataError, Fault, LabelError
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.roads import Places
from workbench.logistics.freight.virtual import Virtual, node_places

LINE_HAUL = ("rail", "water", "sea")
Points: TypeAlias = pd.DataFrame | gpd.GeoDataFrame | pd.Index | Iterable[str] | str


@dataclass(frozen=True, eq=False)
class Ends:
    """Origins or destinations: places on the roads, and for nodes the states of their own terminal.

    `border`: shipments here pass customs. `gauge`: by rail they change gauge as well.
    """

    places: Places
    own: tuple[tuple[tuple[str, int], ...], ...]
    border: np.ndarray
    gauge: np.ndarray

    def __len__(self) -> int:
        return len(self.places.ids)

    def key(self) -> tuple[object, ...]:
        """Return what tells these ends from others."""
        place = self.places
        return (
            place.lon.tobytes(),
            place.lat.tobytes(),
            place.vertex.tobytes(),
            self.own,
            self.border.tobytes(),
            self.gauge.tobytes(),
        )


def resolve(network: Network, virtual: Virtual, points: Points) -> Ends:
    """Turn node ids or points into ends, remembering which modes each can board at once.

    A point whose column `node_id` names a freight node stands at its terminal.
    """
    places = _places(network, points)
    if not isinstance(points, pd.DataFrame):
        nodes = pd.Series(places.ids, index=places.ids)
    elif "node_id" in points:
        nodes = points["node_id"].where(points["node_id"].isin(network.nodes.index))
    else:
        nodes = pd.Series(np.nan, index=places.ids)
    own = tuple(
        tuple(
            (mode, k)
            for mode in (*LINE_HAUL, *network.own_modes)
            for k in virtual.numbers.get((str(node), mode), ())
        )
        for node in nodes
    )
    border = network.nodes["border"].reindex(nodes.to_numpy()).fillna("").to_numpy()
    return Ends(places, own, border != "", border == "gauge")


def _places(network: Network, points: Points) -> Places:
    if isinstance(points, pd.DataFrame):
        lon, lat = _coordinates(points)
        if points.index.has_duplicates:
            raise LabelError("places need one id each", unexpected=points.index[points.index.duplicated()])
        return network.roads.join(pd.Index(points.index), lon, lat)
    ids = pd.Index([points] if isinstance(points, str) else list(points))
    if len(missing := ids.difference(network.nodes.index)):
        raise LabelError("no such freight node; give node ids or a frame of points", missing=missing)
    return node_places(network, ids)


def _coordinates(points: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(points, gpd.GeoDataFrame):
        require_crs(points, WGS84)
        inside = points.geometry.representative_point()
        return inside.x.to_numpy(float), inside.y.to_numpy(float)
    lacking = [name for name in ("lon", "lat") if name not in points]
    if lacking:
        faults = [
            Fault("points", None, name, "no such column", f"a column {name}", "Add it, or give node ids.")
            for name in lacking
        ]
        raise DataError(faults)
    lon, lat = points["lon"].to_numpy(float), points["lat"].to_numpy(float)
    wrong = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    if wrong.any():
        raise DataError(
            Fault("points", None, str(label), "no WGS-84 degrees", "lon, lat in degrees", "Reproject.")
            for label in points.index[wrong]
        )
    return lon, lat
