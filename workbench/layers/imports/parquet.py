"""Reads GeoParquet, or a plain Parquet table with coordinates in columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.errors import ShapelyError

from workbench.layers.imports.container import Limits, refuse_foreign, unreadable
from workbench.layers.imports.features import Features, numbered, shapes_of, too_large
from workbench.units import BYTES_PER_MB


def read_parquet(path: Path, limits: Limits) -> Features:
    """Read GeoParquet, or a plain Parquet table with coordinates in columns (needs pyarrow)."""
    refuse_foreign(path, "parquet")
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError:
        mend = "pip install 'sichuan-capacity-workbench[scale]', or save it as GeoPackage."
        raise unreadable(path.name, "GeoParquet without pyarrow", "pyarrow installed", mend) from None
    try:
        meta = parquet.read_metadata(path)
        size = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups)) / BYTES_PER_MB
        if meta.num_rows > limits.rows or size > limits.unpacked_mb or meta.num_columns > limits.columns:
            found = f"{meta.num_rows:,} rows, {meta.num_columns} columns, {size:,.0f} MB"
            raise too_large(path.name, found, limits)
        _require_room(path, meta, limits)
        geo = b"geo" in (meta.metadata or {})
        if geo:
            return _shaped(path, json.loads(meta.metadata[b"geo"]))
        frame = pd.read_parquet(path)
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError, ShapelyError) as error:
        raise unreadable(path.name, f"a damaged file ({error})", "GeoParquet", "Export it again.") from None
    return Features(numbered(frame.reset_index(drop=frame.index.name is None)))


def _require_room(path: Path, meta: Any, limits: Limits) -> None:
    """Refuse a Parquet file that is small only because one value stands in many rows."""
    import pyarrow.parquet as parquet

    chunks = [
        meta.row_group(i).column(j) for i in range(meta.num_row_groups) for j in range(meta.num_columns)
    ]
    longest = max((chunk.total_uncompressed_size for chunk in chunks), default=0)
    room = int(limits.unpacked_mb * BYTES_PER_MB)
    if longest * meta.num_rows * meta.num_columns <= room:
        return  # even if each value of each row were the longest there is
    held, batch = 0, max(1, room // max(1, longest * meta.num_columns))
    for part in parquet.ParquetFile(path).iter_batches(batch_size=min(batch, 10_000)):
        held += sum(_spread(column).nbytes for column in part.columns)
        if held > room:
            raise too_large(path.name, f"more than {room / BYTES_PER_MB:,.0f} MB once unpacked", limits)


def _spread(column: Any) -> Any:
    """Return a column with each value written out, as it stands in a frame."""
    return column.dictionary_decode() if hasattr(column, "dictionary_decode") else column


def _shaped(path: Path, about: dict[str, Any]) -> Features:
    """Read shapes stored as well-known binary row by row, so that a broken one is a fault with its row."""
    column = about["columns"][about["primary_column"]]
    if column.get("encoding") != "WKB":
        frame = gpd.read_parquet(path)
        return Features(numbered(frame.reset_index(drop=frame.index.name is None)))
    table = pd.read_parquet(path)
    table = table.reset_index(drop=table.index.name is None)
    wkb = table.pop(about["primary_column"]).to_numpy(dtype=object)
    shapes, faults, repairs = shapes_of(path.name, wkb)
    geometry = gpd.GeoSeries(shapes, index=table.index, crs=column.get("crs", "OGC:CRS84"))
    return Features(numbered(gpd.GeoDataFrame(table, geometry=geometry)), tuple(faults), tuple(repairs))
