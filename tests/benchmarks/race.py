"""One race: an engine on a world, in a process of its own; its time, memory and answers."""

from __future__ import annotations

import itertools
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import numpy as np

from tests.benchmarks.engines import DIJKSTRAS, ENGINES, Engine
from tests.benchmarks.worlds import World, synthetic
from workbench.logistics.paths.engine import PathEngine

REPEATS, PATIENCE_S = 7, 3.0
STEPS, BUDGET_S = (1, 2, 5, 10, 50), 10.0
TASKS = {"tick": (30, 40), "200 x 500": (200, 500)}


@dataclass
class Row:
    """What one engine did on one world: CPU seconds per task, MB, and the answers to compare.

    `step[task]`: only every so many origins was asked and the seconds are multiplied; `answers[task]` maps
    the number of an origin to its distances. `why` says why there is nothing.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    step: dict[str, int] = field(default_factory=dict)
    answers: dict[str, dict[int, np.ndarray]] = field(default_factory=dict)
    memory_mb: float = np.nan
    why: str = ""

    def error(self, oracle: Row) -> float:
        """Return the largest relative error over all origins that both answered."""
        return max(
            error(found, oracle.answers[task][origin])
            for task, rows in self.answers.items()
            for origin, found in rows.items()
            if origin in oracle.answers[task]
        )


def error(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest relative error; inf must meet inf and 0 must meet 0."""
    same = found == expected
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.where(same, 0.0, np.abs(found - expected) / expected).max())


def median(work: Callable[[], object]) -> float:
    """Return the median CPU seconds of up to REPEATS runs, fewer once PATIENCE_S is spent.

    CPU seconds, so that a busy machine does not favour whoever ran while it was quiet.
    """
    seconds: list[float] = []
    while not seconds or (len(seconds) < REPEATS and sum(seconds) < PATIENCE_S):
        seconds.append(once(work))
    return float(np.median(seconds))


def once(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one run."""
    start = time.process_time()
    work()
    return time.process_time() - start


def race(name: str, world: World) -> Row:
    """Time one engine on one world: prepare, one to all, 200 x 500, tick.

    An engine that runs one Dijkstra per origin is asked every second, fifth, tenth or fiftieth origin where
    all would take more than BUDGET_S; hierarchies always answer all.
    """
    rng = np.random.default_rng(3)
    origins, destinations = rng.integers(0, world.n, 200), rng.integers(0, world.n, 500)
    everywhere, row = np.arange(world.n), Row()
    mixes = [world.weights(1.0, b, 0.05) for b in np.linspace(0.0, 5.0, REPEATS)]
    before, start = _peak_mb(), time.process_time()
    engine: Engine = ENGINES[name](world)
    engine.weigh(mixes[0])
    row.seconds["prepare"] = time.process_time() - start
    row.memory_mb = _peak_mb() - before
    turn = itertools.cycle(mixes)
    weighing = once(lambda: engine.weigh(mixes[-1]))

    def reach() -> None:
        row.answers["one to all"] = {0: engine.matrix(origins[:1], everywhere)[0]}

    row.seconds["one to all"] = median(reach)
    for task, (many, ends) in TASKS.items():
        cost = row.seconds["one to all"] * many if name in DIJKSTRAS else 0.0
        step = next((step for step in STEPS if cost / step <= BUDGET_S), STEPS[-1])
        row.step[task] = step
        asked = range(0, many, step)

        def ask(asked: range = asked, ends: int = ends, task: str = task) -> None:
            found = engine.matrix(origins[asked], destinations[:ends])
            row.answers[task] = dict(zip(asked, found, strict=True))

        if task == "tick" and step == 1:
            row.seconds[task] = median(lambda ask=ask: (engine.weigh(next(turn)), ask()))
            engine.weigh(mixes[-1])
            ask()
        else:
            row.seconds[task] = step * median(ask) + (weighing if task == "tick" else 0.0)
    return row


def apart(name: str, world: World) -> Row:
    """Race in a process of its own: memory is its own, and a crash costs one row."""
    ways = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in ways else "spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_race_and_tell, args=(there, name, world))
    process.start()
    there.close()
    try:
        row = here.recv()
    except EOFError:
        process.join()
        row = Row(why=f"the process ended with code {process.exitcode}, as it does when memory runs out")
    process.join()
    return row


def _race_and_tell(there: Connection, name: str, world: World) -> None:
    tiny = synthetic(2_000, 6_000)
    warm = ENGINES[name](tiny)  # imports, and the compiled code read from disk
    warm.weigh(tiny.weights())
    warm.matrix(np.arange(2), np.arange(3)), warm.matrix(np.arange(1), np.arange(3))
    try:
        row = race(name, world)
    except Exception as reason:  # a peer that gives up is a result, too
        row = Row(why=f"{type(reason).__name__}: {reason}"[:150])
    there.send(row)


def _peak_mb() -> float:
    """Return the largest memory this process has held so far, nan on Windows, which does not tell."""
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def later(world: World) -> tuple[float, float]:
    """Return our CPU seconds of a later session's prepare, its order on disk, and of closing one link.

    The latter is a tick in which only one weight is new.
    """
    rng, weights = np.random.default_rng(3), world.weights()
    origins, destinations = rng.integers(0, world.n, 30), rng.integers(0, world.n, 40)
    closed = np.where(np.arange(len(weights)) == rng.integers(len(weights)), np.inf, weights)
    arrays = world.tail, world.head, world.n, world.xy
    with tempfile.TemporaryDirectory() as folder:
        PathEngine(*arrays, method="cch", cache_dir=folder)
        start = time.process_time()
        engine = PathEngine(*arrays, method="cch", cache_dir=folder).customise(weights)
        prepare = time.process_time() - start
    turn = itertools.cycle([closed, weights])
    engine.customise(closed).matrix(origins, destinations)
    return prepare, median(lambda: engine.customise(next(turn)).matrix(origins, destinations))


def crossover(sizes: tuple[int, ...] = (1_000, 1_500, 2_000, 4_000, 8_000)) -> dict[int, dict[str, float]]:
    """Return by nodes the CPU seconds of preparing and of a tick, scipy beside the hierarchy."""
    found: dict[int, dict[str, float]] = {}
    rng = np.random.default_rng(3)
    for n in sizes:
        world, found[n] = synthetic(n, 3 * n), {}
        origins, destinations, weights = rng.integers(0, n, 30), rng.integers(0, n, 40), world.weights()
        for method in ("scipy", "cch"):

            def prepare(world: World = world, method: str = method) -> PathEngine:
                return PathEngine(
                    world.tail, world.head, world.n, world.xy, method=method, cache_dir=False
                ).customise(world.weights())

            engine = prepare()

            def tick(engine=engine, weights=weights, origins=origins, destinations=destinations) -> None:
                engine.customise(weights).matrix(origins, destinations)

            found[n][f"{method} prepare"], found[n][f"{method} tick"] = median(prepare), median(tick)
    return found
