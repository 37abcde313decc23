"""A plan in many futures as sentences, tables, a workbook and a chart, for both readers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.indicators import INDICATORS
from workbench.labels import LABELS, both, unit
from workbench.maps.fonts import print_family
from workbench.reports.swap import all_or_nothing
from workbench.reports.workbook import write_workbook
from workbench.robust.evaluate import Evaluation
from workbench.robust.regret import Regret
from workbench.words import Text, named, pair, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 8  # clauses in the chart, the frailest
MONEY = words("robust.numbers")
_COLUMNS, _HELD, _TEXT = words("robust.columns"), words("robust.held"), words("robust.text")
_LINE, _ZERO = "#2b5c8a", "#b2182b"


def headed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of this room under its headings in both languages."""
    return frame.rename(columns=lambda name: " ".join(_COLUMNS[name]) if name in _COLUMNS else both(name))


def indicator_table(found: Evaluation) -> pd.DataFrame:
    """Return the spread of each number, named in both languages with its unit."""
    table = found.indicators.reset_index()
    known = [INDICATORS.get(name) for name in table["id"]]
    names = [" ".join(MONEY[name]) if each is None else f"{each.zh} {each.en}"
             for name, each in zip(table["id"], known, strict=True)]  # fmt: skip
    table.insert(1, "unit", [unit("million CNY" if each is None else each.unit) for each in known])
    return table.assign(id=names)


def clause_table(found: Evaluation) -> pd.DataFrame:
    """Return how often each binding row holds, the frailest first, with the names of codes."""
    table = found.clauses
    places = [" ".join(dict.fromkeys(named(str(place)))) for place in table["place"]]
    return table.assign(industry=table["industry"].map(both), place=places, unit=table["unit"].map(unit))


def sentences(found: Evaluation) -> list[Text]:
    """Say how the futures were drawn, how often the plan pays and is lawful, and what fails first."""
    drawn, spread = found.drawn, found.indicators.loc["gain_mcny"]
    together = pair("robust.text", "groups", count=len(drawn.together))
    told = [
        pair(
            "robust.text", "design", samples=len(found.results), drawn=drawn.values.shape[1], seed=drawn.seed,
            held=len(drawn.held), together=together if drawn.together else _TEXT["independent"],
        ),
        pair(
            "robust.text", "pays",
            pays=found.pays_share, lawful=found.lawful_share, both=found.satisfied_share,
        ),
        pair(
            "robust.text", "saved", central=spread["central"], median=spread["median"],
            low=spread["p05"], high=spread["p95"],
        ),
    ]  # fmt: skip
    frail = found.clauses[found.clauses["holds_share"] < 1].head(3)
    told += [
        pair(
            "robust.text", "frail", clause=row["clause"], of=_of(row),
            holds=row["holds_share"], short=row["short_share"], over=row["over_share"],
        )
        for row in frail.to_dict("records")
    ] or [_TEXT["sure"]]  # fmt: skip
    if found.failed:
        told.append(pair("robust.text", "charged", failed=found.failed, penalty=found.penalty_mcny))
    return told


def _of(row: dict) -> Text:
    """Name what a row of the law is about: its industry or pollutant, and where, if not everywhere."""
    zh, en = LABELS.get(row["industry"], (row["industry"], row["industry"]))
    if row["place"] == "*":
        return zh, en
    there = named(row["place"])
    return f"{zh} {there[0]}", f"{en} {there[1]}"


def regret_table(plans: Regret) -> pd.DataFrame:
    """Return what choosing each plan may cost, and how often it does what is asked."""
    return plans.table.reset_index()


def write_robust(
    found: Evaluation, folder: str | Path, plans: Regret | None = None, decides: pd.DataFrame | None = None
) -> list[Path]:
    """Write robust.xlsx and robust.png into a folder, all or nothing; return the paths.

    The workbook holds every future with what was drawn for it, of several plans their regret, and `sobol`.
    Raises DataError when the folder cannot be written.
    """
    notes = {"标题 Title": "  ".join(_TEXT["title"])}
    notes |= {str(number): "\n".join(told) for number, told in enumerate(sentences(found), 1)}
    held = found.drawn.held.map(lambda why: " ".join(_HELD[why]))
    sheets = {
        "指标 Indicators": headed(indicator_table(found)),
        "条款 Clauses": headed(clause_table(found)),
        "未来 Futures": headed(found.results.rename(columns={k: " ".join(v) for k, v in MONEY.items()})),
        "抽取 Drawn": found.drawn.values,
        "固定 Held": headed(held.rename("held").reset_index()),
    }

    if plans is not None:
        sheets["后悔 Regret"] = headed(regret_table(plans))
        sheets["各未来后悔 Regret by future"] = plans.regret_mcny

    if decides is not None:
        sheets["谁决定 Sobol"] = headed(decides.reset_index())

    def write(workshop: Path) -> list[Path]:
        book = write_workbook(sheets, workshop / "robust.xlsx", notes=notes)
        return [book, robust_chart(found, workshop / "robust.png")]

    return all_or_nothing(folder, write)


def robust_chart(found: Evaluation, path: Path) -> Path:
    """Draw what the plan saves over all futures, and how often the frailest clauses hold; return the path."""
    from matplotlib import rc_context

    with rc_context({"font.family": [print_family(), "DejaVu Sans"], "axes.unicode_minus": False}):
        figure = _drawn(found)
        figure.savefig(path, dpi=160, metadata={"Software": None})
    return path


def _drawn(found: Evaluation) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    gain = np.sort(found.results["gain_mcny"].to_numpy(float))
    left.step(gain, np.arange(1, len(gain) + 1) / len(gain), where="post", color=_LINE)
    left.axvline(0.0, color=_ZERO, linewidth=0.8)
    left.set_xlabel("\n".join(_TEXT["saved_axis"]))
    left.set_ylabel("  ".join(_TEXT["pays_axis"]))
    left.set_ylim(0, 1)
    frail = found.clauses.head(SHOWN).iloc[::-1]
    names = [f"{row['clause']} {' '.join(dict.fromkeys(_of(row)))}" for row in frail.to_dict("records")]
    right.barh(range(len(frail)), frail["holds_share"], color=_LINE)
    right.set_yticks(range(len(frail)), names)
    right.set_xlim(0, 1)
    right.set_xlabel("\n".join(_TEXT["holds_axis"]))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle("  ".join(_TEXT["title"]), fontsize="medium")
    return figure
