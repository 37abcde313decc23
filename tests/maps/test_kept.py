"""What is kept for the page is what would be made, and is kept for the embedded baseline alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.maps.world import tiny_layers
from workbench.layers import load
from workbench.maps import describe_workbench, kept
from workbench.maps.kept import fingerprint, kept_text
from workbench.maps.opening import Opening, opening

HEAVY = (
    "numpy",
    "pandas",
    "geopandas",
    "shapely",
    "pyproj",
    "scipy",
    "networkx",
    "folium",
    "matplotlib",
    "jinja2",
)
OPEN = f"""
import sys
from widgets import Workbench
from widgets.controller import Controller
Controller.refresh = lambda self: None  # what the worker does beside the page
Workbench()
print(sorted(set({HEAVY}) & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def drawn() -> Opening:
    """The opening of the baseline as it is drawn from the layers, without any cache."""
    return Opening.of(describe_workbench(load()))


def test_a_kept_opening_is_the_one_that_would_be_drawn(drawn, tmp_path) -> None:
    made, again = (opening(None, folder=tmp_path) for _ in range(2))
    assert made == again == drawn
    assert len(list(tmp_path.iterdir())) == 1


def test_a_page_opens_before_it_has_read_a_table_or_loaded_what_reads_them(drawn) -> None:
    assert opening(None) == drawn  # from now on it is kept
    done = subprocess.run([sys.executable, "-c", OPEN], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_an_opening_names_what_the_map_shows_in_the_order_of_a_plans_arrays(drawn) -> None:
    spec = describe_workbench(load())
    for ids, layer in zip(drawn.order, ("lines", "sites", "markets"), strict=True):
        assert list(ids) == list(spec[layer].frame.index)
    assert drawn.lines["CM01-1"][2:] == ("cement", load().lines.at["CM01-1", "capacity_kt"])
    assert drawn.kt["capacity_kt"].equals(spec["lines"].frame["capacity_kt"].astype(float).rename_axis(None))


def test_a_planners_own_rows_are_drawn_each_time_and_never_kept(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(kept, "user_cache_dir", lambda *_, **__: tmp_path)
    first = load().lines.index[0]
    for name in ("甲厂", "乙厂"):
        lines = load().lines.copy()
        lines.loc[first, "name_zh"] = name
        assert opening(load().with_(lines=lines)).lines[first][0] == name
    assert opening(tiny_layers()).markets == tuple(tiny_layers()["markets"].index)
    assert not list(tmp_path.rglob("opening-*"))


def test_a_kept_text_is_made_once(tmp_path) -> None:
    made = iter("ab")
    assert [kept_text("name.css", lambda: next(made), tmp_path) for _ in range(3)] == ["a"] * 3


@pytest.mark.parametrize("spoil", [b"", b"\xff\xfe", b"half"], ids=["empty", "not text", "cut off"])
def test_a_spoilt_text_is_made_again(spoil, tmp_path) -> None:
    whole = "characters and a rule " * 9
    kept_text("name.css", lambda: whole, tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-40] if spoil == b"half" else spoil)
    assert kept_text("name.css", lambda: whole, tmp_path) == whole
    assert kept_text("name.css", lambda: "never asked", tmp_path) == whole


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert kept_text("name.css", lambda: "made", tmp_path / "file") == "made"
    (tmp_path / "name.css").mkdir()
    assert kept_text("name.css", lambda: "made", tmp_path) == "made"
    assert {path.name for path in tmp_path.iterdir()} == {"file", "name.css"}, "nothing half written stays"


def test_any_edit_of_code_or_data_makes_another_name(tmp_path) -> None:
    code = tmp_path / "map.js"
    code.write_text("one")
    seen = {fingerprint(tmp_path)}
    os.utime(code, ns=(1, 1))
    seen.add(fingerprint(tmp_path))
    code.write_text("longer")
    seen.add(fingerprint(tmp_path))
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "layer.csv").write_text("")
    assert fingerprint(tmp_path) not in seen
    assert len(seen) == 3
