"""Looks through a workbook before a parser does: nothing in it may swell, declare entities or lie far out."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from workbench.layers.imports.container import Limits, unreadable
from workbench.layers.imports.headings import HEADER_ROWS
from workbench.units import BYTES_PER_MB

# Attributes may stand in either quotes, letters in either case, names behind any prefix.
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']\$?([A-Za-z]{1,3})\$?(\d{1,8})""")
_ROW_NUMBER = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["'](\d{1,8})""")
_SHARED = re.compile(rb"<(?:\w+:)?si[\s>].*?</(?:\w+:)?si>", re.DOTALL)
_USES_SHARED = re.compile(rb"""\bt\s*=\s*["']s["']""")
_SHARED_NUMBER = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>\s*(\d{1,9})""")
_FORMULAS = (b"<f>", b"<f ", b"table:formula=")
_LONGEST_TAG = 1 << 16
_LONGEST_CELL = 32_767 * 4  # what Excel takes into a cell, in bytes; more is no workbook of Excel
_REPEATED_ROW = re.compile(rb'<table:table-row [^>]*?number-rows-repeated="(\d{1,12})"')
_REPEATED_CELL = re.compile(
    rb'<table:table-cell (?=[^>]*office:value)[^>]*?number-columns-repeated="(\d{1,12})"'
)


def scan(path: Path, members: Iterable[zipfile.ZipInfo], limits: Limits) -> bool:
    """Look through the raw XML before a parser does: refuse entities, far-flung cells and texts that swell.

    Tells if there are formulas.
    """
    formulas, shared, uses = False, b"", 0
    with zipfile.ZipFile(path) as archive:
        for member in members:
            if not member.filename.endswith((".xml", ".rels")):
                continue
            widest, last = 0, 0
            try:
                with archive.open(member) as stream:
                    for window in _windows(path.name, member.filename, stream):
                        formulas = formulas or any(mark in window for mark in _FORMULAS)
                        cells = set(_CELL.findall(window))
                        widest = max(
                            [widest, *(_column_number(letters) for letters in {c for c, _ in cells})]
                        )
                        rows = [*_ROW_NUMBER.findall(window), *(row for _, row in cells)]
                        last = max([last, *map(int, rows)])
                        uses += len(_USES_SHARED.findall(window))
                if member.filename == "content.xml":
                    _refuse_repeats(path, limits)
                if member.filename.endswith("sharedStrings.xml"):
                    shared = archive.read(member)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
                raise unreadable(
                    path.name, f"a damaged workbook ({error})", "XLSX", "Save it again."
                ) from None
            if widest > limits.columns or last > limits.rows + HEADER_ROWS:
                found = f"a sheet of {last:,} rows and {widest:,} columns"
                expected = f"at most {limits.rows:,} rows and {limits.columns} columns"
                raise unreadable(path.name, found, expected, "Delete the empty far cells, or split the file.")
    _require_room(path, shared, uses, limits)
    return formulas


def _windows(file: str, member: str, stream: IO[bytes]) -> Iterator[bytes]:
    """Read an XML part in blocks, each beginning with the tag the last one broke off in."""
    tail = b""
    while block := stream.read(1 << 20):
        window = tail + block
        if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
            found = f"an entity declaration in {member}"
            raise unreadable(file, found, "a plain workbook", "Save it again in Excel.")
        if b"\x00" in window:
            found = f"{member} in another encoding than UTF-8"
            raise unreadable(file, found, "UTF-8", "Save it again in Excel.")
        yield window
        tail = window[window.rfind(b"<") :]
        tail = tail[-200:] if b">" in tail else tail
        if len(tail) > _LONGEST_TAG:
            raise unreadable(file, f"a tag without end in {member}", "XML", "Save it again in Excel.")


def _require_room(path: Path, shared: bytes, uses: int, limits: Limits) -> None:
    """Refuse a workbook that is small only because one long text stands in many cells."""
    sizes = [len(text[0]) for text in _SHARED.finditer(shared)]
    longest, room = max(sizes, default=0), limits.unpacked_mb * BYTES_PER_MB
    if longest > _LONGEST_CELL:
        found = f"a cell of {longest:,} bytes"
        raise unreadable(path.name, found, "at most 32,767 characters a cell", "Save it again in Excel.")
    if longest * uses <= room:
        return  # even if each cell held the longest
    total = 0
    with zipfile.ZipFile(path) as archive:
        for name in (name for name in archive.namelist() if name.endswith(".xml")):
            with archive.open(name) as stream:
                for window in _windows(path.name, name, stream):
                    numbers = (int(number) for number in _SHARED_NUMBER.findall(window))
                    total += sum(sizes[number] for number in numbers if number < len(sizes))
    if total > room:
        found = f"{total / BYTES_PER_MB:,.0f} MB of text once unpacked"
        raise unreadable(path.name, found, f"at most {limits.unpacked_mb:,.0f} MB", "Split the file.")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _refuse_repeats(path: Path, limits: Limits) -> None:
    """Refuse an ODS in which one filled cell or row stands for more than a sheet may hold."""
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml")
    rows = sum(
        int(found[1])
        for found in _REPEATED_ROW.finditer(content)
        if b"office:value" in content[found.end() : content.find(b"</table:table-row>", found.end())]
    )
    columns = max((int(number) for number in _REPEATED_CELL.findall(content)), default=0)
    if rows > limits.rows or columns > limits.columns:
        found = f"cells repeated over {rows:,} rows and {columns:,} columns"
        expected = f"at most {limits.rows:,} rows and {limits.columns} columns"
        raise unreadable(path.name, found, expected, "Delete the repeated cells, or split the file.")
