"""A spoilt cache of compiled kernels is made anew; it never stops the work."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numba
import pytest

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
