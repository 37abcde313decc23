"""`workbench policy`: the clauses and what implements each."""

from __future__ import annotations

from typing import Annotated

import typer

import workbench as wb
from workbench.cli.console import out, table

policy = typer.Typer(no_args_is_help=True, help="The policy's clauses. 政策条款。")


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
