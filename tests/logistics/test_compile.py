"""Compiled kernels: a spoilt cache is made anew, and nobody waits for the first compilation."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numba
import numpy as np
import pytest

from workbench.logistics.paths import PathEngine, _compile, warm_up
from workbench.logistics.paths._progress import ASIDE
from workbench.logistics.paths.metered import MeteredEngine

SMALL = """
from workbench.logistics.paths._compile import kernel

@kernel
def twice(x):
    return 2 * x
"""


@pytest.mark.parametrize("ending", [".nbi", ".nbc"])
@pytest.mark.parametrize("spoil", [lambda raw: b"", lambda raw: raw[: len(raw) // 2], lambda raw: b"x" * 99])
def test_a_spoilt_cache_is_made_anew(tmp_path: Path, monkeypatch, ending: str, spoil) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    source = tmp_path / "small.py"
    source.write_text(SMALL, encoding="utf-8")

    def hits() -> int:
        spec = importlib.util.spec_from_file_location("small", source)
        small = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(small)
        assert small.twice(21) == 42
        return sum(small.twice.stats.cache_hits.values())

    assert (hits(), hits()) == (0, 1)
    (file,) = (tmp_path / "cache").rglob(f"*{ending}")
    file.write_bytes(spoil(file.read_bytes()))
    assert hits() == 0, "compiled anew"
    assert hits() == 1, "and kept"


def in_a_grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    number = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
         np.column_stack([number[:-1].ravel(), number[1:].ravel()])]
    )  # fmt: skip
    return tuple(np.concatenate([pairs, pairs[:, ::-1]]).T)


def test_until_there_is_compiled_code_scipy_answers_and_then_hands_over(monkeypatch) -> None:
    warm_up()
    monkeypatch.setattr(_compile, "_READY", set())
    started: list = []
    monkeypatch.setattr(_compile, "ready", lambda *modules: False)
    monkeypatch.setattr(_compile, "_RUNNING", [])
    monkeypatch.setattr(_compile.subprocess, "Popen", lambda command, **more: started.append(command))
    tail, head = in_a_grid(40)
    weights, ends = np.random.default_rng(0).integers(1, 9, len(tail)).astype(float), np.arange(0, 1600, 97)
    said: list[str] = []
    engine = PathEngine(tail, head, 1600, progress=lambda stage, share: said.append(stage)).customise(weights)
    PathEngine(tail, head, 1600)
    before = engine.matrix(ends, ends)
    assert (engine.method, said) == ("scipy", [ASIDE])
    assert len(started) == 1, "one process compiles for all"
    monkeypatch.undo()
    after = engine.customise(weights).matrix(ends, ends)
    assert engine.method == "cch"
    assert np.array_equal(before, after)


def test_the_search_as_python_runs_it_is_the_compiled_one(monkeypatch) -> None:
    rng, (tail, head) = np.random.default_rng(1), in_a_grid(6)
    limit = np.where(rng.random(36) < 0.5, 30.0, 0.0)
    length = rng.integers(1, 20, len(tail)).astype(float)
    engine = MeteredEngine(tail, head, 36, limit)
    engine.customise(2 * length, length, rng.random(len(tail)) < 0.7, np.full(36, 1.5))
    ends = np.flatnonzero(limit == 0)
    here, there = ends[: len(ends) // 2], ends[len(ends) // 2 :][: len(ends) // 2]
    compiled = engine.matrix(ends, ends), engine.paths(here, there)
    monkeypatch.setattr(_compile, "settled", lambda *modules: False)
    assert np.array_equal(engine.matrix(ends, ends), compiled[0])
    told = engine.paths(here, there)
    for part in ("cost", "first", "arcs", "lacking"):
        assert np.array_equal(getattr(told, part), getattr(compiled[1], part))


def test_where_nothing_may_be_kept_each_process_compiles_for_itself(monkeypatch) -> None:
    monkeypatch.setattr(_compile, "ready", lambda *modules: False)
    monkeypatch.setattr(_compile, "_Mended", type(None))
    assert _compile.settled("_metered")
