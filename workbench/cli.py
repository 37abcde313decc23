"""The command line: `workbench run`, `data`, `scenario` and `policy`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

import workbench as wb
from workbench.errors import DataError, Fault, WorkbenchError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)
data = typer.Typer(no_args_is_help=True, help="Look at the baseline, check and import your own files.")
scenario = typer.Typer(no_args_is_help=True, help="Write and check scenario files.")
policy = typer.Typer(no_args_is_help=True, help="The policy's clauses and what implements them.")
app.add_typer(data, name="data")
app.add_typer(scenario, name="scenario")
app.add_typer(policy, name="policy")

out = Console()
err = Console(stderr=True)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Plan the relocation of Sichuan's surplus capacity."""
    if version:
        out.print(f"workbench {wb.__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        out.print(context.get_help())
        raise typer.Exit(2)


@app.command()
def run(
    scenario: Annotated[
        Path | None, typer.Option("--scenario", help="Scenario file; the baseline without it.")
    ] = None,
    out_dir: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("out"),
    industry: Annotated[
        list[str] | None,
        typer.Option("--industry", help="steel, cement, flat_glass, aluminium; repeat for several."),
    ] = None,
    language: Annotated[str, typer.Option("--lang", help="Language of the table: zh, en or both.")] = "both",
) -> None:
    """Make a plan, show what it changes, and write map, workbook, GeoPackage, scenario and run record."""
    started = time.perf_counter()
    chosen = wb.scenarios.load(scenario) if scenario else wb.Scenario.baseline()
    if industry:
        chosen = chosen.with_(industries=tuple(industry))
    timings: dict[str, float] = {}
    with _progress(timings) as step:
        step("读取基线数据 reading the baseline")
        layers = wb.load()
        step("准备路网与成本 pricing the freight network")
        study = wb.Study.prepare(chosen, layers)
        step("求解 optimising")
        plan = study.plan()
        step("计算指标 counting")
        table = wb.indicators(plan)
        step("写出成果 writing maps and reports")
        paths = study.export(plan, out_dir, timings=timings)
    _print_indicators(table, language)
    _print_solution(plan)
    out.print("\n已写出 Written:")
    for path in paths:
        out.print(f"  {path}", soft_wrap=True, highlight=False)
    out.print(f"\n用时 {time.perf_counter() - started:.1f} s")


@contextmanager
def _progress(timings: dict[str, float]):
    """Show one line per stage while it works, and keep its seconds in `timings`."""
    state: dict[str, Any] = {}

    def finish() -> None:
        if state:
            seconds = time.perf_counter() - state["since"]
            timings[state["name"].split(" ", 1)[1]] = seconds
            err.print(f"  [green]✓[/] {state['name']} ({seconds:.1f} s)", highlight=False)

    with err.status("...") as status:

        def step(name: str) -> None:
            finish()
            state.update(name=name, since=time.perf_counter())
            status.update(name)

        yield step
        finish()


def _print_indicators(table: Any, language: str) -> None:
    view = Table(title="指标 Indicators", title_justify="left")
    for title in ("指标 Indicator", "单位 Unit"):
        view.add_column(title)
    for title in ("现状 Before", "方案 After", "变化 Change"):
        view.add_column(title, justify="right")
    for row in table.reset_index().to_dict("records"):
        name = {"zh": row["label_zh"], "en": row["label_en"]}.get(
            language, f"{row['label_zh']} {row['label_en']}"
        )
        view.add_row(name, row["unit"], *(_number(row[key]) for key in ("before", "after", "change")))
    out.print(view)


def _number(value: float) -> str:
    if value is None or value != value:
        return "—"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}".rstrip("0").rstrip(".")


def _print_solution(plan: Any) -> None:
    out.print(
        f"求解 Solver: {plan.status}; 目标 objective {plan.objective_mcny:,.2f} 百万元/年 million CNY/yr; "
        f"下界 bound {plan.bound_mcny:,.2f}; 间隙 gap {plan.gap:.3%}; {plan.seconds:.1f} s",
        highlight=False,
    )


@data.command("list")
def data_list() -> None:
    """List every layer and table of the baseline with its source and licence."""
    view = Table()
    for title in ("图层 Layer", "名称 Title", "行 Rows", "来源 Source", "许可 Licence", "年份 Year"):
        view.add_column(title, overflow="fold")
    for name, entry in wb.layers.catalogue().items():
        rows = len(wb.load()[name]) if name in wb.load() else 0
        view.add_row(name, entry.title_zh, str(rows), entry.source, entry.licence, str(entry.reference_year))
    out.print(view)


@scenario.command("init")
def scenario_init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("scenario.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write a scenario file with every option, its default and what it means."""
    if path.exists() and not force:
        raise DataError(
            [
                Fault(
                    str(path),
                    None,
                    "",
                    "a file of that name",
                    "a new name",
                    "Choose another name or add --force.",
                )
            ]
        )
    out.print(f"已写出 Written: {wb.scenarios.save(wb.Scenario.baseline(), path)}", soft_wrap=True)


@scenario.command("check")
def scenario_check(path: Annotated[Path, typer.Argument(help="Scenario file.")]) -> None:
    """Check a scenario file against its options and the baseline."""
    wb.scenarios.check(wb.scenarios.load(path), wb.load(), file=path.name)
    out.print(f"{path}: 可用 usable", soft_wrap=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: 0 when done, 2 with one message and no traceback when something is wrong."""
    arguments = sys.argv[1:] if arguments is None else arguments
    verbose = "--verbose" in arguments
    _use_utf8()
    try:
        app(args=[word for word in arguments if word != "--verbose"], standalone_mode=True)
    except WorkbenchError as error:
        _fail(error, verbose)
    except Exception as error:  # the last door: a user never sees a traceback unless asked for
        _fail(error, verbose, prefix=f"unexpected {type(error).__name__}: ")


def _fail(error: Exception, verbose: bool, prefix: str = "") -> None:
    if verbose:
        err.print_exception()
    err.print(f"错误 Error: {prefix}{error}", style="red", markup=False, highlight=False, soft_wrap=True)
    raise SystemExit(2) from None


def _use_utf8() -> None:
    """Write UTF-8 even where the console's code page is not, as on a Chinese Windows."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")
