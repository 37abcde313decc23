"""Plan to numbers: each indicator one pure function with a unit and a clause; the room itself is callable."""

import sys
from types import ModuleType
from typing import Any

from workbench.indicators.before_after import indicators as table
from workbench.indicators.breathing import exposure_span, exposure_table
from workbench.indicators.measures import INDICATORS, Indicator

__all__ = ["INDICATORS", "Indicator", "exposure_span", "exposure_table", "table"]


class _Room(ModuleType):
    # `wb.indicators(plan)` is the table, `wb.indicators.INDICATORS` the room: Python has one name for both.
    def __call__(self, plan: Any, *, verdicts: bool = True) -> Any:
        """Return the table of indicators of a plan; see `workbench.indicators.table`."""
        return table(plan, verdicts=verdicts)


sys.modules[__name__].__class__ = _Room
