"""Reads coordinates as planners write them: plain degrees, degrees with minutes, or both in one cell."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

from workbench.layers.imports.dates import serial
from workbench.layers.imports.text import unmarked
from workbench.units import MIN_PER_DEG, S_PER_DEG

_DEGREES = re.compile(
    r"^(?P<before>[NSEW东西南北]?)[经纬]?\s*(?P<d>\d{1,3}(?:\.\d+)?)\s*[°度º]?\s*"
    r"(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*['分]?\s*(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:\"|''|秒)?)?)?"
    r"\s*(?P<after>[NSEW]?)$"
)
_THOUSANDS = re.compile(r"(?<=\d)[ '](?=\d{3}(?!\d))")


def parse_degrees(value: Any) -> float:
    """Read a coordinate: a number, or degrees, minutes, seconds (``103°45′30″E``); NaN if neither."""
    text = unicodedata.normalize("NFKC", _plain(serial(value)).replace("′", "'").replace("″", '"'))
    text = _THOUSANDS.sub("", text)
    if re.fullmatch(r"-?\d{1,3},\d+", text) and abs(float(text.replace(",", "."))) <= 180:
        text = text.replace(",", ".")  # a decimal comma: no degree has thousands
    text = text.replace(",", "")
    try:
        return float(text)
    except ValueError:
        pass
    match = _DEGREES.match(text.replace("”", '"').replace("’", "'"))
    if match is None:
        return math.nan
    minutes, seconds = float(match["m"] or 0), float(match["s"] or 0)
    if minutes >= 60 or seconds >= 60 or ("." in match["d"] and match["m"]):
        return math.nan
    degrees = float(match["d"]) + minutes / MIN_PER_DEG + seconds / S_PER_DEG
    return -degrees if (match["after"] or match["before"]) in ("S", "W", "西", "南") else degrees


_PAIR = re.compile(r"^[(\[]?(?P<first>.+?)(?:\s*[,，;；、]\s*|\s+(?=[\dNSEW东西南北]))(?P<second>.+?)[)\]]?$")


def parse_pair(value: Any) -> tuple[float, float]:
    """Read longitude and latitude out of one cell (``30.70, 104.10``); NaN where neither order makes sense.

    In China no longitude is below 70 degrees and no latitude above 55, so the order does not matter.
    """
    match = _PAIR.match(_plain(value))
    first, second = (
        (parse_degrees(match["first"]), parse_degrees(match["second"])) if match else (math.nan,) * 2
    )
    lon, lat = max(first, second), min(first, second)
    return (lon, lat) if lat <= 60 < lon <= 180 else (math.nan, math.nan)


def _plain(value: Any) -> str:
    return "" if value is None or value != value else unmarked(str(value))
