"""Describe what stands on the land for a map: plants, production lines, hydropower, sites, markets."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd

from workbench.layers.model import Layers
from workbench.maps import style
from workbench.maps.ground import map_frame, present
from workbench.maps.spec import MapLayer
from workbench.words import Text, pair, words

PLANT_FIELDS = words("maps.plants")
LINE_FIELDS = words("maps.lines")
HYDRO_FIELDS = words("maps.hydropower")
SITE_FIELDS = words("maps.sites")
MARKET_FIELDS = words("maps.markets")
GRID_FIELDS = words("maps.grid")
CERTAINTY_FIELDS = words("maps.certainty")
TITLES = words("maps.layers")
SIZES = words("units.sizes")
HYDRO_MIN_MW = 100.0  # smaller plants crowd the sheet; they stay in the tables


def industry_classes(industries: Collection[str]) -> tuple[style.MapClass, ...]:
    """Return the classes of some industries, in the house's order."""
    return tuple(klass for code, klass in style.INDUSTRIES.items() if code in industries)


def plants_layer(layers: Layers) -> MapLayer:
    """Return the plants of the 2014 baseline by industry, sized by capacity."""
    rows = layers.plants
    rows = rows[rows["in_baseline"].astype(bool)].sort_values("capacity_kt", ascending=False)
    frame = map_frame(rows, rows["industry"], size=rows["capacity_kt"].map(style.capacity_radius))
    return MapLayer(
        "plants", TITLES["plants"], "point", industry_classes(set(rows["industry"])), frame,
        present(PLANT_FIELDS, frame), ("capacity_kt",), objects=True, label="point",
    )  # fmt: skip


def lines_layer(layers: Layers, industries: Collection[str], only: Collection[str] | None = None) -> MapLayer:
    """Return the production lines of some industries, side by side where a plant has several.

    `only` keeps the lines with these ids; all of the baseline when None.
    """
    rows = layers.lines
    wanted = rows.index.isin(list(only)) if only is not None else rows["in_baseline"].astype(bool)
    rows = rows[wanted & rows["industry"].isin(list(industries))]
    rows = rows.sort_values(["capacity_kt"], ascending=False)
    radius = rows["capacity_kt"].map(style.capacity_radius)
    frame = map_frame(
        rows, rows["industry"], size=radius, dx=_side_by_side(rows, radius), name_en=_english(rows, layers),
        scale=_scale(rows),
    )  # fmt: skip
    return MapLayer(
        "lines", TITLES["lines"], "point", industry_classes(industries), frame,
        present(LINE_FIELDS, frame), ("plant_id", "industry", "capacity_kt", "dx"), objects=True,
        label="point",
    )  # fmt: skip


_SURE = words("reports.doubt")
_MARKS: dict[str, tuple[style.Shape, float]] = {
    "certain": ("square", 3.6),
    "interchangeable": ("diamond", 4.4),
    "marginal": ("circle", 3.6),
    "open": ("triangle", 4.0),
}
# dark beside lines that leave, pale beside those that could in another's place; filled where that is proven
CERTAINTY = tuple(
    style.titled(
        "reports.doubt", f"{side}_{status}",
        style.Mark(ink, ink if status == "certain" else "#ffffff", shape=shape, radius=radius, width=1.2),
    )
    for side, ink in (("leaves", style.INK), ("stays", "#7a776f"))
    for status, (shape, radius) in _MARKS.items()
)  # fmt: skip


def certainty_layer(lines: MapLayer, units: pd.DataFrame) -> MapLayer:
    """Return a mark beside each line that leaves, or could in another's place, by how sure that is.

    `units`: as in `relocation.Doubt`; a line whose staying is certain bears no mark.
    """
    told = units[units["leaves"].astype(bool) | (units["status"] != "certain")]
    frame = lines.frame[lines.frame.index.isin(told.index)]
    told = told.loc[frame.index]
    side = np.where(told["leaves"], "leaves", "stays")
    key = [f"{a}_{b}" for a, b in zip(side, told["status"], strict=True)]
    price = told["price_mcny"].where(told["price_mcny"].notna(), told["proven_mcny"])
    shown = frame[["geometry", "name_zh", "name_en"]].assign(
        certainty=[_SURE[each] for each in key],
        other=[f"{'' if known else '≥ '}{value:,.1f}" if np.isfinite(value) else "—"
               for value, known in zip(price, told["price_mcny"].notna(), strict=True)],
        instead=[ids.replace(";", ", ") or None for ids in told["instead"]],
        dx=frame["dx"].to_numpy() + frame["size"].to_numpy() + 5.0,
    )  # fmt: skip
    made = map_frame(shown, key, doubt=False)
    return MapLayer(
        "certainty", TITLES["certainty"], "point", CERTAINTY, made,
        present(CERTAINTY_FIELDS, made), ("dx",),
    )  # fmt: skip


def _english(rows: pd.DataFrame, layers: Layers) -> pd.Series:
    if "name_en" in rows:
        return rows["name_en"]
    number = rows["name_zh"].str.extract(r" (\d+)号线$")[0]
    plants = rows["plant_id"].map(layers.plants["name_en"]).fillna("")
    return plants.where(number.isna(), plants + " line " + number.fillna(""))


def _scale(rows: pd.DataFrame) -> pd.Series:
    """Return size and unit as one text in both languages, such as ``4,600 t/d of clinker``."""
    sizes = rows["size"].map(
        lambda size: "" if size != size or size is None else f"{size:,.0f}" if _number(size) else str(size)
    )
    units = rows["size_unit"].fillna("").astype(str).map(lambda unit: SIZES.get(unit, (unit, unit)))
    return pd.Series(
        [tuple(f"{size} {unit}".strip() for unit in pair) for size, pair in zip(sizes, units, strict=True)],
        index=rows.index,
        dtype=object,
    )


def _number(value: object) -> bool:
    return isinstance(value, (int, float, np.number))


def _side_by_side(rows: gpd.GeoDataFrame, radius: pd.Series) -> np.ndarray:
    """Return pixel offsets that set the symbols of one place in a row, in the order of the rows."""
    place = rows.geometry.to_wkb()
    before = radius.groupby(place).cumsum() * 2 - radius
    middle = radius.groupby(place).transform("sum")
    return (before - middle).to_numpy()


def hydropower_layer(layers: Layers) -> MapLayer | None:
    """Return the larger hydropower plants on line in 2014, by where their power goes."""
    if "hydropower" not in layers:
        return None
    rows = layers.hydropower
    rows = rows[rows["mw_2014"].fillna(0) >= HYDRO_MIN_MW].sort_values("mw_2014", ascending=False)
    frame = map_frame(rows, rows["market"], size=rows["mw_2014"].map(style.power_radius))
    return MapLayer(
        "hydropower", pair("maps.layers", "hydropower", least=HYDRO_MIN_MW), "point",
        tuple(style.MARKET.values()), frame, present(HYDRO_FIELDS, frame), label="point",
    )  # fmt: skip


def grid_layer(layers: Layers) -> MapLayer | None:
    """Return the substations and converter stations of the main grid; hidden until asked for."""
    if "substations" not in layers:
        return None
    frame = map_frame(layers.substations, layers.substations["kind"])
    return MapLayer(
        "grid", TITLES["grid"], "point",
        tuple(style.GRID.values()), frame, present(GRID_FIELDS, frame), visible=False,
    )  # fmt: skip


def sites_layer(
    layers: Layers, *, barred: pd.DataFrame | None = None, industries: Collection[str] | None = None,
    built: Collection[str] = (),
) -> MapLayer | None:  # fmt: skip
    """Return the candidate sites; `barred` (site_id, industry) marks what may not be built where.

    With `industries`, sites that take none of them are left out, except those in `built`.
    """
    if "sites" not in layers:
        return None
    rows = layers.sites
    if industries is not None:
        takes = rows["industries"].str.split(";").map(lambda codes: bool(set(codes) & set(industries)))
        rows = rows[takes | rows.index.isin(list(built))]
    bars = pd.Series("", index=rows.index) if barred is None else _barred(rows.index, barred)
    frame = map_frame(
        rows,
        rows["kind"],
        barred=bars,
        barred_zh=bars.map(_names),
        industries_zh=rows["industries"].map(_names),
    )
    return MapLayer(
        "sites", TITLES["sites"], "point", tuple(style.SITES.values()), frame,
        present(SITE_FIELDS, frame), ("industries", "barred", "kind"), objects=True, label="place",
    )  # fmt: skip


def _names(codes: str) -> Text | str:
    titles = [style.INDUSTRIES[code].title for code in codes.split(";") if code in style.INDUSTRIES]
    return ("、".join(zh for zh, _ in titles), ", ".join(en for _, en in titles)) if titles else ""


def _barred(sites: pd.Index, barred: pd.DataFrame) -> pd.Series:
    joined = barred.groupby("site_id")["industry"].agg(lambda codes: ";".join(sorted(set(codes))))
    return joined.reindex(sites).fillna("")


def markets_layer(layers: Layers) -> MapLayer | None:
    """Return the markets inside the province and at its gates, as small marks."""
    if "markets" not in layers:
        return None
    rows = layers.markets
    klass = style.titled("maps.land", "market", style.Mark("#4d4a42", "#ffffff", radius=2.4, width=1.2))
    frame = map_frame(rows, "market", doubt=False)
    return MapLayer(
        "markets", TITLES["markets"], "point", (klass,), frame, present(MARKET_FIELDS, frame), visible=False
    )
