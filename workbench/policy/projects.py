"""Rules on the project register: no new approvals, irregular projects sorted, money, gates and stages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from workbench.errors import LabelError

STAGES = ("prepare", "start", "hasten", "finish")
GATES = {"gate_approval": "发改、经信", "gate_land": "国土", "gate_environment": "环保"}
QUESTIONS = {
    "papers": "手续", "built": "是否建成", "meets_norms": "是否达标", "advanced": "是否先进",
    "needed": "是否必要",
}  # fmt: skip
FROM = date(2014, 2, 22)
CAPPED = ("steel", "cement", "flat_glass", "aluminium")


def unlawful_approvals(projects: pd.DataFrame, *, since: date = FROM) -> pd.DataFrame:
    """Return projects approved or filed from a day on whose new tonnes exceed their credits (clause P40).

    Result: the offending rows with `over_kt`; a project whose credits are not stated counts as without.
    """
    approved = projects["approved_on"].map(lambda day: day is not None and not pd.isna(day) and day >= since)
    over = projects["added_kt"].fillna(0).astype(float) - projects["credits_kt"].fillna(0).astype(float)
    hit = approved.astype(bool) & (over > 1e-9) & projects["industry"].isin(CAPPED)
    return projects[hit].assign(over_kt=over[hit])


def sort_irregular(projects: pd.DataFrame) -> pd.Series:
    """Return what becomes of each irregular project (clauses P41, P71).

    Below norm in process, quality, energy or emissions: ``eliminate``. Built, advanced: ``complete_papers``.
    Under construction and needed: ``state_procedure``; not needed: ``stop``. A missing answer: ``unknown``.
    Projects with all papers are ``regular``.
    """

    def flag(name: str) -> pd.Series:
        return projects[name].map({True: 1.0, False: 0.0}).astype(float)

    papers, norms, built, advanced, needed = map(
        flag, ("papers", "meets_norms", "built", "advanced", "needed")
    )
    choice = np.select(
        [papers == 1, norms == 0, norms.isna() | built.isna(), (built == 1) & (advanced == 1),
         (built == 1) & (advanced == 0), (built == 0) & (needed == 1), (built == 0) & (needed == 0)],
        ["regular", "eliminate", "unknown", "complete_papers", "eliminate", "state_procedure", "stop"],
        "unknown",
    )  # fmt: skip
    return pd.Series(choice, index=projects.index, name="outcome")


def exposure(projects: pd.DataFrame) -> pd.DataFrame:
    """Return loans and bonds of projects without legal papers, which should be none (clause P59).

    Index prefecture_zh; columns projects, loans_mcny.
    """
    bad = projects[projects["papers"].eq(False) & projects["loans_mcny"].fillna(0).gt(0)]
    grouped = bad.groupby("prefecture_zh")
    return pd.DataFrame({"projects": grouped.size(), "loans_mcny": grouped["loans_mcny"].sum()})


def gates(projects: pd.DataFrame) -> pd.DataFrame:
    """Return which gates each project has still to pass, by the office that keeps them (clause P61).

    Same index; columns open_gates (offices joined by ``;``) and may_start.
    """
    open_gates = [
        ";".join(office for gate, office in GATES.items() if row.get(gate) is not True)
        for row in projects.to_dict("records")
    ]
    frame = pd.DataFrame({"open_gates": open_gates}, index=projects.index)
    frame["may_start"] = frame["open_gates"] == ""
    return frame


def funding(projects: pd.DataFrame, budget_mcny: Mapping[str, float]) -> pd.DataFrame:
    """Hold the grants of a plan against the budgets of centre, province and prefectures (clause P57).

    Index source; columns granted_mcny, budget_mcny, left_mcny, within.
    """
    columns = {
        "central": "grant_central_mcny",
        "province": "grant_province_mcny",
        "local": "grant_local_mcny",
    }
    unknown = set(budget_mcny) - set(columns)
    if unknown:
        raise LabelError("budgets are central, province and local", unexpected=unknown)
    frame = pd.DataFrame(
        {"granted_mcny": {k: projects[c].fillna(0).sum() for k, c in columns.items()}}, dtype=float
    )
    frame["budget_mcny"] = pd.Series(dict(budget_mcny), dtype=float).reindex(frame.index).fillna(0.0)
    frame["left_mcny"] = frame["budget_mcny"] - frame["granted_mcny"]
    frame["within"] = frame["left_mcny"] >= -1e-9
    return frame.rename_axis("source")


def pipeline(projects: pd.DataFrame) -> pd.DataFrame:
    """Count projects by industry and stage, environmental relocations apart (clauses P45, P74)."""
    table = pd.crosstab(projects["industry"], projects["stage"]).reindex(columns=list(STAGES), fill_value=0)
    moved = projects["environmental_relocation"].eq(True)
    table["environmental_relocation"] = (
        projects[moved].groupby("industry").size().reindex(table.index, fill_value=0)
    )
    return table.rename_axis(columns=None)


def advance(stage: str) -> str:
    """Return the stage after this one; raises LabelError past the last."""
    if stage not in STAGES[:-1]:
        raise LabelError(f"a project advances from {', '.join(STAGES[:-1])}", unexpected=[stage])
    return STAGES[STAGES.index(stage) + 1]


def false_reports(declared: pd.Series, derived: pd.Series, *, tolerance: float = 0.05) -> pd.DataFrame:
    """Return declared capacities that differ from the derived ones by more than a share (clause P62).

    Both in kt by the same ids (LabelError otherwise); index id; columns declared_kt, derived_kt, gap.
    """
    if set(declared.index) != set(derived.index):
        raise LabelError("declared and derived capacities name different lines",
                         missing=set(derived.index) - set(declared.index),
                         unexpected=set(declared.index) - set(derived.index))  # fmt: skip
    frame = pd.DataFrame({"declared_kt": declared, "derived_kt": derived.reindex(declared.index)})
    frame["gap"] = frame["declared_kt"] / frame["derived_kt"] - 1
    return frame[frame["gap"].abs() > tolerance]
