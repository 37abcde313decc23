"""Rules that read what offices file: product mix, prices, projects, duties, mines; unknown without them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from workbench.policy import access, coal, market, projects, registry, tariffs
from workbench.policy.documents import read_only
from workbench.policy.items import UNKNOWN, Answer, Item, listed, says
from workbench.policy.view import View
from workbench.remember import of_these
from workbench.units import PERCENT
from workbench.words import named, words

_SOURCES = words("policy.budgets")
Filed = Callable[[View, Item, pd.DataFrame], "Answer | None"]
Rule = Callable[[View, Item], "Answer | None"]


def _of(register: str, rule: Filed) -> Rule:
    """Return the rule on a register as a rule on a view: unknown where the register has not come."""

    def asked(view: View, item: Item) -> Answer | None:
        frame = view.register(register)
        return UNKNOWN if frame is None else rule(view, item, frame)

    return asked


def _counted(names: Iterable[object], amount: float | None = None) -> Answer:
    told = [named(str(name)) for name in names]
    return Answer(float(len(told)) if amount is None else amount, evidence=listed(told))


def _up_to(frame: pd.DataFrame, view: View) -> pd.DataFrame:
    return frame[frame["year"].astype(float) <= view.day.year]


def trend(view: View, item: Item, products: pd.DataFrame) -> Answer:
    """Compare the share of some products in the latest year with that of the first."""
    share = market.product_share(_up_to(products, view), item.industry, item.keys).sort_index()
    if len(share) < 2:
        return UNKNOWN
    first, last = share.index[0], share.index[-1]
    told = (says("share_of_year", year=int(first), share=share.iloc[0]),)
    return Answer(float(share.loc[last]), limit=float(share.loc[first]), evidence=told)


def one_site(view: View, item: Item, products: pd.DataFrame) -> Answer | None:
    """Count the share of kept glass works that make sheet and process it on one site."""
    if not view.whole("flat_glass"):
        return None
    stay = view.decisions[view.kept & (view.decisions["industry"] == "flat_glass").to_numpy()]
    done = products[products["tag"].isin(["deep_processed", "low_e"])]
    hit = stay.index.isin(view.line_ids(done["line"]))
    both = pd.Series(hit, stay.index).groupby(stay["plant_id"]).any()
    return Answer(
        PERCENT * float(both.mean()) if len(both) else math.nan, evidence=view.told(stay.index[hit])
    )


def named_products(view: View, item: Item, products: pd.DataFrame) -> Answer:
    """Compare the output of the products named for the national market with the first year's."""
    rows = market.named_rows(_up_to(products, view))
    by = rows.groupby("year")["kt"].sum().sort_index()
    return Answer(float(by.iloc[-1]), limit=float(by.iloc[0])) if len(by) > 1 else UNKNOWN


def semis(view: View, item: Item, products: pd.DataFrame) -> Answer:
    """Hold the output of aluminium semis against primary output, within the tolerance assumed."""
    rows = _up_to(products[products["industry"] == "aluminium"], view)
    tolerance = view.assumption("semis_match.tolerance")
    if rows.empty or tolerance is None:
        return UNKNOWN
    last = rows[rows["year"] == rows["year"].max()].groupby("tag")["kt"].sum()
    primary = float(last.get("primary", 0.0))
    if primary <= 0:
        return UNKNOWN
    kt = float(last.get("semis", 0.0))
    told = says("semis", semis=kt, primary=primary)
    return Answer(abs(kt / primary - 1), limit=tolerance, evidence=(told,))


def residues(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Count the industrial residues cement works took in, in the latest year filed."""
    rows = _up_to(frame, view)
    last = rows[rows["year"] == rows["year"].max()]
    return Answer(float(last["kt"].sum()), evidence=view.told(view.line_ids(last["line"])))


def laggards_unpriced(view: View, item: Item, prices: pd.DataFrame) -> Answer:
    """Find steel laggards whose power costs no more than the catalogue and their differential price."""
    mine = prices[prices["catalogue_class"].isin(["eliminate", "restrict"])]
    ids = view.line_ids(mine["line"])
    steel = np.array([view.decisions["industry"].get(id) == "steel" for id in ids], dtype=bool)
    rows = tariffs.underpaid(mine[steel], "steel", view.baseline.assumptions, view.day, view.options)
    return _priced(rows)


def _priced(rows: pd.DataFrame) -> Answer:
    """Count the lines that pay too little; those whose price nobody told may pay too little."""
    sure = dict.fromkeys(rows.loc[rows["gap_cny_kwh"] > 0, "line"])
    all_ = dict.fromkeys(rows["line"])
    return replace(_counted(sure or all_), amount=float(len(sure)), upto=float(len(all_)))


def surcharge_missed(view: View, item: Item) -> Answer | None:
    """Find kept aluminium that owes the ten percent and does not pay it.

    Owes: AC power above the figure, or after 2015 below norm. Paying lawfully is no breach. What nobody
    measured may owe, and what owes without a price on the register may not pay.
    """
    if view.screened is None or not view.whole("aluminium"):
        return None
    kept = view.decisions[view.kept & (view.decisions["industry"] == "aluminium").to_numpy()]
    rows = view.screened[(view.screened["rule"] == "aluminium.power").to_numpy()]
    state = rows.set_index("line_id")["verdict"].reindex(kept.index).fillna("unknown")
    filed = view.register("power_prices")
    paid: dict[str, pd.DataFrame] = {}
    if filed is not None:
        ids = pd.Series(view.line_ids(filed["line"]), filed.index)
        paid = {str(id): part for id, part in filed.groupby(ids)}
    missed, open_ = {}, {}
    for line, verdict in state.items():
        kt, prices = float(kept.at[line, "capacity_kt"]), paid.get(str(line))
        owes = verdict == "fail"
        if prices is not None:
            power = registry.clause("P35").number("ac_power")
            owes = owes or bool((prices["kwh_t"].astype(float) > power.value).any())
            late = view.day.year > 2015 and prices["below_norm"].eq(True).any()
            if not (owes or late):
                continue
            short = tariffs.underpaid(prices, "aluminium", view.baseline.assumptions, view.day, view.options)
            if (short["gap_cny_kwh"] > 0).any():
                missed[line] = kt
            elif len(short):
                open_[line] = kt
        elif verdict != "pass":
            open_[line] = kt
    named_ = missed or open_
    sure = sum(missed.values())
    return Answer(sure, sure + sum(open_.values()), evidence=view.told(named_, named_))


def discounts(view: View, item: Item, prices: pd.DataFrame) -> Answer:
    """Find prices below the catalogue that no valid contract of an eligible buyer covers."""
    contracts = view.register("power_contracts")
    rows = tariffs.unlawful_discounts(prices, view.baseline.assumptions, contracts, on=view.day)
    return _priced(rows)


def barred_contracts(view: View, item: Item, contracts: pd.DataFrame) -> Answer:
    """Find direct contracts of smelters that use more power than the bar allows."""
    limit = view.assumption("tariff.direct_bar_kwh_t")
    if limit is None:
        return UNKNOWN
    return _counted(contracts.loc[contracts["ac_kwh_t"].astype(float) > limit, "line"])


def announced_unsound(view: View, item: Item, announced: pd.DataFrame) -> Answer | None:
    """Find announced lines that are not known to comply with every main rule."""
    if view.screened is None:
        return UNKNOWN
    sound = set(access.compliant_lines(view.screened).index)
    ids = view.line_ids(announced["line"])
    return _counted(name for name, id in zip(announced["line"], ids, strict=True) if id not in sound)


def quality_unclassed(view: View, item: Item, quality: pd.DataFrame) -> Answer:
    """Find works that stay without a class of quality supervision."""
    stay = view.decisions[view.kept]
    lines, plants = stay["plant_id"], view.table("plants")
    filed = {str(name) for name in quality["plant_id"]}
    if plants is not None and "name_zh" in plants:
        names = plants["name_zh"].reindex(lines.unique()).fillna("")
        left = [name or id for id, name in names.items() if id not in filed and name not in filed]
    else:
        left = [id for id in lines.unique() if id not in filed]
    return _counted(left)


def approvals(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Count projects approved or filed since the opinion whose new tonnes exceed their credits."""
    return _counted(projects.unlawful_approvals(frame)["name_zh"])


def irregular_unsettled(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Count irregular projects without a settlement once their day is past."""
    irregular = frame[frame["papers"].eq(False)]
    if view.day <= registry.due_date(item.by, view.options):  # type: ignore[operator]
        return Answer(0.0)
    late = irregular[~irregular["settled_on"].map(lambda d: _until(d, view.day)).astype(bool)]
    return _counted(late["name_zh"])


def _until(day: object, last: date) -> bool:
    return not pd.isna(day) and pd.Timestamp(day) <= pd.Timestamp(last)  # type: ignore[call-overload, arg-type]


def stalled(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Count projects past their planned finish and not in production."""
    due = pd.to_datetime(frame["planned_finish"], errors="coerce")
    late = (due < pd.Timestamp(view.day)) & (frame["stage"] != "finish")
    return _counted(frame.loc[late, "name_zh"])


def relocations_unstarted(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Count environmental relocations still in preparation once the year is over."""
    if view.day < registry.due_date(item.by, view.options):  # type: ignore[operator]
        return Answer(0.0)
    late = frame["environmental_relocation"].eq(True) & (frame["stage"] == "prepare")
    return _counted(frame.loc[late, "name_zh"])


def loans_without_papers(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Sum the loans and bonds of projects without papers; those of projects that do not say may be such."""
    loans = pd.to_numeric(frame["loans_mcny"], errors="coerce").fillna(0.0)
    bad, open_ = frame["papers"].eq(False), frame["papers"].isna()
    sure, more = float(loans[bad].sum()), float(loans[open_].sum())
    return Answer(sure, sure + more, evidence=_counted(frame.loc[bad & (loans > 0), "name_zh"]).evidence)


def gates_open(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Count projects under way that have not passed every gate."""
    gates = projects.gates(frame)
    late = (frame["stage"] != "prepare") & ~gates["may_start"]
    return _counted(frame.loc[late, "name_zh"])


def overspent(view: View, item: Item, budgets: pd.DataFrame) -> Answer:
    """Sum the grants beyond the budget of centre, province and prefectures."""
    frame = view.register("projects")
    if frame is None:
        return UNKNOWN
    table = projects.funding(frame, budgets.groupby("source")["budget_mcny"].sum().to_dict())
    over = (-table["left_mcny"]).clip(lower=0)
    return _counted(_SOURCES[name][0] for name in over.index[over > 0]).with_amount(float(over.sum()))


def relief_short(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Sum the tax relief due and not granted, by the shares assumed."""
    share = {kind: view.assumption(f"tax_relief.{kind}_share") for kind in ("merger", "residues")}
    due = frame["tax_mcny"].astype(float) * frame["kind"].map(share).astype(float)
    short = (due - frame["relieved_mcny"].astype(float)).clip(lower=0)
    return _counted(frame.loc[short > 1e-9, "firm_zh"]).with_amount(float(short.sum()))


def misdeclared(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Count lines declared otherwise than their capacity in the tables, or that no table has."""
    kt = view.decisions["capacity_kt"]
    lines = view.table("lines")
    if lines is not None:
        kt = pd.concat([kt, lines["capacity_kt"]])
        kt = kt[~kt.index.duplicated()]
    ids = view.line_ids(frame["line"])
    declared = frame["declared_kt"].astype(float).set_axis(frame["line"])
    derived = kt.reindex(ids).set_axis(frame["line"]).astype(float)
    wrong = projects.false_reports(declared, derived).index
    return _counted([*wrong, *derived.index[derived.isna()]])


def table_one_kept(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Sum what table 1 eliminates and the plan keeps (kt), line by line by the name filed."""
    day = view.day
    due = frame[frame["due"].map(lambda d: _until(d, day))]
    ids = view.line_ids(due["equipment_zh"])
    kept = set(view.decisions.index[view.kept])
    kt = {id: float(view.decisions.at[id, "capacity_kt"]) for id in ids if id in kept}
    return Answer(sum(kt.values()), evidence=view.told(kt, kt))


def table_two_unlisted(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Count builds of the plan that table 2 does not list, by prefecture and industry."""
    listed = set(zip(frame["prefecture_zh"], frame["industry"], strict=True))
    pairs = zip(view.builds["prefecture_zh"], view.builds["industry"], strict=True)
    loose = [id for id, pair in zip(view.builds.index, pairs, strict=True) if pair not in listed]
    return Answer(float(len(loose)), evidence=view.told(loose))


def unit_energy(view: View, item: Item, frame: pd.DataFrame) -> Answer:
    """Count lines whose energy per tonne (kgce) rose from the first year filed to the last."""
    rows = _up_to(frame, view).sort_values("year")
    span = rows.groupby("line")["kgce_t"].agg(["first", "last", "count"])
    if not (span["count"] > 1).any():
        return UNKNOWN
    return _counted(span.index[(span["last"] > span["first"] + 1e-9) & (span["count"] > 1)])


def duty_late(view: View, item: Item) -> Answer:
    """Count the duties of a clause that are past their day without a filing in time."""
    past = [
        (row["id"], named_duty, due)
        for row in read_only("duties").to_dict("records")
        if row["id"] in item.keys
        and (due := registry.due_date(row["due"], view.options)) is not None
        and view.day > due
        and (named_duty := (row["zh"], row["en"]))
    ]
    filed = view.register("filings")
    if not past or filed is None:
        return Answer(0.0, float(len(past)), evidence=tuple(says for _, says, _ in past))
    late = [
        says
        for id, says, due in past
        if not any(_until(day, due) for day in filed.loc[filed["duty_id"] == id, "filed_on"])
    ]
    return Answer(float(len(late)), evidence=tuple(late))


def filed_this_year(view: View, item: Item, filed: pd.DataFrame) -> Answer:
    """Count the filings of a standing duty in the plan's year."""
    mine = filed[filed["duty_id"].isin(item.keys)]
    mine = mine[np.array([d.year == view.day.year and d <= view.day for d in mine["filed_on"]], dtype=bool)]
    return _counted(mine["doc_no"].fillna("").astype(str))


def in_force(view: View, item: Item) -> Answer:
    """Say whether the opinion binds on the plan's day."""
    first, last = registry.term(view.options)
    return Answer(
        1.0 if registry.in_force(view.day, view.options) else 0.0,
        evidence=(says("term", first=first, last=last),),
    )


def coal_item(view: View, item: Item) -> Answer:
    """Read a figure of coal from the register of mines, or from the closures known by prefecture."""
    mines = view.register("coal_mines")
    if mines is not None:
        amount = coal.value(coal.coal_account(mines, view.day.year), item.key)
        return Answer(amount, evidence=(says("mines", count=len(mines)),))
    table = view.table("coal_prefectures")
    answer: Answer = of_these(f"coal.{item.key}", (table,), lambda: coal.from_prefectures(table, item.key))
    return answer


def coal_merged(view: View, item: Item, mines: pd.DataFrame) -> Answer:
    """Count mines merged or upgraded."""
    return _counted(mines.loc[mines["action"].isin(["merge", "upgrade"]), "name_zh"])


RULES: dict[str, Rule] = {
    "trend": _of("products", trend), "one_site": _of("products", one_site),
    "named_products": _of("products", named_products), "semis": _of("products", semis),
    "residues": _of("residues", residues), "laggards_unpriced": _of("power_prices", laggards_unpriced),
    "surcharge_missed": surcharge_missed, "discounts": _of("power_prices", discounts),
    "barred_contracts": _of("power_contracts", barred_contracts),
    "announced_unsound": _of("announced", announced_unsound),
    "quality_unclassed": _of("quality", quality_unclassed), "approvals": _of("projects", approvals),
    "irregular_unsettled": _of("projects", irregular_unsettled), "stalled": _of("projects", stalled),
    "relocations_unstarted": _of("projects", relocations_unstarted),
    "loans_without_papers": _of("projects", loans_without_papers), "gates_open": _of("projects", gates_open),
    "overspent": _of("budgets", overspent), "relief_short": _of("tax_relief", relief_short),
    "misdeclared": _of("declared", misdeclared), "table_one_kept": _of("elimination_2014", table_one_kept),
    "table_two_unlisted": _of("projects_2014", table_two_unlisted),
    "unit_energy": _of("energy", unit_energy), "duty_late": duty_late,
    "filed_this_year": _of("filings", filed_this_year), "in_force": in_force, "coal": coal_item,
    "coal_merged": _of("coal_mines", coal_merged),
}  # fmt: skip
