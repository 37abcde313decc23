"""One description of a map, which the offline page, the widget and the printed sheet all draw."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from workbench.amounts import both
from workbench.errors import CrsError, LabelError
from workbench.maps.codes import told
from workbench.maps.style import MapClass, Text
from workbench.words import named

Kind = Literal["polygon", "line", "point"]
COLUMNS = ("geometry", "klass", "size", "name_zh", "name_en", "doubt")
DIGITS = 4  # decimals of a degree kept in a page: about 10 m, finer than any of the sources


@dataclass(frozen=True)
class View:
    """One reading of a layer's features, such as a pollutant or a season.

    `klass`: the class's key per feature; `values`: the columns of the layer's `fields`; both indexed like the
    layer's frame.
    """

    title: Text
    klass: pd.Series
    values: pd.DataFrame


@dataclass(frozen=True)
class MapLayer:
    """Features of one layer with the classes that draw them.

    `frame`: GeoDataFrame in EPSG:4326, index = feature id (string), columns `geometry`, `klass` (key of one
    of `classes`), `size` (radius or width in pixels, NaN = the class's own), `name_zh`, `name_en`, `doubt`
    (bool: drawn as unsure) and the columns named in `fields`, whose values a reader sees on a click.
    `extra` names further columns that the page's script reads but does not show. `views`: readings that a
    reader switches between; the frame shows the first. `shapes_of`: key of a layer of
    the same map whose shapes the page uses again, found by feature id.
    """

    key: str
    title: Text
    kind: Kind
    classes: tuple[MapClass, ...]
    frame: gpd.GeoDataFrame
    fields: Mapping[str, Text] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    visible: bool = True
    interactive: bool = True
    objects: bool = False  # drawn on the upper canvas, which alone is repainted when a plan changes
    label: Literal["", "area", "place", "point"] = ""
    views: tuple[View, ...] = ()
    shapes_of: str = ""

    def __post_init__(self) -> None:
        missing = {*COLUMNS, *self.fields, *self.extra} - set(self.frame.columns)
        if missing:
            raise LabelError(f"map layer {self.key!r} lacks columns", missing=missing)
        if self.frame.crs is None or self.frame.crs.to_epsg() != 4326:
            raise CrsError(f"map layer {self.key!r} is in {self.frame.crs}; maps are drawn from EPSG:4326")
        named = set(self.frame["klass"]).union(*(set(view.klass) for view in self.views))
        unknown = named - {klass.key for klass in self.classes}
        if unknown:
            raise LabelError(
                f"map layer {self.key!r} has features of classes without a look", unexpected=unknown
            )

    @property
    def used_classes(self) -> tuple[MapClass, ...]:
        """The classes that at least one feature belongs to: exactly these stand in the legend."""
        present = set(self.frame["klass"])
        return tuple(klass for klass in self.classes if klass.key in present)

    def starting(self, number: int) -> MapLayer:
        """Return the layer with another of its views first, and shown: on the page, and on paper."""
        if not 0 <= number < len(self.views):
            raise LabelError(f"map layer {self.key!r} has {len(self.views)} views", unexpected=[number])
        view = self.views[number]
        columns = {"klass": view.klass, **{name: view.values[name] for name in self.fields}}
        frame = self.frame.assign(**columns)
        rest = tuple(other for other in self.views if other is not view)
        return replace(self, frame=frame, views=(view, *rest))


@dataclass(frozen=True)
class MoveState:
    """A plan as the map sees it: arrays in the order of the `lines` and `sites` layers.

    `decision`: 0 keep, 1 close, 2 move per line; `target`: position of the receiving site or -1 per line;
    `build_kt`: new capacity per site; `flows`: rows of (origin, market position, kt), an origin below the
    number of lines is a line, above it a site.
    """

    decision: np.ndarray
    target: np.ndarray
    build_kt: np.ndarray
    flows: np.ndarray

    def to_array(self) -> np.ndarray:
        """Return everything as one float32 array: decisions, targets, builds, flows row by row."""
        parts = (self.decision, self.target, self.build_kt, self.flows.reshape(-1))
        return np.concatenate([np.asarray(part, dtype=np.float32) for part in parts])


@dataclass(frozen=True)
class MapSpec:
    """A whole map: title, layers from the ground up, moves, sources."""

    title: Text
    subtitle: Text
    layers: tuple[MapLayer, ...]
    sources: Text
    moves: MoveState | None = None
    zone: str = "eight"
    language: Literal["zh", "en"] = "zh"

    def __getitem__(self, key: str) -> MapLayer:
        for layer in self.layers:
            if layer.key == key:
                return layer
        raise LabelError(f"no map layer {key!r}; there are {', '.join(layer.key for layer in self.layers)}")

    def to_json(self) -> str:
        """Return the page's data as JSON that is safe inside a script element."""
        payload = {
            "title": self.title,
            "subtitle": self.subtitle,
            "sources": self.sources,
            "language": self.language,
            "zone": self.zone,
            "layers": [_layer_payload(layer) for layer in self.layers],
            "moves": None if self.moves is None else [round(float(v), 2) for v in self.moves.to_array()],
        }
        return _page_json(payload)


def later_layers(layers: Sequence[MapLayer], above: str) -> str:
    """Return layers as JSON for a page that is open already; they are laid just above the layer `above`."""
    return _page_json({"above": above, "layers": [_layer_payload(layer) for layer in layers]})


def _page_json(payload: Mapping[str, Any]) -> str:
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _layer_payload(layer: MapLayer) -> dict[str, Any]:
    seen = set(layer.frame["klass"]).union(*(set(view.klass) for view in layer.views))
    classes = tuple(klass for klass in layer.classes if klass.key in seen)
    position = {klass.key: number for number, klass in enumerate(classes)}
    frame = layer.frame
    same = [None] * len(frame) if layer.shapes_of else _coordinates(frame.geometry, layer.kind)
    features = [
        [str(name), position[klass], shape, size, zh, en, int(doubt), shown, more]
        for name, klass, shape, size, (zh, en), doubt, shown, more in zip(
            frame.index,
            frame["klass"],
            same,
            [None if size != size else round(float(size), 1) for size in frame["size"]],
            map(_names, frame["name_zh"], frame["name_en"]),
            frame["doubt"],
            _rows(frame, tuple(layer.fields), _seen),
            _rows(frame, layer.extra, _values),
            strict=True,
        )
    ]
    return {
        "key": layer.key,
        "title": layer.title,
        "kind": layer.kind,
        "on": layer.visible,
        "click": layer.interactive,
        "objects": layer.objects,
        "label": layer.label,
        "fields": list(layer.fields.values()),
        "extra": list(layer.extra),
        "classes": [{"key": k.key, "title": k.title, **asdict(k.mark)} for k in classes],
        "features": features,
        "shapes_of": layer.shapes_of,
        "views": [
            {
                "title": view.title,
                "classes": [position[klass] for klass in view.klass],
                "values": _rows(view.values, tuple(layer.fields), _seen),
            }
            for view in layer.views
        ],
    }


def _names(zh: Any, en: Any) -> Text:
    """Return a feature's two names; a proper name without an English one is looked up."""
    known = named(_text(zh))
    own = _text(en)
    return known[0], own if own and own != _text(zh) else known[1]


def _rows(
    frame: pd.DataFrame, columns: tuple[str, ...], told: Callable[[pd.Series], list[Any]]
) -> list[list[Any]]:
    if not columns:
        return [[] for _ in range(len(frame))]
    return [list(row) for row in zip(*(told(frame[column]) for column in columns), strict=True)]


def _seen(column: pd.Series) -> list[Any]:
    """Return a column for a card: tonnes as a reader of each language is used to them."""
    if str(column.name).endswith("_kt") and pd.api.types.is_numeric_dtype(column):
        return [None if kt != kt else list(both(float(kt), "kt")) for kt in column]
    return _values(column)


def _values(column: pd.Series) -> list[Any]:
    """Return a column as a reader sees it: codes in words, and a year is a name, not a quantity."""
    if str(column.name).endswith(("_year", "_since")) and pd.api.types.is_numeric_dtype(column):
        return ["" if year != year else f"{year:.0f}" for year in column]
    return [_value(told(str(column.name), value)) for value in column]


def _value(value: Any) -> Any:
    """Return a value as a reader sees it: numbers stay numbers, a (zh, en) pair both, a gap nothing."""
    if isinstance(value, tuple):
        return [_text(part) for part in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, float, np.number)):
        number = float(value)
        return None if not np.isfinite(number) else round(number, 3)
    return _text(value)


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def _coordinates(shapes: gpd.GeoSeries, kind: Kind) -> list[Any]:
    """Return latitude-longitude lists as Leaflet takes them: a point, lines, or polygons of rings."""
    if kind == "point":
        return [[round(point.y, DIGITS), round(point.x, DIGITS)] for point in shapes]
    whole = shapely.set_precision(shapes.to_numpy(), 0) if len(shapes) else []
    return [_rings(shape) if kind == "polygon" else _strands(shape) for shape in whole]


def _strands(shape: Any) -> list[Any]:
    parts = shapely.get_parts(shape)
    return [_path(part) for part in parts if not part.is_empty]


def _rings(shape: Any) -> list[Any]:
    return [
        [_path(ring) for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(shape)
        if not part.is_empty and part.geom_type == "Polygon"
    ]


def _path(line: Any) -> list[list[float]]:
    xy = np.round(shapely.get_coordinates(line)[:, :2], DIGITS)
    moved = np.r_[True, np.any(np.diff(xy, axis=0) != 0, axis=1)]
    return xy[moved][:, ::-1].tolist()
