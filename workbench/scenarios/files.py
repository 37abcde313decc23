"""Scenarios as TOML files a planner can read, edit and keep."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel

from workbench.errors import Fault, ScenarioError
from workbench.files import given, writing
from workbench.scenarios.scenario import Scenario

_LARGEST_FILE = 1_000_000


def load(path: str | Path) -> Scenario:
    """Read a scenario file.

    Raises ScenarioError with every fault at once: unreadable or empty file, broken TOML (with its line),
    unknown options, values of the wrong kind or outside their range.
    """
    path = given(path)
    text = _read_text(path)
    try:
        return Scenario.from_mapping(tomllib.loads(text), file=path.name)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"\(at line (\d+)", str(error))
        fault = Fault(
            path.name,
            int(line[1]) if line else None,
            "",
            "brackets within brackets without end" if isinstance(error, RecursionError) else str(error),
            'TOML such as [zone] on one line and definition = "eight" below it',
            "Correct the line, or start again from `workbench scenario init`.",
        )
        raise ScenarioError([fault]) from None


def _read_text(path: Path) -> str:
    def fail(found: str, expected: str, mend: str) -> ScenarioError:
        return ScenarioError([Fault(path.name, None, "", found, expected, mend)])

    if not path.is_file():
        raise fail(
            "no such file", "a scenario file", "Check the path, or write one with `workbench scenario init`."
        )
    raw = path.read_bytes()
    if not raw.strip():
        raise fail("an empty file", "a scenario in TOML", "Write one with `workbench scenario init`.")
    if len(raw) > _LARGEST_FILE:
        raise fail(
            f"{len(raw)} bytes", "a scenario of less than a megabyte", "Check that this is the right file."
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise fail(
            f"a byte that is not UTF-8 at position {error.start}",
            "text in UTF-8",
            "Save the file as UTF-8 (in Notepad: Save as, Encoding UTF-8).",
        ) from None


def dumps(scenario: Scenario) -> str:
    """Return the scenario as TOML with a comment under every option saying what it means."""
    document = tomlkit.document()
    document.add(
        tomlkit.comment("A planning scenario. Every option is explained; delete what you do not change.")
    )
    _fill(document, scenario)
    # tomlkit leaves a blank at the end of empty comment lines
    return re.sub(r"[ \t]+\n", "\n", tomlkit.dumps(document))


def save(scenario: Scenario, path: str | Path) -> Path:
    """Write the scenario as UTF-8 TOML and return the path."""
    path = given(path)
    with writing(path):
        path.write_text(dumps(scenario), encoding="utf-8", newline="\n")
    return path


def _fill(container: Any, record: BaseModel) -> None:
    tables: list[tuple[str, Any, str]] = []
    for name, field in type(record).model_fields.items():
        value = getattr(record, name)
        note = field.description or ""
        if isinstance(value, BaseModel | Mapping):
            tables.append((name, value, note))
            continue
        container.add(tomlkit.comment(note))
        if value is None:  # TOML has no word for nothing
            container.add(tomlkit.comment(f"{name} = "))
            continue
        container.add(name, list(value) if isinstance(value, tuple) else value)
    # TOML wants the plain values of a table before its sub-tables.
    for name, value, note in tables:
        table = tomlkit.table()
        table.add(tomlkit.comment(note))
        if isinstance(value, BaseModel):
            _fill(table, value)
        else:
            for key in sorted(value):
                table.add(key, value[key])
        container.add(tomlkit.nl())
        container.add(name, table)


def changes(before: Scenario, after: Scenario) -> dict[str, tuple[Any, Any]]:
    """Return every option that differs, as ``{"zone.definition": ("eight", "five")}``."""
    left, right = _flat(before.model_dump()), _flat(after.model_dump())
    return {
        key: (left.get(key), right.get(key))
        for key in sorted(left.keys() | right.keys())
        if left.get(key) != right.get(key)
    }


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
