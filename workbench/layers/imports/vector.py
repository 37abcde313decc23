"""Reads GeoPackage, GeoJSON, Shapefile and GeoParquet into a frame with geometry, faults and all."""

from __future__ import annotations

import logging
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from workbench.errors import Fault
from workbench.layers.imports.container import (
    Limits,
    check_archive,
    private_copy,
    refuse_foreign,
    unpacked,
    unreadable,
)
from workbench.layers.imports.drivers import refuse_addresses, refuse_queries, source
from workbench.layers.imports.report import Repair

_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_BROKEN = (
    pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError, pyogrio.errors.GeometryError, pyogrio.errors.CRSError, ValueError,
    UnicodeDecodeError, OverflowError,
)  # fmt: skip


@dataclass(frozen=True)
class Features:
    """Features as read: `frame` indexed by feature number from 1, its CRS as the file says (or None)."""

    frame: gpd.GeoDataFrame | pd.DataFrame
    faults: tuple[Fault, ...] = ()
    repairs: tuple[Repair, ...] = ()


def read_gpkg(path: Path, limits: Limits, layer: str | None = None) -> Features:
    """Read one layer of a GeoPackage from a private copy; the original is never opened for writing."""
    refuse_foreign(path, "gpkg")
    with private_copy(path) as copy:
        refuse_queries(copy, path.name)
        return _read(path.name, copy, "GPKG", limits, layer=layer)


def read_geojson(path: Path, limits: Limits) -> Features:
    """Read a GeoJSON feature collection."""
    refuse_foreign(path, "text")
    if not path.open("rb").read(2000).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        raise unreadable(
            path.name, "text that is no object", "a GeoJSON FeatureCollection", "Export it again."
        )
    refuse_addresses(path)
    return _read(path.name, path, "GeoJSON", limits)


def read_shapefile(path: Path, limits: Limits, layer: str | None = None) -> Features:
    """Read a Shapefile, zipped or beside its parts; GBK attributes are recognised."""
    if path.suffix.lower() == ".shp":
        refuse_foreign(path, "shp")
        parts = {
            part.suffix.lower(): part
            for part in path.parent.glob(f"{_glob_safe(path.stem)}.*")
            if part.is_file()
        }
        _require_parts(path.name, path.stem, set(parts))
        return _read_parts(path.name, path, limits)
    refuse_foreign(path, "zip")
    members = check_archive(path, limits)
    wanted = _members_of_layer(path.name, members, layer)
    with unpacked(path, wanted) as folder:
        return _read_parts(path.name, folder / "layer.shp", limits)


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
        size = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups)) / 1e6
        if meta.num_rows > limits.rows or size > limits.unpacked_mb or meta.num_columns > limits.columns:
            found = f"{meta.num_rows:,} rows, {meta.num_columns} columns, {size:,.0f} MB"
            raise _too_large(path.name, found, limits)
        _require_room(path, meta, limits)
        geo = b"geo" in (meta.metadata or {})
        frame = gpd.read_parquet(path) if geo else pd.read_parquet(path)
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise unreadable(path.name, f"a damaged file ({error})", "GeoParquet", "Export it again.") from None
    return Features(_numbered(frame.reset_index(drop=frame.index.name is None)))


def _require_room(path: Path, meta: Any, limits: Limits) -> None:
    """Refuse a Parquet file that is small only because one value stands in many rows."""
    import pyarrow.parquet as parquet

    chunks = [
        meta.row_group(i).column(j) for i in range(meta.num_row_groups) for j in range(meta.num_columns)
    ]
    longest = max((chunk.total_uncompressed_size for chunk in chunks), default=0)
    room = int(limits.unpacked_mb * 1e6)
    if longest * meta.num_rows * meta.num_columns <= room:
        return  # even if each value of each row were the longest there is
    held, batch = 0, max(1, room // max(1, longest * meta.num_columns))
    for part in parquet.ParquetFile(path).iter_batches(batch_size=min(batch, 10_000)):
        held += sum(_spread(column).nbytes for column in part.columns)
        if held > room:
            raise _too_large(path.name, f"more than {room / 1e6:,.0f} MB once unpacked", limits)


def _spread(column: Any) -> Any:
    """Return a column with each value written out, as it stands in a frame."""
    return column.dictionary_decode() if hasattr(column, "dictionary_decode") else column


def _glob_safe(stem: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in stem)


def _too_large(file: str, found: str, limits: Limits) -> Exception:
    expected = f"at most {limits.rows:,} rows, {limits.columns} columns and {limits.unpacked_mb:,.0f} MB"
    return unreadable(file, found, expected, "Keep the rows of the province or split the file.")


def _members_of_layer(
    file: str, members: list[zipfile.ZipInfo], layer: str | None
) -> dict[str, zipfile.ZipInfo]:
    """Choose the parts of one Shapefile in an archive, under plain names."""
    by_stem: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in members:
        name = _true_name(member)
        stem, dot, suffix = name.rpartition(".")
        if (
            dot
            and f".{suffix.lower()}" in _SHAPEFILE_PARTS
            and not member.is_dir()
            and "__MACOSX" not in name
        ):
            by_stem.setdefault(stem, {})[f".{suffix.lower()}"] = member
    layers = sorted(stem for stem, parts in by_stem.items() if ".shp" in parts)
    if layer is not None:
        layers = [stem for stem in layers if stem == layer or stem.rpartition("/")[2] == layer]
    if len(layers) != 1:
        choice = sorted(stem for stem, parts in by_stem.items() if ".shp" in parts)
        found = f"{len(choice)} Shapefiles ({', '.join(choice[:5]) or 'none'})"
        raise unreadable(file, found, "one .shp, or its name given", "Name the layer, or pack one.")
    parts = by_stem[layers[0]]
    _require_parts(file, layers[0], set(parts))
    return {f"layer{suffix}": member for suffix, member in parts.items()}


def _true_name(member: zipfile.ZipInfo) -> str:
    """Undo the code page 437 that Python assumes for the GBK names Chinese Windows writes."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename


def _require_parts(file: str, stem: str, present: set[str]) -> None:
    missing = [part for part in (".shp", ".shx", ".dbf") if part not in present]
    if missing:
        found = f"{stem} without {', '.join(missing)}"
        raise unreadable(file, found, "the .shp, .shx and .dbf together", "Pack all parts of the Shapefile.")


def _read_parts(file: str, path: Path, limits: Limits) -> Features:
    refuse_foreign(path, "shp")
    encoding = _dbf_encoding(path)
    features = _read(file, path, "ESRI Shapefile", limits, encoding=encoding)
    if encoding is None or encoding == "utf-8":
        return features
    note = Repair("decode", len(features.frame), f"attributes read as {encoding}")
    return Features(features.frame, features.faults, (*features.repairs, note))


def _dbf_encoding(path: Path) -> str | None:
    """Tell the encoding of attributes when no .cpg says it: UTF-8 if every byte fits, else GBK."""
    if next(path.parent.glob(f"{_glob_safe(path.stem)}.[cC][pP][gG]"), None) is not None:
        return None
    table = next(path.parent.glob(f"{_glob_safe(path.stem)}.[dD][bB][fF]"))
    raw = table.read_bytes()
    body = raw[int.from_bytes(raw[8:10], "little") :]
    for encoding in ("utf-8", "gb18030"):
        try:
            body.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return None


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
    file: str,
    path: Path,
    driver: str,
    limits: Limits,
    *,
    layer: str | None = None,
    encoding: str | None = None,
) -> Features:
    options: dict[str, Any] = {"encoding": encoding} if encoding else {}
    opened = source(path, driver)
    try:
        with _quiet_gdal() as said:
            chosen = _layer(file, opened, layer)
            info = pyogrio.read_info(opened, layer=chosen, force_feature_count=True, **options)
            if info["features"] > limits.rows or len(info["fields"]) > limits.columns:
                raise _too_large(file, f"{info['features']:,} features, {len(info['fields'])} fields", limits)
            frame = pyogrio.read_dataframe(opened, layer=chosen, **options)
    except _BROKEN as error:
        raise unreadable(
            file, f"damaged content ({error})", "a layer GDAL can read", "Export it again."
        ) from None
    faults = [
        Fault(file, None, "", message, "a file read without complaint", "Compare the rows read.", "warning")
        for message in dict.fromkeys(said)
        if "organizePolygons" not in message
    ]
    if len(frame) == 0:
        faults.append(
            Fault(file, None, "", "no features", "at least one", "Export the layer with its features.")
        )
    return Features(_numbered(frame), tuple(faults[:20]))


def _layer(file: str, opened: str, layer: str | None) -> str:
    names = [str(name) for name, _ in pyogrio.list_layers(opened)]
    if layer is not None and layer in names:
        return layer
    if layer is None and len(names) == 1:
        return names[0]
    found = (
        f"{len(names)} layers ({', '.join(names[:8]) or 'none'})" if layer is None else f"no layer {layer!r}"
    )
    expected = "one layer, or its name given" if layer is None else f"one of {', '.join(names[:8])}"
    raise unreadable(file, found, expected, "Name the layer to read.")


def _numbered(frame: Any) -> Any:
    return frame.set_axis(pd.RangeIndex(1, len(frame) + 1), axis=0)
