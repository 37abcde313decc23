"""`workbench trade`: what two objectives trade, point by point, as a table, a workbook and a chart."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

import workbench as wb
from workbench.cli.console import err, number, out, table
from workbench.labels import both
from workbench.layers.imports.overlay import with_folder
from workbench.relocation.trade import Front
from workbench.reports.swap import reserved
from workbench.reports.trade import sentences, trade_table, write_trade
from workbench.words import words


def trade(
    between: Annotated[
        list[str] | None, typer.Option(help="Two of cost, co2, jobs; the first is minimised first.")
    ] = None,
    points: Annotated[int, typer.Option(help="How many bounds to try on the second.")] = 11,
    scenario: Annotated[Path | None, typer.Option(help="Scenario file; the baseline without it.")] = None,
    industry: Annotated[
        list[str] | None, typer.Option(help="steel, cement, flat_glass or aluminium; repeat for several.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of your own layers.")] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Folder for trade.xlsx and trade.png.")
    ] = None,
) -> None:
    """Weigh two objectives: lawful plans of which none is better in both, and what each step costs."""
    chosen = wb.scenarios.load(scenario) if scenario else wb.Scenario.baseline()
    if industry:
        chosen = chosen.with_(industries=tuple(industry))
    with reserved(out_dir) if out_dir else nullcontext():
        layers = with_folder(wb.load(), data) if data else wb.load()
        wb.scenarios.check(chosen, layers, file=scenario.name if scenario else "scenario")
        zh, en = words("cli.trade")["solving"]
        with err.status(f"{zh} {en} …") as status:
            front = wb.Study.prepare(chosen, layers).pareto(
                tuple(between or ("cost", "co2")),
                points=points,
                progress=lambda count: status.update(f"{zh} {en} … {count}"),
            )
        out.print(_console(front))
        for text in (side for told in sentences(front) for side in told):
            out.print(text, soft_wrap=True)
        for path in write_trade(front, out_dir) if out_dir else ():
            out.print(f"已写出 Written: {path}", soft_wrap=True)


def _console(front: Front) -> object:
    ids = [", ".join(plan.decisions.index[plan.decisions["decision"] != "keep"]) for plan in front.plans]
    narrow = trade_table(front).drop(columns="built").assign(leaves=ids)  # names are in the workbook
    titles = tuple(both(str(name)) for name in narrow.columns)
    numbers = tuple(range(1, len(titles) - 1))
    rows = (
        [number(cell) if place in numbers else str(cell) for place, cell in enumerate(row)]
        for row in narrow.to_numpy()
    )
    return table(titles, rows, numbers=numbers)
