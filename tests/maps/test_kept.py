"""The kept picture is the one that would be drawn, and is kept for the embedded baseline alone."""

from __future__ import annotations

import os

from tests.maps.world import tiny_layers
from workbench.layers import load
from workbench.maps.kept import fingerprint, kept_picture


def test_the_baseline_is_drawn_once_and_a_planners_rows_each_time(tmp_path) -> None:
    drawn = iter("abc")
    draw = lambda: next(drawn)  # noqa: E731
    assert [kept_picture(load(), "zh", draw, tmp_path) for _ in range(2)] == ["a", "a"]
    assert kept_picture(tiny_layers(), "zh", draw, tmp_path) == "b"
    assert kept_picture(load().with_(lines=load().lines), "zh", draw, tmp_path) == "c"


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert kept_picture(load(), "zh", lambda: "drawn", tmp_path / "file") == "drawn"


def test_any_edit_of_code_or_data_makes_another_picture(tmp_path) -> None:
    code = tmp_path / "map.js"
    code.write_text("one")
    seen = {fingerprint(tmp_path)}
    os.utime(code, ns=(1, 1))
    seen.add(fingerprint(tmp_path))
    code.write_text("longer")
    seen.add(fingerprint(tmp_path))
    (tmp_path / "layer.csv").write_text("")
    assert fingerprint(tmp_path) not in seen
    assert len(seen) == 3
