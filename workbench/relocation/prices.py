"""What one more tonne of room under a rule would save: the prices of caps, credits and the zone."""

from __future__ import annotations

import pandas as pd

from workbench.relocation.problem import Problem
from workbench.relocation.program import formulate
from workbench.solver import solve
from workbench.units import KCNY_PER_MCNY

# rows of the program and their clauses; all but the zone read "at most", so a dual is what loosening costs
RULES = {"cap": "P3", "replacement": "P43", "zone": "P24"}


def rule_prices(problem: Problem) -> pd.DataFrame:
    """Price the rules of a problem, yuan a year per tonne of capacity.

    Columns `rule` (cap, replacement, zone), `label` (industry, or industry and process), `clause`,
    `price_cny_t`: what the objective would fall if the cap were a tonne higher, a project needed a credit
    tonne less, or a tonne less had to leave the zone or one more might. They are the duals of the linear
    relaxation (lines may move in part), so a price is a guide for bargaining, not a quotation; a rule that
    does not bind is worth 0. A credit may be worth less than nothing where closed tonnes exceed what is worth
    building again. Raises InfeasibleError.
    """
    solution = solve(formulate(problem), seed=problem.scenario.seed, relax=True)
    parts = []
    for rule, clause in RULES.items():
        if rule in solution.duals:
            # rows are in kt and money in million yuan: a dual is thousand yuan per tonne
            price = -KCNY_PER_MCNY * solution.duals[rule]
            # the zone is held from both sides: loosening either is worth something
            price = price.abs() if rule == "zone" else price
            frame = price.rename("price_cny_t").rename_axis("label").reset_index()
            parts.append(frame.assign(rule=rule, clause=clause))
    columns = ["rule", "label", "clause", "price_cny_t"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
