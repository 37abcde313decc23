"""The catalogue of the baseline: what each layer and table is, where it lies, and under which licence."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from workbench.errors import DataError, Fault

GEODATA = Path(str(files("geodata")))


@dataclass(frozen=True)
class Entry:
    """One layer or table: its file below geodata/, shape, titles, sources, licence, year, CRS and hash."""

    name: str
    file: str
    shape: Literal["points", "geometry", "table"]
    title_zh: str
    title_en: str
    source: str
    licence: str
    reference_year: int
    crs: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where the file lies on this machine."""
        return GEODATA / self.file


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Entry]:
    """Return every entry of geodata/catalog.toml by name, in the order of the file."""
    with (GEODATA / "catalog.toml").open("rb") as file:
        entries = tomllib.load(file)
    return {name: Entry(name=name, **values) for name, values in entries.items()}


def sha256(path: Path) -> str:
    """Return the hash of a file; line ends of text are folded, so that a checkout cannot change it."""
    content = path.read_bytes()
    if path.suffix in {".csv", ".geojson", ".toml"}:
        content = content.replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()


def check_hashes() -> None:
    """Raise DataError naming every file of the catalogue that is missing or not the one it was."""
    faults = []
    for entry in catalogue().values():
        if not entry.path.is_file():
            faults.append(_fault(entry, "no file"))
        elif (found := sha256(entry.path)) != entry.sha256:
            faults.append(_fault(entry, f"sha256 {found[:12]}…"))
    if faults:
        raise DataError(faults, "the baseline is not the one its catalogue describes")


def _fault(entry: Entry, found: str) -> Fault:
    return Fault(
        entry.file,
        None,
        "sha256",
        found,
        f"sha256 {entry.sha256[:12]}…",
        "Restore the file, or keep your own rows in a file of their own and import them over the baseline.",
    )
