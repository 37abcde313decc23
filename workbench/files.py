"""A path as a person gives it: `~` is their home, and what no system can open is told at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from workbench.errors import DataError, Fault

STAMP = "2014-02-22T00:00:00Z"  # a day that every table of a GeoPackage must have, whatever it says
_LONGEST_NAME = 255  # bytes of one name on every system in use


def given(path: str | Path) -> Path:
    """Return the path with `~` as the home folder. Raises DataError for a name no system can hold."""
    text = str(path)
    long = [part for part in Path(text).parts if len(part.encode(errors="replace")) > _LONGEST_NAME]
    if "\0" in text:
        raise _no(text, "a NUL character", "a path without it")
    if long:
        raise _no(text, f"a name of {len(long[0])} characters", f"at most {_LONGEST_NAME} bytes a name")
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~somebody who is not known here
        return Path(text)


def folder(path: str | Path) -> Path:
    """Return the path of a folder that is there or may be made. Raises DataError for a file of that name."""
    found = given(path)
    if found.exists() and not found.is_dir():
        fault = Fault(str(found), None, "", "a file or device", "a folder", "Choose another name.")
        raise DataError([fault], "no usable path")
    return found


def undated(geopackage: Path) -> Path:
    """Put one day for the day a GeoPackage was written, so that the same content is the same file."""
    with closing(sqlite3.connect(geopackage)) as base, base:
        base.execute("UPDATE gpkg_contents SET last_change = ?", (STAMP,))
    return geopackage


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name the file in what the system says while it is written: a full disk does not know of which."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _no(path: str, found: str, expected: str) -> DataError:
    return DataError([Fault(path[:80], None, "", found, expected, "Choose another name.")], "no usable path")
