"""Folds text as people write it: ids, blank words, encodings, and text that was decoded wrongly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from workbench.errors import DataError
from workbench.layers.imports.container import unreadable
from workbench.text import cleaned

# Words for "no figure known", as offices and trackers write them, folded.
BLANKS = frozenset({
    "", "-", "--", "---", "—", "——", "———", "–", "/", "//", "\\", ".", "...", "?", "??", "*",
    "无", "空", "不详", "不明", "未知", "缺", "待定", "待查", "待核", "待核实", "待补", "待补充",
    "暂无", "暂缺", "未提供", "未公布", "未填", "无数据",
    "na", "n/a", "n.a.", "n.a", "nan", "none", "null", "nil", "<na>", "nat", "unknown",
    "not found", "no data", "not available", "tbd", "tba", ">0",
})  # fmt: skip
_ENCODINGS = ("utf-8", "gb18030", "big5")
_TRADITIONAL = 0.85  # what a text is worth that only Big5's characters in daily use make clear
_FAR_CLEARER = 0.3  # by how much another encoding must read better than the expected one
_COMMON = ("\u3000", "\u303f"), ("\uff00", "\uffef"), ("\u2010", "\u2027"), ("\u2150", "\u22ff")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SAMPLE = 400
# ignored by default where text is drawn (Unicode, DerivedCoreProperties), though no format character
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_CONFUSED = (
    ("gb18030", "utf-8"), ("latin-1", "utf-8"), ("cp1252", "utf-8"), ("latin-1", "gb18030"),
    ("cp1252", "gb18030"), ("gb18030", "big5"),
)  # fmt: skip


def unmarked(text: str) -> str:
    """Compose the characters and drop what no reader sees: marks of order, bytes, zero width, controls.

    What only chooses among the looks of a character (variation selectors) and fillers go as well.
    """
    text = _UNSEEN.sub("", text)
    if text.isprintable():  # as nearly every cell is: nothing to look for character by character
        return unicodedata.normalize("NFC", text).strip()
    composed = unicodedata.normalize("NFC", cleaned(text))
    return "".join(c for c in composed if unicodedata.category(c) != "Cf").strip()


def folded(text: str) -> str:
    """Fold a word for comparison: full width, case, and everything invisible or blank do not matter."""
    narrow = unicodedata.normalize("NFKC", unmarked(text)).casefold()
    return "".join(narrow.split())


def tidy(text: str) -> str:
    """Write an id as it is meant: half width, nothing invisible, one space where there were several."""
    return " ".join(unicodedata.normalize("NFKC", unmarked(text)).split())


def written(value: object) -> str:
    """Write a cell that names something as text: 7.0 is ``7``, a blank is empty."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None or value != value else unmarked(str(value))


def is_blank(text: str) -> bool:
    """Tell whether a cell says that nothing is known."""
    narrow = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return narrow in BLANKS


def decode(file: str, raw: bytes, named: str | None = None) -> tuple[str, str]:
    """Decode a text file; return the text and the encoding: the one named, or the one that fits it best.

    Without a name: UTF-16 by its mark or its zeros, else UTF-8, else GB18030 (GBK) or Big5, whichever reads
    far more clearly. Raises DataError.
    """
    candidates = [named] if named else _candidates(raw)
    reasons = []
    for encoding in candidates:
        try:
            text = raw.decode(encoding)
        except LookupError:
            expected = "an encoding such as utf-8, gb18030, big5 or utf-16"
            raise unreadable(file, f"encoding {named!r}", expected, "Correct the name.") from None
        except UnicodeError as error:
            reasons.append(f"{encoding}: byte {getattr(error, 'start', '?')}")
            continue
        if "\x00" in text:
            raise unreadable(file, "binary content", "text", "Export it as CSV (UTF-8).")
        if encoding == "gb18030" and named is None and (traditional := _big5(raw, text)):
            return traditional, "big5"
        return text.removeprefix("\ufeff"), "utf-8" if encoding == "utf-8-sig" else encoding
    raise _no_text(file, reasons)


def _big5(raw: bytes, text: str) -> str | None:
    """Return the bytes read as Big5 where that is far clearer than GB18030, which takes nearly all bytes."""
    try:
        other = raw.decode("big5")
    except UnicodeDecodeError:
        return None
    head = slice(100_000)
    return other if clarity(other[head]) > clarity(text[head]) + _FAR_CLEARER else None


def _no_text(file: str, reasons: Sequence[str]) -> DataError:
    found = f"bytes that are no text ({'; '.join(reasons)})"
    return unreadable(file, found, "UTF-8 or GBK text", "Save it as UTF-8, or name its encoding.")


def _candidates(raw: bytes) -> list[str]:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ["utf-16"]
    head = raw[:_SAMPLE]
    if head[1::2].count(0) > len(head) / 4:
        return ["utf-16-le"]
    if head[::2].count(0) > len(head) / 4:
        return ["utf-16-be"]
    return ["utf-8-sig", "gb18030"]


def cut_decode(raw: bytes, encoding: str) -> str | None:
    """Decode bytes whose last character may be cut off by a field's width; None where they do not fit."""
    for length in range(len(raw), max(len(raw) - 4, 0), -1):
        try:
            return raw[:length].decode(encoding)
        except UnicodeDecodeError as error:
            if error.end < length or length - error.start > 3:  # the fault is not at the very end
                return None
        except LookupError:
            return None
    return "" if not raw else None


def clarity(text: str) -> float:
    """Measure how much of a text beyond ASCII is what Chinese offices write (0 to 1; 1 without any)."""
    foreign = [c for c in text if ord(c) > 127]
    if not foreign:
        return 1.0
    simplified, traditional = sum(map(_use, foreign)), sum(map(_traditional_use, foreign))
    return max(simplified, _TRADITIONAL * traditional) / len(foreign)


def _use(char: str) -> float:
    """Weigh a character: the first level of GB2312 holds the 3,755 in daily use, its second rarer ones."""
    if any(low <= char <= high for low, high in _COMMON):
        return 1.0
    try:
        lead = char.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 0.0
    return 1.0 if 0xB0 <= lead <= 0xD7 else 0.6 if 0xD8 <= lead <= 0xF7 else 0.0


def _traditional_use(char: str) -> float:
    """Tell the 5,401 characters in daily use of Big5 from its rarer ones."""
    if any(low <= char <= high for low, high in _COMMON):
        return 1.0
    try:
        lead = char.encode("big5")[0]
    except UnicodeEncodeError:
        return 0.0
    return float(0xA4 <= lead <= 0xC6)


def best_encoding(strings: Sequence[bytes], named: str | None = None) -> str | None:
    """Choose the encoding in which byte strings (their ends may be cut) are clearest; None when none fits.

    A named encoding is kept unless it does not decode them, or another reads far more clearly.
    """
    foreign = [raw for raw in strings if any(byte > 127 for byte in raw)]
    if not foreign:
        return named or "utf-8"
    scores: dict[str, float] = {}
    for encoding in dict.fromkeys([*([named] if named else []), *_ENCODINGS]):
        texts = [cut_decode(raw, encoding) for raw in foreign]
        if None not in texts:
            whole = "".join(filter(None, texts))
            scores[encoding] = 0.0 if whole.isascii() else clarity(whole)  # nothing but what was cut off
            if encoding == "big5" != named:
                scores[encoding] -= _FAR_CLEARER
    if not scores:
        return None
    best = max(scores, key=lambda encoding: scores[encoding])
    return named if named in scores and scores[best] < scores[named] + _FAR_CLEARER else best


def undone(text: str) -> str | None:
    """Return what a wrongly decoded text was meant to be (``鎴愰兘`` is 成都); None when it seems right."""
    if clarity(text) >= 0.6:
        return None
    for wrong, right in _CONFUSED:
        try:
            raw = text.encode(wrong)
        except UnicodeEncodeError:
            continue
        meant = cut_decode(raw, right)
        if meant and clarity(meant) > 0.8 and len(_HAN.findall(meant)) > max(1, len(meant) / 2):
            return meant
    return None


def garbled(texts: Iterable[str]) -> tuple[str, str] | None:
    """Find the first text that was decoded wrongly, with what it was meant to be."""
    for text in list(dict.fromkeys(texts))[:_SAMPLE]:
        if meant := undone(text):
            return text, meant
    return None
