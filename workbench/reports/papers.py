"""The office's papers beside the work plan: announcements, notice, report and list, as content of one form.

Every paper is in Chinese only, in the units of the text (万吨, 万重量箱), and carries its slot for the
number, its signature, totals, days and who answers; no id stands in it. `write_official` gives it its form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from workbench.errors import LabelError
from workbench.labels import label
from workbench.policy import progress as follow
from workbench.policy import projects, registry, tariffs
from workbench.reports.lists import amount, closures, names, unit, with_totals
from workbench.reports.official import OfficialPaper, Section, chinese_day
from workbench.words import words

ECONOMY, REFORM = "四川省经济和信息化委员会", "四川省发展和改革委员会"
EVERYBODY = "各市（州）人民政府，有关单位"
NOT_COME = "尚未导入{register}，本件无可列事项。"
ASKED_OF_LATE = "进度落后的市（州）应当查明原因，逐条落实到生产线和责任人，按期完成任务。"
CLEANED_UP = "按照国发〔2013〕41号文件要求，我省清理了产能严重过剩行业违规项目，现将情况报告如下。"
SETTLED = (
    "违规在建项目确有必要的按国家规定和程序办理；建成项目中先进的抓紧补办手续，落后的列入淘汰任务。",
    "手续不全的项目一律不予放贷、发债和上市融资。",
)


@dataclass(frozen=True)
class Desk:
    """What a paper may be written from: the day, the baseline with its registers, a plan, a ledger."""

    day: date
    layers: Any
    plan: Any = None
    ledger: Any = None
    key: str | Mapping[str, float] = field(default="obsolete")


def _numbered(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    frame.insert(0, "序号", [str(n) for n in range(1, len(frame) + 1)])
    return frame


def replacement(desk: Desk) -> OfficialPaper:
    """Announce replacement plans: the ledger's that are confirmed or further, else the plan's builds."""
    lines, sites = (names(desk.layers, name) for name in ("lines", "sites"))
    states = words("policy.ledger")
    rows = []
    if desk.ledger is not None:
        credits = desk.ledger.credits()
        for id, plan in desk.ledger.plan_table().iterrows():
            if plan["state"] in ("draft", "withdrawn"):
                continue
            mine = credits[credits["plan_id"] == id]
            rows.append((plan, mine["line_id"], float(mine["kt"].sum()), states[plan["state"]][0]))
    elif desk.plan is not None:
        builds = desk.plan.builds.rename(columns={"capacity_kt": "new_kt"})
        for id, plan in builds.sort_values("prefecture_zh", kind="stable").iterrows():
            mine = desk.plan.credits[desk.plan.credits["build_id"] == id]
            rows.append((plan, mine["line_id"], float(mine["kt"].sum()), states["draft"][0]))
    table = [
        {
            "承接市（州）": p["prefecture_zh"], "建设地点": sites.get(p["site_id"], p["site_id"]),
            "行业": label(p["industry"]), "新建产能": amount(p["new_kt"], p["industry"]),
            "置换指标": amount(kt, p["industry"]), "单位": unit(p["industry"]),
            "退出生产线": "、".join(lines.get(line, line) for line in dict.fromkeys(ids)), "进度": state,
            "责任单位": f"{p['prefecture_zh']}人民政府",
        }
        for p, ids, kt, state in rows
    ]  # fmt: skip
    columns = [
        "承接市（州）",
        "建设地点",
        "行业",
        "新建产能",
        "置换指标",
        "单位",
        "退出生产线",
        "进度",
        "责任单位",
    ]
    annex = Section(
        "产能置换方案表", 1, (), with_totals(_numbered(table, columns), ("新建产能", "置换指标")), "置换方案"
    )
    says = (
        "根据《国务院关于化解产能严重过剩矛盾的指导意见》（国发〔2013〕41号）和省政府实施意见，现将产能置换方案予以"
        "公告，接受社会监督。公告期间有异议的，请向省经济和信息化委反映。",
        "置换出的产能列入淘汰落后产能名单，由所在地市（州）人民政府监督落实，老线关停之前新线不得投产。",
        *(() if rows else ("目前没有经确认的产能置换方案。",)),
    )
    return OfficialPaper(
        "关于产能置换方案的公告", desk.day, "", (Section("", 1, says),), (ECONOMY,), "川经信公告",
        annexes=(annex,), mark=True,
    )  # fmt: skip


def elimination(desk: Desk) -> OfficialPaper:
    """Publish the list of what is to be eliminated: obsolete lines and small works of the plan."""
    plan = desk.plan
    if plan is None:
        raise LabelError("the list of eliminations is written from a plan: name a scenario")
    from workbench.policy.view import view_of

    view = view_of(plan)
    old = set(view.obsolete_lines_kt[0])
    listed = plan.decisions[(plan.decisions["decision"] != "keep") & plan.decisions.index.isin(old)]
    frame = closures(plan, desk.layers, listed).drop(columns=["处置", "承接地"], errors="ignore")
    frame = frame[frame.iloc[:, 0] != "合计"]
    small = [
        {
            "市（州）": place, "企业": "未登记小企业（由市州核定）", "生产线": "—", "主体设备": "—",
            "行业": label(industry), "产能": amount(row["retired_kt"], industry), "单位": unit(industry),
            "完成时限": chinese_day(registry.plan_day(plan.scenario.policy)), "责任单位": f"{place}人民政府",
        }
        for (industry, place), row in plan.unlocated.iterrows() if row["retired_kt"] > 0
    ]  # fmt: skip
    rows = [*frame.to_dict("records"), *small]
    table = with_totals(_numbered(rows, list(frame.columns)), ("产能",))
    says = (
        "现将本年度淘汰落后产能企业名单予以公布。列入名单的生产线须在时限之前关停，主体设备由所在地市（州）人民政府"
        "组织拆除并现场验收，不得转移。",
        *(() if rows else ("方案中没有须淘汰的落后产能。",)),
    )
    annex = Section("淘汰落后产能企业名单", 1, (), table, "淘汰名单")
    return OfficialPaper(
        "关于公布淘汰落后产能企业名单的公告", desk.day, "", (Section("", 1, says),), (ECONOMY,), "川经信公告",
        annexes=(annex,), mark=True,
    )  # fmt: skip


def notice(desk: Desk) -> OfficialPaper:
    """Tell every prefecture how far each is, and name those behind; drawn from the register of closures."""
    filed = desk.layers.frames.get("closures")
    empty = pd.DataFrame(columns=["name_zh", "prefecture_zh", "industry", "kt", "closed_on"])
    done = follow.progress(desk.layers, empty if filed is None else filed, desk.day, key=desk.key)
    behind = done[done["behind_kt"] > 0].sort_values("behind_kt", ascending=False)
    rows = [
        {
            "行业": label(industry), "名次": str(rank), "市（州）": r["prefecture_zh"],
            "应完成": amount(r["due_kt"], industry), "已完成": amount(r["done_kt"], industry),
            "尚差": amount(r["behind_kt"], industry), "单位": unit(industry),
        }
        for (industry, rank), r in done.iterrows()
    ]  # fmt: skip
    columns = ["行业", "名次", "市（州）", "应完成", "已完成", "尚差", "单位"]
    table = with_totals(pd.DataFrame(rows, columns=columns), ("应完成", "已完成", "尚差"))
    lines = [
        f"{r['prefecture_zh']}：{label(i)}应淘汰{amount(r['due_kt'], i):g}{unit(i)}，"
        f"已完成{amount(r['done_kt'], i):g}{unit(i)}，尚差{amount(r['behind_kt'], i):g}{unit(i)}。"
        for (i, _), r in behind.head(12).iterrows()
    ]
    lines += [f"其余落后的市（州）见附件，共{len(behind) - 12}项。"] if len(behind) > 12 else []
    if filed is None:
        lines = [NOT_COME.format(register="关停台账")]
    year = f"{desk.day.year}年"
    parts = (
        Section("", 1, (f"截至{chinese_day(desk.day)}，{year}淘汰落后产能进展情况通报如下。",)),
        Section("一、进度落后的市（州）", 1, tuple(lines) or ("没有进度落后的市（州）。",)),
        Section("二、有关要求", 1, (ASKED_OF_LATE,)),
    )
    return OfficialPaper(
        "关于淘汰落后产能进展情况的通报", desk.day, "", parts, (ECONOMY,), "川经信通报", to=EVERYBODY,
        annexes=(Section("各市（州）淘汰落后产能进度表", 1, (), table, "进度"),),
        copies="省政府办公厅，省监察厅", mark=True,
    )  # fmt: skip


def irregular(desk: Desk) -> OfficialPaper:
    """Report the irregular projects to the ministries, as both commissions do by 30 June 2014 (P71)."""
    filed = desk.layers.frames.get("projects")
    rows: list[dict[str, Any]] = []
    counts: list[str] = []
    if filed is not None:
        frame = pd.DataFrame(filed)
        outcome, said = projects.sort_irregular(frame), words("policy.outcomes")
        mine = frame[outcome != "regular"]
        for id, row in mine.iterrows():
            lead = REFORM if row["industry"] in ("steel", "aluminium") else ECONOMY
            missing = [projects.QUESTIONS[q] for q in projects.QUESTIONS if pd.isna(row[q])]
            done = row["settled_on"]
            rows.append(
                {"项目": row["name_zh"], "市（州）": row["prefecture_zh"], "行业": label(row["industry"]),
                 "产能": amount(float(row["added_kt"] or 0), row["industry"]),
                 "单位": unit(row["industry"]),
                 "处理意见": said[outcome[id]][0], "待补资料": "、".join(missing) or "—", "牵头单位": lead,
                 "办结日期": chinese_day(done) if isinstance(done, date) else "未办结"}
            )  # fmt: skip
        told = outcome[outcome != "regular"].value_counts()
        counts = [f"{said[code][0]}{number}项" for code, number in told.items()]
    columns = ["项目", "市（州）", "行业", "产能", "单位", "处理意见", "待补资料", "牵头单位", "办结日期"]
    table = with_totals(_numbered(rows, columns), ("产能",))
    summed = "，".join(counts)
    found = f"共清理出违规项目{len(rows)}项，其中{summed}。" if rows else "未清理出违规项目。"
    if filed is None:
        found = NOT_COME.format(register="项目库")
    due = registry.clause("P71").deadline()
    parts = (
        Section("", 1, (CLEANED_UP,)),
        Section("一、清理结果", 1, (found,)),
        Section("二、整顿方案", 1, SETTLED),
        Section("三、办理时限", 1, (f"清理和上报的期限为{chinese_day(due)}。",) if due else ()),
    )  # fmt: skip
    return OfficialPaper(
        "关于产能严重过剩行业违规项目清理情况的报告", desk.day, "", parts, (REFORM, ECONOMY), "川发改产业",
        to="国家发展改革委、工业和信息化部",
        annexes=(Section("违规项目清理情况表", 1, (), table, "违规项目"),),
        copies="国土资源厅，环境保护厅", mark=True,
    )  # fmt: skip


def surcharge(desk: Desk) -> OfficialPaper:
    """Name to the grid company who pays more for power, from which day, and who was charged wrongly."""
    rows: list[dict[str, Any]] = []
    came = "power_prices" in desk.layers
    if came:
        said, known = words("policy.prices"), names(desk.layers, "lines")
        found = tariffs.surcharge_list(desk.layers, desk.day).sort_values(["industry", "line", "month"])
        for r in found.to_dict("records"):
            price = r["price_cny_kwh"]
            paid = None if price is None or price != price else round(float(price), 4)
            rows.append(
                {"生产线": known.get(r["line"], r["line"]), "行业": label(r["industry"] or "—"),
                 "月份": f"{r['month']}月", "应付电价": f"{r['lawful_cny_kwh']:.4f}",
                 "实付电价": "—" if paid is None else f"{paid:.4f}",
                 "其中加价": f"{r['surcharge_cny_kwh']:.4f}", "处理": said[r["state"]][0]}
            )  # fmt: skip
    columns = ["生产线", "行业", "月份", "应付电价", "实付电价", "其中加价", "处理"]
    table = _numbered(rows, columns)
    if rows:
        last = dict.fromkeys(table.columns, "") | {"序号": "合计", "生产线": f"{table['生产线'].nunique()}条"}
        table = pd.concat([table, pd.DataFrame([last])], ignore_index=True)
    lines = (
        "对能耗、电耗达不到标准的产能，按附表执行差别电价、惩罚性电价；电价单位为元/千瓦时。",
        "附表中“未执行加价”的自发文次月起补收，“重复加价”的退还，“不符合直购条件”的停止直购。",
        *(() if came else (NOT_COME.format(register="实付电价"),)),
    )
    return OfficialPaper(
        "关于产能过剩行业执行差别电价的函", desk.day, "", (Section("", 1, lines),), (REFORM, ECONOMY),
        "川发改价格", to="国网四川省电力公司",
        annexes=(Section("执行差别电价生产线名单", 1, (), table, "加价名单"),), mark=True,
    )  # fmt: skip


PAPERS: Mapping[str, Callable[[Desk], OfficialPaper]] = {
    "replacement": replacement, "elimination": elimination, "notice": notice, "irregular": irregular,
    "surcharge": surcharge,
}  # fmt: skip


def paper(kind: str, desk: Desk) -> OfficialPaper:
    """Return one of the office's papers; raises LabelError for another kind."""
    if kind not in PAPERS:
        raise LabelError(f"papers are {', '.join(PAPERS)}", unexpected=[kind])
    return PAPERS[kind](desk)
