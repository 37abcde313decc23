"""What the planner's hand does on the map: a line is taken up, sites are tried, one is confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widgets import headline
from widgets.controller import Controller, Result
from widgets.engine import Engine
from widgets.i18n import text
from widgets.state import WorkbenchState
from workbench.amounts import amount
from workbench.units import M_PER_KM
from workbench.words import Text

MOST_REASONS, MOST_NEAR = 3, 2


class Hand:
    """Turns acts on the map into decisions, and answers what a site would mean before it is confirmed.

    `show(**view)` hands the map what is held and the answer; `name(layer, id)` gives a name; `ask(site, at)`
    opens the full answer about a place; `decide(line, decision)` decides. Only the newest question counts.
    """

    def __init__(
        self,
        engine: Engine,
        controller: Controller,
        *,
        show: Callable[..., object],
        name: Callable[[str, str], str],
        ask: Callable[[str, tuple[float, float] | None], None],
        decide: Callable[[str, str], None],
    ) -> None:
        self.engine, self.controller = engine, controller
        self._show, self._name, self._ask, self._decide = show, name, ask, decide
        self._tried, self._answers, self._known = "", 0, False
        self.sites: dict[str, str] = {}

    @property
    def state(self) -> WorkbenchState:
        """The model of the interface."""
        return self.controller.state

    def act(self, do: str, name: str, at: tuple[float, float] | None = None) -> None:
        """Follow one act of the page: see the names of its methods; unknown ones are ignored."""
        held = self.state.selected
        if do == "take":
            self.state.selected = name
        elif do == "put":
            self.state.selected = ""
        elif do == "try" and held:
            self.try_site(name)
        elif do == "move" and held:
            self._decide(held, name)
        elif do in ("keep", "close") and held:
            self._decide(held, do)
        elif do in ("site", "why"):
            self._ask(name, None)
        elif do == "land" and at is not None:
            self._ask("", at)

    def follow(self) -> None:
        """Tell the map which line is held, and which sites may take it: None while nobody can know."""
        line, result = self.state.selected, self.controller.known
        sites = self.engine.receivers(result.plan, line) if line and result is not None else {}
        waited, self._known = not self._known, result is not None
        if not line or line != self._held_line:
            self._tried = ""
        self._held_line, self.sites = line, sites
        self._show(held={"id": line, "sites": sites if self._known else None})
        if waited and self._known and self._tried:
            self.try_site(self._tried)  # asked before anybody could know

    _held_line = ""

    def try_site(self, site: str) -> None:
        """Answer what moving the held line to a site would change, or why it may not go there."""
        self._tried = site
        if not self._known:
            return  # `follow` answers once it is known which sites may take the line
        if site in self.sites:
            line = self.state.selected
            self.controller.consider(
                line, site, lambda result, reason: self._answer(line, site, result, reason)
            )
        else:
            self._why_not(site)

    def translate(self) -> None:
        """Answer again, in the language of now, for the site that is tried."""
        if self._tried and self.state.selected:
            self.try_site(self._tried)

    def _current(self, line: str, site: str) -> bool:
        return self._tried == site and self.state.selected == line

    def _answer(self, line: str, site: str, result: Result | None, reason: Text) -> None:
        now, say = self.controller.result, self.state.language
        if not self._current(line, site) or now is None:
            return  # another site is tried meanwhile
        if result is None:
            self._tell(site, "forbidden", [], note=text("failed", say, reason=reason))
            return
        rows = headline.effect_rows(now.indicators, result.indicators, say)
        if result.verdicts is not None:
            rows += headline.clause_rows(now.verdicts, result.verdicts, say)
        self._tell(site, self.sites.get(site, "free"), rows, may=True)

    def _why_not(self, site: str) -> None:
        line, scenario = self.state.selected, self.state.scenario
        industry = str(self.engine.lines.at[line, "industry"])
        judge = self.engine.judge
        if judge is not None:
            self.controller.beside(
                lambda: judge(scenario, industry).site(site),
                lambda found, reason: self._refuse(line, site, found, reason),
            )

    def prepare(self) -> None:
        """Have the sites judged beside the page before the first question about one comes."""
        judge, scenario = self.engine.judge, self.state.scenario
        if judge is not None:
            self.controller.beside(lambda: judge(scenario, scenario.industries[0]), lambda *_: None)

    def _refuse(self, line: str, site: str, found: Any, reason: Text) -> None:
        """Show the clauses against a site, the distance missing, and the nearest places that would do."""
        say = self.state.language
        if not self._current(line, site):
            return
        if found is None:
            self._tell(site, "forbidden", [], note=text("failed", say, reason=reason))
            return
        rows = []
        for row in found.reasons.to_dict("records")[:MOST_REASONS]:
            far = float(row["missing_m"]) / M_PER_KM
            told = text("lacks", say, amount=_km(far, say)) if far > 0 else ""
            rows.append((f"{row['clause']} {row[f'reason_{say}']}", told, "bad"))
        near = [
            (str(place), f"{self._name('sites', str(place))} {_km(row['distance_km'], say)}")
            for place, row in found.nearest.iterrows()
            if place in self.sites
        ][:MOST_NEAR]
        note = "" if rows else text(self.engine.refusal(line, site), say)
        self._tell(site, "forbidden", rows, near=near, note=note)

    def _tell(
        self,
        site: str,
        tone: str,
        rows: list[tuple[str, str, str]],
        *,
        may: bool = False,
        near: list[tuple[str, str]] | None = None,
        note: str = "",
    ) -> None:
        say = self.state.language
        self._answers += 1  # the same answer given again is an answer, too
        self._show(answer={
            "n": self._answers, "site": site, "title": self._name("sites", site),
            "tag": text(f"tag_{tone}", say), "tone": tone,
            "rows": [list(row) for row in rows], "near": [list(pair) for pair in near or []],
            "may": may, "note": note,
        })  # fmt: skip


def _km(distance_km: float, language: str) -> str:
    return text("km", language, value=amount(distance_km))
