"""A wheel built from the tree works from any folder, and importing it is cheap."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What a planner's first minutes need, run where nothing of the checkout can be seen.
FIRST_MINUTES = """
import sys
import workbench as wb
assert not wb.__file__.startswith(sys.argv[1]), wb.__file__
layers = wb.load()
plan = wb.plan(wb.Scenario.baseline(), layers)
print(len(layers.plants), plan.status)
"""


def run(*command: object, **options) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.slow
def test_a_wheel_plans_from_the_root_folder(tmp_path) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    # The new environment sees the packages already installed, but of ours only the wheel.
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel)
    target = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip())
    # A folder named in a .pth file is searched, but the .pth files inside it are not followed, so the
    # editable install of the checkout stays invisible.
    installed = next(path for path in sys.path if path.endswith("site-packages"))
    (target / "installed.pth").write_text(installed + "\n", encoding="utf-8")
    done = run(python, "-c", FIRST_MINUTES, ROOT, cwd="/", env=os.environ | {"PYTHONPATH": ""})
    assert done.stdout.split()[1] in {"optimal", "time"}


HEAVY = {
    "numba", "matplotlib", "folium", "highspy", "docx", "openpyxl", "xlsxwriter", "pymcdm", "ipywidgets",
}  # fmt: skip


def test_importing_the_package_loads_none_of_the_heavy_libraries() -> None:
    code = "import sys, workbench; print(' '.join({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not HEAVY & set(loaded)


def test_a_page_opens_without_what_its_first_picture_does_not_need() -> None:
    code = "import sys, widgets; print(' '.join({name.split('.')[0] for name in sys.modules}))"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert not {"networkx", "numba", "scipy", "folium", "fontTools", "matplotlib", "highspy"} & set(
        told.split()
    )


@pytest.mark.parametrize("room", ["layers", "policy", "logistics", "maps"])
def test_every_name_that_a_room_hands_on_is_there(room: str) -> None:
    module = importlib.import_module(f"workbench.{room}")
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    modules = {path.stem for path in Path(str(module.__file__)).parent.glob("*.py")}
    lent = set(module.__all__) - {"escape"}  # imported when the room is
    assert not lent & modules, "a module of that name would take the place of what it defines"


def test_every_public_name_exists_and_is_documented() -> None:
    import workbench as wb

    for name in wb.__all__:
        value = getattr(wb, name)
        assert name.startswith("__") or value.__doc__, f"{name} has no docstring"
