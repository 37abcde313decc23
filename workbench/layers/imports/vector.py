"""Reads GeoPackage, GeoJSON and Shapefile into a frame with geometry, faults and all."""

from __future__ import annotations

import json
import logging
import re
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from workbench import crs
from workbench.errors import CrsError, Fault
from workbench.layers.imports import dbf
from workbench.layers.imports.container import Limits, private_copy, refuse_foreign, unreadable
from workbench.layers.imports.drivers import refuse_addresses, refuse_queries, source
from workbench.layers.imports.features import Features, numbered, shapes_of, too_large
from workbench.layers.imports.report import Repair
from workbench.layers.imports.text import cut_decode, decode

_CRS_MEMBER = re.compile(r'"crs"\s*:\s*')
_LONGEST_CRS = 100_000
_FEATURES = re.compile(r'"features"\s*:\s*\[')
_SEQUENCE = re.compile(r"\s*\{[^\n]*\}\s*\n\s*\{")
_SYSTEM_TABLES = (
    "layer_styles",
    "qgis_",
    "gpkg_",
    "sqlite_",
    "rtree_",
    "geometry_columns",
    "spatial_ref_sys",
)
_BROKEN = (
    pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError, pyogrio.errors.GeometryError, pyogrio.errors.CRSError, ValueError,
    UnicodeDecodeError, OverflowError,
)  # fmt: skip


def read_gpkg(path: Path, limits: Limits, layer: str | None = None) -> Features:
    """Read one layer of a GeoPackage from a private copy; the original is never opened for writing."""
    refuse_foreign(path, "gpkg")
    with private_copy(path) as copy:
        refuse_queries(copy, path.name)
        return _read(path.name, copy, "GPKG", limits, layer=layer)


def read_geojson(path: Path, limits: Limits, encoding: str | None = None) -> Features:
    """Read GeoJSON in UTF-8, or in UTF-16, GBK or the encoding named, told as a repair."""
    refuse_foreign(path, "text")
    raw = path.read_bytes()
    whole = None if encoding else cut_decode(raw, "utf-8")  # GDAL tells where a file breaks off
    text, used = (whole, "utf-8") if whole else decode(path.name, raw, encoding)
    text = text.removeprefix("\ufeff")
    if not text[:2000].lstrip().startswith("{"):
        found = "text that is no object"
        raise unreadable(path.name, found, "a GeoJSON FeatureCollection", "Export it again.")
    driver = "GeoJSONSeq" if _SEQUENCE.match(text) else "GeoJSON"  # one feature a line, or a collection
    system, faults = _named_system(path.name, text)
    if used == "utf-8":
        del text, whole, raw  # sixty megabytes that GDAL needs
        refuse_addresses(path)
        features = _read(path.name, path, driver, limits)
    else:
        with TemporaryDirectory(prefix="workbench-") as folder:
            copy = Path(folder) / "copy.geojson"
            copy.write_text(text, encoding="utf-8")
            refuse_addresses(copy)
            features = _read(path.name, copy, driver, limits)
    notes = () if used == "utf-8" else (Repair("decode", len(features.frame), f"text read as {used}"),)
    frame = features.frame
    if system is not None and not isinstance(system, str) and isinstance(frame, gpd.GeoDataFrame):
        frame = crs.read_as(frame, system)
    return replace(
        features,
        frame=frame,
        faults=(*features.faults, *faults),
        repairs=(*features.repairs, *notes),
        system=system if isinstance(system, str) else None,
    )


def _named_system(file: str, text: str) -> tuple[Any, list[Fault]]:
    """Read the system the file names, as `crs.resolve` does; GDAL takes what it does not know for WGS-84."""
    member = _crs_member(text)
    if member is None:
        return None, []
    name = _name_in(member)
    if name is None:
        expected, mend = "its name", "Name the system, such as EPSG:4490, or remove the crs member."
        return None, [Fault(file, None, "crs", "a crs member without a name", expected, mend)]
    try:
        return crs.resolve(name), []
    except CrsError as error:
        what, _, mend = str(error).partition("; ")
        return None, [Fault(file, None, "crs", what, "a system that can be converted", mend)]


def _crs_member(text: str) -> Any:
    """Return the crs member of a GeoJSON, before its features or behind them, never one of a feature."""
    with suppress(ValueError, RecursionError):  # broken text is told where the whole is read
        if (features := _FEATURES.search(text)) is None:
            return json.JSONDecoder().raw_decode(text.lstrip())[0].get("crs")
        before = json.loads(f'{text[: features.start()]}"features":[]}}')
        if before.get("crs") is not None:
            return before["crs"]
    for found in reversed([*_CRS_MEMBER.finditer(text, max(0, len(text) - _LONGEST_CRS))]):
        with suppress(ValueError, RecursionError):  # what belongs to a feature leaves its brackets over
            return json.loads(f'{{"crs":{text[found.end() :]}')["crs"]
    return None


def _name_in(member: Any) -> str | None:
    """Return the name or code a crs member holds: ``{"properties": {"name": ...}}``, or bare."""
    if isinstance(member, dict):
        given = member.get("properties", member)
        member = (given.get("name") or given.get("code")) if isinstance(given, dict) else None
    if isinstance(member, int) and not isinstance(member, bool):
        return f"EPSG:{member}"
    return member if isinstance(member, str) and member.strip() else None


def read_shapefile(path: Path, limits: Limits, encoding: str | None = None, name: str = "") -> Features:
    """Read a Shapefile beside its parts; every field is decoded by its own bytes (see dbf.py).

    `name`: what to call the file in messages, where it was unpacked from an archive.
    """
    name = name or path.name
    refuse_foreign(path, "shp")
    parts = {part.suffix.lower() for part in path.parent.iterdir() if part.stem == path.stem}
    require_parts(name, path.stem, parts)
    raw = _read(name, path, "ESRI Shapefile", limits, encoding=dbf.RAW)
    shapes = raw.frame.geometry if isinstance(raw.frame, gpd.GeoDataFrame) else None
    cells = pd.DataFrame(raw.frame.drop(columns="geometry", errors="ignore"))
    cells, faults, repairs = dbf.decoded(name, cells, dbf.stated_encoding(path), encoding)
    frame = cells if shapes is None else gpd.GeoDataFrame(cells, geometry=shapes)
    return Features(frame, (*raw.faults, *faults), (*raw.repairs, *repairs), short=True)


def require_parts(file: str, stem: str, present: Collection[str]) -> None:
    """Refuse a Shapefile of which a part is missing. Raises DataError."""
    missing = [part for part in (".shp", ".shx", ".dbf") if part not in present]
    if missing:
        found = f"{stem} without {', '.join(missing)}"
        raise unreadable(file, found, "the .shp, .shx and .dbf together", "Pack all parts of the Shapefile.")


@contextmanager
def _quiet_gdal() -> Iterator[list[str]]:
    """Collect what GDAL complains about instead of printing it."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("pyogrio")
    spread, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield said
            said += [str(warning.message) for warning in caught]
    finally:
        logger.removeHandler(handler)
        logger.propagate = spread


def _read(
    file: str, path: Path, driver: str, limits: Limits, *, layer: str | None = None,
    encoding: str | None = None,
) -> Features:  # fmt: skip
    """Read one layer through GDAL: the one place where a user's file meets it."""
    options: dict[str, Any] = {"encoding": encoding} if encoding else {}
    opened = source(path, driver)
    try:
        with _quiet_gdal() as said:
            chosen = _layer(file, opened, layer)
            info = pyogrio.read_info(opened, layer=chosen, force_feature_count=True, **options)
            if info["features"] > limits.rows or len(info["fields"]) > limits.columns:
                raise too_large(file, f"{info['features']:,} features, {len(info['fields'])} fields", limits)
            frame = pyogrio.read_dataframe(opened, layer=chosen, read_geometry=False, **options)
            wkb = None
            if info["geometry_type"] is not None:
                wkb = pyogrio.raw.read(opened, layer=chosen, columns=[], **options)[2]
    except _BROKEN as error:
        raise unreadable(
            file, f"damaged content ({error})", "a layer GDAL can read", "Export it again."
        ) from None
    faults, repairs = _complaints(file, said), list[Repair]()
    if wkb is not None and not len(info["fields"]):  # without a column the reader counts no rows
        frame = pd.DataFrame(index=range(len(wkb)))
    if wkb is not None:
        if len(wkb) != len(frame):
            found = f"{len(wkb):,} shapes beside {len(frame):,} rows of attributes"
            raise unreadable(file, found, "a row for every shape", "Export it again, with all its parts.")
        shapes, broken, repairs = shapes_of(file, wkb)
        faults += broken
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=info["crs"]))
    if len(frame) == 0:
        mend = "Export the layer with its features."
        faults.append(Fault(file, None, "", "no features", "at least one", mend))
    return Features(numbered(frame), tuple(faults), tuple(repairs))


def _complaints(file: str, said: list[str]) -> list[Fault]:
    return [
        Fault(file, None, "", message, "a file read without complaint", "Compare the rows read.", "warning")
        for message in dict.fromkeys(said)
        if "organizePolygons" not in message and "Non closed ring" not in message
    ][:20]


def _layer(file: str, opened: str, layer: str | None) -> str:
    """Choose the layer: the one named, else the only one with shapes (styles and projects have none)."""
    listed = [(str(name), kind) for name, kind in pyogrio.list_layers(opened)]
    names = [name for name, _ in listed]
    if layer is not None and layer in names:
        return layer
    plain = [name for name, kind in listed if kind is None and not name.startswith(_SYSTEM_TABLES)]
    spatial = [name for name, kind in listed if kind is not None] or plain  # shapes are never a system's
    if layer is None and len(spatial) == 1:
        return spatial[0]
    shown = ", ".join(spatial[:8])
    found = f"{len(spatial)} layers ({shown or 'none'})" if layer is None else f"no layer {layer!r}"
    expected = "one layer, or its name given" if layer is None else f"one of {shown}"
    raise unreadable(file, found, expected, "Name the layer to read.")
