"""`workbench policy`: the clauses, the year's targets and duties, the screening and the work plan."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

import workbench as wb
from workbench.cli.console import number, out, table
from workbench.labels import both
from workbench.layers.imports.overlay import with_folder

policy = typer.Typer(no_args_is_help=True, help="The policy's clauses. 政策条款。")

Day = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day deadlines are read at.")]
Data = Annotated[
    Path | None, typer.Option(help="Folder of your own layers, as written by `workbench data import`.")
]
_START = datetime(2014, 2, 22)  # the day of the opinion
_ANSWERS = {"fail": "不符合 fail", "unknown": "待核实 unknown", "pass": "符合 pass"}
_STATUS = {"done": "已完成", "overdue": "逾期", "open": "进行中", "standing": "长期"}


@policy.command()
def coverage() -> None:
    """Print, for each of the 78 clauses, what implements it and the test that proves it."""
    frame = wb.policy.coverage().reset_index()
    out.print(table([str(name) for name in frame.columns], frame.itertuples(index=False)))


@policy.command()
def clause(number: Annotated[str, typer.Argument(help="Such as P24.")]) -> None:
    """Print one clause: summary, numbers, deadline and agencies."""
    found = wb.policy.clause(number.upper())
    rows = ((name, value) for name, value in vars(found).items() if value not in ("", (), None))
    out.print(table(("", found.id), rows))


@policy.command()
def duties(on: Day = _START) -> None:
    """Print who leads and supports what by when, and what is overdue on a day."""
    frame = wb.policy.duties(on.date())
    rows = (
        (
            row["clause"],
            f"{row['zh']}\n{row['en']}",
            row["lead_zh"],
            row["support_zh"],
            row["due"] or "—",
            f"{_STATUS[row['status']]} {row['status']}",
        )
        for row in frame.to_dict("records")
    )
    out.print(
        table(("条款 Clause", "任务 Duty", "牵头 Lead", "配合 Support", "时限 Due", "状态 Status"), rows)
    )


@policy.command()
def targets() -> None:
    """Print the targets of 2014 and of the five years, in the units of the text."""
    frame = wb.policy.targets()
    rows = (
        (
            row["clause"],
            both(row["industry"]),
            row["measure"],
            row["horizon"],
            f"{row['sign']} {number(row['value'])} {row['unit']}",
        )
        for row in frame.to_dict("records")
    )
    out.print(table(("条款 Clause", "行业 Industry", "指标 Measure", "期限 Horizon", "目标 Target"), rows))


@policy.command()
def screen(
    on: Day = _START,
    data: Data = None,
    every: Annotated[bool, typer.Option("--all", help="List lines that pass too.")] = False,
) -> None:
    """Screen every line for obsolete equipment; a missing figure is unknown, never a pass."""
    layers = _layers(data)
    found = wb.policy.worst(wb.policy.screen(layers, on=on.date()))
    counts = found["verdict"].value_counts()
    shown = found if every else found[found["verdict"] != "pass"]
    out.print(
        table(("生产线 Line", "名称 Name", "结论 Verdict", "条款 Clauses"), _screened(shown, layers.lines))
    )
    out.print("　".join(f"{words}: {counts.get(answer, 0)}" for answer, words in _ANSWERS.items()))


def _screened(found: pd.DataFrame, lines: pd.DataFrame) -> list[tuple[object, ...]]:
    names = lines["name_zh"].to_dict()
    return [
        (id, names.get(id, ""), _ANSWERS[row["verdict"]], row["clauses"])
        for id, row in zip(found.index, found.to_dict("records"), strict=True)
    ]


@policy.command()
def plan(
    out_file: Annotated[Path, typer.Option("--out", help="Ends in .docx or .xlsx.")] = Path("work_plan.docx"),
    on: Day = _START,
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario whose plan is filed with it; the duties alone without.")
    ] = None,
    data: Data = None,
) -> None:
    """Write the annual work plan of 2014 in the form of the policy's annex, in Chinese."""
    from workbench.reports.annual_plan import annual_plan, write_annual_plan

    layers = _layers(data)
    made = None if scenario is None else wb.plan(wb.scenarios.load(scenario), layers)
    day: date = on.date()
    path = write_annual_plan(annual_plan(made, on=day, layers=layers), out_file)
    out.print(f"已写出 Written: {path}", soft_wrap=True)


def _layers(folder: Path | None) -> wb.Layers:
    return with_folder(wb.load(), folder) if folder else wb.load()
