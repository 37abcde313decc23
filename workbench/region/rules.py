"""Which places a rule protects: a few frozen records, their distances kept in the assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.region.options import ZoneOptions
from workbench.words import words

_SAYS = words("region.rules")


@dataclass(frozen=True)
class Rule:
    """Keep some industries away from some zones: out of them (hard) or only with reasons given (soft).

    `where`: column of `layer` -> values that make a row a zone of this rule; all columns must match.
    `buffer`: id of the assumption with the protective distance in metres; empty for the zone itself.
    `industries`: who the rule binds; empty means every industry. `advisory`: the rule is told with the
    reasons but settles nothing, for what is only known to lie somewhere in a county.
    """

    name: str
    layer: str
    hard: bool
    reason_zh: str
    reason_en: str
    where: Mapping[str, frozenset] = field(default_factory=dict)
    buffer: str = ""
    industries: frozenset[str] = frozenset()
    clause: str = "P46"
    advisory: bool = False

    def binds(self, industry: str | None) -> bool:
        """Tell whether an industry must obey; None asks for any industry."""
        return industry is None or not self.industries or industry in self.industries


def _only(**columns: str | tuple[object, ...]) -> dict[str, frozenset]:
    return {name: frozenset(v if isinstance(v, tuple) else (v,)) for name, v in columns.items()}


_RESERVE, _WATER = "nature_reserve", "drinking_water_source"
_BY_2014 = tuple(kind(year) for year in range(2006, 2015) for kind in (int, str))
_LATER = tuple(kind(year) for year in range(2015, 2026) for kind in (int, str))
SMOKE = frozenset({"steel", "cement", "flat_glass", "aluminium"})

RULES: tuple[Rule, ...] = (
    Rule("reserve_national", "ecology", True, *_SAYS["reserve_national"],
         _only(category=_RESERVE, level="national"), "exclusion.reserve_national_m"),
    Rule("reserve_provincial", "ecology", True, *_SAYS["reserve_provincial"],
         _only(category=_RESERVE, level="provincial"), "exclusion.reserve_provincial_m"),
    Rule("heritage", "ecology", True, *_SAYS["heritage"],
         _only(category="world_heritage"), "exclusion.heritage_m"),
    Rule("scenic", "ecology", True, *_SAYS["scenic"],
         _only(category="scenic_area"), "exclusion.scenic_m"),
    # drawn by the province, so no belt is added; only a planner's own copy of the layer holds any
    Rule("redline", "ecology", True, *_SAYS["redline"],
         _only(category="ecological_redline")),
    Rule("water_source", "ecology", True, *_SAYS["water_source"],
         _only(category=_WATER), "exclusion.water_source_m"),
    Rule("water_source_outer", "ecology", False, *_SAYS["water_source_outer"],
         _only(category=_WATER), "exclusion.water_source_outer_m"),
    Rule("reserve_downwind", "ecology", False, *_SAYS["reserve_downwind"],
         _only(category=_RESERVE), "exclusion.reserve_smoke_m", SMOKE, "P48"),
    Rule("habitat", "ecology", False, *_SAYS["habitat"], _only(category="habitat")),
    # the function-zone plan closes counties listed by 2014 to new works; those listed later were provincial
    Rule("function_zone", "counties", True, *_SAYS["function_zone"],
         _only(eco_function_level=("national", "provincial"), eco_function_since=_BY_2014), clause="P48"),
    Rule("function_zone_later", "counties", False, *_SAYS["function_zone_later"],
         _only(eco_function_level=("national", "provincial"), eco_function_since=_LATER), clause="P48"),
    # the plan lets counties of the farming zone build in their towns; which ones is known only to the plan
    Rule("farming_zone", "counties", False, *_SAYS["farming_zone"],
         _only(function_class="农产品主产区"), clause="P22", advisory=True),
    Rule("habitat_county", "counties", False, *_SAYS["habitat_county"],
         _only(panda_habitat=(True,)), advisory=True),
    Rule("air_key_control", "prefectures", False, *_SAYS["air_key_control"],
         _only(air_zone="key"), industries=SMOKE, clause="P48"),
)  # fmt: skip

_ZONE_COLUMN = {"eight": "in_chengdu_8", "five": "in_chengdu_5"}


def zone_rule(zone: ZoneOptions) -> Rule:
    """Return the rule that no new cement capacity enters the Chengdu economic zone of a scenario."""
    return Rule(
        "chengdu_zone", "prefectures", True,
        *_SAYS["chengdu_zone"],
        _only(**{_ZONE_COLUMN[zone.definition]: (True,)}), industries=frozenset({"cement"}), clause="P24",
    )  # fmt: skip
