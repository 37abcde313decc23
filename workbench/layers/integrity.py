"""Holds frames to what schema.toml declares: values, references between layers, figures in order.

The baseline is held whole (`check_baseline`); of a planner's file the values are judged cell by cell while it
is parsed (cells.py), so only references and rules across columns are left for here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.errors import Fault
from workbench.layers.catalog import GEODATA, catalogue
from workbench.layers.faults import each_row
from workbench.layers.model import Layers
from workbench.layers.schema import FRAMES, SCHEMAS, TABLES, Field, LayerSchema
from workbench.layers.values import judge, parts_of

Frames = Mapping[str, pd.DataFrame]
_TRUTH = ("true", "false")
_UNIQUE = ("id", "code", "option", "rule")


def check_baseline(layers: Layers, names: Iterable[str] | None = None) -> list[Fault]:
    """Hold layers (all by default) and the tables beside the catalogue to their schema; return every fault.

    Unlike in a user's file every column must be declared, and every reference must be known.
    """
    wanted = {*layers, *TABLES} if names is None else set(names)
    beside = _beside() if wanted & set(TABLES) else []
    frames = {**layers.frames, **{name: frame for name, _, frame in beside}}
    faults = []
    for name in sorted(wanted & set(layers)):
        file = catalogue()[name].file if name in catalogue() else name
        faults += _hold(layers[name].rename_axis("id").reset_index(), file, SCHEMAS.get(name), frames)
    for name, file, frame in beside:
        if name in wanted:
            faults += _hold(frame, file, TABLES[name], frames)
    return sorted(faults, key=lambda fault: (fault.file, fault.row or 0, fault.field))


def check_frame(frame: pd.DataFrame, name: str) -> list[Fault]:
    """Hold a frame that rooms hand on to frames.toml: its index and columns, their order left free.

    `name` as declared, such as ``plan.flows``. Returns every fault. Raises KeyError on an undeclared frame.
    """
    named = any(level is not None for level in frame.index.names)
    return _hold(frame.reset_index(drop=not named), name, FRAMES[name], {})


def _beside() -> list[tuple[str, str, pd.DataFrame]]:
    """Read the tables beside the catalogue: name, file and frame, one entry per file."""
    return [
        (name, path.relative_to(GEODATA).as_posix(), pd.read_csv(path, encoding="utf-8"))
        for name, schema in TABLES.items()
        for path in sorted(Path(GEODATA).glob(schema.file))
    ]


def _hold(frame: pd.DataFrame, file: str, schema: LayerSchema | None, frames: Frames) -> list[Fault]:
    if schema is None:
        return [Fault(file, None, "", "no schema", "a section in schema.toml", "Declare its columns.")]
    frame = frame.set_axis(pd.RangeIndex(2, len(frame) + 2), axis=0)
    columns = [name for name in frame.columns if name != "geometry"]
    faults = [
        Fault(file, None, name, "a column without schema", "a field in schema.toml", "Declare it.")
        for name in columns
        if name not in schema.fields
    ]
    faults += [
        Fault(file, None, name, "no such column", "every declared column", "Add it, or drop the field.")
        for name in schema.fields
        if name not in columns and not (schema.geometry == "point" and name in ("lon", "lat"))
    ]
    for field in schema:
        if field.name in frame:
            faults += check_values(frame[field.name], field, file)
    faults += _hold_rows(frame, file, schema)
    faults += check_references(frame, schema, frames, file, strict=True)
    return faults + check_rules(frame, schema, file)


def _hold_rows(frame: pd.DataFrame, file: str, schema: LayerSchema) -> list[Fault]:
    """Tell ids that stand twice, and shapes that are missing or invalid."""
    key, faults = next(iter(schema)), []
    if key.name in _UNIQUE and key.name in frame:
        twice = frame[key.name][frame[key.name].duplicated(keep=False)]
        faults += _told(file, twice, key, "a value that occurs once", "Number the rows apart.")
    if schema.geometry and "geometry" in frame:
        shapes = frame["geometry"]
        bad = shapes[shapes.isna() | ~shapes.is_valid].map(lambda _: "no valid shape")
        faults += _told(file, bad, key, "a valid shape", "Rebuild the layer.")
    return faults


def check_values(cells: pd.Series, field: Field, file: str) -> list[Fault]:
    """Hold one column (index: row numbers) to its field: filled, of its type, in bounds, allowed."""
    known = _known(cells)
    faults = []
    if field.required:
        gaps = cells[~cells.index.isin(known.index)]
        faults += _told(file, gaps, field, "a value in every row", "Fill the cell.")
    mend = "Correct the value, or what schema.toml declares."
    if field.dtype in ("number", "integer"):
        figures = pd.to_numeric(known, errors="coerce").astype(float)
        faults += _told(file, known[figures.isna()], field, field.expectation, mend)
        return faults + judge(figures, field, file, said=known, mend=mend)
    if field.dtype == "boolean":
        odd = known[~known.astype(str).str.lower().isin(_TRUTH)]
        return faults + _told(file, odd, field, "true or false", mend)
    return faults + judge(known.astype(str), field, file, mend=mend)


def check_references(
    frame: pd.DataFrame, schema: LayerSchema, frames: Frames, file: str, *, strict: bool = False
) -> list[Fault]:
    """Tell values that occur in none of the layers their field refers to, once per value.

    `frames`: the layers to look in; the rows of `frame` count too. `strict` makes every fault an error.
    """
    faults = []
    for field in schema:
        if not field.refers or field.name not in frame or not _present(field, frames):
            continue
        if field.unknown == "own" and not strict:
            continue
        known = set(field.also).union(*_targets(field, frames, frame, schema))
        parts = parts_of(_known(frame[field.name]), field)
        if field.unknown == "own":  # a document may be cited by its title
            parts = parts[~parts.str.contains(" ")]
        odd = parts[~parts.isin(known)]
        rows = odd.index.to_series().groupby(odd.to_numpy()).agg(["first", "size"])
        found = [str(v) if n == 1 else f"{v} in {n} rows" for v, n in rows["size"].items()]
        where = " or ".join(field.refers)
        faults += each_row(
            file, list(rows["first"]), found, field=field.name, expected=f"a value of {where}",
            mend=f"Correct it, or add it to {where} first.",
            severity="error" if strict or field.unknown == "error" else "warning",
        )  # fmt: skip
    return faults


def _present(field: Field, frames: Frames) -> bool:
    return any(target.partition(".")[0] in frames for target in field.refers)


def _targets(field: Field, frames: Frames, own: pd.DataFrame, schema: LayerSchema) -> Iterator[set[str]]:
    for target in field.refers:
        layer, _, column = target.partition(".")
        if layer not in frames:
            continue
        held = frames[layer]
        key = column or (held.columns[0] if layer in TABLES else "id")
        values = held.get(key, held.index)
        yield set(map(str, values))
        if layer == schema.name and key in own:
            yield set(map(str, own[key]))


def check_rules(frame: pd.DataFrame, schema: LayerSchema, file: str) -> list[Fault]:
    """Hold the columns of each row to one another, as `ordered` and `together` of the schema say."""
    faults = []
    for columns in schema.ordered:
        there = [name for name in columns if name in frame]
        figures = frame[there].apply(pd.to_numeric, errors="coerce").astype(float)
        for left, right in pairwise(there):
            wrong = figures[left] > figures[right]
            said = figures[wrong].apply(lambda row, a=left, b=right: f"{row[a]:g} over {row[b]:g}", axis=1)
            expected = f"{left} up to {right}"
            faults += _told(file, said, schema.fields[right], expected, "Correct one of the two.")
    for first, *others in schema.together:
        for other in others:
            if first in frame and other in frame:
                given = frame.index.isin(_known(frame[first]).index)
                gaps = frame[first][given & ~frame.index.isin(_known(frame[other]).index)]
                mend = "Fill it too."
                said = gaps.map(lambda value, name=first: f"{name} {value} alone")
                faults += _told(file, said, schema.fields[other], f"{other} beside {first}", mend)
    return faults


def _known(cells: pd.Series) -> pd.Series:
    return cells[cells.notna() & cells.astype(str).ne("")]


def _told(file: str, cells: Any, field: Field, expected: str, mend: str) -> list[Fault]:
    cells = pd.Series(cells, dtype=object)
    return each_row(file, list(cells.index), list(cells), field=field.name, expected=expected, mend=mend)
