"""`workbench scenario`: write a scenario file to edit, and check one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import workbench as wb
from workbench.cli.console import out
from workbench.errors import DataError, Fault
from workbench.files import given

scenario = typer.Typer(no_args_is_help=True, help="Write and check scenario files. 情景文件。")


@scenario.command()
def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("scenario.toml"),
    force: Annotated[bool, typer.Option(help="Replace an existing file.")] = False,
) -> None:
    """Write a scenario file with every option, its default and what it means."""
    path = given(path)
    if path.exists() and not force:
        mend = "Choose another name, or add --force."
        raise DataError([Fault(str(path), None, "", "a file of that name", "a new name", mend)])
    out.print(f"已写出 Written: {wb.scenarios.save(wb.Scenario.baseline(), path)}", soft_wrap=True)


@scenario.command()
def check(path: Annotated[Path, typer.Argument(help="Scenario file.")]) -> None:
    """Check a scenario file: its options, and the ids it names against the baseline."""
    wb.scenarios.check(wb.scenarios.load(path), wb.load(), file=path.name)
    out.print(f"可用 usable: {path}", soft_wrap=True)
