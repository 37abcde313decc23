"""What a scenario may say about places: the zone, the demand and the water year."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from workbench.records import Record


class ZoneOptions(Record):
    """The Chengdu economic zone and how much of its surplus must leave."""

    definition: Literal["eight", "five"] = Field(
        "eight", description="Cities counted as the Chengdu zone: eight (2010 agreement) or five (2006 plan)."
    )
    reduction_share: float = Field(
        1.0, ge=0, le=1, description="Share of the zone's surplus capacity that must close or move out."
    )
    asked_kt: float | None = Field(
        None,
        ge=0,
        description="Cement capacity asked to leave the zone (kt); else the surplus's median.",
    )
    leave_more_kt: float = Field(
        0.0, ge=0, description="Capacity (kt) that may leave beyond what is asked, if it pays."
    )
    moves_from: Literal["zone", "anywhere"] = Field(
        "zone", description="Lines the optimiser may move: those of the zone or any; pins are free."
    )


class DemandOptions(Record):
    """How much the markets take."""

    scale: float = Field(1.0, gt=0, le=3, description="Factor on every market's demand.")


class PowerOptions(Record):
    """The water year and how power is priced and counted."""

    hydrology: Literal["wet", "normal", "dry"] = Field(
        "normal", description="Water year that sets the hydropower surplus by month."
    )
    grid_factor: Literal["province", "regional"] = Field(
        "province",
        description="CO2 of grid power: provincial average (hydro-rich) or Central China operating margin.",
    )
