"""What each layer's columns are: declared once in geodata/schema.toml, for baseline and users' files."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from workbench.labels import label

FieldType = Literal["text", "number", "integer", "boolean", "date"]
Unknown = Literal["error", "warning", "own"]
Section = Literal["layer", "table", "network", "frame"]
GeometryType = Literal["point", "line", "polygon", ""]
_HAN = range(0x4E00, 0x9FFF + 1)


@dataclass(frozen=True)
class Field:
    """One column: its type, unit, bounds, allowed values and the headings it is recognised by.

    `unit` is the unit the values are stored in; `min`, `max` are in that unit. Empty `allowed` and `pattern`
    allow anything. `many`: the cell holds several values, separated by ``;``. `refers`: layers
    (``freight_nodes``) or columns (``counties.county_zh``) one of which must hold each value, `also` further
    words, `unknown` how another value is told in a user's file. `matters`: a file that has such a column must
    have it read. Aliases are matched by `heading_key`.
    """

    name: str
    dtype: FieldType = "text"
    unit: str = ""
    required: bool = False
    min: float | None = None
    max: float | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    many: bool = False
    refers: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    unknown: Unknown = "error"
    matters: bool = False
    description_zh: str = ""
    description_en: str = ""
    aliases_zh: tuple[str, ...] = ()
    aliases_en: tuple[str, ...] = ()

    @property
    def expectation(self) -> str:
        """Say in words what a value must be, for the message of a fault."""
        words: list[str] = {
            "number": ["a number"],
            "integer": ["a whole number"],
            "boolean": ["yes or no"],
            "date": ["a day such as 2014-12-31"],
        }.get(self.dtype, ["text"])
        if self.allowed:
            words = [f"one of {', '.join(self.allowed)}"]
        if self.min is not None and self.max is not None:
            words.append(f"between {self.min:g} and {self.max:g}")
        if self.unit:
            words.append(f"in {self.unit}")
        return " ".join(words)


@dataclass(frozen=True)
class LayerSchema:
    """The columns of one layer; `geometry` is empty for a plain table. The index column is `id`.

    `ordered`: columns whose figures must not fall from left to right; `together`: where the first is given,
    so are the others. `file`: where a table beside the catalogue lies below geodata/ (a pattern).
    """

    name: str
    title_zh: str
    title_en: str
    geometry: GeometryType
    fields: Mapping[str, Field]
    ordered: tuple[tuple[str, ...], ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    file: str = ""

    def __iter__(self) -> Any:
        return iter(self.fields.values())

    @property
    def required(self) -> tuple[str, ...]:
        """Columns every row must fill."""
        return tuple(field.name for field in self if field.required)

    def find(self, heading: str) -> Field | None:
        """Return the column a heading means, by name or alias, or None."""
        return self._headings().get(heading_key(heading))

    def _headings(self) -> dict[str, Field]:
        names = {heading_key(field.name): field for field in self}
        for field in self:
            for alias in (*field.aliases_zh, *field.aliases_en):
                names.setdefault(heading_key(alias), field)
        return names


def heading_key(heading: str) -> str:
    """Fold a heading: width, case, spaces, underscores, invisible marks and bracketed units do not matter."""
    text = unicodedata.normalize("NFKC", heading).strip().casefold()
    text = re.split(r"[(\[【〔{]", text)[0].strip() or text
    return "".join(c for c in text if not c.isspace() and c not in "_-:*" and unicodedata.category(c) != "Cf")


def read_schemas(text: str, section: Section = "layer") -> Mapping[str, LayerSchema]:
    """Build the schemas from the TOML text of a schema file: layers of the catalogue, tables
    beside it, those of a planner's own network, or the frames rooms hand on.

    Raises KeyError on an undeclared column or group.
    """
    declared = tomllib.loads(text)
    common, groups = declared["field"], declared.get("group", {})
    schemas = {}
    for name, layer in declared.get(section, {}).items():
        own = layer.get("field", {})
        fields = {}
        for entry in _spelled_out(layer["fields"], groups):
            column = entry.rstrip("*")
            fields[column] = _field(column, entry.endswith("*"), {**common[column], **own.get(column, {})})
        schemas[name] = LayerSchema(
            name, layer["zh"], layer["en"], layer.get("geometry", ""), MappingProxyType(fields),
            _tuples(layer, "ordered"), _tuples(layer, "together"), layer.get("file", ""),
        )  # fmt: skip
    return MappingProxyType(schemas)


def _spelled_out(entries: list[str], groups: Mapping[str, list[str]]) -> list[str]:
    return [name for entry in entries for name in (groups[entry[1:]] if entry.startswith("@") else [entry])]


def _tuples(layer: Mapping[str, Any], rule: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(columns) for columns in layer.get(rule, ()))


def _field(name: str, required: bool, entry: Mapping[str, Any]) -> Field:
    aliases = entry.get("aliases", ())
    chinese = tuple(alias for alias in aliases if any(ord(char) in _HAN for char in alias))
    refers = entry.get("refers", ())
    zh, en = (entry.get("zh", label(name)), entry.get("en", label(name, "en")))
    return Field(
        name, entry.get("type", "text"), entry.get("unit", ""), required, entry.get("min"), entry.get("max"),
        tuple(entry.get("allowed", ())), entry.get("pattern", ""), entry.get("many", False),
        tuple(filter(None, [refers] if isinstance(refers, str) else refers)), tuple(entry.get("also", ())),
        entry.get("unknown", "error"), entry.get("matters", False), zh, en,
        (zh, *chinese), tuple(alias for alias in aliases if alias not in chinese),
    )  # fmt: skip


_DECLARED, _BETWEEN = (
    files("geodata").joinpath(f"{n}.toml").read_text("utf-8") for n in ("schema", "frames")
)
SCHEMAS = read_schemas(_DECLARED)
TABLES = read_schemas(_DECLARED, "table")
NETWORK = read_schemas(_DECLARED, "network")
FRAMES = read_schemas(_BETWEEN, "frame")  # what rooms hand to each other
