"""Where each figure of the baseline comes from: documents, licence, confidence, transformation."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.errors import LabelError
from workbench.layers.catalog import catalogue
from workbench.layers.model import Layers
from workbench.layers.read import load
from workbench.layers.schema import SCHEMAS
from workbench.words import pair

_ABOUT = ("source", "source_ref", "confidence", "note")
# What was done to a column on its way into the baseline; the notes of a row say what was done to that row.
_STEPS = {
    "capacity_kt": "converted to kt/a (flat glass: 50 kg a weight case); capacity_note has the wording",
    "in_baseline": "read from status_2014 as the table status_readings says",
    "prefecture_zh": "full name; membership of 2014",
    "county_zh": "name of early 2014",
    "size": "as sourced, or inferred as line_basis says",
    "area_km2": "administrative areas: measured on an equal-area projection; others: as published",
    "length_ratio": "length of the drawn line over distance_km; prices use distance_km",
    "geometry_basis": "matched: a mapped path near the stated length; via: joined through known places where "
    "the map has a gap; straight: no such path, see geometry_note",
    "mapped_km": "length of the mapped path as its source gives it, with the gaps at its ends",
    "open_2014": "read from status_2014",
    "market": "read from market_note; export means the plant feeds a line out of the province",
    "function_class": "class of the plan of 2013; function_class_note says what it rests on",
    "panda_habitat": "named among the 37 counties of the fourth survey; where in the county is not published",
    "regulation": "what the reservoir of the plant itself can store, not what plants above it store",
    "mw_2014": "units online at the end of 2014; border plants counted whole (border_shared)",
}
_SHAPES = {
    "prefectures": "merged from the counties with the membership of 2014",
    "counties": "GCJ-02 to WGS-84, simplified as one coverage",
    "province": "merged from the counties",
    "surroundings": "GCJ-02 to WGS-84, simplified with the counties",
    "freight_links": "laid along mapped rail, road or river lines where geometry_basis says matched",
    "ecology": "no polygon may be shipped; the official area as disc or ellipse, as shape_basis says",
}


def explain_data(layer: str, id: str, *, layers: Layers | None = None) -> pd.DataFrame:
    """Tell where every field of one row comes from: of the baseline, or of `layers` with your own data.

    Index `field`; columns `value`, `unit`, `meaning_zh`, `meaning_en`, `source` (titles with publisher and
    date), `year`, `licence`, `confidence`, `transformation`. A field with columns `<field>_source` and
    `<field>_confidence` of its own is cited by them. Raises LabelError for an unknown layer or id.
    """
    layers = load() if layers is None else layers
    frame = layers[layer]
    if id not in frame.index:
        raise LabelError(f"the layer {layer} has no such row", missing=[id])
    row = frame.loc[id]
    entry = catalogue().get(layer)
    whole = _codes(row.get("source")) or (_codes(entry.source) if entry else [])
    fields = SCHEMAS[layer].fields if layer in SCHEMAS else {}
    rows = {}
    for name, value in row.items():
        if name in _ABOUT or _about(name, row):
            continue
        cited = cite(layers, _codes(row.get(f"{name}_source")) or whole)
        shape = name == frame.attrs.get("geometry", "geometry")
        field = fields.get(str(name))
        rows[name] = {
            "value": value.geom_type if shape and hasattr(value, "geom_type") else value,
            "unit": field.unit if field else "",
            "meaning_zh": field.description_zh if field else "",
            "meaning_en": field.description_en if field else "",
            "source": "; ".join(cited["cited"]),
            "year": entry.reference_year if entry else None,
            "licence": "; ".join(dict.fromkeys(cited["licence"])),
            "confidence": _text(row.get(f"{name}_confidence")) or row.get("confidence", "") or "",
            "transformation": _SHAPES.get(layer, "") if shape else _STEPS.get(str(name), ""),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("field")
    table.attrs["note"] = _text(row.get("note"))
    table.attrs["source_ref"] = _text(row.get("source_ref"))
    return table


def _about(name: Any, row: pd.Series) -> bool:
    """Tell whether a column is the source or confidence of another column of the row."""
    base, _, kind = str(name).rpartition("_")
    return kind in ("source", "confidence") and base in row.index


def cite(layers: Layers, codes: list[str]) -> pd.DataFrame:
    """Return the entries of the table sources for some codes, with a line `cited` fit for a footnote.

    A code the table does not have (a planner's own) is cited as it stands.
    """
    known = layers.sources.reindex(codes)
    title = known["title"].where(known["title"].notna(), pd.Series(codes, index=codes))
    tail = (
        known[["publisher", "date"]]
        .fillna("")
        .agg(lambda row: ", ".join(filter(None, map(str, row))), axis=1)
    )
    cited = [f"{name} ({more})" if more else str(name) for name, more in zip(title, tail, strict=True)]
    return known.assign(cited=cited, licence=known["licence"].fillna(""))


def credit_line(layers: Layers) -> dict[str, str]:
    """Return one line with the publishers and licences to credit on a map or report, by language (zh, en)."""
    if "sources" not in layers:
        return {"zh": "", "en": ""}
    named = []
    for (publisher, licence), titles in _owed(layers.sources).groupby(["publisher", "licence"], sort=False)[
        "title"
    ]:
        title = f"{titles.iloc[0]} " if len(titles) == 1 else ""
        named.append(f"{title}© {publisher}, {licence.split(';')[0]}")
    line = "; ".join(named)
    zh, en = pair("sources.credit", "line", sources=line)
    return {"zh": zh, "en": en}


def _owed(sources: pd.DataFrame) -> pd.DataFrame:
    return sources[sources["licence"].fillna("").str.contains("CC BY|ODbL|MIT|LGPL")]


def _codes(value: Any) -> list[str]:
    return [code.strip() for code in str(value).split(";") if code.strip()] if _text(value) else []


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)
