"""What works take of coal, power, water and energy, and what prefectures may give: rows of `resource_caps`.

    r_f coal_kt        coal it burns                     power_gwh    kWh_f / 1000
        water_1000m3   `headroom.<industry>_water_m3_t`  energy_ktce  coal, coke and power by their own heat

each per kt made, m_lk what measure k saves of it. What the plan's industries take in normal use counts:

    resources   sum_l r_l use_l cap_l keep_l + sum_b r_b use_b build_b + sum_i r_i use_ik (cap_ik - retire_ik)
                - sum_lk m_lk use_l cap_l upgrade_lk <= max(cap_k, what is taken before)

Works nobody located take the mean of their industry. The baseline gives no budget: none of the period was
found by prefecture; a planner's own table `resource_caps` does.
"""

from __future__ import annotations

from typing import cast

import pandas as pd

from workbench.relocation.plan import Tables
from workbench.relocation.problem import Problem
from workbench.remember import keeper
from workbench.units import MWH_PER_GWH

RESOURCES = ("coal_kt", "power_gwh", "water_1000m3", "energy_ktce")
UNITS = {"coal_kt": "kt", "power_gwh": "GWh", "water_1000m3": "1000 m3", "energy_ktce": "ktce"}
_FUELS = ("coal", "coke")


def budgets(problem: Problem) -> pd.Series:
    """Return what a prefecture may give, by (resource, prefecture_zh), no less than it gives already."""
    if "resource_caps" not in problem.layers or problem.layers["resource_caps"].empty:
        return pd.Series(dtype=float)
    rows = problem.layers["resource_caps"]
    caps = rows.groupby(["resource", "prefecture_zh"])["cap"].min()
    lines = problem.lines
    works = per_kt(problem).loc[lines.index].mul(lines["utilisation"] * lines["capacity_kt"], axis=0)
    found = works.groupby(lines["prefecture_zh"]).sum()
    found = found.add(small_per_kt(problem, "production_kt").groupby("prefecture_zh").sum(), fill_value=0.0)
    before = [found[resource].get(place, 0.0) for resource, place in caps.index]
    return caps.clip(lower=pd.Series(before, index=caps.index))


def per_kt(problem: Problem) -> pd.DataFrame:
    """Return what a kt made takes at each facility; index facility, columns RESOURCES."""
    return cast("pd.DataFrame", keeper(problem.facilities)("per kt", (), lambda: _per_kt(problem)))


def _per_kt(problem: Problem) -> pd.DataFrame:
    table = problem.facilities
    feed = problem.inbound[problem.inbound["commodity"].isin(_FUELS)]
    burnt = feed.pivot_table(index="facility", columns="commodity", values="t_t", aggfunc="sum")
    coal, coke = (burnt.get(f, pd.Series(dtype=float)).reindex(table.index).fillna(0.0) for f in _FUELS)
    a = problem.layers.assumptions
    water = [a.get(f"headroom.{industry}_water_m3_t", 0.0) for industry in table["industry"]]
    return _resources(problem, coal, coke, table["power_kwh_t"] / MWH_PER_GWH, pd.Series(water, table.index))


def _resources(
    problem: Problem, coal: pd.Series, coke: pd.Series, power: pd.Series, water: pd.Series
) -> pd.DataFrame:
    names = ("coal_tce_t", "coke_tce_t", "power_tce_mwh")
    heat = [problem.layers.assumptions.get(f"budget.{name}", 0.0) for name in names]
    energy = heat[0] * coal + heat[1] * coke + heat[2] * power
    return pd.concat([coal, power, water, energy], axis=1, keys=list(RESOURCES))


def saved_per_kt(problem: Problem) -> pd.DataFrame:
    """Return what a kt made with a measure takes less; index (line, measure), columns RESOURCES."""
    power = problem.offers["kwh_t"] / MWH_PER_GWH
    return _resources(problem, 0 * power, 0 * power, power, 0 * power)


def small_per_kt(problem: Problem, of: str | None = None) -> pd.DataFrame:
    """Return what a kt of capacity nobody located takes, or all of its column `of` (kt made)."""
    lines = problem.lines
    kt = lines["capacity_kt"]
    mean = per_kt(problem).loc[lines.index].mul(kt, axis=0).groupby(lines["industry"]).sum()
    mean = mean.div(kt.groupby(lines["industry"]).sum(), axis=0)
    works = problem.small_works
    own = mean.reindex(works.index.get_level_values("industry")).set_axis(works.index).fillna(0.0)
    return own.mul(works["use"] if of is None else works[of], axis=0)


def amounts(problem: Problem, tables: Tables) -> dict[tuple[str, str], float]:
    """Return what the tables of a plan take in normal use, by (resource, prefecture_zh)."""
    if "resource_caps" not in problem.layers or problem.layers["resource_caps"].empty:
        return {}
    lines, builds, better = tables.decisions.frame, tables.builds.frame, tables.upgrades.frame
    stands = pd.concat([lines[lines["decision"] == "keep"], builds])
    use = problem.facilities["utilisation"]
    works = per_kt(problem).loc[stands.index].mul(use[stands.index] * stands["capacity_kt"], axis=0)
    parts = [works.groupby(stands["prefecture_zh"]).sum()]
    rest = small_per_kt(problem).mul(tables.unlocated["capacity_kt"], axis=0)
    parts.append(rest.groupby("prefecture_zh").sum())
    if len(better):
        key = pd.MultiIndex.from_frame(better[["line_id", "measure"]])
        made = use[better["line_id"]].to_numpy() * better["capacity_kt"].to_numpy(float)
        saved = saved_per_kt(problem).loc[key].mul(-made, axis=0)
        parts.append(saved.groupby(better["prefecture_zh"].to_numpy()).sum())
    total = pd.concat(parts).groupby(level=0).sum()
    return {(r, str(p)): float(x) for r in RESOURCES for p, x in total[r].items()}
