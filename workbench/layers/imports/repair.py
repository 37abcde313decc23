"""Repairs geometry only by name, and counts every shape it touches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from workbench.errors import LabelError
from workbench.layers.imports.report import Repair

Family = Literal["point", "line", "polygon"]
Shapes = NDArray[np.object_]
DEFAULT = ("drop_z", "unwrap_collection", "make_valid", "unwrap_single")
_DIMENSION = {"point": 0, "line": 1, "polygon": 2}


@dataclass(frozen=True)
class _Named:
    what: str
    needs: Callable[[Shapes, int], NDArray[np.bool_]]
    mend: Callable[[Shapes, int], Shapes]


def _made_valid(shapes: Shapes, dimension: int) -> Shapes:
    """Make valid and keep the parts of the layer's own dimension (no slivers of lines in polygons)."""
    valid = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    return np.array([_parts_of(shape, dimension) for shape in valid], dtype=object)


def _parts_of(shape: Any, dimension: int) -> Any:
    if shape is None or shapely.get_type_id(shape) != shapely.GeometryType.GEOMETRYCOLLECTION:
        return shape
    parts = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == dimension]
    return shapely.union_all(parts) if parts else shape


def _is_uniform(shapes: Shapes, dimension: int) -> NDArray[np.bool_]:
    """Tell collections whose parts are all of the layer's own dimension."""
    collected = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    for at in np.flatnonzero(collected):
        parts = shapely.get_parts(shapes[at])
        collected[at] = len(parts) > 0 and bool((shapely.get_dimensions(parts) == dimension).all())
    return np.asarray(collected)


def _gathered(collection: Any) -> Any:
    """Make a multi-shape of the parts of a collection (one dimension), or the shape itself when it is one."""
    parts = shapely.get_parts(shapely.get_parts(collection))
    if len(parts) == 1:
        return parts[0]
    kinds = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)
    return kinds[shapely.get_dimensions(parts[0])](parts)


def _swapped(shapes: Shapes, _: int) -> Shapes:
    return np.asarray(shapely.transform(shapes, lambda xy: xy[:, ::-1]), dtype=object)


REPAIRS: dict[str, _Named] = {
    "drop_z": _Named(
        "heights and measures dropped",
        lambda shapes, _: shapely.has_z(shapes) | shapely.has_m(shapes),
        lambda shapes, _: np.asarray(shapely.force_2d(shapes), dtype=object),
    ),
    "make_valid": _Named(
        "self-crossing or unclosed shapes made valid",
        lambda shapes, _: ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes),
        _made_valid,
    ),
    "unwrap_collection": _Named(
        "collections of one kind of shape made that shape",
        _is_uniform,
        lambda shapes, dimension: np.array([_gathered(shape) for shape in shapes], dtype=object),
    ),
    "unwrap_single": _Named(
        "multi-points of one point made points",
        lambda shapes, dimension: (
            (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT)
            & (shapely.get_num_geometries(shapes) == 1)
            & (dimension == 0)
        ),
        lambda shapes, _: np.asarray(shapely.get_geometry(shapes, 0), dtype=object),
    ),
    "swap_axes": _Named(
        "longitude and latitude exchanged",
        lambda shapes, _: (shapely.get_dimensions(shapes) >= 0) & (_bounds(shapes)[:, 1] > 60),
        _swapped,
    ),
}


def _bounds(shapes: Shapes) -> NDArray[np.float64]:
    return np.nan_to_num(shapely.bounds(shapes).reshape(-1, 4))


def repair(
    geometry: gpd.GeoSeries, family: Family, names: Sequence[str] = DEFAULT
) -> tuple[gpd.GeoSeries, tuple[Repair, ...]]:
    """Apply the named repairs in order; return the geometry (same index and CRS) and what was done.

    `swap_axes` is never a default: a planner asks for it after seeing the warning. Raises LabelError for a
    repair that does not exist.
    """
    if unknown := set(names) - set(REPAIRS):
        raise LabelError(f"no such repair; there are {', '.join(REPAIRS)}", unexpected=unknown)
    shapes = np.array(geometry.values, dtype=object)
    done = []
    for name in names:
        touched = REPAIRS[name].needs(shapes, _DIMENSION[family])
        if touched.any():
            mended = REPAIRS[name].mend(shapes[touched], _DIMENSION[family])
            lost = shapely.is_empty(mended) & ~shapely.is_empty(shapes[touched])
            mended[lost] = shapes[touched][lost]  # a line of one point has no valid form: told, not dropped
            shapes[touched] = mended
            if count := int((~lost).sum()):
                done.append(Repair(name, count, REPAIRS[name].what))
    return gpd.GeoSeries(shapes, index=geometry.index, crs=geometry.crs), tuple(done)
