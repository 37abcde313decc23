"""Rules on tonnes: caps, growth, what is eliminated, the shares of processes and products."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from workbench.policy import closing, goals, registry, versions
from workbench.policy.items import UNKNOWN, Answer, Item, says, tonnes
from workbench.policy.view import View, by
from workbench.units import PERCENT
from workbench.words import Text, words

_SAYS = words("policy.evidence")
BOOKS = ("obsolete", "replaced", "net")
_YEAR_ONE = {"steel": "P64", "cement": "P65", "flat_glass": "P66"}


def capacity_after(view: View, industry: str, last: date | None = None) -> float | None:
    """Return the province's capacity under the plan, or by a day in it: standing + built + unlocated (kt)."""
    rest = view.residual_kt.get(industry, 0.0) + view.built_kt.get(industry, 0.0)
    if view.whole(industry):
        return standing_kt(view, last).get(industry, 0.0) + rest
    return None if view.baseline_kt is None else view.baseline_kt.get(industry, 0.0) + rest


def standing_kt(view: View, last: date | None) -> Mapping[str, float]:
    """Return the located capacity that has not left by the end of a day, by industry (kt)."""
    if last is None or closing.days(view) is None:
        return view.kept_kt
    return view.once(f"standing.{last}", lambda: closing.capacity_kt(view, ~closing.closed_by(view, last)))  # type: ignore[no-any-return]


def in_basis(view: View, cement_kt: float | None) -> float | None:
    """Return cement capacity as the cap is read: in cement, or in the clinker it holds (a switch).

    Clinker = cement * `cement.clinker_ratio_t_t`; unknown without that assumption.
    """
    if cement_kt is None:
        return None
    ratio = view.assumption("cement.clinker_ratio_t_t")
    weight = versions.cap_weight("cement", view.options, math.nan if ratio is None else ratio)
    return None if math.isnan(weight) else cement_kt * weight


def cap(view: View, item: Item) -> Answer:
    """Hold an industry's capacity against its cap."""
    last = closing.until(view, item)
    after = capacity_after(view, item.industry, last)
    if item.industry == "cement":
        after = in_basis(view, after)
    if after is None:
        return UNKNOWN
    kept = standing_kt(view, last) if view.whole(item.industry) else view.baseline_kt or {}
    parts = {
        "kept": kept.get(item.industry, 0.0),
        "built": view.built_kt.get(item.industry, 0.0),
        "not_located": view.residual_kt.get(item.industry, 0.0),
    }
    return Answer(after, evidence=figures(parts))


def figures(parts: Mapping[str, float]) -> tuple[Text, ...]:
    """Tell amounts in kt by their names, those above zero."""
    return tuple(tonnes("kt", _SAYS[name], kt) for name, kt in parts.items() if kt)


def net_growth(view: View, item: Item) -> Answer | None:
    """Refuse an industry that ends with more capacity than it began, decided by the plan or not."""
    if not view.whole(item.industry) and not view.built_kt.get(item.industry):
        return None
    end = view.kept_kt.get(item.industry, 0.0) + view.built_kt.get(item.industry, 0.0)
    built = [build.id for build in view.new_of(item.industry)]
    return Answer(end - view.start_kt.get(item.industry, 0.0), evidence=view.told(built))


def foreign_credits(view: View, item: Item) -> Answer:
    """Find credits of one industry that pay for another."""
    kt = by((c for c in view.paid if c.industry and c.industry != c.buys), "line")
    return Answer(sum(kt.values()), evidence=view.told(kt, kt))


def after_term(view: View, item: Item) -> Answer | None:
    """Find tonnes dealt with after the five years; a plan without years of its own ends with its own year."""
    if not view.whole(item.industry):
        return None
    if "closed_on" not in view.decisions:
        return Answer(0.0)
    rows = view.decisions[~view.kept & (view.decisions["industry"] == item.industry).to_numpy()]
    day = pd.to_datetime(rows["closed_on"], errors="coerce")
    late = rows[(day > pd.Timestamp(view.options.term_ends)).to_numpy()]
    return Answer(float(late["capacity_kt"].sum()), evidence=view.told(late.index))


def unasked(view: View, item: Item) -> Answer | None:
    """Ask that no sound line closes that nobody asks for."""
    rows = view.limit_rows("least", item.industry)
    if not rows or not math.isfinite(rows[0]["high"]):
        return None
    return Answer(float(rows[0]["amount"]), limit=float(rows[0]["high"]))


def obsolete_span_kt(view: View, industry: str, last: date) -> tuple[float, float]:
    """Return the tonnes closed by a day that are surely obsolete, and with those nobody could screen (kt).

    Obsolete: listed equipment or processes, in the share of a line that falls under the rule, and small works
    nobody located. A line whose screening is unanswered may be either.
    """
    mine = (view.decisions["industry"].to_numpy(object) == industry) & closing.closed_within(view, last)
    old, unsure = view.obsolete_lines_kt
    gone = list(view.decisions.index[mine])
    sure = closing.retired_kt(view, last).get(industry, 0.0) + sum(old.get(line, 0.0) for line in gone)
    return sure, sure + sum(unsure.get(line, 0.0) for line in gone)


def books_kt(view: View, industry: str, last: date) -> dict[str, tuple[float, float]]:
    """Return the three books of what closes by a day, least and greatest (kt): obsolete, replaced, net.

    Obsolete: listed, below a threshold or small works nobody located, whatever it pays for; replaced: sound
    tonnes that pay for new ones; net: sound tonnes gone for good. A line nobody could screen may be sound.
    """
    low, high = obsolete_span_kt(view, industry, last)
    gone = closing.closed_within(view, last)
    left = set(view.decisions.index[gone])
    closed = closing.capacity_kt(view, gone).get(industry, 0.0)
    closed += closing.retired_kt(view, last).get(industry, 0.0)
    credits = (credit for credit in view.paid if credit.industry == industry and credit.line in left)
    paid = by(credits, "line")
    old, open_ = view.obsolete_lines_kt
    size = view.kt_of
    # no line gives more than it has, and what is obsolete stands in the first book whatever it pays for
    sound = {line: max(0.0, min(kt, size[line] - old.get(line, 0.0))) for line, kt in paid.items()}
    replaced = (
        sum(max(0.0, kt - open_.get(line, 0.0)) for line, kt in sound.items()),
        sum(sound.values()),
    )
    return {
        "obsolete": (low, high),
        "replaced": replaced,
        "net": (max(0.0, closed - high - replaced[0]), max(0.0, closed - low - replaced[1])),
    }


def eliminated(view: View, item: Item) -> tuple[float, float, tuple[Text, ...]] | None:
    """Return the tonnes that count as eliminated by an item's day, least and greatest, and their books.

    Obsolete tonnes count; replaced ones too where the switch says so (G3.3 lists them); sound tonnes that
    simply close never do.
    """
    industry, last = item.industry, closing.until(view, item)
    if not view.whole(industry):
        return None
    books = view.once(f"books.{industry}.{last}", lambda: books_kt(view, industry, last))
    low, high = books["obsolete"]
    if view.options.credited_tonnes_count_as_eliminated:
        # what is open is obsolete or replaced: either way it counts once
        both = books["replaced"]
        low, high = low + both[1] if high > low else low + both[0], max(high, low) + both[0]
        low, high = min(low, high), max(low, high)
    told = figures({name: books[name][0] for name in BOOKS})
    return low, high, told


def eliminate(view: View, item: Item) -> Answer | None:
    """Hold what is eliminated against the task: of 2014 as the text has it, of five years by the path."""
    found = eliminated(view, item)
    if found is None:
        return None
    due = None if item.limit is not None else by_now(view, item.industry)
    return Answer(found[0], found[1], due, found[2])


def after_first_year(view: View, item: Item) -> Answer | None:
    """Hold what is eliminated beyond the task of 2014 against what is left for the years after it."""
    found = eliminated(view, item)
    if found is None:
        return None
    first = registry.limit(_YEAR_ONE[item.industry], "eliminate")
    low, high = (max(0.0, kt - first) for kt in found[:2])
    return Answer(low, high, by_now(view, item.industry) - first, found[2])


def state_task(view: View, item: Item) -> Answer | None:
    """Hold what is eliminated against the state's own task of 2014, which is larger than the opinion's."""
    found = eliminated(view, item)
    task = view.assumption(f"state_task_2014.{item.industry}_kt")
    if found is None or task is None:
        return None
    return Answer(found[0], found[1], task, (*found[2], _SAYS["state_task"]))


def by_now(view: View, industry: str) -> float:
    """Return what the path asks to be eliminated by the end of the plan's year (kt)."""
    year = min(max(view.day.year, goals.YEARS[0]), goals.YEARS[-1])
    return float(goals.path(industry, options=view.options).loc[:year].sum())


def nsp_share(view: View, item: Item) -> Answer | None:
    """Bound the new-dry-process share of kilns: tonnes of unknown process may be either."""
    lines = view.table("lines")
    if not view.whole("cement"):
        return None
    if lines is None:
        return UNKNOWN
    low, high = view.once("nsp", lambda: dry_process_bounds(view, lines))
    return Answer(low, high, evidence=(says("span", low=low, high=high),))


def dry_process_bounds(view: View, lines: pd.DataFrame) -> tuple[float, float]:
    """Return the least and greatest new-dry-process share (%) the plan can have.

    Grinding stations have no kiln and stand in neither sum; new lines are dry by the access rule. Of
    unlocated capacity the plan says what is no dry kiln; without that word it may be either.
    """
    cement = view.decisions[view.kept & (view.decisions["industry"] == "cement").to_numpy()]
    process = view.process_of(cement.index)
    kt = cement["capacity_kt"].to_numpy(float)
    dry = kt[process == "nsp"].sum() + view.built_kt.get("cement", 0.0)
    old = kt[np.isin(process, ("shaft", "wet", "hollow", "lepol"))].sum()
    unsure = kt[process == ""].sum()
    rest = view.residual_kt.get("cement", 0.0)
    if view.shaft_kt is None or math.isnan(view.shaft_kt):
        unsure += rest
    else:
        old, dry = old + view.shaft_kt, dry + rest - view.shaft_kt
    total = dry + old + unsure
    return (PERCENT * dry / total, PERCENT * (dry + unsure) / total) if total else (math.nan, math.nan)


def product_share(view: View, item: Item) -> Answer:
    """Read a product share of the item's own year from the register of product mix.

    An item with a day asks for that year, one of five years for the plan's: what an earlier or a later year
    was says nothing of it.
    """
    mix = view.register("product_mix")
    if mix is None:
        return UNKNOWN
    year = closing.until(view, item).year if item.by != "5y" else min(view.day.year, goals.YEARS[-1])
    found = mix[(mix["industry"] == item.industry) & (mix["measure"] == item.key)]
    found = found[found["year"].astype(int) == year]
    if found.empty:
        return UNKNOWN
    return Answer(float(found["value_pct"].iloc[-1]), evidence=(says("of_year", year=year),))


def coprocessing(view: View, item: Item) -> Answer | None:
    """Hold the share of co-processing cement lines against the text, by count or by capacity (a switch)."""
    lines = view.table("lines")
    if not view.whole("cement"):
        return None
    cement = view.decisions[view.kept & (view.decisions["industry"] == "cement").to_numpy()]
    if lines is None or "coprocessing" not in lines or cement.empty:
        return UNKNOWN
    flag = pd.to_numeric(lines["coprocessing"].reindex(cement.index), errors="coerce").to_numpy(float)
    weight = np.ones(len(cement))
    if view.options.coprocessing_by == "capacity":
        weight = cement["capacity_kt"].to_numpy(float)
    total, open_ = weight.sum(), weight[np.isnan(flag)].sum()
    sure = weight[flag == 1].sum()
    return Answer(
        PERCENT * sure / total, PERCENT * (sure + open_) / total, evidence=view.told(cement.index[flag == 1])
    )


RULES = {
    "cap": cap, "net_growth": net_growth, "foreign_credits": foreign_credits, "after_term": after_term,
    "unasked": unasked, "eliminate": eliminate, "after_first_year": after_first_year,
    "state_task": state_task, "nsp_share": nsp_share, "product_share": product_share,
    "coprocessing": coprocessing,
}  # fmt: skip
