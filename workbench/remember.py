"""Parts of a study that are remembered: a slider changes one option and leaves the rest as it was."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

KEPT = 8  # of each part, the last few

# (name of the part, everything beside the owner it depends on, how it is made) -> the part
Keep = Callable[[str, object, Callable[[], Any]], Any]

_parts: dict[str, list[tuple[tuple[object, ...], str, Any]]] = {}
_lock = Lock()


def fresh(part: str, options: object, make: Callable[[], Any]) -> Any:
    """Make a part anew: remember nothing."""
    return make()


def of_these(part: str, owners: tuple[object, ...], make: Callable[[], Any], *, options: object = "") -> Any:
    """Return what is made of some objects that are never changed in place, the same for the same objects.

    `options`: what it depends on beside them, told apart by its text.
    """
    return _kept(part, owners, str(options), make)


def keeper(owner: object, *common: object) -> Keep:
    """Return a memory of what is made of one object, told apart by what else each part depends on.

    `owner`: compared by identity, never changed in place (the layers of a baseline). `common`: what every
    part depends on. Options are told apart by their text, which is whole for records and plain values.
    """

    def keep(part: str, options: object, make: Callable[[], Any]) -> Any:
        return _kept(part, (owner,), str((options, *common)), make)

    return keep


def _kept(part: str, owners: tuple[object, ...], key: str, make: Callable[[], Any]) -> Any:
    with _lock:
        rows = _parts.setdefault(part, [])
        for number, (known, name, value) in enumerate(rows):
            if name == key and all(one is other for one, other in zip(known, owners, strict=True)):
                rows.insert(0, rows.pop(number))
                return value
    value = make()
    with _lock:
        rows.insert(0, (owners, key, value))
        del rows[KEPT:]
    return value
