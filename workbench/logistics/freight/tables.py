"""A planner's own tables of a network: every cell read as planners write it, or one fault for its row."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from workbench.errors import Fault
from workbench.layers.faults import each_row
from workbench.layers.imports.cells import Reading, house_unit, parse_column
from workbench.layers.imports.text import unmarked
from workbench.layers.schema import NETWORK, Field

FIRST_ROW = 2  # as a person counts them: the heading is row 1


def label(value: object) -> str:
    """Write an id as text, nothing invisible in it; a whole number is written as one, whatever its type."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return "" if value is None or value is pd.NA or value != value else unmarked(str(value))


def read_table(kind: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    """Return a table of `kind` (a key of ``layers.schema.NETWORK``) with every declared column parsed.

    Index: the rows' ids as text where the table has an `id`, else as given. Headings may be aliases of the
    schema. Numbers are float (blank: NaN), flags boolean with gaps, other cells text (blank: ""). Columns
    the schema does not know are kept as they are. `frame` stays untouched; faults of all cells are returned.
    """
    schema, known = NETWORK[kind], set(frame.columns)
    names: dict[object, str] = {}
    for name in [name for name in frame.columns if name not in schema.fields]:
        found = schema.find(str(name))
        if found and found.name not in known and found.name not in names.values():
            names[name] = found.name
    out = frame.rename(columns=names)
    if "id" in schema.fields:
        out = out.set_index("id") if "id" in out else out
        out = out.set_axis([label(i) for i in out.index], axis=0).rename_axis("id")
    else:
        out = out.copy()
    faults = [
        Fault(kind, None, name, "no such column", f"a column {name}", "Add the column.")
        for name in schema.required
        if name not in out and name != "id"
    ]
    for field in schema:
        if field.name in out and field.name != "id":
            out[field.name], told = _column(kind, out[field.name], field)
            faults += told
    return out, faults + (_id_faults(kind, out.index) if "id" in schema.fields else [])


def _column(kind: str, values: pd.Series, field: Field) -> tuple[pd.Series, list[Fault]]:
    """Parse one column; one that is a clean column of its type already is kept."""
    number = field.dtype in ("number", "integer")
    if number and values.dtype.kind in "if" and _clean(values.to_numpy(float), field):
        return values.astype(float), []
    if field.dtype == "boolean" and values.dtype == bool:
        return values, []
    if field.refers and not field.allowed:
        return _ids(kind, values, field)
    cells = values.set_axis(range(FIRST_ROW, FIRST_ROW + len(values)), axis=0)
    column = parse_column(kind, cells, field, Reading(unit=house_unit(field), sure=True))
    parsed = column.values.set_axis(values.index)
    if number:
        parsed = parsed.astype("Float64").astype(float)
    elif field.dtype == "text":
        parsed = parsed.where(parsed.notna(), "")
    return parsed, list(column.faults)


def _ids(kind: str, values: pd.Series, field: Field) -> tuple[pd.Series, list[Fault]]:
    """Write ids as `label` writes those they refer to: ``NA`` and ``无`` are ids, not words for unknown."""
    ids = values.map(label).astype(object)
    rows = np.arange(FIRST_ROW, FIRST_ROW + len(ids))[ids.eq("").to_numpy() & field.required]
    mend = "Fill the cell or drop the row."
    found = ["nothing"] * len(rows)
    return ids, each_row(kind, rows, found, field=field.name, expected="a value in every row", mend=mend)


def _clean(numbers: np.ndarray, field: Field) -> bool:
    if np.isnan(numbers).any() and field.required:
        return False
    low = -np.inf if field.min is None else field.min
    high = np.inf if field.max is None else field.max
    known = numbers[~np.isnan(numbers)]
    return bool(np.isfinite(known).all() and (known >= low).all() and (known <= high).all())


def _id_faults(kind: str, ids: pd.Index) -> list[Fault]:
    rows = np.arange(FIRST_ROW, FIRST_ROW + len(ids))
    twice, none = ids.duplicated() & (ids != ""), ids == ""
    return [
        *each_row(
            kind, rows[twice], ids[twice], field="id", expected="each id once", mend="Give it its own id."
        ),
        *each_row(kind, rows[none], ids[none], field="id", expected="an id", mend="Fill the cell."),
    ]


def choose(
    kind: str, field: str, values: pd.Series, allowed: Iterable[str], mend: str = "Use one of these."
) -> list[Fault]:
    """Return one fault for each value (blank ones too) that is not among the allowed."""
    words = list(allowed)
    wrong = ~values.isin(words).to_numpy()
    rows = np.arange(FIRST_ROW, FIRST_ROW + len(values))[wrong]
    said = "an id of the nodes" if len(words) > 12 else " | ".join(words)
    return each_row(kind, rows, values[wrong].tolist(), field=field, expected=said, mend=mend)
