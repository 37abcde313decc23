"""What capacity costs a year: keeping it, building it, closing it, all from rows of the assumptions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.layers.model import Assumptions
from workbench.region.resources import factor


def annuity(assumptions: Assumptions) -> float:
    """Return the yearly share that pays a sum back with interest: r / (1 - (1 + r)^-n)."""
    rate, years = assumptions["relocation.interest_share"], assumptions["relocation.life_years"]
    return rate / (1 - (1 + rate) ** -years) if rate else 1 / years


def fixed_cny_t(assumptions: Assumptions, industry: str, process: str) -> float:
    """Return the yearly fixed cost of a tonne of capacity that ends when it closes."""
    share = factor(assumptions, industry, process, "avoidable_share")
    return share * factor(assumptions, industry, process, "fixed_cny_t")


def capital_cny_t(assumptions: Assumptions, industry: str, process: str, kind: str) -> float:
    """Return what a tonne of new capacity costs once, by the kind of its site.

    capex (of the kind where a row gives it) x share of a new works + land + mining right; beside an existing
    works (`expansion`) its quarry is open.
    """
    own = f"{industry}.capex_{kind}_cny_t"
    plant = assumptions[own] if own in assumptions else factor(assumptions, industry, process, "capex_cny_t")
    quarry = 0.0 if kind == "expansion" else assumptions.get(f"{industry}.mining_right_cny_t", 0.0)
    return (
        plant * assumptions["relocation.share_of_new_capex"] + assumptions[f"{industry}.land_cny_t"] + quarry
    )


def closing_once_cny_t(assumptions: Assumptions, industry: str) -> float:
    """Return what closing a tonne costs once, without its people: clearing + debt - site value."""
    rows = (assumptions[f"{industry}.{name}_cny_t"] for name in ("closure", "debt", "site_value"))
    clearing, debt, value = rows
    return clearing + debt - value


def closing_cny_t(table: pd.DataFrame, assumptions: Assumptions) -> pd.Series:
    """Return the yearly cost of closing a tonne per facility, without its people; 0 for builds."""
    once = {i: closing_once_cny_t(assumptions, str(i)) for i in table["industry"].unique()}
    yearly = annuity(assumptions) * table["industry"].map(once)
    return pd.Series(np.where(table["kind"] == "line", yearly, 0.0), index=table.index)


def person_cny(assumptions: Assumptions) -> float:
    """Return the yearly cost of one displaced person."""
    return annuity(assumptions) * assumptions["relocation.severance_cny_person"]
