"""Registers the policy asks for and no public source fills: a schema, a check of every row, no rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.errors import DataError, Fault, LabelError
from workbench.files import given
from workbench.layers import Layers
from workbench.layers.imports import container, delimited, workbooks
from workbench.layers.imports.cells import Reading, parse_column
from workbench.layers.schema import Field, FieldType
from workbench.policy import registry
from workbench.policy.view import Grounded
from workbench.records import LARGEST
from workbench.words import Language, words

# What a planner writes for a coded choice.
_CHOICES = {**words("policy.industries"), **words("policy.choices")}


FLAGS = ("是", "否")
_DTYPES: Mapping[str, FieldType] = {"number": "number", "year": "integer", "flag": "boolean", "date": "date"}


def choice_names(choices: Iterable[str]) -> list[str]:
    """Return what a planner reads for the choices of a column."""
    return [_CHOICES.get(code, (code,))[0] for code in choices]


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
    """Return one register's columns: index column; zh, kind, required, choices (joined by ``;``), refers,
    min and max (of numbers)."""
    if name not in _registers():
        raise LabelError(f"no register {name!r}; there are {', '.join(_registers())}")
    rows = {
        column: {"zh": row["zh"], "kind": row["kind"], "required": row["required"],
                 "choices": ";".join(row.get("choices", ())), "refers": row.get("refers", ""),
                 "min": row.get("min", 0.0), "max": row.get("max", LARGEST)}
        for column, row in _registers()[name]["columns"].items()
    }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("column")


def empty_register(name: str) -> pd.DataFrame:
    """Return a register with its columns and no row: what stands until the planner imports one."""
    return pd.DataFrame(columns=list(register_schema(name).index))


def load_register(name: str, rows: pd.DataFrame, *, file: str = "register") -> pd.DataFrame:
    """Return a register from imported rows whose headings are the schema's Chinese or English names.

    Cells are read as those of a layer: numbers and years become float, dates ``date``, flags bool, words for
    unknown None; choices may be written in Chinese; a range or a hedged figure is no figure. Raises DataError
    with every fault at once (row as counted in the file, header row 1).
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
    out: dict[str, list[Any]] = {}
    for column, rule in columns.iterrows():
        out[column] = [None] * len(frame)
        if column in frame:
            given = frame.loc[:, frame.columns == column].iloc[:, 0]
            cells = pd.Series(list(given), index=list(numbers), dtype=object)
            out[column], wrong = _read(file, cells, rule)
            faults += wrong
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


def _field(rule: Any) -> Field:
    """Return a register's column as a layer's would be declared, so that both read their cells alike."""
    kind, choices = rule["kind"], tuple(filter(None, rule["choices"].split(";")))
    low, high = (rule["min"], rule["max"]) if kind == "number" else (None, None)
    unit = "year" if kind == "year" else ""
    return Field(rule["zh"], _DTYPES.get(kind, "text"), unit, rule["required"], low, high, choices)


def _read(file: str, cells: pd.Series, rule: Any) -> tuple[list[Any], list[Fault]]:
    """Return a column as the rules read it, None where nothing is known, and every fault of its cells."""
    field = _field(rule)
    read = parse_column(file, cells, field, Reading(words=codes(field.allowed), sure=True))
    type_ = {"number": float, "year": float, "flag": bool}.get(rule["kind"], lambda value: value)
    said = f"one of {', '.join(choice_names(field.allowed))}"  # the words of the template, not our codes
    faults = [
        replace(fault, expected=said, mend="Correct the cell.")
        if field.allowed and fault.expected == field.expectation
        else fault
        for fault in read.faults
    ]
    return [None if pd.isna(value) else type_(value) for value in read.values], faults


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


def read_registers(path: str | Path) -> dict[str, pd.DataFrame]:
    """Read every filled sheet of a workbook made from the template, or a folder's ``registers``.

    Result: name -> rows as `load_register` types them; sheets without a row are left out. Raises DataError
    with the faults of all sheets at once, or where nothing is filled.
    """
    place = given(path)
    if place.is_dir():
        folder = place / "registers" if (place / "registers").is_dir() else place
        parts: dict[str, tuple[Path, str | None]] = {
            file.stem: (file, None) for file in sorted(folder.glob("*.csv")) if file.stem in _registers()
        }
    else:
        titles = {str(row["zh"])[:31]: name for name, row in _registers().items()}
        parts = {titles[t]: (place, t) for t in workbooks.sheet_names(place) if t in titles}
    found, faults = {}, []
    for name, (file, sheet) in parts.items():
        try:
            rows = read_register(name, file, sheet=sheet)
        except DataError as error:
            where = file.name if sheet is None else f"{file.name} {sheet}"
            faults += [replace(f, file=where) for f in error.faults if not _blank(f)]
            continue
        if len(rows):
            found[name] = rows
    if faults:
        raise DataError(faults, f"{place.name} cannot be imported")
    if not found:
        mend = "Fill a sheet of the template: `workbench policy template`."
        raise DataError([Fault(place.name, None, "", "no filled register", "at least one row", mend)])
    return found


def _blank(fault: Fault) -> bool:
    """Say whether a fault only tells that a sheet of the template was left empty."""
    return "without rows" in fault.found


def unknown_names(filed: Mapping[str, pd.DataFrame], layers: Layers) -> list[Fault]:
    """Return a fault for each cell that names a line, prefecture or duty nobody knows."""
    lines = layers["lines"]
    known = {
        "line": {*map(str, lines.index), *lines["name_zh"].dropna().astype(str)},
        "prefecture": set(layers["prefectures"]["prefecture_zh"].astype(str)),
        "duty": set(registry.table("duties")["id"]),
    }
    found = []
    for name, rows in filed.items():
        schema = register_schema(name)
        for column in schema.index[schema["refers"].isin(list(known))]:
            rule = schema.loc[column]
            for row, value in enumerate(rows[column], start=2):
                if value is not None and str(value) not in known[rule["refers"]]:
                    near = get_close_matches(str(value), known[rule["refers"]], n=1)
                    mend = f"Did you mean {near[0]}?" if near else "Write it as the drop-down does."
                    expected = f"a known {rule['refers']}"
                    found.append(Fault(register_name(name), row, rule["zh"], str(value), expected, mend))
    return found


def differences(filed: Mapping[str, pd.DataFrame], plan: Grounded) -> pd.DataFrame:
    """Compare what is filed with a plan: columns register, name, filed, plan.

    Told: lines of table 1 the plan keeps, declared capacity unlike the plan's, projects of table 2 in places
    where the plan builds nothing and builds it does not list, workers placed unlike those displaced.
    """
    lines = plan.layers["lines"]
    ids = {**{str(n): i for i, n in lines["name_zh"].items()}, **{str(i): i for i in lines.index}}
    decided, rows = plan.decisions, []

    def line(name: object) -> Any:
        id = ids.get(str(name))
        return decided.loc[id] if id in decided.index else None

    for row in filed.get("elimination_2014", pd.DataFrame()).to_dict("records"):
        own = line(row["equipment_zh"])
        if own is not None and own["decision"] == "keep":
            rows.append(("elimination_2014", row["equipment_zh"], "close", "keep"))
    for row in filed.get("declared", pd.DataFrame()).to_dict("records"):
        own = line(row["line"])
        if own is not None and abs(row["declared_kt"] - own["capacity_kt"]) > 1e-6:
            rows.append(("declared", row["line"], f"{row['declared_kt']:g} kt", f"{own['capacity_kt']:g} kt"))
    placed = filed.get("placements", pd.DataFrame(columns=["line", "placed"]))
    for name, count in placed.groupby("line")["placed"].sum().items():
        own = line(name)
        jobs = 0.0 if own is None else float(own.get("displaced_jobs", 0.0))
        if abs(count - jobs) >= 1:
            rows.append(("placements", name, f"{count:g}", f"{jobs:.0f}"))
    if "projects_2014" in filed:
        listed = set(
            zip(filed["projects_2014"]["prefecture_zh"], filed["projects_2014"]["industry"], strict=True)
        )
        built = set(zip(plan.builds["prefecture_zh"], plan.builds["industry"], strict=True))
        rows += [("projects_2014", f"{p} {i}", "project", "none") for p, i in sorted(listed - built)]
        rows += [("projects_2014", f"{p} {i}", "none", "build") for p, i in sorted(built - listed)]
    return pd.DataFrame(rows, columns=["register", "name", "filed", "plan"])
