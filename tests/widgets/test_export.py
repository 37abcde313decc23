"""The files of a plan: made beside the page, stopped, sent to the browser, written where asked."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

import widgets
from tests.widgets.fakes import tiny_workbench
from widgets.export import PART, ZIP, Downloads, named_folder
from workbench.errors import DataError


@pytest.fixture
def panel():
    return tiny_workbench().export


def sent(downloads: Downloads, name: str) -> bytes:
    """The file as the browser puts it together again."""
    parts: list[tuple[int, int, bytes]] = []
    downloads.send = lambda m, buffers: parts.append((m["part"], m["parts"], buffers[0]))
    downloads._hear(None, {"want": name}, [])
    assert [number for number, _, _ in parts] == list(range(len(parts)))
    assert all(count == len(parts) for _, count, _ in parts)
    return b"".join(data for _, _, data in parts)


def test_each_file_and_all_in_one_go_to_the_browser(panel) -> None:
    panel.prepare.click()
    assert [row["name"] for row in panel.downloads.offered] == ["map.html", "scenario.toml", ZIP]
    assert sent(panel.downloads, "map.html") == b"map.html of 3 lines"
    with zipfile.ZipFile(io.BytesIO(sent(panel.downloads, ZIP))) as pack:
        assert pack.testzip() is None
        assert pack.namelist() == ["map.html", "scenario.toml"]
        assert pack.read("map.html") == b"map.html of 3 lines"
    assert "2" in panel.told.value


def test_large_files_go_in_parts_and_unknown_ones_not_at_all(tmp_path) -> None:
    path = tmp_path / "map.html"
    path.write_bytes(bytes(range(256)) * (PART // 256) + b"rest")
    downloads = Downloads()
    downloads.offer({"map.html": path.read_bytes}, {})
    assert sent(downloads, "map.html") == path.read_bytes()
    for name in ("../map.html", str(path), "", None):
        assert sent(downloads, name) == b""


def test_a_stopped_export_leaves_no_file(panel) -> None:
    begin = panel._engine.export

    def stopped_at_once(plan, folder, tell):
        panel.stop.disabled = False
        panel.stop.click()
        return begin(plan, folder, tell)

    panel._engine.export = stopped_at_once
    panel.prepare.click()
    assert "已停止" in panel.told.value
    assert panel.downloads.offered == []
    assert not [path for path in Path(panel._home.name).rglob("*") if path.is_file()]


def test_a_folder_of_the_server_gets_files_only_when_named(panel, tmp_path) -> None:
    panel.prepare.click()
    panel.save.click()
    assert "完整路径" in panel.told.value
    panel.folder.value = str(tmp_path / "成果")
    panel.save.click()
    assert sorted(path.name for path in (tmp_path / "成果").iterdir()) == ["map.html", "scenario.toml"]


@pytest.mark.parametrize("name", ["", "  ", "out", "./out", Path(widgets.__file__).parent / "out"], ids=str)
def test_a_folder_that_is_not_named_in_full_or_is_our_own_is_refused(name) -> None:
    with pytest.raises(DataError, match="full path"):
        named_folder(str(name))


def test_the_panel_speaks_the_readers_language(panel) -> None:
    panel._controller.state.language = "en"
    assert panel.prepare.description == "Prepare the files"
    assert "ZIP" in panel.told.value
