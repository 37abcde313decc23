"""Writes an old Excel workbook (BIFF8 in an OLE container) by hand: no package of ours writes one."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SECTOR, _SMALLEST = 512, 4096  # a stream below 4,096 bytes would lie among others
_END, _FAT, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def as_xls(rows: list[list[Any]]) -> Callable[[Path], Path]:
    """A workbook of one sheet: numbers as numbers, all else as text."""

    def build(folder: Path) -> Path:
        (folder / "plants.xls").write_bytes(_container(_workbook(rows)))
        return folder / "plants.xls"

    return build


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _cell(row: int, column: int, value: Any) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, int | float):
        return _record(0x0203, place + struct.pack("<d", value))
    text = str(value).encode("utf-16-le")
    return _record(0x0204, place + struct.pack("<HB", len(text) // 2, 1) + text)


def _workbook(rows: list[list[Any]]) -> bytes:
    def start(kind: int) -> bytes:
        return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 6))

    def head(at: int) -> bytes:
        sheet = struct.pack("<IHBB", at, 0, 1, 0) + b"a"
        return start(0x0005) + _record(0x0085, sheet) + _record(0x000A)

    cells = b"".join(_cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row))
    return head(len(head(0))) + start(0x0010) + cells + _record(0x000A)


def _container(stream: bytes) -> bytes:
    stream += b"\0" * (-len(stream) % _SECTOR if len(stream) > _SMALLEST else _SMALLEST - len(stream))
    count = len(stream) // _SECTOR
    assert count + 2 <= _SECTOR // 4, "one sector of the allocation table is enough for a test"
    table = [_FAT, _END, *range(3, count + 2), _END]
    table += [_FREE] * (_SECTOR // 4 - len(table))
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
        0, 1, 1, 0, _SMALLEST, _END, 0, _END, 0, 0,
    )  # fmt: skip
    header += b"\xff" * (_SECTOR - len(header))
    root = _entry("Root Entry", 5, child=1, start=_END, size=0)
    book = _entry("Workbook", 2, child=_FREE, start=2, size=len(stream))
    return header + struct.pack("<128I", *table) + (root + book).ljust(_SECTOR, b"\0") + stream


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    body = struct.pack("<64sHBBIII", text, len(text), kind, 1, _FREE, _FREE, child)
    return body + b"\0" * 36 + struct.pack("<IQ", start, size)
