"""`workbench run`: make a plan, show what it changes, and write the files."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

import workbench as wb
from workbench.cli.console import amount, err, number, out, stages, table
from workbench.cli.own import layers_of
from workbench.cli.surplus import show
from workbench.labels import both, label, unit
from workbench.logistics import Assignment
from workbench.region.surplus import ASKED_OF
from workbench.relocation.plan import Plan
from workbench.reports.surplus import BASIS
from workbench.reports.swap import reserved
from workbench.reports.words import told
from workbench.words import words

STEPS = words("cli.steps")


def run(
    scenario: Annotated[Path | None, typer.Option(help="Scenario file; the baseline without it.")] = None,
    out_dir: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("out"),
    industry: Annotated[
        list[str] | None, typer.Option(help="steel, cement, flat_glass or aluminium; repeat for several.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of your own layers, as written by `workbench data import`.")
    ] = None,
    doubt: Annotated[
        bool,
        typer.Option("--doubt", help="Also say how sure it is, what more would pay, what flips it."),
    ] = False,
) -> None:
    """Make a plan, show what it changes, and write map, workbook, GeoPackage, scenario and run record."""
    started = time.perf_counter()
    chosen = wb.scenarios.load(scenario) if scenario else wb.Scenario.baseline()
    if industry:
        chosen = chosen.with_(industries=tuple(industry))
    timings: dict[str, float] = {}
    with reserved(out_dir), stages(timings) as step:
        step(*STEPS["read"])
        layers = layers_of(data)
        wb.scenarios.check(chosen, layers, file=scenario.name if scenario else "scenario")
        step(*STEPS["price"])
        study = wb.Study.prepare(chosen, layers)
        step(*STEPS["optimise"])
        plan = study.plan()
        doubted = None
        if doubt:
            step(*STEPS["doubt"])
            doubted = study.doubt(flips=True, progress=logging.getLogger("workbench").info)
        step(*STEPS["count"])
        indicators, exposure = wb.indicators(plan), study.exposure(plan)
        capacity = study.capacity(plan)
        step(*STEPS["write"])
        paths = study.export(
            plan, out_dir, timings=timings, capacity=capacity, doubt=doubted, measured=indicators
        )
    out.print(_indicator_table(indicators))
    out.print(_sent_and_moved(indicators))
    out.print(_surplus_table(wb.zone_surplus(chosen, layers)))
    for code in (name for name in ASKED_OF if name in chosen.industries):
        show(wb.surplus_band(chosen, layers, code))
    out.print(_overload(capacity))
    out.print(_breathed(exposure))
    for zh, en in told(plan, doubted):
        out.print(f"{zh}\n{en}", soft_wrap=True)
    out.print(_solution(plan))
    out.print("\n已写出 Written:")
    for path in paths:
        out.print(f"  {path}", soft_wrap=True)
    err.print(f"\n合计 total {time.perf_counter() - started:.1f} s")


def _indicator_table(indicators: pd.DataFrame) -> object:
    titles = (
        "指标 Indicator", "单位 Unit", "条款 Clause", "现状 Before", "原地优化调度 Kept", "方案 After",
        "调度 Sending", "搬迁 Moving",
    )  # fmt: skip
    rows = (
        (
            f"{row['label_zh']}\n{row['label_en']}",
            f"{unit(row['unit'])}\n{row['unit']}",
            row["clause"],
            *(number(row[name]) for name in ("before", "kept", "after", "sending", "change")),
        )
        for row in indicators.to_dict("records")
    )
    return table(titles, rows, numbers=(3, 4, 5, 6, 7))


def _sent_and_moved(indicators: pd.DataFrame) -> str:
    """Tell what sending goods better would change apart from what moving works changes, in cost."""
    row = indicators.loc["cost_mcny"]
    return (
        f"费用（百万元/年）：在原地优化调度 {row['sending']:+,.0f}（不属于搬迁收益），"
        f"搬迁与关停 {row['change']:+,.0f}\n"
        f"Cost (million CNY/yr): sending better without moving {row['sending']:+,.0f} (no gain of the plan), "
        f"moving and closing {row['change']:+,.0f}"
    )


def _surplus_table(surplus: pd.DataFrame) -> object:
    """Lay the zone's surplus out with its terms as rows, one column per industry."""
    titles = ["成都经济区过剩 Surplus of the zone", *map(label, surplus.index)]
    rows = ([both(str(name)), *(_cell(str(name), v) for v in row)] for name, *row in surplus.T.itertuples())
    return table(titles, rows)


def _cell(name: str, value: object) -> str:
    if name == "asked_basis":
        return "\n".join(BASIS[str(value)])
    return value.replace(";", "\n") if isinstance(value, str) else amount(name, value)


def _overload(capacity: Assignment) -> str:
    """Say which lines, locks and ports the plan would overload, and what finds no room."""
    over = [
        f"{row['name']} {row['uncapped_kt']:,.0f}/{row['room_kt']:,.0f}"
        for row in capacity.overloaded.to_dict("records")
    ]
    told = "、".join(over) if over else "无 none"
    lost = f"；无法运输 no room for {capacity.unmet.sum():,.0f} 千吨 kt" if capacity.unmet.sum() > 0.5 else ""
    return f"运力 Freight room: 超过可用能力 over their room (kt/yr): {told}{lost}"


def _breathed(exposure: pd.DataFrame) -> str:
    """Say how the plan changes what people breathe in, in the eight cities and in the province."""
    parts = [
        f"{name} {rows['change_kg'].sum() / rows['before_kg'].sum():+.1%}"
        for name, rows in (
            ("成都经济区八市 eight cities", exposure[exposure["in_basin"]]),
            ("全省 province", exposure),
        )
    ]
    return (
        f"所选行业污染物吸入量变化 Change of what people breathe in of these industries: {'；'.join(parts)}"
    )


def _solution(plan: Plan) -> str:
    return (
        f"求解 Solver: {plan.status}; 目标 objective {plan.objective_mcny:,.2f} 百万元/年 million CNY/yr; "
        f"下界 bound {plan.bound_mcny:,.2f}; "
        f"差 gap {plan.objective_mcny - plan.bound_mcny:,.2f}; {plan.seconds:.1f} s"
    )
