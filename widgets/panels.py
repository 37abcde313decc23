"""The panels beside the map: indicators, verdicts and changes, as tables that screen readers can read."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib.resources import files
from typing import Any

import pandas as pd

from widgets.i18n import text
from workbench.labels import Language, label, unit
from workbench.maps.fonts import page_font

STYLE = (files("widgets") / "static" / "panels.css").read_text(encoding="utf-8")


def style_html(shown: str) -> str:
    """Return the panels' style, with the Chinese characters of `shown` for machines that lack them."""
    return f"<style>{page_font(shown)}{STYLE}</style>"


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
    return f'<div class="wb-message" role="status">{escape(text(key, language, **named))}</div>'


def indicators_html(frame: pd.DataFrame, language: Language) -> str:
    """Return indicators before and after as a table; `frame` comes from `workbench.indicators`."""
    name = "label_zh" if language == "zh" else "label_en"
    rows = [
        f'<tr><th scope="row">{escape(str(row[name]))} '
        f'<span class="u">{escape(unit(str(row["unit"]), language))}</span></th>'
        f'<td class="n">{number(row["before"])}</td><td class="n">{number(row["after"])}</td>'
        f'<td class="n">{_signed(row["change"])}</td></tr>'
        for row in frame.to_dict("records")
    ]
    return _table(language, ("indicator", "before", "after", "change"), rows)


def verdicts_html(frame: pd.DataFrame, language: Language) -> str:
    """Return the policy's verdicts, failures first; `frame` comes from `workbench.policy.check`."""
    rank = frame["verdict"].map({"fail": 0, "unknown": 1, "pass": 2})
    table = frame.assign(rank=rank).sort_values("rank", kind="stable")
    rows = [
        f"<tr><td>{escape(str(row['clause']))}</td><td>{escape(_blank(row[language]))}</td>"
        f'<td class="wb-{escape(str(row["verdict"]))}">{escape(text(str(row["verdict"]), language))}</td>'
        f'<td class="n">{number(row["amount"])} {escape(_blank(row["sign"]))} {number(row["limit"])} '
        f'<span class="u">{escape(_blank(row["unit"]))}</span></td><td class="n">{number(row["margin"])}</td>'
        f'<td class="u">{escape(", ".join(map(str, row["evidence"])))}</td></tr>'
        for row in table.to_dict("records")
    ]
    return _table(language, ("clause", "rule", "verdict", "amount", "margin", "evidence"), rows)


def changes_html(rows: Iterable[tuple[str, float, str, str]], language: str) -> str:
    """Return the list of changed lines: name, capacity, decision, where to."""
    made = [
        f"<tr><td>{escape(name)}</td><td class='n'>{number(kt)}</td>"
        f"<td>{escape(text(decision, language))}</td><td>{escape(where)}</td></tr>"
        for name, kt, decision, where in rows
    ]
    if not made:
        return f"<p>{escape(text('no_changes', language))}</p>"
    return _table(language, ("line", "capacity", "decision", "to"), made)


def code_html(code: str) -> str:
    """Return code for copying."""
    return f'<pre class="wb-code">{escape(code)}</pre>'


def heading(key: str, language: str) -> str:
    """Return the heading of a panel."""
    return f"<h2>{escape(text(key, language))}</h2>"


def _table(language: str, titles: tuple[str, ...], rows: list[str]) -> str:
    numeric = {"before", "after", "change", "margin", "amount", "capacity"}
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


def _title(row: dict[Any, Any], column: str) -> str:
    return "" if column == "clause" else f'<br><span class="u">{escape(_blank(row[column]))}</span>'


def _blank(value: Any) -> str:
    return "" if value is None or value != value else str(value)
