"""A planner's own layers and scenario files full of code, on the served page, the network cut: all text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench as wb
from tests.browser.conftest import guarded, serve, write_notebook
from tests.browser.desk import Desk
from tests.hostile import TEXTS
from workbench.layers.imports.text import tidy, unmarked

NAMES = [unmarked(text) for text in TEXTS]  # what no reader sees is left out where a file comes in
IDS = [text for text in TEXTS if tidy(text) == text and ";" not in text]
COLUMNS = {
    "plants": ("编号", "名称", "英文名称", "经度", "纬度", "行业", "产能（kt）", "业主", "备注"),
    "sites": ("编号", "名称", "英文名称", "经度", "纬度", "类别", "industries", "备注"),
}
CELL = """
import workbench as wb
from widgets.app import Workbench
from workbench.layers.imports import with_folder
Workbench(with_folder(wb.load(), {folder!r}), wb.scenarios.load({scenario!r}))
"""


def own_layers(folder: Path) -> None:
    """A list of works and one of sites: each text of the hostile set a name, an owner, a remark, an id."""
    for layer, head in COLUMNS.items():
        with (folder / f"{layer}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(head)
            for n, text in enumerate(TEXTS):
                place = [IDS[n] if n < len(IDS) else f"X{n}", text, text, f"{103.2 + n * 0.05:.3f}", "29.5"]
                rest = ["水泥", "900", text, text] if layer == "plants" else ["园区", "cement", text]
                writer.writerow([*place, *rest])


def scenario(path: Path, **options: object) -> Path:
    chosen = {"name": NAMES[0], "description": "\n".join(NAMES), **options}
    return wb.scenarios.save(wb.Scenario.from_mapping(chosen), path)


@pytest.fixture(scope="module")
def desk(browser, tmp_path_factory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("own") / "{{7*7}} ${x} & 'é'"
    folder.mkdir()
    own_layers(folder)
    start = scenario(folder / "{% raw %}.toml")
    code = CELL.format(folder=str(folder), scenario=str(start))
    served = serve(write_notebook(tmp_path_factory.mktemp("page"), code), folder)
    page = guarded(browser)
    page.goto(next(served))
    yield Desk(page)
    page.close()
    served.close()


@pytest.fixture(autouse=True)
def nothing_ran(desk: Desk) -> Iterator[None]:
    yield
    for frame in desk.page.frames:
        assert frame.evaluate("window.wb_ran") is None
        assert frame.evaluate("document.querySelectorAll('img[src=x], svg[onload]').length") == 0
    assert desk.page.faults == []
    assert desk.page.outside == []


@pytest.mark.parametrize("layer", ["lines", "sites"])
def test_the_map_names_everything_as_it_is_written(desk: Desk, layer: str) -> None:
    features = f"workbench_map.layers.get('{layer}').features"
    assert set(desk.inner.evaluate(f"{features}.map(f => workbench_map.name(f))")) >= set(NAMES)
    if layer == "sites":
        assert set(desk.inner.evaluate(f"{features}.map(f => f.id)")) >= set(IDS)


def test_every_tab_shows_text_as_text(desk: Desk) -> None:
    told = []
    for name in ("去哪里", "合法", "代码"):
        desk.tab(name)
        desk.page.wait_for_timeout(500)
        told.append(desk.page.locator(".wb-side").inner_text())
    assert "{{7*7}}" in told[-1]
    assert "49" not in told[-1]
    assert sum(name in "\n".join(told) for name in NAMES) > len(NAMES) / 2


def test_a_scenario_file_is_loaded_or_refused_in_its_own_words(desk: Desk, tmp_path: Path) -> None:
    line = next(i for i in desk.inner.evaluate("workbench_map.layers.get('lines').features.map(f => f.id)")
                if "{{7*7}}" in i)  # fmt: skip
    desk.tab("情景")

    def bring(file: Path) -> None:
        with desk.page.expect_file_chooser() as asked:
            desk.page.get_by_role("button", name="打开情景文件").click()
        asked.value.set_files(file)

    for number, text in enumerate(IDS[:8]):
        bring(scenario(tmp_path / f"{number}.toml", pins={f"{text}?": "keep"}))
        desk.page.locator(".wb-root").get_by_text(f"{text}?", exact=False).first.wait_for()
    bring(scenario(tmp_path / "good.toml", pins={line: "close"}))
    desk.page.get_by_text("已打开情景文件：1 项").first.wait_for()
    desk.tab("方案")
    assert "{{7*7}}" in desk.page.locator(".wb-side").inner_text()
