"""`workbench surplus`: the zone's surplus as a band, what swings it, and what it asks of the zone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

import workbench as wb
from workbench.cli.console import amount, out, table
from workbench.cli.own import layers_of
from workbench.labels import both
from workbench.region.surplus import Surplus
from workbench.reports.surplus import band_table, sentence, swing_table


def surplus(
    industry: Annotated[str, typer.Option(help="steel, cement, flat_glass or aluminium.")] = "cement",
    scenario: Annotated[Path | None, typer.Option(help="Scenario file; the baseline without it.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of your own layers, as written by `workbench data import`.")
    ] = None,
) -> None:
    """Tell how much capacity of the Chengdu zone is surplus, how sure that is, and what must leave (P24)."""
    chosen = wb.scenarios.load(scenario) if scenario else wb.Scenario.baseline()
    chosen = chosen.with_(industries=(industry,))
    layers = layers_of(data)
    wb.scenarios.check(chosen, layers, file=scenario.name if scenario else "scenario")
    band = wb.surplus_band(chosen, layers, industry)
    show(band)
    out.print(_table("摆动因素 What swings it", swing_table(band)))


def show(band: Surplus) -> None:
    """Print the band as a table and in a sentence."""
    out.print(_table("过剩口径 Reading", band_table(band)))
    for text in sentence(band):
        out.print(text, soft_wrap=True)


def _table(first: str, frame: pd.DataFrame) -> object:
    names = [str(name) for name in frame.columns[1:]]
    rows = ([str(head), *map(amount, names, values)] for head, *values in frame.to_numpy())
    return table((first, *map(both, names)), rows, numbers=tuple(range(1, len(names) + 1)))
