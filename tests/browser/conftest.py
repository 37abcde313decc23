"""A real Chromium with the network cut, and the workbench served by Voila; skipped, visibly, without one."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
CUT = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-sandbox"]


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if "browser" in Path(item.fspath).parts:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no chromium found: the browser tests did not run"))


@pytest.fixture(scope="module")  # its event loop must be gone when other tests ask for one of their own
def browser() -> Iterator:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as play:
        made = play.chromium.launch(executable_path=CHROMIUM, args=CUT)
        yield made
        made.close()


def guarded(browser: Any) -> Any:
    """A fresh page that remembers its errors and every request that would leave this machine."""
    made = browser.new_page(viewport={"width": 1500, "height": 950})
    made.set_default_timeout(120_000)  # a kernel starts slowly on a busy machine
    made.faults, made.outside = [], []
    made.on("pageerror", lambda error: made.faults.append(str(error)))
    made.on("dialog", lambda dialog: (made.faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
    local = ("data:", "blob:", "file:", "about:", "http://127.0.0.1")
    made.on("request", lambda request: request.url.startswith(local) or made.outside.append(request.url))
    return made


@pytest.fixture
def page(browser) -> Iterator:
    """A page of its own for a test."""
    made = guarded(browser)
    yield made
    made.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory) -> Iterator[str]:
    """The address of a Voila page with the workbench on the tiny world."""
    pytest.importorskip("voila")
    folder = tmp_path_factory.mktemp("voila")
    code = "from tests.widgets.fakes import tiny_workbench\ntiny_workbench()"
    yield from serve(write_notebook(folder, code), folder)


@pytest.fixture(scope="session")
def baseline(tmp_path_factory) -> Iterator[str]:
    """The address of the page on the embedded baseline."""
    pytest.importorskip("voila")
    yield from serve(None, tmp_path_factory.mktemp("baseline"))


def write_notebook(folder: Path, code: str) -> Path:
    """Write a notebook of one cell."""
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "a",
        "metadata": {},
        "outputs": [],
        "source": code,
    }
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    path = folder / "page.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def as_installed(more: dict[str, str]) -> dict[str, str]:
    """Return the environment of a server whose kernels find Python's code compiled, as installers leave it.

    Where nothing may be written beside the sources, every kernel would compile two thousand files again.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled = str(Path(tempfile.gettempdir()) / f"workbench-tests-compiled-{getpass.getuser()}")
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": compiled, **more}


def serve(notebook: Path | None, folder: Path, *options: str) -> Iterator[str]:
    """Start ``python -m widgets`` and yield its address once it answers; end it afterwards."""
    port = free_port()
    token = "a-token-of-the-tests"
    command = [
        sys.executable,
        "-m",
        "widgets",
        *([str(notebook)] if notebook else []),
        "--no-browser",
        f"--port={port}",
        *options,
    ]
    with answering(command, port, folder, cwd=ROOT, env=as_installed({"WORKBENCH_TOKEN": token})):
        yield f"http://127.0.0.1:{port}/?token={token}"


@contextmanager
def answering(command: list[str], port: int, folder: Path, **options: Any) -> Iterator[None]:
    """Run a server once it answers at its port, and end it afterwards; what it says is in ``server.log``."""
    said = folder / "server.log"
    with said.open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, **options)
    try:
        for _ in range(1800):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, said.read_text()
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(20)
