"""Verdict cases as plain text: a day, units, a plan and the verdicts the text asks for, in TOML.

A case can be written by who knows the policy and no code. Its units, builds and registers stand on the
province's own prefectures, counties, hydropower and assumptions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BeforeValidator, Field, ValidationError

from workbench import units
from workbench.errors import DataError, Fault
from workbench.layers.model import Layers
from workbench.policy import register_files, verdicts
from workbench.policy.documents import read_toml
from workbench.policy.options import PolicyOptions
from workbench.policy.view import INDUSTRIES
from workbench.records import Line, Name, Record, faults_of

_FATES = {"保留": "keep", "关闭": "close", "转移": "move"}
_CALLS = {"符合": "pass", "不符合": "fail", "待核实": "unknown"}
_GROUND = ("prefectures", "counties", "hydropower")


def _kt(value: object) -> object:
    """Read an amount with its unit: "100 万吨" or "60万重量箱"; a bare number is kt."""
    found = re.fullmatch(r"\s*([-+.\d]+)\s*(\S+)\s*", value) if isinstance(value, str) else None
    if not found:
        return value
    try:
        return float(units.convert(float(found[1]), found[2], "kt"))
    except (ValueError, DataError):
        raise ValueError(f'an amount such as "100 万吨" or a number of kt, not {value!r}') from None


def _code(words: Mapping[str, str]) -> BeforeValidator:
    return BeforeValidator(lambda value: words.get(value, value) if isinstance(value, str) else value)


Kt = Annotated[float, BeforeValidator(_kt), Field(ge=0)]
_INDUSTRIES = ("steel", "cement", "flat_glass", "aluminium", "coal")
_UNITS = ("BF", "BOF", "EAF", "cell", "kiln", "float_line")
Industry = Annotated[
    Literal["steel", "cement", "flat_glass", "aluminium", "coal"], _code(register_files.codes(_INDUSTRIES))
]
Fate = Annotated[Literal["keep", "close", "move"], _code(_FATES)]
Call = Annotated[Literal["pass", "fail", "unknown"], _code(_CALLS)]


class Equipment(Record):
    """Units of one kind at a works: blast furnace m3, converter and arc furnace t, cell kA."""

    kind: Annotated[
        Literal["BF", "BOF", "EAF", "cell", "kiln", "float_line"], _code(register_files.codes(_UNITS))
    ]
    size: float | None = None
    count: float = 1


class Standing(Record):
    """Capacity of an industry at a place, old or new."""

    name: Name
    industry: Industry
    prefecture: Name = "泸州市"
    county: Line = ""
    capacity: Kt


class Unit(Standing):
    """A production line and what the plan does with it."""

    process: Line = ""
    decision: Fate = "keep"
    to: Line = ""
    owner: Line = ""
    baseline: bool = True
    workers: float = Field(0, ge=0)
    closed_on: date | None = None
    equipment: tuple[Equipment, ...] = ()


class Build(Standing):
    """New capacity at a site; the sizes a case gives are held against the access conditions."""

    site: Literal["park", "expansion", "brownfield"] = "park"
    start_up: date | None = None
    size: dict[Line, float] = Field(default_factory=dict)


class Credit(Record):
    """Closed tonnes of a line that pay for a build."""

    line: Name
    build: Name
    t: Kt


class Unlocated(Record):
    """Capacity nobody located: what is left, what of it is no dry kiln, what the plan closes."""

    industry: Industry
    prefecture: Name = "泸州市"
    capacity: Kt
    obsolete: Kt | None = None
    retired: Kt = 0.0


class Limit(Record):
    """What the scenario asks and how the plan stands (headroom in t, others in kt)."""

    row: Literal["least", "zone", "prefecture_new", "headroom"]
    industry: Line
    place: Line = "*"
    low: float | None = None
    high: float | None = None
    amount: float = 0
    over: float = 0


class Delivery(Record):
    """Products delivered in the plan, or before it."""

    industry: Industry
    to: Literal["prefecture", "outside", "export"] = "prefecture"
    before: bool = False
    t: Kt
    cost_cny_t: float = 0
    km_road: float = 0
    km_rail: float = 0
    km_water: float = 0


class Works(Record):
    """What a works makes and the power a tonne takes, in the plan or before it."""

    industry: Industry
    before: bool = False
    production: Kt
    power_kwh_t: float


class Short(Record):
    """Cement a prefecture goes without."""

    prefecture: Name
    t: Kt
    industry: Industry = "cement"


class Case(Record):
    """One case: its title, the words of the text it rests on, a day, what stands, and what is expected."""

    title: Name
    text: Line
    day: date
    zone: Literal["five", "eight"] = "eight"
    industries: tuple[Industry, ...] = ()
    options: PolicyOptions = Field(default_factory=PolicyOptions)
    unit: tuple[Unit, ...] = ()
    build: tuple[Build, ...] = ()
    credit: tuple[Credit, ...] = ()
    unlocated: tuple[Unlocated, ...] = ()
    limit: tuple[Limit, ...] = ()
    delivery: tuple[Delivery, ...] = ()
    works: tuple[Works, ...] = ()
    short: tuple[Short, ...] = ()
    register_: dict[str, tuple[dict[str, Any], ...]] = Field(default_factory=dict, alias="register")
    assumptions: dict[Line, float] = Field(default_factory=dict)
    expect: dict[Line, Call] = Field(min_length=1)
    cure: dict[Line, Line] = Field(default_factory=dict)
    settled: Line = Field("", description="How a disagreement was settled, where there was one.")


@dataclass(frozen=True)
class Outcome:
    """How the rules answered one expectation of a case."""

    case: str
    item: str
    expected: str
    found: str
    evidence: tuple[str, ...] = field(default=())

    @property
    def agrees(self) -> bool:
        return self.expected == self.found


def read_cases(path: str | Path) -> list[Case]:
    """Read a file's cases, one or a list under ``[[case]]``; raises DataError with every fault at once."""
    name, found = Path(path).name, dict(read_toml(path))
    rows = found["case"] if isinstance(found.get("case"), list) and len(found) == 1 else [found]
    cases, faults = [], []
    for number, row in enumerate(rows, start=1):
        try:
            cases.append(Case.model_validate(row))
        except ValidationError as error:
            title = row.get("title", "") if isinstance(row, dict) else ""
            where = f"case {number} {title}".strip()
            faults += [replace(f, field=f"{where}: {f.field}") for f in faults_of(error, name)]
    if faults:
        raise DataError(faults, f"{name} holds what is no verdict case")
    return cases


def run_case(case: Case, layers: Layers, *, name: str = "") -> tuple[list[Outcome], pd.DataFrame]:
    """Judge a case; returns what became of each expectation, and every verdict as `check` gives them.

    An expectation names a clause (its worst verdict) or one item, as ``P20`` or ``P20.steel.obsolete_kept``;
    under `cure` it names the register that answers an unknown.
    """
    rows = verdicts.check(world(case, layers, name=name))
    worst = verdicts.summary(rows)["verdict"].to_dict()
    ids = rows["clause"] + "." + rows["item"]
    single = dict(zip(ids, rows["verdict"], strict=True))
    told = dict(zip(ids, rows["evidence"], strict=True))
    found = {**worst, **single}
    out = [
        Outcome(name, item, wanted, found.get(item, "not judged"), told.get(item, ()))
        for item, wanted in case.expect.items()
    ]
    for item, register in case.cure.items():
        mine = rows[((rows["clause"] == item) | (ids == item)) & (rows["verdict"] == "unknown")]
        out.append(Outcome(name, f"{item} cure", register, ";".join(sorted(set(mine["cure"])))))
    return out, rows


def world(case: Case, layers: Layers, *, name: str = "case") -> SimpleNamespace:
    """Return a case as a plan that `check` reads. `layers`: the baseline whose ground it stands on."""
    lines, equipment, plants = _standing(case)
    sites = _frame(
        [
            {"id": b.name, "name_zh": b.name, "kind": b.site, "prefecture_zh": b.prefecture,
             "county_zh": b.county}
            for b in case.build
        ],
        ("id", "name_zh", "kind", "prefecture_zh", "county_zh"),
    )  # fmt: skip
    markets = pd.DataFrame(
        {"kind": ["prefecture", "outside", "export"], "prefecture_zh": ["", "", ""]},
        index=["prefecture", "outside", "export"],
    )
    markets = pd.concat([markets, *_towns(case)])
    frames: dict[str, Any] = {key: layers[key] for key in _GROUND if key in layers}
    frames |= {"lines": lines, "equipment": equipment, "plants": plants, "sites": sites, "markets": markets}
    ground = Layers(frames, layers.assumptions.with_(dict(case.assumptions)))
    filed = {
        key: register_files.load_register(key, pd.DataFrame(list(rows)), file=f"{name} register.{key}")
        for key, rows in case.register_.items()
    }
    ground = register_files.with_registers(ground, filed)
    named = {unit.industry for unit in case.unit} | {build.industry for build in case.build}
    chosen: tuple[str, ...] = case.industries or tuple(i for i in INDUSTRIES if i in named) or INDUSTRIES
    return SimpleNamespace(
        scenario=SimpleNamespace(
            industries=chosen, policy=case.options, zone=SimpleNamespace(definition=case.zone)
        ),
        layers=ground, day=case.day, **_plan(case),
    )  # fmt: skip


def _standing(case: Case) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    rows = [
        {"id": u.name, "name_zh": u.name, "plant_id": u.name, "industry": u.industry, "process": u.process,
         "capacity_kt": u.capacity, "prefecture_zh": u.prefecture, "county_zh": u.county,
         "in_baseline": u.baseline}
        for u in case.unit
    ]  # fmt: skip
    columns = ("id", "name_zh", "plant_id", "industry", "process", "capacity_kt", "prefecture_zh",
               "county_zh", "in_baseline")  # fmt: skip
    kit = [
        {"id": f"{u.name}-{n}", "plant_id": u.name, "unit_type": e.kind, "size": e.size, "count": e.count,
         "start_year": None, "end_year": None}
        for u in case.unit for n, e in enumerate(u.equipment)
    ]  # fmt: skip
    parts = ("id", "plant_id", "unit_type", "size", "count", "start_year", "end_year")
    plants = [{"id": u.name, "name_zh": u.name, "owner": u.owner} for u in case.unit]
    return _frame(rows, columns), _frame(kit, parts), _frame(plants, ("id", "name_zh", "owner"))


def _frame(rows: list[dict[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).set_index("id")


def _towns(case: Case) -> list[pd.DataFrame]:
    names = list(dict.fromkeys(s.prefecture for s in case.short))
    return [pd.DataFrame({"kind": "prefecture", "prefecture_zh": names}, index=names)] if names else []


def _plan(case: Case) -> dict[str, Any]:
    columns = ("id", "plant_id", "name_zh", "industry", "prefecture_zh", "in_zone", "capacity_kt", "decision",
               "site_id", "displaced_jobs", "closed_on")  # fmt: skip
    decisions = [
        {"id": u.name, "plant_id": u.name, "name_zh": u.name, "industry": u.industry,
         "prefecture_zh": u.prefecture, "in_zone": False, "capacity_kt": u.capacity, "decision": u.decision,
         "site_id": u.to, "displaced_jobs": u.workers if u.decision != "keep" else 0.0,
         "closed_on": u.closed_on}
        for u in case.unit
    ]  # fmt: skip
    builds = [
        {"id": b.name, "site_id": b.name, "industry": b.industry, "prefecture_zh": b.prefecture,
         "capacity_kt": b.capacity, "start_up": b.start_up, **b.size}
        for b in case.build
    ]  # fmt: skip
    made = _frame(builds, ("id", "site_id", "industry", "prefecture_zh", "capacity_kt", "start_up",
                           *dict.fromkeys(key for b in case.build for key in b.size)))  # fmt: skip
    credits = [(c.line, c.build, c.t) for c in case.credit]
    rest = pd.DataFrame(
        [(u.industry, u.prefecture, u.capacity, u.retired, u.obsolete) for u in case.unlocated],
        columns=["industry", "prefecture_zh", "capacity_kt", "retired_kt", "obsolete_kt"],
    ).set_index(["industry", "prefecture_zh"])
    flows = {
        before: pd.DataFrame(
            [
                {"industry": d.industry, "commodity": d.industry, "origin": "", "destination": d.to,
                 "kt": d.t, "cost_cny_t": d.cost_cny_t, "km_road": d.km_road, "km_rail": d.km_rail,
                 "km_water": d.km_water}
                for d in case.delivery if d.before is before
            ]
        )
        for before in (False, True)
    }  # fmt: skip
    works = {
        before: pd.DataFrame(
            [(w.industry, w.production, w.power_kwh_t) for w in case.works if w.before is before],
            columns=["industry", "production_kt", "power_kwh_t"],
        )
        for before in (False, True)
    }
    limits = pd.DataFrame([limit.model_dump() for limit in case.limit])
    return {
        "decisions": _frame(decisions, columns),
        "builds": made.astype({"capacity_kt": float}),
        "credits": pd.DataFrame(credits, columns=["line_id", "build_id", "kt"]),
        "unlocated": rest.astype(float),
        "unmet": pd.DataFrame(
            [(s.prefecture, s.industry, s.t) for s in case.short], columns=["market", "industry", "kt"]
        ),
        "flows": flows[False],
        "facilities": works[False],
        "limits": limits if len(limits) else None,
        "kept": SimpleNamespace(flows=flows[True], facilities=works[True]),
    }


def case_files(path: str | Path) -> list[Path]:
    """Return the case files of a folder, or the one file given; raises DataError where none is."""
    place = Path(path)
    found = sorted(place.rglob("*.toml")) if place.is_dir() else [place] if place.is_file() else []
    if not found:
        mend = "Name a .toml file, or a folder that holds some."
        raise DataError([Fault(str(place), None, "", "no case", "a case file or a folder of them", mend)])
    return found
