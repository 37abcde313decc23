"""What a scenario may say about how the policy is read: every ambiguity is a named switch."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainSerializer, field_validator

from workbench.policy import stances
from workbench.policy.documents import document
from workbench.records import Line, Record

# Frozen like the record it stands in.
Stances = Annotated[
    Mapping[str, stances.Stance], AfterValidator(lambda m: MappingProxyType(dict(m))), PlainSerializer(dict)
]


class PolicyOptions(Record):
    """Rule version and the switches that settle the text's ambiguities."""

    rule_version: Line = Field("sichuan-2014", description="Version of the replacement rules in force.")
    replacement_ratio: float = Field(
        1.0, ge=1.0, le=3.0, description="Closed tonnes required for each new tonne, at least one."
    )
    credited_tonnes_count_as_eliminated: bool = Field(
        False,
        description="Whether replaced sound tonnes, which G3.3 lists, count towards the task of elimination.",
    )
    raise_by_ten_percent: Literal["points", "relative"] = Field(
        "points", description="Reading of a rise by ten percent: percentage points or relative."
    )
    nested_cement_groups: bool = Field(
        False, description="Whether the groups above 10 Mt also count among those above 5 Mt."
    )
    coprocessing_by: Literal["count", "capacity"] = Field(
        "count", description="Whether the co-processing share counts lines or capacity."
    )
    surcharges_add_up: bool = Field(
        False, description="Whether the two ten-percent power surcharges are charged together."
    )
    term_ends: Literal["2018-12-31", "2019-02-21"] = Field(
        "2019-02-21", description="Day the five-year effort ends."
    )
    chengdu_is_sensitive: bool = Field(
        False, description="Whether later national rules treat Chengdu as environmentally sensitive."
    )
    strict_below: bool = Field(
        False, description="Whether a size said to be below a figure leaves the figure itself out."
    )
    farming_counties: Literal["allowed", "barred"] = Field(
        "allowed", description="Whether new cement may stand in counties kept for farm produce."
    )
    capacity_basis: Literal["cement", "clinker"] = Field(
        "cement", description="Whether cement capacity is counted in cement or clinker."
    )
    year: int = Field(
        2014,
        ge=2014,
        le=2018,
        description="Year whose end the plan describes: its quotas and deadlines apply.",
    )
    years: tuple[int, ...] = Field(
        (),
        description="Years planned together, one after the other, such as 2014 to 2018, each with its own "
        "quotas and deadlines; empty: the end of `year` alone.",
    )
    clauses: Stances = Field(
        default_factory=dict,
        description="Clause to binding, priced or told; the others follow the verb of the text.",
    )

    @field_validator("rule_version")
    @classmethod
    def _a_version_that_exists(cls, value: str) -> str:
        known = [row["id"] for row in document("rule_versions")["version"]]
        if value not in known:
            raise ValueError(f"one of {', '.join(known)}")
        return value

    @field_validator("years")
    @classmethod
    def _one_after_the_other(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if value and (value != tuple(range(value[0], value[-1] + 1)) or value[0] < 2014 or value[-1] > 2018):
            raise ValueError("years one after the other from 2014 to 2018")
        return value

    @property
    def horizon(self) -> tuple[int, ...]:
        """The years of the plan: those planned together, or the one."""
        return self.years or (self.year,)

    @property
    def last_year(self) -> int:
        """The year whose end the plan describes."""
        return self.horizon[-1]

    def at(self, year: int) -> PolicyOptions:
        """Return the options of one of the years alone."""
        alone = self.horizon == (year,)
        return self if alone else self.model_copy(update={"year": year, "years": ()})

    @field_validator("clauses")
    @classmethod
    def _rows_that_exist(cls, value: Mapping[str, stances.Stance]) -> Mapping[str, stances.Stance]:
        if wrong := stances.faults(value):
            raise ValueError("; ".join(wrong))
        return value

    def __hash__(self) -> int:
        return hash(self.model_dump_json())
