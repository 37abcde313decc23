"""The ledger on disk: one line per event, appended and flushed; a torn last line was never confirmed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from workbench.errors import DataError, Fault
from workbench.policy.ledger import Event, Ledger
from workbench.policy.options import PolicyOptions


@dataclass(frozen=True)
class Journal:
    """A ledger and the file that holds it; `record` returns the journal once the entry is safe on disk."""

    path: Path
    ledger: Ledger

    @classmethod
    def open(
        cls, path: str | Path, options: PolicyOptions | None = None, *, head: str | None = None
    ) -> Journal:
        """Read a journal, or begin an empty one where no file is.

        A last line without its end is dropped: it was cut off before it was confirmed. Any other damage
        raises DataError; so does, with `head` (the hash on a notice), a file that no longer has that entry.
        """
        file = Path(path)
        events, _ = _read(file)
        ledger = Ledger.replay(events, options)
        if head is not None and head not in {event.hash for event in events}:
            mend = "Entries were removed from its end; restore the file from a copy."
            raise DataError([Fault(file.name, None, "hash", ledger.head[:12], f"an entry {head[:12]}", mend)])
        return cls(file, ledger)

    def record(self, action: str, *, when: date, who: str, role: str, **data: Any) -> Journal:
        """Judge one event, write it, and return the journal that holds it.

        Raises DataError when the rules refuse it, or when somebody else has written since this was read.
        """
        after = self.ledger.record(action, when=when, who=who, role=role, **data)
        line = json.dumps(asdict(after.events[-1]), ensure_ascii=False, sort_keys=True) + "\n"
        with _alone(self.path):
            events, size = _read(self.path)
            if len(events) != len(self.ledger.events) or (events and events[-1].hash != self.ledger.head):
                mend = "Open the journal again and repeat the entry."
                raise DataError(
                    [Fault(self.path.name, None, "hash", "newer entries", "the file as read", mend)]
                )
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "r+b" if self.path.exists() else "w+b") as file:
                file.truncate(size)
                file.seek(size)
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        return Journal(self.path, after)


def _read(path: Path) -> tuple[list[Event], int]:
    """Return the whole entries of a file and the byte where they end."""
    raw = path.read_bytes() if path.exists() else b""
    size = raw.rfind(b"\n") + 1
    events = []
    for row, line in enumerate(raw[:size].splitlines(), start=1):
        try:
            events.append(Event(**json.loads(line)))
        except (ValueError, TypeError):
            mend = "Restore the file from a copy; every later entry is in doubt."
            raise DataError([Fault(path.name, row, "", repr(line[:40]), "a whole entry", mend)]) from None
    return events, size


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    lock = path.with_name(path.name + ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        mend = f"Wait, or delete {lock.name} if nobody is writing."
        raise DataError(
            [Fault(path.name, None, "lock", "another writer", "one writer at a time", mend)]
        ) from None
    try:
        yield
    finally:
        lock.unlink()
