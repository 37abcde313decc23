"""The panels beside the map: indicators, verdicts and changes, as tables that screen readers can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from widgets.i18n import text
from workbench.amounts import amount, shown
from workbench.labels import Language, label, unit
from workbench.units import M_PER_KM
from workbench.words import named, say

if TYPE_CHECKING:
    import pandas as pd

_SIGNS = {"<=": "≤", ">=": "≥", "<": "＜", ">": "＞", "==": "＝"}
_FIRST = ("fail", "unknown", "pass")
YEARS = ("before", "kept", "after", "sending", "change")
_HAN = re.compile("[\u2e80-\u9fff]")
STYLE = (files("widgets") / "static" / "panels.css").read_text(encoding="utf-8")


def style_html() -> str:
    """Return the panels' style."""
    return f"<style>{STYLE}</style>"


def number(value: Any) -> str:
    """Return a number with its thousands grouped, small ones with decimals, a missing one as a dash."""
    if value is None or value != value:
        return "—"
    size = abs(float(value))
    return f"{value:,.0f}" if size >= 100 else f"{value:,.1f}" if size >= 10 else f"{value:,.3g}"


def message_html(key: str, values: dict[str, Any], language: Language) -> str:
    """Return the line that tells what to do or what went wrong."""
    named = {
        name: label(value, language) if isinstance(value, str) else value for name, value in values.items()
    }
    told = escape(text(key, language, **named))
    return f'<div class="wb-message" role="status" title="{told}">{told}</div>'


def sources_html(sources: str, language: Language) -> str:
    """Return the sources in one line, whole when pointed at."""
    told = escape(sources)
    return f'<div class="wb-sources" title="{told}">{told}</div>'


def indicators_html(frame: pd.DataFrame, language: Language) -> str:
    """Return indicators before and after as a table; `frame` comes from `workbench.indicators`."""
    from workbench.policy.view import records  # pandas: the page opens before it has it

    name, rows = "label_zh" if language == "zh" else "label_en", []
    for row in records(frame):
        years = {year: shown(row[year], str(row["unit"]), language) for year in YEARS}
        told = {year: number(value) for year, (value, _) in years.items()}
        told |= {year: _signed(years[year][0]) for year in ("sending", "change")}
        small = {"kept", "sending"}
        cells = [f'<td class="n{" u" if year in small else ""}">{told[year]}</td>' for year in YEARS]
        title = f'{escape(str(row[name]))} <span class="u">{escape(unit(years["after"][1], language))}</span>'
        rows.append(f'<tr><th scope="row">{title}</th>{"".join(cells)}</tr>')
    note = f"<p>{escape(text('before_is', language))}</p>"
    return note + _table(language, ("indicator", "before", "sent_best", "after", "sending", "change"), rows)


def verdicts_html(frame: pd.DataFrame, language: Language) -> str:
    """Return the policy's verdicts, failures first; `frame` comes from `workbench.policy.check`."""
    from workbench.policy.view import records

    rows = []
    for row in sorted(records(frame), key=lambda row: _FIRST.index(row["verdict"])):
        amounts = [shown(row[part], _blank(row["unit"]), language) for part in ("amount", "limit", "margin")]
        amount_, limit, margin = (number(value) for value, _ in amounts)
        rows.append(
            f"<tr><td>{escape(str(row['clause']))}</td><td>{escape(_blank(row[language]))}"
            f'<br><span class="u">{escape(evidence(row, language))}</span></td>'
            f'<td class="wb-{escape(str(row["verdict"]))}">{escape(text(str(row["verdict"]), language))}</td>'
            f'<td class="n">{amount_} {_SIGNS.get(row["sign"], "")} {limit} '
            f'<span class="u">{escape(unit(amounts[0][1], language))}<br>'
            f"{escape(text('margin', language))} {margin}</span></td></tr>"
        )
    return _table(language, ("clause", "rule", "verdict", "amount"), rows)


def evidence(row: Mapping[str, Any], language: Language) -> str:
    """Tell what a verdict rests on, by name and figure, and which register would answer an unknown.

    What has no name in this language is counted.
    """
    from workbench.policy.register_files import register_name

    told = [str(part) for part in row["evidence" if language == "zh" else "evidence_en"]]
    shown = [part for part in told if language == "zh" or not _HAN.search(part)]
    if more := len(told) - len(shown):
        shown.append(say("evidence.counted", "others", language, count=more))
    if row["cure"]:
        shown.append(say("evidence.counted", "needs", language, file=register_name(row["cure"], language)))
    return ("、" if language == "zh" else ", ").join(dict.fromkeys(shown))


def changes_html(rows: Iterable[tuple[str, float, str, str, str]], language: Language) -> str:
    """Return the list of decided lines: name, capacity (kt), decision, where to, ``mine`` or ``theirs``."""
    made = [
        f"<tr><td>{escape(name)}</td><td class='n'>{amount(shown(kt, 'kt', language)[0])}</td>"
        f"<td>{escape(text(decision, language))}{f' {escape(where)}' if where else ''}</td>"
        f'<td class="wb-{by}">{escape(text(by, language))}</td></tr>'
        for name, kt, decision, where, by in rows
    ]
    if not made:
        return f"<p>{escape(text('no_changes', language))}</p>"
    return _table(language, ("line", "capacity", "decision", "by"), made)


def why_html(found: Any, place: str, industry: str, language: Language) -> str:
    """Return the answer about one place: verdict, reasons with clause and distance, nearest that would do.

    `found`: a `workbench.region.Why`.
    """
    where = " ".join(_named(part, language) for part in (found.prefecture_zh, found.county_zh) if part)
    head = (
        f"<p><b>{escape(place)}</b> {escape(where)} · {escape(text(industry, language))}: "
        f'<b class="wb-{escape(found.verdict)}">{escape(text(found.verdict, language))}</b></p>'
    )
    rows = []
    for row, force in zip(found.reasons.to_dict("records"), found.forces, strict=True):
        km = "".join(f'<td class="n">{number(row[c] / M_PER_KM)}</td>' for c in ("distance_m", "missing_m"))
        words = (str(row["clause"]), text(force, language), str(row[f"reason_{language}"]))
        rows.append("<tr>" + "".join(f"<td>{escape(word)}</td>" for word in words) + km + "</tr>")
    against = f"<p>{escape(text('nothing_against', language))}</p>"
    if rows:
        against = _table(language, ("clause", "force", "reason", "distance_km", "missing_km"), rows)
    near = [
        f"<tr><td>{escape(_title(row, language))}</td>"
        f"<td>{escape(_named(row['prefecture_zh'], language))}</td>"
        f'<td class="wb-{escape(row["verdict"])}">{escape(text(row["verdict"], language))}</td>'
        f'<td class="n">{number(row["distance_km"])}</td></tr>'
        for row in found.nearest.to_dict("records")
    ]
    return head + against + _table(language, ("nearest", "prefecture", "verdict", "distance_km"), near)


def ranking_html(sites: pd.DataFrame, language: Language) -> str:
    """Return the sites that may take an industry, best first; `sites` comes from `workbench.siting.Where`."""
    ranked = sites[sites["rank"].notna()]
    rows = [
        f'<tr><td class="n">{row["rank"]:.0f}</td><td>{escape(_title(row, language))}</td>'
        f'<td class="wb-{escape(row["verdict"])}">{escape(text(row["verdict"], language))}</td>'
        f'<td class="n">{row["score"]:.3f}</td><td class="n">{number(row["freight_cny_t"])}</td></tr>'
        f'<tr class="wb-below"><td></td><td colspan="4" class="u">'
        f"{escape(_named(row['prefecture_zh'], language))} · "
        f"{escape(text('lift', language))}: {escape(row[f'lift_{language}'])} · "
        f"{escape(text('hold', language))}: {escape(row[f'hold_{language}'])}</td></tr>"
        for row in ranked.to_dict("records")
    ]
    titles = ("rank", "site", "verdict", "score", "freight")
    return f"<h3>{escape(text('ranking', language))}</h3>" + _table(language, titles, rows)


def code_html(code: str) -> str:
    """Return code for copying."""
    return f'<pre class="wb-code">{escape(code)}</pre>'


def heading(key: str, language: str) -> str:
    """Return the heading of a panel."""
    return f"<h2>{escape(text(key, language))}</h2>"


def _table(language: str, titles: tuple[str, ...], rows: list[str]) -> str:
    numeric = {"before", "sent_best", "after", "sending", "change", "margin", "amount", "capacity",
               "distance_km", "missing_km","rank", "score", "freight"}  # fmt: skip
    head = "".join(
        f'<th scope="col"{" class=n" if title in numeric else ""}>{escape(text(title, language))}</th>'
        for title in titles
    )
    body = "".join(rows)
    table = f'<table class="wb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="wb-scroll">{table}</div>'


def _signed(value: Any) -> str:
    shown = number(value)
    return f"+{shown}" if value == value and value is not None and value > 0 else shown


def _blank(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def _title(row: dict[Any, Any], language: str) -> str:
    """Return what a reader calls a site."""
    english = row.get("name_en")
    own = english if language == "en" and isinstance(english, str) and english else row["name_zh"]
    return _named(own, language)


def _named(name: Any, language: str) -> str:
    return named(_blank(name))[language == "en"]
