"""What a scenario may say about freight."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainSerializer

from workbench.records import Line, Record

PerGood = Annotated[
    Mapping[Line, Annotated[float, Field(ge=0)]],
    AfterValidator(lambda m: MappingProxyType(dict(m))),
    PlainSerializer(dict),
]


class FreightOptions(Record):
    """Prices, season and closures of the freight network; each field is one sentence a planner can read."""

    rates_year: int = Field(2014, ge=2011, le=2015, description="Year whose tariffs price the freight.")
    season: Literal["normal", "wet", "dry"] = Field(
        "normal", description="River season: it sets the class of vessel that floats and the lock queue."
    )
    value_of_time_cny_t_h: float = Field(
        0.0, ge=0, description="Yuan a tonne loses per hour under way; 0 chooses routes by price alone."
    )
    value_of_time_by_good: PerGood = Field(
        default_factory=dict,
        description="Yuan a tonne of a good loses per hour, by commodity code, where it differs from that.",
        validate_default=True,
    )
    carbon_weight_cny_t: float = Field(
        0.0, ge=0, description="Yuan per tonne of CO2 used when choosing routes; 0 ignores carbon."
    )
    closed_links: tuple[Line, ...] = Field((), description="Ids of freight links taken as closed.")
    closed_lines: tuple[Line, ...] = Field(
        (), description="Names of whole lines taken as closed, such as 宝成线."
    )
