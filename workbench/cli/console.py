"""What every command shares: the two streams, tables, numbers and progress."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from workbench.text import visible

# A pipe has no width of its own; a table for people needs about this much.
_WIDTH_OF_A_PIPE = 110


class _Safe(Console):
    """A console on which no text can act: an escape sequence is shown as code would write it."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


def _console(*, stderr: bool = False) -> Console:
    # no signs of rich: `:x:` in a name is no cross
    console = _Safe(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_PIPE
    return console


out = _console()
err = _console(stderr=True)


def table(titles: Iterable[str], rows: Iterable[Iterable[object]], *, numbers: Iterable[int] = ()) -> Table:
    """Lay rows out under bilingual titles; columns named in `numbers` are set to the right."""
    view = Table(show_lines=False)
    right = set(numbers)
    for position, title in enumerate(titles):
        view.add_column(title, overflow="fold", justify="right" if position in right else "left")
    for row in rows:
        view.add_row(*(visible(str(cell)) for cell in row))
    return view


def sheet(frame: pd.DataFrame, titles: Iterable[str]) -> Table:
    """Lay a frame out under bilingual titles: numbers as a planner reads them, to the right."""
    numbers = [k for k, name in enumerate(frame.columns) if pd.api.types.is_numeric_dtype(frame[name])]
    rows = (
        [number(cell) if k in numbers else str(cell) for k, cell in enumerate(row)]
        for row in frame.itertuples(index=False)
    )
    return table(titles, rows, numbers=numbers)


def number(value: Any) -> str:
    """Write a number as a planner reads it; unknown is a dash."""
    if value is None or value != value:
        return "—"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}".rstrip("0").rstrip(".")


def amount(name: str, value: Any) -> str:
    """Write what a column of this name holds: a share as a percentage, other numbers as `number` does."""
    if name.endswith(("_share", "utilisation")) and value == value:
        return f"{value:.0%}"
    return number(value)


@contextmanager
def stages(timings: dict[str, float]) -> Iterator[Callable[[str, str], None]]:
    """Show one line per stage while it works, and keep its seconds in `timings` under the English name."""
    state: list[tuple[str, str, float]] = []

    def finish() -> None:
        if state:
            zh, en, since = state.pop()
            timings[en] = time.perf_counter() - since
            err.print(f"  ✓ {zh} {en} ({timings[en]:.1f} s)")

    with err.status("…") as status:

        def step(zh: str, en: str) -> None:
            finish()
            state.append((zh, en, time.perf_counter()))
            status.update(Text(f"{zh} {en}"))

        def show(message: str) -> None:
            status.update(Text(" · ".join([*(f"{zh} {en}" for zh, en, _ in state), message])))

        with _heard(show):
            yield step
        finish()


@contextmanager
def _heard(show: Callable[[str], None]) -> Iterator[None]:
    """Show what the library logs meanwhile; its warnings stay, also where there is no status line."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING:
                err.print(f"  … {record.getMessage()}")
            show(record.getMessage())

    log, ear = logging.getLogger("workbench"), Ear()
    level = log.level
    log.addHandler(ear)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(ear)
        log.setLevel(level)
