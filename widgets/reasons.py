"""Why something could not be done, told to the planner in both languages, by the kind of the failure."""

from __future__ import annotations

import logging
import re

from workbench.errors import DataError, Fault, InfeasibleError, LabelError, WorkbenchError
from workbench.labels import LABELS
from workbench.layers.faults import translated
from workbench.words import Text, words

MOST = 5  # faults or names told one by one
UNEXPECTED = words("faults.kinds")["unexpected"]
_log = logging.getLogger("workbench")


def reason(error: WorkbenchError) -> Text:
    """Return what went wrong in Chinese and English.

    The English is the error's own text. The Chinese is that of its kind, with what it names: the faults of a
    file, the ids that disagree, the clauses in conflict. A text the table lacks is told as its kind alone,
    and goes to the log.
    """
    english = str(error)
    return _chinese(error), english


def _chinese(error: WorkbenchError) -> str:
    if isinstance(error, DataError):
        told = "；".join(map(_fault, error.faults[:MOST]))
        return _kind(error).format(count=len(error.faults), told=told)
    if isinstance(error, InfeasibleError):
        clauses = dict.fromkeys(re.findall(r"\bP\d+\b", " ".join(rule for rule, _ in error.rules)))
        return _kind(error).format(told="、".join(clauses) or words("faults.kinds")["unnamed"][0])
    said = translated(error.what if isinstance(error, LabelError) else str(error), "failure")
    if said is None:
        _log.warning("%s: %s", type(error).__name__, error)
    if isinstance(error, LabelError):
        names = (*error.missing, *error.unexpected)[:MOST]
        return f"{said or _kind(error)}：{'、'.join(names)}" if names else said or _kind(error)
    return said or _kind(error)


def _kind(error: WorkbenchError) -> str:
    """Return the Chinese text of an error's class, or of the nearest class above it that has one."""
    known = words("faults.kinds")
    return next(known[kind.__name__][0] for kind in type(error).__mro__ if kind.__name__ in known)


def _fault(fault: Fault) -> str:
    kinds = words("faults.kinds")
    found = translated(fault.found, "found") or fault.found
    expected = translated(fault.expected, "expected") or kinds["another"][0]
    mend = translated(fault.mend, "mend") or ""
    return (
        kinds["fault"][0]
        .format(
            field=LABELS.get(fault.field, (fault.field, ""))[0], found=found, expected=expected, mend=mend
        )
        .strip()
    )
