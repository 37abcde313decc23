"""`workbench data`: list the baseline, check and import a planner's own files, print the credits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import workbench as wb
from workbench.cli.console import out, table
from workbench.errors import DataError
from workbench.labels import both
from workbench.layers import (
    catalogue,
    check_baseline,
    check_hashes,
    credit_line,
    industry_quality,
    prefecture_quality,
)
from workbench.layers.imports.merge import import_layer, save_layer
from workbench.layers.imports.report import FaultReport
from workbench.layers.imports.user_files import check_file

data = typer.Typer(no_args_is_help=True, help="The baseline and your own files. 数据。")

Source = Annotated[
    str, typer.Argument(help="CSV, XLSX, GeoPackage, GeoJSON, zipped Shapefile, GeoParquet or PostGIS.")
]
Kind = Annotated[str, typer.Option(help="Layer the file belongs to; `workbench data list` names them.")]
Crs = Annotated[
    str | None, typer.Option(help="WGS-84, CGCS2000, GCJ-02, BD-09 or EPSG:code, where the file is silent.")
]
Mapping = Annotated[
    str | None, typer.Option(help="TOML file of column names, or wdpa, geoboundaries, redline.")
]
Report = Annotated[Path | None, typer.Option(help="Page to write the faults to.")]
Into = Annotated[Path, typer.Option(help="Folder of your own layers, for `workbench run --data`.")]


@data.command("list")
def list_() -> None:
    """List every layer and table of the baseline, and the freight links no mapped line could be found for."""
    layers = wb.load()
    rows = (
        (name, f"{entry.title_zh} {entry.title_en}", len(layers[name]), entry.reference_year, entry.licence)
        for name, entry in catalogue().items()
    )
    titles = ("图层 Layer", "名称 Title", "行 Rows", "年份 Year", "许可 Licence")
    out.print(table(titles, rows, numbers=(2, 3)))
    links = layers.freight_links
    rough = links[links["geometry_note"] != ""]
    columns = ["line", "distance_km", "open_2014", "geometry_basis", "geometry_note"]
    heads = ("编号 Id", "线路 Line", "里程 km", "2014年开通 Open", "线形 Basis", "原因 Why no mapped line")
    out.print(table(heads, rough[columns].itertuples(), numbers=(2,)))


@data.command()
def sources() -> None:
    """Print the credits that belong on every map and report."""
    text = credit_line(wb.load())
    out.print(f"{text['zh']}\n\n{text['en']}\n", soft_wrap=True)
    frame = wb.load()["sources"]
    out.print(table(["代码 Code", *map(both, frame.columns)], frame.itertuples()))


@data.command()
def quality(
    industry: Annotated[str | None, typer.Option(help="One industry, prefecture by prefecture.")] = None,
    map_: Annotated[Path | None, typer.Option("--map", help="Page to draw the industry's map to.")] = None,
) -> None:
    """Tell how much capacity is located, how surely, and how much only stands behind a cap (kt a year)."""
    layers = wb.load()
    frame = prefecture_quality(layers, industry) if industry else industry_quality(layers)
    rows = ((name, *(_figure(row[c], c) for c in frame)) for name, row in frame.iterrows())
    titles = ["", *(f"{_QUALITY[name]} {name}" for name in frame)]
    out.print(table(titles, rows, numbers=range(1, len(titles))))
    if map_:
        page = wb.maps.save_html(wb.maps.quality_map(layers, industry or "cement"), map_)
        out.print(f"已写出 Written: {page}", soft_wrap=True)


@data.command()
def check(
    file: Annotated[str | None, typer.Argument(help="Your file; the baseline without it.")] = None,
    kind: Kind = "plants",
    crs: Crs = None,
    mapping: Mapping = None,
    report: Report = None,
) -> None:
    """Check a file against a layer's schema and the baseline, all faults at once; it is never changed."""
    if file is None:
        check_hashes()
        if faults := check_baseline(wb.load()):
            raise DataError(faults, "the baseline does not hold to its schema")
        out.print("基线数据完整且符合列定义 the baseline is complete, unchanged and as its schema says")
        return
    found = check_file(file, kind, mapping=mapping, crs=crs, baseline=wb.load())
    _show(found, report)
    if not found.ok:
        raise typer.Exit(2)


@data.command("import")
def import_(
    file: Source,
    kind: Kind = "plants",
    into: Into = Path("my_data"),
    crs: Crs = None,
    mapping: Mapping = None,
    report: Report = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Check a file, show what it would change in the baseline, and keep it once you confirm."""
    found = check_file(file, kind, mapping=mapping, crs=crs, baseline=wb.load())
    _show(found, report)
    if not found.ok:
        raise typer.Exit(2)
    proposal = import_layer(found, wb.load())
    out.print(proposal.summary)
    if len(proposal.changes):
        changes = proposal.changes.head(50)
        out.print(table(map(str, changes.columns), changes.itertuples(index=False)))
    for consequence in proposal.consequences:
        out.print(f"注意 note: {consequence}", soft_wrap=True)
    if not yes and not typer.confirm("写入吗 Keep these changes?"):
        raise typer.Exit(1)
    out.print(f"已写出 Written: {save_layer(found.usable(), kind, into)}", soft_wrap=True)


_QUALITY = {
    "high_kt": "可信度高", "medium_kt": "可信度中", "low_kt": "可信度低", "located_kt": "已定位",
    "unlocated_kt": "未定位", "located_share": "定位率", "sure_share": "高可信率", "cap_kt": "控制总量",
}  # fmt: skip


def _figure(value: float, column: str) -> str:
    return "—" if value != value else f"{value:.0%}" if column.endswith("share") else f"{value:,.0f}"


def _show(found: FaultReport, page: Path | None) -> None:
    if page:
        from workbench.reports.faults import write_faults

        out.print(f"已写出 Written: {write_faults(found, page)}", soft_wrap=True)
    for repair in found.repairs:
        out.print(f"修复 repair: {repair.name} × {repair.count}: {repair.what}", soft_wrap=True)
    for fault in found.faults:
        out.print(f"{fault.severity}: {fault}", soft_wrap=True)
    verdict = "可用 usable" if found.ok else "不可用 not usable"
    counts = f"{len(found.errors)} 错误 errors, {len(found.warnings)} 警告 warnings"
    out.print(f"{found.file}: {found.rows} 行 rows, {verdict}; {counts}")
