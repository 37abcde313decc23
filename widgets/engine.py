"""The library's functions that the interface calls, gathered so that a test can hand in smaller ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.layers.model import Layers
from workbench.scenarios.scenario import Scenario


class Engine:
    """The library's functions that the interface calls, in one place; tests hand in their own."""

    def __init__(
        self,
        layers: Layers,
        *,
        prepare: Callable[[Scenario], Any],
        indicators: Callable[[Any], pd.DataFrame],
        verdicts: Callable[[Any], pd.DataFrame],
        export: Callable[[Any, Path], list[Path]],
        barred: pd.DataFrame | None = None,
    ) -> None:
        self.layers, self.prepare, self.indicators = layers, prepare, indicators
        self.verdicts, self.export, self.barred = verdicts, export, barred

    @classmethod
    def of_library(cls, layers: Layers | None) -> Engine:
        """Return the real functions on some layers, the embedded baseline when None."""
        import workbench as wb

        base = wb.load() if layers is None else layers
        return cls(
            base, prepare=lambda scenario: wb.Study.prepare(scenario, base), indicators=wb.indicators,
            verdicts=wb.policy.check, export=lambda plan, folder: list(wb.export(plan, folder)),
        )  # fmt: skip
