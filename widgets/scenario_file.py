"""The planner's work as a scenario file, to keep, hand on and load again: options and own decisions."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as w
import traitlets as t

from widgets.engine import Engine
from widgets.export import WRAPPED, Downloads
from widgets.i18n import text
from widgets.reasons import reason
from widgets.state import Choice, WorkbenchState
from workbench.errors import WorkbenchError
from workbench.scenarios import check, load
from workbench.scenarios.files import dumps

if TYPE_CHECKING:
    from workbench.layers.model import Layers

_STATIC = files("widgets") / "static"
NAME = "scenario.toml"


def written(choice: Choice) -> bytes:
    """Return a choice as the scenario file that `workbench run` reads: its pins are the planner's decisions.

    What the optimiser proposed is no decision: it is proposed again around the pins.
    """
    return dumps(choice.scenario.with_(pins=dict(choice.scenario.pins) | choice.pins)).encode()


def read(content: bytes, layers: Layers) -> Choice:
    """Return the choice a scenario file tells; raises ScenarioError for one the layers cannot use."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        path.write_bytes(content)
        scenario = load(path)
    check(scenario, layers, file=NAME)
    moves = {line: to for line, to in scenario.pins.items() if to != "keep"}
    free = scenario.from_mapping(scenario.model_dump() | {"pins": {}})
    return Choice(free, moves, frozenset(scenario.pins))


class Upload(anywidget.AnyWidget):
    """A button that hands a file's content to `take`; `label` is all it says."""

    _esm = (_STATIC / "upload.js").read_text(encoding="utf-8")

    label = t.Unicode().tag(sync=True)
    accept = t.Unicode().tag(sync=True)

    def __init__(self, take: Callable[[bytes], None], **options: Any) -> None:
        super().__init__(**options)
        self.on_msg(lambda _, __, buffers: take(bytes(buffers[0])) if buffers else None)


class ScenarioFile:
    """A button that hands the file to the browser, and one that takes a file from it."""

    def __init__(self, state: WorkbenchState, engine: Engine) -> None:
        self.state, self._engine = state, engine
        self.save = Downloads()
        self.load = Upload(self._take, accept=".toml")
        self.box = w.HBox([self.save, self.load], layout=WRAPPED)
        self.translate()

    def translate(self) -> None:
        """Write both labels in the present language."""
        self.load.label = text("load_scenario", self.state.language)
        label = text("save_scenario", self.state.language)
        self.save.offer({NAME: lambda: written(self.state.choice)}, {NAME: label})

    def _take(self, brought: bytes) -> None:
        try:
            choice = read(brought, self._engine.layers)
        except WorkbenchError as error:
            self.state.message = ("not_loaded", {"reason": reason(error)})
        else:
            self.state.message = ("loaded", {"moves": len(choice.pinned)})
            self.state.replace(choice)  # last, so that a refusal has the last word
