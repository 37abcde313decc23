"""Opens a user's file safely: limits, signatures, and archives that cannot escape or explode."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from workbench.errors import DataError, Fault
from workbench.units import BYTES_PER_MB

_SIGNATURES = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"SQLite format 3\x00": "gpkg",
    b"PAR1": "parquet",
    b"\xd0\xcf\x11\xe0": "ole",
    b"\x00\x00\x27\x0a": "shp",
    b"%PDF": "pdf",
    b"\x1f\x8b": "gzip",
    b"Rar!": "rar",
    b"7z\xbc\xaf": "7z",
}
_TEXT = (".json", ".geojson", ".csv", ".txt", ".tsv")
_BINARY = {"pdf": "a PDF", "gzip": "a gzip archive", "rar": "a RAR archive", "7z": "a 7-Zip archive"}


@dataclass(frozen=True)
class Limits:
    """What one imported file may cost; generous for a province, fatal for a bomb."""

    file_mb: float = 200
    text_mb: float = 60  # GeoJSON and CSV are held several times over while they are read
    unpacked_mb: float = 300
    ratio: float = 200
    members: int = 2000
    rows: int = 200_000
    columns: int = 300


def unreadable(file: str, found: str, expected: str, mend: str) -> DataError:
    """Make the error of a file that could not be opened at all."""
    return DataError([Fault(file, None, "", found, expected, mend)], summary=f"cannot read {file}")


def check_file_itself(path: Path, limits: Limits) -> None:
    """Refuse what is missing, empty, no ordinary file or too large. Raises DataError."""
    if not path.exists():
        raise unreadable(path.name, "no such file", "a file", f"Check the path {path}.")
    if not path.is_file():
        raise unreadable(path.name, "a folder or device", "a file", "Give the file itself.")
    size = path.stat().st_size
    if size == 0:
        raise unreadable(path.name, "an empty file", "a file with data", "Export it again.")
    allowed = min(limits.file_mb, limits.text_mb if path.suffix.lower() in _TEXT else limits.file_mb)
    if size > allowed * BYTES_PER_MB:
        mend = "Keep the rows of the province, or save it as GeoPackage."
        raise unreadable(path.name, f"{size / BYTES_PER_MB:,.0f} MB", f"at most {allowed:,.0f} MB", mend)


def signature(path: Path) -> str:
    """Tell the container by its first bytes: zip, gpkg, parquet, ole, shp, pdf ... or ``text``."""
    with path.open("rb") as stream:
        head = stream.read(16)
    return next((name for magic, name in _SIGNATURES.items() if head.startswith(magic)), "text")


def refuse_foreign(path: Path, expected: str) -> None:
    """Refuse a file whose content is not what its name says. Raises DataError."""
    found = signature(path)
    if found == expected:
        return
    if found == "ole":
        message = "an old Excel (.xls) or password-protected workbook"
        raise unreadable(path.name, message, f"a {expected} file", "Save it as .xlsx without a password.")
    named = _BINARY.get(found, f"{found} content")
    mend = f"Give it the ending of what it is, or export it again as {expected}."
    raise unreadable(path.name, named, f"{expected} content behind the ending {path.suffix}", mend)


def check_archive(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """List a ZIP's members after refusing traversal, links, passwords and bombs. Raises DataError."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise unreadable(
            path.name, f"a broken archive ({error})", "a ZIP", "Make or copy it again."
        ) from None
    faults = []
    if len(members) > limits.members:
        faults.append(("", f"{len(members)} members", f"at most {limits.members}", "Pack one layer only."))
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if unpacked > limits.unpacked_mb * BYTES_PER_MB or (
        unpacked > BYTES_PER_MB and unpacked / packed > limits.ratio
    ):
        found = f"{unpacked / BYTES_PER_MB:,.0f} MB out of {packed / BYTES_PER_MB:,.2f} MB"
        expected = f"at most {limits.unpacked_mb:,.0f} MB and {limits.ratio:,.0f} times the packed size"
        faults.append(("", found, expected, "This looks like a zip bomb; pack the layer again."))
    for member in members[: limits.members]:
        if problem := _member_problem(member):
            faults.append((member.filename, problem, "plain files inside the archive", "Pack it again."))
    if faults:
        raise DataError([Fault(path.name, None, *fault) for fault in faults], f"cannot read {path.name}")
    return members


def _member_problem(member: zipfile.ZipInfo) -> str:
    name = PurePosixPath(member.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in member.filename or "\x00" in member.orig_filename:
        return "a path that leaves the archive"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a symbolic link"
    if member.flag_bits & 1:
        return "a password"
    return ""


@contextmanager
def unpacked(path: Path, wanted: dict[str, zipfile.ZipInfo]) -> Iterator[Path]:
    """Unpack chosen members under plain new names into a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="workbench-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                for name, member in wanted.items():
                    with archive.open(member) as source, (Path(folder) / name).open("wb") as target:
                        shutil.copyfileobj(source, target)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise unreadable(path.name, f"a broken archive ({error})", "a ZIP", "Make it again.") from None
        yield Path(folder)


@contextmanager
def private_copy(path: Path) -> Iterator[Path]:
    """Work on a copy, so that no reader can leave a journal beside the original."""
    with TemporaryDirectory(prefix="workbench-") as folder:
        yield Path(shutil.copyfile(path, Path(folder) / f"copy{path.suffix}"))
