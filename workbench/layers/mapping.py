"""Tells which column of a file is which column of a layer: by name, by mapping file, or by a preset."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import DataError, Fault
from workbench.layers.kinds import CRS_COLUMN, LATITUDE, LONGITUDE, WKT, Field, Kind

_UNIT_IN_NAME = re.compile(r"^(?P<name>.+?)\s*[(\[（【](?P<unit>[^()（）\[\]【】]+)[)\]）】]\s*$")
_UNIT_SUFFIX = {"kt": "kt", "mt": "Mt", "t": "t", "tpd": "t/d", "mw": "MW", "kw": "kW", "gwh": "GWh", "km": "km",
                "km2": "km2", "ha": "ha", "kwh": "kWh", "ka": "kA", "m3": "m3", "m2": "m2"}  # fmt: skip
COORDINATES = {"lon": LONGITUDE, "lat": LATITUDE, "wkt": WKT, "crs": CRS_COLUMN}


@dataclass(frozen=True)
class ColumnMapping:
    """How a file's columns become a layer's: written once, kept beside the file, reused next month.

    `columns`: file column -> layer column (``lon``, ``lat``, ``wkt`` and ``crs`` included); `units`: file
    column -> unit; `values`: layer column -> {text in the file: value}; `constants`: layer column -> value.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    crs: str | None = None
    layer: str | None = None
    days_per_year: float | None = None
    clip: bool = False


# Files a planner may download but nobody may pass on; the columns are those of the publishers.
PRESETS = {
    "wdpa": ColumnMapping(
        columns={"WDPAID": "id", "SITE_ID": "id", "ORIG_NAME": "name_zh", "NAME": "name_zh", "DESIG": "level",
                 "REP_AREA": "area_km2", "STATUS_YR": "established"},
        units={"REP_AREA": "km2"},
        constants={"category": "nature_reserve", "approximate": "false", "source": "WDPA"}, clip=True,
    ),
    "geoboundaries": ColumnMapping(
        columns={"shapeID": "id", "shapeName": "name_en", "shapeType": "level"},
        constants={"source": "geoBoundaries"}, clip=True,
    ),
    "redline": ColumnMapping(
        columns={"HXMC": "name_zh", "红线名称": "name_zh", "HXLX": "level", "红线类型": "level", "HXBM": "id",
                 "红线编码": "id", "MJ": "area_km2", "HXMJ": "area_km2", "XZQMC": "county_zh"},
        units={"MJ": "km2", "HXMJ": "km2"},
        constants={"category": "redline", "approximate": "false", "source": "生态保护红线"}, clip=True,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Match:
    """Which file column feeds which layer column, the units found in headers, and what could not be placed."""

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
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        expected = f"a TOML file in UTF-8, or one of {', '.join(PRESETS)}"
        raise DataError(
            [Fault(path.name, None, "", str(error), expected, "Correct the mapping file.")]
        ) from None


def _from_dict(file: str, given: Mapping[str, Any]) -> ColumnMapping:
    parts = ColumnMapping.__dataclass_fields__
    if not set(given) & set(parts):
        given = {"columns": given}
    checks = {"columns": dict, "units": dict, "values": dict, "constants": dict, "crs": str, "layer": str,
              "days_per_year": int | float, "clip": bool}  # fmt: skip
    faults = [
        Fault(
            file, None, str(key), repr(value)[:60], f"one of {', '.join(parts)}", "Correct the name or value."
        )
        for key, value in given.items()
        if key not in parts or not isinstance(value, checks[key])
    ]
    faults += [
        Fault(file, None, str(key), repr(value)[:60], "text", "Write it in quotes.")
        for part in ("columns", "units", "constants")
        for key, value in dict(given.get(part, {})).items()
        if not isinstance(value, str)
    ]
    if faults:
        raise DataError(faults, summary="the mapping cannot be used")
    return ColumnMapping(**given)


def plain(name: str) -> str:
    """Reduce a header to what names share: width, case, spaces and punctuation gone."""
    return re.sub(r"[\s_\-·.、,，:：*#()（）\[\]【】]+", "", unicodedata.normalize("NFKC", name).casefold())


def names_of(kind: Kind) -> dict[str, str]:
    """List every plain name a layer's columns go by, with the column it means."""
    known: dict[str, str] = {}
    for each in kind.fields:
        for name in (each.name, *each.also):
            known.setdefault(plain(name), each.name)
    if kind.geometry == "point" or kind.geometry == "line":
        for target, names in COORDINATES.items():
            for name in names:
                known.setdefault(plain(name), target)
    return known


def split_unit(header: str, known: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Read a header as layer column and unit: ``产能（万吨/年）``, ``capacity_mt``, ``经度``."""
    if target := known.get(plain(header)):
        return target, None
    if match := _UNIT_IN_NAME.match(header.strip()):
        return known.get(plain(match["name"])), match["unit"].strip()
    stem, _, suffix = header.strip().casefold().rpartition("_")
    if stem and suffix in _UNIT_SUFFIX:
        return known.get(plain(stem)), _UNIT_SUFFIX[suffix]
    return None, None


def match_columns(
    file: str, headers: Iterable[str], kind: Kind, mapping: ColumnMapping, *, cut_names: bool = False
) -> Match:
    """Place every header; tell duplicates, mapped columns the file lacks and targets the layer lacks.

    `cut_names`: the file format keeps ten bytes of a name (Shapefile), so beginnings count too.
    """
    headers = [str(header) for header in headers]
    known = names_of(kind)
    if cut_names:
        known = {**{plain(each.name[:10]): each.name for each in kind.fields}, **known}
    targets = {each.name for each in kind.fields} | set(COORDINATES)
    faults = [
        Fault(file, None, source, f"mapped to {target!r}", f"a column of {kind.name}", _choices(kind))
        for source, target in mapping.columns.items()
        if target not in targets
    ]
    columns: dict[str, str] = {}
    units: dict[str, str] = {}
    unused = []
    preset = mapping in PRESETS.values()
    for header in headers:
        target, unit = split_unit(header, known)
        mapped = mapping.columns.get(header)
        if mapped is None and target in columns and columns[target] in mapping.columns:
            target = None  # the mapping file wins over a recognised name
        target = mapped or target
        if target is None or target not in targets:
            unused.append(header)
        elif target in columns and not preset:
            mend = "Keep one of them, or map the other to nothing by renaming it."
            faults.append(Fault(file, None, header, f"a second column for {target}", columns[target], mend))
        elif target not in columns:
            columns[target] = header
            if found := mapping.units.get(header, unit):
                units[target] = found
    lost = [] if preset else sorted(set(mapping.columns) - set(headers))
    faults += [
        Fault(
            file, None, source, "no such column", "a column the mapping names", f"There are: {_list(headers)}"
        )
        for source in lost
    ]
    return Match(columns, units, tuple(unused), tuple(faults))


def required_faults(
    file: str, match: Match, kind: Kind, mapping: ColumnMapping, headers: list[str]
) -> list[Fault]:
    """Tell every required column that no header, mapping or constant provides."""
    given = {*match.columns, *mapping.constants}
    return [
        Fault(
            file,
            None,
            each.name,
            "no such column",
            _names(each),
            f"Rename one, or map it. There are: {_list(headers)}",
        )
        for each in kind.fields
        if each.required and each.name not in given
    ]


def _names(each: Field) -> str:
    return f"a column {' / '.join([each.name, *each.also[:3]])}"


def _choices(kind: Kind) -> str:
    return f"Choose from {', '.join(each.name for each in kind.fields)}, lon, lat, wkt."


def _list(headers: list[str]) -> str:
    return ", ".join(headers[:12]) + (" …" if len(headers) > 12 else "") + "."
