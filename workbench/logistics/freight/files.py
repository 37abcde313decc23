"""Networks in files: folders of CSV, workbooks, GeoPackages and GraphML, read with every fault told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from xml.etree.ElementTree import ParseError

import geopandas as gpd
import networkx as nx
import pandas as pd
import pyogrio
from python_calamine import CalamineError, CalamineWorkbook

from workbench.crs import WGS84
from workbench.errors import WorkbenchError
from workbench.files import undated
from workbench.layers.imports.container import Limits, check_archive, check_file_itself, unreadable
from workbench.layers.imports.delimited import read_delimited
from workbench.layers.imports.drivers import refuse_queries, source
from workbench.layers.imports.vector import read_gpkg
from workbench.layers.imports.workbooks import read_workbook
from workbench.layers.schema import NETWORK
from workbench.logistics.freight.exchange import plain
from workbench.logistics.freight.network import Network
from workbench.logistics.freight.roads import RoadRules

LIMITS = Limits(file_mb=1000, rows=2_000_000, unpacked_mb=2000)
FORMATS = ("a folder of CSV", ".xlsx", ".gpkg", ".graphml")
_GRAPHML = (nx.NetworkXError, ParseError, ValueError, KeyError)


def read_tables(path: str | Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a network, by kind (a key of ``layers.schema.NETWORK``), cells as they stand.

    A folder holds nodes.csv, links.csv ..., a workbook the sheets, a GeoPackage the layers of these names
    (or 节点, 线路 ...). Others are left alone. Raises DataError.
    """
    path = Path(path)
    if not path.is_dir():
        check_file_itself(path, LIMITS)
    ending = "" if path.is_dir() else path.suffix.lower()
    if ending == "":
        found = {file.stem: file for file in sorted(path.glob("*.csv"))}
        read = {
            kind: read_delimited(found[name], _known(kind), LIMITS) for kind, name in _named(found).items()
        }
    elif ending in (".xlsx", ".xlsm"):
        read = {
            kind: read_workbook(path, _known(kind), LIMITS, name)
            for kind, name in _named(_sheets(path)).items()
        }
    elif ending == ".gpkg":
        return {kind: read_gpkg(path, LIMITS, name).frame for kind, name in _named(_layers(path)).items()}
    else:
        expected = f"one of {', '.join(FORMATS)}"
        raise unreadable(path.name, f"a file ending in {ending!r}", expected, "Export it again.")
    for table in read.values():
        if errors := [fault for fault in table.faults if fault.severity == "error"]:
            raise unreadable(path.name, errors[0].found, errors[0].expected, errors[0].mend)
    return {kind: table.frame for kind, table in read.items()}


def read_network(
    path: str | Path, *, rules: RoadRules | None = None, own_modes: Iterable[str] = ()
) -> Network:
    """Read a network from a folder, workbook, GeoPackage or GraphML file, osmnx's two formats included.

    Modes that the table `vehicles` names count as the planner's own. Raises DataError with every fault.
    """
    path = Path(path)
    if path.suffix.lower() == ".graphml":
        return Network.from_networkx(_graphml(path), rules=rules, own_modes=own_modes)
    if path.suffix.lower() == ".gpkg" and {"nodes", "edges"} <= set(_layers(path)):
        return Network.from_networkx(_osmnx(path), rules=rules, own_modes=own_modes)
    tables = read_tables(path)
    if lacking := [kind for kind in ("nodes", "links") if kind not in tables]:
        raise unreadable(path.name, f"no table {', '.join(lacking)}", "nodes and links", "Add the table.")
    if "vehicles" in tables and not own_modes:
        own_modes = {str(mode) for mode in tables["vehicles"].get("mode", ()) if not pd.isna(mode)}
    nodes, links = (pd.DataFrame(tables[kind]) for kind in ("nodes", "links"))
    nodes = nodes.drop(columns="geometry", errors="ignore")
    return Network.from_links(nodes, links, rules=rules, own_modes=sorted(own_modes))


def write_network(network: Network, path: str | Path) -> Path:
    """Write a network as GeoPackage (layers nodes, links) or GraphML; `read_network` reads it again.

    Mapped streets belong to neither: write `network.with_streets(None)`. Raises WorkbenchError.
    """
    path = Path(path)
    if network.streets is not None:
        raise WorkbenchError("mapped streets are not written; write network.with_streets(None)")
    if path.suffix.lower() == ".graphml":
        nx.write_graphml(plain(network.to_networkx()), path)
    elif path.suffix.lower() == ".gpkg":
        nodes, links = network.to_frames()
        points = gpd.points_from_xy(nodes["lon"], nodes["lat"])
        path.unlink(missing_ok=True)
        gpd.GeoDataFrame(nodes, geometry=points, crs=WGS84).to_file(path, layer="nodes", engine="pyogrio")
        gpd.GeoDataFrame(links, crs=WGS84).to_file(path, layer="links", engine="pyogrio")
        undated(path)
    else:
        raise WorkbenchError(f"{path.name} ends in {path.suffix!r}; write .gpkg or .graphml")
    return path


def _known(kind: str) -> Callable[[str], str]:
    return lambda heading: field.name if (field := NETWORK[kind].find(heading)) else ""


def _named(names: Iterable[str]) -> dict[str, str]:
    """Return which of the names holds each kind of table."""
    names = list(names)
    wanted = {kind: {kind, schema.title_zh} for kind, schema in NETWORK.items()}
    return {kind: name for kind, words in wanted.items() for name in names if name.strip().lower() in words}


def _sheets(path: Path) -> list[str]:
    check_archive(path, LIMITS)
    try:
        return list(CalamineWorkbook.from_path(path).sheet_names)
    except (CalamineError, OSError) as error:
        raise unreadable(path.name, f"damaged content ({error})", "a workbook", "Save it again.") from None


def _layers(path: Path) -> list[str]:
    refuse_queries(path, path.name)
    try:
        return [str(name) for name, _ in pyogrio.list_layers(source(path, "GPKG"))]
    except pyogrio.errors.DataSourceError as error:
        raise unreadable(
            path.name, f"damaged content ({error})", "a GeoPackage", "Export it again."
        ) from None


def _graphml(path: Path) -> nx.Graph:
    check_file_itself(path, LIMITS)
    with path.open("rb") as stream:
        tail = b""
        while block := stream.read(1 << 20):
            if b"<!DOCTYPE" in tail + block or b"<!ENTITY" in tail + block:
                raise unreadable(path.name, "an entity declaration", "plain GraphML", "Export it again.")
            tail = block[-16:]
    try:
        return nx.read_graphml(path, force_multigraph=True)
    except _GRAPHML as error:
        raise unreadable(path.name, f"broken GraphML ({error})", "GraphML", "Export it again.") from None


def _osmnx(path: Path) -> nx.MultiDiGraph:
    """Rebuild the graph that osmnx saved: layer nodes by osmid, layer edges by u, v, key."""
    nodes, edges = (read_gpkg(path, LIMITS, name).frame for name in ("nodes", "edges"))
    graph = nx.MultiDiGraph(crs=str(getattr(nodes, "crs", "") or WGS84))
    graph.add_nodes_from((row["osmid"], row) for row in nodes.drop(columns="geometry").to_dict("records"))
    for row in edges.to_dict("records"):
        graph.add_edge(row.pop("u"), row.pop("v"), key=row.pop("key"), **row)
    return graph
