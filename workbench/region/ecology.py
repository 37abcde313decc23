"""Exclusion with reasons: which zones forbid or restrict a place, how near they are, how much they cover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs
from workbench.errors import DataError, Fault
from workbench.layers.model import Assumptions, Layers
from workbench.region.options import ZoneOptions
from workbench.region.rules import RULES, Rule, zone_rule

HIT_COLUMNS = [
    "id", "rule", "zone_id", "zone_zh", "hard", "buffer_m", "distance_m", "overlap_km", "overlap_km2",
    "approximate", "clause",
]  # fmt: skip
_APPROXIMATE_POINT = ("county", "approx", "town (low)", "district", "prefecture")


@dataclass(frozen=True)
class Exclusions:
    """Every zone of every rule, ready to be asked about points, lines, areas or a grid.

    `zones`: GeoDataFrame on the conformal metric projection, one row per (rule, zone): `rule`, `zone_id`,
    `zone_zh`, `hard`, `buffer_m`, `approximate`, `clause` and the zone's own shape, unbuffered: distances
    are measured to the shape itself, so buffers are true circles. `rules`: the rules by name. `reach`: tree
    of the boxes around zones and buffers, to find the few zones near a feature.
    `coverage`: where the zones are known (metric), or None; outside it silence proves nothing.
    """

    zones: gpd.GeoDataFrame
    rules: dict[str, Rule]
    reach: shapely.STRtree
    coverage: shapely.Geometry | None = None

    def for_industry(self, industry: str | None) -> gpd.GeoDataFrame:
        """Return the zones that bind an industry (None: every zone); advisory ones bind nobody."""
        bound = [name for name, rule in self.rules.items() if rule.binds(industry) and not rule.advisory]
        return self.zones[self.zones["rule"].isin(bound)]


def exclusions(
    layers: Layers,
    *,
    rules: Sequence[Rule] = RULES,
    zone: ZoneOptions | None = None,
    coverage: gpd.GeoSeries | None = None,
) -> Exclusions:
    """Gather the zones of every rule from the layers, with their protective distances.

    `zone` adds the rule of the Chengdu economic zone in that reading. `coverage`: polygons (any CRS) inside
    which the layers are complete; by default the prefectures. Raises DataError when a rule names a column
    or assumption that does not exist, every such fault at once.
    """
    rules = (*rules, zone_rule(zone)) if zone is not None else tuple(rules)
    _check(layers, rules)
    parts = [part for rule in rules if len(part := _zones(layers, rule))]
    columns = ["rule", "zone_id", "zone_zh", "hard", "buffer_m", "approximate", "clause", "geometry"]
    if parts:
        zones = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=crs.CONFORMAL)[columns]
    else:
        zones = gpd.GeoDataFrame({name: [] for name in columns}, geometry="geometry", crs=crs.CONFORMAL)
    if coverage is None and "prefectures" in layers:
        coverage = layers.prefectures.geometry
    known = None if coverage is None else shapely.union_all(crs.to_metric(coverage, keep="angle").values)
    pad = zones["buffer_m"].to_numpy(float)
    west, south, east, north = zones.geometry.bounds.to_numpy(float).T
    boxes = shapely.box(west - pad, south - pad, east + pad, north + pad)
    return Exclusions(zones, {rule.name: rule for rule in rules}, shapely.STRtree(boxes), known)


def _frame(layers: Layers, name: str) -> gpd.GeoDataFrame:
    """Return a layer with the columns of the tables that describe it joined on."""
    frame = layers[name]
    if name == "prefectures" and "air_zones" in layers and "air_zone" not in frame:
        zones = layers.air_zones.drop_duplicates("prefecture_zh").set_index("prefecture_zh")
        key = zones["zone_class"].str.startswith("重点控制区")
        frame = frame.assign(air_zone=frame["prefecture_zh"].map(key.map({True: "key", False: "other"})))
    if name == "ecology" and "established" in frame:  # some were declared only after the baseline year
        frame = frame[~frame["established"].astype(str).str.contains("not in force")]
    return frame


def _check(layers: Layers, rules: Iterable[Rule]) -> None:
    faults = []
    for rule in rules:
        if rule.layer not in layers:
            continue
        frame = layers[rule.layer]
        absent = set() if rule.advisory else set(rule.where) - set(frame.columns) - {"air_zone"}
        if absent:
            expected = f"a column the rule {rule.name!r} can read"
            faults += [
                Fault(rule.layer, None, name, "nothing", expected, "Add it.") for name in sorted(absent)
            ]
        if rule.buffer and rule.buffer not in layers.assumptions:
            mend = "Add it to the assumptions of the region."
            faults.append(Fault("assumptions", None, rule.buffer, "nothing", "a distance in metres", mend))
    if faults:
        raise DataError(faults, "rules of exclusion cannot be applied")


def _zones(layers: Layers, rule: Rule) -> gpd.GeoDataFrame:
    if rule.layer not in layers:
        return gpd.GeoDataFrame()
    frame = _frame(layers, rule.layer)
    keep = pd.Series(True, index=frame.index)
    for column, values in rule.where.items():
        keep &= frame[column].isin(values) if column in frame else False
    frame = frame[keep & frame.geometry.notna() & ~frame.geometry.is_empty]
    name = next(c for c in ("name_zh", "county_zh", "prefecture_zh") if c in frame)
    flag = np.asarray(frame.get("approximate", False), dtype=bool) | _doubtful(frame, rule)
    return gpd.GeoDataFrame(
        {
            "rule": rule.name,
            "zone_id": frame.index,
            "zone_zh": frame[name].to_numpy(),
            "hard": rule.hard,
            "buffer_m": buffer_m(layers.assumptions, rule),
            "approximate": flag,
            "clause": rule.clause,
        },
        geometry=crs.to_metric(frame.geometry, keep="angle").to_numpy(),
        crs=crs.CONFORMAL,
    )


def _doubtful(frame: pd.DataFrame, rule: Rule) -> np.ndarray:
    """Tell which rows make a zone by a field that has a confidence of its own, and a low one."""
    doubt = np.zeros(len(frame), dtype=bool)
    for column in rule.where:
        if f"{column}_confidence" in frame:
            doubt |= frame[f"{column}_confidence"].eq("low").to_numpy(dtype=bool)
    return doubt


def buffer_m(assumptions: Assumptions, rule: Rule) -> float:
    """Return the protective distance of a rule in metres (0 when it has none)."""
    return assumptions[rule.buffer] if rule.buffer else 0.0


def hits(
    known: Exclusions, features: gpd.GeoDataFrame, industry: str | None = None, *, advisory: bool = False
) -> pd.DataFrame:
    """List every (feature, zone) pair where a zone or its buffer reaches the feature.

    `features`: points, lines or areas in any known CRS, indexed by id. Columns as in `HIT_COLUMNS`:
    `distance_m` to the zone itself (0 inside), `overlap_km` of a line and `overlap_km2` of an area within
    zone and buffer (NaN for points), `approximate` when the zone's or the feature's own position is rough.
    Sorted by id, hard rules first, then the nearest zone. `advisory` lists the zones that bind nobody too.
    """
    metric = np.asarray(crs.to_metric(features.geometry, keep="angle").values)
    f, z = known.reach.query(metric)
    distance = shapely.distance(metric[f], np.asarray(known.zones.geometry.values)[z])
    heard = {name: rule.binds(industry) and advisory >= rule.advisory for name, rule in known.rules.items()}
    bound = known.zones["rule"].map(heard).astype(bool)
    keep = bound.to_numpy()[z] & (distance <= known.zones["buffer_m"].to_numpy()[z])
    f, z, distance = f[keep], z[keep], distance[keep]
    near, zone = metric[f], known.zones.iloc[z]
    length, area = _overlaps(near, zone)
    rough = _rough(features).to_numpy()[f]
    frame = zone.drop(columns="geometry").assign(
        id=features.index.to_numpy()[f],
        distance_m=distance,
        overlap_km=length,
        overlap_km2=area,
        approximate=zone["approximate"].to_numpy() | rough,
    )
    frame = frame.sort_values(["id", "hard", "distance_m", "rule"], ascending=[True, False, True, True])
    return pd.DataFrame(frame)[HIT_COLUMNS].reset_index(drop=True)


def _overlaps(features: np.ndarray, zones: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Measure the part of each feature within its zone and buffer: km of lines, km2 of areas, else NaN."""
    length, area = np.full(len(features), np.nan), np.full(len(features), np.nan)
    dimension = shapely.get_dimensions(features)
    for kind, measure, out in ((1, shapely.length, length), (2, shapely.area, area)):
        rows = np.flatnonzero(dimension == kind)
        if len(rows):
            part = zones.iloc[rows]
            # 64 segments per quarter circle keep the buffer's area within 0.01 % of the true circle
            reach = shapely.buffer(part.geometry.values, part["buffer_m"].to_numpy(float), quad_segs=64)
            out[rows] = measure(shapely.intersection(features[rows], reach)) / (1e3 if kind == 1 else 1e6)
    return length, area


def _rough(features: gpd.GeoDataFrame) -> pd.Series:
    """Tell which features stand only roughly where they are drawn."""
    if "coord_precision" in features:
        text = features["coord_precision"].fillna("").astype(str).str.casefold()
        return text.map(lambda words: any(word in words for word in _APPROXIMATE_POINT))
    if "geometry_basis" in features:
        return features["geometry_basis"].ne("matched")
    return pd.Series(False, index=features.index)


def verdicts(known: Exclusions, features: gpd.GeoDataFrame, industry: str | None = None) -> pd.DataFrame:
    """Give each feature a verdict: `excluded` by a hard rule, `restricted` by a soft one, `free`, `unknown`.

    Same index as `features`. Columns `verdict`, `rule`, `zone_id`, `zone_zh`, `distance_m`, `buffer_m`,
    `clause`, `approximate` of the governing zone (hard before soft, then the nearest) and `reasons`, how many
    zones speak. A feature without a place, or where no zones are known, is `unknown`, not free or excluded.
    """
    placed = features.geometry.notna() & ~features.geometry.is_empty
    found = hits(known, features[placed], industry)
    first = found.drop_duplicates("id").set_index("id").reindex(features.index)
    verdict = np.where(
        first["hard"].eq(True), "excluded", np.where(first["rule"].notna(), "restricted", "free")
    )
    unheard = ~placed.to_numpy()
    if known.coverage is not None:
        inside = np.zeros(len(features), dtype=bool)
        metric = crs.to_metric(features.geometry[placed], keep="angle").values
        inside[placed.to_numpy()] = shapely.intersects(metric, known.coverage)
        unheard |= ~inside
    verdict = np.where(unheard & (verdict == "free"), "unknown", verdict)
    columns = ["rule", "zone_id", "zone_zh", "distance_m", "buffer_m", "clause", "approximate"]
    reasons = found.groupby("id").size().reindex(features.index, fill_value=0)
    out = first[columns].assign(approximate=first["approximate"].eq(True), reasons=reasons)
    out.insert(0, "verdict", verdict)
    return out


def site_exclusions(
    layers: Layers, industries: Iterable[str] = ("cement",), *, known: Exclusions | None = None
) -> pd.DataFrame:
    """Say for every candidate site and industry whether it may be built on, and which rule says no.

    One row per (site, industry): `site_id`, `industry`, `excluded` (a hard rule forbids it), `restricted`
    (only soft rules speak), `unknown`, `hard`, `rule`, `zone_id`, `zone_zh`, `distance_m`, `buffer_m`,
    `clause`, `approximate`, `reasons`. Unknown is not excluded.
    """
    known = known if known is not None else exclusions(layers)
    sites = layers.sites.sort_index()
    parts = []
    for industry in industries:
        found = verdicts(known, sites, industry).rename_axis("site_id").reset_index()
        kind = found.pop("verdict")
        found.insert(1, "industry", industry)
        for place, name in enumerate(("excluded", "restricted", "unknown"), start=2):
            found.insert(place, name, kind.eq(name))
        found.insert(5, "hard", kind.eq("excluded"))
        parts.append(found)
    return pd.concat(parts, ignore_index=True)


def excluded_area(known: Exclusions, industry: str | None = None) -> pd.DataFrame:
    """Measure the area each rule takes, alone and jointly, inside the known coverage.

    Index rule name, then `hard` and `joint`; columns `zones`, `area_km2` (equal-area), `share` of the
    coverage (NaN without one).
    """
    zones = known.for_industry(industry)
    reach = shapely.buffer(zones.geometry.values, zones["buffer_m"].to_numpy(float), quad_segs=16)
    groups = {name: zones["rule"].eq(name).to_numpy() for name in known.rules if zones["rule"].eq(name).any()}
    groups |= {"hard": zones["hard"].to_numpy(bool), "joint": np.ones(len(zones), dtype=bool)}
    shapes = [shapely.union_all(reach[rows]) for rows in groups.values()]
    if known.coverage is not None:
        shapes = [shapely.intersection(shape, known.coverage) for shape in shapes]
    area = crs.area_km2(gpd.GeoSeries(shapes, index=list(groups), crs=crs.CONFORMAL))
    frame = pd.DataFrame(
        {"zones": {name: int(rows.sum()) for name, rows in groups.items()}, "area_km2": area}
    )
    whole = np.nan
    if known.coverage is not None:
        whole = crs.area_km2(gpd.GeoSeries([known.coverage], crs=crs.CONFORMAL)).iloc[0]
    return frame.assign(share=frame["area_km2"] / whole).rename_axis("rule")
