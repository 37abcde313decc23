"""Reads KML and KMZ, as Google Earth and Chinese map programs write them: one row per placemark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import pandas as pd
import shapely

from workbench import crs
from workbench.errors import Fault
from workbench.layers.imports.container import Limits, check_archive, refuse_foreign, unpacked, unreadable
from workbench.layers.imports.features import Features, numbered, too_large
from workbench.layers.imports.text import decode

_DEEPEST = 60
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding=["']([\w.-]{1,40})["'][^>]{0,200}\?>""")


def read_kml(path: Path, limits: Limits, layer: str | None = None) -> Features:
    """Read the placemarks of a KML, or of the document in a KMZ; degrees are WGS-84 as the standard says.

    Columns: ``name``, ``description``, ``folder``, and every field of extended data under its own name.
    `layer`: a folder, with those inside it. Raises DataError for anything that is no KML.
    """
    if path.suffix.lower() == ".kml":
        refuse_foreign(path, "text")
        return _read(path.name, path.read_bytes(), limits, layer)
    refuse_foreign(path, "zip")
    documents = [m for m in check_archive(path, limits) if m.filename.lower().endswith(".kml")]
    if not documents:
        raise unreadable(path.name, "no .kml inside", "a KMZ with a document", "Export it again.")
    first = min(documents, key=lambda member: (member.filename.lower() != "doc.kml", member.filename))
    with unpacked(path, {"doc.kml": first}) as folder:
        features = _read(path.name, (folder / "doc.kml").read_bytes(), limits, layer)
    if len(documents) == 1:
        return features
    found = f"{first.filename} read, not {', '.join(sorted(m.filename for m in documents if m != first)[:5])}"
    mend = "Export the others by themselves, if you mean them."
    told = Fault(path.name, None, "", found, "one document in a KMZ", mend, "warning")
    return replace(features, faults=(*features.faults, told))


def _xml(file: str, raw: bytes) -> bytes:
    """Return the document in UTF-8: the parser knows no GBK, which some map programs write, said or not."""
    declared = _DECLARED.match(raw[:400])
    said = declared[1].decode("ascii").casefold() if declared else "utf-8"
    if said.startswith("utf-16") or raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw
    text, _ = decode(file, raw, None if said == "utf-8" else said)
    return re.sub(r"^\s*<\?xml[^>]{0,400}\?>", "", text).encode()


def _read(file: str, raw: bytes, limits: Limits, layer: str | None) -> Features:
    plain = raw.replace(b"\0", b"")  # UTF-16 writes a zero beside each letter
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise unreadable(file, "an entity declaration", "a plain KML", "Export it again.")
    try:
        root = ElementTree.fromstring(_xml(file, raw))
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError) as error:
        raise unreadable(file, f"damaged content ({error})", "KML", "Export it again.") from None
    rows, shapes = list[dict[str, Any]](), list[Any]()
    faults, folders = list[Fault](), set[str]()
    for folder, placemark in _placemarks(root, "", 0):
        folders.add(folder)
        if layer is not None and f"/{layer}/" not in f"/{folder}/":
            continue
        fields = {"folder": folder, **_fields(placemark)}
        try:
            shapes.append(_shape(placemark))
        except (ValueError, shapely.errors.GEOSException) as error:
            shapes.append(None)
            mend = "Draw it again in the program it comes from."
            faults.append(Fault(file, len(rows) + 1, "geometry", f"no shape ({error})", "a shape", mend))
        rows.append(fields)
        if len(rows) > limits.rows:
            raise too_large(file, f"more than {limits.rows:,} placemarks", limits)
    if not rows:
        found = "no placemark" if layer is None else f"no placemark in a folder {layer!r}"
        expected = "at least one" if layer is None else f"one of {', '.join(sorted(folders)[:8])}"
        raise unreadable(file, found, expected, "Export the layer with its features.")
    frame = gpd.GeoDataFrame(_told(pd.DataFrame(rows)), geometry=shapes, crs=crs.WGS84)
    if len(frame.columns) > limits.columns:
        raise too_large(file, f"{len(frame.columns)} fields", limits)
    return Features(numbered(frame), tuple(faults[:100]))


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element: ElementTree.Element | None) -> str | None:
    return None if element is None or element.text is None else element.text.strip() or None


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((child for child in element if _name(child) == name), None)


def _placemarks(
    element: ElementTree.Element, folder: str, depth: int
) -> Iterator[tuple[str, ElementTree.Element]]:
    for child in element:
        if _name(child) == "Placemark":
            yield folder, child
        elif _name(child) in ("Document", "Folder", "kml") and depth < _DEEPEST:
            title = _text(_child(child, "name")) if _name(child) == "Folder" else None
            yield from _placemarks(child, "/".join(filter(None, (folder, title))), depth + 1)


def _told(cells: pd.DataFrame) -> pd.DataFrame:
    """Leave out what placemarks have by their form, where it says nothing or repeats a column of the data."""
    own = [name for name in ("folder", "name", "description") if name in cells]
    data = cells.drop(columns=own).fillna("")
    said = {name: cells[name].fillna("") for name in own}
    idle = [
        name for name, column in said.items() if column.eq("").all() or data.eq(column, axis=0).all().any()
    ]
    return cells.drop(columns=idle)


def _fields(placemark: ElementTree.Element) -> dict[str, Any]:
    fields: dict[str, Any] = {name: _text(_child(placemark, name)) for name in ("name", "description")}
    for element in placemark.iter():
        if _name(element) == "Data" and (key := element.get("name")):
            fields[key] = _text(_child(element, "value"))
        elif _name(element) == "SimpleData" and (key := element.get("name")):
            fields[key] = _text(element)
    return fields


def _shape(element: ElementTree.Element) -> Any:
    """Build the shape of a placemark; of several in a MultiGeometry the family with the most counts."""
    shapes = [
        _one(child)
        for child in element.iter()
        if _name(child) in ("Point", "LineString", "LinearRing", "Polygon")
        and not (_name(child) == "LinearRing" and _name(element) == "Placemark")
    ]
    shapes = [shape for shape in shapes if shape is not None]
    if len(shapes) < 2:
        return shapes[0] if shapes else None
    return shapely.GeometryCollection(shapes)


def _one(element: ElementTree.Element) -> Any:
    if _name(element) != "Polygon":
        line = _coordinates(element)
        return shapely.Point(line[0]) if _name(element) == "Point" else shapely.LineString(line)
    rings = {"outerBoundaryIs": [], "innerBoundaryIs": []}  # type: dict[str, list[Any]]
    for boundary in element:
        if _name(boundary) in rings:
            rings[_name(boundary)] += [_coordinates(r) for r in boundary if _name(r) == "LinearRing"]
    if not rings["outerBoundaryIs"]:
        raise ValueError("a polygon without outline")
    return shapely.Polygon(rings["outerBoundaryIs"][0], rings["innerBoundaryIs"])


def _coordinates(element: ElementTree.Element) -> list[tuple[float, float]]:
    text = _text(_child(element, "coordinates"))
    if text is None:
        raise ValueError("no coordinates")
    points = [tuple(map(float, point.split(",")[:2])) for point in text.split()]
    if any(len(point) != 2 for point in points):
        raise ValueError("a coordinate without its pair")
    return points  # type: ignore[return-value]
