"""Serve the workbench as a web page, on this computer unless told otherwise: ``python -m widgets --help``."""

from __future__ import annotations

import os
import secrets
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> None:
    """Start Voila with a template that asks nothing of the internet; Ctrl-C ends it."""
    given = _parse(arguments)
    package = Path(str(files("widgets")))
    # Voila and the kernels it starts look for templates and packages where these point
    _prepend("JUPYTER_PATH", package / "static")
    _prepend("PYTHONPATH", package.parent)
    # one page per kernel: nobody else needs to hear again what a page has said itself
    os.environ.setdefault("JUPYTER_WIDGETS_ECHO", "0")
    from widgets.server import serve
    from workbench.logistics.paths.warm import compile_aside

    compile_aside()
    token = os.environ.get("WORKBENCH_TOKEN") or secrets.token_urlsafe(24)
    sys.stdout.write(f"http://{given.host[0] if given.host else 'localhost'}:{given.port}/?token={token}\n")
    sys.stdout.flush()
    serve(
        given.notebook or package / "workbench.ipynb",
        ip=given.ip,
        port=given.port,
        hosts=given.host,
        token=token,
        heated=given.heated,
        browser=not given.no_browser,
    )


def _parse(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(
        prog="python -m widgets",
        description="Serve the workbench. The address carries a token: set WORKBENCH_TOKEN to choose it.",
    )
    parser.add_argument("notebook", nargs="?", type=Path, help="another notebook to serve as a page")
    parser.add_argument("--port", type=int, default=8866)
    parser.add_argument("--ip", default="127.0.0.1", help="interface to listen on; 0.0.0.0 serves a team")
    parser.add_argument(
        "--host", action="append", default=[], help="a name this server answers to; repeat for more"
    )
    parser.add_argument("--heated", type=int, default=0, help="kernels kept ready for the next page")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    return parser.parse_args(arguments)


def _prepend(name: str, folder: Path) -> None:
    rest = os.environ.get(name)
    os.environ[name] = os.pathsep.join([str(folder), *([rest] if rest else [])])


if __name__ == "__main__":
    main(sys.argv[1:])
