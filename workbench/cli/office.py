"""What the office of the joint conference does with the policy: announce, follow up, sort, price, compare."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

import workbench as wb
from workbench.cli import own
from workbench.cli.console import number, out, table
from workbench.errors import DataError, Fault
from workbench.labels import both, label
from workbench.policy import access, accounts, goals, screening, tariffs
from workbench.policy import progress as follow
from workbench.policy import projects as register
from workbench.policy.readings import readings as read_both_ways
from workbench.reports.workbook import write_workbook
from workbench.units import KT_PER_WAN_T, PERCENT
from workbench.words import words

Day = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day of the look.")]
Data = Annotated[Path | None, typer.Option(help="Folder of your own layers and registers.")]
Out = Annotated[Path | None, typer.Option(help="Workbook (.xlsx) to write the list to.")]
Plan = Annotated[
    Path | None, typer.Option("--scenario", help="Scenario whose plan is meant; the default without.")
]
_START = datetime(2014, 2, 22)
_VERDICTS, _OUTCOMES = words("policy.verdicts"), words("policy.outcomes")


def _shown(titles: list[str], rows: list[tuple[Any, ...]], file: Path | None, sheet: str) -> None:
    out.print(table(titles, rows))
    if file is not None:
        frame = pd.DataFrame(rows, columns=titles)
        path = write_workbook({sheet: frame}, file, notes={"标题 Title": sheet})
        out.print(f"已写出 Written: {path}", soft_wrap=True)


def announce(on: Day = _START, data: Data = None, file: Out = None) -> None:
    """List the lines that comply with every main rule, to be announced; unknown ones never stand on it."""
    layers = own.layers_of(data)
    found = access.compliant_lines(screening.screen(layers, on=on.date()))
    names = layers.lines["name_zh"]
    rows: list[tuple[Any, ...]] = [
        (n, names.get(id, id), row["prefecture_zh"], both(row["industry"]), number(row["capacity_kt"]))
        for n, (id, row) in enumerate(found.sort_values(["industry", "prefecture_zh"]).iterrows(), start=1)
    ]
    rows.append(("", "合计 Total", "", f"{len(rows)} 条", number(found["capacity_kt"].sum())))
    titles = ["序号 No.", "生产线 Line", "市（州） Prefecture", "行业 Industry", "产能（千吨） kt"]
    _shown(titles, rows, file, "符合条件的生产线")


def progress(
    on: Day = datetime(2014, 9, 30),
    key: Annotated[
        str, typer.Option(help="obsolete, capacity, or a CSV of prefecture_zh and weight.")
    ] = "obsolete",
    data: Data = None,
    file: Out = None,
) -> None:
    """Split the targets over the prefectures, rank their progress, and draft the notice of those behind."""
    layers = own.layers_of(data)
    closures = layers.frames.get("closures", _NONE)
    done = follow.progress(layers, closures, on.date(), key=_key(key))
    rows = [
        (both(i), rank, r["prefecture_zh"], number(PERCENT * r["share"]), number(r["due_kt"]),
         number(r["done_kt"]), "—" if r["done_share"] != r["done_share"] else f"{r['done_share']:.0%}")
        for (i, rank), r in done.iterrows()
    ]  # fmt: skip
    titles = ["行业 Industry", "名次 Rank", "市（州） Prefecture", "分摊 Share %", "应完成 Due kt",
              "已完成 Done kt", "进度 Progress"]  # fmt: skip
    _shown(titles, rows, file, "进度排名")
    years = closures.assign(year=[day.year for day in closures["closed_on"]])
    years = years[years["year"].isin(goals.YEARS)]
    for industry, part in goals.burn_down(years).groupby(level="industry"):
        left = "　".join(f"{year}: {number(kt)}" for (_, year), kt in part["left_kt"].items())
        out.print(f"{both(str(industry))} 尚需淘汰 left to eliminate (kt)　{left}", soft_wrap=True)
    if closures.empty:
        out.print("尚未导入关停台账 No closures have come: workbench policy template")
        return
    for line in _notice(done, on):
        out.print(line, soft_wrap=True)


_NONE = pd.DataFrame(columns=["name_zh", "prefecture_zh", "industry", "kt", "closed_on"])


def _key(text: str) -> str | Mapping[str, float]:
    if text in follow.KEYS:
        return text
    path = Path(text)
    try:
        rows = pd.read_csv(path, encoding="utf-8-sig")
        return dict(zip(rows["prefecture_zh"].astype(str), rows["weight"].astype(float), strict=True))
    except (OSError, KeyError, ValueError) as error:
        mend = "Give columns prefecture_zh and weight."
        raise DataError([Fault(path.name, None, "", str(error), "a CSV of weights", mend)]) from None


def _notice(done: pd.DataFrame, on: datetime) -> list[str]:
    behind = done[done["behind_kt"] > 0]
    if behind.empty:
        return ["无落后市（州） No prefecture is behind."]
    lines = [f"关于淘汰落后产能进展情况的通报（代拟稿）　{on.year}年{on.month}月{on.day}日"]
    lines += [
        f"　　{row['prefecture_zh']}：{label(industry)}应淘汰{number(row['due_kt'] / KT_PER_WAN_T)}万吨，"
        f"已完成{number(row['done_kt'] / KT_PER_WAN_T)}万吨，"
        f"差{number(row['behind_kt'] / KT_PER_WAN_T)}万吨。"
        for (industry, _), row in behind.sort_values("behind_kt", ascending=False).iterrows()
    ]
    return lines


def irregular(on: Day = _START, data: Data = None, file: Out = None) -> None:
    """Sort the irregular projects with what is missing, who leads, and the days left until 30 June 2014."""
    layers = own.layers_of(data)
    due = wb.policy.clause("P71").deadline()
    left = (due - on.date()).days  # type: ignore[operator]
    told = f"距上报期限 {left} 天 days left" if left >= 0 else f"已逾期 {-left} 天 days overdue"
    out.print(f"违规项目 Irregular projects　期限 Due {due}　{told}")
    if "projects" not in layers:
        out.print("尚未导入项目库 The register of projects has not come: workbench policy template")
        return
    frame = pd.DataFrame(layers["projects"])
    outcome, gates = register.sort_irregular(frame), register.gates(frame)
    lead = wb.policy.duties().loc[["D01", "D02"]]
    rows = []
    for id, row in frame[outcome != "regular"].iterrows():
        office = next((d["lead_zh"] for _, d in lead.iterrows() if row["industry"] in d["industry"]), "—")
        missing = [register.QUESTIONS[name] for name in register.QUESTIONS if pd.isna(row[name])]
        rows.append(
            (row["name_zh"], row["prefecture_zh"], both(row["industry"]), " ".join(_OUTCOMES[outcome[id]]),
             "、".join(missing) or "—", gates.at[id, "open_gates"] or "—", office,
             row["settled_on"] or "—")
        )  # fmt: skip
    titles = ["项目 Project", "市（州） Prefecture", "行业 Industry", "处理 Outcome", "缺少 Missing",
              "未过关口 Gates", "牵头 Lead", "办结 Settled"]  # fmt: skip
    _shown(titles, rows, file, "违规项目清理情况")
    exposed = register.exposure(frame)
    for place, row in exposed.iterrows():
        out.print(f"{place} 手续不全仍有贷款 loans without papers: {number(row['loans_mcny'])} 百万元")


def prices(on: Day = _START, data: Data = None, file: Out = None) -> None:
    """List what each line should pay for power, for the grid company: missed, double, unknown, no right."""
    layers = own.layers_of(data)
    if "power_prices" not in layers:
        out.print("尚未导入实付电价 No prices have come: workbench policy template")
        return
    found = tariffs.surcharge_list(layers, on.date())
    says = words("policy.prices")
    rows = [
        (r["line"], both(r["industry"]), r["month"], number(r["lawful_cny_kwh"]), number(r["price_cny_kwh"]),
         number(r["surcharge_cny_kwh"]), " ".join(says[r["state"]]))
        for r in found.to_dict("records")
    ]  # fmt: skip
    titles = ["生产线 Line", "行业 Industry", "月 Month", "应付 Lawful CNY/kWh", "实付 Paid",
              "其中加价 Surcharge", "结论 State"]  # fmt: skip
    _shown(titles, rows, file, "加价清单")


def readings(scenario: Plan = None, data: Data = None, file: Out = None) -> None:
    """Set the contested readings of the text side by side: the verdicts of one plan under each."""
    found = read_both_ways(_plan(scenario, data))
    rows = [
        (r["question_zh"], f"{r['reading']}{' ★' if r['chosen'] else ''}", r["clause"],
         " ".join(_VERDICTS[r["verdict"]]) if r["verdict"] else "—", number(r["amount"]), number(r["limit"]))
        for r in found.to_dict("records")
    ]  # fmt: skip
    titles = [
        "问题 Question",
        "读法 Reading (★ chosen)",
        "条款 Clause",
        "结论 Verdict",
        "数量 Amount",
        "限值 Limit",
    ]
    _shown(titles, rows, file, "争议读法对照")


def benefits(
    scenario: Plan = None,
    alpha: Annotated[
        float | None, typer.Option(help="The origin's share, 0 to 1; the assumption without.")
    ] = None,
    data: Data = None,
    file: Out = None,
) -> None:
    """Tell what each prefecture gains and loses when the benefits of moved capacity are shared."""
    plan = _plan(scenario, data)
    a = plan.layers.assumptions
    kinds = sorted(set(plan.decisions["industry"]))
    frame = accounts.share_benefits(
        plan.credits, plan.decisions, plan.builds,
        tax_cny_t={i: a[f"benefit.tax_{i}_cny_t"] for i in kinds},
        output_cny_t={i: a[f"benefit.output_{i}_cny_t"] for i in kinds},
        alpha=a["benefit.alpha"] if alpha is None else alpha,
    )  # fmt: skip
    rows = [(place, *(number(row[name]) for name in frame)) for place, row in frame.iterrows()]
    titles = ["市（州） Prefecture", "转出 Lost kt", "转入 Gained kt", "税收变化 Tax M CNY",
              "产值变化 Output M CNY", "不分成的税收 Tax unshared M CNY"]  # fmt: skip
    _shown(titles, rows, file, "利益分配测算")


def items(
    file: Out = None,
    page: Annotated[Path | None, typer.Option(help="Markdown page to write the table to.")] = None,
) -> None:
    """List every judged item without a plan: what is asked, against which figure, read from what."""
    if page is not None:
        from workbench.reports.items_page import items_page

        page.write_text(items_page(), encoding="utf-8")
        out.print(f"已写出 Written: {page}", soft_wrap=True)
        return
    names = wb.policy.registers()["zh"]
    rows = [
        (
            clause,
            r["zh"],
            f"{r['sign']} {number(r['limit'])} {r['unit']}",
            r["by"],
            r["reads"],
            names.get(r["cure"], "—"),
        )
        for (clause, _), r in wb.policy.item_table().iterrows()
    ]
    titles = ["条款 Clause", "事项 Item", "限值 Limit", "期限 By", "所读 Reads", "所需文件 File"]
    _shown(titles, rows, file, "核对事项")


def paper(
    kind: Annotated[str, typer.Argument(help="replacement, elimination, notice, irregular or surcharge.")],
    file: Annotated[Path, typer.Option("--out", help="Ends in .docx or .xlsx.")],
    on: Day = _START,
    scenario: Plan = None,
    journal: Annotated[
        Path | None, typer.Option(help="The replacement file (.jsonl) the announcement is written from.")
    ] = None,
    data: Data = None,
) -> None:
    """Write an announcement, list, notice, report or tariff letter after GB/T 9704, in Chinese."""
    from workbench.reports.annual_plan import write_annual_plan
    from workbench.reports.papers import Desk
    from workbench.reports.papers import paper as content

    layers = own.layers_of(data)
    made = None if scenario is None and kind != "elimination" else _plan(scenario, data)
    if kind == "replacement" and journal is None and made is None:
        made = _plan(None, data)
    ground = wb.policy.ground_of(layers)
    book = None if journal is None else wb.policy.Journal.open(journal, ground=ground).ledger
    path = write_annual_plan(content(kind, Desk(on.date(), layers, made, book)), file)
    out.print(f"已写出 Written: {path}", soft_wrap=True)


def _plan(scenario: Path | None, data: Path | None) -> Any:
    asked = wb.Scenario.baseline() if scenario is None else wb.scenarios.load(scenario)
    return wb.plan(asked, own.layers_of(data))


COMMANDS = (announce, progress, irregular, prices, readings, benefits, items, paper)
