"""Amounts as a reader of each language is used to them: 万吨 and 亿元, Mt and million CNY."""

from __future__ import annotations

from workbench.units import PERCENT, convert
from workbench.words import Language, Text, words

# unit of a figure -> what a reader is shown: (Chinese, English)
SHOWN = words("units.headline")


def shown(value: float, unit: str, language: Language) -> tuple[float, str]:
    """Return an amount in the unit a reader of the language is used to, with that unit."""
    if unit == "share":
        return PERCENT * value, "%"
    to = SHOWN.get(unit, (unit, unit))[language == "en"]
    as_it_is = unit in ("CNY/t", "persons") or to in (unit, "CNY m")  # other names for the same size
    return (value if as_it_is else float(convert(value, unit, to))), to


def amount(value: float, *, signed: bool = False, minus: str = "−") -> str:
    """Return a number to three or four telling digits, its thousands grouped; a missing one as a dash."""
    if value is None or value != value:
        return "—"
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2
    told = f"{size:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{size:,.0f}"
    sign = "" if told == "0" else minus if value < 0 else "+" if signed else ""
    return f"{sign}{told}"


def both(value: float, unit: str) -> Text:
    """Return an amount without its unit in both languages, each in its own; small ones with more digits."""
    zh, en = (shown(value, unit, language)[0] for language in ("zh", "en"))
    return tuple(f"{v:.2g}" if 0 < abs(v) < 0.1 else amount(v) for v in (zh, en))  # type: ignore[return-value]
