"""Race the engines on every world in one run and print the tables; `--write` puts them into the docs."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.engines import ENGINES
from tests.benchmarks.race import Row, apart, crossover, later
from tests.benchmarks.worlds import World, ours, synthetic, window
from workbench.logistics.paths._progress import FIRST_USE
from workbench.logistics.paths.engine import SMALL
from workbench.logistics.paths.warm import warm_up

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
WORLDS: dict[str, Callable[[], World]] = {
    "ours": ours,
    "window": window,
    "100k": lambda: synthetic(100_000, 300_000),
    "1M": lambda: synthetic(1_000_000, 3_000_000),
}
PEERS = ("scipy", "networkx", "igraph", "rustworkx", "scgraph", "routingkit-cch", "pyroutingkit", "numba")


def clock(seconds: float, step: int = 1) -> str:
    """Write seconds with three figures in the unit that fits; marked where only some origins were asked."""
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1.0 or unit == "µs":
            digits = f"{seconds * factor:.3g}"
            plain = digits if "e" not in digits else f"{seconds * factor:,.0f}"
            return f"{'' if step == 1 else '≈ '}{plain} {unit}"
    raise AssertionError(seconds)


def ratio(times: float) -> str:
    """Write how many times faster than scipy: above 1 is faster, below slower."""
    return f"{times:,.0f} x" if times >= 100 else f"{times:.2g} x" if times < 10 else f"{times:.0f} x"


def megabytes(found: float) -> str:
    """Write how far memory grew; a few megabytes are the operating system's."""
    return f"{found:,.0f} MB" if found >= 10 else "< 10 MB" if found >= 0 else "-"


def table(world: World, rows: dict[str, Row]) -> str:
    """Write one world's results, the engines as rows."""
    lines = [
        f"### {world.name}: {world.n:,} nodes, {len(world.tail):,} arcs",
        "",
        "| engine | prepare | memory | one to all | 200 x 500 | vs scipy | tick | vs scipy | largest error |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    base = rows["scipy"]
    for name, row in rows.items():
        cells = [f"**{name}**" if name == "workbench" else name]
        if row.why:
            lines.append(f"| {cells[0]} | {row.why} |" + " |" * 7)
            continue
        cells += [clock(row.seconds["prepare"]), megabytes(row.memory_mb), clock(row.seconds["one to all"])]
        for task in ("200 x 500", "tick"):
            cells.append(clock(row.seconds[task], row.step[task]))
            cells.append(ratio(base.seconds[task] / row.seconds[task]))
        worst = row.error(base)
        lines.append(f"| {' | '.join([*cells, f'{worst:.0e}' if worst else '0'])} |")
    return "\n".join([*lines, ""])


def first_use() -> tuple[float, float]:
    """Return the seconds of a first answer with an empty compiler cache, and of the next process.

    The first is announced and the next is not, or this fails.
    """
    code = (
        "import time, numpy as np; start = time.process_time();"
        "from workbench.logistics.paths.engine import PathEngine;"
        "e = PathEngine([0, 1, 2], [1, 2, 3], 4, method='cch').customise(np.ones(3));"
        "e.matrix([0], [1]), e.matrix([0, 1], [2, 3]), e.paths([0], [3]); print(time.process_time() - start)"
    )
    with tempfile.TemporaryDirectory() as spare:
        runs = [
            subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, "NUMBA_CACHE_DIR": spare, "PYTHONIOENCODING": "utf-8"},
                capture_output=True,
                encoding="utf-8",
                check=True,
            )
            for _ in range(2)
        ]
    assert [FIRST_USE in run.stderr for run in runs] == [True, False]
    return float(runs[0].stdout), float(runs[1].stdout)


def threshold() -> str:
    """Write where scipy hands over to the hierarchy, and what either costs there."""
    lines = [
        f"### Below {SMALL:,} nodes: scipy",
        "",
        "| nodes | scipy prepare | hierarchy prepare | scipy tick | hierarchy tick |",
        "|--:|--:|--:|--:|--:|",
    ]
    for n, row in crossover().items():
        cells = [row[f"{method} {task}"] for task in ("prepare", "tick") for method in ("scipy", "cch")]
        lines.append(f"| {n:,} | {' | '.join(map(clock, cells))} |")
    return "\n".join([*lines, ""])


def report(names: list[str], engines: list[str]) -> str:
    """Race on every named world and return the whole page section."""
    started = time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - started:5.0f} s] {what}", file=sys.stderr, flush=True)

    say("first use: compiling twice into an empty folder")
    compile_s, load_s = first_use()
    out = [
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, one used, CPU time; "
        + ", ".join(f"{peer} {version(peer)}" for peer in PEERS)
        + ".",
        "",
        f"First answer of the hierarchy after installing (compiling): {compile_s:.1f} s; "
        f"in every later process (compiled code read from disk): {load_s:.2f} s.",
        "",
    ]
    warm_up()
    for name in names:
        say(f"{name}: drawing the network")
        world, rows = WORLDS[name](), {}
        for engine in engines:
            say(f"{name}: {engine}")
            rows[engine] = apart(engine, world)
        out.append(table(world, rows))
        if world.n >= SMALL:
            prepare, close = map(clock, later(world))
            out.append(
                f"With its order read from disk the workbench prepares this network in {prepare}; "
                f"closing one link and asking 30 x 40 again takes {close}.\n"
            )
        print("\n".join(out[-2:]), flush=True)
    say("where scipy hands over")
    out.append(threshold())
    minutes = (time.monotonic() - started) / 60
    load = f"; load of the machine at the end {os.getloadavg()[2]:.1f}" if hasattr(os, "getloadavg") else ""
    out.append(f"The whole run took {minutes:.0f} min{load}.\n")
    print("\n".join(out[-2:]), flush=True)
    return "\n".join(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=list(WORLDS))
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # one core for everybody; the engines are imported after this
    text = report(given.worlds, list(dict.fromkeys(["scipy", *given.engines])))
    if given.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- measured -->")
        after = rest.partition("<!-- /measured -->")[2]
        page = f"{before}<!-- measured -->\n{text}\n<!-- /measured -->{after}"
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
