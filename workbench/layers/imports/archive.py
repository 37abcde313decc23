"""Finds the Shapefile of a layer in a ZIP, in ZIPs inside it too, and reads its parts as one."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from workbench.layers.imports.container import Limits, check_archive, refuse_foreign, unpacked, unreadable
from workbench.layers.imports.features import Features, numbered, too_large
from workbench.layers.imports.report import Repair
from workbench.layers.imports.vector import read_shapefile, require_parts

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_DEEPEST = 2


@dataclass(frozen=True)
class _Packed:
    """One Shapefile in an archive: the archive, the name of the layer, its parts by ending."""

    archive: Path
    stem: str
    parts: dict[str, zipfile.ZipInfo]

    @property
    def plain(self) -> str:
        return self.stem.rpartition("/")[2]


def read_zip(path: Path, limits: Limits, layer: str | None = None, encoding: str | None = None) -> Features:
    """Read the one Shapefile of an archive, or the one named; pieces of one name are joined.

    Downloads such as those of the WDPA hold one layer in several inner archives. Raises DataError.
    """
    refuse_foreign(path, "zip")
    with ExitStack() as open_folders:
        found = list(_shapefiles(path, limits, open_folders, 0))
        chosen = [each for each in found if layer in (None, each.stem, each.plain)]
        if len({each.plain for each in chosen}) != 1 or (len(chosen) > 1 and _together(chosen)):
            names = sorted({each.stem for each in found})
            said = f"{len(found)} Shapefiles ({', '.join(names[:5]) or 'none'})"
            raise unreadable(path.name, said, "one .shp, or its name given", "Name the layer, or pack one.")
        pieces = []
        for each in chosen:
            require_parts(path.name, each.stem, each.parts.keys())
            wanted = {f"layer{suffix}": member for suffix, member in each.parts.items()}
            with unpacked(each.archive, wanted) as folder:
                pieces.append(read_shapefile(folder / "layer.shp", limits, encoding, path.name))
    return _joined(path.name, pieces, limits)


def _together(chosen: list[_Packed]) -> bool:
    """Tell Shapefiles of one name in one archive: they are no pieces of a download."""
    return len({each.archive for each in chosen}) < len(chosen)


def _shapefiles(path: Path, limits: Limits, folders: ExitStack, depth: int) -> Iterator[_Packed]:
    by_stem: dict[str, dict[str, zipfile.ZipInfo]] = {}
    inner = []
    for member in check_archive(path, limits):
        name = true_name(member)
        stem, dot, suffix = name.rpartition(".")
        if member.is_dir() or "__MACOSX" in name or not dot:
            continue
        if suffix.lower() == "zip" and depth < _DEEPEST:
            inner.append(member)
        elif f".{suffix.lower()}" in _PARTS:
            by_stem.setdefault(stem, {})[f".{suffix.lower()}"] = member
    yield from (_Packed(path, stem, parts) for stem, parts in by_stem.items() if ".shp" in parts)
    for number, member in enumerate(inner):
        folder = folders.enter_context(unpacked(path, {f"{number}.zip": member}))
        yield from _shapefiles(folder / f"{number}.zip", limits, folders, depth + 1)


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
    return Features(frame, tuple(faults), (*repairs, note))


def true_name(member: zipfile.ZipInfo) -> str:
    """Undo the code page 437 that Python assumes for the GBK names Chinese Windows writes."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename
