"""`workbench backtest`: how well reasons known in 2014 find the works that closed or moved afterwards."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

import workbench as wb
from workbench.backtests.paper import lever_table, placed, plan_table, ranking_table, section, works_table
from workbench.backtests.run import INDUSTRIES
from workbench.cli.console import out, stages, table
from workbench.errors import DataError, Fault
from workbench.words import words

STEPS, TEXT = words("cli.steps"), words("backtests.text")
# Told in docs/backtests.md one by one, whether they ended or not.
EXPLAINED = ("ST03", "ST07", "ST04", "ST06", "AL04", "AL01", "AL02", "AL05")


def backtest(
    industry: Annotated[
        list[str] | None, typer.Option(help="steel, cement, flat_glass or aluminium; repeat for several.")
    ] = None,
    until: Annotated[
        int | None,
        typer.Option(min=2014, help="Count only what ended by this year; without it, to this day."),
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Page to put the tables into, between its two marks; both horizons.")
    ] = None,
) -> None:
    """Hold rankings of 2014 to what became of works; nothing is gated on it, and no outcome is an input."""
    timings: dict[str, float] = {}
    chosen = tuple(industry or INDUSTRIES)
    wb.scenarios.check(wb.Scenario.baseline().with_(industries=chosen), wb.load(), file="--industry")
    page = None if write is None else _page(write)
    horizons = (None, 2018) if write is not None else (until,)
    with stages(timings) as step:
        step(*STEPS["backtest"])
        log = logging.getLogger("workbench").info
        evidence = wb.backtests.gather(industries=chosen, progress=log)
        tests = {year: wb.backtests.hold(evidence, until=year) for year in horizons}
    for year, test in tests.items():
        out.print(f"\n{title(year)}", soft_wrap=True)
        for frame in (ranking_table(test), plan_table(test), lever_table(test), works_table(test)):
            out.print(_shown(frame))
    if page is not None and write is not None:
        text = "\n\n".join(
            section(test, title(year), () if year else EXPLAINED) for year, test in tests.items()
        )
        write.write_text(placed(page, text), encoding="utf-8", newline="\n")
        out.print(f"已写入 Written: {write}", soft_wrap=True)


def title(until: int | None) -> str:
    """Say up to when what ended is counted."""
    pair = TEXT["later"] if until is None else tuple(text.format(year=until) for text in TEXT["until"])
    return " ".join(pair)


def _page(path: Path) -> str:
    """Read the page before any work is done. Raises DataError where it cannot be written into."""
    try:
        page = path.read_text(encoding="utf-8")
        placed(page, "")
    except (OSError, ValueError) as error:
        mend = "Name a page that exists and holds both marks, as docs/backtests.md does."
        raise DataError(
            [Fault(str(path), None, "--write", str(error), "a page with its marks", mend)]
        ) from None
    return page


def _shown(frame: pd.DataFrame) -> object:
    return table(map(str, frame.columns), (map(str, row) for row in frame.to_numpy()))
