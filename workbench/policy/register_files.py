"""Registers the policy asks for and no public source fills: a schema, a check of every row, no rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.errors import DataError, Fault, LabelError
from workbench.policy import registry


def _registers() -> Mapping[str, Mapping[str, Any]]:
    return registry.document("registers")


def registers() -> pd.DataFrame:
    """Return the registers: index name; columns clause, zh, en, columns (count)."""
    rows = {
        name: {**{key: row[key] for key in ("clause", "zh", "en")}, "columns": len(row["columns"])}
        for name, row in _registers().items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")


def register_schema(name: str) -> pd.DataFrame:
    """Return one register's columns: index column; zh, kind, required, choices (joined by ``;``)."""
    if name not in _registers():
        raise LabelError(f"no register {name!r}; there are {', '.join(_registers())}")
    rows = {
        column: {"zh": row["zh"], "kind": row["kind"], "required": row["required"],
                 "choices": ";".join(row.get("choices", ()))}
        for column, row in _registers()[name]["columns"].items()
    }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("column")


def empty_register(name: str) -> pd.DataFrame:
    """Return a register with its columns and no row: what stands until the planner imports one."""
    return pd.DataFrame(columns=list(register_schema(name).index))


def load_register(name: str, rows: pd.DataFrame, *, file: str = "register") -> pd.DataFrame:
    """Return a register from imported rows whose headings are the schema's Chinese or English names.

    Values are checked and typed: numbers float, dates ``date``, flags bool or None. Raises DataError with
    every fault at once (row as counted in the file, header row 1).
    """
    columns = register_schema(name)
    names = {**{row["zh"]: column for column, row in columns.iterrows()}, **{c: c for c in columns.index}}
    frame = rows.rename(columns=lambda heading: names.get(str(heading).strip(), str(heading).strip()))
    faults = [
        Fault(
            file,
            1,
            str(extra),
            "an unknown heading",
            ", ".join(columns["zh"]),
            "Rename or remove the column.",
        )
        for extra in frame.columns.difference(columns.index)
    ]
    out = {}
    for column, rule in columns.iterrows():
        given = frame[column] if column in frame else pd.Series([None] * len(frame), index=frame.index)
        if rule["required"] and column not in frame:
            faults.append(Fault(file, 1, rule["zh"], "no such column", "a required column", "Add it."))
            continue
        typed = []
        for row, value in enumerate(given, start=2):
            ok, clean = _typed(value, rule)
            if not ok:
                expected = rule["choices"] or f"a {rule['kind']}"
                faults.append(Fault(file, row, rule["zh"], repr(value), expected, "Correct the cell."))
            typed.append(clean)
        out[column] = typed
    if faults:
        raise DataError(faults, f"{file} cannot be used as the register {name!r}")
    return pd.DataFrame(out, columns=list(columns.index))


def _typed(value: Any, rule: Any) -> tuple[bool, Any]:
    """Return whether a cell fits its column, and the cell as the rules read it."""
    if value is None or value == "" or (not isinstance(value, str) and pd.isna(value)):
        return not rule["required"], None
    text = str(value).strip()
    if rule["kind"] == "number":
        number = pd.to_numeric(text, errors="coerce")
        return not pd.isna(number), float(number)
    if rule["kind"] == "date":
        day = pd.to_datetime(text.replace("年", "-").replace("月", "-").rstrip("日-"), errors="coerce")
        return not pd.isna(day), None if pd.isna(day) else day.date()
    if rule["kind"] == "flag":
        known = {
            "是": True,
            "true": True,
            "1": True,
            "1.0": True,
            "否": False,
            "false": False,
            "0": False,
            "0.0": False,
        }
        return text.lower() in known, known.get(text.lower())
    if rule["kind"] == "choice":
        return text in rule["choices"].split(";"), text
    return True, text
