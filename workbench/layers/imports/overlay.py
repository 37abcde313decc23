"""Lay a folder of a planner's own layers over the baseline."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import DataError, Fault
from workbench.files import given
from workbench.layers.imports.alike import kept_answers
from workbench.layers.imports.door import ImportOptions
from workbench.layers.imports.merge import propose
from workbench.layers.imports.user_files import check_file
from workbench.layers.model import Layers
from workbench.layers.schema import SCHEMAS

ENDINGS = {".csv", ".geojson"}


def with_folder(layers: Layers, folder: str | Path) -> Layers:
    """Return the baseline with every ``<layer>.csv`` or ``<layer>.geojson`` of a folder merged in by id.

    Such files are what `save_layer` and ``workbench data import`` write; ``answers.csv`` beside them says
    which items are new although a known one is like them (see alike.py). Raises DataError with the faults of
    all files at once, or when the folder holds no layer.
    """
    folder = given(folder)
    files = sorted(path for path in folder.glob("*") if path.suffix in ENDINGS and path.stem in SCHEMAS)
    if not files:
        expected = "a folder with files such as plants.csv"
        mend = "Write one with `workbench data import`."
        raise DataError([Fault(str(folder), None, "", "no layer", expected, mend)])
    faults: list[Fault] = []
    answers = kept_answers(folder)
    for path in sorted(files, key=lambda path: (_depth(path.stem), path.name)):
        options = ImportOptions(same=dict(answers))
        report = check_file(path, path.stem, crs="WGS-84", baseline=layers, options=options)
        faults += report.errors
        if report.ok:
            layers = propose(layers, report.kind, report.usable()).confirm()
    if faults:
        raise DataError(faults, f"{folder} cannot be laid over the baseline")
    return layers


def _depth(kind: str) -> int:
    """Count the layers a layer leans on one above the other, so that plants come before their lines."""
    parents = {
        target.partition(".")[0]
        for field in SCHEMAS[kind]
        if field.unknown == "error"
        for target in field.refers
    } - {kind}
    return 1 + max((_depth(parent) for parent in parents), default=0)
