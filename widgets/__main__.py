"""Serve the workbench as a web page on this computer: ``python -m widgets [NOTEBOOK] [--port N]``."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> None:
    """Start Voila with a template that asks nothing of the internet; Ctrl-C ends it."""
    parser = ArgumentParser(prog="python -m widgets", description="Serve the workbench on this computer.")
    parser.add_argument("notebook", nargs="?", type=Path, help="another notebook to serve as a page")
    parser.add_argument("--port", type=int, default=8866)
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    given = parser.parse_args(arguments)
    package = Path(str(files("widgets")))
    # Voila and the kernels it starts look for templates and packages where these point
    _prepend("JUPYTER_PATH", package / "static")
    _prepend("PYTHONPATH", package.parent)
    from voila.app import Voila

    from workbench.logistics.paths.engine import warm_up

    warm_up()  # the first page after installing would wait for it, without a word
    options = [
        str(given.notebook or package / "workbench.ipynb"),
        f"--port={given.port}",
        "--Voila.ip=127.0.0.1",
        "--template=workbench",
        "--VoilaConfiguration.show_tracebacks=True",
    ]
    Voila.launch_instance(argv=[*options, "--no-browser"] if given.no_browser else options)


def _prepend(name: str, folder: Path) -> None:
    rest = os.environ.get(name)
    os.environ[name] = os.pathsep.join([str(folder), *([rest] if rest else [])])


if __name__ == "__main__":
    main(sys.argv[1:])
