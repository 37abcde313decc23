"""The panel that makes a plan's files and hands them to the browser, and to a folder only if one is named."""

from __future__ import annotations

import shutil
import tempfile
import threading
import zipfile
from collections.abc import Callable, Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as w
import traitlets as t

from widgets.controller import Controller, Result
from widgets.controls import button
from widgets.engine import Engine
from widgets.i18n import caption
from widgets.reasons import reason
from workbench.errors import DataError, Fault, WorkbenchError
from workbench.words import Text, pair, words

_STATIC = files("widgets") / "static"
_PACKAGE = Path(str(files("widgets"))).resolve().parent
PART = 1 << 19  # bytes of a file sent in one message
ZIP = "plan.zip"


class Stopped(WorkbenchError):
    """The planner stopped the export."""


class Downloads(anywidget.AnyWidget):
    """Buttons, one per file, that send the file to the browser when pressed.

    `offered`: rows of ``{"name", "label", "bytes"}``; a press on any other name is ignored.
    """

    _esm = (_STATIC / "downloads.js").read_text(encoding="utf-8")
    _css = (_STATIC / "downloads.css").read_text(encoding="utf-8")

    offered = t.List(t.Dict()).tag(sync=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._files: dict[str, Callable[[], bytes]] = {}
        self.on_msg(self._hear)

    def offer(self, files: Mapping[str, Callable[[], bytes]], labels: dict[str, str]) -> None:
        """Offer these files, name -> what reads or makes it; `labels` names some of them for the reader."""
        self._files = dict(files)
        self.offered = [
            {"name": name, "label": labels.get(name, name), "bytes": len(make())}
            for name, make in files.items()
        ]

    def _hear(self, _: Any, message: Any, __: Any) -> None:
        name = message.get("want") if isinstance(message, dict) else None
        make = self._files.get(name) if isinstance(name, str) else None
        if make is None:
            return
        data = make()
        parts = [data[at : at + PART] for at in range(0, len(data), PART)] or [b""]
        for number, part in enumerate(parts):
            self.send({"name": name, "part": number, "parts": len(parts)}, buffers=[part])


WRAPPED = w.Layout(flex_flow="row wrap")


class ExportPanel:
    """Prepare, watch, stop, download; the files stand in a folder of this session until the next are made."""

    def __init__(self, engine: Engine, controller: Controller) -> None:
        self._engine, self._controller = engine, controller
        self._stop = threading.Event()
        self._home = tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True)
        self._made: list[Path] = []
        self._told: tuple[str, dict[str, Any]] = ("hint", {})
        self.prepare, self.stop = button(self._begin, style="primary"), button(self._stop.set)
        self.save = button(self._save)
        self.folder = w.Text(layout=w.Layout(width="320px"), style={"description_width": "initial"})
        self.told = w.HTML()
        self.downloads = Downloads()
        self.box = w.VBox([
            w.HBox([self.prepare, self.stop]),
            self.told,
            self.downloads,
            w.HBox([self.folder, self.save], layout=WRAPPED),
        ])  # fmt: skip
        self.stop.disabled = self.save.disabled = True
        self.translate()
        controller.state.observe(lambda _: self.translate(), names="language")

    def translate(self) -> None:
        """Write every label in the present language."""
        for name, part in (("prepare", self.prepare), ("stop", self.stop), ("save", self.save)):
            part.description = self._say(name)
        caption(self.folder, self._say("folder"))
        self.folder.placeholder = self._say("folder_hint")
        self._tell(*self._told)
        self._offer()

    def _begin(self) -> None:
        self._stop.clear()
        self.prepare.disabled, self.stop.disabled, self.save.disabled = True, False, True
        self._made = []
        self._offer()
        self._tell("figures", {})
        self._controller.when_known(self._work)

    def _work(self, result: Result) -> None:
        self._controller.beside(lambda: self._make(result), lambda made, why: self._done(result, made, why))

    def _make(self, result: Result) -> list[Path]:
        folder = Path(tempfile.mkdtemp(dir=self._home.name))
        made = self._engine.export(result.plan, folder, self._heard)
        packed = folder / ZIP
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
            for path in made:
                pack.write(path, path.name)
        return [*made, packed]

    def _heard(self, name: str, number: int, count: int) -> None:
        """Pass on that a file is about to be written, or stop the writing; called in the export's thread."""
        if self._stop.is_set():
            raise Stopped("the export was stopped")
        values = {"name": name, "number": number, "count": count}
        self._controller.later(lambda: self._tell("writing", values))

    def _done(self, result: Result, made: list[Path] | None, why: Text) -> None:
        self.prepare.disabled, self.stop.disabled = False, True
        if made is None:
            key = "stopped" if self._stop.is_set() else "failed"
            self._tell(key, {} if key == "stopped" else {"reason": why})
            return
        self._made, self.save.disabled = made, False
        scenario = result.choice.scenario.name
        values = {"count": len(made) - 1, "scenario": scenario, "moves": len(result.choice.moves)}
        self._tell("ready", values)
        self._offer()

    def _offer(self) -> None:
        self.downloads.offer({path.name: path.read_bytes for path in self._made}, {ZIP: self._say("all")})

    def _save(self) -> None:
        try:
            folder = named_folder(self.folder.value)
            folder.mkdir(parents=True, exist_ok=True)
            for path in self._made:
                if path.name != ZIP:
                    shutil.copy2(path, folder / path.name)
        except WorkbenchError as error:
            self._tell("failed", {"reason": reason(error)})
        except OSError:
            self._tell("failed", {"reason": words("page.download")["unwritable"]})
        else:
            self._tell("saved", {"folder": str(folder)})

    def _tell(self, key: str, values: dict[str, Any]) -> None:
        self._told = (key, values)
        self.told.value = f'<div class="wb-message" role="status">{escape(self._say(key, **values))}</div>'

    def _say(self, key: str, **values: Any) -> str:
        return pair("page.download", key, **values)[self._controller.state.language == "en"]


def named_folder(text: str) -> Path:
    """Return the folder of the server that a planner named in full, outside the workbench's own code.

    Raises DataError for an empty or relative name, which would depend on where the server was started, and
    for one inside the package.
    """
    folder = Path(text.strip()).expanduser()
    if text.strip() and folder.is_absolute() and not folder.resolve().is_relative_to(_PACKAGE):
        return folder
    found = "nothing" if not text.strip() else f"{text.strip()!r}"
    expected = "the full path of a folder outside the workbench's own"
    fault = Fault("folder", None, "", found, expected, "Name it from the root, such as /home/planning/plans.")
    raise DataError([fault], "nothing was written")
