"""A planner's own folder laid over the baseline: layers merged by id, registers beside them."""

from __future__ import annotations

from pathlib import Path

import workbench as wb
from workbench.files import given
from workbench.layers.imports.overlay import has_layers, with_folder


def layers_of(folder: Path | None) -> wb.Layers:
    """Return the baseline with what a folder holds: layers as `workbench data import` writes them, and
    registers as `workbench policy import` does. Raises DataError where the folder holds neither."""
    layers = wb.load()
    if folder is None:
        return layers
    filed = (given(folder) / "registers").is_dir()
    if has_layers(folder) or not filed:
        layers = with_folder(layers, folder)
    return wb.policy.with_registers(layers, wb.policy.read_registers(folder)) if filed else layers
