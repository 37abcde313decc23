"""What every paper of the office lists: closures with who answers, totals, names, amounts."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from workbench import policy, units
from workbench.labels import label
from workbench.layers.model import Layers
from workbench.policy import registry, screening
from workbench.relocation.plan import Plan
from workbench.reports.official import chinese_day

UNIT = {"flat_glass": "万重量箱"}
DECISION = {"close": "关闭", "move": "关闭并转移"}


def amount(kt: float, industry: str) -> float:
    """Return kt in the unit the text counts an industry in."""
    return round(float(units.convert(kt, "kt", UNIT.get(industry, "万吨"))), 2)


def unit(industry: str) -> str:
    """Return the unit the text counts an industry in: 万重量箱 for glass, else 万吨."""
    return UNIT.get(industry, "万吨")


def names(layers: Layers | None, table: str) -> Mapping[str, str]:
    """Return the Chinese names of a table of the baseline by id; none where it is not there."""
    return layers[table]["name_zh"].to_dict() if layers is not None and table in layers else {}


def line_names(plan: Plan, layers: Layers | None) -> Mapping[str, str]:
    """Return what a reader calls each line; a line without a name keeps its id."""
    own = plan.decisions["name_zh"].to_dict() if "name_zh" in plan.decisions else {}
    known = {**own, **names(layers, "lines")}
    return {str(id): str(known.get(id) or id) for id in plan.decisions.index}


def _equipment(layers: Layers | None) -> Mapping[str, str]:
    """Return the equipment of each line as the list of eliminations names it: process and size."""
    if layers is None or "lines" not in layers:
        return {}
    lines, said = layers["lines"], registry.table("processes")
    names = {(r["industry"], r["process"]): r["zh"] for r in said.to_dict("records")}
    units_zh = {"t/d": "吨/日", "m3": "立方米", "t": "吨", "kA": "千安"}
    found = {}
    for id, row in zip(lines.index, lines.to_dict("records"), strict=True):
        process = screening.known_process(row["process"], row["industry"])
        size, unit = row.get("size"), units_zh.get(str(row.get("size_unit")), "")
        told = f"{float(size):,.0f}{unit}" if size is not None and size == size and unit else ""
        found[str(id)] = names.get((row["industry"], process), "") + told or "—"
    return found


def closures(plan: Plan, layers: Layers | None, gone: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what leaves, or the lines given, as an office lists it: whose, what, how much, when, by whom."""
    plants, sites = names(layers, "plants"), names(layers, "sites")
    lines, kit = line_names(plan, layers), _equipment(layers)
    gone = plan.decisions[plan.decisions["decision"] != "keep"] if gone is None else gone
    gone = gone.sort_values(["prefecture_zh"], kind="stable")
    chosen = getattr(plan.scenario, "policy", None) or policy.PolicyOptions()
    until = chinese_day(registry.plan_day(chosen))
    rows = [
        {
            "市（州）": row["prefecture_zh"], "企业": plants.get(row["plant_id"], row["plant_id"]),
            "生产线": lines[line], "主体设备": kit.get(line, "—"), "行业": label(row["industry"]),
            "产能": amount(row["capacity_kt"], row["industry"]), "单位": unit(row["industry"]),
            "处置": DECISION[row["decision"]],
            "承接地": sites.get(row["site_id"], row["site_id"]) if row["site_id"] else "—",
            "完成时限": until, "责任单位": f"{row['prefecture_zh']}人民政府",
        }
        for line, row in zip(gone.index, gone.to_dict("records"), strict=True)
    ]  # fmt: skip
    columns = ["市（州）", "企业", "生产线", "主体设备", "行业", "产能", "单位", "处置", "承接地",
               "完成时限", "责任单位"]  # fmt: skip
    return with_totals(pd.DataFrame(rows, columns=columns), ("产能",))


def with_totals(frame: pd.DataFrame, amounts: tuple[str, ...]) -> pd.DataFrame:
    """Add a row 合计 per unit below a table; nothing to an empty one."""
    if frame.empty:
        return frame
    rows = []
    for unit, part in frame.groupby("单位", sort=False):
        total = dict.fromkeys(frame.columns, "")
        total |= {str(frame.columns[0]): "合计", "单位": str(unit)}
        rows.append(total | {name: round(float(part[name].sum()), 2) for name in amounts})
    return pd.concat([frame, pd.DataFrame(rows)], ignore_index=True)
