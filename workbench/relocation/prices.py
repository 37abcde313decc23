"""What one more unit of room under each rule saves: prices of caps, credits, headroom, power and the zone."""

from __future__ import annotations

import pandas as pd

from workbench.relocation.law import limits_by_year
from workbench.relocation.problem import Problem
from workbench.relocation.program import formulate
from workbench.solver import solve
from workbench.units import CNY_PER_MCNY, KCNY_PER_MCNY

COLUMNS = ("rule", "industry", "place", "clause", "year", "price", "unit")
# unit of a row -> (what a unit of its dual is in yuan, of what); money in the program is million yuan
_UNITS = {"kt": (KCNY_PER_MCNY, "CNY/t"), "t": (CNY_PER_MCNY, "CNY/t"), "GWh": (KCNY_PER_MCNY, "CNY/MWh")}
POWER = ("hydro_supply", "P49")


def rule_prices(problem: Problem) -> pd.DataFrame:
    """Price the rules of a problem: what the objective of a year would fall by one more unit of room.

    Columns: rule (block of rows: cap, quota, zone, headroom, replacement, ...), industry (or pollutant; of
    replacement with its process), place (``*`` for the whole), clause, year, price and unit (yuan per tonne
    of capacity, per tonne emitted, or per MWh of water power spilled). They are the duals of the linear
    relaxation (lines may move in part), so a price is a guide for bargaining, not a quotation; a rule that
    does not bind is worth 0. A credit may be worth less than nothing where closed tonnes exceed what is worth
    building again. Of several years the prices are those of the levelised year. Raises InfeasibleError.
    """
    figures = limits_by_year(problem)
    solution = solve(formulate(problem, figures), seed=problem.scenario.seed, relax=True)
    records = []
    for name, duals in solution.duals.items():
        rule, _, stage = str(name).partition(" ")
        year = int(stage) if stage else problem.years[-1]
        table = figures[year]
        table = table[table["row"] == rule]
        if table.empty and rule != POWER[0]:
            continue
        for label, dual in duals.items():
            industry, place, clause, row_unit = _told(rule, label, table)
            if row_unit in _UNITS:
                factor, unit = _UNITS[row_unit]
                # a row that holds from either side is loosened either way; a credit is what it is worth
                price = factor * (-dual if rule == "replacement" else abs(dual))
                records.append((rule, industry, place, clause, year, price, unit))
    return pd.DataFrame(records, columns=list(COLUMNS))


def _told(rule: str, label: object, table: pd.DataFrame) -> tuple[str, str, str, str]:
    """Return industry, place, clause and unit of a row by its label."""
    if rule == POWER[0]:
        place, season = label if isinstance(label, tuple) else (label, "")
        return str(season), str(place), POWER[1], "GWh"
    first, bar, second = str(label).partition("|")
    if rule == "replacement":
        mine = table[table["industry"] == first]
        return str(label), "*", str(mine["clause"].iloc[0]), "kt"
    industry, place = (second, first) if bar else (first, "*")
    row = table[(table["industry"] == industry) & (table["place"] == place)].iloc[0]
    return industry, place, str(row["clause"]), str(row["unit"])
