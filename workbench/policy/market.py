"""Indicators of products, energy, residues, demand and markets that the clauses ask to rise or to balance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from workbench.errors import LabelError
from workbench.layers.model import Assumptions
from workbench.policy import registry
from workbench.units import PERCENT

# The five layout criteria of clause P46, each with the words a criteria tree may use for it.
LAYOUT = {
    "environment": ("environment", "headroom", "ecology", "环境承载力"),
    "resources": ("resources", "energy", "power", "hydropower", "资源能源"),
    "industry": ("industry", "base", "产业基础"),
    "market": ("market", "demand", "市场空间"),
    "logistics": ("logistics", "freight", "access", "物流运输"),
}
# Product tags (register `products`) each clause wants to see rise, by industry.
WANTED = {
    ("P17", "steel"): ("special_steel", "vanadium_titanium"),
    ("P25", "cement"): ("high_grade", "special_cement"),
    ("P28", "flat_glass"): ("low_e", "quality_float", "deep_processed"),
}
UNWANTED = {("P25", "cement"): ("c32_5",)}
NATIONAL = {
    "steel": ("板材", "无缝钢管", "重轨", "抗震钢筋"),
    "flat_glass": ("建筑玻璃",),
    "aluminium": ("铝合金", "铝型材"),
}


def product_share(products: pd.DataFrame, industry: str, tags: Iterable[str]) -> pd.Series:
    """Return the share (%) of some product tags in an industry's output, by year.

    `products`: the register (industry, tag, kt, year). Years without output are absent.
    """
    mine = products[products["industry"] == industry]
    total = mine.groupby("year")["kt"].sum()
    some = mine[mine["tag"].isin(list(tags))].groupby("year")["kt"].sum()
    return (PERCENT * some.reindex(total.index, fill_value=0.0) / total)[total > 0]


def semis_match(semis_kt: float, primary_kt: float, assumptions: Assumptions) -> str:
    """Judge whether output of aluminium semis about equals primary output (clause P32): pass or fail."""
    if primary_kt <= 0:
        raise LabelError("primary output must be above zero", unexpected=[primary_kt])
    gap = abs(semis_kt / primary_kt - 1)
    return "pass" if registry.meets(gap, "<=", assumptions["semis_match.tolerance"]) else "fail"


def unit_energy(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return power and cost per tonne before and after, by industry, weighted by production (clause P44).

    Both frames: industry, production_kt, power_kwh_t, production_cny_t. Columns before and after of each.
    """
    out = {}
    for name, frame in (("before", before), ("after", after)):
        weight = frame["production_kt"]
        for column in ("power_kwh_t", "production_cny_t"):
            total = (frame[column] * weight).groupby(frame["industry"]).sum()
            out[f"{column}_{name}"] = total / weight.groupby(frame["industry"]).sum()
    return pd.DataFrame(out)


def residues_kt(production_kt: Mapping[str, float], share_t_t: Mapping[str, float]) -> pd.Series:
    """Return industrial residues taken in (kt): production times residues per tonne (clause P27)."""
    missing = set(production_kt) - set(share_t_t)
    if missing:
        raise LabelError("no residue share", missing=missing)
    return pd.Series({k: v * share_t_t[k] for k, v in production_kt.items()}, name="residues_kt")


def named_rows(products: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the products whose national market the text names (clause P53)."""
    hit = [
        any(name in str(row["product"]) for name in NATIONAL.get(row["industry"], ()))
        for row in products.to_dict("records")
    ]
    return products[pd.Series(hit, index=products.index, dtype=bool)]


def tax_relief(taxes_mcny: Mapping[str, float], assumptions: Assumptions) -> pd.Series:
    """Return the tax relieved (million CNY) for ``merger`` and ``residues`` taxes (clause P58)."""
    unknown = {kind for kind in taxes_mcny if f"tax_relief.{kind}_share" not in assumptions}
    if unknown:
        raise LabelError("no relief for these taxes", unexpected=unknown)
    return pd.Series(
        {kind: tax * assumptions[f"tax_relief.{kind}_share"] for kind, tax in taxes_mcny.items()}
    )


def utilisation(output_kt: Mapping[str, float], capacity_kt: Mapping[str, float]) -> pd.Series:
    """Return utilisation (%) = output / capacity by industry, for publication (clause P38)."""
    missing = set(output_kt) - set(capacity_kt)
    if missing:
        raise LabelError("no capacity", missing=missing)
    return pd.Series({k: PERCENT * v / capacity_kt[k] for k, v in output_kt.items()}, name="utilisation_pct")
