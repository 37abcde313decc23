"""The two lists of packages, and what the code imports, agree."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {"matplotlib-base": "matplotlib", "python-build": "build"}
MODULE_NAMES = {"docx": "python-docx", "fontTools": "fonttools", "python_calamine": "python-calamine"}
SHIPPED_EXTRAS = ("app", "test", "scale")


def requirement(text: str) -> tuple[str, str]:
    name, bound = re.fullmatch(r"([\w.-]+)(?:\[\w+\])?\s*(.*)", text.strip()).groups()
    name = name.lower().replace("_", "-")
    return CONDA_NAMES.get(name, name), bound.replace(" ", "")


def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def conda_list() -> set[tuple[str, str]]:
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").split("dependencies:")[1].splitlines()
    items = [line.strip().removeprefix("- ") for line in lines if line.strip().startswith("- ")]
    named = [item for item in items if not item.startswith(("--", "python ", "pip"))]
    return {requirement(item) for item in named}


def test_conda_and_pip_install_the_same_packages() -> None:
    project = pyproject()
    wanted = {requirement(item) for item in project["dependencies"]}
    for extra in SHIPPED_EXTRAS:
        wanted |= {requirement(item) for item in project["optional-dependencies"][extra]}
    assert conda_list() == wanted


def test_the_lock_pins_every_declared_package() -> None:
    lock = {
        requirement(line)[0] for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line
    }
    project = pyproject()
    declared = {requirement(item)[0] for item in project["dependencies"]}
    for extra in (*SHIPPED_EXTRAS, "geodata-build"):
        declared |= {requirement(item)[0] for item in project["optional-dependencies"][extra]}
    assert declared <= lock


def test_the_library_imports_only_declared_packages() -> None:
    project = pyproject()
    declared = {requirement(item)[0] for item in project["dependencies"]}
    for extra in ("app", "scale"):
        declared |= {requirement(item)[0] for item in project["optional-dependencies"][extra]}
    used: set[str] = set()
    for path in [*(ROOT / "workbench").rglob("*.py"), *(ROOT / "widgets").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                used.add(node.module.split(".")[0])
    used -= set(sys.stdlib_module_names) | {"workbench", "widgets", "geodata"}
    names = {MODULE_NAMES.get(name, name.replace("_", "-")) for name in used}
    carried = {"branca", "traitlets", "ipython", "IPython", "jupyter-client"}  # by folium and ipywidgets
    assert names - carried <= declared
