"""Decodes the text of a Shapefile: each field by its own bytes, whatever its code page file claims."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import pandas as pd

from workbench.errors import Fault
from workbench.layers.imports.report import Repair
from workbench.layers.imports.text import best_encoding, cut_decode
from workbench.layers.read import is_text

RAW = "ISO-8859-1"  # one character per byte: what GDAL hands over is decoded here
_PAGES = {
    "65001": "utf-8", "936": "gb18030", "54936": "gb18030", "950": "big5", "1252": "cp1252", "28591": RAW,
    "88591": RAW, "77": "gb18030", "79": "big5", "utf8": "utf-8", "gbk": "gb18030", "gb2312": "gb18030",
}  # fmt: skip
_DRIVER_IDS = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}


def stated_encoding(path: Path) -> str | None:
    """Return the encoding a Shapefile states, in its .cpg or else in its .dbf; None if in neither."""
    beside = {part.suffix.lower(): part for part in path.parent.iterdir() if part.stem == path.stem}
    if ".cpg" in beside:
        text = beside[".cpg"].read_bytes()[:100].decode("ascii", "replace").strip("\x00 \r\n\t")
        key = re.sub(r"^(?:ansi|oem|cp|ldid/|windows)[ -]*", "", text.casefold()).replace("-", "")
        if key in _PAGES:
            return _PAGES[key]
        try:
            return codecs.lookup(text).name
        except LookupError:
            return None
    with beside[".dbf"].open("rb") as stream:
        head = stream.read(32)
    return _DRIVER_IDS.get(head[29]) if len(head) == 32 else None


def decoded(
    file: str, frame: pd.DataFrame, stated: str | None, named: str | None = None
) -> tuple[pd.DataFrame, list[Fault], list[Repair]]:
    """Decode names and text read as `RAW`, each field in the encoding its bytes speak for.

    `stated` is what the file says of itself and is distrusted when its bytes speak against it; `named` is
    what the planner says and is obeyed.
    """
    names = {column: column.encode(RAW, "ignore") for column in frame.columns}
    texts = {
        column: [value.encode(RAW, "ignore") for value in frame[column].dropna().unique()]
        for column in frame.columns
        if is_text(frame[column]) and frame[column].dropna().map(lambda value: isinstance(value, str)).all()
    }
    every = [*names.values(), *(raw for each in texts.values() for raw in each)]
    whole = named or best_encoding(every, stated)
    used: dict[str, int] = {}
    headings, columns = {}, {}
    for column, raw in names.items():
        values = texts.get(column, [])
        own = named or best_encoding([raw, *values], whole or stated)
        heading = own or named or best_encoding([raw], whole) or "gb18030"
        headings[column] = _read(raw, heading)
        if column in texts:
            content = own or best_encoding(values, whole) or "gb18030"
            words = {text.decode(RAW): _read(text, content) for text in values}
            columns[column] = frame[column].map(words, na_action="ignore")
            if any(byte > 127 for text in (raw, *values) for byte in text):
                used[content] = used.get(content, 0) + 1
        elif any(byte > 127 for byte in raw):
            used[heading] = used.get(heading, 0) + 1
    result = frame.assign(**columns).rename(columns=headings)
    faults = [_distrust(file, stated, used)] if stated and not named and set(used) - {stated} else []
    what = f"attributes read as {', '.join(used)}"
    repairs = [Repair("decode", len(frame), what)] if set(used) - {"utf-8"} else []
    if cut := sum(_is_cut(raw, whole or "gb18030") for raw in every):
        repairs.append(Repair("cut_text", cut, "texts whose last character the width of the field cut off"))
    return result, faults, repairs


def _is_cut(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return cut_decode(raw, encoding) is not None
    return False


def _read(raw: bytes, encoding: str) -> str:
    text = cut_decode(raw, encoding)
    return raw.decode(encoding, "replace") if text is None else text.rstrip("\x00 ")


def _distrust(file: str, stated: str, used: dict[str, int]) -> Fault:
    found = f"text in {', '.join(used)} where the file states {stated}"
    mend = "It is read as its bytes say; name the encoding if the names look wrong."
    return Fault(file, None, "", found, "text in the encoding stated", mend, "warning")
