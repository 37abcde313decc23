"""The freight network: nodes, links and streets as tables, checked at the door and never changed in place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import shapely

from workbench.errors import DataError, Fault, LabelError
from workbench.labels import LABELS
from workbench.layers.faults import each_row
from workbench.layers.model import Layers
from workbench.logistics.freight.exchange import frames_of, graph_of, with_lines
from workbench.logistics.freight.roads import RoadGraph, RoadRules, road_graph
from workbench.logistics.freight.tables import FIRST_ROW, choose, read_table

MODES = ("rail", "water", "sea", "road")
LINK_MODES = (*MODES, "transfer")
_MODE_WORDS = {LABELS[mode][0]: mode for mode in LINK_MODES}

_OPTIONAL: dict[str, Any] = {
    "line": "", "electrified": False, "one_way": False, "open": True, "opened_year": np.nan, "hours": np.nan,
    "cost_cny_t": np.nan, "capacity_mt": np.nan, "stretch": "main", "lock": "", "seasons": "",
    "max_vessel_t": np.nan, "depth_normal_m": np.nan, "depth_wet_m": np.nan, "depth_dry_m": np.nan,
    "mountain_share": 0.0, "geometry_basis": "straight", "source": "", "confidence": "",
}  # fmt: skip
_OPTIONAL_NODE: dict[str, Any] = {
    "type": "", "name_zh": "", "prefecture_zh": "", "border": "", "capacity_mt": np.nan
}  # fmt: skip


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
    `own_modes`: modes beside these, such as a pipeline, that the planner's own tables price.
    """

    nodes: pd.DataFrame
    links: pd.DataFrame
    streets: pd.DataFrame | None
    rules: RoadRules
    own_modes: tuple[str, ...] = ()
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
        own_modes: Iterable[str] = (),
    ) -> Network:
        """Build a network from a user's frames; `rules` default to the baseline's assumptions.

        Nodes: id as index or column, lon, lat. Links: from_id, to_id, mode, distance_km, and any optional
        column of the class, under its name or an alias of the schema; cells as planners write them (``是``,
        ``12 km``, ``wet;normal``). Raises DataError with every fault of every row at once.
        """
        if rules is None:
            from workbench.layers.read import load

            rules = RoadRules.from_assumptions(load().assumptions)
        own = tuple(dict.fromkeys(own_modes))
        (nodes, faults), (links, more) = read_table("nodes", nodes), read_table("links", links)
        faults += more
        if not any(fault.found == "no such column" for fault in faults):
            links["mode"] = links["mode"].replace(_MODE_WORDS)
            faults += _faults(nodes, links, own)
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
        links = with_lines(links)
        drawn = links["geometry"] if "geometry" in links else pd.Series(None, links.index, dtype=object)
        straight = pd.Series(_straight(nodes, links), links.index, dtype=object)
        links["geometry"] = pd.Series(np.asarray(drawn, object), links.index).where(drawn.notna(), straight)
        return cls(nodes, links, streets, rules, own)

    @classmethod
    def from_layers(cls, layers: Layers, year: int = 2014) -> Network:
        """Build the baseline's network as it stood in `year`; links that opened later stay in it, closed."""
        from workbench.logistics.freight.baseline import baseline_frames

        nodes, links, streets = baseline_frames(layers, year)
        rules = RoadRules.from_assumptions(layers.assumptions)
        return cls.from_links(nodes, links, streets=streets, rules=rules)

    @classmethod
    def from_networkx(
        cls, graph: nx.Graph, *, rules: RoadRules | None = None, own_modes: Iterable[str] = ()
    ) -> Network:
        """Build a network from any networkx graph, such as an edited `to_networkx()` or one of osmnx.

        Every edge becomes a link; see `exchange.frames_of` for ids, directions and osmnx's attributes.
        Raises as `from_links` does.
        """
        nodes, links = frames_of(graph)
        kept = rules or graph.graph.get("rules")
        own = own_modes or graph.graph.get("own_modes", ())
        return cls.from_links(nodes, links, streets=graph.graph.get("streets"), rules=kept, own_modes=own)

    def to_networkx(self) -> nx.MultiDiGraph:
        """Return the editable truth: one node per place, one edge per link, keyed by the link's id.

        An edge stands for both directions unless its `one_way` is true.
        """
        kept = {"streets": self.streets, "rules": self.rules, "own_modes": self.own_modes}
        return graph_of(self.nodes, self.links, **kept)

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

    def by(self, modes: Iterable[str]) -> Network:
        """Return the network with line hauls by some modes alone; roads and transfers stay open.

        Transfers lead nowhere without open links of a mode.
        """
        usable = self.links["mode"].isin([*modes, "road", "transfer"])
        return self.with_links(open=self.links["open"] & usable)

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

    @cached_property
    def named(self) -> list[tuple[str, str, str]]:
        """Id, line and source of every link, in order."""
        columns = (self.links.index, self.links["line"], self.links["source"])
        return list(zip(*(map(str, column) for column in columns), strict=True))

    @property
    def direct(self) -> pd.Series:
        """Whether a transfer link joins two yards closely enough to pass goods without a truck."""
        if "direct" not in self.memo:
            hauled = self.links[self.links["mode"].isin([*MODES[:3], *self.own_modes])]
            yards = set(hauled["from_id"]) | set(hauled["to_id"])
            both = self.links["from_id"].isin(yards) & self.links["to_id"].isin(yards)
            short = self.links["distance_km"] <= self.rules.direct_transfer_km
            self.memo["direct"] = (self.links["mode"] == "transfer") & both & short
        return self.memo["direct"]


def _straight(nodes: pd.DataFrame, links: pd.DataFrame) -> np.ndarray:
    xy = nodes[["lon", "lat"]].astype(float)
    pairs = np.stack([xy.loc[links["from_id"]].to_numpy(), xy.loc[links["to_id"]].to_numpy()], axis=1)
    return shapely.linestrings(pairs) if len(pairs) else np.empty(0, object)


def _faults(nodes: pd.DataFrame, links: pd.DataFrame, own: tuple[str, ...]) -> list[Fault]:
    """Return what is wrong between cells that can each be read."""
    place = nodes[["lon", "lat"]].isna().any(axis=1).to_numpy()
    rows = (np.flatnonzero(place) + FIRST_ROW).tolist()
    faults = each_row(
        "nodes",
        rows,
        nodes.index[place],
        field="lon, lat",
        expected="WGS-84 degrees",
        mend="Place it, or reproject.",
    )
    for name in ("from_id", "to_id"):
        faults += choose("links", name, links[name], nodes.index, "Add it or mend the id.")
    return faults + choose("links", "mode", links["mode"], (*LINK_MODES, *own))
