"""The freight network: nodes, links and streets as tables, checked at the door and never changed in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import shapely

from workbench.errors import DataError, Fault, LabelError
from workbench.layers.model import Layers
from workbench.logistics.freight.rates import STRETCHES
from workbench.logistics.freight.roads import RoadGraph, RoadRules, road_graph

MODES = ("rail", "water", "sea", "road")
LINK_MODES = (*MODES, "transfer")

_OPTIONAL: dict[str, Any] = {
    "line": "", "electrified": False, "one_way": False, "open": True, "opened_year": np.nan, "hours": np.nan,
    "cost_cny_t": np.nan, "capacity_mt": np.nan, "stretch": "main", "lock": "", "seasons": "",
    "max_vessel_t": np.nan, "depth_normal_m": np.nan, "depth_wet_m": np.nan, "depth_dry_m": np.nan,
    "mountain_share": 0.0, "geometry_basis": "straight", "source": "", "confidence": "",
}  # fmt: skip
_OPTIONAL_NODE: dict[str, Any] = {
    "type": "", "name_zh": "", "prefecture_zh": "", "border": "", "capacity_mt": np.nan
}  # fmt: skip
BORDERS = ("", "customs", "gauge")


@dataclass(frozen=True, eq=False)
class Network:
    """A multimodal network. Edits (`close`, `with_links`) return a new network and share what did not change.

    `nodes`: index id; lon, lat (WGS-84), type, name_zh, prefecture_zh, border (customs, or gauge: customs
    and another gauge), capacity_mt (tonnes a year it can handle). `links`: index id; from_id, to_id, mode
    (rail, road, water, sea, transfer), line, distance_km, electrified, one_way, open, hours, cost_cny_t,
    capacity_mt, seasons in which it is open ("" = all), geometry; of waterways the stretch, lock,
    max_vessel_t and the depth_normal_m, depth_wet_m and depth_dry_m kept (unknown depths stop no vessel).
    Water links run downstream from from_id to to_id and may be sailed both ways unless one_way. Own `hours`
    and `cost_cny_t` replace the tariff of a link; on roads `cost_cny_t` is a toll on top of the haul rate.
    `streets`: mapped road edges lon1, lat1, lon2, lat2, km, mountain; they carry trucks but no names.
    """

    nodes: pd.DataFrame
    links: pd.DataFrame
    streets: pd.DataFrame | None
    rules: RoadRules
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)  # shared by edited copies, keyed by roads
    priced: dict[str, Any] = field(init=False, default_factory=dict, repr=False)  # of this network alone

    @classmethod
    def from_links(
        cls,
        nodes: pd.DataFrame,
        links: pd.DataFrame,
        *,
        streets: pd.DataFrame | None = None,
        rules: RoadRules | None = None,
    ) -> Network:
        """Build a network from a user's frames; `rules` default to the baseline's assumptions.

        Nodes: id as index or column, lon, lat. Links: from_id, to_id, mode, distance_km, and any optional
        column of the class. Raises DataError with every fault at once.
        """
        if rules is None:
            from workbench.layers.read import load

            rules = RoadRules.from_assumptions(load().assumptions)
        nodes, links = _labelled(nodes), _labelled(links)
        faults = list(_faults(nodes, links))
        if faults:
            raise DataError(faults, f"the freight network has {len(faults)} faults")
        for frame, optional in ((links, _OPTIONAL), (nodes, _OPTIONAL_NODE)):
            for name, default in optional.items():
                if name not in frame:
                    frame[name] = default
                elif not pd.isna(default):
                    frame[name] = frame[name].where(frame[name].notna(), default)
        links["stretch"] = links["stretch"].replace("", "main")
        flags = ["open", "one_way", "electrified"]
        links[flags] = links[flags].astype(bool)
        drawn = links["geometry"] if "geometry" in links else pd.Series(None, links.index, dtype=object)
        straight = pd.Series(_straight(nodes, links), links.index, dtype=object)
        links["geometry"] = pd.Series(np.asarray(drawn, object), links.index).where(drawn.notna(), straight)
        return cls(nodes, links, streets, rules)

    @classmethod
    def from_layers(cls, layers: Layers, year: int = 2014) -> Network:
        """Build the baseline's network as it stood in `year`; links that opened later stay in it, closed."""
        from workbench.logistics.freight.baseline import baseline_frames

        nodes, links, streets = baseline_frames(layers, year)
        rules = RoadRules.from_assumptions(layers.assumptions)
        return cls.from_links(nodes, links, streets=streets, rules=rules)

    @classmethod
    def from_networkx(cls, graph: nx.MultiDiGraph, *, rules: RoadRules | None = None) -> Network:
        """Rebuild a network from `to_networkx()` after any edit of nodes, edges and attributes."""
        nodes = pd.DataFrame.from_dict(dict(graph.nodes(data=True)), orient="index")
        rows = {
            key: {**data, "from_id": a, "to_id": b} for a, b, key, data in graph.edges(keys=True, data=True)
        }
        links = pd.DataFrame.from_dict(rows, orient="index")
        links = links.reindex(columns=list(dict.fromkeys(["from_id", "to_id", "mode", *links.columns])))
        kept = rules or graph.graph.get("rules")
        return cls.from_links(nodes, links, streets=graph.graph.get("streets"), rules=kept)

    def to_networkx(self) -> nx.MultiDiGraph:
        """Return the editable truth: one node per place, one edge per link, keyed by the link's id.

        An edge stands for both directions unless its `one_way` is true.
        """
        graph = nx.MultiDiGraph(streets=self.streets, rules=self.rules)
        graph.add_nodes_from((str(i), row) for i, row in self.nodes.to_dict("index").items())
        for i, row in self.links.to_dict("index").items():
            graph.add_edge(row["from_id"], row["to_id"], key=i, **row)
        return graph

    def to_frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return copies of the node and link tables; `from_links` accepts them again."""
        return self.nodes.copy(), self.links.copy()

    def close(self, *, links: Iterable[str] = (), lines: Iterable[str] = ()) -> Network:
        """Return the network with some links, or every link of some lines, closed.

        A line is named whole, or without the section in brackets (长江 closes 长江(三峡) too). Raises
        LabelError.
        """
        chosen, wanted = pd.Index(list(links)), list(lines)
        if len(missing := chosen.difference(self.links.index)):
            raise LabelError("no such link", missing=missing)
        shut = self.links.index.isin(chosen)
        for name in wanted:
            names = self.links["line"].astype(str)
            of_line = ((names == name) | names.str.startswith(f"{name}(")).to_numpy()
            if not of_line.any():
                raise LabelError(f"no link belongs to line {name!r}", missing=[name])
            shut |= of_line
        return self.with_links(open=self.links["open"] & ~shut)

    def with_links(self, **columns: Any) -> Network:
        """Return the network with whole columns of the link table replaced (index = link ids)."""
        return replace(self, links=self.links.assign(**columns))

    def with_streets(self, streets: pd.DataFrame | None) -> Network:
        """Return the network with other streets."""
        return replace(self, streets=streets)

    @cached_property
    def roads(self) -> RoadGraph:
        """The open road graph, built when first needed and shared by networks with the same roads."""
        key = ("roads", *self.road_key)
        if key not in self.memo:
            used = self.trucked[self.trucked["open"]]
            # the streets are kept beside the graph, so that their identity in the key stays theirs
            self.memo[key] = road_graph(self.nodes, used, self.streets, self.rules), self.streets
        return self.memo[key][0]

    @cached_property
    def road_key(self) -> tuple[Any, ...]:
        """What the road graph depends on; equal keys mean equal roads."""
        return (tuple(self.trucked.index[self.trucked["open"]]), id(self.streets))

    @cached_property
    def trucked(self) -> pd.DataFrame:
        """Links that trucks use: roads, and transfers that are too long or lead to no yard."""
        mode = self.links["mode"]
        return self.links[(mode == "road") | ((mode == "transfer") & ~self.direct)]

    @property
    def direct(self) -> pd.Series:
        """Whether a transfer link joins two yards closely enough to pass goods without a truck."""
        if "direct" not in self.memo:
            hauled = self.links[self.links["mode"].isin(MODES[:3])]
            yards = set(hauled["from_id"]) | set(hauled["to_id"])
            both = self.links["from_id"].isin(yards) & self.links["to_id"].isin(yards)
            short = self.links["distance_km"] <= self.rules.direct_transfer_km
            self.memo["direct"] = (self.links["mode"] == "transfer") & both & short
        return self.memo["direct"]


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy indexed by id as text."""
    out = frame.set_index("id") if "id" in frame.columns else frame.copy()
    return pd.DataFrame(out).set_axis(out.index.map(str), axis=0).rename_axis("id")


def _straight(nodes: pd.DataFrame, links: pd.DataFrame) -> np.ndarray:
    xy = nodes[["lon", "lat"]].astype(float)
    pairs = np.stack([xy.loc[links["from_id"]].to_numpy(), xy.loc[links["to_id"]].to_numpy()], axis=1)
    return shapely.linestrings(pairs) if len(pairs) else np.empty(0, object)


def _faults(nodes: pd.DataFrame, links: pd.DataFrame) -> Iterator[Fault]:
    missing = False
    for file, frame, needed in (
        ("nodes", nodes, ("lon", "lat")),
        ("links", links, ("from_id", "to_id", "mode", "distance_km")),
    ):
        for name in needed:
            if name not in frame:
                missing = True
                yield Fault(file, None, name, "no such column", f"a column {name}", "Add the column.")
        for label in frame.index[frame.index.duplicated()].unique():
            yield Fault(file, None, "id", f"{label} twice", "each id once", "Give the second row its own id.")
    if missing:
        return
    for row, (label, lon, lat) in enumerate(zip(nodes.index, nodes["lon"], nodes["lat"], strict=True), 2):
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            found = f"{label} at {lon}, {lat}"
            yield Fault("nodes", row, "lon, lat", found, "WGS-84 degrees", "Reproject.")
    if "border" in nodes:
        kinds = nodes["border"].dropna()
        for label, found in kinds[~kinds.isin(BORDERS)].items():
            yield Fault("nodes", None, "border", f"{found} ({label})", " | ".join(BORDERS[1:]), "Choose one.")
    yield from _link_faults(nodes, links)


def _link_faults(nodes: pd.DataFrame, links: pd.DataFrame) -> Iterator[Fault]:
    known = set(nodes.index)
    columns = zip(links["from_id"], links["to_id"], links["mode"], links["distance_km"], strict=True)
    for row, (a, b, mode, km) in enumerate(columns, 2):
        for name, node in (("from_id", a), ("to_id", b)):
            if node not in known:
                yield Fault("links", row, name, str(node), "an id of the nodes", "Add it or mend the id.")
        if mode not in LINK_MODES:
            yield Fault("links", row, "mode", str(mode), " | ".join(LINK_MODES), "Use one of these words.")
        if not (np.isfinite(km) and km >= 0):
            yield Fault("links", row, "distance_km", str(km), "km >= 0", "Measure the link.")
    if "stretch" in links:
        wrong = links["stretch"].notna() & ~links["stretch"].isin([*STRETCHES, ""])
        for label in links.index[wrong]:
            found = str(links.at[label, "stretch"])
            yield Fault("links", None, "stretch", f"{found} ({label})", " | ".join(STRETCHES), "Choose one.")
