"""What ties a page to its kernel: work kept in the browser, and words when the kernel is gone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container
from importlib.resources import files
from typing import Any

import anywidget
import traitlets as t

from widgets import work
from widgets.reasons import reason
from widgets.state import WorkbenchState
from workbench.errors import WorkbenchError
from workbench.words import words

_STATIC = files("widgets") / "static"
PATIENCE_S = 10


class Lifeline(anywidget.AnyWidget):
    """Keeps `work` in the browser, and asks the kernel for a sign of life.

    Identity belongs to the browser: a reloaded page has another kernel. Work is kept for this tab first, then
    for the browser, and not before the page has handed over what it had: an empty beginning overwrites none.
    The kernel is asked by messages of our own, since one that died is started again, empty, under the same
    id, and looks well to everyone else.

    `restore(text)` hears once what the browser kept, or an empty text; `dump()` gives the work of now.
    `name` keeps pages of one address apart. `words`: the sentences for a lost kernel, each in both languages.
    """

    _esm = (_STATIC / "lifeline.js").read_text(encoding="utf-8")
    _css = (_STATIC / "lifeline.css").read_text(encoding="utf-8")

    name = t.Unicode().tag(sync=True)
    words = t.Dict().tag(sync=True)
    patience_s = t.Float(PATIENCE_S).tag(sync=True)
    work = t.Unicode().tag(sync=True)

    def __init__(self, restore: Callable[[str], None], dump: Callable[[], str], **options: Any) -> None:
        super().__init__(**options)
        self._restore, self._dump = restore, dump
        self._seen: str | None = None  # the work the browser knows, once it has handed over its own
        self.on_msg(self._hear)

    def keep(self) -> None:
        """Have the browser keep the work if it has changed."""
        if self._seen is not None and (now := self._dump()) != self._seen:
            self._seen = self.work = now

    def _hear(self, _: Any, message: Any, __: Any) -> None:
        kind = message.get("kind") if isinstance(message, dict) else None
        if kind == "ping":
            self.send({"kind": "pong"})
        elif kind == "kept" and self._seen is None:
            kept = message.get("work")
            self._restore(kept if isinstance(kept, str) else "")
            self._seen = self._dump()


def tie(state: WorkbenchState, lines: Container[str], sites: Container[str]) -> Lifeline:
    """Return a lifeline that keeps the work of a state, and takes up what the browser kept of it.

    `lines`, `sites`: the ids on the page, known before the layers are read. A page that opens with a scenario
    of its own keeps its work apart from pages that open with another.
    """
    start = state.scenario

    def restore(kept: str) -> None:
        if kept:
            try:
                choice = work.load(kept, start, lines, sites)
            except WorkbenchError as error:
                state.message = ("unreadable", {"reason": reason(error)})
            else:
                if choice != state.choice:
                    state.message = ("restored", {"moves": len(choice.moves)})
                    state.resume(choice)  # last, so that a refusal has the last word

    name = hashlib.sha256(start.model_dump_json().encode()).hexdigest()[:12]
    line = Lifeline(restore, lambda: work.dump(state.choice, start), name=name, words=_words())
    return line


def _words() -> dict[str, Any]:
    texts = words("page.lifeline")
    told = {key: {"zh": texts[key][0], "en": texts[key][1]} for key in ("page", "notebook")}
    return told | {"again": " ".join(texts["again"])}
