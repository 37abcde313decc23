"""The workbench itself: map, form, indicators and verdicts around one state."""

from __future__ import annotations

from typing import Any

import ipywidgets as w
import numpy as np
import pandas as pd

from widgets import panels
from widgets.controller import Controller, Result
from widgets.controls import Decision, Options, button
from widgets.engine import Engine
from widgets.export import ExportPanel
from widgets.i18n import TEXTS, text
from widgets.lifeline import tie
from widgets.mapview import MapView
from widgets.state import Choice, WorkbenchState
from widgets.where import WherePanel
from workbench.labels import LABELS
from workbench.layers.model import Layers
from workbench.maps import describe_plan, foreseen, move_state, subtitle
from workbench.scenarios.scenario import Scenario


class Workbench(w.VBox):
    """Planning in one view: click a line, click a site, see indicators and verdicts; or let it optimise.

    `layers`: the baseline, the embedded one when None. `scenario`: where to start. `engine`: the library's
    functions it calls; another one serves tests and other houses' models.
    """

    def __init__(
        self,
        layers: Layers | None = None,
        scenario: Scenario | None = None,
        *,
        language: str = "zh",
        engine: Engine | None = None,
    ) -> None:
        self.engine = engine or Engine.of_library(layers)
        self.state = WorkbenchState(scenario)
        self.state.language = language
        self.controller = Controller(
            self.state,
            prepare=self.engine.prepare,
            indicators=self.engine.indicators,
            verdicts=self.engine.verdicts,
        )
        self.map: MapView | None = None
        self._drawn_industries: tuple[str, ...] = ()
        self._dressed: set[str] = set()
        self._make_parts()
        self._style = w.HTML()
        self.lifeline = tie(self.state, self.engine.layers)
        super().__init__([self._style, self._bar(), self._middle(), self._tabs, self.lifeline])
        self.add_class("wb-app")
        self.controller.on_choice = self._foresee
        self.controller.on_result = self._show
        self.controller.refresh()
        self.state.observe(
            lambda _: self._follow(), names=["selected", "can_undo", "can_redo", "busy", "message"]
        )
        self.state.observe(lambda _: self._translate(), names="language")
        self._translate()
        self._dressed = set(self._all_text())
        self._style.value = panels.style_html(self._all_text())

    def _all_text(self) -> str:
        """Everything the panels may show in Chinese: texts, names, and what is in the panels now."""
        names = [*self.engine.layers.lines["name_zh"], *self.engine.layers.sites["name_zh"]]
        shown = [part.value for part in (self.indicators, self.verdicts, self.where.html)]
        texts = [zh for zh, _ in (*TEXTS.values(), *LABELS.values())]
        return "".join(map(str, [*names, *shown, *texts]))

    # ---- parts ----------------------------------------------------------------------------------------
    def _make_parts(self) -> None:
        state = self.state
        self.options = Options(state)
        self.decision = Decision(state, self.decide)
        self.undo, self.redo = button(state.undo), button(state.redo)
        self.reset = button(lambda: state.replace_moves({}))
        self.optimise = button(self.controller.optimise, style="primary")
        self.stop = button(self.controller.cancel, style="warning")
        self.flows = w.Checkbox(value=False, indent=False)
        self.flows.observe(lambda change: self._map_view(flows=change["new"]), names="value")
        self.language = w.ToggleButtons(options=[("中文", "zh"), ("English", "en")], value=state.language)
        self.language.style.button_width = "72px"
        self.language.observe(lambda change: setattr(state, "language", change["new"]), names="value")
        self.message, self.title = w.HTML(), w.HTML()
        self.indicators, self.verdicts, self.changes, self.code = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self._named = {
            "undo": self.undo,
            "redo": self.redo,
            "reset": self.reset,
            "optimise": self.optimise,
            "cancel": self.stop,
            "flows": self.flows,
        }
        self._heads = {name: w.HTML() for name in ("options", "line", "indicators")}
        self.export = ExportPanel(self.engine, self.controller)
        self.where = WherePanel(self.engine, self.controller, self._name)
        self.where.html.observe(lambda _: self._dress(), names="value")
        self._tabs = w.Tab([self.verdicts, self.where.html, self.changes, self.export.box, self.code])
        self._tabs.observe(lambda change: self._tab_opened(change["new"]), names="selected_index")

    def _bar(self) -> w.HBox:
        work = w.HBox([self.optimise, self.stop, self.undo, self.redo, self.reset])
        between = w.Layout(
            justify_content="space-between", align_items="center", width="100%", flex_flow="row wrap"
        )
        return w.HBox([self.title, work, self.language], layout=between)

    def _middle(self) -> w.HBox:
        self._place = w.VBox([], layout=w.Layout(flex="1 1 620px", min_width="420px"))
        left = w.VBox(
            [
                self._heads["options"],
                self.options.box,
                self.flows,
                self._heads["line"],
                self.decision.box,
                self.message,
            ],
            layout=w.Layout(flex="0 1 340px", min_width="290px"),
        )
        right = w.VBox(
            [self._heads["indicators"], self.indicators], layout=w.Layout(flex="0 1 370px", min_width="300px")
        )
        return w.HBox(
            [left, self._place, right], layout=w.Layout(flex_flow="row wrap", grid_gap="12px", width="100%")
        )

    # ---- what the planner does ------------------------------------------------------------------------
    def click(self, layer: str, name: str, at: tuple[float, float] | None = None) -> None:
        """Act on a click on the map: a line is chosen, a site then receives it, empty land forgets it.

        A site that receives nothing, and any land, is asked why, or why not.
        """
        if layer == "lines":
            self.state.selected = name
            return
        if layer == "sites" and self.state.selected:
            line = self.state.selected
            self.decide(line, name)
            if self.state.moves.get(line) == name:
                return
        elif not layer:
            self.state.selected = ""
        if layer == "sites" or at is not None:
            self._tabs.selected_index = 1
            self.where.ask(name if layer == "sites" else "", at)

    def decide(self, line: str, decision: str) -> None:
        """Keep, close or move a line, unless the site may not take it; the message line says which."""
        reason = self._why_not(line, decision) if decision not in ("keep", "close") else None
        if reason is not None:
            self.state.message = reason
            self.decision.follow()
            return
        key = {"keep": "kept", "close": "closed"}.get(decision, "moved")
        self.state.message = (key, {"name": self._name("lines", line), "site": self._name("sites", decision)})
        if decision not in ("keep", "close"):
            self.state.selected = ""
        self.state.decide(line, decision)  # last, so that a refusal has the last word

    def _why_not(self, line: str, site: str) -> tuple[str, dict[str, Any]] | None:
        lines, sites = self.engine.layers.lines, self.engine.layers.sites
        industry = lines.at[line, "industry"]
        values = {"site": self._name("sites", site), "industry": text(industry, self.state.language)}
        if industry not in sites.at[site, "industries"].split(";"):
            return "not_taken", values
        if "plant_id" in sites and sites.at[site, "plant_id"] == lines.at[line, "plant_id"]:
            return "same_place", {}
        barred = self.engine.barred
        if barred is not None and ((barred["site_id"] == site) & (barred["industry"] == industry)).any():
            return "barred", values
        return None

    def _name(self, layer: str, name: str) -> str:
        drawn = self.map is not None and name in self._spec[layer].frame.index
        frame = self._spec[layer].frame if drawn else self.engine.layers[layer]
        if name not in frame.index:
            return name
        row = frame.loc[name]
        english = row.get("name_en")
        return (
            str(english)
            if self.state.language == "en" and isinstance(english, str) and english
            else str(row["name_zh"])
        )

    # ---- what the planner sees --------------------------------------------------------------------------
    def _show(self, result: Result) -> None:
        industries = result.choice.scenario.industries
        if self.map is None or industries != self._drawn_industries:
            self._draw(result)
        else:
            spec = self._spec
            state = move_state(
                result.plan, spec["lines"].frame.index, spec["sites"].frame.index, self._markets
            )
            self._flows = state.flows
            zone = result.choice.scenario.zone.definition
            self.map.show(state, zone=zone, subtitle=list(subtitle(result.plan, zone)))
        self._write(result)

    def _foresee(self, choice: Choice) -> None:
        """Paint what a choice alone decides, before its year is worked out: zone, decisions, arrows."""
        self.options.follow()
        self.decision.follow()
        if self.map is None or choice.scenario.industries != self._drawn_industries:
            return
        lines, sites = self._spec["lines"].frame, self._spec["sites"].frame
        flows = self._flows
        self.map.show(foreseen(choice.moves, lines, sites.index, flows), zone=choice.scenario.zone.definition)

    def _draw(self, result: Result) -> None:
        """Draw the map anew: only at the start and when another industry brings other lines and sites."""
        plan, say = result.plan, self.state.language
        self._spec = spec = describe_plan(
            plan, layers=self.engine.layers, barred=self.engine.barred, language=say
        )
        self._markets = spec["markets"].frame.index if "markets" in self.engine.layers else pd.Index([])
        self._drawn_industries = result.choice.scenario.industries
        self._flows = spec.moves.flows if spec.moves is not None else np.zeros((0, 3))
        self.map = MapView(spec, label=text("map", say))
        self.map.on_click(self.click)
        self._place.children = [self.map]
        self.state.selected = ""
        self._offer()

    def _offer(self) -> None:
        lines = {line: self._name("lines", line) for line in sorted(self._spec["lines"].frame.index)}
        sites = {site: self._name("sites", site) for site in sorted(self._spec["sites"].frame.index)}
        self.decision.offer(lines, sites)

    def _write(self, result: Result) -> None:
        say = self.state.language
        self.indicators.value = panels.indicators_html(result.indicators, say)
        if result.verdicts is not None:
            self.verdicts.value = panels.verdicts_html(result.verdicts, say)
        capacity = result.plan.decisions["capacity_kt"]
        rows = [
            (
                self._name("lines", line),
                float(capacity.get(line, float("nan"))),
                "close" if to == "close" else "move_to",
                "" if to == "close" else self._name("sites", to),
            )
            for line, to in result.choice.moves.items()
        ]  # fmt: skip
        self.changes.value = panels.changes_html(rows, say)
        self.code.value = panels.code_html(self.state.as_code())

    def _follow(self) -> None:
        state = self.state
        self.undo.disabled, self.redo.disabled = not state.can_undo, not state.can_redo
        self.optimise.disabled, self.stop.disabled = state.busy, not state.busy
        key, values = state.message
        if state.selected and not state.busy and key in ("ready", "moved", "closed", "kept"):
            key, values = "choose_site", {"name": self._name("lines", state.selected)}
        self.message.value = panels.message_html(key, values, state.language)
        if self.decision.line.value != state.selected:
            self.decision.follow()
        self._map_view(selected=state.selected, receivers=self._receivers(state.selected))

    def _receivers(self, line: str) -> list[str] | None:
        """Return the sites that may receive a line under the present scenario; None when nothing is known."""
        result = self.controller.result
        return None if not line or result is None else self.engine.receivers(result.plan, line)

    def _translate(self) -> None:
        say = self.state.language
        self.title.value = f"<h1>{text('title', say)}</h1>"
        for name, head in self._heads.items():
            head.value = panels.heading(name, say)
        for name, part in self._named.items():
            part.description = text(name, say)
        self.where.write()
        for number, name in enumerate(("verdicts", "where", "changes", "export", "code")):
            self._tabs.set_title(number, text(name, say))
        self.options.translate()
        if self.map is not None:
            self.map.label = text("map", say)
            self._offer()
        if self.controller.result is not None:
            self._write(self.controller.result)
        self._map_view(language=say)
        self._follow()

    def _tab_opened(self, number: int | None) -> None:
        if number == 1 and not self.where.known:
            self.where.ask()

    def _dress(self) -> None:
        """Embed the Chinese characters that a panel shows for the first time."""
        new = {c for c in self.where.html.value if ord(c) > 0x2E7F} - self._dressed
        if new:
            self._dressed |= new
            self._style.value = panels.style_html(self._all_text())

    def _map_view(self, **view: Any) -> None:
        if self.map is not None and any(self.map.view.get(name) != value for name, value in view.items()):
            self.map.show(None, **view)
