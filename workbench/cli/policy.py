"""`workbench policy`: the clauses, the year's targets and duties, the screening and the work plan."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.table import Table

import workbench as wb
from workbench.cli import office, own
from workbench.cli.console import number, out, table
from workbench.cli.ledger import ledger, record
from workbench.errors import DataError
from workbench.labels import both
from workbench.policy import cases, register_files

policy = typer.Typer(no_args_is_help=True, help="The policy's clauses. 政策条款。")

Day = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day deadlines are read at.")]
Data = Annotated[
    Path | None, typer.Option(help="Folder of your own layers, as written by `workbench data import`.")
]
_START = datetime(2014, 2, 22)  # the day of the opinion
_ANSWERS = {"fail": "不符合 fail", "unknown": "待核实 unknown", "pass": "符合 pass"}
_STATUS = {"done": "已完成", "overdue": "逾期", "open": "进行中", "standing": "长期"}


for _command in (ledger, record, *office.COMMANDS):
    policy.command()(_command)


@policy.command()
def coverage() -> None:
    """Print, for each of the 78 clauses, whether it is judged from our data or needs a file, and where."""
    names = wb.policy.registers()["zh"]
    states = {"real": "可核对 real", "needs a file": "需要文件 needs a file"}
    rows = (
        (
            id,
            f"{row['zh']}",
            states[row["state"]],
            "、".join(names[name] for name in row["needs"].split(";") if name) or "—",
            row["reached_from"].replace(";", "\n"),
            row["cannot_fail_zh"],
        )
        for id, row in wb.policy.coverage().iterrows()
    )
    titles = ("条款 Clause", "要求 Asks", "状态 State", "所需文件 File", "入口 Reached from", "说明 Note")
    out.print(table(titles, rows))


@policy.command()
def check(
    case: Annotated[Path, typer.Argument(help="A case (.toml), or a folder of cases.")],
    data: Data = None,
    every: Annotated[
        bool, typer.Option("--all", help="Print every verdict of a case, not only those expected.")
    ] = False,
) -> None:
    """Judge cases written as plain text: a day, units, a plan and the verdicts the text asks for."""
    layers, wrong, count = _layers(data), 0, 0
    for path in cases.case_files(case):
        out.print(path.stem)
        for read in cases.read_cases(path):
            outcomes, rows = cases.run_case(read, layers, name=read.title)
            bad = [o for o in outcomes if not o.agrees]
            out.print(f"  {'✗' if bad else '✓'} {read.title}")
            for o in bad:
                out.print(f"      {o.item}　应为 expected {_said(o.expected)}　结论 found {_said(o.found)}")
            if every:
                out.print(_verdict_table(rows))
            wrong, count = wrong + bool(bad), count + 1
    out.print(f"案例 Cases: {count}　不一致 Disagreements: {wrong}")
    if wrong:
        raise typer.Exit(1)


def _said(verdict: str) -> str:
    return _ANSWERS.get(verdict, verdict)


def _verdict_table(rows: pd.DataFrame) -> Table:
    names = wb.policy.registers()["zh"]
    shown = (
        (
            r["clause"], f"{r['zh']}\n{r['en']}", _said(r["verdict"]),
            f"{number(r['amount'])} {r['sign']} {number(r['limit'])} {r['unit']}",
            "；".join(r["evidence"]) + (f"（需：{names[r['cure']]}）" if r["cure"] else ""),
        )
        for r in rows.to_dict("records")
    )  # fmt: skip
    return table(("条款 Clause", "事项 Item", "结论 Verdict", "数量 Amount", "依据 Evidence"), shown)


@policy.command()
def clause(number: Annotated[str, typer.Argument(help="Such as P24.")]) -> None:
    """Print one clause: summary, numbers, deadline and agencies."""
    found = wb.policy.clause(number.upper())
    rows = ((name, value) for name, value in vars(found).items() if value not in ("", (), None))
    out.print(table(("", found.id), rows))


@policy.command()
def duties(
    on: Day = _START,
    agency: Annotated[str | None, typer.Option(help="One agency's own agenda, such as 经信.")] = None,
) -> None:
    """Print who leads and supports what by when, and what is overdue on a day; or one agency's agenda."""
    frame = wb.policy.duties(on.date()) if agency is None else wb.policy.agenda(agency, on.date())
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


@policy.command()
def template(
    file: Annotated[Path, typer.Argument(help="Ends in .xlsx.")] = Path("台账模板.xlsx"),
) -> None:
    """Write the registers of the policy as one Chinese workbook with drop-downs, to fill and import."""
    from workbench.reports.registers import write_template

    out.print(f"已写出 Written: {write_template(file, wb.load())}", soft_wrap=True)


@policy.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The filled template (.xlsx).")],
    into: Annotated[Path, typer.Option(help="Folder of your own data, for --data.")] = Path("own"),
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario whose plan the rows are compared with.")
    ] = None,
) -> None:
    """Check the filled registers, keep them in a folder, and tell where they differ from a plan."""
    from workbench.reports.registers import keep_register

    layers = wb.load()
    filed = wb.policy.read_registers(file)
    if wrong := register_files.unknown_names(filed, layers):
        raise DataError(wrong, f"{file.name} names what nobody knows")
    for name, rows in filed.items():
        path = keep_register(name, rows, into)
        out.print(
            f"已导入 Imported: {register_files.register_name(name)} {len(rows)} → {path}", soft_wrap=True
        )
    if scenario is not None:
        _tell_differences(filed, wb.plan(wb.scenarios.load(scenario), own.layers_of(into)))


def _tell_differences(filed: dict[str, pd.DataFrame], made: Any) -> None:
    rows = wb.policy.differences(filed, made)
    shown = [
        (register_files.register_name(r["register"]), r["name"], both(r["filed"]), both(r["plan"]))
        for r in rows.to_dict("records")
    ]
    out.print(f"与方案不一致 Differences from the plan: {len(shown)}")
    out.print(table(("台账 Register", "名称 Name", "填报 Filed", "方案 Plan"), shown))


@policy.command()
def status(data: Data = None) -> None:
    """Tell which registers have come, which clauses they answer and which still wait."""
    layers = _layers(data)
    coverage = wb.policy.coverage()
    rows = []
    for name, entry in wb.policy.registers().iterrows():
        came = len(layers[name]) if name in layers and name != "equipment" else 0
        answers = [c for c, needs in coverage["needs"].items() if name in needs.split(";")]
        rows.append((entry["zh"], entry["en"], came or "—", "、".join(answers) or entry["clause"]))
    out.print(table(("台账 Register", "", "行 Rows", "条款 Clauses"), rows, numbers=(2,)))


def _layers(folder: Path | None) -> wb.Layers:
    return own.layers_of(folder)
