"""The figures that are always on the screen, and what one more decision would change of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from widgets.i18n import text
from workbench.amounts import amount, shown
from workbench.labels import Language, unit

if TYPE_CHECKING:
    import pandas as pd

_NAN = float("nan")


@dataclass(frozen=True)
class Figure:
    """One headline: its text's key, the indicators it shows side by side, and whether less is better."""

    key: str
    indicators: tuple[str, ...]
    less: bool | None = True


FIGURES = (
    Figure("head_zone", ("capacity_zone_kt",)),
    Figure("head_moves", ("moved_kt", "closed_kt", "built_kt"), None),
    Figure("head_cost", ("cost_mcny",)),
    Figure("head_freight", ("freight_cny_t",)),
    Figure("head_co2", ("co2_total_kt",)),
    Figure("head_power", ("power_dry_gwh",)),
    Figure("head_jobs", ("jobs_displaced",)),
)


def tone(change: float, less: bool | None) -> str:
    """Return ``good``, ``bad`` or nothing for a change, by whether less is better."""
    if less is None or change != change or amount(change) == "0":
        return ""
    return "good" if (change < 0) == less else "bad"


def figures_html(indicators: pd.DataFrame | None, verdicts: pd.DataFrame | None, language: Language) -> str:
    """Return the eight headline figures with their change against keeping every line.

    `indicators`: see `workbench.indicators.table`, None until they are worked out; `verdicts`: see
    `workbench.policy.check`, None while they are judged.
    """
    known: dict[str, tuple[str, float, float]] = {}
    if indicators is not None:
        columns = zip(*(indicators[name].tolist() for name in ("unit", "after", "change")), strict=True)
        known = dict(zip(indicators.index, columns, strict=True))
    cells = [_cell(figure, known, language) for figure in FIGURES]
    cells.append(_clauses(verdicts, language))
    busy = ' aria-busy="true"' if indicators is None else ""
    label = escape(text("figures", language))
    told = escape(text("before_is", language))
    start = f'<div class="wb-figures" role="group" aria-label="{label}" title="{told}"{busy}>'
    return f"{start}{''.join(cells)}</div>"


def _cell(figure: Figure, known: Mapping[str, tuple[str, float, float]], language: Language) -> str:
    """Return one figure; `known`: unit, amount and change by indicator."""
    rows = [known.get(name, ("", _NAN, _NAN)) for name in figure.indicators]
    unit = next((unit for unit, *_ in rows if unit), "")
    told = " / ".join(amount(shown(after, unit, language)[0]) for _, after, _ in rows)
    shift = ""
    if len(rows) == 1:
        change = shown(rows[0][2], unit, language)[0]
        if amount(change) not in ("0", "—"):
            shift = f'<i class="wb-{tone(change, figure.less)}">{amount(change, signed=True)}</i>'
    return (
        f"<div><small>{escape(text(figure.key, language))}</small>"
        f"<b>{told}</b> {shift} <span>{escape(shown(0.0, unit, language)[1])}</span></div>"
    )


def _clauses(verdicts: pd.DataFrame | None, language: Language) -> str:
    told = "…"
    if verdicts is not None:
        counts = Counter(verdicts["verdict"].tolist())
        told = " ".join(
            f'<b class="wb-{kind}" title="{escape(text(kind, language))}">{sign}{counts[kind]}</b>'
            for kind, sign in (("pass", "✓"), ("fail", "✗"), ("unknown", "?"))
        )
    return f"<div><small>{escape(text('head_clauses', language))}</small>{told}</div>"


# what a decision changes, told at the cursor
_TOLD = ("cost_mcny", "freight_cny_t", "co2_total_kt", "power_dry_gwh", "jobs_displaced", "unmet_kt")


def effect_rows(now: pd.DataFrame, then: pd.DataFrame, language: Language) -> list[tuple[str, str, str]]:
    """Return what changes between two tables of indicators, as label, signed amount with unit, and tone."""
    rows = []
    for name in _TOLD:
        if name not in now.index or name not in then.index:
            continue
        more = float(then.at[name, "after"]) - float(now.at[name, "after"])
        value, of = shown(more, str(now.at[name, "unit"]), language)
        if name == "unmet_kt" and amount(value) == "0":
            continue
        label = str(then.at[name, "label_zh" if language == "zh" else "label_en"])
        rows.append((label, f"{amount(value, signed=True)} {unit(of, language)}", tone(value, less=True)))
    return rows


def clause_rows(
    now: pd.DataFrame | None, then: pd.DataFrame, language: Language
) -> list[tuple[str, str, str]]:
    """Return the clauses a decision newly breaks or newly keeps, with the amount missing of broken ones."""
    if now is None:
        return []
    before: Mapping[tuple[str, str], str] = {
        (row.clause, row.key): row.verdict for row in _keyed(now).itertuples()
    }
    rows = []
    for row in _keyed(then).to_dict("records"):
        old = before.get((row["clause"], row["key"]), "unknown")
        if row["verdict"] == old or "fail" not in (old, row["verdict"]):
            continue
        broken = row["verdict"] == "fail"
        missing, of = shown(abs(float(row["margin"])), str(row["unit"]), language)
        far = amount(missing) if of == "1" else f"{amount(missing)} {unit(of, language)}"
        told = text("lacks", language, amount=far) if broken else text("pass", language)
        rows.append((f"{row['clause']} {row[language]}", told, "bad" if broken else "good"))
    return rows


def _keyed(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Name each verdict by its place among those of its clause, as their texts carry figures."""
    return verdicts.assign(key=verdicts.groupby("clause").cumcount().astype(str))
