"""Texts that a page would make again each time it opens, kept on disk by the name of what they tell."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_dir

_KEPT = 4  # of a kind; two languages, and those of another version of the workbench


def kept_text(name: str, make: Callable[[], str], folder: Path | None = None) -> str:
    """Return a text that is costly to make, from the cache where it was made before.

    `folder`: the user's cache when None; one that cannot be read or written is done without. A file that is
    not what was written is made again. It is text, never code of ours.
    """
    path = (folder or Path(user_cache_dir("sichuan-capacity-workbench", appauthor=False)) / "pictures") / name
    with suppress(OSError, UnicodeDecodeError):
        stamp, _, text = path.read_bytes().partition(b"\n")
        if stamp == _stamp(text):
            return text.decode()
    made = make()
    with suppress(OSError):
        _keep(path, made.encode())
    return made


def fingerprint(*folders: Path) -> str:
    """Return a hash of the path, size and time of every file below some folders: any edit changes it."""
    stamp = hashlib.sha256()
    for folder in folders:
        for path in sorted(_files(str(folder)), key=lambda each: each.path):
            about = path.stat()
            stamp.update(f"{path.path}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return stamp.hexdigest()[:32]


def _files(folder: str) -> list[os.DirEntry[str]]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                found += [] if entry.name == "__pycache__" else _files(entry.path)
            else:
                found.append(entry)
    return found


def _stamp(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()


def _keep(path: Path, text: bytes) -> None:
    """Write whole or not at all, under its own hash, and let the oldest go."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_stamp(text) + b"\n" + text)
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise
    old = sorted(path.parent.glob(f"*{path.suffix}"), key=lambda each: each.stat().st_mtime, reverse=True)
    for each in old[_KEPT:]:
        each.unlink(missing_ok=True)
