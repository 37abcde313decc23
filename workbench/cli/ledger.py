"""`workbench policy ledger` and `record`: the replacement file, its late steps and its proof."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

import workbench as wb
from workbench.cli import own
from workbench.cli.console import number, out, table
from workbench.errors import DataError, Fault
from workbench.labels import both
from workbench.policy.entries import read_fields
from workbench.words import words

File = Annotated[Path, typer.Argument(help="The journal (.jsonl); a new one is begun where none is.")]
Day = Annotated[
    datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day of the entry or the look.")
]
Data = Annotated[Path | None, typer.Option(help="Folder of your own data.")]
_START = datetime(2014, 2, 22)
_STATES = words("policy.ledger")


def ledger(
    file: File,
    on: Day = _START,
    scenario: Annotated[
        Path | None, typer.Option(help="Record this scenario's plan: credits, agreements, drafts.")
    ] = None,
    split: Annotated[float, typer.Option(help="Share of the benefits the origin keeps, in %.")] = 50.0,
    data: Data = None,
) -> None:
    """Show the replacement file: plans, credits, late steps, the hash that proves it; or record a plan."""
    layers = own.layers_of(data)
    ground = wb.policy.ground_of(layers)
    journal = wb.policy.Journal.open(file, ground=ground)
    if scenario is not None:
        plan = wb.plan(wb.scenarios.load(scenario), layers)
        when = on.date()
        entries = wb.policy.ledger_entries(plan, when=when, alpha_pct=split, overdue=ground.overdue)
        for action, fields in entries:
            journal = journal.record(action, **fields)
    _show(journal.ledger, on)


def _show(book: Any, on: datetime) -> None:
    rows = [
        (id, r["prefecture_zh"], both(r["industry"]), number(r["new_kt"]), number(r["need_kt"]),
         _state(r["state"]), r["since"], r["by"])
        for id, r in book.plan_table().iterrows()
    ]  # fmt: skip
    titles = ("方案 Plan", "市（州） Prefecture", "行业 Industry", "新建 New kt", "应置换 Needed kt",
              "状态 State", "日期 Since", "经手 By")  # fmt: skip
    out.print(table(titles, rows, numbers=(3, 4)))
    credits = book.credits().groupby("state")["kt"].sum()
    told = "　".join(f"{_state(state)} {number(kt)} kt" for state, kt in credits.items())
    out.print(f"指标 Credits: {told or '—'}")
    late = book.late(on.date())
    shown = [(id, _state(r["step"]), r["due"], r["days"], r["waits_for"]) for id, r in late.iterrows()]
    if shown:
        out.print(table(("逾期 Late", "步骤 Step", "应于 Due", "天 Days", "等待 Waits for"), shown))
    out.print(f"条目 Entries: {len(book.events)}　链首 Head: {book.head}", soft_wrap=True)


def _state(name: str) -> str:
    return " ".join(_STATES[name])


def record(
    file: File,
    action: Annotated[
        str,
        typer.Argument(help="Such as register, agree, draft, confirm, announce, close, dismantle or start."),
    ],
    fields: Annotated[
        list[str] | None, typer.Argument(help="The entry's fields, as plan_id=R-1 closed_on=2014-09-01.")
    ] = None,
    who: Annotated[str, typer.Option(help="Who records it.")] = "",
    role: Annotated[str, typer.Option(help="市州 or 经信.")] = "经信",
    on: Day = _START,
    data: Data = None,
) -> None:
    """Record one step of a replacement plan, held against lines, sites, zone, dates and the term."""
    journal = wb.policy.Journal.open(file, ground=wb.policy.ground_of(own.layers_of(data)))
    given = read_fields(action, _fields(fields or []))
    journal = journal.record(action, when=on.date(), who=who, role=role, **given)
    _show(journal.ledger, on)


def _fields(written: list[str]) -> dict[str, Any]:
    """Return the fields as written, ``credits=L1:100,L2:200`` parted by line. Raises DataError."""
    fields: dict[str, Any] = {}
    faults = []
    for text in written:
        name, equals, value = text.partition("=")
        if not equals or not name:
            faults.append(Fault("ledger", None, name, text, "name=value", "Write it as plan_id=R-1."))
        elif name in fields:
            faults.append(Fault("ledger", None, name, text, "each field once", "Remove the other."))
        else:
            fields[name] = value
    if "credits" in fields:
        pairs = [part.rpartition(":") for part in fields["credits"].split(",")]
        fields["credits"] = {line: t for line, _, t in pairs}
        if len(fields["credits"]) < len(pairs):
            mend = "Write it as credits=L1:100,L2:200."
            faults.append(
                Fault(
                    "ledger", None, "credits", ", ".join(line for line, _, _ in pairs), "each line once", mend
                )
            )
    if faults:
        raise DataError(faults)
    return fields
