"""`workbench data`: list the baseline, check and import a planner's own files, print the credits."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

import workbench as wb
from workbench.cli.console import out, table
from workbench.errors import DataError
from workbench.files import folder
from workbench.labels import both
from workbench.layers import (
    catalogue,
    check_baseline,
    check_hashes,
    credit_line,
    industry_quality,
    prefecture_quality,
)
from workbench.layers.faults import in_chinese
from workbench.layers.imports import (
    FaultReport,
    ImportOptions,
    check_file,
    import_layer,
    read_answers,
    with_folder,
    write_offers,
)
from workbench.layers.imports.answers import keep_new
from workbench.layers.imports.overlay import has_layers, keep_rows
from workbench.layers.model import Layers

data = typer.Typer(no_args_is_help=True, help="The baseline and your own files. 数据。")

Source = Annotated[
    str,
    typer.Argument(
        help="CSV, XLSX, XLS, ODS, GeoPackage, GeoJSON, KML, KMZ, Shapefile, ZIP, GeoParquet or PostGIS."
    ),
]
Kind = Annotated[str, typer.Option(help="Layer the file belongs to; `workbench data list` names them.")]
Crs = Annotated[
    str | None, typer.Option(help="WGS-84, CGCS2000, GCJ-02, BD-09 or EPSG:code, where the file is silent.")
]
Mapping = Annotated[
    str | None,
    typer.Option(help="TOML file of column names, or wdpa, geoboundaries, redline, gem_cement, gem_steel."),
]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder of your own layers to lay over the baseline first: the boundaries of a region."
    ),
]
Layer = Annotated[str | None, typer.Option(help="Layer of a GeoPackage or an archive, folder of a KML.")]
Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook.")]
Delimiter = Annotated[str | None, typer.Option(help="Sign between the fields of a text: one, or tab.")]
Encoding = Annotated[
    str | None, typer.Option(help="Encoding of a text or a Shapefile: utf-8, gb18030, big5.")
]
Days = Annotated[float | None, typer.Option(help="Running days that make a year of 吨/日.")]
Same = Annotated[
    str | None,
    typer.Option(help="Are offered items the known ones? yes, no, or the table of --offers with answers."),
]
Offers = Annotated[Path | None, typer.Option(help="CSV to write the offered items to, for your answers.")]
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


@dataclass(frozen=True)
class Reading:
    """How a planner's file is read: what the options of `check` and `import` say alike."""

    kind: str
    crs: str | None
    mapping: str | None
    report: Path | None
    data: Path | None
    options: ImportOptions
    same: str | None

    def checked(self, file: str, baseline: Layers) -> FaultReport:
        """Check the file against a baseline and show what was found."""
        found = check_file(
            file, self.kind, mapping=self.mapping, crs=self.crs, baseline=baseline, options=self.options
        )
        _show(found, self.report)
        return found


def _reading(
    kind: Kind = "plants",
    crs: Crs = None,
    mapping: Mapping = None,
    report: Report = None,
    data: Data = None,
    layer: Layer = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    days_per_year: Days = None,
    same: Same = None,
) -> Reading:
    answers: Any = None if same is None else read_answers(same)
    options = ImportOptions(layer, sheet, delimiter, encoding, days_per_year, same=answers)
    return Reading(kind, crs, mapping, report, data, options, same)


def _reads(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `_reading`; it is called with what they say, as its `reading`."""
    own, shared = inspect.signature(command, eval_str=True), inspect.signature(_reading, eval_str=True)

    @wraps(command)
    def call(**given: Any) -> None:
        said = {name: given.pop(name) for name in shared.parameters}
        command(reading=_reading(**said), **given)

    parameters = [p for name, p in own.parameters.items() if name != "reading"]
    call.__signature__ = own.replace(parameters=[*parameters, *shared.parameters.values()])  # type: ignore[attr-defined]
    call.__annotations__ = {p.name: p.annotation for p in call.__signature__.parameters.values()}  # type: ignore[attr-defined]
    return call


@data.command()
@_reads
def check(
    reading: Reading,
    file: Annotated[str | None, typer.Argument(help="Your file; the baseline without it.")] = None,
    offers: Offers = None,
) -> None:
    """Check a file against a layer's schema and the baseline, all faults at once; it is never changed."""
    if file is None:
        check_hashes()
        if faults := check_baseline(wb.load()):
            raise DataError(faults, "the baseline does not hold to its schema")
        out.print("基线数据完整且符合列定义 the baseline is complete, unchanged and as its schema says")
        return
    found = reading.checked(file, _over(reading.data))
    if offers and found.offers:
        out.print(f"已写出 Written: {write_offers(found.offers, offers)}", soft_wrap=True)
    if not found.ok:
        raise typer.Exit(2)


@data.command("import")
@_reads
def import_(
    reading: Reading,
    file: Source,
    into: Into = Path("my_data"),
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Check a file, show what it would change in the baseline, and keep it once you confirm."""
    into = folder(into)
    below = _over(reading.data) if reading.data != into else wb.load()
    baseline = with_folder(below, into) if has_layers(into) else below
    found = reading.checked(file, baseline)
    if not found.ok:
        raise typer.Exit(2)
    proposal = import_layer(found, baseline)
    out.print(proposal.summary)
    if len(proposal.changes):
        changes = proposal.changes.head(50)
        out.print(table(map(str, changes.columns), changes.itertuples(index=False)))
    for consequence in proposal.consequences:
        out.print(f"注意 note: {consequence}", soft_wrap=True)
    if not yes and not typer.confirm("写入吗 Keep these changes?"):
        raise typer.Exit(1)
    path = keep_rows(found.usable(), reading.kind, below, into)
    if reading.same is not None:
        keep_new(into, map(str, proposal.added.index))
    out.print(f"已写出 Written: {path}", soft_wrap=True)


def _over(own: Path | None) -> Layers:
    return with_folder(wb.load(), own) if own else wb.load()


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
        said = f"{repair.what_zh} {repair.what}"
        out.print(f"修复 repair: {repair.name} × {repair.count}: {said}", soft_wrap=True)
    for fault in found.faults:
        severity = {"error": "错误", "warning": "警告"}[fault.severity]
        told = in_chinese(fault)
        row = "" if told.row is None else f"第 {told.row} 行"
        where = "，".join(part for part in (row, told.field) if part)
        chinese = f"{where}：所见 {told.found}；应为 {told.expected}。{told.mend}"
        out.print(f"{severity} {fault.severity}: {fault}\n  {chinese.removeprefix('：')}", soft_wrap=True)
    verdict = "可用 usable" if found.ok else "不可用 not usable"
    counts = f"{len(found.errors)} 错误 errors, {len(found.warnings)} 警告 warnings"
    out.print(f"{found.file}: {found.rows} 行 rows, {verdict}; {counts}")
