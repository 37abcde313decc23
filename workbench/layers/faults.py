"""Faults of a table: one per row, the first hundred in full, their order, and how they read in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from workbench.errors import Fault, Severity
from workbench.words import words

SHOWN_PER_RULE = 100


def sort_faults(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Order faults, each told once: errors first, then by row and column."""
    return tuple(sorted(dict.fromkeys(faults), key=lambda f: (f.severity, f.row or 0, f.field, f.found)))


def each_row(
    file: str,
    rows: Sequence[int],
    found: Sequence[object],
    *,
    field: str,
    expected: str,
    mend: str,
    severity: Severity = "error",
) -> list[Fault]:
    """Make one fault per row, the first hundred in full and the rest as one line with their number."""
    shown = [
        Fault(file, int(row), field, _short(value), expected, mend, severity)
        for row, value in zip(rows[:SHOWN_PER_RULE], found[:SHOWN_PER_RULE], strict=True)
    ]
    if (more := len(rows) - len(shown)) > 0:
        shown.append(Fault(file, None, field, f"the same in {more} more rows", expected, mend, severity))
    return shown


def _short(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    text = "".join(char if char.isprintable() else "·" for char in text)
    return f"{text[:80]}…" if len(text) > 80 else text or "nothing"


def in_chinese(fault: Fault) -> Fault:
    """Return a fault with its texts in Chinese; what the table ``words/faults.toml`` lacks stays as it is."""
    return replace(
        fault,
        found=translated(fault.found, "found") or fault.found,
        expected=translated(fault.expected, "expected") or fault.expected,
        mend=translated(fault.mend, "mend") or fault.mend,
    )


def translated(text: str, part: str) -> str | None:
    """Find the Chinese of an English text of a fault, with what the file holds put in its places; or None."""
    for pattern, chinese in _patterns(part):
        if match := pattern.fullmatch(text):
            places = match.groupdict()
            return chinese.format(**{name: evidence(said) or said for name, said in places.items()})
    return None


def evidence(text: str) -> str | None:
    """Return the Chinese of what speaks for two items being one (``same name, 0 m apart``); or None."""
    told = [
        next(
            (
                zh.format(**m.groupdict())
                for pattern, zh in _patterns("evidence")
                if (m := pattern.fullmatch(part))
            ),
            None,
        )
        for part in text.split(", ")
    ]
    return None if None in told else "，".join(filter(None, told))


@cache
def _patterns(part: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compile the texts of one part; the longest first, so that the most particular one counts."""
    texts = sorted(words(f"faults.{part}").values(), key=lambda pair: -len(re.sub(r"{.}", "", pair[1])))
    return tuple(
        (re.compile(re.sub(r"\\{(.)\\}", r"(?P<\1>.*?)", re.escape(english)), re.DOTALL), chinese)
        for chinese, english in texts
    )
