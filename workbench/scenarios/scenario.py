"""Every choice a planner can make, as one frozen record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    PlainSerializer,
    ValidationError,
    field_validator,
)

from workbench.errors import Fault, ScenarioError
from workbench.logistics.freight.options import FreightOptions
from workbench.policy.options import PolicyOptions
from workbench.records import Line, Paragraph, Record
from workbench.region.options import DemandOptions, PowerOptions, ZoneOptions

Industry = Literal["steel", "cement", "flat_glass", "aluminium"]
# Frozen all the way down: a scenario is a key of caches and must not change behind their back.
FrozenText = Annotated[
    Mapping[Line, Line], AfterValidator(lambda m: MappingProxyType(dict(m))), PlainSerializer(dict)
]
FrozenNumbers = Annotated[
    Mapping[Line, float], AfterValidator(lambda m: MappingProxyType(dict(m))), PlainSerializer(dict)
]


class ObjectiveOptions(Record):
    """What the plan minimises: yuan, and what a tonne of CO2 or a displaced job is worth in yuan."""

    cost: float = Field(1.0, ge=0, description="Weight of the money cost; 1 counts a yuan as a yuan.")
    carbon_price_cny_t: float = Field(
        0.0, ge=0, le=10_000, description="Yuan charged per tonne of CO2; it is part of the reported cost."
    )
    co2_cny_t: float = Field(
        0.0,
        ge=0,
        le=10_000,
        description="Weight of a tonne of CO2 in yuan; it steers the plan and is never reported as cost.",
    )
    jobs_cny: float = Field(
        0.0,
        ge=0,
        le=10_000_000,
        description="Weight of one displaced job in yuan; it steers the plan and is never reported as cost.",
    )
    budget_mcny: float | None = Field(
        None,
        ge=0,
        description="Money that may be spent once in a year on building, closing and people, million CNY; no "
        "limit without it.",
    )


Measure = Literal["waste_heat", "power_norm", "denitration"]


class UnitOptions(Record):
    """What may become of a unit besides staying as it is, closing and moving."""

    upgrades: tuple[Measure, ...] = Field(
        ("waste_heat", "power_norm", "denitration"),
        description="Measures the plan may take at units that stay: power from waste heat, the power norm, "
        "denitration; none where empty.",
    )


class SolverOptions(Record):
    """When the optimiser may stop."""

    gap_mcny: float = Field(
        5.0,
        ge=0,
        le=10_000,
        description="Distance to the proven bound that is good enough, million CNY a year of the saving.",
    )
    gap: float = Field(
        0.0, ge=0, le=0.5, description="The same, relative to the whole cost; what is reached first counts."
    )
    time_limit_s: float = Field(
        60.0, gt=0, le=36_000, description="Seconds after which the best plan is returned."
    )


class Scenario(Record):
    """One frozen set of choices; change it with `with_`, save it with `workbench.scenarios.save`.

    Each field is an option record of the room that reads it. `pins` fixes single lines
    (``{"CM05-1": "close"}``, ``"keep"`` or the id of a receiving site); `assumptions` replaces values of
    the assumptions table for this scenario only.
    """

    name: Line = Field(
        "baseline", min_length=1, max_length=80, pattern=r"\S", description="Name shown on maps and reports."
    )
    description: Paragraph = Field("", max_length=2000, description="Free text of the planner.")
    industries: tuple[Industry, ...] = Field(
        ("cement",), min_length=1, description="Industries the plan decides on."
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of everything random, the solver included.")
    zone: ZoneOptions = Field(default_factory=ZoneOptions, description="The Chengdu zone.")
    policy: PolicyOptions = Field(default_factory=PolicyOptions, description="How the policy is read.")
    demand: DemandOptions = Field(default_factory=DemandOptions, description="How much the markets take.")
    power: PowerOptions = Field(default_factory=PowerOptions, description="Water year and grid factor.")
    freight: FreightOptions = Field(
        default_factory=FreightOptions, description="Freight prices and closures."
    )
    units: UnitOptions = Field(
        default_factory=UnitOptions, description="What may become of a unit besides staying, closing, moving."
    )
    objective: ObjectiveOptions = Field(default_factory=ObjectiveOptions, description="What is minimised.")
    solver: SolverOptions = Field(default_factory=SolverOptions, description="When the optimiser may stop.")
    pins: FrozenText = Field(
        default_factory=dict,
        description="Line id to keep, close, upgrade (kept, with every measure its unit may take) or the id "
        "of the receiving site.",
    )
    assumptions: FrozenNumbers = Field(
        default_factory=dict, description="Assumption id to the value used instead of the table's."
    )

    @field_validator("industries")
    @classmethod
    def _each_industry_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("each industry may stand once")
        return tuple(sorted(value))

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    @classmethod
    def baseline(cls) -> Self:
        """Return the default scenario: surplus cement of the eight-city Chengdu zone."""
        return cls()

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], *, file: str = "scenario") -> Self:
        """Build a scenario from plain nested values.

        Raises ScenarioError with one fault per wrong field, all at once; `file` names the origin in them.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ScenarioError(
                [_fault(item, file) for item in _innermost(error.errors())],
                f"{file} cannot be used as a scenario",
            ) from None

    def with_(self, **changes: Any) -> Self:
        """Return a copy with some options changed; nested options are merged, not replaced.

        ``scenario.with_(zone={"definition": "five"}, demand={"scale": 0.9}, pins={"CM05-1": "close"})``
        changes one field of two records and adds one pin. Raises ScenarioError for unknown or bad options.
        """
        return self.from_mapping(_merge(self.model_dump(), changes), file=f"scenario {self.name!r}")


def _merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        if isinstance(value, BaseModel):
            value = value.model_dump()
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _innermost(items: Sequence[Any]) -> list[Any]:
    """Leave out what only follows from a fault further in, such as a list left empty by its bad entry."""
    places = [tuple(item["loc"]) for item in items]
    return [
        item
        for item, place in zip(items, places, strict=True)
        if not any(other != place and other[: len(place)] == place for other in places)
    ]


def _fault(item: Mapping[str, Any], file: str) -> Fault:
    path = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        expected, mend = _known_names(item["loc"])
    else:
        expected = item["msg"].removeprefix("Value error, ")
        expected = expected[:1].lower() + expected[1:]
        mend = f"Correct the value of {path}."
    return Fault(file, None, path, repr(item["input"])[:80], expected, mend)


def _known_names(location: tuple[Any, ...]) -> tuple[str, str]:
    """Name the options that exist where an unknown one was found, nearest spelling first."""
    from difflib import get_close_matches

    model: type[BaseModel] = Scenario
    for part in location[:-1]:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            break
        model = annotation
    names = list(model.model_fields)
    close = get_close_matches(str(location[-1]), names, n=1)
    mend = f"Did you mean {close[0]!r}?" if close else "Remove it."
    return f"one of {', '.join(names)}", mend
