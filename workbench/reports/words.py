"""A plan in sentences, Chinese and English: what is asked, leaves, is saved, and is not yet known."""

from __future__ import annotations

import numpy as np

from workbench.relocation.doubt import Doubt
from workbench.relocation.plan import Plan

Sentence = tuple[str, str]


def sentences(plan: Plan) -> list[Sentence]:
    """Return what a reader must know before the tables, one sentence each."""
    return [*_asked(plan), *_closed(plan), *_saving(plan), *_over(plan)]


def _names(plan: Plan, lines: list[str]) -> str:
    names = [f"{plan.decisions.at[line, 'name_zh']} {line}" for line in lines[:6]]
    return "、".join(names) + ("…" if len(lines) > 6 else "")


def _asked(plan: Plan) -> list[Sentence]:
    rows = plan.limits[plan.limits["row"] == "zone"]
    if rows.empty:
        return []
    row, surplus = rows.iloc[0], plan.problem.surplus.loc["cement"]
    lines = plan.decisions.query("decision != 'keep' and in_zone and industry == 'cement'")
    kt = float(lines["capacity_kt"].sum())
    use = float(surplus["normal_utilisation"])
    before, after = float(surplus["surplus_kt"]), float(surplus["surplus_kt"] - row["amount"] * use)
    names = _names(plan, sorted(lines.index)) or "无 none"
    small = row["amount"] - kt
    zh = (
        f"要求成都经济区退出水泥产能 {row['low']:,.0f} 千吨；方案退出 {row['amount']:,.0f} 千吨："
        f"{names}（{kt:,.0f} 千吨），未定位小厂 {small:,.0f} 千吨；"
        f"区内产销差由 {before:+,.0f} 变为 {after:+,.0f} 千吨/年。"
    )
    en = (
        f"Asked of the zone: {row['low']:,.0f} kt of cement capacity; {row['amount']:,.0f} kt leave, "
        f"lines of {kt:,.0f} kt and small works nobody located of {small:,.0f} kt; "
        f"the zone's balance goes from {before:+,.0f} to {after:+,.0f} kt a year."
    )
    return [(zh, en)]


def _closed(plan: Plan) -> list[Sentence]:
    """The three books: obsolete closed, replaced elsewhere, net reduction."""
    found = []
    for industry in sorted(plan.scenario.industries):
        books = plan.books.loc[industry]
        if books.sum() > 0:
            old, moved, net = (f"{books[name]:,.0f}" for name in ("obsolete_kt", "replaced_kt", "net_kt"))
            zh = f"{_ZH[industry]}三本账：淘汰落后 {old}、置换退出 {moved}、净压减 {net} 千吨。"
            en = f"Three books of {industry}: obsolete {old}, replaced {moved}, net {net} kt."
            found.append((zh, en))
    return found


_ZH = {"cement": "水泥", "steel": "钢铁", "flat_glass": "平板玻璃", "aluminium": "电解铝"}


def _saving(plan: Plan) -> list[Sentence]:
    if not np.isfinite(plan.reference_mcny):
        return []
    saved, doubt = plan.reference_mcny - plan.objective_mcny, plan.objective_mcny - plan.bound_mcny
    still = plan.kept or plan.before
    kept = "" if still is None else f"{still.objective_mcny - plan.objective_mcny:+,.0f}"
    zh = f"与不搬迁的合规方案相比每年节约 {saved:,.0f} 百万元，已证明至多还可多省 {doubt:,.1f} 百万元"
    zh += f"；与原样不动相比 {kept} 百万元。" if kept else "。"
    en = (
        f"Against the lawful plan that moves nothing it saves {saved:,.0f} M CNY a year; "
        f"no plan saves more than {doubt:,.1f} M beyond that (proven)"
    )
    en += f"; against leaving all as it is {kept} M." if kept else "."
    return [(zh, en)]


def _over(plan: Plan) -> list[Sentence]:
    rows = plan.limits[(plan.limits["over"] > 0) & (plan.limits["stance"] != "binding")]
    if rows.empty:
        return []
    told = "、".join(
        f"{r['place']} {str(r['industry']).upper()} {r['over']:,.0f} {r['unit']} ({r['clause']})"
        for r in rows.sort_values("over", ascending=False).head(6).to_dict("records")
    )
    return [
        (
            f"超出而未强制的条款：{told}；设为强制（policy.clauses）则另求方案。",
            f"Beyond clauses that do not bind: {told}; have them bind (policy.clauses) for another plan.",
        )
    ]


def not_yet_known() -> Sentence:
    """Say what a plan alone does not tell."""
    return (
        "尚未知：哪些生产线必退、可互换或两可，多退能否多省（workbench run --doubt）；"
        "哪些假设会改变方案未检验。",
        "Not yet known: which lines are certain, interchangeable or marginal, whether more would pay "
        "(workbench run --doubt); which assumptions flip the plan is not tried.",
    )


def doubts(plan: Plan, doubt: Doubt) -> list[Sentence]:
    """Return how sure each leaving unit is, and what more would pay."""
    found = []
    for line, row in doubt.units.iterrows():
        name, price = f"{plan.decisions.at[line, 'name_zh']} {line}", row["price_mcny"]
        zh, en = _STATUS[row["status"]]
        told = "" if np.isnan(price) else f"{price:,.1f}"
        others = f" {row['instead'].replace(';', ', ')}" if row["instead"] else ""
        found.append(
            (
                f"{name}：{zh}{others}；若保留，每年多费 {told or '——（无合规方案）'} 百万元。",
                f"{line}: {en}{others}; keeping it costs {told or '— (no lawful plan)'} M CNY a year.",
            )
        )
    more = "、".join(
        f"+{row.more_kt:,.0f} → {row.leaves_kt:,.0f} ({row.saved_mcny:+,.0f})"
        for row in doubt.frontier.itertuples()
    )
    if more:
        zh = f"若允许多退（千吨 → 生产线退出千吨，年节约百万元）：{more}。"
        found.append(
            (zh, f"If more might leave (kt allowed -> kt of lines that leave, M CNY saved): {more}.")
        )
    return found


_STATUS = {
    "certain": ("必退", "certain"),
    "interchangeable": ("可互换", "interchangeable with"),
    "marginal": ("两可", "marginal"),
}
