"""The ledger on disk: one line per event, appended and flushed; a torn last line was never confirmed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from workbench.errors import DataError, Fault
from workbench.files import given
from workbench.locks import held
from workbench.policy.entries import Stored
from workbench.policy.ground import Ground
from workbench.policy.ledger import Ledger
from workbench.policy.ledger_book import GENESIS, Event
from workbench.policy.options import PolicyOptions
from workbench.records import faults_of


@dataclass(frozen=True)
class Journal:
    """A ledger and the file that holds it; `record` returns the journal once the entry is safe on disk."""

    path: Path
    ledger: Ledger

    @classmethod
    def open(
        cls,
        path: str | Path,
        options: PolicyOptions | None = None,
        *,
        head: str | None = None,
        ground: Ground | None = None,
    ) -> Journal:
        """Read a journal, or begin an empty one where no file is.

        A last line cut off in its middle is dropped: it was never confirmed. Any other damage
        raises DataError; so does, with `head` (the hash on a notice), a file that no longer has that entry.
        `ground`: the baseline entries are held against, see `ground_of`.
        """
        file = given(path)
        events, _ = _read(file)
        ledger = Ledger.replay(events, options, ground)
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
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()
        with self.path.open("r+b") as file, _alone(file, self.path.name):
            events, size = _read(self.path)
            if len(events) != len(self.ledger.events) or (events and events[-1].hash != self.ledger.head):
                mend = "Open the journal again and repeat the entry."
                raise DataError(
                    [Fault(self.path.name, None, "hash", "newer entries", "the file as read", mend)]
                )
            file.seek(max(0, size - 1))
            whole = size == 0 or file.read(1) == b"\n"  # an editor may have taken the last newline away
            file.truncate(size)
            file.seek(size)
            file.write((line if whole else f"\n{line}").encode())
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
            events.append(_event(line))
        except ValidationError as error:
            mend = "Restore the file from a copy; every later entry is in doubt."
            faults = [replace(fault, row=row, mend=mend) for fault in faults_of(error, path.name)]
            raise DataError(faults, f"{path.name} holds an entry that is none") from None
    with suppress(ValidationError):  # else it was cut off in the middle and never confirmed
        last = _event(raw[size:])
        if last.sound(events[-1].hash if events else GENESIS):
            return [*events, last], len(raw)
    return events, size


def _event(line: bytes) -> Event:
    return Event(**Stored.model_validate_json(line).model_dump())


@contextmanager
def _alone(file: BinaryIO, name: str) -> Iterator[None]:
    try:
        with held(file):
            yield
    except BlockingIOError:
        mend = "Wait until the other entry is written, then repeat yours."
        raise DataError([Fault(name, None, "lock", "another writer", "one writer at a time", mend)]) from None
