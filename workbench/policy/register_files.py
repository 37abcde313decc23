"""Registers the policy asks for and no public source fills: a schema, a check of every row, no rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.errors import DataError, Fault, LabelError
from workbench.files import given
from workbench.layers import Layers
from workbench.layers.imports import container, delimited, workbooks
from workbench.policy import registry
from workbench.words import Language, words

# What a planner writes for a coded choice.
_CHOICES = {**words("policy.industries"), **words("policy.choices")}


def codes(choices: Iterable[str]) -> dict[str, str]:
    """Return what a planner writes for each choice of a column: Chinese name to code."""
    return {_CHOICES.get(code, (code,))[0]: code for code in choices}


def _registers() -> Mapping[str, Mapping[str, Any]]:
    return registry.document("registers")


def registers() -> pd.DataFrame:
    """Return the registers: index name; columns clause, zh, en, columns (count)."""
    rows = {
        name: {**{key: row[key] for key in ("clause", "zh", "en")}, "columns": len(row["columns"])}
        for name, row in _registers().items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")


def register_name(name: str, language: Language = "zh") -> str:
    """Return what a reader calls a register."""
    return str(_registers()[name][language])


def register_schema(name: str) -> pd.DataFrame:
    """Return one register's columns: index column; zh, kind, required, choices (joined by ``;``), refers."""
    if name not in _registers():
        raise LabelError(f"no register {name!r}; there are {', '.join(_registers())}")
    rows = {
        column: {"zh": row["zh"], "kind": row["kind"], "required": row["required"],
                 "choices": ";".join(row.get("choices", ())), "refers": row.get("refers", "")}
        for column, row in _registers()[name]["columns"].items()
    }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("column")


def empty_register(name: str) -> pd.DataFrame:
    """Return a register with its columns and no row: what stands until the planner imports one."""
    return pd.DataFrame(columns=list(register_schema(name).index))


def load_register(name: str, rows: pd.DataFrame, *, file: str = "register") -> pd.DataFrame:
    """Return a register from imported rows whose headings are the schema's Chinese or English names.

    Values are checked and typed: numbers float, dates ``date``, flags bool or None; choices may be written in
    Chinese. Raises DataError with every fault at once (row as counted in the file, header row 1).
    """
    return _checked(name, rows, range(2, len(rows) + 2), file)


def read_register(name: str, path: str | Path, *, sheet: str | None = None) -> pd.DataFrame:
    """Read a register from a planner's .xlsx or .csv file, such as table 1 or table 2 once they arrive.

    The file passes the same door as every imported file (size, encoding, formulas, merged cells). Raises
    DataError with every fault at once, by the row of the file.
    """
    file, limits = given(path), container.Limits()
    columns = register_schema(name)
    known = {*columns["zh"], *columns.index}
    container.check_file_itself(file, limits)
    if file.suffix.lower() == ".xlsx":
        table = workbooks.read_workbook(file, lambda heading: heading.strip() in known, limits, sheet)
    elif file.suffix.lower() == ".csv":
        table = delimited.read_delimited(file, lambda heading: heading.strip() in known, limits)
    else:
        found = f"a file ending in {file.suffix!r}"
        raise container.unreadable(file.name, found, ".xlsx or .csv", "Save it as .xlsx.")
    if table.faults:
        raise DataError(table.faults, f"{file.name} cannot be used as the register {name!r}")
    return _checked(name, table.frame, [int(row) for row in table.frame.index], file.name)


def _checked(name: str, rows: pd.DataFrame, numbers: Sequence[int], file: str) -> pd.DataFrame:
    columns = register_schema(name)
    names = {**{row["zh"]: column for column, row in columns.iterrows()}, **{c: c for c in columns.index}}
    frame = rows.rename(columns=lambda heading: names.get(str(heading).strip(), str(heading).strip()))
    faults = list(_heading_faults(frame.columns, columns, file))
    out = {}
    for column, rule in columns.iterrows():
        given = [None] * len(frame)
        if column in frame:
            given = list(frame.loc[:, frame.columns == column].iloc[:, 0])
        typed = []
        for row, value in zip(numbers, given, strict=True):
            ok, clean = _typed(value, rule)
            if not ok and column in frame:
                expected = rule["choices"] or f"a {rule['kind']}"
                faults.append(Fault(file, row, rule["zh"], repr(value), expected, "Correct the cell."))
            typed.append(clean)
        out[column] = typed
    if faults:
        raise DataError(faults, f"{file} cannot be used as the register {name!r}")
    return pd.DataFrame(out, columns=list(columns.index))


def _heading_faults(given: pd.Index, columns: pd.DataFrame, file: str) -> Iterator[Fault]:
    for extra in given.difference(columns.index):
        yield Fault(
            file, 1, str(extra), "an unknown heading", ", ".join(columns["zh"]), "Rename or remove it."
        )
    for column, rule in columns.iterrows():
        count = int((given == column).sum())
        if count > 1:
            yield Fault(file, 1, rule["zh"], f"{count} columns", "one column", "Remove the others.")
        if rule["required"] and not count:
            yield Fault(file, 1, rule["zh"], "no such column", "a required column", "Add it.")


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
        allowed = rule["choices"].split(";")
        code = codes(allowed).get(text, text)
        return code in allowed, code
    return True, text


def with_registers(layers: Layers, filed: Mapping[str, pd.DataFrame]) -> Layers:
    """Return the baseline with registers laid beside it, ready for the rules.

    Each register is a table of its own name, indexed by row; `line_facts` also fills the columns of the lines
    it names, and `equipment` replaces the units of the works of those lines.
    """
    frames: dict[str, Any] = {name: rows for name, rows in filed.items() if name != "equipment"}
    lines = layers["lines"]
    ids = {**{str(n): i for i, n in lines["name_zh"].items()}, **{str(i): i for i in lines.index}}
    if "line_facts" in filed:
        facts = filed["line_facts"].drop_duplicates("line", keep="last")
        facts = facts.assign(line=[ids.get(name) for name in facts["line"]]).dropna(subset="line")
        lines = lines.copy()
        for name in facts.columns.drop("line"):
            given = dict(zip(facts["line"], facts[name], strict=True))
            old = lines[name] if name in lines else pd.Series(None, lines.index, dtype=object)
            new = [given.get(i) for i in lines.index]
            values = [b if a is None or pd.isna(a) else a for a, b in zip(new, old, strict=True)]
            lines[name] = values if name == "process" else pd.to_numeric(pd.Series(values, lines.index))
        frames["lines"] = lines
    if "equipment" in filed:
        rows = filed["equipment"]
        plants = [lines["plant_id"].get(ids.get(name)) for name in rows["line"]]
        rows = rows.assign(plant_id=plants).dropna(subset="plant_id").drop(columns="line")
        rows.index = pd.Index([f"register-{n}" for n in range(len(rows))], name="id")
        old = layers["equipment"] if "equipment" in layers else rows.iloc[:0]
        frames["equipment"] = pd.concat([old[~old["plant_id"].isin(rows["plant_id"])], rows])
    return layers.with_(**frames)
