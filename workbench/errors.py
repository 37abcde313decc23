"""The few failures a caller of the workbench may catch, and the fault record every data error carries.

WorkbenchError
├── DataError        one or many faults in a table, layer or file, all told at once
│   └── ScenarioError    the same for a scenario file or its options
├── LabelError       two sets of ids that should agree do not
├── CrsError         coordinates without a known reference system, or in the wrong one
├── UnreachableError no path where one is required
├── StoppedError     time ran out, or someone cancelled, before a first plan was found
└── InfeasibleError  no plan obeys every rule; names the rules in conflict
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


class WorkbenchError(Exception):
    """Base of every failure the workbench raises on purpose."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a file: where it stands, what was found, what is expected, how to mend it.

    `row` is the row as a person counts it in the file (the header is row 1), or None for the whole file.
    """

    file: str
    row: int | None
    field: str
    found: str
    expected: str
    mend: str
    severity: Severity = "error"

    def __str__(self) -> str:
        where = self.file if self.row is None else f"{self.file}, row {self.row}"
        where = f"{where}, {self.field}" if self.field else where
        return f"{where}: found {self.found}; expected {self.expected}. {self.mend}"


class DataError(WorkbenchError):
    """Raise with every fault of an input at once; `.faults` keeps them as records."""

    def __init__(self, faults: Iterable[Fault], summary: str = "") -> None:
        self.faults = tuple(faults)
        head = summary or f"{len(self.faults)} fault{'' if len(self.faults) == 1 else 's'} in the input"
        super().__init__("\n".join([head, *(f"  - {fault}" for fault in self.faults)]))


class ScenarioError(DataError):
    """A scenario that cannot be used, with one fault per field."""


class LabelError(WorkbenchError, KeyError):
    """Ids that should agree do not; the message shows both sides."""

    def __init__(self, what: str, missing: Iterable[object] = (), unexpected: Iterable[object] = ()) -> None:
        self.what = what
        self.missing, self.unexpected = (tuple(sorted(map(str, ids))) for ids in (missing, unexpected))
        parts = [what]
        for title, names in (("missing", self.missing), ("unexpected", self.unexpected)):
            if names:
                more = f" (and {len(names) - 10} more)" if len(names) > 10 else ""
                parts.append(f"{title}: {', '.join(names[:10])}{more}")
        self.message = "; ".join(parts)
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


class CrsError(WorkbenchError):
    """Coordinates whose reference system is unknown or not the one the operation needs."""


class UnreachableError(WorkbenchError):
    """No path exists where one is required; the message says what cuts the two apart."""


class StoppedError(WorkbenchError):
    """The search ended before a first plan was found; `.bound` is the best any plan could reach."""

    def __init__(self, message: str, bound: float) -> None:
        self.bound = bound
        super().__init__(message)


class InfeasibleError(WorkbenchError):
    """No plan obeys every rule; `.rules` names the rules in conflict with their shortfall."""

    def __init__(self, message: str, rules: Iterable[tuple[str, float]] = ()) -> None:
        self.rules = tuple(rules)
        super().__init__(message)
