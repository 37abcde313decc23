"""A back-test as tables of a document, for both readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from workbench.backtests.rankings import BESIDE, OWN
from workbench.backtests.run import Backtest
from workbench.backtests.score import POOLED
from workbench.labels import both
from workbench.words import words

MARKS = ("<!-- measured -->", "<!-- /measured -->")
_NAMES, _TEXT = words("backtests.rankings"), words("backtests.text")


def name_of(ranking: str) -> str:
    """Return the name of a ranking or a lever in both languages."""
    return " ".join(_NAMES[ranking])


def area(row: Mapping[str, float]) -> str:
    """Write an area with its interval: ``0.78 [0.61, 0.92]``; a dash where no two works are told apart."""
    if np.isnan(row["auc"]):
        return "—"
    span = "" if np.isnan(row["low"]) else f" [{row['low']:.2f}, {row['high']:.2f}]"
    return f"{row['auc']:.2f}{span}"


def ranking_table(test: Backtest) -> pd.DataFrame:
    """Return one row per ranking, one column per industry and one pooled.

    A cell: area, interval, and found / missed / false.
    """
    table = test.rankings
    columns = {}
    for industry, rows in table.groupby("industry", sort=False):
        one = rows.iloc[0]
        title = _pooled() if industry == POOLED else both(str(industry))
        chance = "" if np.isnan(one["chance_auc"]) else f" (≤ {one['chance_auc']:.2f})"
        head = f"{title} {one['ended']}/{one['works']}{chance}"
        columns[head] = [
            f"{area(row)} {row['found']}/{row['missed']}/{row['false']}" for row in rows.to_dict("records")
        ]
    names = table["ranking"].drop_duplicates()
    kind = {**dict.fromkeys(OWN, "own"), **dict.fromkeys(BESIDE, "beside")}
    first = {
        " ".join(_TEXT["kind"]): [" ".join(_TEXT[kind.get(name, "lever")]) for name in names],
        " ".join(_TEXT["ranking"]): [name_of(name) for name in names],
    }
    return pd.DataFrame({**first, **columns})


def _pooled() -> str:
    return " ".join(_TEXT["pooled"])


def plan_table(test: Backtest) -> pd.DataFrame:
    """Return what the plan itself touches, by industry: ended, found, missed, false."""
    table = test.plan.assign(industry=[both(name) for name in test.plan["industry"]])
    return _titled(table, "industry works ended found missed false")


def lever_table(test: Backtest) -> pd.DataFrame:
    """Return the levers fixed on one industry and judged on the others."""
    rows = test.levers
    cells = {
        "fixed_on": [both(name) for name in rows["fixed_on"]],
        "weights": [_weights(text) for text in rows["weights"]],
        "judged_on": [both(name) for name in rows["judged_on"]],
        "ended": rows["ended"],
        "works": rows["works"],
        "auc": [area(row) for row in rows.to_dict("records")],
        "chance_auc": rows["chance_auc"].round(2),
    }
    return _titled(pd.DataFrame(cells), " ".join(cells))


def _weights(text: str) -> str:
    parts = (part.split() for part in text.split(";") if part)
    return "、".join(f"{name_of(name)} {weight}" for name, weight in parts) or "—"


def works_table(test: Backtest, ids: Iterable[str] = ()) -> pd.DataFrame:
    """Return what became of works and where rankings had them: those that ended, or those named.

    A place: rank within the industry of the works counted, 1 the first to end; a dash where the ranking tells
    no two apart.
    """
    works = test.works
    wanted = sorted(ids) or list(works.index[works["ended"]])
    shown = ("plan", "gain", "low_use", "cost", "small", "near")
    parts = works.groupby("industry")[list(shown)]
    ranks = parts.rank(ascending=False, method="min").where(parts.transform("nunique") > 1)
    count = works.groupby("industry")["outcome"].transform("size")
    records = []
    for plant in (plant for plant in wanted if plant in works.index):
        row = works.loc[plant]
        year = "" if np.isnan(row["year"]) else f" {row['year']:.0f}"
        what = " ".join(_TEXT[row["outcome"]]) + year
        touched = f"{row['leaves_kt']:,.0f}" if row["leaves_kt"] else "—"
        places = ["—" if np.isnan(at) else f"{at:.0f}/{count[plant]}" for at in ranks.loc[plant]]
        records.append((f"{row['name_zh']} {plant}", what, touched, *places))
    heads = [" ".join(_TEXT[name]) for name in ("name", "outcome", "leaves_kt")]
    return pd.DataFrame(records, columns=[*heads, *(name_of(name) for name in shown)])


def _titled(table: pd.DataFrame, names: str) -> pd.DataFrame:
    wanted = names.split()
    return table[wanted].set_axis([" ".join(_TEXT[name]) for name in wanted], axis=1)


def markdown(frame: pd.DataFrame) -> str:
    """Write a table in Markdown."""
    rows = [list(frame.columns), ["---"] * len(frame.columns), *frame.astype(str).to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)


def section(test: Backtest, title: str, named: Iterable[str] = ()) -> str:
    """Write all tables of one back-test below a title."""
    tables = {
        "rankings": ranking_table(test),
        "plan": plan_table(test),
        "levers": lever_table(test),
        "works": works_table(test, {*test.works.index[test.works["ended"]], *named}),
    }
    parts = [f"## {title}"]
    for key, table in tables.items():
        if len(table):
            parts += [f"### {' '.join(_TEXT[f'title_{key}'])}", markdown(table)]
    return "\n\n".join(parts)


def placed(page: str, text: str) -> str:
    """Return a page with what stands between the marks replaced. Raises ValueError where it has no marks."""
    start, end = MARKS
    if start not in page or end not in page:
        raise ValueError(f"the page has no place to write to: put {start} and {end} on lines of their own")
    before, _, rest = page.partition(start)
    return f"{before}{start}\n\n{text}\n\n{end}{rest.partition(end)[2]}"
