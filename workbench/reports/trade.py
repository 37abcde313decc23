"""What is traded, in words, a table and a chart: the same points in console, workbook and picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from workbench.labels import unit
from workbench.maps.fonts import print_family
from workbench.relocation.plan import Plan
from workbench.relocation.trade import OBJECTIVES, Front
from workbench.reports.swap import all_or_nothing
from workbench.reports.workbook import write_workbook
from workbench.words import Text, pair, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINE, MARK = "#2b5c8a", "#b2182b"
NAMES = words("reports.objectives")
_TEXT = words("reports.trade")


def _unit(name: str) -> Text:
    code = OBJECTIVES[name][0]
    return unit(code), code


def heading(name: str) -> str:
    """Name an objective with its unit, in both languages."""
    code = OBJECTIVES[name][0]
    zh, en = NAMES[name]
    return f"{zh}（{unit(code)}） {en} ({code})"


def trade_table(front: Front) -> pd.DataFrame:
    """Return the points, best in the first objective first: each against that one, and what leaves.

    Columns: point (its number; the knee is marked), the objectives, the change of each from the first point,
    what one unit of the second costs in units of the first on the step before, and the lines that leave.
    """
    first, second = front.points.columns
    change = front.points - front.points.iloc[0]
    step = front.points.diff()
    rate = -step[first] / step[second]
    knee = front.knee if len(change) > 2 else None  # between two ends nothing lies
    number = [f"{i + 1}{' ' + _TEXT['knee'][0] if i == knee else ''}" for i in range(len(change))]
    table = pd.DataFrame({"point": number})
    for name in (first, second):
        table[heading(name)] = front.points[name].to_numpy()
        table[f"{_TEXT['change'][0]} {_TEXT['change'][1]}: {heading(name)}"] = change[name].to_numpy()
    units = f"{OBJECTIVES[first][0]} / {OBJECTIVES[second][0]}"
    table[f"{_TEXT['rate'][0]} {_TEXT['rate'][1]} ({units})"] = rate.to_numpy()
    table["leaves"] = [_leaving(plan) for plan in front.plans]
    table["built"] = [_built(plan) for plan in front.plans]
    return table


def _leaving(plan: Plan) -> str:
    gone = plan.decisions[plan.decisions["decision"] != "keep"]
    return "；".join(f"{name} {line}" for line, name in gone["name_zh"].items())


def _built(plan: Plan) -> str:
    sites, kt = plan.layers.sites["name_zh"], plan.builds.set_index("site_id")["capacity_kt"]
    return "；".join(f"{sites.get(site, site)} {size:,.0f}" for site, size in kt.items())


def sentences(front: Front) -> list[Text]:
    """Say the extremes and the knee."""
    first, second = front.points.columns
    last, knee = len(front.points) - 1, front.knee
    change = front.points - front.points.iloc[0]
    values = {
        "best": NAMES[first], "other": NAMES[second], "points": len(front.points),
        "unit_first": _unit(first), "unit_second": _unit(second),
    }  # fmt: skip
    if not last:
        return [_TEXT["none"]]
    ends = {
        "more": change.iloc[last][first], "less": -change.iloc[last][second],
        "knee_more": change.iloc[knee][first], "knee_less": -change.iloc[knee][second],
    }  # fmt: skip
    return [pair("reports.trade", "ends", **values, **ends)]


def write_trade(front: Front, folder: str | Path) -> list[Path]:
    """Write the points as trade.xlsx and trade.png into a folder, all or nothing; return the paths.

    Raises DataError when the folder cannot be written.
    """
    notes = {"标题 Title": "  ".join(_TEXT["title"])}
    notes |= {str(number): "\n".join(told) for number, told in enumerate(sentences(front), 1)}
    payoff = front.payoff.rename(index=lambda name: " ".join(NAMES[name]), columns=heading)
    sheets = {
        "取舍 Trade-off": trade_table(front),
        "各自最优 Payoff": payoff.rename_axis(" ".join(_TEXT["first"])),
    }

    def write(workshop: Path) -> list[Path]:
        book = write_workbook(sheets, workshop / "trade.xlsx", notes=notes)
        return [book, trade_chart(front, workshop / "trade.png")]

    return all_or_nothing(folder, write)


def trade_chart(front: Front, path: Path) -> Path:
    """Draw the points as a PNG: change from the first point, the knee marked; return the path."""
    from matplotlib import rc_context

    with rc_context({"font.family": [print_family(), "DejaVu Sans"], "axes.unicode_minus": False}):
        figure = _drawn(front)
        figure.savefig(path, dpi=160, metadata={"Software": None})
    return path


def _drawn(front: Front) -> Figure:
    from matplotlib.figure import Figure

    first, second = front.points.columns
    change = front.points - front.points.iloc[0]
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(change[first], change[second], color=LINE, marker="o", markersize=5, linewidth=1.2)
    knee = change.iloc[front.knee]
    axes.plot(knee[first], knee[second], marker="o", markersize=12, fillstyle="none", color=MARK)
    axes.annotate("\n".join(_TEXT["knee"]), (knee[first], knee[second]), (12, 8), textcoords="offset points")
    for number, (x, y) in enumerate(change.to_numpy(), 1):
        axes.annotate(str(number), (x, y), (0, -14), textcoords="offset points", ha="center", fontsize=8)
    axes.set_xlabel(heading(first))
    axes.set_ylabel(heading(second))
    axes.set_title("  ".join(_TEXT["title"]) + "\n" + "  ".join(_TEXT["change"]), fontsize="medium")
    axes.margins(y=0.1)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
