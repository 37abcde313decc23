"""Lay a folder of a planner's own layers over the baseline."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from workbench.errors import DataError, Fault
from workbench.files import given
from workbench.layers.imports.answers import KEPT, NEW, kept_answers
from workbench.layers.imports.door import ImportOptions
from workbench.layers.imports.merge import is_blank, propose, save_layer
from workbench.layers.imports.user_files import check_file
from workbench.layers.model import Layers
from workbench.layers.schema import SCHEMAS

ENDINGS = {".csv", ".geojson"}


def with_folder(layers: Layers, folder: str | Path) -> Layers:
    """Return the baseline with every ``<layer>.csv`` or ``<layer>.geojson`` of a folder merged in by id.

    Such files are what `save_layer` and ``workbench data import`` write; ``answers.csv`` beside them says
    which items are new although a known one is like them (answers.py). Raises DataError with the faults of
    all files at once, or when the folder holds no layer.
    """
    return _laid_over(layers, folder)[0]


def has_layers(folder: str | Path) -> bool:
    """Tell whether a folder holds layers of a planner's own."""
    return bool(_files(given(folder)))


def keep_rows(frame: pd.DataFrame | gpd.GeoDataFrame, kind: str, layers: Layers, folder: str | Path) -> Path:
    """Add checked rows to those a folder keeps of their layer, cell by cell; return the file written.

    Nothing kept before is lost: rows of other ids stay, and a blank cell never erases. `layers`: the baseline
    below the folder.
    """
    kept = _laid_over(layers, folder)[1].get(kind) if has_layers(folder) else None
    if kept is not None:
        again = frame.index.intersection(kept.index)
        frame = frame.copy()
        for column in [name for name in frame if name != "geometry"]:
            gaps = again[is_blank(frame.loc[again, column])]
            values = frame[column].astype(object)
            values.loc[gaps] = kept.loc[gaps, column].astype(object)
            frame[column] = values
        others = kept.loc[kept.index.difference(frame.index)]
        rows = [pd.DataFrame(part).astype(object) for part in (others, frame) if len(part)]
        frame = pd.concat(rows).sort_index().rename_axis("id")
        if isinstance(kept, gpd.GeoDataFrame):
            frame = gpd.GeoDataFrame(frame, geometry="geometry", crs=kept.crs)
    return save_layer(frame, kind, Path(folder))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in ENDINGS and path.stem in SCHEMAS)


def _laid_over(layers: Layers, folder: str | Path) -> tuple[Layers, dict[str, pd.DataFrame]]:
    """Return the layers with those of a folder laid over them, and the rows the folder holds by layer."""
    folder = given(folder)
    files = _files(folder)
    if not files:
        expected = "a folder with files such as plants.csv"
        mend = "Write one with `workbench data import`."
        raise DataError([Fault(str(folder), None, "", "no layer", expected, mend)])
    faults: list[Fault] = []
    kept: dict[str, pd.DataFrame] = {}
    answers, told = _answers(folder, layers)
    faults += told
    for path in sorted(files, key=lambda path: (_depth(path.stem), path.name)):
        mine = layers[path.stem].index if path.stem in layers else ()
        meant = {key: known for key, known in answers.items() if known == NEW or known in mine}
        # where the answers themselves are at fault, asking again would only hide it
        options = ImportOptions(same="no" if told else meant)
        report = check_file(path, path.stem, crs="WGS-84", baseline=layers, options=options)
        faults += report.errors
        if report.ok:
            kept[report.kind] = report.usable()
            layers = propose(layers, report.kind, report.usable()).confirm()
    if faults:
        raise DataError(faults, f"{folder} cannot be laid over the baseline")
    return layers, kept


def _answers(folder: Path, layers: Layers) -> tuple[dict[str, str], list[Fault]]:
    """Return the answers kept in a folder, and what is wrong with them."""
    try:
        answers = kept_answers(folder)
    except DataError as error:
        return {}, list(error.faults)
    known = {NEW, *(str(label) for frame in layers.frames.values() for label in frame.index)}
    mend = "Correct the id, or answer no."
    return answers, [
        Fault(KEPT, None, "known", f"{key} answered to be {label}", "an id of one of the layers", mend)
        for key, label in answers.items()
        if label not in known
    ]


def _depth(kind: str) -> int:
    """Count the layers a layer leans on one above the other, so that plants come before their lines."""
    parents = {
        target.partition(".")[0]
        for field in SCHEMAS[kind]
        if field.unknown == "error"
        for target in field.refers
    } - {kind}
    return 1 + max((_depth(parent) for parent in parents), default=0)
