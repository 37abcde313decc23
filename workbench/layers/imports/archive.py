"""Finds a layer in a ZIP, in ZIPs inside it too: a Shapefile, its pieces read as one, or one other file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from workbench.errors import DataError
from workbench.layers.imports.container import Limits, check_archive, refuse_foreign, unpacked, unreadable
from workbench.layers.imports.features import Features, numbered, too_large
from workbench.layers.imports.report import Repair
from workbench.layers.imports.tabular import Table
from workbench.layers.imports.vector import read_shapefile, require_parts

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# read where an archive holds no Shapefile: beside one they are its notes
_OTHERS = (
    ".csv",
    ".xlsx",
    ".xls",
    ".ods",
    ".gpkg",
    ".geojson",
    ".json",
    ".kml",
    ".kmz",
    ".parquet",
    ".geoparquet",
)
_DEEPEST = 2


@dataclass(frozen=True)
class _Packed:
    """One layer in an archive: the archive, the name of the layer, its parts by ending."""

    archive: Path
    stem: str
    parts: dict[str, zipfile.ZipInfo]

    @property
    def plain(self) -> str:
        return self.stem.rpartition("/")[2]

    @property
    def is_shapefile(self) -> bool:
        return ".shp" in self.parts

    @property
    def names(self) -> set[str]:
        """The names it may be asked for by."""
        return {f"{name}{ending}" for name in (self.stem, self.plain) for ending in ("", *self.parts)}


def read_zip(
    path: Path, limits: Limits, read: Callable[[Path, str | None], Table | Features],
    layer: str | None = None, encoding: str | None = None,
) -> Table | Features:  # fmt: skip
    """Read the one Shapefile of an archive, or the one named; pieces of one name are joined.

    Downloads such as those of the WDPA hold one layer in several inner archives. An archive without any may
    hold one other file, which `read` reads (a layer or sheet named is looked for in it). Raises DataError.
    """
    refuse_foreign(path, "zip")
    with ExitStack() as open_folders:
        found = list(_layers(path, limits, open_folders, 0))
        shapefiles = [each for each in found if each.is_shapefile]
        named = [each for each in found if layer in each.names]
        chosen = named or ([] if layer and shapefiles else shapefiles or found)
        if len({(each.plain, each.is_shapefile) for each in chosen}) != 1 or _together(chosen):
            names = sorted({each.stem + ("" if each.is_shapefile else min(each.parts)) for each in found})
            said = f"{len(found)} layers ({', '.join(names[:5]) or 'none'})"
            mend = "Name the layer, or pack one."
            raise unreadable(path.name, said, "one .shp or table, or its name given", mend)
        pieces = [_piece(path.name, each, limits, encoding) for each in chosen if each.is_shapefile]
        if not pieces:
            return _other(path.name, chosen[0], read, None if named else layer)
    return _joined(path.name, pieces, limits)


def _piece(file: str, packed: _Packed, limits: Limits, encoding: str | None) -> Features:
    require_parts(file, packed.stem, packed.parts.keys())
    wanted = {f"layer{suffix}": member for suffix, member in packed.parts.items()}
    with unpacked(packed.archive, wanted) as folder:
        return read_shapefile(folder / "layer.shp", limits, encoding, file)


def _other(
    file: str, packed: _Packed, read: Callable[[Path, str | None], Table | Features], layer: str | None
) -> Table | Features:
    """Read one unpacked file; its faults go by the name of the archive."""
    [(ending, member)] = packed.parts.items()
    with unpacked(packed.archive, {f"layer{ending}": member}) as folder:
        try:
            read_in = read(folder / f"layer{ending}", layer)
        except DataError as error:
            faults = [replace(fault, file=file) for fault in error.faults]
            raise DataError(faults, f"cannot read {packed.plain}{ending} in {file}") from None
    return replace(read_in, faults=tuple(replace(fault, file=file) for fault in read_in.faults))


def _together(chosen: list[_Packed]) -> bool:
    """Tell layers of one name in one archive: they are no pieces of a download."""
    return len({each.archive for each in chosen}) < len(chosen)


def _layers(path: Path, limits: Limits, folders: ExitStack, depth: int) -> Iterator[_Packed]:
    shapes: dict[str, dict[str, zipfile.ZipInfo]] = {}
    inner = []
    for member in check_archive(path, limits):
        name = true_name(member)
        stem, dot, suffix = name.rpartition(".")
        ending = f".{suffix.lower()}"
        if member.is_dir() or "__MACOSX" in name or not dot:
            continue
        if ending == ".zip" and depth < _DEEPEST:
            inner.append(member)
        elif ending in _PARTS:
            shapes.setdefault(stem, {})[ending] = member
        elif ending in _OTHERS:
            yield _Packed(path, stem, {ending: member})
    yield from (_Packed(path, stem, parts) for stem, parts in shapes.items() if ".shp" in parts)
    for number, member in enumerate(inner):
        folder = folders.enter_context(unpacked(path, {f"{number}.zip": member}))
        yield from _layers(folder / f"{number}.zip", limits, folders, depth + 1)


def _joined(file: str, pieces: list[Features], limits: Limits) -> Features:
    first = pieces[0]
    if len(pieces) == 1:
        return first
    rows = sum(len(piece.frame) for piece in pieces)
    if rows > limits.rows:
        raise too_large(file, f"{rows:,} features", limits)
    frame = numbered(pd.concat([piece.frame for piece in pieces], ignore_index=True))
    note = Repair("join_pieces", len(pieces), "Shapefiles of one name in the archive read as one layer")
    faults = dict.fromkeys(fault for piece in pieces for fault in piece.faults)
    repairs = dict.fromkeys(repair for piece in pieces for repair in piece.repairs)
    return Features(frame, tuple(faults), (*repairs, note), short=True)


def true_name(member: zipfile.ZipInfo) -> str:
    """Undo the code page 437 that Python assumes for the GBK names Chinese Windows writes."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename
