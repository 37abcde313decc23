"""One fault per row of a table, the first hundred in full, and the order faults are told in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.errors import Fault, Severity

SHOWN_PER_RULE = 100


def sort_faults(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Order faults: errors first, then by row and column."""
    return tuple(sorted(faults, key=lambda f: (f.severity, f.row or 0, f.field, f.found)))


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
