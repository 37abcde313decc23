"""The library's functions that the interface calls, gathered so that a test can hand in smaller ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.layers.model import Layers
from workbench.scenarios.scenario import Scenario


class Engine:
    """The library's functions that the interface calls, in one place; tests hand in their own.

    `export(plan, folder, tell)` calls ``tell(name, number, count)`` before each file; raising stops it.
    """

    def __init__(
        self,
        layers: Layers,
        *,
        prepare: Callable[[Scenario], Any],
        indicators: Callable[[Any], pd.DataFrame],
        verdicts: Callable[[Any], pd.DataFrame],
        export: Callable[[Any, Path, Callable[[str, int, int], None]], list[Path]],
        barred: pd.DataFrame | None = None,
        receivers: Callable[[Any, str], list[str] | None] = lambda plan, line: None,
        where: Callable[[Scenario, str], Any] | None = None,
    ) -> None:
        self.layers, self.prepare, self.indicators = layers, prepare, indicators
        self.verdicts, self.export, self.barred = verdicts, export, barred
        self.receivers, self.where = receivers, where

    @classmethod
    def of_library(cls, layers: Layers | None) -> Engine:
        """Return the real functions on some layers, the embedded baseline when None."""
        from workbench.indicators import table
        from workbench.layers import load
        from workbench.policy.verdicts import check
        from workbench.region import site_exclusions
        from workbench.study import Study, export

        base = load() if layers is None else layers
        sites = site_exclusions(base, ("aluminium", "cement", "flat_glass", "steel"))
        return cls(
            base,
            prepare=lambda scenario: Study.prepare(scenario, base),
            indicators=lambda plan: table(plan, verdicts=False),
            verdicts=check,
            export=lambda plan, folder, tell: list(export(plan, folder, tell=tell)),
            receivers=_receivers,
            where=lambda scenario, industry: Study.prepare(scenario, base).where(industry),
            barred=sites.loc[sites["excluded"].astype(bool), ["site_id", "industry"]],
        )


def _receivers(plan: Any, line: str) -> list[str]:
    """Return the sites that a plan's own problem lets a line move to."""
    moves = plan.problem.moves
    builds = moves.loc[moves["line"] == line, "build"]
    return sorted(plan.problem.builds.loc[builds, "site_id"])
