"""The workbench in JupyterLab and in Notebook 7: the same screen, the same hand, no request outside."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.browser.conftest import answering, as_installed, write_notebook
from tests.browser.desk import Desk
from tests.browser.test_kernels import kernels
from tests.ports import free_port

PAGES = {"lab": ("jupyterlab.labapp", "lab/tree"), "notebook": ("notebook.app", "notebooks")}


@pytest.fixture(params=sorted(PAGES))
def noted(request, page, tmp_path: Path):
    """The address of the tiny world's notebook in one of the two, its server running."""
    module, path = PAGES[request.param]
    pytest.importorskip(module)
    write_notebook(tmp_path, "from tests.widgets.fakes import tiny_workbench\ntiny_workbench()")
    port = free_port()
    command = [
        sys.executable, "-m", module, "--no-browser", "--allow-root", f"--port={port}",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={tmp_path}",
        "--expose-app-in-browser", "--ServerApp.ip=127.0.0.1",
    ]  # fmt: skip
    folders = {"JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "JUPYTER_DATA_DIR": str(tmp_path / "data")}
    with answering(command, port, tmp_path, cwd=tmp_path, env=as_installed(folders)):
        page.set_viewport_size({"width": 1366, "height": 768})
        page.goto(f"http://127.0.0.1:{port}/{path}/page.ipynb")
        page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for()
        run(page)
        yield page


def run(page) -> None:
    """Run the notebook's cells; before the kernel is there, a dialogue would ask for one."""
    page.wait_for_function(
        "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
    )
    page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")


def test_a_line_is_moved_on_one_screen_and_comes_back_when_the_kernel_was_killed(noted) -> None:
    desk = Desk(noted)
    noted.locator(".wb-root").scroll_into_view_if_needed()
    height = noted.viewport_size["height"]
    for part in (".wb-bar", ".wb-heads", ".wb-place", ".wb-side", ".wb-foot"):
        box = noted.locator(part).bounding_box()
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= height, part
    desk.take("A-1")
    desk.click("sites", "S1")
    desk.wait("hand.answer && hand.answer.may")
    desk.map.get_by_role("button", name="确认").click()
    moved = noted.locator(".wb-figures > div", has_text="转移").get_by_text("200")
    moved.wait_for()
    for kernel in kernels(noted.url):
        kernel.kill()
    told = noted.get_by_role("alert").filter(has_text="计算核心没有回应")
    told.wait_for()
    assert "Run the cell again" in told.inner_text()
    while noted.locator(".jp-Dialog").count():
        noted.locator(".jp-Dialog .jp-mod-accept").first.click()
    run(noted)
    noted.get_by_text("已恢复").wait_for()
    moved.wait_for()
    told.wait_for(state="detached")
    assert [fault for fault in noted.faults if "workbench" in fault] == []
    assert noted.outside == []
