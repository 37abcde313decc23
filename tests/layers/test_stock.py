"""What stands: the stock is an assumption, its unlocated part has kinds, and single lines can be left out."""

from __future__ import annotations

import pandas as pd
import pytest

import workbench as wb
from workbench.layers.stock import kinds_kt

CEMENT = {"stock_kt": 100.0, "kiln_stock_share": 0.9, "shaft_kiln_kt": 4.0}


def kinds(layers: wb.Layers, industry: str = "cement") -> pd.Series:
    rows = layers.residual[layers.residual["industry"] == industry]
    return rows.groupby("kind")["capacity_kt"].sum()


@pytest.mark.parametrize(
    ("located", "expected"),
    [
        ((70.0, 65.0), (25.0, 4.0, 1.0)),  # 90 - 65 kilns; 5 left, of them 4 shaft kilns
        ((97.0, 65.0), (3.0, 0.0, 0.0)),  # kilns first: they are what the published share tells
        ((98.0, 95.0), (0.0, 2.0, 0.0)),
        ((120.0, 95.0), (0.0, 0.0, 0.0)),
    ],
)
def test_kinds_follow_from_the_stock_by_hand(located, expected) -> None:
    found = kinds_kt(CEMENT, located, ["unlisted_kiln", "shaft_kiln", "grinding"])
    assert tuple(found[k] for k in ("unlisted_kiln", "shaft_kiln", "grinding")) == pytest.approx(expected)


def test_a_larger_stock_stands_as_kilns_and_mills_and_leaves_the_cap_alone(layers) -> None:
    more = layers.with_assumptions({"cement.stock_kt": 160_000})
    assert (kinds(more) - kinds(layers)).to_dict() == pytest.approx(
        {"unlisted_kiln": 9_300, "shaft_kiln": 0, "grinding": 700}
    )
    assert more.caps["cap_kt"].equals(layers.caps["cap_kt"])
    assert more.with_assumptions({"cement.stock_kt": 150_000}).residual.equals(layers.residual)


def test_a_line_switched_off_leaves_the_stock_and_nothing_takes_its_place(layers) -> None:
    without = layers.with_assumptions({"counted.AL05-2": 0})
    assert not without.lines.at["AL05-2", "in_baseline"]
    assert layers.lines.at["AL05-2", "in_baseline"]
    assert kinds(without, "aluminium").equals(kinds(layers, "aluminium"))


def test_a_capacity_a_planner_states_is_taken_off_what_the_others_share(layers) -> None:
    own = layers.residual.iloc[[0]].assign(
        industry="cement", kind="shaft_kiln", spread="", share=float("nan"), capacity_kt=1_000.0
    )
    own.index = pd.Index(["own"])
    known = layers.with_(residual=pd.concat([layers.residual, own])).settled()
    assert known.residual.at["own", "capacity_kt"] == 1_000
    assert kinds(known).to_dict() == pytest.approx(kinds(layers).to_dict())


def test_where_unlisted_kilns_stand_is_an_assumption(layers) -> None:
    def in_yaan(named: float) -> float:
        rows = layers.with_assumptions({"cement.unlisted_at_named_share": named}).residual
        mine = rows[(rows["kind"] == "unlisted_kiln") & (rows["prefecture_zh"] == "雅安市")]
        return float(mine["capacity_kt"].sum())

    assert in_yaan(1.0) == pytest.approx(3_930, abs=1)  # the 5.0 Mt of 西南水泥 there less CM60
    assert in_yaan(0.0) < 500
