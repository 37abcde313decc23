"""The plan before: every line where it stands, run as the base year says, whatever a plan's options are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.cut import Cut
from workbench.relocation.accounts import objective_mcny
from workbench.relocation.base_year import (
    ALIKE,
    MODES,
    WHOLE_LINES,
    BaseYear,
    Inputs,
    calibrate,
    observed_use,
    rules,
)
from workbench.relocation.freight import HAUL, Costs, Pricer, places
from workbench.relocation.plan import NO_WATER, NOTHING_KT, Plan, flows, power_use
from workbench.relocation.problem import Problem
from workbench.scenarios.scenario import ObjectiveOptions

Fit = Callable[[Inputs], tuple[np.ndarray, dict[str, float]]]


def inputs(problem: Problem, price: Pricer) -> list[Inputs]:
    """Lay out the year of each industry: lines, markets, freight by road and by rail or river."""
    found = []
    demand = problem.demand
    for industry, lines in problem.lines.groupby("industry", sort=True):
        code = str(industry)
        own = demand[demand["industry"] == code].set_index("market").sort_index()
        markets = problem.layers.markets.loc[own.index]
        costs = price(places(lines), markets, code)
        told = observed_use(problem.layers, lines)["use_share"].reindex(lines.index)
        wanted = rules(problem.layers.assumptions, code)
        works = lines["inbound_cny_t"] + lines["production_cny_t"] + lines["power_cny_t"]
        extra = works - works.mean() if "mean_haul_km" in wanted else 0.0 * works
        found.append(
            Inputs(
                industry=code,
                lines=lines.index,
                markets=own.index,
                capacity_kt=lines["capacity_kt"].to_numpy(float),
                extra_cny_t=extra.to_numpy(float),
                pinned=told.to_numpy(float),
                demand_kt=own["net_kt"].to_numpy(float),
                inside=(own["kind"] == "prefecture").to_numpy(),
                haul=np.stack([_haul(part, lines["place"], own.index) for part in _apart(costs)]),
                rules=wanted,
            )
        )
    return found


def _apart(costs: Costs) -> tuple[Costs | None, Costs | None]:
    """Return freight by truck alone and by rail or river; prices that know no modes are taken as trucks'."""
    split = getattr(costs, "apart", None)
    return split() if split is not None else (costs, None)


def _haul(costs: Costs | None, place: pd.Series, markets: pd.Index) -> np.ndarray:
    """Return the HAUL of every line and market, shape (n, m, HAUL); cost inf where the mode does not lead."""
    out = np.zeros((len(place), len(markets), len(HAUL)))
    out[..., 0] = np.inf
    if costs is not None:
        frames = {
            "cost_cny_t": costs.cost_cny_t,
            "hours": costs.hours,
            "co2_kg_t": costs.co2_kg_t,
            "km": costs.km,
        }
        frames |= {f"km_{mode}": frame for mode, frame in costs.km_by_mode.items()}
        for k, name in enumerate(HAUL):
            if name in frames:
                out[..., k] = frames[name].loc[place, markets].to_numpy(float)
        out[~np.isfinite(out[..., 0])] = [np.inf, *[0.0] * (len(HAUL) - 1)]
    return out


def base_year(years: Sequence[Inputs], layers_use: pd.DataFrame, fit: Fit = calibrate) -> BaseYear:
    """Calibrate every industry and put the year together. `layers_use`: `observed_use` of all lines."""
    uses, flows, unmet, fits = [], [], [], {}
    for given in years:
        kt, fits[given.industry] = fit(given)
        uses.append(_use_table(given, kt, layers_use))
        flows.append(_flow_table(given, kt))
        short = given.demand_kt - kt.sum(axis=(0, 1))
        rows = pd.DataFrame({"market": given.markets, "industry": given.industry, "kt": short})
        unmet.append(rows[rows["kt"] > 1e-6 * max(given.demand_kt.sum(), 1.0)])
    return BaseYear(
        pd.concat(uses),
        pd.concat(flows, ignore_index=True),
        pd.concat(unmet, ignore_index=True),
        pd.DataFrame.from_dict(fits, orient="index").rename_axis("industry"),
    )


def _use_table(given: Inputs, kt: np.ndarray, known: pd.DataFrame) -> pd.DataFrame:
    made = kt.sum(axis=(0, 2))
    usual = "assumed" if given.industry in (*WHOLE_LINES, *ALIKE) else "calibrated"
    return pd.DataFrame(
        {
            "industry": given.industry,
            "capacity_kt": given.capacity_kt,
            "production_kt": made,
            "use_share": made / given.capacity_kt,
            "basis": known["basis"].reindex(given.lines).fillna(usual).to_numpy(),
        },
        index=given.lines.rename("line"),
    )


def _flow_table(given: Inputs, kt: np.ndarray) -> pd.DataFrame:
    mode, line, market = np.nonzero(kt > NOTHING_KT)
    head = {
        "industry": given.industry,
        "commodity": given.industry,
        "origin": given.lines.to_numpy()[line],
        "destination": given.markets.to_numpy()[market],
        "mode": np.array(MODES)[mode],
        "kt": kt[mode, line, market],
    }
    haul = pd.DataFrame(given.haul[mode, line, market], columns=list(HAUL))
    return pd.concat([pd.DataFrame(head), haul], axis=1)


def before(kept: Plan, problem: Problem, year: BaseYear) -> Plan:
    """Return the year before as a plan: that of all lines kept, with the base year's use and flows.

    `kept`: every line kept and goods sent at least cost, in that year's own `problem`: its demand, raw
    materials where they are cheapest, no price on carbon. Facilities carry `use_share` and `basis` beside the
    columns of a plan.
    """
    lay, rows = problem.layout, kept.tables.facilities.at
    ids = kept.tables.facilities.index
    made = lay.made(year.use["production_kt"])
    works = kept.tables.facilities.with_({
        "production_kt": made[rows],
        "power_cny_t": lay.numbers["power_cny_t"][rows],
        "use_share": year.use["use_share"].reindex(ids).to_numpy(float),
        "basis": year.use["basis"].reindex(ids).to_numpy(object),
    })  # fmt: skip
    goods = year.flows.drop(columns="mode")
    raw = flows(lay, np.zeros(len(problem.deliveries)), made).frame
    plan = replace(
        kept,
        status="calibrated",
        tables=replace(
            kept.tables,
            facilities=works,
            flows=Cut.of(pd.concat([goods, raw[goods.columns]], ignore_index=True)),
            unmet=Cut.of(year.unmet),
            power=power_use(problem, made, NO_WATER),
        ),
        prices=kept.prices.iloc[:0],
        before=None,
    )
    return _added_up(plan)


def priced(plan: Plan, goal: ObjectiveOptions) -> Plan:
    """Return a plan as it counts under another objective; nothing in it moves.

    A carbon price describes a plan; in 2013 nobody paid one, and nobody bought otherwise for it.
    """
    return _added_up(replace(plan, scenario=plan.scenario.model_copy(update={"objective": goal})))


def _added_up(plan: Plan) -> Plan:
    total = objective_mcny(plan)
    return replace(plan, objective_mcny=total, bound_mcny=total)
