"""The workbench itself: bar, figures, map, tabs and message line around one state."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from widgets import headline, panels
from widgets.controller import Controller, Result
from widgets.controls import Decision, Options, button
from widgets.engine import Engine
from widgets.export import ExportPanel
from widgets.glyphs import Glyphs
from widgets.hand import Hand
from widgets.i18n import TEXTS, text
from widgets.lifeline import tie
from widgets.mapview import MapView
from widgets.scenario_file import ScenarioFile
from widgets.screen import Side, bar, frame
from widgets.state import Choice, WorkbenchState
from widgets.where import WherePanel
from workbench import maps
from workbench.labels import LABELS, Language
from workbench.maps.opening import opening
from workbench.scenarios.scenario import Scenario
from workbench.words import words

if TYPE_CHECKING:
    from workbench.layers.model import Layers


class Workbench(w.Box):
    """Planning in one view: take up a line, try sites, confirm, see figures and verdicts; or let it optimise.

    `layers`: the baseline, the embedded one when None. `scenario`: where to start. `engine`: the library's
    functions it calls; another one serves tests and other houses' models.
    """

    def __init__(
        self,
        layers: Layers | None = None,
        scenario: Scenario | None = None,
        *,
        language: Language = "zh",
        engine: Engine | None = None,
    ) -> None:
        self.engine = engine or Engine.of_library(layers)
        self.state = WorkbenchState(scenario)
        self.state.language = language
        self._opening = opening(self.engine.own, language)
        self.controller = Controller(
            self.state,
            prepare=self.engine.prepare,
            indicators=self.engine.indicators,
            verdicts=self.engine.verdicts,
            relevant=self._opening.relevant,
        )
        self._glyphs = Glyphs()
        self._judged: tuple[str, ...] = ()
        self._flows: Any = None
        self._painted: Any = None
        self._style = w.Box([w.HTML(panels.style_html())]).add_class("wb-styles")
        self._draw()
        told = [*TEXTS.values(), *LABELS.values(), *words("page.download").values()]
        drawn = (*self._opening.names("lines").values(), *self._opening.names("sites").values())
        self._dress(*(zh for zh, _ in (*told, *drawn)), self._opening.sources[0])
        self._make_parts()
        self._app = w.VBox(frame(self._bar(), self.figures, w.Box([self.map]), self.tabs, self._foot()))
        self.lifeline = tie(self.state, self._opening.lines, self._opening.sites)
        super().__init__([self._style, self._app.add_class("wb-app"), self.lifeline])
        self.add_class("wb-root")
        self._listen()
        self._translate()
        self.controller.refresh()

    def _listen(self) -> None:
        self.controller.on_choice = self._foresee
        self.controller.on_late = lambda: self._app.add_class("wb-waiting")
        self.controller.on_result = self._show
        self.state.observe(lambda _: self._follow(), names=["can_undo", "can_redo", "busy", "message"])
        self.state.observe(lambda _: self._taken(), names="selected")
        self.state.observe(lambda _: self._translate(), names="language")

    def _dress(self, *texts: str) -> None:
        """Embed the Chinese characters that are shown for the first time."""
        rule = self._glyphs.missing(*texts)
        if rule:
            self._style.children = (*self._style.children, w.HTML(f"<style>{rule}</style>"))

    # ---- parts ----------------------------------------------------------------------------------------
    def _draw(self) -> None:
        """Draw the map, once: every industry is on the page, and a message chooses which is seen."""
        scenario, say = self.state.scenario, self.state.language
        view = {"industry": scenario.industries[0], "zone": scenario.zone.definition, "language": say}
        self.map = MapView(self._opening, label=text("map", say), **view)

    def _make_parts(self) -> None:
        state = self.state
        self.options = Options(state)
        self.decision = Decision(state, self.decide)
        self.undo, self.redo = button(state.undo), button(state.redo)
        self.reset = button(state.clear)
        self.optimise = button(self.controller.optimise, style="primary")
        self.stop = button(self.controller.cancel, style="warning")
        self.flows = w.Checkbox(value=False, indent=False)
        self.flows.observe(lambda change: self.map.show(flows=change["new"]), names="value")
        self.language = w.ToggleButtons(options=[("中文", "zh"), ("English", "en")], value=state.language)
        self.language.style.button_width = "auto"
        self.language.observe(lambda change: setattr(state, "language", change["new"]), names="value")
        self.message, self.title, self.sources, self.figures = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self.indicators, self.verdicts, self.changes, self.code = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        for part in (self.indicators, self.verdicts):
            part.add_class("wb-result")
        self._named = {
            "undo": self.undo, "redo": self.redo, "reset": self.reset, "optimise": self.optimise,
            "cancel": self.stop, "flows": self.flows,
        }  # fmt: skip
        self.export = ExportPanel(self.engine, self.controller)
        self.scenario_file = ScenarioFile(state, self.engine)
        self.where = WherePanel(self.engine, self.controller, self._name)
        for part in (
            self.where.html,
            self.verdicts,
            self.indicators,
            self.figures,
            self.sources,
            self.message,
        ):
            part.observe(lambda change: self._dress(change["new"]), names="value")
        self.tabs = Side({
            "plan": w.VBox([self.decision.box, self.changes]),
            "options": w.VBox([self.options.box, self.flows, self.scenario_file.box]),
            "figures": self.indicators,
            "where": self.where.html,
            "law": self.verdicts,
            "export": self.export.box,
            "code": self.code,
        })  # fmt: skip
        self.tabs.on_open("where", lambda: None if self.where.known else self.where.ask())
        self.hand = Hand(
            self.engine,
            self.controller,
            show=self.map.show,
            name=self._name,
            ask=self._ask,
            decide=self.decide,
        )
        self.map.on_painted = self.controller.painted
        self.map.on_act(
            lambda act, name, at: self._themes() if act == "themes" else self.hand.act(act, name, at)
        )

    def _bar(self) -> w.Widget:
        return bar(
            [self.title, self.options.industry],
            [self.undo, self.redo, self.reset, self.optimise, self.stop],
            [self.language],
        )

    def _foot(self) -> w.Widget:
        return w.HBox([self.message, self.sources])

    # ---- what the planner does ------------------------------------------------------------------------
    def decide(self, line: str, decision: str) -> None:
        """Keep, close or move a line that may move there; it stays in the hand, to try others."""
        if decision not in ("keep", "close", *self.hand.sites):
            self.decision.follow()
            return
        key = {"keep": "kept", "close": "closed"}.get(decision, "moved")
        self.state.message = (key, {"name": line, "site": decision})
        self.state.decide(line, decision)  # last, so that a refusal has the last word

    def _ask(self, site: str, at: tuple[float, float] | None) -> None:
        self.tabs.bring("where")
        self.where.ask(site, at)

    def _name(self, layer: str, name: str) -> str:
        zh, en = self._opening.names(layer).get(name, (name, ""))
        return en if self.state.language == "en" and en else zh

    def _called(self, value: Any) -> Any:
        """Return the name of a line or site by its id in the language of now, anything else as it is."""
        text = isinstance(value, str)
        layer = next((each for each in ("lines", "sites") if text and value in self._opening.names(each)), "")
        return self._name(layer, value) if layer else value

    # ---- what the planner sees --------------------------------------------------------------------------
    def _foresee(self, choice: Choice) -> None:
        """Paint what a choice alone decides, before its year is worked out."""
        industry = choice.scenario.industries[0]
        self.options.follow()
        if industry != self.map.view["industry"]:
            self._app.add_class("wb-waiting")
            self._flows = None
            self.state.selected = ""
            self.figures.value = headline.figures_html(None, None, self.state.language)
            self.state.message = ("loading", {"industry": industry})
            self._offer(industry)
        self.decision.follow()
        moves = self._opening.relevant(choice.scenario, choice.moves)
        self._painted = None
        self.map.show(
            maps.foreseen(moves, self._opening.kt, self._opening.order[1], self._flows),
            industry=industry, zone=choice.scenario.zone.definition, pins=sorted(choice.pinned),
        )  # fmt: skip

    def _show(self, result: Result) -> None:
        """Show what follows from the present choice; the controller drops what belongs to an older one."""
        seen = result.plan is self._painted or not self._paint(result)
        self._app.remove_class("wb-waiting")
        if self.state.message[0] == "loading":
            self.state.message = ("ready", {})
        self._write(result)
        if self.state.selected:
            offered = self.hand.sites
            self.hand.follow()
            if self.hand.sites != offered:
                self.decision.follow(self._receivers())
        self.lifeline.keep()  # what can be worked out, and after the picture
        if seen:
            self.controller.painted()
        if result.verdicts is not None and result.choice.scenario.industries != self._judged:
            if not self._judged:
                gc.freeze()  # what is read for the page lives as long: never walk through it again
            self._judged = result.choice.scenario.industries
            self.hand.prepare()

    def _paint(self, result: Result) -> bool:
        """Tell the map what a plan decides; whether it must paint for it."""
        self._painted = result.plan
        state = maps.move_state(result.plan, *self._opening.order)
        self._flows = state.flows
        return self.map.show(state, pins=sorted(self.state.choice.pinned))

    def _themes(self) -> None:
        """Bring, beside the page, the themes that its first picture can do without."""
        zone = self.state.scenario.zone

        def themes() -> str:
            layers = self.engine.layers
            return maps.later_themes(layers, maps.describe_workbench(layers), zone=zone)

        self.controller.beside(themes, lambda made, _: setattr(self.map, "layers", made or ""))

    def _offer(self, industry: str) -> None:
        mine = sorted(line for line, (*_, of, _) in self._opening.lines.items() if of == industry)
        self.decision.offer({line: self._name("lines", line) for line in mine})

    def _write(self, result: Result | None) -> None:
        say = self.state.language
        if result is None:
            self.figures.value = headline.figures_html(None, None, say)
        else:
            self.figures.value = headline.figures_html(result.indicators, result.verdicts, say)
            self.tabs.write("figures", lambda: self._write_figures(result))
            if result.verdicts is not None:
                self.tabs.write("law", lambda: self._write_law(result))
        self.tabs.write("plan", self._write_plan)
        self.tabs.write("code", self._write_code)

    def _write_figures(self, result: Result) -> None:
        self.indicators.value = panels.indicators_html(result.indicators, self.state.language)

    def _write_law(self, result: Result) -> None:
        self.verdicts.value = panels.verdicts_html(result.verdicts, self.state.language)

    def _write_code(self) -> None:
        self.code.value = panels.code_html(self.state.as_code())

    def _write_plan(self) -> None:
        say = self.state.language
        choice, lines = self.state.choice, self._opening.lines
        kept = dict.fromkeys(choice.pinned, "keep")
        rows = [
            (
                self._name("lines", line),
                lines[line][3] if line in lines else float("nan"),
                to if to in ("close", "keep") else "move_to",
                "" if to in ("close", "keep") else self._name("sites", to),
                "mine" if line in choice.pinned else "theirs",
            )
            for line, to in sorted((kept | dict(choice.moves)).items())
        ]  # fmt: skip
        self.changes.value = panels.changes_html(rows, say)

    def _taken(self) -> None:
        if self.state.selected and not self.state.busy:
            self.state.message = ("ready", {})  # what was told before is not about the line held
        self._selected()

    def _selected(self) -> None:
        self.hand.follow()
        self.decision.follow(self._receivers())
        self._follow()

    def _receivers(self) -> dict[str, str]:
        """Return the names of the sites that may take the line held, by id."""
        say = self.state.language
        marks = {"restricted": f"（{text('restricted', say)}）" if say == "zh" else " (restricted)"}
        return {site: self._name("sites", site) + marks.get(how, "") for site, how in self.hand.sites.items()}

    def _follow(self) -> None:
        state = self.state
        self.undo.disabled, self.redo.disabled = not state.can_undo, not state.can_redo
        self.optimise.disabled, self.stop.disabled = state.busy, not state.busy
        key, values = state.message
        if state.selected and not state.busy and key == "ready":
            key, values = "choose_site", {"name": state.selected}
        values = {part: self._called(value) for part, value in values.items()}
        self.message.value = panels.message_html(key, values, state.language)

    def _translate(self) -> None:
        say = self.state.language
        self.title.value = f"<h1>{text('title', say)}</h1>"
        for name, part in self._named.items():
            part.description = text(name, say)
        self.where.write()
        self.tabs.translate(say)
        self.options.translate()
        self.scenario_file.translate()
        self.sources.value = panels.sources_html(self._opening.sources[say == "en"], say)
        self.map.label = text("map", say)
        self._offer(self.state.scenario.industries[0])
        self._write(self.controller.known)
        self.map.show(language=say)
        self._selected()
        self.hand.translate()
