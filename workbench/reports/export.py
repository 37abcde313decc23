"""Hand a plan over: map, workbook, GeoPackage, scenario and run record in one folder, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from workbench import maps, scenarios
from workbench.labels import label
from workbench.layers import credit_line
from workbench.policy.screening import REFERENCE_DAY
from workbench.region.surplus import ASKED_OF, surplus_band
from workbench.relocation.doubt import Doubt
from workbench.relocation.plan import Plan
from workbench.reports import units, years
from workbench.reports.annual_plan import OfficialPaper, annual_plan, write_annual_plan
from workbench.reports.geopackage import write_geopackage
from workbench.reports.run_record import run_record, write_json
from workbench.reports.surplus import band_table, swing_table
from workbench.reports.swap import all_or_nothing
from workbench.reports.words import certainty_table, flips_table, told
from workbench.reports.workbook import write_workbook

FILES = (
    "map.html",
    "map.png",
    "map.pdf",
    "plan.xlsx",
    "work_plan.docx",
    "plan.gpkg",
    "scenario.toml",
    "run.json",
)
DECISION_COLOURS = {"keep": "#4d6a8a", "close": "#b2182b", "move": "#e08214"}
MODE_COLOURS = {
    "rail": "#333333",
    "road": "#c08a3e",
    "water": "#2b83ba",
    "sea": "#5e4fa2",
    "transfer": "#999999",
}


def write_plan(
    plan: Plan,
    folder: str | Path,
    *,
    indicators: pd.DataFrame,
    verdicts: pd.DataFrame,
    legs: pd.DataFrame,
    capacity: pd.DataFrame,
    exposure: pd.DataFrame,
    timings: Mapping[str, float],
    doubt: Doubt | None = None,
    tell: Callable[[str, int, int], None] = lambda name, number, count: None,
) -> list[Path]:
    """Write every file of a plan into a folder and return their paths.

    `tell(name, number, count)` hears of each file before it is written; what it raises stops the writing.
    All files are swapped in at once, so a failure or a kill leaves what was there, never two plans mixed.
    Other files in the folder stay. Raises DataError when the folder cannot be written.
    """
    sheets = plan_sheets(plan, indicators, verdicts, legs, capacity, exposure, doubt)
    paper = annual_plan(plan, on=REFERENCE_DAY, doubt=doubt, verdicts=verdicts)
    return all_or_nothing(
        folder, lambda workshop: _write_all(plan, workshop, sheets, paper, legs, timings, doubt, tell)
    )


def _write_all(
    plan: Plan,
    folder: Path,
    sheets: Mapping[str, pd.DataFrame],
    paper: OfficialPaper,
    legs: pd.DataFrame,
    timings: Mapping[str, float],
    doubt: Doubt | None,
    tell: Callable[[str, int, int], None],
) -> list[Path]:
    drawn = maps.describe_plan(plan, doubt=doubt)  # once for the page and both prints
    sheet = cache(lambda: maps.sheet(drawn))
    writers: dict[str, Callable[[Path], Path]] = {
        "map.html": lambda path: maps.save_html(maps.draw(drawn), path),
        "map.png": lambda path: maps.print_map(sheet(), path),
        "map.pdf": lambda path: maps.print_map(sheet(), path),
        "plan.xlsx": lambda path: write_workbook(sheets, path, notes=_notes(plan)),
        "work_plan.docx": lambda path: write_annual_plan(paper, path),
        "plan.gpkg": lambda path: write_geopackage(gis_layers(plan, legs), path, styles=gis_styles()),
        "scenario.toml": lambda path: scenarios.save(plan.scenario, path),
        "run.json": lambda path: write_json(run_record(plan, timings=timings), path),
    }
    made = []
    for number, (name, write) in enumerate(writers.items(), 1):
        tell(name, number, len(writers))
        made.append(write(folder / name))
    return made


def plan_sheets(
    plan: Plan,
    indicators: pd.DataFrame,
    verdicts: pd.DataFrame,
    legs: pd.DataFrame,
    capacity: pd.DataFrame,
    exposure: pd.DataFrame,
    doubt: Doubt | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables of the workbook by sheet title; with `doubt` how sure each leaving unit is."""
    used = plan.layers.assumptions
    assumptions = used.frame.assign(in_scenario=used.frame.index.isin(used.overridden))
    sure = {}
    if doubt is not None:
        sure = {"把握 Certainty": certainty_table(plan, doubt), "多退 Frontier": doubt.frontier}
        if doubt.flips is not None:
            sure["翻转 Flips"] = flips_table(doubt.flips)
    return {
        "要点 In words": pd.DataFrame(told(plan, doubt), columns=["zh", "en"]),
        **sure,
        "指标 Indicators": indicators,
        "条款 Clauses": verdicts,
        "生产线 Lines": plan.decisions,
        "新建 Builds": plan.builds,
        "产能置换 Credits": plan.credits,
        **units.sheets(plan),
        **years.sheets(plan),
        "设施 Facilities": plan.facilities,
        "流向 Flows": plan.flows,
        "运输分段 Legs": legs,
        "运力 Capacity": capacity,
        "电力 Power": plan.power,
        "暴露 Exposure": exposure,
        "缺口 Unmet": plan.unmet,
        **base_sheets(plan),
        "假设 Assumptions": assumptions,
        "来源 Sources": plan.layers["sources"],
    }


def base_sheets(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the year that existed by works, and the band of the zone's surplus with what swings it."""
    sheets = {}
    if plan.before is not None and "basis" in plan.before.facilities:
        names = ["name_zh", "industry", "prefecture_zh", "capacity_kt", "production_kt", "use_share", "basis"]
        sheets["基准年 Base year"] = plan.before.facilities[names]
    given = plan.scenario
    for code in (name for name in ASKED_OF if name in given.industries):
        band = surplus_band(plan.layers, code, zone=given.zone, demand_options=given.demand)
        sheets["过剩区间 Surplus"] = band_table(band)
        sheets["过剩摆动 Swing"] = swing_table(band)
    return sheets


def _notes(plan: Plan) -> dict[str, str]:
    zh, en = (credit_line(plan.layers)[language] for language in ("zh", "en"))
    return {
        "标题 Title": f"产能转移方案 Relocation plan: {plan.scenario.name}",
        "行业 Industries": "、".join(label(name) for name in plan.scenario.industries),
        "说明 Description": plan.scenario.description or "—",
        "求解 Solver": f"{plan.status}; gap {plan.gap:.4%}; bound {plan.bound_mcny:,.3f} million CNY a year",
        "口径 Units": "产量千吨/年，费用百万元/年（2014年价）。"
        " Quantities in kt a year, money in million CNY of 2014.",
        "假设 Assumptions": "无来源的数字列于“假设”表，注明区间、理由和可信度。"
        " Numbers without a source stand on the Assumptions sheet with range, reason and confidence.",
        "数据来源 Data": f"{zh} {en}",
    }


def gis_layers(plan: Plan, legs: pd.DataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Return what the GeoPackage holds: decisions, builds, moves, loads on freight links, and the ground."""
    layers, facilities = plan.layers, plan.facilities
    lines = layers["lines"].loc[plan.decisions.index, ["geometry"]].join(plan.decisions)
    sites = layers["sites"]
    builds = gpd.GeoDataFrame(
        facilities.loc[plan.builds.index],
        geometry=sites.geometry.loc[plan.builds["site_id"]].array,
        crs=sites.crs,
    )
    ground = ("prefectures", "ecology", "hydropower", "sites", "markets")
    return {
        "lines": lines,
        "builds": builds,
        "moves": _moves(plan, lines, builds),
        "freight_loads": _loads(layers["freight_links"], legs),
    } | {name: layers[name] for name in ground}


def _moves(plan: Plan, lines: gpd.GeoDataFrame, builds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    credits = plan.credits
    starts = lines.geometry.loc[credits["line_id"]].array
    ends = builds.geometry.loc[credits["build_id"]].array
    arrows = [shapely.LineString([a, b]) for a, b in zip(starts, ends, strict=True)]
    return gpd.GeoDataFrame(credits, geometry=gpd.GeoSeries(arrows, crs=lines.crs), crs=lines.crs)


def _loads(links: gpd.GeoDataFrame, legs: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the freight links with the thousand tonnes a year that the plan sends over each."""
    load = legs[["links", "kt"]].explode("links").groupby("links")["kt"].sum()
    load = load.reindex(links.index).fillna(0.0)
    columns = ["from_id", "to_id", "mode", "line", "distance_km", "capacity_mt", "confidence", "geometry"]
    return links[columns].assign(load_kt=load.round(3))


def gis_styles() -> dict[str, dict[str, tuple[str, str]]]:
    """Return the QGIS style of each layer: the colours of the map, the labels in Chinese."""
    by_decision = {key: (label(key), colour) for key, colour in DECISION_COLOURS.items()}
    by_mode = {key: (label(key), colour) for key, colour in MODE_COLOURS.items()}
    return {
        "lines": {"column": ("decision", "")} | by_decision,
        "builds": {"": ("新建产能", "#1a9850")},
        "moves": {"": ("转移", "#e08214")},
        "freight_loads": {"column": ("mode", "")} | by_mode,
        "prefectures": {"": ("市州", "#8a8f98")},
        "ecology": {"": ("生态敏感区", "#4d9221")},
        "hydropower": {"": ("水电站", "#2166ac")},
        "sites": {"": ("承接地", "#7fbf7b")},
        "markets": {"": ("市场", "#762a83")},
    }
