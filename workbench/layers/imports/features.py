"""What a reader of vector data hands over: features by number, what was wrong and what was mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench.errors import DataError, Fault
from workbench.layers.faults import each_row
from workbench.layers.imports.container import Limits, unreadable
from workbench.layers.imports.report import Repair


@dataclass(frozen=True)
class Features:
    """Features as read: `frame` indexed by feature number from 1, its CRS as the file says (or None).

    `system`: a system the file names that has no EPSG code (GCJ-02, BD-09), or None. `short`: its headings
    hold ten bytes, as those of a Shapefile do.
    """

    frame: gpd.GeoDataFrame | pd.DataFrame
    faults: tuple[Fault, ...] = ()
    repairs: tuple[Repair, ...] = ()
    system: str | None = None
    short: bool = False


def numbered(frame: Any) -> Any:
    """Number features from 1, as a person counts them."""
    return frame.set_axis(pd.RangeIndex(1, len(frame) + 1), axis=0)


def too_large(file: str, found: str, limits: Limits) -> DataError:
    """Make the error of a file with more features or fields than an import may cost."""
    expected = f"at most {limits.rows:,} rows, {limits.columns} columns and {limits.unpacked_mb:,.0f} MB"
    return unreadable(file, found, expected, "Keep the rows you need or split the file.")


def shapes_of(file: str, wkb: np.ndarray) -> tuple[np.ndarray, list[Fault], list[Repair]]:
    """Make shapes of well-known binary: open rings closed and counted, what cannot be drawn a fault."""
    strict = shapely.from_wkb(wkb, on_invalid="ignore")
    missing = np.array([each is None for each in wkb], dtype=bool)
    shapes = shapely.from_wkb(wkb, on_invalid="fix")
    closed = shapely.is_missing(strict) & ~shapely.is_missing(shapes)
    # a ring of two corners closes to a line: nothing was mended
    flat = closed & (shapely.get_dimensions(shapes) == 2) & (shapely.area(shapes) == 0)
    shapes[flat] = None
    lost = np.flatnonzero(shapely.is_missing(shapes) & ~missing)
    faults = each_row(
        file, [int(at) + 1 for at in lost], [_reason(wkb[at]) for at in lost], field="geometry",
        expected="a shape that can be drawn", mend="Draw it again, or delete the feature.",
    )  # fmt: skip
    count = int((closed & ~flat).sum())
    return shapes, faults, [Repair("close_rings", count, "open rings closed")] if count else []


def _reason(wkb: bytes) -> str:
    try:
        shapely.from_wkb(wkb)
    except shapely.errors.GEOSException as error:
        return str(error).strip().removeprefix("IllegalArgumentException: ")
    return "a ring of fewer than three corners"
