"""Tiny worlds for policy tests: a few lines, units and a plan small enough to check by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from workbench import policy
from workbench.layers.model import Assumptions, Layers
from workbench.region.options import ZoneOptions

CHENGDU, LUZHOU, GANZI = "成都市", "泸州市", "甘孜藏族自治州"
LINE = {
    "plant_id": "P", "name_zh": "厂", "industry": "cement", "process": "nsp", "capacity_kt": 1000.0,
    "prefecture_zh": CHENGDU, "county_zh": "双流县", "in_baseline": True,
}  # fmt: skip


def frame(rows, index="id"):
    return pd.DataFrame(rows).set_index(index)


def lines(*rows):
    """Lines from partial rows; each needs an id."""
    return frame([{**LINE, **row} for row in rows])


def equipment(*rows):
    """Units from (plant, type, size) or (plant, type, size, start, end)."""
    columns = ("plant_id", "unit_type", "size", "start_year", "end_year")
    return frame(
        [
            {"id": f"E{i}", **dict(zip(columns, (*row, None, None)[:5], strict=True))}
            for i, row in enumerate(rows)
        ]
    )


def layers(assumptions=None, **frames):
    table = pd.DataFrame({"value": pd.Series(assumptions or {}, dtype=float)})
    return Layers(frames=frames, assumptions=Assumptions(table))


def prefectures():
    rows = [(CHENGDU, True, True), (LUZHOU, False, False), (GANZI, False, False), ("乐山市", False, True)]
    return frame(
        [
            {"id": name, "prefecture_zh": name, "in_chengdu_5": five, "in_chengdu_8": eight}
            for name, five, eight in rows
        ]
    )


def scenario(industries=("cement",), **policy):
    from workbench.policy.options import PolicyOptions

    return SimpleNamespace(industries=industries, policy=PolicyOptions(**policy), zone=ZoneOptions(), seed=0)


DECISION = {"plant_id": "P", "industry": "cement", "prefecture_zh": CHENGDU, "in_zone": True, "site_id": None}
FACILITY = {"industry": "cement", "lon": 104.0, "lat": 30.0, "inbound_cny_t": 30.0, "production_cny_t": 150.0}


def plan(
    decisions, builds=(), credits=(), *, layers=None, scenario_=None, flows=(), before_flows=(), unmet=()
):
    """A plan from tuples: decisions (id, kt, decision, site), builds (site, kt, prefecture), credits."""
    chosen = scenario_ or scenario()
    rows = [
        {**DECISION, **dict(zip(("line_id", "capacity_kt", "decision", "site_id"), d, strict=False)), **extra}
        for *d, extra in (d if isinstance(d[-1], dict) else (*d, {}) for d in decisions)
    ]  # fmt: skip
    made = [
        {"build_id": f"{s}:cement", "site_id": s, "industry": "cement", "prefecture_zh": p, "capacity_kt": kt}
        for s, kt, p in builds
    ]
    columns = [
        "industry",
        "commodity",
        "origin",
        "destination",
        "kt",
        "cost_cny_t",
        "km_road",
        "km_rail",
        "km_water",
    ]
    return SimpleNamespace(
        scenario=chosen,
        layers=layers,
        decisions=frame(
            rows or [{**DECISION, "line_id": "none", "capacity_kt": 0.0, "decision": "keep"}], "line_id"
        ),
        builds=pd.DataFrame(
            made, columns=["build_id", "site_id", "industry", "prefecture_zh", "capacity_kt"]
        ).set_index("build_id"),
        credits=pd.DataFrame(list(credits), columns=["line_id", "build_id", "kt"]),
        flows=pd.DataFrame(list(flows), columns=columns),
        unmet=pd.DataFrame(list(unmet), columns=["market", "industry", "kt"]),
        before=SimpleNamespace(flows=pd.DataFrame(list(before_flows), columns=columns)),
    )


def verdict(plan, clause, item):
    """Return verdict and amount of one judged item of a plan."""
    rows = policy.check(plan).set_index(["clause", "item"])
    row = rows.loc[(clause, item)]
    return row["verdict"], row["amount"]


def world(*rows, units=(), **frames):
    """Return layers of the lines, equipment and frames a test plants."""
    return layers(
        lines=lines(*rows),
        equipment=equipment(("X", "none", 1), *units),
        prefectures=prefectures(),
        **frames,
    )


def residual(**kt):
    """Return capacity nobody has located, by industry."""
    rows = [{"id": k, "industry": k, "prefecture_zh": LUZHOU, "capacity_kt": v} for k, v in kt.items()]
    return frame(rows)
