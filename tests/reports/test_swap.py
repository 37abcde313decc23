"""One folder never holds two plans mixed, whenever an export was killed and whoever exports beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.errors import DataError
from workbench.reports import swap

OLD, NEW = ("a", "b", "c"), ("b", "c", "d", "e")


class Killed(BaseException):
    """What no handler of ours sees, as a kill."""


def filled(folder: Path, names: tuple[str, ...], word: str) -> list[Path]:
    for name in names:
        (folder / name).write_text(word, encoding="utf-8")
    return [folder / name for name in names]


def words(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.mark.parametrize("step", range(8))
def test_a_kill_at_any_step_of_the_swap_leaves_one_plan_or_none(tmp_path, monkeypatch, step) -> None:
    filled(tmp_path, (*OLD, "notes"), "old")
    workshop = tmp_path / ".writing"
    workshop.mkdir()
    made, done, real = filled(workshop, NEW, "new"), [], os.replace

    def replace(*paths: object) -> None:
        if len(done) == step:
            raise Killed
        done.append(paths)
        real(*paths)

    monkeypatch.setattr(swap.os, "replace", replace)
    if step < 6:  # two stand aside, four step in
        with pytest.raises(Killed):
            swap._swap(tmp_path, made)
    else:
        swap._swap(tmp_path, made)
    monkeypatch.undo()
    seen = {word for name, word in words(tmp_path).items() if name in NEW}
    assert len(seen) <= 1, "never two plans side by side"
    swap._recover(tmp_path)
    after = words(tmp_path)
    whole = {"a": "old", "notes": "old", **dict.fromkeys(NEW, "new")}
    assert after == (whole if step >= 6 else {"notes": "old", **dict.fromkeys(OLD, "old")})
    assert {path.name for path in tmp_path.iterdir()} == set(after), "nothing hidden stays"


def test_an_error_while_writing_leaves_the_plan_that_was_there(tmp_path) -> None:
    filled(tmp_path, OLD, "old")

    def write(folder: Path) -> list[Path]:
        filled(folder, NEW, "new")
        raise OSError(28, "No space left on device")

    with pytest.raises(DataError, match="No space left"):
        swap.all_or_nothing(tmp_path, write)
    assert words(tmp_path) == dict.fromkeys(OLD, "old")
    assert len(list(tmp_path.iterdir())) == 3


HOLDER = """
import sys
from workbench.reports import swap
def write(folder):
    (folder / "a").write_text("x")
    return [folder / "a"]
with swap.reserved(sys.argv[1]):
    print("computing", flush=True)
    sys.stdin.read()
    swap.all_or_nothing(sys.argv[1], write)
"""


def test_a_folder_is_held_while_the_plan_is_computed_and_free_again_afterwards(tmp_path) -> None:
    out = tmp_path / "out"
    one = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert one.stdout.readline() == b"computing\n"
        with pytest.raises(DataError, match="another export"), swap.reserved(out):
            pytest.fail("two exports compute for one folder")
    finally:
        one.communicate()
    assert words(out) == {"a": "x"}
    with swap.reserved(out):
        pass
    with pytest.raises(ValueError, match="no plan"), swap.reserved(tmp_path / "new"):
        raise ValueError("no plan")
    assert not (tmp_path / "new").exists(), "a folder made for nothing goes again"


WRITER = """
import sys, time
from workbench.reports import swap
def write(folder):
    (folder / "a").write_text("killed")
    print("writing", flush=True)
    time.sleep(60)
swap.all_or_nothing(sys.argv[1], write)
"""


def test_two_exports_at_once_do_not_meet_and_a_killed_one_is_swept_away(tmp_path) -> None:
    def write(folder: Path) -> list[Path]:
        return filled(folder, OLD, "new")

    one = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert one.stdout.readline() == b"writing\n"
        with pytest.raises(DataError, match="another export"):
            swap.all_or_nothing(tmp_path, write)
    finally:
        one.kill()
        one.communicate()
    assert (tmp_path / ".writing").exists(), "what the killed one left"
    assert swap.all_or_nothing(tmp_path, write) == [tmp_path / name for name in OLD]
    assert {path.name for path in tmp_path.iterdir()} == set(OLD)
