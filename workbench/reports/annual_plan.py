"""The 2014 annual work plan in the form of the policy's annex: one content, written as docx and as xlsx."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import policy, units
from workbench.errors import LabelError
from workbench.files import given
from workbench.labels import label
from workbench.labels import unit as unit_of
from workbench.layers.model import Layers
from workbench.policy import accounts, duty_list, register_files, registry, screening
from workbench.policy.readings import readings
from workbench.region.surplus import ASKED_OF, READINGS, surplus_band
from workbench.relocation.doubt import Doubt
from workbench.relocation.plan import Plan
from workbench.reports import units as of_units
from workbench.reports import years
from workbench.reports.lists import UNIT, amount, closures, line_names, names, unit, with_totals
from workbench.reports.official import OfficialPaper, Section, write_official
from workbench.reports.surplus import band_table, sentence
from workbench.reports.words import certainty_table, flips_table, told
from workbench.reports.workbook import write_workbook
from workbench.words import words

TITLE = "四川省化解产能过剩矛盾促进产业结构调整2014年工作计划"
INDUSTRIES = ("steel", "cement", "flat_glass", "aluminium", "coal")
MEASURES = {
    "high_end_share": "高端产品占比", "nsp_share": "新型干法占比", "deep_processing_share": "深加工率",
    "mechanisation_share": "机械化率", "firms": "煤矿企业数", "mines_closed_2013_2014": "两年关闭小煤矿",
    "mines_closed_2014": "当年关闭小煤矿", "rebar_share": "高强钢筋使用比例",
}  # fmt: skip
VERDICT = {"fail": "不符合", "unknown": "待核实", "pass": "符合"}
NOT_RECEIVED = "本表在政策正文中被引用但未附。收到正式表格后导入，此处不编造任何企业或项目。"


def annual_plan(
    plan: Plan | None = None,
    *,
    on: date,
    layers: Layers | None = None,
    elimination: pd.DataFrame | None = None,
    projects: pd.DataFrame | None = None,
    done: tuple[str, ...] = (),
    doubt: Doubt | None = None,
    verdicts: pd.DataFrame | None = None,
) -> OfficialPaper:
    """Assemble the annual work plan as of a day.

    `plan`: a plan whose closures, replacements and accounts are filed with it; `elimination`, `projects`:
    tables 1 and 2 as `policy.load_register` returns them, else the document says they have not arrived.
    `done`: duties already finished; `doubt`: how sure each leaving unit of the plan is; `verdicts`: those of
    `policy.check(plan)` if they are known.
    Figures are in the text's units (万吨, 万重量箱).
    """
    layers = layers if layers is not None else getattr(plan, "layers", None)
    filed = {} if layers is None else layers.frames
    elimination = filed.get("elimination_2014") if elimination is None else elimination
    projects = filed.get("projects_2014") if projects is None else projects
    imported = "empty" if elimination is None and projects is None else "imported"
    zone = getattr(getattr(getattr(plan, "scenario", None), "zone", None), "definition", "eight")
    options = getattr(getattr(plan, "scenario", None), "policy", None)
    parts = [
        Section(
            "一、目标",
            1,
            ("产能总量不增，按消化、转移、整合、淘汰分类处置；当年各行业目标如下。",),
            _goals(),
            "目标",
        ),
        Section("二、主要任务及分工", 1, (), _duties(on, "计划", done), "任务分工"),
        Section("三、保障措施", 1, (), _duties(on, "保障", done), "保障措施"),
    ]
    if plan is not None:
        checked = policy.check(plan) if verdicts is None else verdicts
        parts += _plan_parts(plan, layers, doubt, checked)
    parts += [
        _table_one(elimination),
        _table_two(projects),
        Section("附注 口径说明", 1, (), _switches(options, zone, imported), "口径"),
        *_contested(plan),
    ]
    name = getattr(getattr(plan, "scenario", None), "name", "")
    note = f"草案　编制日期：{_day(on)}" + (f"　情景：{name}" if name else "")
    return OfficialPaper(TITLE, on, note, tuple(parts))


def write_annual_plan(content: OfficialPaper, path: str | Path) -> Path:
    """Write the plan as .docx or .xlsx by the ending of the path, and return the path."""
    file = given(path)
    if file.suffix == ".xlsx":
        notes = {"标题": content.title, "说明": content.note}
        return write_workbook(content.tables, file, notes=notes)
    if file.suffix == ".docx":
        return write_official(content, file)
    raise LabelError("the annual plan is written as .docx or .xlsx", unexpected=[file.suffix])


def _day(day: date | None) -> str:
    return "长期" if day is None else f"{day.year}年{day.month}月{day.day}日"


def _place(clause: object) -> str:
    return registry.place_zh(str(clause))


def _goals() -> pd.DataFrame:
    """One row per industry and measure of 2014: limit, rise over 2013 and clause, as the text counts."""
    targets = policy.targets()
    targets = targets[targets["clause"] != "P14"]  # the five-year row repeats the year's closures
    rises = policy.numbers().set_index(["clause", "key"])["value"].to_dict()
    names = {"cap": "产能上限", "eliminate": "淘汰落后产能", **MEASURES}
    signs = {"<=": "不超过", ">=": "不低于", ">": "高于", "<": "低于"}
    rows = []
    for industry in INDUSTRIES:
        mine = targets[(targets["industry"] == industry) & (targets["horizon"] == "2014")]
        for row in mine.drop_duplicates("measure").to_dict("records"):
            rise = rises.get((row["clause"], f"{row['measure']}_rise"))
            rows.append(
                {"行业": label(industry), "指标": names[row["measure"]], "要求": signs[row["sign"]],
                 "目标": row["value"], "单位": row["unit"], "比2013年提高（%）": rise,
                 "条款": _place(row["clause"])}
            )  # fmt: skip
    return pd.DataFrame(rows)


def _duties(on: date, form: str, done: tuple[str, ...]) -> pd.DataFrame:
    frame = duty_list.duties(on, done)
    frame = frame[frame["form"] == form]
    status = {"done": "已完成", "overdue": "逾期", "open": "进行中", "standing": "长期"}
    return pd.DataFrame(
        {
            "序号": range(1, len(frame) + 1),
            "任务": frame["zh"].to_numpy(),
            "行业": [
                "、".join(label(i) for i in cell.split(";") if i) or "全部" for cell in frame["industry"]
            ],
            "牵头单位": frame["lead_zh"].to_numpy(),
            "配合单位": frame["support_zh"].to_numpy(),
            "完成时限": [_day(due) for due in frame["due"]],
            "状态": frame["status"].map(status).to_numpy(),
            "条款": frame["clause"].map(_place).to_numpy(),
        }
    )


def _plan_parts(
    plan: Plan, layers: Layers | None, doubt: Doubt | None, checked: pd.DataFrame
) -> list[Section]:
    screened = None
    if layers is not None and "lines" in layers:
        screened = screening.screen_once(layers, options=policy.PolicyOptions())
    lines = ["本部分由所附方案生成，产能按正文单位计。"]
    if len(getattr(plan, "limits", ())):
        lines += [zh for zh, _ in told(plan, doubt)]
    return [
        Section("四、方案安排", 1, tuple(lines)),
        *_certainty(plan, doubt),
        Section("（一）四批处置账", 2, (), _books(plan), "四批处置"),
        Section("（二）关闭和转移的生产线", 2, (), closures(plan, layers), "关闭和转移"),
        Section("（三）产能置换", 2, (), _replacement(plan, layers), "产能置换"),
        Section("（四）市（州）责任表", 2, (), _scorecard(plan, screened), "市州责任"),
        *_years(plan),
        *_surplus(plan, layers),
        Section("（五）条款核对：未通过与待核实", 2, (), _verdicts(checked), "条款核对"),
    ]


def _certainty(plan: Plan, doubt: Doubt | None) -> list[Section]:
    """Tell of each line that leaves how sure that is, and what more would pay, where it was worked out."""
    if doubt is None:
        return []
    parts = []
    tables = [
        ("把握", "生产线的把握程度", certainty_table(plan, doubt)),
        ("多退", "多退的收益", doubt.frontier),
    ]
    if doubt.flips is not None:
        tables.append(("翻转", "假设取两端时的方案", flips_table(doubt.flips)))
    for name, heading, table in tables:
        shown = table.round(2).rename(columns=label)
        parts.append(Section(f"（附）{heading}", 2, (), shown, name))
    return parts


def _years(plan: Plan) -> list[Section]:
    """Tell what happens when, who pays and what it pays back, where the plan has been solved."""
    if not len(getattr(plan, "limits", ())):
        return []
    called, sites = dict(line_names(plan, plan.layers)), names(plan.layers, "sites")
    called |= {str(b): str(sites.get(site, site)) for b, site in plan.builds["site_id"].items()}
    by_length = sorted(called, key=len, reverse=True)
    ids = re.compile("|".join(rf"(?<![\w-]){re.escape(id)}(?![\w-])" for id in by_length)) if called else None

    def named(cell: object) -> object:
        return ids.sub(lambda m: called[m[0]], cell) if ids and isinstance(cell, str) else cell

    tables = [*of_units.parts(plan), *years.parts(plan)]
    return [Section(f"（附）{title}", 2, (), table.map(named), title) for title, table in tables]


def _surplus(plan: Plan, layers: Layers | None) -> list[Section]:
    """Tell the zone's surplus as a band, where the plan is one of an industry the policy asks it of."""
    given = plan.scenario
    if layers is None or "residual" not in layers or not hasattr(given, "zone"):
        return []
    titles = ("口径", "取值", "5%", "中位数", "95%", "为正比例")
    parts = []
    for code in (name for name in ASKED_OF if name in given.industries):
        band = surplus_band(layers, code, zone=given.zone, demand_options=given.demand)
        rows = band_table(band).round(2).set_axis(list(titles), axis=1)
        rows["口径"] = [READINGS[str(reading)][0] for reading in band.bands.index]
        parts.append(Section("（附）经济区过剩测算（千吨）", 2, (sentence(band)[0],), rows, "过剩测算"))
    return parts


def _books(plan: Plan) -> pd.DataFrame:
    titles = {
        "start": "现有产能", "kept": "保留", "digested": "消化", "transferred": "转移",
        "consolidated": "整合", "eliminated": "淘汰", "end": "方案后产能",
    }  # fmt: skip
    rows = []
    for industry, row in accounts.batches(plan).iterrows():
        amounts = {title: amount(row[key], str(industry)) for key, title in titles.items()}
        rows.append({"行业": label(str(industry)), "单位": unit(str(industry)), **amounts})
    return pd.DataFrame(rows)


def _replacement(plan: Plan, layers: Layers | None) -> pd.DataFrame:
    sites, lines = names(layers, "sites"), line_names(plan, layers)
    paid = plan.credits.groupby("build_id")["kt"].sum()
    told = plan.credits["line_id"].map(lambda id: lines.get(str(id), str(id)))
    sources = told.groupby(plan.credits["build_id"]).agg("、".join)
    rows = [
        {
            "承接市（州）": row["prefecture_zh"], "承接地": sites.get(row["site_id"], row["site_id"]),
            "行业": label(row["industry"]), "新建产能": amount(row["capacity_kt"], row["industry"]),
            "置换指标": amount(paid.get(build, 0.0), row["industry"]), "单位": unit(row["industry"]),
            "置换比": f"{paid.get(build, 0.0) / row['capacity_kt']:.3g}", "指标来源": sources.get(build, "—"),
        }
        for build, row in zip(plan.builds.index, plan.builds.to_dict("records"), strict=True)
    ]  # fmt: skip
    columns = ["承接市（州）", "承接地", "行业", "新建产能", "置换指标", "单位", "置换比", "指标来源"]
    return with_totals(pd.DataFrame(rows, columns=columns), ("新建产能", "置换指标"))


def _scorecard(plan: Plan, screened: pd.DataFrame | None) -> pd.DataFrame:
    card = accounts.scorecard(plan, screened)
    titles = {
        "start_kt": "现有产能", "closed_kt": "关闭", "moved_out_kt": "转出", "built_kt": "承接新建",
        "end_kt": "方案后产能", "obsolete_kept_kt": "保留的落后产能",
    }  # fmt: skip
    kt = card[list(titles)].rename(columns=titles)
    frame = (kt / units.convert(1.0, "万吨", "kt")).round(2)
    # whole lines, a dash where nobody screened
    frame["待核实生产线（条）"] = [None if x != x else int(x) for x in card["unknown_lines"]]
    frame.insert(0, "单位", "万吨")
    return frame.rename_axis("市（州）").reset_index()


def _verdicts(checked: pd.DataFrame) -> pd.DataFrame:
    rows = checked[checked["verdict"] != "pass"]
    glass = rows["item"].str.startswith("flat_glass") & (rows["unit"] == "kt")
    names = {"kt": "万吨", "1": ""}
    named = rows["unit"].map(lambda code: names.get(code, unit_of(code)))
    unit = named.mask(glass, UNIT["flat_glass"])
    per = pd.Series([units.convert(1.0, u, "kt") if u in ("万吨", UNIT["flat_glass"]) else 1.0 for u in unit])
    per.index = rows.index
    return pd.DataFrame(
        {
            "条款": rows["clause"].map(_place).to_numpy(),
            "核对事项": rows["zh"].to_numpy(),
            "结论": rows["verdict"].map(VERDICT).to_numpy(),
            "数量": (rows["amount"] / per).round(2).to_numpy(),
            "限值": (rows["limit"] / per).round(2).to_numpy(),
            "单位": unit.to_numpy(),
            "依据": [_evidence(*row) for row in zip(rows["evidence"], rows["cure"], strict=True)],
        }
    )


def _evidence(told: tuple[str, ...], cure: str) -> str:
    shown = "、".join(told[:4]) + ("等" if len(told) > 4 else "")
    return shown + (f"（需：{register_files.registers().at[cure, 'zh']}）" if cure else "")


def _register_table(name: str, rows: pd.DataFrame | None) -> pd.DataFrame:
    schema = register_files.register_schema(name)
    frame = register_files.empty_register(name) if rows is None else rows.copy()
    for column, rule in schema.iterrows():
        if rule["kind"] == "date":
            frame[column] = [_day(day) if day is not None else "" for day in frame[column]]
    if "industry" in frame:
        frame["industry"] = [label(code) for code in frame["industry"]]
    stages = {"prepare": "准备", "start": "开工", "hasten": "加快建设", "finish": "竣工投产"}
    if "stage" in frame:
        frame["stage"] = frame["stage"].map(stages)
    return frame.rename(columns=schema["zh"].to_dict())


def _contested(plan: Plan | None) -> list[Section]:
    """Set the contested readings side by side: only clauses some reading of which answers otherwise."""
    if plan is None:
        return []
    rows = readings(plan)
    names = {code: zh for code, (zh, _) in words("policy.readings").items()}
    spread = rows.groupby(["option", "clause"])["verdict"].transform("nunique") > 1
    rows = rows[spread & (rows["verdict"] != "")]
    table = pd.DataFrame(
        {"问题": rows["question_zh"].to_numpy(), "读法": [names.get(r, r) for r in rows["reading"]],
         "本计划采用": ["是" if chosen else "" for chosen in rows["chosen"]],
         "条款": rows["clause"].map(_place).to_numpy(),
         "结论": rows["verdict"].map(VERDICT).to_numpy()}
    )  # fmt: skip
    lines = () if len(table) else ("各种读法下结论相同。",)
    return [Section("附注 争议读法对照", 1, lines, table if len(table) else None, "争议读法")]


def _table_one(rows: pd.DataFrame | None) -> Section:
    lines = () if rows is not None else (NOT_RECEIVED,)
    return Section(
        "附表1 2014年淘汰落后产能目标", 1, lines, _register_table("elimination_2014", rows), "附表1"
    )


def _table_two(rows: pd.DataFrame | None) -> Section:
    lines = () if rows is not None else (NOT_RECEIVED,)
    heading = "附表2 2014年化解产能过剩重点工业项目"
    return Section(heading, 1, lines, _register_table("projects_2014", rows), "附表2")


def _switches(options: Any, zone: str, tables: str) -> pd.DataFrame:
    frame = policy.switches(options, zone)
    frame.loc["tables", "chosen"] = tables
    names = {code: zh for code, (zh, _) in words("policy.readings").items()}

    def told(code: str) -> str:
        return names.get(code, code)

    return pd.DataFrame(
        {"问题": frame["question_zh"].to_numpy(), "默认": frame["default"].map(told).to_numpy(),
         "本计划采用": frame["chosen"].map(told).to_numpy(),
         "条款": ["、".join(dict.fromkeys(map(_place, c.split(";")))) for c in frame["clauses"]]}
    )  # fmt: skip
