"""Why here, why not here, and the nearest places that would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs
from workbench.errors import DataError, Fault, LabelError
from workbench.layers.model import Layers
from workbench.region.ecology import Exclusions, exclusions, hits, verdicts
from workbench.region.options import ZoneOptions
from workbench.units import M_PER_KM
from workbench.words import named, words

INDUSTRIES = ("steel", "cement", "flat_glass", "aluminium", "coal")
_REASONS = [
    "rule", "clause", "hard", "zone_id", "zone_zh", "distance_m", "buffer_m", "missing_m", "approximate",
    "reason_zh", "reason_en", "advisory",
]  # fmt: skip
_ROUGH = words("region.reasons")["rough"]


@dataclass(frozen=True)
class Places:
    """Zones and sites made ready, so that each question about a point takes milliseconds.

    `verdicts`: per industry the verdict of every candidate site (see `ecology.verdicts`).
    """

    known: Exclusions
    sites: gpd.GeoDataFrame
    counties: gpd.GeoDataFrame
    verdicts: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Why:
    """The answer about one point: verdict, where it lies, every reason against it, nearest feasible sites.

    `verdict`: ``excluded``, ``restricted``, ``free`` or ``unknown``. `reasons`: one row per zone, hard first,
    with `missing_m`, the metres to move away. `nearest`: feasible sites by distance with their own verdict.
    """

    verdict: str
    prefecture_zh: str | None
    county_zh: str | None
    reasons: pd.DataFrame
    nearest: pd.DataFrame

    @property
    def forces(self) -> list[str]:
        """Say of every reason whether it ``forbids``, ``restricts`` or only ``advises``."""
        hard, advisory = (self.reasons[name].astype(bool) for name in ("hard", "advisory"))
        return np.select([hard, advisory], ["forbids", "advises"], "restricts").tolist()


def places(
    layers: Layers, *, industries: Iterable[str] = INDUSTRIES, zone: ZoneOptions | None = None
) -> Places:
    """Prepare the questions; `zone` adds the Chengdu economic zone in that reading."""
    known = exclusions(layers, zone=zone)
    sites = layers.sites.sort_index()
    counties = layers["counties" if "counties" in layers else "prefectures"]
    return Places(known, sites, counties, {i: verdicts(known, sites, i) for i in industries})


def _point(lon: float, lat: float) -> gpd.GeoDataFrame:
    if not (abs(lon) <= 180 and abs(lat) <= 90):  # nan fails too
        mend = "Give degrees of WGS-84, longitude first."
        raise DataError([Fault("point", None, "", f"{lon}, {lat}", "a place on this globe", mend)])
    return gpd.GeoDataFrame(index=pd.Index(["here"]), geometry=[shapely.Point(lon, lat)], crs=crs.WGS84)


def why_not_here(ready: Places, lon: float, lat: float, industry: str = "cement") -> pd.DataFrame:
    """List every reason against a point (WGS-84 degrees), hard rules first; empty when nothing speaks.

    Columns `rule`, `clause`, `hard`, `zone_id`, `zone_zh`, `distance_m`, `buffer_m`, `missing_m` (how
    far to move away: out of the zone, and through its belt), `approximate`, `reason_zh`, `reason_en` (whole
    sentences), `advisory` (told, but settles nothing).
    """
    return reasons_against(ready.known, _point(lon, lat), industry).drop(columns="id")


def reasons_against(known: Exclusions, features: gpd.GeoDataFrame, industry: str | None) -> pd.DataFrame:
    """List every reason against many features at once: `id` and the columns of `why_not_here`."""
    found = hits(known, features, industry, advisory=True)
    missing = (found["buffer_m"] - found["distance_m"]).clip(lower=0.0) + _depth(known, features, found)
    rules = [known.rules[name] for name in found["rule"]]
    zh, en = [], []
    metres = (found["distance_m"] / M_PER_KM, found["buffer_m"] / M_PER_KM)
    parts = (rules, found["zone_zh"], *metres, found["approximate"])
    for rule, zone, km, need, approximate in zip(*parts, strict=True):
        rough = _ROUGH if approximate else ("", "")
        if km > 0:
            zh.append(f"距{zone}{km:.1f}公里，{rule.reason_zh}要求至少{need:g}公里{rough[0]}")
            en.append(f"{km:.1f} km from {named(zone)[1]}; {rule.reason_en}: at least {need:g} km{rough[1]}")
        else:
            zh.append(f"位于{zone}内：{rule.reason_zh}{rough[0]}")
            en.append(f"inside {named(zone)[1]}: {rule.reason_en}{rough[1]}")
    told = [rule.advisory for rule in rules]
    return found.assign(missing_m=missing, reason_zh=zh, reason_en=en, advisory=told)[["id", *_REASONS]]


def _depth(known: Exclusions, features: gpd.GeoDataFrame, found: pd.DataFrame) -> np.ndarray:
    """Return how far (m) each feature inside a zone is from the zone's outline; 0 for those outside."""
    out = np.zeros(len(found))
    inside = np.flatnonzero(found["distance_m"].to_numpy() == 0)
    if len(inside):
        rules, ids = (known.zones[name].to_numpy(object) for name in ("rule", "zone_id"))
        places = dict(zip(features.index, crs.to_metric(features.geometry, keep="angle"), strict=True))
        for k, row in zip(inside, found.iloc[inside].itertuples(), strict=True):
            zone = known.zones.geometry.values[np.flatnonzero((rules == row.rule) & (ids == row.zone_id))[0]]
            out[k] = shapely.distance(places[row.id], shapely.boundary(zone))
    return out


def nearest_feasible(
    ready: Places, lon: float, lat: float, industry: str = "cement", *, count: int = 5
) -> pd.DataFrame:
    """Rank the sites that may take an industry by distance: free ones and, marked, restricted ones.

    Index site id; `name_zh`, `name_en`, `prefecture_zh`, `verdict`, `distance_km` (straight line).
    Unknown sites are not offered. A site that names industries is offered to those only. Raises LabelError
    for an unprepared industry.
    """
    if industry not in ready.verdicts:
        raise LabelError(f"prepared are {', '.join(ready.verdicts)}", unexpected=[industry])
    sites, found = ready.sites, ready.verdicts[industry]
    keep = found["verdict"].isin(["free", "restricted"])
    if "industries" in sites:
        taken = sites["industries"].fillna("").astype(str).str.split(";")
        keep &= taken.map(lambda names: industry in names or names == [""])
    some = sites[keep]
    away = crs.distance_km(lon, lat, some.geometry.x.to_numpy(), some.geometry.y.to_numpy())
    columns = [c for c in ("name_zh", "name_en", "prefecture_zh") if c in some]
    frame = pd.DataFrame(some[columns]).assign(verdict=found["verdict"][keep], distance_km=away)
    return frame.sort_values("distance_km", kind="stable").head(count)


def why_here(ready: Places, lon: float, lat: float, industry: str = "cement", *, count: int = 5) -> Why:
    """Tell all about a point: verdict, prefecture and county, the reasons against and the nearest sites."""
    reasons = why_not_here(ready, lon, lat, industry)
    point = _point(lon, lat)
    inside = ready.counties.iloc[np.flatnonzero(ready.counties.intersects(point.geometry.iloc[0]))]
    prefecture = str(inside["prefecture_zh"].iloc[0]) if len(inside) else None
    county = str(inside["county_zh"].iloc[0]) if len(inside) and "county_zh" in inside else None
    if reasons["hard"].any():
        verdict = "excluded"
    elif not reasons["advisory"].astype(bool).all():
        verdict = "restricted"
    else:
        covered = ready.known.coverage is None or shapely.intersects(
            crs.to_metric(point.geometry, keep="angle").iloc[0], ready.known.coverage
        )
        verdict = "free" if covered else "unknown"
    return Why(verdict, prefecture, county, reasons, nearest_feasible(ready, lon, lat, industry, count=count))
