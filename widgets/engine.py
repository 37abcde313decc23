"""The library's functions that the interface calls, gathered so that a test can hand in smaller ones."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.scenarios.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from workbench.layers.model import Layers
    from workbench.relocation.plan import Plan


class Engine:
    """The library's functions that the interface calls, in one place; tests hand in their own.

    `layers`: what it answers for; None for the embedded baseline, which is read when it is first needed.
    `where(scenario, industry)` judges and ranks the sites, `judge` only judges them, at once.
    `export(plan, folder, tell)` calls ``tell(name, number, count)`` before each file; raising stops it.
    `receivers(plan, line)`: the sites that may take a line, id -> ``free`` or ``restricted``.
    """

    def __init__(
        self,
        layers: Layers | None,
        *,
        prepare: Callable[[Scenario], Any],
        indicators: Callable[[Plan], pd.DataFrame],
        verdicts: Callable[[Plan], pd.DataFrame],
        export: Callable[[Plan, Path, Callable[[str, int, int], None]], list[Path]],
        receivers: Callable[[Plan, str], dict[str, str]],
        where: Callable[[Scenario, str], Any] | None = None,
        judge: Callable[[Scenario, str], Any] | None = None,
    ) -> None:
        self.own, self.prepare, self.indicators = layers, prepare, indicators
        self.verdicts, self.export = verdicts, export
        self.receivers, self.where, self.judge = receivers, where, judge or where

    @classmethod
    def of_library(cls, layers: Layers | None) -> Engine:
        """Return the real functions on some layers, the embedded baseline when None."""
        import workbench as wb

        own = None if layers is None or layers is wb.load() else layers

        def base() -> Layers:
            return wb.load() if own is None else own

        # who first asks a question imports pandas, freight and solver, beside the page: the map needs none
        return cls(
            own,
            prepare=lambda scenario: wb.Study.prepare(scenario, base()),
            indicators=lambda plan: wb.indicators(plan, verdicts=False),
            verdicts=lambda plan: wb.policy.check(plan),
            export=lambda plan, folder, tell: list(wb.export(plan, folder, tell=tell)),
            receivers=_Receivers(base),
            where=lambda scenario, industry: wb.Study.prepare(scenario, base()).where(industry),
            judge=_Judge(base),
        )

    @property
    def layers(self) -> Layers:
        """The layers it answers for."""
        import workbench as wb

        return wb.load() if self.own is None else self.own

    @property
    def lines(self) -> pd.DataFrame:
        """The lines a planner decides on, indexed by id."""
        return self.layers.lines

    def refusal(self, line: str, site: str) -> str:
        """Return the key of the text that says why a site does not take a line, clauses apart."""
        lines, sites = self.lines, self.layers.sites
        if lines.at[line, "industry"] not in sites.at[site, "industries"].split(";"):
            return "not_taken"
        if "plant_id" in sites and sites.at[site, "plant_id"] == lines.at[line, "plant_id"]:
            return "same_place"
        return "no_room"


class _Judge:
    """Judges every site for an industry without ranking it; the last few answers are kept."""

    def __init__(self, layers: Callable[[], Layers]) -> None:
        self._layers = layers
        self._known: dict[str, Any] = {}
        self._lock = threading.Lock()

    def __call__(self, scenario: Scenario, industry: str) -> Any:
        from workbench.siting import where

        s = scenario
        key = str((industry, s.zone, s.policy, dict(s.assumptions)))
        with self._lock:  # a question asked while the answer is prepared waits for it
            if key not in self._known:
                layers = self._layers().with_assumptions(s.assumptions)
                self._known = dict([*self._known.items()][-7:])
                self._known[key] = where(layers, industry, zone=s.zone, options=s.policy, rank=False)
            return self._known[key]


class _Receivers:
    """Finds the sites that a plan's own problem lets a line move to, and marks those under conditions."""

    def __init__(self, layers: Callable[[], Layers]) -> None:
        self._layers = layers
        self._restricted: set[tuple[str, str]] | None = None

    def __call__(self, plan: Plan, line: str) -> dict[str, str]:
        moves = plan.problem.moves
        builds = moves.loc[moves["line"] == line, "build"]
        pairs = plan.problem.builds.loc[builds, ["site_id", "industry"]].itertuples(index=False)
        marked = self._marked()
        return {
            site: "restricted" if (site, industry) in marked else "free" for site, industry in sorted(pairs)
        }

    def _marked(self) -> set[tuple[str, str]]:
        if self._restricted is None:
            from workbench.region import site_exclusions

            table = site_exclusions(self._layers(), ("aluminium", "cement", "flat_glass", "steel"))
            table = table[table["restricted"].astype(bool)]
            self._restricted = set(zip(table["site_id"], table["industry"], strict=True))
        return self._restricted
