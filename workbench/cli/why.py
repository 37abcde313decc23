"""`workbench why`, `workbench explain`: why a plan is what it is, and what a number of it is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

import workbench as wb
from workbench.cli.console import err, out, sheet
from workbench.cli.own import layers_of
from workbench.indicators.explain import known_id
from workbench.labels import both
from workbench.reports import why as words_of
from workbench.words import Text, words

_ROWS = 12  # of a number, on the console; the workbook has all
Scene = Annotated[Path | None, typer.Option("--scenario", help="Scenario file; the baseline without it.")]
Trades = Annotated[
    list[str] | None,
    typer.Option("--industry", help="steel, cement, flat_glass or aluminium; repeat for several."),
]
Own = Annotated[Path | None, typer.Option("--data", help="Folder of your own layers.")]
Folder = Annotated[Path | None, typer.Option("--out", help="Folder for a workbook of it.")]


def why(
    line: Annotated[str | None, typer.Argument(help="Id of a line; without one the plan as a whole.")] = None,
    site: Annotated[str | None, typer.Option(help="Also tell of this site.")] = None,
    scenario: Scene = None,
    industry: Trades = None,
    data: Own = None,
    out_dir: Folder = None,
) -> None:
    """Tell why a line leaves or stays, and for this site and not that one, or why the plan is what it is.

    Of a line: what its other fates would cost and what would have to change. Without one: what each clause
    that binds is worth, and plans as good that differ most; where no plan is lawful, which clauses clash, by
    how much, and the least that would free them.
    """
    study = _study(scenario, industry, data)
    if line is None:
        return _plan(study)
    with err.status(_busy("asking")):
        found = study.why(line, site=site)
    _say(words_of.why_sentences(found, study.layers))
    if out_dir:
        _written(words_of.write_why(found, study.kept, out_dir))


def _plan(study: wb.Study) -> None:
    with err.status(_busy("clashing")):
        clash = study.conflicts()
    if len(clash):
        _say([words("reports.why")["no_plan"], *words_of.conflict_sentences(clash)])
        raise typer.Exit(1)
    _say([words("reports.why")["binding"]])
    _show(words_of.binding(study.prices()))
    with err.status(_busy("near")):
        near = study.near()
    _say([words_of.near_sentence(near)])
    if len(near.plans):
        _show(words_of.near_table(near, study.layers))


def explain(
    indicator: Annotated[str, typer.Argument(help="Id of an indicator, such as freight_cost_cny.")],
    scenario: Scene = None,
    industry: Trades = None,
    data: Own = None,
    out_dir: Folder = None,
) -> None:
    """Take a number of the plan apart: the rows it adds up, their legs, assumptions and sources."""
    known_id(indicator)
    study = _study(scenario, industry, data)
    with err.status(_busy("solving")):
        plan = study.plan()
        told = plan.explain(indicator)
    _say(words_of.explain_sentences(told))
    _show(words_of.rows_table(told, _ROWS))
    _show(told.assumptions.reset_index()[["id", "value", "unit", "low", "high", "confidence"]].head(_ROWS))
    if out_dir:
        _written(words_of.write_explanation(told, out_dir))


def _study(scenario: Path | None, industry: list[str] | None, data: Path | None) -> wb.Study:
    chosen = wb.scenarios.load(scenario) if scenario else wb.Scenario.baseline()
    if industry:
        chosen = chosen.with_(industries=tuple(industry))
    layers = layers_of(data)
    wb.scenarios.check(chosen, layers, file=scenario.name if scenario else "scenario")
    return wb.Study.prepare(chosen, layers)


def _busy(key: str) -> str:
    return "{} {} …".format(*words("cli.why")[key])


def _say(told: list[Text]) -> None:
    for zh, en in told:
        out.print(f"{zh}\n{en}", soft_wrap=True)


def _show(frame: pd.DataFrame) -> None:
    out.print(sheet(frame, [both(str(name)) for name in frame.columns]))


def _written(paths: list[Path]) -> None:
    for path in paths:
        out.print(f"已写出 Written: {path}", soft_wrap=True)
