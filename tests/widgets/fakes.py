"""A workbench on the tiny world, with a study that answers by hand."""

# ruff: noqa: C408, E501 (one row of a table per line)
from __future__ import annotations

import pandas as pd

from tests.maps.world import tiny_layers, tiny_plan
from widgets.app import Workbench
from widgets.engine import Engine
from workbench.errors import WorkbenchError
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
        plan = tiny_plan(self.layers, {"A-1": "S1"})
        plan.seconds = 1.0
        return plan


def tiny_indicators(plan) -> pd.DataFrame:
    moved = plan.decisions.loc[plan.decisions["decision"] == "move", "capacity_kt"].sum()
    price = plan.scenario.objective.carbon_price_cny_t
    return pd.DataFrame([
        dict(label_zh="迁出产能", label_en="Capacity moved", unit="kt", before=0.0, after=moved, change=moved),
        dict(label_zh="碳成本", label_en="Carbon cost", unit="CNY/t", before=0.0, after=price, change=price),
    ], index=["moved", "carbon"])  # fmt: skip


def tiny_verdicts(plan) -> pd.DataFrame:
    return pd.DataFrame([
        dict(clause="G2.1", verdict="pass", amount=1.0, unit="kt", sign="<=", limit=3.0, margin=2.0, zh="a < b", en="a < b", evidence=("caps",)),
        dict(clause="G3.3", verdict="fail", amount=1.0, unit="kt", sign=">=", limit=3.0, margin=-2.0, zh="<img src=x onerror=alert(1)>", en="<img src=x onerror=alert(1)>", evidence=("lines", "<b>")),
    ])  # fmt: skip


def tiny_engine() -> Engine:
    layers = tiny_layers()
    barred = pd.DataFrame({"site_id": ["S1"], "industry": ["steel"]})
    return Engine(
        layers, prepare=lambda scenario: TinyStudy(scenario, layers), indicators=tiny_indicators,
        verdicts=tiny_verdicts, export=lambda plan, folder: [folder / "map.html"], barred=barred, receivers=lambda plan, line: ["S1"],
    )  # fmt: skip


def tiny_workbench(**options) -> Workbench:
    return Workbench(engine=tiny_engine(), **options)
