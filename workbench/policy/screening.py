"""Screening of every line against the equipment, process and paper rules: fails, passes, or not known."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, cast

import numpy as np
import pandas as pd

from workbench.layers.model import Layers
from workbench.policy import registry, stances
from workbench.policy.options import PolicyOptions
from workbench.remember import of_these

REFERENCE_DAY = date(2014, 2, 22)
# Which units a route must have: a route with a unit of unknown size is unknown, never a pass.
UNITS_OF_PROCESS = {
    "bf_bof": ("BF", "BOF"), "bf": ("BF",), "eaf": ("EAF",), "bf_bof_eaf": ("BF", "BOF", "EAF"),
    "prebake": ("cell",), "nsp": ("kiln",), "float": ("float_line",),
}  # fmt: skip
COMPARE: dict[str, Callable[[Any, float], Any]] = {
    "<": np.less, "<=": np.less_equal, "=": np.equal, ">=": np.greater_equal, ">": np.greater,
}  # fmt: skip
COLUMNS = (
    "line_id", "plant_id", "industry", "prefecture_zh", "capacity_kt", "obsolete_kt", "rule", "clause",
    "verdict", "measured", "sign", "limit", "unit", "due", "overdue", "effect", "main", "evidence", "zh",
    "en",
)  # fmt: skip


def thresholds(applies: str | None = None) -> pd.DataFrame:
    """Return the screening rules: a line falls under one when ``measured sign limit`` holds.

    Index rule; columns clause, industry (empty: all), applies (existing or new), kind, subject, sign, limit,
    unit, due, effect, zh, en, source, confidence.
    """
    frame = registry.table("thresholds").set_index("rule")
    frame["limit"] = frame["limit"].astype(float)
    return frame if applies is None else frame[frame["applies"] == applies]


@lru_cache(maxsize=1)
def _vocabulary() -> Mapping[tuple[str, str], str]:
    found = {}
    for row in registry.table("processes").to_dict("records"):
        for name in (row["process"], row["zh"], *row["aliases"].split(";")):
            found[row["industry"], _plain(name)] = row["process"]
    return found


def _plain(name: object) -> str:
    text = "" if name is None or name != name else unicodedata.normalize("NFKC", str(name))
    return "".join(text.split()).lower()


def known_process(name: object, industry: str) -> str:
    """Return the process a planner's word means in an industry; an unlisted word is unknown (empty)."""
    return _vocabulary().get((industry, _plain(name)), "")


def _processes(lines: pd.DataFrame) -> pd.Series:
    pairs = zip(lines["process"], lines["industry"], strict=True)
    return pd.Series([known_process(name, industry) for name, industry in pairs], lines.index, dtype=object)


def screen(
    layers: Layers,
    *,
    on: date = REFERENCE_DAY,
    options: PolicyOptions | None = None,
    baseline_only: bool = True,
) -> pd.DataFrame:
    """Screen each production line against each rule that can concern it.

    `layers` needs `lines` (plant_id, industry, process, capacity_kt, prefecture_zh, in_baseline) and
    `equipment` (plant_id, unit_type, size, start_year, end_year). Verdict: ``fail`` (the rule bites),
    ``pass``, or ``unknown`` where a figure is missing. `overdue`: it bites and the day is past. Evidence
    names the rows that decide. One row per line and rule, sorted by line and rule.
    """
    lines = layers["lines"]
    if baseline_only and "in_baseline" in lines:
        lines = lines[lines["in_baseline"].astype(bool)]
    chosen = options or PolicyOptions()
    lines = pd.DataFrame(lines.drop(columns="geometry", errors="ignore"))
    lines = lines.assign(process=_processes(lines))
    equipment = in_service(layers["equipment"], on.year) if "equipment" in layers else None
    parts = []
    for rule in thresholds("existing").reset_index().to_dict("records"):
        if chosen.strict_below and rule["clause"] in ("P20", "P34"):
            rule["sign"] = rule["sign"].replace("<=", "<")
        some = lines[lines["industry"] == rule["industry"]] if rule["industry"] else lines
        if rule["kind"] == "equipment":
            some = some[_has_unit(some["process"], rule["subject"])]
        if len(some):
            parts.append(_apply(rule, some, equipment, on, chosen))
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    return frame[list(COLUMNS)].sort_values(["line_id", "rule"], ignore_index=True)


def screen_once(layers: Layers, *, options: PolicyOptions) -> pd.DataFrame:
    """Return `screen`, remembered for the last frames asked about: a click must not screen the province anew.

    The frames of a baseline are never changed in place, so the same objects give the same answer.
    """
    frames = tuple(getattr(layers, name, None) for name in ("lines", "equipment"))
    read = (options.term_ends, options.strict_below)
    found = of_these("screened", frames, lambda: screen(layers, options=options), options=read)
    return cast("pd.DataFrame", found)


def in_service(equipment: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the units running in a year; one without a year runs, unless marked later than 2014."""
    start = pd.to_numeric(equipment["start_year"], errors="coerce")
    end = pd.to_numeric(equipment["end_year"], errors="coerce")
    later = start.isna() & (year <= REFERENCE_DAY.year)
    later &= equipment["after_2014"].astype(bool) if "after_2014" in equipment else False
    return equipment[~(start > year) & ~(end < year) & ~later]


def _has_unit(process: pd.Series, unit: str) -> np.ndarray:
    routes = {name for name, units in UNITS_OF_PROCESS.items() if unit in units}
    # A route we cannot name may hide the unit, so the rule still asks.
    return (process.isin(routes) | (process == "")).to_numpy()


def _apply(
    rule: dict[Any, Any],
    lines: pd.DataFrame,
    equipment: pd.DataFrame | None,
    on: date,
    options: PolicyOptions,
) -> pd.DataFrame:
    measure = {"equipment": _by_equipment, "process": _by_process, "attribute": _by_attribute}[rule["kind"]]
    measured, share, known, evidence = measure(rule, lines, equipment)
    bites = share > 0
    due = registry.due_date(rule["due"], options)
    frame = pd.DataFrame(
        {key: lines[key].to_numpy() for key in ("plant_id", "industry", "prefecture_zh", "capacity_kt")}
    )
    frame["line_id"] = lines.index.to_numpy()
    frame["obsolete_kt"] = frame["capacity_kt"].astype(float) * share
    frame["verdict"] = np.select([bites, ~known], ["fail", "unknown"], "pass")
    frame["measured"] = measured
    frame["overdue"] = bites & (due is not None and on > due)
    frame["evidence"] = evidence
    for key in ("rule", "clause", "sign", "limit", "unit", "effect", "main", "zh", "en"):
        frame[key] = rule[key]
    frame["due"] = due
    return frame


# what was measured, the share of the line under the rule, whether it is known, the rows that say so
Measured = tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]
# A line cut out for one unit carries that unit's own size; the others stand for the units of their works.
_OWN = {"BF": "m3", "BOF": "t", "EAF": "t", "cell": "kA"}


def _by_equipment(rule: dict[Any, Any], lines: pd.DataFrame, equipment: pd.DataFrame | None) -> Measured:
    """Measure each line by its own unit where it has one, else by the units of its works.

    Works with small and large units fall under the rule with the share of the small ones by size.
    """
    measured, share, known, evidence = _nothing_known(lines, "equipment")
    compare = COMPARE[rule["sign"]]
    if equipment is not None:
        units = equipment[equipment["unit_type"] == rule["subject"]]
        size = pd.to_numeric(units["size"], errors="coerce")
        count = pd.to_numeric(units["count"], errors="coerce").fillna(1.0) if "count" in units else 1.0
        hit = pd.Series(compare(size.to_numpy(float), rule["limit"]), units.index) & size.notna()
        whole = (size * count).groupby(units["plant_id"]).sum()
        small = (size * count).where(hit, 0.0).groupby(units["plant_id"]).sum()
        worst = size.groupby(units["plant_id"]).agg("max" if rule["sign"] in (">", ">=") else "min")
        complete = size.notna().groupby(units["plant_id"]).all()
        names = units.index.to_series().astype(str).groupby(units["plant_id"]).agg(";".join)
        plants = lines["plant_id"]
        measured = plants.map(worst).to_numpy(float)
        share = plants.map(small / whole).fillna(0.0).to_numpy(float)
        known = plants.map(complete).eq(True).to_numpy()
        evidence = [f"equipment/{row}" if isinstance(row, str) else "" for row in plants.map(names)]
    if {"size", "size_unit"} <= set(lines):
        own = pd.to_numeric(lines["size"], errors="coerce").to_numpy(float)
        # a furnace of a works with converters is measured by the furnace: t is the heat of an arc furnace
        route = "eaf" if rule["subject"] == "EAF" else None
        mine = ~np.isnan(own) & (lines["size_unit"] == _OWN.get(rule["subject"])).to_numpy()
        mine &= (lines["process"] == route).to_numpy() if route else rule["subject"] != "BOF"
        measured = np.where(mine, own, measured)
        share = np.where(mine, compare(own, rule["limit"]).astype(float), share)
        known = known | mine
        evidence = [f"lines/{i}" if m else e for i, m, e in zip(lines.index, mine, evidence, strict=True)]
    return measured, share, known, evidence


def _by_process(rule: dict[Any, Any], lines: pd.DataFrame, equipment: pd.DataFrame | None) -> Measured:
    bites = lines["process"].isin(rule["subject"].split(";")).to_numpy()
    # A hot-metal or kiln route says nothing about the rolling mill behind it.
    known = bites | ((lines["process"] != "").to_numpy() & (rule["subject"] != "backward_rolling"))
    measured = np.where(bites, 1.0, np.where(known, 0.0, np.nan))
    return measured, bites.astype(float), known, [f"lines/{i}" for i in lines.index]


def _by_attribute(rule: dict[Any, Any], lines: pd.DataFrame, equipment: pd.DataFrame | None) -> Measured:
    if rule["subject"] not in lines:
        return _nothing_known(lines, "lines")
    measured = pd.to_numeric(lines[rule["subject"]], errors="coerce").to_numpy(float)
    known = ~np.isnan(measured)
    bites = COMPARE[rule["sign"]](measured, rule["limit"]) & known
    return measured, bites.astype(float), known, [f"lines/{i}.{rule['subject']}" for i in lines.index]


def _nothing_known(lines: pd.DataFrame, table: str) -> Measured:
    none = np.zeros(len(lines), dtype=bool)
    return np.full(len(lines), np.nan), none.astype(float), none, [""] * len(lines)


def worst(screened: pd.DataFrame, effect: str | None = "obsolete") -> pd.DataFrame:
    """Return one row per line: fail if any rule bites, else unknown if any is unknown, else pass.

    Index line_id; columns verdict, rules, clauses (those that decide, joined by ``;``), overdue. `effect`
    keeps the rules of one effect (obsolete, surcharge, to_park, no_credit); None takes all.
    """
    rows = screened if effect is None else screened[screened["effect"] == effect]
    rank = rows["verdict"].map({"fail": 2, "unknown": 1, "pass": 0})
    top = rank.groupby(rows["line_id"]).transform("max")
    decisive = rows[rank.eq(top)]
    grouped = decisive.groupby("line_id", sort=True)
    return pd.DataFrame(
        {
            "verdict": grouped["verdict"].first(),
            "rules": grouped["rule"].agg(";".join),
            "clauses": grouped["clause"].agg(lambda ids: ";".join(sorted(set(ids)))),
            "overdue": grouped["overdue"].any(),
        }
    )


def _whole(screened: pd.DataFrame) -> pd.Series:
    """Say where a rule condemns a whole line, not a small unit beside large ones."""
    hit = (screened["verdict"] == "fail") & (screened["effect"] == "obsolete")
    kt = screened["capacity_kt"].astype(float)
    return hit & ~(screened["obsolete_kt"].astype(float) < kt * (1 - 1e-9))


def obsolete_lines(screened: pd.DataFrame, *, overdue: bool = False) -> frozenset[str]:
    """Return the ids of lines a rule calls obsolete as a whole; with `overdue`, only those past their day."""
    hit = _whole(screened)
    if overdue:
        hit &= screened["overdue"].astype(bool)
    return frozenset(screened.loc[hit, "line_id"])


def obsolete_share(screened: pd.DataFrame) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return what share of each line is obsolete, and what share of others may be: main rules unanswered.

    A line that breaks several rules counts once, at the greatest share.
    """
    asked = screened[(screened["effect"] == "obsolete") & (screened["main"] == "yes")]
    hit = asked[asked["verdict"] == "fail"]
    share = (hit["obsolete_kt"] / hit["capacity_kt"]).fillna(1.0)
    old: dict[str, float] = {}
    for line, part in zip(hit["line_id"], share, strict=True):
        old[line] = max(old.get(line, 0.0), float(part))
    unsure = asked.loc[(asked["verdict"] == "unknown").to_numpy(), "line_id"]
    return old, {line: 1.0 - old.get(line, 0.0) for line in unsure}


def due_lines(screened: pd.DataFrame, by: date) -> frozenset[str]:
    """Return the ids of obsolete lines whose last day is not after a day: they may not stand at its end."""
    hit = _whole(screened)
    due = pd.to_datetime(screened["due"], errors="coerce")
    return frozenset(screened.loc[hit & (due <= pd.Timestamp(by)), "line_id"])


def must_go(screened: pd.DataFrame, options: PolicyOptions) -> frozenset[str]:
    """Return the obsolete lines a plan may not keep: those of clauses that bind, once they are due.

    Clauses without a stance of their own (induction furnaces) follow P20.
    """
    stance = stances.stances(options.clauses)["stance"]
    holds = screened["clause"].map(lambda clause: stance.get(clause, stance["P20"]) == "binding")
    hit = _whole(screened) & (screened["main"] == "yes")
    return frozenset(screened.loc[hit & holds.astype(bool) & pressed(screened, options), "line_id"])


def pressed(screened: pd.DataFrame, options: PolicyOptions) -> pd.Series:
    """Say which rules speak in the plan's year.

    Those due with the five-year effort at once (the text: resolutely, with speed), those with a day of their
    own from that day on.
    """
    due = pd.to_datetime(screened["due"], errors="coerce")
    return (due == pd.Timestamp(options.term_ends)) | (due <= pd.Timestamp(registry.plan_day(options)))


def may_not_move(screened: pd.DataFrame, options: PolicyOptions) -> frozenset[str]:
    """Return the lines that may not be transferred: obsolete ones, unless the planner has P47 told only."""
    binds = stances.stances(options.clauses).at["P47", "stance"] == "binding"
    return obsolete_lines(screened) if binds else frozenset()
