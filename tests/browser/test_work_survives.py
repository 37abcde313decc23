"""The served page over its whole life: reload, Back, a killed kernel, a download."""

from __future__ import annotations

import zipfile

import pytest

from tests.browser.test_kernels import kernels
from tests.browser.test_voila import app  # noqa: F401 (a fixture)

MOVED = ".wb-figures > div:has-text('转移')"


@pytest.fixture
def worked(app):  # noqa: F811
    """A page on which one line was moved."""
    app.take("A-1")
    app.click("sites", "S1")
    app.map.get_by_role("button", name="确认").click()
    app.page.locator(MOVED).get_by_text("200").wait_for()
    return app.page


def restored(page) -> None:
    page.locator(MOVED).get_by_text("200").wait_for()
    page.get_by_text("已恢复").wait_for()


def test_work_comes_back_after_reload_and_back(worked) -> None:
    worked.reload()
    restored(worked)
    worked.goto("about:blank")
    worked.go_back()
    restored(worked)
    assert worked.faults == []


def test_a_killed_kernel_is_told_in_both_languages_and_starting_again_restores(worked, served) -> None:
    for kernel in kernels(served):
        kernel.kill()
    told = worked.get_by_role("alert")
    told.wait_for()
    assert "计算核心没有回应" in told.inner_text()
    assert "does not answer" in told.inner_text()
    told.get_by_role("button").click()
    restored(worked)
    assert worked.get_by_role("alert").count() == 0


def test_the_files_of_a_plan_are_downloaded_one_by_one_and_as_a_zip(app, tmp_path) -> None:  # noqa: F811
    app = app.page
    app.get_by_role("tab", name="导出").click()
    app.get_by_role("button", name="生成成果文件").click()
    for label, name in (("scenario.toml", "scenario.toml"), ("全部（ZIP）", "plan.zip")):
        with app.expect_download() as started:
            app.get_by_role("button", name=label).click()
        assert started.value.suggested_filename == name
        started.value.save_as(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "plan.zip") as pack:
        assert pack.testzip() is None
        assert pack.read("scenario.toml") == (tmp_path / "scenario.toml").read_bytes()
    assert app.faults == []
    assert app.outside == []
