"""What a plan makes of units besides keeping, closing and moving them, in tables and words."""

from __future__ import annotations

import pandas as pd

from workbench.labels import both, label
from workbench.relocation.plan import Plan
from workbench.words import pair, words

Sentence = tuple[str, str]
_MEASURES = words("reports.measures")
_SUMS = ("capital_mcny", "saved_mcny", "yearly_mcny", "saved_gwh", "saved_co2_kt", "nox_t")


def sentences(plan: Plan) -> list[Sentence]:
    """Say what is bettered at units that stay, by measure: no closing, and a saving of its own."""
    table, found = plan.upgrades, []
    for measure in table["measure"].unique():
        own = table[table["measure"] == measure]
        values = {name: float(own[name].sum()) for name in _SUMS}
        values |= {"count": len(own), "net": values["saved_mcny"] - values["yearly_mcny"]}
        key = "cleaned" if measure == "denitration" else "bettered"
        found.append(pair("reports.units", key, measure=_MEASURES[measure], **values))
    return [*found, *_joined(plan), *_bought(plan)]


def _joined(plan: Plan) -> list[Sentence]:
    """Which owners join which group."""
    if plan.joined.empty:
        return []
    rows = plan.joined.groupby(["firm", "head"])["capacity_kt"].sum()
    named = dict(zip(plan.decisions["plant_id"], plan.decisions["name_zh"], strict=True))
    told = [
        f"{named.get(firm, firm)} → {named.get(head, head)} ({kt:,.0f})" for (firm, head), kt in rows.items()
    ]
    return [pair("reports.units", "joined", names="、".join(told), kt=rows.sum())]


def _bought(plan: Plan) -> list[Sentence]:
    """What neighbours sell, by gateway, and what markets still lack."""
    if plan.bought.empty:
        return []
    table, markets = plan.bought, plan.layers["markets"]
    names = [
        [f"{markets.at[row.market, f'name_{language}']} {row.kt:,.0f}" for row in table.itertuples()]
        for language in ("zh", "en")
    ]
    values = {"kt": table["kt"].sum(), "cost": table["cost_mcny"].sum(), "lack": plan.unmet["kt"].sum()}
    return [pair("reports.units", "bought", names=("、".join(names[0]), ", ".join(names[1])), **values)]


def upgrades_table(plan: Plan) -> pd.DataFrame:
    """Return what is bettered at units that stay, one row per unit and measure, named in both languages."""
    table = plan.upgrades
    return table.assign(
        name_zh=plan.decisions["name_zh"].reindex(table["line_id"]).to_numpy(),
        measure=[" ".join(_MEASURES[measure]) for measure in table["measure"]],
        industry=[both(code) for code in table["industry"]],
    )


def sheets(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the tables of the workbook by sheet title."""
    bought = plan.bought.rename_axis("gateway")
    return {
        "就地改造 Upgrades": upgrades_table(plan),
        "外省购入 Bought": bought,
        "整合 Consolidation": plan.joined,
    }


def parts(plan: Plan) -> list[tuple[str, pd.DataFrame]]:
    """Return the tables of the work plan with their headings, in Chinese: by prefecture and measure."""
    table = plan.upgrades
    if table.empty:
        return []
    kinds = [table["prefecture_zh"], table["measure"].map(lambda m: _MEASURES[m][0]).rename("measure")]
    sums = table[["capital_mcny", "yearly_mcny", "saved_gwh", "saved_co2_kt", "nox_t"]].astype(float)
    found = sums.groupby(kinds).sum().reset_index()
    found.insert(2, "units_bettered", table.groupby(kinds).size().to_numpy())
    return [("就地改造（单列，不计退出）", found.round(1).rename(columns=label))]
