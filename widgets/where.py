"""The panel that says where an industry may go: the ranked sites, and why or why not at the place clicked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as w

from widgets import panels
from widgets.controller import Controller
from widgets.engine import Engine
from widgets.i18n import text
from workbench.labels import Language
from workbench.words import Text


class WherePanel:
    """Asks the library beside the page, and shows the newest answer in the reader's language.

    `name(layer, id)` gives the name of a site. `known` tells whether anything was asked yet.
    """

    def __init__(self, engine: Engine, controller: Controller, name: Callable[[str, str], str]) -> None:
        self.engine, self.controller, self._name = engine, controller, name
        self.html = w.HTML()
        self.known = False
        self._asked = 0
        self._shown: tuple[Any, Any, str, tuple[float, float] | None] | None = None
        self._key = self._scenario_key()
        controller.state.observe(lambda _: self._stale(), names="choice")

    def ask(self, site: str = "", at: tuple[float, float] | None = None) -> None:
        """Look up a site or a point (longitude, latitude), or the ranking alone, for the present industry."""
        where, scenario = self.engine.where, self.controller.state.scenario
        if where is None:
            return
        self.known = True
        self._asked += 1
        number, industry = self._asked, scenario.industries[0]
        self.html.value = f"<p>{text('working', self._say)}</p>"

        def look() -> tuple[Any, Any, str, tuple[float, float] | None]:
            found = where(scenario, industry)
            answer = found.site(site) if site else found.point(*at) if at else None
            return found, answer, site, at

        def show(result: Any, reason: Text) -> None:
            if number != self._asked:
                return  # another place was clicked meanwhile
            if result is None:
                self.html.value = panels.message_html("failed", {"reason": reason}, self._say)
                return
            self._shown = result
            self.write()
            self._tell()

        self.controller.beside(look, show)

    def write(self) -> None:
        """Write what is known in the present language."""
        if self._shown is None:
            self.html.value = f"<p>{text('where_hint', self._say)}</p>"
            return
        found, answer, site, at = self._shown
        parts = [f"<p>{text('where_hint', self._say)}</p>"]
        if answer is not None:
            parts = [panels.why_html(answer, self._place(site, at), found.industry, self._say)]
        self.html.value = "".join([*parts, panels.ranking_html(found.sites, self._say)])
        if self.controller.state.message[0] == "why":
            self._tell()

    def _tell(self) -> None:
        """Put the verdict and its first reason into the message line, beside the map."""
        if self._shown is None or self._shown[1] is None:
            return
        _, answer, site, at = self._shown
        reasons = answer.reasons.to_dict("records")
        first = f"{reasons[0]['clause']} {reasons[0][f'reason_{self._say}']}" if reasons else ""
        values = {
            "place": self._place(site, at),
            "verdict": text(answer.verdict, self._say),
            "reason": first or text("nothing_against", self._say),
        }
        self.controller.state.message = ("why", values)

    def _stale(self) -> None:
        """Forget an answer, and one still looked for, when the scenario it is given under is another."""
        if self.known and self._scenario_key() != self._key:
            self._asked += 1
            self._shown, self.known = None, False
            self.write()
        self._key = self._scenario_key()

    def _scenario_key(self) -> str:
        s = self.controller.state.scenario
        return str((s.industries, s.zone.definition, s.policy, s.freight, dict(s.assumptions)))

    def _place(self, site: str, at: tuple[float, float] | None) -> str:
        return self._name("sites", site) if site else f"{at[0]:.3f}, {at[1]:.3f}" if at else ""

    @property
    def _say(self) -> Language:
        return self.controller.state.language
