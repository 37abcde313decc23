"""Asks whether an item under its own number is a known one: offered with the evidence, never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench import crs
from workbench.errors import Fault
from workbench.layers.imports.text import folded
from workbench.layers.schema import LayerSchema
from workbench.units import M_PER_KM

# Items this near to one another are asked about; with like names up to a kilometre; same names up to twenty.
_BESIDE_KM, _NEAR_KM, _AROUND_KM = 0.3, 1.0, 20.0
_SPOT_KM = 0.03
_NEAR_DEGREES = 0.012  # a kilometre and more, wherever in China
_AGREE = ("industry", "category", "kind", "type", "resource")
_OFFICES = ("lines", "equipment")  # their names are those of their plants
_FORMS = re.compile(
    r"(?:股份|集团|有限|责任|总|分)*公司|集团|股份|[(（][^()（）]*[)）]|^[^省市州县]{2,3}省|^[^省市州县]{2,4}市(?=.{3})|"
    r"\b(?:co|ltd|inc|corp|company|limited|group)\b\.?"
)


@dataclass(frozen=True)
class Offer:
    """One row that may be a known item: `key` is its own id (or name), `known` the id it may be.

    `sure` offers have to be answered before the file can be used; the others are only told.
    """

    row: int
    key: str
    name: str
    known: str
    known_name: str
    evidence: str
    sure: bool


def core(name: object) -> str:
    """Fold a name to what tells works apart: no legal form, no province or city before it, no brackets."""
    text = folded(str(name))
    return _FORMS.sub("", text) or text


def find_offers(
    rows: pd.DataFrame, own: pd.Series, schema: LayerSchema, known: pd.DataFrame | None
) -> list[Offer]:
    """Compare new rows with the known items by number, name and distance; return at most one offer a row.

    `rows`: parsed rows (index: row numbers) not known by their id; `own`: their ids or names as written. Rows
    whose industry or kind differs are never offered.
    """
    if known is None or known.empty or rows.empty or schema.name in _OFFICES or "name_zh" not in known:
        return []
    names = rows["name_zh"] if "name_zh" in rows else pd.Series("", index=rows.index)
    pairs = _pairs(rows, names, known)
    offers: dict[int, tuple[Offer, float]] = {}
    for at, to in pairs:
        offer = _offer(rows.iloc[at], str(own.iloc[at]), known.iloc[to])
        best = offers.get(at)
        if offer is not None and (best is None or (offer[0].sure, -offer[1]) > (best[0].sure, -best[1])):
            offers[at] = offer
    return [offers[at][0] for at in sorted(offers)]


def _pairs(rows: pd.DataFrame, names: pd.Series, known: pd.DataFrame) -> set[tuple[int, int]]:
    """List the pairs worth comparing: of one name or number, or near one another."""
    pairs: set[tuple[int, int]] = set()
    for mine, theirs in ((names.map(core), known["name_zh"].map(core)), (_numbers(rows), _numbers(known))):
        places: dict[str, list[int]] = {}
        for at, word in enumerate(theirs):
            places.setdefault(word, []).append(at)
        pairs |= {(at, to) for at, word in enumerate(mine) if word for to in places.get(word, ())}
    if isinstance(rows, gpd.GeoDataFrame) and isinstance(known, gpd.GeoDataFrame):
        tree = shapely.STRtree(known.geometry.values)
        there = np.flatnonzero(rows.geometry.geom_type == "Point")
        near = tree.query(rows.geometry.values[there], predicate="dwithin", distance=_NEAR_DEGREES)
        pairs |= {(int(there[at]), int(to)) for at, to in near.T}
    return pairs


def _numbers(rows: pd.DataFrame) -> pd.Series:
    if "source_ref" not in rows:
        return pd.Series("", index=rows.index)
    return rows["source_ref"].map(lambda value: folded(str(value)) if isinstance(value, str) else "")


def _offer(row: pd.Series, key: str, known: pd.Series) -> tuple[Offer, float] | None:
    if any(_differ(row.get(name), known.get(name)) for name in _AGREE):
        return None
    km = _apart(row.get("geometry"), known.get("geometry"))
    mine, theirs = core(row.get("name_zh")), core(known["name_zh"])
    same_name = mine == theirs and mine != ""
    like = same_name or (min(len(mine), len(theirs)) > 2 and (mine in theirs or theirs in mine))
    number = _filled(row.get("source_ref")) and folded(str(row["source_ref"])) == folded(
        str(known["source_ref"])
    )
    near = km == km and km <= (_NEAR_KM if like else _BESIDE_KM)
    if not (same_name or number or near):
        return None
    written = folded(str(row.get("name_zh") or "")) == folded(str(known["name_zh"]))
    spot = km <= _SPOT_KM and _same_size(row, known)  # one place and one size: another name for it
    sure = bool(number or written or spot or (same_name and not km > _AROUND_KM) or (like and near))
    told = [
        "same name" if same_name else "like names" if like else "other name",
        *(["same number in the source"] if number else []),
        *([f"{km * M_PER_KM:,.0f} m apart"] if km == km else []),
        *_capacities(row, known),
    ]
    offer = Offer(
        int(row.name), key, str(row.get("name_zh") or ""), str(known.name), str(known["name_zh"]),
        ", ".join(told), sure,
    )  # fmt: skip
    return offer, km if km == km else 0.0


def _filled(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _differ(mine: object, known: object) -> bool:
    return _filled(mine) and _filled(known) and mine != known


def _apart(one: object, other: object) -> float:
    if not isinstance(one, shapely.Geometry) or not isinstance(other, shapely.Geometry):
        return np.nan
    if one.is_empty or other.is_empty:
        return np.nan
    a, b = one.representative_point(), other.representative_point()
    return float(crs.distance_km(a.x, a.y, b.x, b.y))


def _same_size(row: pd.Series, known: pd.Series) -> bool:
    mine, theirs = row.get("capacity_kt"), known.get("capacity_kt")
    return bool(pd.notna(mine) and pd.notna(theirs) and mine == theirs)


def _capacities(row: pd.Series, known: pd.Series) -> list[str]:
    mine, theirs = row.get("capacity_kt"), known.get("capacity_kt")
    if mine is None or theirs is None or mine != mine or theirs != theirs:
        return []
    return [f"{float(mine):,.0f} against {float(theirs):,.0f} kt"]


def ask(file: str, offers: Sequence[Offer]) -> list[Fault]:
    """Tell the offers: an error where the evidence is strong, else a warning."""
    mend = "Answer with --same: yes, no, or a file of answers (`workbench data check --offers` writes it)."
    return [
        Fault(
            file, offer.row, "id",
            f"{offer.name or offer.key}: the same as {offer.known} {offer.known_name}? ({offer.evidence})",
            "an answer: the known item, or a new one", mend, "error" if offer.sure else "warning",
        )
        for offer in offers
    ]  # fmt: skip


def strangers(file: str, rows: pd.DataFrame, ids: pd.Series, known: pd.DataFrame) -> list[Fault]:
    """Tell rows whose id is a known item's while name and place are another's: own numbers that collide."""
    faults = []
    for row, label in ids.dropna().items():
        mine, theirs = rows.loc[row], known.loc[label]
        names = core(mine.get("name_zh") or ""), core(theirs.get("name_zh") or "")
        km = _apart(mine.get("geometry"), theirs.get("geometry"))
        if all(names) and names[0] != names[1] and km > _AROUND_KM:
            found = f"{label} is {theirs['name_zh']}, {km:,.0f} km away"
            mend = f"Give it another id, or answer that it is the same: --same with {label} = {label}."
            faults.append(Fault(file, int(str(row)), "id", found, "the item this id stands for", mend))
    return faults
