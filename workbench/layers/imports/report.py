"""What a check of a user's file found: the rows read, every fault, every repair and every conversion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd

from workbench.errors import DataError, Fault
from workbench.layers.faults import in_chinese, sort_faults, translated
from workbench.layers.imports.alike import Offer
from workbench.words import Language


@dataclass(frozen=True)
class Repair:
    """One named repair or conversion and the rows it touched; nothing is changed without one."""

    name: str
    count: int
    what: str

    @property
    def what_zh(self) -> str:
        """Say in Chinese what was done."""
        return translated(self.what, "repair") or self.what


@dataclass(frozen=True)
class FaultReport:
    """The result of reading a file: `frame` is None as long as an error stands.

    `frame` has the layer's columns, index `id`, geometry in WGS-84. `repairs` names everything that was
    changed on the way, `faults` everything found, errors first; `offers`: rows that may be known items.
    """

    file: str
    kind: str
    rows: int
    faults: tuple[Fault, ...] = ()
    repairs: tuple[Repair, ...] = ()
    frame: pd.DataFrame | gpd.GeoDataFrame | None = field(default=None, repr=False, compare=False)
    offers: tuple[Offer, ...] = ()

    @property
    def errors(self) -> tuple[Fault, ...]:
        """Faults that keep the file from being used."""
        return tuple(fault for fault in self.faults if fault.severity == "error")

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """Faults a planner should look at, but may accept."""
        return tuple(fault for fault in self.faults if fault.severity == "warning")

    @property
    def ok(self) -> bool:
        """Tell whether the file can be used."""
        return not self.errors

    def usable(self) -> pd.DataFrame | gpd.GeoDataFrame:
        """Return the frame, or raise DataError with every fault."""
        if self.frame is None or not self.ok:
            raise DataError(self.faults, summary=f"{self.file} cannot be used as {self.kind}")
        return self.frame

    def table(self, language: Language = "en") -> pd.DataFrame:
        """List the faults as a frame: severity, file, row, column, found, expected, mend."""
        columns = ["severity", "file", "row", "column", "found", "expected", "mend"]
        faults = self.faults if language == "en" else map(in_chinese, self.faults)
        rows = [(f.severity, f.file, f.row, f.field, f.found, f.expected, f.mend) for f in faults]
        return pd.DataFrame(rows, columns=columns).astype({"row": "Int64"})

    def with_faults(self, faults: Iterable[Fault]) -> FaultReport:
        """Return the report with further faults."""
        return replace(self, faults=sort_faults([*self.faults, *faults]))
