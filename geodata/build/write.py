"""Reads the attribute tables; writes GeoJSON alike on every machine: sorted ids, rounded coordinates."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

GEODATA = Path(__file__).resolve().parents[1]
TABLES = GEODATA / "tables"


def table(name: str) -> pd.DataFrame:
    """Read geodata/tables/<name>.csv indexed by `id`, with yes/no columns as booleans."""
    return pd.read_csv(TABLES / f"{name}.csv", dtype={"id": str}, encoding="utf-8").set_index("id")


def geojson(frame: gpd.GeoDataFrame, path: Path, *, digits: int = 5) -> None:
    """Write a frame as GeoJSON, one feature a line, in the order of its ids; a ``.gz`` name is packed."""
    frame = frame.sort_index()
    shapes = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy.round(digits))
    features = []
    for (name, row), shape in zip(frame.drop(columns=frame.geometry.name).iterrows(), shapes, strict=True):
        values = {"id": str(name)} | {key: _plain(value) for key, value in row.items()}
        geometry = json.loads(shapely.to_geojson(shape))
        features.append(_dump({"type": "Feature", "properties": values, "geometry": geometry}))
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n"
    path.parent.mkdir(exist_ok=True)
    data = text.encode("utf-8")
    path.write_bytes(gzip.compress(data, compresslevel=9, mtime=0) if path.suffix == ".gz" else data)


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    return value.item() if hasattr(value, "item") else value


def _dump(feature: dict[str, Any]) -> str:
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
