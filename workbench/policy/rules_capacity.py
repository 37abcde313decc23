"""Rules on tonnes: caps, no growth, quotas, and the shares of processes and products."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
import pandas as pd

from workbench.policy import goals, registry, versions
from workbench.policy.view import INDUSTRIES, Verdict, View
from workbench.remember import of_these
from workbench.words import pair, words

_SAYS = words("policy.rules")

CAPS = ("P3", "P6", "P9", "P12", "P64", "P65", "P66", "P67")
QUOTAS = ("P4", "P7", "P10", "P64", "P65", "P66")
PRODUCT_SHARES = {
    "P5": ("high_end_share",), "P11": ("deep_processing_share",), "P64": ("high_end_share",),
    "P13": ("deep_processing_share", "high_end_share"), "P66": ("deep_processing_share",),
    "P67": ("high_end_share",), "P75": ("rebar_share",),
}  # fmt: skip
NAMES = words("policy.industries")
WHAT = words("policy.amounts")


def judged(
    clause: str, item: str, amount: float | None, unit: str, sign: str, limit: float, zh: str, en: str,
    evidence: Iterable[object] = (), *, verdict: str | None = None,
) -> Verdict:  # fmt: skip
    """Compare an amount with its limit; None or NaN is unknown. `verdict` overrides the comparison."""
    value = math.nan if amount is None else float(amount)
    if verdict is None:
        verdict = "unknown" if math.isnan(value) else "pass" if registry.meets(value, sign, limit) else "fail"
    rows = tuple(sorted(map(str, evidence)))
    return Verdict(
        clause, item, verdict, value, unit, sign, limit, registry.margin(value, sign, limit), zh, en, rows
    )


def of_number(
    number: registry.Number, amount: float | None, zh: str, en: str, evidence: Iterable[object] = ()
) -> Verdict:
    """Compare an amount with a figure of the text, in house units."""
    item = f"{number.industry}.{number.key}" if number.industry else number.key
    unit, limit = number.house_unit, number.house_value
    return judged(number.clause, item, amount, unit, number.sign, limit, zh, en, evidence)


def capacity_after(view: View, industry: str) -> float | None:
    """Return the province's capacity under the plan: kept + built + unlocated (kt)."""
    if view.whole(industry):
        located = view.kept_kt.get(industry, 0.0) + view.built_kt.get(industry, 0.0)
        return located + view.residual_kt.get(industry, 0.0)
    if view.baseline_kt is None:
        return None
    return view.baseline_kt.get(industry, 0.0) + view.residual_kt.get(industry, 0.0)


def in_basis(view: View, cement_kt: float | None) -> float | None:
    """Return cement capacity as the cap is read: in cement, or in the clinker it holds (a switch).

    Clinker = cement * `cement.clinker_ratio_t_t`; unknown without that assumption.
    """
    if cement_kt is None:
        return None
    ratio = view.assumption("cement.clinker_ratio_t_t")
    weight = versions.cap_weight("cement", view.options, math.nan if ratio is None else ratio)
    return None if math.isnan(weight) else cement_kt * weight


def caps(view: View) -> Iterator[Verdict]:
    """Hold each industry's capacity against its cap, for the five years and for 2014."""
    after = {industry: capacity_after(view, industry) for industry in INDUSTRIES}
    after["cement"] = in_basis(view, after["cement"])
    for id in CAPS:
        for number in registry.clause(id).numbers:
            if number.key == "cap":
                zh, en = NAMES[number.industry]
                rows = ("decisions", "builds", "residual")
                yield of_number(
                    number, after[number.industry], *pair("policy.rules", "total", name=(zh, en)), rows
                )


def no_growth(view: View) -> Iterator[Verdict]:
    """Refuse an industry that ends with more capacity than it began."""
    for industry in view.industries:
        zh, en = NAMES[industry]
        growth = (
            view.kept_kt.get(industry, 0.0)
            + view.built_kt.get(industry, 0.0)
            - view.start_kt.get(industry, 0.0)
        )
        builds = view.builds.index[view.builds["industry"] == industry]
        yield judged(
            "P2",
            f"{industry}.net_growth",
            growth,
            "kt",
            "<=",
            registry.limit("P2", "net_growth"),
            *pair("policy.rules", "net_growth", name=(zh, en)),
            builds,
        )


def eliminated_kt(view: View, industry: str) -> float | None:
    """Return the tonnes that count as eliminated: all closed ones, or those not used as credit (a switch).

    Lines that leave and small works nobody located alike.
    """
    if not view.whole(industry):
        return None
    closed = view.closed_kt.get(industry, 0.0) + view.retired_kt.get(industry, 0.0)
    if view.options.credited_tonnes_count_as_eliminated:
        return closed
    return closed - view.credited_kt.get(industry, 0.0)


def quotas(view: View) -> Iterator[Verdict]:
    """Hold the closed tonnes against the quotas of five years, 2014 and 2015-18, and the state's task.

    What five years ask is asked of a plan's year by the path to it: a plan of 2014 owes what 2014 does.
    """
    closed = dict.fromkeys(view.industries, view.decisions.index[~view.kept])
    for id in QUOTAS:
        for number in registry.clause(id).numbers:
            if number.key == "eliminate":
                zh, en = NAMES[number.industry]
                rows = closed.get(number.industry, ())
                amount = eliminated_kt(view, number.industry)
                due = number.house_value if number.by != "5y" else _by_now(view, number.industry)
                yield judged(
                    id, f"{number.industry}.eliminate", amount, number.house_unit, number.sign, due,
                    *pair("policy.rules", "eliminate", name=(zh, en)), rows,
                )  # fmt: skip
    for number in registry.clause("P70").numbers:
        zh, en = NAMES[number.industry]
        amount = eliminated_kt(view, number.industry)
        first = _first_year(number.industry)
        beyond = None if amount is None else max(0.0, amount - first)
        item, due = f"{number.industry}.{number.key}", _by_now(view, number.industry) - first
        title = pair("policy.rules", "eliminate_after_2014", name=(zh, en))
        yield judged("P70", item, beyond, number.house_unit, number.sign, due, *title)
    for industry in ("steel", "cement", "flat_glass"):
        task = view.assumption(f"state_task_2014.{industry}_kt")
        if task is not None:
            zh, en = NAMES[industry]
            yield judged(
                "P73",
                f"{industry}.state_task_2014",
                eliminated_kt(view, industry),
                "kt",
                ">=",
                task,
                *pair("policy.rules", "state_task_2014", name=(zh, en)),
                (f"assumptions/state_task_2014.{industry}_kt",),
            )


def _by_now(view: View, industry: str) -> float:
    """Return what the path asks to be eliminated by the end of the plan's year."""
    return _due_kt(industry, view.options.year)


@lru_cache(maxsize=64)
def _due_kt(industry: str, year: int) -> float:
    return float(goals.path(industry).loc[:year].sum())


def _first_year(industry: str) -> float:
    clause = {"steel": "P64", "cement": "P65", "flat_glass": "P66"}[industry]
    return registry.limit(clause, "eliminate")


def dry_process(view: View) -> Iterator[Verdict]:
    """Bound the new-dry-process share of kilns: tonnes of unknown process may be either."""
    lines = view.table("lines")
    if lines is None or not view.whole("cement"):
        low = high = None
    else:
        low, high = dry_process_bounds(view, lines)
    for id in ("P8", "P65"):
        number = registry.clause(id).number("nsp_share")
        verdict = None
        if low is not None and high is not None and not registry.meets(low, number.sign, number.value):
            verdict = "unknown" if registry.meets(high, number.sign, number.value) else "fail"
        span = "" if low is None else f" {low:.1f}–{high:.1f} %"
        yield judged(
            id,
            "cement.nsp_share",
            low,
            "%",
            number.sign,
            number.value,
            *pair("policy.rules", "nsp_share", span=span),
            ("lines.process", "residual"),
            verdict=verdict,
        )


def dry_process_bounds(view: View, lines: pd.DataFrame) -> tuple[float, float]:
    """Return the least and greatest new-dry-process share (%) the plan can have.

    Grinding stations have no kiln and stand in neither sum; new lines are dry by the access rule. Of
    unlocated capacity the plan says what is no dry kiln; without that word it may be either.
    """
    known = of_these("process", (lines,), lambda: lines["process"].fillna("").str.lower().to_dict())
    cement = view.kept & (view.decisions["industry"].to_numpy(object) == "cement")
    process = np.array([known.get(line, "") for line in view.decisions.index[cement]], dtype=object)
    kt = view.decisions["capacity_kt"].to_numpy(float)[cement]
    dry = kt[process == "nsp"].sum() + view.built_kt.get("cement", 0.0)
    old = kt[np.isin(process, ("shaft", "wet", "hollow", "lepol"))].sum()
    unsure = kt[np.isin(process, ("", "unknown", "whole plant"))].sum()
    rest = view.residual_kt.get("cement", 0.0)
    if view.shaft_kt is None:
        unsure += rest
    else:
        old, dry = old + view.shaft_kt, dry + rest - view.shaft_kt
    total = dry + old + unsure
    return (100 * dry / total, 100 * (dry + unsure) / total) if total else (math.nan, math.nan)


def product_shares(view: View) -> Iterator[Verdict]:
    """Read product shares from the register `product_mix`; without it they are unknown."""
    mix = view.table("product_mix")
    for id, keys in PRODUCT_SHARES.items():
        for key in keys:
            number = registry.clause(id).number(key)
            zh, en = NAMES[number.industry]
            amount = None if mix is None else _share(mix, number.industry, key)
            title, english = WHAT[key]
            yield of_number(number, amount, f"{zh}{title}", f"{en.capitalize()}: {english}", ("product_mix",))


def _share(mix: pd.DataFrame, industry: str, measure: str) -> float | None:
    found = mix[(mix["industry"] == industry) & (mix["measure"] == measure)].sort_values("year")
    return None if found.empty else float(found["value_pct"].iloc[-1])


def coprocessing(view: View) -> Iterator[Verdict]:
    """Hold the co-processing share of cement lines against 10 %, by count or by capacity (a switch)."""
    if not view.whole("cement"):
        return
    number = registry.clause("P26").number("coprocessing_share")
    lines = view.table("lines")
    cement = view.decisions[view.kept & (view.decisions["industry"] == "cement").to_numpy()]
    amount = None
    if lines is not None and "coprocessing" in lines and len(cement):
        flag = lines["coprocessing"].reindex(cement.index)
        if flag.notna().all():
            weight = np.ones(len(cement))
            if view.options.coprocessing_by == "capacity":
                weight = cement["capacity_kt"].to_numpy(float)
            amount = 100 * float(weight[flag.astype(bool).to_numpy()].sum() / weight.sum())
    yield of_number(number, amount, *_SAYS["coprocessing"], ("lines.coprocessing",))


RULES = (caps, no_growth, quotas, dry_process, product_shares, coprocessing)
