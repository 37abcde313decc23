"""Keeps a planner's answers to "is it the same works?": a table, one row an offer, filled with yes or no."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType

from workbench.errors import DataError, Fault
from workbench.files import writing
from workbench.layers.faults import evidence
from workbench.layers.imports.alike import Offer
from workbench.layers.imports.container import unreadable
from workbench.layers.imports.door import ImportOptions, open_file
from workbench.layers.imports.tabular import Table
from workbench.layers.imports.text import folded, written

NEW, KEPT = "new", "answers.csv"
TABLES = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".ods")
_COLUMNS = ("row", "key", "name", "known", "known_name", "evidence", "answer")
_READ = ("key", "known", "answer")
_YES = frozenset({"yes", "y", "是", "same", "1", "true"})
_NO = frozenset({"no", "n", "否", NEW, "0", "false", "新"})
_WRITE_IT = "Write it with `data check --offers`."


def write_offers(
    offers: Sequence[Offer], path: Path, answers: Mapping[str, str] = MappingProxyType({})
) -> Path:
    """Write the offers as a CSV whose column `answer` waits to be filled with yes or no."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path), path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, _COLUMNS, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(
            {**asdict(offer), "evidence": _both(offer.evidence), "answer": answers.get(offer.key, "")}
            for offer in offers
        )
    return path


def _both(told: str) -> str:
    return f"{chinese} {told}" if (chinese := evidence(told)) else told


def read_answers(given: str | Path) -> str | dict[str, str]:
    """Read answers to the offers: ``yes``, ``no``, or the table `write_offers` wrote, filled by a planner.

    The table may come back as CSV, XLSX, XLS or ODS. A row answered neither way stays open. Returns the known
    id, or ``new``, by the row's key. Raises DataError with every fault of the table at once.
    """
    if str(given) in ("yes", "no"):
        return str(given)
    path = Path(given)
    if path.suffix.lower() not in TABLES or not path.exists():
        found = "no such file" if not path.exists() else f"a file ending in {path.suffix!r}"
        raise unreadable(path.name, found, "yes, no, or a CSV or XLSX of answers", _WRITE_IT)
    table = open_file(path, lambda heading: folded(heading) in _COLUMNS, ImportOptions(), None)
    assert isinstance(table, Table), "the endings above are read as tables"
    answers, faults = _judged(path.name, table)
    if faults:
        raise DataError(faults, f"{path.name} does not answer")
    return answers


def _judged(file: str, table: Table) -> tuple[dict[str, str], list[Fault]]:
    frame = table.frame.rename(columns=lambda heading: folded(str(heading)))
    faults = list(table.faults)
    faults += [
        Fault(file, None, name, "no such column", f"a column {name}", _WRITE_IT)
        for name in _READ
        if name not in frame
    ]
    answers: dict[str, str] = {}
    if any(fault.severity == "error" for fault in faults):
        return answers, faults
    for row, *cells in frame[list(_READ)].itertuples():
        key, known, said = map(written, cells)
        word, told = folded(said), None
        if word == "":
            continue
        if word not in _YES | _NO:
            told = ("answer", said, "yes or no", "Correct the word.")
        elif not key:
            told = ("key", "nothing", "the row's own id or name", _WRITE_IT)
        elif word in _YES and not known:
            told = ("known", "nothing", "the id of the known item", _WRITE_IT)
        if told:
            faults.append(Fault(file, row, *told))
            continue
        meant = known if word in _YES else NEW
        if answers.setdefault(key, meant) != meant:
            expected, mend = "one answer for each row", "Keep one of the two."
            faults.append(Fault(file, row, "answer", f"{key} answered in two ways", expected, mend))
    return answers, faults


def answered(key: str, answers: Mapping[str, str]) -> str | None:
    """Return the known id, or ``new``, that was answered for a row's own id or name."""
    return answers.get(key) or {folded(name): label for name, label in answers.items()}.get(folded(key))


def kept_answers(folder: Path) -> dict[str, str]:
    """Return the answers kept in a folder of own layers, none when there are none. Raises DataError."""
    path = folder / KEPT
    kept = read_answers(path) if path.exists() else {}
    return kept if isinstance(kept, dict) else {}


def keep_new(folder: Path, ids: Iterable[str]) -> None:
    """Remember in a folder of own layers that items are new, so that nobody is asked again."""
    known = {**kept_answers(folder), **dict.fromkeys(ids, NEW)}
    rows = [Offer(0, key, "", label, "", "", True) for key, label in sorted(known.items())]
    if rows:
        write_offers(rows, folder / KEPT, {row.key: "no" if row.known == NEW else "yes" for row in rows})
