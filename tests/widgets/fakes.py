"""A workbench on the tiny world, with a study that answers by hand."""

# ruff: noqa: C408, E501 (one row of a table per line)
from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from tests.maps.world import HOSTILE, tiny_layers, tiny_plan
from widgets.app import Workbench
from widgets.engine import Engine
from workbench.errors import WorkbenchError
from workbench.region import Why
from workbench.solver import Progress


class TinyStudy:
    """Moves A-1 to S1 when asked to optimise; refuses to assess a carbon price of 13."""

    def __init__(self, scenario, layers) -> None:
        self.scenario, self.layers = scenario, layers

    def assess(self, moves):
        if self.scenario.objective.carbon_price_cny_t == 13:
            raise WorkbenchError("thirteen is refused")
        plan = tiny_plan(self.layers, dict(moves))
        plan.scenario = self.scenario
        return plan

    def plan(self, *, progress=None, cancel=None):
        progress(Progress(0.5, 100.0, 90.0, 0.1, 1))
        plan = tiny_plan(self.layers, {"A-1": "S1"} | dict(self.scenario.pins))
        plan.seconds = 1.0
        return plan


def tiny_indicators(plan) -> pd.DataFrame:
    moved = plan.decisions.loc[plan.decisions["decision"] == "move", "capacity_kt"].sum()
    price = plan.scenario.objective.carbon_price_cny_t
    return pd.DataFrame([
        dict(label_zh="迁出产能", label_en="Capacity moved", unit="kt", before=0.0, after=moved, change=moved),
        dict(label_zh="年总成本", label_en="Yearly cost", unit="million CNY", before=300.0, after=300.0 + moved / 10, change=moved / 10),
        dict(label_zh="碳成本", label_en="Carbon cost", unit="CNY/t", before=0.0, after=price, change=price),
    ], index=["moved_kt", "cost_mcny", "carbon"]).assign(kept=lambda t: t["before"], sending=0.0)  # fmt: skip


def tiny_verdicts(plan) -> pd.DataFrame:
    moved = plan.decisions.loc[plan.decisions["decision"] == "move", "capacity_kt"].sum()
    return pd.DataFrame([
        dict(clause="P24", verdict="fail" if moved else "unknown", amount=moved, unit="kt", sign="<=", limit=0.0, margin=-moved, zh="区内产能", en="In the zone", evidence=()),
        dict(clause="G2.1", verdict="pass", amount=1.0, unit="kt", sign="<=", limit=3.0, margin=2.0, zh="a < b", en="a < b", evidence=("caps",)),
        dict(clause="G3.3", verdict="fail", amount=1.0, unit="kt", sign=">=", limit=3.0, margin=-2.0, zh="<img src=x onerror=alert(1)>", en="<img src=x onerror=alert(1)>", evidence=("lines", "<b>")),
    ]).assign(evidence_en=lambda t: t["evidence"], cure="")  # fmt: skip


def tiny_where(scenario, industry):
    """S1 may take it, S2 may not; every point lies in a reserve with a hostile name."""
    sites = pd.DataFrame([
        dict(name_zh="广元园区", prefecture_zh="广元市", verdict="free", rank=1.0, score=0.9, freight_cny_t=100.0,
             lift_zh="电力 5", lift_en="power 5", hold_zh="市场 1", hold_en="market 1"),
        dict(name_zh="旧厂址", prefecture_zh="广元市", verdict="excluded", rank=float("nan"), score=float("nan"),
             freight_cny_t=float("nan"), lift_zh="", lift_en="", hold_zh="", hold_en=""),
    ], index=["S1", "S2"])  # fmt: skip
    reasons = pd.DataFrame([
        dict(clause="P46", hard=True, advisory=False, reason_zh=f"位于{HOSTILE}内", reason_en=f"inside {HOSTILE}", distance_m=0.0, missing_m=2500.0),
    ])  # fmt: skip
    near = sites.head(1).assign(distance_km=42.0)
    barred = Why("excluded", "广元市", "某县", reasons, near)
    free = Why("free", "广元市", None, reasons.head(0), near.head(0))
    return SimpleNamespace(
        industry=industry, sites=sites, point=lambda lon, lat: barred, site=lambda name: free if name == "S1" else barred,
    )  # fmt: skip


def tiny_export(plan, folder, tell):
    """Two small files, each told before it is written."""
    made = []
    for number, name in enumerate(("map.html", "scenario.toml"), 1):
        tell(name, number, 2)
        made.append(folder / name)
        made[-1].write_text(f"{name} of {len(plan.decisions)} lines", encoding="utf-8")
    return made


def tiny_engine() -> Engine:
    layers = tiny_layers()
    layers = layers.with_(sites=layers.sites.assign(industries="cement;steel"))
    return Engine(
        layers, prepare=lambda scenario: TinyStudy(scenario, layers), indicators=tiny_indicators,
        verdicts=tiny_verdicts, export=tiny_export, receivers=lambda plan, line: {"S1": "free"},
        where=tiny_where,
    )  # fmt: skip


def tiny_workbench(**options) -> Workbench:
    return Workbench(engine=tiny_engine(), **options)


def read(bench: Workbench, tab: str) -> str:
    """Bring a tab to the front, where it is written, and return its text."""
    bench.tabs.bring(tab)
    parts = {"figures": bench.indicators, "law": bench.verdicts, "plan": bench.changes, "code": bench.code}
    return parts[tab].value
