"""One worker thread that always takes the newest wish of the most urgent kind, so that nothing queues."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop of a kernel; None in scripts and tests, where everything is done at once."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Desk:
    """Work in a thread, one call at a time; of each kind only the newest call waits.

    `kinds`: from the most urgent down. Without `threaded` (scripts, tests) `put` does the call at once.
    """

    def __init__(self, kinds: tuple[str, ...], *, threaded: bool) -> None:
        self._kinds, self._threaded = kinds, threaded
        self._calls: dict[str, Callable[[], None]] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, kind: str, call: Callable[[], None]) -> None:
        """Have a call done next of its kind, in place of one that still waits."""
        if not self._threaded:
            call()
            return
        with self._lock:
            self._calls[kind] = call
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="workbench-assessor", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        """Work until nothing waits; after a crash the next call starts afresh."""
        while True:
            with self._lock:
                kind = next((kind for kind in self._kinds if kind in self._calls), None)
                if kind is None:
                    self._thread = None
                    return
                call = self._calls.pop(kind)
            done = False
            try:
                call()
                done = True
            finally:
                if not done:
                    with self._lock:
                        self._thread = None
