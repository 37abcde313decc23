"""The door of the command line: every failure is one clear message and exit code 2, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

import workbench as wb
from workbench.cli import memory
from workbench.cli.backtest import backtest
from workbench.cli.console import err, out
from workbench.cli.data import data
from workbench.cli.freight import freight
from workbench.cli.locate import locate
from workbench.cli.policy import policy
from workbench.cli.robust import robust
from workbench.cli.run import run
from workbench.cli.scenario import scenario
from workbench.cli.stop import INTERRUPTED, STOPPED
from workbench.cli.surplus import surplus
from workbench.cli.trade import trade
from workbench.cli.where import where
from workbench.cli.why import explain, why
from workbench.errors import DataError, Fault, WorkbenchError
from workbench.text import visible

_PLANNING = ("run", "where", "surplus", "why", "explain", "robust")

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
app.add_typer(data, name="data")
app.add_typer(scenario, name="scenario")
app.add_typer(policy, name="policy")
app.add_typer(freight, name="freight")
app.command()(run)
app.command()(surplus)
app.command()(trade)
app.command()(robust)
app.command()(why)
app.command()(explain)
app.command()(where)
app.command()(locate)
app.command()(backtest)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"workbench {wb.__version__}")
        raise typer.Exit


@app.callback(epilog="--verbose anywhere on the line shows the traceback of an error.")
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    """Plan the relocation of Sichuan's surplus capacity. 四川过剩产能转移规划。"""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: exit code 0 when done, 2 with one message when something is wrong."""
    words = sys.argv[1:] if arguments is None else arguments
    verbose = "--verbose" in words
    _use_utf8()
    try:
        _refuse_what_acts(words)
        if words and words[0] in _PLANNING and "--help" not in words:
            memory.room()
        app(args=[word for word in words if word != "--verbose"], standalone_mode=True)
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            err.print(STOPPED)
        raise
    except WorkbenchError as error:
        _fail(str(error), verbose)
    except Exception as error:  # the last door: a user never sees a traceback unless asked for
        if memory.is_memory(error):
            _fail(memory.TOLD, verbose)
        if isinstance(error, OSError):
            _fail(_of_system(error), verbose)
        _fail(f"unexpected {type(error).__name__}: {error}\n--verbose shows where.", verbose)


def _refuse_what_acts(words: list[str]) -> None:
    """Refuse arguments that would act on the terminal when an error repeats them. Raises DataError."""
    for word in words:
        plain = word.encode(errors="surrogateescape").decode(errors="replace")  # old names of files may stay
        if visible(plain) != plain:
            mend = "Type it again; rename the file if it is called so."
            raise DataError([Fault(visible(plain), None, "", "a control character", "plain text", mend)])


def _of_system(error: OSError) -> str:
    """Say what the system refused as a fault: which file, what it said, how to mend it."""
    mend = "Check that the path is right, may be written, and has room."
    found = error.strerror or str(error)
    name = str(error.filename or "输出 output")
    return str(DataError([Fault(name, None, "", found, "a usable path", mend)]))


def _fail(message: str, verbose: bool) -> None:
    if verbose:
        err.print_exception()
    try:
        err.print(f"错误 Error: {message}", style="red", soft_wrap=True)
    except MemoryError:  # not even for a colour
        sys.stderr.write(f"错误 Error: {visible(message)}\n")
    raise SystemExit(2) from None


def _use_utf8() -> None:
    """Write UTF-8 even where the console's code page is not, as on a Chinese Windows."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")
