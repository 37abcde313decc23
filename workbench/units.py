"""One conversion table for every unit a file may use, Chinese or international, and the parser that reads it.

A unit is a base unit with decimal prefixes (``万吨``, ``亿千瓦时``, ``GWh``) or a ratio of such (``吨/日``,
``kWh/t``). Each base dimension has one house unit: mass kt, energy GWh, power MW, money million CNY ...
Years and days stay apart: 2500 吨/日 becomes 千吨/年 only when the caller says how many days a year runs.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from workbench.errors import DataError, Fault

# The house unit of each dimension: what a factor of 1 means.
HOUSE_UNITS = {
    "mass": "kt",
    "energy": "GWh",
    "power": "MW",
    "money": "million CNY",
    "length": "km",
    "area": "km2",
    "volume": "m3",
    "current": "kA",
    "voltage": "kV",
    "people": "person",
    "count": "1",
    "year": "a",
    "day": "d",
    "hour": "h",
}

_MU_KM2 = 1 / 1500  # 15 亩 are one hectare
_TCE_GWH = 29.3076 / 3600  # GB/T 2589: one tonne of coal equivalent is 29.3076 GJ
_SHORT_TON_KT, _LONG_TON_KT = 2000 * 0.45359237e-6, 2240 * 0.45359237e-6  # pounds avoirdupois
_WEIGHT_CASE_KT = 50e-6  # flat glass: one weight case is 50 kg (GB 11614 trade unit)

# base unit -> dimension, factor to the house unit. These take Chinese decimal prefixes.
_CHINESE: dict[str, tuple[str, float]] = {
    "吨": ("mass", 1e-3), "克": ("mass", 1e-9), "公斤": ("mass", 1e-6), "t": ("mass", 1e-3),
    "重量箱": ("mass", _WEIGHT_CASE_KT), "重箱": ("mass", _WEIGHT_CASE_KT),
    "瓦时": ("energy", 1e-9), "度": ("energy", 1e-6), "kwh": ("energy", 1e-6),
    "焦": ("energy", 1e-9 / 3600), "焦耳": ("energy", 1e-9 / 3600),
    "吨标准煤": ("energy", _TCE_GWH), "吨标煤": ("energy", _TCE_GWH), "tce": ("energy", _TCE_GWH),
    "克标准煤": ("energy", _TCE_GWH * 1e-6), "克标煤": ("energy", _TCE_GWH * 1e-6),
    "公斤标准煤": ("energy", _TCE_GWH * 1e-3), "公斤标煤": ("energy", _TCE_GWH * 1e-3),
    "瓦": ("power", 1e-6), "kw": ("power", 1e-3),
    "元": ("money", 1e-6), "元人民币": ("money", 1e-6), "人民币元": ("money", 1e-6),
    "米": ("length", 1e-3), "公里": ("length", 1.0), "海里": ("length", 1.852),
    "平方米": ("area", 1e-6), "平方公里": ("area", 1.0), "平方千米": ("area", 1.0),
    "公顷": ("area", 1e-2), "亩": ("area", _MU_KM2),
    "立方米": ("volume", 1.0), "方": ("volume", 1.0),
    "安": ("current", 1e-3), "安培": ("current", 1e-3), "a": ("current", 1e-3),
    "伏": ("voltage", 1e-3), "伏特": ("voltage", 1e-3),
    "人": ("people", 1.0), "台": ("count", 1.0), "座": ("count", 1.0), "条": ("count", 1.0),
    "年": ("year", 1.0), "日": ("day", 1.0), "天": ("day", 1.0), "小时": ("hour", 1.0),
}  # fmt: skip
_CHINESE_PREFIX = {
    "百": 1e2,
    "千": 1e3,
    "万": 1e4,
    "兆": 1e6,
    "亿": 1e8,
    "十万": 1e5,
    "百万": 1e6,
    "千万": 1e7,
}

# base unit -> dimension, factor. These take SI prefixes and are case-sensitive (m, M).
_INTERNATIONAL: dict[str, tuple[str, float]] = {
    "t": ("mass", 1e-3), "g": ("mass", 1e-9), "W": ("power", 1e-6), "Wh": ("energy", 1e-9),
    "J": ("energy", 1e-9 / 3600), "tce": ("energy", _TCE_GWH), "gce": ("energy", _TCE_GWH * 1e-6),
    "A": ("current", 1e-3), "V": ("voltage", 1e-3), "m": ("length", 1e-3),
}  # fmt: skip
_INTERNATIONAL_PREFIX = {"": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_PLAIN: dict[str, tuple[str, float]] = {
    "CNY": ("money", 1e-6), "RMB": ("money", 1e-6), "yuan": ("money", 1e-6), "million CNY": ("money", 1.0),
    "mcny": ("money", 1.0), "m2": ("area", 1e-6), "km2": ("area", 1.0), "ha": ("area", 1e-2),
    "mu": ("area", _MU_KM2), "m3": ("volume", 1.0), "nm": ("length", 1.852), "tonne": ("mass", 1e-3),
    "tonnes": ("mass", 1e-3), "metric ton": ("mass", 1e-3), "metric tons": ("mass", 1e-3),
    "short ton": ("mass", _SHORT_TON_KT), "short tons": ("mass", _SHORT_TON_KT),
    "long ton": ("mass", _LONG_TON_KT), "long tons": ("mass", _LONG_TON_KT),
    "person": ("people", 1.0), "persons": ("people", 1.0), "people": ("people", 1.0), "1": ("count", 1.0),
    "%": ("count", 1e-2), "％": ("count", 1e-2), "‰": ("count", 1e-3), "a": ("year", 1.0),
    "yr": ("year", 1.0), "year": ("year", 1.0), "y": ("year", 1.0), "d": ("day", 1.0), "day": ("day", 1.0),
    "h": ("hour", 1.0), "hr": ("hour", 1.0), "hour": ("hour", 1.0), "mg": ("mass", 1e-12),
    "ug": ("mass", 1e-15), "μg": ("mass", 1e-15), "weight case": ("mass", _WEIGHT_CASE_KT),
    "weight cases": ("mass", _WEIGHT_CASE_KT),
}  # fmt: skip
_POWER = re.compile(
    r"(?:[x×*·]\s*)?(?<![\d.])[1１][0０](?:(?P<up>[⁰¹²³⁴-⁹]+)|\^(?P<hat>\d+))\s*", re.IGNORECASE
)
_POWER_WORD = {"2": "百", "3": "千", "4": "万", "5": "十万", "6": "百万", "7": "千万", "8": "亿"}
_SPOKEN = {"tpd": "t/d", "tpa": "t/a", "mtpa": "Mt/a", "ktpa": "kt/a", "ttpa": "kt/a", "t.p.d": "t/d"}
_PER = re.compile(r"\s*(?:/|每|\bper\b)\s*")
_TONNE_KM = re.compile(r"(?<=/)\s*(?:吨|t)\s*[·.*-]?\s*(?:公里|千米|km)$")
_SUBSTANCE = re.compile(r"(?<=[gt吨克])\s*(?:CO2|SO2|NOx|熟料|水泥)(?=$|/)", re.IGNORECASE)
_THREE_TONS = "a tonne is 1000 kg: write t; a short ton is 907.18 kg, a long ton 1016.05 kg: write which"
_AMBIGUOUS = {
    "mt": "metric tonnes or million tonnes: write t, Mt or 万吨",
    **dict.fromkeys(("ton", "tons", "kton", "ktons"), _THREE_TONS),
}


@dataclass(frozen=True)
class Unit:
    """A unit as read: its text, its dimension (``mass``, ``mass/day``) and the factor to the house unit."""

    text: str
    dimension: str
    factor: float

    @property
    def house(self) -> str:
        """Name the house unit this one converts to, such as ``kt`` or ``kt/d``."""
        return "/".join(HOUSE_UNITS[part] for part in self.dimension.split("/"))


@dataclass(frozen=True)
class Quantity:
    """A number read from text: value with its range when one was given, and the unit it was written in.

    `count` is the number of machines in texts such as ``2×2500吨/日``; `value` is their sum. `hedge` is the
    word that makes the figure unsure (``左右`` of ``120万吨左右``), or nothing.
    """

    value: float
    unit: Unit | None
    low: float
    high: float
    count: int = 1
    hedge: str = ""

    @property
    def is_range(self) -> bool:
        """Tell whether the text gave a range, so that `value` is only its middle."""
        return self.low != self.high


def _refuse(text: object, expected: str, mend: str) -> DataError:
    return DataError([Fault("unit", None, "", repr(text), expected, mend)], summary=f"cannot read {text!r}")


def _chinese(text: str) -> tuple[str, float] | None:
    if text in _CHINESE:
        return _CHINESE[text]
    for length in (2, 1):
        scale = _CHINESE_PREFIX.get(text[:length])
        if scale is not None and len(text) > length and (rest := _chinese(text[length:])):
            return rest[0], rest[1] * scale
    return None


def half_width(text: str) -> str:
    """Fold a text to half width; powers of ten become words: ``12×10⁴吨`` is 12万吨, never 12 × 104 吨."""
    return unicodedata.normalize("NFKC", _POWER.sub(_power_word, text))


def _power_word(found: re.Match[str]) -> str:
    exponent = unicodedata.normalize("NFKC", found["up"] or found["hat"])
    return _POWER_WORD.get(exponent, f"10^{exponent}")


@lru_cache(maxsize=1)
def _international() -> dict[str, tuple[str, float]]:
    table = {
        prefix + name: (dimension, factor * scale)
        for name, (dimension, factor) in _INTERNATIONAL.items()
        for prefix, scale in _INTERNATIONAL_PREFIX.items()
        if prefix != "m" or name == "m"
    }
    return {**table, **_PLAIN}


def _simple(text: str) -> tuple[str, float]:
    text = text.strip()
    table = _international()
    if text in table:
        return table[text]
    if text.casefold() in _AMBIGUOUS:
        raise _refuse(text, "one meaning", _AMBIGUOUS[text.casefold()])
    if (chinese := _chinese(text.casefold())) is not None:
        return chinese
    alike = {value for name, value in table.items() if name.casefold() == text.casefold()}
    if len(alike) == 1:
        return alike.pop()
    raise _refuse(text, "a unit of the conversion table", "use e.g. 万吨, 万重量箱, 吨/日, 千安, tce")


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> Unit:
    """Read a unit such as ``万吨``, ``万重量箱``, ``吨/日``, ``kWh/t`` or ``亿千瓦时``.

    Raises DataError when the unit is unknown or has two meanings (``mt``).
    """
    clean = half_width(text).strip().strip("()[]〔〕").replace("²", "2").replace("³", "3")
    clean = _SPOKEN.get(clean.casefold(), clean)
    clean = _TONNE_KM.sub("t/km", _SUBSTANCE.sub("", clean))
    parts = [_simple(part) for part in _PER.split(clean)]
    factor = parts[0][1]
    for _, divisor in parts[1:]:
        factor /= divisor
    # Fifteen digits undo the last-bit noise of chained prefixes, so that 亿千瓦时 is exactly 100 GWh.
    return Unit(text, "/".join(dimension for dimension, _ in parts), float(f"{factor:.15g}"))


def convert(values: Any, unit: str, to: str, *, days_per_year: float | None = None) -> Any:
    """Convert a number, array or Series from one unit to another of the same dimension.

    Per day and per year are different dimensions; `days_per_year` (the running days, e.g. 310 for clinker)
    joins them. A yearly amount may drop its year: ``万吨/年`` to ``kt``. Raises DataError otherwise.
    """
    source, target = parse_unit(unit), parse_unit(to)
    factor = source.factor / target.factor
    have, want = source.dimension.removesuffix("/year"), target.dimension.removesuffix("/year")
    if have == want:
        return values * factor
    if days_per_year is not None and have == f"{want}/day":
        return values * (factor * days_per_year)
    if days_per_year is not None and want == f"{have}/day":
        return values * (factor / days_per_year)
    running = " and the running days a year" if "day" in f"{have}{want}" else ""
    raise _refuse(unit, f"a unit of {want}{running}, to become {to}", f"{unit} measures {have}")


_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?|[-+]?\.\d+"
_QUANTITY = re.compile(
    rf"^(?P<body>(?:{_NUMBER})(?:\s*[x×*+~－–—-]\s*(?:{_NUMBER}))*)\s*(?P<unit>.*)$",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"^(?P<low>{_NUMBER})\s*(?:~|–|—|-)\s*(?P<high>{_NUMBER})$")
_FACTORS = re.compile(r"\s*[x×*]\s*", re.IGNORECASE)


# Words that make a figure unsure stand before it, behind it (also in brackets), or behind its digits.
HEDGES_BEFORE = (
    r"大?约为?|大概|大致|估计|预计|将近|接近|近|ca\.?|circa|approx(?:imately|\.)?|about|around|est\.?|~|≈"
)
HEDGES_BEHIND = r"左右|上下|前后|大?约|估计?|预计|est\.?|\?"
_HEDGE = re.compile(
    rf"^(?:{HEDGES_BEFORE})(?=[\s\d.])|(?<=\S)\s*(?:\((?:{HEDGES_BEHIND})\)|(?:{HEDGES_BEHIND}))$|(?<=[\d百千万亿])[余多]",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"^(?:[<>≤≥≦≧]|不?[超足到]过?\s*[\d.]|不?[低高大小少多]于|逾|[至最][少多]|at (?:least|most)|up to"
    r"|(?:more|less) than|over|under|above|below)|(?:以[上下内]|\+)\)?$",
    re.IGNORECASE,
)


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _body(text: str) -> tuple[float, float, int]:
    """Read ``2500``, ``2×2500``, ``2500+5000`` or ``1000-1200`` as low, high and number of machines."""
    if between := _RANGE.match(text):
        low, high = _number(between["low"]), _number(between["high"])
        return (low, high, 1) if low <= high else (high, low, 1)
    total, count = 0.0, 0
    for term in re.split(r"(?<=[\d.])\s*\+\s*", text):
        *multipliers, size = _FACTORS.split(term)
        machines = 1.0
        for multiplier in multipliers:
            machines *= _number(multiplier)
        total, count = total + machines * _number(size), count + round(machines)
    return total, total, count


def parse_quantity(text: str | float, *, unit: str | None = None) -> Quantity:
    """Read a quantity with its unit: ``120万吨``, ``2×2500 吨/日``, ``1,200–1,500``, ``约30万千瓦``.

    `unit` is assumed when the text carries none. A range gives its middle as value, a hedged figure itself.
    The value stays in the unit written; `convert` brings it home. Raises DataError for anything that is not
    a number with a unit, a bound (``120以上``) included.
    """
    if isinstance(text, int | float):
        return Quantity(float(text), parse_unit(unit) if unit else None, float(text), float(text))
    clean = half_width(text).strip()
    if _BOUND.search(clean):
        raise _refuse(text, "one figure, no bound", "Write the figure itself.")
    hedge = "".join(found[0].strip(" ()") for found in _HEDGE.finditer(clean))
    clean = _HEDGE.sub("", clean).strip().replace("至", "-").replace("−", "-")
    match = _QUANTITY.match(clean)
    if match is None:
        raise _refuse(text, "a number, with a unit if it has one", "write e.g. 120 or 120万吨")
    try:
        low, high, count = _body(match["body"].strip())
    except ValueError:
        raise _refuse(text, "one number, a range or a sum", "write e.g. 1200-1500 or 2×2500") from None
    written = match["unit"].strip() or unit
    return Quantity((low + high) / 2, parse_unit(written) if written else None, low, high, count, hedge)


def per(small: str, large: str) -> float:
    """Return how many of the smaller unit make one of the larger: ``per("t", "kt")`` is 1000."""
    return float(f"{parse_unit(large).factor / parse_unit(small).factor:.15g}")


# The same table for arithmetic on columns whose names carry their unit: multiply to reach the smaller unit,
# divide to reach the larger. A factor written out anywhere else is refused by the tests.
T_PER_KT = per("t", "kt")
KT_PER_MT = per("kt", "Mt")
KT_PER_WAN_T = per("kt", "万吨")
KG_PER_T = per("kg", "t")  # also CNY/t into CNY/kg, and kt times kg/t into kt
MG_PER_KG = per("mg", "kg")
CNY_PER_KCNY = per("CNY", "千元")
CNY_PER_MCNY = per("CNY", "million CNY")
KCNY_PER_MCNY = CNY_PER_MCNY / CNY_PER_KCNY  # kt times CNY/t is thousand CNY
MWH_PER_GWH = per("MWh", "GWh")  # also MW times hours, and kt times kWh/t
MW_PER_GW = per("MW", "GW")
MW_PER_WAN_KW = per("MW", "万kw")
M_PER_KM = per("m", "km")
MM_PER_M = 1000.0
M2_PER_KM2 = per("m2", "km2")
PERSONS_PER_WAN = per("person", "万人")
PERCENT = per("%", "1")
BYTES_PER_MB = 1e6
S_PER_MIN, S_PER_H, S_PER_DAY, H_PER_DAY = 60.0, 3600.0, 86400.0, 24.0
MIN_PER_DEG, S_PER_DEG = 60.0, 3600.0  # of arc
