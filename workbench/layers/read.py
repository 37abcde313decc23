"""Read the embedded baseline into `Layers`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import Lock

import geopandas as gpd
import pandas as pd
from pandas.api.types import is_object_dtype, is_string_dtype

from workbench.errors import LabelError
from workbench.layers.catalog import GEODATA, Entry, catalogue
from workbench.layers.model import ASSUMPTION_COLUMNS, Assumptions, Frame, Layers
from workbench.layers.stock import settled

WGS84 = "EPSG:4326"


_READING = Lock()


def load() -> Layers:
    """Load every layer and table of the embedded baseline.

    Frames are indexed by `id`; points and shapes are in EPSG:4326; what a table leaves blank is NaN or an
    empty text. The result is cached and shared: use `Layers.with_` to change it.
    """
    with _READING:  # two threads that ask at once get the same
        return _baseline()


@cache
def _baseline() -> Layers:
    entries = catalogue()
    frames = {name: read_entry(entry) for name, entry in entries.items()}
    assumptions = read_assumptions()
    hashes = {name: entry.sha256 for name, entry in entries.items()}
    return Layers(settled(frames, assumptions), assumptions, hashes)


def read_entry(entry: Entry) -> Frame:
    """Read one layer or table of the catalogue, indexed by `id`."""
    if entry.shape == "geometry":
        # GDAL reads a gzipped file in place.
        prefix = "/vsigzip/" if entry.path.suffix == ".gz" else ""
        shapes = gpd.read_file(f"{prefix}{entry.path}", engine="pyogrio")
        return _indexed(_without_gaps(shapes))
    table = _indexed(_without_gaps(pd.read_csv(entry.path, dtype={"id": str}, encoding="utf-8")))
    if entry.shape == "table":
        return table
    points = gpd.points_from_xy(table["lon"], table["lat"])
    return gpd.GeoDataFrame(table, geometry=points, crs=WGS84)


def read_assumptions(folder: Path = GEODATA / "assumptions") -> Assumptions:
    """Read every table of assumptions below a folder; an id may stand in one of them only."""
    tables = [pd.read_csv(path, dtype={"id": str}, encoding="utf-8") for path in sorted(folder.glob("*.csv"))]
    frame = pd.concat(tables).set_index("id").sort_index()
    if not frame.index.is_unique:
        raise LabelError("an assumption stands twice", unexpected=frame.index[frame.index.duplicated()])
    return Assumptions(frame[list(ASSUMPTION_COLUMNS)])


def _indexed(frame: Frame) -> Frame:
    return frame.assign(id=frame["id"].astype(str)).set_index("id")


def is_text(column: pd.Series) -> bool:
    """Tell whether a column holds text, under the text types of every pandas version we run on."""
    return is_string_dtype(column.dtype) or is_object_dtype(column.dtype)


def _without_gaps(frame: Frame) -> Frame:
    """Turn missing text into empty text; a missing number stays NaN."""
    # an empty column is read as numbers and stays so: its kind cannot be told
    texts = [name for name in frame.columns if name != "geometry" and is_text(frame[name])]
    return frame.assign(**{name: frame[name].fillna("") for name in texts})
