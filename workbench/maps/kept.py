"""What a page would make again each time it opens, kept on disk: the picture of the baseline, characters."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_dir

from workbench.layers.catalog import GEODATA
from workbench.layers.model import Layers
from workbench.layers.read import load

PACKAGE = Path(__file__).parents[1]
_KEPT = 4  # of a kind; two languages, and those of another version of the workbench


def kept_picture(layers: Layers, name: str, draw: Callable[[], str], folder: Path | None = None) -> str:
    """Return the page that `draw` draws of some layers, from disk where an earlier one is still true.

    Only the baseline as it was loaded is kept: a planner's own rows are drawn each time. `folder`: the user's
    cache when None; one that cannot be read or written is done without. The file is text, never code of ours.
    """
    if layers is not load():
        return draw()
    return kept_text(f"{name}-{fingerprint(PACKAGE, GEODATA)}.html", draw, folder)


def kept_text(name: str, make: Callable[[], str], folder: Path | None = None) -> str:
    """Return a text that is costly to make, from the cache where it was made before."""
    path = (folder or Path(user_cache_dir("sichuan-capacity-workbench", appauthor=False)) / "pictures") / name
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="utf-8")
    text = make()
    with suppress(OSError):
        _keep(path, text)
    return text


def fingerprint(*folders: Path) -> str:
    """Return a hash of the path, size and time of every file below some folders: any edit changes it."""
    stamp = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if "__pycache__" not in path.parts):
            if path.is_file():
                about = path.stat()
                stamp.update(f"{path}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return stamp.hexdigest()[:32]


def _keep(path: Path, page: str) -> None:
    """Write whole or not at all, and let the oldest go."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(page)
    os.replace(file.name, path)
    old = sorted(path.parent.glob(f"*{path.suffix}"), key=lambda each: each.stat().st_mtime, reverse=True)
    for each in old[_KEPT:]:
        each.unlink(missing_ok=True)
