"""Tells which column of a file is which column of a layer: by name, by mapping file, or by a preset."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from pathlib import Path
from typing import Any

from workbench.errors import DataError, Fault
from workbench.layers.schema import Field, LayerSchema, heading_key
from workbench.units import convert, half_width, parse_unit

_UNIT_IN_NAME = re.compile(r"^(?P<name>.+?)[(\[【〔{](?P<unit>[^()\[\]【】〔〕{}]+)[)\]】〕}]$")
_BETWEEN = "/,、;:|·-_()[]【】〔〕{}"
_UNIT_SUFFIX = {"kt": "kt", "mt": "Mt", "t": "t", "tpd": "t/d", "mw": "MW", "kw": "kW", "gwh": "GWh",
                "km": "km", "km2": "km2", "ha": "ha", "kwh": "kWh", "ka": "kA"}  # fmt: skip
# Besides the aliases of the schema: what columns of coordinates are called, projected ones included.
COORDINATES = {
    "lon": ("long", "x坐标", "横坐标", "东坐标", "point_x"),
    "lat": ("y坐标", "纵坐标", "北坐标", "point_y"),
    "wkt": ("wkt", "geometry", "geom", "几何", "the_geom"),
    "position": (
        "coordinates",
        "coordinate",
        "坐标",
        "经纬度",
        "地理坐标",
        "位置坐标",
        "坐标位置",
        "经度纬度",
        "lonlat",
        "latlon",
    ),
    "crs": ("crs", "坐标系", "坐标系统", "坐标参考系", "epsg", "srs"),
}
# What the reader can find out itself when the file leaves it out, always as a counted repair.
DERIVED = frozenset({"id", "lon", "lat", "prefecture_zh"})
LONGEST_YEAR = 366  # days


@dataclass(frozen=True)
class ColumnMapping:
    """How a file's columns become a layer's: written once, kept beside the file, reused next month.

    `columns`: file column -> layer column (``lon``, ``lat``, ``wkt`` and ``crs`` included); `units`: file
    column -> unit; `values`: layer column -> {text in the file: value}; `constants`: layer column -> value,
    for a column the file lacks, or for every text of it that `values` does not name. Of several columns for
    one target the first named counts.
    """

    columns: Mapping[str, str] = part(default_factory=dict)
    units: Mapping[str, str] = part(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = part(default_factory=dict)
    constants: Mapping[str, str] = part(default_factory=dict)
    crs: str | None = None
    layer: str | None = None
    days_per_year: float | None = None
    clip: bool = False  # leave out what lies outside the province
    partial: bool = False  # the file updates known items: columns it lacks stay as they are
    same: Mapping[str, str] = part(default_factory=dict)  # id in the file -> known id, or "new"


# Files a planner may download but nobody may pass on; the columns are those of the publishers.
PRESETS = {
    "wdpa": ColumnMapping(
        columns={"WDPAID": "id", "SITE_ID": "id", "ORIG_NAME": "name_zh", "NAME": "name_zh", "DESIG": "level",
                 "DESIG_ENG": "category", "REP_AREA": "area_km2", "GIS_AREA": "area_km2", "IUCN_CAT": "note"},
        units={"REP_AREA": "km2", "GIS_AREA": "km2"},
        values={"category": {
            "World Heritage Site (natural or mixed)": "world_heritage", "Forest Park": "forest_park",
            "Ramsar Site, Wetland of International Importance": "wetland", "Scenic Area": "scenic_area",
            "UNESCO Global Geopark": "geopark",
        }},
        constants={"category": "nature_reserve", "approximate": "false", "source": "WDPA"}, clip=True,
    ),
    "gem_cement": ColumnMapping(
        columns={"GEM Plant ID": "id", "Asset name (other language)": "name_zh",
                 "Asset name (English)": "name_en", "Coordinates": "position",
                 "Coordinate accuracy": "coord_precision",
                 "Cement Capacity (millions metric tonnes per annum)": "capacity_kt",
                 "Start date": "commissioned_year", "Operating status": "status_2014",
                 "Owner name (English)": "owner"},
        units={"Cement Capacity (millions metric tonnes per annum)": "Mt"},
        constants={"industry": "cement", "source": "GEM-GCCT"},
    ),
    "gem_steel": ColumnMapping(
        columns={"GEM Plant ID": "id", "Plant ID": "id", "Plant name (other language)": "name_zh",
                 "Plant name (English)": "name_en", "Coordinates": "position",
                 "Coordinate accuracy": "coord_precision",
                 "Nominal crude steel capacity (ttpa)": "capacity_kt",
                 "Start date": "commissioned_year", "Status": "status_2014", "Owner": "owner"},
        units={"Nominal crude steel capacity (ttpa)": "kt"},
        constants={"industry": "steel", "source": "GEM-GIST"},
    ),
    "geoboundaries": ColumnMapping(
        columns={"shapeID": "id", "shapeName": "name_en", "shapeType": "level"},
        constants={"source": "geoBoundaries"}, clip=True, partial=True,
    ),
    "redline": ColumnMapping(
        columns={"HXMC": "name_zh", "红线名称": "name_zh", "HXLX": "level", "红线类型": "level", "HXBM": "id",
                 "红线编码": "id", "MJ": "area_km2", "HXMJ": "area_km2", "XZQMC": "county_zh"},
        units={"MJ": "km2", "HXMJ": "km2"},
        constants={"category": "ecological_redline", "approximate": "false", "source": "redline-official"},
        clip=True,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Match:
    """Which file column feeds which layer column, units found in headers, and what could not be placed."""

    columns: Mapping[str, str]
    units: Mapping[str, str]
    unused: tuple[str, ...]
    faults: tuple[Fault, ...]


def read_mapping(given: object) -> ColumnMapping:
    """Read a mapping from a preset name, a TOML file, a dict or a ColumnMapping. Raises DataError.

    A plain dict of names is taken as `columns`.
    """
    if given is None:
        return ColumnMapping()
    if isinstance(given, ColumnMapping):
        return given
    if isinstance(given, Mapping):
        return _from_dict("mapping", given)
    if str(given) in PRESETS:
        return PRESETS[str(given)]
    path = Path(str(given))
    try:
        return _from_dict(path.name, tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        expected = f"a TOML file in UTF-8, or one of {', '.join(PRESETS)}"
        raise DataError(
            [Fault(path.name, None, "", str(error), expected, "Correct the mapping file.")]
        ) from None


def _from_dict(file: str, given: Mapping[str, Any]) -> ColumnMapping:
    parts = ColumnMapping.__dataclass_fields__
    if not set(given) & set(parts):
        given = {"columns": given}
    checks = {"columns": dict, "units": dict, "values": dict, "constants": dict, "crs": str, "layer": str,
              "days_per_year": int | float, "clip": bool, "partial": bool, "same": dict}  # fmt: skip
    faults = [
        Fault(
            file, None, str(key), repr(value)[:60], f"one of {', '.join(parts)}", "Correct the name or value."
        )
        for key, value in given.items()
        if key not in parts or not isinstance(value, checks[key])
    ]
    faults += [
        Fault(file, None, str(key), repr(value)[:60], "text", "Write it in quotes.")
        for part in ("columns", "units", "constants", "same")
        for key, value in _table(given.get(part)).items()
        if not isinstance(value, str)
    ]
    faults += [
        Fault(file, None, f"values.{key}", repr(value)[:60], "a table of words and their values",
              f"Write [values.{key}] and the words below it.")
        for key, value in _table(given.get("values")).items()
        if not (isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values()))
    ]  # fmt: skip
    days = given.get("days_per_year", 365)
    if isinstance(days, int | float) and not 0 < days <= LONGEST_YEAR:  # nan fails too
        faults.append(days_fault(file, days))
    if faults:
        raise DataError(faults, summary="the mapping cannot be used")
    return ColumnMapping(**given)


def days_fault(file: str, days: float) -> Fault:
    """Say that no year runs so many days."""
    expected = f"more than 0, at most {LONGEST_YEAR}"
    return Fault(file, None, "days_per_year", f"{days} days", expected, "Correct the number.")


def _table(value: object) -> Mapping[str, Any]:
    """Return a table of the mapping file; what is none has its own fault."""
    return value if isinstance(value, Mapping) else {}


def names_of(schema: LayerSchema) -> dict[str, str]:
    """List every folded heading a layer's columns go by, with the column it means."""
    known = {heading_key(field.name): field.name for field in schema}
    for field in schema:
        for alias in (*field.aliases_zh, *field.aliases_en):
            known.setdefault(heading_key(alias), field.name)
    for target, names in COORDINATES.items() if schema.geometry else ():
        if schema.geometry != "polygon" or target in ("wkt", "crs"):
            for name in (target, *names):
                known.setdefault(heading_key(name), target)
    return known


def split_unit(header: str, known: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Read a header as layer column and unit: ``产能（万吨/年）``, ``产能，万吨``, ``capacity_mt``."""
    text = "".join(half_width(header).split())
    match = _UNIT_IN_NAME.match(text)
    unit = match["unit"].removeprefix("单位:").strip() if match else None
    if target := known.get(heading_key(text)):
        unit = unit or text.partition("(")[2]  # cut off inside its bracket: 产能（万吨
        return target, unit if unit and is_unit(unit) else None
    stem, _, suffix = text.casefold().rpartition("_")
    if stem and suffix in _UNIT_SUFFIX:
        return known.get(heading_key(stem)), _UNIT_SUFFIX[suffix]
    for at in range(
        min(len(text), 60) - 1, 0, -1
    ):  # the longest name that leaves a unit behind: 产能/万吨, 运距km
        target, rest = known.get(heading_key(text[:at].rstrip(_BETWEEN))), text[at:].strip(_BETWEEN)
        if target and rest and is_unit(rest.removeprefix("单位").strip(_BETWEEN)):
            return target, rest.removeprefix("单位").strip(_BETWEEN)
    return None, None


def is_unit(text: str) -> bool:
    """Tell whether the conversion table knows a unit (a remark in brackets is none)."""
    try:
        return bool(parse_unit(text))
    except DataError:
        return False


def is_convertible(unit: str, house: str | None, days: float | None) -> bool:
    """Tell whether figures in a unit can be brought to the house unit of a column."""
    if house is None:
        return False
    try:
        convert(1.0, unit, house, days_per_year=days)
    except DataError:
        return False
    return True


def match_columns(
    file: str, headers: Iterable[str], schema: LayerSchema, mapping: ColumnMapping, *, cut_names: bool = False
) -> Match:
    """Place every header; tell duplicates, mapped columns the file lacks and targets the layer lacks.

    `cut_names`: the file format keeps ten bytes of a name (Shapefile), so beginnings count too.
    """
    headers = [str(header) for header in headers]
    known = names_of(schema)
    if cut_names:
        known = {**_cut(schema, known), **known}
    targets = {*schema.fields, *COORDINATES}
    faults = [
        Fault(file, None, source, f"mapped to {target!r}", f"a column of {schema.name}", _choices(schema))
        for source, target in mapping.columns.items()
        if target and target not in targets and mapping not in PRESETS.values()
    ]
    preset = mapping in PRESETS.values()
    columns: dict[str, str] = {}
    units: dict[str, str] = {}
    unused = []
    named = list(mapping.columns)
    for header in sorted(headers, key=lambda name: named.index(name) if name in named else len(named)):
        found, unit = split_unit(header, known)
        target = mapping.columns.get(header, found)
        if header in mapping.columns and not mapping.columns[header]:
            continue  # left out on purpose
        if target is None or target not in targets:
            unused.append(header)
        elif target not in columns:
            columns[target] = header
            if stated := mapping.units.get(header, unit):
                units[target] = stated
        elif preset or columns[target] in mapping.columns:
            unused.append(header)  # what the mapping chose wins over a recognised name
        else:
            found_twice = f"a second column for {target}, beside {columns[target]}"
            faults.append(Fault(file, None, header, found_twice, "one column", "Map the one you mean."))
    faults += [
        Fault(file, None, source, "no such column", "a column of the file", f"There are: {_list(headers)}")
        for source in sorted(set(mapping.columns) - set(headers))
        if not preset
    ]
    return Match(columns, units, tuple(unused), tuple(faults))


def _cut(schema: LayerSchema, known: Mapping[str, str]) -> dict[str, str]:
    """List what ten bytes leave of the headings, in UTF-8 and GBK; of two alike the first declared counts."""
    cut: dict[str, str] = {}
    for name, target in known.items():
        for encoding in ("utf-8", "gb18030"):
            short = name.encode(encoding)[:10].decode(encoding, "ignore")
            if 1 < len(short) < len(name):
                cut.setdefault(short, target)
    return {**cut, **{heading_key(name[:10]): name for name in reversed([*schema.fields])}}


def unread(file: str, schema: LayerSchema, mapping: ColumnMapping, match: Match) -> list[Fault]:
    """Tell columns that name a figure which matters, while none was read for it."""
    if mapping in PRESETS.values():
        return []
    faults = []
    for field in schema:
        if not field.matters or field.name in match.columns or field.name in mapping.constants:
            continue
        if field.name in ("lon", "lat") and {"wkt", "position"} & set(match.columns):
            continue
        words = {heading_key(word) for word in (field.name, *field.aliases_zh, *field.aliases_en)}
        for header in match.unused:
            text = "".join(unicodedata.normalize("NFKC", header).casefold().split())
            if any(_holds(text, word) for word in words):
                mend = f"Map it to {field.name}, or to nothing ('') to leave it out."
                found = f"{field.name} recognised but not read"
                expected = "a column that is read, with its unit"
                faults.append(Fault(file, None, header, found, expected, mend))
    return faults


def _holds(text: str, word: str) -> bool:
    """Tell whether a heading holds a word; a Latin word must stand by itself (capital is no cap)."""
    if len(word) < 2:
        return False
    return bool(re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text)) if word.isascii() else word in text


def lacking(
    file: str, headers: Iterable[str], schema: LayerSchema, mapping: ColumnMapping, match: Match
) -> list[Fault]:
    """Tell which required columns neither the file nor its mapping gives."""
    mend = f"Rename or map one of: {_list([str(header) for header in headers])}"
    return [
        Fault(file, None, field.name, "no such column", _names(field), mend)
        for field in schema
        if field.required and field.name not in {*match.columns, *mapping.constants, *DERIVED}
    ]


def _names(field: Field) -> str:
    return f"a column {' / '.join(dict.fromkeys([field.name, *field.aliases_zh[:3]]))}"


def _choices(schema: LayerSchema) -> str:
    return f"Choose from {', '.join(schema.fields)}, lon, lat, wkt."


def _list(headers: list[str]) -> str:
    return ", ".join(headers[:12]) + (" …" if len(headers) > 12 else "") + "."
