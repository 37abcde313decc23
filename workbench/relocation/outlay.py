"""Money spent once: what closing, its people and building cost in the year they are paid, and by whom.

    spent_y = sum_b once_b begun_by' + sum_l once_l cap_l left_ly + sum_k once_k retired_ky
              + severance displaced_y + sum_lk once_lk upgraded_lky

begun_by' is what of project b begins to stand in the year y' it is built for in y (`Calendar.paid_in`); left,
retired and displaced are what is new in y; million CNY. A budget (`objective.budget_mcny`) is a row of each
year:

    budget   spent_y <= budget

Owners pay for their works; of severance the treasury pays `relocation.treasury_severance_share`, and it
awards `<industry>.closing_award_cny_t` for each obsolete tonne closed, which the owner keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import pandas as pd

from workbench.relocation.accounts import running_mcny
from workbench.relocation.decisions import Choices
from workbench.relocation.money import annuity
from workbench.relocation.plan import Plan
from workbench.relocation.years import Calendar
from workbench.remember import of_these
from workbench.solver import Blocks, Entries
from workbench.units import CNY_PER_MCNY, KCNY_PER_MCNY

RULE = "年度资金 budget of the year"
NOTHING_MCNY = 1e-3  # a thousand yuan: less is what the solver leaves
TREASURY, SMALL, UNKNOWN = "treasury", "small_works", "unknown_owner"
COLUMNS = ("year", "industry", "item", "payer", "mcny")


def budget(parts: Mapping[int, Blocks], choices: Choices, calendar: Calendar) -> None:
    """Hold what is spent in each year within the planner's budget, where there is one."""
    most = choices.problem.scenario.objective.budget_mcny
    if most is None:
        return
    years = calendar.years
    for year in years:
        entries = _leaving(parts[year], choices, 1.0)
        if year != years[0]:
            entries += _leaving(parts[year - 1], choices, -1.0)
        for start in (y for y in years if calendar.paid_in(y) == year):
            entries += _building(parts[start], choices, 1.0)
            if start != years[0]:
                entries += _building(parts[start - 1], choices, -1.0)
        parts[year].rows("budget", ["*"], entries, upper=most, rule=RULE)


def _building(part: Blocks, choices: Choices, sign: float) -> list[Entries]:
    once = choices.builds["capex_cny_t"].to_numpy() / annuity(choices.problem.layers.assumptions)
    return [(0, part.variable_blocks["build"].columns, sign * once / KCNY_PER_MCNY)]


def _leaving(part: Blocks, choices: Choices, sign: float) -> list[Entries]:
    """What has been spent by the end of a year on lines and small works that closed, and on their people."""
    a, lines, some, small = choices.problem.layers.assumptions, choices.lines, choices.movable, choices.small
    yearly, person = annuity(a), a["relocation.severance_cny_person"] / CNY_PER_MCNY
    blocks = part.variable_blocks
    whole = lines["capacity_kt"] * (
        lines["closing_cny_t"] / yearly / KCNY_PER_MCNY + lines["jobs_per_kt"] * person
    )
    elsewhere = a["relocation.placed_elsewhere_share"]
    stay = some["jobs_per_kt"] * elsewhere * person
    retired = small["closing_cny_t"] / yearly / KCNY_PER_MCNY + small["jobs_per_kt"] * person
    entries: list[Entries] = [
        (0, blocks["close"].columns, sign * whole.to_numpy()),
        (0, blocks["move"].columns, sign * whole[some.index].to_numpy()),
        (0, blocks["credit"].columns, -sign * stay.to_numpy()),
        (0, blocks["retire"].columns, sign * retired.to_numpy()),
    ]
    if "upgrade" in blocks:
        once = choices.offers["once_cny_t"] * choices.offers["capacity_kt"] / KCNY_PER_MCNY
        entries.append((0, blocks["upgrade"].columns, sign * once.to_numpy()))
    if "local" in blocks:
        near = blocks["local"]
        gain = a["relocation.placed_same_prefecture_share"] - elsewhere
        entries.append(
            (0, near.columns, -sign * gain * person * some.loc[near.labels, "jobs_per_kt"].to_numpy())
        )
    return entries


def outlays(plan: Plan) -> pd.DataFrame:
    """Return what a plan spends once: year, industry, item, payer, mcny (of 2014).

    item: capital | upgrade | closing | people | award (what the treasury gives owners: both rows, they sum
    to 0). payer: the owner of a plant as the baseline names it, ``treasury``, ``small_works`` (works nobody
    located) or ``unknown_owner``. Projects are paid by the owners of the lines whose tonnes they take.
    """
    return cast("pd.DataFrame", of_these("outlays", (plan,), lambda: _outlays(plan)))


def _outlays(plan: Plan) -> pd.DataFrame:
    calendar = Calendar.of(plan.problem)
    rows: list[tuple] = []
    earlier: Plan | None = None
    for year, state in plan.states.items():
        rows += _capital(plan, state, earlier, calendar.paid_in(year))
        rows += _bettered(plan, state, earlier, year)
        rows += _closing(plan, state, earlier, year)
        earlier = state
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame = frame.groupby(["year", "industry", "item", "payer"], as_index=False, sort=True)["mcny"].sum()
    return frame[frame["mcny"].abs() > NOTHING_MCNY].reset_index(drop=True)


def _owners(plan: Plan, plants: pd.Series) -> np.ndarray:
    known = plan.layers["plants"]["owner"].fillna("").to_dict() if "plants" in plan.layers else {}
    return np.array([known.get(plant, "") or UNKNOWN for plant in plants], dtype=object)


def _capital(plan: Plan, state: Plan, earlier: Plan | None, paid: int) -> list[tuple]:
    yearly = annuity(plan.layers.assumptions)
    size = state.builds["capacity_kt"]
    if earlier is not None:
        size = size - earlier.builds["capacity_kt"].reindex(size.index).fillna(0.0)
    once = size * plan.problem.facilities["capex_cny_t"].reindex(size.index) / yearly / KCNY_PER_MCNY
    credits = plan.credits.assign(
        owner=_owners(plan, plan.credits["line_id"].map(plan.decisions["plant_id"]))
    )
    rows = []
    for build, mcny in once[once > 0].items():
        shares = credits[credits["build_id"] == build].groupby("owner")["kt"].sum()
        shares = shares / shares.sum() if len(shares) else pd.Series({UNKNOWN: 1.0})
        industry = plan.problem.facilities.at[build, "industry"]
        rows += [(paid, industry, "capital", owner, mcny * share) for owner, share in shares.items()]
    return rows


def _bettered(plan: Plan, state: Plan, earlier: Plan | None, year: int) -> list[tuple]:
    """The capital of what is bettered in a year, paid by the owners."""
    table = state.upgrades
    if earlier is not None:
        keys, had = (pd.MultiIndex.from_frame(t[["line_id", "measure"]]) for t in (table, earlier.upgrades))
        table = table[~keys.isin(had)]
    payers = _owners(plan, table["line_id"].map(plan.decisions["plant_id"]))
    rows = zip(table["industry"], payers, table["capital_mcny"], strict=True)
    return [(year, industry, "upgrade", payer, mcny) for industry, payer, mcny in rows]


def _closing(plan: Plan, state: Plan, earlier: Plan | None, year: int) -> list[tuple]:
    """What is new in a year: closing and people by owner and treasury, and the award between them."""
    spent = _left(plan, state)
    mcny = spent[["closing", "people", "award"]]
    if earlier is not None:
        mcny = mcny - _left(plan, earlier)[mcny.columns]
    share = plan.layers.assumptions.get("relocation.treasury_severance_share", 0.0)
    parts = (
        ("closing", spent["payer"], mcny["closing"]),
        ("people", spent["payer"], (1 - share) * mcny["people"]),
        ("people", TREASURY, share * mcny["people"]),
        ("award", TREASURY, mcny["award"]),
        ("award", spent["payer"], -mcny["award"]),
    )
    frames = [
        pd.DataFrame({"industry": spent["industry"], "item": item, "payer": payer, "mcny": amount})
        for item, payer, amount in parts
    ]
    return list(pd.concat(frames).assign(year=year)[list(COLUMNS)].itertuples(index=False, name=None))


def _left(plan: Plan, state: Plan) -> pd.DataFrame:
    """What closing has cost once by then, million CNY: closing, people, award, per line and small works."""
    a, lines, small = plan.layers.assumptions, state.decisions, state.unlocated
    listed = plan.problem.listed.reindex(lines.index).fillna(0.0) * lines["capacity_kt"]
    listed = listed.where(lines["decision"] != "keep", 0.0)
    table = pd.DataFrame(
        {
            "industry": [*lines["industry"], *small.index.get_level_values("industry")],
            "payer": [*_owners(plan, lines["plant_id"]), *[SMALL] * len(small)],
            "closing": [*lines["closing_mcny"], *small["closing_mcny"]],
            "people": [*lines["people_mcny"], *small["people_mcny"]],
            "award": [*listed, *small["retired_kt"]],
        },
        index=pd.Index([*lines.index, *("|".join(key) for key in small.index)]),
    )
    rate = {i: a.get(f"{i}.closing_award_cny_t", 0.0) for i in table["industry"].unique()}
    table["award"] *= table["industry"].map(rate).to_numpy(float) / KCNY_PER_MCNY
    table[["closing", "people"]] /= annuity(a)
    return table


def payback(plan: Plan) -> pd.DataFrame:
    """Return per industry what is spent once, what a year then runs cheaper, and the years that pays it back.

    Index industry; once_mcny, saving_mcny (against all works kept and their goods sent at least cost; what
    markets lack counts at its price), payback_years (NaN where nothing is saved or spent).
    """
    return cast("pd.DataFrame", of_these("payback", (plan,), lambda: _payback(plan)))


def _payback(plan: Plan) -> pd.DataFrame:
    spent = outlays(plan).groupby("industry")["mcny"].sum()
    frame = pd.DataFrame({"once_mcny": spent}, index=sorted(plan.scenario.industries)).fillna(0.0)
    still = plan.kept or plan.before
    saving = running_mcny(still) - running_mcny(plan) if still is not None else np.nan
    frame["saving_mcny"] = saving
    pays = (frame["once_mcny"] > 0) & (frame["saving_mcny"] > 0)
    frame["payback_years"] = (frame["once_mcny"] / frame["saving_mcny"]).where(pays)
    return frame.rename_axis("industry")
