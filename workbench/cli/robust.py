"""`workbench robust`: the best plan in many futures: how often it pays, what each clause survives."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

import workbench as wb
from workbench.cli.console import err, out, sheet
from workbench.cli.own import layers_of
from workbench.reports.swap import reserved
from workbench.robust.paper import (
    clause_table,
    headed,
    indicator_table,
    regret_table,
    sentences,
    write_robust,
)
from workbench.words import words

_COMPARED = ("plan", "regret_max", "best_share", "pays_share", "lawful_share", "satisfied_share")
_ROWS = 8  # clauses on the console; the workbook has all


def robust(
    samples: Annotated[int, typer.Option(min=1, help="How many futures to draw.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 0,
    over: Annotated[
        list[str] | None,
        typer.Option(help="Id of an assumption to draw; repeat. All the plan reads without."),
    ] = None,
    against: Annotated[
        list[Path] | None, typer.Option(help="Scenario file of another plan to compare; repeat.")
    ] = None,
    sobol: Annotated[
        int,
        typer.Option(min=0, help="Also Sobol's indices of --over, on so many points (256): which decides."),
    ] = 0,
    scenario: Annotated[Path | None, typer.Option(help="Scenario file; the baseline without it.")] = None,
    industry: Annotated[
        list[str] | None, typer.Option(help="steel, cement, flat_glass or aluminium; repeat for several.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of your own layers.")] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Folder for robust.xlsx and robust.png.")
    ] = None,
) -> None:
    """Judge the best plan in futures drawn over the ranges of the assumptions.

    The plan stays as it is; prices, demand and what the law asks differ in each future. With --against the
    plans of other scenarios are judged beside it, under the same futures and this scenario's law and prices.
    Ctrl-C stops, and nothing is written.
    """
    chosen = wb.scenarios.load(scenario) if scenario else wb.Scenario.baseline()
    if industry:
        chosen = chosen.with_(industries=tuple(industry))
    text = words("cli.robust")
    with reserved(out_dir) if out_dir else nullcontext():
        layers = layers_of(data)
        wb.scenarios.check(chosen, layers, file=scenario.name if scenario else "scenario")
        others = [(path.name, wb.scenarios.load(path)) for path in against or ()]
        for name, other in others:
            wb.scenarios.check(other, layers, file=name)
        with err.status("{} {} …".format(*text["solving"])) as status:
            plans = {chosen.name: wb.Study.prepare(chosen, layers).plan()}
            for name, other in others:
                title = name if other.name in plans else other.name
                plans[title] = wb.Study.prepare(other, layers).plan()
            busy = "{} {} …".format(*text["futures"])
            several = wb.robust.regret(
                plans, samples, seed, over=over,
                progress=lambda done, of: status.update(f"{busy} {done}/{of}"),
            )  # fmt: skip
            decides = None
            if sobol:
                decides = wb.robust.sobol(
                    plans[chosen.name], over or (), sobol, seed,
                    progress=lambda done, of: status.update(f"Sobol {done}/{of}"),
                )  # fmt: skip
        found = several.plans[chosen.name]
        compared = several if others else None
        _show(indicator_table(found)[["id", "unit", "central", "p05", "median", "p95"]])
        columns = ["clause", "row", "industry", "place", "holds_share", "short_share", "over_share"]
        _show(clause_table(found)[columns].head(_ROWS))
        if compared:
            _show(regret_table(compared)[list(_COMPARED)])
        if decides is not None:
            _show(decides.reset_index())
        for zh, en in sentences(found):
            out.print(f"{zh}\n{en}", soft_wrap=True)
        for path in write_robust(found, out_dir, compared, decides) if out_dir else ():
            out.print(f"已写出 Written: {path}", soft_wrap=True)


def _show(frame: pd.DataFrame) -> None:
    out.print(sheet(frame, headed(frame).columns))
