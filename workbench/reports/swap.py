"""Put a set of files in the place of another at once: a kill at any moment never leaves two sets mixed.

The new files are written into a hidden folder beside their targets. Then the old ones step aside together,
and only after that the new ones step in; whoever exports next finishes or takes back what a kill left half
done.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.errors import DataError, Fault
from workbench.files import folder as usable
from workbench.locks import held

_NEW, _OLD, _LOCK = ".writing", ".replaced", ".export.lock"
_NAMES, _GONE = ".names", ".gone"  # what shall step in; that all old files have stepped aside


def all_or_nothing(folder: str | Path, write: Callable[[Path], Sequence[Path]]) -> list[Path]:
    """Let `write` fill a hidden folder beside the target and swap its files in once all are there.

    Other files of the folder stay. Raises DataError when the folder cannot be written, a file of it is open
    elsewhere, or another export is writing there.
    """
    folder = usable(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            _recover(folder)
            workshop = folder / _NEW
            workshop.mkdir()
            try:
                return _swap(folder, write(workshop))
            finally:
                _recover(folder)
    except OSError as error:
        fault = Fault(
            str(folder),
            None,
            "",
            f"{error.strerror or error}",
            "a folder that can be written, none of whose files is open elsewhere",
            "Close the files in Excel or QGIS, or choose another folder with --out.",
        )
        raise DataError([fault], "nothing was written") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    path = folder / _LOCK
    try:
        with path.open("ab") as file, held(file):
            if not (path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat())):
                raise BlockingIOError  # the one before has just taken its lock file away
            try:
                yield
            finally:
                with suppress(OSError):  # Windows keeps a file that is open
                    path.unlink()
    except BlockingIOError:
        mend = "Wait until it is done, or choose another folder with --out."
        fault = Fault(str(folder), None, "", "another export into it", "one export at a time", mend)
        raise DataError([fault], "nothing was written") from None


def _swap(folder: Path, made: Sequence[Path]) -> list[Path]:
    aside, names = folder / _OLD, [path.name for path in made]
    aside.mkdir()
    (aside / _NAMES).write_text(json.dumps(names), encoding="utf-8")
    for name in names:
        if (folder / name).exists():
            os.replace(folder / name, aside / name)
    (aside / _GONE).touch()
    for path in made:
        os.replace(path, folder / path.name)
    return [folder / name for name in names]


def _recover(folder: Path) -> None:
    """Finish or take back a swap that was left off, and clear away its folders."""
    aside, workshop = folder / _OLD, folder / _NEW
    if (aside / _NAMES).exists():
        names = json.loads((aside / _NAMES).read_text(encoding="utf-8") or "[]")
        gone = (aside / _GONE).exists()
        if not (gone and all((folder / name).exists() for name in names)):
            for name in names:
                if (aside / name).exists():
                    os.replace(aside / name, folder / name)
                elif gone:
                    (folder / name).unlink(missing_ok=True)
    for stale in (aside, workshop):
        shutil.rmtree(stale, ignore_errors=True)
    for stale in folder.glob(f"{_NEW}-*"):  # as earlier versions called them
        shutil.rmtree(stale, ignore_errors=True)
