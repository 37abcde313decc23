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

import numpy as np

from tests.benchmarks.engines import ENGINES, Engine
from tests.benchmarks.worlds import World, ours, synthetic, window

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
WORLDS: dict[str, Callable[[], World]] = {
    "ours": ours,
    "window": window,
    "100k": lambda: synthetic(100_000, 300_000),
    "1M": lambda: synthetic(1_000_000, 3_000_000),
}
# The largest world (nodes) an engine is asked on; beyond, one table cell would take minutes to hours.
LIMIT = {"networkx": 50_000, "rustworkx": 200_000, "igraph": 200_000, "scgraph": 200_000}
PATIENCE_S, REPEATS = 3.0, 7
SAMPLED = 10  # on the largest world scipy answers every tenth origin of 200 x 500, counted ten times


def median(work: Callable[[], object]) -> float:
    """Return the median CPU seconds of up to REPEATS runs, fewer once PATIENCE_S is spent.

    CPU seconds, so that a busy machine does not favour whoever ran while it was quiet.
    """
    seconds: list[float] = []
    while not seconds or (len(seconds) < REPEATS and sum(seconds) < PATIENCE_S):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return float(np.median(seconds))


def error(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest relative error; inf must meet inf and 0 must meet 0."""
    same = found == expected
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.where(same, 0.0, np.abs(found - expected) / expected).max())


def race(name: str, world: World, oracle: dict[str, np.ndarray]) -> dict[str, float]:
    """Time one engine on one world: prepare, one-to-all, 200 x 500, tick; and compare it with scipy."""
    rng = np.random.default_rng(3)
    origins, destinations = rng.integers(0, world.n, 200), rng.integers(0, world.n, 500)
    everywhere = np.arange(world.n)
    step = SAMPLED if name == "scipy" and world.n > 500_000 else 1
    start = time.process_time()
    engine: Engine = ENGINES[name](world)
    engine.weigh(world.weights())
    row = {"prepare": time.process_time() - start}
    mixes = [world.weights(1.0, b, 0.05) for b in np.linspace(0.0, 5.0, REPEATS)]
    turn = iter(range(10**9))

    def tick() -> np.ndarray:
        engine.weigh(mixes[next(turn) % REPEATS])
        return engine.matrix(origins[:30], destinations[:40])

    row["tick"] = median(tick)
    engine.weigh(mixes[-1])
    answers = {"tick": engine.matrix(origins[:30], destinations[:40])}
    row["one to all"] = median(lambda: engine.matrix(origins[:1], everywhere))
    answers["one to all"] = engine.matrix(origins[:1], everywhere)
    if name != "networkx" or world.n < 5_000:
        row["200 x 500"] = step * median(lambda: engine.matrix(origins[::step], destinations))
        answers["200 x 500"] = engine.matrix(origins[:: SAMPLED if world.n > 500_000 else 1], destinations)
    if name == "scipy":
        oracle.update(answers)
    row["error"] = max(error(found, oracle[key]) for key, found in answers.items())
    return row


def clock(seconds: float) -> str:
    """Write seconds with three figures in the unit that fits."""
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1.0 or unit == "µs":
            return f"{seconds * factor:.3g} {unit}"
    raise AssertionError(seconds)


def table(world: World, rows: dict[str, dict[str, float]]) -> str:
    """Write one world's results; a ratio above 1 means that many times faster than scipy."""
    lines = [
        f"### {world.name}: {world.n:,} nodes, {len(world.tail):,} arcs",
        "",
        "| engine | prepare | one to all | 200 x 500 | vs scipy | tick | vs scipy | largest error |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    base = rows["scipy"]
    for name, row in rows.items():
        cells = [
            f"**{name}**" if name == "workbench" else name,
            clock(row["prepare"]),
            clock(row["one to all"]),
        ]
        for task in ("200 x 500", "tick"):
            done = task in row
            cells += [clock(row[task]), f"{base[task] / row[task]:.3g} x"] if done else ["-", "-"]
        cells.append(f"{row['error']:.0e}" if row["error"] else "0")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def first_use() -> tuple[float, float]:
    """Return the seconds of a first answer with an empty compiler cache, and of the next process."""
    code = (
        "import time, numpy as np; start = time.process_time();"
        "from workbench.logistics.engine import PathEngine;"
        "e = PathEngine([0, 1, 2], [1, 2, 3], 4, method='cch').customise(np.ones(3));"
        "e.matrix([0], [1]), e.matrix([0, 1], [2, 3]), e.paths([0], [3]); print(time.process_time() - start)"
    )
    with tempfile.TemporaryDirectory() as spare:
        runs = [
            subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, "NUMBA_CACHE_DIR": spare},
                capture_output=True,
                text=True,
                check=True,
            )
            for _ in range(2)
        ]
    return float(runs[0].stdout), float(runs[1].stdout)


def report(names: list[str], engines: list[str]) -> str:
    """Race on every named world and return the whole page section."""
    compile_s, load_s = first_use()
    peers = ("scipy", "networkx", "igraph", "rustworkx", "scgraph", "routingkit-cch", "pyroutingkit", "numba")
    out = [
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, one used, CPU time; "
        + ", ".join(f"{peer} {version(peer)}" for peer in peers)
        + ".",
        "",
        f"First answer of the hierarchy after installing (compiling): {compile_s:.1f} s; "
        f"in every later process (compiled code read from disk): {load_s:.2f} s.",
        "",
    ]
    ENGINES["workbench"](synthetic(2_000, 6_000))  # compile before the clock starts
    for name in names:
        world, rows, oracle = WORLDS[name](), {}, {}
        for engine in engines:
            if world.n <= LIMIT.get(engine, 10**9):
                print(f"{name}: {engine}", file=sys.stderr, flush=True)
                rows[engine] = race(engine, world, oracle)
        out.append(table(world, rows))
        print(out[-1], flush=True)
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
