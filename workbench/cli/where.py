"""`workbench where`: where an industry may go, ranked, and why not elsewhere; or one place asked."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

import workbench as wb
from workbench.cli.console import err, number, out, table
from workbench.cli.own import layers_of
from workbench.errors import DataError, Fault
from workbench.labels import both, label
from workbench.region import Why
from workbench.reports.swap import reserved
from workbench.siting import Where
from workbench.units import M_PER_KM

Lon = Annotated[float | None, typer.Argument(help="Longitude of a point to ask about (WGS-84).")]
Lat = Annotated[float | None, typer.Argument(help="Latitude of that point.")]
TOP = 10


def where(
    lon: Lon = None,
    lat: Lat = None,
    site: Annotated[
        str | None, typer.Option(help="Id of a candidate site to ask about, such as PK16.")
    ] = None,
    industry: Annotated[str, typer.Option(help="steel, cement, flat_glass or aluminium.")] = "cement",
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Folder for map page, sheet and workbook; none without.")
    ] = None,
    scenario: Annotated[Path | None, typer.Option(help="Scenario file; the baseline without it.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of your own layers, as written by `workbench data import`.")
    ] = None,
) -> None:
    """Say where an industry may go, best first, and what bars the rest; or why, or why not, at one place."""
    if (lon is None) != (lat is None):
        found, mend = (
            f"longitude {lon}, no latitude",
            "Give both, longitude first: workbench where 103.8 30.1",
        )
        raise DataError([Fault("where", None, "lat", found, "two numbers", mend)])
    chosen = wb.scenarios.load(scenario) if scenario else wb.Scenario.baseline()
    chosen = chosen.with_(industries=(industry,))
    with reserved(out_dir) if out_dir else nullcontext():
        layers = layers_of(data)
        wb.scenarios.check(chosen, layers, file=scenario.name if scenario else "scenario")
        answer = wb.Study.prepare(chosen, layers).where(industry)
        if site is not None:
            _tell(answer.site(site), f"{site} {layers.sites.at[site, 'name_zh']}", industry)
        elif lon is not None and lat is not None:
            _tell(answer.point(lon, lat), f"{lon:g}, {lat:g}", industry)
        else:
            _rank(answer)
        if out_dir is not None:
            from workbench.reports.where import write_where

            out.print("\n已写出 Written:")
            for path in write_where(answer, out_dir):
                out.print(f"  {path}", soft_wrap=True)


def _rank(answer: Where) -> None:
    sites = answer.sites
    ranked = sites[sites["rank"].notna()]
    rows = (
        (
            f"{row['rank']:.0f}",
            f"{site} {row['name_zh']}\n{row['prefecture_zh']} {row['county_zh']}\n{both(row['verdict'])}",
            f"{row['score']:.3f}",
            f"{row['freight_cny_t']:,.0f}",
            f"+ {row['lift_zh']}\n- {row['hold_zh']}" + (f"\n{row['reason_zh']}" if row["reason_zh"] else ""),
        )
        for site, row in ranked.head(TOP).iterrows()
    )
    titles = ("名次\nRank", "承接地 Site", "得分\nScore", "运费元/吨\nFreight", "理由 Reasons")
    out.print(table(titles, rows, numbers=(0, 2, 3)))
    barred = answer.reasons[answer.reasons["hard"]]
    first = barred.drop_duplicates(["site_id", "clause", "rule"])
    groups = first.groupby(["clause", "rule"])
    bars = (
        (clause, rule, len(rows), " ".join(rows["site_id"].head(6)))
        for (clause, rule), rows in sorted(groups, key=lambda group: -len(group[1]))
    )
    out.print(
        table(("条款 Clause", "规则 Rule", "禁止地点数 Sites barred", "例如 Such as"), bars, numbers=(2,))
    )
    weighing = None if answer.suitability is None else answer.suitability.weighing
    if weighing is not None:
        worst = weighing.consistency.max()
        out.print(f"权重一致性比率 consistency ratio of the weights: {worst:.3f}")
        if not weighing.consistent:
            err.print("！" + "\n".join(weighing.contradictions), style="red")
    counts = sites["verdict"].value_counts()
    out.print("　".join(f"{both(str(name))} {count}" for name, count in counts.items()))


def _tell(found: Why, place: str, industry: str) -> None:
    out.print(f"{place} · {found.prefecture_zh or '—'} {found.county_zh or ''} · {both(industry)}")
    out.print(f"结论 verdict: {both(found.verdict)}", style="bold")
    rows = (
        (
            row["clause"],
            both(force),
            f"{row['reason_zh']}\n{row['reason_en']}",
            *(number(row[name] / M_PER_KM) for name in ("distance_m", "missing_m")),
        )
        for row, force in zip(found.reasons.to_dict("records"), found.forces, strict=True)
    )
    titles = ("条款 Clause", "效力 Force", "理由 Reason", "距离 km", "尚差 missing km")
    if len(found.reasons):
        out.print(table(titles, rows, numbers=(3, 4)))
    near = (
        (site, f"{row['name_zh']}", row["prefecture_zh"], label(row["verdict"]), number(row["distance_km"]))
        for site, row in found.nearest.iterrows()
    )
    titles = ("最近可行 Nearest that would do", "名称 Name", "市州 Prefecture", "结论 Verdict", "公里 km")
    out.print(table(titles, near, numbers=(4,)))
