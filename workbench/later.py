"""Rooms that open late: a name is loaded when it is first used, so that a page never waits for the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def later(
    room: str, homes: Mapping[str, str], *, modules: str = ""
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of a room that hands names on from its modules.

    `homes`: module below the room -> the names it defines, apart by spaces. A name must not be that of a
    module of the room, which Python would put in its place once that module is loaded. `modules`: those that
    are handed on as they are.
    """
    home = {name: f"{room}.{module}" for module, names in homes.items() for name in names.split()}
    whole = modules.split()

    def load(name: str) -> Any:
        if name in whole:
            return import_module(f"{room}.{name}")
        if name not in home:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        value = getattr(import_module(home[name]), name)
        setattr(sys.modules[room], name, value)
        return value

    names = sorted([*home, *whole])
    return load, lambda: names, names
