"""Describe a whole map, of the baseline or of a plan, in the one form that page, widget and print draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from workbench.amounts import both
from workbench.cut import Cut, columns
from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.layers.provenance import credit_line
from workbench.maps.codes import cited
from workbench.maps.ground import ground_layers
from workbench.maps.objects import (
    certainty_layer,
    grid_layer,
    hydropower_layer,
    lines_layer,
    markets_layer,
    plants_layer,
    sites_layer,
)
from workbench.maps.spec import MapLayer, MapSpec, MoveState, later_layers
from workbench.maps.style import INDUSTRIES, Text
from workbench.maps.themes import above, theme_layers
from workbench.region.options import ZoneOptions
from workbench.relocation.doubt import Doubt
from workbench.remember import of_these
from workbench.words import pair, words

if TYPE_CHECKING:
    from workbench.relocation.plan import Plan

_BELOW_THEMES = ("prefectures", "function", "ecology")
DECISIONS = ("keep", "close", "move")
ZONES = words("maps.zones")


def describe_layers(
    layers: Layers, *, zone: Literal["eight", "five"] = "eight", language: Literal["zh", "en"] = "zh"
) -> MapSpec:
    """Describe the map of the baseline: land, ecology, hydropower, freight lines, plants, candidate sites."""
    made = [
        *ground_layers(layers, zone=zone),
        grid_layer(layers),
        hydropower_layer(layers),
        sites_layer(layers),
        plants_layer(layers),
    ]
    return MapSpec(
        pair("maps.titles", "baseline"),
        pair("maps.titles", "industries", zone=ZONES[zone]),
        ready(made, layers),
        credit(layers),
        zone=zone,
        language=language,
    )


def describe_workbench(layers: Layers, *, language: Literal["zh", "en"] = "zh") -> MapSpec:
    """Describe the map a planner works on: lines and sites of every industry, none of them decided on yet.

    The page shows one industry at a time (see `maps/static/map.js`), so that it is drawn once and no switch
    can show the picture of another. `later_themes` returns what the first picture does not need.
    """
    industries = [code for code in INDUSTRIES if code in set(layers.lines["industry"])]
    sites, lines = sites_layer(layers, industries=industries), lines_layer(layers, industries)
    made = [
        *ground_layers(layers, zone="eight"),
        grid_layer(layers),
        hydropower_layer(layers),
        markets_layer(layers),
    ]
    return MapSpec(
        pair("maps.titles", "workbench"),
        ("", ""),
        ready([*made, sites, lines], layers),
        credit(layers),
        moves=None if sites is None else _nothing(len(lines.frame), len(sites.frame)),
        language=language,
    )


def later_themes(layers: Layers, spec: MapSpec, *, zone: ZoneOptions | None = None) -> str:
    """Return the themes of every industry of a workbench's map, as its open page takes them."""
    lines = spec["lines"].frame["industry"]
    themes = theme_layers(layers, [code for code in INDUSTRIES if (lines == code).any()], zone=zone)
    below = [layer.key for layer in spec.layers if layer.key in _BELOW_THEMES]
    return later_layers(ready(themes, layers), below[-1])


def _nothing(lines: int, sites: int) -> MoveState:
    return MoveState(np.zeros(lines), np.full(lines, -1.0), np.zeros(sites), np.zeros((0, 3)))


def describe_plan(
    plan: Plan,
    *,
    layers: Layers | None = None,
    barred: pd.DataFrame | None = None,
    language: Literal["zh", "en"] = "zh",
    doubt: Doubt | None = None,
) -> MapSpec:
    """Describe the map of a plan: the baseline's land with every line's decision and arrows to new sites.

    `plan` has `scenario`, `decisions`, `builds`, `flows` (see `workbench.relocation.Plan`); `layers` is the
    plan's own when None. `barred`: columns site_id, industry; sites that may not take an industry.
    `doubt`: how sure the plan is; then each line that leaves, or could, bears a mark that says so.
    """
    base = plan.layers if layers is None else layers
    scenario = plan.scenario
    zone = scenario.zone.definition
    lines = lines_layer(base, scenario.industries, only=plan.decisions.index)
    sites = sites_layer(base, barred=barred, industries=scenario.industries, built=plan.builds["site_id"])
    markets = markets_layer(base)
    themes = theme_layers(base, scenario.industries, zone=scenario.zone)
    ground = above(ground_layers(base, zone=zone), _BELOW_THEMES, themes)
    made = [*ground, grid_layer(base), hydropower_layer(base), markets, sites, lines]
    if doubt is not None:
        made.append(certainty_layer(lines, doubt.units))
    moves = None
    if sites is not None:
        ids = markets.frame.index if markets is not None else pd.Index([])
        moves = move_state(plan, lines.frame.index, sites.frame.index, ids)
    return MapSpec(
        _title(scenario),
        subtitle(plan, zone),
        ready(made, base),
        credit(base),
        moves=moves,
        zone=zone,
        language=language,
    )


def ready(made: Sequence[MapLayer | None], layers: Layers) -> tuple[MapLayer, ...]:
    """Return the layers that exist, their sources told by title."""
    return tuple(_with_source_titles(layer, layers) for layer in made if layer is not None)


def move_state(plan: Plan, lines: pd.Index, sites: pd.Index, markets: pd.Index) -> MoveState:
    """Return a plan as arrays in the order of the drawn lines, sites and markets.

    Raises LabelError when the plan decides on lines, or builds at sites, that are not drawn.
    """
    decisions, builds, flows = (columns(plan, name) for name in ("decisions", "builds", "flows"))
    line_at, site_at, market_at = (_positions(index) for index in (lines, sites, markets))
    strange = set(decisions.index) - set(line_at) | set(builds["site_id"]) - set(site_at)
    if strange:
        raise LabelError("the plan names lines or sites that the map does not draw", unexpected=strange)
    decided, target, new = np.zeros(len(lines)), np.full(len(lines), -1.0), np.zeros(len(sites))
    for line, decision, site in zip(
        decisions.index, decisions["decision"], decisions["site_id"], strict=True
    ):
        decided[line_at[line]] = DECISIONS.index(decision)
        if decision == "move":
            target[line_at[line]] = site_at.get(site, -1)
    site_of = dict(zip(builds.index, (site_at[site] for site in builds["site_id"]), strict=True))
    np.add.at(new, list(site_of.values()), builds["capacity_kt"])
    origin_at = line_at | {build: len(lines) + at for build, at in site_of.items()}
    return MoveState(decided, target, new, _flow_rows(flows, origin_at, market_at))


def _positions(index: pd.Index) -> dict[str, int]:
    return of_these("positions", (index,), lambda: {name: at for at, name in enumerate(index)})


def foreseen(
    moves: Mapping[str, str], lines: pd.DataFrame, sites: pd.Index, flows: np.ndarray | None
) -> MoveState:
    """Return what moves alone decide (line id -> ``close`` or site id), before a plan is worked out.

    `lines` are the drawn lines with `capacity_kt`; a site is shown with all capacity that arrives; `flows`
    are those of the last plan, if there is one.
    """
    where = pd.Series(dict(moves), dtype=object).reindex(lines.index)
    target = sites.get_indexer(pd.Index(where))
    decision = np.where(where.isna(), 0, np.where(target >= 0, 2, 1)).astype(float)
    arriving = np.zeros(len(sites))
    np.add.at(arriving, target[target >= 0], lines["capacity_kt"].fillna(0.0).to_numpy()[target >= 0])
    return MoveState(decision, target.astype(float), arriving, np.zeros((0, 3)) if flows is None else flows)


def _flow_rows(flows: Cut, origin_at: Mapping[str, int], market_at: Mapping[str, int]) -> np.ndarray:
    """Return deliveries to drawn markets as rows of (origin, market, kt), the largest last."""
    origin = np.array([origin_at.get(name, -1) for name in flows["origin"]], dtype=float)
    market = np.array([market_at.get(name, -1) for name in flows["destination"]], dtype=float)
    rows = np.c_[origin, market, flows["kt"].astype(float)]
    rows = rows[(origin >= 0) & (market >= 0) & (flows["kt"] > 0)]
    return rows[np.argsort(rows[:, 2], kind="stable")]


def _title(scenario: Any) -> Text:
    zh = "、".join(INDUSTRIES[code].title[0] for code in scenario.industries)
    en = ", ".join(INDUSTRIES[code].title[1].lower() for code in scenario.industries)
    return pair("maps.titles", "plan", industries=(zh, en))


def subtitle(plan: Plan, zone: str) -> Text:
    """Return the line that says what a plan moves, closes and builds, in Chinese and English."""
    counts = plan.decisions["decision"].value_counts()
    moved, closed = int(counts.get("move", 0)), int(counts.get("close", 0))
    new = plan.builds["capacity_kt"].sum()
    new = both(float(new), "kt")
    values = {"zone": ZONES[zone], "moved": moved, "closed": closed, "new": new, "name": plan.scenario.name}
    return pair("maps.titles", "moves", **values)


def credit(layers: Layers) -> Text:
    """Return the line of sources that belongs on every map, in Chinese and English."""
    line = credit_line(layers)
    return line["zh"], line["en"]


def _with_source_titles(layer: MapLayer, layers: Layers) -> MapLayer:
    """Return the layer with each source as readers know it instead of its code; see `cited`."""
    if "source" not in layer.fields or "sources" not in layers:
        return layer
    sources = layers.sources
    known = of_these(
        "cited", (sources,), lambda: {code: cited(code, row) for code, row in sources.iterrows()}
    )

    def told(codes: object) -> Text:
        found = [known.get(code, (code, code)) for code in map(str.strip, str(codes).split(";"))]
        zh, en = (dict.fromkeys(pair[side] for pair in found) for side in (0, 1))
        return "；".join(zh), "; ".join(en)

    return replace(layer, frame=layer.frame.assign(source=layer.frame["source"].map(told)))


__all__ = [
    "DECISIONS", "describe_layers", "describe_plan", "describe_workbench", "later_themes", "move_state",
]  # fmt: skip
