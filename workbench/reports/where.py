"""Hand over where an industry may go: a page, a sheet, and every site with its reasons in a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from workbench import maps
from workbench.labels import label
from workbench.layers import credit_line
from workbench.maps.page import draw
from workbench.reports.swap import all_or_nothing
from workbench.reports.workbook import write_workbook
from workbench.siting import Where
from workbench.siting.hierarchy import GOAL, GROUPS, LEAVES

FILES = ("where.html", "where.png", "where.pdf", "where.xlsx")


def write_where(found: Where, folder: str | Path) -> list[Path]:
    """Write map page, printed sheet (PNG and PDF) and workbook of an answer; return the paths.

    Raises DataError when the folder cannot be written; nothing is left half-written.
    """
    return all_or_nothing(folder, lambda workshop: _write(found, workshop))


def _write(found: Where, folder: Path) -> Sequence[Path]:
    spec = maps.describe_where(found)
    sheet = maps.sheet(spec)
    return [
        maps.save_html(draw(spec), folder / "where.html"),
        *(maps.print_map(sheet, folder / f"where.{kind}") for kind in ("png", "pdf")),
        write_workbook(where_sheets(found), folder / "where.xlsx", notes=_notes(found)),
    ]


def where_sheets(found: Where) -> dict[str, pd.DataFrame]:
    """Return the tables of an answer by sheet title: sites, reasons, criteria, weights, comparisons."""
    sites = pd.DataFrame(found.sites.drop(columns="geometry")).rename_axis("site_id")
    sites["verdict"] = sites["verdict"].map(label)
    reasons = found.reasons.rename(columns={"rule": "rule_id"})
    sheets = {"承接地 Sites": sites, "理由 Reasons": reasons}
    ranked = found.suitability
    if ranked is None:
        return sheets
    titles = {name: f"{row[2]} {row[3]}" for name, row in LEAVES.items()}
    sheets["准则 Criteria"] = ranked.table.rename(columns=titles).rename_axis("site_id")
    if ranked.weighing is not None:
        sheets |= weight_sheets(found)
    return sheets


def weight_sheets(found: Where) -> dict[str, pd.DataFrame]:
    """Return the weights with their groups, and every comparison with its node's consistency ratio."""
    weighing = found.suitability.weighing if found.suitability is not None else None
    if weighing is None:
        return {}
    group = {
        name: node for node, made in weighing.nodes.items() if node != GOAL for name in made.weights.index
    }
    weights = pd.DataFrame(
        {
            "group": [" ".join(GROUPS[group[name]]) for name in weighing.weights.index],
            "criterion": [f"{LEAVES[name][2]} {LEAVES[name][3]}" for name in weighing.weights.index],
            "clause": [LEAVES[name][1] for name in weighing.weights.index],
            "weight": weighing.weights.to_numpy(),
        }
    )
    rows = [
        (node, one, other, frame.at[one, other], weighing.consistency[node])
        for node, frame in weighing.comparisons.items()
        for i, one in enumerate(frame.index)
        for other in frame.columns[i + 1 :]
    ]
    columns = ["group", "criterion", "than", "times", "consistency_ratio"]
    return {"权重 Weights": weights, "两两比较 Comparisons": pd.DataFrame(rows, columns=columns)}


def _notes(found: Where) -> dict[str, str]:
    zh, en = (credit_line(found.layers)[language] for language in ("zh", "en"))
    count = found.sites["verdict"].value_counts()
    weighing = None if found.suitability is None else found.suitability.weighing
    ratio = "—" if weighing is None else f"{weighing.consistency.max():.3f}"
    warned = (
        {} if weighing is None or weighing.consistent else {"警告 Warning": " ".join(weighing.contradictions)}
    )
    return warned | {
        "标题 Title": f"{label(found.industry)}可以去哪里 Where {label(found.industry, 'en').lower()} may go",
        "结论 Verdicts": "、".join(f"{label(name)} {number}" for name, number in count.items()),
        "排序 Ranking": "只有可承接的地点参加排序；名次不是许可。"
        " Only sites that may take the industry are ranked; a rank is no permit.",
        "权重 Weights": f"两两比较，最大一致性比率 {ratio}（不超过 0.10 为一致）。"
        f" Pairwise comparisons; the largest consistency ratio is {ratio} (consistent up to 0.10).",
        "近似 Approximate": "保护地范围多为近似，以实地核实为准。 Outlines are mostly approximate.",
        "数据来源 Data": f"{zh} {en}",
    }  # fmt: skip
