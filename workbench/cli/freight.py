"""`workbench freight`: a planner's own network, looked over, priced, or loaded until it is congested."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

import workbench as wb
from workbench.cli.console import number, out, table
from workbench.errors import DataError, Fault
from workbench.logistics import check as look_over
from workbench.logistics import equilibrium, price_shipments, read_network, read_tables
from workbench.reports.workbook import write_workbook

freight = typer.Typer(no_args_is_help=True, help="Your own freight network: check, price, congestion.")
Source = Annotated[
    Path,
    typer.Argument(
        help="Folder of CSV, .xlsx or .gpkg with tables nodes, links, ...; or .graphml, as of osmnx."
    ),
]
Book = Annotated[Path | None, typer.Option("--out", help="Workbook (.xlsx) to write; none without.")]


@freight.command()
def check(path: Source) -> None:
    """Tell what looks wrong in a network: parts cut off, dead ends, lengths below the straight line."""
    network = read_network(path)
    findings = look_over(network)
    titles = ("发现 Finding", "编号 Id", "数值 Value", "说明 Explanation")
    rows = (
        (f["finding"], f["id"], number(f["value"]), f["explanation"]) for f in findings.to_dict("records")
    )
    out.print(table(titles, rows, numbers=(2,)))
    out.print(f"节点 nodes {len(network.nodes):,}；线路 links {len(network.links):,}")


@freight.command()
def price(path: Source, out_file: Book = None) -> None:
    """Price every shipment of a network's own tables (shipments, and vehicles and charges if any)."""
    tables = _with(path, "shipments")
    costs, legs = price_shipments(read_network(path), tables)
    titles = ("起 From", "讫 To", "货物 Good", "千吨 kt", "元/吨 CNY/t", "小时 h", "公里 km")
    columns = ["origin", "destination", "commodity", "kt", "cost_cny_t", "hours", "km"]
    rows = ((*row[:3], *map(number, row[3:])) for row in costs[columns].itertuples(index=False))
    out.print(table(titles, rows, numbers=(3, 4, 5, 6)))
    _write(out_file, {"运费 Costs": costs, "运段 Legs": legs})


@freight.command()
def congestion(
    path: Source,
    gap: Annotated[float, typer.Option(help="Relative gap to stop at.", min=1e-12, max=0.1)] = 1e-6,
    out_file: Book = None,
) -> None:
    """Load trips on links that slow down as they fill, until nobody gains by another way."""
    tables = _with(path, "streets", "trips")
    found = equilibrium(tables["streets"], tables["trips"], gap=gap)
    worst = found.links.sort_values("load", ascending=False, kind="stable").head(10)
    titles = ("起 From", "讫 To", "流量 Flow", "小时 h", "负荷 Load")
    rows = ((a, b, number(v), number(t), f"{load:.0%}") for a, b, v, t, load in worst.itertuples(index=False))
    out.print(table(titles, rows, numbers=(2, 3, 4)))
    out.print(f"相对间隙 relative gap {found.gap:.1e}；贝克曼目标 Beckmann objective {found.objective:,.6g}")
    _write(out_file, {"线路 Links": found.links.reset_index(), "出行 Trips": found.trips})


def _with(path: Path, *kinds: str) -> dict[str, pd.DataFrame]:
    tables = read_tables(path)
    if lacking := [kind for kind in kinds if kind not in tables]:
        found = f"no table {', '.join(lacking)}"
        raise DataError([Fault(path.name, None, "", found, ", ".join(kinds), "Add the table.")])
    return tables


def _write(file: Path | None, sheets: dict[str, pd.DataFrame]) -> None:
    if file is not None:
        notes = {"版本 Version": wb.__version__}
        out.print(f"已写出 Written: {write_workbook(sheets, file, notes=notes)}", soft_wrap=True)
