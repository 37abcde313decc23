"""What a plan's works let people breathe in: emissions by prefecture and the intake they cause."""

from __future__ import annotations

import pandas as pd

from workbench.region import exposure, headroom
from workbench.relocation.plan import Plan


def emissions_t(plan: Plan) -> pd.DataFrame:
    """Return what the works of a plan emit, unlocated ones included: t a year by prefecture and pollutant."""
    works, small = plan.facilities, plan.unlocated
    rest = small.groupby(["prefecture_zh", "industry"])["production_kt"].sum()
    kg_t = works[[f"{pollutant}_kg_t" for pollutant in headroom.POLLUTANTS]]
    emitted = kg_t.set_axis(list(headroom.POLLUTANTS), axis=1).mul(works["production_kt"], axis=0)
    located = emitted.groupby(works["prefecture_zh"]).sum()
    return located.add(headroom.emissions_t(plan.layers, rest), fill_value=0.0)


def exposure_table(plan: Plan) -> pd.DataFrame:
    """Return what people of each prefecture breathe in, before and after; see `region.exposure.exposure`.

    Before is the same year with every line kept and goods sent at least cost, so that the change is that of
    moving alone; a plan that knows no other year is compared with itself.
    """
    before = _without(plan)
    return exposure.exposure(plan.layers, emissions_t(before), emissions_t(plan))


def exposure_span(plan: Plan) -> pd.DataFrame:
    """Return how far each assumption moves the basin's change; see `region.exposure.span`."""
    before = _without(plan)
    return exposure.span(plan.layers, emissions_t(before), emissions_t(plan))


def _without(plan: Plan) -> Plan:
    return plan.kept or plan.before or plan
