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
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from workbench.errors import DataError, Fault
from workbench.files import folder as usable
from workbench.locks import held

_NEW, _OLD, _LOCK = ".writing", ".replaced", ".export.lock"
_RESERVED: ContextVar[frozenset[Path]] = ContextVar("folders this export holds", default=frozenset())
_NAMES, _GONE = ".names", ".gone"  # what shall step in; that all old files have stepped aside


def all_or_nothing(folder: str | Path, write: Callable[[Path], Sequence[Path]]) -> list[Path]:
    """Let `write` fill a hidden folder beside the target and swap its files in once all are there.

    Other files of the folder stay. Raises DataError when the folder cannot be written, a file of it is open
    elsewhere, or another export is writing there.
    """
    with reserved(folder) as there, _told(there):
        _recover(there)
        workshop = there / _NEW
        workshop.mkdir()
        try:
            return _swap(there, write(workshop))
        finally:
            _recover(there)


@contextmanager
def reserved(folder: str | Path) -> Iterator[Path]:
    """Hold a folder for one export, best before anything is computed: another one is refused at once.

    What is written with `all_or_nothing` meanwhile, in this thread, is that export. A folder made for
    nothing goes again. Raises DataError as `all_or_nothing` does.
    """
    folder = usable(folder)
    if folder.resolve() in _RESERVED.get():
        yield folder
        return
    with ExitStack() as stack:
        with _told(folder):
            if not folder.exists():
                stack.callback(_remove_empty, folder)
            folder.mkdir(parents=True, exist_ok=True)
            _lock(folder, stack)
        before = _RESERVED.set(_RESERVED.get() | {folder.resolve()})
        stack.callback(_RESERVED.reset, before)
        yield folder


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
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


def _lock(folder: Path, stack: ExitStack) -> None:
    """Hold the folder's lock file until the stack unwinds. Raises DataError where another export does."""
    path = folder / _LOCK
    try:
        file = stack.enter_context(path.open("ab"))
        stack.enter_context(held(file))
        if not (path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat())):
            raise BlockingIOError  # the one before has just taken its lock file away
    except BlockingIOError:
        mend = "Wait until it is done, or choose another folder with --out."
        fault = Fault(str(folder), None, "", "another export into it", "one export at a time", mend)
        raise DataError([fault], "nothing was written") from None
    stack.callback(_remove, path)


def _remove(path: Path) -> None:
    with suppress(OSError):  # Windows keeps a file that is open
        path.unlink()


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # it holds what was exported
        folder.rmdir()


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
